"""The page on which a member has a batch's answers reviewed by paid people."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from projects.items.models import Batch
from projects.plan.pages import project_context
from projects.review.children import advice, asking
from projects.review.children.asking import MOST
from projects.review.children.forms import PaidReviewForm
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.pages import Page, go, refusals_on


@require_http_methods(["GET", "POST"])
@workspace_view(Capability.REVIEW)
def paid_review(request: MemberRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Ask which undecided answers are reviewed, by whom and for how much; POST makes the review's draft batch."""
    rows = Batch.objects.select_related("project__guideline_version")
    batch: Batch = get_object_or_404(rows, pk=batch_id)
    form = PaidReviewForm(request.POST or None, currency=request.member.workspace.currency)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            asked = asking.ask(batch=batch, wanted=form.wanted(), actor_id=request.member.user.pk)
        if form.is_valid():
            messages.success(request, _words(asked))
            return go(
                request, reverse("batch", args=[request.member.workspace.slug, asked.batch.pk])
            )
    context = {
        **project_context(request, batch.project_id, "review"),
        "batch": batch,
        "form": form,
        "undecided": advice.undecided_of(batch),
        "most": MOST,
    }
    status = 422 if form.errors else 200
    return Page(request, "projects/review/paid_review.html", context, status=status)


def _words(asked: asking.Asked) -> str:
    answers = ngettext("%d answer is", "%d answers are", asked.answers) % asked.answers
    left = f" {asked.too_long} were left out, because they are too long." if asked.too_long else ""
    return f"{answers} ready to be reviewed.{left} Fund this batch and open it: then reviewers can begin."
