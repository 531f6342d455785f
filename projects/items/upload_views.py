"""Import by a form: that of a batch's page, and those of other rooms that subclass `FormSender`.

The file is received outside any transaction (see `upload_flow`).
"""

import uuid
from abc import ABC, abstractmethod
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

from projects.formats.reading.spool import Readable, Spooled, spool
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


@csrf_exempt  # `_import` checks the token: it is in the body, which is read only after the sender is authenticated
@unscoped
@require_POST
def batch_import(request: HttpRequest, slug: str, batch_id: uuid.UUID) -> HttpResponse:
    """Import the file or the pasted text. A refusal shows the batch's page with the wrong rows."""
    return by_form(_BatchSender(cast(MemberRequest, request), slug, batch_id))


def by_form(sender: "FormSender") -> HttpResponse:
    """Import what the sender's form brings. The view is exempt from the check of the token, which is made here."""
    anybody: HttpRequest = sender.request
    with planes.at_door():
        signed_in = anybody.user.is_authenticated
    if not signed_in:
        return redirect_to_login(sender.page())
    request = sender.request
    try:
        if (wanted := upload_flow.check_headers(sender)) is not None:
            return wanted
        request.upload_handlers = [TemporaryFileUploadHandler(request)]
        return _import(request, sender)
    except _ThrottledError as throttled:
        return too_many_writes(request, throttled.seconds)
    except Refused as refused:
        error = refused
    except RequestDataTooBig:
        error = Refused("too_large", "The pasted text is too long. Upload it as a file instead.")
    text = str(request.POST.get("text", "")) if hasattr(request, "_post") else ""
    with sender.transaction(first=False) as batch:
        return sender.show_refusal(batch, error, text)


@csrf_protect
def _import(request: MemberRequest, sender: "FormSender") -> HttpResponse:
    return upload_flow.import_body(sender)


class _ThrottledError(Exception):
    """Raised when the workspace imports too often. It may import again in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class FormSender(ABC):
    """A sender that is a signed-in member using a page's form. `pk` names what the page is about."""

    def __init__(self, request: MemberRequest, slug: str, pk: uuid.UUID) -> None:
        self.request, self.slug, self.pk = request, slug, pk

    @abstractmethod
    def page(self) -> str:
        """Return the path of the page with the form."""

    @abstractmethod
    def batch(self) -> Batch:
        """Return the batch that the items go to. Workspace plane. Raises: Http404."""

    @abstractmethod
    def upload_of(self, spooled: Spooled) -> imports.Upload:
        """Return the upload with the choices that the form makes."""

    @abstractmethod
    def show_receipt(self, receipt: imports.Receipt) -> HttpResponse:
        """Return the response after an import."""

    @abstractmethod
    def show_refusal(self, batch: Batch, error: Refused, text: str) -> HttpResponse:
        """Return the page with the error, and the text that was pasted."""

    @contextmanager
    def transaction(self, *, first: bool) -> Iterator[Batch]:
        """Check the membership again each time: it may have ended while the body arrived."""
        with planes.at_door(), as_member(self.request, self.slug, Capability.EDIT):
            batch = self.batch()
            # Count an upload once: not again in the second call, which brings the body after its headers were checked.
            if first and not bodies.is_wanted(self.request):
                self._check_throttle(batch)
            yield batch

    def _check_throttle(self, batch: Batch) -> None:
        if seconds := throttles.seconds_to_wait("imports", batch.workspace_id):
            raise _ThrottledError(seconds)

    def is_answered(self) -> bool:
        """Return False: a form has no Idempotency-Key, so no response is stored for it."""
        return False

    def check_headers(self) -> None:
        """Require the Content-Length, which browsers send with every form."""
        if uploads.length_of(self.request) is None:
            raise Refused(
                "length_required",
                "The form has no Content-Length header, so it was not read. Send it again with one.",
                status=411,
            )

    def receive(self, folder: Path) -> imports.Upload:
        """Spool the form's file, or the pasted text."""
        return self.upload_of(spool(self._source(), folder / "rows", limits=uploads.limits()))

    def _source(self) -> Readable:
        file = self.request.FILES.get("file")
        if file is not None:
            return file
        text = str(self.request.POST.get("text", ""))
        if not text.strip():
            raise invalid("file", "Choose a file, or paste items.")
        return BytesIO(text.encode())

    def store(self, batch: Batch, upload: imports.Upload) -> HttpResponse:
        """Import the upload and show its receipt."""
        receipt = imports.load(batch=batch, upload=upload, actor_id=self.request.user.pk)
        return self.show_receipt(receipt)


class _BatchSender(FormSender):
    """The form of a batch's page, which shows the receipt of its last import."""

    def page(self) -> str:
        return reverse("batch", args=[self.slug, self.pk])

    def batch(self) -> Batch:
        return selectors.batch_of(self.pk)

    def upload_of(self, spooled: Spooled) -> imports.Upload:
        fields = self.request.POST
        return imports.Upload(
            spooled.path,
            spooled.sha256,
            "skip" if fields.get("on_error") == "skip" else "abort",
            "skip" if fields.get("on_same") == "skip" else "keep",
        )

    def show_receipt(self, receipt: imports.Receipt) -> HttpResponse:
        return go(self.request, address(self.request, self.pk))

    def show_refusal(self, batch: Batch, error: Refused, text: str) -> HttpResponse:
        context = {"import_error": error, "import_text": text, "receipt": None}
        return batch_page(self.request, batch, context, status=422)
