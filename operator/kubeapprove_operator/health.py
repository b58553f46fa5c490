"""Liveness, readiness and metrics of the operator, on a plain port."""

from collections.abc import Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from kubeapprove_server.errors import StartupError
from kubeapprove_server.metrics import REGISTRY


async def serve_health(host: str, port: int, problem: Callable[[], str | None]) -> web.AppRunner:
    """Serve until the runner is cleaned up; raises StartupError where the address is taken or not ours."""

    async def livez(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        why = problem()
        return web.Response(text="ok\n") if why is None else web.Response(text=f"not ready: {why}\n", status=503)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.add_routes([web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", metrics)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        why = (error.strerror or type(error).__name__).partition(" (while")[0]
        raise StartupError(
            f"cannot listen on {host} port {port} ({why}): give a free address with --health-host and --health-port"
        ) from None
    return runner
