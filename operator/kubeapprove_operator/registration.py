"""Keeps the webhook registration as it is rendered from the policies: applied at start, repaired within seconds.

The two configurations are compared whole and replaced whole: a field, a condition or a webhook that somebody added
could exempt an agent as well as one that was taken away. Of the rest only our annotation is kept, without an alarm:
it exempts nobody while it is gone. Read by name once a second: two small requests, and no right to see any other
configuration.

An error drops nobody: readiness says what could not be looked at, and what differs is put back as it was known last. An
agent is dropped only after complete lists of policies without it, over two seconds and without an error: one alone may
be of the moment in which the CustomResourceDefinition is being deleted. Who is named by an invalid policy, or past
`until`, stays, and so does everybody while a policy's agents cannot be read. Before the first list nothing is written.

What differs is judged by a list that was asked for after it was read. So nobody's older list ever takes back what
another operator made of a newer one: the write fails where the configuration is another by then.
"""

import hashlib
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from kubeapprove.identity import Agent
from kubeapprove.mirror import Announcement
from kubeapprove.policycheck import hides_agents
from kubeapprove.printable import safe
from kubeapprove.registration import ANNOTATIONS, NAME, Endpoint, render_registration
from kubeapprove.settings import Settings
from kubeapprove_operator.api import COMPONENT, WITHIN, Api
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
        agents, wanted = self._wanted(found, endpoint)
        if not _agree(found, wanted):
            await self._policies.refresh()
            agents, wanted = self._wanted(found, endpoint)
        for one in wanted:
            await self._keep_one(found[one["kind"]], one, agents)
        if len(self._last) == len(wanted) and all(self._last[one["kind"]] == one["webhooks"] for one in wanted):
            self._trust.registered(bundle)
        if (problem := self._policies.problem or self._hidden()) is not None:
            raise StartupError(f"{problem}: the registration drops nobody")

    def _wanted(self, found: _Found, endpoint: Endpoint) -> tuple[tuple[Agent, ...], list[dict[str, Any]]]:
        """Return who is to be matched, and both configurations for them."""
        policies, hidden = self._policies.last_known(), self._hidden()
        if policies is None or (hidden is not None and not self._last):
            raise StartupError(f"{hidden or self._policies.problem}: the registration is left as it is")
        agents = policies.people.agents
        if self._policies.problem is None and hidden is None:
            wanted = render_registration(self._settings, agents, endpoint)
            if _agree(found, wanted):  # also where another operator was the first to drop somebody
                self._named = dict.fromkeys(agents)
                return agents, wanted
            self._named = dict.fromkeys(agents) | self._going(frozenset(agents))
        else:
            self._named = dict.fromkeys((*self._named, *agents))
        return tuple(self._named), render_registration(self._settings, self._named, endpoint)

    def _going(self, agents: frozenset[Agent]) -> dict[Agent, float | None]:
        """Return who is matched and named no more, and not for long enough yet."""
        listed_at = time.monotonic() - self._policies.age()
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

    async def _keep_one(self, found: dict[str, Any] | None, wanted: dict[str, Any], agents: tuple[Agent, ...]) -> None:
        """Put one configuration right. A conflict means that somebody else writes: look again next time."""
        kind, there = wanted["kind"], _hooks(found)
        is_right, was_ours = there == wanted["webhooks"], there is not None and there == self._last.get(kind)
        if not (is_right and _is_annotated(found)):
            try:
                written = await self._write(found, wanted)
            except ConflictError:
                return
            if is_right:
                _LOG.info("the registration was annotated again", configuration=kind)
            elif was_ours:
                _LOG.info("the registration follows the policies", configuration=kind)
            else:
                await self._tell_difference(written, "was not there" if found is None else _differed(found, wanted))
            if kind == _CHANGES and not agents and not is_right:
                await self._tell(written, "NobodyGated", _NOBODY)
        self._last[kind] = wanted["webhooks"]
        if kind == _CHANGES:
            self._note(agents, is_right=is_right, was_ours=was_ours)

    async def _write(self, found: dict[str, Any] | None, wanted: dict[str, Any]) -> dict[str, Any]:
        """Create or replace it; the answer's kind is filled in, which the API server may leave out."""
        plural = _PLURALS[wanted["kind"]]
        if found is None:
            written = await self._api.create_registration(plural, wanted)
        else:
            metadata = found["metadata"] | {"annotations": _annotations(found) | ANNOTATIONS}
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


def _is_annotated(configuration: dict[str, Any] | None) -> bool:
    return _annotations(configuration).items() >= ANNOTATIONS.items()


def _differed(found: dict[str, Any], wanted: dict[str, Any]) -> str:
    """Say in what, and who wrote last, as far as managedFields tell: they name nobody where something was removed."""
    what = f"differed from policies and settings in {what_differs(found.get('webhooks') or [], wanted['webhooks'])}"
    entries = found["metadata"].get("managedFields") or []
    # Of those in the same second somebody else: what we write is right, and this is not.
    newest: dict[str, Any] = max(
        entries, key=lambda entry: (str(entry.get("time", "")), entry.get("manager") != COMPONENT), default={}
    )
    manager = str(newest.get("manager", COMPONENT))
    if manager == COMPONENT:
        return f"{what} (managedFields do not tell since when; the API server's audit log does)"
    return f"{what}, last written by {manager}"


def what_differs(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> str:
    """Name what differs, so that a change of one's own can be told from somebody else's.

    Fields only, no value: an address holds the secret path, and a webhook that was added has any name.
    """
    there, due = ({hook["name"]: hook for hook in hooks} for hooks in (found, wanted))
    parts = [] if there.keys() == due.keys() else ["which webhooks there are"]
    for name, hook in due.items():
        if name in there:
            parts += _fields(there[name], hook)
    return ", ".join(dict.fromkeys(parts)) or "the order of the webhooks"


def _fields(there: dict[str, Any], due: dict[str, Any]) -> Iterator[str]:
    """Yield the fields in which one webhook differs, as people know them."""
    for field in sorted(there.keys() | due.keys()):
        is_, should = there.get(field), due.get(field)
        if is_ == should:
            continue
        if field == "clientConfig":
            yield from _address(is_ or {}, should or {})
        elif field == "matchConditions" and _without_agents(is_) == _without_agents(should):
            yield "which agents are matched"
        else:
            yield field


def _address(there: dict[str, Any], due: dict[str, Any]) -> Iterator[str]:
    if there.get("caBundle") != due.get("caBundle"):
        yield "caBundle"
    if any(there.get(key) != due.get(key) for key in ("url", "service")):
        yield "url or service"


def _without_agents(conditions: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Return the conditions as if they matched the same agents."""
    return [one | {"expression": ""} if one.get("name") == "agents" else one for one in conditions or []]
