"""Breaks things at random, one after the other, from a seed."""

import random
import time
from collections.abc import Callable

from e2e.faults import faults
from e2e.faults.proxy import Fault
from e2e.faults.world import FaultyWorld

NOTHING = "nothing broken"
CALLS = (
    "get cached approval",
    "get approval",
    "access review",
    "claim",
    "mirror requirements",
    "create approval",
    "delete approval",
)
LONGEST = 6.0
"""Seconds: more than a review may take."""
_NETWORK: dict[str, Fault] = {
    "lost": faults.lost,
    "answer lost": faults.answer_lost,
    "sent twice": faults.sent_twice,
    "answered 500": faults.answered(500, "InternalError"),
    "done, answered 504": faults.answered(504, "Timeout", after=True),
}


class Chaos:
    """`strike` breaks one thing and returns when it is mended; `fault` says what is broken now."""

    def __init__(self, world: FaultyWorld, seed: int) -> None:
        self._world = world
        self._random = random.Random(seed)  # noqa: S311 (repeatable, not secret)
        self.fault = NOTHING

    def strike(self) -> None:
        """Break one thing; where it is a process, it is started or goes on again before this returns."""
        action, weight = zip(*self._actions().items(), strict=True)
        self._random.choices(action, weight)[0]()
        self.fault = NOTHING

    def _actions(self) -> dict[Callable[[], None], int]:
        return {
            self._call: 12,
            self._verdict: 4,
            self._delay: 4,
            self._kill_webhook: 4,
            self._freeze_webhook: 2,
            self._stall_etcd: 2,
            self._restart_apiserver: 1,
        }

    def _call(self) -> None:
        call, name = self._random.choice(CALLS), self._random.choice(list(_NETWORK))
        self.fault = f"{call}: {name}"
        self._world.back.on(call, *[_NETWORK[name]] * self._random.randint(1, 3))
        self._wait(1.0)
        self._world.back.forget()

    def _verdict(self) -> None:
        answers = {
            "lost": faults.lost,
            "answer lost": faults.answer_lost,
            "answered by two": faults.asked_of_both(self._world.spare.url, together=True, take=1),
        }
        name = self._random.choice(list(answers))
        self.fault = f"verdict: {name}"
        self._world.front.on("changes", answers[name])
        self._wait(1.0)
        self._world.front.forget()

    def _delay(self) -> None:
        call, after = self._random.choice(CALLS), self._random.random() < 0.5
        self.fault = f"{call}: delayed"
        with self._world.back.held(call, after=after) as hold:
            self._wait(LONGEST)
            hold.release()
        self._world.back.forget()

    def _kill_webhook(self) -> None:
        self.fault = "webhook killed"
        self._world.kill_webhook()

    def _freeze_webhook(self) -> None:
        self.fault = "webhook frozen"
        with self._world.frozen(self._world.webhook):
            self._wait(LONGEST)

    def _stall_etcd(self) -> None:
        self.fault = "etcd stalled"
        with self._world.etcd.stalled():
            self._wait(LONGEST)

    def _restart_apiserver(self) -> None:
        self.fault = "API server killed"
        self._world.kill_apiserver()
        self._world.control_plane.restart_apiserver()

    def _wait(self, most: float) -> None:
        time.sleep(self._random.uniform(most / 10, most))
