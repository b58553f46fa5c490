"""One approval's life, walked at random with a clock that jumps: stamp, guard, verdict and claim together.

The object that the approved UPDATE is about lives as well: passes are stored or lost, others write it, and it is put
back. What must hold is said at the moment of each pass, from what the machine itself recorded.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from kubeapprove.deciding import Write, judge_write
from kubeapprove.identity import UserInfo
from kubeapprove.request import Request, read_request
from kubeapprove.resources import LastPass, ManifestApproval, format_time
from kubeapprove.stamping import stamp
from kubeapprove.verdict import Action, Asked, claim_for, read_approval
from tests.verdict import scenes
from tests.verdict.scenes import (
    AGENT,
    ALICE,
    BOB,
    MINUTE,
    NOW,
    OLD,
    PENDING_UNTIL,
    SETTINGS,
    asked,
    judge,
    with_metadata,
)

pytestmark = pytest.mark.no_cover  # tables reach every line; coverage doubles what this costs

PEOPLE = (ALICE, BOB)
NEVER_COUNT = (
    AGENT,
    UserInfo("AGENT@ai", "", ("approvers",)),
    UserInfo("human", "u-agent", ("approvers",)),
    UserInfo("other-agent", "u-2", ("agents", "approvers")),
    UserInfo("system:serviceaccount:argocd:controller", "u-3", ("approvers",)),
    UserInfo("system:node:n", "", ("approvers",)),
)
# Few jumps end a life: most walks should come to where an approval is used and something is left to go wrong.
JUMPS = (*(MINUTE * 0.01,) * 4, *(MINUTE * 4,) * 2, MINUTE * 6, MINUTE * 57, MINUTE * 720)
OPERATIONS = ("UPDATE", "UPDATE", "DELETE", "CREATE")


class LifeOfAnApproval(RuleBasedStateMachine):
    """`stored` is the approval in etcd, `version` and `generation` those of the object; the rest is the record."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = NOW
        self.operation = "UPDATE"
        self.managed = True
        self.version, self.generation, self.done = 41, 3, False
        self.may = {user.username: True for user in PEOPLE}
        self.decided: list[tuple[UserInfo, str, datetime]] = []
        self.stored_passes = 0
        self.first_pass: Request | None = None
        self.revoked = False
        self.raw: dict[str, Any] = {}

    @initialize(
        operation=st.sampled_from(OPERATIONS), managed=st.booleans(), is_approved=st.sampled_from((True, True, False))
    )
    def ask(self, operation: str, managed: bool, is_approved: bool) -> None:
        """`managed`: the server raises the generation itself; else, worse than any known, it keeps what the client sends."""
        self.operation, self.managed = operation, managed
        self.raw = scenes.raw_approval(self.asked(raises=True))
        if is_approved:
            self.approve(BOB)

    def request(self, *, raises: bool) -> Request:
        old = with_metadata(OLD, resourceVersion=str(self.version), generation=self.generation)
        new = with_metadata(scenes.NEW, generation=self.generation + (raises or self.managed))
        bodies: dict[str, dict[str, Any]] = {
            "UPDATE": {"object": new, "oldObject": old},
            "DELETE": {"object": None, "oldObject": old},
            "CREATE": {"object": scenes.NEW, "oldObject": None},
        }
        return scenes.request(
            operation=self.operation, uid=f"request-{self.version}-{self.now}", **bodies[self.operation]
        )

    def asked(self, *, raises: bool) -> Asked:
        return asked(self.request(raises=raises))

    @rule(jump=st.sampled_from(JUMPS))
    def wait(self, jump: timedelta) -> None:
        self.now += jump

    @rule(user=st.sampled_from(PEOPLE))
    def approve(self, user: UserInfo) -> None:
        self.decide(user, "Approved")

    @rule(
        user=st.sampled_from((*PEOPLE, *NEVER_COUNT)),
        verdict=st.sampled_from(("Approved", "Denied")),
        uid=st.sampled_from((scenes.APPROVAL_UID, "uid-of-yesterday's")),
        pretended=st.sampled_from(PEOPLE),
    )
    def decide(self, user: UserInfo, verdict: str, uid: str = scenes.APPROVAL_UID, pretended: UserInfo = ALICE) -> None:
        entry = scenes.decision(pretended, NOW, uid, verdict=verdict)
        entries = self.raw["spec"].get("decisions", {})
        spec = {**self.raw["spec"], "decisions": {**entries, f"d-{len(entries)}": entry}}
        if self.write(user, spec) is Write.DECISION and self.may.get(user.username, True):
            assert user in PEOPLE, "a decision was taken from somebody who never decides"
            assert uid == scenes.APPROVAL_UID, "a decision for another approval was taken"
            self.raw["spec"] = self.stamped
            self.decided.append((user, verdict, self.now))

    @precondition(lambda self: not self.revoked)
    @rule(user=st.sampled_from((ALICE, *NEVER_COUNT)))
    def revoke(self, user: UserInfo) -> None:
        spec = {**self.raw["spec"], "revoked": {"reason": "no more"}}
        if self.write(user, spec) is Write.REVOCATION:
            assert user in PEOPLE, "a revocation was taken from somebody who never decides"
            self.raw["spec"] = self.stamped
            self.revoked = True

    def write(self, user: UserInfo, spec: dict[str, Any]) -> Write:
        """Stamp and judge the write of this spec; what was stamped is in `stamped`."""
        raw = {
            "uid": "write",
            "operation": "UPDATE",
            "resource": {"group": "kubeapprove.io", "version": "v1alpha1", "resource": "manifestapprovals"},
            "userInfo": user.as_dict(),
            "oldObject": self.raw,
        }
        sent = read_request({**raw, "object": {**self.raw, "spec": spec}})
        self.stamped = scenes.patched({**self.raw, "spec": spec}, stamp(sent, self.now))["spec"]
        seen = read_request({**raw, "object": {**self.raw, "spec": self.stamped}})
        return judge_write(seen, SETTINGS, scenes.POLICIES, self.now + timedelta(seconds=2)).write

    @rule(user=st.sampled_from(PEOPLE), may=st.sampled_from((True, True, True, False)))
    def grant_or_withdraw(self, user: UserInfo, may: bool) -> None:
        self.may[user.username] = may

    @rule()
    def somebody_writes_the_object(self) -> None:
        """Somebody else writes the object, which puts our change back where it was stored."""
        self.version += 1
        self.generation += self.managed and self.done
        self.done = False

    @rule(tries=st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=4))
    def try_and_try(self, tries: list[tuple[bool, bool, bool]]) -> None:
        """The agent tries, again and again; where it was stored, somebody may put it back at once."""
        for raises, is_stored, is_put_back in tries:
            if self.done:
                self.somebody_writes_the_object()
            self.attempt(raises=raises, is_stored=is_stored)
            if is_put_back:
                self.somebody_writes_the_object()

    def attempt(self, *, raises: bool, is_stored: bool) -> None:
        of = self.asked(raises=raises)
        approval = read_approval(self.raw)
        assert isinstance(approval, ManifestApproval)
        verdict = judge(of, approval, self.now, lambda decision: self.may[decision.by.username])
        if verdict.action not in (Action.CLAIM, Action.PASS_AGAIN):
            return
        self.check_pass(of, again=verdict.action is Action.PASS_AGAIN)
        if verdict.action is Action.CLAIM:
            self.first_pass = of.request
            self.raw["status"] = {**self.raw["status"], "claim": claim_for(of.request, self.now).to_json()}
        else:
            self.raw["status"]["lastPass"] = LastPass(request_uid=of.request.uid, at=self.now).to_json()
        if is_stored:
            self.stored_passes += 1
            self.version += 1
            new = of.request.object or {}
            self.generation = new.get("metadata", {}).get("generation", self.generation)
            self.done = self.operation == "UPDATE"

    def check_pass(self, of: Asked, *, again: bool) -> None:
        assert again == (self.first_pass is not None), "an approval was claimed twice"
        assert not self.revoked, "a revoked approval passed"
        assert all(verdict == "Approved" for _, verdict, _ in self.decided), "a denied approval passed"
        counting = [at for user, _, at in self.decided if self.may[user.username] and at <= PENDING_UNTIL]
        assert counting, "an approval passed that nobody who may had approved in time"
        assert self.now <= min(counting) + of.requirements[0].use_within, "an approval passed after its time"
        if again:
            assert self.operation in ("UPDATE", "DELETE"), "a change that never passes again did"
            assert self.operation == "DELETE" or self.stored_passes == 0, "an approved UPDATE was stored twice"


LifeOfAnApproval.TestCase.settings = settings(deadline=None, max_examples=200, stateful_step_count=15)
TestLifeOfAnApproval = LifeOfAnApproval.TestCase


def test_the_walk_can_reach_a_pass() -> None:
    """The machine's assertions stand in a branch: this walk proves that it is reached, twice."""
    life = LifeOfAnApproval()
    life.ask("UPDATE", managed=True, is_approved=False)
    life.decide(ALICE, "Approved", pretended=BOB)
    life.attempt(raises=True, is_stored=False)
    assert life.first_pass is not None
    life.somebody_writes_the_object()
    life.attempt(raises=True, is_stored=True)
    assert (life.stored_passes, format_time(life.now)) == (1, format_time(NOW))
    life.somebody_writes_the_object()
    life.attempt(raises=True, is_stored=True)
    assert life.stored_passes == 1
