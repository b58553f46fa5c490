"""Nobody is dropped for want of knowledge, and two operators that know different lists do not fight."""

import asyncio
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.pki import Authority
from e2e.gated.policies import policy
from kubeapprove_server.errors import ApiError, KubeapproveServerError
from tests.operator.memory import VALIDATING, Cluster, One

FAILS = ApiError("list policies", 404, "NotFound")
LITTLE, NOT_YET = 0.1, 3600.0
UNREADABLE = {"kind": "Robot", "name": "r2"}


@pytest.fixture(scope="module")
def ca_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the webhook's CA."""
    return Authority(tmp_path_factory.mktemp("pki")).pair.certificate


def run(scenario: Coroutine[Any, Any, None]) -> None:
    """Run one scenario."""
    asyncio.run(scenario)


async def problem(one: One) -> str:
    """Look, and return why that is no good."""
    with pytest.raises(KubeapproveServerError) as caught:
        await one.registrar.look()
    return str(caught.value)


def test_no_list_since_our_start(ca_file: Path) -> None:
    async def scenario() -> None:
        cluster = Cluster("bot")
        cluster.list_fails = FAILS
        one = One(cluster, ca_file)
        await one.store.refresh()
        assert await problem(one) == (
            "list policies: the API server answered 404 NotFound: the registration is left as it is"
        )
        assert cluster.writes == 0
        cluster.list_fails = None
        await one.store.refresh()
        await one.registrar.look()
        assert "bot" in cluster.expression

    run(scenario())


def test_an_error_after_an_empty_list(ca_file: Path) -> None:
    """While a CustomResourceDefinition is deleted, the API server lists nothing for a moment, and then 404."""

    async def scenario() -> None:
        cluster = Cluster("bot")
        one = One(cluster, ca_file, dropped_after=NOT_YET)
        await one.start()
        cluster.policies.clear()
        await one.store.refresh()
        await one.registrar.look()
        cluster.list_fails = FAILS
        await one.store.refresh()
        assert "the registration drops nobody" in await problem(one)
        assert "bot" in cluster.expression
        del cluster.configurations[VALIDATING]
        assert "the registration drops nobody" in await problem(one)
        assert "bot" in cluster.expression, "what is repaired is what was known before"
        assert "NobodyGated" not in cluster.told()

    run(scenario())


def test_time_counts_from_the_first_list_without_it_after_an_error(ca_file: Path) -> None:
    async def scenario() -> None:
        cluster = Cluster("bot")
        one = One(cluster, ca_file, dropped_after=LITTLE)
        await one.start()
        cluster.list_fails = FAILS
        await one.store.refresh()
        failing_since = time.monotonic()
        while time.monotonic() < failing_since + 2 * LITTLE:
            assert "the registration drops nobody" in await problem(one)
        cluster.policies.clear()
        cluster.list_fails = None
        await one.store.refresh()
        await one.registrar.look()
        assert "bot" in cluster.expression, "this list is the first"
        while cluster.expression != "false":
            await one.store.refresh()
            await one.registrar.look()
        assert cluster.told()[-1] == "NobodyGated"

    run(scenario())


def test_agents_that_cannot_be_read(ca_file: Path) -> None:
    async def scenario() -> None:
        cluster = Cluster("bot", "other")
        one = One(cluster, ca_file)
        await one.start()
        cluster.store(policy("bot", [UNREADABLE, {"kind": "User", "name": "readable"}]))
        del cluster.policies["other"]
        await one.store.refresh()
        assert await problem(one) == ("correct policy bot, whose agents cannot be read: the registration drops nobody")
        assert all(name in cluster.expression for name in ('"bot"', '"other"', '"readable"'))
        cluster.put("bot")
        await one.store.refresh()
        await one.registrar.look()
        assert '"other"' not in cluster.expression

    run(scenario())


def test_agents_that_cannot_be_read_at_our_start(ca_file: Path) -> None:
    async def scenario() -> None:
        cluster = Cluster("bot")
        await One(cluster, ca_file).start()
        cluster.store(policy("bot", [UNREADABLE]))
        writes, one = cluster.writes, One(cluster, ca_file)
        await one.store.refresh()
        assert await problem(one) == (
            "correct policy bot, whose agents cannot be read: the registration is left as it is"
        )
        assert cluster.writes == writes

    run(scenario())


def test_definition_that_is_being_deleted(ca_file: Path) -> None:
    async def scenario() -> None:
        cluster = Cluster("bot")
        one = One(cluster, ca_file)
        await one.start()
        cluster.policies.clear()
        cluster.definition["deletionTimestamp"] = "2026-01-01T00:00:00Z"
        await one.store.refresh()
        assert "is being deleted: apply it again, and the policies: the registration drops nobody" in await problem(one)
        assert "bot" in cluster.expression

    run(scenario())


@pytest.mark.parametrize("is_new", [False, True], ids=["the same operator", "one that starts"])
def test_definition_that_was_made_anew(ca_file: Path, *, is_new: bool) -> None:
    """Nobody is dropped until whoever was gated has a policy again; from then on it is the one that counts."""

    async def scenario() -> None:
        cluster = Cluster("bot", "other")
        one = One(cluster, ca_file)
        await one.start()
        cluster.policies.clear()
        cluster.definition = {"uid": "second"}
        one = One(cluster, ca_file) if is_new else one
        await one.store.refresh()
        assert "apply the policies of all of them" in await problem(one)
        cluster.put("bot")
        await one.store.refresh()
        assert "apply the policies of all of them" in await problem(one)
        assert all(name in cluster.expression for name in ('"bot"', '"other"'))
        cluster.put("other")
        await one.store.refresh()
        await one.registrar.look()
        del cluster.policies["other"]
        await one.store.refresh()
        await one.registrar.look()
        assert '"other"' not in cluster.expression

    run(scenario())


def test_older_list_does_not_make_a_newer_definition_the_one(ca_file: Path) -> None:
    """It was made anew within the two seconds between two lists: the one that is known is of the definition before."""

    async def scenario() -> None:
        cluster = Cluster("bot")
        one = One(cluster, ca_file)
        await one.start()
        cluster.policies.clear()
        cluster.definition = {"uid": "second"}
        for _ in range(3):
            assert "apply the policies of all of them" in await problem(one)
            await one.store.refresh()
        assert "bot" in cluster.expression

    run(scenario())


def test_who_deletes_the_registration_after_that_has_it_made_from_what_there_is(ca_file: Path) -> None:
    async def scenario() -> None:
        cluster = Cluster("bot", "other")
        await One(cluster, ca_file).start()
        del cluster.policies["other"]
        cluster.definition = {"uid": "second"}
        one = One(cluster, ca_file)
        await one.store.refresh()
        assert "the registration is left as it is" in await problem(one)
        del cluster.configurations[VALIDATING]
        await one.registrar.look()
        assert ('"bot"' in cluster.expression, '"other"' in cluster.expression) == (True, False)

    run(scenario())


def test_registration_of_an_older_version_says_nothing_of_a_definition(ca_file: Path) -> None:
    async def scenario() -> None:
        cluster = Cluster("bot")
        await One(cluster, ca_file).start()
        cluster.configurations[VALIDATING]["metadata"]["annotations"].clear()
        cluster.policies.clear()
        one = One(cluster, ca_file)
        await one.start()
        assert cluster.expression == "false"
        assert (
            cluster.configurations[VALIDATING]["metadata"]["annotations"]["kubeapprove.io/policy-definition"] == "first"
        )

    run(scenario())


def test_following_the_policies_is_no_alarm_and_tampering_is(ca_file: Path) -> None:
    async def scenario() -> None:
        cluster = Cluster("bot")
        one = One(cluster, ca_file)
        await one.start()
        assert cluster.told() == ["RegistrationWritten", "RegistrationWritten"], "both, at the very first start"
        cluster.put("new")
        await one.store.refresh()
        await one.registrar.look()
        assert "new" in cluster.expression
        assert len(cluster.events) == 2
        cluster.configurations[VALIDATING]["webhooks"][0]["failurePolicy"] = "Ignore"
        await one.registrar.look()
        assert cluster.told()[2:] == ["RegistrationWritten"]
        assert cluster.events[2]["note"].startswith(
            "the registration differed from policies and settings in failurePol"
        )

    run(scenario())


@pytest.mark.parametrize("change", ["added", "replaced", "dropped"])
def test_another_operator_knows_an_older_list(ca_file: Path, change: str) -> None:
    async def scenario() -> None:
        cluster = Cluster("bot", "other")
        one, late = One(cluster, ca_file), One(cluster, ca_file, dropped_after=NOT_YET)
        await one.start()
        await late.start()
        told = len(cluster.events)
        if change != "dropped":
            cluster.put("new")
        if change != "added":
            del cluster.policies["other"]
        await one.store.refresh()
        await one.registrar.look()
        wanted, writes = cluster.expression, cluster.writes
        for operator in (late, one, late, one):
            await operator.registrar.look()
        assert (cluster.expression, cluster.writes) == (wanted, writes)
        assert ("new" in wanted, "other" in wanted) == (change != "dropped", change == "added")
        assert len(cluster.events) == told
        assert late.registered.wrong_until < 0

    run(scenario())


def test_a_write_that_another_operator_forestalled(ca_file: Path) -> None:
    """Its list was newer, so it wins; the next look sees that all is well."""

    async def scenario() -> None:
        cluster = Cluster("bot")
        one = One(cluster, ca_file)
        await one.start()
        cluster.put("new")
        await one.store.refresh()

        def forestall() -> None:
            cluster.before_write = lambda: None
            configuration = cluster.configurations[VALIDATING]
            configuration["metadata"]["resourceVersion"] = "forestalled"
            configuration["metadata"]["labels"] = {"a": "b"}

        cluster.before_write = forestall
        await one.registrar.look()
        assert "new" not in cluster.expression
        assert one.since is None
        await one.registrar.look()
        assert "new" in cluster.expression
        assert one.since is not None

    run(scenario())
