"""What an agent may never do, whatever is approved; in a dry run as well."""

from dataclasses import replace
from typing import Any

import pytest

from kubeapprove.never import HELM_REMEDY, never
from kubeapprove.reasons import Reason
from kubeapprove.request import Operation, Request
from kubeapprove.verdict import Action, before_change
from tests.verdict import scenes
from tests.verdict.scenes import NOW, POLICIES, SETTINGS

RBAC = "rbac.authorization.k8s.io"
OWN_ACCOUNT = {"kind": "ServiceAccount", "namespace": "kubeapprove-system", "name": "kubeapprove-webhook"}
OWN_USER = {"kind": "User", "name": "system:serviceaccount:kubeapprove-system:kubeapprove-operator"}


def obj(name: str, **fields: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, **fields}


def write(where: str, name: str, body: dict[str, Any], namespace: str = "default") -> dict[Operation, Request]:
    """Return every way to write `group/plural[/subresource]`; a collection's DELETE has no name."""
    group, plural, *subresource = where.split("/")
    base = scenes.request(
        resource={"group": group, "version": "v1", "resource": plural},
        subResource="".join(subresource),
        name=name,
        namespace=namespace,
        object=body,
        oldObject=body,
    )
    return {
        Operation.CREATE: replace(base, operation=Operation.CREATE, old_object=None),
        Operation.UPDATE: base,
        Operation.DELETE: replace(base, operation=Operation.DELETE, object=None, name=""),
    }


WRITES: dict[str, tuple[dict[Operation, Request], str]] = {
    "an approval": (write("kubeapprove.io/manifestapprovals", "m", obj("m", spec={})), "never write to kubeapprove.io"),
    "an approval's status": (
        write("kubeapprove.io/manifestapprovals/status", "m", obj("m", spec={})),
        "never write to kubeapprove.io",
    ),
    "a policy": (write("kubeapprove.io/approvalpolicies", "p", obj("p")), "never write to kubeapprove.io"),
    "our CRD": (
        write("apiextensions.k8s.io/customresourcedefinitions", "x.kubeapprove.io", obj("x.kubeapprove.io"), ""),
        "definitions of kubeapprove.io",
    ),
    "our CRD's status": (
        write("apiextensions.k8s.io/customresourcedefinitions/status", "x.kubeapprove.io", obj("x.kubeapprove.io"), ""),
        "definitions of kubeapprove.io",
    ),
    "a CRD of our group by what it says": (
        write("apiextensions.k8s.io/customresourcedefinitions", "y", obj("y", spec={"group": "kubeapprove.io"}), ""),
        "definitions of kubeapprove.io",
    ),
    "a CRD of a group below ours": (
        write("apiextensions.k8s.io/customresourcedefinitions", "y", obj("y", spec={"group": "a.kubeapprove.io"}), ""),
        "definitions of kubeapprove.io",
    ),
    "our APIService": (
        write("apiregistration.k8s.io/apiservices", "v1alpha1.kubeapprove.io", obj("v1alpha1.kubeapprove.io"), ""),
        "definitions of kubeapprove.io",
    ),
    "the system namespace": (
        write("/namespaces", "kubeapprove-system", obj("kubeapprove-system"), "kubeapprove-system"),
        "the namespace kubeapprove-system",
    ),
    "the system namespace, by its object alone": (
        write("/namespaces", "", obj("kubeapprove-system"), ""),
        "the namespace kubeapprove-system",
    ),
    "the system namespace's finalizers": (
        write("/namespaces/finalize", "kubeapprove-system", obj("kubeapprove-system"), ""),
        "the namespace kubeapprove-system",
    ),
    "the namespace of the approvals": (
        write("/namespaces", "kubeapprove-approvals", obj("kubeapprove-approvals"), "kubeapprove-approvals"),
        "the namespace kubeapprove-approvals",
    ),
    "anything in it": (write("/configmaps", "a", obj("a"), "kubeapprove-system"), "the namespace kubeapprove-system"),
    "a binding of our ServiceAccount": (
        write(f"{RBAC}/rolebindings", "b", obj("b", subjects=[{"kind": "User", "name": "x"}, OWN_ACCOUNT])),
        "the rights of the gate's own",
    ),
    "a binding of our ServiceAccount as a user": (
        write(f"{RBAC}/clusterrolebindings", "b", obj("b", subjects=[OWN_USER]), ""),
        "the rights of the gate's own",
    ),
    "a binding of our namespace's ServiceAccounts": (
        write(
            f"{RBAC}/rolebindings",
            "b",
            obj("b", subjects=[{"kind": "Group", "name": "system:serviceaccounts:kubeapprove-system"}]),
        ),
        "the rights of the gate's own",
    ),
    "a binding of all ServiceAccounts": (
        write(f"{RBAC}/rolebindings", "b", obj("b", subjects=[{"kind": "Group", "name": "system:serviceaccounts"}])),
        "the rights of the gate's own",
    ),
    "a binding of everybody": (
        write(f"{RBAC}/clusterrolebindings", "b", obj("b", subjects=[{"kind": "Group", "name": "system:authenticated"}])),
        "the rights of the gate's own",
    ),
    "our role": (write(f"{RBAC}/roles", "kubeapprove-webhook", obj("kubeapprove-webhook")), "the rights of the gate's own"),
    "our cluster role, by its object alone": (
        write(f"{RBAC}/clusterroles", "", obj("kubeapprove-operator"), ""),
        "the rights of the gate's own",
    ),
    "a token": (write("/serviceaccounts/token", "sa", obj("sa", spec={})), "mint ServiceAccount tokens"),
    "a token Secret": (
        write("/secrets", "t", obj("t", type="kubernetes.io/service-account-token")),
        "mint ServiceAccount tokens",
    ),
    "a bootstrap token": (
        write("/secrets", "bootstrap-token-abcdef", obj("s", type="bootstrap.kubernetes.io/token"), "kube-system"),
        "mint bootstrap tokens",
    ),
    "a Pod's certificate": (
        write("certificates.k8s.io/podcertificaterequests", "c", obj("c", spec={"signerName": "example.org/x"})),
        "ask for a Pod's certificate",
    ),
    "what a signer says of it": (
        write("certificates.k8s.io/podcertificaterequests/status", "c", obj("c")),
        "ask for a Pod's certificate",
    ),
    "an approval of a certificate request": (
        write("certificates.k8s.io/certificatesigningrequests/approval", "c", obj("c"), ""),
        "certificate signing requests",
    ),
    "aws-auth": (write("/configmaps", "aws-auth", obj("aws-auth"), "kube-system"), "authenticates its callers"),
    "aws-auth, by its object alone": (write("/configmaps", "", obj("aws-auth"), "kube-system"), "authenticates its callers"),
    "extension-apiserver-authentication": (
        write(
            "/configmaps",
            "extension-apiserver-authentication",
            obj("extension-apiserver-authentication"),
            "kube-system",
        ),
        "authenticates its callers",
    ),
    "a Helm release": (write("/secrets", "s", obj("s", type="helm.sh/release.v1")), HELM_REMEDY),
    "a Helm release by its name": (write("/secrets", "s", obj("sh.helm.release.v1.a.v1", type="Opaque")), HELM_REMEDY),
    "a Helm release by its label": (
        write("/secrets", "s", {"metadata": {"name": "s", "labels": {"owner": "helm"}}, "type": "Opaque"}),
        HELM_REMEDY,
    ),
    "a Helm release in a ConfigMap": (
        write("/configmaps", "s", {"metadata": {"name": "s", "labels": {"owner": "helm"}}}),
        HELM_REMEDY,
    ),
}  # fmt: skip


@pytest.mark.parametrize("dry_run", [False, True], ids=["for real", "dry run"])
@pytest.mark.parametrize("operation", [Operation.CREATE, Operation.UPDATE, Operation.DELETE])
@pytest.mark.parametrize("name", WRITES)
def test_write(name: str, operation: Operation, dry_run: bool) -> None:
    requests, sentence = WRITES[name]
    verdict = before_change(replace(requests[operation], dry_run=dry_run), SETTINGS, POLICIES, NOW)
    assert verdict is not None
    assert (verdict.action, verdict.reason) == (Action.DENY, Reason.NEVER_ALLOWED)
    assert sentence in verdict.sentence


def test_the_remedy_for_helm_is_a_command() -> None:
    assert "helm template … | kubectl apply --server-side -f -" in HELM_REMEDY


EITHER: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "subjects of a binding": (f"{RBAC}/rolebindings", obj("b", subjects=[OWN_ACCOUNT]), obj("b", subjects=[])),
    "the label of Helm": (
        "/configmaps",
        {"metadata": {"name": "s", "labels": {"owner": "helm"}}},
        {"metadata": {"name": "s", "labels": None}},
    ),
    "type of a Secret": ("/secrets", obj("s", type="kubernetes.io/service-account-token"), obj("s", type="Opaque")),
    "group of a CRD": (
        "apiextensions.k8s.io/customresourcedefinitions",
        obj("y", spec={"group": "kubeapprove.io"}),
        obj("y", spec={"group": "x.io"}),
    ),
}


@pytest.mark.parametrize("turned", [False, True], ids=["goes", "comes"])
@pytest.mark.parametrize("name", EITHER)
def test_an_update_is_judged_by_both_objects(name: str, turned: bool) -> None:
    where, ours, other = EITHER[name]
    old, new = (other, ours) if turned else (ours, other)
    request = replace(write(where, "b", ours)[Operation.UPDATE], old_object=old, object=new)
    assert never(request, SETTINGS) is not None


@pytest.mark.parametrize("plural", ["pods", "services", "nodes"])
def test_proxies(plural: str) -> None:
    """C003."""
    request = scenes.request(
        operation="CONNECT",
        resource={"group": "", "version": "v1", "resource": plural},
        subResource="proxy",
        object={"path": "/"},
        oldObject=None,
    )
    assert "only a path" in str(never(request, SETTINGS))


def near(where: str, name: str = "n", body: dict[str, Any] | None = None, namespace: str = "default") -> Request:
    return write(where, name, obj(name) if body is None else body, namespace)[Operation.UPDATE]


NEAR: dict[str, Request] = {
    "a group that ends like ours": near("notkubeapprove.io/manifestapprovals"),
    "a CRD of another group": near(
        "apiextensions.k8s.io/customresourcedefinitions", "manifestapprovals.notkubeapprove.io", namespace=""
    ),
    "a CRD without a spec": near("apiextensions.k8s.io/customresourcedefinitions", "a.x.io", {"spec": None}, ""),
    "our CRD's name as a ConfigMap": near("/configmaps", "manifestapprovals.kubeapprove.io"),
    "a namespace that begins like ours": near("/namespaces", "kubeapprove-system-2", namespace="kubeapprove-system-2"),
    "our namespace's name as a ConfigMap": near("/configmaps", "kubeapprove-system"),
    "a binding of others": near(
        f"{RBAC}/rolebindings",
        body=obj(
            "n",
            subjects=[
                {**OWN_ACCOUNT, "namespace": "default"},
                {**OWN_ACCOUNT, "name": "default"},
                {"kind": "User", "name": "kubeapprove-webhook"},
                {"kind": "Group", "name": "system:serviceaccounts:default"},
                {"kind": "Other", "name": "system:authenticated"},
                "no object",
            ],
        ),
    ),
    "a binding without subjects": near(f"{RBAC}/rolebindings", body=obj("n", subjects=None)),
    "another role": near(f"{RBAC}/roles", "kubeapprove"),
    "a binding called like our role": near(f"{RBAC}/rolebindings", "kubeapprove-webhook"),
    "a ServiceAccount": near("/serviceaccounts"),
    "another group's ServiceAccount tokens": near("x.io/serviceaccounts/token"),
    "a Secret": near("/secrets", body=obj("n", type="Opaque")),
    "a Secret without a type": near("/secrets"),
    "another kind of that type": near("/configmaps", body=obj("n", type="helm.sh/release.v1")),
    "what a chart of Helm makes": near(
        "/configmaps",
        body={"metadata": {"name": "n", "labels": {"app.kubernetes.io/managed-by": "Helm", "owner": "x"}}},
    ),
    "labels that are none": near("/configmaps", body={"metadata": {"name": "n", "labels": ["owner"]}}),
    "another kind with the label of Helm": near(
        "/services", body={"metadata": {"name": "n", "labels": {"owner": "helm"}}}
    ),
    "another group's Secrets": near("x.io/secrets", body=obj("n", type="kubernetes.io/service-account-token")),
    "a certificate request": near("certificates.k8s.io/certificatesigningrequests", namespace=""),
    "a certificate request's status": near("certificates.k8s.io/certificatesigningrequests/status", namespace=""),
    "aws-auth elsewhere": near("/configmaps", "aws-auth", namespace="default"),
    "aws-auth as a Secret": near("/secrets", "aws-auth", namespace="kube-system"),
    "another ConfigMap of kube-system": near("/configmaps", "coredns", namespace="kube-system"),
    "exec": scenes.connect("exec", command=["id"]),
}


@pytest.mark.parametrize("name", NEAR)
def test_near_misses_can_be_asked_for(name: str) -> None:
    assert before_change(NEAR[name], SETTINGS, POLICIES, NOW) is None
