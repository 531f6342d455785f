"""Answers that the server gives itself, because the site cannot be asked without a whole body."""

import logging
from typing import Any

from rlhfhub.ground import json_out
from rlhfhub.server.limits import RETRY_SECONDS

logger = logging.getLogger("rlhfhub.server")


class Refusal(Exception):
    """The request ends here. `status` is HTTP's, `code` for programs, `words` for people."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(words)
        self.status, self.code, self.words = status, code, words

    @property
    def is_sender_listening(self) -> bool:
        """Whether the client still sends in good order, so that reading on may let it see the answer."""
        return self.status in (413, 503)


def late() -> Refusal:
    """408: the body came too slowly."""
    return Refusal(408, "timed_out", "The body of the request took too long to arrive.")


def interrupted() -> Refusal:
    """400: the body broke off."""
    return Refusal(400, "interrupted", "The body of the request broke off; nothing was changed.")


def too_large(most: int) -> Refusal:
    """413: more came than may."""
    return Refusal(413, "too_large", f"The body of the request is larger than {most} bytes.")


def busy() -> Refusal:
    """503: too much is being received at this moment, in all or from this sender."""
    return Refusal(503, "busy", "Too much is being uploaded right now. Try again in a moment.")


def no_room() -> Refusal:
    """503: what came could not be written down."""
    return Refusal(503, "no_room", "The site has no room left for this; nothing was changed.")


def refuse(protocol: Any, environ: dict[str, Any], refusal: Refusal) -> None:
    """Answer by `refusal` and let the connection be closed. Paths may be secrets and are not logged."""
    if environ["PATH_INFO"].startswith("/api/"):
        kind, content = "application/json", json_out.error(refusal.code, refusal.words)
    else:
        kind, content = "text/plain; charset=utf-8", refusal.words.encode()
    headers = [("content-type", kind), ("connection", "close")]
    if refusal.status == 503:
        headers.append(("retry-after", str(RETRY_SECONDS)))
    protocol.response_bytes(refusal.status, headers, content)
    logger.warning("%s: a body was refused (%s)", refusal.status, refusal.code)
