"""What docs/eks.md and its Terraform look for in CloudWatch is in the API server's audit log, of such requests alone."""

import re
from collections.abc import Iterator
from typing import Final

import pytest

from e2e.gated.gated import ROOT, Gated
from e2e.waiting import wait_until
from tests.docs.terraform import blocks
from tests.gate.asking import Place, asked

pytestmark = pytest.mark.cluster
PAGE: Final = (ROOT / "docs" / "eks.md").read_text(encoding="utf-8")
LOOKED_FOR: Final = re.findall(r"filter @message like /(.+)/\n", PAGE)
PARSED: Final = dict(re.findall(r"parse @message '(.+)' as (\w+)\n", PAGE))
METRIC: Final = blocks()["aws_cloudwatch_log_metric_filter.refusals"]


def lines(gated: Gated, namespace: str) -> list[str]:
    """Return what the audit log says of writes in a namespace, line by line as CloudWatch is given it."""
    written = gated.control_plane.audit_log.read_text(encoding="utf-8").splitlines()
    return [line for line in written if f'"namespace":"{namespace}"' in line and '"resource":"configmaps"' in line]


def wait_for(place: Place, pattern: str, count: int) -> list[str]:
    """Return the lines that a regular expression finds, once there are so many."""
    found: list[str] = []

    def are_there() -> bool:
        found[:] = [line for line in lines(place.gated, place.namespace) if re.search(pattern, line)]
        return len(found) >= count

    wait_until(are_there, f"the audit log held {count} lines with {pattern}")
    return found


def parsed(line: str, name: str) -> str | None:
    """Return what `parse` takes out of a line: a star in its pattern is anything."""
    (glob,) = [pattern for pattern, as_ in PARSED.items() if as_ == name]
    before, _, after = glob.partition("*")
    found = re.search(re.escape(before) + "(.*?)" + re.escape(after), line)
    return None if found is None else found[1]


def test_the_query_finds_refusals_alone(place: Place) -> None:
    waiting = asked(place.ask())
    place.approve(waiting)
    assert place.ask()[0] == 201
    wait_for(place, r'verdict":"allow"', 1)
    refused, _ = LOOKED_FOR
    (line,) = wait_for(place, refused, 1)
    assert parsed(line, "reason") == "ApprovalRequired"
    assert parsed(line, "approval") == waiting.approval


def test_the_metrics_count_each_refusal_once(place: Place) -> None:
    waiting = asked(place.ask())
    assert place.decide(waiting, verdict="Denied", reason="no")[0] == 200
    assert place.ask()[0] == 403
    (verdicts,) = re.findall(r'toset\((\["ask".*?\])\)', METRIC["for_each"])
    patterns = {
        verdict: METRIC["pattern"].strip("%").replace("${each.value}", verdict)
        for verdict in re.findall(r"\w+", verdicts)
    }
    assert {verdict: len(wait_for(place, pattern, 1)) for verdict, pattern in patterns.items()} == {"ask": 1, "deny": 1}


@pytest.fixture
def down(gated: Gated) -> Iterator[None]:
    gated.webhook.kill()
    yield
    gated.webhook.start()


@pytest.mark.faults
@pytest.mark.usefixtures("down")
def test_the_query_finds_who_could_not_be_judged(place: Place) -> None:
    assert place.ask()[0] == 500
    _, unheard = LOOKED_FOR
    assert len(wait_for(place, unheard, 1)) == 1
