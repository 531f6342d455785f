"""Spools the body of an upload to disk, within size limits and outside any transaction."""

import math
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from projects.formats.errors import FormatError
from projects.formats.limits import ItemLimits, SpoolLimits
from projects.formats.reading.rows import Rows
from projects.formats.reading.spool import Readable, Spooled, spool
from rlhfhub.ground.clock import files_now
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.web import bodies

MULTIPART = "multipart/form-data"
RAW_TYPES = (
    "application/json",
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/gzip",
    "application/x-gzip",
    "application/octet-stream",
    "text/plain",
)
FIELD = "file"
_ABANDONED_SECONDS = 24 * 3600
_STATUS = {"too_large": 413, "gzip_bomb": 413, "unsupported_encoding": 415}


@contextmanager
def folder() -> Iterator[Path]:
    """Yield a folder for one upload and delete it afterwards.

    Also delete what is older than a day: killed processes left it behind.
    """
    parent = Path(settings.UPLOADS_DIR)
    parent.mkdir(parents=True, exist_ok=True)
    before = files_now(parent) - _ABANDONED_SECONDS
    for other in parent.iterdir():
        if _written_at(other) < before:
            _delete(other)
    with tempfile.TemporaryDirectory(dir=parent) as name:
        yield Path(name)


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        # Another process deleted it after it was listed.
        return math.inf


def _delete(other: Path) -> None:
    """Delete the folder of an upload, or a temporary file that Django made for a form."""
    if other.is_dir():
        shutil.rmtree(other, ignore_errors=True)
    else:
        other.unlink(missing_ok=True)


@contextmanager
def format_errors_refused() -> Iterator[None]:
    """Raise each FormatError of the block as Refused, with the HTTP status of its code."""
    try:
        yield
    except FormatError as error:
        entry = error.as_error()
        entry["field"] = entry["field"] or "body"
        status = _STATUS.get(error.code, 400)
        raise Refused(
            error.code, f"{entry['field']}: {error.message}", status=status, errors=[entry]
        ) from error


def _kind(request: HttpRequest) -> str:
    return (request.content_type or "application/octet-stream").lower()


def check_kind(request: HttpRequest) -> None:
    """Check the Content-Type. Raises: Refused (415) if it cannot be imported."""
    kind = _kind(request)
    if kind not in (*RAW_TYPES, MULTIPART):
        known = ", ".join((*RAW_TYPES[:2], MULTIPART))
        raise Refused(
            "unsupported_media_type",
            f"The Content-Type {kind[:80]} cannot be imported. Send one of {known}.",
            status=415,
        )


def length_of(request: HttpRequest) -> int | None:
    """Return the body's Content-Length in bytes; None without that header, as for a chunked body."""
    length = str(request.META.get("CONTENT_LENGTH") or "")
    return int(length[:20]) if length.isdecimal() else None


def receive(request: HttpRequest, folder: Path) -> Spooled:
    """Spool the upload of a request whose headers were checked into `folder`.

    Raises: Refused if the body is incomplete or may be, FormatError if it is too large or cannot be read.
    """
    body = _Body(request)
    encoding = request.headers.get("Content-Encoding")
    if _kind(request) != MULTIPART:
        spooled = spool(body, folder / "rows", encoding=encoding, limits=limits())
        if body.length is None and body.count and not _has_end_mark(spooled):
            raise _length_required()
    else:
        if body.length is None:
            raise _length_required()
        if encoding:
            words = "A form must have no Content-Encoding. Gzip the file inside it instead."
            raise FormatError("unsupported_encoding", words)
        spooled = _from_form(request, body, folder)
    body.check_complete()
    return spooled


def _has_end_mark(spooled: Spooled) -> bool:
    """Return whether the format marks its end, so that a reader notices a missing part: gzip and JSON arrays do."""
    if spooled.was_gzip:
        return True
    with spooled.path.open("rb") as file:
        return Rows(file, ItemLimits()).ends_itself


def _length_required() -> Refused:
    # Some servers end a chunked body in the same way whether the sender finished or disconnected.
    words = (
        "Send a Content-Length header, or gzip, or a JSON array. "
        "Otherwise the server cannot tell whether the whole upload has arrived."
    )
    return Refused("length_required", words, status=411)


def too_large() -> str:
    """Return the message that an upload is too large."""
    return f"An upload may have at most {settings.IMPORT_MAX_BYTES:,} bytes. Send several smaller files."


def limits() -> SpoolLimits:
    """Return the size limits of one upload."""
    most = settings.IMPORT_MAX_BYTES
    return SpoolLimits(received=most, unpacked=2 * most)


def _from_form(request: HttpRequest, body: "_Body", folder: Path) -> Spooled:
    length = str(body.length if body.length is not None else settings.IMPORT_MAX_BYTES)
    meta = {**request.META, "CONTENT_LENGTH": length}
    handler = TemporaryFileUploadHandler(request)
    try:
        fields, files = MultiPartParser(meta, body, [handler], "utf-8").parse()  # type: ignore[arg-type]
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise FormatError("bad_form", f"The form cannot be read: {error}"[:200]) from error
    sent = [(name, file) for name, many in files.lists() for file in many]
    try:
        return _only_file(sent, fields, folder)
    finally:
        for _name, file in sent:
            file.close()


def _only_file(sent: list[tuple[str, Any]], fields: Any, folder: Path) -> Spooled:
    for name in (*fields, *(name for name, _ in sent if name != FIELD)):
        raise invalid(
            str(name)[:60], f"This field is not known. Send one file, in the field '{FIELD}'."
        )
    if not sent:
        raise invalid(FIELD, "The file is missing, or the form ended too early. Send it again.")
    if len(sent) > 1:
        raise invalid(FIELD, "The form has several files. Send exactly one.")
    file = sent[0][1]
    with Path(file.temporary_file_path()).open("rb") as stream:
        return spool(stream, folder / "rows", limits=limits())


class _Body(Readable):
    """The raw body of a request, chunked or not. Counts the bytes read and limits them."""

    def __init__(self, request: HttpRequest) -> None:
        self.length = length_of(request)
        self.count = 0
        self._stream = bodies.stream_of(request)

    def read(self, size: int = -1, /) -> bytes:
        try:
            block: bytes = self._stream.read(size)
        except OSError as error:
            raise self._interrupted() from error
        self.count += len(block)
        if self.count > settings.IMPORT_MAX_BYTES:
            raise FormatError("too_large", too_large())
        return block

    def check_complete(self) -> None:
        """Refuse a body that is shorter than its Content-Length: it was cut off, perhaps between two rows."""
        if self.length is not None and self.count < self.length:
            raise self._interrupted()

    def _interrupted(self) -> Refused:
        words = f"The upload ended early, after {self.count:,} bytes. Send it again."
        return Refused(
            "interrupted", words, errors=[{"row": None, "field": "body", "message": words}]
        )
