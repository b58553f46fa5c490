"""Who may write a policy, and what: RBAC decides about people; controllers and agents write none and delete none."""

from collections.abc import Callable

import pytest

from e2e.gated.policies import DEFAULT_POLICY
from tests.webhook import reviews
from tests.webhook.reviews import Object
from tests.webhook.rules import ALLOWS, asks, rule, under
from tests.webhook.world import World
from tests.webhook.writes import person, policy_write

FLUX = "system:serviceaccount:flux-system:kustomize-controller"
CONTROLLER: Object = {
    "username": FLUX,
    "groups": ["system:serviceaccounts", "system:serviceaccounts:flux-system", "system:authenticated"],
}
BROKEN = under("lax", rule("pass", "Allow", when="("))
WRITES: dict[str, tuple[str, Object | None, Object | None]] = {
    "created": ("CREATE", None, ALLOWS),
    "changed": ("UPDATE", asks("lax"), ALLOWS),
    "labelled": ("UPDATE", ALLOWS, ALLOWS | {"metadata": {"name": "lax", "labels": {"a": "b"}}}),
    "deleted": ("DELETE", ALLOWS, None),
}


@pytest.mark.parametrize("scenario", WRITES)
def test_by_a_person(world: World, scenario: str) -> None:
    """The verb `approve` is not asked for: who may write policies is said by RBAC, before we are asked."""
    reply = world.judge(policy_write(*WRITES[scenario], reviews.ALICE), "approvals")
    assert (reply.allowed, reply.reason) == (True, "HarmlessEdit" if scenario == "labelled" else "PolicyTaken")
    assert "approval" not in reply.response["auditAnnotations"]
    assert world.server.calls == ["list policies"]  # what the writer is told is about the policies of now


NOBODY: dict[str, tuple[Object, str]] = {
    "a controller": (CONTROLLER, "name it in the setting policyWriters"),
    "a node": ({"username": "system:node:a", "groups": ["system:nodes"]}, "controllers and ServiceAccounts write no"),
    "an agent": (reviews.AGENT, "agents never write policies"),
    "an agent with all rights": (reviews.AGENT | {"groups": ["agents", "system:masters"]}, "agents never write"),
}


@pytest.mark.parametrize("scenario", WRITES)
@pytest.mark.parametrize("who", NOBODY)
def test_not_by(world: World, who: str, scenario: str) -> None:
    user, sentence = NOBODY[who]
    reply = world.judge(policy_write(*WRITES[scenario], user), "approvals")
    assert (reply.allowed, reply.reason) == (False, "NotADecider")
    assert sentence in reply.message


@pytest.mark.parametrize("scenario", WRITES)
def test_by_the_one_controller_that_the_settings_name(worlds: Callable[..., World], scenario: str) -> None:
    world = worlds(policyWriters=[FLUX])
    assert world.judge(policy_write(*WRITES[scenario], CONTROLLER), "approvals").allowed
    other = CONTROLLER | {"username": FLUX + "-2"}
    assert not world.judge(policy_write(*WRITES[scenario], other), "approvals").allowed


REFUSED: dict[str, tuple[Object, str]] = {
    "a condition that is none": (BROKEN, "spec.rules[0].when: the expression is wrong at line 1"),
    "an unknown field": (under("lax", team="ours"), "spec.team: nobody knows this field"),
    "the cluster's own": (under("lax", agents="system:masters"), "spec.agents[0]: identities that begin with system:"),
    "nobody could approve": (
        under("lax", rule("all", "RequireApproval", approval={"approvers": []})),
        "spec.rules[0].approval.approvers: nobody could approve",
    ),
}


@pytest.mark.parametrize("scenario", REFUSED)
def test_what_cannot_be_used_is_refused_with_its_place(world: World, scenario: str) -> None:
    policy, sentence = REFUSED[scenario]
    for operation, old in (("CREATE", None), ("UPDATE", ALLOWS)):
        reply = world.judge(policy_write(operation, old, policy, reviews.ALICE), "approvals")
        assert (reply.allowed, reply.reason) == (False, "NotAPolicy")
        assert sentence in reply.message


def test_one_that_cannot_be_used_may_be_labelled_and_deleted(world: World) -> None:
    labelled = BROKEN | {"metadata": {"name": "lax", "labels": {"a": "b"}}}
    assert world.judge(policy_write("UPDATE", BROKEN, labelled, reviews.ALICE), "approvals").allowed
    assert world.judge(policy_write("DELETE", BROKEN, None, reviews.ALICE), "approvals").allowed


def test_status_is_nobodys(world: World) -> None:
    write = policy_write("UPDATE", ALLOWS, ALLOWS | {"status": {}}, person("root", "system:masters"))
    reply = world.judge(write | {"subResource": "status"}, "approvals")
    assert (reply.allowed, reply.reason) == (False, "NotAPolicy")
    assert "written by the operator alone" in reply.message


def test_new_agent_is_not_gated_yet_and_whoever_writes_is_told(world: World) -> None:
    reply = world.judge(policy_write("CREATE", None, asks("new", agents="bots"), reviews.ALICE), "approvals")
    assert reply.allowed
    (warning,) = reply.response["warnings"]
    assert warning.startswith("Group bots is not gated yet, but from the condition Enforced on: kubectl wait ")
    assert warning.endswith(" approvalpolicy/new")


def test_agent_whom_nothing_else_names_is_let_go_and_whoever_deletes_is_told(world: World) -> None:
    (warning,) = world.judge(policy_write("DELETE", DEFAULT_POLICY, None, reviews.ALICE), "approvals").response[
        "warnings"
    ]
    assert warning.startswith("no other policy names Group agents: ")


def test_dry_run_is_judged_like_a_write(world: World) -> None:
    write = policy_write("DELETE", ALLOWS, None, CONTROLLER)
    assert not world.judge(write | {"dryRun": True}, "approvals").allowed


def test_stamp_leaves_policies_alone(world: World) -> None:
    assert "patch" not in world.judge(policy_write("UPDATE", asks("lax"), ALLOWS, reviews.ALICE), "stamp").response


def test_every_write_is_on_the_record(world: World) -> None:
    world.judge(policy_write("DELETE", ALLOWS, None, CONTROLLER), "approvals")
    world.judge(policy_write("DELETE", ALLOWS, None, reviews.ALICE), "approvals")
    assert [record["responseStatus"]["reason"] for record in world.records] == ["NotADecider", "PolicyTaken"]
    assert {record["objectRef"]["resource"] for record in world.records} == {"approvalpolicies"}


def test_nobody_makes_themselves_an_agent(world: World) -> None:
    """They could not take it back: agents write no policies."""
    one = {**reviews.ALICE, "groups": [*reviews.ALICE["groups"], "bots"]}
    reply = world.judge(policy_write("CREATE", None, asks("new", agents="bots"), one), "approvals")
    assert (reply.allowed, reply.reason) == (False, "NotAPolicy")
    assert "this would make you an agent" in reply.message
