"""Forms of projects, guidelines and new batches."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from projects.kinds.form import scales_of
from projects.plan.models import GuidelineVersion, Project
from projects.plan.services import MAX_GUIDELINE_CHARS
from projects.plan.templates import TEMPLATES
from rlhfhub.ground.currencies import DECIMALS
from rlhfhub.web.numbers import AmountField, PlainDecimalField, WholeNumberField


class ProjectForm(forms.Form):
    """A new project. People enter `price` in the currency's major unit; the service takes minor units."""

    called: ClassVar = {"price_minor": "price"}

    template = forms.ChoiceField(choices=[(key, t.title) for key, t in TEMPLATES.items()])
    name = forms.CharField(max_length=120)
    access = forms.ChoiceField(
        label="Who works",
        choices=Project.Access.choices,
        initial=Project.Access.MEMBERS,
        widget=forms.RadioSelect,
    )
    price = PlainDecimalField(label="Pay per answer", required=False, min_value=0)
    overlap = WholeNumberField(
        label="Answers per item",
        min_value=1,
        max_value=50,
        initial=3,
        help_text="Each from a different person.",
    )
    estimated_seconds = WholeNumberField(
        label="Seconds per answer",
        min_value=1,
        max_value=86_400,
        initial=60,
        help_text="Your estimate. The listing shows the hourly pay it gives.",
    )
    lease_minutes = WholeNumberField(
        label="Minutes to answer",
        min_value=1,
        max_value=1440,
        initial=30,
        help_text="After that the item is offered to somebody else.",
    )
    auto_accept_hours = WholeNumberField(
        label="Hours to decide",
        min_value=1,
        max_value=168,
        initial=72,
        help_text="Work that nobody has reviewed by then is accepted automatically.",
    )
    calibration = forms.ChoiceField(
        label="Calibration",
        choices=Project.Calibration.choices,
        initial=Project.Calibration.NONE,
        required=False,
        help_text="Annotators first answer items with known right answers, paid, and work on your data once they pass.",
    )

    machine_text = forms.ChoiceField(
        label="Machine-written text",
        choices=Project.MachineText.choices,
        initial=Project.MachineText.FORBIDDEN,
        required=False,
        help_text="Whether annotators may let a machine write their texts. If not, they attest that they write them.",
    )

    judged_as = forms.ChoiceField(
        label="Is there a right answer?",
        choices=[
            ("", "As is usual for what you ask"),
            ("truth", "Yes: whoever differs is wrong"),
            ("taste", "No: people may differ"),
        ],
        required=False,
        help_text="Where people may differ, less agreement is asked for. Each question can be changed later.",
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decimals = DECIMALS[currency]
        self.fields["price"] = PlainDecimalField(
            label=f"Pay per answer ({currency})",
            required=False,
            min_value=0,
            max_digits=12,
            decimal_places=decimals,
            help_text="For annotators of the market. Leave it empty for your own members.",
        )
        self.decimals = decimals

    def service_arguments(self) -> dict[str, Any]:
        """Return the arguments of `create_project` that the form gives."""
        fields = dict(self.cleaned_data)
        price = fields.pop("price") or Decimal(0)
        fields["taste_questions"] = self._taste(fields.pop("judged_as"))
        fields["calibration"] = fields["calibration"] or Project.Calibration.NONE
        fields["machine_text"] = fields["machine_text"] or Project.MachineText.FORBIDDEN
        return {**fields, "price_minor": int(price.scaleb(self.decimals))}

    def _taste(self, judged_as: str) -> list[str] | None:
        """The questions on which people may differ; None for those that the template names."""
        questions = TEMPLATES[self.cleaned_data["template"]].questions
        return {"truth": [], "taste": list(scales_of(questions))}.get(judged_as)


class WatchForm(forms.Form):
    """Which answers by program and machine-written texts are taken, what an alert about accuracy does, and on which
    questions people may differ.
    """

    programs = forms.BooleanField(required=False)
    on_alarm = forms.ChoiceField(choices=Project.OnAlarm.choices)
    machine_text = forms.BooleanField(required=False)
    taste_questions = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        judged = scales_of(project.form.questions) if project.form else {}
        self.fields["taste_questions"].choices = [(name, name) for name in judged]  # type: ignore[attr-defined]

    def clean_machine_text(self) -> str:
        """Return the choice that the checkbox makes."""
        choices = Project.MachineText
        return choices.ALLOWED if self.cleaned_data["machine_text"] else choices.FORBIDDEN


class PriceForm(forms.Form):
    """A new price of an answer; `price` is in minor units."""

    called: ClassVar = {"price_minor": "price"}
    field_order = ("price", "because")

    because = forms.CharField(
        label="Why",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Annotators read this.",
    )

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["price"] = AmountField(currency=currency, label="Pay per answer")
        self.order_fields(self.field_order)


class GuidelineForm(forms.Form):
    """The next version of the guidelines. Browsers send CRLF line ends; they are stored as LF."""

    text = forms.CharField(strip=False, max_length=MAX_GUIDELINE_CHARS)
    change = forms.ChoiceField(
        choices=GuidelineVersion.Change.choices, initial=GuidelineVersion.Change.MINOR
    )

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")


class PublishForm(forms.Form):
    """Publishing a version. `reading` is what reading it pays in minor units; empty: what it pays at least."""

    called: ClassVar = {"reading_minor": "reading"}

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["reading"] = AmountField(
            currency=currency, required=False, label="Pay for reading it"
        )


class BatchForm(forms.Form):
    """A new batch."""

    name = forms.CharField(max_length=120, required=False)
    model_tag = forms.CharField(max_length=120, required=False)
