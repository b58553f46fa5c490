"""`helm test` has an agent try to get past the gate: it passes where that is refused, each time, and fails where it is not."""

import pytest

from e2e.release.installation import APPROVALS, REGISTRATION, SYSTEM, Installation

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]


def test_passes_as_often_as_it_is_run(installed: Installation) -> None:
    for _ in range(2):
        passed, said = installed.test()
        assert passed, said
    assert config_maps(installed) == ["configmap/kube-root-ca.crt"]


def test_fails_where_nothing_is_gated(installed: Installation) -> None:
    """As with an operator that is broken and a registration that somebody has deleted."""
    scale = ("scale", f"--namespace={SYSTEM}", "deployment/kubeapprove-operator")
    installed.kubectl(*scale, "--replicas=0")
    installed.kubectl("wait", "--for=delete", f"--namespace={SYSTEM}", *installed.pods("operator"), "--timeout=60s")
    try:
        assert installed.control_plane.raw("DELETE", REGISTRATION)[0] == 200
        passed, said = installed.test()
        assert not passed, said
        assert "in vain until the gate refused this agent's ConfigMap" in said
        assert config_maps(installed) == ["configmap/kube-root-ca.crt"]
    finally:
        installed.kubectl(*scale, "--replicas=1")
        installed.wait_available()
        left = ("pod/kubeapprove-sneak", "approvalpolicy/kubeapprove-sneak")
        installed.kubectl("delete", f"--namespace={APPROVALS}", "--ignore-not-found", *left)


def config_maps(installed: Installation) -> list[str]:
    """What the test may have left where it works; Kubernetes puts one into each namespace."""
    return installed.kubectl("get", "configmaps", f"--namespace={APPROVALS}", "--output=name").stdout.split()
