"""An upload on its way in: the body of a request goes to disk under caps, outside any transaction."""

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
RAW = (
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
    """A folder for one upload, gone afterwards. Those of killed processes go after a day."""
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
        # Its upload has ended since it was listed.
        return math.inf


def _delete(other: Path) -> None:
    """A folder of ours, or a file that Django kept of a form."""
    if other.is_dir():
        shutil.rmtree(other, ignore_errors=True)
    else:
        other.unlink(missing_ok=True)


@contextmanager
def refusing() -> Iterator[None]:
    """What cannot be read becomes a refusal for the sender."""
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
    """Raises Refused for a Content-Type that no upload has."""
    kind = _kind(request)
    if kind not in (*RAW, MULTIPART):
        known = ", ".join((*RAW[:2], MULTIPART))
        raise Refused(
            "unsupported_media_type", f"Send one of {known}, not {kind[:80]}.", status=415
        )


def length_of(request: HttpRequest) -> int | None:
    """The announced length of the body; None where it comes in chunks."""
    length = str(request.META.get("CONTENT_LENGTH") or "")
    return int(length[:20]) if length.isdecimal() else None


def receive(request: HttpRequest, folder: Path) -> Spooled:
    """Spool the upload of `request`, whose headers were checked, into `folder`. Raises Refused and FormatError."""
    body = _Body(request)
    encoding = request.headers.get("Content-Encoding")
    if _kind(request) != MULTIPART:
        spooled = spool(body, folder / "rows", encoding=encoding, limits=limits())
        if body.length is None and body.count and not _ends_itself(spooled):
            raise _unmeasured()
    else:
        if body.length is None:
            raise _unmeasured()
        if encoding:
            raise FormatError("unsupported_encoding", "gzip the file inside the form, not the form")
        spooled = _from_form(request, body, folder)
    body.check_whole()
    return spooled


def _ends_itself(spooled: Spooled) -> bool:
    """Whether a reader would notice that its end is missing: of gzip or an array, not of lines."""
    if spooled.was_gzip:
        return True
    with spooled.path.open("rb") as file:
        return Rows(file, ItemLimits()).ends_itself


def _unmeasured() -> Refused:
    # A server that hands over chunks as they come does not tell a body that broke off from one that ended.
    words = "Send Content-Length, or gzip, or a JSON array: of other bodies we could not tell that all has come."
    return Refused("length_required", words, status=411)


def limits() -> SpoolLimits:
    """The caps of one upload."""
    most = settings.IMPORT_MAX_BYTES
    return SpoolLimits(received=most, unpacked=2 * most)


def _from_form(request: HttpRequest, body: "_Body", folder: Path) -> Spooled:
    length = str(body.length if body.length is not None else settings.IMPORT_MAX_BYTES)
    meta = {**request.META, "CONTENT_LENGTH": length}
    handler = TemporaryFileUploadHandler(request)
    try:
        fields, files = MultiPartParser(meta, body, [handler], "utf-8").parse()  # type: ignore[arg-type]
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise FormatError("bad_form", f"the form cannot be read: {error}"[:200]) from error
    sent = [(name, file) for name, many in files.lists() for file in many]
    try:
        return _only_file(sent, fields, folder)
    finally:
        for _name, file in sent:
            file.close()


def _only_file(sent: list[tuple[str, Any]], fields: Any, folder: Path) -> Spooled:
    for name in (*fields, *(name for name, _ in sent if name != FIELD)):
        raise invalid(str(name)[:60], f"unknown field; the form has one file named '{FIELD}'")
    if not sent:
        raise invalid(FIELD, "there is none, or the form broke off before its end")
    if len(sent) > 1:
        raise invalid(FIELD, "exactly one file must be sent")
    file = sent[0][1]
    with Path(file.temporary_file_path()).open("rb") as stream:
        return spool(stream, folder / "rows", limits=limits())


class _Body(Readable):
    """The raw body: read once, counted, chunked or not."""

    def __init__(self, request: HttpRequest) -> None:
        self.length = length_of(request)
        self.count = 0
        self._stream = bodies.stream_of(request)

    def read(self, size: int = -1, /) -> bytes:
        try:
            block: bytes = self._stream.read(size)
        except OSError as error:
            raise self._broken() from error
        self.count += len(block)
        if self.count > settings.IMPORT_MAX_BYTES:
            raise FormatError("too_large", f"at most {settings.IMPORT_MAX_BYTES} bytes are taken")
        return block

    def check_whole(self) -> None:
        """A body that ended before its announced length was cut off, perhaps between two rows."""
        if self.length is not None and self.count < self.length:
            raise self._broken()

    def _broken(self) -> Refused:
        words = f"The upload broke off after {self.count} bytes; nothing was taken."
        return Refused(
            "interrupted", words, errors=[{"row": None, "field": "body", "message": words}]
        )
