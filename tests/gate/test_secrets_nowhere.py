"""Values of refused Secrets are nowhere, those of stored ones only in the Secret itself (C076, C050)."""

import base64
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.gate.asking import Done, Place, asked, asked_by_kubectl, change_of
from tests.gate.samples import KINDS, to_json

pytestmark = pytest.mark.cluster


LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def value() -> str:
    """Return something that stands nowhere else."""
    return f"planted{uuid4().hex}"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def forms(planted: str) -> list[bytes]:
    """Return how a value could be written: as it is, in hexadecimal, in base64 at each of three offsets."""
    data = planted.encode()
    inner = [base64.b64encode(b"x" * offset + data)[4:-4] for offset in range(3)]
    return [data, data.hex().encode(), *inner]


class Haystack:
    """Every place where a value could have been written."""

    def __init__(self, place: Place, said: list[str]) -> None:
        cp, webhook = place.cp, place.gated.webhook
        self.places: dict[str, bytes] = {
            "approvals": self._list(place, "/apis/kubeapprove.io/v1alpha1/manifestapprovals"),
            "events": self._list(place, "/api/v1/events"),
            "new events": self._list(place, "/apis/events.k8s.io/v1/events"),
            "records and logs": webhook.log.read_bytes(),
            "metrics": webhook.health_text("/metrics")[1].encode(),
            "messages": "\n".join(said).encode(),
            "audit log": cp.audit_log.read_bytes(),
        }
        for log in cp.audit_log.parent.iterdir():
            self.places.setdefault(f"log {log.name}", log.read_bytes())
        self.etcd = b"".join(_read(path) for path in sorted(cp.etcd_dir.rglob("*")) if path.is_file())

    @staticmethod
    def _list(place: Place, path: str) -> bytes:
        status, answer = place.cp.raw("GET", path)
        assert status == 200, answer
        return json.dumps(answer, ensure_ascii=False).encode()

    def outside_of_etcd(self, planted: str) -> list[str]:
        return [name for name, text in self.places.items() if any(form in text for form in forms(planted))]

    def in_etcd(self, planted: str) -> bool:
        return any(form in self.etcd for form in forms(planted))


def _read(path: Path) -> bytes:
    return path.read_bytes()


def secret(name: str, **data: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "data": {key: encoded(text) for key, text in data.items()},
    }


def with_password(kind: str, name: str, text: str) -> dict[str, Any]:
    sample = json.loads(to_json(KINDS[kind].named(name)))
    spec = sample["spec"] if kind == "Pod" else sample["spec"]["template"]["spec"]
    spec["containers"][0]["env"] = [{"name": "DB_PASSWORD", "value": text}, {"name": "MODE", "value": "plain"}]
    return dict(sample)


def ours(done: Done) -> str:
    """Return what the server said. Not what kubectl says: when an `apply` fails, it prints the patch that it had sent."""
    warnings = [line for line in done.stderr.splitlines() if line.startswith("Warning:")]
    return "\n".join([*warnings, "".join(done.stderr.partition("admission webhook")[1:]), done.stdout])


def test_refused(place: Place) -> None:
    # Every value begins alike: the logs of a whole session are searched once, and not for each.
    beginning = value()
    said: list[str] = []

    def plant() -> str:
        return beginning + uuid4().hex

    def say(done: Done) -> None:
        said.append(ours(done))

    place.given("secrets", secret("stored"))
    say(place.kubectl("create", "-f", "-", input=to_json(secret("a", key=plant()))))
    say(place.kubectl("create", "-v=8", "-f", "-", input=to_json(secret("b"))))
    for flags in ((), ("--server-side",), ("--dry-run=server",), ("--server-side", "--dry-run=server")):
        text = {**secret("c"), "stringData": {"key": plant()}}
        say(place.kubectl("apply", *flags, "-f", "-", input=to_json(text)))
        say(place.kubectl("apply", *flags, "-f", "-", input=to_json(with_password("Deployment", "d", plant()))))
        say(place.kubectl("apply", *flags, "-f", "-", input=to_json(with_password("Pod", "p", plant()))))
        say(place.kubectl("apply", *flags, "-f", "-", input=to_json(with_password("Job", "j", plant()))))
    said.append(json.dumps(place.patch("secrets", "stored", {"stringData": {"key": plant()}})))
    say(place.kubectl("patch", "secret", "stored", "--dry-run=server", "-p", to_json({"stringData": {"key": plant()}})))
    annotated = with_password("Deployment", "e", plant())
    annotated["metadata"]["annotations"] = {LAST_APPLIED: to_json(with_password("Deployment", "e", plant()))}
    said.append(json.dumps(place.create("deployments", annotated)))
    lying = secret("f", key=plant())
    lying["metadata"]["annotations"] = {LAST_APPLIED: to_json(secret("f", key=plant()))}
    said.append(json.dumps(place.create("secrets", lying)))
    types = ("helm.sh/release.v1", "kubernetes.io/service-account-token")
    never = ({**secret("g", release=plant()), "type": kind} for kind in types)
    said.extend(json.dumps(place.create("secrets", body)) for body in never)

    haystack = Haystack(place, said)
    assert len(place.items("manifestapprovals")) > 5
    assert haystack.outside_of_etcd(beginning) == []
    assert not haystack.in_etcd(beginning)


def test_stored(place: Place) -> None:
    beginning = value()
    first, second, third, password = (beginning + uuid4().hex for _ in range(4))
    said: list[str] = []

    def through(*args: str, manifest: dict[str, Any]) -> None:
        text = to_json(manifest)
        refused = place.kubectl(*args, "-f", "-", input=text)
        place.approve(asked_by_kubectl(refused))
        done = place.kubectl(*args, "-f", "-", input=text)
        assert done.returncode == 0, done
        said.extend((ours(refused), ours(done)))

    through("create", manifest=secret("a", key=first))
    through("apply", manifest={**secret("b"), "stringData": {"key": second}})
    through("apply", manifest={**secret("b"), "stringData": {"key": third}})
    through("apply", manifest=with_password("Deployment", "d", password))
    delete = asked(place.delete("secrets", "b"))
    said.append(delete.message)

    haystack = Haystack(place, said)
    assert haystack.outside_of_etcd(beginning) == []
    for text in (first, second, third, password):
        assert haystack.in_etcd(text)
    update = next(
        item for item in place.items("manifestapprovals") if item["metadata"]["name"].startswith("update-secrets-b-")
    )
    change = change_of(update)
    assert {entry["as"] for entry in change["replaced"]} == {"secret"}
    assert len({entry["mac"] for entry in change["replaced"]}) == len(change["replaced"])


def test_other_values_are_another_change(place: Place) -> None:
    one = asked(place.create("secrets", secret("a", key="one")))
    two = asked(place.create("secrets", secret("a", key="two")))
    assert one.hash != two.hash
    assert asked(place.create("secrets", secret("a", key="one"))).hash == one.hash
