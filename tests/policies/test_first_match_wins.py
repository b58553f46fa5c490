"""Within one policy the first rule that matches decides; where none does, one approval of anyone is asked for."""

import pytest

from kubeapprove.requirements import Requirement
from kubeapprove.ruling import Policies
from tests.policies import scenes
from tests.policies.scenes import allows, asks, policy, rule

CONFIG_MAP = scenes.request()


DECIDED: dict[str, tuple[tuple[dict[str, object], ...], str]] = {
    "no rule": ((), "RequireApproval -"),
    "none that matches": ((rule(match={"names": ["other"]}),), "RequireApproval -"),
    "one that matches": ((rule(),), "Deny r"),
    "Deny before Allow": ((rule("one"), allows("two")), "Deny one"),
    "Allow before Deny": ((allows("one"), rule("two")), "Allow one"),
    "asks before both": ((asks("one"), allows("two"), rule("three")), "RequireApproval one"),
    "the second": ((rule("one", match={"names": ["other"]}), allows("two")), "Allow two"),
    "a condition that is false": ((rule("one", when="false"), allows("two")), "Allow two"),
}


@pytest.mark.parametrize("scenario", DECIDED)
def test_it_decides(scenario: str) -> None:
    rules, answer = DECIDED[scenario]
    # Rules after one that matches everything are refused at write: here they stand behind a condition that holds.
    behind = [entry if entry.get("when") else {**entry, "when": "true"} for entry in rules]
    assert scenes.answer(CONFIG_MAP, policy(*behind)) == answer


def test_without_a_rule_one_approval_of_anyone_is_asked_for() -> None:
    assert scenes.ruling(CONFIG_MAP, policy()).requirements == (Requirement(policy="p"),)


def test_a_rule_without_terms_asks_for_one_of_anyone_in_its_name() -> None:
    assert scenes.ruling(CONFIG_MAP, policy(asks())).requirements == (Requirement(policy="p", rule="asks"),)


def test_whom_no_policy_names_is_ruled_by_none() -> None:
    stranger = scenes.request(user=scenes.ALICE)
    assert Policies([policy(allows())]).rule(scenes.question(stranger)) is None
    assert Policies([]).rule(scenes.question(CONFIG_MAP)) is None


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (rule(message="people do that"), "denied by policy p, rule r: people do that"),
        (rule(), "denied by policy p, rule r"),
        (allows(), "allowed by policy p, rule allows"),
    ],
)
def test_it_says_which_rule_it_was(entry: dict[str, object], sentence: str) -> None:
    assert scenes.ruling(CONFIG_MAP, policy(entry)).sentence == sentence


MATCHED: dict[str, tuple[dict[str, list[str]], bool]] = {
    "nothing asked": ({}, True),
    "the operation": ({"operations": ["CREATE"]}, True),
    "one of two operations": ({"operations": ["DELETE", "CREATE"]}, True),
    "another operation": ({"operations": ["UPDATE"]}, False),
    "the core group": ({"apiGroups": [""]}, True),
    "every group": ({"apiGroups": ["*"]}, True),
    "another group": ({"apiGroups": ["apps"]}, False),
    "the resource": ({"resources": ["configmaps"]}, True),
    "another resource": ({"resources": ["secrets"]}, False),
    "the namespace": ({"namespaces": ["dev"]}, True),
    "another namespace": ({"namespaces": ["dev2", "de"]}, False),
    "a star is no namespace": ({"namespaces": ["*"]}, False),
    "all of it": ({"operations": ["CREATE"], "apiGroups": [""], "resources": ["configmaps"]}, True),
    "all but one": ({"operations": ["CREATE"], "apiGroups": [""], "resources": ["secrets"]}, False),
}


@pytest.mark.parametrize("scenario", MATCHED)
def test_all_that_is_given_must_match(scenario: str) -> None:
    match, is_matched = MATCHED[scenario]
    assert scenes.answer(CONFIG_MAP, policy(rule(match=match))) == ("Deny r" if is_matched else "RequireApproval -")
