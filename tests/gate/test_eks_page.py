"""docs/eks.md from roles and policy to the first refused apply and the approved one, with identities as EKS shows them."""

from collections.abc import Iterator

import pytest
import yaml

from e2e.cluster import eks
from e2e.gated.gated import ROOT, Gated
from tests.gate.asking import Place, asked
from tests.gate.samples import config_map

pytestmark = pytest.mark.cluster
FILES = ROOT / "docs" / "eks"
AGENT = eks.session_arn("ai-agent", "run-42")


@pytest.fixture(scope="module", autouse=True)
def as_the_page_says(gated: Gated) -> Iterator[None]:
    cp = gated.control_plane
    cp.eks_identity("ai-agent", "run-42", groups=["ai-agents"])
    for session in ("dana", "erin"):
        cp.eks_identity("platform-engineer", session, groups=["platform-engineers"])
    cp.kubectl("apply", *(f"--filename={FILES / name}" for name in ("roles.yaml", "bindings.yaml")))
    with gated.under(yaml.safe_load((FILES / "policy.yaml").read_text(encoding="utf-8"))):
        yield
    cp.kubectl("delete", f"--filename={FILES / 'bindings.yaml'}")  # other tests have use for the roles


def test_refused_then_approved_by_a_session_of_another_role(place: Place) -> None:
    waiting = asked(place.ask(as_=AGENT))
    status, answer = place.decide(waiting, as_=eks.session_arn("platform-engineer", "dana"), key="dana")
    assert status == 200, answer
    assert place.ask(as_=AGENT)[0] == 201


def test_another_session_of_the_agent_asks_for_the_same_approval(place: Place) -> None:
    waiting = asked(place.ask(as_=AGENT))
    place.cp.eks_identity("ai-agent", "run-43", groups=["ai-agents"])
    assert asked(place.ask(as_=eks.session_arn("ai-agent", "run-43"))).approval == waiting.approval


def test_a_person_of_another_role_is_not_gated(place: Place) -> None:
    place.cp.kubectl(
        "create", "rolebinding", "people", "-n", place.namespace, "--clusterrole=edit", "--group=platform-engineers"
    )
    erin = eks.session_arn("platform-engineer", "erin")
    assert place.create("configmaps", config_map(), as_=erin)[0] == 201
