"""Every write that is not a plain create, update or delete is asked for as well (C001, C005-C008, C016, C022, C024, C055)."""

from typing import Any

import pytest

from e2e.waiting import wait_until
from tests.gate.asking import APPLY_PATCH, JSON_PATCH, Place, asked, change_of
from tests.gate.samples import KINDS, WIDGETS

pytestmark = pytest.mark.cluster


CONTAINER = {"name": "debug", "image": "registry.invalid/debug:1"}
ROLE = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
NODE = {"apiVersion": "v1", "kind": "Node", "name": "n"}
BINDING = {"metadata": {"name": "web"}, "target": NODE}
_POD = KINDS["Pod"].sample
OBJECTS: dict[str, dict[str, Any]] = {
    "pods": {
        **_POD,
        "spec": {
            **_POD["spec"],
            "containers": [{**_POD["spec"]["containers"][0], "resources": {"requests": {"cpu": "1"}}}],
        },
    },
    "services": {"metadata": {"name": "web"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}},
    "deployments": KINDS["Deployment"].sample,
    "widgets": KINDS["custom resource"].sample,
}
# method, path under the namespace, body, content type
WAYS: dict[str, tuple[str, str, Any, dict[str, str]]] = {
    "ephemeral containers": (
        "PATCH",
        "/api/v1/namespaces/NS/pods/web/ephemeralcontainers",
        {"spec": {"ephemeralContainers": [CONTAINER]}},
        {},
    ),
    "ephemeral containers by server-side apply": (
        "PATCH",
        "/api/v1/namespaces/NS/pods/web/ephemeralcontainers?fieldManager=x&force=true",
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"ephemeralContainers": [CONTAINER]}},
        APPLY_PATCH,
    ),
    "resize": (
        "PATCH",
        "/api/v1/namespaces/NS/pods/web/resize",
        [{"op": "add", "path": "/spec/containers/0/resources", "value": {"requests": {"cpu": "2"}}}],
        JSON_PATCH,
    ),
    "status of a node": (
        "PATCH",
        "/api/v1/nodes/NS/status",
        {"status": {"conditions": [{"type": "x", "status": "True"}]}},
        {},
    ),
    "cordon": ("PATCH", "/api/v1/nodes/NS", {"spec": {"unschedulable": True}}, {}),
    "finalizers of a Namespace": (
        "PUT",
        "/api/v1/namespaces/NS/finalize",
        {"metadata": {"name": "NS"}, "spec": {"finalizers": []}},
        {},
    ),
    "APIService": (
        "POST",
        "/apis/apiregistration.k8s.io/v1/apiservices",
        {
            "metadata": {"name": "v1.NS.example.net"},
            "spec": {
                "group": "NS.example.net",
                "version": "v1",
                "groupPriorityMinimum": 1,
                "versionPriority": 1,
                "insecureSkipTLSVerify": True,
                "service": {"namespace": "NS", "name": "x"},
            },
        },
        {},
    ),
    "PriorityClass": (
        "POST",
        "/apis/scheduling.k8s.io/v1/priorityclasses",
        {"metadata": {"name": "NS"}, "value": 5},
        {},
    ),
    "status of a Pod": ("PATCH", "/api/v1/namespaces/NS/pods/web/status", {"status": {"phase": "Running"}}, {}),
    "status of a Deployment": (
        "PATCH",
        "/apis/apps/v1/namespaces/NS/deployments/web/status",
        {"status": {"availableReplicas": 0, "replicas": 7}},
        {},
    ),
    "status of a custom resource": (
        "PATCH",
        "/apis/example.org/v1/namespaces/NS/widgets/web/status",
        {"status": {"replicas": 7}},
        {},
    ),
    "status of a Service": (
        "PATCH",
        "/api/v1/namespaces/NS/services/web/status",
        {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}},
        {},
    ),
    "binding of a Pod": ("POST", "/api/v1/namespaces/NS/pods/web/binding", BINDING, {}),
    "binding": ("POST", "/api/v1/namespaces/NS/bindings", BINDING, {}),
    "eviction": ("POST", "/api/v1/namespaces/NS/pods/web/eviction", {"metadata": {"name": "web"}}, {}),
    "PUT that creates": (
        "PUT",
        "/apis/coordination.k8s.io/v1/namespaces/NS/leases/new",
        {"metadata": {"name": "new"}, "spec": {}},
        {},
    ),
    "server-side apply that creates": (
        "PATCH",
        "/api/v1/namespaces/NS/configmaps/new?fieldManager=x",
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new"}},
        APPLY_PATCH,
    ),
    "RoleBinding to cluster-admin": (
        "POST",
        "/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings",
        {"metadata": {"name": "new"}, "roleRef": ROLE, "subjects": [{"kind": "User", "name": "x"}]},
        {},
    ),
    "ClusterRoleBinding": (
        "POST",
        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
        {"metadata": {"name": "NS-new"}, "roleRef": ROLE, "subjects": [{"kind": "User", "name": "x"}]},
        {},
    ),
    "Namespace": ("POST", "/api/v1/namespaces", {"metadata": {"name": "NS-new", "labels": {"exempt": "true"}}}, {}),
    "Event": (
        "POST",
        "/api/v1/namespaces/NS/events",
        {"metadata": {"name": "new"}, "involvedObject": {"namespace": "NS"}, "reason": "x"},
        {},
    ),
    "custom resource of a kind that came after the gate": (
        "POST",
        "/apis/example.org/v1/namespaces/NS/widgets",
        {"apiVersion": "example.org/v1", "kind": "Widget", "metadata": {"name": "new"}, "spec": {}},
        {},
    ),
}


def within(place: Place, value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("NS", place.namespace)
    if isinstance(value, dict):
        return {key: within(place, item) for key, item in value.items()}
    return [within(place, item) for item in value] if isinstance(value, list) else value


def is_counted(place: Place) -> bool:
    """Whether the old value that a status write replaces is there to stay: another old value is another change."""
    deployment = place.get("deployments", "web")
    return bool(deployment["status"].get("replicas") == deployment["spec"]["replicas"])


@pytest.mark.parametrize("way", WAYS)
def test_asked_for(place: Place, way: str) -> None:
    method, path, body, headers = WAYS[way]
    for kind, sample in OBJECTS.items():
        place.given(kind, sample)
    place.cp.raw("POST", "/api/v1/nodes", {"metadata": {"name": place.namespace}})
    wait_until(lambda: is_counted(place), "the Deployment's own controller wrote the replicas into its status")
    tries = [
        asked(place.cp.raw(method, within(place, path), within(place, body), as_="agent", headers=headers))
        for _ in range(3)
    ]
    assert len({(one.approval, one.hash) for one in tries}) == 1
    change = change_of(place.approval(tries[0]))
    creates = method == "POST" or "that creates" in way
    assert change["operation"] == ("CREATE" if creates else "UPDATE")
    status, answer = place.cp.raw("GET", f"/api/v1/namespaces/{place.namespace}/pods/web")
    assert (status, "nodeName" in answer["spec"], "deletionTimestamp" in answer["metadata"]) == (200, False, False)


def test_a_new_kind(place: Place) -> None:
    name = f"things{place.namespace.removeprefix('gate-')}"
    names = {"plural": name, "singular": name, "kind": name.title(), "listKind": f"{name.title()}List"}
    crd = {**WIDGETS, "metadata": {"name": f"{name}.example.org"}, "spec": {**WIDGETS["spec"], "names": names}}
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    refused = asked(place.cp.raw("POST", path, crd, as_="agent"))
    assert refused.namespace == "kubeapprove-approvals"
