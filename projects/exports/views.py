"""The pages of a project's exports: request one, watch its progress, download its files."""

import uuid

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from projects.exports import selectors, services, storage
from projects.exports.changes import Changes, changes_of
from projects.exports.forms import ExportForm
from projects.exports.models import Export
from projects.plan.pages import project_context
from rlhfhub.api import throttles
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import go, page_or_partial, refusals_on
from rlhfhub.web.queries import takes
from rlhfhub.web.views import too_many_writes

SIZE = 20


@takes("cursor")
@require_http_methods(["GET", "POST"])
@workspace_view(Capability.VIEW)
def exports(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """List the project's exports, newest first; POST requests another."""
    context = project_context(request, project_id, "exports")
    form = ExportForm(request.POST or None, project=context["project"])
    if request.method == "POST":
        if not request.member.may(Capability.EXPORT):
            raise PermissionDenied
        if form.is_valid():
            if seconds := throttles.seconds_to_wait("exports", request.member.workspace.pk):
                return too_many_writes(request, seconds)
            with refusals_on(form):
                services.request(
                    project=context["project"],
                    dataset=form.cleaned_data["dataset"],
                    batch=form.chosen_batch(),
                    include_undecided=form.cleaned_data["include_undecided"],
                    actor_id=request.member.user.pk,
                )
            if form.is_valid():
                return go(
                    request, reverse("exports", args=[request.member.workspace.slug, project_id])
                )
    listing = listed(_of(project_id), request, "-number", size=SIZE)
    changes = changes_of(listing.rows)
    shown = [selectors.shown(row, changes.get(row.pk, Changes())) for row in listing.rows]
    finished = [export for export in listing.rows if export.state == Export.State.FINISHED]
    context |= {
        "form": form,
        "exports": shown,
        "listing": listing,
        "folder_name": storage.folder_name(finished[0]) if finished else "export",
        "any_running": any(one.is_running for one in shown),
    }
    status = 422 if form.is_bound and form.errors else 200
    return page_or_partial(
        request,
        "projects/exports/exports.html",
        "projects/exports/_exports.html",
        context,
        status=status,
    )


def _of(project_id: uuid.UUID) -> QuerySet[Export]:
    rows = Export.objects.filter(project_id=project_id)
    return rows.select_related("batch", "workspace")


@takes("file")
@require_GET
@workspace_view(Capability.EXPORT)
def export_download(request: MemberRequest, export_id: uuid.UUID) -> HttpResponseBase:
    """Send a file of a finished export, by its listed name; without a name, the whole folder as a zip file."""
    export = get_object_or_404(Export, pk=export_id, state=Export.State.FINISHED)
    name = request.GET.get("file") or storage.ARCHIVE
    path = storage.open_file(export, name)
    if path is None:
        raise Http404
    # The file is sent after this transaction has ended, which is safe because it never changes.
    saved_as = f"{storage.folder_name(export)}.zip" if name == storage.ARCHIVE else path.name
    return FileResponse(path.open("rb"), as_attachment=True, filename=saved_as)
