"""A run: one phase after the other, each with the steady load, a fault and the judge at its end."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from e2e.cluster.errors import ClusterError
from e2e.storm.explanations import Fault
from e2e.storm.faults import AFTERWARDS, BEFORE, STRIKES
from e2e.storm.ground import Ground
from e2e.storm.judge import Evidence, calls_for_others, wrong_allows
from e2e.storm.load import Load
from e2e.storm.nonces import Nonces
from e2e.storm.plans import Plan
from e2e.storm.sample import Kind, Sample
from e2e.storm.verdict import Phase
from e2e.storm.witnesses import Witnesses
from e2e.storm.workers import workers
from e2e.waiting import wait_until

LONGEST_PHASE: Final = 240.0
"""Below the five minutes after which the API server has etcd forget old versions: the judge reads them all."""


class Storm:
    """The phases of one run on one cluster."""

    def __init__(self, ground: Ground, plan: Plan) -> None:
        self._ground, self._plan, self._nonces = ground, plan, Nonces(ground.names.run)
        self._open: tuple[Fault, int] | None = None

    def run(self, done: Callable[[Phase], None]) -> list[Phase]:
        """Go through all of them; `done` hears of each when it is over. The cluster is left as it was."""
        phases = []
        self._ground.prepare(len(self._plan.faults))
        try:
            for number, fault in enumerate(self._plan.faults):
                phases.append(self._phase(number, fault))
                done(phases[-1])
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:
            with suppress(ClusterError, OSError):  # what went wrong first is what is told
                self._put_back()
            raise
        self._put_back()
        return phases

    def _put_back(self) -> None:
        self._ground.wait_whole()
        self._close()
        self._ground.remove()

    def _close(self) -> None:
        """Take back what the last phase needed."""
        if self._open is not None:
            (fault, number), self._open = self._open, None
            AFTERWARDS.get(fault, _nothing)(self._ground)
            self._ground.names.place(number).remove(self._ground.control_plane)

    def _phase(self, number: int, fault: Fault) -> Phase:
        ground, place = self._ground, self._ground.names.place(number)
        ground.wait_whole()
        self._open = fault, number
        BEFORE.get(fault, _nothing)(ground)
        place.make(ground.control_plane, self._nonces)
        witnesses = Witnesses(ground.control_plane, place, self._nonces)
        witnesses.begin()
        samples, ground.blows = list[Sample](), []
        several = workers(place, self._nonces, samples.append)
        before, started = _processor(), time.monotonic()
        with Load(ground.control_plane, ground.identities, several, self._plan.rate) as load:
            self._strike(fault, load, started)
            seconds, busy = time.monotonic() - started, _busy(before, _processor())
        if seconds > LONGEST_PHASE:
            raise ClusterError(f"{fault} lasted {seconds:.0f} s: etcd may have forgotten what is to be judged.")
        wrong, calls = _judged(witnesses, sum(one.kind is Kind.APPROVED and one.is_judged for one in samples))
        self._close()
        return Phase(fault, seconds, samples, tuple(ground.blows), wrong, calls, load.held_back.total(), busy)

    def _strike(self, fault: Fault, load: Load, started: float) -> None:
        plan = self._plan
        self._work(load, plan.lead)
        STRIKES[fault](self._ground, plan.dose)
        self._work(load, max(plan.after, plan.seconds - (time.monotonic() - started)))

    @staticmethod
    def _work(load: Load, seconds: float) -> None:
        """Let the load work for so long; raises what ended it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            load.check()
            time.sleep(0.1)


def _judged(witnesses: Witnesses, passed: int) -> tuple[Sequence[str], Sequence[str]]:
    """Judge until nothing is found or for three seconds: the audit log may be a moment behind."""
    evidence: Evidence = witnesses.evidence()
    found: list[str] = []

    def is_clean() -> bool:
        nonlocal evidence
        evidence = witnesses.evidence()
        found[:] = wrong_allows(evidence, passed)
        return not found

    with suppress(ClusterError):
        wait_until(is_clean, "nothing was found", 3.0)
    return tuple(found), calls_for_others(evidence)


def _nothing(_: Ground) -> None:
    """Most faults need nothing before or after."""


def _processor() -> Sequence[int]:
    """Return how long this machine's processors did what, in ticks (proc(5): the fourth and fifth are idle)."""
    return [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]


def _busy(before: Sequence[int], after: Sequence[int]) -> float:
    """Return the share of their time for which they worked."""
    spent = [late - early for early, late in zip(before, after, strict=True)]
    return 1 - (spent[3] + spent[4]) / max(1, sum(spent))
