"""Core's answer and the judge's to one request, side by side."""

from typing import Any

from kubeapprove.change import build_change
from kubeapprove.hidden import Hiding
from kubeapprove.request import read_request
from tests.judge.text import hiding as text
from tests.judge.text.change import judge

CLUSTER = "7f6a2b9e-0000-4000-8000-000000000001"
KEY = b"the key of the tests, 32 bytes.."
Pointers = tuple[tuple[str, ...], ...]


def differences(raw: dict[str, Any], pointers: Pointers = ()) -> list[str]:
    """Return in what core and the judge differ about the `request` of a review; raises what core raises."""
    core = build_change(read_request(raw), cluster=CLUSTER, hiding=Hiding(KEY, pointers=pointers))
    judged = judge(raw, cluster=CLUSTER, hiding=text.Hiding(KEY, pointers=pointers))
    facts = {
        "hash": (core.hash, judged.hash),
        "no change": (core.is_nothing, judged.is_nothing),
        "too large": (core.is_too_large, judged.is_too_large),
        "cut": (sorted(core.cut), sorted(judged.cut)),
        **{part: (core.document.get(part), judged.document.get(part)) for part in {**core.document, **judged.document}},
    }
    return [f"{fact}: core says {ours!r}, the judge {its!r}" for fact, (ours, its) in facts.items() if ours != its]
