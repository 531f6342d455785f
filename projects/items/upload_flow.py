"""The way of an upload, whoever sends it: REST and pages call the same two steps.

`look` judges who asks and the headers, in a short transaction, before anything of the body is read: of a long body the
server announces the headers alone, and calls again with the body (rlhfhub.web.bodies). `take` brings the body to disk
without the database, and then checks every row and stores all of it in one transaction. Who asks is looked up in both:
they may have lost the right while the body came in.
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
    """Who sends an upload: what REST and pages do each in their own way."""

    @property
    def request(self) -> HttpRequest:
        """With the headers, and the body."""

    def inside(self, *, first: bool) -> AbstractContextManager[Batch]:
        """A transaction in the workspace plane, with the batch. Refuses who may not import; the `first` time also who
        imports too often."""

    def is_answered(self) -> bool:
        """Whether this upload has its answer already, so that the state of the batch does not matter."""

    def check_headers(self) -> None:
        """Raises Refused when the headers alone say that the body cannot be taken."""

    def receive(self, folder: Path) -> Upload:
        """Bring the body into the folder `folder`. Raises Refused and FormatError."""

    def store(self, batch: Batch, upload: Upload) -> Answer:
        """Load the upload and answer. Inside the transaction."""


def look(sender: Sender[Answer]) -> bodies.Continue | None:
    """Judge the upload by its headers. None: the body is here, `take` it. Raises Refused."""
    with sender.inside(first=True) as batch:
        if not sender.is_answered():
            imports.check_importable(batch)
    check_length(sender.request)
    sender.check_headers()
    if bodies.is_announced(sender.request):
        return bodies.wanted(sender.request, str(batch.workspace_id))
    return None


def take(sender: Sender[Answer]) -> Answer:
    """Bring the body in and store its items, whole or not at all. Raises Refused."""
    with uploads.folder() as folder, uploads.refusing():
        upload = sender.receive(folder)
        with sender.inside(first=False) as batch:
            return sender.store(batch, upload)


def check_length(request: HttpRequest) -> None:
    """Raises Refused when the body is announced to be longer than any upload may be."""
    length = uploads.length_of(request)
    if length is not None and length > settings.IMPORT_MAX_BYTES:
        words = f"An upload has {settings.IMPORT_MAX_BYTES:,} bytes at most; send several files."
        raise Refused("too_large", words, status=413)
