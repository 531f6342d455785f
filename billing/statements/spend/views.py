"""The page of what a workspace spent, and its file."""

from django.http import HttpResponse, HttpResponseBase
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from billing.statements.files import csv_file
from billing.statements.spend.files import HEADER, rows_of
from billing.statements.spend.forms import SpendForm
from billing.statements.spend.rows import cost_of_row
from billing.statements.spend.sums import PARTS, Spend, spend_of
from rlhfhub.tenancy.decorators import MemberRequest, workspace_view
from rlhfhub.tenancy.roles import Capability
from rlhfhub.web.pages import Page, workspace_context
from rlhfhub.web.queries import takes
from rlhfhub.web.stacks import Part, stack
from rlhfhub.web.templatetags.amounts import money

_FIELDS = ("since", "until", "project", "currency")


@takes(form=_FIELDS)
@require_GET
@workspace_view(Capability.MONEY)
def spend(request: MemberRequest) -> HttpResponse:
    """Show what was spent in a period, and what a delivered row of the chosen project costs."""
    form = SpendForm(request.GET, workspace=request.member.workspace)
    if not form.is_valid():
        return _refused(request, form)
    found = _found(request, form)
    context = workspace_context(request, "money") | {
        "form": form,
        "spend": found,
        "bar": stack(
            [Part(title, _of(found, part)) for part, title in PARTS.items()],
            name="spend",
            title="What was spent",
            form=lambda minor: money(minor, found.currency),
        ),
        "row": cost_of_row(form.chosen) if form.chosen else None,
        "query": urlencode({name: value for name in _FIELDS if (value := request.GET.get(name))}),
    }
    return Page(request, "billing/statements/spend.html", context)


@takes(form=_FIELDS)
@require_GET
@workspace_view(Capability.MONEY)
def spend_csv(request: MemberRequest) -> HttpResponseBase:
    """Send the same as a CSV file, with all rows of each table."""
    form = SpendForm(request.GET, workspace=request.member.workspace)
    if not form.is_valid():
        return _refused(request, form)
    found = _found(request, form)
    name = f"spend-{found.period.first}-{found.period.last}.csv"
    return csv_file(name, HEADER, rows_of(found))


def _refused(request: MemberRequest, form: SpendForm) -> HttpResponse:
    """Show the form with its errors, and no sums."""
    context = workspace_context(request, "money") | {"form": form}
    return Page(request, "billing/statements/spend.html", context, status=422)


def _found(request: MemberRequest, form: SpendForm) -> Spend:
    project_id = form.chosen.pk if form.chosen else None
    return spend_of(request.member.workspace.pk, form.chosen_currency, form.period, project_id)


def _of(found: Spend, part: str) -> int:
    return sum(one.spent.total_minor for one in found.parts if one.part == part)
