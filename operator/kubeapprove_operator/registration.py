"""Keeps the webhook registration as it is rendered from the settings: applied at start, repaired within seconds.

The two configurations are compared whole and replaced whole: a field, a condition or a webhook that somebody added
could exempt an agent as well as one that was taken away. Read by name once a second: two small requests, and no right
to see any other configuration.

An error changes nothing: what is registered stays, and readiness says why it could not be looked at.
"""

import asyncio
import base64
import hashlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog

from kubeapprove.mirror import Announcement
from kubeapprove.printable import safe
from kubeapprove.registration import NAME, Endpoint, render_registration
from kubeapprove.settings import Settings
from kubeapprove_operator.api import COMPONENT, WITHIN, Api
from kubeapprove_operator.metrics import REGISTRATION_SEEN, REPAIRS
from kubeapprove_server.errors import ApiError, ConflictError, KubeapproveServerError, StartupError
from kubeapprove_server.secret_path import PATH_SECRET, read_path

_LOG = structlog.get_logger()
PERIOD: Final = 1.0
"""Seconds between two looks."""
_PLURALS = {
    "ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
    "MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
}
_CLUSTER_EVENTS = "default"
"""The namespace of Events about cluster-scoped objects."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the API server finds the webhook: a base URL, or a Service in our namespace; and whose CA signs it."""

    ca_file: Path
    url: str = ""
    service: str = ""


class Registrar:
    """One for the process. `problem` says why the registration is not known to be right, None where it is."""

    def __init__(self, api: Api, settings: Settings, place: Place) -> None:
        self._api, self._settings, self._place = api, settings, place
        self.problem: str | None = "the webhook registration was not looked at yet"

    async def keep(self) -> None:
        """Look and repair until cancelled."""
        while True:
            try:
                await self._look()
            except KubeapproveServerError as error:
                if self.problem != str(error):
                    _LOG.warning("the webhook registration could not be looked at", error=str(error))
                self.problem = str(error)
            else:
                self.problem = None
                REGISTRATION_SEEN.set_to_current_time()
            await asyncio.sleep(PERIOD)

    async def _look(self) -> None:
        for wanted in render_registration(self._settings, await self._endpoint()):
            await self._keep_one(_PLURALS[wanted["kind"]], wanted)

    async def _endpoint(self) -> Endpoint:
        namespace = self._settings.system_namespace
        secret = await self._api.get_secret(namespace, PATH_SECRET, within=WITHIN)
        if secret is None:
            raise StartupError(f"Secret {namespace}/{PATH_SECRET} does not exist: start the webhook, which makes it")
        try:
            ca = self._place.ca_file.read_bytes()
        except OSError as error:
            raise StartupError(f"{self._place.ca_file} cannot be read ({error.strerror}): correct --ca-file") from None
        _check_ca(ca, self._place.ca_file)
        return Endpoint(
            secret_path=read_path(secret, namespace),
            ca_bundle=base64.b64encode(ca).decode("ascii"),
            url=self._place.url,
            service_namespace=namespace,
            service_name=self._place.service,
        )

    async def _keep_one(self, plural: str, wanted: dict[str, Any]) -> None:
        """Compare one configuration and put it right. A conflict means somebody else writes: look again next time."""
        found = await self._api.get_registration(plural, NAME)
        if found is not None and found.get("webhooks") == wanted["webhooks"]:
            return
        try:
            if found is None:
                written = await self._api.create_registration(plural, wanted)
            else:
                written = await self._api.replace_registration(plural, found | {"webhooks": wanted["webhooks"]})
        except ConflictError:
            return
        await self._tell(wanted["kind"], written, "was not there" if found is None else _differed(found))

    async def _tell(self, kind: str, written: dict[str, Any], what: str) -> None:
        """Say that agents may have passed, to whoever looks at logs, metrics or Events.

        Also at the very first start: whether a registration that is not there was there before, nobody can know.
        """
        REPAIRS.inc()
        _LOG.warning("the webhook registration was written", configuration=kind, it=what)
        metadata = written["metadata"]
        regarding = {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": kind,
            "name": NAME,
            "uid": metadata.get("uid"),
        }
        seed = f"{metadata.get('uid')}\n{metadata.get('resourceVersion')}"
        news = Announcement(
            name=f"{NAME}.{hashlib.sha256(seed.encode()).hexdigest()[:16]}",
            reason="RegistrationWritten",
            message=safe(f"the registration {what}, so agents may have passed until now; it is as the settings say"),
            is_warning=True,
        )
        try:
            await self._api.event(_CLUSTER_EVENTS, regarding, news, datetime.now(UTC))
        except ApiError as error:
            _LOG.warning("an Event was not taken", configuration=kind, error=str(error))


def _check_ca(ca: bytes, path: Path) -> None:
    """Raise where the API server could not read it: it would refuse every agent and every decision from then on."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=ca.decode("ascii"))
    except (UnicodeDecodeError, ValueError, ssl.SSLError):
        raise StartupError(f"{path} holds no CA certificate in PEM: correct --ca-file") from None


def _differed(found: dict[str, Any]) -> str:
    """Say who wrote last, as far as managedFields tell: they name nobody where something was only removed."""
    entries = found["metadata"].get("managedFields") or []
    newest: dict[str, Any] = max(entries, key=lambda entry: str(entry.get("time", "")), default={})
    manager = str(newest.get("manager", COMPONENT))
    if manager == COMPONENT:
        return "differed from the settings (managedFields do not tell since when; the API server's audit log does)"
    return f"differed from the settings, last written by {manager}"
