"""Stamp and guard as the API server calls them: core judges the write, the access review has the last word."""

from dataclasses import dataclass
from datetime import UTC, datetime

from kubeapprove.deciding import Judgement, Write, judge_write
from kubeapprove.policies import POLICY_PLURAL
from kubeapprove.policyguard import judge_definition, judge_policy
from kubeapprove.reasons import Reason
from kubeapprove.request import Operation, Request
from kubeapprove.resources import PLURAL
from kubeapprove.settings import Settings
from kubeapprove.stamping import stamp
from kubeapprove_server.errors import KubeapproveServerError
from kubeapprove_server.policies import PolicyStore
from kubeapprove_webhook.answers import Answer, allow, deny
from kubeapprove_webhook.api import Api
from kubeapprove_webhook.clock import Clock
from kubeapprove_webhook.refusal import unavailable


@dataclass(frozen=True, slots=True)
class Guard:
    """Judges writes to kubeapprove.io resources by anyone but our own ServiceAccounts."""

    api: Api
    settings: Settings
    policies: PolicyStore

    async def judge(self, request: Request, clock: Clock) -> Answer:
        """Answer one write; what people add to an approval is allowed only to who holds the verb for it here."""
        if request.resource.resource == POLICY_PLURAL:
            await self.policies.refresh()  # what a writer is told is about the policies of now; writes are rare
        judgement = self._judge(request)
        approval = f"{request.namespace}/{request.name}" if request.resource.resource == PLURAL else ""
        if judgement.write is Write.REFUSED:
            return deny(judgement.reason, judgement.sentence, approval=approval)
        if judgement.verb:
            try:
                may = await self.api.may(
                    request.user,
                    verb=judgement.verb,
                    namespace=request.namespace,
                    name=request.name,
                    within=clock.left(),
                )
            except KubeapproveServerError as error:
                return unavailable(error)
            if not may:
                sentence = (
                    f"{request.user.username} does not hold verb `{judgement.verb}` on {PLURAL}.kubeapprove.io in "
                    f"namespace {request.namespace}; ask for a Role that grants it"
                )
                return deny(Reason.NOT_A_DECIDER, sentence, approval=approval)
        return allow(judgement.reason, approval=approval, warnings=judgement.warnings)

    def _judge(self, request: Request) -> Judgement:
        policies, now = self.policies.current(), datetime.now(UTC)
        kind = request.resource.resource
        if kind == PLURAL:
            return judge_write(request, self.settings, policies, now)
        if kind == POLICY_PLURAL:
            return judge_policy(request, self.settings, policies, now)
        if kind in ("customresourcedefinitions", "apiservices") and not request.subresource:
            return judge_definition(request, self.settings, policies)
        return Judgement(Write.REFUSED, Reason.NOT_A_DECISION, f"{kind} is not a resource that people write")


async def stamp_decisions(request: Request, clock: Clock) -> Answer:
    """Answer the mutating call: who, with which groups and when, into what is new. Judges nothing."""
    is_main = request.resource.resource == PLURAL and not request.subresource
    if request.operation is not Operation.UPDATE or not is_main:
        return allow(Reason.HARMLESS_EDIT)
    patch = stamp(request, clock.received)
    return Answer(True, "allow", Reason.HARMLESS_EDIT, "", f"{request.namespace}/{request.name}", patch=tuple(patch))
