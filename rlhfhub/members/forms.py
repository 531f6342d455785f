"""Forms of workspaces, members and API keys."""

from datetime import datetime, timedelta

from django import forms
from django.core.validators import RegexValidator

from rlhfhub.tenancy import clock
from rlhfhub.tenancy.emails import EmailField
from rlhfhub.tenancy.roles import Role
from rlhfhub.tenancy.services import SCOPES

_CURRENCIES = (
    ("USD", "US dollar (USD)"),
    ("EUR", "Euro (EUR)"),
    ("GBP", "Pound sterling (GBP)"),
    ("JPY", "Yen (JPY)"),
)
_SLUG = RegexValidator(r"^[a-z0-9][a-z0-9-]*$", "Lowercase letters, digits and hyphens only.")
_WHAT_SCOPES_DO = {
    "read": "Read projects, batches, annotations and agreement",
    "write": "Create projects and batches, post items, fund, open and close",
    "export": "Make and download exports",
}


class WorkspaceForm(forms.Form):
    """A new workspace."""

    name = forms.CharField(max_length=120)
    slug = forms.CharField(
        label="Address",
        max_length=50,
        validators=[_SLUG],
        help_text="Lowercase letters, digits and hyphens.",
    )
    currency = forms.ChoiceField(
        choices=_CURRENCIES,
        initial="USD",
        required=False,
        help_text="The currency of all money in the workspace. It cannot be changed later.",
    )

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"] or "USD")


class InviteForm(forms.Form):
    """An invitation for one email address."""

    email = EmailField(label="Email")
    role = forms.ChoiceField(choices=Role.choices, initial=Role.VIEWER)


class ExpiringForm(forms.Form):
    """The fields of every new key: a name, and when it expires."""

    name = forms.CharField(
        max_length=80, help_text="The program that uses it, so that you know which key to revoke."
    )
    days = forms.TypedChoiceField(
        label="Expires",
        choices=[("90", "In 90 days"), ("30", "In 30 days"), ("365", "In a year"), ("", "Never")],
        initial="90",
        coerce=int,
        empty_value=None,
        required=False,
    )

    def expires_at(self) -> datetime | None:
        """Return when the key expires, or None for never."""
        days = self.cleaned_data["days"]
        return clock.now() + timedelta(days=days) if days else None


class KeyForm(ExpiringForm):
    """A new API key of the workspace."""

    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=[(scope, _WHAT_SCOPES_DO[scope]) for scope in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        initial=["read"],
    )
    field_order = ("name", "scopes", "days")
