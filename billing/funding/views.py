"""Funding a batch, and its progress."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from billing.funding import replacements, reserve, selectors, services
from billing.funding.forms import FundForm, MoreAnswersForm, MoreAnswersToItemsForm, TopUpForm
from billing.funding.models import Funding
from projects.items import selectors as items
from projects.items.models import Batch, Item
from projects.quality.alerts.models import Alert
from rlhfhub.api import throttles
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.pages import go, part, refusals_as_messages, wants_part
from rlhfhub.web.views import too_many_writes


@require_POST
@workspace_view(Capability.SPEND)
def batch_fund(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Set aside the money for every answer and make the slots; a worker makes those of a large batch."""
    batch = items.batch_of(batch_id)
    if seconds := throttles.seconds_to_wait("funding", batch.workspace_id):
        return too_many_writes(request, seconds)
    with refusals_as_messages(request):
        agreed = FundForm(request.POST)
        if not agreed.is_valid():
            words = "The page did not say what the batch costs, so nothing was moved. Reload it and fund again."
            raise Refused("cost_missing", words, status=409)
        run = services.start(batch=batch, actor_id=request.member.user.pk, **agreed.cleaned_data)
        if run.state == Funding.State.DONE:
            messages.success(request, "The batch is funded. Open it so that annotators can begin.")
    return go(request, _address(request, batch_id))


@require_POST
@workspace_view(Capability.EDIT)
def more_answers(request: MemberRequest, item_id: uuid.UUID) -> HttpResponse:
    """Ask for more answers to an item, paid from the reserve of its batch."""
    item: Item = get_object_or_404(Item.objects.select_related("batch"), pk=item_id)
    if seconds := throttles.seconds_to_wait("funding", item.workspace_id):
        return too_many_writes(request, seconds)
    form = MoreAnswersForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"Answers: {form.errors['answers'][0]}")
    else:
        with refusals_as_messages(request):
            answers = form.cleaned_data["answers"]
            reserve.ask_for_more(
                batch=item.batch,
                item_ids=[item.pk],
                answers=answers,
                actor_id=request.member.user.pk,
            )
            words = ngettext(
                "%d more answer is asked for.", "%d more answers are asked for.", answers
            )
            messages.success(request, words % answers)
    return go(request, reverse("item", args=[request.member.workspace.slug, item_id]))


@require_POST
@workspace_view(Capability.EDIT)
def batch_more_answers(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Ask for more answers to chosen items of a batch, paid from its reserve."""
    batch = items.batch_of(batch_id)
    if seconds := throttles.seconds_to_wait("funding", batch.workspace_id):
        return too_many_writes(request, seconds)
    form = MoreAnswersToItemsForm(request.POST)
    if not form.is_valid():
        messages.error(request, "; ".join(str(errors[0]) for errors in form.errors.values()))
        return go(request, _address(request, batch_id))
    alert = _alert_of(batch, form.cleaned_data["alert"])
    with refusals_as_messages(request):
        chosen, answers = form.cleaned_data["items"], form.cleaned_data["answers"]
        run = reserve.ask_for_more(
            batch=batch,
            item_ids=chosen,
            answers=answers,
            actor_id=request.member.user.pk,
            alert=alert,
        )
        words = ngettext(
            "%d more answer is asked for.", "%d more answers are asked for.", run.slots_paid
        )
        messages.success(request, words % run.slots_paid)
    if alert:
        return go(request, reverse("alert", args=[request.member.workspace.slug, alert.pk]))
    return go(request, _address(request, batch_id))


@require_POST
@workspace_view(Capability.SPEND)
def batch_top_up(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Fill up the batch's reserve from the free balance; replacements that waited for it are made at once."""
    batch = items.batch_of(batch_id)
    if seconds := throttles.seconds_to_wait("funding", batch.workspace_id):
        return too_many_writes(request, seconds)
    form = TopUpForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"Answers: {form.errors['slots'][0]}")
    else:
        with refusals_as_messages(request):
            slots = form.cleaned_data["slots"]
            reserve.top_up(batch=batch, slots=slots, actor_id=request.member.user.pk)
            made = replacements.make(batch_id=batch.pk)
            messages.success(request, _filled_up(slots, made))
    return go(request, _address(request, batch_id))


def _alert_of(batch: Batch, alert_id: uuid.UUID | None) -> Alert | None:
    """Return the alert that the answers are asked for. Raises: Http404 for one of another project."""
    if alert_id is None:
        return None
    rows = Alert.objects.filter(project=batch.project_id)
    found: Alert = get_object_or_404(rows, pk=alert_id)
    return found


@require_GET
@workspace_view(Capability.VIEW)
def fund_progress(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Show how many slots are made. The batch's page polls this and reloads once all of them are."""
    batch = items.batch_of(batch_id)
    if not wants_part(request):
        return go(request, _address(request, batch_id))
    if batch.funding != Batch.Funding.RUNNING:
        return HttpResponseClientRefresh()
    run, slug = selectors.run_of(batch), request.member.workspace.slug
    context = {"progress": selectors.progress_of(batch, run, slug)}
    return part(request, "web/_progress.html", context)


def _address(request: MemberRequest, batch_id: uuid.UUID) -> str:
    return reverse("batch", args=[request.member.workspace.slug, batch_id])


def _filled_up(slots: int, made: int) -> str:
    words = ngettext(
        "The reserve pays for %d more answer.", "The reserve pays for %d more answers.", slots
    )
    more = ngettext("%d replaces a rejected one.", "%d replace rejected ones.", made)
    return f"{words % slots} {more % made}" if made else words % slots
