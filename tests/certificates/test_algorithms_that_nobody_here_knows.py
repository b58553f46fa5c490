"""A key or signature of a kind that our library does not know makes a pair that is none, and no operator that ends."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from kubeapprove_operator import issuing
from kubeapprove_operator.issuing import Pair

NOW = datetime(2026, 11, 1, tzinfo=UTC)
AUTHORITY = issuing.new_authority(NOW, timedelta(days=10))
SERVING = issuing.new_serving(AUTHORITY, ("gate.example.com",), NOW, timedelta(days=5))
KNOWN = {
    "signature": bytes.fromhex("2a8648ce3d040302"),
    "key": bytes.fromhex("2a8648ce3d0201"),
    "curve": bytes.fromhex("2a8648ce3d030107"),
}
"""Object identifiers as DER has them; another last byte is a kind that nobody has given a meaning."""


def strange(pem: bytes, what: str) -> bytes:
    """Return PEM of one block in which that is of another kind."""
    begin, *lines, end = pem.strip().splitlines()
    der = base64.b64decode(b"".join(lines))
    assert KNOWN[what] in der
    changed = der.replace(KNOWN[what], KNOWN[what][:-1] + b"\x7f")
    return b"\n".join((begin, base64.encodebytes(changed).strip(), end)) + b"\n"


def other(pair: Pair, what: str) -> bytes:
    """Return a pair's certificate with that of another kind."""
    return strange(pair.certificate.public_bytes(Encoding.PEM), what)


@pytest.mark.parametrize("what", KNOWN)
def test_of_an_authority_the_end_is_known_all_the_same(what: str) -> None:
    known = issuing.chain_of(other(AUTHORITY, what), SERVING.pem)
    assert {name: one.not_valid_after_utc for name, one in known.items()} == {
        "authority": AUTHORITY.life.ends,
        "serving": SERVING.life.ends,
    }


@pytest.mark.parametrize("what", KNOWN)
def test_of_what_is_served_too(what: str) -> None:
    assert set(issuing.chain_of(AUTHORITY.pem, other(SERVING, what))) == {"authority", "serving"}


@pytest.mark.parametrize("what", ["key", "curve"])
def test_it_is_no_pair(what: str) -> None:
    assert issuing.read_pair(other(SERVING, what), SERVING.key_pem) is None
    assert issuing.read_pair(SERVING.pem, strange(SERVING.key_pem, what)) is None


@pytest.mark.parametrize("what", KNOWN)
def test_it_fits_nothing(what: str) -> None:
    served, authority = issuing.read_certificate(other(SERVING, what)), issuing.read_certificate(other(AUTHORITY, what))
    assert served is not None
    assert authority is not None
    assert not issuing.fits(served, AUTHORITY.certificate, ("gate.example.com",))
    if what != "signature":
        assert not issuing.fits(SERVING.certificate, authority, ("gate.example.com",))
