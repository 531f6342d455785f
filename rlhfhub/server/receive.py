"""Receives a request's body on the event loop, within time limits."""

import asyncio
import contextlib
from typing import Any

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from rlhfhub.server.limits import BYTES_A_SECOND, DRAIN_BYTES, DRAIN_SECONDS, GRACE_SECONDS
from rlhfhub.server.refusals import Refusal, interrupted, late


def announced_length(environ: dict[str, Any]) -> int | None:
    """Return the body's length in bytes by its headers; None for a chunked body."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    # granian has checked that it is a number.
    return int(environ.get("CONTENT_LENGTH") or 0)


async def small_body(protocol: Any) -> bytes:
    """Return the whole small body. Raises Refusal when it is late or breaks off."""
    try:
        async with asyncio.timeout(GRACE_SECONDS):
            body: bytes = await protocol()
    except TimeoutError as error:
        raise late() from error
    except ProtocolClosed as error:
        raise interrupted() from error
    return body


class Body:
    """A longer body, read block by block. Only time spent waiting for the sender counts towards its limit."""

    def __init__(self, protocol: Any) -> None:
        self._blocks = aiter(protocol)
        self._waited = 0.0
        self.received = 0

    async def block(self) -> bytes:
        """Return the next bytes; b"" at the end. Raises Refusal when the body is late or breaks off."""
        block = await self._next()
        if block:
            self.received += len(block)
        # granian ends a body with one empty block, and a broken one with two.
        elif block is not None and await self._next() is not None:
            raise interrupted()
        return block or b""

    async def _next(self) -> bytes | None:
        clock = asyncio.get_running_loop().time
        began, may_wait = clock(), GRACE_SECONDS + self.received / BYTES_A_SECOND - self._waited
        try:
            async with asyncio.timeout(may_wait):
                block: bytes = await anext(self._blocks)
        except StopAsyncIteration:
            return None
        except TimeoutError as error:
            raise late() from error
        self._waited += clock() - began
        return block

    async def first(self, count: int) -> tuple[bytes, bool]:
        """Return at least `count` bytes or all of the body, and whether that is all."""
        found = bytearray()
        while len(found) <= count:
            block = await self.block()
            if not block:
                return bytes(found), True
            found += block
        return bytes(found), False

    async def drain(self) -> None:
        """Read and drop the rest after the response, within the limits, so that the client can read the response."""
        most = self.received + DRAIN_BYTES
        with contextlib.suppress(TimeoutError, Refusal):
            async with asyncio.timeout(DRAIN_SECONDS):
                while self.received < most and await self.block():
                    pass
