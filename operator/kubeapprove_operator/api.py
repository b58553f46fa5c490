"""The operator's calls to the API server."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from kubeapprove.mirror import Announcement
from kubeapprove.policies import POLICY_PLURAL
from kubeapprove.resources import API_VERSION, GROUP, KIND, PLURAL, format_time
from kubeapprove_server.approvals import ApprovalsClient
from kubeapprove_server.client import MERGE_PATCH, ApiConfig
from kubeapprove_server.errors import ConflictError

COMPONENT: Final = "kubeapprove-operator"
WITHIN: Final = 10.0
"""Seconds for one call: nobody waits for the operator."""
_REGISTRATIONS = "/apis/admissionregistration.k8s.io/v1"


class Api(ApprovalsClient):
    """A client as the operator's ServiceAccount."""

    def __init__(self, config: ApiConfig) -> None:
        super().__init__(config, COMPONENT)

    async def announce(self, approval: Mapping[str, Any], news: Announcement, now: datetime) -> None:
        """Create an Event about an approval; that it is there already is fine: its name is that of this very news."""
        metadata = approval["metadata"]
        regarding = {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
        }
        await self.event(metadata["namespace"], regarding, news, now)

    async def event(self, namespace: str, regarding: Mapping[str, Any], news: Announcement, now: datetime) -> None:
        """Create an Event (events.k8s.io/v1) once."""
        event = {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": news.name, "namespace": namespace},
            "eventTime": format_time(now),
            "reportingController": "kubeapprove.io/operator",
            "reportingInstance": COMPONENT,
            "action": news.reason,
            "reason": news.reason,
            "regarding": dict(regarding),
            "note": news.message,
            "type": "Warning" if news.is_warning else "Normal",
        }
        path = f"/apis/events.k8s.io/v1/namespaces/{namespace}/events"
        try:
            await self.call("create event", "POST", path, event, within=WITHIN)
        except ConflictError:
            return

    async def patch_policy_status(self, name: str, *, resource_version: str, status: Mapping[str, Any]) -> None:
        """Write a policy's status on exactly the version that was read; raises ConflictError where it is another."""
        patch = {"metadata": {"resourceVersion": resource_version}, "status": dict(status)}
        path = f"/apis/{API_VERSION}/{POLICY_PLURAL}/{quote(name, safe='')}/status"
        await self.call("write policy status", "PATCH", path, patch, within=WITHIN, content_type=MERGE_PATCH)

    async def ping_policies(self, *, within: float) -> None:
        """Raise where policies cannot be listed: no rights, no CustomResourceDefinition."""
        await self.call("ping policies", "GET", f"/apis/{API_VERSION}/{POLICY_PLURAL}?limit=1", within=within)

    async def may_we(self, verb: str) -> bool:
        """Ask whether we hold a verb on approvals, everywhere."""
        attributes = {"group": GROUP, "resource": PLURAL, "verb": verb}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = await self.call("own access review", "POST", path, review, within=WITHIN)
        status = answer.get("status")
        return isinstance(status, dict) and status.get("allowed") is True

    async def get_registration(self, plural: str, name: str) -> dict[str, Any] | None:
        """Return a webhook configuration, None where there is none. Consistent: what is repaired was really wrong."""
        return await self.find("get registration", f"{_REGISTRATIONS}/{plural}/{name}", name, within=WITHIN)

    async def create_registration(self, plural: str, configuration: Mapping[str, Any]) -> dict[str, Any]:
        """Create a webhook configuration; raises ConflictError where its name is taken."""
        return await self.call(
            "create registration", "POST", f"{_REGISTRATIONS}/{plural}", configuration, within=WITHIN
        )

    async def replace_registration(self, plural: str, configuration: Mapping[str, Any]) -> dict[str, Any]:
        """Replace a webhook configuration on the resourceVersion in it; raises ConflictError where it is another."""
        path = f"{_REGISTRATIONS}/{plural}/{configuration['metadata']['name']}"
        return await self.call("replace registration", "PUT", path, configuration, within=WITHIN)
