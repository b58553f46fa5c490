"""How long people see an old phase, and how long a changed registration lasts. `python -m bench.phases`.

Seconds from the API server's answer to a decision, a use, a revocation or an edit, or from the end of its time, until a
read shows what must follow.
Goals: phases within a second, the registration within five.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

from e2e.cluster.binaries import locate
from e2e.cluster.control_plane import ControlPlane
from e2e.gated.gated import Gated
from kubeapprove.resources import format_time
from tests.gate.asking import JSON_PATCH, Place, asked
from tests.operator.seen import a_place, born_again, usable

TIMES = 30
POLL = 0.005
VALIDATING = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/kubeapprove"
OPEN = [{"op": "replace", "path": "/webhooks/0/failurePolicy", "value": "Ignore"}]


def until(condition: Callable[[], bool]) -> float:
    """Return how many seconds it took."""
    started = time.monotonic()
    while not condition():
        time.sleep(POLL)
    return time.monotonic() - started


def life(place: Place, number: int, seconds: dict[str, list[float]]) -> None:
    """Walk one approval to its use, and one to its revocation."""
    body = {"metadata": {"name": f"c-{number}"}, "data": {"k": "v"}}
    used = asked(place.create("configmaps", body))
    place.approve(used)
    seconds["decision, shown as Approved"].append(until(lambda: usable(place, used)[1] == "Approved"))
    assert place.create("configmaps", body)[0] == 201
    seconds["use, shown in the condition"].append(until(lambda: usable(place, used)[1] == "Consumed"))
    revoked = asked(place.delete("configmaps", f"c-{number}"))
    assert place.patch_approval(revoked, {"spec": {"revoked": {"reason": "not now"}}})[0] == 200
    seconds["revocation, shown as Revoked"].append(until(lambda: usable(place, revoked)[1] == "Revoked"))


def expiry(place: Place, number: int) -> float:
    """Have an approval expire in two seconds, and return how long after its time it is shown as Expired."""
    body = {"metadata": {"name": f"e-{number}"}}
    end = datetime.now(UTC) + timedelta(seconds=2)
    waiting = born_again(place, asked(place.create("configmaps", body)), pendingUntil=format_time(end))
    until(lambda: usable(place, waiting)[1] == "Expired")
    return (datetime.now(UTC) - end).total_seconds()


def repair(control_plane: ControlPlane) -> float:
    """Have the gate fail open, and wait until it does not."""
    assert control_plane.raw("PATCH", VALIDATING, OPEN, headers=JSON_PATCH)[0] == 200
    return until(lambda: control_plane.raw("GET", VALIDATING)[1]["webhooks"][0]["failurePolicy"] == "Fail")


def main() -> None:
    """Measure and print."""
    seconds: dict[str, list[float]] = {
        "decision, shown as Approved": [],
        "use, shown in the condition": [],
        "revocation, shown as Revoked": [],
    }
    with ControlPlane(binaries=locate(), fsync=True) as control_plane, Gated(control_plane, operator=True) as gated:
        place = a_place(gated)
        for number in range(TIMES):
            life(place, number, seconds)
        seconds["time over, shown as Expired"] = [expiry(place, number) for number in range(TIMES // 3)]
        seconds["registration edited, repaired"] = [repair(control_plane) for _ in range(TIMES // 3)]
    print(f"{'seconds':<32}{'median':>8}{'most':>8}{'times':>8}")
    for what, found in seconds.items():
        print(f"{what:<32}{median(found):>8.3f}{max(found):>8.3f}{len(found):>8}")


if __name__ == "__main__":
    main()
