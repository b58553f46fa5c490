"""What is wrong with a document is said in our words: the place, and what to write instead, never a value."""

from typing import Any

import pytest
from pydantic import ValidationError

from kubeapprove.policies import ApprovalPolicy
from kubeapprove.wording import MOST, describe, place
from tests.policies import scenes

WRONG: dict[str, tuple[Any, str]] = {
    "no policy at all": ("text", "policy: write a map"),
    "something missing": ({}, "metadata: it is required"),
    "text for a list": (scenes.raw() | {"spec": {"agents": "me"}}, "spec.agents: write a list"),
}


@pytest.mark.parametrize("name", WRONG)
def test_in_our_words(name: str) -> None:
    document, words = WRONG[name]
    with pytest.raises(ValidationError) as error:
        ApprovalPolicy.parse(document)
    assert words in describe(error.value, "policy")


def test_only_the_first_few() -> None:
    document = scenes.raw() | {"spec": {"agents": [{} for _ in range(MOST + 5)]}}
    with pytest.raises(ValidationError) as error:
        ApprovalPolicy.parse(document)
    assert describe(error.value, "policy").count("; ") == MOST - 1


def test_a_key_that_draws_is_escaped_and_cut() -> None:
    assert place(("spec", "rules", 2, "a\nb" + "x" * 200)) == "spec.rules[2].a\\nb" + "x" * 60
