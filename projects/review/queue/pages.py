"""What the review pages share: the queue that a reviewer comes from, and the response after a decision."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from projects.plan.boards import HEAD
from projects.plan.models import Project
from projects.review.queue import cards
from projects.review.queue.forms import NAMES
from projects.review.samples.checking import mark_checked
from rlhfhub.tenancy.decorators import MemberRequest
from rlhfhub.web.listing import rest_of
from rlhfhub.web.pages import go, named_id, part, wants_part, workspace_context
from rlhfhub.web.queries import takes

takes_queue = takes("cursor", "seed", "sample", form=NAMES)
"""Marks a view as taking the query parameters of the queue, which a reviewer returns to after a decision."""


def suffix_of(request: HttpRequest) -> str:
    """Return the query string of the queue that the reviewer works through, with its `?`; empty if it has none."""
    rest = rest_of(request, "cursor")
    return f"?{rest}" if rest else ""


def mark_in_sample(request: HttpRequest, annotation_id: uuid.UUID) -> None:
    """Count the answer, which has just been decided on, as checked in the sample that the reviewer works through.

    A card shows all answers to its item: those that the sample does not hold are only decided on.
    """
    if given := request.GET.get("sample"):
        mark_checked(sample_id=named_id(given), annotation_id=annotation_id)


def queue_address(request: MemberRequest, project_id: uuid.UUID) -> str:
    """Return the address of the queue that the reviewer works through."""
    path = reverse("review", args=[request.member.workspace.slug, project_id])
    return path + suffix_of(request)


def card_context(request: MemberRequest, project: Project) -> dict[str, Any]:
    """Return what the card of an item needs beside the card itself."""
    return {
        **workspace_context(request, "projects"),
        "project": project,
        "suffix": suffix_of(request),
    }


def after_decision(
    request: MemberRequest, project: Project, item_id: uuid.UUID, words: str, *, done: bool = True
) -> HttpResponse:
    """Return the item's card for htmx, which replaces the old one; else lead back to the queue with a message.

    `words` say what was done, or why not unless `done`.
    """
    if not wants_part(request):
        (messages.success if done else messages.error)(request, words)
        return go(request, queue_address(request, project.pk))
    [card] = cards.cards_of(project, [item_id], request.member.user.pk)
    context = {
        **card_context(request, project),
        "card": card,
        "said": words,
        "failed": not done,
        "reviews": HEAD.panel("reviews", project),
    }
    response = part(
        request, "projects/review/queue/_item.html", context, status=200 if done else 409
    )
    response["HX-Retarget"] = f"#item-{item_id}"
    response["HX-Reswap"] = "outerHTML"
    return response
