"""A proxy on loopback that speaks TLS to both sides and does to single calls what networks and servers do to them."""

import asyncio
import contextlib
import io
import ssl
import threading
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, Self
from weakref import WeakSet

import aiohttp
from aiohttp import web

from e2e.cluster.pki import Pair
from e2e.faults.calls import Call, Reply
from e2e.faults.hold import Hold

MAX_BODY = 16 * 1024 * 1024
PATIENCE = 60.0
_TURNS = 3
"""Turns of the loop in which an aborted connection of TLS closes: its own layer, the socket's, and the socket."""
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "upgrade"}


class Forward(Protocol):
    """Sends the call on, to the proxy's target and as it came unless told; None: nobody answered."""

    def __call__(self, to: str = "", call: Call | None = None) -> Awaitable[Reply | None]:
        """Forward once."""


Fault = Callable[[Call, Forward], Awaitable[Reply | None]]
"""What becomes of one call: the answer to give, or None to cut the connection without one."""


class Proxy:
    """Forwards to `target`, in a thread of its own. `on` queues faults; `seen` is every call with the answer it got.

    `transparent`: as a proxy of bytes, it keeps connections to the target, and hangs up when its client does. Else each
    call has a connection of its own (one that broke with a killed server is never met again), and the worst is assumed:
    what was sent arrives, although nobody waits any more.
    """

    def __init__(
        self,
        target: str,
        *,
        ca_file: Path,
        pair: Pair,
        name: Callable[[str, str, bytes], str],
        transparent: bool = False,
    ) -> None:
        self.target = target
        self.seen: list[tuple[Call, Reply | None]] = []
        self._ca_file, self._pair, self._name = ca_file, pair, name
        self._transparent = transparent
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._transports: WeakSet[asyncio.Transport] = WeakSet()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._runner: web.AppRunner
        self._session: aiohttp.ClientSession
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._open())
        return self

    def __exit__(self, *_exception: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        for _ in range(_TURNS):
            self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def on(self, kind: str, *faults: Fault) -> None:
        """Queue what happens to the next calls of this kind, one fault each."""
        self._faults[kind].extend(faults)

    @contextmanager
    def held(self, kind: str, *, after: bool = False) -> Iterator[Hold]:
        """Stop the next call of this kind before it is forwarded, or `after` it was done and before its answer."""
        hold = Hold(after=after)
        self.on(kind, hold)
        try:
            yield hold
        finally:
            hold.cut()

    def forget(self) -> list[str]:
        """Drop the faults that met no call, and return their kinds: a test that leaves one has not tested it."""
        unmet = [kind for kind, faults in self._faults.items() if faults]
        self._faults.clear()
        return unmet

    def count(self, kind: str) -> int:
        """Return how many calls of a kind have ended here."""
        return sum(call.kind == kind for call, _ in self.seen)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self) -> None:
        context = ssl.create_default_context(cafile=self._ca_file)
        connector = aiohttp.TCPConnector(ssl=context, limit=0, force_close=not self._transparent)
        timeout = aiohttp.ClientTimeout(total=PATIENCE)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout, auto_decompress=False)
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=self._transparent)
        await self._runner.setup()
        serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        serving.load_cert_chain(self._pair.certificate, self._pair.key)
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=serving).start()
        self.url = f"https://127.0.0.1:{self._runner.addresses[0][1]}"

    async def _close(self) -> None:
        await self._runner.cleanup()
        await self._session.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for transport in list(self._transports):
            transport.abort()  # TLS would wait for the other end's farewell

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if "watch" in request.query:
            return await self._stream(request)
        if request.transport is not None:
            self._transports.add(request.transport)
        body = await request.read()
        kind = self._name(request.method, request.raw_path, body)
        call = Call(kind, request.method, request.raw_path, dict(request.headers), body)
        reply = await self._treat(call)
        self.seen.append((call, reply))
        if reply is None:
            if request.transport is not None:  # the client may have left by itself
                request.transport.abort()
            return web.Response()
        headers = {name: value for name, value in reply.headers.items() if name.lower() not in _HOP_BY_HOP}
        return web.Response(status=reply.status, headers=headers, body=reply.body)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        """Pass a watch through as it comes: no fault meets it, and it has no answer to be kept."""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP_BY_HOP}
        target = self.target + request.raw_path
        unbounded = aiohttp.ClientTimeout(total=None)
        async with self._session.get(target, headers=headers, timeout=unbounded) as response:
            kept = {name: value for name, value in response.headers.items() if name.lower() not in _HOP_BY_HOP}
            passed = web.StreamResponse(status=response.status, headers=kept)
            await passed.prepare(request)
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):  # either side may leave at any time
                async for chunk in response.content.iter_any():
                    await passed.write(chunk)
            return passed

    async def _treat(self, came: Call) -> Reply | None:
        async def forward(to: str = "", call: Call | None = None) -> Reply | None:
            return await self._forward(call or came, to or self.target)

        faults = self._faults[came.kind]
        return await faults.popleft()(came, forward) if faults else await forward()

    async def _forward(self, call: Call, target: str) -> Reply | None:
        headers = {name: value for name, value in call.headers.items() if name.lower() not in _HOP_BY_HOP}
        try:
            async with self._session.request(
                call.method,
                target + call.target,
                data=io.BytesIO(call.body) if call.body else None,
                headers=headers,
                allow_redirects=False,
            ) as response:
                return Reply(response.status, dict(response.headers), await response.read())
        except (aiohttp.ClientError, TimeoutError):
            return None
