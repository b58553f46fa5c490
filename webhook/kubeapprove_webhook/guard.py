"""Stamp and guard as the API server calls them: core judges the write, the access review has the last word."""

from dataclasses import dataclass
from datetime import UTC, datetime

from kubeapprove.deciding import Write, judge_write, stamp
from kubeapprove.reasons import Reason
from kubeapprove.request import Operation, Request
from kubeapprove.resources import PLURAL
from kubeapprove.settings import Settings
from kubeapprove_server.errors import KubeapproveServerError
from kubeapprove_webhook.answers import Answer, allow, deny
from kubeapprove_webhook.api import Api
from kubeapprove_webhook.clock import Clock
from kubeapprove_webhook.refusal import unavailable


@dataclass(frozen=True, slots=True)
class Guard:
    """Judges writes to kubeapprove.io resources by anyone but our own ServiceAccounts."""

    api: Api
    settings: Settings

    async def judge(self, request: Request, clock: Clock) -> Answer:
        """Answer one write; a decision or revocation is allowed only to who holds verb `approve` here."""
        name = f"{request.namespace}/{request.name}"
        judgement = judge_write(request, self.settings, datetime.now(UTC))
        if judgement.write is Write.REFUSED:
            return deny(judgement.reason, judgement.sentence, approval=name)
        if judgement.write in (Write.DECISION, Write.REVOCATION):
            try:
                may = await self.api.may(
                    request.user,
                    verb="approve",
                    namespace=request.namespace,
                    name=request.name,
                    within=clock.left(),
                )
            except KubeapproveServerError as error:
                return unavailable(error)
            if not may:
                sentence = (
                    f"{request.user.username} does not hold verb `approve` on {PLURAL}.kubeapprove.io in namespace "
                    f"{request.namespace}; ask for a Role that grants it"
                )
                return deny(Reason.NOT_A_DECIDER, sentence, approval=name)
        return allow(judgement.reason, approval=name)


async def stamp_decisions(request: Request, clock: Clock) -> Answer:
    """Answer the mutating call: who, with which groups and when, into what is new. Judges nothing."""
    is_main = request.resource.resource == PLURAL and not request.subresource
    if request.operation is not Operation.UPDATE or not is_main:
        return allow(Reason.HARMLESS_EDIT)
    patch = stamp(request, clock.received)
    return Answer(True, "allow", Reason.HARMLESS_EDIT, "", f"{request.namespace}/{request.name}", patch=tuple(patch))
