"""docs/requests.md counts what kubectl really sends, and names every subresource that there is."""

import json
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from e2e.gated.gated import Gated
from e2e.waiting import wait_until
from tests.gate.asking import Place, Refusal
from tests.gate.samples import KINDS, config_map, to_json

pytestmark = pytest.mark.cluster

TEXT = (Path(__file__).parents[2] / "docs" / "requests.md").read_text()
ROW = re.compile(r"^\| `kubectl (.+?)` \| (\d+) \| (\d+) \| (\d+|never) \| (\d+|never) \| (\d+) \|$", re.MULTILINE)
ROWS = {command: numbers for command, *numbers in ROW.findall(TEXT)}
APPLIED = ("ConfigMap", "Secret", "Service")  # no controller writes to these meanwhile
NEVER = "never"
MOST_TRIES = 6
NOT_ASKED_FOR = {"NoChange", "NeverAllowed"}


@dataclass(frozen=True)
class Reviewed:
    """What the gate recorded of one command."""

    records: list[dict[str, str]]

    def changes(self) -> set[str]:
        return {record["hash"] for record in self.records if record["reason"] not in NOT_ASKED_FOR}

    def waiting(self) -> set[str]:
        asked = {"ApprovalRequired", "ApprovalPending"}
        return {record["approval"] for record in self.records if record["reason"] in asked}


def records(place: Place, since: int) -> Reviewed:
    """Return what was recorded after `since` bytes and has to do with this namespace, which is in every name."""
    found = []
    with place.gated.webhook.log.open("rb") as log:
        log.seek(since)
        for line in log:
            if place.namespace.encode() in line and (event := json.loads(line)).get("kind") == "Event":
                facts = {key.partition("/")[2]: value for key, value in event["annotations"].items()}
                found += [{"hash": "", **facts}] if facts["webhook"] == "changes" else []
    return Reviewed(found)


def manifest(*objects: dict[str, Any]) -> str:
    return to_json({"apiVersion": "v1", "kind": "List", "items": list(objects)})


def prepare(place: Place, folder: Path, command: str) -> None:
    """Make the files and the objects that the commands name; what is in web.yaml is applied where that matters."""
    samples = [KINDS[kind].sample for kind in APPLIED]
    (folder / "five.yaml").write_text(
        manifest(*(KINDS[kind].named("new") for kind in (*APPLIED, "Deployment", "custom resource")))
    )
    (folder / "web.yaml").write_text(manifest(*samples))
    (folder / "changed.yaml").write_text(manifest(*(KINDS[kind].change(KINDS[kind].sample) for kind in APPLIED)))
    (folder / "configmap.yaml").write_text(to_json({"apiVersion": "v1", "kind": "ConfigMap", **config_map(a="b")}))
    if "web.yaml" in command or "changed.yaml" in command:
        place.kubectl("apply", "-f", str(folder / "web.yaml"), as_="admin", check=True)
        return
    for kind in (*APPLIED, "Deployment"):
        place.given(KINDS[kind].plural, KINDS[kind].sample)
    place.given("pods", KINDS["Pod"].sample)
    node = f"node-{place.namespace}"
    assert place.cp.raw("POST", "/api/v1/nodes", {"metadata": {"name": node}})[0] == 201
    for name in ("one", "two") if command.startswith("drain") else ():
        pod = KINDS["Pod"].named(name)
        place.given("pods", {**pod, "spec": {**pod["spec"], "nodeName": node}})


def run(place: Place, folder: Path, command: str) -> Reviewed:
    since = place.gated.webhook.log.stat().st_size
    subprocess.run(
        [place.cp.kubectl_binary, "-n", place.namespace, *shlex.split(command.replace('"', r"\""))],
        env=place.cp.environment("agent"),
        cwd=folder,
        capture_output=True,
        timeout=60,
        check=False,
    )
    return records(place, since)


def count(gated: Gated, folder: Path, command: str) -> list[str]:
    """Return the row's numbers as they are here."""
    place = Place(gated, f"gate-{uuid4().hex[:8]}")
    folder /= place.namespace
    folder.mkdir()
    assert place.cp.raw("POST", "/api/v1/namespaces", {"metadata": {"name": place.namespace}})[0] == 201
    wait_until(lambda: place.exists("serviceaccounts", "default"), "the namespace had its default ServiceAccount")
    prepare(place, folder, command)
    attempt = partial(run, place, folder, command.replace("NS", place.namespace))
    tries = [attempt()]
    while ROWS[command][2] != NEVER and (waiting := tries[-1].waiting()) and len(tries) < MOST_TRIES:
        for name in waiting:
            status, answer = place.decide(Refusal("", "", name))
            assert status == 200, answer
        tries.append(attempt())
    calls = [len(each.records) for each in tries]
    then = [NEVER, NEVER] if len(tries) == 1 else [str(len(tries) - 1), str(sum(calls[1:]))]
    changes = set.union(*(each.changes() for each in tries))
    return [str(calls[0]), str(len(tries[0].changes())), *then, str(len(changes))]


def test_as_counted(gated: Gated, tmp_path: Path) -> None:
    assert len(ROWS) > 25
    counted: dict[str, list[str]] = {}
    # The API server asks once more where its own cache was behind: what differs is counted again.
    for _ in range(3):
        wrong = [command for command in ROWS if counted.get(command) != ROWS[command]]
        with ThreadPoolExecutor(4) as pool:
            counted |= zip(wrong, pool.map(partial(count, gated, tmp_path), wrong), strict=True)
    assert counted == ROWS


def test_every_subresource_is_named(gated: Gated) -> None:
    """Who reads is not asked; whoever writes or connects through something new has to be thought about first."""
    groups = gated.control_plane.raw("GET", "/apis")[1]["groups"]
    paths = ["/api/v1", *(f"/apis/{version['groupVersion']}" for group in groups for version in group["versions"])]
    found = {
        resource["name"].partition("/")[2]
        for path in paths
        for resource in gated.control_plane.raw("GET", path)[1]["resources"]
        if not set(resource["verbs"]) <= {"get", "list", "watch"}
    }
    named = re.search(r"^Subresources that .+?: ((?:`\w+`[,.]\s+)+)", TEXT, re.MULTILINE)
    assert named is not None
    assert found - {""} == set(re.findall(r"`(\w+)`", named[1]))
