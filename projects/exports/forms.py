"""The form that asks for an export."""

import uuid
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString

from projects.exports import asked
from projects.formats.writing.protocol import Dataset
from projects.items.models import Batch
from projects.plan.models import Project

# The newest; an earlier one is exported over REST.
BATCHES = 200


class ExportForm(forms.Form):
    """A dataset that the project's forms can make, of the whole project or one batch of it."""

    dataset = forms.ChoiceField(widget=forms.RadioSelect)
    batch = forms.TypedChoiceField(label="Of", required=False, coerce=uuid.UUID, empty_value=None)
    include_undecided = forms.BooleanField(
        label="With answers that are not decided yet",
        required=False,
        help_text="Otherwise an item that has one makes no row. Each row says how many it rests on.",
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
        """The batch, or None for the whole project."""
        return self._batches.get(str(self.cleaned_data["batch"]))


def _choice(dataset: Dataset) -> SafeString:
    return format_html(
        '<span>{}<br><span class="field-help">{}</span></span>', dataset.TITLE, dataset.DESCRIPTION
    )
