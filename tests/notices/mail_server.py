"""A mail server on the loopback, for tests: it can be away, refuse addresses, and do something after it took a mail."""

from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class MailServer:
    """What it took is in `taken`. It answers `refused[address]` to these receivers."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.refused: dict[str, str] = {}
        self.refuses_texts: list[str] = []
        self.then: Callable[[], None] = lambda: None
        self._controller: Controller | None = None
        self.port = 0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if any(text.encode() in envelope.content for text in self.refuses_texts):
            return "554 not this text"
        self.taken.append(message_from_bytes(envelope.content))
        self.then()
        return "250 OK"

    def start(self) -> None:
        """Listen, on the port it had before if it was stopped."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port or _free_port())
        self._controller.start()
        self.port = self._controller.port

    def stop(self) -> None:
        """Stop listening, as a server that is away."""
        if self._controller:
            self._controller.stop(no_assert=True)
            self._controller = None

    def receivers(self) -> list[str]:
        """Return to whom it took mails, in order."""
        return [str(message["To"]) for message in self.taken]


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
