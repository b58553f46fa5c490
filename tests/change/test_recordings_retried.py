"""A recorded request, retried with what the server makes up anew, has the same hash."""

import json
from collections.abc import Callable

import pytest

from kubeapprove.change import build_change
from kubeapprove.request import read_request
from kubeapprove.strictjson import loads
from tests.change import make


def _uid(text: str, raw: str) -> str:
    uid = json.loads(raw)["object"]["metadata"]["uid"]
    return text.replace(uid, "11111111-2222-4333-8444-555555555555")


RETRIES: dict[str, tuple[str, Callable[[str, str], str]]] = {
    "Service: addresses and node port": (
        "002-validating-CREATE-services",
        lambda text, _: text.replace("10.0.0.72", "10.0.0.9").replace("32357", "30001"),
    ),
    "Pod: token volume": (
        "004-validating-CREATE-pods",
        lambda text, _: text.replace(json.loads(text)["object"]["spec"]["volumes"][0]["name"], "kube-api-access-zzzzz"),
    ),
    "Pod: generated name": ("006-validating-CREATE-pods", lambda text, _: text.replace("g-zqzhq", "g-bbbbb")),
    "Job: its own uid": ("008-validating-CREATE-jobs", _uid),
    "Pod: uid": ("004-validating-CREATE-pods", _uid),
    "Deployment: creation time": (
        "010-validating-CREATE-deployments",
        lambda text, _: text.replace("2026-11-23T23:08", "2026-11-24T01:02"),
    ),
    "restart: the clock": (
        "028-validating-UPDATE-deployments",
        lambda text, _: text.replace('restartedAt": "2026-11-23T23:08:06Z"', 'restartedAt": "2026-11-23T23:59:59Z"'),
    ),
    "update after another write": (
        "016-validating-UPDATE-configmaps",
        lambda text, _: text.replace('"resourceVersion": "329"', '"resourceVersion": "400"'),
    ),
}


@pytest.mark.parametrize(("name", "retry"), RETRIES.values(), ids=RETRIES)
def test_same_hash(name: str, retry: Callable[[str, str], str]) -> None:
    text = (make.ASSETS / "reviews" / f"{name}.json").read_text()
    again = retry(text, text)
    assert again != text, "the recording holds nothing to retry"
    built = build_change(read_request(loads(again.encode())), cluster=make.CLUSTER, hiding=make.HIDING)
    assert built.hash == make.recorded_change(name).hash
