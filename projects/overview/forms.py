"""The form that filters a list of items, and the one that says who gives a right answer."""

import uuid
from typing import Any

from django import forms

from projects.items.keys.given import BY_CHARS, NOTE_CHARS
from projects.items.models import Key
from projects.overview.finding import Filters
from projects.plan.models import Project
from projects.quality import selectors

_ALWAYS = (
    ("", "All items"),
    ("contested", "Contested: no answer leads"),
    ("tied", "Tied: neither is better"),
    ("unanswered", "Funded, no answer yet"),
    ("returned", "Returned by an annotator"),
    ("adjudicated", "Adjudicated by a reviewer"),
)


EXPERT_SHOWS = (
    ("", "all, in random order"),
    ("contested", "contested: no answer leads"),
    ("tied", "tied: neither is better"),
    ("unanswered", "funded, no answer yet"),
)


class RightAnswerForm(forms.Form):
    """Who gives the right answer to an item, and why. The answer itself is read by the kinds of the questions."""

    by = forms.CharField(
        label="Who gives it",
        max_length=BY_CHARS,
        help_text="An answer passes or fails annotators only if three people give it independently.",
    )
    rule = forms.CharField(
        label="Rule of the guideline",
        required=False,
        max_length=12,
        help_text="Such as R3. Shown to annotators with the feedback.",
    )
    note = forms.CharField(label="Why", required=False, max_length=NOTE_CHARS)
    source = forms.ChoiceField(
        label="How it was found",
        required=False,
        choices=[
            (Key.Source.PICKED.value, "One person’s judgment"),
            (Key.Source.PANEL.value, "A panel agreed on it"),
            (Key.Source.ADJUDICATED.value, "Adjudicated after annotators differed"),
        ],
    )

    def clean_source(self) -> Key.Source:
        return Key.Source(self.cleaned_data["source"] or Key.Source.PICKED)


class ExpertForm(forms.Form):
    """Which items an expert wants to answer, read from the query parameters."""

    batch = forms.UUIDField(required=False)
    show = forms.ChoiceField(required=False, choices=EXPERT_SHOWS)
    item = forms.UUIDField(required=False)
    skip = forms.UUIDField(required=False)

    @property
    def skipped(self) -> uuid.UUID | None:
        """The item that the expert has just passed over."""
        found: uuid.UUID | None = self.cleaned_data["skip"] if self.is_valid() else None
        return found


class FilterForm(forms.Form):
    """The filters of a list of items, read from the query parameters."""

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
        """Whether this choice makes sense for the question: its scale may have no tie, or there may be no scale."""
        if show not in {"contested", "tied"}:
            return True
        scale = self.scales.get(self.question)
        tie = scale.category(0) if scale else None
        return scale is not None if show == "contested" else tie is not None and tie.side == 0

    def filters(self) -> Filters:
        """The filters that are set. Call it only if `is_valid`."""
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
        """Whether any filter is set."""
        return self.is_bound and any(self.data.get(name) for name in self.fields)

    def is_valid(self) -> bool:
        """Whether the filters are valid, which they are also if there are none."""
        return super().is_valid() if self.is_bound else True
