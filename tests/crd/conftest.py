"""A namespace with the CRD on the real API server, and few words to write approvals in it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from e2e.cluster.control_plane import ControlPlane
from kubeapprove import crd
from tests.crd import samples

Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Approvals:
    """Writes as admin, so that nothing but the schema and its rules can refuse."""

    control_plane: ControlPlane
    namespace: str

    def path(self, name: str = "", subresource: str = "") -> str:
        """Return the URL path of the collection, of one approval or of its subresource."""
        collection = f"/apis/kubeapprove.io/v1alpha1/namespaces/{self.namespace}/manifestapprovals"
        return "/".join(part for part in (collection, name, subresource) if part)

    def create(self, name: str = "a", *, status: dict[str, Any] | None = None, **fields: Any) -> Answer:
        """Create an approval; keyword arguments are fields of its spec."""
        document = samples.approval(name, self.namespace, **fields)
        if status is not None:
            document["status"] = status
        return self.control_plane.raw("POST", self.path(), document)

    def get(self, name: str = "a") -> dict[str, Any]:
        """Return one approval that must be there."""
        code, answer = self.control_plane.raw("GET", self.path(name))
        assert code == 200, answer
        return answer

    def patch(self, name: str = "a", **fields: Any) -> Answer:
        """Merge fields into the spec."""
        return self.control_plane.raw("PATCH", self.path(name), {"spec": fields})

    def patch_status(self, name: str = "a", **fields: Any) -> Answer:
        """Merge fields into the status."""
        return self.control_plane.raw("PATCH", self.path(name, "status"), {"status": fields})


@pytest.fixture(scope="session")
def crd_installed(control_plane: ControlPlane) -> ControlPlane:
    """Install the CRDs and wait until their resources are served."""
    documents = "---\n".join(crd.definitions().values())
    control_plane.kubectl("apply", "--server-side", "-f", "-", input=documents)
    for plural in ("manifestapprovals", "approvalpolicies"):
        control_plane.kubectl("wait", "--for=condition=Established", f"crd/{plural}.kubeapprove.io")
        deadline = time.monotonic() + 10
        while control_plane.raw("GET", f"/apis/kubeapprove.io/v1alpha1/{plural}")[0] != 200:
            assert time.monotonic() < deadline, "the resource is not served"
            time.sleep(0.05)
    return control_plane


@pytest.fixture
def approvals(crd_installed: ControlPlane) -> Iterator[Approvals]:
    """Return an empty namespace of this test's own."""
    namespace = f"crd-{uuid4().hex[:8]}"
    code, answer = crd_installed.raw("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    assert code == 201, answer
    approvals = Approvals(crd_installed, namespace)
    yield approvals
    # The namespace stays: to take one away, the controllers ask for every kind of object there is.
    crd_installed.raw("DELETE", approvals.path())


def refusal(answer: Answer) -> str:
    """Return the message of an answer that must be the schema's refusal."""
    code, body = answer
    assert (code, body.get("reason")) == (422, "Invalid"), body
    return str(body["message"])
