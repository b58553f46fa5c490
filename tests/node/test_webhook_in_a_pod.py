"""A webhook that runs in a Pod is asked by the API server, by its Service."""

import base64
import json
from pathlib import Path

import pytest

from e2e.cluster.pki import Authority
from e2e.node.cluster import RealCluster
from e2e.waiting import wait_until
from tests.node.workloads import deploy, expose

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]


def test_webhook_in_a_pod_is_asked_through_its_service(
    real_cluster: RealCluster, namespace: str, tmp_path: Path
) -> None:
    kubectl = real_cluster.control_plane.kubectl
    authority = Authority(tmp_path)
    pair = authority.server("hook", (f"hook.{namespace}.svc",))
    files = (f"--cert={pair.certificate}", f"--key={pair.key}")
    kubectl("create", "secret", "tls", "hook", f"--namespace={namespace}", *files)
    mount = {"name": "tls", "mountPath": "/tls", "readOnly": True}
    container = {"args": ["refuse", "/tls/tls.crt", "/tls/tls.key"], "volumeMounts": [mount]}
    deploy(
        real_cluster,
        namespace,
        "hook",
        replicas=2,
        container=container,
        volumes=[{"name": "tls", "secret": {"secretName": "hook"}}],
    )
    expose(real_cluster, namespace, "hook", port=443, target=8443)
    registration = _registration(namespace, authority.pair.certificate)
    kubectl("apply", "--filename=-", input=json.dumps(registration))
    try:
        create = ("create", "configmap", "any", f"--namespace={namespace}", "--dry-run=server")

        def refused() -> bool:
            done = kubectl(*create, check=False)
            return done.returncode != 0 and "denied the request: refused by hook-" in done.stderr

        wait_until(refused, "the webhook in the Pod has refused")
    finally:
        kubectl("delete", "validatingwebhookconfiguration", namespace)


def _registration(namespace: str, ca: Path) -> dict[str, object]:
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
    webhook = {
        "name": "hook.kubeapprove.invalid",
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
        "rules": [rule],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "clientConfig": {
            "service": {"namespace": namespace, "name": "hook", "path": "/"},
            "caBundle": base64.b64encode(ca.read_bytes()).decode(),
        },
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": namespace},
        "webhooks": [webhook],
    }
