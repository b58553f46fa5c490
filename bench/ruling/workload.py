"""Policies as a large installation might have them, and one change that every one of them has to judge.

Each policy has 20 rules. Most are decided by their operations, groups, resources, namespaces or names. Three have a
`when` that is reached: two do not hold, and the last rule's does, so that every rule of every policy is looked at.
"""

from typing import Any

from bench.hash.__main__ import HIDING, review, workload
from e2e.gated.policies import GROUP_OF_AGENTS, group, policy, rule
from kubeapprove.change import build_change
from kubeapprove.policycheck import read_policy
from kubeapprove.request import read_review
from kubeapprove.ruling import Policies, Policy, Question
from kubeapprove.settings import Settings
from kubeapprove.strictjson import loads

POLICIES = 20
RULES = 20
GROUPS = 30
"""Of the requester: an identity provider tells many."""
SIZE = 10_000
"""Bytes of the object."""
_LEFT = "change.fields.all(f, f.path[0] == 'metadata' && f.path[1] in ['labels', 'annotations'])"
_PRIVILEGED = (
    "object.spec.template.spec.containers.exists(c, c.?securityContext.?privileged.orValue(false) || "
    "c.image.startsWith('untrusted.example/'))"
)
_BOUNDED = "object.spec.replicas <= {most} && change.fields.size() < 50"


def question() -> Question:
    """Return an agent's UPDATE of three images in a Deployment of 10 KB. Each is asked about once."""
    old = workload(SIZE, "two", "image:2")
    for container in old["spec"]["template"]["spec"]["containers"][:3]:
        container["image"] = "image:1"
    body = loads(review(workload(SIZE, "two", "image:2"), old))
    groups = [f"team-{number}" for number in range(GROUPS)]
    body["request"]["userInfo"] = {"username": "agent:bot", "groups": [*groups, GROUP_OF_AGENTS]}
    request = read_review(body)
    return Question(request, build_change(request, cluster="bench", hiding=HIDING).document)


def policies() -> Policies:
    """Return 20 policies that all name the agent."""
    return Policies([_policy(number) for number in range(POLICIES)])


def _policy(number: int) -> Policy:
    agents = [group(GROUP_OF_AGENTS), group(f"bots-{number}"), {"kind": "User", "name": f"agent:{number}"}]
    raw = policy(f"policy-{number}", agents, _rules(number))
    read = read_policy(raw, Settings())
    if read.problem:
        raise ValueError(read.problem)
    return read


def _rules(number: int) -> list[dict[str, Any]]:
    """Return rules in the order that people write them: what never passes, what is special, what is usual."""
    workloads: dict[str, Any] = {"apiGroups": ["apps"], "resources": ["deployments", "statefulsets", "daemonsets"]}
    return [
        rule("never-rbac", "Deny", apiGroups=["rbac.authorization.k8s.io"], message="people change rights"),
        rule("never-nodes", "Deny", apiGroups=[""], resources=["nodes", "nodes/*", "persistentvolumes"]),
        rule("never-system", "Deny", namespaces=["kube-system", "kube-public", "kube-node-lease"]),
        rule("no-deletes", "Deny", operations=["DELETE"], resources=["namespaces", "persistentvolumeclaims"]),
        rule("exec", operations=["CONNECT"], apiGroups=[""], resources=["pods/exec"]),
        *(rule(f"team-{team}", namespaces=[f"team-{team}", f"team-{team}-test"]) for team in range(8)),
        rule("secrets", apiGroups=[""], resources=["secrets", "serviceaccounts", "configmaps"]),
        rule("one-object", names=[f"payments-{number}", "ledger"], **workloads),
        rule("labelled", operations=["CREATE"], namespaceSelector={"matchLabels": {"tier": f"tier-{number}"}}),
        rule("labels", "Allow", operations=["UPDATE"], when=_LEFT, **workloads),
        rule("privileged", "Deny", operations=["CREATE", "UPDATE"], when=_PRIVILEGED, **workloads),
        rule("services", apiGroups=[""], resources=["services", "endpoints"]),
        rule("bounded", when=_BOUNDED.format(most=20 + number), approval={"count": 2}, **workloads),
    ]
