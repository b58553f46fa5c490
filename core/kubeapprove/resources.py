"""
The custom resource of kubeapprove as pydantic models: what is read from and written to the API server.

``kubeapprove.crd`` renders the CustomResourceDefinition from these models, so their bounds are enforced in both places:
whatever the API server stores, ``ManifestApproval.parse`` can read; anything else is an error and therefore a denial.

The models check shapes and bounds only. They do **not** check that ``spec.manifestHash`` is the hash of
``spec.change``, that a decision was made by somebody who may decide, or that a transition is legal: the first two are
the verdict's and the guard's work, the last one is done by the CEL rules of the CustomResourceDefinition.
"""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic import StrictBool as Bool
from pydantic import StrictInt as Int
from pydantic.alias_generators import to_camel

from kubeapprove.durations import Duration

GROUP: Final = "kubeapprove.io"
VERSION: Final = "v1alpha1"
API_VERSION: Final = "kubeapprove.io/v1alpha1"
KIND: Final = "ManifestApproval"
PLURAL: Final = "manifestapprovals"
SHORT_NAME: Final = "ma"

# Written at birth for people's eyes (printer columns). Anyone who may write the object may change them: informational
# only, no decision reads them.
OPERATION_ANNOTATION: Final = "kubeapprove.io/operation"
RESOURCE_ANNOTATION: Final = "kubeapprove.io/resource"
OBJECT_ANNOTATION: Final = "kubeapprove.io/object"
PENDING_UNTIL_ANNOTATION: Final = "kubeapprove.io/pending-until"

MAX_CHANGE: Final = 1024 * 1024  # characters; the change is ASCII, so bytes as well
MAX_DECISIONS: Final = 16
MAX_REASON: Final = 4096
MAX_OWNERS: Final = 8
MAX_GROUPS: Final = 1024
HASH_PATTERN: Final = r"^sha256:[0-9a-f]{64}$"
DECISION_ID_PATTERN: Final = r"^[a-z0-9-]{1,63}$"
# Read: whole seconds (metav1.Time) or up to microseconds (metav1.MicroTime); finer fractions would be cut, so they are
# refused. Stored: one notation only. The API server's rules compare moments, not their text, and would let a decision's
# `at` be written in another way, under a signature that covers it.
_READ_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.]\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII)
STORED_TIME_PATTERN: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z$"


def format_time(moment: datetime) -> str:
    """Return an aware datetime as RFC 3339 in UTC with microseconds: ``2026-01-31T09:00:00.000000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def only_rfc3339(value: object) -> object:
    """Keep pydantic from reading numbers and other notations as times; a datetime passes as it is."""
    if isinstance(value, datetime) or (isinstance(value, str) and _READ_TIME.fullmatch(value)):
        return value
    raise ValueError("not a time in RFC 3339 with an offset and at most microseconds")


Time = Annotated[
    AwareDatetime,
    BeforeValidator(only_rfc3339),
    PlainSerializer(format_time, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": STORED_TIME_PATTERN, "maxLength": 27}),
]
Name = Annotated[str, Field(max_length=1024)]
Uid = Annotated[str, Field(max_length=256)]
RequestUid = Annotated[str, Field(alias="requestUID", min_length=1, max_length=256)]
Reason = Annotated[str, Field(max_length=MAX_REASON)]
Groups = Annotated[tuple[Annotated[str, Field(max_length=256)], ...], Field(max_length=MAX_GROUPS)]
Extra = Annotated[
    dict[
        Annotated[str, Field(max_length=256)],
        Annotated[tuple[Annotated[str, Field(max_length=2048)], ...], Field(max_length=32)],
    ],
    Field(max_length=32),
]
DecisionId = Annotated[str, Field(pattern=DECISION_ID_PATTERN)]


class Model(BaseModel):
    """The house's settings: frozen, camelCase outside, nothing unknown."""

    model_config = ConfigDict(
        frozen=True,
        defer_build=True,  # the first use builds (30 ms): who only imports the rules does not pay for it
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    @classmethod
    def parse(cls, document: object) -> Self:
        """
        Read JSON as the API server sends it: keys in camelCase only.

        Raises pydantic.ValidationError for an unknown key, a missing or wrong value, another apiVersion or kind. Its
        text quotes the input: never show it to anyone, ``errors(include_input=False)`` is for that.
        """
        return cls.model_validate(document, by_alias=True, by_name=False)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON for the API server: camelCase, times as ``format_time`` writes them, nothing that is None."""
        return self.model_dump(mode="json", exclude_none=True)


class Phase(StrEnum):
    """What people see of an approval's life; no decision reads it."""

    PENDING = "Pending"
    APPROVED = "Approved"
    DENIED = "Denied"
    EXPIRED = "Expired"
    CONSUMED = "Consumed"
    REVOKED = "Revoked"
    INVALID = "Invalid"


class DecisionVerdict(StrEnum):
    """What one person said."""

    APPROVED = "Approved"
    DENIED = "Denied"


class Severity(StrEnum):
    """How much a finding matters to an approver."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"


class By(Model):
    """An identity as the API server authenticated it, without its groups."""

    username: Name
    uid: Uid = ""
    extra: Extra = {}


class Requester(Model):
    """Who asked for the change."""

    username: Name
    uid: Uid = ""
    groups: Groups = ()
    extra: Extra = {}


class Decision(Model):
    """
    One person's word on one approval.

    A client sends for, verdict and reason; by, groups and at are stamped by the mutating webhook. They are required:
    the API server checks the schema after mutating admission, so nothing half-made is stored while the stamp is away.
    """

    for_: Annotated[str, Field(alias="for", min_length=1, max_length=256, description="The uid of the approval")]
    verdict: DecisionVerdict
    reason: Reason
    by: Annotated[By, Field(description="Who decided; stamped")]
    groups: Annotated[Groups, Field(description="The groups of who decided; stamped")]
    at: Annotated[Time, Field(description="When; stamped")]
    signature: Annotated[str | None, Field(max_length=16384, description="An SSH signature, armored")] = None
    break_glass: Annotated[Bool | None, Field(description="Stands for list and count; owed a review")] = None


class Revoked(Model):
    """The end of an approval before it was used."""

    by: By
    at: Time
    reason: Reason


class Owed(Model):
    """A glass that was broken: its review is owed until somebody else acknowledges it."""

    uid: Annotated[str, Field(min_length=1, max_length=256, description="The uid of the approval")]
    by: By
    at: Time
    reason: Reason


class Acknowledgement(Model):
    """Somebody else's word that they reviewed what was done by broken glass; by and at are stamped."""

    by: By
    at: Time
    reason: Reason


class Previous(Model):
    """What became of the approval that held this name before."""

    uid: Annotated[str, Field(min_length=1, max_length=256, description="The uid of that approval")]
    outcome: Annotated[Phase, Field(description="How it ended")]
    by: Annotated[tuple[Name, ...], Field(max_length=MAX_DECISIONS, description="Usernames of who ended it")] = ()
    at: Annotated[Time | None, Field(description="When it ended")] = None
    reason: Annotated[Reason | None, Field(description="The reason that was given")] = None
    owed: Annotated[
        tuple[Owed, ...],
        Field(
            max_length=MAX_DECISIONS,
            description="Glass broken and not reviewed",
            exclude_if=lambda entries: not entries,
        ),
    ] = ()


class ApprovalSpec(Model):
    """One change, asked for by one requester, with the decisions on it."""

    manifest_hash: Annotated[str, Field(pattern=HASH_PATTERN, max_length=71, description="The hash of the change")]
    change: Annotated[
        str,
        Field(min_length=2, max_length=MAX_CHANGE, description="The canonical document of the change, indented JSON"),
    ]
    requester: Annotated[Requester, Field(description="Who asked for the change")]
    pending_until: Annotated[Time, Field(description="Decisions after this moment count for nothing")]
    reason: Annotated[
        str | None, Field(min_length=1, max_length=MAX_REASON, description="Why: the agent's own claim, set once")
    ] = None
    previous: Annotated[Previous | None, Field(description="What became of the same request before")] = None
    # Left out while empty: who writes an empty map would own the field.
    decisions: Annotated[
        dict[DecisionId, Decision],
        Field(max_length=MAX_DECISIONS, description="Entries are only added", exclude_if=lambda entries: not entries),
    ] = {}
    revoked: Annotated[Revoked | None, Field(description="Set once")] = None
    acknowledgements: Annotated[
        dict[DecisionId, Acknowledgement],
        Field(
            max_length=MAX_DECISIONS,
            description="Reviews of broken glass; entries are only added",
            exclude_if=lambda entries: not entries,
        ),
    ] = {}


class ApproverMirror(Model):
    """Who may approve."""

    kind: Literal["Group", "User"]
    name: Name


class RequirementMirror(Model):
    """What a policy asked for, and how many people are still missing; a mirror for people, never trusted."""

    policy: Annotated[str, Field(max_length=253)] = ""
    rule: Annotated[str, Field(max_length=63, description="Empty where no rule matched")] = ""
    count: Annotated[Int, Field(ge=1, le=MAX_DECISIONS)]
    missing: Annotated[Int, Field(ge=0, le=MAX_DECISIONS)]
    approvers: Annotated[
        tuple[ApproverMirror, ...] | None, Field(max_length=32, description="Who may; absent: who holds approve")
    ] = None
    allow_owner: Bool | None = None
    owners: Annotated[
        tuple[Name, ...],
        Field(
            max_length=MAX_OWNERS,
            description="Whose own agent asks: they do not count, unless allowOwner",
            exclude_if=lambda names: not names,
        ),
    ] = ()
    use_within: Duration | None = None


class Claim(Model):
    """The mark that a request is using the approval: set once, the one part of the status that is trusted."""

    request_uid: RequestUid
    at: Time
    object_version: Annotated[str, Field(max_length=256, description="resourceVersion of the old object, or empty")]
    generation: Annotated[Int | None, Field(description="Only where the change itself raises it")] = None


class LastPass(Model):
    """The latest request that passed again because the first pass was not stored."""

    request_uid: RequestUid
    at: Time


class Outcome(Model):
    """Whether the object ended up as approved, as far as a look at it can tell."""

    result: Annotated[str, Field(max_length=64)]
    at: Time
    message: Annotated[str, Field(max_length=1024)] = ""


class Finding(Model):
    """Something an approver should know about the change."""

    id: Annotated[str, Field(max_length=128)]
    severity: Severity
    message: Annotated[str, Field(max_length=1024)]


class Condition(Model):
    """A condition in the usual shape of metav1.Condition."""

    type: Annotated[str, Field(max_length=316)]
    status: Literal["True", "False", "Unknown"]
    reason: Annotated[str, Field(max_length=1024)]
    message: Annotated[str, Field(max_length=4096)]
    last_transition_time: Time
    observed_generation: Int | None = None


class ApprovalStatus(Model):
    """For people, but for the claim; written by webhook and operator alone."""

    phase: Phase = Phase.PENDING
    requirements: Annotated[tuple[RequirementMirror, ...], Field(max_length=64)] = ()
    claim: Claim | None = None
    last_pass: LastPass | None = None
    outcome: Outcome | None = None
    findings: Annotated[tuple[Finding, ...], Field(max_length=128)] = ()
    conditions: Annotated[tuple[Condition, ...], Field(max_length=32)] = ()


class ObjectMeta(Model):
    """The metadata that our rules read; every other key is kept as it came."""

    model_config = ConfigDict(extra="allow")

    name: str
    namespace: str
    uid: str | None = None
    resource_version: str | None = None
    generation: Int | None = None
    creation_timestamp: Time | None = None
    deletion_timestamp: Time | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    finalizers: tuple[str, ...] | None = None
    owner_references: tuple[dict[str, Any], ...] | None = None


class ManifestApproval(Model):
    """The custom resource. ``status`` is None only in one that the API server has not answered yet."""

    api_version: Literal["kubeapprove.io/v1alpha1"] = API_VERSION
    kind: Literal["ManifestApproval"] = KIND
    metadata: ObjectMeta
    spec: ApprovalSpec
    status: ApprovalStatus | None = None
