"""C031: settings that cannot mean what somebody hoped for are refused, each with its remedy.

Who may be an agent is a matter of policies by now: `tests/policy` has what is refused there.
"""

from typing import Any

import pytest

from kubeapprove.settings import SettingsError, read_settings

CASES: dict[str, tuple[Any, str]] = {
    "a list": ([], "settings: Input should be a valid dictionary"),
    "a text": ("agents", "settings: Input should be a valid dictionary"),
    "an unknown setting": ({"agent": []}, "agent: Extra inputs are not permitted"),
    "a setting in another notation": ({"max_pending": 7}, "max_pending: Extra inputs are not permitted"),
    "a policy writer without a name": ({"policyWriters": [""]}, "policyWriters.0: String should have at least 1"),
    "policy writers that are no list": ({"policyWriters": "ci"}, "policyWriters: Input should be a valid tuple"),
    "a role by its bare name": ({"namedSessionRoles": ["sso"]}, "namedSessionRoles: write each role by its ARN"),
    "one role of two that is none": (
        {"namedSessionRoles": ["arn:aws:iam::111122223333:role/sso", "arn:aws:iam::111122223333:user/eve"]},
        "write each role by its ARN, arn:aws:iam::<account>:role/<name>",
    ),
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
    assert "policyWriters.1: String should have at least 1" in str(caught.value)
    assert "keepDenied: write a duration" in str(caught.value)
    assert "agents: it is no setting any more" in str(caught.value)


def test_the_message_does_not_quote_the_document() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"keepDenied": "hunter2", "agents": "hunter2", "policyWriters": {"hunter2": 1}})
    assert "hunter2" not in str(caught.value)
