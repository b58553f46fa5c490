"""Wrong values are refused before anything is installed, with the place and what is wrong there."""

from typing import Any

import pytest

from tests.chart.helm import refusal

CASES: dict[str, tuple[dict[str, Any], str]] = {
    "a typing error": ({"aproovers": []}, "additional properties 'aproovers' not allowed"),
    "two operators": ({"operator": {"replicas": 2}}, "at '/operator': additional properties 'replicas' not allowed"),
    "no webhook": ({"webhook": {"replicas": 0}}, "at '/webhook/replicas': minimum: got 0, want 1"),
    "kind of an agent": ({"agents": [{"kind": "group", "name": "a"}]}, "at '/agents/0/kind': value must be one of"),
    "agent without a name": ({"agents": [{"kind": "User"}]}, "missing property 'name'"),
    "ServiceAccount without its namespace": (
        {"agents": [{"kind": "ServiceAccount", "name": "a"}]},
        "missing property 'namespace'",
    ),
    "role as an approver": ({"approvers": [{"kind": "IAMRole", "name": "a"}]}, "at '/approvers/0/kind'"),
    "setting that the chart knows itself": (
        {"settings": {"systemNamespace": "default"}},
        "at '/settings': additional properties 'systemNamespace' not allowed",
    ),
    "setting that moved into policies": ({"settings": {"useWithin": "1h"}}, "additional properties 'useWithin'"),
    "duration without a unit": ({"settings": {"keepDenied": "30"}}, "at '/settings/keepDenied'"),
    "identity of the cluster's own": (
        {"agents": [{"kind": "Group", "name": "system:masters"}]},
        "identities that begin with system: are the cluster's own (system:masters)",
    ),
    "no image": ({"image": {"repository": ""}}, "image.repository: name where your nodes pull the image from"),
    "digest": ({"image": {"digest": "latest"}}, "at '/image/digest'"),
    "pull policy": ({"image": {"pullPolicy": "Sometimes"}}, "at '/image/pullPolicy'"),
    "namespace": ({"approvalsNamespace": "Not a name"}, "at '/approvalsNamespace'"),
    "namespace of the release itself": (
        {"approvalsNamespace": "kubeapprove-system"},
        "name another namespace than the release's own",
    ),
    "address without a prefix": ({"networkPolicy": {"apiServerCIDRs": ["10.0.0.1"]}}, "/apiServerCIDRs/0'"),
    "word in place of a switch": ({"certManager": {"enabled": "yes"}}, "at '/certManager/enabled': got string"),
}


@pytest.mark.parametrize("case", CASES)
def test_refused(case: str) -> None:
    values, says = CASES[case]
    assert says in refusal(values)
