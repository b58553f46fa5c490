"""C031: settings that cannot mean what somebody hoped for are refused, each with its remedy.

Who may be an agent is a matter of policies by now: `tests/policy` has what is refused there.
"""

from typing import Any

import pytest

from kubeapprove.settings import SettingsError, read_settings

CASES: dict[str, tuple[Any, str]] = {
    "a list": ([], "settings: write a map"),
    "a text": ("agents", "settings: write a map"),
    "an unknown setting": ({"agent": []}, "agent: nobody knows this field"),
    "a setting in another notation": ({"max_pending": 7}, "max_pending: nobody knows this field"),
    "a policy writer without a name": ({"policyWriters": [""]}, "policyWriters[0]: write at least 1"),
    "policy writers that are no list": ({"policyWriters": "ci"}, "policyWriters: write a list"),
    "a role by its bare name": ({"namedSessionRoles": ["sso"]}, "namedSessionRoles: write each role by its ARN"),
    "one role of two that is none": (
        {"namedSessionRoles": ["arn:aws:iam::111122223333:role/sso", "arn:aws:iam::111122223333:user/eve"]},
        "write each role by its ARN, arn:aws:iam::<account>:role/<name>",
    ),
    "a system namespace without a name": ({"systemNamespace": ""}, "systemNamespace: write at least 1"),
    "approvals nowhere": ({"approvalsNamespace": ""}, "approvalsNamespace: write at least 1"),
    "no ServiceAccount of ours": ({"serviceAccounts": []}, "serviceAccounts: give at least 1"),
    "a ServiceAccount of ours without a name": ({"serviceAccounts": [""]}, "serviceAccounts[0]: write at least 1"),
    "a suffix that hides everything": ({"hiddenEnvSuffixes": [""]}, "hiddenEnvSuffixes[0]: write at least"),
    "a path that is no pointer": ({"hiddenPointers": ["spec.password"]}, "write a JSON pointer into the object"),
    "an empty pointer": ({"hiddenPointers": [""]}, "write a JSON pointer into the object"),
    "nobody may wait": ({"maxPending": 0}, "maxPending: write 1 or more"),
    "no bound": ({"maxPending": 10**9}, "maxPending: write 10000 or less"),
    "a bound that is no number": ({"maxPending": True}, "maxPending: write a whole number"),
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


@pytest.mark.parametrize("setting", ["keepFinished", "keepDenied"])
@pytest.mark.parametrize("name", DURATIONS)
def test_a_duration_that_is_none(name: str, setting: str) -> None:
    with pytest.raises(SettingsError, match=f"{setting}: write a duration as hours, minutes and seconds"):
        read_settings({setting: DURATIONS[name]})


@pytest.mark.parametrize("name", OUT_OF_BOUNDS)
def test_a_duration_out_of_bounds(name: str) -> None:
    with pytest.raises(SettingsError, match="keepDenied: write a duration between 1s and 720h"):
        read_settings({"keepDenied": OUT_OF_BOUNDS[name]})


MOVED = {
    "agents": ([{"kind": "Group", "name": "agents"}], "spec.agents"),
    "pendingFor": ("24h", "spec.rules[].approval.pendingFor"),
    "useWithin": ("1h", "spec.rules[].approval.useWithin"),
}


@pytest.mark.parametrize("setting", MOVED)
def test_what_policies_say_by_now_is_refused_with_its_new_place(setting: str) -> None:
    """Never taken silently: whoever still writes it believes that somebody is gated."""
    value, place = MOVED[setting]
    with pytest.raises(SettingsError) as caught:
        read_settings({setting: value})
    assert str(caught.value) == (
        f"the settings cannot be used: {setting}: it is no setting any more; say it in an ApprovalPolicy, in {place}"
    )


def test_every_wrong_place_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"keepDenied": "soon", "policyWriters": ["ok", ""], "agents": []})
    assert "policyWriters[1]: write at least 1" in str(caught.value)
    assert "keepDenied: write a duration" in str(caught.value)
    assert "agents: it is no setting any more" in str(caught.value)


def test_the_message_does_not_quote_the_document() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"keepDenied": "hunter2", "agents": "hunter2", "policyWriters": {"hunter2": 1}})
    assert "hunter2" not in str(caught.value)
