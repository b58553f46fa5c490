"""kopf brings the events of all approvals; nothing of kopf ever writes to one.

Only `on.event` handlers that return nothing: every other kind adds finalizers or annotations. Posting, peering and the
admission server are off. A connection is renewed every few minutes, and each renewal brings every approval again, so
that whatever was missed is looked at after all.
"""

import logging
from collections.abc import Mapping
from typing import Any

import kopf

from kubeapprove.resources import GROUP, PLURAL, VERSION
from kubeapprove_operator.queue import Queue
from kubeapprove_server.client import ApiConfig

RENEW_SECONDS = 300


async def watch(config: ApiConfig, queue: Queue) -> None:
    """Feed the queue until SIGTERM or SIGINT."""
    logging.getLogger("kopf").setLevel(logging.WARNING)  # a line for each event tells nothing
    registry = kopf.OperatorRegistry()

    @kopf.on.login(registry=registry)
    def login(**_: Any) -> kopf.ConnectionInfo:
        return kopf.ConnectionInfo(
            server=config.server,
            ca_path=str(config.ca_file),
            scheme="Bearer",
            token=config.token_file.read_text(encoding="ascii").strip(),
        )

    @kopf.on.event(GROUP, VERSION, PLURAL, registry=registry)
    async def changed(event: Mapping[str, Any], **_: Any) -> None:
        body = event["object"]
        key = (body["metadata"]["namespace"], body["metadata"]["name"])
        if event["type"] == "DELETED":
            queue.forget(key)
        else:
            queue.put(key, body)

    await kopf.operator(registry=registry, settings=kopf_settings(), clusterwide=True, standalone=True)


def kopf_settings() -> kopf.OperatorSettings:
    """Return kopf's settings: it watches, and does nothing else."""
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.peering.standalone = True
    settings.scanning.disabled = True
    settings.watching.server_timeout = RENEW_SECONDS
    settings.watching.initial_streaming = True
    return settings
