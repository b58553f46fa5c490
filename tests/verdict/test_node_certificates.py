"""Nobody's agent asks for a node's certificate: the cluster approves some of them by itself."""

from typing import Any

import pytest

from kubeapprove.never import never
from kubeapprove.request import read_request
from kubeapprove.settings import Settings


def csr(signer: str) -> dict[str, Any]:
    return {
        "uid": "r",
        "operation": "CREATE",
        "resource": {"group": "certificates.k8s.io", "version": "v1", "resource": "certificatesigningrequests"},
        "name": "c",
        "userInfo": {"username": "agent"},
        "object": {"metadata": {"name": "c"}, "spec": {"signerName": signer}},
    }


@pytest.mark.parametrize("signer", ["kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/kubelet-serving"])
def test_a_nodes_certificate_is_never_asked_for(signer: str) -> None:
    assert "node's certificate" in str(never(read_request(csr(signer)), Settings()))


def test_other_certificates_can_be_asked_for() -> None:
    assert never(read_request(csr("example.com/signer")), Settings()) is None
