"""Keeps the webhook registration as it is rendered from the policies: applied at start, repaired within seconds.

The two configurations are compared whole and replaced whole: a field, a condition or a webhook that somebody added
could exempt an agent as well as one that was taken away. Of the rest only our annotation is kept, without an alarm:
it exempts nobody while it is gone. Read by name once a second: two small requests, and no right to see any other
configuration.

An error drops nobody: readiness says what could not be looked at, and what differs is put back as it was known last. An
agent is dropped only after complete lists of policies without it, over two seconds and without an error: one alone may
be of the moment in which the CustomResourceDefinition is being deleted. Who is named by an invalid policy, or past
`until`, stays, and so does everybody while a policy's agents cannot be read, or the definition of policies is another
one than before. Before the first list nothing is written.

What differs is judged by a list that was asked for after it was read. So nobody's older list ever takes back what
another operator made of a newer one: the write fails where the configuration is another by then.
"""

import hashlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from kubeapprove.identity import Agent
from kubeapprove.mirror import Announcement
from kubeapprove.policycheck import hides_agents
from kubeapprove.printable import safe
from kubeapprove.registration import NAME, Endpoint, render_registration
from kubeapprove.ruling import Policies
from kubeapprove.settings import Settings
from kubeapprove_operator.api import WITHIN, Api
from kubeapprove_operator.definition import ANNOTATION as DEFINITION
from kubeapprove_operator.definition import MEANWHILE, REPLACED
from kubeapprove_operator.definition import look as look_at_definition
from kubeapprove_operator.differences import differed
from kubeapprove_operator.looking import look_for_ever
from kubeapprove_operator.metrics import REGISTRATION_SEEN, REPAIRS
from kubeapprove_operator.policies import Registered
from kubeapprove_operator.trust import Trust
from kubeapprove_server.errors import ApiError, ConflictError, StartupError
from kubeapprove_server.place import Place
from kubeapprove_server.policies import PolicyStore
from kubeapprove_server.secret_path import PATH_SECRET

_LOG = structlog.get_logger()
PERIOD: Final = 1.0
"""Seconds between two looks."""
DROPPED_AFTER: Final = 2.0
"""Seconds over which no list names an agent before it is dropped."""
_Found = Mapping[str, dict[str, Any] | None]
"""Both configurations by kind, as they were read."""
_PLURALS = {
    "ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
    "MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
}
_CHANGES = "ValidatingWebhookConfiguration"
"""The configuration in which agents are matched."""
_NOBODY = (
    "no policy names an agent, so the registration matches nobody: whatever agents do passes as if there were no gate"
)
CLUSTER_EVENTS = "default"
"""The namespace of Events about cluster-scoped objects."""


@dataclass(frozen=True, slots=True)
class _Known:
    """Policies of one list, of which definition they were, and why nobody may be dropped by them."""

    policies: Policies | None
    listed_at: float
    definition: str
    doubt: str | None


@dataclass(frozen=True, slots=True)
class _Due:
    """Who is to be matched, both configurations for them, and why nobody was dropped."""

    agents: tuple[Agent, ...]
    wanted: list[dict[str, Any]]
    doubt: str | None


class Registrar:
    """One for the process. `problem` says why the registration is not known to be right, None where it is."""

    def __init__(
        self,
        api: Api,
        settings: Settings,
        place: Place,
        trust: Trust,
        policies: PolicyStore,
        registered: Registered,
        *,
        dropped_after: float = DROPPED_AFTER,
    ) -> None:
        self._api, self._settings, self._place, self._trust = api, settings, place, trust
        self._policies, self._registered, self._dropped_after = policies, registered, dropped_after
        # What we wrote, or found to be right: a difference to it is somebody else's, one to the policies is not.
        self._last: dict[str, list[dict[str, Any]]] = {}
        # Who is matched, and when the first list that did not name them any more was asked for.
        self._named: dict[Agent, float | None] = {}
        self.problem: str | None = "the webhook registration was not looked at yet"

    async def keep(self) -> None:
        """Look and repair until cancelled."""
        what = "the webhook registration could not be looked at"
        await look_for_ever(self.look, period=PERIOD, what=what, told=self._told)

    def _told(self, problem: str | None) -> None:
        self.problem = self._registered.problem = problem
        if problem is None:
            REGISTRATION_SEEN.set_to_current_time()

    async def look(self) -> None:
        """Look once and put right what differs; raises where something is not known to be as it should."""
        bundle = await self._trust.bundle()
        endpoint = await self._endpoint(bundle)
        found = {kind: await self._api.get_registration(plural, NAME) for kind, plural in _PLURALS.items()}
        due = self._due(found, endpoint, await self._know())
        if not all(_is_as_due(found[one["kind"]], one) for one in due.wanted):
            before = await look_at_definition(self._api)
            await self._policies.refresh()
            due = self._due(found, endpoint, await self._know(before.uid))
        for one in due.wanted:
            await self._keep_one(found[one["kind"]], one, due)
        if len(self._last) == len(due.wanted) and all(self._last[one["kind"]] == one["webhooks"] for one in due.wanted):
            self._trust.registered(bundle)
        if due.doubt is not None:
            raise StartupError(f"{due.doubt}: the registration drops nobody")

    async def _know(self, before: str | None = None) -> _Known:
        """Return what is known of policies; `before`: the uid of their definition when they were not yet listed.

        Without, the list may be of the definition before: good enough to find that all is as it was.
        """
        store = self._policies
        policies, listed_at, doubt = store.last_known(), time.monotonic() - store.age(), store.problem or self._hidden()
        definition = await look_at_definition(self._api)
        doubt = doubt or definition.problem or (MEANWHILE if before not in (None, definition.uid) else None)
        return _Known(policies, listed_at, definition.uid, doubt)

    def _due(self, found: _Found, endpoint: Endpoint, known: _Known) -> _Due:
        """Return who is to be matched, and both configurations for them."""
        if known.policies is None:
            raise StartupError(f"{known.doubt}: the registration is left as it is")
        agents = known.policies.people.agents
        wanted = self._rendered(agents, endpoint, {DEFINITION: known.definition})
        if known.doubt is None and _agree(found, wanted):  # also where another operator was the first to drop somebody
            self._named = dict.fromkeys(agents)
            return _Due(agents, wanted, None)
        before = _annotations(found[_CHANGES]).get(DEFINITION, known.definition)
        is_another = before != known.definition and not (self._last and self._named.keys() <= set(agents))
        doubt = known.doubt or (REPLACED if is_another else None)
        if doubt is None:
            self._named = dict.fromkeys(agents) | self._going(frozenset(agents), known.listed_at)
            return _Due(tuple(self._named), self._rendered(self._named, endpoint, {DEFINITION: known.definition}), None)
        if not self._last and found[_CHANGES] is not None:  # whom it matches cannot be told from it
            raise StartupError(f"{doubt}: the registration is left as it is")
        self._named = dict.fromkeys((*self._named, *agents))
        return _Due(tuple(self._named), self._rendered(self._named, endpoint, {}), doubt)

    def _rendered(
        self, agents: Iterable[Agent], endpoint: Endpoint, annotations: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        wanted = render_registration(self._settings, agents, endpoint)
        for one in wanted:
            one["metadata"]["annotations"] |= annotations
        return wanted

    def _going(self, agents: frozenset[Agent], listed_at: float) -> dict[Agent, float | None]:
        """Return who is matched and named no more, and not for long enough yet."""
        since = {agent: at or listed_at for agent, at in self._named.items() if agent not in agents}
        return {agent: at for agent, at in since.items() if listed_at - at < self._dropped_after}

    def _hidden(self) -> str | None:
        names = [policy.name for raw, policy in self._policies.listed if hides_agents(raw)]
        return f"correct policy {', '.join(names)}, whose agents cannot be read" if names else None

    async def _endpoint(self, bundle: bytes) -> Endpoint:
        namespace = self._settings.system_namespace
        secret = await self._api.get_secret(namespace, PATH_SECRET, within=WITHIN)
        if secret is None:
            raise StartupError(f"Secret {namespace}/{PATH_SECRET} does not exist: start the webhook, which makes it")
        return self._place.endpoint(secret, namespace, bundle)

    async def _keep_one(self, found: dict[str, Any] | None, wanted: dict[str, Any], due: _Due) -> None:
        """Put one configuration right. A conflict means that somebody else writes: look again next time."""
        kind, there = wanted["kind"], _hooks(found)
        is_right, was_ours = there == wanted["webhooks"], there is not None and there == self._last.get(kind)
        if not (is_right and _is_annotated(found, wanted)):
            try:
                written = await self._write(found, wanted)
            except ConflictError:
                return
            if is_right:
                _LOG.info("the registration was annotated again", configuration=kind)
            elif was_ours:
                _LOG.info("the registration follows the policies", configuration=kind)
            else:
                await self._tell_difference(written, "was not there" if found is None else differed(found, wanted))
            if kind == _CHANGES and not due.agents and not is_right:
                await self._tell(written, "NobodyGated", _NOBODY)
        self._last[kind] = wanted["webhooks"]
        if kind == _CHANGES:
            self._note(due.agents, is_right=is_right, was_ours=was_ours)

    async def _write(self, found: dict[str, Any] | None, wanted: dict[str, Any]) -> dict[str, Any]:
        """Create or replace it; the answer's kind is filled in, which the API server may leave out."""
        plural = _PLURALS[wanted["kind"]]
        if found is None:
            written = await self._api.create_registration(plural, wanted)
        else:
            metadata = found["metadata"] | {"annotations": _annotations(found) | _annotations(wanted)}
            ours = {"metadata": metadata, "webhooks": wanted["webhooks"]}
            written = await self._api.replace_registration(plural, found | ours)
        return written | {"kind": wanted["kind"]}

    def _note(self, agents: tuple[Agent, ...], *, is_right: bool, was_ours: bool) -> None:
        now = time.monotonic()
        if is_right:
            self._registered.found_right(agents, now=now)
        elif was_ours:
            self._registered.followed(agents, now=now)
        else:
            self._registered.repaired(agents, now=now)

    async def _tell_difference(self, written: dict[str, Any], what: str) -> None:
        """Say that agents may have passed, to whoever looks at logs, metrics or Events.

        Also at the very first start: whether a registration that is not there was there before, nobody can know.
        """
        REPAIRS.inc()
        message = f"the registration {what}, so agents may have passed until now; it is as policies and settings say"
        await self._tell(written, "RegistrationWritten", message)

    async def _tell(self, written: dict[str, Any], reason: str, message: str) -> None:
        """Warn in the log and by an Event about a configuration, whose name is that of this very news."""
        kind, metadata = written["kind"], written["metadata"]
        _LOG.warning("the webhook registration was written", configuration=kind, reason=reason, it=message)
        regarding = {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": kind,
            "name": NAME,
            "uid": metadata.get("uid"),
        }
        seed = f"{metadata.get('uid')}\n{metadata.get('resourceVersion')}\n{reason}"
        news = Announcement(
            name=f"{NAME}.{hashlib.sha256(seed.encode()).hexdigest()[:16]}",
            reason=reason,
            message=safe(message),
            is_warning=True,
        )
        try:
            await self._api.event(CLUSTER_EVENTS, regarding, news, datetime.now(UTC))
        except ApiError as error:
            _LOG.warning("an Event was not taken", configuration=kind, error=str(error))


def _agree(found: _Found, wanted: list[dict[str, Any]]) -> bool:
    return all(_hooks(found[one["kind"]]) == one["webhooks"] for one in wanted)


def _hooks(configuration: dict[str, Any] | None) -> Any:
    """Return its webhooks, None where there are none or no configuration."""
    return None if configuration is None else configuration.get("webhooks")


def _annotations(configuration: dict[str, Any] | None) -> dict[str, str]:
    return (configuration or {}).get("metadata", {}).get("annotations") or {}


def _is_as_due(found: dict[str, Any] | None, wanted: dict[str, Any]) -> bool:
    return _hooks(found) == wanted["webhooks"] and _is_annotated(found, wanted)


def _is_annotated(found: dict[str, Any] | None, wanted: dict[str, Any]) -> bool:
    return _annotations(found).items() >= _annotations(wanted).items()
