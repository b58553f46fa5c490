"""An API server in memory, as far as the registrar asks it: two configurations, policies, one Secret, Events."""

import base64
import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from e2e.gated.policies import policy
from kubeapprove.registration import NAME
from kubeapprove.settings import Settings
from kubeapprove_operator.api import Api
from kubeapprove_operator.policies import Registered
from kubeapprove_operator.registration import Registrar
from kubeapprove_operator.trust import TrustedFile
from kubeapprove_server.client import ApiConfig
from kubeapprove_server.errors import ApiError, ConflictError, NotFoundError
from kubeapprove_server.place import Place
from kubeapprove_server.policies import PolicyStore

VALIDATING = "validatingwebhookconfigurations"
SECRET = {"data": {"path": base64.b64encode(b"p" * 40).decode()}}


class Cluster:
    """What is stored."""

    def __init__(self, *agents: str) -> None:
        self.policies: dict[str, dict[str, Any]] = {}
        self.configurations: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.writes = 0
        self.version = 0
        self.list_fails: ApiError | None = None
        self.definition: dict[str, Any] = {"uid": "first"}
        self.before_write: Callable[[], None] = lambda: None
        for agent in agents:
            self.put(agent)

    def put(self, *agents: str, name: str = "") -> None:
        """Write a policy that names users; called after the first of them unless told."""
        body = policy(name or agents[0], [{"kind": "User", "name": agent} for agent in agents])
        self.store(body)

    def store(self, body: Mapping[str, Any]) -> None:
        """Write a policy."""
        self.version += 1
        name = body["metadata"]["name"]
        metadata = {"name": name, "uid": name, "generation": self.version, "resourceVersion": str(self.version)}
        self.policies[name] = {**body, "metadata": metadata}

    @property
    def expression(self) -> str:
        """Whom the registration matches."""
        hooks = self.configurations[VALIDATING]["webhooks"]
        return str(hooks[0]["matchConditions"][0]["expression"])

    def told(self) -> list[str]:
        """Return the reasons of all Events."""
        return [event["reason"] for event in self.events]


class Memory(Api):
    """One operator's client of it."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(ApiConfig("https://memory", Path("ca"), Path("token")))
        self._cluster = cluster

    async def call(
        self,
        call: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        within: float,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> dict[str, Any]:
        """Answer as the API server does."""
        assert within > 0, (content_type, accept)
        cluster = self._cluster
        if call == "list policies":
            if cluster.list_fails is not None:
                raise cluster.list_fails
            items = copy.deepcopy(list(cluster.policies.values()))
            return {"kind": "ApprovalPolicyList", "metadata": {}, "items": items}
        if call == "get policy definition":
            return {"metadata": dict(cluster.definition)}
        if call == "create event":
            assert body is not None
            cluster.events.append(dict(body))
            return {}
        if "secrets" in path:
            return SECRET
        plural = next(part for part in path.split("/") if part.endswith("webhookconfigurations"))
        if method == "GET":
            if plural not in cluster.configurations:
                raise NotFoundError(call, 404, "NotFound", NAME)
            return copy.deepcopy(cluster.configurations[plural])
        assert body is not None
        return self._write(call, plural, body)

    def _write(self, call: str, plural: str, body: Mapping[str, Any]) -> dict[str, Any]:
        cluster = self._cluster
        cluster.before_write()
        there = cluster.configurations.get(plural)
        known = body["metadata"].get("resourceVersion")
        if (there is not None) != (known is not None) or (there and there["metadata"]["resourceVersion"] != known):
            raise ConflictError(call, 409, "Conflict")
        cluster.version += 1
        cluster.writes += 1
        metadata = {**body["metadata"], "uid": plural, "resourceVersion": str(cluster.version)}
        cluster.configurations[plural] = copy.deepcopy({**body, "metadata": metadata})
        return copy.deepcopy(cluster.configurations[plural])


class One:
    """One operator's registrar, its list and what it noted."""

    def __init__(self, cluster: Cluster, ca_file: Path, *, dropped_after: float = 0.0) -> None:
        api = Memory(cluster)
        self.store, self.registered = PolicyStore(api, Settings()), Registered()
        place, trust = Place(url="https://gate.example.com"), TrustedFile(ca_file)
        self.registrar = Registrar(
            api, Settings(), place, trust, self.store, self.registered, dropped_after=dropped_after
        )

    async def start(self) -> None:
        """List and look for the first time."""
        await self.store.refresh()
        await self.registrar.look()

    @property
    def since(self) -> float | None:
        """Since when everybody whom policies name is matched."""
        policies = self.store.last_known()
        assert policies is not None
        return self.registered.since(policies.people.agents)
