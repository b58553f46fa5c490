"""How long one change takes: reading the review, building the document, hashing it. `python -m bench.hash`.

Goals: about 1 ms for an object of 10 KB, under 100 ms for 1 MiB, and time that grows with size and no faster.
Each number is the best of several runs: the machine's noise only ever adds.
"""

import json
import time
from collections.abc import Callable
from typing import Any

from kubeapprove.canonical import digest
from kubeapprove.change import build_change
from kubeapprove.hidden import Hiding
from kubeapprove.request import read_review
from kubeapprove.strictjson import loads

SIZES = {"10 KB": 10_000, "100 KB": 100_000, "1 MiB": 1024 * 1024}
RUNS = 7
HIDING = Hiding(key=b"a key of the benchmark, 32 bytes")


def workload(size: int, edition: str, few: str) -> dict[str, Any]:
    """Return a Deployment of about `size` bytes with its managedFields; `edition` is in every env value."""
    containers: list[dict[str, Any]] = []
    owned: dict[str, Any] = {}
    written = 1_000
    while written < size:
        number = len(containers)
        container = {
            "name": f"c{number}",
            "image": few,
            "env": [{"name": f"SETTING_{index}", "value": f"{edition} {index}"} for index in range(8)],
            "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
            "securityContext": {"runAsUser": 1000, "privileged": False},
        }
        env: dict[str, Any] = {f'k:{{"name":"SETTING_{index}"}}': {".": {}, "f:value": {}} for index in range(8)}
        fields = {".": {}, "f:name": {}, "f:image": {}, "f:env": {".": {}, **env}}
        containers.append(container)
        owned[f'k:{{"name":"c{number}"}}'] = fields
        written += len(json.dumps([container, fields]))
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": "big",
            "namespace": "bench",
            "uid": "6d9d3d3c-0000-4000-8000-000000000001",
            "managedFields": [
                {
                    "manager": "kubectl",
                    "operation": "Update",
                    "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": owned}}}},
                }
            ],
        },
        "spec": {"replicas": 3, "template": {"spec": {"containers": containers}}},
    }


def review(new: dict[str, Any], old: dict[str, Any] | None) -> bytes:
    """Return a review's bytes: an UPDATE where there is an old object, else a CREATE."""
    request = {
        "uid": "1",
        "operation": "UPDATE" if old else "CREATE",
        "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
        "namespace": "bench",
        "name": "big",
        "userInfo": {"username": "bench"},
        "object": new,
        "oldObject": old,
    }
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}).encode()


def reviews(size: int) -> dict[str, bytes]:
    """Return the three kinds of review for an object of one size."""
    new = workload(size, "two", "image:2")
    one_changed = workload(size, "two", "image:2")
    for container in one_changed["spec"]["template"]["spec"]["containers"][:3]:
        container["image"] = "image:1"
    return {
        "CREATE": review(new, None),
        "UPDATE, 3 fields": review(new, one_changed),
        "UPDATE, every field": review(new, workload(size, "one", "image:1")),
    }


def best(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the fastest run in milliseconds, and what it returned."""
    fastest, result = float("inf"), None
    for _ in range(RUNS):
        start = time.perf_counter()
        result = call()
        fastest = min(fastest, (time.perf_counter() - start) * 1000)
    return fastest, result


def main() -> None:
    """Print one line a review."""
    print(f"{'object':8} {'change':20} {'parse':>8} {'build':>8} {'hash':>8} {'total':>8}   (ms, best of {RUNS})")
    for label, size in SIZES.items():
        for kind, body in reviews(size).items():
            parse, request = best(lambda: read_review(loads(body)))  # noqa: B023
            build, change = best(lambda: build_change(request, cluster="bench", hiding=HIDING))  # noqa: B023
            hashing, _ = best(lambda: digest(change.document))  # noqa: B023
            total = parse + build + hashing
            print(f"{label:8} {kind:20} {parse:8.2f} {build:8.2f} {hashing:8.2f} {total:8.2f}")


if __name__ == "__main__":
    main()
