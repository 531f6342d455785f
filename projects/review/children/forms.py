"""The form by which a member has answers reviewed by paid people."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from projects.plan.models import Project
from projects.review.children.asking import MOST_REVIEWERS, WHICH, Wanted
from rlhfhub.ground.currencies import DECIMALS
from rlhfhub.web.numbers import PlainDecimalField, WholeNumberField

_PRICE_NEEDED = "Annotators of the market are paid. Enter a price of more than 0."


class PaidReviewForm(forms.Form):
    """Which answers are reviewed, by whom and for how much. People enter `price` in the currency's major unit."""

    called: ClassVar = {"price_minor": "price"}
    use_required_attribute = False  # The pay is required or not by who reviews.

    which = forms.ChoiceField(
        label="Which undecided answers",
        choices=list(WHICH.items()),
        initial="all",
        widget=forms.RadioSelect,
    )
    percent = WholeNumberField(
        label="Share in percent",
        min_value=1,
        max_value=100,
        initial=20,
        help_text="Only for a random share.",
    )
    reviewers = WholeNumberField(
        label="Reviewers per answer",
        min_value=1,
        max_value=MOST_REVIEWERS,
        initial=1,
        help_text="Each a different person. An answer is accepted if all of them accept it.",
    )
    access = forms.ChoiceField(
        label="Who reviews",
        choices=Project.Access.choices,
        initial=Project.Access.MARKET,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_unpaid = self.data.get("access") == Project.Access.MEMBERS
        self.decimals = DECIMALS[currency]
        self.fields["price"] = PlainDecimalField(
            label=f"Pay per review ({currency})",
            required=not is_unpaid,
            error_messages={"required": _PRICE_NEEDED},
            min_value=0,
            max_digits=12,
            decimal_places=self.decimals,
            help_text="For annotators of the market. Leave it empty for your own members.",
        )

    def wanted(self) -> Wanted:
        """Return what the valid form asks for."""
        fields = dict(self.cleaned_data)
        price = fields.pop("price") or Decimal(0)
        return Wanted(**fields, price_minor=int(price.scaleb(self.decimals)))
