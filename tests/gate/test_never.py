"""What no approval makes possible: refused before dry runs, and nobody is asked (C003, C009, C010, C018, C025, C028)."""

from typing import Any

import pytest

from tests.gate.asking import NO_WRITE_OF_AGENTS, Place, asked, refusal
from tests.gate.certificates import signing_request
from tests.gate.samples import KINDS, WIDGETS

pytestmark = pytest.mark.cluster


SYSTEM = "kubeapprove-system"
TOKEN = {"spec": {"expirationSeconds": 3600}}
US = {"kind": "ServiceAccount", "namespace": SYSTEM, "name": "kubeapprove-webhook"}
ROLE = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"}
RBAC = "/apis/rbac.authorization.k8s.io/v1"
CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/manifestapprovals.kubeapprove.io"
TOKEN_SECRET = {
    "metadata": {"name": "t", "annotations": {"kubernetes.io/service-account.name": "default"}},
    "type": "kubernetes.io/service-account-token",
}
LABEL = {"metadata": {"labels": {"a": "b"}}}
REQUESTS: dict[str, tuple[str, str, Any]] = {
    "token of a ServiceAccount": ("POST", "/api/v1/namespaces/NS/serviceaccounts/default/token", TOKEN),
    "token Secret": ("POST", "/api/v1/namespaces/NS/secrets", TOKEN_SECRET),
    "Helm release": (
        "POST",
        "/api/v1/namespaces/NS/secrets",
        {"metadata": {"name": "sh.helm.release.v1.web.v1"}, "type": "helm.sh/release.v1", "data": {"release": "QQ=="}},
    ),
    "Helm release that is called another type": (
        "POST",
        "/api/v1/namespaces/NS/secrets",
        {"metadata": {"name": "x", "labels": {"owner": "helm", "name": "web", "status": "deployed"}}, "data": {}},
    ),
    "Helm release in a ConfigMap": (
        "POST",
        "/api/v1/namespaces/NS/configmaps",
        {"metadata": {"name": "sh.helm.release.v1.web.v2"}, "data": {"release": "QQ=="}},
    ),
    "bootstrap token": (
        "POST",
        "/api/v1/namespaces/kube-system/secrets",
        {
            "metadata": {"name": "bootstrap-token-abcdef"},
            "type": "bootstrap.kubernetes.io/token",
            "stringData": {"token-id": "abcdef", "token-secret": "0123456789abcdef"},
        },
    ),
    "create in our namespace": ("POST", f"/api/v1/namespaces/{SYSTEM}/configmaps", {"metadata": {"name": "x"}}),
    "our Secret": ("DELETE", f"/api/v1/namespaces/{SYSTEM}/secrets/kubeapprove-webhook", None),
    "our ServiceAccount": ("PATCH", f"/api/v1/namespaces/{SYSTEM}/serviceaccounts/kubeapprove-webhook", LABEL),
    "our namespace": ("PATCH", f"/api/v1/namespaces/{SYSTEM}", LABEL),
    "delete our namespace": ("DELETE", f"/api/v1/namespaces/{SYSTEM}", None),
    "our CRD": ("PATCH", CRD, LABEL),
    "delete our CRD": ("DELETE", CRD, None),
    "another CRD of our group": (
        "POST",
        CRD.rpartition("/")[0],
        {
            **WIDGETS,
            "metadata": {"name": "widgets.kubeapprove.io"},
            "spec": {**WIDGETS["spec"], "group": "kubeapprove.io"},
        },
    ),
    "APIService of our group": (
        "POST",
        "/apis/apiregistration.k8s.io/v1/apiservices",
        {
            "metadata": {"name": "v2.kubeapprove.io"},
            "spec": {
                "group": "kubeapprove.io",
                "version": "v2",
                "groupPriorityMinimum": 1,
                "versionPriority": 1,
                "insecureSkipTLSVerify": True,
                "service": {"namespace": "NS", "name": "x"},
            },
        },
    ),
    "namespace of the approvals": ("DELETE", "/api/v1/namespaces/kubeapprove-approvals", None),
    "our binding": ("DELETE", f"{RBAC}/clusterrolebindings/kubeapprove-webhook", None),
    "our role": ("PATCH", f"{RBAC}/clusterroles/kubeapprove-webhook", {"rules": []}),
    "another binding of ours": (
        "POST",
        f"{RBAC}/namespaces/NS/rolebindings",
        {"metadata": {"name": "x"}, "roleRef": ROLE, "subjects": [US]},
    ),
    "how the cluster authenticates": (
        "PATCH",
        "/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication",
        {"data": {"a": "b"}},
    ),
    "aws-auth": ("POST", "/api/v1/namespaces/kube-system/configmaps", {"metadata": {"name": "aws-auth"}}),
}


@pytest.mark.parametrize("query", ["", "?dryRun=All"], ids=["real", "dry run"])
@pytest.mark.parametrize(("method", "path", "body"), REQUESTS.values(), ids=REQUESTS.keys())
def test_refused(place: Place, method: str, path: str, body: Any, query: str) -> None:
    path = path.replace("NS", place.namespace) + query
    refused = refusal(place.cp.raw(method, path, body, as_="agent"))
    assert refused.reason in (
        NO_WRITE_OF_AGENTS if (method, path.partition("?")[0]) == ("DELETE", CRD) else {"NeverAllowed"}
    )
    assert place.items("manifestapprovals") == []


PROXIES = (
    "/api/v1/namespaces/NS/pods/web/proxy/x",
    "/api/v1/namespaces/NS/services/web/proxy",
    "/api/v1/nodes/n/proxy/run",
)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", PROXIES)
def test_proxies(place: Place, path: str, method: str) -> None:
    place.given("pods", KINDS["Pod"].sample)
    place.given("services", KINDS["Service"].sample)
    refused = refusal(place.cp.raw(method, path.replace("NS", place.namespace), as_="agent"))
    assert refused.reason == "NeverAllowed"


def test_helm_is_told_what_to_do_instead(place: Place) -> None:
    _, path, body = REQUESTS["Helm release"]
    refused = refusal(place.cp.raw("POST", path.replace("NS", place.namespace), body, as_="agent"))
    assert "helm template … | kubectl apply --server-side" in refused.message


def test_a_certificate_signing_request_is_asked_for_and_never_approved(place: Place) -> None:
    path, name = "/apis/certificates.k8s.io/v1/certificatesigningrequests", place.namespace
    spec = {"request": signing_request("web"), "signerName": "example.org/x", "usages": ["client auth"]}
    body = {"metadata": {"name": name}, "spec": spec}
    assert asked(place.cp.raw("POST", path, body, as_="agent")).namespace == "kubeapprove-approvals"
    status, csr = place.cp.raw("POST", path, body)
    assert status == 201, csr
    csr["status"] = {"conditions": [{"type": "Approved", "status": "True", "reason": "x", "message": "x"}]}
    assert refusal(place.cp.raw("PUT", f"{path}/{name}/approval", csr, as_="agent")).reason == "NeverAllowed"
    # Through its status nobody approves, and what a signer would write there is asked for.
    assert place.cp.raw("PUT", f"{path}/{name}/status", csr, as_="agent")[0] == 422
    assert "conditions" not in place.cp.raw("GET", f"{path}/{name}")[1]["status"]
    failed = {"status": {"conditions": [{"type": "Failed", "status": "True", "reason": "x", "message": "x"}]}}
    assert asked(place.cp.raw("PATCH", f"{path}/{name}/status", failed, as_="agent")).reason == "ApprovalRequired"
