"""A site that receives webhooks, in a thread of the test."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Received = tuple[bytes, str]


class Receiver:
    """Where webhooks arrive: `received` has their bodies and signatures, and `status` is what they are answered."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.received: list[Received] = []
        self.status = 200
        self._arrived = threading.Condition()

    def take(self, body: bytes, signature: str) -> int:
        """Keep a webhook. Returns the status to answer."""
        with self._arrived:
            self.received.append((body, signature))
            self._arrived.notify_all()
            return self.status

    def wait_for(self, count: int) -> list[Received]:
        """Wait until so many webhooks have arrived. Returns them."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.received) >= count, timeout=10), (
                self.received
            )
            return list(self.received)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive webhooks inside the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(receiver.take(body, self.headers["Stripe-Signature"]))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/webhook")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield receiver
    server.shutdown()
    thread.join()
    server.server_close()
