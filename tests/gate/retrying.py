"""One command of an agent, from its first refusal to its one success, by plain kubectl."""

from collections.abc import Callable

from tests.gate.asking import Done, Place, Refusal, asked_by_kubectl

Attempt = Callable[[], Done]


def refused_until_approved(place: Place, attempt: Attempt, between: Callable[[int], object] | None = None) -> Refusal:
    """Try three times, `between` which others write; then approve, and the same command passes.

    The hash is the same at every try, and so is the one approval; the request that passed has claimed it.
    """
    first = asked_by_kubectl(attempt())
    # Where its cache was behind, the API server calls twice for one refused request: the second call finds it waiting.
    assert first.reason in {"ApprovalRequired", "ApprovalPending"}, first
    for number in (1, 2):
        if between is not None:
            between(number)
        again = asked_by_kubectl(attempt())
        assert (again.reason, again.approval, again.hash) == ("ApprovalPending", first.approval, first.hash), again
    approval = place.approval(first)
    assert approval["spec"]["manifestHash"] == first.hash
    assert "claim" not in approval["status"]
    place.approve(first)
    done = attempt()
    assert done.returncode == 0, done
    approval = place.approval(first)
    assert approval["status"]["phase"] == "Consumed"
    assert approval["status"]["claim"]["requestUID"]
    return first


def writes_elsewhere(place: Place, kind: str, name: str = "web") -> Callable[[int], object]:
    """Return what a controller or colleague does meanwhile: it writes another field of the same object."""
    return lambda number: place.changed(kind, name, {"metadata": {"annotations": {"example.org/seen": str(number)}}})


def approvals(place: Place) -> list[str]:
    """Return the names of the approvals in this namespace."""
    return sorted(item["metadata"]["name"] for item in place.items("manifestapprovals"))


def asks_again(place: Place, attempt: Attempt, first: Refusal) -> None:
    """Assert that the same command is a new change that needs a new approval, told what became of the first."""
    again = asked_by_kubectl(attempt())
    assert (again.reason, again.approval, again.hash) == ("ApprovalRequired", first.approval, first.hash)
    previous = place.approval(again)["spec"]["previous"]
    assert (previous["outcome"], previous["by"]) == ("Consumed", ["alice"])
