"""How long one change waits for policies: who names its requester, whether that has ended, and every rule.

Each run asks about the change for the first time: nothing is converted for the conditions yet.
"""

import time
from datetime import UTC, datetime

from bench.gate.results import Ruling as Figures
from bench.gate.results import latency
from bench.ruling.workload import POLICIES, RULES, policies, question
from kubeapprove.ruling import Policies, Question, Ruling

RUNS = 500


def evaluate(known: Policies, asked: Question, now: datetime) -> Ruling | None:
    """Do what the webhook does with policies for one request; its namespace has no label that a rule asks for."""
    user = asked.request.user
    if known.ended(user, now) is not None:
        return None
    labels: dict[str, str] | None = {} if known.asks_for_labels(user) else None
    return known.rule(Question(asked.request, asked.change, labels))


def measured(runs: int = RUNS) -> Figures:
    """Measure; raises RuntimeError where some policy stopped at an earlier rule than its last."""
    known, asked, now = policies(), question(), datetime.now(UTC)
    last = [policy.rules[-1].name for policy in known.all]
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        ruling = evaluate(known, asked, now)
        times.append((time.perf_counter() - started) * 1000)
        if ruling is None or [finding.rule for finding in ruling.findings] != last:
            raise RuntimeError("not every policy came to its last rule")
    found = latency(times)
    return Figures(policies=POLICIES, rules=RULES, p50=found.p50, p99=found.p99)
