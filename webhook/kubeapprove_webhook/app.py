"""The HTTP side of the webhook: body, route, and an answer with the request's uid whatever happens inside."""

import contextlib
import re
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog
from fastapi import FastAPI
from fastapi import Request as HttpRequest
from fastapi.responses import Response

from kubeapprove.reasons import Reason
from kubeapprove.request import Request, read_review
from kubeapprove.strictjson import UnreadableError, loads
from kubeapprove_server.logs import where
from kubeapprove_webhook.answers import Answer, deny, review_response
from kubeapprove_webhook.clock import Clock, clock_for
from kubeapprove_webhook.gate import Gate
from kubeapprove_webhook.guard import Guard, stamp_decisions
from kubeapprove_webhook.metrics import VERDICT_SECONDS, VERDICTS
from kubeapprove_webhook.records import record

MAX_BODY = 7 * 1024 * 1024
"""Bytes of a review; controller-runtime's bound. Beyond it the rest is read and thrown away."""
_UID_WITHIN = 4096
_UID = re.compile(rb'"uid"\s*:\s*"([^"\\\x00-\x1f]{1,256})"')
_LOG = structlog.get_logger("kubeapprove.webhook")

Judge = Callable[[Request, Clock], Awaitable[Answer]]
Emit = Callable[[dict[str, Any]], None]


def create_app(*, gate: Gate, guard: Guard, secret_path: str, emit: Emit) -> FastAPI:
    """Return the application; `emit` takes each record. Nothing answers outside of the secret path."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    judges: dict[str, Judge] = {"changes": gate.judge, "approvals": guard.judge, "stamp": stamp_decisions}
    for hook, judge in judges.items():
        app.add_route(f"/{secret_path}/{hook}", _route(hook, judge, emit), methods=["POST"])
    return app


def _route(hook: str, judge: Judge, emit: Emit) -> Callable[[HttpRequest], Awaitable[Response]]:
    async def answer(http: HttpRequest) -> Response:
        clock = clock_for(http.query_params.get("timeout"), http.is_disconnected)
        if http.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return Response("send an AdmissionReview as application/json\n", status_code=415, media_type="text/plain")
        body, is_whole = await _read(http)
        uid = _uid_of(body)
        request = None
        if is_whole:
            request, result = await _judge(hook, judge, body, clock)
            uid = request.uid if request is not None else uid
        else:
            result = deny(Reason.TOO_LARGE, "the review is over 7 MiB; split the object")
        if hook != "stamp":
            result = _recorded(emit, hook, request, uid, result, clock)
        VERDICTS.labels(hook, result.verdict, str(result.reason)).inc()
        VERDICT_SECONDS.labels(hook).observe(clock.elapsed())
        return Response(orjson.dumps(review_response(uid, result)), media_type="application/json")

    return answer


async def _judge(hook: str, judge: Judge, body: bytes, clock: Clock) -> tuple[Request | None, Answer]:
    request = None
    try:
        request = read_review(loads(body))
        return request, await judge(request, clock)
    except UnreadableError as error:
        return request, deny(Reason.UNREADABLE, f"the request cannot be judged: {error}")
    except Exception as error:  # noqa: BLE001 (a defect of ours must end as a refusal with the uid, never as a 500)
        # The error's text may quote the request: only where it happened is logged.
        _log("defect", hook, request.uid if request is not None else _uid_of(body), error)
        return request, deny(Reason.UNAVAILABLE, "the gate failed on this request; its log says where")


def _recorded(emit: Emit, hook: str, request: Request | None, uid: str, result: Answer, clock: Clock) -> Answer:
    """Write the record; without one there is no allow, and still an answer."""
    try:
        emit(record(hook, request, uid, result, clock.received))
    except Exception as error:  # noqa: BLE001 (a closed pipe, a full disk: whatever it is, the answer has to leave)
        _log("record not written", hook, uid, error)
        sentence = "the record of this verdict could not be written; the operators of this cluster have to repair that"
        return deny(Reason.UNAVAILABLE, sentence, approval=result.approval, hash_=result.hash)
    return result


def _log(event: str, hook: str, uid: str, error: Exception) -> None:
    with contextlib.suppress(Exception):  # a closed stderr is no reason to answer nothing
        _LOG.error(event, webhook=hook, uid=uid, error=type(error).__name__, where=where(error.__traceback__))


async def _read(http: HttpRequest) -> tuple[bytes, bool]:
    """Return the body, or its first bytes and False where it is too large; memory stays bounded either way."""
    chunks: list[bytes] = []
    size = 0
    is_more = True
    while is_more:
        message = await http.receive()
        if message["type"] == "http.disconnect":
            return b"", True  # nobody waits for the answer: nothing may be claimed for it
        is_more = message.get("more_body", False)
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BODY:
            chunks = [b"".join(chunks)[:_UID_WITHIN]]
    return b"".join(chunks), size <= MAX_BODY


def _uid_of(body: bytes) -> str:
    """The review's uid, as far as it can be found without parsing: in the first 4 KiB."""
    match = _UID.search(body[:_UID_WITHIN])
    return match[1].decode("utf-8", errors="replace") if match else ""
