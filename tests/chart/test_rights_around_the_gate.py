"""With `admissionPolicies` the API server refuses to give agents the rights that go around the gate (C053)."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import yaml

from e2e.cluster.control_plane import ControlPlane
from e2e.waiting import wait_until
from tests.chart.helm import render

pytestmark = pytest.mark.cluster
RBAC = "/apis/rbac.authorization.k8s.io/v1"
SEEN = 5.0
"""Seconds in which the API server's own caches, out of which it takes a policy's parameters, have what it stored."""
AGENTS = [
    {"kind": "Group", "name": "chart-agents"},
    {"kind": "User", "name": "chart-agent:one"},
    {"kind": "ServiceAccount", "namespace": "chart-ai", "name": "deployer"},
    {"kind": "ServiceAccount", "namespace": "chart-bots"},
]
SUBJECTS = {
    "group": {"kind": "Group", "name": "chart-agents"},
    "group named beside them": {"kind": "Group", "name": "chart-mapped"},
    "user": {"kind": "User", "name": "chart-agent:one"},
    "ServiceAccount": {"kind": "ServiceAccount", "namespace": "chart-ai", "name": "deployer"},
    "ServiceAccount by its username": {"kind": "User", "name": "system:serviceaccount:chart-ai:deployer"},
    "all of its namespace": {"kind": "Group", "name": "system:serviceaccounts:chart-ai"},
    "any of a namespace of agents": {"kind": "ServiceAccount", "namespace": "chart-bots", "name": "any"},
    "one of them by its username": {"kind": "User", "name": "system:serviceaccount:chart-bots:any"},
    "any of a group of ServiceAccounts": {"kind": "ServiceAccount", "namespace": "chart-crew", "name": "any"},
    "one of that group by its username": {"kind": "User", "name": "system:serviceaccount:chart-crew:any"},
    "every ServiceAccount": {"kind": "Group", "name": "system:serviceaccounts"},
    "everybody": {"kind": "Group", "name": "system:authenticated"},
}
OTHERS = {
    "a person": {"kind": "User", "name": "alice@example.com"},
    "another ServiceAccount of the namespace": {"kind": "ServiceAccount", "namespace": "chart-ai", "name": "other"},
    "a name that begins alike": {"kind": "Group", "name": "chart-agents-too"},
}
AROUND: dict[str, dict[str, Any]] = {
    "impersonate": {"verbs": ["impersonate"], "apiGroups": [""], "resources": ["users"]},
    "impersonate a little": {
        "verbs": ["impersonate:user-info"],
        "apiGroups": ["authentication.k8s.io"],
        "resources": ["users"],
    },
    "every verb on ServiceAccounts": {"verbs": ["*"], "apiGroups": [""], "resources": ["serviceaccounts"]},
    "webhook configurations": {
        "verbs": ["patch"],
        "apiGroups": ["admissionregistration.k8s.io"],
        "resources": ["mutatingwebhookconfigurations"],
    },
    "kubelet": {"verbs": ["get"], "apiGroups": [""], "resources": ["nodes/proxy"]},
    "whatever is read": {"verbs": ["get"], "apiGroups": ["*"], "resources": ["*"]},
    "how much is logged": {"verbs": ["put"], "nonResourceURLs": ["/debug/*"]},
    "how much is logged, by a shorter prefix": {"verbs": ["put"], "nonResourceURLs": ["/d*"]},
    "how much is logged, by stars": {"verbs": ["*"], "nonResourceURLs": ["/**"]},
}
HARMLESS: dict[str, dict[str, Any]] = {
    "every verb on Deployments": {"verbs": ["*"], "apiGroups": ["apps"], "resources": ["*"]},
    "reading webhook configurations": {
        "verbs": ["get", "list"],
        "apiGroups": ["admissionregistration.k8s.io"],
        "resources": ["*"],
    },
    "health": {"verbs": ["get"], "nonResourceURLs": ["/healthz"]},
    "writing to URLs that begin with something else": {"verbs": ["put"], "nonResourceURLs": ["/healthz/*", "/d"]},
}


class Cluster:
    """The real API server with the chart's policies; nothing is stored but roles that a test needs."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self.raw = control_plane.raw

    def role(self, rule: dict[str, Any], plural: str = "clusterroles") -> str:
        """Make a role of one rule and return its name."""
        name = f"chart-{uuid4().hex[:8]}"
        code, answer = self.raw("POST", f"{RBAC}/{plural}", {"metadata": {"name": name}, "rules": [rule]})
        assert code == 201, answer
        return name

    def bind(
        self, role: str, subject: dict[str, str], plural: str = "clusterrolebindings", *, kind: str = "ClusterRole",
        dry_run: str = "?dryRun=All",
    ) -> tuple[int, str]:  # fmt: skip
        """Try to bind; status and message. Unless told, nothing is stored."""
        binding = {
            "metadata": {"name": f"chart-{uuid4().hex[:8]}"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
            "subjects": [subject],
        }
        code, answer = self.raw("POST", f"{RBAC}/{plural}{dry_run}", binding)
        return code, str(answer.get("message"))


@pytest.fixture(scope="module")
def cluster(control_plane: ControlPlane) -> Iterator[Cluster]:
    values = {
        "agents": AGENTS,
        "admissionPolicies": {"enabled": True, "agentGroups": ["chart-mapped", "system:serviceaccounts:chart-crew"]},
    }
    made = [one for one in render(values) if one["kind"].startswith("ValidatingAdmissionPolicy")]
    assert len(made) == 8
    control_plane.kubectl("apply", "--filename=-", input=yaml.safe_dump_all(made))
    cluster = Cluster(control_plane)
    try:
        for kind, plural in (("Role", "roles"), ("ClusterRole", "clusterroles")):
            wait_until(partial(_is_in_force, cluster, kind, plural), f"{kind}s are looked at")
        yield cluster
    finally:
        control_plane.kubectl("delete", "--filename=-", input=yaml.safe_dump_all(made))
        names = f"{RBAC}/clusterrolebindings", f"{RBAC}/clusterroles", f"{NAMESPACE}/rolebindings", f"{NAMESPACE}/roles"
        for path in names:
            for one in control_plane.raw("GET", path)[1]["items"]:
                if one["metadata"]["name"].startswith("chart-"):
                    control_plane.raw("DELETE", f"{path}/{one['metadata']['name']}")


NAMESPACE = f"{RBAC}/namespaces/default"


def _is_in_force(cluster: Cluster, kind: str, plural: str) -> bool:
    """Whether both policies of a kind refuse: a binding of a bad role, and a bound role that becomes bad."""
    place = plural if kind == "ClusterRole" else f"namespaces/default/{plural}"
    bindings = "clusterrolebindings" if kind == "ClusterRole" else "namespaces/default/rolebindings"
    bad, good = cluster.role(AROUND["impersonate"], place), cluster.role(PODS, place)
    bound = cluster.bind(good, SUBJECTS["user"], bindings, kind=kind, dry_run="")[0] == 201
    refused = cluster.bind(bad, SUBJECTS["user"], bindings, kind=kind)[0] == 403
    widened = cluster.raw("PATCH", f"{RBAC}/{place}/{good}", {"rules": [AROUND["impersonate"]]})[0] == 403
    return bound and refused and widened


PODS = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("plural", ["clusterrolebindings", "namespaces/default/rolebindings"])
@pytest.mark.parametrize("role", ["cluster-admin", "admin", "edit"])
def test_no_agent_gets_a_role_of_administrators(cluster: Cluster, role: str, plural: str, subject: str) -> None:
    code, message = cluster.bind(role, SUBJECTS[subject], plural)
    assert (code, f"{role} lets an agent go around the approval gate" in message) == (403, True)


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("role", ["cluster-admin", "edit"])
def test_others_get_it(cluster: Cluster, role: str, other: str) -> None:
    assert cluster.bind(role, OTHERS[other])[0] == 201


@pytest.mark.parametrize("role", ["view", "system:basic-user", "system:discovery"])
def test_agents_get_smaller_roles(cluster: Cluster, role: str) -> None:
    assert cluster.bind(role, SUBJECTS["group"])[0] == 201


@pytest.mark.parametrize("right", AROUND)
def test_right_is_seen_in_any_role(cluster: Cluster, right: str) -> None:
    role = cluster.role(AROUND[right])
    wait_until(lambda: cluster.bind(role, SUBJECTS["group"])[0] == 403, "the binding was refused", SEEN)


@pytest.mark.parametrize("right", HARMLESS)
def test_what_goes_through_the_gate_may_be_given(cluster: Cluster, right: str) -> None:
    assert cluster.bind(cluster.role(HARMLESS[right]), SUBJECTS["group"])[0] == 201


@pytest.mark.parametrize(("kind", "place"), [("ClusterRole", ""), ("Role", "namespaces/default/")])
def test_bound_role_is_not_widened(cluster: Cluster, kind: str, place: str) -> None:
    roles, bindings = f"{place}{kind.lower()}s", f"{place}{kind.lower()}bindings"
    name = cluster.role(HARMLESS["every verb on Deployments"], roles)
    assert cluster.bind(name, SUBJECTS["group"], bindings, kind=kind, dry_run="")[0] == 201
    path = f"{RBAC}/{roles}/{name}"
    bad = {"rules": [AROUND["impersonate"]]}
    wait_until(lambda: cluster.raw("PATCH", f"{path}?dryRun=All", bad)[0] == 403, "the wider role was refused", SEEN)
    assert cluster.raw("PATCH", path, bad)[0] == 403
    assert cluster.raw("PATCH", path, {"rules": [HARMLESS["every verb on Deployments"]] * 2})[0] == 200


def test_role_without_rules_may_be_given_and_emptied(cluster: Cluster) -> None:
    """As an aggregated role is before it is filled: the API server shows its rules as null."""
    name = cluster.role(HARMLESS["health"])
    assert cluster.bind(name, SUBJECTS["group"], dry_run="")[0] == 201
    status, answer = cluster.raw("PATCH", f"{RBAC}/clusterroles/{name}", {"rules": []})
    assert (status, answer.get("rules")) == (200, None), answer
    wait_until(lambda: cluster.bind(name, SUBJECTS["group"])[0] == 201, "the empty role was given", SEEN)


def test_role_of_nobody_may_be_anything(cluster: Cluster) -> None:
    path = f"{RBAC}/clusterroles/{cluster.role(HARMLESS['health'])}"
    assert cluster.raw("PATCH", path, {"rules": [AROUND["impersonate"]]})[0] == 200
