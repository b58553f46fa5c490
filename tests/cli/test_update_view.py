"""An UPDATE is shown field by field: where, what was there, what comes."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeapprove_cli import diffview
from kubeapprove_cli.document import Placeholder


def shown(*entries: dict[str, Any]) -> list[str]:
    return [one.text for one in diffview.fields(entries)]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (["spec", "replicas"], "spec.replicas"),
        (["spec", "containers", {"name": "web"}, "image"], "spec.containers[name=web].image"),
        (["metadata", "labels", "app.kubernetes.io/name"], 'metadata.labels["app.kubernetes.io/name"]'),
        (["data", "a.b"], 'data["a.b"]'),
        (["data", "a", "b"], "data.a.b"),
        (["spec", {"name": "a]b"}], 'spec[name="a]b"]'),
        ([""], '[""]'),
        ([], "(the whole object)"),
    ],
    ids=str,
)
def test_a_path_as_people_write_it(path: list[Any], text: str) -> None:
    assert diffview.path_of(path) == text


KEYS = st.text(alphabet='ab.[]"\\=n', max_size=4)
PATHS = st.lists(KEYS | KEYS.map(lambda name: {"name": name}), max_size=4)


@given(PATHS, PATHS)
def test_two_paths_never_look_the_same(one: list[Any], other: list[Any]) -> None:
    assert (diffview.path_of(one) == diffview.path_of(other)) == (one == other)


def test_old_and_new() -> None:
    assert shown({"path": ["a"], "from": 2, "to": "2"}) == ["a", "  - 2", '  + "2"']


def test_coming_and_going() -> None:
    assert shown({"path": ["a"], "to": {}}, {"path": ["b"], "from": None}) == ["a", "  + {}", "b", "  - null"]


def test_an_item_that_comes_is_shown_whole() -> None:
    item = {"name": "side", "image": "x:1"}
    path = ["spec", "containers", {"name": "side"}]
    assert shown({"path": path, "to": item}) == ["spec.containers[name=side]", "  + name: side", "  + image: x:1"]


def test_a_new_order() -> None:
    assert shown({"path": ["l"], "order": ["b", "a"]}) == ["l", "  new order of the list:", "    - b", "    - a"]


def test_secrets_differ_by_their_digest() -> None:
    old, new = Placeholder("!secret", "3 bytes, hmac aa…"), Placeholder("!secret", "3 bytes, hmac bb…")
    assert shown({"path": ["data", "k"], "from": old, "to": new}) == [
        "data.k",
        "  - !secret 3 bytes, hmac aa…",
        "  + !secret 3 bytes, hmac bb…",
    ]


def test_a_long_text_is_a_unified_diff() -> None:
    rows = [f"line {at}" for at in range(20)]
    changed = [*rows[:10], "LINE 10", *rows[11:]]
    assert shown({"path": ["t"], "from": "\n".join(rows) + "\n", "to": "\n".join(changed) + "\n"}) == [
        "t",
        "  @@ -8,7 +8,7 @@",
        *(f"    line {at}" for at in (7, 8, 9)),
        "  - line 10",
        "  + LINE 10",
        *(f"    line {at}" for at in (11, 12, 13)),
    ]


def test_two_places_of_one_text() -> None:
    old = "".join(f"{at}\n" for at in range(30))
    new = old.replace("2\n3\n", "2\nx\n3\n", 1).replace("27\n", "")
    assert [row for row in shown({"path": ["t"], "from": old, "to": new}) if row[2:3] in ("@", "+", "-")] == [
        "  @@ -1,6 +1,7 @@",
        "  + x",
        "  @@ -25,6 +26,5 @@",
        "  - 27",
    ]


def test_a_last_newline_counts() -> None:
    assert shown({"path": ["t"], "from": "a\n", "to": "a"}) == ["t", "    a", "  + \\ no newline at the end"]


def test_what_is_invisible_in_a_line_is_quoted() -> None:
    lines = shown({"path": ["t"], "from": 'a\nb\n"c"\n', "to": 'a \nb\u202e\n"c"\n'})
    assert lines[1:] == ["  - a", "  - b", '  + "a "', '  + "b\\u202e"', '    "\\"c\\""']


def test_a_line_cannot_pass_for_a_mark() -> None:
    lines = shown({"path": ["t"], "from": "x\n@@ -1 +1 @@\n", "to": "y\n@@ -1 +1 @@\n"})
    assert lines[1:] == ["  - x", "  + y", "    @@ -1 +1 @@"]


def test_lists_that_are_replaced_are_compared_line_by_line() -> None:
    lines = shown({"path": ["args"], "from": ["a", "b"], "to": ["a", "c"]})
    assert lines == ["args", "    - a", "  - - b", "  + - c"]


@given(st.lists(st.sampled_from("abc"), max_size=30), st.lists(st.sampled_from("abc"), max_size=30))
def test_a_diff_holds_every_line_that_differs(old: list[str], new: list[str]) -> None:
    """Whatever the context leaves out, removals and additions turn the one text into the other."""
    rows = shown({"path": ["t"], "from": "\n".join([*old, "\n"]), "to": "\n".join([*new, "\n"])})[1:]
    removed, added = ([row[4:] for row in rows if row[2] == mark] for mark in "-+")
    assert len(new) - len(old) == len(added) - len(removed)
    for letter in "abc":
        assert new.count(letter) - old.count(letter) == added.count(letter) - removed.count(letter)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["x"] * 20_000, ["x"] * 19_000 + ["y"]),
        (["a", "b"] * 1_500, ["b", "a", "a"] * 1_500),
        (["a", "b"] * 157, ["b", "a", "a"] * 105),
    ],
    ids=["equal beginning", "too much to compare", "just not too much"],
)
def test_no_text_takes_long_to_compare(old: list[str], new: list[str]) -> None:
    started = time.monotonic()
    assert shown({"path": ["t"], "from": old, "to": new})
    assert time.monotonic() - started < 20  # minutes, if every line were compared with every other


def test_who_loses_ownership_of_what() -> None:
    loss = {
        "manager": "argocd-controller",
        "operation": "Apply",
        "subresource": "scale",
        "paths": [
            ["f:spec", "f:replicas"],
            ["f:spec", "f:ports", 'k:{"port":80,"protocol":"TCP"}', "f:a.b"],
            ["f:l", 'v:"x"'],
            ["f:l", "i:3"],
            ["f:l", "k:{"],
        ],
    }
    sentence, *paths = [one.text for one in diffview.ownership([loss])]
    assert sentence == (
        'ownership: the manager "argocd-controller" by Apply through scale no longer owns the 5 fields below, although '
        "the values stay; when it applies next, it will not remove or restore them as it would have."
    )
    assert paths == [
        "  - spec.replicas",
        '  - spec.ports[port=80,protocol=TCP]["a.b"]',
        '  - l["x"]',
        "  - l[3]",
        '  - l["{"]',
    ]


def test_one_lost_field_of_a_nameless_manager() -> None:
    loss = {"manager": "", "operation": "", "subresource": "", "paths": [["f:a"]]}
    assert 'the manager "" no longer owns the field below' in diffview.ownership([loss])[0].text
