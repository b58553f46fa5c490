"""Reviews that were recorded, judged: what a whole run of tests or a cluster has put to the webhook."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kubeapprove.strictjson import UnreadableError
from tests.judge.side_by_side import differences


@dataclass(slots=True)
class Report:
    """What was judged; `unreadable` are reviews that core refuses to read, which no hash can come from."""

    reviews: int = 0
    unreadable: int = 0
    kinds: set[str] = field(default_factory=set)
    operations: set[str] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """One sentence where all agree, else every difference."""
        counted = f"{self.reviews} reviews of {len(self.kinds)} kinds"
        if self.unreadable:
            counted += f" ({self.unreadable} unreadable)"
        if not self.differences:
            return f"{counted}: core and the judge agree"
        return "\n".join([f"{counted}: core and the judge differ", *self.differences])


def check(reviews: Iterable[dict[str, Any]], *, compare: Callable[[dict[str, Any]], list[str]] = differences) -> Report:
    """Judge reviews, each an AdmissionReview or its `request` alone."""
    report = Report()
    for number, review in enumerate(reviews):
        raw = review.get("request", review)
        kind = _kind(raw)
        report.reviews += 1
        report.kinds.add(kind)
        report.operations.add(str(raw.get("operation")))
        try:
            found = compare(raw)
        except UnreadableError:
            report.unreadable += 1
            continue
        report.differences += [f"review {number}, {raw['operation']} {kind}, {raw.get('uid')}: {one}" for one in found]
    return report


def _kind(raw: dict[str, Any]) -> str:
    resource = raw.get("resource") or {}
    parts = (resource.get("group") or "core", resource.get("resource"), raw.get("subResource"))
    return "/".join(str(part) for part in parts if part)


def read(folder: Path) -> Iterable[dict[str, Any]]:
    """Yield the reviews of a folder and of those below it: one review in a `.json`, one a line in a `.jsonl`."""
    for path in sorted(folder.rglob("*.json*")):
        text = path.read_text()
        yield from (json.loads(line) for line in (text.splitlines() if path.suffix == ".jsonl" else [text]))
