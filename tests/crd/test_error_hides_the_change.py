"""The refusal of an edited change says which field, and quotes neither the old nor the new megabyte."""

import json

import pytest

from tests.crd.conftest import Approvals, refusal

pytestmark = pytest.mark.cluster


def test_the_change_is_not_in_the_error(approvals: Approvals) -> None:
    assert approvals.create(change=json.dumps({"marker": "planted-old"}))[0] == 201
    code, body = approvals.patch(change=json.dumps({"marker": "planted-new"}))
    assert "change is immutable" in refusal((code, body))
    assert "planted" not in json.dumps(body)


def test_a_full_size_change_gets_a_short_error(approvals: Approvals) -> None:
    change = "a" * 1024 * 1024
    assert approvals.create(change=change)[0] == 201
    code, body = approvals.patch(change="b" + change[1:])
    assert len(refusal((code, body))) < 300
