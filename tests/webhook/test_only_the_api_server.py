"""An API server that shows webhooks a client certificate, as docs/settings.md says, is heard; nobody else is."""

import base64
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.pki import Authority, Pair
from e2e.cluster.ports import free_port
from e2e.gated.gated import Gated
from e2e.gated.webhook import Webhook
from tests.gate.asking import Place, asked, decision
from tests.webhook.admission_files import USER, AdmissionFiles, documents
from tests.webhook.talking import post

pytestmark = pytest.mark.cluster
NAME = "kube-apiserver-webhook-client"
PATH_SECRET = "/api/v1/namespaces/kubeapprove-system/secrets/kubeapprove-webhook-path"
REGISTRATION = "/apis/admissionregistration.k8s.io/v1/{}webhookconfigurations/kubeapprove"
SERVICES = "/api/v1/namespaces/kubeapprove-system/services"


class OneClient(Webhook):
    """Listens to one client, at a port that was chosen before; its certificate is for its Service too."""

    clients: Authority

    def arguments(self) -> list[str]:
        """Return `serve` with whom it listens to."""
        return [*super().arguments(), f"--client-ca={self.clients.pair.certificate}", f"--client-name={NAME}"]

    def prepare(self, authority: Authority, settings: dict[str, object]) -> None:
        """Write its files."""
        self.write_files(settings)
        self._serving = authority.server("webhook", ("127.0.0.1", USER))


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs the API server's client certificate."""
    return Authority(tmp_path_factory.mktemp("clients"))


@pytest.fixture(scope="module")
def files(clients: Authority, tmp_path_factory: pytest.TempPathFactory) -> AdmissionFiles:
    return AdmissionFiles(tmp_path_factory.mktemp("admission"), clients.client("client", NAME, ()))


@pytest.fixture(scope="module")
def gated(files: AdmissionFiles, clients: Authority) -> Iterator[Gated]:
    """Ready: the API server was heard, or no agent's dry run would have been answered."""
    port = free_port()
    files.write(f"127.0.0.1:{port}")
    with ControlPlane(binaries=locate(build=False), admission=files.configuration) as control_plane:
        gated = Gated(control_plane)
        webhook = OneClient(control_plane, control_plane.state / "webhook")
        webhook.port, webhook.clients = port, clients
        gated.webhook = webhook
        with gated:
            yield gated


@pytest.fixture
def place(gated: Gated) -> Place:
    return new_place(gated)


@pytest.fixture
def restarted(gated: Gated, files: AdmissionFiles) -> Iterator[Callable[[str], None]]:
    """Have the API server show its certificate to somebody else, or to nobody; to our webhook again in the end."""

    def restart(user: str) -> None:
        if user:
            files.write(user)
        else:
            files.write_nothing()
        gated.control_plane.restart_apiserver()

    yield restart
    restart(f"127.0.0.1:{gated.webhook.port}")
    for kind in ("validating", "mutating"):
        assert gated.control_plane.raw("DELETE", REGISTRATION.format(kind))[0] == 200
    gated.register(gated.webhook.url)


def new_place(gated: Gated) -> Place:
    """Return an empty namespace, made by a person."""
    name = f"webhook-{uuid4().hex[:8]}"
    status, answer = gated.control_plane.raw("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    assert status == 201, answer
    return Place(gated, name)


def is_judged(place: Place) -> None:
    """An agent's change is asked for, approved, and made once."""
    place.approve(asked(place.ask()))
    assert place.ask()[0] == 201
    assert place.delete("configmaps", "web", as_="admin")[0] == 200
    assert place.ask()[1]["reason"] == "ApprovalRequired"


def posted(gated: Gated, client: Pair | None) -> int:
    """Return the answer to a review of a client that knows the secret path; 0 where it was hung up on."""
    path = base64.b64decode(gated.control_plane.raw("GET", PATH_SECRET)[1]["data"]["path"]).decode()
    context = ssl.create_default_context(cafile=str(gated.authority.pair.certificate))
    return post(gated.webhook.port, context, path, client)


def test_the_page_has_both_files() -> None:
    assert set(documents()) == {"configuration.yaml", "webhooks.kubeconfig"}


def test_the_api_server_is_heard(place: Place) -> None:
    is_judged(place)


def test_a_client_with_the_right_certificate_is_too(gated: Gated, clients: Authority) -> None:
    assert posted(gated, clients.client("same", NAME, ())) == 200


def test_nobody_else_is(gated: Gated, clients: Authority, tmp_path: Path) -> None:
    before = gated.webhook.answers()
    assert posted(gated, None) == 0
    assert posted(gated, clients.client("other", "kube-apiserver", ("system:masters",))) == 0
    assert posted(gated, Authority(tmp_path).client("same", NAME, ())) == 0
    assert gated.webhook.answers() == before


@pytest.mark.faults
def test_an_api_server_that_shows_nothing_is_not_and_people_go_on(
    gated: Gated, restarted: Callable[[str], None], place: Place
) -> None:
    waiting = asked(place.ask())
    restarted("")
    status, answer = place.ask()
    assert (status, "failed calling webhook" in answer["message"]) == (500, True), answer
    uid = place.approval(waiting)["metadata"]["uid"]
    status, answer = place.patch_approval(waiting, {"spec": {"decisions": {"alice": decision(uid)}}})
    assert (status, "failed calling webhook" in answer["message"]) == (500, True), answer
    assert place.ask(as_="carol")[0] == 201
    assert place.exists("configmaps", "web")
    assert gated.webhook.health("/readyz") == 200


@pytest.mark.faults
def test_a_certificate_for_another_host_is_not_shown_to_us(restarted: Callable[[str], None], place: Place) -> None:
    restarted("127.0.0.1:1")
    assert place.ask()[0] == 500


@pytest.mark.faults
def test_one_for_every_webhook_is(restarted: Callable[[str], None], place: Place) -> None:
    restarted("*")
    is_judged(place)


@pytest.mark.faults
def test_by_the_name_of_the_service(gated: Gated, restarted: Callable[[str], None], place: Place) -> None:
    port, name, namespace = gated.webhook.port, *USER.split(".")[:2]
    spec = {"type": "ExternalName", "externalName": "localhost"}
    assert place.cp.raw("POST", SERVICES, {"metadata": {"name": name}, "spec": spec})[0] == 201
    for kind in ("validating", "mutating"):
        path = REGISTRATION.format(kind)
        found = place.cp.raw("GET", path)[1]
        for hook in found["webhooks"]:
            tail = hook["clientConfig"].pop("url").removeprefix(gated.webhook.url)
            hook["clientConfig"]["service"] = {"namespace": namespace, "name": name, "port": port, "path": tail}
        assert place.cp.raw("PUT", path, found)[0] == 200
    restarted(f"{USER}:{port}")
    is_judged(place)
    restarted(f"{USER}x:{port}")
    assert place.ask()[0] == 500
