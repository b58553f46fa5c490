"""The webhook's real applications before the API server of these tests, called over ASGI."""

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import FastAPI

from e2e.cluster.pki import Pair
from kubeapprove.settings import Settings, read_settings
from kubeapprove_server.client import ApiConfig
from kubeapprove_server.policies import PolicyStore
from kubeapprove_webhook.api import Api
from kubeapprove_webhook.app import create_app
from kubeapprove_webhook.gate import Gate
from kubeapprove_webhook.guard import Guard
from kubeapprove_webhook.health import create_health_app
from kubeapprove_webhook.waiting import Waiting
from tests.webhook import reviews
from tests.webhook.apiserver import CLUSTER, ApiServer
from tests.webhook.reviews import Object

if TYPE_CHECKING:
    from concurrent.futures import Future

SECRET_PATH = "s3cret" * 8
KEY = b"k" * 32
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def response(self) -> Object:
        """The `response` of the AdmissionReview."""
        assert self.status == 200, (self.status, self.body)
        response: Object = self.json["response"]
        return response

    @property
    def allowed(self) -> bool:
        """Whether the request may go on."""
        allowed: bool = self.response["allowed"]
        return allowed

    @property
    def reason(self) -> str:
        """The reason, as the audit log gets it."""
        reason: str = self.response["auditAnnotations"]["reason"]
        return reason

    @property
    def message(self) -> str:
        """The sentence that the caller reads."""
        message: str = self.response["status"]["message"]
        return message


class Loop:
    """An event loop in a thread of its own, so that tests read top to bottom."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run to the end and return the result."""
        return self.spawn(work).result(30)

    def spawn(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        """Run in the background."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def close(self) -> None:
        """Stop the loop and its thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


async def call(
    app: FastAPI,
    path: str,
    *,
    method: str = "POST",
    query: str = "timeout=5s",
    headers: Mapping[str, str] | None = None,
    chunks: Iterable[bytes] = (b"",),
    gone: bool = False,
) -> Reply:
    """Send one request over ASGI; `gone`: the client leaves in place of its last chunk."""
    last = {"type": "http.disconnect"} if gone else {"type": "http.request", "body": b"", "more_body": False}
    incoming = chain(({"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks), (last,))
    outgoing = list[dict[str, Any]]()
    given = {"content-type": "application/json"} if headers is None else headers
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 9443),
    }

    async def receive() -> dict[str, Any]:
        if (message := next(incoming, None)) is None:
            await asyncio.Event().wait()  # a client that waits for its answer sends nothing more
        return message or {}

    async def send(message: Any) -> None:
        outgoing.append(dict(message))

    await app(scope, receive, send)
    start = outgoing[0]
    headers_ = {name.decode(): value.decode() for name, value in start["headers"]}
    return Reply(start["status"], headers_, b"".join(message.get("body", b"") for message in outgoing[1:]))


@dataclass
class Seconds:
    """A clock that goes on where a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Return the seconds by now."""
        return self.now

    def pass_by(self, seconds: float) -> None:
        """Let time go on."""
        self.now += seconds


@dataclass
class World:
    """One webhook and its API server. `records` is what went to stdout, `seconds` the clock of the policies' age."""

    loop: Loop
    server: ApiServer
    api: Api
    settings: Settings
    app: FastAPI
    health: FastAPI
    waiting: Waiting
    policies: PolicyStore
    seconds: Seconds
    records: list[Object] = field(default_factory=list)

    @classmethod
    def open(
        cls,
        loop: Loop,
        pair: Pair,
        ca_file: Path,
        token_file: Path,
        settings: Object,
        policies: Sequence[Object] | None,
    ) -> "World":
        """Start the API server with these policies and the client of the webhook, which has listed them once.

        None: there are none, and nobody has listed them.
        """

        async def build() -> World:
            server = ApiServer()
            await server.start(pair)
            api = Api(ApiConfig(server.url, ca_file, token_file))
            await api.open()
            read, records = read_settings(settings), list[Object]()
            waiting, seconds = Waiting(api), Seconds()
            store = PolicyStore(api, read, seconds)
            gate = Gate(api, read, read.hiding(KEY), CLUSTER, waiting, store)
            app = create_app(gate=gate, guard=Guard(api, read, store), secret_path=SECRET_PATH, emit=records.append)
            health = create_health_app(api, store, None, read.approvals_namespace)
            for policy in policies or ():
                server.put_policy(policy)
            if policies is not None:
                await store.refresh()
            server.forget()
            return World(loop, server, api, read, app, health, waiting, store, seconds, records)

        return loop.run(build())

    def close(self) -> None:
        """Close client and API server."""

        async def end() -> None:
            await self.api.close()
            await self.server.stop()

        self.loop.run(end())

    def send(self, raw: bytes, hook: str = "changes", **options: Any) -> Reply:
        """Send bytes to one of the webhooks."""
        return self.loop.run(call(self.app, f"/{SECRET_PATH}/{hook}", chunks=(raw,), **options))

    def judge(self, request: Object, hook: str = "changes", **options: Any) -> Reply:
        """Send one request's review; its uid has to come back."""
        reply = self.send(reviews.body(request), hook, **options)
        assert reply.response["uid"] == request["uid"]
        return reply

    def judge_all(self, requests: Iterable[Object]) -> list[Reply]:
        """Send reviews at the same time."""
        path = f"/{SECRET_PATH}/changes"

        async def together() -> list[Reply]:
            calls = [call(self.app, path, chunks=(reviews.body(request),)) for request in requests]
            return list(await asyncio.gather(*calls))

        return self.loop.run(together())

    def count_waiting(self) -> None:
        """List once what waits, as the process does every few seconds."""
        self.loop.run(self.waiting.count())

    def list_policies(self) -> None:
        """List the policies once, as the process does every two seconds."""
        self.loop.run(self.policies.refresh())

    def under(self, *policies: Object) -> None:
        """Put these policies in place of all others, and have them listed."""
        self.server.policies.clear()
        for policy in policies:
            self.server.put_policy(policy)
        self.list_policies()

    def probe(self, path: str) -> Reply:
        """Ask the health port."""
        return self.loop.run(call(self.health, path, method="GET"))

    def approve(self, who: str = "alice", verdict: str = "Approved", **fields: Any) -> Object:
        """Add a decision to the one approval that there is; returns what is stored."""
        approval = self.server.only()
        return self.server.put(reviews.decided(approval, **{who: reviews.decision(approval, who, verdict, **fields)}))

    def approved(self, request: Object) -> Object:
        """Have a change asked for and approved; returns the stored approval."""
        reply = self.judge(request | {"uid": "first-try"})
        assert reply.reason == "ApprovalRequired", reply.body
        return self.approve()
