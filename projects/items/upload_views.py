"""Import by a form: the file comes in outside any transaction, and only from those who may (`upload_flow`)."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from projects.formats.reading.spool import Readable, spool
from projects.items import imports, selectors, upload_flow, uploads
from projects.items.models import Batch
from projects.items.views import address, batch_page
from rlhfhub.api import throttles
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.decorators import MemberRequest, as_member, unscoped
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web import bodies
from rlhfhub.web.pages import go
from rlhfhub.web.views import too_many_writes


@csrf_exempt  # `_import` checks the token: it stands in the body, which is read only after we know who sends it
@unscoped
@require_POST
def batch_import(request: HttpRequest, slug: str, batch_id: uuid.UUID) -> HttpResponse:
    """Take the file or the pasted text of the form; a refusal shows the batch's page with every wrong row."""
    with planes.at_door():
        signed_in = request.user.is_authenticated
    if not signed_in:
        return redirect_to_login(reverse("batch", args=[slug, batch_id]))
    return _take(cast(MemberRequest, request), slug, batch_id)


def _take(request: MemberRequest, slug: str, batch_id: uuid.UUID) -> HttpResponse:
    sender = _Form(request, slug, batch_id)
    try:
        if (wanted := upload_flow.look(sender)) is not None:
            return wanted
        request.upload_handlers = [TemporaryFileUploadHandler(request)]
        return _import(request, sender)
    except _TooMany as many:
        return too_many_writes(request, many.seconds)
    except Refused as refused:
        error = refused
    except RequestDataTooBig:
        error = Refused("too_large", "This is too much to paste; send it as a file.")
    return _refused(sender, error)


@csrf_protect
def _import(request: MemberRequest, sender: "_Form") -> HttpResponse:
    return upload_flow.take(sender)


class _TooMany(Exception):
    """One costly write too many; there may be another in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class _Form:
    """The sender is a member, at a page."""

    def __init__(self, request: MemberRequest, slug: str, batch_id: uuid.UUID) -> None:
        self.request, self._slug, self._batch_id = request, slug, batch_id

    @contextmanager
    def inside(self, *, first: bool) -> Iterator[Batch]:
        """The membership is looked up anew each time."""
        with planes.at_door(), as_member(self.request, self._slug, Capability.EDIT):
            batch = selectors.batch_of(self._batch_id)
            # An upload counts once: when its headers are judged, if they are judged alone.
            if first and not bodies.is_wanted(self.request):
                self._count(batch)
            yield batch

    def _count(self, batch: Batch) -> None:
        if seconds := throttles.seconds_to_wait("imports", batch.workspace_id):
            raise _TooMany(seconds)

    def is_answered(self) -> bool:
        """A form has no key to be answered by."""
        return False

    def check_headers(self) -> None:
        """Browsers say how long a form is."""
        if uploads.length_of(self.request) is None:
            raise Refused("length_required", "Send the form with its length.", status=411)

    def receive(self, folder: Path) -> imports.Upload:
        """The file of the form, or the pasted text."""
        fields = self.request.POST
        spooled = spool(self._source(), folder / "rows", limits=uploads.limits())
        return imports.Upload(
            spooled.path,
            spooled.sha256,
            "skip" if fields.get("on_error") == "skip" else "abort",
            "skip" if fields.get("on_same") == "skip" else "keep",
        )

    def _source(self) -> Readable:
        file = self.request.FILES.get("file")
        if file is not None:
            return file
        text = str(self.request.POST.get("text", ""))
        if not text.strip():
            raise invalid("file", "choose a file, or paste items")
        return BytesIO(text.encode())

    def store(self, batch: Batch, upload: imports.Upload) -> HttpResponse:
        """Load it, and show the batch's page with the receipt."""
        imports.load(batch=batch, upload=upload, actor_id=self.request.user.pk)
        return go(self.request, address(self.request, self._batch_id))


def _refused(sender: _Form, error: Refused) -> HttpResponse:
    request = sender.request
    text = str(request.POST.get("text", "")) if hasattr(request, "_post") else ""
    with sender.inside(first=False) as batch:
        context = {"import_error": error, "import_text": text, "receipt": None}
        return batch_page(request, batch, context, status=422)
