"""`until` is looked at before any rule: whoever is named by an entry that has ended is refused, and stays an agent."""

from datetime import timedelta
from typing import Any

from kubeapprove.identity import UserInfo
from kubeapprove.resources import format_time
from kubeapprove.ruling import Policies, Policy
from tests.policies import scenes
from tests.policies.scenes import allows, policy

MOMENT = timedelta(microseconds=1)


def ending(name: str = "p", *, kind: str = "Group", of: str = "agents", **spec: Any) -> Policy:
    agent = {"kind": kind, "name": of, "until": format_time(scenes.NOW)}
    return policy(allows(), name=name, agents=[agent], **spec)


def test_up_to_that_moment_and_not_after() -> None:
    policies = Policies([ending()])
    assert policies.ended(scenes.AGENT, scenes.NOW) is None
    assert policies.ended(scenes.AGENT, scenes.NOW + MOMENT) == ("p", scenes.NOW)


def test_whoever_has_ended_is_an_agent_still() -> None:
    policies = Policies([ending()])
    assert policies.people.is_agent(scenes.AGENT)
    assert policies.naming(scenes.AGENT)


def test_one_entry_that_has_ended_is_enough() -> None:
    """Who was let in for an hour as a user was let in for an hour, though the group goes on."""
    both = Policies([policy(name="goes-on"), ending("ends", kind="User", of=scenes.AGENT.username)])
    assert both.ended(scenes.AGENT, scenes.NOW + scenes.HOUR) == ("ends", scenes.NOW)


def test_the_entry_of_somebody_else_ends_for_nobody_else() -> None:
    both = Policies([policy(name="goes-on"), ending("ends", kind="User", of="other")])
    assert both.ended(scenes.AGENT, scenes.NOW + scenes.HOUR) is None


def test_of_several_entries_of_one_policy_those_that_name_the_requester_count() -> None:
    ended = format_time(scenes.NOW)
    one = policy(agents=[{"kind": "User", "name": "other", "until": ended}, scenes.GROUP])
    assert Policies([one]).ended(scenes.AGENT, scenes.NOW + scenes.HOUR) is None
    assert Policies([one]).ended(UserInfo("other"), scenes.NOW + scenes.HOUR) == ("p", scenes.NOW)


def test_it_ends_also_where_the_policy_only_observes() -> None:
    assert Policies([ending(mode="Observe")]).ended(scenes.AGENT, scenes.NOW + MOMENT) == ("p", scenes.NOW)


def test_whom_nobody_names_nothing_ends() -> None:
    assert Policies([ending()]).ended(scenes.ALICE, scenes.NOW + scenes.HOUR) is None
