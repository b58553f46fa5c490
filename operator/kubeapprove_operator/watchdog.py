"""Whether approvals can be seen at all: kopf retries a watch that is refused for ever, and says so only in its log."""

import asyncio
from typing import Final

import structlog

from kubeapprove.settings import Settings
from kubeapprove_operator.api import Api
from kubeapprove_server.errors import KubeapproveServerError, StartupError

_LOG = structlog.get_logger()
PERIOD: Final = 5.0
_VERBS = ("list", "watch")


class Watchdog:
    """One for the process. `problem` says why approvals cannot be kept true, None where they can."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self._api, self._namespace = api, settings.approvals_namespace
        self.problem: str | None = None

    async def keep(self) -> None:
        """Check until cancelled."""
        while True:
            await asyncio.sleep(PERIOD)
            try:
                await self.check()
            except KubeapproveServerError as error:
                if self.problem != str(error):
                    _LOG.warning("approvals cannot be kept true", error=str(error))
                self.problem = str(error)
            else:
                self.problem = None

    async def check(self) -> None:
        """Raise StartupError where approvals cannot be read or watched."""
        try:
            await self._api.ping(self._namespace, within=PERIOD)
            for verb in _VERBS:
                if not await self._api.may_we(verb):
                    raise StartupError(f"the operator's ServiceAccount may not {verb} manifestapprovals")
        except KubeapproveServerError as error:
            raise StartupError(
                f"{error}: apply the CustomResourceDefinition and the operator's ClusterRole, and check that the API "
                "server is reachable"
            ) from None
