"""The webhook registration: which requests the API server brings to us, rendered from the policies' agents.

Source: admissionregistration.k8s.io/v1. Expressions are CEL, evaluated by the API server before it calls, so that
people's and controllers' requests never reach us and an outage stops agents only. They are total: an error would refuse
everybody. They never touch `namespaceObject`, which errors for everyone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, assert_never

from kubeapprove.identity import (
    CANONICAL_ARN,
    CONTROLLER_PREFIXES,
    NODE,
    SERVICE_ACCOUNT_GROUP,
    Agent,
    AgentKind,
    role_arn,
)
from kubeapprove.policies import POLICY_PLURAL
from kubeapprove.resources import GROUP, VERSION
from kubeapprove.settings import Settings

NAME = "kubeapprove"
CHANGES = f"changes.{GROUP}"
APPROVALS = f"approvals.{GROUP}"
STAMP = f"stamp.{GROUP}"
TIMEOUT_SECONDS = 5
ANNOTATIONS: Final = {"admissions.enforcer/disabled": "true"}
"""Without it AKS adds a namespaceSelector, which exempts namespaces by their labels. It means nothing elsewhere."""
_API_VERSION = "admissionregistration.k8s.io/v1"
_ALL = {"apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"], "scope": "*"}
_OURS = {"apiGroups": [GROUP], "apiVersions": ["*"], "resources": ["*/*"], "scope": "*"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the API server finds us: a base URL, or a Service in a namespace; the path holds a secret."""

    secret_path: str
    ca_bundle: str
    url: str = ""
    service_namespace: str = ""
    service_name: str = ""

    def client_config(self, hook: str) -> dict[str, Any]:
        """Return the clientConfig of one webhook."""
        path = f"/{self.secret_path}/{hook}"
        if self.url:
            return {"url": self.url.rstrip("/") + path, "caBundle": self.ca_bundle}
        service = {"namespace": self.service_namespace, "name": self.service_name, "path": path, "port": 443}
        return {"service": service, "caBundle": self.ca_bundle}


def render_registration(settings: Settings, agents: Iterable[Agent], endpoint: Endpoint) -> list[dict[str, Any]]:
    """Return the ValidatingWebhookConfiguration and the MutatingWebhookConfiguration.

    The same for agents in any order.
    """
    ours = _not_ours(settings.own_usernames())
    guarded = [ours, {"name": "not-terminating", "expression": _NOT_TERMINATING}]
    changes = _webhook(CHANGES, endpoint.client_config("changes")) | {
        "rules": [_ALL | {"operations": ["CREATE", "UPDATE", "DELETE", "CONNECT"]}],
        "sideEffects": "NoneOnDryRun",
        "matchConditions": [{"name": "agents", "expression": agents_expression(agents)}, ours],
    }
    approvals = _webhook(APPROVALS, endpoint.client_config("approvals")) | {
        "rules": [
            _OURS | {"operations": ["CREATE", "UPDATE"]},
            # Not of approvals: a namespace can always be deleted. Who deletes a policy lets its agents go.
            _OURS | {"operations": ["DELETE"], "resources": [POLICY_PLURAL]},
            # With its definition goes every policy, and no webhook is asked about any of them; a default in it writes
            # into them all.
            _DEFINITIONS | {"operations": ["UPDATE", "DELETE"]},
            # It says which server answers for all of ours.
            _SERVICES | {"operations": ["CREATE", "UPDATE", "DELETE"]},
        ],
        "sideEffects": "None",
        "matchConditions": [
            *guarded,
            {"name": "about-us", "expression": _ABOUT_US},
            {"name": "people-define", "expression": _people_define(settings.definers())},
        ],
    }
    stamp = _webhook(STAMP, endpoint.client_config("stamp")) | {
        "rules": [_OURS | {"operations": ["CREATE", "UPDATE"], "apiVersions": [VERSION]}],
        "sideEffects": "None",
        "reinvocationPolicy": "IfNeeded",
        "matchConditions": guarded,
    }
    return [
        _configuration("ValidatingWebhookConfiguration", [changes, approvals]),
        _configuration("MutatingWebhookConfiguration", [stamp]),
    ]


def _configuration(kind: str, webhooks: list[dict[str, Any]]) -> dict[str, Any]:
    metadata = {"name": NAME, "annotations": dict(ANNOTATIONS)}
    return {"apiVersion": _API_VERSION, "kind": kind, "metadata": metadata, "webhooks": webhooks}


def _webhook(name: str, client_config: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "clientConfig": client_config,
        "admissionReviewVersions": ["v1"],
        "failurePolicy": "Fail",
        "matchPolicy": "Equivalent",
        "timeoutSeconds": TIMEOUT_SECONDS,
        # Empty on purpose: no label on a namespace or an object exempts an agent.
        "namespaceSelector": {},
        "objectSelector": {},
    }


_DEFINITIONS = {
    "apiGroups": ["apiextensions.k8s.io"],
    "apiVersions": ["*"],
    "resources": ["customresourcedefinitions"],
    "scope": "*",
}
_SERVICES = {
    "apiGroups": ["apiregistration.k8s.io"],
    "apiVersions": ["*"],
    "resources": ["apiservices"],
    "scope": "*",
}
_ABOUT_US = (
    f'request.resource.group == "{GROUP}" || (has(request.name) && request.name.endsWith(".{GROUP}")) || '
    f"(oldObject != null && has(oldObject.metadata) && has(oldObject.metadata.name) && "
    f'oldObject.metadata.name.endsWith(".{GROUP}"))'
)
# What is being deleted can always be let go, also while we are down. But nobody writes decisions or agents into it.
_NOT_TERMINATING = (
    "oldObject == null || !has(oldObject.metadata) || !has(oldObject.metadata.deletionTimestamp) || "
    "(object != null && has(object.spec) && has(oldObject.spec) && object.spec != oldObject.spec)"
)


def _not_ours(usernames: Iterable[str]) -> dict[str, str]:
    return {
        "name": "not-ours",
        "expression": f"!has(request.userInfo.username) || !(request.userInfo.username in {_literals(usernames)})",
    }


def _people_define(definers: Iterable[str]) -> str:
    """Return the condition under which a write to what defines ours is for us: a controller's, or a deletion.

    What people else do to it goes on without us, also while we are down.
    """
    controllers = " || ".join(f'request.userInfo.username.startsWith("{prefix}")' for prefix in CONTROLLER_PREFIXES)
    return (
        f'request.resource.group == "{GROUP}" || '
        '(request.operation == "DELETE" && request.resource.resource == "customresourcedefinitions") || '
        f"(has(request.userInfo.username) && ({controllers}) && "
        f"!(request.userInfo.username in {_literals(definers)}))"
    )


def agents_expression(agents: Iterable[Agent]) -> str:
    """Return the CEL condition that is true for agents only; `false` where there are none."""
    groups: list[str] = []
    users: list[str] = []
    arns: list[str] = []
    for agent in agents:
        match agent.kind:
            case AgentKind.GROUP:
                groups.append(agent.name)
            case AgentKind.USER:
                users.append(agent.name)
            case AgentKind.SERVICE_ACCOUNT if agent.name:
                users.append(f"system:serviceaccount:{agent.namespace}:{agent.name}")
            case AgentKind.SERVICE_ACCOUNT:
                groups.append(SERVICE_ACCOUNT_GROUP + agent.namespace)
            case AgentKind.IAM_ROLE:
                arns.append(role_arn(agent.name) or agent.name)
            case _:
                assert_never(agent.kind)
    user = "request.userInfo"
    terms = []
    groups, users, arns = (sorted(set(names)) for names in (groups, users, arns))
    if groups:
        terms.append(f"(has({user}.groups) && {user}.groups.exists(g, g in {_literals(groups)}))")
    if users:
        terms.append(f"(has({user}.username) && {user}.username in {_literals(users)})")
    if arns:
        there = f"has({user}.extra) && '{CANONICAL_ARN}' in {user}.extra"
        node = f"has({user}.username) && {user}.username.startsWith({cel_literal(NODE)})"
        role = f"{user}.extra['{CANONICAL_ARN}'].exists(a, {' || '.join(map(_is_role, arns))})"
        terms.append(f"({there} && !({node}) && {role})")
    return " || ".join(terms) or "false"


def _is_role(arn: str) -> str:
    """Return what is true of the ARNs `a` that `role_arn` takes for this role's: with a path, or of a session."""
    if role_arn(arn) is None:  # no policy names one; whatever `Agent.matches` says yes to is matched all the same
        return f"a == {cel_literal(arn)}"
    roles, _, name = arn.rpartition("/")
    session = roles.replace(":iam::", ":sts::").removesuffix(":role") + f":assumed-role/{name}"
    return (
        f"(a.startsWith({cel_literal(roles + '/')}) && a.endsWith({cel_literal('/' + name)})) || "
        f"a == {cel_literal(session)} || a.startsWith({cel_literal(session + '/')})"
    )


def _literals(values: Iterable[str]) -> str:
    return "[" + ", ".join(map(cel_literal, values)) + "]"


def cel_literal(text: str) -> str:
    """Return a CEL string literal; everything but plain letters, digits and a few signs is escaped by code point."""
    return (
        '"'
        + "".join(
            char if (char.isalnum() and char.isascii()) or char in " -_.:/@+=" else _escape(char) for char in text
        )
        + '"'
    )


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
