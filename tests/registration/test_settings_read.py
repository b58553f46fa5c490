"""What the settings file says, and what holds where it says nothing."""

from datetime import timedelta

import pytest

from kubeapprove.hidden import DEFAULT_ENV_SUFFIXES
from kubeapprove.identity import Agent, AgentKind
from kubeapprove.settings import Settings, read_settings

DURATIONS = {
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "1h30m": timedelta(minutes=90),
    "90m": timedelta(minutes=90),
    "45s": timedelta(seconds=45),
    "1h1s": timedelta(seconds=3601),
    "720h": timedelta(days=30),
    "1s": timedelta(seconds=1),
}


@pytest.mark.parametrize("text", DURATIONS)
def test_durations(text: str) -> None:
    assert read_settings({"useWithin": text}).use_within == DURATIONS[text]


@pytest.mark.parametrize("document", [None, {}], ids=["an empty file", "an empty mapping"])
def test_nothing_is_said(document: dict[str, object] | None) -> None:
    settings = read_settings(document)
    assert settings == Settings()
    assert settings.agent_list() == ()
    assert (settings.pending_for, settings.use_within) == (timedelta(hours=24), timedelta(hours=1))
    assert settings.max_pending == 50
    assert settings.own_usernames() == (
        "system:serviceaccount:kubeapprove-system:kubeapprove-webhook",
        "system:serviceaccount:kubeapprove-system:kubeapprove-operator",
    )
    assert settings.own_groups() == (
        "system:serviceaccounts:kubeapprove-system",
        "system:serviceaccounts",
        "system:authenticated",
    )


def test_agents() -> None:
    document = {
        "agents": [
            {"kind": "Group", "name": 'a "group"\\'},
            {"kind": "User", "name": "kube-system"},
            {"kind": "IAMRole", "name": "arn:aws-cn:iam::111122223333:role/team/agent"},
            {"kind": "ServiceAccount", "namespace": "ci", "name": "bot"},
            {"kind": "ServiceAccount", "namespace": "bots"},
        ]
    }
    assert read_settings(document).agent_list() == (
        Agent(AgentKind.GROUP, 'a "group"\\'),
        Agent(AgentKind.USER, "kube-system"),
        Agent(AgentKind.IAM_ROLE, "arn:aws-cn:iam::111122223333:role/team/agent"),
        Agent(AgentKind.SERVICE_ACCOUNT, "bot", "ci"),
        Agent(AgentKind.SERVICE_ACCOUNT, "", "bots"),
    )


def test_what_is_hidden() -> None:
    settings = read_settings({"hiddenPointers": ["/spec/a~1b/~0c/~01", "/spec/*"], "hiddenEnvSuffixes": ["PIN"]})
    hiding = settings.hiding(b"key")
    assert hiding.pointers == (("spec", "a/b", "~c", "~1"), ("spec", "*"))
    assert (hiding.key, hiding.env_suffixes) == (b"key", ("PIN",))
    assert Settings().hiding(b"").env_suffixes == DEFAULT_ENV_SUFFIXES
