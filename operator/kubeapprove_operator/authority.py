"""Keeps the webhook's authority and its serving certificate: two Secrets, written one step at a time as `plan` says.

`kubeapprove-ca` holds the authorities (current and next with their keys, the previous without) and is read by the
operator alone; `kubeapprove-webhook-tls` holds what the webhook serves with, named as cert-manager names it. Each write
is on the resourceVersion that was looked at: of two operators one is first, and the other looks again.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

import structlog
from cryptography.x509 import Certificate

from kubeapprove.certificates import Held, Step, plan
from kubeapprove.settings import Settings
from kubeapprove_operator import issuing
from kubeapprove_operator.api import WITHIN, Api
from kubeapprove_operator.issuing import Pair
from kubeapprove_operator.looking import look_for_ever
from kubeapprove_server.errors import ConflictError, KubeapproveServerError, StartupError

CA_SECRET: Final = "kubeapprove-ca"  # noqa: S105 (a name)
TLS_SECRET: Final = "kubeapprove-webhook-tls"  # noqa: S105 (a name)
PERIOD: Final = 1.0
_STEPS: Final = 16
"""More than any state needs: two Secrets that somebody else keeps writing must not be fought over."""
_CURRENT, _NEXT, _PREVIOUS = "ca", "next", "previous"
_LOG = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lives:
    """How long what is made is valid, from before it is made to its end."""

    authority: timedelta = timedelta(days=730)
    serving: timedelta = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Both Secrets as they were read, None where there is none."""

    ca: dict[str, Any] | None
    tls: dict[str, Any] | None
    current: Pair | None
    next: Pair | None
    previous: Certificate | None
    serving: Pair | None
    fits: bool

    def held(self, registered: datetime | None) -> Held:
        """Return the same as lives."""
        current, following, serving = (
            None if pair is None else pair.life for pair in (self.current, self.next, self.serving)
        )
        previous = None if self.previous is None else issuing.life_of(self.previous)
        return Held(current, following, previous, serving, self.fits, registered)

    @property
    def certificates(self) -> dict[str, Certificate]:
        """What is in use now, by what it is."""
        pairs = {"authority": self.current, "serving": self.serving}
        return {name: pair.certificate for name, pair in pairs.items() if pair is not None}

    @property
    def bundle(self) -> bytes:
        """The authorities that the API server is to trust."""
        pairs = (pair.pem for pair in (self.current, self.next) if pair is not None)
        return b"".join([*pairs, *([] if self.previous is None else [issuing.pem(self.previous)])])


class Authority:
    """One for the process. `problem` says why certificates are not known to be right, None where they are."""

    remedy: ClassVar[str] = "the operator's /readyz and log say what keeps it from renewing"

    def __init__(self, api: Api, settings: Settings, names: tuple[str, ...], lives: Lives) -> None:
        self._api, self._namespace, self._names, self._lives = api, settings.system_namespace, names, lives
        self.problem: str | None = "the certificates were not looked at yet"
        self.known: Mapping[str, Certificate] = {}
        self._bundle = b""
        self._registered: tuple[bytes, datetime] | None = None

    async def bundle(self) -> bytes:
        """Return the authorities to register; raises StartupError while there is none."""
        if not self._bundle:
            raise StartupError(f"{self.problem}: there is nobody to trust yet")
        return self._bundle

    def registered(self, bundle: bytes) -> None:
        """Hear that the API server is told to trust this bundle: from the first time on, its authorities are known."""
        if self._registered is None or self._registered[0] != bundle:
            self._registered = (bundle, datetime.now(UTC))

    def _since(self, seen: "_Seen") -> datetime | None:
        known = self._registered
        return known[1] if known is not None and seen.next is not None and seen.next.pem in known[0] else None

    async def keep(self) -> None:
        """Look and renew until cancelled."""
        what = "the certificates could not be looked at"
        await look_for_ever(self.look, period=PERIOD, what=what, told=self._told)

    def _told(self, problem: str | None) -> None:
        """A look that went well has said already what is late."""
        self.problem = problem or self.problem

    async def look(self) -> None:
        """Take the steps that are due, each from what is stored by then."""
        for _ in range(_STEPS):
            seen, now = await self._see(), datetime.now(UTC)
            step = plan(seen.held(self._since(seen)), now)
            if step is Step.NOTHING:
                self._note(seen, now)
                return
            try:
                await self._take(step, seen, now)
            except ConflictError:
                continue
            except KubeapproveServerError:
                self.known = seen.certificates  # not before: one that is renewed this moment is nobody's trouble
                raise
            _LOG.info("certificates", step=step)
        raise StartupError(
            f"the certificates did not come to rest: see who else writes the Secrets {CA_SECRET} and {TLS_SECRET}"
        )

    def _note(self, seen: _Seen, now: datetime) -> None:
        self._bundle, self.known = seen.bundle, seen.certificates
        late = []
        for name, pair in (("authority", seen.current), ("serving", seen.serving)):
            if pair is not None and pair.life.is_late(now):
                ends = f"{pair.life.ends:%Y-%m-%dT%H:%M:%SZ}"
                late.append(f"the {name} certificate ends at {ends} and was not renewed")
        self.problem = "; ".join(late) or None

    async def _see(self) -> _Seen:
        ca = await self._api.get_secret(self._namespace, CA_SECRET, within=WITHIN)
        tls = await self._api.get_secret(self._namespace, TLS_SECRET, within=WITHIN)
        current, following, previous = _pair(ca, _CURRENT), _pair(ca, _NEXT), _certificate(ca, _PREVIOUS)
        serving = _pair(tls, "tls")
        is_fit = (
            serving is not None
            and current is not None
            and issuing.fits(serving.certificate, current.certificate, self._names)
        )
        return _Seen(ca, tls, current, following, previous, serving, is_fit)

    async def _take(self, step: Step, seen: _Seen, now: datetime) -> None:
        match step:
            case Step.MAKE_AUTHORITY:
                await self._write_ca(seen, issuing.new_authority(now, self._lives.authority))
            case Step.MAKE_NEXT:
                made = issuing.new_authority(now, self._lives.authority)
                await self._write_ca(seen, seen.current, made, seen.previous)
            case Step.PROMOTE:
                await self._write_ca(
                    seen, seen.next, previous=None if seen.current is None else seen.current.certificate
                )
            case Step.FORGET_PREVIOUS:
                await self._write_ca(seen, seen.current, seen.next)
            case Step.ISSUE if seen.current is not None:
                serving = issuing.new_serving(seen.current, self._names, now, self._lives.serving)
                data = {"tls.crt": serving.pem, "tls.key": serving.key_pem, "ca.crt": seen.bundle}
                await self._write(TLS_SECRET, "kubernetes.io/tls", seen.tls, data)

    async def _write_ca(
        self, seen: _Seen, current: Pair | None, following: Pair | None = None, previous: Certificate | None = None
    ) -> None:
        data: dict[str, bytes] = {}
        for name, pair in ((_CURRENT, current), (_NEXT, following)):
            if pair is not None:
                data |= {f"{name}.crt": pair.pem, f"{name}.key": pair.key_pem}
        if previous is not None:
            data[f"{_PREVIOUS}.crt"] = issuing.pem(previous)
        await self._write(CA_SECRET, "Opaque", seen.ca, data)

    async def _write(self, name: str, kind: str, found: dict[str, Any] | None, data: Mapping[str, bytes]) -> None:
        metadata = {"name": name, "namespace": self._namespace} if found is None else found["metadata"]
        secret = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": metadata,
            "type": kind,
            "data": {key: base64.b64encode(value).decode("ascii") for key, value in data.items()},
        }
        if found is None:
            await self._api.create_secret(self._namespace, secret, within=WITHIN)
        else:
            await self._api.replace_secret(self._namespace, secret, within=WITHIN)


def _part(secret: Mapping[str, Any] | None, key: str) -> bytes:
    data = (secret or {}).get("data")
    value = data.get(key) if isinstance(data, dict) else None
    try:
        return base64.b64decode(value) if isinstance(value, str) else b""
    except ValueError:
        return b""


def _pair(secret: Mapping[str, Any] | None, name: str) -> Pair | None:
    """Return a pair of a Secret; None where it is not there or cannot be read: then it is made anew."""
    return issuing.read_pair(_part(secret, f"{name}.crt"), _part(secret, f"{name}.key"))


def _certificate(secret: Mapping[str, Any] | None, name: str) -> Certificate | None:
    return issuing.read_certificate(_part(secret, f"{name}.crt"))
