"""Objects as a cluster holds them, and what somebody who means harm would make of them."""

import base64
import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

UID = "80e5348f-9bc6-4f78-baac-96b3b6d43b1e"
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
SECRETS = ("pl4nted-secret", 'qu"ote\n<é>', "abcd", "abc", "true", "team", "123456789")
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    1.0,
    -0.0,
    2**53 - 1,
    2**53,
    -(2**53),
    2**63,
    float(2**53),
    "",
    "0",
    "é\u2028😀",
    "/~",
    {},
    [],
    {"": {}},
    [{}],
    {"a": {"b": {}, "c": [1]}},
    [{"name": "x"}, {"name": "y", "v": 1}],
    [{"name": "x"}, {"name": "x"}],
    *SECRETS,
)
# Maps of texts, as the API server holds them; and what an edit leaves alone.
TEXTS = ("labels", "annotations", "matchLabels", "data", "stringData")
UNTOUCHED = ("managedFields", "metadata", "spec", "kind", "apiVersion", "uid")
TOKEN_SOURCES = [
    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
    {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
    {
        "downwardAPI": {
            "items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]
        }
    },
]


def encoded(text: str) -> str:
    """As a Secret's data holds it."""
    return base64.b64encode(text.encode()).decode()


def odd(r: Random) -> Any:
    """Return a value that is easily taken for another one."""
    if r.random() < 0.03:
        return r.choice("xé") * r.choice([2047, 2048, 4096, 4097, 65537, 128 * 1024, 128 * 1024 + 1])
    return copy.deepcopy(r.choice(ODD))


def some(r: Random, **parts: Any) -> dict[str, Any]:
    """Return some of the parts."""
    return {key: value for key, value in parts.items() if r.random() < 0.6}


def labels(r: Random) -> dict[str, Any]:
    return some(r, app=r.choice(["web", "api"]), tier="1", **{"a/b~c": "x"})


def container(r: Random, name: str) -> dict[str, Any]:
    names = r.sample(["DB_PASSWORD", "token", "PLAIN", "URL"], r.randint(0, 3)) + r.choice([[], ["PLAIN"]])
    env = [{"name": key, "value": r.choice(SECRETS)} for key in names]
    ports = [{"containerPort": 80, "protocol": "TCP"}, {"name": "http", "containerPort": 8080}]
    return {
        "name": name,
        "image": r.choice(["nginx", "nginx:2"]),
        **some(r, env=env, args=["-v", "1"], resources={}, ports=r.sample(ports, r.randint(0, 2))),
    }


def pod_spec(r: Random) -> dict[str, Any]:
    names = r.sample(["a", "b", "c"], r.randint(1, 3))
    return {
        "containers": [container(r, name) for name in names],
        **some(r, initContainers=[container(r, "i")], nodeSelector=labels(r), tolerations=[{"key": "k"}]),
    }


def template(r: Random) -> dict[str, Any]:
    metadata = some(r, labels=labels(r), annotations=some(r, **{RESTARTED_AT: moment(r), "x": "y"}))
    return {"metadata": metadata, "spec": pod_spec(r)}


def moment(r: Random) -> str:
    return r.choice(
        ["2026-11-24T10:00:00Z", "2026-11-24T11:30:01.5+02:00", "2026-11-24", "soon", "2026-11-24T10:00:00"]
    )


def deployment(r: Random) -> dict[str, Any]:
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template(r)}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {**spec, **some(r, replicas=r.randint(0, 3))}}


def token_volume(r: Random, name: str) -> dict[str, Any]:
    mode = 420 if r.random() < 0.85 else 511
    return {"name": name, "projected": {"sources": copy.deepcopy(TOKEN_SOURCES), "defaultMode": mode}}


def pod(r: Random) -> dict[str, Any]:
    spec = pod_spec(r)
    names = ["kube-api-access-" + "".join(r.choices(ALPHABET, k=5)) for _ in range(r.choice([0, 1, 1, 1, 2]))]
    spec["volumes"] = [
        *some(r, x={"name": "data", "emptyDir": {}}).values(),
        *(token_volume(r, name) for name in names),
    ]
    path = "/var/run/secrets/kubernetes.io/serviceaccount"
    for holder in [*spec["containers"], *spec.get("initContainers", [])]:
        holder["volumeMounts"] = [
            {"name": name, "readOnly": True, "mountPath": path if r.random() < 0.9 else "/else"} for name in names
        ]
    return {"apiVersion": "v1", "kind": "Pod", "spec": spec}


def service(r: Random) -> dict[str, Any]:
    ports = [
        {"port": number, "protocol": protocol, **some(r, nodePort=30000 + number, name=f"p{number}{protocol}")}
        for number, protocol in r.sample([(80, "TCP"), (443, "TCP"), (53, "UDP"), (53, "TCP")], r.randint(1, 3))
    ]
    spec = some(r, clusterIP="10.0.0.7", clusterIPs=["10.0.0.7"], healthCheckNodePort=30999, selector=labels(r))
    return {"apiVersion": "v1", "kind": "Service", "spec": {"ports": ports, "type": "LoadBalancer", **spec}}


def secret(r: Random) -> dict[str, Any]:
    data = {key: encoded(r.choice(SECRETS)) for key in r.sample("klm", r.randint(0, 2))}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        **some(r, data=data, stringData={"s": r.choice(SECRETS)}, type="Opaque"),
    }


def job(r: Random) -> dict[str, Any]:
    uid = UID if r.random() < 0.8 else "11111111-9bc6-4f78-baac-96b3b6d43b1e"
    own = some(r, **dict.fromkeys(("controller-uid", "batch.kubernetes.io/controller-uid"), uid))
    named = some(r, **{key: r.choice(["GENERATED", "j"]) for key in ("job-name", "batch.kubernetes.io/job-name")})
    inner = template(r)
    inner["metadata"]["labels"] = {**own, **named}
    spec = {"selector": {"matchLabels": dict(own)}, "template": inner}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"labels": {**own, **named}}, "spec": spec}


def namespace(r: Random) -> dict[str, Any]:
    name = r.choice(["GENERATED", "n"])
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"labels": {"kubernetes.io/metadata.name": name}}}


def volume(r: Random) -> dict[str, Any]:
    status = some(r, phase="Pending", lastPhaseTransitionTime="2026-11-24T10:00:00Z")
    return {"apiVersion": "v1", "kind": "PersistentVolume", "spec": {"capacity": {}}, **some(r, status=status)}


def config_map(r: Random) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", **some(r, data=some(r, a="1", b=odd(r), c="3"))}


def thing(r: Random) -> dict[str, Any]:
    hidden = {"hidden": r.choice([*SECRETS, 1234, {"a": ["pl4nted-secret", 5]}]), "pair": ["x", r.choice(SECRETS)]}
    people = [{"name": name, "v": odd(r)} for name in r.sample(SECRETS, r.randint(0, 3))]
    users = [{"name": name, "password": r.choice(SECRETS)} for name in r.sample("uvw", r.randint(0, 3))]
    return {
        "apiVersion": "g/v1",
        "kind": "Thing",
        "spec": {**some(r, **hidden, people=people, users=users), "odd": odd(r)},
    }


KINDS = {
    "apps/deployments": deployment,
    "/pods": pod,
    "/services": service,
    "/secrets": secret,
    "batch/jobs": job,
    "/namespaces": namespace,
    "/persistentvolumes": volume,
    "/configmaps": config_map,
    "g/things": thing,
}


def made(r: Random, kind: str) -> dict[str, Any]:
    """Return an object of a kind with its metadata."""
    obj = KINDS[kind](r)
    metadata = {
        "name": "web",
        "namespace": "team",
        **some(r, resourceVersion="7", generation=r.choice([1, 2]), creationTimestamp="2026-11-24T10:00:00Z"),
        **some(r, labels=labels(r), annotations=some(r, x="y", z="pl4nted-secret"), finalizers=["a/b"], selfLink="/x"),
        "uid": UID,
    }
    obj["metadata"] = {**metadata, **obj.get("metadata", {})}
    return obj


def edited(r: Random, obj: dict[str, Any]) -> dict[str, Any]:
    """Return the object with a few values set, removed, copied or lists put in another order."""
    result = copy.deepcopy(obj)
    for _ in range(r.choice([0, 1, 1, 2, 4])):
        key, holder = r.choice(list(_holders("", result)))
        if isinstance(holder, list):
            _edit_list(r, holder)
        else:
            _edit_map(r, holder, key)
    return result


def _holders(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every map and list with the key that holds it, but what carries the owners."""
    if isinstance(value, dict) and key != "managedFields":
        yield key, value
        for inner, below in value.items():
            yield from _holders(inner, below)
    elif isinstance(value, list) and key != "managedFields":
        yield key, value
        for below in value:
            yield from _holders("", below)


def _edit_list(r: Random, items: list[Any]) -> None:
    how = r.random()
    if how < 0.4:
        r.shuffle(items)
    elif how < 0.7 and items:
        items.pop(r.randrange(len(items)))
    else:
        # No list of Kubernetes mixes objects and others.
        items.append(r.choice([{}, {"name": "x"}, {"k": odd(r)}]) if items and isinstance(items[0], dict) else odd(r))


def _edit_map(r: Random, holder: dict[str, Any], its_key: str) -> None:
    text = r.choice(SECRETS)
    keys = [key for key in holder if key not in UNTOUCHED]
    value = encoded(text) if its_key == "data" else text if its_key in TEXTS else odd(r)
    how = r.random()
    key = r.choice(keys) if keys and how > 0.3 else r.choice(["new", "app", "nodePort", "\u00e9", RESTARTED_AT])
    if how > 0.8 and key in holder:
        del holder[key]
    elif key in TEXTS:
        holder[key] = {}
    else:
        holder[key] = copy.deepcopy(holder[r.choice(keys)]) if keys and how > 0.7 and its_key not in TEXTS else value


def manifest(r: Random, obj: dict[str, Any]) -> str:
    """Return a last-applied annotation: what kubectl would have written of the object, true more often than not."""
    inner = copy.deepcopy({key: obj[key] for key in obj if key != "status"})
    for key in ("managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"):
        inner.get("metadata", {}).pop(key, None)
    inner["metadata"].pop("annotations", None)
    inner["metadata"] |= some(r, annotations={}, **{"creationTimestamp": None} if r.random() < 0.3 else {})
    for _ in range(r.choice([0, 0, 1, 2])):
        _, holder = r.choice(list(_holders("", inner)))
        if isinstance(holder, dict) and holder:
            holder.pop(r.choice(list(holder)))
    if r.random() < 0.3:
        inner = edited(r, inner)
    tight = r.random() < 0.9
    return (
        json.dumps(inner, separators=(",", ":") if tight else None, ensure_ascii=r.random() < 0.1, sort_keys=True)
        + "\n"
    )


def with_annotation(obj: dict[str, Any], text: str) -> dict[str, Any]:
    """Return the object with a last-applied annotation."""
    annotations = {**(obj["metadata"].get("annotations") or {}), LAST_APPLIED: text}
    return {**obj, "metadata": {**obj["metadata"], "annotations": annotations}}
