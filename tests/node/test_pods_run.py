"""Two real nodes with real Pods: what a chart and its users rely on."""

import json
from urllib.request import urlopen

import pytest

from e2e.cluster.cache import kubernetes_version
from e2e.node.cluster import RealCluster
from tests.node.workloads import answers, deploy, everybody_answers, expose, inside, pods

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def test_nodes_are_ready_and_of_the_version_we_promise(real_cluster: RealCluster) -> None:
    nodes = json.loads(real_cluster.control_plane.kubectl("get", "nodes", "--output=json").stdout)["items"]
    versions = {node["metadata"]["name"]: node["status"]["nodeInfo"]["kubeletVersion"] for node in nodes}
    assert versions == dict.fromkeys(("one", "two"), f"v{kubernetes_version()}")


def test_pods_spread_over_both_nodes_and_have_logs(real_cluster: RealCluster, namespace: str) -> None:
    deploy(real_cluster, namespace, "web", replicas=2)
    placed = pods(real_cluster, namespace)
    assert set(placed.values()) == {"one", "two"}
    for pod in placed:
        logs = real_cluster.control_plane.kubectl("logs", f"--namespace={namespace}", pod).stdout
        assert logs == f"serving as {pod}\n"


def test_service_is_answered_by_every_pod_to_pods_and_to_the_host(real_cluster: RealCluster, namespace: str) -> None:
    deploy(real_cluster, namespace, "web", replicas=2)
    deploy(real_cluster, namespace, "client")
    address = expose(real_cluster, namespace, "web")
    expected = {pod for pod in pods(real_cluster, namespace) if pod.startswith("web")}

    for name in (address, "web"):
        everybody_answers(lambda: answers(real_cluster, namespace, "deployment/client", f"http://{name}"), expected)  # noqa: B023
    everybody_answers(lambda: _from_host(f"http://{address}"), expected)


def test_pod_reaches_itself_by_its_service(real_cluster: RealCluster, namespace: str) -> None:
    deploy(real_cluster, namespace, "web")
    expose(real_cluster, namespace, "web")
    expected = set(pods(real_cluster, namespace))
    everybody_answers(lambda: answers(real_cluster, namespace, "deployment/web", "http://web"), expected)


def test_names_resolve_inside(real_cluster: RealCluster, namespace: str) -> None:
    deploy(real_cluster, namespace, "web")
    address = expose(real_cluster, namespace, "web")
    full = f"web.{namespace}.svc.cluster.local"
    assert inside(real_cluster, namespace, "deployment/web", "resolve", full).split() == [address]


def test_service_account_of_a_pod_reaches_the_api_server(real_cluster: RealCluster, namespace: str) -> None:
    deploy(real_cluster, namespace, "web")
    credentials = ("-ca", f"{ACCOUNT}/ca.crt", "-token", f"{ACCOUNT}/token")
    path = f"https://kubernetes.default.svc/api/v1/namespaces/{namespace}/secrets"
    answer = inside(real_cluster, namespace, "deployment/web", "get", *credentials, path)
    assert answer.startswith("403")
    assert f"system:serviceaccount:{namespace}:default" in answer


def test_api_server_proxies_to_a_pod(real_cluster: RealCluster, namespace: str) -> None:
    deploy(real_cluster, namespace, "web")
    expose(real_cluster, namespace, "web")
    path = f"/api/v1/namespaces/{namespace}/services/web:80/proxy/"
    assert real_cluster.control_plane.kubectl("get", "--raw", path).stdout.startswith("web-")


def _from_host(url: str) -> str:
    with urlopen(url, timeout=5) as answer:  # noqa: S310
        return str(answer.read().decode().strip())
