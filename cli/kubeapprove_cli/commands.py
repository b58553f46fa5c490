"""What each command does: read, show, write one decision, say what came of it."""

import base64
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from kubeapprove.resources import MAX_REASON, DecisionVerdict, Phase
from kubeapprove_cli import clock, listing, live, needs, owing, screen, waiting
from kubeapprove_cli import review as reviewing
from kubeapprove_cli.errors import CliError, Exit, UsageError
from kubeapprove_cli.find import find, states
from kubeapprove_cli.kube import Flags, Kubectl
from kubeapprove_cli.lines import Line, line
from kubeapprove_cli.screen import ListOutput, Output
from kubeapprove_cli.state import State, state_of


def list_approvals(flags: Flags, *, everything: bool, output: ListOutput | None) -> None:
    """Print the open approvals, or all."""
    kubectl = Kubectl(flags)
    namespace = "" if flags.all_namespaces else kubectl.namespace
    now = clock.now()
    found = [one for one in states(kubectl.approvals(namespace), now) if everything or one.is_open]
    match output:
        case ListOutput.JSON | ListOutput.YAML:
            _print_list(found, output)
        case ListOutput.NAME:
            screen.show(line(screen.name_of(one.name)) for one in found)
        case _ if found:
            screen.show(listing.table(found, now, wide=output is ListOutput.WIDE))
        case _:
            where = f"in namespace {namespace}" if namespace else "in this cluster"
            what = "There are no approvals" if everything else "Nothing waits for a decision"
            screen.say(f"{what} {where}." + ("" if everything else " Finished ones: --all"))


def _print_list(found: Sequence[State], output: ListOutput) -> None:
    items = [needs.with_standing(one) for one in found]
    screen.dump({"apiVersion": "v1", "kind": "List", "items": items}, output)


def list_owed(flags: Flags, output: ListOutput | None) -> None:
    """Print the approvals, finished ones as well, on which glass was broken that nobody else has reviewed."""
    kubectl = Kubectl(flags)
    namespace = "" if flags.all_namespaces else kubectl.namespace
    found = [one for one in states(kubectl.approvals(namespace), clock.now()) if one.owed]
    match output:
        case ListOutput.JSON | ListOutput.YAML:
            _print_list(found, output)
        case ListOutput.NAME:
            screen.show(line(screen.name_of(one.name)) for one in found)
        case _ if found:
            screen.show(owing.owed(found, flags.context))
        case _:
            screen.say(f"No review is owed {f'in namespace {namespace}' if namespace else 'in this cluster'}.")


def review(flags: Flags, name: str, output: Output | None) -> None:
    """Print one approval for a person."""
    kubectl = Kubectl(flags)
    approval = find(kubectl, name, clock.now())
    if output is None:
        screen.show([*_whole(kubectl, approval), *_separated(reviewing.footer(approval, flags.context))])
    else:
        _print(approval, output)


def _whole(kubectl: Kubectl, approval: State) -> list[Line]:
    lines = [*reviewing.header(approval, clock.now()), line(), *reviewing.body(approval)]
    document = approval.document
    if document is not None and document.operation == "DELETE":
        lines += live.object_now(kubectl, document)
    return lines


def _separated(lines: list[Line]) -> list[Line]:
    return [line(), *lines] if lines else []


def _print(approval: State, output: Output, *, several: bool = False) -> None:
    if output is Output.NAME:
        screen.show([line(screen.name_of(approval.name))])
    else:
        screen.dump(needs.with_standing(approval), output, several=several)


def yes(
    flags: Flags, names: Sequence[str], message: str, *, ask: bool, break_glass: bool, output: Output | None
) -> None:
    """Approve each of `names`, after showing it."""
    _check_reason(message, needed=break_glass)
    if ask and not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on: review the change first, then give -y")
    kubectl = Kubectl(flags)
    declined = 0
    for name in names:
        approval = find(kubectl, name, clock.now())
        _must_be_open(approval)
        if ask or output is None:
            screen.show(_whole(kubectl, approval))
        if approval.problem:
            raise CliError(f"{approval.full_name} is invalid and cannot be approved: {approval.problem}")
        if ask and not _confirmed(approval, break_glass=break_glass):
            screen.say(f"{approval.full_name}: nothing was decided")
            declined += 1
            continue
        more = {"breakGlass": True} if break_glass else {}
        stored = _decide(kubectl, approval, DecisionVerdict.APPROVED, message, **more)
        _report(stored, output, _broke_glass if break_glass else _approved, several=len(names) > 1)
    if declined:
        raise CliError("not everything was approved" if declined < len(names) else "nothing was approved")


def _confirmed(approval: State, *, break_glass: bool) -> bool:
    """Ask. What was typed before the change was shown is no answer to it."""
    import termios

    termios.tcflush(sys.stdin.fileno(), termios.TCIFLUSH)
    if break_glass:
        screen.say(_BREAKING)
    verb = "Break the glass for" if break_glass else "Approve"
    sys.stderr.write(f"{verb} {approval.subject} ({approval.manifest_hash[:19]}…)? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


_BREAKING = (
    "Breaking the glass: your word alone stands for everybody whom policies ask for. It is marked for good, and it is "
    "owed a review until somebody else acknowledges it."
)


def _approved(latest: State) -> str:
    return f"approved {_what(latest)}{_until(latest)}"


def _broke_glass(latest: State) -> str:
    return f"broke the glass for {_what(latest)}{_until(latest)}; somebody else owes it a review"


def no(flags: Flags, names: Sequence[str], message: str, output: Output | None) -> None:
    """Deny each of `names`."""
    _check_reason(message, needed=True)
    kubectl = Kubectl(flags)
    for name in names:
        approval = find(kubectl, name, clock.now())
        _must_be_open(approval)
        stored = _decide(kubectl, approval, DecisionVerdict.DENIED, message)
        _report(stored, output, lambda latest: f"denied {_what(latest)}", several=len(names) > 1)


def _decide(kubectl: Kubectl, approval: State, verdict: DecisionVerdict, message: str, **more: Any) -> dict[str, Any]:
    """Write one decision on the approval that was shown; the server stamps who, with which groups and when."""
    decision = {"for": approval.uid, "verdict": str(verdict), "reason": message, **more}
    return kubectl.patch(approval.namespace, approval.name, {"decisions": {_decision_id(): decision}})


def _what(approval: State) -> str:
    return f"{approval.full_name}: {approval.subject}"


def _until(approval: State) -> str:
    until = approval.standing.until
    if approval.phase is Phase.APPROVED and until is not None:
        return f"; the agent can make the change once, until {clock.moment(until)}"
    missing = needs.still_missing(approval)
    return f"; still missing: {missing}" if approval.phase is Phase.PENDING and missing else ""


def _decision_id() -> str:
    """Any id does: who decided is stamped by the server. Random, so that no two collide."""
    return "d-" + base64.b32encode(os.urandom(10)).decode("ascii").lower()[:10]


def revoke(flags: Flags, name: str, message: str, output: Output | None) -> None:
    """Take one back."""
    _check_reason(message, needed=True)
    kubectl = Kubectl(flags)
    approval = find(kubectl, name, clock.now())
    # What looks expired from here may still be usable: who may decide is the gate's to judge.
    if approval.standing.phase is not Phase.EXPIRED:
        _must_be_open(approval)
    stored = kubectl.patch(approval.namespace, approval.name, {"revoked": {"reason": message}})
    _report(stored, output, lambda latest: f"revoked {_what(latest)}")


def acknowledge(flags: Flags, name: str, message: str, output: Output | None) -> None:
    """Say that broken glass was reviewed; the server stamps by whom and when."""
    _check_reason(message, needed=True)
    kubectl = Kubectl(flags)
    approval = find(kubectl, name, clock.now())
    if not approval.owed:
        raise CliError(f"{approval.full_name} is owed no review: see `kubectl approve list --owed`")
    if output is None:
        screen.show(line(text) for text in owing.broken(approval))
    stored = kubectl.patch(
        approval.namespace, approval.name, {"acknowledgements": {_decision_id(): {"reason": message}}}
    )
    _report(stored, output, _acknowledged)


def _acknowledged(latest: State) -> str:
    rest = "; a review is still owed, by somebody else than you" if latest.owed else ""
    return f"acknowledged {_what(latest)}{rest}"


def reason(flags: Flags, name: str, message: str, output: Output | None) -> None:
    """Say why, as the agent that asked."""
    _check_reason(message, needed=True)
    kubectl = Kubectl(flags)
    approval = find(kubectl, name, clock.now())
    if approval.model is not None and approval.model.spec.reason:
        raise CliError(f"{approval.full_name} has a reason already, and it is said once")
    stored = kubectl.patch(approval.namespace, approval.name, {"reason": message})
    _report(stored, output, lambda latest: f"the reason of {latest.full_name} is set")


def wait(flags: Flags, name: str, timeout: str, output: Output | None) -> Exit:
    """Wait for a decision and return its exit code."""
    length = clock.duration(timeout)
    kubectl = Kubectl(flags)
    approval = find(kubectl, name, clock.now())
    answer = waiting.wait(kubectl, approval, length)
    if output is None:
        screen.show([line(f"{answer.sentence}."), line(f"Next: {answer.next}")])
    elif output is Output.NAME:
        screen.show([line(answer.phase)])
    else:
        told = {
            "approval": f"{approval.namespace}/{approval.name}",
            "hash": approval.manifest_hash,
            "phase": answer.phase,
            "exitCode": int(answer.code),
            "message": answer.sentence,
            "next": answer.next,
        }
        screen.dump(told, output)
    return answer.code


def _report(
    stored: dict[str, Any], output: Output | None, sentence: Callable[[State], str], *, several: bool = False
) -> None:
    latest = state_of(stored, clock.now())
    if output is None:
        screen.show([line(sentence(latest))])
    else:
        _print(latest, output, several=several)


def _check_reason(message: str, *, needed: bool) -> None:
    if needed and not message.strip():
        raise UsageError('say why, with -m "…"')
    if len(message) > MAX_REASON:
        raise UsageError(f"the reason has {len(message)} characters; {MAX_REASON} fit")


def _must_be_open(approval: State) -> None:
    if approval.is_open:
        return
    ends = {
        Phase.DENIED: "is denied, and that holds until it is deleted",
        Phase.EXPIRED: "has expired; the agent has to ask again",
        Phase.CONSUMED: "has let its change through",
    }
    raise CliError(f"{approval.full_name} {ends.get(approval.standing.phase, 'is revoked')}")
