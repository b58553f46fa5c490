"""Few words for what agents, approvers and people do in one namespace of a gated cluster."""

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from e2e.cluster.control_plane import ControlPlane
from e2e.gated.gated import Gated
from e2e.waiting import wait_until

Answer = tuple[int, dict[str, Any]]
Done = subprocess.CompletedProcess[str]
JSON_PATCH = {"Content-Type": "application/json-patch+json"}
APPLY_PATCH = {"Content-Type": "application/apply-patch+yaml"}
WEBHOOK = "system:serviceaccount:kubeapprove-system:kubeapprove-webhook"
AS_WEBHOOK = {"Impersonate-User": WEBHOOK, "Impersonate-Group": "system:masters"}
"""Headers of an admin who does what only the webhook's own ServiceAccount can: no hook of ours sees it."""
NO_WRITE_OF_AGENTS = {"NeverAllowed", "NotADecider", "NotADecision"}
"""The API server asks both hooks at once: which of the two refuses an agent first is chance."""
MIRROR = {"policy": "agents", "rule": "", "count": 1, "missing": 1, "useWithin": "5m"}
FRESH = {"phase": "Pending", "requirements": [MIRROR]}
"""The status of an approval that was asked for by a member of group `agents`, creating something."""
NAMED_ROLE = "sso-engineer"
"""An IAM role whose session names the identity provider sets, as the settings say."""
POLICY_WRITER = "system:serviceaccount:flux-system:kustomize-controller"
"""The one controller that may write policies, as the settings say."""
BINDINGS = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
GROUPS = {
    "configmaps": "/api/v1",
    "secrets": "/api/v1",
    "services": "/api/v1",
    "pods": "/api/v1",
    "serviceaccounts": "/api/v1",
    "deployments": "/apis/apps/v1",
    "jobs": "/apis/batch/v1",
    "resourcequotas": "/api/v1",
    "rolebindings": "/apis/rbac.authorization.k8s.io/v1",
    "roles": "/apis/rbac.authorization.k8s.io/v1",
    "leases": "/apis/coordination.k8s.io/v1",
    "widgets": "/apis/example.org/v1",
    "gadgets": "/apis/example.org/v2",
    "manifestapprovals": "/apis/kubeapprove.io/v1alpha1",
}
_NAMED = re.compile(r" as ([a-z0-9-]+/[a-z0-9-]+) \((sha256:[0-9a-f]{64})\)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an agent learns from being refused: which approval (`namespace/name`), and of which hash."""

    reason: str
    message: str
    approval: str = ""
    hash: str = ""

    @property
    def namespace(self) -> str:
        """Where the approval is."""
        return self.approval.partition("/")[0]

    @property
    def name(self) -> str:
        """The approval's name."""
        return self.approval.partition("/")[2]


def refusal(answer: Answer) -> Refusal:
    """Return what the gate's refusal says; anything else fails."""
    status, body = answer
    assert status in {400, 403, 413}, body
    assert "kubeapprove.io" in str(body.get("message")), body
    causes = {cause["reason"]: cause["message"] for cause in body.get("details", {}).get("causes", [])}
    return Refusal(body["reason"], body["message"], causes.get("Approval", ""), causes.get("ManifestHash", ""))


def asked(answer: Answer) -> Refusal:
    """Return a refusal that made, or waits for, an approval."""
    result = refusal(answer)
    assert result.reason in {"ApprovalRequired", "ApprovalPending"}, answer
    assert result.approval, answer
    assert result.hash in result.message, answer
    return result


def asked_by_kubectl(done: Done) -> Refusal:
    """Return the same, read from what kubectl printed."""
    assert done.returncode == 1, done
    found = _NAMED.search(done.stderr)
    assert found, done
    reason = "ApprovalPending" if "still pending" in done.stderr else "ApprovalRequired"
    return Refusal(reason, done.stderr, found[1], found[2])


@dataclass(frozen=True, slots=True)
class Place:
    """One namespace of a gated cluster."""

    gated: Gated
    namespace: str

    @property
    def cp(self) -> ControlPlane:
        """The control plane."""
        return self.gated.control_plane

    def path(self, kind: str, name: str = "", subresource: str = "") -> str:
        """Return the URL path of a collection, an object or its subresource."""
        parts = (GROUPS[kind], "namespaces", self.namespace, kind, name, subresource)
        return "/".join(part for part in parts if part)

    def create(self, kind: str, body: Mapping[str, Any], as_: str = "agent", query: str = "") -> Answer:
        """POST an object."""
        return self.cp.raw("POST", self.path(kind) + query, dict(body), as_=as_)

    def given(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create an object as a person, for whom there is no gate."""
        status, answer = self.create(kind, body, as_="admin")
        assert status == 201, answer
        return answer

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """Return an object that must be there."""
        status, answer = self.cp.raw("GET", self.path(kind, name))
        assert status == 200, answer
        return answer

    def exists(self, kind: str, name: str) -> bool:
        """Whether an object is there."""
        return self.cp.raw("GET", self.path(kind, name))[0] == 200

    def items(self, kind: str) -> list[dict[str, Any]]:
        """Return every object of a kind here."""
        status, answer = self.cp.raw("GET", self.path(kind))
        assert status == 200, answer
        return list(answer["items"])

    def patch(
        self,
        kind: str,
        name: str,
        body: Any,
        as_: str = "agent",
        *,
        headers: Mapping[str, str] | None = None,
        subresource: str = "",
        query: str = "",
    ) -> Answer:
        """PATCH an object: a JSON patch where `body` is a list, else a merge patch."""
        sent = {**(JSON_PATCH if isinstance(body, list) else {}), **(headers or {})}
        return self.cp.raw("PATCH", self.path(kind, name, subresource) + query, body, as_=as_, headers=sent)

    def changed(self, kind: str, name: str, body: Any) -> dict[str, Any]:
        """PATCH as a person, which must succeed."""
        status, answer = self.patch(kind, name, body, as_="admin")
        assert status == 200, answer
        return answer

    def delete(self, kind: str, name: str, as_: str = "agent", options: Mapping[str, Any] | None = None) -> Answer:
        """DELETE an object."""
        return self.cp.raw("DELETE", self.path(kind, name), dict(options) if options else None, as_=as_)

    def kubectl(
        self,
        *args: str,
        as_: str = "agent",
        input: str | None = None,  # noqa: A002
        check: bool = False,
    ) -> Done:
        """Run kubectl in this namespace."""
        return self.cp.kubectl("-n", self.namespace, *args, as_=as_, input=input, check=check)

    def ask(self, as_: str = "agent") -> Answer:
        """Try to create the ConfigMap `web`: the agents' request wherever any change will do."""
        return self.create("configmaps", {"metadata": {"name": "web"}, "data": {"color": "red"}}, as_=as_)

    def agent(self, group: str) -> str:
        """Return an agent of this group, in system:masters: RBAC is never what refuses it."""
        self.cp.identity(f"{group}:bot", [group, "system:masters"])
        return f"{group}:bot"

    def robot(self) -> str:
        """Return a ServiceAccount that may do everything in the cluster, as a GitOps controller often may."""
        user = f"system:serviceaccount:{self.namespace}:robot"
        self.cp.service_account(self.namespace, "robot")
        grant(self, "ServiceAccount", "robot", "cluster-admin")
        return user

    def approval(self, refused: Refusal) -> dict[str, Any]:
        """Return the approval that a refusal names."""
        return approval(self.cp, refused.namespace, refused.name)

    def approve(self, refused: Refusal, as_: str = "alice") -> None:
        """Add one decision, as it must succeed."""
        approve(self.cp, refused.namespace, refused.name, as_=as_)

    def decide(self, refused: Refusal, as_: str = "alice", key: str = "", **fields: Any) -> Answer:
        """Add one decision, Approved and for the approval as it is now unless told; return the API server's answer."""
        entry = decision(self.approval(refused)["metadata"]["uid"], **fields)
        return self.patch_approval(refused, {"spec": {"decisions": {key or "of-" + as_: entry}}}, as_=as_)

    def patch_approval(
        self, refused: Refusal, body: Any, as_: str = "alice", headers: Mapping[str, str] | None = None, query: str = ""
    ) -> Answer:
        """PATCH the approval that a refusal names: a JSON patch where `body` is a list, else a merge patch."""
        sent = {**(JSON_PATCH if isinstance(body, list) else {}), **(headers or {})}
        return self.cp.raw("PATCH", approval_path(refused) + query, body, as_=as_, headers=sent)


def decision(uid: str, **fields: Any) -> dict[str, Any]:
    """Return what a client sends."""
    return {"for": uid, "verdict": "Approved", "reason": "read it", **fields}


def approval_path(refused: Refusal, subresource: str = "") -> str:
    """Return the URL path of the approval that a refusal names."""
    path = f"{GROUPS['manifestapprovals']}/namespaces/{refused.namespace}/manifestapprovals/{refused.name}"
    return f"{path}/{subresource}" if subresource else path


def approval(control_plane: ControlPlane, namespace: str, name: str) -> dict[str, Any]:
    """Return an approval that must be there."""
    path = f"{GROUPS['manifestapprovals']}/namespaces/{namespace}/manifestapprovals/{name}"
    status, answer = control_plane.raw("GET", path)
    assert status == 200, answer
    return answer


def approve(control_plane: ControlPlane, namespace: str, name: str, as_: str = "alice") -> None:
    """Send what `kubectl patch` would; test_ways_to_decide.py does it with every command of kubectl that can."""
    document = approval(control_plane, namespace, name)
    path = f"{GROUPS['manifestapprovals']}/namespaces/{namespace}/manifestapprovals/{name}"
    body = {"spec": {"decisions": {as_: decision(document["metadata"]["uid"])}}}
    status, answer = control_plane.raw("PATCH", f"{path}?fieldManager=kubectl-patch", body, as_=as_)
    assert status == 200, answer


def change_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the change that an approval holds."""
    change: dict[str, Any] = json.loads(document["spec"]["change"])
    return change


def grant(place: Place, kind: str, name: str, role: str, verb: str = "approve") -> None:
    """Bind a ClusterRole to a subject in the whole cluster, under the namespace's name; wait until its verb counts."""
    group = "" if kind == "ServiceAccount" else "rbac.authorization.k8s.io"
    subject = {"kind": kind, "name": name, "apiGroup": group}
    if kind == "ServiceAccount":
        subject["namespace"] = place.namespace
    body = {
        "metadata": {"name": place.namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    }
    status, answer = place.cp.raw("POST", BINDINGS, body)
    assert status == 201, answer
    user = f"system:serviceaccount:{place.namespace}:{name}" if kind == "ServiceAccount" else name
    wait_until(lambda: may(place, user, verb), f"{user} held the verb {verb}")


def revoke_grant(place: Place, user: str, verb: str = "approve") -> None:
    """Take it back, and wait until it no longer counts."""
    assert place.cp.raw("DELETE", f"{BINDINGS}/{place.namespace}")[0] == 200
    wait_until(lambda: not may(place, user, verb), f"{user} no longer held the verb {verb}")


def may(place: Place, user: str, verb: str) -> bool:
    """Whether an identity holds a verb on approvals here, by its own question."""
    attributes = {"group": "kubeapprove.io", "resource": "manifestapprovals", "verb": verb}
    spec = {"spec": {"resourceAttributes": attributes | {"namespace": place.namespace}}}
    answer = place.cp.raw("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", spec, as_=user)
    return bool(answer[1]["status"]["allowed"])
