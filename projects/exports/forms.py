"""The form that asks for an export."""

import uuid
from typing import Any

from django import forms

from projects.exports.services import FORMATS
from projects.items.models import Batch
from projects.plan.models import Project

# The newest; an earlier one is exported over REST.
BATCHES = 200
_TITLES = {"dpo": "DPO pairs (prompt, chosen, rejected)"}


class ExportForm(forms.Form):
    """A format, and the whole project or one batch of it."""

    format = forms.ChoiceField(choices=[(key, _TITLES.get(key, key)) for key in FORMATS])
    batch = forms.TypedChoiceField(label="Of", required=False, coerce=uuid.UUID, empty_value=None)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
