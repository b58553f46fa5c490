"""From the previous commit's chart and image to this one's and back, while an agent works: nothing of it is refused (C096).

What was approved under one version passes under the other, once.
"""

import json
from collections.abc import Iterator

import pytest

from e2e.release.choice import Chosen
from e2e.release.installation import AGENT, SYSTEM, Answer, Installation
from e2e.release.previous import Previous, previous

pytestmark = [pytest.mark.node, pytest.mark.own_images, pytest.mark.timeout(300)]
PERSON = "alice"


@pytest.fixture(scope="module")
def before(place: Chosen, tmp_path_factory: pytest.TempPathFactory) -> Previous:
    """Bring the previous image to the nodes."""
    before = previous(tmp_path_factory.mktemp("previous"))
    place.cluster.import_image(before.image)
    return before


@pytest.fixture
def older(installed: Installation, before: Previous) -> Iterator[Installation]:
    """The previous version; afterwards this one again."""
    installed.uninstall()
    installed.install(before.chart, before.image.name)
    yield installed
    if before.image.name in images(installed):
        installed.upgrade()


def images(installed: Installation) -> set[str]:
    """What the webhook's Deployment runs."""
    found = installed.kubectl("get", "deployment", "kubeapprove-webhook", f"--namespace={SYSTEM}", "--output=json")
    return {one["image"] for one in json.loads(found.stdout)["spec"]["template"]["spec"]["containers"]}


def ask(installed: Installation, namespace: str, name: str) -> Answer:
    """Send the agent's change."""
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    status, body = installed.control_plane.raw("POST", path, {"metadata": {"name": name}}, as_=AGENT)
    return Answer(status, json.dumps(body))


def approve(installed: Installation, namespace: str, refused: Answer) -> None:
    """Decide as a person."""
    name = json.loads(refused.body)["details"]["name"]
    decide = ("approve", "yes", name, f"--namespace={namespace}", "--yes", "-m", "as agreed")
    installed.kubectl(*decide, as_=PERSON)


def test_nothing_is_refused_and_what_was_approved_passes_once(
    older: Installation, before: Previous, namespace: str
) -> None:
    role = ("--clusterrole=kubeapprove-approver", f"--user={PERSON}", f"--namespace={namespace}")
    older.kubectl("create", "rolebinding", "approvers", *role)
    for name in ("on-the-way", "on-the-way-back"):
        approve(older, namespace, ask(older, namespace, name))

    with older.no_change_all_the_while(namespace) as refused:
        older.upgrade()
        assert before.image.name not in images(older)
        assert ask(older, namespace, "on-the-way").status == 201
        older.rollback()
        assert images(older) == {before.image.name}
        assert ask(older, namespace, "on-the-way-back").status == 201
    assert refused == []
    for name in ("on-the-way", "on-the-way-back"):
        older.kubectl("delete", "configmap", name, f"--namespace={namespace}")
        assert ask(older, namespace, name).reason in {"ApprovalRequired", "ApprovalSpent"}
