"""Since when which agents are matched, by what the registrar found and did."""

import math
from collections.abc import Callable

import pytest

from kubeapprove.identity import Agent, AgentKind
from kubeapprove_operator.policies import Registered

ONE, TWO = (Agent(AgentKind.USER, name) for name in ("one", "two"))
LONG_AGO = -math.inf


def test_before_the_first_look() -> None:
    registered = Registered()
    assert not registered.is_known
    assert registered.since([ONE]) is None


Step = Callable[[Registered], None]
STEPS: dict[str, tuple[list[Step], float | None]] = {
    "right at our start": ([lambda it: it.found_right([ONE], now=1)], LONG_AGO),
    "written at our start": ([lambda it: it.repaired([ONE], now=1)], 1),
    "right ever since": ([lambda it: it.found_right([ONE], now=1), lambda it: it.found_right([ONE], now=2)], LONG_AGO),
    "tampered with": ([lambda it: it.found_right([ONE], now=1), lambda it: it.repaired([ONE], now=2)], 2),
    "added by us": ([lambda it: it.found_right([TWO], now=1), lambda it: it.followed([ONE, TWO], now=2)], 2),
    "added by another operator": (
        [lambda it: it.found_right([TWO], now=1), lambda it: it.found_right([ONE, TWO], now=2)],
        2,
    ),
    "added where nobody was": ([lambda it: it.found_right([], now=1), lambda it: it.found_right([ONE], now=2)], 2),
    "another one added": (
        [lambda it: it.found_right([ONE], now=1), lambda it: it.followed([ONE, TWO], now=2)],
        LONG_AGO,
    ),
    "dropped": ([lambda it: it.found_right([ONE], now=1), lambda it: it.followed([TWO], now=2)], None),
    "dropped and added": (
        [
            lambda it: it.found_right([ONE], now=1),
            lambda it: it.followed([], now=2),
            lambda it: it.followed([ONE], now=3),
        ],
        3,
    ),
}


@pytest.mark.parametrize("scenario", STEPS)
def test_since(scenario: str) -> None:
    steps, since = STEPS[scenario]
    registered = Registered()
    for step in steps:
        step(registered)
    assert registered.is_known
    assert registered.since([ONE]) == since


def test_all_of_a_policy_count() -> None:
    registered = Registered()
    registered.found_right([ONE], now=1)
    registered.followed([ONE, TWO], now=2)
    assert registered.since([ONE, TWO]) == 2
    assert registered.since([ONE, Agent(AgentKind.USER, "three")]) is None


def test_only_what_was_wrong_resets_everybody() -> None:
    registered = Registered()
    registered.found_right([ONE], now=1)
    registered.followed([ONE, TWO], now=2)
    assert registered.wrong_until == LONG_AGO
    registered.repaired([ONE, TWO], now=3)
    assert registered.wrong_until == 3
