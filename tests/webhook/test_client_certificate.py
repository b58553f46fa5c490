"""Where the cluster's API server shows a certificate, nobody else gets a word in: not even with another one of that CA."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.pki import Authority, Pair
from e2e.gated.policies import DEFAULT_POLICY
from tests.webhook.keymaterial import PATH
from tests.webhook.process import Files, Served, run
from tests.webhook.talking import post
from tests.webhook.world import Loop, World

API_SERVER = "kube-apiserver-webhook-client"


@pytest.fixture(scope="module")
def asked(
    loop: Loop, authority: Authority, pair: Pair, token_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    world = World.open(loop, pair, authority.pair.certificate, token_file, {}, [DEFAULT_POLICY])
    files = Files(tmp_path_factory.mktemp("clients"), pair, authority.pair.certificate, token_file)
    served = Served(files, world.server, client_ca=authority.pair.certificate, client_name=API_SERVER)
    yield served
    served.stop()
    world.close()


def ask(served: Served, client: Pair | None) -> int:
    """Return the status of a review sent with a client's certificate; 0 where nobody listened."""
    return post(served.port, served.context, PATH, client)


def test_the_api_server_is_answered(asked: Served, authority: Authority) -> None:
    assert ask(asked, authority.client("api-server", API_SERVER, ())) == 200


def test_without_a_certificate_nobody_listens(asked: Served) -> None:
    before = len(asked.records)
    assert ask(asked, None) == 0
    assert len(asked.records) == before


@pytest.mark.parametrize("name", ["agent:bot", "system:masters", f"{API_SERVER}x"])
def test_another_client_of_the_same_ca_is_hung_up_on(asked: Served, authority: Authority, name: str) -> None:
    before = len(asked.records)
    assert ask(asked, authority.client("other", name, ("system:masters",))) == 0
    assert len(asked.records) == before
    assert any(line["event"] == "a client other than the API server was refused" for line in asked.logs)


def test_a_certificate_of_another_ca_is_refused(asked: Served, tmp_path: Path) -> None:
    assert ask(asked, Authority(tmp_path).client("api-server", API_SERVER, ())) == 0


@pytest.mark.parametrize("given", ["client_ca", "client_name"])
def test_both_or_neither(tmp_path: Path, authority: Authority, pair: Pair, token_file: Path, given: str) -> None:
    files = Files(tmp_path, pair, authority.pair.certificate, token_file)
    options: dict[str, str | Path] = {"client_ca": authority.pair.certificate, "client_name": API_SERVER}
    done = run(*files.arguments("https://127.0.0.1:1", "0", "0", **{given: options[given]}), settings=files.settings)
    assert done.returncode == 2
    assert "belong together" in done.stderr
