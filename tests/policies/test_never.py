"""never: rights, the cluster's own guards, certificates, kube-system and volumes are denied; everything else asks."""

import pytest

from kubeapprove.request import Request
from tests.policies import scenes

POLICY = scenes.ready_made("never")
DENIED: dict[str, tuple[str, Request]] = {
    "a Role": ("rbac", scenes.request("CREATE", "roles")),
    "a RoleBinding": ("rbac", scenes.request("CREATE", "rolebindings")),
    "a ClusterRole changed": ("rbac", scenes.request("UPDATE", "clusterroles")),
    "a ClusterRoleBinding deleted": ("rbac", scenes.request("DELETE", "clusterrolebindings")),
    "a webhook configuration": ("admission", scenes.request("DELETE", "validatingwebhookconfigurations")),
    "an admission policy": ("admission", scenes.request("CREATE", "mutatingadmissionpolicies")),
    "a signing request": ("certificates", scenes.request("CREATE", "certificatesigningrequests")),
    "its status": ("certificates", scenes.request("UPDATE", "certificatesigningrequests/status")),
    "a ConfigMap of kube-system": ("kube-system", scenes.request("UPDATE", namespace="kube-system")),
    "a command in kube-system": (
        "kube-system",
        scenes.request("CONNECT", "pods/exec", namespace="kube-system", object={"command": ["id"]}),
    ),
    "a Scale in kube-system": ("kube-system", scenes.request("UPDATE", "deployments/scale", namespace="kube-system")),
    "an eviction in kube-system": ("kube-system", scenes.request("CREATE", "pods/eviction", namespace="kube-system")),
    "a lease of kube-system": ("kube-system", scenes.request("UPDATE", "leases", namespace="kube-system")),
    "kube-system itself": ("namespaces-of-the-cluster", scenes.request("DELETE", "namespaces", name="kube-system")),
    "its labels": ("namespaces-of-the-cluster", scenes.request("UPDATE", "namespaces", name="kube-system")),
    "its finalizers": (
        "namespaces-of-the-cluster",
        scenes.request("UPDATE", "namespaces/finalize", name="kube-node-lease"),
    ),
    "all Namespaces at once": (
        "namespaces-of-the-cluster",
        scenes.request("DELETE", "namespaces", name="", oldObject=scenes.thing("namespaces", "kube-public")),
    ),
    "a volume deleted": ("volumes", scenes.request("DELETE", "persistentvolumes")),
    "all volumes deleted": (
        "volumes",
        scenes.request("DELETE", "persistentvolumes", name="", oldObject=scenes.thing("persistentvolumes")),
    ),
    "a volume to be reclaimed": (
        "volumes",
        scenes.request(
            "UPDATE",
            "persistentvolumes",
            object=scenes.thing("persistentvolumes", spec={"persistentVolumeReclaimPolicy": "Delete"}),
        ),
    ),
    "a volume's status": ("volumes", scenes.request("UPDATE", "persistentvolumes/status")),
}
ASKS: dict[str, Request] = {
    "a ConfigMap": scenes.request(),
    "a Namespace": scenes.request("DELETE", "namespaces", name="shop"),
    "a ConfigMap called kube-system": scenes.request(name="kube-system"),
    "a new volume": scenes.request("CREATE", "persistentvolumes"),
    "a claim deleted": scenes.request("DELETE", "persistentvolumeclaims"),
    "roles of another group": scenes.request("CREATE", "roles", group="example.org"),
}


@pytest.mark.parametrize("scenario", DENIED)
def test_denied(scenario: str) -> None:
    rule, request = DENIED[scenario]
    found = scenes.ruling(request, POLICY)
    assert scenes.answer(request, POLICY) == f"Deny {rule}"
    assert found.sentence.startswith(f"denied by policy never, rule {rule}: people ")


@pytest.mark.parametrize("scenario", ASKS)
def test_asks(scenario: str) -> None:
    assert scenes.answer(ASKS[scenario], POLICY) == "RequireApproval -"


def test_no_other_policy_lifts_it() -> None:
    everything = scenes.policy(scenes.allows(), name="everything")
    for rule, request in DENIED.values():
        assert scenes.answer(request, everything, POLICY) == f"Deny allows {rule}"


def test_beside_it_an_allow_of_another_policy_asks() -> None:
    """As its comment says: its rules belong at the top of the policy that allows."""
    everything = scenes.policy(scenes.allows(), name="everything")
    assert scenes.answer(scenes.request(), everything, POLICY) == "RequireApproval allows -"


def test_at_the_top_of_another_policy_it_leaves_the_allow_as_it_is() -> None:
    together = scenes.policy(*scenes.load("never")["spec"]["rules"], scenes.allows())
    assert scenes.answer(scenes.request(), together) == "Allow allows"
    for rule, request in DENIED.values():
        assert scenes.answer(request, together) == f"Deny {rule}"
