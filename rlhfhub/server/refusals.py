"""Error responses that the server gives itself, because the site cannot run without a whole body."""

import logging
from typing import Any

from rlhfhub.ground import json_out
from rlhfhub.server.limits import RETRY_SECONDS

logger = logging.getLogger("rlhfhub.server")


class Refusal(Exception):
    """Raised to end a request: `status` is HTTP's, `code` is for programs, `words` is for people."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(words)
        self.status, self.code, self.words = status, code, words

    @property
    def is_sender_listening(self) -> bool:
        """Whether the client still sends properly, so that reading on lets it see the response."""
        return self.status in (413, 503)


def late() -> Refusal:
    """408: the body came too slowly."""
    return Refusal(408, "timed_out", "The body of the request took too long to arrive.")


def interrupted() -> Refusal:
    """400: the body broke off."""
    return Refusal(400, "interrupted", "The body of the request broke off; nothing was changed.")


def too_large(most: int) -> Refusal:
    """413: the body is longer than allowed."""
    return Refusal(413, "too_large", f"The body of the request is larger than {most} bytes.")


def busy() -> Refusal:
    """503: too much is being received at the moment, in total or from this sender."""
    return Refusal(503, "busy", "Too much is being uploaded right now. Try again in a moment.")


def no_room() -> Refusal:
    """503: the body could not be written to disk."""
    return Refusal(503, "no_room", "The site has no room left for this; nothing was changed.")


def refuse(protocol: Any, environ: dict[str, Any], refusal: Refusal) -> None:
    """Respond with `refusal` and close the connection. The path may contain a secret, so it is not logged."""
    if environ["PATH_INFO"].startswith("/api/"):
        kind, content = "application/json", json_out.error(refusal.code, refusal.words)
    else:
        kind, content = "text/plain; charset=utf-8", refusal.words.encode()
    headers = [("content-type", kind), ("connection", "close")]
    if refusal.status == 503:
        headers.append(("retry-after", str(RETRY_SECONDS)))
    protocol.response_bytes(refusal.status, headers, content)
    logger.warning("%s: a body was refused (%s)", refusal.status, refusal.code)
