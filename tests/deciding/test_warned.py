"""Who is on no list of what policies ask for is warned, and taken all the same: the last word is said at use."""

from typing import Any

import pytest

from kubeapprove.deciding import Write
from kubeapprove.identity import Agent, AgentKind
from kubeapprove.policies import RuleAction
from kubeapprove.requirements import Requirement
from kubeapprove.ruling import CompiledRule, Policies, Policy
from tests.deciding.writes import ENTRY, deciding, send
from tests.verdict.scenes import ANYONE, POLICIES, by_groups, by_users, raw_approval

LETTING = CompiledRule("mine", RuleAction.REQUIRE_APPROVAL, Requirement(allow_owner=True))
OWNED = Policies([Policy("p", (Agent(AgentKind.GROUP, "agents", owner="alice"),), (LETTING,))])
OFF = "your approval does not count as things are: policies ask for "


def asking(*requirements: Requirement) -> dict[str, Any]:
    """Return an approval whose status mirrors these requirements."""
    return raw_approval(status={"requirements": [r.mirrored(r.count).to_json() for r in requirements]})


# name: what the status mirrors, policies, the warning
CASES: dict[str, tuple[dict[str, Any], Policies, str]] = {
    "nothing mirrored yet": (raw_approval(), POLICIES, ""),
    "no list": (asking(ANYONE), POLICIES, ""),
    "on the list": (asking(by_groups("approvers")), POLICIES, ""),
    "on one of two lists": (asking(by_groups("dba"), by_groups("approvers")), POLICIES, ""),
    "on no list": (
        asking(by_groups("dba", "sre"), by_users("sam")),
        POLICIES,
        OFF + "group dba or group sre and user sam",
    ),
    "the owner, where this requirement says no": (
        asking(ANYONE),
        OWNED,
        OFF + "anyone who holds the verb approve, and not for the agent's owner",
    ),
    "the owner, where this requirement lets them": (asking(Requirement(allow_owner=True)), OWNED, ""),
    "the owner, on another list than the one that lets them": (
        asking(by_groups("dba", allow_owner=True), ANYONE),
        OWNED,
        OFF + "group dba and anyone who holds the verb approve, and not for the agent's owner",
    ),
    "the owner, on no list": (asking(by_groups("dba", allow_owner=True)), OWNED, OFF + "group dba"),
}


@pytest.mark.parametrize("name", CASES)
def test_is_taken_and_told(name: str) -> None:
    old, policies, warning = CASES[name]
    judgement = send(old, deciding(old, ENTRY), policies=policies)
    assert (judgement.write, judgement.verb) == (Write.DECISION, "approve")
    assert judgement.warnings == ((warning,) if warning else ())


@pytest.mark.parametrize("entry", [{"verdict": "Denied"}, {"breakGlass": True}], ids=["denying", "breaking the glass"])
def test_what_needs_no_list_is_not_warned_of(entry: dict[str, Any]) -> None:
    old = asking(by_groups("dba"))
    judgement = send(old, deciding(old, {**ENTRY, **entry}))
    assert (judgement.write, judgement.warnings) == (Write.DECISION, ())
