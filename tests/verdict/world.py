"""What hypothesis drives: core as webhook and guard call it, and what the machine itself saw happen."""

from datetime import datetime, timedelta
from typing import Any

from kubeapprove.deciding import Write, judge_write
from kubeapprove.identity import UserInfo
from kubeapprove.lifecycle import owed_by, verb_of
from kubeapprove.request import Request, read_request
from kubeapprove.resources import LastPass, ManifestApproval, Previous, format_time
from kubeapprove.ruling import Policies, Question
from kubeapprove.stamping import stamp
from kubeapprove.verdict import Action, Asked, Verdict, by_ruling, claim_for, decide, to_review
from tests.verdict import scenes
from tests.verdict.model import AGENTS, ARGO, BOT, BOT_AS_HUMAN, EDITIONS, NEVER, PEOPLE, Life, Today, may_pass
from tests.verdict.scenes import NOW, SETTINGS, with_metadata

APPROVALS = {"group": "kubeapprove.io", "version": "v1alpha1", "resource": "manifestapprovals"}
VERBS = ("approve", "breakglass")


class World:
    """`store` is etcd: the approvals by name. `lives` is what happened to each, by uid; `owed` the reviews, by name."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.edition = EDITIONS[0]
        self.is_known = True
        self.rights = {(user.username, verb) for user in (*PEOPLE, *NEVER) for verb in VERBS}
        self.store: dict[str, dict[str, Any]] = {}
        self.lives: dict[str, Life] = {}
        self.owed: dict[str, list[tuple[str, datetime]]] = {}
        self.version = 41
        self.passes = 0

    @property
    def policies(self) -> Policies | None:
        return self.edition.policies() if self.is_known else None

    def request(self, agent: UserInfo, what: str) -> Request:
        old = with_metadata(scenes.OLD, resourceVersion=str(self.version))
        by_operation: dict[str, dict[str, Any]] = {
            "update": {"object": with_metadata(scenes.NEW, resourceVersion=str(self.version)), "oldObject": old},
            "delete": {"operation": "DELETE", "object": None, "oldObject": old},
            "create": {"operation": "CREATE", "object": scenes.NEW, "oldObject": None},
        }
        uid = f"request-{self.passes}-{self.now}"
        return scenes.request(user=agent, uid=uid, **by_operation[what])

    def asked(self, request: Request) -> Asked:
        policies = self.edition.policies()
        asked = scenes.asked(request)
        ruling = policies.rule(Question(request, asked.change.document))
        assert ruling is not None
        assert by_ruling(ruling, asked.change) is None
        return Asked.of(request, asked.change, ruling, policies.people)

    def judged(self, asked: Asked, approval: ManifestApproval | None, now: datetime) -> Verdict:
        """Judge as the webhook does, which asks the API server who of those that count still holds the verb."""
        decisions = to_review(approval, asked).values() if approval is not None else ()
        allowed = [decision for decision in decisions if (decision.by.username, verb_of(decision)) in self.rights]
        return decide(asked, approval, lambda decision: any(decision is one for one in allowed), now)

    def check(self, verdict: Verdict, raw: dict[str, Any] | None, agent: UserInfo, what: str, now: datetime) -> None:
        """Compare core's word with the model's: invariants 1 and 2."""
        passes = verdict.action in (Action.CLAIM, Action.PASS_AGAIN)
        assert verdict.action is not Action.ALLOW, "allowed without an approval"
        if raw is None:
            assert not passes, "passed without an approval"
            return
        life = self.lives[raw["metadata"]["uid"]]
        assert (life.requester, life.what) == (agent, what), "an approval was found for something else"
        today = Today(self.edition, frozenset(self.rights), now)
        if verdict.action is Action.PASS_AGAIN:
            assert life.is_claimed
            assert what == "delete" or (what == "update" and not life.stored), "stored twice by one approval"
            life.is_claimed = False
            assert may_pass(life, today), "passed again though it may not pass any more"
            life.is_claimed = True
            return
        assert (verdict.action is Action.CLAIM) == may_pass(life, today), (verdict.reason, life)

    def ask(self, asked: Asked, name: str, verdict: Verdict, approval: ManifestApproval | None, what: str) -> None:
        """Create the approval, in the place of the one that has ended."""
        owed = () if approval is None else owed_by(approval, asked.people)
        uid = f"uid-{len(self.lives)}"
        until = self.now + min(requirement.pending_for for requirement in asked.requirements)
        fields: dict[str, Any] = {"pendingUntil": format_time(until)}
        if approval is not None and verdict.ended is not None:
            before = Previous(uid=str(approval.metadata.uid), outcome=verdict.ended, owed=owed)
            fields["previous"] = before.to_json()
        metadata = {"name": name, "uid": uid, "creationTimestamp": format_time(self.now)}
        self.store[name] = scenes.raw_approval(asked, metadata=metadata, **fields)
        self.lives[uid] = Life(asked.request.user, what, until, asked.change.binds_uid)
        self.mirror_requirements(self.store[name], asked, tuple(need.count for need in asked.requirements))

    def mirror_requirements(self, raw: dict[str, Any], asked: Asked, missing: tuple[int, ...]) -> None:
        pairs = zip(asked.requirements, missing, strict=True)
        raw["status"] = {**raw["status"], "requirements": [need.mirrored(lacks).to_json() for need, lacks in pairs]}

    def let_through(
        self, raw: dict[str, Any], request: Request, *, again: bool, now: datetime, is_stored: bool
    ) -> None:
        life = self.lives[raw["metadata"]["uid"]]
        if again:
            raw["status"]["lastPass"] = LastPass(request_uid=request.uid, at=now).to_json()
        else:
            raw["status"] = {**raw["status"], "claim": claim_for(request, now).to_json()}
        life.is_claimed = True
        life.stored += is_stored
        self.version += is_stored
        self.passes += 1

    def write(self, raw: dict[str, Any], user: UserInfo, skews: tuple[timedelta, timedelta], **spec: Any) -> Write:
        """Stamp by one replica, judge by another, ask for the verb; store what is taken."""
        sent = {"uid": "w", "operation": "UPDATE", "resource": APPROVALS, "userInfo": user.as_dict(), "oldObject": raw}
        new = {**raw, "spec": {**raw["spec"], **spec}}
        patch = stamp(read_request({**sent, "object": new}), self.now + skews[0])
        stamped = scenes.patched(new, patch)
        judgement = judge_write(read_request({**sent, "object": stamped}), SETTINGS, self.policies, self.now + skews[1])
        if judgement.write is Write.REFUSED or (user.username, judgement.verb) not in self.rights:
            return Write.REFUSED
        assert self.is_known, "something was taken from somebody of whom nobody knows whether they are an agent"
        assert user not in (*AGENTS, ARGO), "taken from somebody who never decides"
        is_bots = raw["spec"]["requester"]["username"] == BOT.username
        assert not (is_bots and user == BOT_AS_HUMAN), "taken from the requester's other login"
        assert user.username not in self.edition.also_agents, "taken from an agent"
        raw["spec"] = stamped["spec"]
        return judgement.write
