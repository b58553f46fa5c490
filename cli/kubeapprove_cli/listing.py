"""The table of `kubectl approve list`: whole names in columns, as kubectl aligns them."""

from collections.abc import Iterable
from datetime import datetime

from kubeapprove.printable import safe
from kubeapprove.resources import Phase
from kubeapprove_cli import needs
from kubeapprove_cli.clock import span
from kubeapprove_cli.lines import Line, Span, line
from kubeapprove_cli.state import State

_COLUMNS = ("NAMESPACE", "NAME", "PHASE", "MISSING", "OPERATION", "RESOURCE", "OBJECT", "REQUESTER", "AGE", "EXPIRES")
_WIDE = ("HASH", "REQUIREMENTS", "REASON")
STYLES = {
    Phase.PENDING: "yellow",
    Phase.APPROVED: "green",
    Phase.DENIED: "red",
    Phase.INVALID: "bold white on red",
}


def table(approvals: Iterable[State], now: datetime, *, wide: bool) -> list[Line]:
    """Return a header and a line for each approval, the oldest first."""
    from rich.cells import cell_len

    columns = _COLUMNS + (_WIDE if wide else ())
    rows: list[list[Span]] = [[(name, "bold") for name in columns]]
    rows += [_row(one, now)[: len(columns)] for one in sorted(approvals, key=_order)]
    widths = [max(cell_len(row[at][0]) for row in rows) for at in range(len(columns))]
    return [_aligned(row, [width - cell_len(row[at][0]) for at, width in enumerate(widths)]) for row in rows]


def _order(approval: State) -> tuple[str, str, str]:
    created = approval.model.metadata.creation_timestamp if approval.model else None
    return (created.isoformat() if created else "", approval.namespace, approval.name)


def _aligned(row: list[Span], missing: list[int]) -> Line:
    parts: list[Span | str] = []
    for (text, style), spaces in zip(row[:-1], missing[:-1], strict=True):
        parts += [(text, style), " " * (spaces + 3)]
    return line(*parts, row[-1])


def _row(approval: State, now: datetime) -> list[Span]:
    model, document = approval.model, approval.document
    texts = [
        approval.namespace,
        approval.name,
        str(approval.phase),
        needs.short(approval) if approval.is_open else "-",
        document.operation if document else "?",
        document.resource if document else "?",
        document.name if document else "?",
        model.spec.requester.username if model else "?",
        _age(approval, now),
        _expires(approval, now),
        approval.manifest_hash,
        " and ".join(needs.demand(requirement) for requirement in approval.requirements) or "?",
        (model.spec.reason or "") if model else "",
    ]
    return [(safe(text), STYLES.get(approval.phase, "") if at == 2 else "") for at, text in enumerate(texts)]


def _age(approval: State, now: datetime) -> str:
    created = approval.model.metadata.creation_timestamp if approval.model else None
    return span(now - created) if created else "?"


def _expires(approval: State, now: datetime) -> str:
    until = approval.standing.until
    return span(until - now) if until and approval.is_open else "-"
