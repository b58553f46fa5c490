"""Liveness, readiness and metrics, on a plain port of their own."""

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from kubeapprove_server.errors import KubeapproveServerError
from kubeapprove_server.metrics import REGISTRY
from kubeapprove_server.policies import PolicyStore
from kubeapprove_webhook.api import Api
from kubeapprove_webhook.serving import Serving


def create_health_app(api: Api, policies: PolicyStore, serving: Serving | None, approvals_namespace: str) -> FastAPI:
    """Return the application of the health port."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    async def livez() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    async def readyz() -> PlainTextResponse:
        try:
            await api.ping(approvals_namespace, within=2.0)
        except KubeapproveServerError as error:
            return PlainTextResponse(f"not ready: {error}\n", status_code=503)
        if policies.current() is None:
            why = policies.problem or "the policies were listed too long ago"
            return PlainTextResponse(f"not ready: {why}\n", status_code=503)
        if serving is not None and serving.problem is not None:
            return PlainTextResponse(f"not ready: {serving.problem}\n", status_code=503)
        return PlainTextResponse("ok\n")

    async def metrics() -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    for path, handler in (("/livez", livez), ("/readyz", readyz), ("/metrics", metrics)):
        app.add_api_route(path, handler, methods=["GET"], response_model=None)
    return app
