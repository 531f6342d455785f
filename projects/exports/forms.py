"""The form that requests an export."""

import uuid
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from projects.exports import asked
from projects.formats.writing.protocol import Dataset
from projects.items.models import Batch
from projects.plan.models import Project

# The form offers this many of the newest batches; earlier ones can be exported over REST.
BATCHES = 200


class ExportForm(forms.Form):
    """Which dataset to export, from the whole project or one of its batches."""

    dataset = forms.ChoiceField(widget=forms.RadioSelect)
    batch = forms.TypedChoiceField(label="From", required=False, coerce=uuid.UUID, empty_value=None)
    include_undecided = forms.BooleanField(
        label="Include answers that are not decided yet",
        required=False,
        help_text="Each row then says how many undecided answers it rests on. Otherwise an item with an undecided "
        "answer makes no row.",
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        possible = asked.datasets_of(project)
        self.fields["dataset"].choices = [(each.NAME, _choice(each)) for each in possible]  # type: ignore[attr-defined]
        self.fields["dataset"].initial = possible[0].NAME if possible else None
        newest = Batch.objects.filter(project=project).order_by("-number")[:BATCHES]
        self._batches = {str(b.pk): b for b in newest}
        choices = [
            ("", "The whole project"),
            *((key, str(batch)) for key, batch in self._batches.items()),
        ]
        self.fields["batch"].choices = choices  # type: ignore[attr-defined]

    def chosen_batch(self) -> Batch | None:
        """The batch that was chosen, or None for the whole project."""
        return self._batches.get(str(self.cleaned_data["batch"]))


def _choice(dataset: Dataset) -> SafeString:
    return format_html(
        '<span>{}<br><span class="field-help">{}</span></span>', dataset.TITLE, dataset.DESCRIPTION
    )
