"""The gate: from one admission request to one answer. Rules come from core; what is here is their order and the I/O.

Fail closed: an error on the way is a deny with its reason, and no allow leaves without the write that proves it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from kubeapprove.change import Change, build_change
from kubeapprove.hidden import Hiding
from kubeapprove.lifecycle import Standing, decider, verb_of
from kubeapprove.naming import approval_name, approval_namespace
from kubeapprove.reasons import Reason
from kubeapprove.request import Request
from kubeapprove.resources import ManifestApproval, Phase, RequirementMirror
from kubeapprove.ruling import Policies, Question
from kubeapprove.settings import Settings
from kubeapprove.verdict import (
    Action,
    Asked,
    Verdict,
    before_change,
    bounded,
    by_ruling,
    claim_for,
    decide,
    no_change,
    read_approval,
    to_review,
)
from kubeapprove.versions import judge_version
from kubeapprove_server.errors import (
    ApiError,
    ApiUnreachableError,
    ConflictError,
    KubeapproveServerError,
    NamespaceTerminatingError,
    NotFoundError,
)
from kubeapprove_server.policies import PolicyStore
from kubeapprove_webhook import birth, refusal
from kubeapprove_webhook.answers import Answer, allow, deny
from kubeapprove_webhook.api import Api
from kubeapprove_webhook.clock import CONFIRM, Clock
from kubeapprove_webhook.waiting import Waiting, requester_label

_LOG = structlog.get_logger("kubeapprove.webhook")
MAX_TRIES = 3
"""How often an approval that changed in between is read and judged again."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Everything that a verdict needs and that does not change while the process lives."""

    api: Api
    settings: Settings
    hiding: Hiding
    cluster: str
    waiting: Waiting
    policies: PolicyStore

    async def judge(self, request: Request, clock: Clock) -> Answer:
        """Answer one request of an agent; raises UnreadableError where its objects have no single meaning."""
        try:
            return await self._judge(request, clock)
        except NamespaceTerminatingError:
            return deny(Reason.NAMESPACE_TERMINATING)
        except KubeapproveServerError as error:
            return refusal.unavailable(error)

    async def _judge(self, request: Request, clock: Clock) -> Answer:
        version = await self._version(request, clock)
        policies, known_until = self.policies.current(), self.policies.known_until()
        verdict = version or before_change(request, self.settings, policies, datetime.now(UTC))
        if verdict is not None or policies is None:
            return _plain(verdict or Verdict(Action.DENY, Reason.POLICY_UNKNOWN))
        change = build_change(request, cluster=self.cluster, hiding=self.hiding)
        if (verdict := no_change(request, change)) is not None:
            return replace(_plain(verdict), hash=change.hash)
        ruling = policies.rule(await self._question(request, change, policies, clock))
        if self.policies.is_over(known_until):
            return refusal.policies_unknown()
        verdict = by_ruling(ruling, change)
        if ruling is None or verdict is not None:
            return refusal.by_policy(request, change, verdict or Verdict(Action.DENY, Reason.NOT_ENROLLED))
        return await Case(self, Asked.of(request, change, ruling, policies.people), clock, known_until).answer()

    async def _question(self, request: Request, change: Change, policies: Policies, clock: Clock) -> Question:
        """Ask for the namespace's labels where a rule about the requester selects by them: as stored, not as cached."""
        question = Question(request, change.document)
        if not question.namespace or not policies.asks_for_labels(request.user):
            return question
        labels = await self.api.namespace_labels(question.namespace, within=clock.left())
        return Question(request, change.document, labels)

    async def _version(self, request: Request, clock: Clock) -> Verdict | None:
        """Judge through which version the request comes. A built-in group may have a dot too, a CRD's always has."""
        resource, stored = request.resource, None
        if "." in resource.group:
            stored = await self.api.stored_in(resource.resource, resource.group, within=clock.left())
        return judge_version(request, stored)


def _terms(requirement: RequirementMirror) -> RequirementMirror:
    return requirement.model_copy(update={"missing": 0})


def _plain(verdict: Verdict) -> Answer:
    if verdict.action is Action.ALLOW:
        return allow(verdict.reason)
    if verdict.reason is Reason.POLICY_UNKNOWN:
        return refusal.policies_unknown()
    return deny(verdict.reason, verdict.sentence)


class Case:
    """One change of one requester before the gate, until it has its answer.

    `known_until`: nothing is claimed on the policies behind `asked` after that moment of the policies' clock.
    """

    def __init__(self, gate: Gate, asked: Asked, clock: Clock, known_until: float) -> None:
        self._gate, self._asked, self._clock, self._known_until = gate, asked, clock, known_until
        change: Change = asked.change
        requester = asked.people.key(asked.request.user)
        self._name = approval_name(change, requester)
        self._namespace = approval_namespace(change, gate.settings.approvals_namespace)
        self._requester = requester_label(requester)
        self._sent_claim = self._was_overtaken = False

    async def answer(self) -> Answer:
        """Read, decide and do what was decided; read again where the approval changed meanwhile."""
        consistent = False
        for _ in range(MAX_TRIES + 1):
            raw = await self._gate.api.get_approval(
                self._namespace, self._name, consistent=consistent, within=self._clock.left()
            )
            if self._sent_claim and self._is_ours(raw):
                return self._claimed  # the conflict was with our own claim: it had been written after all
            verdict, approval = await self._decide(raw)
            is_usable = verdict.action in (Action.CLAIM, Action.PASS_AGAIN)
            if not is_usable and not consistent:
                consistent = True  # a stale read must refuse nobody: confirm with a quorum read
                continue
            others = self._gate.waiting.others(self._requester, self._approval_name)
            verdict = bounded(verdict, others, self._gate.settings.max_pending)
            if self._asked.request.dry_run:
                return refusal.dry_run(self._asked, verdict, self._approval_name)
            if (answer := await self._act(verdict, approval, raw)) is not None:
                return answer
            consistent = True
        return deny(Reason.CONFLICT, approval=self._approval_name, hash_=self._asked.change.hash)

    @property
    def _approval_name(self) -> str:
        return f"{self._namespace}/{self._name}"

    async def _decide(self, raw: dict[str, Any] | None) -> tuple[Verdict, ManifestApproval | None]:
        approval = None if raw is None else read_approval(raw)
        if isinstance(approval, Verdict):
            return approval, None
        allowed = set()
        for key, decision in to_review(approval, self._asked).items() if approval is not None else ():
            if await self._gate.api.may(
                decider(decision),
                verb=verb_of(decision),
                namespace=self._namespace,
                name=self._name,
                within=self._clock.left(),
            ):
                allowed.add(key)
        decisions = {} if approval is None else approval.spec.decisions
        verdict = decide(
            self._asked,
            approval,
            lambda decision: any(decisions[key] is decision for key in allowed),
            datetime.now(UTC),
        )
        return verdict, approval

    async def _act(
        self, verdict: Verdict, approval: ManifestApproval | None, raw: dict[str, Any] | None
    ) -> Answer | None:
        """Do what was decided; None where the approval changed meanwhile and has to be judged again."""
        match verdict.action:
            case Action.CLAIM | Action.PASS_AGAIN if approval is not None:
                return await self._claim(approval, again=verdict.action is Action.PASS_AGAIN)
            case Action.ASK:
                return await self._ask(verdict, approval, raw)
            case _:
                await self._mirror(verdict, approval)
                return refusal.refuse(self._asked, verdict, approval, self._approval_name)

    async def _mirror(self, verdict: Verdict, approval: ManifestApproval | None) -> None:
        """Tell people what is required today, where the status says something else. Nobody's verdict waits for it.

        How many are missing is the operator's to keep; a conflict is its turn. Whoever made the approval a moment ago
        writes it: a hundred who tried to do not.
        """
        if approval is None or verdict.standing is None or not verdict.standing.is_open or self._was_overtaken:
            return
        wanted = birth.requirements(self._asked, verdict.standing)
        known = approval.status.requirements if approval.status is not None else ()
        if [_terms(requirement) for requirement in wanted] == [_terms(requirement) for requirement in known]:
            return
        await self._write_requirements(wanted, approval.metadata.resource_version or "")

    async def _write_requirements(self, wanted: Sequence[RequirementMirror], resource_version: str) -> None:
        status = {"requirements": [requirement.to_json() for requirement in wanted]}
        try:
            await self._gate.api.patch_status(
                self._namespace,
                self._name,
                resource_version=resource_version,
                status=status,
                within=self._clock.left(),
                call="mirror requirements",
            )
        except KubeapproveServerError as error:  # for people's eyes: the refusal goes out all the same
            _LOG.warning("requirements not shown", approval=self._approval_name, error=str(error))

    async def _claim(self, approval: ManifestApproval, *, again: bool) -> Answer | None:
        request, change, api = self._asked.request, self._asked.change, self._gate.api
        if not self._clock.may_claim() or await self._clock.hung_up():
            return refusal.too_late(self._approval_name, change.hash)
        if self._gate.policies.is_over(self._known_until):
            return refusal.policies_unknown(self._approval_name, change.hash)
        status = birth.pass_again(request) if again else birth.claim(claim_for(request, datetime.now(UTC)))
        self._sent_claim = True
        try:
            written = await api.patch_status(
                self._namespace,
                self._name,
                resource_version=approval.metadata.resource_version or "",
                status=status,
                within=self._clock.left() - CONFIRM,
                call="claim",
            )
        except (ConflictError, NotFoundError):
            return None
        except ApiUnreachableError:
            written = {}
        except ApiError as error:
            if error.is_final:
                raise
            written = {}
        # Without an answer that shows the mark, whether it was written is unknown: our own request in it means ours,
        # anything else means spent.
        if not self._is_ours(written):
            found = await api.get_approval(self._namespace, self._name, consistent=True, within=self._clock.left())
            if not self._is_ours(found):
                return deny(Reason.APPROVAL_SPENT, refusal.ANSWER_LOST, approval=self._approval_name, hash_=change.hash)
        return self._claimed

    @property
    def _claimed(self) -> Answer:
        return allow(Reason.APPROVED, approval=self._approval_name, hash_=self._asked.change.hash)

    def _is_ours(self, raw: Mapping[str, Any] | None) -> bool:
        """Whether a stored approval holds the mark of this very request: the proof that the claim was written."""
        status = (raw or {}).get("status")
        marks = (status.get("claim"), status.get("lastPass")) if isinstance(status, dict) else ()
        return any(isinstance(mark, dict) and mark.get("requestUID") == self._asked.request.uid for mark in marks)

    async def _ask(
        self, verdict: Verdict, approval: ManifestApproval | None, raw: dict[str, Any] | None
    ) -> Answer | None:
        with self._gate.waiting.asking(self._requester, self._approval_name):
            return await self._ask_anew(verdict, approval, raw)

    async def _ask_anew(
        self, verdict: Verdict, approval: ManifestApproval | None, raw: dict[str, Any] | None
    ) -> Answer | None:
        api, left = self._gate.api, self._clock.left
        previous = birth.previous(verdict, approval, raw, self._asked.people)
        document = birth.approval(
            self._asked, self._namespace, self._name, self._requester, previous, datetime.now(UTC)
        )
        if raw is not None:
            metadata = raw["metadata"]
            try:
                await api.delete_approval(
                    self._namespace,
                    self._name,
                    uid=metadata["uid"],
                    resource_version=metadata["resourceVersion"],
                    within=left(),
                )
            except (ConflictError, NotFoundError):
                return None
        try:
            created = await api.create_approval(self._namespace, document, within=left())
        except ConflictError:
            self._was_overtaken = True
            return None
        except NotFoundError:
            return refusal.no_namespace(self._approval_name, self._asked.change.hash)
        approval = ManifestApproval.parse(created)
        missing = tuple(requirement.count for requirement in self._asked.requirements)
        wanted = birth.requirements(self._asked, Standing(Phase.PENDING, missing=missing))
        await self._write_requirements(wanted, approval.metadata.resource_version or "")
        return refusal.refuse(self._asked, verdict, approval, self._approval_name)
