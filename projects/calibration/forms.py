"""Forms of calibration: a new round, a project's settings, and the override of a gate."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django import forms

from projects.calibration.rule import (
    LEAST_ITEMS,
    MOST_IDLE_DAYS,
    MOST_ITEMS,
    MOST_SEATS,
    MOST_WAIT_HOURS,
    PassRule,
)
from projects.calibration.services.rounds import MOST_REASON_CHARS
from projects.plan.models import Project
from projects.plan.services import MAX_RECALIBRATE_DAYS
from rlhfhub.web.numbers import PlainDecimalField, WholeNumberField


class ShareField(PlainDecimalField):
    """A share in percent, such as 85 or 2.5; the service takes a number from 0 to 1."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=100, max_digits=5, decimal_places=2, **kwargs)

    def clean(self, value: Any) -> float | None:
        found = super().clean(value)
        return None if found is None else float(found) / 100

    def prepare_value(self, value: Any) -> Any:
        return f"{value * 100:g}" if isinstance(value, float) else value


class RoundForm(forms.Form):
    """A new round. `questions` maps the names of the questions that it can be about to their titles."""

    question = forms.ChoiceField(
        label="Question that decides",
        help_text="Answers to the other questions are shown in the feedback and do not decide.",
    )
    items = WholeNumberField(
        label="Items per attempt",
        min_value=LEAST_ITEMS,
        max_value=MOST_ITEMS,
        help_text="At most: most annotators are done after about half of them. Two attempts need twice as many items.",
    )
    seats = WholeNumberField(
        label="Annotators",
        min_value=1,
        max_value=MOST_SEATS,
        help_text="So many can take part. Half as many can make a second attempt.",
    )
    needed = WholeNumberField(
        label="Passes that open main batches",
        min_value=1,
        max_value=MOST_SEATS,
        help_text="Batches of your data open when so many annotators have passed.",
    )
    pass_at = ShareField(
        label="Right answers of a good annotator (%)",
        help_text="Somebody who is right this often should pass.",
    )
    fail_at = ShareField(
        label="Right answers of a bad annotator (%)",
        help_text="Somebody who is right this often should fail.",
    )
    wrong_fail = ShareField(label="Good ones who may fail (%)")
    wrong_pass = ShareField(label="Bad ones who may pass (%)")
    wait_hours = WholeNumberField(
        label="Hours before a second attempt", min_value=0, max_value=MOST_WAIT_HOURS
    )
    idle_days = WholeNumberField(
        label="Days without an answer that free a seat",
        min_value=1,
        max_value=MOST_IDLE_DAYS,
        help_text="Who answers nothing for so long leaves the attempt, and may begin again while a seat is free.",
    )
    category_floor = ShareField(
        label="Least share of right answers for each guideline rule (%)",
        required=False,
        help_text="Fails somebody only if the whole 95 % interval is below it. Empty: rules do not decide.",
    )
    alpha_target = PlainDecimalField(
        label="α that the group should reach",
        required=False,
        min_value=-1,
        max_value=1,
        help_text="Compared with the low end of its interval. For subjective questions 0.35 to 0.55 is usual.",
    )
    alpha_gates = forms.BooleanField(
        label="Main batches wait for this α",
        required=False,
        help_text="Otherwise the page only warns. For questions with one right answer.",
    )

    def __init__(self, *args: Any, questions: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(questions.items())
        self.fields["question"].choices = choices  # type: ignore[attr-defined]

    def rule(self) -> PassRule:
        """Return the settings that the form gives."""
        fields = dict(self.cleaned_data)
        target = fields.pop("alpha_target")
        return PassRule(**fields, alpha_target=None if target is None else float(target))


def initial_of(rule: PassRule) -> dict[str, Any]:
    """Return a rule as the initial values of the form."""
    return asdict(rule)


class SettingsForm(forms.Form):
    """Whether a project asks for calibration. Members who may not switch it off get no choice to do so."""

    calibration = forms.ChoiceField(
        label="Calibration", choices=Project.Calibration.choices, widget=forms.RadioSelect
    )
    recalibrate_days = WholeNumberField(
        label="Days until annotators calibrate again",
        required=False,
        min_value=1,
        max_value=MAX_RECALIBRATE_DAYS,
        help_text="Empty: only after a major version of the guidelines, or an alert.",
    )

    def __init__(self, *args: Any, may_switch_off: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_switch_off:
            asked = self.fields["calibration"]
            asked.choices = [  # type: ignore[attr-defined]
                (value, words)
                for value, words in Project.Calibration.choices
                if value != Project.Calibration.NONE
            ]
            asked.help_text = "Only an owner can switch it off."


class OverrideForm(forms.Form):
    """Why main batches may open although the gate is closed."""

    reason = forms.CharField(
        label="Why",
        max_length=MOST_REASON_CHARS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="At least 20 characters. It is kept, and shown on this page with your name.",
    )
