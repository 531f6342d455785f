"""The form that chooses period, project and currency of the spend page."""

from typing import Any

from django import forms

from billing.statements.spend.period import Period, period
from billing.statements.spend.sums import currencies_of
from projects.plan.models import Project
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy.models import Workspace
from rlhfhub.web.pages import add_refusal_to_form

#: So many projects can be chosen from, the newest ones.
PROJECTS = 200


class SpendForm(forms.Form):
    """Which spend to show: `period`, `chosen` and `chosen_currency` hold the choice once the form is valid."""

    since = forms.DateField(label="From", required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput({"type": "date"}))
    project = forms.ChoiceField(label="Project", required=False)

    period: Period
    chosen: Project | None
    chosen_currency: str

    def __init__(self, data: Any, *, workspace: Workspace) -> None:
        super().__init__(data)
        newest = Project.objects.filter(purpose=Project.Purpose.WORK).order_by("-pk")[:PROJECTS]
        self._projects = {str(one.pk): one for one in newest}
        names = [(key, one.name) for key, one in self._projects.items()]
        currencies = sorted({workspace.currency, *currencies_of(workspace.pk)})
        self._currency = workspace.currency
        self.fields["project"].choices = [("", "All projects"), *names]  # type: ignore[attr-defined]
        if len(currencies) > 1:
            self.fields["currency"] = forms.ChoiceField(
                label="Currency", required=False, choices=[(one, one) for one in currencies]
            )

    def clean(self) -> None:
        cleaned = self.cleaned_data
        self.chosen = self._projects.get(cleaned.get("project", ""))
        wanted = cleaned.get("currency") or (self.chosen and self.chosen.currency)
        self.chosen_currency = wanted or self._currency
        if self.errors:
            return
        try:
            self.period = period(cleaned.get("since"), cleaned.get("until"))
        except Refused as refused:
            add_refusal_to_form(self, refused)
            return
        shown = {"since": self.period.first.isoformat(), "until": self.period.last.isoformat()}
        self.data = dict(self.data.items()) | shown
