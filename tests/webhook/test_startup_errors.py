"""Whatever keeps the webhook from serving is one sentence on stderr and exit code 1, never a traceback."""

import asyncio
import base64
import datetime as dt
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from e2e.cluster.pki import Authority, Pair
from e2e.cluster.ports import free_port
from kubeapprove_server.client import in_cluster_server
from kubeapprove_server.errors import StartupError
from kubeapprove_server.settings_file import SETTINGS_VARIABLE, load_settings
from kubeapprove_webhook import serving
from kubeapprove_webhook.keys import KEY_SECRET
from tests.webhook import apiserver
from tests.webhook.process import SETTINGS_TEXT, Files, run
from tests.webhook.world import World

_DAY = dt.timedelta(days=1)


def refused(result: Any) -> str:
    """Return the one sentence of a start that failed."""
    assert result.returncode == 1, (result.returncode, result.stderr)
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("kubeapprove-webhook: ")]
    assert "Traceback" not in result.stderr
    assert result.stdout == ""
    return str(line)


def start(files: Files, world: World, **options: str | Path) -> str:
    """Start, and return the sentence with which that fails."""
    given = {"api_server": world.server.url, "port": str(free_port()), "health_port": str(free_port())} | options
    return refused(run(*files.arguments(**given), settings=files.settings))


SETTINGS: dict[str, tuple[bytes, str]] = {
    "a tab": (b"agents:\n\t- kind: Group\n", "is not YAML at line 2: correct it"),
    "an open bracket": (b"agents: [", "is not YAML at line 1"),
    "not UTF-8": (b"\xff\xfe\xff", "is not text in UTF-8"),
    "a control character": (b"agents: \x01", "is not YAML"),
    "an unknown key": (b"agentz: []\n", "agentz: nobody knows this field"),
    "a wrong duration": (b"keepDenied: soon\n", "keepDenied: write a duration"),
    "a list": (b"- a\n", "the settings cannot be used"),
    "a day that does not exist": (b"keepDenied: 2026-02-31\n", "holds a value that YAML cannot read"),
    "nesting without end": (b"[" * 1500, "holds a value that YAML cannot read"),
    "a Python object": (b"agents: !!python/object:os.system {}\n", "is not YAML at line 1"),
    "agents, as they were said once": (b"agents: [{kind: Group}]\n", "say it in an ApprovalPolicy, in spec.agents"),
}


@pytest.mark.parametrize("scenario", SETTINGS)
def test_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scenario: str) -> None:
    raw, sentence = SETTINGS[scenario]
    path = tmp_path / "mine.yaml"
    path.write_bytes(raw)
    line = sentence_about(path, monkeypatch)
    assert sentence in line
    assert line.startswith(str(path))
    assert "\n" not in line


def sentence_about(path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return why these settings start nothing."""
    monkeypatch.setenv(SETTINGS_VARIABLE, str(path))
    with pytest.raises(StartupError) as error:
        load_settings()
    return str(error.value)


def test_settings_file_missing_or_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cannot be read (No such file" in sentence_about(tmp_path / "absent.yaml", monkeypatch)
    assert "cannot be read (Is a directory" in sentence_about(tmp_path, monkeypatch)


def test_settings_of_a_process(files: Files, world: World) -> None:
    files.settings.write_text("agents:\n\t- kind: Group\n")
    assert "is not YAML at line 2: correct it and start again" in start(files, world)


def test_settings_variable_missing(files: Files) -> None:
    line = refused(run(*files.arguments("https://127.0.0.1:1", "0", "0")))
    assert "set KUBEAPPROVE_SETTINGS to the settings file" in line


def issue(folder: Path, start_: dt.timedelta, end: dt.timedelta, usage: x509.ObjectIdentifier) -> Pair:
    """Make a self-signed certificate that is valid from and to these moments, seen from now."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "webhook")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now + start_).not_valid_after(now + end)
    certificate = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False).sign(key, hashes.SHA256())
    pair = Pair(folder / "own.crt", folder / "own.key")
    pair.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    pair.key.write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    return pair


def served(certificate: Path, key: Path) -> None:
    asyncio.run(serving.Serving(serving.Files(certificate, key)).load())


CERTIFICATES: dict[str, tuple[dt.timedelta, dt.timedelta, x509.ObjectIdentifier, str]] = {
    "expired": (-2 * _DAY, -_DAY, ExtendedKeyUsageOID.SERVER_AUTH, "certificate has expired"),
    "not valid yet": (_DAY, 2 * _DAY, ExtendedKeyUsageOID.SERVER_AUTH, "certificate is not yet valid"),
    "for clients": (-_DAY, _DAY, ExtendedKeyUsageOID.CLIENT_AUTH, "purpose"),
}


@pytest.mark.parametrize("scenario", CERTIFICATES)
def test_certificate_that_nobody_would_accept(tmp_path: Path, scenario: str) -> None:
    start_, end, usage, sentence = CERTIFICATES[scenario]
    pair = issue(tmp_path, start_, end, usage)
    with pytest.raises(StartupError) as error:
        served(pair.certificate, pair.key)
    assert sentence in str(error.value)
    assert "issue a new one for server authentication, and check this machine's clock" in str(error.value)


def test_certificate_missing_mismatched_or_no_certificate(files: Files, authority: Authority) -> None:
    other, pair = authority.server("other", ("127.0.0.1",)), files.pair
    for certificate, key in (
        (files.folder / "absent.crt", pair.key),
        (pair.certificate, other.key),
        (files.settings, pair.key),
    ):
        with pytest.raises(StartupError, match=r"cannot be used .* give a matching PEM pair"):
            served(certificate, key)


def test_a_key_that_only_claims_to_be_the_certificates(tmp_path: Path) -> None:
    """Its file names the certificate's public key, and signs with another one: only a handshake shows that."""
    pair = issue(tmp_path, -_DAY, _DAY, ExtendedKeyUsageOID.SERVER_AUTH)
    key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    der, pkcs8 = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8
    own, other = (
        one.private_numbers().private_value.to_bytes(32, "big")
        for one in (key, ec.generate_private_key(ec.SECP256R1()))
    )
    mixed = key.private_bytes(der, pkcs8, serialization.NoEncryption()).replace(own, other)
    text = base64.b64encode(mixed).decode()
    pair.key.write_text(f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
    with pytest.raises(StartupError, match=r"cannot be used .* give a matching PEM pair"):
        served(pair.certificate, pair.key)


def test_words_in_any_letters_between_certificates(tmp_path: Path) -> None:
    pair = issue(tmp_path, -_DAY, _DAY, ExtendedKeyUsageOID.SERVER_AUTH)
    pair.certificate.write_bytes("subject=O = Müller\n".encode() + pair.certificate.read_bytes())
    served(pair.certificate, pair.key)


def test_certificate_of_a_process(files: Files, world: World) -> None:
    pair = issue(files.folder, -2 * _DAY, -_DAY, ExtendedKeyUsageOID.SERVER_AUTH)
    assert "expired" in start(files, world, tls_certificate=pair.certificate, tls_key=pair.key)


FILES: dict[str, tuple[str, Callable[[Path], Path], str]] = {
    "token file missing": ("api_token_file", lambda folder: folder / "absent", "absent does not exist"),
    "CA missing": ("api_ca", lambda folder: folder / "absent", "absent does not exist"),
    "CA that is none": ("api_ca", lambda folder: folder / "settings.yaml", "holds no CA certificate in PEM"),
    "empty token": ("api_token_file", lambda folder: _empty(folder / "empty"), "empty holds no token"),
}


def _empty(path: Path) -> Path:
    path.write_text("")
    return path


@pytest.mark.parametrize("scenario", FILES)
def test_access_to_the_api_server(files: Files, world: World, scenario: str) -> None:
    option, path, sentence = FILES[scenario]
    assert files.settings.exists()
    assert sentence in start(files, world, **{option: path(files.folder)})


def test_api_server_unreachable(files: Files, world: World) -> None:
    line = start(files, world, api_server=f"https://127.0.0.1:{free_port()}")
    assert "no answer from the API server" in line
    assert "the API server must be reachable" in line


def test_api_server_of_another_ca(files: Files, world: World) -> None:
    other = Authority(files.folder / "other-ca")
    assert "no answer from the API server (ClientConnectorCertificateError)" in start(
        files, world, api_ca=other.pair.certificate
    )


def test_api_server_without_tls_gets_no_token(files: Files, world: World) -> None:
    line = start(files, world, api_server=world.server.url.replace("https", "http"))
    assert "must begin with https://" in line
    assert world.server.calls == []


def test_in_a_pod_the_address_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.delenv("KUBERNETES_SERVICE_PORT", raising=False)
    assert in_cluster_server() == "https://10.0.0.1:443"
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "6443")
    assert in_cluster_server() == "https://[fd00::1]:6443"


def test_no_pod_and_no_api_server(files: Files) -> None:
    pair = files.pair
    arguments = ("serve", f"--tls-certificate={pair.certificate}", f"--tls-key={pair.key}")
    assert "not in a Pod: give --api-server" in refused(run(*arguments, settings=files.settings))


def test_rights_are_missing(files: Files, world: World) -> None:
    world.server.on("get secret", apiserver.fails(403, "Forbidden"))
    assert "needs to get and create Secrets in kubeapprove-system" in start(files, world)


def test_secret_is_malformed(files: Files, world: World) -> None:
    world.server.secrets["kubeapprove-system", KEY_SECRET] = {"data": {"hmac": "!"}}
    assert f"Secret kubeapprove-system/{KEY_SECRET} must hold hmac" in start(files, world)


@pytest.mark.parametrize("option", ["port", "health_port"])
def test_port_in_use(files: Files, world: World, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = start(files, world, **{option: str(port)})
    assert f"cannot listen on 127.0.0.1 port {port} (Address already in use)" in line


def test_host_that_is_not_ours(files: Files, world: World) -> None:
    assert "cannot listen on 203.0.113.1" in start(files, world, host="203.0.113.1")


def test_usage_error_is_exit_2(files: Files) -> None:
    files.settings.write_text(SETTINGS_TEXT)
    assert run("serve", settings=files.settings).returncode == 2
    assert run("serve", "--port=70000", settings=files.settings).returncode == 2
