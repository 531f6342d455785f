"""The HTTP server: one thread, one event loop. Requests are executed one after another; only waiting overlaps."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import h11

from tests.stripe_emulator.wire import Answer, Request

HOST = "127.0.0.1"
AT_ONCE = 65_536
Application = Callable[[Request], Awaitable[Answer]]


class Server:
    """Listens on the loopback interface."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def listen(self, port: int) -> int:
        """Accept connections. Port 0 is any free one. Returns the port."""
        self._server = await asyncio.start_server(self._accept, HOST, port, backlog=1024)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Accept no more connections, and close those there are."""
        assert self._server is not None
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with contextlib.suppress(
                ConnectionError, h11.RemoteProtocolError, asyncio.CancelledError
            ):
                await self._converse(reader, writer)
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, until it is closed."""
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=AT_ONCE)
        while request := await _read(connection, reader):
            answer = await self._application(request)
            if answer.lost is not None:
                await asyncio.sleep(answer.lost)
                return
            writer.write(_written(connection, answer))
            await writer.drain()
            if connection.our_state is h11.MUST_CLOSE:
                writer.close()
                return
            connection.start_next_cycle()


async def _read(connection: h11.Connection, reader: asyncio.StreamReader) -> Request | None:
    """Return the next request of a connection; None when the client has closed it."""
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(AT_ONCE))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            break
        else:
            return None
    assert head is not None
    path, _, query = head.target.decode().partition("?")
    headers = {name.decode(): value.decode() for name, value in head.headers}
    return Request(head.method.decode(), path, query, headers, bytes(body))


def _written(connection: h11.Connection, answer: Answer) -> bytes:
    headers = {**answer.headers, "Content-Length": str(len(answer.body))}
    head = h11.Response(status_code=answer.status, headers=list(headers.items()))
    parts = [
        connection.send(head),
        connection.send(h11.Data(answer.body)),
        connection.send(h11.EndOfMessage()),
    ]
    return b"".join(part for part in parts if part)
