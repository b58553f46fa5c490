"""CoreDNS as a Deployment, as kubeadm installs it: names of Services inside, nothing outside, since there is none."""

from pathlib import Path
from typing import Any

from e2e.node.images import Image, programs_folder

IMAGE = "kubeapprove.local/coredns:1"
COREFILE = """\
.:53 {
    errors
    health {
        lameduck 1s
    }
    ready
    kubernetes cluster.local in-addr.arpa {
        pods insecure
        ttl 5
    }
    cache 5
}
"""
LABELS = {"k8s-app": "kube-dns"}
PLACE = {"namespace": "kube-system"}


def image(binary: Path, folder: Path) -> Image:
    """Return the image of the program alone."""
    return Image(IMAGE, programs_folder(folder, binary), entrypoint=("/coredns",))


def objects(address: str, replicas: int) -> dict[str, Any]:
    """Return everything that is applied, as one List."""
    reads = [
        {"apiGroups": [""], "resources": ["services", "pods", "namespaces"], "verbs": ["list", "watch"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
    ]
    role = "system:coredns"
    items = [
        _object("v1", "ServiceAccount", "coredns", PLACE),
        {**_object("rbac.authorization.k8s.io/v1", "ClusterRole", role, {}), "rules": reads},
        {
            **_object("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", role, {}),
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
            "subjects": [{"kind": "ServiceAccount", "name": "coredns", **PLACE}],
        },
        {**_object("v1", "ConfigMap", "coredns", PLACE), "data": {"Corefile": COREFILE}},
        {**_object("apps/v1", "Deployment", "coredns", PLACE), "spec": _deployment(replicas)},
        {**_object("v1", "Service", "kube-dns", PLACE), "spec": _service(address)},
    ]
    return {"apiVersion": "v1", "kind": "List", "items": items}


def _object(version: str, kind: str, name: str, place: dict[str, str]) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **place}}


def _service(address: str) -> dict[str, Any]:
    ports = [{"name": f"dns-{protocol.lower()}", "port": 53, "protocol": protocol} for protocol in ("UDP", "TCP")]
    return {"clusterIP": address, "selector": LABELS, "ports": ports}


def _deployment(replicas: int) -> dict[str, Any]:
    container = {
        "name": "coredns",
        "image": IMAGE,
        "imagePullPolicy": "Never",
        "args": ["-conf", "/etc/coredns/Corefile"],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 1},
        "volumeMounts": [{"name": "configuration", "mountPath": "/etc/coredns", "readOnly": True}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
        },
    }
    # One on each node, so that names outlive one of them.
    spread = {"maxSkew": 1, "topologyKey": "kubernetes.io/hostname", "whenUnsatisfiable": "ScheduleAnyway"}
    pod = {
        "topologySpreadConstraints": [{**spread, "labelSelector": {"matchLabels": LABELS}}],
        "serviceAccountName": "coredns",
        "priorityClassName": "system-cluster-critical",
        "dnsPolicy": "Default",
        "containers": [container],
        "volumes": [{"name": "configuration", "configMap": {"name": "coredns"}}],
    }
    template = {"metadata": {"labels": LABELS}, "spec": pod}
    return {"replicas": replicas, "selector": {"matchLabels": LABELS}, "template": template}
