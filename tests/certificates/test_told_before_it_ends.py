"""A certificate that ends within a week and was not renewed is told by one Event, whoever keeps it; others by none."""

import asyncio
import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kubeapprove.certificates import SOON, life_from
from kubeapprove.settings import Settings
from kubeapprove_operator import issuing
from kubeapprove_operator.authority import CA_SECRET, TLS_SECRET, Authority, Lives
from kubeapprove_operator.endings import Endings
from kubeapprove_operator.issuing import Pair
from kubeapprove_operator.trust import Trust, TrustedFile, TrustedSecret
from kubeapprove_server.errors import ApiError
from kubeapprove_server.metrics import REGISTRY
from tests.certificates.memory import Memory

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
NAMES = ("kubeapprove-webhook.kubeapprove-system.svc",)
ALERT = Path(__file__).parents[2] / "charts" / "kubeapprove" / "templates" / "monitoring.yaml"


def made(ago: timedelta, whole: timedelta) -> Pair:
    return issuing.new_authority(datetime.now(UTC) - ago, whole)


def issued(authority: Pair, ago: timedelta, whole: timedelta) -> Pair:
    return issuing.new_serving(authority, NAMES, datetime.now(UTC) - ago, whole)


def put(api: Memory, name: str, **data: bytes) -> None:
    values = {key.replace("_", "."): base64.b64encode(value).decode() for key, value in data.items()}
    api.secrets[name] = {"metadata": {"name": name, "resourceVersion": "0"}, "data": values}


def of_cert_manager(api: Memory, authority: Pair, serving: Pair) -> TrustedSecret:
    put(api, "tls", ca_crt=authority.pem, tls_crt=serving.pem)
    trust = TrustedSecret(api, "ns", "tls")
    asyncio.run(trust.bundle())
    return trust


def notes(api: Memory) -> list[str]:
    assert all(event["reason"] == "CertificateEnds" and event["type"] == "Warning" for event in api.events.values())
    return [event["note"] for event in api.events.values()]


def look(api: Memory, trust: Trust, times: int = 3) -> Endings:
    endings = Endings(api, trust)

    async def rounds() -> None:
        for _ in range(times):
            await endings.look()

    asyncio.run(rounds())
    return endings


def left(name: str) -> float:
    return REGISTRY.get_sample_value("kubeapprove_certificate_expiry_seconds", {"certificate": name}) or 0


def test_one_event_for_each_certificate_of_cert_managers_secret() -> None:
    api, authority = Memory(), made(84 * DAY, 90 * DAY)
    look(api, of_cert_manager(api, authority, issued(authority, 84 * DAY, 89 * DAY)))
    ca, serving = notes(api)
    assert ca.startswith("the authority certificate ends at 2")
    assert serving.startswith("the serving certificate ends at 2")
    assert "see what keeps cert-manager" in serving
    assert api.events_tried == 2
    assert 4 * DAY.total_seconds() < left("serving") < left("authority") < 6 * DAY.total_seconds()


def test_it_is_about_the_registration_and_with_its_other_news() -> None:
    api, authority = Memory(), made(100 * DAY, 720 * DAY)
    look(api, of_cert_manager(api, authority, issued(authority, 84 * DAY, 90 * DAY)))
    (event,) = api.events.values()
    assert event["metadata"]["namespace"] == "default"
    assert event["regarding"]["kind"] == "ValidatingWebhookConfiguration"
    assert event["regarding"]["uid"] == "of-the-registration"


def test_a_second_operator_tells_the_same_event() -> None:
    api, authority = Memory(), made(100 * DAY, 720 * DAY)
    trust = of_cert_manager(api, authority, issued(authority, 84 * DAY, 90 * DAY))
    look(api, trust)
    look(api, trust)
    assert (len(api.events), api.events_tried) == (1, 2)


def test_the_next_certificate_is_told_anew() -> None:
    api, authority = Memory(), made(100 * DAY, 720 * DAY)
    for ago in (85 * DAY, 84 * DAY):
        look(api, of_cert_manager(api, authority, issued(authority, ago, 90 * DAY)))
    assert len(api.events) == 2


def test_one_that_has_ended_is_told_as_such() -> None:
    api, authority = Memory(), made(100 * DAY, 720 * DAY)
    look(api, of_cert_manager(api, authority, issued(authority, 91 * DAY, 90 * DAY)))
    assert notes(api)[0].startswith("the serving certificate ended at ")


@pytest.mark.parametrize(
    ("ago", "whole"),
    [(DAY, 90 * DAY), (80 * DAY, 90 * DAY), (timedelta(hours=1), timedelta(hours=24)), (15 * MINUTE, 30 * MINUTE)],
    ids=["fresh", "late, with more than a week left", "short-lived and fresh", "shorter still"],
)
def test_others_are_not_told(ago: timedelta, whole: timedelta) -> None:
    api, authority = Memory(), made(100 * DAY, 720 * DAY)
    look(api, of_cert_manager(api, authority, issued(authority, ago, whole)))
    assert api.events_tried == 0


def test_a_short_lived_one_is_told_when_it_is_late() -> None:
    life = life_from(datetime.now(UTC), 13 * timedelta(hours=1))
    assert not life.ends_soon(life.made + timedelta(hours=9))
    assert life.ends_soon(life.made + timedelta(hours=11))


def test_the_bound_is_that_of_the_alert() -> None:
    assert f"kubeapprove_certificate_expiry_seconds < {SOON.days} * 24 * 3600" in ALERT.read_text()


def test_a_ca_file_is_told_too(tmp_path: Path) -> None:
    api, file = Memory(), tmp_path / "ca.crt"
    file.write_bytes(made(700 * DAY, 701 * DAY).pem)
    trust = TrustedFile(file)
    look(api, trust)
    assert api.events_tried == 0  # not read yet
    asyncio.run(trust.bundle())
    look(api, trust)
    assert "put a CA that is valid for longer into the file" in notes(api)[0]


def test_of_several_authorities_the_one_that_signed_counts() -> None:
    worn, fresh = made(715 * DAY, 720 * DAY), made(100 * DAY, 720 * DAY)
    both = worn.pem + fresh.pem
    assert issuing.chain_of(both, issued(fresh, DAY, 90 * DAY).pem)["authority"] == fresh.certificate
    assert issuing.chain_of(both, issued(worn, DAY, 3 * DAY).pem)["authority"] == worn.certificate
    assert issuing.chain_of(both, b"junk") == {"authority": fresh.certificate}
    assert issuing.chain_of(b"junk", b"") == {}


def test_an_event_that_is_not_taken_is_tried_again() -> None:
    api, authority = Memory(), made(100 * DAY, 720 * DAY)
    trust = of_cert_manager(api, authority, issued(authority, 84 * DAY, 90 * DAY))
    endings = Endings(api, trust)
    api.event_fails = ApiError("create event", 403, "Forbidden")
    with pytest.raises(ApiError):
        asyncio.run(endings.look())
    api.event_fails = None
    asyncio.run(endings.look())
    assert len(api.events) == 1


class Failing(Memory):
    """Takes no Secret."""

    async def replace_secret(self, namespace: str, secret: Mapping[str, Any], *, within: float) -> dict[str, Any]:
        del namespace, secret, within
        raise ApiError("replace secret", 403, "Forbidden")


def worn_authority(api: Memory) -> Authority:
    """Own certificates that are due, and nobody who may write them."""
    ca = made(100 * DAY, 730 * DAY)
    serving = issued(ca, 85 * DAY, 90 * DAY)
    put(api, CA_SECRET, ca_crt=ca.pem, ca_key=ca.key_pem)
    put(api, TLS_SECRET, tls_crt=serving.pem, tls_key=serving.key_pem)
    return Authority(api, Settings(), NAMES, Lives())


def test_an_own_one_that_may_not_be_written_is_told() -> None:
    api = Failing()
    trust = worn_authority(api)
    with pytest.raises(ApiError):
        asyncio.run(trust.look())
    look(api, trust)
    assert "the operator's /readyz and log say what keeps it from renewing" in notes(api)[0]
    assert left("serving") < SOON.total_seconds()


def test_an_own_one_that_is_renewed_this_moment_is_not() -> None:
    api = Memory()
    trust = worn_authority(api)
    asyncio.run(trust.look())
    look(api, trust)
    assert api.events_tried == 0
