"""What the API server asks about agents' changes while a test runs, and what an independent judge says of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from e2e.faults.calls import kind_of_review
from e2e.faults.proxy import Proxy
from e2e.gated.gated import Gated
from e2e.waiting import wait_until
from tests.gate.asking import Place
from tests.judge.recorded import Report, check

LARGEST = 64 * 1024
"""Bytes of a review that is judged: the judge is simple, and slow where there is much."""


@contextmanager
def recorder(gated: Gated) -> Iterator[Proxy]:
    """Stand before the webhook, and have the API server ask there, inside the block and after it."""
    authority = gated.authority
    pair = authority.server("recorder", ("127.0.0.1",))
    certificate = authority.pair.certificate
    with Proxy(gated.webhook.url, ca_file=certificate, pair=pair, name=kind_of_review, transparent=True) as proxy:
        gated.front = proxy.url
        gated.register(gated.url)
        yield proxy


def judged(proxy: Proxy, since: int) -> Report:
    """Return what the judge says of the reviews that came since that many calls."""
    calls = [call for call, _ in proxy.seen[since:] if call.kind == "changes" and len(call.body) <= LARGEST]
    return check(call.json for call in calls)


@contextmanager
def judged_place(gated: Gated, proxy: Proxy, tell: Callable[[Report], None]) -> Iterator[Place]:
    """Make an empty namespace; what the gate was asked inside the block is judged at its end."""
    since = len(proxy.seen)
    name = f"gate-{uuid4().hex[:8]}"
    status, answer = gated.control_plane.raw("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    assert status == 201, answer
    place = Place(gated, name)
    wait_until(lambda: place.exists("serviceaccounts", "default"), "the namespace had its default ServiceAccount")
    yield place
    report = judged(proxy, since)
    tell(report)
    assert report.differences == []
