"""`E2E_CLUSTER=current` takes whatever cluster a kubeconfig reaches, unless it has a kubeapprove, and leaves it as it was."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.control_plane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.node.images import Image
from e2e.release.choice import chosen
from e2e.release.current import CurrentCluster

pytestmark = pytest.mark.cluster
AGENT = "system:serviceaccount:ai:deployer"


@pytest.fixture(scope="module")
def bare() -> Iterator[ControlPlane]:
    """A cluster that nobody has done anything to."""
    with ControlPlane() as control_plane:
        yield control_plane


def cluster_of(control_plane: ControlPlane) -> CurrentCluster:
    kubeconfig = str(control_plane.kubeconfig("admin"))
    return CurrentCluster(kubeconfig, kubectl=str(control_plane.kubectl_binary), helm=str(control_plane.kubectl_binary))


def who(cluster: CurrentCluster, as_: str) -> str:
    answer = cluster.kubectl("auth", "whoami", "--output=json", as_=as_)
    return str(json.loads(answer.stdout)["status"]["userInfo"]["username"])


def test_everybody_who_is_needed_can_speak_to_it(bare: ControlPlane) -> None:
    with cluster_of(bare) as cluster:
        cluster.kubectl("create", "namespace", "ai")
        cluster.service_account("ai", "deployer")
        assert (who(cluster, "admin"), who(cluster, "alice")) == ("admin", "alice")
        assert cluster.raw("GET", "/api/v1/namespaces/ai")[0] == 200
        assert cluster.raw("PATCH", "/api/v1/namespaces/ai", {"metadata": {"labels": {"a": "b"}}})[0] == 200
        status, answer = cluster.raw("GET", "/api/v1/namespaces/ai", as_=AGENT)
        assert (status, AGENT in answer["message"]) == (403, True)
        state = cluster.state
    assert not state.exists()
    assert bare.raw("GET", "/api/v1/namespaces/ai")[0] == 404


def test_one_with_a_kubeapprove_is_left_alone(bare: ControlPlane) -> None:
    bare.kubectl("create", "namespace", "kubeapprove-system")
    try:
        with pytest.raises(ClusterError, match="has namespace/kubeapprove-system already"):
            cluster_of(bare).start()
        assert bare.raw("GET", "/api/v1/namespaces/kubeapprove-system")[1]["status"]["phase"] == "Active"
    finally:
        bare.kubectl("delete", "namespace", "kubeapprove-system")


def test_images_cannot_be_brought_to_it(bare: ControlPlane, tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="push it to a registry"):
        cluster_of(bare).import_image(Image("kubeapprove:1", tmp_path))


def test_without_a_context_one_sentence_says_so(bare: ControlPlane, tmp_path: Path) -> None:
    empty = CurrentCluster(str(tmp_path / "none"), kubectl=str(bare.kubectl_binary), helm=str(bare.kubectl_binary))
    with pytest.raises(ClusterError, match="no current context to try the chart in"):
        empty.start()


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("E2E_CLUSTER", "minikube", "set it to node, kind, current"),
        ("E2E_IMAGE", "registry.example.org:5000/kubeapprove", "with its tag"),
    ],
)
def test_what_is_set_wrong_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, setting: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv("E2E_CLUSTER", "current")
    monkeypatch.setenv(setting, value)
    with pytest.raises(ClusterError, match=sentence), chosen(pytest.fail, tmp_path):
        pytest.fail("it was taken")
