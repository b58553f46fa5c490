"""What kubectl wrote to stderr, as one sentence with its remedy."""

import re

from kubeapprove_cli.errors import CliError, ForbiddenError, KubectlError, NotFoundError, UnreachableError

_PREFIX = re.compile(r"^(?:Error from server(?: \((?P<reason>\w+)\))?|error): ?")
_WEBHOOK = re.compile(r'^admission webhook "[^"]*" denied the request(?:: | without explanation)?')
_NO_CONNECTION = re.compile(
    r"(?s)^(?:(?:The connection|Unable to connect) to the server"
    r"|Error from server \((?:Timeout|ServiceUnavailable|TooManyRequests|InternalError)\)"
    r"|.*(?:i/o timeout|connection refused|connection reset|TLS handshake timeout|unexpected EOF|Client\.Timeout"
    r"|context deadline exceeded))"
)
_NO_RESOURCE = ("the server could not find the requested resource", "doesn't have a resource type")


def error_of(stderr: str) -> CliError:
    """Return the error that kubectl's stderr tells of."""
    text = _last_message(stderr)
    match = _PREFIX.match(text)
    reason = (match["reason"] or "") if match else ""
    message = text[match.end() :] if match else text
    if any(part in message for part in _NO_RESOURCE):
        return KubectlError(
            "this cluster does not know ManifestApprovals: is kubeapprove installed here? "
            "(kubectl get crd manifestapprovals.kubeapprove.io; another cluster: --context)"
        )
    if (refused := _WEBHOOK.match(message)) is not None:
        return ForbiddenError(message[refused.end() :] or "the gate refused this without a reason; see its log")
    if _NO_CONNECTION.match(text):
        return UnreachableError(f"no answer from the cluster: {message}; check --context and `kubectl cluster-info`")
    if reason == "NotFound":
        return NotFoundError(message)
    if reason == "Forbidden":
        return ForbiddenError(f"{message}; ask whoever runs the cluster for that right, or use another --context")
    if reason == "Unauthorized" or "You must be logged in" in message:
        return KubectlError(f"the cluster does not accept these credentials ({message}): log in again")
    if "does not exist" in message and "context" in message:
        return KubectlError(f"{message}; see `kubectl config get-contexts`")
    return KubectlError(message or "kubectl failed without a word; try the same with `kubectl get ma`")


def _last_message(stderr: str) -> str:
    """The error itself: kubectl writes warnings, and plugins write what they like, before it."""
    rows = [row for row in stderr.strip().splitlines() if row.strip()]
    starts = [at for at, row in enumerate(rows) if _PREFIX.match(row) or _NO_CONNECTION.match(row)]
    return "\n".join(rows[starts[-1] :] if starts else rows[-1:])
