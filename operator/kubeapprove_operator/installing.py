"""What happens once, at an upgrade, a removal or a test of the installation: short Jobs, each with rights of its own.

All of it can be done twice: a Job that died anywhere is started anew.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

import structlog

from kubeapprove.crd import custom_resource_definition
from kubeapprove.policycrd import custom_resource_definition as policy_definition
from kubeapprove.reasons import Reason
from kubeapprove.registration import NAME
from kubeapprove.resources import API_VERSION, KIND, PLURAL
from kubeapprove_operator.api import WITHIN, Api
from kubeapprove_server.errors import ApiError, ApiUnreachableError, ConflictError, NotFoundError, StartupError

_LOG = structlog.get_logger()
_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_REGISTRATIONS = "/apis/admissionregistration.k8s.io/v1"
_OPERATOR: Final = "kubeapprove-operator"
PATIENCE: Final = 60.0
"""Seconds to wait for others."""
_PAUSE: Final = 0.5


async def apply_definitions(api: Api) -> None:
    """Have the API server hold this version's CustomResourceDefinitions, and wait until it serves them.

    A version that is stored and that this one does not know is never dropped: the API server refuses that.
    """
    for wanted in (custom_resource_definition(), policy_definition()):
        name = wanted["metadata"]["name"]
        await _until(partial(_apply, api, name, wanted), f"CustomResourceDefinition {name} was served")
        _LOG.info("definition", name=name)


async def _apply(api: Api, name: str, wanted: Mapping[str, Any]) -> bool:
    """Write it whole, also where it looks right: what somebody added would stay, and a default decides.

    What is so already the API server does not store again.
    """
    found = await api.find("get definition", f"{_CRDS}/{name}", name, within=WITHIN)
    try:
        if found is None:
            await api.call("create definition", "POST", _CRDS, wanted, within=WITHIN)
            return False
        stored = await api.call(
            "replace definition", "PUT", f"{_CRDS}/{name}", found | {"spec": wanted["spec"]}, within=WITHIN
        )
    except ConflictError:
        return False
    conditions = stored.get("status", {}).get("conditions", [])
    return stored["metadata"]["resourceVersion"] == found["metadata"]["resourceVersion"] and any(
        one.get("type") == "Established" and one.get("status") == "True" for one in conditions
    )


async def unregister(api: Api, namespace: str) -> None:
    """Take the registration away for good: the operator first, which would write it again, then both configurations."""
    deployment = f"/apis/apps/v1/namespaces/{namespace}/deployments/{_OPERATOR}"
    await _delete(api, deployment)
    selector = quote("app.kubernetes.io/component=operator", safe="")
    pods = f"/api/v1/namespaces/{namespace}/pods?labelSelector={selector}"

    async def is_gone() -> bool:
        return not (await api.call("list pods", "GET", pods, within=WITHIN)).get("items")

    await _until(is_gone, "the operator had ended")
    for plural in ("validatingwebhookconfigurations", "mutatingwebhookconfigurations"):
        await _delete(api, f"{_REGISTRATIONS}/{plural}/{NAME}")
    _LOG.info("the registration is gone: agents are not gated any more")


async def _delete(api: Api, path: str) -> None:
    options = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
    try:
        await api.call("delete", "DELETE", path, options, within=WITHIN)
    except NotFoundError:
        return


async def sneak(api: Api, namespace: str, *, patience: float = PATIENCE) -> None:
    """As an agent, try to get changes past the gate; raises StartupError where one gets through.

    Only a refusal by the gate counts: what RBAC, a schema or a name that is taken refuses was never judged, or was let
    through. Waits for the gate to know this agent: it was made an agent a moment ago.
    """
    config_map: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap"}
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    # Every namespace has one of this name: what is let through meanwhile is not stored.
    known = config_map | {"metadata": {"name": "kube-root-ca.crt"}}

    async def is_refused() -> bool:
        return await _refusal(api, "POST", path, known) in ("ApprovalRequired", "ApprovalPending")

    await _until(is_refused, "the gate refused this agent's ConfigMap", patience)
    token = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    account = f"/api/v1/namespaces/{namespace}/serviceaccounts/kubeapprove-sneak/token"
    tries = {
        "a ConfigMap": (path, config_map | {"metadata": {"name": "kubeapprove-sneak"}}),
        "a ConfigMap with a label that might exempt it": (path, config_map | {"metadata": _EXEMPT}),
        "a token": (account, token),
        "an approval of its own making": (f"/apis/{API_VERSION}/namespaces/{namespace}/{PLURAL}", _APPROVAL),
    }
    for what, (where, body) in tries.items():
        if (reason := await _refusal(api, "POST", where, body)) not in _REASONS:
            how = "" if reason is None else f" ({reason} is no answer of its)"
            raise StartupError(
                f"{what} got past the gate{how}: look at the operator's log and the webhook registration"
            )
        _LOG.info("refused", tried=what, reason=reason)


_EXEMPT: Final = {
    "generateName": "kubeapprove-sneak-",
    "labels": {"admission.kubernetes.io/ignore": "true", "kubeapprove.io/exempt": "true"},
}


_APPROVAL: Final = {
    "apiVersion": API_VERSION,
    "kind": KIND,
    "metadata": {"name": "kubeapprove-sneak"},
    "spec": {
        "manifestHash": f"sha256:{'0' * 64}",
        "change": "{}",
        "requester": {"username": "kubeapprove-sneak", "uid": "", "groups": [], "extra": {}},
        "pendingUntil": "2000-01-01T00:00:00.000000Z",
    },
}
"""Whole, or its schema would refuse it before the gate is asked."""
_REASONS: Final = frozenset(map(str, Reason))


async def _refusal(api: Api, method: str, path: str, body: Mapping[str, Any]) -> str | None:
    """Return the reason of a refusal, whoever's; None where it went through. An outage is no refusal of ours."""
    try:
        await api.call("sneak", method, path, body, within=WITHIN)
    except ApiUnreachableError:
        raise
    except ApiError as error:
        return error.reason if error.status == HTTPStatus.FORBIDDEN else f"{error.status} {error.reason}".rstrip()
    return None


async def _until(is_done: Callable[[], Awaitable[bool]], what: str, patience: float = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not await is_done():
        if time.monotonic() > end:
            raise StartupError(f"waited {patience:.0f} s in vain until {what}")
        await asyncio.sleep(_PAUSE)
