"""
ApprovalPolicy as pydantic models: who is an agent, and what needs whose approval.

`kubeapprove.crd` renders the CustomResourceDefinition from these models, `docs/policies.md` its reference. The models
check shapes and bounds only. What a policy may say (identities, conditions in CEL, rules that nothing reaches) is
checked by `kubeapprove.policycheck`, when one is written and again whenever one is read.
"""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic import StrictBool as Bool
from pydantic import StrictInt as Int

from kubeapprove.cel import MAX_EXPRESSION
from kubeapprove.durations import Duration
from kubeapprove.identity import AgentKind
from kubeapprove.request import Operation
from kubeapprove.resources import API_VERSION, MAX_DECISIONS, Condition, Model, format_time, only_rfc3339

POLICY_KIND: Final = "ApprovalPolicy"
POLICY_PLURAL: Final = "approvalpolicies"
POLICY_SHORT_NAME: Final = "ap"
MAX_AGENTS: Final = 64
MAX_RULES: Final = 64
MAX_VALUES: Final = 64

Name = Annotated[str, Field(min_length=1, max_length=256)]
Value = Annotated[str, Field(min_length=1, max_length=253)]
Values = Annotated[tuple[Value, ...], Field(max_length=MAX_VALUES)]
Labels = Annotated[
    dict[Annotated[str, Field(max_length=253)], Annotated[str, Field(max_length=63)]], Field(max_length=16)
]
LABEL_PATTERN: Final = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
# A person writes it, so any notation of RFC 3339 is read.
Moment = Annotated[
    AwareDatetime,
    BeforeValidator(only_rfc3339),
    PlainSerializer(format_time, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "maxLength": 40}),
]


class PolicyMode(StrEnum):
    """Enforce refuses; Observe lets through what it would have refused, with a warning and a record."""

    ENFORCE = "Enforce"
    OBSERVE = "Observe"


class RuleAction(StrEnum):
    """What a rule does with a change."""

    ALLOW = "Allow"
    DENY = "Deny"
    REQUIRE_APPROVAL = "RequireApproval"


class PolicyAgent(Model):
    """An identity whose changes are gated."""

    kind: Annotated[AgentKind, Field(description="How it is recognised")]
    name: Annotated[
        str,
        Field(
            max_length=256,
            description="Of the group, user or ServiceAccount (without: all of its namespace), or the role's ARN",
        ),
    ] = ""
    namespace: Annotated[str, Field(max_length=63, description="Of a ServiceAccount, and of nothing else")] = ""
    owner: Annotated[
        Name | None, Field(description="The person it works for, who counts as the requester: a username or an ARN")
    ] = None
    until: Annotated[Moment | None, Field(description="Until then it may ask; afterwards it is refused")] = None


class SelectorExpression(Model):
    """One condition on the labels of a namespace."""

    key: Annotated[Value, Field(description="The label's key")]
    operator: Annotated[
        Literal["In", "NotIn", "Exists", "DoesNotExist"],
        Field(description="NotIn and DoesNotExist select namespaces without the label, too"),
    ]
    values: Annotated[Values, Field(description="Of In and NotIn, and of nothing else")] = ()


class NamespaceSelector(Model):
    """The labels that a namespace must have, as in metav1.LabelSelector."""

    match_labels: Annotated[Labels, Field(description="Keys with their values, all of them")] = Field(
        default_factory=dict
    )
    match_expressions: Annotated[
        tuple[SelectorExpression, ...], Field(max_length=16, description="Conditions, all of them")
    ] = ()


class Match(Model):
    """What a rule is about; what is left out matches everything, and all that is given must match."""

    operations: Annotated[
        tuple[Operation, ...], Field(max_length=4, description="CREATE, UPDATE, DELETE, CONNECT")
    ] = ()
    api_groups: Annotated[
        tuple[Annotated[str, Field(max_length=253)], ...],
        Field(max_length=MAX_VALUES, description="API groups, the core group as empty string; * for every one"),
    ] = ()
    resources: Annotated[
        Values, Field(description="Plural names, with subresource where one is meant: pods, pods/exec, */scale, *, */*")
    ] = ()
    namespaces: Annotated[Values, Field(description="Never matches cluster-scoped objects, nor Namespaces")] = ()
    names: Annotated[Values, Field(description="Names of objects, literally")] = ()
    namespace_selector: Annotated[
        NamespaceSelector | None, Field(description="Never matches cluster-scoped objects, nor Namespaces")
    ] = None


class ApproverKind(StrEnum):
    """How an approver is recognised."""

    GROUP = "Group"
    USER = "User"


class Approver(Model):
    """Who may approve, as the API server authenticates them."""

    kind: Annotated[ApproverKind, Field(description="How they are recognised")]
    name: Annotated[Name, Field(description="Of the group or user, literally")]


class Approval(Model):
    """Who must approve, how many of them, and how long that holds."""

    approvers: Annotated[
        tuple[Approver, ...] | None,
        Field(max_length=32, description="Who may; left out: whoever holds the verb approve"),
    ] = None
    count: Annotated[Int, Field(ge=1, le=MAX_DECISIONS, description="How many different people")] = 1
    pending_for: Annotated[Duration | None, Field(description="How long people may decide; 24h unless told")] = None
    use_within: Annotated[
        Duration | None,
        Field(description="How long it may be used once decided; 1h unless told, at most 5m where no uid is bound"),
    ] = None
    allow_owner: Annotated[Bool, Field(description="Whether the agent's owner may approve")] = False
    allow_cut: Annotated[Bool, Field(description="Whether texts over 128 KiB may be shown cut")] = False


class Rule(Model):
    """What happens to changes that match; the first rule that matches wins."""

    name: Annotated[str, Field(pattern=LABEL_PATTERN, max_length=63, description="Its name in refusals and records")]
    match: Annotated[Match, Field(description="What it is about; empty: everything")] = Match()
    when: Annotated[
        str | None,
        Field(min_length=1, max_length=MAX_EXPRESSION, description="CEL over change, object, oldObject and request"),
    ] = None
    action: Annotated[RuleAction, Field(description="What a rule does with a change")]
    message: Annotated[str, Field(max_length=512, description="What a refused agent reads; one line")] = ""
    approval: Annotated[Approval | None, Field(description="Of RequireApproval, and of nothing else")] = None


class PolicySpec(Model):
    """Who is an agent, and what needs whose approval."""

    mode: Annotated[PolicyMode, Field(description="Enforce unless told")] = PolicyMode.ENFORCE
    agents: Annotated[
        tuple[PolicyAgent, ...],
        Field(
            min_length=1, max_length=MAX_AGENTS, description="Whose changes are gated; all policies together name 64"
        ),
    ]
    rules: Annotated[
        tuple[Rule, ...],
        Field(max_length=MAX_RULES, description="In order; where none matches, one approval is asked for"),
    ] = ()


class PolicyStatus(Model):
    """Written by the operator: whether the policy is understood and in force."""

    conditions: Annotated[tuple[Condition, ...], Field(max_length=8)] = ()
    observed_generation: Int | None = None


class PolicyMeta(Model):
    """The metadata that our rules read; every other key is kept as it came."""

    model_config = ConfigDict(extra="allow")

    name: Annotated[str, Field(min_length=1)]
    uid: str = ""
    resource_version: str = ""
    generation: Int = 0


class ApprovalPolicy(Model):
    """The custom resource, cluster-scoped."""

    api_version: Literal["kubeapprove.io/v1alpha1"] = API_VERSION
    kind: Literal["ApprovalPolicy"] = POLICY_KIND
    metadata: PolicyMeta
    spec: PolicySpec
    status: dict[str, Any] | None = None
