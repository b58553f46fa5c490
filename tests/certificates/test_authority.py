"""The operator's authority over two Secrets: made, renewed, rotated, and the same after a death at any write."""

import asyncio
import base64
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from kubeapprove.settings import Settings
from kubeapprove_operator import issuing
from kubeapprove_operator.authority import CA_SECRET, TLS_SECRET, Authority, Lives
from kubeapprove_server.errors import ConflictError, StartupError
from tests.certificates.memory import KilledError, Memory

NAMES = ("kubeapprove-webhook.kubeapprove-system.svc", "127.0.0.1")
LONG = Lives()
DAY = timedelta(days=1)


def authority(api: Memory, names: tuple[str, ...] = NAMES, lives: Lives = LONG) -> Authority:
    return Authority(api, Settings(), names, lives)


def look(api: Memory, **how: object) -> Authority:
    """One operator, started anew, looks until nothing is left to do."""
    one = authority(api, **how)  # type: ignore[arg-type]
    asyncio.run(one.look())
    return one


def part(api: Memory, secret: str, key: str) -> bytes:
    return base64.b64decode(api.secrets[secret]["data"][key])


def serving(api: Memory) -> x509.Certificate:
    return x509.load_pem_x509_certificate(part(api, TLS_SECRET, "tls.crt"))


def is_trusted(certificate: x509.Certificate, bundle: bytes, name: str = NAMES[0]) -> bool:
    """Whether a client with this bundle accepts the certificate for a name."""
    store = Store(x509.load_pem_x509_certificates(bundle))
    try:
        PolicyBuilder().store(store).time(datetime.now(UTC)).build_server_verifier(x509.DNSName(name)).verify(
            certificate, []
        )
    except x509.verification.VerificationError:
        return False
    return True


def age(api: Memory, key: str, life: tuple[timedelta, timedelta]) -> None:
    """Put an authority in place that was made long ago."""
    made = issuing.new_authority(datetime.now(UTC) - life[0], life[1])
    data = api.secrets[CA_SECRET]["data"]
    data |= {f"{key}.crt": base64.b64encode(made.pem).decode(), f"{key}.key": base64.b64encode(made.key_pem).decode()}


def test_makes_both_where_there_is_nothing() -> None:
    api = Memory()
    one = look(api)
    assert one.problem is None
    bundle = asyncio.run(one.bundle())
    assert is_trusted(serving(api), bundle)
    assert api.secrets[TLS_SECRET]["type"] == "kubernetes.io/tls"
    assert part(api, TLS_SECRET, "ca.crt") == bundle
    assert "next.crt" not in api.secrets[CA_SECRET]["data"]


def test_changes_nothing_where_all_is_well() -> None:
    api = Memory()
    look(api)
    writes = api.writes
    look(api)
    assert api.writes == writes


def test_other_names_are_another_certificate_of_the_same_authority() -> None:
    api = Memory()
    ca = part_after_look(api)
    look(api, names=("other.example.com",))
    assert part(api, CA_SECRET, "ca.crt") == ca
    assert is_trusted(serving(api), ca, "other.example.com")
    assert not is_trusted(serving(api), ca)


def part_after_look(api: Memory) -> bytes:
    look(api)
    return part(api, CA_SECRET, "ca.crt")


def test_a_worn_authority_gets_a_successor_that_waits_to_be_registered() -> None:
    api = Memory()
    look(api)
    age(api, "ca", (500 * DAY, 720 * DAY))
    one = look(api)
    current, following = part(api, CA_SECRET, "ca.crt"), part(api, CA_SECRET, "next.crt")
    bundle = asyncio.run(one.bundle())
    assert current in bundle
    assert following in bundle
    assert is_trusted(serving(api), current)
    one.registered(bundle)
    asyncio.run(one.look())
    assert part(api, CA_SECRET, "next.crt") == following  # registered, but not for long enough


def test_a_registered_successor_takes_over_and_the_old_key_goes() -> None:
    api = Memory()
    lives = Lives(authority=timedelta(seconds=12), serving=timedelta(seconds=6))
    look(api, lives=lives)
    age(api, "ca", (timedelta(seconds=10), timedelta(seconds=14)))
    first = part(api, CA_SECRET, "ca.crt")
    one = look(api, lives=lives)
    following = part(api, CA_SECRET, "next.crt")
    one.registered(asyncio.run(one.bundle()))

    async def until_promoted() -> None:
        async with asyncio.timeout(10):
            while "next.crt" in api.secrets[CA_SECRET]["data"]:
                await one.look()

    asyncio.run(until_promoted())
    data = api.secrets[CA_SECRET]["data"]
    assert part(api, CA_SECRET, "ca.crt") == following
    assert part(api, CA_SECRET, "previous.crt") == first
    assert "previous.key" not in data
    bundle = asyncio.run(one.bundle())
    assert first in bundle
    assert is_trusted(serving(api), bundle)
    assert is_trusted(serving(api), following)


@pytest.mark.parametrize("at", range(2))
def test_killed_at_any_write_the_next_one_goes_on(at: int) -> None:
    api = Memory()
    api.dies_at = at
    with pytest.raises(KilledError):
        look(api)
    api.dies_at = None
    one = look(api)
    assert is_trusted(serving(api), asyncio.run(one.bundle()))
    assert api.writes == 2


def test_two_at_once_end_with_one_authority() -> None:
    api = Memory()

    async def both() -> tuple[bytes, bytes]:
        one, other = authority(api), authority(api)
        await asyncio.gather(one.look(), other.look())
        return await one.bundle(), await other.bundle()

    first, second = asyncio.run(both())
    assert first == second
    assert is_trusted(serving(api), first)


@pytest.mark.parametrize("key", ["ca.crt", "ca.key"])
def test_a_broken_authority_is_made_anew(key: str) -> None:
    api = Memory()
    look(api)
    api.secrets[CA_SECRET]["data"][key] = base64.b64encode(b"junk").decode()
    one = look(api)
    assert is_trusted(serving(api), asyncio.run(one.bundle()))


def test_a_successor_that_is_never_registered_is_a_problem_in_the_end() -> None:
    api = Memory()
    look(api)
    age(api, "ca", (650 * DAY, 720 * DAY))
    one = look(api)
    assert one.problem is not None
    assert one.problem.startswith("the authority certificate ends at ")
    assert one.problem.endswith(" and was not renewed")


def test_a_worn_certificate_is_issued_anew() -> None:
    api = Memory()
    look(api)
    age(api, "ca", (100 * DAY, 720 * DAY))
    look(api)
    current = issuing.read_pair(part(api, CA_SECRET, "ca.crt"), part(api, CA_SECRET, "ca.key"))
    assert current is not None
    worn = issuing.new_serving(current, NAMES, datetime.now(UTC) - 80 * DAY, 90 * DAY)
    api.secrets[TLS_SECRET]["data"] |= {
        "tls.crt": base64.b64encode(worn.pem).decode(),
        "tls.key": base64.b64encode(worn.key_pem).decode(),
    }
    one = look(api)
    assert serving(api) != worn.certificate
    assert is_trusted(serving(api), asyncio.run(one.bundle()))
    assert one.problem is None


def test_without_any_look_there_is_nobody_to_trust() -> None:
    with pytest.raises(StartupError, match="there is nobody to trust yet"):
        asyncio.run(authority(Memory()).bundle())


def test_secrets_that_somebody_else_keeps_writing_are_not_fought_over() -> None:
    class Contested(Memory):
        async def create_secret(self, namespace: str, secret: Mapping[str, Any], *, within: float) -> dict[str, Any]:
            del namespace, secret, within
            raise ConflictError("create secret", 409, "AlreadyExists")

    with pytest.raises(StartupError, match="did not come to rest: see who else writes the Secrets kubeapprove-ca"):
        look(Contested())
