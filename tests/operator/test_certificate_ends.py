"""The operator may not write its Secrets any more: one Event says so before the certificate ends, and the metric goes on."""

import re
from collections.abc import Iterator

import pytest

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.gated.gated import Gated
from e2e.waiting import wait_until
from tests.operator import policies

pytestmark = pytest.mark.cluster
ROLE = "/apis/rbac.authorization.k8s.io/v1/namespaces/kubeapprove-system/roles/kubeapprove-operator"
LEFT = 'kubeapprove_certificate_expiry_seconds{certificate="serving"}'


@pytest.fixture
def short_lived() -> Iterator[Gated]:
    """An installation of its own whose certificates live 18 seconds."""
    with (
        ControlPlane(binaries=locate(build=False)) as control_plane,
        Gated(control_plane, operator=True, lives=("1h", "18s")) as gated,
    ):
        yield gated


def test_told_once_and_counted_down(short_lived: Gated) -> None:
    operator = short_lived.operator
    assert operator is not None
    assert policies.news(short_lived, "CertificateEnds") == []
    rules = short_lived.control_plane.raw("GET", ROLE)[1]["rules"]
    only_read = [rule | {"verbs": [verb for verb in rule["verbs"] if verb != "update"]} for rule in rules]
    assert short_lived.control_plane.raw("PATCH", ROLE, {"rules": only_read})[0] == 200
    wait_until(lambda: policies.news(short_lived, "CertificateEnds"), "an Event told it", 25)
    assert "403" in operator.health_text("/readyz")[1]
    told = policies.news(short_lived, "CertificateEnds")
    assert re.match(r"the serving certificate ends at .*Z and was not renewed; from then on every agent is", told[0])
    wait_until(lambda: operator.metric(LEFT) < 0, "the metric went on to the end and past it")
    assert policies.news(short_lived, "CertificateEnds") == told
