"""What is measured of policies is what they cost at most: each of them looks at all of its rules."""

from datetime import UTC, datetime

from bench.ruling.measuring import evaluate, measured
from bench.ruling.workload import POLICIES, RULES, policies, question
from kubeapprove.policies import RuleAction


def test_every_policy_has_its_rules_and_comes_to_the_last() -> None:
    known = policies()
    assert [len(policy.rules) for policy in known.all] == [RULES] * POLICIES
    ruling = evaluate(known, question(), datetime.now(UTC))
    assert ruling is not None
    assert ruling.action is RuleAction.REQUIRE_APPROVAL
    assert [finding.rule for finding in ruling.findings] == [policy.rules[-1].name for policy in known.all]
    assert all(requirement.count == 2 for requirement in ruling.requirements)


def test_each_run_is_counted() -> None:
    found = measured(runs=3)
    assert (found.policies, found.rules) == (POLICIES, RULES)
    assert 0 < found.p50 <= found.p99
