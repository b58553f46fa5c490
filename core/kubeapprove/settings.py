"""What one installation sets: its agents, its times, what it hides, and its own names.

Read from the document in `$KUBEAPPROVE_SETTINGS`. Policies take the place of `agents` and of the one requirement later;
what is hidden stays here, because a hash never depends on a policy.
"""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_camel

from kubeapprove.hidden import DEFAULT_ENV_SUFFIXES, Hiding
from kubeapprove.identity import SERVICE_ACCOUNT_GROUP, Agent, AgentKind, is_role_arn

_DURATION = re.compile(r"(?:([0-9]{1,7})h)?(?:([0-9]{1,7})m)?(?:([0-9]{1,7})s)?")
UNBOUND_USE_WITHIN = timedelta(minutes=5)
"""How long an approval may be used where nothing binds a uid: the place may hold something else by then."""


class SettingsError(ValueError):
    """The settings cannot be used; the message names each place and its remedy."""


def _duration(value: object) -> object:
    match = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if match is None:
        raise ValueError("write a duration as hours, minutes and seconds: 24h, 1h30m, 45s")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    duration = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not timedelta(0) < duration <= timedelta(days=30):
        raise ValueError("write a duration between 1s and 720h")
    return duration


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


class AgentEntry(_Model):
    """One agent: group, user, IAM role by canonical ARN, or ServiceAccount (without name: all of a namespace)."""

    kind: AgentKind
    name: str = ""
    namespace: str = ""

    @model_validator(mode="after")
    def _sensible(self) -> "AgentEntry":
        is_service_account = self.kind is AgentKind.SERVICE_ACCOUNT
        if is_service_account != bool(self.namespace):
            raise ValueError("a ServiceAccount needs a namespace, and nothing else has one")
        if not self.name and not is_service_account:
            raise ValueError("name whom you mean: an empty name matches nobody")
        if self.namespace == "kube-system":
            raise ValueError("ServiceAccounts of kube-system run the cluster and are never agents")
        if self.kind in (AgentKind.GROUP, AgentKind.USER) and self.name.startswith("system:"):
            raise ValueError(
                "identities that begin with system: are the cluster's own; for the ServiceAccounts of one namespace "
                "write kind: ServiceAccount with the namespace and no name"
            )
        if self.kind is AgentKind.IAM_ROLE and not is_role_arn(self.name):
            raise ValueError(
                "name the role by the canonical ARN that its sessions carry, arn:aws:iam::<account>:role/<name>: "
                "anything else would match nobody"
            )
        return self


class Settings(_Model):
    """The settings file."""

    agents: tuple[AgentEntry, ...] = ()
    pending_for: Duration = timedelta(hours=24)
    use_within: Duration = timedelta(hours=1)
    max_pending: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 50
    # Denied holds its refusal for as long as it is there; a finished one only tells what was.
    keep_finished: Duration = timedelta(days=7)
    keep_denied: Duration = timedelta(days=30)
    hidden_env_suffixes: tuple[Annotated[str, Field(min_length=1)], ...] = DEFAULT_ENV_SUFFIXES
    hidden_pointers: tuple[str, ...] = ()
    system_namespace: Annotated[str, Field(min_length=1)] = "kubeapprove-system"
    approvals_namespace: Annotated[str, Field(min_length=1)] = "kubeapprove-approvals"
    # Without one, our own calls would come back to the gate and wait for themselves.
    service_accounts: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)] = (
        "kubeapprove-webhook",
        "kubeapprove-operator",
    )
    roles: tuple[str, ...] = ("kubeapprove-webhook", "kubeapprove-operator")

    @field_validator("hidden_pointers")
    @classmethod
    def _are_pointers(cls, pointers: tuple[str, ...]) -> tuple[str, ...]:
        if any(not pointer.startswith("/") or pointer == "/" for pointer in pointers):
            raise ValueError("write a JSON pointer into the object, as in /spec/password; * stands for any one step")
        return pointers

    @model_validator(mode="after")
    def _not_ourselves(self) -> "Settings":
        if any(entry.namespace == self.system_namespace for entry in self.agents):
            raise ValueError("our own ServiceAccounts are never agents: their calls must not come back to the gate")
        return self

    def agent_list(self) -> tuple[Agent, ...]:
        """The agents as the verdict and the registration read them."""
        return tuple(Agent(entry.kind, entry.name, entry.namespace) for entry in self.agents)

    def own_usernames(self) -> tuple[str, ...]:
        """The usernames of our own ServiceAccounts."""
        return tuple(f"system:serviceaccount:{self.system_namespace}:{name}" for name in self.service_accounts)

    def own_groups(self) -> tuple[str, ...]:
        """Groups that include our own ServiceAccounts."""
        return (SERVICE_ACCOUNT_GROUP + self.system_namespace, "system:serviceaccounts", "system:authenticated")

    def hiding(self, key: bytes) -> Hiding:
        """The rules of what is hidden, with the key that only the webhook holds."""
        pointers = tuple(
            tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))
            for pointer in self.hidden_pointers
        )
        return Hiding(key, self.hidden_env_suffixes, pointers)

    def use_within_for(self, *, binds_uid: bool) -> timedelta:
        """How long after the deciding decision an approval may be used."""
        return self.use_within if binds_uid else min(self.use_within, UNBOUND_USE_WITHIN)


def read_settings(document: Any) -> Settings:
    """Read the settings document (a mapping); raises SettingsError whose text names each wrong place."""
    try:
        return Settings.model_validate({} if document is None else document)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'settings'}: {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_input=False, include_url=False)
        )
        raise SettingsError(f"the settings cannot be used: {problems}") from None
