"""Forms of enrollments: a member's pause, end or resumption, and what an annotator writes."""

from django import forms

from projects.enrollment.states.models import NOTE_CHARS, STOP_REASONS, EnrollmentChange

STOPS = [(code, words) for code, words in EnrollmentChange.Reason.choices if code in STOP_REASONS]


class StopForm(forms.Form):
    """Why an enrollment is paused or ended."""

    reason = forms.ChoiceField(label="Reason", choices=STOPS)
    note = forms.CharField(
        label="In words",
        max_length=NOTE_CHARS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The annotator reads the reason and these words, and can reply once. They do not see your name.",
    )


class GiveBackForm(forms.Form):
    """What a member adds when they resume a paused enrollment, or take its end back."""

    note = forms.CharField(
        label="A word to the annotator",
        max_length=NOTE_CHARS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ReplyForm(forms.Form):
    """What an annotator says to the pause or the end of their enrollment."""

    text = forms.CharField(
        label="What you have to say",
        max_length=NOTE_CHARS,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text="Managers of the workspace read it, and so do the site’s staff. You can reply once.",
    )


class LeaveForm(forms.Form):
    """What an annotator who leaves tells the workspace."""

    note = forms.CharField(
        label="Why you leave",
        max_length=NOTE_CHARS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text="The workspace reads it beside your pseudonym.",
    )
