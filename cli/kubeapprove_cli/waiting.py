"""`wait`: until somebody decides. A watch where it is allowed, else a look every second; any connection may drop."""

import json
import os
import selectors
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from kubeapprove.lifecycle import claim_of
from kubeapprove.printable import quoted, safe
from kubeapprove.resources import Phase
from kubeapprove_cli import clock, needs, refusal
from kubeapprove_cli.errors import Exit, ForbiddenError, KubectlError, NotFoundError, UnreachableError
from kubeapprove_cli.kube import Kubectl
from kubeapprove_cli.screen import say
from kubeapprove_cli.state import State, state_of

if TYPE_CHECKING:
    import subprocess

_WATCH = 30.0
"""Seconds of one watch: a connection that died silently is noticed after them."""
_GRACE = 2.0
_PAUSE = 1.0
_AGAIN = "run the same command again"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it: an exit code, a safe sentence, and what to do next."""

    code: Exit
    phase: str
    sentence: str
    next: str


def wait(kubectl: Kubectl, first: State, timeout: timedelta) -> Answer:
    """Return when the approval is decided, over or gone, or the time is."""
    deadline = clock.now() + timeout
    may_watch = True
    current, told = first, ""
    while True:
        if (answer := judged(current, first.uid)) is not None:
            return answer
        missing = needs.still_missing(current) if needs.is_told(current) else ""
        if missing != told:
            say(f"waiting; still missing: {missing}")
            told = missing
        now = clock.now()
        if now >= deadline:
            return _timeout(current, timeout)
        until = min(deadline, current.standing.until or deadline)
        seconds = max(0.0, min(_WATCH, (until - now).total_seconds()))
        try:
            if may_watch:
                _until_event(kubectl, current, seconds)
            else:
                time.sleep(min(_PAUSE, seconds))
        except ForbiddenError:
            may_watch = False
        except KubectlError:
            time.sleep(min(_PAUSE, seconds))
        latest = _latest(kubectl, first, deadline)
        if latest is None:
            return _gone(first)
        if _version(latest) == _version(current) and clock.now() - now < timedelta(seconds=_PAUSE):
            time.sleep(min(_PAUSE, seconds))  # a proxy that ends every watch at once must not keep us busy
        current = latest


def _latest(kubectl: Kubectl, first: State, deadline: datetime) -> State | None:
    """Read the approval, trying again while the cluster does not answer; None where it is gone."""
    told = False
    while True:
        try:
            return state_of(kubectl.approval(first.namespace, first.name), clock.now())
        except NotFoundError:
            return None
        except UnreachableError as error:
            if clock.now() >= deadline:
                raise
            if not told:
                say(f"{error.sentence}; trying again")
                told = True
            time.sleep(_PAUSE)


def _until_event(kubectl: Kubectl, current: State, seconds: float) -> None:
    """Return at the first event of the approval, or when the time is over. What the event says is read anew."""
    version = _version(current)
    with _ended(kubectl.watch(current.namespace, current.name, version, max(1, round(seconds)))) as process:
        deadline = time.monotonic() + seconds + _GRACE
        for event in _events(process, deadline):
            if event.get("type") != "BOOKMARK":
                return
        if time.monotonic() < deadline and process.wait() != 0 and process.stderr is not None:
            raise refusal.error_of(process.stderr.read().decode("utf-8", errors="replace"))


def _version(approval: State) -> str:
    return str(approval.raw.get("metadata", {}).get("resourceVersion", ""))


@contextmanager
def _ended(process: "subprocess.Popen[bytes]") -> Iterator["subprocess.Popen[bytes]"]:
    with process:
        try:
            yield process
        finally:
            process.kill()


def _events(process: "subprocess.Popen[bytes]", deadline: float) -> Iterator[dict[str, Any]]:
    """Yield what a watch sends, a JSON document a line, until its end or the deadline."""
    source = process.stdout.fileno() if process.stdout is not None else -1
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(source, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0 and selector.select(left):
            data = os.read(source, 65536)
            if not data:
                return
            *whole, pending = (pending + data).split(b"\n")
            for row in whole:
                yield _event(row)


def _event(row: bytes) -> dict[str, Any]:
    try:
        event = json.loads(row)
    except ValueError:
        return {}  # something happened; what it is will be read anew
    return event if type(event) is dict else {}


def judged(approval: State, uid: str) -> Answer | None:
    """Return what an approval's state means for who waits; None: go on waiting."""
    if approval.uid != uid:
        name = approval.full_name
        text = f"{name} is another approval now: the one that was waited for is gone"
        return Answer(Exit.GONE, "Gone", text, f"kubectl approve wait {name}")
    if approval.problem:
        text = f"{approval.full_name} is invalid: {safe(approval.problem)}"
        return Answer(Exit.ERROR, str(Phase.INVALID), text, "ask whoever runs the cluster")
    phase, where = approval.phase, approval.standing
    match phase:
        case Phase.PENDING:
            return None
        case Phase.APPROVED:
            until = f" until {clock.moment(where.until)}" if where.until else ""
            text = f"approved{_words(approval)}; it holds for one try{until}"
            return Answer(Exit.OK, str(phase), text, _AGAIN)
        case Phase.DENIED:
            text = f"denied{_words(approval)}"
            return Answer(Exit.DENIED, str(phase), text, "do not try this change again; tell who gave you the task")
        case Phase.EXPIRED:
            text = f"expired{_at(where.until)}: " + ("not used in time" if where.met_at else "nobody decided in time")
            return Answer(Exit.EXPIRED, str(phase), text, f"{_AGAIN}: it asks anew")
        case Phase.CONSUMED:
            claim = claim_of(approval.model) if approval.model else None
            text = f"already used{_at(claim.at if claim else None)}: it lets its change through once"
            return Answer(
                Exit.GONE, str(phase), text, f"look whether the change is there; if not, {_AGAIN}: it asks anew"
            )
        case _:
            return Answer(Exit.GONE, str(phase), f"revoked{_revoked(approval)}", "do not try again before asking why")


def _gone(first: State) -> Answer:
    text = f"{first.full_name} was deleted, which revokes it"
    return Answer(Exit.GONE, "Gone", text, f"{_AGAIN}: it asks anew")


def _timeout(latest: State, timeout: timedelta) -> Answer:
    missing = needs.still_missing(latest) if needs.is_told(latest) else ""
    decided = "not enough people" if latest.standing.decided else "nobody"
    text = f"{decided} decided within {clock.span(timeout)}; {latest.full_name} is still pending"
    text += f", still missing: {missing}" if missing else ""
    return Answer(Exit.TIMEOUT, str(Phase.PENDING), text, f"kubectl approve wait {latest.full_name}")


def _words(approval: State) -> str:
    decided = approval.standing.decided
    if not decided:
        return ""
    names = ", ".join(safe(decision.by.username) for decision in decided)
    reasons = [quoted(decision.reason) for decision in decided if decision.reason]
    return f" by {names}" + (": " + ", ".join(reasons) if reasons else "")


def _at(when: datetime | None) -> str:
    return f" at {clock.moment(when)}" if when else ""


def _revoked(approval: State) -> str:
    revoked = approval.model.spec.revoked if approval.model else None
    if revoked is None:
        return ": it is being deleted"
    return f" by {safe(revoked.by.username)}" + (f": {quoted(revoked.reason)}" if revoked.reason else "")
