"""A change is shown whole or not at all: what is too large for that is refused, what is not goes all the way."""

import pytest

from tests.gate.asking import Place, asked, refusal

pytestmark = pytest.mark.cluster


FITS = {
    "one value of 128 KiB": ["x" * 128 * 1024],
    "900 KB": ["x" * 100_000] * 9,
    "as much as an approval holds": ["x" * 104_000] * 10,
    "beyond ASCII": ["ü" * 10_000] * 8,
    "control characters": ["\t" * 10_000] * 10,
}
TOO_LARGE = {
    "one value of more than 128 KiB": ["x" * (128 * 1024 + 1)],
    "more than an approval holds": ['"' * 60_000] * 8,
    "beyond ASCII": ["ü" * 60_000] * 8,
}


def body(values: list[str]) -> dict[str, object]:
    return {"metadata": {"name": "web"}, "data": {f"key-{number}": value for number, value in enumerate(values)}}


@pytest.mark.parametrize("values", FITS.values(), ids=FITS.keys())
def test_fits(place: Place, values: list[str]) -> None:
    place.approve(asked(place.create("configmaps", body(values))))
    status, answer = place.create("configmaps", body(values))
    assert status == 201, answer


@pytest.mark.parametrize("values", TOO_LARGE.values(), ids=TOO_LARGE.keys())
def test_too_large(place: Place, values: list[str]) -> None:
    refused = refusal(place.create("configmaps", body(values)))
    assert refused.reason == "TooLarge"
    assert place.items("manifestapprovals") == []


def test_an_old_value_may_be_large(place: Place) -> None:
    place.given("configmaps", body(["x" * 900_000]))
    patch = {"data": {"key-0": "short"}}
    place.approve(asked(place.patch("configmaps", "web", patch)))
    assert place.patch("configmaps", "web", patch)[0] == 200
