"""The RSGI application that granian calls on its event loop."""

import asyncio
import os
from concurrent.futures import Executor, ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

from rlhfhub.server.answers import CONTINUE, Site, respond
from rlhfhub.server.environ import client_network, environment
from rlhfhub.server.limits import ADDRESS_BYTES, IMPORTS, ORDINARY_BYTES, SMALL_BYTES
from rlhfhub.server.receive import Body, announced_length, small_body
from rlhfhub.server.refusals import Refusal, refuse
from rlhfhub.server.spool import Budget, Spool
from rlhfhub.web import bodies

LIVE = "/healthz/live"
#: Seconds in which granian surely opens the file that it was told to send.
HELD_SECONDS = 60.0


class Application:
    """Runs the WSGI application `site` in `threads` threads, and health checks and large imports in a few others.

    Bodies longer than SMALL_BYTES are stored in `folder`. If a body is longer than `ordinary` bytes, or chunked and
    longer than SMALL_BYTES, it is read only after the site has seen the headers and responded Continue
    (rlhfhub.web.bodies); then it may have `largest` bytes. `proxies` is the number of trusted proxies, which append to
    X-Forwarded-For.
    """

    def __init__(
        self,
        site: Site,
        *,
        threads: int,
        folder: Path,
        ordinary: int,
        largest: int,
        proxies: int = 0,
    ) -> None:
        self._site, self._count, self._folder = site, threads, folder
        self._ordinary, self._largest, self._proxies = ordinary, largest, proxies

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._threads = ThreadPoolExecutor(self._count, "site")
        # Health checks have their own thread, so that a busy process still answers them.
        self._live = ThreadPoolExecutor(1, "live")
        # Storing a large import takes minutes; in its own threads it does not block other requests.
        self._storing = ThreadPoolExecutor(IMPORTS, "import")
        self._writer = ThreadPoolExecutor(1, "spool")
        self._budget = Budget(ORDINARY_BYTES, ADDRESS_BYTES)
        self._imports = Budget(IMPORTS * self._largest, self._largest)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        for pool in (self._threads, self._live, self._storing, self._writer):
            pool.shutdown()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Handle one request."""
        environ = environment(scope)
        length = announced_length(environ)
        if length == 0:
            await self._respond(environ, protocol, BytesIO())
        elif length is not None and length <= SMALL_BYTES:
            await self._small(environ, protocol)
        else:
            await self._large(environ, protocol, length)

    async def _small(self, environ: dict[str, Any], protocol: Any) -> None:
        try:
            body = await small_body(protocol)
        except Refusal as refusal:
            refuse(protocol, environ, refusal)
        else:
            await self._respond(environ, protocol, BytesIO(body))

    async def _large(self, environ: dict[str, Any], protocol: Any, length: int | None) -> None:
        body = Body(protocol)
        try:
            if length is None:
                await self._chunked(environ, protocol, body)
            elif length > self._ordinary:
                await self._asked(environ, protocol, body, b"")
            else:
                sender = client_network(environ, self._proxies)
                with Spool(
                    self._folder, self._budget, self._writer, most=length, sender=sender
                ) as spool:
                    await self._spooled(environ, protocol, body, spool)
        except Refusal as refusal:
            refuse(protocol, environ, refusal)
            if refusal.is_sender_listening:
                await body.drain()

    async def _chunked(self, environ: dict[str, Any], protocol: Any, body: Body) -> None:
        start, is_all = await body.first(SMALL_BYTES)
        if is_all:
            _measure(environ, len(start))
            await self._respond(environ, protocol, BytesIO(start))
        else:
            await self._asked(environ, protocol, body, start)

    async def _asked(
        self, environ: dict[str, Any], protocol: Any, body: Body, start: bytes
    ) -> None:
        """Pass only the headers to the site; read the body if the site responds Continue."""
        asked = environ | {bodies.STATE: bodies.State.ANNOUNCED}
        if await self._respond(asked, protocol, bodies.Unread()) != CONTINUE:
            await body.drain()
            return
        environ[bodies.STATE] = bodies.State.WANTED
        sender = asked[bodies.SENDER]
        with Spool(
            self._folder, self._imports, self._writer, most=self._largest, sender=sender
        ) as spool:
            await spool.add(start)
            await self._spooled(environ, protocol, body, spool)

    async def _spooled(
        self, environ: dict[str, Any], protocol: Any, body: Body, spool: Spool
    ) -> None:
        while block := await body.block():
            await spool.add(block)
        _measure(environ, spool.size)
        await self._respond(environ, protocol, await spool.file())

    async def _respond(self, environ: dict[str, Any], protocol: Any, body: Any) -> int:
        environ["wsgi.input"] = body
        loop = asyncio.get_running_loop()

        def hold(descriptor: int) -> None:
            loop.call_soon_threadsafe(loop.call_later, HELD_SECONDS, os.close, descriptor)

        return await loop.run_in_executor(
            self._pool(environ), respond, self._site, environ, protocol, hold
        )

    def _pool(self, environ: dict[str, Any]) -> Executor:
        if environ["PATH_INFO"] == LIVE:
            return self._live
        is_import = environ.get(bodies.STATE) == bodies.State.WANTED
        return self._storing if is_import else self._threads


def _measure(environ: dict[str, Any], size: int) -> None:
    """Set Content-Length in the environ, now that the whole body has arrived and its length is known."""
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["CONTENT_LENGTH"] = str(size)
