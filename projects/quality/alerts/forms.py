"""Forms of alerts: a member's decision, the annotator's reply, and the filters of the list."""

from django import forms

from projects.quality.alerts.models import Alert
from projects.quality.alerts.services import MAX_CHARS


class DecisionForm(forms.Form):
    """What a member decides on an alert."""

    verdict = forms.ChoiceField(choices=[("uphold", "Uphold"), ("lift", "Lift")])
    note = forms.CharField(
        label="Why",
        max_length=MAX_CHARS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The annotator reads this.",
    )
    recalibrate = forms.BooleanField(
        label="Let the annotator recalibrate, paid, in place of main work", required=False
    )
    flag_answers = forms.BooleanField(
        label="Put the affected answers first in the reviews", required=False
    )

    def clean(self) -> None:
        """Refuse a recalibration of somebody whose alert is lifted."""
        if self.cleaned_data.get("verdict") == "lift" and self.cleaned_data.get("recalibrate"):
            words = "The work of an alert that you lift is fine. Untick this, or uphold the alert."
            self.add_error("recalibrate", words)


class FilterForm(forms.Form):
    """Which alerts of a project are listed."""

    state = forms.ChoiceField(
        choices=[("", "any state"), *Alert.State.choices], required=False, label="State"
    )
    kind = forms.ChoiceField(
        choices=[("", "any kind"), *Alert.Kind.choices], required=False, label="Kind"
    )
