"""What a page of items can be asked for."""

from typing import Any

from django import forms

from projects.overview.finding import Filters
from projects.plan.models import Project
from projects.quality import selectors

_ALWAYS = (
    ("", "All items"),
    ("contested", "Contested: no answer leads"),
    ("tied", "Tied: neither is better"),
    ("unanswered", "Funded, no answer yet"),
    ("returned", "Returned by an annotator"),
)


class FilterForm(forms.Form):
    """The filters of a list of items, from the address."""

    external_id = forms.CharField(
        label="External id begins with", required=False, max_length=200, strip=False
    )
    show = forms.ChoiceField(label="Show", required=False, choices=_ALWAYS)
    key = forms.ChoiceField(label="Metadata key", required=False)
    value = forms.CharField(label="is", required=False, max_length=200, strip=False)
    batch = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scales = selectors.scales_of(project)
        self.question = next(iter(self.scales), "")
        self.fields["key"] = forms.ChoiceField(
            label="Metadata key",
            required=False,
            choices=[("", "Any"), *((key, key) for key in project.metadata_keys)],
        )
        self.fields["show"] = forms.ChoiceField(
            label="Show", required=False, choices=[c for c in _ALWAYS if self._has(c[0])]
        )

    def _has(self, show: str) -> bool:
        """Whether the form's first question can be shown so."""
        if show not in {"contested", "tied"}:
            return True
        scale = self.scales.get(self.question)
        tie = scale.category(0) if scale else None
        return scale is not None if show == "contested" else tie is not None and tie.side == 0

    def filters(self) -> Filters:
        """What is asked for. The form is valid, or was not filled at all."""
        given = self.cleaned_data if self.is_bound else {}
        return Filters(
            external_id=given.get("external_id", ""),
            show=given.get("show", ""),
            question=self.question,
            key=given.get("key", ""),
            value=given.get("value", "") if given.get("key") else "",
            batch=given.get("batch"),
        )

    @property
    def is_filtered(self) -> bool:
        """Whether less than everything is asked for."""
        return self.is_bound and any(self.data.get(name) for name in self.fields)

    def is_valid(self) -> bool:
        """An address without filters asks for everything."""
        return super().is_valid() if self.is_bound else True
