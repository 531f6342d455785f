"""Import of keyed items by the form of their page."""

import uuid
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from projects.formats.reading.spool import Spooled
from projects.items import imports, pools
from projects.items.models import Batch
from projects.items.upload_views import FormSender, by_form
from projects.overview.views.keyed import keyed_page
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.decorators import MemberRequest, unscoped
from rlhfhub.web.pages import go


@csrf_exempt  # `by_form` checks the token: it is in the body, which is read only after the sender is authenticated
@unscoped
@require_http_methods(["GET", "POST"])
def keyed_import(request: HttpRequest, slug: str, project_id: uuid.UUID) -> HttpResponse:
    """Import the file or the pasted text, all rows or none. A refusal shows the page with the wrong rows.

    GET, as when the page of a refused import is opened again, leads to the page with the form.
    """
    if request.method == "GET":
        return redirect("keyed_items", slug, project_id)
    return by_form(_KeyedSender(cast(MemberRequest, request), slug, project_id))


class _KeyedSender(FormSender):
    """The form of the page of a project's keyed items."""

    def page(self) -> str:
        return reverse("keyed_items", args=[self.slug, self.pk])

    def batch(self) -> Batch:
        # A project that judges answers of others has no keyed items.
        rows = Project.objects.select_related("form").filter(purpose=Project.Purpose.WORK)
        project: Project = get_object_or_404(rows, pk=self.pk)
        return pools.pool_of(project)

    def upload_of(self, spooled: Spooled) -> imports.Upload:
        return imports.Upload(spooled.path, spooled.sha256, "abort")

    def show_receipt(self, receipt: imports.Receipt) -> HttpResponse:
        words = ngettext(
            "%d right answer was imported", "%d right answers were imported", receipt.keys
        )
        known = receipt.received - receipt.created
        of = f"for {receipt.created} new items" + (f" and {known} known ones" if known else "")
        messages.success(self.request, f"{words % receipt.keys}, {of}.")
        for warning in receipt.warnings:
            rows = ngettext("%s row", "%s rows", warning.count) % f"{warning.count:,}"
            messages.warning(self.request, f"In {rows}: {warning.words}")
        return go(self.request, self.page())

    def show_refusal(self, batch: Batch, error: Refused, text: str) -> HttpResponse:
        more = {"import_error": error, "import_text": text}
        return keyed_page(self.request, self.pk, more, status=422)
