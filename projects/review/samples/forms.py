"""The form that draws a sample."""

from typing import Any

from django import forms

from projects.enrollment.models import Enrollment
from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.web.numbers import WholeNumberField

NEWEST_BATCHES = 100


class SampleForm(forms.Form):
    """What is checked, and how sure the check shall make."""

    batch = forms.ChoiceField(label="Batch")
    annotator = forms.CharField(
        label="Only of annotator",
        max_length=16,
        required=False,
        help_text="A pseudonym. Without one, every annotator’s answers are checked.",
    )
    bound_percent = WholeNumberField(
        label="At most so many percent may be wrong",
        min_value=1,
        max_value=50,
        initial=5,
        help_text="The smaller the limit, the more answers you check: 59 for 5 %, 299 for 1 %.",
    )
    confidence_percent = WholeNumberField(
        label="How sure, in percent", min_value=50, max_value=99, initial=95
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.project = project
        batches = Batch.objects.filter(project=project, phase=Batch.Phase.MAIN)
        self.batches = {str(one.pk): one for one in batches.order_by("-number")[:NEWEST_BATCHES]}
        named = [(key, str(one)) for key, one in self.batches.items()]
        self.fields["batch"].choices = [("", "Choose a batch"), *named]  # type: ignore[attr-defined]
        if len(named) == 1:
            self.fields["batch"].initial = named[0][0]

    def clean_batch(self) -> Batch:
        return self.batches[self.cleaned_data["batch"]]

    def clean_annotator(self) -> Enrollment | None:
        if not (name := self.cleaned_data["annotator"]):
            return None
        found = Enrollment.objects.filter(project=self.project, pseudonym=name).first()
        if found is None:
            raise forms.ValidationError("Nobody in this project has this pseudonym.")
        return found
