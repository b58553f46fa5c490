"""A Pod's certificate is asked for by its node; whoever holds it is that Pod's ServiceAccount. Never by an agent (C010)."""

import pytest
from cryptography.hazmat.primitives import serialization

from tests.gate.asking import Place, refusal
from tests.gate.certificates import signing_request
from tests.gate.samples import KINDS

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("query", ["", "?dryRun=All"])
def test_never(place: Place, query: str) -> None:
    pod, account = place.given("pods", KINDS["Pod"].sample), place.get("serviceaccounts", "default")
    spec = {
        "signerName": "kubernetes.io/kube-apiserver-client-pod",
        "podName": "web",
        "podUID": pod["metadata"]["uid"],
        "serviceAccountName": "default",
        "serviceAccountUID": account["metadata"]["uid"],
        "nodeName": "n",
        "nodeUID": "00000000-0000-4000-8000-000000000000",
        "stubPKCS10Request": signing_request(encoding=serialization.Encoding.DER),
    }
    path = f"/apis/certificates.k8s.io/v1/namespaces/{place.namespace}/podcertificaterequests"
    answer = place.cp.raw("POST", path + query, {"metadata": {"name": "web"}, "spec": spec}, as_="agent")
    assert refusal(answer).reason == "NeverAllowed"
