"""The forms by which a member sends an answer back or rejects it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from projects.review.models import Decision
from projects.review.services.rejecting import NOTE_CHARS


class ReturnForm(forms.Form):
    """What the annotator is to revise."""

    note = forms.CharField(
        label="What to revise",
        max_length=NOTE_CHARS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The annotator reads this. Say which rule, and where the answer misses it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Both forms of a page have a field `note`, and each label names its own."""
        super().__init__(*args, **{"auto_id": "return_%s"} | kwargs)


class RejectForm(forms.Form):
    """Why an answer is refused: the reason, the rule of its guidelines that it broke, and words."""

    reason = forms.ChoiceField(
        label="Reason", choices=Decision.Reason.choices, widget=forms.RadioSelect
    )
    rule = forms.ChoiceField(label="Rule that was broken")
    note = forms.CharField(
        label="What is wrong",
        max_length=NOTE_CHARS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The annotator reads this, and so does whoever decides an appeal.",
    )

    def __init__(self, *args: Any, rules: Iterable[Mapping[str, Any]], **kwargs: Any) -> None:
        """`rules` are those of the guideline version that the answer was given under."""
        super().__init__(*args, **{"auto_id": "reject_%s"} | kwargs)
        named = [(rule["id"], f"{rule['id']} {rule['title']}") for rule in rules]
        self.fields["rule"].choices = [("", "Choose a rule"), *named]  # type: ignore[attr-defined]
        self.has_rules = bool(named)
