"""The two steps of an upload, which REST and pages share.

`check_headers` checks the sender and the headers in a short transaction, before any of the body is read: for a long
body the server first calls the view with the headers alone, and again with the body (see rlhfhub.web.bodies).
`import_body` spools the body to disk without a transaction, then checks and stores all rows in one transaction. Both
authenticate the sender, who may have lost the right to import while the body arrived.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeVar

from django.conf import settings
from django.http import HttpRequest

from projects.items import imports, uploads
from projects.items.imports import Upload
from projects.items.models import Batch
from rlhfhub.ground.refusals import Refused
from rlhfhub.web import bodies

Answer = TypeVar("Answer", covariant=True)


class Sender(Protocol[Answer]):
    """The sender of an upload: what REST and pages each do in their own way."""

    @property
    def request(self) -> HttpRequest:
        """The request with the headers and the body."""

    def transaction(self, *, first: bool) -> AbstractContextManager[Batch]:
        """Open a transaction in the workspace plane and yield the batch.

        Refuses a sender who may not import. Only the `first` call of an upload counts toward the rate limit.
        """

    def is_answered(self) -> bool:
        """Return whether a response to this upload is stored; then the batch's state does not matter."""

    def check_headers(self) -> None:
        """Raises: Refused if the headers show that the body cannot be imported."""

    def receive(self, folder: Path) -> Upload:
        """Spool the body into `folder`. Raises: Refused, FormatError."""

    def store(self, batch: Batch, upload: Upload) -> Answer:
        """Import the upload and return the response. Inside the transaction."""


def check_headers(sender: Sender[Answer]) -> bodies.Continue | None:
    """Check the sender and the headers of an upload.

    Returns: the response that requests the body from the server; None if the body is there and can be imported.
    Raises: Refused.
    """
    with sender.transaction(first=True) as batch:
        if not sender.is_answered():
            imports.check_importable(batch)
    check_length(sender.request)
    sender.check_headers()
    if bodies.is_announced(sender.request):
        return bodies.wanted(sender.request, str(batch.workspace_id))
    return None


def import_body(sender: Sender[Answer]) -> Answer:
    """Spool the body and import its items, all or none. Returns the sender's response. Raises: Refused."""
    with uploads.folder() as folder, uploads.format_errors_refused():
        upload = sender.receive(folder)
        with sender.transaction(first=False) as batch:
            return sender.store(batch, upload)


def check_length(request: HttpRequest) -> None:
    """Raises: Refused (413) if the Content-Length is above the limit of an upload."""
    length = uploads.length_of(request)
    if length is not None and length > settings.IMPORT_MAX_BYTES:
        raise Refused("too_large", uploads.too_large(), status=413)
