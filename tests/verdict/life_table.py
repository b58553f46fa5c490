"""The table of docs/deciding.md: what each event makes of an approval in each phase, by asking core.

`python -m tests.verdict.life_table` writes it; a test compares.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from kubeapprove.deciding import Write
from kubeapprove.identity import UserInfo
from kubeapprove.lifecycle import standing
from kubeapprove.requirements import Requirement
from kubeapprove.resources import Decision, ManifestApproval, Phase
from kubeapprove.verdict import Action
from tests.deciding.writes import ENTRY, deciding, send, stamped, with_spec
from tests.verdict import scenes
from tests.verdict.scenes import ALICE, BOB, HOUR, MINUTE, NOW, PENDING_UNTIL, PEOPLE, decision, denied, raw_approval

PAGE: Final = Path(__file__).parents[2] / "docs" / "deciding.md"
BEGIN: Final = "<!-- begin: python -m tests.verdict.life_table -->"
END: Final = "<!-- end -->"
_BLOCK: Final = re.compile(f"{re.escape(BEGIN)}\n(.*?){re.escape(END)}", re.DOTALL)
REFUSED: Final = "refused"
SAM = UserInfo("sam", "u-sam", ("approvers",))
TOM = UserInfo("tom", "u-tom", ("approvers",))
TWO = Requirement(count=2)


@dataclass(frozen=True)
class Scene:
    """An approval at a moment, under a requirement; `lost` lost the verb."""

    raw: dict[str, Any]
    now: datetime = NOW
    needs: Requirement = TWO
    lost: str = ""

    def may(self, one: Decision) -> bool:
        """Return whether a decision's maker still holds the verb."""
        return one.by.username != self.lost

    def phase(self) -> str:
        """Return where it stands."""
        approval = ManifestApproval.parse(self.raw)
        of = scenes.asked(None, self.needs)
        return str(standing(approval, now=self.now, requirements=of.requirements, people=PEOPLE, may=self.may).phase)


def _status(**more: Any) -> dict[str, Any]:
    return {"phase": "Pending", "requirements": [TWO.mirrored(2).to_json()], **more}


def _of(*decisions: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return raw_approval(None, *decisions, **{"status": _status(), **fields})


_BOTH = (decision(ALICE), decision(BOB))
# One of the two people that a policy asks for has approved; then what each phase needs.
SCENES: Final = {
    Phase.PENDING: Scene(_of(decision(ALICE))),
    Phase.APPROVED: Scene(_of(*_BOTH)),
    Phase.CONSUMED: Scene(_of(*_BOTH, status=_status(claim=scenes.claim()))),
    Phase.EXPIRED: Scene(_of(*_BOTH), NOW + HOUR + MINUTE),
    Phase.REVOKED: Scene(_of(*_BOTH, revoked=scenes.revoked(SAM))),
    Phase.DENIED: Scene(_of(decision(ALICE), denied(BOB))),
}


def _decides(user: UserInfo, **entry: Any) -> Callable[[Scene], str]:
    return lambda scene: _written(scene, deciding(scene.raw, {**ENTRY, **entry}), user)


def _written(scene: Scene, new: dict[str, Any], user: UserInfo) -> str:
    if send(scene.raw, new, user, scene.now).write is Write.REFUSED:
        return REFUSED
    return replace(scene, raw=stamped(scene.raw, new, user, scene.now)).phase()


def _revoked(scene: Scene) -> str:
    return _written(scene, with_spec(scene.raw, revoked={"reason": "no more"}), SAM)


def _deleted(scene: Scene) -> str:
    metadata = {**scene.raw["metadata"], "deletionTimestamp": "2026-01-31T09:00:00Z", "finalizers": ["example.com/a"]}
    return replace(scene, raw={**scene.raw, "metadata": metadata}).phase()


def _later(by: timedelta) -> Callable[[Scene], str]:
    return lambda scene: replace(scene, now=max(scene.now, NOW + by)).phase()


def _needs(count: int) -> Callable[[Scene], str]:
    return lambda scene: replace(scene, needs=Requirement(count=count)).phase()


def _tries(version: str) -> Callable[[Scene], str]:
    """Return what becomes of the agent's next try, on an object of this version; the claim was made at 41."""

    def event(scene: Scene) -> str:
        old = scenes.with_metadata(scenes.OLD, resourceVersion=version)
        of = scenes.asked(scenes.request(oldObject=old), scene.needs)
        verdict = scenes.judge(of, ManifestApproval.parse(scene.raw), scene.now, scene.may)
        if verdict.action is Action.ASK:
            return "a new one, Pending"
        passes = verdict.action in (Action.CLAIM, Action.PASS_AGAIN)
        return "Consumed: the change passes" if passes else scene.phase()

    return event


EVENTS: Final[dict[str, Callable[[Scene], str]]] = {
    "the agent tries": _tries("42"),
    "the agent tries, and nothing was stored since the claim": _tries("41"),
    "the last missing approval": _decides(TOM),
    "an approval by somebody who approved already": _decides(ALICE),
    "broken glass": _decides(SAM, breakGlass=True),
    "a denial": _decides(SAM, verdict="Denied"),
    "the revocation": _revoked,
    "deleted, while a finalizer keeps it": _deleted,
    "`useWithin` is over": _later(HOUR + MINUTE),
    "`pendingUntil` is over": _later(PENDING_UNTIL - NOW + MINUTE),
    "policies ask for one person more": _needs(3),
    "policies ask for one person less": _needs(1),
    "an approver loses the verb, or becomes agent or owner": lambda scene: replace(scene, lost=ALICE.username).phase(),
}


def table() -> str:
    """Return the table."""
    phases = " | ".join(f"**{phase}**" for phase in SCENES)
    rows = (f"| {name} | {' | '.join(event(scene) for scene in SCENES.values())} |" for name, event in EVENTS.items())
    return "\n".join([f"| | {phases} |", "|---" * (len(SCENES) + 1) + "|", *rows]) + "\n"


def written(page: str) -> str:
    """Return the block that the page holds."""
    found = _BLOCK.search(page)
    return "" if found is None else found[1]


def renewed(page: str) -> str:
    """Return the page with the block as it should be."""
    return _BLOCK.sub(lambda _: f"{BEGIN}\n{table()}{END}", page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
