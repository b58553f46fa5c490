"""Watching leaves nothing on an approval: no finalizer, no annotation, no label, no owner."""

import pytest

from tests.gate.asking import Place, asked
from tests.operator.seen import becomes

pytestmark = pytest.mark.cluster


def test_metadata_is_as_the_webhook_made_it(place: Place) -> None:
    refused = asked(place.ask())
    born = place.approval(refused)["metadata"]
    place.approve(refused)
    metadata = becomes(place, refused, "Approved")["metadata"]
    assert metadata["annotations"] == born["annotations"]
    assert metadata["labels"] == born["labels"]
    assert not {"finalizers", "ownerReferences"} & set(metadata)
    managers = {(entry["manager"], entry.get("subresource", "")) for entry in metadata["managedFields"]}
    assert ("kubeapprove-operator", "status") in managers
    assert ("kubeapprove-operator", "") not in managers


def test_a_namespace_with_approvals_can_be_deleted(place: Place) -> None:
    refused = asked(place.ask())
    place.approve(refused)
    becomes(place, refused, "Approved")
    done = place.cp.kubectl("delete", "namespace", place.namespace, "--timeout=30s", check=False)
    assert done.returncode == 0, done.stderr
