"""A request that nobody made: what an agent would ask the API server with a manifest, for `policy test`.

From files alone the objects are as written: without the server's defaults, and without what mutating webhooks add.
Against a cluster the API server itself says what a create or an apply would store (a dry run, as whoever runs this),
and the object as it is now is read.
"""

import uuid
from dataclasses import dataclass
from typing import Any, Final

from kubeapprove.identity import UserInfo
from kubeapprove.printable import quoted
from kubeapprove.request import Operation, Request, read_request
from kubeapprove.strictjson import UnreadableError
from kubeapprove_cli.errors import NotFoundError, NotServedError, UsageError
from kubeapprove_cli.kinds import CONNECTING, Kind, kind_of
from kubeapprove_cli.kube import Kubectl

_ACCOUNT: Final = "system:serviceaccount:"
_OPTIONS: Final = {
    Operation.CREATE: "CreateOptions",
    Operation.UPDATE: "PatchOptions",
    Operation.DELETE: "DeleteOptions",
    Operation.CONNECT: "ConnectOptions",
}
_SERVERS: Final = ("uid", "creationTimestamp", "generation", "resourceVersion", "selfLink", "managedFields")
_MANAGER: Final = "kubectl-client-side-apply"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says about every manifest. `kubectl` is None where no cluster is asked."""

    agent: UserInfo
    operation: Operation | None
    resource: str
    namespace: str
    old: tuple[dict[str, Any], ...]
    kubectl: Kubectl | None


def requester(username: str, groups: list[str], extra: list[str], uid: str) -> UserInfo:
    """Return who asks, with the groups that the API server adds by itself; raises UsageError."""
    known = list(groups)
    if username.startswith(_ACCOUNT):
        namespace = username.removeprefix(_ACCOUNT).partition(":")[0]
        known += ["system:serviceaccounts", f"system:serviceaccounts:{namespace}"]
    known += ["system:authenticated"]
    values: dict[str, tuple[str, ...]] = {}
    for one in extra:
        key, equals, value = one.partition("=")
        if not equals:
            raise UsageError(f"{quoted(one)} is not KEY=VALUE")
        values[key] = (*values.get(key, ()), value)
    return UserInfo(username, uid, tuple(dict.fromkeys(known)), values)


def request_of(obj: dict[str, Any], wanted: Wanted) -> Request:
    """Return the request that a manifest stands for; raises UsageError where it cannot be told."""
    kind = kind_of(obj, wanted.resource, wanted.kubectl)
    namespace, name = _namespace(obj, kind, wanted), _name(obj)
    if namespace and (kind.group, kind.plural) != ("", "namespaces"):
        obj = {**obj, "metadata": {**obj["metadata"], "namespace": namespace}}
    operation, new, old = _bodies(obj, kind, namespace, name, wanted)
    if not name and new is not None and operation is Operation.CREATE:
        name = _name(new)  # the server has generated it
    raw = {
        "uid": str(uuid.uuid4()),
        "operation": str(operation),
        "resource": {"group": kind.group, "version": kind.version, "resource": kind.plural},
        "subResource": kind.subresource,
        "namespace": namespace,
        "name": name,
        "userInfo": wanted.agent.as_dict(),
        "object": new,
        "oldObject": old,
        "options": {"kind": _OPTIONS[operation], "fieldManager": _MANAGER},
    }
    try:
        return read_request(raw)
    except UnreadableError as error:
        raise UsageError(f"{kind.words} {name} makes no request: {error}") from None


def _name(obj: dict[str, Any]) -> str:
    name = obj["metadata"].get("name", "")
    return name if type(name) is str else ""


def _namespace(obj: dict[str, Any], kind: Kind, wanted: Wanted) -> str:
    if (kind.group, kind.plural) == ("", "namespaces"):
        return _name(obj)
    if kind.namespaced is False:
        return ""
    own = obj["metadata"].get("namespace")
    if type(own) is str and own:
        if wanted.namespace and wanted.namespace != own:
            raise UsageError(f"{kind.words} {_name(obj)} is in namespace {own} by its manifest, not {wanted.namespace}")
        return own
    if wanted.namespace or kind.namespaced is None:
        return wanted.namespace
    return "default" if wanted.kubectl is None else wanted.kubectl.namespace


Body = dict[str, Any] | None


def _bodies(obj: dict[str, Any], kind: Kind, namespace: str, name: str, wanted: Wanted) -> tuple[Operation, Body, Body]:
    """Return the operation with new and old object."""
    operation = wanted.operation
    given = next((old for old in wanted.old if _is(old, obj, namespace)), None)
    if wanted.old and given is None:
        raise UsageError(f"--old holds no {obj['kind']} {name}")
    if operation is None and kind.subresource in CONNECTING:
        operation = Operation.CONNECT
    if operation is Operation.CONNECT:
        # What is sent there has no name of its own: the manifest's says which object is meant.
        return operation, {key: value for key, value in obj.items() if key != "metadata"}, None
    if wanted.kubectl is None or given is not None or kind.subresource:
        return _as_written(operation, obj, given)
    return _as_served(wanted.kubectl, operation, obj, kind.path(namespace, name) if name else "")


def _is(old: dict[str, Any], obj: dict[str, Any], namespace: str) -> bool:
    place = old["metadata"].get("namespace") or namespace
    return (old["kind"], _name(old), place) == (obj["kind"], _name(obj), namespace)


def _as_written(operation: Operation | None, obj: dict[str, Any], given: Body) -> tuple[Operation, Body, Body]:
    match operation or (Operation.CREATE if given is None else Operation.UPDATE):
        case Operation.DELETE:
            return Operation.DELETE, None, given or obj
        case Operation.UPDATE if given is None:
            raise UsageError("an update needs the object as it is now: give it with --old FILE")
        case Operation.UPDATE:
            return Operation.UPDATE, _kept(obj, given or {}), given
        case other:
            return other, obj, None


def _kept(obj: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """Return an object with what an update leaves alone, whatever a client sends."""
    own = {key: old["metadata"][key] for key in _SERVERS if key in old["metadata"]}
    status = {"status": old["status"]} if "status" in old else {}
    return {**obj, **status, "metadata": {**obj["metadata"], **own}}


def _as_served(
    kubectl: Kubectl, operation: Operation | None, obj: dict[str, Any], path: str
) -> tuple[Operation, Body, Body]:
    live: Body = None
    if path and operation is not Operation.CREATE:
        try:
            live = kubectl.get(path)
        except NotServedError:
            raise UsageError(f"the cluster serves nothing at {path}: correct --resource") from None
        except NotFoundError:
            if operation is not None:
                raise
    if operation is Operation.DELETE:
        return operation, None, live
    if live is None:
        return Operation.CREATE, kubectl.dry_run("create", obj), None
    return Operation.UPDATE, kubectl.dry_run("apply", obj), live
