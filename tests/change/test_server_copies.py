"""What the server made up for one try of a CREATE, and copied into the object, is marked; whatever only looks so is not."""

import copy
import json
from typing import Any

import pytest

from kubeapprove.generated import has_generated_name
from kubeapprove.request import read_request
from tests.change import make

UID = "11111111-2222-4333-8444-555555555555"
BATCH = "batch.kubernetes.io/"


def job(uid: str = UID, name: str = "j", **labels: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "uid": uid, "labels": dict(labels)},
        "spec": {"selector": {"matchLabels": dict(labels)}, "template": {"metadata": {"labels": dict(labels)}}},
    }


@pytest.mark.parametrize("key", ["controller-uid", BATCH + "controller-uid"])
def test_a_job_s_own_uid(key: str) -> None:
    one = make.create(job(**{key: UID}), resource="batch/jobs")
    other = make.create(job("another", **{key: "another"}), resource="batch/jobs")
    assert one.hash == other.hash
    assert {entry["as"] for entry in one.document["replaced"]} == {"uid"}
    assert len(one.document["replaced"]) == 3


NO_UID: dict[str, tuple[str, dict[str, Any]]] = {
    "another key": ("batch/jobs", job(uid=UID)),
    "another value": ("batch/jobs", job(**{"controller-uid": "x"})),
    "no uid": ("batch/jobs", job("", **{"controller-uid": ""})),
    "another kind": ("example.com/jobs", job(**{"controller-uid": UID})),
    "labels that are no map": ("batch/jobs", {"metadata": {"uid": UID, "labels": [UID]}}),
}


@pytest.mark.parametrize(("resource", "obj"), NO_UID.values(), ids=NO_UID)
def test_not_the_job_s_uid(resource: str, obj: dict[str, Any]) -> None:
    assert make.create(obj, resource=resource).document["replaced"] == []


def test_a_literal_null_is_no_copied_uid() -> None:
    copied = make.create(job(**{"controller-uid": UID}), resource="batch/jobs")
    literal = json.loads(
        json.dumps(job(**{"controller-uid": UID})).replace(f'"controller-uid": "{UID}"', '"controller-uid": null')
    )
    assert make.create(literal, resource="batch/jobs").document["object"] == copied.document["object"]
    assert make.create(literal, resource="batch/jobs").hash != copied.hash


def named(name: Any, base: Any = "web-") -> dict[str, Any]:
    return {"metadata": {"generateName": base, "name": name}}


def test_a_generated_name_is_left_out() -> None:
    one, other = make.create(named("web-bcdfg")), make.create(named("web-24569"))
    assert one.hash == other.hash
    assert "name" not in one.document
    assert one.document["object"] == {"metadata": {"generateName": "web-"}}
    assert one.name == "web-"


def test_a_long_base_is_cut() -> None:
    base = "a" * 62 + "-"
    assert make.create(named("a" * 58 + "bcdfg", base)).hash == make.create(named("a" * 58 + "wwwww", base)).hash


CHOSEN: dict[str, dict[str, Any]] = {
    "a vowel": named("web-bcdfa"),
    "too short": named("web-bcdf"),
    "too long": named("web-bcdfgh"),
    "capitals": named("web-BCDFG"),
    "another base": named("wob-bcdfg"),
    "a line feed": named("web-bcdf\n"),
    "an uncut base": named("a" * 59 + "bcdfg", "a" * 59),
    "no base": named("bcdfg", ""),
    "a base that is no text": named("web-bcdfg", 1),
    "no generateName": {"metadata": {"name": "web-bcdfg"}},
}


@pytest.mark.parametrize("obj", CHOSEN.values(), ids=CHOSEN)
def test_a_chosen_name_counts(obj: dict[str, Any]) -> None:
    assert make.create(obj).document["name"] == obj["metadata"]["name"]


ELSEWHERE: dict[str, dict[str, Any]] = {
    "a subresource": {"subResource": "eviction"},
    "another name in the request": {"name": "web-other"},
}


@pytest.mark.parametrize("parts", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_generated_name_means_nothing_there(parts: dict[str, Any]) -> None:
    assert make.create(named("web-bcdfg"), **parts).document["object"]["metadata"]["name"] == "web-bcdfg"


def test_a_generated_name_in_the_request_too() -> None:
    assert make.create(named("web-bcdfg"), name="web-bcdfg").hash == make.create(named("web-zzzzz")).hash


def test_an_update_has_no_generated_name() -> None:
    raw = make.raw_request("UPDATE", named("web-bcdfg"), named("web-bcdfg"))
    assert not has_generated_name(read_request(raw))


def test_a_generated_name_that_is_no_text() -> None:
    assert not has_generated_name(read_request(make.raw_request("CREATE", named(None), None)))


@pytest.mark.parametrize("key", ["job-name", BATCH + "job-name"])
def test_a_job_s_generated_name(key: str) -> None:
    def try_with(name: str) -> dict[str, Any]:
        obj = job(name=name, **{key: name})
        del obj["spec"]["selector"]
        return {**obj, "metadata": {**obj["metadata"], "generateName": "j-"}}

    one = make.create(try_with("j-bcdfg"), resource="batch/jobs")
    assert one.hash == make.create(try_with("j-zzzzz"), resource="batch/jobs").hash
    assert {entry["as"] for entry in one.document["replaced"]} == {"name"}
    chosen = make.create(job(name="j", **{key: "j"}), resource="batch/jobs")
    assert chosen.document["replaced"] == []


def test_a_namespace_s_generated_name() -> None:
    def try_with(name: str, key: str = "kubernetes.io/metadata.name") -> dict[str, Any]:
        return {"metadata": {"generateName": "n-", "name": name, "labels": {key: name}}}

    one, other = (make.create(try_with(name), resource="namespaces", namespace="") for name in ("n-bcdfg", "n-zzzzz"))
    assert one.hash == other.hash
    other_label = [
        make.create(try_with(name, "team"), resource="namespaces", namespace="") for name in ("n-bcdfg", "n-zzzzz")
    ]
    assert other_label[0].hash != other_label[1].hash


def pod(name: str = "kube-api-access-bcdfg", mounted: str = "") -> dict[str, Any]:
    recorded = make.recorded("004-validating-CREATE-pods").object
    assert recorded is not None
    text = json.dumps(recorded)
    volume = recorded["spec"]["volumes"][0]["name"]
    obj: dict[str, Any] = json.loads(text.replace(volume, name))
    container = obj["spec"]["containers"][0]
    container["volumeMounts"].append({"name": "data", "mountPath": "/data"})
    container["volumeMounts"][0]["name"] = mounted or name
    obj["spec"]["initContainers"] = [copy.deepcopy(container)]
    return obj


def marked(obj: dict[str, Any], **parts: Any) -> list[str]:
    document = make.create(obj, resource="pods", **parts).document
    return [entry["path"] for entry in document["replaced"] if entry["as"] == "token volume"]


def test_the_token_volume_and_its_mounts() -> None:
    assert marked(pod()) == [
        "/object/spec/containers/0/volumeMounts/0/name",
        "/object/spec/initContainers/0/volumeMounts/0/name",
        "/object/spec/volumes/0/name",
    ]


def near_miss(change: str) -> dict[str, Any]:  # noqa: C901, PLR0912 (a table of statements)
    obj = pod()
    volume, container = obj["spec"]["volumes"][0], obj["spec"]["containers"][0]
    mount = container["volumeMounts"][0]
    match change:
        case "a name of another form":
            return pod("kube-api-access-aaaaa")
        case "a suffix too long":
            return pod("kube-api-access-bcdfgh")
        case "two such volumes":
            obj["spec"]["volumes"].append({"name": "kube-api-access-zzzzz", "emptyDir": {}})
        case "another source":
            volume["projected"]["sources"].append({"secret": {"name": "x"}})
        case "another audience":
            volume["projected"]["sources"][0]["serviceAccountToken"]["audience"] = "vault"
        case "another expiry":
            volume["projected"]["sources"][0]["serviceAccountToken"]["expirationSeconds"] = 99999
        case "another mode":
            volume["projected"]["defaultMode"] = 511
        case "another kind of volume":
            obj["spec"]["volumes"] = [{"name": volume["name"], "hostPath": {"path": "/"}}]
        case "mounted elsewhere":
            mount["mountPath"] = "/etc"
        case "mounted writable":
            mount["readOnly"] = False
        case "a part mounted":
            mount["subPath"] = "token"
        case "mounted twice, once elsewhere":
            container["volumeMounts"].append({**mount, "mountPath": "/x"})
        case "mounted elsewhere in an ephemeral container":
            obj["spec"]["ephemeralContainers"] = [{"name": "e", "volumeMounts": [{**mount, "mountPath": "/x"}]}]
        case "used as a device":
            container["volumeDevices"] = [{"name": volume["name"], "devicePath": "/dev/x"}]
        case "no volumes":
            obj["spec"]["volumes"] = None
    return obj


@pytest.mark.parametrize(
    "change",
    [
        "a name of another form",
        "a suffix too long",
        "two such volumes",
        "another source",
        "another audience",
        "another expiry",
        "another mode",
        "another kind of volume",
        "mounted elsewhere",
        "mounted writable",
        "a part mounted",
        "mounted twice, once elsewhere",
        "mounted elsewhere in an ephemeral container",
        "used as a device",
        "no volumes",
    ],
)
def test_what_only_looks_like_the_token_volume(change: str) -> None:
    obj = near_miss(change)
    assert obj != pod()
    assert marked(obj) == []


def test_only_of_pods_themselves() -> None:
    assert marked(pod(), subResource="binding") == []
    assert make.create(pod(), resource="example.com/pods").document["replaced"] == []
    assert make.create(pod(), resource="podtemplates").document["replaced"] == []
