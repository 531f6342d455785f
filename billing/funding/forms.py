"""The staff's form that books a deposit, and the form that asks for more answers to an item."""

import uuid
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from billing.funding.reserve import MAX_ANSWERS, MAX_TOP_UP
from rlhfhub.ground import money
from rlhfhub.tenancy.models import Workspace
from rlhfhub.web.numbers import WholeNumberField


class DepositForm(forms.Form):
    """A deposit that has arrived. Its reference is the bank's, so that no transfer is booked twice."""

    workspace = forms.SlugField(
        max_length=50,
        help_text="The last part of its address: alpha for /w/alpha/.",
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
    )
    amount = forms.CharField(
        max_length=24,
        help_text="In the workspace's currency, such as 1250.00.",
        widget=UnfoldAdminTextInputWidget,
    )
    reference = forms.CharField(
        max_length=100,
        help_text="The bank's reference of the transfer.",
        widget=UnfoldAdminTextInputWidget,
    )
    note = forms.CharField(max_length=200, required=False, widget=UnfoldAdminTextInputWidget)

    def clean_workspace(self) -> Workspace:
        workspace = Workspace.objects.filter(slug=self.cleaned_data["workspace"]).first()
        if workspace is None:
            raise forms.ValidationError("There is no workspace with this address.")
        return workspace

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        workspace, amount = data.get("workspace"), data.get("amount")
        if workspace and amount:
            try:
                data["amount_minor"] = money.parse(amount, workspace.currency)
            except money.MoneyError as error:
                self.add_error("amount", str(error))
            if data.get("amount_minor") == 0:
                self.add_error("amount", "Enter an amount above zero.")
        return data


class MoreAnswersForm(forms.Form):
    """How many more answers to an item are wanted."""

    answers = WholeNumberField(label="More answers", min_value=1, max_value=MAX_ANSWERS, initial=1)


class MoreAnswersToItemsForm(MoreAnswersForm):
    """How many more answers to each of the chosen items of a batch are wanted, perhaps because of an alert."""

    alert = forms.UUIDField(required=False)
    items = forms.CharField(widget=forms.MultipleHiddenInput, required=False)

    def clean_items(self) -> list[uuid.UUID]:
        try:
            return [uuid.UUID(text) for text in self.data.getlist("items")]  # type: ignore[attr-defined]
        except ValueError as error:
            raise forms.ValidationError("These are not items of this batch.") from error


class TopUpForm(forms.Form):
    """For how many more answers the reserve is to pay."""

    slots = WholeNumberField(label="More answers", min_value=1, max_value=MAX_TOP_UP)


class FundForm(forms.Form):
    """The cost that the page showed, in minor units; the batch is not funded if it costs something else by now."""

    agreed_minor = WholeNumberField(label="Cost", min_value=0, max_value=10**18)
