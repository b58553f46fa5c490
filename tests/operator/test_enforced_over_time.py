"""Enforced goes from False to True once, whoever looks how late: never back and forth, also of two operators.

Each operator lists every two seconds, at moments of its own, and looks at statuses every second, as in life; the API
server is a dictionary that knows versions.
"""

import asyncio
import copy
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

import pytest

from e2e.gated.policies import policy
from kubeapprove.policycheck import read_policy
from kubeapprove.ruling import Policy
from kubeapprove.settings import Settings
from kubeapprove_operator.policies import PolicyStatuses, Registered
from kubeapprove_server.errors import ApiError, ConflictError

BOT = {"kind": "User", "name": "bot"}
Event = Callable[[], None]
Listing = Sequence[tuple[Mapping[str, Any], Policy]]


class Cluster:
    """One policy as stored, and what its Enforced was after each write."""

    def __init__(self, agents: Sequence[Mapping[str, Any]] = (BOT,)) -> None:
        self.raw = policy("p", agents)
        self.raw["metadata"] |= {"uid": "u", "generation": 1, "resourceVersion": "1"}
        self.writes: list[str] = []
        self.fails = False

    @property
    def enforced(self) -> dict[str, Any]:
        """The condition."""
        conditions = {one["type"]: one for one in self.raw["status"]["conditions"]}
        return dict(conditions["Enforced"])

    async def patch_policy_status(self, name: str, *, resource_version: str, status: Mapping[str, Any]) -> None:
        """Write as the API server does."""
        assert name == "p"
        if self.fails:
            raise ApiError("write policy status", 403, "Forbidden")
        if resource_version != self.raw["metadata"]["resourceVersion"]:
            raise ConflictError("write policy status", 409, "Conflict")
        self.raw["status"] = self.raw.get("status", {}) | status
        self._bump()
        self.writes.append(self.enforced["status"])

    def edit(self) -> None:
        """Have a person edit the policy."""
        self.raw["metadata"]["generation"] += 1
        self._bump()

    def _bump(self) -> None:
        self.raw["metadata"]["resourceVersion"] = str(int(self.raw["metadata"]["resourceVersion"]) + 1)


class One:
    """One operator, but for its registrar, whose part the scenario plays."""

    def __init__(self, cluster: Cluster, lists_at: int) -> None:
        self._cluster, self._lists_at = cluster, lists_at
        self.registered = Registered()
        self.listed = self._list()
        self._statuses = PolicyStatuses(cluster, self, self.registered)

    @property
    def agents(self) -> tuple[Any, ...]:
        """Who is to be matched."""
        return self.listed[0][1].agents

    def _list(self) -> Listing:
        raw = copy.deepcopy(self._cluster.raw)
        return [(raw, read_policy(raw, Settings()))]

    async def look(self, now: int) -> None:
        """One second of its life."""
        if now % 2 == self._lists_at:
            self.listed = self._list()
        await self._statuses.look(now)


def live(operators: Sequence[One], events: Mapping[int, Event], *, begin: int = 0, end: int = 60) -> None:
    """Let time pass, from second 100 on."""

    async def scenario() -> None:
        for now in range(100 + begin, 100 + end):
            events.get(now - 100, lambda: None)()
            for operator in operators:
                await operator.look(now)

    asyncio.run(scenario())


def story(cluster: Cluster) -> list[str]:
    """Return what Enforced was, one after the other."""
    return [word for word, _ in groupby(cluster.writes)]


def pair(cluster: Cluster) -> tuple[One, One]:
    """Return two operators that list at different moments."""
    return One(cluster, 0), One(cluster, 1)


def known(*operators: One, at: int = 99) -> None:
    """Have them find the registration right."""
    for one in operators:
        one.registered.found_right(one.agents, now=at)


def enforced_cluster() -> Cluster:
    """Return a policy that is in force."""
    cluster = Cluster()
    one = One(cluster, 0)
    known(one)
    live([one], {}, end=20)
    assert cluster.enforced["status"] == "True"
    cluster.writes.clear()
    return cluster


@pytest.mark.parametrize("first", [0, 1])
def test_a_new_policy(first: int) -> None:
    cluster = Cluster()
    operators = pair(cluster)
    for one in operators:
        one.registered.found_right([], now=99)
    one, other = operators[first], operators[1 - first]
    live(
        operators,
        {
            3: lambda: one.registered.followed(one.agents, now=103),
            4: lambda: other.registered.found_right(other.agents, now=104),
        },
    )
    assert story(cluster) == ["False", "True"]
    assert len(cluster.writes) <= 5


@pytest.mark.parametrize("first", [0, 1])
def test_tampering_that_only_one_has_seen(first: int) -> None:
    cluster = enforced_cluster()
    operators = pair(cluster)
    known(*operators)
    repairer = operators[first]
    live(operators, {3: lambda: repairer.registered.repaired(repairer.agents, now=103)})
    assert story(cluster) == ["False", "True"]
    assert len(cluster.writes) <= 3


def test_an_edit() -> None:
    cluster = enforced_cluster()
    operators = pair(cluster)
    known(*operators)
    live(operators, {3: cluster.edit})
    assert story(cluster) == ["False", "True"]
    assert len(cluster.writes) <= 3
    assert cluster.enforced["observedGeneration"] == 2


def test_a_new_start_writes_nothing() -> None:
    cluster = enforced_cluster()
    one = One(cluster, 0)
    live([one], {5: lambda: known(one, at=105)})
    assert cluster.writes == []


def test_a_new_start_on_a_registration_that_differs() -> None:
    cluster = enforced_cluster()
    one = One(cluster, 0)
    live([one], {5: lambda: one.registered.repaired(one.agents, now=105)})
    assert story(cluster) == ["False", "True"]


def test_ten_seconds_from_when_it_is_matched() -> None:
    cluster = Cluster()
    one = One(cluster, 0)
    one.registered.found_right([], now=99)
    live([one], {30: lambda: one.registered.followed(one.agents, now=130)}, end=40)
    assert (cluster.enforced["status"], cluster.enforced["reason"]) == ("False", "Waiting")
    live([one], {}, begin=40, end=41)
    assert cluster.enforced["status"] == "True"


def test_the_registration_cannot_be_looked_at() -> None:
    cluster = Cluster()
    one = One(cluster, 0)
    one.registered.problem = "get registration: the API server answered 403 Forbidden"
    live([one], {})
    assert (cluster.enforced["status"], cluster.enforced["reason"]) == ("False", "NotRegistered")
    assert cluster.enforced["message"].endswith(
        "does not match its agents yet: get registration: the API server answered 403 Forbidden"
    )
    assert len(cluster.writes) == 1


@pytest.mark.parametrize(
    "agents", [[], [BOT, {"kind": "Group", "name": "system:masters"}], [BOT, {"kind": "Robot", "name": "r"}]]
)
def test_not_everybody_whom_it_names_can_be_an_agent(agents: Sequence[Mapping[str, Any]]) -> None:
    cluster = Cluster(agents)
    one = One(cluster, 0)
    known(one)
    live([one], {})
    assert (cluster.enforced["status"], cluster.enforced["reason"]) == ("False", "NotAnAgent")
    assert len(cluster.writes) == 1


def test_a_write_that_fails_is_tried_again() -> None:
    cluster = Cluster()
    cluster.fails = True
    one = One(cluster, 0)
    known(one)

    def mend() -> None:
        cluster.fails = False

    live([one], {40: mend})
    assert cluster.enforced["status"] == "True"
