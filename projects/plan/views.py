"""Pages: create a project; read, write and publish its guidelines."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from projects.plan import publishing, services
from projects.plan.forms import GuidelineForm, ProjectForm, PublishForm, WatchForm
from projects.plan.guidelines import Comparison, compare_with, published_before
from projects.plan.models import GuidelineVersion, Project
from projects.plan.pages import project_context
from projects.plan.templates import TEMPLATES
from projects.plan.versions import reading_of
from rlhfhub.ground.numbers import whole
from rlhfhub.ground.refusals import invalid
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page, go, refusals_as_messages, refusals_on, workspace_context
from rlhfhub.web.queries import takes

form_methods = require_http_methods(["GET", "POST"])


@form_methods
@workspace_view(Capability.EDIT)
def project_new(request: MemberRequest) -> HttpResponse:
    """Create a project from a template."""
    member = request.member
    form = ProjectForm(request.POST or None, currency=member.workspace.currency)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            project = services.create_project(
                workspace=member.workspace, created_by_id=member.user.pk, **form.service_arguments()
            )
        if form.is_valid():
            return go(request, reverse("project", args=[member.workspace.slug, project.pk]))
    context = {
        **workspace_context(request, "projects"),
        "form": form,
        "templates": list(TEMPLATES.values()),
        "chosen": form["template"].value() or next(iter(TEMPLATES)),
    }
    return Page(
        request, "projects/plan/project_new.html", context, status=422 if form.errors else 200
    )


@require_POST
@workspace_view(Capability.EDIT)
def watch(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Save the project's rules: who may answer how, what an alert about accuracy does, what has a right answer."""
    rows = Project.objects.select_related("form")
    project: Project = get_object_or_404(rows, pk=project_id)
    form = WatchForm(request.POST, project=project)
    if form.is_valid():
        services.set_watch(project=project, actor_id=request.member.user.pk, **form.cleaned_data)
        messages.success(request, "Saved. It holds from the next answer and the next alert on.")
    else:
        messages.error(request, "Choose what an alert does, and save again.")
    return go(request, reverse("project", args=[request.member.workspace.slug, project_id]))


@takes("cursor", "version")
@form_methods
@workspace_view(Capability.VIEW)
def guidelines(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Show one version and list all. A member who may edit can save the next version and publish it."""
    context = project_context(request, project_id, "guidelines")
    project = context["project"]
    form = GuidelineForm(request.POST or None)
    if request.method == "POST":
        if not request.member.may(Capability.EDIT):
            raise PermissionDenied
        if request.POST.get("action") == "publish":
            return _publish(request, project, _version(project, request.POST.get("number")))
        if form.is_valid():
            with refusals_on(form):
                version = services.draft_guideline(
                    project=project, created_by_id=request.member.user.pk, **form.cleaned_data
                )
            if form.is_valid():
                return _saved(request, project, version)
    versions = GuidelineVersion.objects.filter(project=project)
    newest = versions.order_by("-number").first()
    context |= _shown(request, project, newest)
    if not form.is_bound and newest:
        form = GuidelineForm(initial={"text": newest.text})
    context |= {
        "form": form,
        "listing": listed(versions.defer("text", "rules"), request, "-number"),
    }
    status = 422 if form.is_bound and form.errors else 200
    return Page(request, "projects/plan/guidelines.html", context, status=status)


def _saved(request: MemberRequest, project: Project, version: GuidelineVersion) -> HttpResponse:
    if request.POST.get("then") == "publish":
        if not (because := _not_announced(request, version)):
            return _publish(request, project, version)
        messages.warning(
            request,
            f"Version {version.number} is saved and not published yet, because {' and '.join(because)}. See below what "
            "publishing it means for them.",
        )
        return go(request, _address(request, project))
    messages.success(
        request, f"Version {version.number} is saved. It is not in force until you publish it."
    )
    return go(request, _address(request, project))


def _not_announced(request: MemberRequest, version: GuidelineVersion) -> list[str]:
    """Return what publishing the version means for keyed items and was not on the page from which it was sent."""
    announced = set(request.POST.getlist("announced"))
    shown = any(str(one.item_id) not in announced for one in publishing.retired_by(version))
    found = ["it shows keyed items"] if shown else []
    return [
        *found,
        *(["right answers cite rules that it lacks"] if publishing.lost_by(version) else []),
    ]


def _reading(request: MemberRequest, project: Project) -> int | None:
    """Return what the member wants reading to pay, in minor units; None for the least that it pays.

    Raises: Refused for what is no amount.
    """
    form = PublishForm(request.POST, currency=project.currency)
    if not form.is_valid():
        raise invalid("reading_minor", str(form.errors["reading"][0]))
    amount: int | None = form.cleaned_data["reading"]
    return amount


def _publish(request: MemberRequest, project: Project, version: GuidelineVersion) -> HttpResponse:
    with refusals_as_messages(request):
        services.publish_guideline(
            version=version,
            actor_id=request.member.user.pk,
            reading_minor=_reading(request, project),
        )
        messages.success(request, f"Version {version.number} is in force.")
    return go(request, _address(request, project))


def _address(request: MemberRequest, project: Project) -> str:
    return reverse("guidelines", args=[request.member.workspace.slug, project.pk])


def _version(project: Project, number: str | None) -> GuidelineVersion:
    version: GuidelineVersion = get_object_or_404(
        GuidelineVersion, project=project, number=whole(number)
    )
    return version


def _shown(
    request: MemberRequest, project: Project, newest: GuidelineVersion | None
) -> dict[str, object]:
    """Return the context of the version shown: the requested one, else the one in force, else the newest.

    Raises: Http404 if the requested version does not exist.
    """
    published = project.guideline_version
    unpublished = newest if newest and not newest.published_at else None
    requested = request.GET.get("version")
    shown = _version(project, requested) if requested else published or unpublished
    return {
        "published": published,
        "draft": unpublished,
        "retires": publishing.retired_by(unpublished) if unpublished else [],
        "lost_rules": publishing.lost_by(unpublished) if unpublished else [],
        "reading": reading_of(unpublished, project) if unpublished else None,
        "shown": shown,
        "changes": _changes(request, shown) if shown else None,
    }


def _changes(request: MemberRequest, shown: GuidelineVersion) -> Comparison | None:
    """Compare with the version that `since` names, else with the one published before."""
    since = whole(request.GET.get("since")) or published_before(shown)
    return compare_with(shown, since)
