"""A new serving certificate is taken while the webhook runs; one that no client would accept is not, and that is said."""

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.pki import Authority, Pair
from e2e.gated.policies import DEFAULT_POLICY
from e2e.waiting import wait_until
from tests.webhook import reviews
from tests.webhook.process import Files, Served, run
from tests.webhook.reviews import Object
from tests.webhook.world import Loop, World

SECRET = ("kubeapprove-system", "kubeapprove-webhook-tls")


def secret(pair: Pair) -> Object:
    """The Secret that holds a pair."""
    data = {"tls.crt": pair.certificate, "tls.key": pair.key}
    encoded = {key: base64.b64encode(path.read_bytes()).decode() for key, path in data.items()}
    return {"metadata": {"name": SECRET[1], "namespace": SECRET[0]}, "data": encoded}


def shown(served: Served) -> str:
    """The certificate that a client is shown now, as PEM."""
    return ssl.get_server_certificate(("127.0.0.1", served.port))


def own(pair: Pair) -> str:
    """The same certificate in the same notation."""
    return ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(pair.certificate.read_text()))


@pytest.fixture
def world(loop: Loop, authority: Authority, pair: Pair, token_file: Path) -> Iterator[World]:
    opened = World.open(loop, pair, authority.pair.certificate, token_file, {}, [DEFAULT_POLICY])
    yield opened
    opened.close()


def test_from_a_secret(world: World, authority: Authority, pair: Pair, token_file: Path, tmp_path: Path) -> None:
    world.server.secrets[SECRET] = secret(pair)
    files = Files(tmp_path, pair, authority.pair.certificate, token_file)
    served = Served(files, world.server, tls_certificate="", tls_key="", tls_secret=SECRET[1])
    try:
        assert shown(served) == own(pair)
        standing = served.connect()
        standing.connect()
        second = authority.server("second", ("127.0.0.1", "localhost"))
        world.server.secrets[SECRET] = secret(second)
        wait_until(lambda: shown(served) == own(second), "the second certificate was served")
        standing.request("GET", "/")
        answer = standing.getresponse()
        answer.read()
        assert answer.status == 404  # a connection that stood is not cut
        world.server.secrets[SECRET] = secret(Pair(pair.certificate, second.key))
        wait_until(lambda: 'outcome="refused"} 1' in served.health("/metrics")[1], "the mixed pair was refused")
        assert shown(served) == own(second)
        assert served.health("/readyz") == (200, "ok\n")
        assert served.judge(reviews.request())["allowed"] is False
        said = [line["error"] for line in served.logs if line["event"].startswith("serving certificate not taken")]
        assert len(said) == 1
        assert said[0].startswith(f"the serving certificate in Secret {'/'.join(SECRET)} cannot be used (")
        assert said[0].endswith("): give a matching PEM pair")
        standing.close()
    finally:
        served.stop()


def test_from_files(world: World, authority: Authority, token_file: Path, tmp_path: Path) -> None:
    first, second = authority.server("first", ("127.0.0.1",)), authority.server("other", ("127.0.0.1",))
    mounted = Pair(tmp_path / "tls.crt", tmp_path / "tls.key")
    for source, target in zip((first.certificate, first.key), (mounted.certificate, mounted.key), strict=True):
        target.write_bytes(source.read_bytes())
    served = Served(Files(tmp_path, mounted, authority.pair.certificate, token_file), world.server)
    try:
        assert shown(served) == own(first)
        mounted.certificate.write_bytes(second.certificate.read_bytes())  # half of it: not a pair yet
        wait_until(lambda: 'outcome="refused"} 1' in served.health("/metrics")[1], "the half-written pair was refused")
        mounted.key.write_bytes(second.key.read_bytes())
        wait_until(lambda: shown(served) == own(second), "the second certificate was served")
    finally:
        served.stop()


@pytest.mark.parametrize("options", [{"tls_secret": "s"}, {"tls_certificate": "", "tls_key": ""}, {"tls_key": ""}])
def test_said_once(authority: Authority, pair: Pair, token_file: Path, tmp_path: Path, options: dict[str, str]) -> None:
    files = Files(tmp_path, pair, authority.pair.certificate, token_file)
    arguments = [one for one in files.arguments("https://127.0.0.1:1", "0", "0", **options) if not one.endswith("=")]
    done = run(*arguments, settings=files.settings)
    assert done.returncode == 2
    assert "--tls-secret" in done.stderr
