"""What an agent may never do, whatever is approved: judged before dry runs, policies and approvals.

Each rule is a function that returns its sentence where it holds, None elsewhere; the list is walked in order.
"""

import re
from collections.abc import Callable
from typing import Any

from kubeapprove.canonical import same
from kubeapprove.identity import identity_key, read_user_info
from kubeapprove.ownership import changed_ownership
from kubeapprove.printable import is_safe
from kubeapprove.request import Operation, Request
from kubeapprove.resources import GROUP, PLURAL
from kubeapprove.servergiven import without_server_metadata
from kubeapprove.settings import Settings

RBAC = "rbac.authorization.k8s.io"
HELM_SECRET = "helm.sh/release.v1"  # noqa: S105 (a type of Secret)
# Helm knows its releases by this label or name, whatever their type; they are ConfigMaps with HELM_DRIVER=configmap.
_HELM_OWNER = ("owner", "helm")
_HELM_NAME = "sh.helm.release."
TOKEN_SECRET = "kubernetes.io/service-account-token"  # noqa: S105 (a type of Secret)
BOOTSTRAP_SECRET = "bootstrap.kubernetes.io/token"  # noqa: S105 (a type of Secret)
# The csrapproving controller approves the first by itself for whoever holds certificatesigningrequests/nodeclient.
_NODE_SIGNERS = ("kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/kubelet-serving")
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.:]{0,251}[a-z0-9])?")
HELM_REMEDY = (
    "Helm's release Secrets change at every try and steer later upgrades; use "
    "`helm template … | kubectl apply --server-side -f -` instead"
)


def never(request: Request, settings: Settings) -> str | None:
    """Return why an agent may never make this request, None where it may at least ask."""
    return next((sentence for rule in _RULES if (sentence := rule(request, settings)) is not None), None)


def gives_reason(request: Request, settings: Settings) -> bool:
    """Whether the request does nothing but say, once, why its sender asked for a change nobody has decided on yet."""
    old, new = request.old_object, request.object
    resource = (request.resource.group, request.resource.resource, request.subresource)
    if request.operation is not Operation.UPDATE or resource != (GROUP, PLURAL, "") or not old or not new:
        return False
    spec, new_spec = old.get("spec"), new.get("spec")
    if type(spec) is not dict or type(new_spec) is not dict or "reason" in spec or "reason" not in new_spec:
        return False
    rest = {**new, "spec": {key: value for key, value in new_spec.items() if key != "reason"}}
    return (
        not spec.get("decisions")
        and "revoked" not in spec
        and identity_key(read_user_info(spec.get("requester", {})), settings.named_roles)
        == identity_key(request.user, settings.named_roles)
        and same(without_server_metadata(rest), without_server_metadata(old))
        and not changed_ownership(old, new, request.field_manager)
    )


def _our_resources(request: Request, settings: Settings) -> str | None:
    if request.resource.group != GROUP:
        return None
    if not gives_reason(request, settings):
        return f"agents never write to {GROUP}, but for the reason of their own undecided approval"
    if not is_safe(str(_map(request.object or {}, "spec")["reason"])):
        # kubectl describe prints it as it is, in front of the true status and Events.
        return "a reason is one line of plain text: no line breaks, control characters or marks that draw on others"
    return None


def _our_definitions(request: Request, _: Settings) -> str | None:
    kinds = (("apiextensions.k8s.io", "customresourcedefinitions"), ("apiregistration.k8s.io", "apiservices"))
    if (request.resource.group, request.resource.resource) not in kinds:
        return None
    is_ours = any(
        name == GROUP or name.endswith("." + GROUP)
        for body in _bodies(request)
        for name in (_metadata(body, "name"), str(_map(body, "spec").get("group", "")))
    )
    return f"agents never touch the definitions of {GROUP}" if is_ours or request.name.endswith("." + GROUP) else None


def _our_namespace(request: Request, settings: Settings) -> str | None:
    names = {request.namespace}
    if (request.resource.group, request.resource.resource) == ("", "namespaces"):
        names |= {request.name, *(_metadata(body, "name") for body in _bodies(request))}
        if settings.approvals_namespace in names:
            # Deleting it would forget every denial of a change to a cluster-scoped object.
            return f"agents never touch the namespace {settings.approvals_namespace}"
    ours = settings.system_namespace
    return f"agents never touch the namespace {ours}, nor anything in it" if ours in names else None


def _our_rights(request: Request, settings: Settings) -> str | None:
    if request.resource.group != RBAC:
        return None
    kind = request.resource.resource
    if kind in ("roles", "clusterroles"):
        names = {request.name, *(_metadata(body, "name") for body in _bodies(request))}
        is_ours = not names.isdisjoint(settings.roles)
    else:
        is_ours = any(
            _includes_us(subject, settings) for body in _bodies(request) for subject in _list(body.get("subjects"))
        )
    return "agents never touch the rights of the gate's own ServiceAccounts" if is_ours else None


def _includes_us(subject: Any, settings: Settings) -> bool:
    if type(subject) is not dict:
        return False
    kind, name = subject.get("kind"), subject.get("name")
    if kind == "ServiceAccount":
        return subject.get("namespace") == settings.system_namespace and name in settings.service_accounts
    return (kind == "User" and name in settings.own_usernames()) or (kind == "Group" and name in settings.own_groups())


def _credentials(request: Request, _: Settings) -> str | None:
    group, kind, sub = request.resource.group, request.resource.resource, request.subresource
    if (group, kind, sub) == ("", "serviceaccounts", "token") or (
        (group, kind) == ("", "secrets") and TOKEN_SECRET in _secret_types(request)
    ):
        return "agents never mint ServiceAccount tokens"
    if (group, kind) == ("", "secrets") and BOOTSTRAP_SECRET in _secret_types(request):
        return "agents never mint bootstrap tokens: whoever holds one is somebody else"
    if (group, kind) == ("certificates.k8s.io", "podcertificaterequests"):
        return "agents never ask for a Pod's certificate: whoever holds it is that Pod"
    if (group, kind) == ("certificates.k8s.io", "certificatesigningrequests"):
        if sub == "approval":
            return "agents never approve certificate signing requests"
        if any(_map(body, "spec").get("signerName") in _NODE_SIGNERS for body in _bodies(request)):
            return "agents never ask for a node's certificate: the cluster approves some by itself"
    return None


def _cluster_authentication(request: Request, _: Settings) -> str | None:
    names = {request.name, *(_metadata(body, "name") for body in _bodies(request))}
    is_there = (request.resource.group, request.resource.resource, request.namespace) == (
        "",
        "configmaps",
        "kube-system",
    )
    if is_there and not names.isdisjoint(("aws-auth", "extension-apiserver-authentication")):
        return "agents never touch how the cluster authenticates its callers"
    return None


def _proxies(request: Request, _: Settings) -> str | None:
    if request.subresource != "proxy":
        return None
    return "a proxy connection shows the gate only a path: one approval would cover every method and body"


def _helm_releases(request: Request, _: Settings) -> str | None:
    if request.resource.group != "" or request.resource.resource not in ("secrets", "configmaps"):
        return None
    is_release = (request.resource.resource == "secrets" and HELM_SECRET in _secret_types(request)) or any(
        _metadata(body, "name").startswith(_HELM_NAME) or _HELM_OWNER in _labels(body) for body in _bodies(request)
    )
    return HELM_REMEDY if is_release else None


def _impossible_names(request: Request, _: Settings) -> str | None:
    # The object is looked up after admission, and people read the name before: it could be a sentence.
    if request.operation is not Operation.CONNECT or _NAME.fullmatch(request.name):
        return None
    return "no object can have this name"


_RULES: tuple[Callable[[Request, Settings], str | None], ...] = (
    _our_resources,
    _our_definitions,
    _our_namespace,
    _our_rights,
    _credentials,
    _cluster_authentication,
    _proxies,
    _helm_releases,
    _impossible_names,
)


def _bodies(request: Request) -> list[dict[str, Any]]:
    return [body for body in (request.object, request.old_object) if body is not None]


def _secret_types(request: Request) -> list[Any]:
    return [body.get("type") for body in _bodies(request)]


def _metadata(body: dict[str, Any], key: str) -> str:
    return str(body.get("metadata", {}).get(key, ""))


def _labels(body: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(_map(body.get("metadata", {}), "labels").items())


def _map(body: dict[str, Any], key: str) -> dict[str, Any]:
    value = body.get(key)
    return value if type(value) is dict else {}


def _list(value: Any) -> list[Any]:
    return value if type(value) is list else []
