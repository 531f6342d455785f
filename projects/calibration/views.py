"""The members' pages of calibration: a project's rounds, a new round, and one round."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.calibration import funnels, planner, round_page, selectors
from projects.calibration.boards import ROUND
from projects.calibration.forms import OverrideForm, RoundForm, SettingsForm, initial_of
from projects.calibration.models import Round
from projects.calibration.needs import needed_round
from projects.calibration.pool import Pool, can_be_asked, pool_of
from projects.calibration.reach import reach_of
from projects.calibration.rule import PassRule, check, rule_of
from projects.calibration.services import rounds
from projects.items.keys import services as keys
from projects.plan import services as plan
from projects.plan.models import Project
from projects.plan.pages import project_context
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability, Role
from rlhfhub.web.listing import Listing, listed
from rlhfhub.web.pages import (
    Page,
    focus_first_error,
    go,
    named_id,
    page_or_partial,
    refusals_as_messages,
    refusals_on,
)
from rlhfhub.web.queries import takes


@takes("cursor")
@require_http_methods(["GET", "POST"])
@workspace_view(Capability.VIEW)
def calibration(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """List a project's rounds. POST changes whether it asks for calibration, for members who may edit.

    Only owners switch it off.
    """
    context = project_context(request, project_id, "calibration")
    project: Project = context["project"]
    form = _settings_form(request, project)
    if request.method == "POST" and form.is_valid() and _is_saved(request, project, form):
        return go(request, reverse("calibration", args=[request.member.workspace.slug, project_id]))
    rows = Round.objects.filter(project=project).select_related("guideline_version")
    rows = rows.defer("guideline_version__text", "guideline_version__rules")
    found = listed(rows, request, "-number")
    lines = funnels.round_lines(found.rows)
    context |= {
        "listing": Listing(lines, found.name, found.next_cursor, found.is_first, found.rest),
        "settings_form": form,
        "needed": needed_round(project),
    }
    status = 422 if form.errors else 200
    return Page(request, "projects/calibration/calibration.html", context, status=status)


def _settings_form(request: MemberRequest, project: Project) -> SettingsForm:
    """Return the form, filled by a POST. Raises: PermissionDenied for what this member may not change."""
    asks = project.calibration != Project.Calibration.NONE
    may_switch_off = request.member.role == Role.OWNER or not asks
    if request.method == "POST":
        is_off = request.POST.get("calibration") == Project.Calibration.NONE
        if not request.member.may(Capability.EDIT) or (is_off and not may_switch_off):
            raise PermissionDenied
    known = {"calibration": project.calibration, "recalibrate_days": project.recalibrate_days}
    return SettingsForm(request.POST or None, initial=known, may_switch_off=may_switch_off)


def _is_saved(request: MemberRequest, project: Project, form: SettingsForm) -> bool:
    """Save the settings, and say what becomes of open batches when calibration is switched on."""
    with refusals_on(form):
        plan.change_calibration(
            project=project, actor_id=request.member.user.pk, **form.cleaned_data
        )
    if not form.is_valid():
        return False
    messages.success(request, "The settings are saved.")
    is_on = form.cleaned_data["calibration"] == Project.Calibration.REQUIRED
    if is_on and project.calibration == Project.Calibration.NONE:
        count = selectors.open_main_batches(project.pk)
        if count:
            messages.warning(request, _STAYS_OPEN.format(count=count))
    return True


_STAYS_OPEN = (
    "Batches of your data that stay open: {count}. Newcomers get no item of them before they pass a round; who worked "
    "already goes on. Pause these batches if nobody should go on."
)


@takes("like")
@require_http_methods(["GET", "POST"])
@workspace_view(Capability.EDIT)
def round_new(request: MemberRequest, project_id: uuid.UUID) -> HttpResponse:
    """Show the form of a new round, with the settings of the last one (or that of `like`). POST makes it.

    POST with `then=plan` makes nothing: it shows what the settings in the form buy; for htmx only that part.
    """
    context = project_context(request, project_id, "calibration")
    project: Project = context["project"]
    questions = can_be_asked(project)
    rule = _proposed(request, project, questions)
    form = RoundForm(request.POST or None, questions=questions, initial=initial_of(rule))
    only_planned = request.POST.get("then") == "plan"
    is_older = request.method == "POST"
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            check(form.rule())
            rule, is_older = form.rule(), False
            if not only_planned:
                made = rounds.make_round(
                    project=project, settings=rule, actor_id=request.member.user.pk
                )
        if form.is_valid() and not only_planned:
            return go(request, _address(request, made))
    focus_first_error(form)
    context |= {"form": form, "is_older": is_older} | _planned(project, rule)
    status = 422 if form.errors and not only_planned else 200
    return page_or_partial(
        request,
        "projects/calibration/round_new.html",
        "projects/calibration/_plan.html",
        context,
        status=status,
    )


def _planned(project: Project, rule: PassRule) -> dict[str, Any]:
    """Return what a round by this rule buys, and what it takes from the pool of its question."""
    pool = pool_of(project, rule.question) if rule.question else Pool([], {})
    return {
        "plan": planner.plan_of(rule, len(pool.items)),
        "use": planner.use_of(rule, pool),
        "expected": planner.expected_of(rule),
        "rule": rule,
        "key_accuracy": planner.KEY_ACCURACY,
        "unknown_rules": sorted(set(pool.rules) - keys.rules_in_force(project)),
    }


def _proposed(request: MemberRequest, project: Project, questions: dict[str, str]) -> PassRule:
    """Return the settings of the round that the query names, else of the newest not discarded, else the usual ones."""
    mine = Round.objects.filter(project=project).order_by("-number")
    if like := request.GET.get("like"):
        return rule_of(selectors.round_in(project, named_id(like)))
    newest = mine.exclude(state=Round.State.CLOSED, opened_at=None).first()
    return rule_of(newest) if newest else PassRule(question=next(iter(questions), ""))


@require_GET
@workspace_view(Capability.VIEW)
def round_page_view(request: MemberRequest, round_id: uuid.UUID) -> HttpResponse:
    """Show one round; for htmx only the part that changes while people calibrate."""
    context = _round_context(request, selectors.round_of(round_id))
    return page_or_partial(
        request,
        "projects/calibration/round.html",
        "projects/calibration/_round.html",
        context,
    )


def _round_context(request: MemberRequest, of: Round) -> dict[str, Any]:
    context = project_context(request, of.project_id, "calibration")
    context["panels"] |= ROUND.panels(of)
    return context | {
        "round": of,
        "of": round_page.page_of(of),
        "attempts": selectors.attempts_of(of),
        "reach": reach_of(of) if of.state == Round.State.DRAFT else None,
        "waiting": selectors.waiting_in(of.project_id),
        "override_form": OverrideForm(),
        "is_owner": request.member.role == Role.OWNER,
        "can_see_keys": request.member.may(Capability.EDIT),
    }


@require_POST
@workspace_view(Capability.EDIT)
def round_close(request: MemberRequest, round_id: uuid.UUID) -> HttpResponse:
    """Close a round; running attempts are decided with what they have. A draft is discarded."""
    found = selectors.round_of(round_id)
    with refusals_as_messages(request):
        closed = rounds.close_round(of=found, actor_id=request.member.user.pk)
        messages.success(request, _DISCARDED if closed.is_discarded else _CLOSED)
    return go(request, _address(request, found))


_CLOSED = "The round is closed. The money for unanswered items comes back."
_DISCARDED = "The round is discarded. Its items can be drawn again."


@require_POST
@workspace_view(Capability.EDIT)
def round_override(request: MemberRequest, round_id: uuid.UUID) -> HttpResponse:
    """Let main batches open although the gate is closed, with a written reason. For owners."""
    found = selectors.round_of(round_id)
    if request.member.role != Role.OWNER:
        raise PermissionDenied
    with refusals_as_messages(request):
        reason = request.POST.get("reason", "")
        rounds.override_gate(of=found, reason=reason, actor_id=request.member.user.pk)
        messages.success(request, "Main batches may open now. Your reason is shown on this page.")
    return go(request, _address(request, found))


@require_POST
@workspace_view(Capability.EDIT)
def round_guideline(request: MemberRequest, round_id: uuid.UUID) -> HttpResponse:
    """Show the editor with the next version of the guidelines: the newest text and the ticked items."""
    found = selectors.round_of(round_id)
    ticked = set(request.POST.getlist("item"))
    known = round_page.disagreements_of(found)
    chosen = [one for one in known if str(one.item.pk) in ticked]
    if not chosen:
        messages.warning(
            request, "No item is ticked. Tick the items that the guidelines should show."
        )
        return go(request, _address(request, found))
    context = project_context(request, found.project_id, "guidelines")
    text = round_page.with_items(selectors.newest_text(found.project_id), chosen)
    context |= {"round": found, "text": text, "chosen": [one.item for one in chosen]}
    return Page(request, "projects/calibration/round_guideline.html", context)


def _address(request: MemberRequest, of: Round) -> str:
    return reverse("round", args=[request.member.workspace.slug, of.pk])
