"""Who writes a policy is told whom it does not gate yet, whom it refuses at once, and whom nothing gates any more."""

from typing import Any

import pytest

from kubeapprove.ruling import Policies
from tests.policies import scenes
from tests.policies.writing import KNOWN, judge, write

OTHERS = {"kind": "Group", "name": "others"}
DEPLOYER = {"kind": "ServiceAccount", "namespace": "ci", "name": "deployer"}
ALL_OF_CI = {"kind": "ServiceAccount", "namespace": "ci"}
OLD = scenes.raw(name="known")
WAIT = "kubectl wait --for=condition=Enforced --timeout=60s approvalpolicy/"


def raw(*agents: dict[str, Any], name: str = "new") -> dict[str, Any]:
    return scenes.raw(name=name, agents=agents)


def test_a_new_agent_is_not_gated_yet() -> None:
    assert judge(write(raw(OTHERS))).warnings == (
        f"Group others is not gated yet, but from the condition Enforced on: {WAIT}new",
    )


def test_all_new_agents_are_told_at_once_and_no_other() -> None:
    (warning,) = judge(write(raw(DEPLOYER, scenes.GROUP, ALL_OF_CI))).warnings
    assert warning.startswith("ServiceAccount ci/deployer, ServiceAccount ci/* is not gated yet")


def test_who_is_an_agent_already_is_gated_already() -> None:
    assert judge(write(raw(scenes.GROUP))).warnings == ()


def test_a_role_in_another_notation_is_gated_already() -> None:
    session = {"kind": "IAMRole", "name": "arn:aws:sts::111122223333:assumed-role/agent/x"}
    known = Policies([scenes.policy(agents=[{"kind": "IAMRole", "name": "arn:aws:iam::111122223333:role/agent"}])])
    assert judge(write(raw(session)), known).warnings == ()


def test_an_end_that_is_past_refuses_at_once() -> None:
    ended, later = ({**scenes.GROUP, "until": f"2026-01-{day}T00:00:00Z"} for day in (30, 31))
    assert judge(write(raw({**later, "until": "2026-02-01T00:00:00Z"}))).warnings == ()
    assert judge(write(raw(ended))).warnings == ("Group agents is past its `until` already and is refused",)


def test_deleting_a_policy_lets_its_agents_go() -> None:
    assert judge(write(None, OLD)).warnings == (
        "no other policy names Group agents: refused at first, and ungated as soon as the operator sees it",
    )


def test_whom_another_policy_names_is_not_let_go() -> None:
    known = Policies([*KNOWN.all, scenes.policy(name="again", mode="Observe")])
    assert judge(write(None, OLD), known).warnings == ()


@pytest.mark.parametrize("is_known", [True, False])
def test_taking_an_agent_out_lets_it_go(is_known: bool) -> None:
    """Also where the gate has not listed the policy yet."""
    old = raw(scenes.GROUP, OTHERS, name="known")
    known = Policies([scenes.read(old)] if is_known else [])
    warnings = judge(write(raw(OTHERS, name="known"), old), known).warnings
    assert "no other policy names Group agents" in warnings[-1]
    assert ("not gated yet" in warnings[0]) is not is_known


def test_what_an_unreadable_policy_named_is_told_as_far_as_it_can_be_read() -> None:
    old = scenes.raw(name="known", agents=[scenes.GROUP, {"kind": "Robot"}])
    assert "Group agents" in judge(write(None, old)).warnings[0]


def test_another_rule_is_no_reason_to_warn() -> None:
    assert judge(write(scenes.raw(scenes.rule(), name="known"), OLD)).warnings == ()
