"""How hard and how long: the long run, and the short form of the tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from e2e.cluster.errors import ClusterError
from e2e.storm.explanations import Fault
from e2e.storm.faults import STRIKES, Dose


@dataclass(frozen=True, slots=True)
class Plan:
    """Each phase lasts for `seconds` at least: `lead` before its fault, and `after` at least when that is over."""

    rate: float
    seconds: float
    lead: float
    after: float
    dose: Dose
    faults: Sequence[Fault] = tuple(STRIKES)


SHORT: Final = Plan(
    rate=20.0,
    seconds=6.0,
    lead=2.0,
    after=3.0,
    dose=Dose(stall=3.0, cut=6.0, is_short=True),
    faults=tuple(fault for fault in STRIKES if fault not in {Fault.IN, Fault.OUT}),
)
"""Each fault once; a network that is cut is cut both ways."""


def long_plan(seconds: float, rate: float, only: Sequence[str] = ()) -> Plan:
    """Return the plan of a run that lasts about so long."""
    faults = [fault for fault in STRIKES if not only or fault.startswith(tuple(only))]
    if not faults:
        raise ClusterError(f"no fault begins like that: {', '.join(STRIKES)}")
    each = seconds / len(faults)
    return Plan(rate, each, 5.0, min(30.0, each / 3), Dose(min(8.0, each / 3), min(20.0, each / 3), False), faults)
