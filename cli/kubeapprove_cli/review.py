"""A change for a person who decides on it: who asks, what would change, and the commands that decide."""

import json
import shlex
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kubeapprove.printable import is_safe, quoted, safe
from kubeapprove.requirements import in_words
from kubeapprove.resources import ManifestApproval, Phase
from kubeapprove_cli import diffview, needs, yamlview
from kubeapprove_cli.clock import moment, span
from kubeapprove_cli.document import Document
from kubeapprove_cli.lines import Line, Span, indented, line
from kubeapprove_cli.listing import STYLES
from kubeapprove_cli.state import State

_VERBS = {"CREATE": "Create", "UPDATE": "Update", "DELETE": "Delete", "CONNECT": "Connect to"}
_LABEL = 12
_EXEC = ("kind", "apiVersion", "command", "container", "tty", "stdin", "stdout", "stderr")
"""What the lines on an exec say in words, or what says nothing."""


def _fact(label: str, *parts: str | Span) -> Line:
    return line((label.ljust(_LABEL), "dim"), *parts)


def header(approval: State, now: datetime) -> list[Line]:
    """Return who asks for what, and where it stands."""
    lines = [title(approval)]
    if approval.problem:
        lines.append(line((f"INVALID: {safe(approval.problem)}. Do not approve it.", "bold white on red")))
    model = approval.model
    if model is None:
        return lines
    lines.append(_fact("asked by", safe(model.spec.requester.username), _groups(model)))
    if model.spec.reason:
        lines.append(_fact("claims", quoted(model.spec.reason), (" (the agent's own words)", "dim")))
    lines += [
        _fact("phase", (str(approval.phase), STYLES.get(approval.phase, "bold")), _until(approval, now)),
        _fact("approval", approval.full_name, (f" (uid {safe(approval.uid)})", "dim")),
        _fact("hash", safe(model.spec.manifest_hash)),
    ]
    if created := model.metadata.creation_timestamp:
        lines.append(_fact("created", f"{moment(created)} ({span(now - created)} ago)"))
    return lines + _requirements(approval) + _history(model) + _owed(approval) + _warnings(approval)


def _requirements(approval: State) -> list[Line]:
    """Return what policies asked when the agent last tried, and what is missing by the decisions of today."""
    is_broken = any(decision.break_glass for decision in approval.standing.decided)
    lines = []
    for requirement, lacks in needs.missing(approval):
        assumed = "" if needs.is_told(approval) else " (assumed: the gate has written nothing about it yet)"
        if lacks:
            lines.append(_fact("missing", (safe(in_words(requirement, lacks)), "yellow"), assumed))
        else:
            waived = " (waived: the glass was broken)" if is_broken else assumed
            lines.append(_fact("met", needs.demand(requirement), waived))
    return lines


def _owed(approval: State) -> list[Line]:
    return [
        _fact("owed", (f"a review by somebody else than {safe(mark.by.username)}, who broke the glass", "bold yellow"))
        for mark in approval.owed
    ]


def title(approval: State) -> Line:
    """Return what would be done to what."""
    document = approval.document
    if document is None:
        return line(("A change that cannot be shown", "bold"))
    where = f" in namespace {safe(document.namespace)}" if document.namespace else ""
    if _command(document) is not None:
        return line((f"Run a command in the pod {safe(document.name)}{where}", "bold"))
    verb = _VERBS[document.operation]
    return line((f"{verb} {safe(document.resource)} {safe(document.name)}{where}", "bold"))


def _groups(model: ManifestApproval) -> str:
    groups = model.spec.requester.groups
    return f" (groups: {', '.join(safe(group) for group in groups)})" if groups else ""


def _until(approval: State, now: datetime) -> str:
    until = approval.standing.until
    if until is None or not (approval.is_open or approval.standing.phase is Phase.EXPIRED):
        return ""
    waits = "for a decision" if approval.standing.phase is Phase.PENDING else "for the agent to make the change"
    if approval.is_open:
        return f", waits {waits} until {moment(until)} (in {span(until - now)})"
    return f", its time ended at {moment(until)}"


def _history(model: ManifestApproval) -> list[Line]:
    lines = []
    for decision in sorted(model.spec.decisions.values(), key=lambda decision: decision.at):
        style = STYLES.get(Phase(decision.verdict), "")
        how = " (signed)" if decision.signature else " (break glass)" if decision.break_glass else ""
        other = "" if decision.for_ == model.metadata.uid else ", for another approval: it counts for nothing"
        parts = (
            f"{how} by {safe(decision.by.username)} at {moment(decision.at)}{other}",
            _quoted_reason(decision.reason),
        )
        lines.append(_fact("decision", (str(decision.verdict), style), *parts))
    for word in sorted(model.spec.acknowledgements.values(), key=lambda word: word.at):
        text = f"by {safe(word.by.username)} at {moment(word.at)}{_quoted_reason(word.reason)}"
        lines.append(_fact("reviewed", text))
    if revoked := model.spec.revoked:
        text = f"by {safe(revoked.by.username)} at {moment(revoked.at)}{_quoted_reason(revoked.reason)}"
        lines.append(_fact("revoked", text))
    if model.status is not None and (claim := model.status.claim):
        lines.append(_fact("used", f"at {moment(claim.at)} by request {safe(claim.request_uid)}"))
    if before := model.spec.previous:
        who = f" by {', '.join(safe(name) for name in before.by)}" if before.by else ""
        when = f" at {moment(before.at)}" if before.at else ""
        text = f"the same was asked before and ended {before.outcome}{who}{when}{_quoted_reason(before.reason or '')}"
        lines.append(_fact("before", text))
    return lines


def _quoted_reason(reason: str) -> str:
    return f": {quoted(reason)}" if reason else ""


def _warnings(approval: State) -> list[Line]:
    if approval.document is None or not approval.document.cut:
        return []
    count = approval.document.cut
    what = "a text is" if count == 1 else f"{count} texts are"
    return [
        line((f"{what} too long to be shown: only the beginning is below, the rest is bound by its digest", "bold red"))
    ]


def body(approval: State) -> list[Line]:
    """Return what would change; of a DELETE only its options, since its change holds no object."""
    document = approval.document
    if document is None:
        return _unreadable(approval)
    match document.operation:
        case "CREATE":
            return [
                line("It would store:"),
                *indented(yamlview.render(document.body["object"]), 2),
                *_ownership(document),
            ]
        case "UPDATE":
            return _update(document)
        case "DELETE":
            return [
                line(f"It would delete the object with uid {safe(document.body['uid'])}."),
                *_options(document.body["options"]),
            ]
        case _:
            return _connect(document)


def _unreadable(approval: State) -> list[Line]:
    text = approval.model.spec.change if approval.model else json.dumps(approval.raw, indent=2)
    return [line("What is stored, as it is:"), *(line("  " + safe(row)) for row in text.split("\n"))]


def _update(document: Document) -> list[Line]:
    fields = document.body["fields"]
    lines = [line("It would change:" if fields else "It would change no value."), *indented(diffview.fields(fields), 2)]
    return lines + _ownership(document)


def _ownership(document: Document) -> list[Line]:
    return indented(diffview.ownership(document.body.get("ownership") or []), 2)


def _options(options: dict[str, Any]) -> list[Line]:
    return [line("Options:"), *indented(yamlview.render(options), 2)] if options else []


def _connect(document: Document) -> list[Line]:
    options = document.body["options"]
    command = _command(document)
    if command is None:
        return [line("It would open a connection, and nobody sees what goes through it."), *_options(options)]
    lines = [line(f"It would run in the container {_container(options)}:"), *indented(_command_lines(command), 2)]
    terminal = "with a terminal (tty)" if options.get("tty") else "without a terminal"
    typed = (
        "what is typed into it (stdin) is seen by nobody" if options.get("stdin") else "nothing can be typed into it"
    )
    return [*lines, line(f"  {terminal}; {typed}"), *_options(_without(options, _EXEC))]


def _command(document: Document) -> list[str] | None:
    command = document.body.get("options", {}).get("command")
    is_command = type(command) is list and command and all(type(part) is str for part in command)
    return command if document.body["subresource"] == "exec" and is_command else None


def _without(options: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key not in keys}


def _container(options: dict[str, Any]) -> str:
    container = options.get("container")
    return safe(container) if type(container) is str and container else "(the pod's default)"


def _command_lines(command: list[str]) -> list[Line]:
    """As a shell would be given it; a script of several lines as a list, so that its lines can be read."""
    if any("\n" in part for part in command):
        return [row.styled("bold") for row in yamlview.render(command)]
    return [line((" ".join(map(_word, command)), "bold"))]


def _word(part: str) -> str:
    """Single quotes hold everything but themselves; in double quotes a backslash always is an escape."""
    if not is_safe(part):
        return quoted(part)
    return f'"{part}"' if "'" in part and not set(part) & set('"$`\\!') else shlex.quote(part)


def footer(approval: State, context: str) -> list[Line]:
    """Return the commands that decide, where the approval still takes a decision."""
    place = place_of(approval, context)
    owed = [line("To acknowledge:"), line("  kubectl approve acknowledge ", safe(place), ' -m "what you found"')]
    if not approval.is_open or approval.problem:
        return owed if approval.owed else []
    decision = {"for": approval.uid, "verdict": "Approved", "reason": "…"}
    patch = json.dumps({"spec": {"decisions": {"<you>": decision}}}, ensure_ascii=False, separators=(",", ":"))
    return [
        line("To decide:"),
        line("  kubectl approve yes ", safe(place), ' -m "why"'),
        line("  kubectl approve no ", safe(place), ' -m "why not"'),
        line("  kubectl patch ma ", safe(place), " --type merge -p ", safe(shlex.quote(patch))),
        *(owed if approval.owed else []),
    ]


def place_of(approval: State, context: str) -> str:
    """Return an approval as the command line names it."""
    return f"{approval.name} -n {approval.namespace}" + (f" --context {shlex.quote(context)}" if context else "")
