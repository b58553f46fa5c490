"""A replica that is told to end leaves its connections before it goes.

The API server keeps connections open and sends the next review on any of them. Where a server closes one at the very
moment at which a review is on its way, the review fails, and so does the agent's change: HTTP/1.1 has no way to tell
before. So for a while each answer says that it is the last one on its connection, and the client opens the next one
elsewhere.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
"""As ASGI has them."""
_LAST = (b"connection", b"close")


class Leaving:
    """An ASGI app around another; from `begin` on, each answer ends its connection."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._has_begun = False

    def begin(self, seconds: float, then: Callable[[], None]) -> None:
        """Leave for so many seconds, and do `then` after that; told a second time, at once."""
        if self._has_begun or seconds <= 0:
            then()
            return
        self._has_begun = True
        asyncio.get_running_loop().call_later(seconds, then)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass everything on, and say with an answer's head that it is the last."""

        async def send_last(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: list[Any] = [*message.get("headers", ()), _LAST]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_last if self._has_begun else send)
