"""The page on which a member gives an item's final answer beside its annotators' answers."""

import uuid
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from projects.items.models import Item
from projects.kinds import form as kinds
from projects.plan.pages import project_context
from projects.review.adjudication import selectors, services
from projects.review.adjudication.forms import FinalAnswerForm, WithdrawForm
from projects.work.forms import errors_by_question, questions_context
from projects.work.services.annotations import form_questions
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.pages import Page, add_refusal_to_form, go, refusals_as_messages


@require_http_methods(["GET", "POST"])
@workspace_view(Capability.REVIEW)
def final_answer(request: MemberRequest, item_id: uuid.UUID) -> HttpResponse:
    """Show the form for an item's final answer beside its annotators' answers. POST gives it."""
    item = _item(item_id)
    if request.method != "POST":
        return _show(request, item, form=FinalAnswerForm(), draft={}, errors={})
    form = FinalAnswerForm(request.POST)
    draft = kinds.read_form(_questions(item), request.POST, _keys(item))
    if not form.is_valid():
        return _show(request, item, status=422, form=form, draft=draft, errors={})
    try:
        with transaction.atomic():
            services.give(
                item_id=item.pk,
                answer=draft,
                reviewer_id=request.member.user.pk,
                **form.cleaned_data,
            )
    except Refused as refused:
        errors = _errors(item, form, refused)
        status = 409 if refused.status == 409 else 422
        return _show(request, item, status=status, form=form, draft=draft, errors=errors)
    messages.success(request, "The final answer was saved. Exports from now on use it.")
    return _to_item(request, item)


@require_POST
@workspace_view(Capability.REVIEW)
def withdraw_final_answer(request: MemberRequest, item_id: uuid.UUID) -> HttpResponse:
    """Withdraw the item's final answer."""
    item = _item(item_id)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        for wrong in form.errors.values():
            messages.error(request, f"The final answer was not withdrawn. {wrong[0]}")
        return _to_item(request, item)
    with refusals_as_messages(request):
        reviewer_id = request.member.user.pk
        services.withdraw(item_id=item.pk, reviewer_id=reviewer_id, **form.cleaned_data)
        messages.success(request, "The final answer is withdrawn. The consensus counts again.")
    return _to_item(request, item)


def _item(item_id: uuid.UUID) -> Item:
    found: Item = get_object_or_404(Item.objects.select_related("batch"), pk=item_id)
    return found


def _questions(item: Item) -> list[dict[str, Any]]:
    return form_questions(item.batch.form_id) if item.batch.form_id else []


def _keys(item: Item) -> list[str]:
    """The keys of the item's responses in the form: their indexes, so that an answer is in stored order."""
    return [str(index) for index in range(len(item.responses))]


def _errors(item: Item, form: FinalAnswerForm, refused: Refused) -> dict[str, list[str]]:
    """Return the errors by question; if no question is wrong, attach the refusal to the form."""
    names = {question["name"] for question in _questions(item)}
    found = errors_by_question(refused).items()
    errors = {name: wrong for name, wrong in found if name in names}
    if not errors:
        add_refusal_to_form(form, refused)
    return errors


def _show(
    request: MemberRequest, item: Item, *, status: int = 200, **answered: Any
) -> HttpResponse:
    asked = kinds.present(kinds.texts_optional(_questions(item)))
    context = {
        **project_context(request, item.project_id, "items"),
        "item": item,
        "answers": selectors.answers_of(item),
        "final": selectors.of_item(item),
        "is_own": bool(selectors.answered_by(request.member.user.pk, [item.pk])),
        "responses": [{"key": key} for key in _keys(item)],
        **questions_context(asked),
        **answered,
    }
    page = "projects/review/adjudication/final_answer.html"
    return Page(request, page, context, status=status)


def _to_item(request: MemberRequest, item: Item) -> HttpResponse:
    return go(request, reverse("item", args=[request.member.workspace.slug, item.pk]))
