"""Every reason a verdict can carry, each with its sentence.

A reason is wire format: it is the `reason` of the Status that the agent gets, a label of the metrics, an annotation
of the audit log and a word in the docs. Members are never renamed or removed; new ones are added at the end.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a verdict is what it is: refusals first, then what lets a request through."""

    APPROVAL_REQUIRED = "ApprovalRequired"
    APPROVAL_PENDING = "ApprovalPending"
    APPROVAL_DENIED = "ApprovalDenied"
    APPROVAL_EXPIRED = "ApprovalExpired"
    APPROVAL_REVOKED = "ApprovalRevoked"
    APPROVAL_SPENT = "ApprovalSpent"
    REQUIREMENT_UNMET = "RequirementUnmet"
    NEVER_ALLOWED = "NeverAllowed"
    NOT_ENROLLED = "NotEnrolled"
    POLICY_DENIED = "PolicyDenied"
    STORAGE_VERSION = "StorageVersion"
    NAMESPACE_TERMINATING = "NamespaceTerminating"
    TOO_LARGE = "TooLarge"
    UNREADABLE = "Unreadable"
    CONFLICT = "Conflict"
    UNAVAILABLE = "Unavailable"

    APPROVED = "Approved"
    NO_CHANGE = "NoChange"
    STORES_NOTHING = "StoresNothing"
    DRY_RUN = "DryRun"
    REASON_GIVEN = "ReasonGiven"
    DECIDED = "Decided"
    HARMLESS_EDIT = "HarmlessEdit"
    NOT_A_DECIDER = "NotADecider"
    NOT_A_DECISION = "NotADecision"
    TOO_MANY_PENDING = "TooManyPending"
    NO_LONGER_ELIGIBLE = "NoLongerEligible"
    POLICY_UNKNOWN = "PolicyUnknown"
    ALLOWED_BY_POLICY = "AllowedByPolicy"
    OBSERVED = "Observed"
    NOT_A_POLICY = "NotAPolicy"
    POLICY_TAKEN = "PolicyTaken"


SENTENCES: dict[Reason, str] = {
    Reason.APPROVAL_REQUIRED: "no approval of exactly this change exists yet; one was asked for",
    Reason.APPROVAL_PENDING: "this change has been asked for and nobody has decided yet",
    Reason.APPROVAL_DENIED: "a person denied this change",
    Reason.APPROVAL_EXPIRED: "the approval's time is over",
    Reason.APPROVAL_REVOKED: "the approval was revoked or is being deleted",
    Reason.APPROVAL_SPENT: "the approval let its one change through already",
    Reason.REQUIREMENT_UNMET: "decisions exist, but they do not meet what is required",
    Reason.NEVER_ALLOWED: "agents may never do this, whatever is approved",
    Reason.NOT_ENROLLED: "the caller was sent to the gate but is named by no policy",
    Reason.POLICY_DENIED: "a policy denies this change",
    Reason.STORAGE_VERSION: "a custom resource may be changed through its storage version only",
    Reason.NAMESPACE_TERMINATING: "the namespace is being deleted and takes no new approval",
    Reason.TOO_LARGE: "the change is larger than an approver can be shown",
    Reason.UNREADABLE: "the request is malformed or ambiguous",
    Reason.CONFLICT: "the approval kept changing while the request was judged",
    Reason.UNAVAILABLE: "the gate could not find out what it needs to know",
    Reason.APPROVED: "an approval of exactly this change was claimed for it",
    Reason.NO_CHANGE: "the request changes nothing",
    Reason.STORES_NOTHING: "the request is a question to the API server and stores nothing",
    Reason.DRY_RUN: "a dry run stores nothing",
    Reason.REASON_GIVEN: "the requester says why it asks",
    Reason.DECIDED: "one decision or revocation by somebody who may",
    Reason.HARMLESS_EDIT: "nothing that a decision reads is touched",
    Reason.NOT_A_DECIDER: "the caller may not decide on this approval",
    Reason.NOT_A_DECISION: "the write is more or other than one decision",
    Reason.TOO_MANY_PENDING: "too many requests of this agent wait for people already",
    Reason.NO_LONGER_ELIGIBLE: "the time for which the caller could ask is over",
    Reason.POLICY_UNKNOWN: "the gate does not know what policies say now",
    Reason.ALLOWED_BY_POLICY: "a policy lets this change through without approval",
    Reason.OBSERVED: "it would have been refused, but the policies that name the caller only observe",
    Reason.NOT_A_POLICY: "the policy cannot be used as it is written",
    Reason.POLICY_TAKEN: "a policy that can be used, written by somebody who may",
}
