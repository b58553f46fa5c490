"""What one installation sets: what it hides, how much may wait, how long what ended is kept, and its own names.

Read from the document in `$KUBEAPPROVE_SETTINGS`. Who is an agent and what needs whose approval is said by policies;
what is hidden stays here, because a hash never depends on a policy.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_camel

from kubeapprove.durations import Duration
from kubeapprove.hidden import DEFAULT_ENV_SUFFIXES, Hiding
from kubeapprove.identity import SERVICE_ACCOUNT_GROUP, role_arn
from kubeapprove.wording import place, sentence


class SettingsError(ValueError):
    """The settings cannot be used; the message names each place and its remedy."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


class Settings(_Model):
    """The settings file."""

    max_pending: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 50
    # Denied holds its refusal for as long as it is there; a finished one only tells what was.
    keep_finished: Duration = timedelta(days=7)
    keep_denied: Duration = timedelta(days=30)
    # Exact usernames: the one way in which a controller may write policies.
    policy_writers: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    # Of any other role the caller chooses the session's name, so that its sessions are one identity.
    named_session_roles: tuple[str, ...] = ()
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

    @field_validator("named_session_roles")
    @classmethod
    def _are_roles(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        known = tuple(filter(None, map(role_arn, roles)))
        if len(known) != len(roles):
            raise ValueError("write each role by its ARN, arn:aws:iam::<account>:role/<name>")
        return known

    @property
    def named_roles(self) -> frozenset[str]:
        """The roles whose session names the identity provider sets, in the form in which they are compared."""
        return frozenset(self.named_session_roles)

    def own_usernames(self) -> tuple[str, ...]:
        """The usernames of our own ServiceAccounts."""
        return tuple(f"system:serviceaccount:{self.system_namespace}:{name}" for name in self.service_accounts)

    def definers(self) -> tuple[str, ...]:
        """The usernames of ours that may write what defines our resources: an upgrade's, also while we are down."""
        return (f"system:serviceaccount:{self.system_namespace}:kubeapprove-crds",)

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


_MOVED = {
    "agents": "spec.agents",
    "pendingFor": "spec.rules[].approval.pendingFor",
    "useWithin": "spec.rules[].approval.useWithin",
}
"""What policies say by now: where."""


def _problem(problem: Mapping[str, Any]) -> str:
    where = place(problem["loc"]) or "settings"
    if problem["type"] == "extra_forbidden" and (moved := _MOVED.get(where)) is not None:
        return f"{where}: it is no setting any more; say it in an ApprovalPolicy, in {moved}"
    return f"{where}: {sentence(problem)}"


def read_settings(document: Any) -> Settings:
    """Read the settings document (a mapping); raises SettingsError whose text names each wrong place."""
    try:
        return Settings.model_validate({} if document is None else document)
    except ValidationError as error:
        problems = "; ".join(map(_problem, error.errors(include_input=False, include_url=False)))
        raise SettingsError(f"the settings cannot be used: {problems}") from None
