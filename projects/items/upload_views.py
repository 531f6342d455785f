"""Import by a form: the file comes in outside any transaction, and only from those who may.

Three parts as over REST: a short look at who asks and whether the batch takes items; the body to disk, without the
database; one transaction that checks every row and stores all of it. Before the first part nothing of the body is read:
of a long one the server asks us first (rlhfhub.web.bodies), and calls again with it.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from projects.formats.intake import OnError
from projects.formats.spool import Readable, spool
from projects.items import imports, selectors, uploads
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
    try:
        with _inside(request, slug, batch_id) as batch:
            imports.check_importable(batch)
            seconds = throttles.seconds_to_wait("imports", batch.workspace_id)
        if seconds:
            return too_many_writes(request, seconds)
        _check_length(request)
        if bodies.is_announced(request):
            return bodies.wanted(request, str(batch.workspace_id))
        request.upload_handlers = [TemporaryFileUploadHandler(request)]
        return _import(request, slug, batch_id)
    except Refused as refused:
        error = {"detail": refused.detail, "errors": refused.errors}
    except RequestDataTooBig:
        error = {"detail": "This is too much to paste; send it as a file.", "errors": []}
    return _refused(request, slug, batch_id, error)


@contextmanager
def _inside(request: MemberRequest, slug: str, batch_id: uuid.UUID) -> Iterator[Batch]:
    """A transaction of its own in the workspace plane; the membership is looked up anew each time."""
    with planes.at_door(), as_member(request, slug, Capability.EDIT):
        yield selectors.batch_of(batch_id)


def _check_length(request: MemberRequest) -> None:
    length = str(request.META.get("CONTENT_LENGTH") or "")
    if not length.isdecimal() or int(length[:20]) > settings.IMPORT_MAX_BYTES:
        raise Refused(
            "too_large", f"A file may have {settings.IMPORT_MAX_BYTES:,} bytes at most.", status=413
        )


@csrf_protect
def _import(request: MemberRequest, slug: str, batch_id: uuid.UUID) -> HttpResponse:
    on_error: OnError = "skip" if request.POST.get("on_error") == "skip" else "abort"
    with uploads.folder() as folder:
        with uploads.refusing():
            spooled = spool(_source(request), folder / "rows", limits=uploads.limits())
        upload = imports.Upload(spooled.path, spooled.sha256, on_error)
        with _inside(request, slug, batch_id) as batch, uploads.refusing():
            imports.load(batch=batch, upload=upload, actor_id=request.user.pk)
            to = address(request, batch_id)
    return go(request, to)


def _source(request: MemberRequest) -> Readable:
    file = request.FILES.get("file")
    if file is not None:
        return file
    text = str(request.POST.get("text", ""))
    if not text.strip():
        raise invalid("file", "choose a file, or paste items")
    return BytesIO(text.encode())


def _refused(
    request: MemberRequest, slug: str, batch_id: uuid.UUID, error: dict[str, Any]
) -> HttpResponse:
    text = str(request.POST.get("text", "")) if hasattr(request, "_post") else ""
    with _inside(request, slug, batch_id) as batch:
        return batch_page(
            request,
            batch,
            {"import_error": error, "import_text": text, "receipt": None},
            status=422,
        )
