"""`pods` is not `pods/exec`; `*` has no subresources; `pods/*` has nothing else; `*/*` is about all."""

import pytest

from tests.policies import scenes

ASKED = ("pods", "pods/exec", "pods/log", "deployments", "deployments/scale", "statefulsets/scale", "configmaps")
MATCHED: dict[str, set[str]] = {
    "pods": {"pods"},
    "pods/exec": {"pods/exec"},
    "pods/*": {"pods/exec", "pods/log"},
    "*": {"pods", "deployments", "configmaps"},
    "*/scale": {"deployments/scale", "statefulsets/scale"},
    "*/*": set(ASKED),
    "deployments/scale": {"deployments/scale"},
    "pod": set(),
}


@pytest.mark.parametrize("pattern", MATCHED)
def test_it_matches_these_and_no_others(pattern: str) -> None:
    policy = scenes.policy(scenes.rule(match={"resources": [pattern]}))
    denied = {asked for asked in ASKED if scenes.answer(scenes.request("UPDATE", asked), policy) == "Deny r"}
    assert denied == MATCHED[pattern]


def test_any_of_several_is_enough() -> None:
    policy = scenes.policy(scenes.rule(match={"resources": ["secrets", "pods/*", "deployments"]}))
    denied = {asked for asked in ASKED if scenes.answer(scenes.request("UPDATE", asked), policy) == "Deny r"}
    assert denied == {"pods/exec", "pods/log", "deployments"}
