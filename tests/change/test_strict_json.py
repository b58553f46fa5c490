"""A review has one meaning or it is refused, and what refuses it survives (C039, C040, C041)."""

import json

import pytest

from kubeapprove.strictjson import MAX_DEPTH, UnreadableError, check, loads

REFUSED = {
    "the same key twice": b'{"a":1,"a":1}',
    "the same key twice, once escaped": b'{"a":1,"\\u0061":2}',
    "the same key twice, deep": b'[[{"b":{"a":1,"a":2}}]]',
    "NaN": b'{"a":NaN}',
    "Infinity": b"[Infinity]",
    "-Infinity": b"[-Infinity]",
    "beyond a double": b"[1e400]",
    "beyond a double, negative": b"[-1e400]",
    "5,000 digits": b"[" + b"7" * 5000 + b"]",
    "invalid UTF-8": b'"\xff"',
    "overlong UTF-8": b'"\xc0\x80"',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a":1}',
    "lone surrogate, raw": b'"\xed\xa0\x80"',
    "lone surrogate, escaped": b'"\\ud800"',
    "lone surrogate, escaped in capitals": b'["\\uDFFF"]',
    "lone surrogate in a key": b'{"\\ud83d":1}',
    "surrogates in the wrong order": b'"\\ude00\\ud83d"',
    "control character": b'"a\nb"',
    "comment": b"{} // yes",
    "two documents": b"{} {}",
    "trailing comma": b"[1,]",
    "leading zero": b"[010]",
    "single quotes": b"{'a':1}",
    "nothing": b"",
    "10,000 arrays": b"[" * 10_000 + b"]" * 10_000,
    "10,000 objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "one level too deep": b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_refused(body: bytes) -> None:
    with pytest.raises(UnreadableError) as error:
        loads(body)
    assert str(error.value).isascii()
    assert len(str(error.value)) < 60


ACCEPTED = {
    "a pair of surrogates": (b'"\\ud83d\\ude00"', "😀"),
    "as deep as it goes": (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, json.loads("[" * MAX_DEPTH + "]" * MAX_DEPTH)),
    "keys that differ in normal form": ('{"é":1,"e\u0301":2}'.encode(), {"é": 1, "e\u0301": 2}),
    "an escaped backslash before ud800": (b'"\\\\ud800"', "\\ud800"),
    "4,000 digits": (b"9" * 4000, int("9" * 4000)),
}


@pytest.mark.parametrize(("body", "value"), ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(body: bytes, value: object) -> None:
    assert loads(body) == value


@pytest.mark.parametrize("document", [["\ud800"], {"\udfff": 1}, {"a": {"b": ["c", "\ud83d"]}}])
def test_a_parsed_document_with_half_a_surrogate_is_refused(document: object) -> None:
    with pytest.raises(UnreadableError, match="half of a surrogate pair"):
        check(document)


def test_an_error_never_quotes_what_it_read() -> None:
    with pytest.raises(UnreadableError) as error:
        loads(b'{"password":"hunter2",}')
    assert "hunter2" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__
