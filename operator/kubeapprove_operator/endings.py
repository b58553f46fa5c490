"""Says that a certificate is about to end, while there is time: a metric that counts down, and one Event for each.

It looks at what is known already and reads nothing: also where the Secrets cannot be read any more, the clock goes on.
The Event is about the registration, a cluster-scoped object, so it is where that one's other news are.
"""

import hashlib
from datetime import UTC, datetime
from typing import Final

import structlog
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import Certificate

from kubeapprove.mirror import Announcement
from kubeapprove.registration import NAME
from kubeapprove_operator import issuing
from kubeapprove_operator.api import Api
from kubeapprove_operator.looking import look_for_ever
from kubeapprove_operator.registration import CLUSTER_EVENTS
from kubeapprove_operator.trust import Trust
from kubeapprove_server.metrics import CERTIFICATE_EXPIRY

PERIOD: Final = 1.0
REASON: Final = "CertificateEnds"
_LOG = structlog.get_logger()


class Endings:
    """One for the process."""

    def __init__(self, api: Api, trust: Trust) -> None:
        self._api, self._trust = api, trust
        self._told: set[bytes] = set()

    async def keep(self) -> None:
        """Look until cancelled; an Event that was not taken is sent again, and makes nobody unready."""
        what = "an Event about a certificate was not taken"
        await look_for_ever(self.look, period=PERIOD, what=what, told=lambda _: None)

    async def look(self) -> None:
        """Count down, and tell of each certificate that ends soon, once; raises ApiError where that was not taken."""
        now = datetime.now(UTC)
        known = self._trust.known
        for name, certificate in known.items():
            CERTIFICATE_EXPIRY.labels(name).set((certificate.not_valid_after_utc - now).total_seconds())
        for name, certificate in known.items():
            mark = certificate.fingerprint(hashes.SHA256())
            if mark not in self._told and issuing.life_of(certificate).ends_soon(now):
                await self._tell(name, certificate, mark, now)
                self._told.add(mark)

    async def _tell(self, name: str, certificate: Certificate, mark: bytes, now: datetime) -> None:
        """Send the Event under a name of this certificate: a second operator's, or the next one's, is the same."""
        ends = certificate.not_valid_after_utc
        verb = "ends" if now < ends else "ended"
        message = (
            f"the {name} certificate {verb} at {ends:%Y-%m-%dT%H:%M:%SZ} and was not renewed; from then on every agent "
            f"is refused: {self._trust.remedy}"
        )
        _LOG.warning("a certificate ends", reason=REASON, it=message)
        found = await self._api.get_registration("validatingwebhookconfigurations", NAME)
        regarding = {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "name": NAME,
            "uid": "" if found is None else found["metadata"]["uid"],
        }
        seed = hashlib.sha256(mark + REASON.encode()).hexdigest()
        news = Announcement(name=f"{NAME}.{seed[:16]}", reason=REASON, message=message, is_warning=True)
        await self._api.event(CLUSTER_EVENTS, regarding, news, now)
