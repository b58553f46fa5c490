"""Certificate, then authority, then all of it again, under a steady load: no call fails, nothing is refused (C095)."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Self

import pytest

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.gated.gated import Gated
from e2e.waiting import wait_until

pytestmark = [pytest.mark.cluster, pytest.mark.faults]
SECRETS = "/api/v1/namespaces/kubeapprove-system/secrets"
REGISTRATION = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/kubeapprove"
TRIES = 4


@pytest.fixture(scope="module")
def rotating() -> Iterator[Gated]:
    """An installation whose authority lives a minute and whose certificates live half of that."""
    with (
        ControlPlane(binaries=locate(build=False)) as control_plane,
        Gated(control_plane, operator=True, lives=("60s", "30s")) as gated,
    ):
        yield gated


class Load:
    """Agents that change nothing, again and again: each request is answered by the webhook, none needs an approval."""

    def __init__(self, gated: Gated) -> None:
        self._cp, self._stop = gated.control_plane, threading.Event()
        self.answers: Counter[str] = Counter()
        self._threads = [threading.Thread(target=self._run) for _ in range(TRIES)]

    def __enter__(self) -> Self:
        status, answer = self._cp.raw("POST", "/api/v1/namespaces/default/configmaps", {"metadata": {"name": "still"}})
        assert status == 201, answer
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        path = "/api/v1/namespaces/default/configmaps/still"
        while not self._stop.is_set():
            status, answer = self._cp.raw("PATCH", path, {"metadata": {"labels": None}}, as_="agent")
            self.answers["200" if status == 200 else f"{status} {answer.get('message')}"] += 1


def held(gated: Gated, secret: str, key: str) -> str:
    """What a Secret holds, as stored."""
    value = gated.control_plane.raw("GET", f"{SECRETS}/{secret}")[1].get("data", {}).get(key, "")
    return str(value)


def test_nothing_fails_while_certificates_and_authorities_change(rotating: Gated) -> None:
    serving, authorities, bundles = set(), set(), set()

    def seen() -> bool:
        serving.add(held(rotating, "kubeapprove-webhook-tls", "tls.crt"))
        authorities.add(held(rotating, "kubeapprove-ca", "ca.crt"))
        registration = rotating.control_plane.raw("GET", REGISTRATION)[1]
        bundles.add(registration["webhooks"][0]["clientConfig"]["caBundle"])
        return len(serving) >= 4 and len(authorities) >= 3

    with Load(rotating) as load:
        started = time.monotonic()
        wait_until(seen, "four certificates of three authorities were seen", 150)
        took = time.monotonic() - started
    assert len(bundles) >= 4
    assert set(load.answers) == {"200"}, load.answers
    assert load.answers["200"] > 20 * took
    assert rotating.webhook.metric('kubeapprove_certificate_reloads_total{outcome="taken"}') >= 3
    assert rotating.webhook.metric('kubeapprove_certificate_reloads_total{outcome="refused"}') == 0
