"""ServiceAccounts and their tokens, asked of the API server as anybody would."""

from collections.abc import Callable, Mapping
from typing import Any

from e2e.cluster.errors import ClusterError

TOKEN_SECONDS = 24 * 3600
# Method, path, body -> status and JSON answer, with every right.
Ask = Callable[..., tuple[int, dict[str, Any]]]


def token(ask: Ask, namespace: str, name: str) -> str:
    """Create the ServiceAccount where it is absent and ask for a token of it, bound to nothing else."""
    status, answer = ask("POST", f"/api/v1/namespaces/{namespace}/serviceaccounts", {"metadata": {"name": name}})
    if status not in {201, 409}:
        raise ClusterError(f"cannot create ServiceAccount {namespace}/{name}: {answer.get('message', status)}")
    return _token(ask, namespace, name, {})


def pod_bound_token(ask: Ask, namespace: str, name: str, pod: str) -> str:
    """Ask for the token that the kubelet would mount into an existing Pod: it is void as soon as the Pod is gone.

    The Pod must run as the ServiceAccount; it needs no node.
    """
    status, answer = ask("GET", f"/api/v1/namespaces/{namespace}/pods/{pod}")
    if status != 200:
        raise ClusterError(f"no Pod {namespace}/{pod} to bind a token to: {answer.get('message', status)}")
    bound = {"apiVersion": "v1", "kind": "Pod", "name": pod, "uid": answer["metadata"]["uid"]}
    return _token(ask, namespace, name, {"boundObjectRef": bound})


def _token(ask: Ask, namespace: str, name: str, spec: Mapping[str, Any]) -> str:
    path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
    status, answer = ask("POST", path, {"spec": {"expirationSeconds": TOKEN_SECONDS, **spec}})
    if status != 201:
        raise ClusterError(f"no token for ServiceAccount {namespace}/{name}: {answer.get('message', status)}")
    return str(answer["status"]["token"])
