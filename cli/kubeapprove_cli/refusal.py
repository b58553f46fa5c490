"""What kubectl wrote to stderr, as one sentence with its remedy."""

import re

from kubeapprove_cli.errors import (
    CliError,
    ForbiddenError,
    KubectlError,
    NotFoundError,
    NotServedError,
    UnreachableError,
)

_PREFIX = re.compile(r"^(?:Error from server(?: \((?P<reason>\w+)\))?|error): ?")
_WEBHOOK = re.compile(r'^admission webhook "[^"]*" denied the request(?:: | without explanation)?')
_NO_CONNECTION = re.compile(
    r"(?s)^(?:(?:The connection|Unable to connect) to the server"
    r"|Error from server \((?:Timeout|ServiceUnavailable|TooManyRequests|InternalError)\)"
    r"|.*(?:i/o timeout|connection refused|connection reset|TLS handshake timeout|unexpected EOF|Client\.Timeout"
    r"|context deadline exceeded))"
)
_NO_GATE = re.compile(r'failed calling webhook "[a-z]+\.kubeapprove\.io"')
_INVALID = re.compile(r'^The ManifestApproval "[^"]*" is invalid: ?')
_NOT_STAMPED = re.compile(
    r"spec\.(?:(?:decisions|acknowledgements)\.[a-z0-9-]+|revoked)\.(?:by|at|groups): Required value"
)
_NO_RESOURCE = ("the server could not find the requested resource", "doesn't have a resource type")
_NO_KUBECONFIG = "The connection to the server localhost:8080 was refused"
"""Where kubectl looks when nothing tells it where."""
_WARNING = "Warning: "
_UNCOUNTED = "your approval does not count as things are"
_LOG = re.compile(r"^[EIW][0-9]{4} [0-9:.]+ ")
_STARTS = (_PREFIX, _INVALID, _NO_CONNECTION)


def _unreachable(message: str) -> str:
    if _NO_KUBECONFIG in message:
        return "no kubeconfig says where the cluster is: set KUBECONFIG to one, or give --kubeconfig or --context"
    return f"no good answer from the cluster: {message}; check it with `kubectl cluster-info`"


def error_of(stderr: str) -> CliError:
    """Return the error that kubectl's stderr tells of."""
    text = _last_message(stderr)
    match = _PREFIX.match(text)
    reason = (match["reason"] or "") if match else ""
    message = text[match.end() :] if match else text
    if _NOT_STAMPED.search(message):
        return KubectlError(
            "nobody stamped this decision, so the cluster did not take it: is the gate registered here? "
            "(kubectl get mutatingwebhookconfiguration kubeapprove)"
        )
    if any(part in message for part in _NO_RESOURCE):
        return NotServedError(
            "this cluster does not know ManifestApprovals: is kubeapprove installed here? "
            "(kubectl get crd manifestapprovals.kubeapprove.io; another cluster: --context)"
        )
    if (refused := _WEBHOOK.match(message)) is not None:
        return ForbiddenError(message[refused.end() :] or "the gate refused this without a reason; see its log")
    if _NO_GATE.search(message):
        return UnreachableError(f"the gate did not answer, so nothing was written: {message}; try again later")
    if _NO_CONNECTION.match(text):
        return UnreachableError(_unreachable(message))
    if reason == "NotFound":
        return NotFoundError(message)
    if reason == "Forbidden":
        return ForbiddenError(f"{message}; ask whoever runs the cluster for that right, or use another --context")
    if reason == "Unauthorized" or "You must be logged in" in message:
        return KubectlError(f"the cluster does not accept these credentials ({message}): log in again")
    if "does not exist" in message and "context" in message:
        return KubectlError(f"{message}; see `kubectl config get-contexts`")
    return KubectlError(
        message.replace("\n", "; ") or "kubectl failed without a word; try the same with `kubectl get ma`"
    )


def begins(row: str) -> bool:
    """Whether a line of stderr begins kubectl's own account of its failure."""
    return any(start.match(row) for start in _STARTS)


def is_noise(row: str) -> bool:
    """Whether a line is one of client-go's log lines, which say the same as the error that follows."""
    return _LOG.match(row) is not None


def in_our_words(row: str) -> str:
    """Return a line of stderr that is no failure, as we say it: what the gate warns of, and what to do about it."""
    if not row.startswith(_WARNING):
        return row
    sentence = row.removeprefix(_WARNING)
    remedy = "; it is kept, and somebody who counts has to approve as well" if _UNCOUNTED in sentence else ""
    return f"warning: {sentence}{remedy}"


def _last_message(stderr: str) -> str:
    """The last failure: kubectl may tell of several tries."""
    rows = [row for row in stderr.strip().splitlines() if row.strip()]
    starts = [at for at, row in enumerate(rows) if begins(row)]
    return "\n".join(rows[starts[-1] :] if starts else rows[-1:])
