"""Whether approvals and policies can be seen at all, and what to do where not.

kopf retries a watch that is refused for ever, and says so only in its log.
"""

from typing import Final

from kubeapprove.settings import Settings
from kubeapprove_operator.api import Api
from kubeapprove_operator.looking import look_for_ever
from kubeapprove_server.errors import ApiError, ApiUnreachableError, KubeapproveServerError, StartupError

PERIOD: Final = 5.0
_VERBS = ("list", "watch")
_RIGHTS = "apply the CustomResourceDefinitions and the operator's ClusterRole"


class Watchdog:
    """One for the process. `problem` says why nothing can be kept true, None where it can."""

    def __init__(self, api: Api, settings: Settings) -> None:
        self._api, self._namespace = api, settings.approvals_namespace
        self.problem: str | None = None

    async def keep(self) -> None:
        """Check until cancelled."""
        what = "approvals and policies cannot be kept true"
        await look_for_ever(self.check, period=PERIOD, what=what, told=self._told)

    def _told(self, problem: str | None) -> None:
        self.problem = problem

    async def check(self) -> None:
        """Raise StartupError where approvals cannot be read or watched, or policies not listed."""
        try:
            await self._api.ping(self._namespace, within=PERIOD)
            await self._api.ping_policies(within=PERIOD)
            missing = [verb for verb in _VERBS if not await self._api.may_we(verb)]
        except KubeapproveServerError as error:
            raise StartupError(f"{error}: {_remedy(error)}") from None
        if missing:
            raise StartupError(
                f"the operator's ServiceAccount may not {' or '.join(missing)} manifestapprovals: {_RIGHTS}"
            )


def _remedy(error: KubeapproveServerError) -> str:
    """Return what to do, after what happened."""
    match error:
        case ApiUnreachableError(why=why) if "Certificate" in why:
            return "its certificate is not signed by --api-ca; correct that, or --api-server"
        case ApiUnreachableError(why=why) if "token" in why:
            return "correct --api-token-file"
        case ApiUnreachableError():
            return "check --api-server, and that the API server runs"
        case ApiError(status=401):
            return "it does not accept our token; check --api-token-file"
        case ApiError(status=403 | 404):
            return _RIGHTS
        case _:
            return "check that --api-server is an API server, and its log"
