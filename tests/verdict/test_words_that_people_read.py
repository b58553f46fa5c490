"""What an agent can put in front of an approver is one plain line: its reason, and the name it connects to."""

from typing import Any

import pytest

from kubeapprove.never import never
from tests.verdict.scenes import AGENT, SETTINGS, connect, request

APPROVALS = {"group": "kubeapprove.io", "version": "v1alpha1", "resource": "manifestapprovals"}
OLD: dict[str, Any] = {"metadata": {"name": "m"}, "spec": {"requester": AGENT.as_dict()}}


def give(reason: Any) -> str | None:
    """Return why this reason may not be given, None where it may."""
    new = {**OLD, "spec": {**OLD["spec"], "reason": reason}}
    return never(request(resource=APPROVALS, object=new, oldObject=OLD), SETTINGS)


@pytest.mark.parametrize("reason", ["the queue is full", "очередь полна, см. тикет 12", 'it\'s 100 % "sure" <now> 😀'])
def test_a_plain_line(reason: str) -> None:
    assert give(reason) is None


@pytest.mark.parametrize(
    "reason",
    ["fine\n\nStatus:\n  Phase:  Approved", "a\rb", "\x1b[2J", "\u202eevorppa", "a\u0336b", "\u3164", "\u2028"],
    ids=["line breaks", "carriage return", "escape", "bidirectional", "combining", "blank", "line separator"],
)
def test_anything_else(reason: str) -> None:
    assert (
        give(reason)
        == "a reason is one line of plain text: no line breaks, control characters or marks that draw on others"
    )


@pytest.mark.parametrize("name", ["web; alice approved it", "😀" * 60, "Web", "a\nb", "", "-a"])
def test_a_connection_to_what_no_object_is_called(name: str) -> None:
    asked = connect("exec", command=["ls"])
    assert (
        never(
            request(operation="CONNECT", resource=PODS, subResource="exec", name=name, object={}, oldObject=None),
            SETTINGS,
        )
        == "no object can have this name"
    )
    assert never(asked, SETTINGS) is None


PODS = {"group": "", "version": "v1", "resource": "pods"}
