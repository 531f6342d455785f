"""The form that says what the queue shows, and in which order. It is sent by GET."""

from typing import Any

from django import forms

from projects.enrollment.models import Enrollment
from projects.plan.models import Project
from projects.review.models import Flag
from projects.review.queue.orders import MOST_SEED, Filters, Order
from projects.review.samples.models import SampleCheck
from rlhfhub.web.numbers import WholeNumberField

NAMES = ("order", "annotator", "reason")
"""The fields that a reader fills in; `seed` and `sample` come with links."""


class QueueForm(forms.Form):
    """The order and the filters of the queue."""

    order = forms.ChoiceField(label="Order", choices=Order.choices, required=False)
    annotator = forms.CharField(
        label="Only of annotator",
        max_length=16,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Pseudonym"}),
    )
    reason = forms.ChoiceField(
        label="Only with flag",
        choices=[("", "With or without flag"), *Flag.Reason.choices],
        required=False,
    )
    seed = WholeNumberField(
        min_value=1, max_value=MOST_SEED, required=False, widget=forms.HiddenInput
    )
    sample = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project

    def clean_order(self) -> str:
        return self.cleaned_data["order"] or Order.FLAGGED

    def clean_annotator(self) -> Enrollment | None:
        if not (name := self.cleaned_data["annotator"]):
            return None
        found = Enrollment.objects.filter(project=self.project, pseudonym=name).first()
        if found is None:
            raise forms.ValidationError("Nobody in this project has this pseudonym.")
        return found

    def clean_sample(self) -> SampleCheck | None:
        if not (key := self.cleaned_data["sample"]):
            return None
        found = SampleCheck.objects.filter(project=self.project, pk=key).first()
        if found is None:
            raise forms.ValidationError("This project has no such sample.")
        return found

    @property
    def lacks_seed(self) -> bool:
        """Whether a random order is asked for, and the seed that keeps it the same is missing."""
        return (
            self.is_valid()
            and self.cleaned_data["order"] == Order.RANDOM
            and not self.cleaned_data["seed"]
        )

    @property
    def filters(self) -> Filters:
        """What a valid form asks for."""
        asked = self.cleaned_data
        return Filters(
            order=asked["order"],
            seed=asked["seed"] or 0,
            enrollment_id=asked["annotator"].pk if asked["annotator"] else None,
            reason=asked["reason"],
            sample_id=asked["sample"].pk if asked["sample"] else None,
        )
