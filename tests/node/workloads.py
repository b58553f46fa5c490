"""What the tests put on nodes."""

import json
from collections.abc import Callable
from typing import Any

from e2e.node.cluster import RealCluster
from e2e.node.fixture import PROBE_IMAGE
from e2e.waiting import wait_until


def deploy(cluster: RealCluster, namespace: str, name: str, *, replicas: int = 1, **more: Any) -> None:
    """Make a Deployment of `probe` and a Service of the same name, and wait until all of it is available.

    `more` goes into the container; the Pods spread over the nodes.
    """
    labels = {"app": name}
    container = {"name": name, "image": PROBE_IMAGE, "imagePullPolicy": "Never", **more.pop("container", {})}
    spread = {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "DoNotSchedule"}
    pod = {
        "containers": [container],
        "terminationGracePeriodSeconds": 1,
        "topologySpreadConstraints": [{**spread, "labelSelector": {"matchLabels": labels}}],
        **more,
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
    kubectl = cluster.control_plane.kubectl
    kubectl("apply", f"--namespace={namespace}", "--filename=-", input=json.dumps(deployment))
    cluster.wait_available(namespace, name)


def expose(cluster: RealCluster, namespace: str, name: str, *, port: int = 80, target: int = 8080) -> str:
    """Make a Service for a Deployment; returns its cluster address."""
    kubectl = cluster.control_plane.kubectl
    kubectl("expose", f"--namespace={namespace}", f"deployment/{name}", f"--port={port}", f"--target-port={target}")
    where = ("get", f"--namespace={namespace}", f"service/{name}", "--output=jsonpath={.spec.clusterIP}")
    return kubectl(*where).stdout


def inside(cluster: RealCluster, namespace: str, where: str, *command: str) -> str:
    """Run `probe` inside a Pod and return what it printed."""
    return cluster.control_plane.kubectl("exec", f"--namespace={namespace}", where, "--", "/probe", *command).stdout


def answers(cluster: RealCluster, namespace: str, where: str, url: str) -> str:
    """Ask from inside a Pod: the Pod that answered, or "" while the node's kube-proxy does not know the Service yet."""
    command = ("exec", f"--namespace={namespace}", where, "--", "/probe", "get", url)
    done = cluster.control_plane.kubectl(*command, check=False)
    return done.stdout.removeprefix("200\n").strip() if done.returncode == 0 else ""


def everybody_answers(ask: Callable[[], str], expected: set[str], *, at_least: bool = False) -> None:
    """Return when each of the Pods has answered, and nobody else unless `at_least`."""
    answered: set[str] = set()

    def asked() -> bool:
        answered.update({ask()} - {""})
        return answered >= expected

    wait_until(asked, f"{', '.join(expected)} have answered", 60)
    assert at_least or answered == expected


def pods(cluster: RealCluster, namespace: str) -> dict[str, str]:
    """Return each Pod's node."""
    listed = cluster.control_plane.kubectl("get", "pods", f"--namespace={namespace}", "--output=json").stdout
    return {pod["metadata"]["name"]: pod["spec"].get("nodeName", "") for pod in json.loads(listed)["items"]}
