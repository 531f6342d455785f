"""The pages of a project's alerts, for members."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from projects.plan.pages import project_context
from projects.quality.alerts import selectors, services
from projects.quality.alerts.boards import AFFECTED
from projects.quality.alerts.forms import DecisionForm, FilterForm
from projects.quality.alerts.models import Alert
from projects.quality.alerts.standing import standing_of
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.listing import listed
from rlhfhub.web.pages import Page, focus_first_error, go, refusals_on
from rlhfhub.web.queries import takes

NEAREST, ANSWERS = 10, 20


@takes("cursor", form=("state", "kind"))
@require_GET
@workspace_view(Capability.VIEW)
def alerts(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """List a project's alerts, and who is near to one."""
    context = project_context(request, project_id, "quality")
    form = FilterForm(request.GET)
    if not form.is_valid():
        raise Http404
    listing = listed(selectors.alerts_of(context["project"], **_filters(form)), request, "-id")
    context |= {
        "form": form,
        "listing": listing,
        "alerts": [selectors.shown(alert) for alert in listing.rows],
        "counts": selectors.counts_of(project_id),
        "nearest": list(selectors.nearest(project_id)[:NEAREST]),
    }
    return Page(request, "projects/quality/alerts/alerts.html", context)


def _filters(form: FilterForm) -> dict[str, str]:
    return {name: form.cleaned_data[name] for name in ("state", "kind")}


@takes("cursor")
@require_GET
@workspace_view(Capability.VIEW)
def alert(request: MemberRequest, alert_id: uuid.UUID) -> HttpResponse:
    """Show an alert with its evidence, what it puts in doubt and what to do."""
    found = _alert(alert_id)
    return _show(request, found, DecisionForm(initial={"flag_answers": True}))


@require_http_methods(["GET", "POST"])
@workspace_view(Capability.EDIT)
def decide(request: MemberRequest, alert_id: uuid.UUID) -> HttpResponse:
    """Uphold or lift an alert. GET, as after a refused decision, leads back to its page."""
    found, actor_id = _alert(alert_id), request.member.user.pk
    if request.method == "GET":
        return go(request, reverse("alert", args=[request.member.workspace.slug, alert_id]))
    form = DecisionForm(request.POST)
    if form.is_valid():
        given = dict(form.cleaned_data)
        is_upheld = given.pop("verdict") == "uphold"
        recalibration = selectors.recalibration_of(found)
        with refusals_on(form):
            if is_upheld:
                services.uphold(alert=found, actor_id=actor_id, **given)
            else:
                services.lift(alert=found, actor_id=actor_id, note=given["note"])
    if not form.is_valid():
        return _show(request, found, form, status=422)
    messages.success(request, "Upheld." if is_upheld else "Lifted: the work goes on as before.")
    if given.get("recalibrate") and recalibration and recalibration.follows:
        messages.info(request, recalibration.words)
    return go(request, reverse("alert", args=[request.member.workspace.slug, alert_id]))


def _alert(alert_id: uuid.UUID) -> Alert:
    rows = Alert.objects.select_related("enrollment", "project__form")
    found: Alert = get_object_or_404(rows, pk=alert_id)
    return found


def _decided_by(alert: Alert) -> User | None:
    """Return the member who decided; None if nobody did."""
    if alert.decided_by_id is None:
        return None
    found: User | None = User.objects.filter(pk=alert.decided_by_id).first()
    return found


def _show(
    request: MemberRequest, found: Alert, form: DecisionForm, *, status: int = 200
) -> HttpResponse:
    focus_first_error(form)
    context = project_context(request, found.project_id, "quality")
    enrollment = found.enrollment
    if enrollment is None:
        form.fields["note"].help_text = "It is kept with the alert, for members."
    recalibration = selectors.recalibration_of(found)
    if recalibration and not recalibration.is_possible and not recalibration.follows:
        form.fields["recalibrate"].widget.attrs["disabled"] = True
    listing = listed(selectors.affected_rows(found), request, "-id", size=ANSWERS)
    answers = selectors.compared_with_others(found, listing.rows) if listing.rows else []
    context |= {
        "shown": selectors.shown(found),
        "details": selectors.details_of(found),
        "standing": standing_of(found),
        "funding": AFFECTED.panel("funding", found),
        "listing": listing,
        "answers": answers,
        "has_keyed": any(answer.keyed for answer in answers),
        "form": form,
        "recalibration": recalibration,
        "decided_by": _decided_by(found),
        "is_own": enrollment is not None and enrollment.annotator_id == request.member.user.pk,
    }
    return Page(request, "projects/quality/alerts/alert.html", context, status=status)
