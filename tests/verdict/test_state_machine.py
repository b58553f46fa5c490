"""The life of approvals under everything that can happen to them, against invariants 1, 2 and 6 of the design (§9).

Core is driven as webhook, guard and operator drive it. Two agents ask for three changes; people, agents, controllers
and other logins of these decide in any order; policies, rights and clocks change between any two steps, and every step
is made by one of three replicas whose clocks differ by up to a minute. Whether a change may pass is said by the naive
`model`, and must be what core says: nothing passes that should not, and what may pass is not kept out.
"""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kubeapprove.deciding import Write
from kubeapprove.identity import UserInfo
from kubeapprove.lifecycle import owed_by
from kubeapprove.mirror import mirror
from kubeapprove.naming import approval_name
from kubeapprove.reasons import Reason
from kubeapprove.resources import ManifestApproval, Phase
from kubeapprove.verdict import Action, before_change
from tests.verdict import scenes
from tests.verdict.model import (
    AGENTS,
    ALICE,
    BOB,
    BOT,
    EDITIONS,
    NEVER,
    OLGA,
    PEOPLE,
    Edition,
    Word,
)
from tests.verdict.scenes import MINUTE, NOW, SETTINGS
from tests.verdict.world import APPROVALS, VERBS, World

pytestmark = pytest.mark.no_cover  # tables reach every line; coverage doubles what this costs

SKEWS = tuple(timedelta(seconds=seconds) for seconds in (-30, 0, 30))
JUMPS = (MINUTE * 0.1, MINUTE, MINUTE * 4, MINUTE * 15, MINUTE * 50, MINUTE * 60 * 23)
CHANGES = ("update", "delete", "create")
agents, changes, skews = st.sampled_from(AGENTS), st.sampled_from(CHANGES), st.sampled_from(SKEWS)
clocks = st.tuples(skews, skews)
editions = st.sampled_from(EDITIONS)
names = st.sampled_from((0, 0, 0, 1, 2))
deciders = st.sampled_from((*PEOPLE, *PEOPLE, *NEVER))
words = st.sampled_from(("Approved",) * 6 + ("glass",) * 2 + ("Denied", "denying glass"))
jumps = st.sampled_from(JUMPS)
most_often = st.sampled_from((True, True, True, False))


class Approvals(World, RuleBasedStateMachine):
    """Each rule is one thing that can happen."""

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        World.__init__(self)

    # What time, policies and rights do.

    @rule(jump=jumps)
    def wait(self, jump: timedelta) -> None:
        self.now += jump

    @rule(edition=editions, is_known=most_often)
    def edit_policies(self, edition: Edition, is_known: bool) -> None:
        self.edition, self.is_known = edition, is_known

    @rule(user=st.sampled_from(PEOPLE), verb=st.sampled_from(VERBS), may=st.booleans())
    def grant_or_withdraw(self, user: UserInfo, verb: str, may: bool) -> None:
        self.rights = self.rights | {(user.username, verb)} if may else self.rights - {(user.username, verb)}

    # What agents do.

    @initialize(
        edition=editions,
        what=changes,
        words=st.lists(st.tuples(deciders, words, jumps), max_size=5),
        later=st.none() | editions,
        lost=st.sets(
            st.tuples(deciders, st.sampled_from(VERBS)).map(lambda one: (one[0].username, one[1])), max_size=2
        ),
    )
    def begin(
        self,
        edition: Edition,
        what: str,
        words: list[tuple[UserInfo, str, timedelta]],
        later: Edition | None,
        lost: set[tuple[str, str]],
    ) -> None:
        """Most walks are about one approval that people decided on at once; then policies and rights may change."""
        self.edition = edition
        self.try_it(BOT, what, timedelta(0), is_stored=False, is_new=False)
        for user, word, jump in words:
            self.now += jump
            self.decide(user, 0, word, True, (timedelta(0), timedelta(0)))
            self.core_and_model_agree()
        self.edition = later or edition
        self.rights = self.rights - lost

    @rule(agent=agents, what=changes, skew=skews, is_stored=st.booleans(), is_new=st.booleans())
    def try_it(self, agent: UserInfo, what: str, skew: timedelta, is_stored: bool, is_new: bool) -> None:
        """An agent makes its request, maybe after somebody wrote the object; the API server may still refuse it."""
        self.version += is_new
        request, now = self.request(agent, what), self.now + skew
        verdict = before_change(request, SETTINGS, self.policies, now)
        if verdict is not None:
            reason = Reason.NO_LONGER_ELIGIBLE if self.is_known else Reason.POLICY_UNKNOWN
            assert (verdict.action, verdict.reason) == (Action.DENY, reason)
            assert not self.is_known or (agent.username.endswith("ci") and now > self.edition.ci_until)
            return
        asked = self.asked(request)
        name = approval_name(asked.change, asked.people.key(agent))
        raw = self.store.get(name)
        approval = None if raw is None else ManifestApproval.parse(raw)
        verdict = self.judged(asked, approval, now)
        self.check(verdict, raw, agent, what, now)
        if verdict.action is Action.ASK:
            self.ask(asked, name, verdict, approval, what)
        elif raw is not None and verdict.action in (Action.CLAIM, Action.PASS_AGAIN):
            self.let_through(raw, request, again=verdict.action is Action.PASS_AGAIN, now=now, is_stored=is_stored)
        elif raw is not None and verdict.standing is not None and verdict.standing.is_open:
            self.mirror_requirements(raw, asked, verdict.standing.missing)

    @invariant()
    def core_and_model_agree(self) -> None:
        """Ask of whatever is there whether it would pass, on each replica, if its agent tried now."""
        for raw in self.store.values():
            life = self.lives[raw["metadata"]["uid"]]
            asked = self.asked(self.request(life.requester, life.what))
            if raw["spec"]["manifestHash"] == asked.change.hash:
                approval = ManifestApproval.parse(raw)
                for skew in SKEWS:
                    verdict = self.judged(asked, approval, self.now + skew)
                    self.check(verdict, raw, life.requester, life.what, self.now + skew)

    @rule(agent=agents, name=names, what=st.sampled_from(("decisions", "acknowledgements", "status")))
    def agent_writes_an_approval(self, agent: UserInfo, name: int, what: str) -> None:
        """Invariant 6: whatever an agent sends to an approval is refused before anything else is looked at."""
        if not self.store:
            return
        raw = list(self.store.values())[name % len(self.store)]
        entry = scenes.decision(ALICE, self.now, raw["metadata"]["uid"], breakGlass=True)
        new = {**raw, "spec": {**raw["spec"], "decisions": {"x": entry}}, "status": {"phase": "Approved"}}
        sub = "status" if what == "status" else ""
        request = scenes.request(user=agent, resource=APPROVALS, subResource=sub, object=new, oldObject=raw)
        verdict = before_change(request, SETTINGS, self.policies, self.now)
        assert verdict is not None
        assert verdict.reason is Reason.NEVER_ALLOWED

    # What is written to approvals.

    @rule(
        user=deciders,
        name=names,
        what=words,
        is_for_this=st.sampled_from((True,) * 6 + (False,)),
        clocks=clocks,
    )
    def decide(
        self,
        user: UserInfo,
        name: int,
        what: str,
        is_for_this: bool,
        clocks: tuple[timedelta, timedelta],
    ) -> None:
        """Somebody decides, in bob's name and long ago as far as the client has a say in it."""
        if not self.store:
            return
        key = list(self.store)[name % len(self.store)]
        raw = self.store[key]
        uid = raw["metadata"]["uid"]
        entries = raw["spec"].get("decisions", {})
        breaks_glass, is_approval = "glass" in what, what in ("Approved", "glass")
        verdict = "Approved" if is_approval else "Denied"
        entry = scenes.decision(BOB, NOW, uid if is_for_this else "another", verdict=verdict)
        if breaks_glass:
            entry["breakGlass"] = True
        if self.write(raw, user, clocks, decisions={**entries, f"d-{len(entries)}": entry}) is Write.REFUSED:
            return
        assert is_for_this, "a decision for another approval was taken"
        assert not (breaks_glass and not is_approval), "a denial broke the glass"
        at, life = self.now + clocks[0], self.lives[uid]
        assert not life.is_revoked, "a decision was taken after the revocation"
        assert not life.is_claimed, "a decision was taken after the approval was used"
        assert all(word.is_approval for word in life.words), "a decision was taken after a denial"
        life.words.append(Word(user, is_approval, at, breaks_glass))
        if breaks_glass:
            self.owed.setdefault(key, []).append((user.username, at))

    @rule(user=deciders, name=names, clocks=clocks)
    def revoke(self, user: UserInfo, name: int, clocks: tuple[timedelta, timedelta]) -> None:
        if not self.store:
            return
        raw = list(self.store.values())[name % len(self.store)]
        if "revoked" in raw["spec"]:
            return
        if self.write(raw, user, clocks, revoked={"reason": "no more"}) is not Write.REFUSED:
            self.lives[raw["metadata"]["uid"]].is_revoked = True

    @precondition(lambda self: any(self.owed.values()))
    @rule(user=st.sampled_from((ALICE, BOB, OLGA, *NEVER)), name=names, clocks=clocks)
    def acknowledge(self, user: UserInfo, name: int, clocks: tuple[timedelta, timedelta]) -> None:
        if not self.store:
            return
        key = list(self.store)[name % len(self.store)]
        raw = self.store[key]
        words = raw["spec"].get("acknowledgements", {})
        if len(words) == 16:
            return
        entries = {**words, f"a-{len(words)}": {"reason": "looked at it"}}
        if self.write(raw, user, clocks, acknowledgements=entries) is not Write.REFUSED:
            at = self.now + clocks[0]
            self.owed[key] = [
                (login, broken)
                for login, broken in self.owed.get(key, [])
                if at < broken or login == user.username or (user == ALICE and login in ("al", "Alice"))
            ]

    @rule(name=names, is_wanted=most_often)
    def a_person_deletes_one(self, name: int, is_wanted: bool) -> None:
        if self.store and not is_wanted:
            key = list(self.store)[name % len(self.store)]
            del self.store[key]
            self.owed.pop(key, None)

    @rule(name=names, skew=skews)
    def the_operator_looks(self, name: int, skew: timedelta) -> None:
        """Phases are for people; what it deletes has ended, long ago, and owes nothing."""
        if not self.store or not self.is_known:
            return
        key = list(self.store)[name % len(self.store)]
        raw = self.store[key]
        step = mirror(raw, SETTINGS, self.edition.policies().people, self.now + skew)
        if step.delete:
            assert step.phase not in (Phase.PENDING, Phase.APPROVED)
            assert not self.owed.get(key), "what is owed a review was deleted"
            del self.store[key]
        elif step.status is not None:
            raw["status"] = {**raw["status"], **step.status}

    @invariant()
    def what_is_owed_is_known(self) -> None:
        for key, raw in self.store.items():
            found = owed_by(ManifestApproval.parse(raw), self.edition.policies().people)
            marks = [(mark.by.username, mark.at) for mark in found]
            assert sorted(marks) == sorted(self.owed.get(key, [])), "a review was forgotten or invented"


Approvals.TestCase.settings = settings(deadline=None, max_examples=100, stateful_step_count=12)
TestApprovals = Approvals.TestCase


def test_the_machine_can_reach_a_pass() -> None:
    """What it asserts about a pass stands in a branch: this walk shows that it is reached, by a quorum and by a hammer."""
    machine, none = Approvals(), timedelta(0)
    machine.edit_policies(EDITIONS[1], is_known=True)
    machine.try_it(BOT, "update", none, is_stored=True, is_new=False)
    for user in (ALICE, BOB):
        machine.try_it(BOT, "update", none, is_stored=True, is_new=False)
        assert machine.passes == 0
        machine.decide(user, 0, "Approved", True, (none, none))
    machine.try_it(BOT, "update", none, is_stored=True, is_new=False)
    assert machine.passes == 1
    machine.try_it(BOT, "update", none, is_stored=True, is_new=True)
    machine.decide(ALICE, 0, "glass", True, (none, none))
    machine.try_it(BOT, "update", none, is_stored=True, is_new=False)
    assert machine.passes == 2
    assert [owed for owed in machine.owed.values() if owed]
