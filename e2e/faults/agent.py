"""An agent that does what its instructions say, with a person who approves whatever it asks for."""

import http.client
import itertools
import time
from collections.abc import Callable
from typing import Any

from e2e.cluster.control_plane import ControlPlane
from e2e.faults.tally import NO_ANSWER, PASSED, Tried

Answer = tuple[int, dict[str, Any]]
_NOBODY: Answer = (0, {"reason": NO_ANSWER})
PAUSE = 0.2
"""Seconds after a refusal that only time helps against; real agents are told to wait half a minute."""
_WAITING = {"ApprovalRequired", "ApprovalPending"}


class Agent:
    """Works in a namespace of its own: creations and updates in turn, each tried until it passes."""

    def __init__(self, control_plane: ControlPlane, namespace: str, broken: Callable[[], str]) -> None:
        self._control_plane, self._namespace, self._broken = control_plane, namespace, broken
        self.tries: list[Tried] = []
        self.passed = 0

    def prepare(self) -> None:
        """Make the namespace and the object that is updated, as a person."""
        for path, body in (
            ("/api/v1/namespaces", {"metadata": {"name": self._namespace}}),
            (self._objects(), {"metadata": {"name": "counter"}, "data": {"n": "0"}}),
        ):
            status, answer = self._control_plane.raw("POST", path, body)
            assert status == 201, answer

    def work(self, is_over: Callable[[], bool]) -> None:
        """Make one change after the other until it is over."""
        for number in itertools.count(1):
            if not self.make_change(number, is_over):
                return

    def make_change(self, number: int, is_over: Callable[[], bool]) -> bool:
        """Try one change until it passes; False where it was over before."""
        is_approved = False
        while not is_over():
            fault = self._broken()
            status, answer = self._try(number)
            outcome = PASSED if status in {200, 201} else str(answer.get("reason"))
            if is_approved:
                self.tries.append(Tried(fault, outcome))
            if outcome == PASSED:
                self.passed += 1
                return True
            if outcome in _WAITING:
                is_approved = self._approve(answer)
            else:
                time.sleep(PAUSE)
        return False

    def _try(self, number: int) -> Answer:
        if number % 2:
            body = {"metadata": {"generateName": f"new-{number}-"}, "data": {"n": str(number)}}
            return self._send("POST", self._objects(), body, "agent")
        return self._send("PATCH", f"{self._objects()}/counter", {"data": {"n": str(number)}}, "agent")

    def _approve(self, refusal: dict[str, Any]) -> bool:
        """Decide as a person; whether that was stored."""
        path = (
            f"/apis/kubeapprove.io/v1alpha1/namespaces/{self._namespace}/manifestapprovals/{refusal['details']['name']}"
        )
        status, approval = self._send("GET", path, None, "alice")
        if status != 200:
            return False
        decision = {"for": approval["metadata"]["uid"], "verdict": "Approved", "reason": "read it"}
        return self._send("PATCH", path, {"spec": {"decisions": {"alice": decision}}}, "alice")[0] == 200

    def _objects(self) -> str:
        return f"/api/v1/namespaces/{self._namespace}/configmaps"

    def _send(self, method: str, path: str, body: Any, as_: str) -> Answer:
        try:
            return self._control_plane.raw(method, path, body, as_=as_)
        except (OSError, http.client.HTTPException):
            return _NOBODY
