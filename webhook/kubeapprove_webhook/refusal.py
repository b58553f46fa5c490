"""The words of a refusal: what was refused, why, under which hash, and the exact next command."""

from kubeapprove.change import Change
from kubeapprove.reasons import SENTENCES, Reason
from kubeapprove.request import Request
from kubeapprove.resources import ManifestApproval, Phase, format_time
from kubeapprove.verdict import Action, Asked, Verdict
from kubeapprove_server.errors import KubeapproveServerError
from kubeapprove_webhook.answers import Answer, allow, deny, wait_command, what

ANSWER_LOST = (
    "the answer to the claim was lost and the claim is not this request's, so the approval counts as spent; run the "
    "same command again to ask anew"
)
_AGAIN = "then run exactly the same command again"
_ENDED = {
    Phase.CONSUMED: "the last approval of it has let its one change through",
    Phase.EXPIRED: "the last approval of it expired",
    Phase.REVOKED: "the last approval of it was revoked",
    Phase.INVALID: "the last approval of it was not one that this version understands",
}


def refuse(asked: Asked, verdict: Verdict, approval: ManifestApproval | None, name: str) -> Answer:
    """Return the refusal of a change that waits for people, or that they refused."""
    change = asked.change
    reason = verdict.reason
    if reason in (Reason.APPROVAL_REQUIRED, Reason.APPROVAL_PENDING, Reason.REQUIREMENT_UNMET):
        command = wait_command(name)
        expires = approval.spec.pending_until if approval is not None else None
        message = (
            f"{_head(verdict)}: {what(asked.request, change)} waits for a person's approval as {name} "
            f"({change.hash}){_until(approval)}. Do not change or retry it meanwhile. Next: `{command}`, {_AGAIN}."
        )
        verdict_word = "ask" if verdict.action is Action.ASK else "deny"
        return Answer(False, verdict_word, reason, message, name, change.hash, expires, command)
    if reason is Reason.TOO_MANY_PENDING:  # there is no approval to name
        message = f"{what(asked.request, change)} is not asked for: {verdict.sentence} ({change.hash})"
        return deny(reason, message, hash_=change.hash)
    message = f"{what(asked.request, change)} is refused: {verdict.sentence} ({name}, {change.hash}). {_advice(reason)}"
    return deny(reason, message, approval=name, hash_=change.hash)


def by_policy(request: Request, change: Change, verdict: Verdict) -> Answer:
    """Return the answer where policies have the last word, or where no approver could be asked.

    A dry run stores nothing, so it passes and says what it would have got.
    """
    reason, sentence = verdict.reason, verdict.sentence
    is_allowed = verdict.action is Action.ALLOW
    if request.dry_run:
        would = f"let it through: {sentence}" if is_allowed else f"refuse it: {reason}: {sentence}"
        warning = f"dry run: without --dry-run kubeapprove would {would} ({change.hash})"
        return allow(Reason.DRY_RUN, hash_=change.hash, warnings=(warning,))
    if not is_allowed:
        return deny(reason, f"{what(request, change)} is refused: {sentence} ({change.hash})", hash_=change.hash)
    warnings = (f"kubeapprove observes: {sentence} ({change.hash})",) if reason is Reason.OBSERVED else ()
    return allow(reason, hash_=change.hash, warnings=warnings)


def _head(verdict: Verdict) -> str:
    match verdict.reason:
        case Reason.APPROVAL_PENDING:
            return "approval required, still pending"
        case Reason.REQUIREMENT_UNMET:
            return f"approval required, decisions so far do not suffice, {verdict.sentence}"
        case _:
            return "approval required" + (f" ({_ENDED[verdict.ended]})" if verdict.ended is not None else "")


def _until(approval: ManifestApproval | None) -> str:
    return f" until {format_time(approval.spec.pending_until)[:19]}Z" if approval is not None else ""


def _advice(reason: Reason) -> str:
    if reason is Reason.APPROVAL_DENIED:
        return "Do not try again: it holds until a person deletes this approval; propose another change instead."
    return "Ask the people who operate this cluster."


def dry_run(asked: Asked, verdict: Verdict, name: str) -> Answer:
    """Return the allow of a dry run, with warnings that tell the verdict it would have got. Nothing is written."""
    change = asked.change
    would = "let it through" if verdict.action in (Action.CLAIM, Action.PASS_AGAIN) else f"refuse it: {verdict.reason}"
    first = f"dry run: without --dry-run kubeapprove would {would} ({change.hash})"
    match verdict.action:
        case Action.CLAIM | Action.PASS_AGAIN:
            then = "next: run the same command without --dry-run"
        case Action.ASK:
            then = "next: run the same command without --dry-run to ask for approval"
        case _ if verdict.reason is Reason.APPROVAL_PENDING:
            then = f"next: {wait_command(name)}"
        case _ if verdict.reason is Reason.TOO_MANY_PENDING:
            return allow(Reason.DRY_RUN, hash_=change.hash, warnings=(first, f"next: {verdict.sentence}"))
        case _:
            then = f"next: kubectl approve review -n {name.replace('/', ' ')}"
    return allow(Reason.DRY_RUN, approval=name, hash_=change.hash, warnings=(first, then))


def too_late(name: str, hash_: str) -> Answer:
    """Return the refusal of a claim that could not be made in time."""
    sentence = "too little time was left to use the approval safely; nothing was spent: run the same command again"
    return deny(Reason.UNAVAILABLE, sentence, approval=name, hash_=hash_)


def policies_unknown(name: str = "", hash_: str = "") -> Answer:
    """Return the refusal where the policies are not known, or not any more; nothing was spent."""
    sentence = f"{SENTENCES[Reason.POLICY_UNKNOWN]}; run the same command again in half a minute"
    return deny(Reason.POLICY_UNKNOWN, sentence, approval=name, hash_=hash_)


def no_namespace(name: str, hash_: str) -> Answer:
    """Return the refusal where the approval's namespace does not exist."""
    sentence = (
        f"the approval could not be created because namespace {name.partition('/')[0]} does not exist; have it "
        "created, then run the same command again"
    )
    return deny(Reason.UNAVAILABLE, sentence, approval=name, hash_=hash_)


def unavailable(error: KubeapproveServerError) -> Answer:
    """Return the refusal where our own calls failed."""
    return deny(
        Reason.UNAVAILABLE, f"{SENTENCES[Reason.UNAVAILABLE]} ({error}); run the same command again in half a minute"
    )
