"""One record per verdict, in the shape of an audit.k8s.io/v1 Event with kubeapprove.io/ annotations; never a value."""

from datetime import UTC, datetime
from typing import Any

from kubeapprove.request import Request
from kubeapprove.resources import GROUP, format_time
from kubeapprove_webhook.answers import Answer


def record(webhook: str, request: Request | None, uid: str, answer: Answer, received: datetime) -> dict[str, Any]:
    """Return the Event of one answer. `auditID` is the review's uid: the API server's own is not in a review."""
    event: dict[str, Any] = {
        "kind": "Event",
        "apiVersion": "audit.k8s.io/v1",
        "level": "Metadata",
        "auditID": uid,
        "stage": "ResponseComplete",
        "requestReceivedTimestamp": format_time(received),
        "stageTimestamp": format_time(datetime.now(UTC)),
        "responseStatus": {"code": answer.code, "reason": str(answer.reason)},
        "annotations": {f"{GROUP}/webhook": webhook}
        | {f"{GROUP}/{key}": value for key, value in answer.facts().items()},
    }
    if request is not None:
        event |= {
            "verb": request.operation.lower(),
            "user": request.user.as_dict(),
            "objectRef": {
                "apiGroup": request.resource.group,
                "apiVersion": request.resource.version,
                "resource": request.resource.resource,
                "subresource": request.subresource,
                "namespace": request.namespace,
                "name": request.name,
            },
        }
    return event
