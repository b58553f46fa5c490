"""An explanation of `policy test` for people, and as data."""

from collections.abc import Iterator, Sequence
from typing import Any

from kubeapprove.durations import format_duration
from kubeapprove.printable import safe
from kubeapprove_cli import needs
from kubeapprove_cli.explaining import Explanation, Outcome, PolicySeen, RuleSeen
from kubeapprove_cli.lines import Line, line

_STYLES = {Outcome.ALLOWED: "green", Outcome.NEEDS_APPROVAL: "yellow", Outcome.DENIED: "red"}
_SET_ASIDE = "does not decide: it observes, and an enforcing policy names the caller"
_NO_RULE = "no rule matches: one approval by anyone who holds the verb approve is asked for"


def _resource(explanation: Explanation) -> str:
    resource, sub = explanation.request.resource, explanation.request.subresource
    return f"{resource.resource}" + (f".{resource.group}" if resource.group else "") + (f"/{sub}" if sub else "")


def _object(explanation: Explanation) -> str:
    request = explanation.request
    is_inside = (request.resource.group, request.resource.resource) != ("", "namespaces")
    parts = (request.namespace if is_inside else "", request.name or "*")
    return "/".join(part for part in parts if part)


def render(explanation: Explanation) -> list[Line]:
    """Return what was looked at, and what becomes of the request."""
    request = explanation.request
    head = f"{request.operation} {_resource(explanation)} {_object(explanation)}"
    lines = [line((safe(head), "bold"), safe(f" by {request.user.username}"))]
    for seen in explanation.seen:
        lines += _policy(seen)
    if explanation.others:
        lines.append(line("  do not name the caller: ", safe(", ".join(explanation.others))))
    lines += [line(f"  note: {safe(note)}") for note in explanation.notes]
    return [*lines, *_end(explanation)]


def _policy(seen: PolicySeen) -> Iterator[Line]:
    policy = seen.policy
    mode = ("cannot be used", "red") if policy.problem else (str(policy.mode), "")
    yield line("  policy ", (safe(policy.name), "bold"), " (", mode, ")")
    if seen.finding is None:
        yield line(f"    {_SET_ASIDE}")
        return
    if policy.problem:
        yield line(f"    {safe(policy.problem)}")
        return
    width = max((len(rule.name) for rule in seen.rules), default=0)
    for rule in seen.rules:
        yield line(f"    rule {safe(rule.name).ljust(width)}  ", *_rule(rule))
    if not any(rule.failed or not rule.differs for rule in seen.rules):
        yield line(f"    {_NO_RULE}")


def _rule(rule: RuleSeen) -> tuple[str | tuple[str, str], ...]:
    if not rule.differs:
        return (("matches", "bold"), f": {rule.action}")
    if rule.failed:
        return (("fails", "red"), f": {safe(rule.because)}")
    return (("does not match", "dim"), f": {rule.differs} ({safe(rule.because)})")


def _end(explanation: Explanation) -> Iterator[Line]:
    style = _STYLES[explanation.outcome]
    match explanation.outcome:
        case Outcome.NEEDS_APPROVAL:
            yield line(("needs approval", f"bold {style}"), f": {safe(explanation.sentence)}")
            yield line(f"  {_times(explanation)}")
        case Outcome.ALLOWED:
            yield line(("allowed", f"bold {style}"), f" ({explanation.reason}): {safe(explanation.sentence)}")
        case Outcome.DENIED:
            yield line(("denied", f"bold {style}"), f" ({explanation.reason}): {safe(explanation.sentence)}")


def _times(explanation: Explanation) -> str:
    asked = explanation.requirements
    pending = format_duration(min(requirement.pending_for for requirement in asked))
    use = format_duration(min(requirement.use_within for requirement in asked))
    return f"people may decide for {pending}; then it may be used once, within {use}"


def as_data(explanations: Sequence[Explanation]) -> dict[str, Any]:
    """Return the answer of `-o json`."""
    return {
        "requester": explanations[0].request.user.as_dict(),
        "results": [_result(explanation) for explanation in explanations],
    }


def _result(explanation: Explanation) -> dict[str, Any]:
    request = explanation.request
    return {
        "operation": str(request.operation),
        "resource": _resource(explanation),
        "namespace": request.namespace,
        "name": request.name,
        "outcome": str(explanation.outcome),
        "reason": str(explanation.reason),
        "message": explanation.sentence,
        "requirements": [needs.full_terms(requirement) for requirement in explanation.requirements],
        "policies": [_seen(seen) for seen in explanation.seen],
        "doNotName": list(explanation.others),
        "notes": list(explanation.notes),
    }


def _seen(seen: PolicySeen) -> dict[str, Any]:
    finding = seen.finding
    told: dict[str, Any] = {"name": seen.policy.name, "mode": str(seen.policy.mode), "decides": finding is not None}
    if seen.policy.problem:
        told["problem"] = seen.policy.problem
    if finding is not None:
        told |= {"action": str(finding.action), "rule": finding.rule}
    return {
        **told,
        "rules": [
            {"name": rule.name, "action": rule.action, "matches": not rule.differs}
            | ({"differs": rule.differs, "because": rule.because} if rule.differs else {})
            for rule in seen.rules
        ],
    }
