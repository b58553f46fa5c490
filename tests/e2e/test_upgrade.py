"""From the previous commit's chart and image to this one's and back, while an agent works: nothing of it is refused (C096).

What was approved under one version passes under the other, once, and definitions come to the new version.
"""

import json
from collections.abc import Iterator

import pytest

from e2e.release.choice import Chosen, choice
from e2e.release.installation import AGENT, CHART, RELEASE, SYSTEM, Answer, Installation
from e2e.release.previous import Previous

pytestmark = [pytest.mark.node, pytest.mark.timeout(300)]
PERSON = "alice"
DEFINITION = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/manifestapprovals.kubeapprove.io"


@pytest.fixture
def older(installed: Installation, place: Chosen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The previous version. To nodes that are not ours no image can be brought: there its chart runs this one's."""
    before, image = Previous(tmp_path_factory.mktemp("previous")), place.image
    if choice() != "current":
        made = before.image()
        place.cluster.import_image(made)
        image = made.name
    installed.uninstall()
    installed.install(before.chart, image)
    yield installed
    installed.upgrade()


def settings(installed: Installation) -> str:
    """The settings as the servers read them."""
    what = ("configmap/kubeapprove-settings", f"--namespace={SYSTEM}", "--output=json")
    return str(json.loads(installed.kubectl("get", *what).stdout)["data"]["settings.yaml"])


def columns(installed: Installation) -> list[str]:
    """What kubectl shows of approvals."""
    version = installed.control_plane.raw("GET", DEFINITION)[1]["spec"]["versions"][0]
    return [column["name"] for column in version.get("additionalPrinterColumns", [])]


def forget_columns(installed: Installation) -> None:
    """Have the cluster hold an older definition."""
    version = installed.control_plane.raw("GET", DEFINITION)[1]["spec"]["versions"][0]
    old = {"spec": {"versions": [version | {"additionalPrinterColumns": []}]}}
    assert installed.control_plane.raw("PATCH", DEFINITION, old)[0] == 200
    assert columns(installed) == []


def running(installed: Installation) -> set[str]:
    """Pods of the webhook that are not on their way out."""
    selected = ("--selector=app.kubernetes.io/component=webhook", "--output=json", f"--namespace={SYSTEM}")
    items = json.loads(installed.kubectl("get", "pods", *selected).stdout)["items"]
    return {one["metadata"]["name"] for one in items if "deletionTimestamp" not in one["metadata"]}


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


def test_upgrade_and_rollback_under_load(older: Installation, namespace: str) -> None:
    role = ("--clusterrole=kubeapprove-approver", f"--user={PERSON}", f"--namespace={namespace}")
    older.kubectl("create", "rolebinding", "approvers", *role)
    for name in ("on-the-way", "on-the-way-back"):
        approve(older, namespace, ask(older, namespace, name))
    before, pods = settings(older), running(older)
    forget_columns(older)

    with older.no_change_all_the_while(namespace) as refused:
        older.upgrade("--set", "settings.maxPending=7")
        assert "maxPending: 7" in settings(older)
        assert not pods & running(older)
        assert columns(older)
        assert ask(older, namespace, "on-the-way").status == 201

        older.rollback()
        assert settings(older) == before
        assert columns(older)
        assert ask(older, namespace, "on-the-way-back").status == 201
    assert refused == []
    for name in ("on-the-way", "on-the-way-back"):
        older.kubectl("delete", "configmap", name, f"--namespace={namespace}")
        assert ask(older, namespace, name).reason in {"ApprovalRequired", "ApprovalSpent"}


def test_values_that_are_forgotten_ungate_nobody(installed: Installation, place: Chosen, namespace: str) -> None:
    """Helm takes an upgrade's values for all that there are; without agents the policy of the release would go."""
    repository, _, tag = place.image.rpartition(":")
    image = ("--set", f"image.repository={repository}", "--set", f"image.tag={tag}")
    done = place.cluster.helm("upgrade", RELEASE, str(CHART), f"--namespace={SYSTEM}", *image, check=False)
    assert (done.returncode, "agents: this upgrade names none" in done.stderr) == (1, True), done
    assert ask(installed, namespace, "web").reason == "ApprovalRequired"
