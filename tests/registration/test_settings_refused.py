"""C031: settings that would gate nobody, everybody or ourselves are refused, each with its remedy."""

from typing import Any

import pytest

from kubeapprove.settings import SettingsError, read_settings


def agent(**fields: Any) -> dict[str, Any]:
    return {"agents": [fields]}


NAME_ONE = "for the ServiceAccounts of one namespace write kind: ServiceAccount with the namespace and no name"
CASES: dict[str, tuple[Any, str]] = {
    "a list": ([], "settings: Input should be a valid dictionary"),
    "a text": ("agents", "settings: Input should be a valid dictionary"),
    "an unknown setting": ({"agent": []}, "agent: Extra inputs are not permitted"),
    "a setting in another notation": ({"use_within": "1h"}, "use_within: Extra inputs are not permitted"),
    "an agent of unknown kind": (agent(kind="Robot", name="x"), "agents.0.kind: Input should be 'Group', 'User'"),
    "an unknown field of an agent": (agent(kind="User", name="x", owner="y"), "agents.0.owner: Extra inputs"),
    "all ServiceAccounts": (agent(kind="Group", name="system:serviceaccounts"), NAME_ONE),
    "a namespace's ServiceAccounts as a group": (agent(kind="Group", name="system:serviceaccounts:ci"), NAME_ONE),
    "everybody": (agent(kind="Group", name="system:authenticated"), NAME_ONE),
    "the cluster's administrators": (agent(kind="Group", name="system:masters"), "are the cluster's own"),
    "a ServiceAccount as a user": (agent(kind="User", name="system:serviceaccount:ci:bot"), NAME_ONE),
    "a node": (agent(kind="User", name="system:node:n"), "are the cluster's own"),
    "a group without a name": (agent(kind="Group"), "name whom you mean"),
    "a user with an empty name": (agent(kind="User", name=""), "name whom you mean"),
    "a role without a name": (agent(kind="IAMRole"), "name whom you mean"),
    "a ServiceAccount without a namespace": (agent(kind="ServiceAccount", name="x"), "needs a namespace"),
    "a group with a namespace": (agent(kind="Group", name="x", namespace="y"), "nothing else has one"),
    "kube-system": (agent(kind="ServiceAccount", namespace="kube-system"), "are never agents"),
    "one of kube-system": (agent(kind="ServiceAccount", namespace="kube-system", name="x"), "are never agents"),
    "our own ServiceAccount": (
        agent(kind="ServiceAccount", namespace="kubeapprove-system", name="kubeapprove-webhook"),
        "settings: our own ServiceAccounts are never agents",
    ),
    "all of our namespace": (agent(kind="ServiceAccount", namespace="kubeapprove-system"), "settings: our own"),
    "our own ServiceAccount in a namespace of its own name": (
        {"systemNamespace": "gate", **agent(kind="ServiceAccount", namespace="gate", name="x")},
        "settings: our own",
    ),
    "a role's session": (
        agent(kind="IAMRole", name="arn:aws:sts::111122223333:assumed-role/agent/session"),
        "arn:aws:iam::<account>:role/<name>",
    ),
    "a role's bare name": (agent(kind="IAMRole", name="agent"), "canonical ARN"),
    "a system namespace without a name": ({"systemNamespace": ""}, "systemNamespace: String should have at least 1"),
    "approvals nowhere": ({"approvalsNamespace": ""}, "approvalsNamespace: String should have at least 1"),
    "no ServiceAccount of ours": ({"serviceAccounts": []}, "serviceAccounts: Tuple should have at least 1 item"),
    "a ServiceAccount of ours without a name": ({"serviceAccounts": [""]}, "serviceAccounts.0: String should have"),
    "a suffix that hides everything": ({"hiddenEnvSuffixes": [""]}, "hiddenEnvSuffixes.0: String should have at least"),
    "a path that is no pointer": ({"hiddenPointers": ["spec.password"]}, "write a JSON pointer into the object"),
    "an empty pointer": ({"hiddenPointers": [""]}, "write a JSON pointer into the object"),
    "nobody may wait": ({"maxPending": 0}, "maxPending: Input should be greater than or equal to 1"),
    "no bound": ({"maxPending": 10**9}, "maxPending: Input should be less than or equal to 10000"),
    "a bound that is no number": ({"maxPending": True}, "maxPending: Input should be a valid integer"),
    "the pointer to nothing": ({"hiddenPointers": ["/"]}, "write a JSON pointer into the object"),
}
DURATIONS = {
    "no unit": "30",
    "a number": 30,
    "empty": "",
    "another order": "30s1h",
    "negative": "-1h",
    "a fraction": "1.5h",
    "another unit": "1d",
    "spaces": "1h 30m",
    "other digits": "\u0663h",
    "more than Python can count": "9" * 30 + "h",
    "more than Python can read": "9" * 5000 + "h",
}
OUT_OF_BOUNDS = {"nothing": "0s", "over thirty days": "720h1s"}


@pytest.mark.parametrize("name", CASES)
def test_is_refused_with_its_remedy(name: str) -> None:
    document, sentence = CASES[name]
    with pytest.raises(SettingsError) as caught:
        read_settings(document)
    assert str(caught.value).startswith("the settings cannot be used: ")
    assert sentence in str(caught.value)


@pytest.mark.parametrize("setting", ["pendingFor", "useWithin"])
@pytest.mark.parametrize("name", DURATIONS)
def test_a_duration_that_is_none(name: str, setting: str) -> None:
    with pytest.raises(SettingsError, match=f"{setting}: write a duration as hours, minutes and seconds"):
        read_settings({setting: DURATIONS[name]})


@pytest.mark.parametrize("name", OUT_OF_BOUNDS)
def test_a_duration_out_of_bounds(name: str) -> None:
    with pytest.raises(SettingsError, match="useWithin: write a duration between 1s and 720h"):
        read_settings({"useWithin": OUT_OF_BOUNDS[name]})


def test_every_wrong_place_is_named_at_once() -> None:
    document = {"pendingFor": "soon", "agents": [{"kind": "User", "name": "ok"}, {"kind": "Group"}]}
    with pytest.raises(SettingsError) as caught:
        read_settings(document)
    assert "agents.1: name whom you mean" in str(caught.value)
    assert "pendingFor: write a duration" in str(caught.value)


def test_the_message_does_not_quote_the_document() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"useWithin": "hunter2"})
    assert "hunter2" not in str(caught.value)
