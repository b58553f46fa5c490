"""What the gate asks the API server has a priority level of its own, access reviews included: no flood delays it (C103)."""

import json
import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
import yaml

from e2e.cluster.control_plane import ControlPlane
from e2e.waiting import wait_until
from tests.chart.helm import render

pytestmark = pytest.mark.cluster
SERVED_BY = re.compile(r"X-Kubernetes-Pf-Flowschema-Uid: (\S+)")
REVIEW = {
    "apiVersion": "authorization.k8s.io/v1",
    "kind": "SubjectAccessReview",
    "spec": {"user": "alice", "resourceAttributes": {"verb": "get", "resource": "pods"}},
}


@pytest.fixture(scope="module")
def place(control_plane: ControlPlane) -> Iterator[tuple[ControlPlane, str]]:
    """Return a release's namespace with its flow control in force."""
    namespace = f"chart-{uuid4().hex[:8]}"
    control_plane.kubectl("create", "namespace", namespace)
    kinds = {"FlowSchema", "PriorityLevelConfiguration"}
    made = yaml.safe_dump_all([one for one in render({}, namespace) if one["kind"] in kinds])
    control_plane.kubectl("apply", "--filename=-", input=made)
    for name in ("kubeapprove-webhook", "kubeapprove-operator", "somebody"):
        control_plane.service_account(namespace, name)
    try:
        yield control_plane, namespace
    finally:
        control_plane.kubectl("delete", "--filename=-", input=made)
        control_plane.kubectl("delete", "namespace", namespace, "--wait=false")


def served_by(place: tuple[ControlPlane, str], account: str, *command: str, body: object = None) -> str:
    """Return by which FlowSchema a request of a ServiceAccount is served, by the header that the API server sends."""
    control_plane, namespace = place
    sent = None if body is None else json.dumps(body)
    username = f"system:serviceaccount:{namespace}:{account}"
    done = control_plane.kubectl(*command, "-v=8", as_=username, input=sent, check=False)
    uids = set(SERVED_BY.findall(done.stderr.replace('"', "")))
    assert uids, done.stderr
    schemas = json.loads(control_plane.kubectl("get", "flowschemas", "--output=json").stdout)["items"]
    (name,) = {one["metadata"]["name"] for one in schemas if one["metadata"]["uid"] in uids}
    return str(name)


@pytest.mark.parametrize("account", ["kubeapprove-webhook", "kubeapprove-operator"])
def test_our_reads_and_reviews_have_a_level_of_their_own(place: tuple[ControlPlane, str], account: str) -> None:
    read = ("get", "--raw", "/api/v1/namespaces/kube-system")
    wait_until(lambda: served_by(place, account, *read) == "kubeapprove", "the level is in force")
    reviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
    assert served_by(place, account, "create", "--raw", reviews, "--filename=-", body=REVIEW) == "kubeapprove"


def test_nobody_else_has_it(place: tuple[ControlPlane, str]) -> None:
    assert served_by(place, "somebody", "get", "--raw", "/api/v1/namespaces/kube-system") == "service-accounts"
