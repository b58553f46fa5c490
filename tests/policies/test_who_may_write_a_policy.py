"""Controllers, ServiceAccounts and agents write no policies and delete none; nobody but the operator writes a status.

An agent that can push to Git would write policies through a GitOps controller, whatever RBAC grants that controller.
"""

import pytest

from kubeapprove.deciding import Judgement, Write
from kubeapprove.identity import UserInfo
from kubeapprove.reasons import Reason
from kubeapprove.ruling import Policies
from kubeapprove.settings import read_settings
from tests.policies import scenes
from tests.policies.writing import judge, write

NEW = scenes.raw(scenes.rule(), name="new")
OLD = scenes.raw(name="known")
ARGO = "system:serviceaccount:argocd:argocd-application-controller"
CONTROLLERS: dict[str, UserInfo] = {
    "a ServiceAccount": UserInfo(ARGO, groups=("system:serviceaccounts", "system:serviceaccounts:argocd")),
    "a ServiceAccount with cluster-admin": UserInfo(ARGO, groups=("system:masters",)),
    "somebody in the group of ServiceAccounts": UserInfo("x", groups=("system:serviceaccounts:argocd",)),
    "a node": UserInfo("system:node:a", groups=("system:nodes",)),
    "the controller manager": UserInfo("system:kube-controller-manager"),
}


def refused(judgement: Judgement, reason: Reason, words: str) -> None:
    assert (judgement.write, judgement.reason) == (Write.REFUSED, reason)
    assert words in judgement.sentence


@pytest.mark.parametrize("scenario", CONTROLLERS)
def test_controllers_never(scenario: str) -> None:
    who = CONTROLLERS[scenario]
    for request in (
        write(NEW, user=who),
        write(scenes.raw(scenes.rule(), name="known"), OLD, who),
        write(None, OLD, who),
    ):
        refused(judge(request), Reason.NOT_A_DECIDER, "name it in the setting policyWriters")


def test_not_even_labels() -> None:
    who = CONTROLLERS["a ServiceAccount"]
    labelled = {**OLD, "metadata": {**OLD["metadata"], "labels": {"a": "b"}}}
    refused(judge(write(labelled, OLD, who)), Reason.NOT_A_DECIDER, "write no policies")


def test_agents_never() -> None:
    for request in (write(NEW, user=scenes.AGENT), write(None, OLD, scenes.AGENT)):
        refused(judge(request), Reason.NOT_A_DECIDER, "agents never write policies")


def test_agents_of_an_observing_policy_and_agents_that_have_ended_are_agents() -> None:
    ended = {**scenes.GROUP, "until": "2020-01-01T00:00:00Z"}
    for known in (scenes.policy(mode="Observe"), scenes.policy(agents=[ended]), scenes.read(scenes.raw(mode="x"))):
        refused(judge(write(NEW, user=scenes.AGENT), Policies([known])), Reason.NOT_A_DECIDER, "agents never")


def test_the_exact_names_of_the_setting_may() -> None:
    settings = read_settings({"policyWriters": [ARGO]})
    other = UserInfo(ARGO + "2", groups=("system:serviceaccounts",))
    assert judge(write(NEW, user=CONTROLLERS["a ServiceAccount"]), settings=settings).write is Write.POLICY
    refused(judge(write(NEW, user=other), settings=settings), Reason.NOT_A_DECIDER, "policyWriters")


def test_what_they_write_is_checked_all_the_same() -> None:
    settings = read_settings({"policyWriters": [ARGO]})
    bad = scenes.raw(scenes.rule(when="1"), name="new")
    request = write(bad, user=CONTROLLERS["a ServiceAccount"])
    refused(judge(request, settings=settings), Reason.NOT_A_POLICY, "spec.rules[0].when")


@pytest.mark.parametrize("subresource", ["status", "scale"])
def test_subresources_are_the_operators_alone(subresource: str) -> None:
    """Whom the registration does not send: our own ServiceAccounts."""
    request = write({**OLD, "status": {}}, OLD, resource=f"approvalpolicies/{subresource}")
    refused(judge(request), Reason.NOT_A_POLICY, "written by the operator alone")


def test_while_nobody_knows_the_policies_nobody_writes_one() -> None:
    """Who is an agent is not known either."""
    for request in (write(NEW), write(None, OLD)):
        refused(judge(request, None), Reason.POLICY_UNKNOWN, "try again in a few seconds")


def test_people_write_and_delete_as_rbac_lets_them() -> None:
    for request in (write(NEW), write(scenes.raw(scenes.rule(), name="known"), OLD), write(None, OLD)):
        answer = judge(request)
        assert (answer.write, answer.reason, answer.verb) == (Write.POLICY, Reason.POLICY_TAKEN, "")


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (scenes.raw(scenes.rule(typo=1), name="new"), "spec.rules[0].typo: nobody knows"),
        (scenes.raw(scenes.rule("a"), scenes.rule("b"), name="new"), "rule b is never reached"),
        (scenes.raw(agents=[{"kind": "Group", "name": "system:masters"}], name="new"), "spec.agents[0]: identities"),
    ],
    ids=["its shape", "its rules", "its agents"],
)
def test_what_is_written_can_be_used(document: dict[str, object], words: str) -> None:
    refused(judge(write(document)), Reason.NOT_A_POLICY, words)


def users(name: str, count: int, start: int) -> dict[str, object]:
    return scenes.raw(name=name, agents=[{"kind": "User", "name": f"u{start + n}"} for n in range(count)])


def test_all_policies_together_name_only_so_many_agents() -> None:
    known = Policies([scenes.read(users("a", 40, 0)), scenes.read(users("b", 20, 40))])
    refused(judge(write(users("c", 5, 60)), known), Reason.NOT_A_POLICY, "would name 65 agents")
    assert judge(write(users("c", 4, 60)), known).write is Write.POLICY


def test_a_policy_that_takes_its_own_place_is_not_counted_twice() -> None:
    known = Policies([scenes.read(users("a", 40, 0)), scenes.read(users("b", 20, 40))])
    assert judge(write(users("a", 44, 100), users("a", 40, 0)), known).write is Write.POLICY


def test_metadata_may_change_also_of_an_invalid_one() -> None:
    invalid = scenes.raw(mode="Audit", name="known")
    labelled = {**invalid, "metadata": {**invalid["metadata"], "labels": {"a": "b"}}}
    answer = judge(write(labelled, invalid))
    assert (answer.write, answer.reason) == (Write.NOTHING, Reason.HARMLESS_EDIT)


def test_an_invalid_one_is_mended_and_deleted() -> None:
    invalid = scenes.raw(mode="Audit", name="known")
    assert judge(write(OLD, invalid)).write is Write.POLICY
    assert judge(write(None, invalid)).write is Write.POLICY
    refused(judge(write(scenes.raw(mode="Other", name="known"), invalid)), Reason.NOT_A_POLICY, "spec.mode")


def test_the_status_that_comes_with_a_write_is_not_looked_at() -> None:
    assert judge(write({**NEW, "status": {"conditions": 7}})).write is Write.POLICY


def test_where_there_are_too_many_a_policy_may_still_get_stricter() -> None:
    """Policies that are written at once are each judged by those of two seconds ago: together they may name more."""
    many = [{"kind": "User", "name": f"u{number}"} for number in range(64)]
    old = scenes.raw(name="known")
    known = Policies([scenes.policy(name="known"), scenes.policy(name="many", agents=many)])
    assert judge(write(scenes.raw(scenes.rule(), name="known"), old), known).write is Write.POLICY
    more = scenes.raw(name="known", agents=[scenes.GROUP, {"kind": "User", "name": "one-more"}])
    refused(judge(write(more, old), known), Reason.NOT_A_POLICY, "would name 66 agents")
