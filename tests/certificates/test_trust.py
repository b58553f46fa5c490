"""Whom the API server is told to trust where somebody else keeps the certificates: a file, or cert-manager's Secret."""

import asyncio
import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kubeapprove_operator import issuing
from kubeapprove_operator.trust import TrustedFile, TrustedSecret
from kubeapprove_server.errors import StartupError
from tests.certificates.memory import Memory

FIRST, SECOND = (issuing.new_authority(datetime.now(UTC), timedelta(days=9)).pem for _ in range(2))


def put(api: Memory, ca: bytes) -> None:
    api.secrets["tls"] = {"metadata": {"name": "tls"}, "data": {"ca.crt": base64.b64encode(ca).decode()}}


def test_a_file_as_it_is_now(tmp_path: Path) -> None:
    file = tmp_path / "ca.crt"
    trust = TrustedFile(file)
    for ca in (FIRST, SECOND):
        file.write_bytes(ca)
        assert asyncio.run(trust.bundle()) == ca
    assert trust.problem is None


def test_what_a_secret_held_before_stays_trusted_behind_what_it_holds() -> None:
    api = Memory()
    trust = TrustedSecret(api, "ns", "tls")
    put(api, FIRST)
    assert asyncio.run(trust.bundle()) == FIRST
    put(api, SECOND)
    assert asyncio.run(trust.bundle()) == SECOND + FIRST
    put(api, FIRST)
    assert asyncio.run(trust.bundle()) == FIRST + SECOND


def test_no_secret() -> None:
    with pytest.raises(StartupError, match="check that cert-manager makes it, or correct --ca-secret"):
        asyncio.run(TrustedSecret(Memory(), "ns", "tls").bundle())


@pytest.mark.parametrize("ca", [b"", b"junk"])
def test_no_certificate_in_it(ca: bytes) -> None:
    api = Memory()
    put(api, ca)
    with pytest.raises(StartupError, match=r"holds no CA certificate in ca\.crt"):
        asyncio.run(TrustedSecret(api, "ns", "tls").bundle())
