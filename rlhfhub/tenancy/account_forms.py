"""allauth's forms for a new account and a new password. Neither their responses nor their times reveal who has one."""

import copy
import uuid
from typing import Any

from allauth.account import forms
from allauth.account.internal.flows import password_reset
from django import forms as fields
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from rlhfhub.tenancy.models import User


class SignupForm(forms.SignupForm):
    """Make an account. If the address has one, its owner gets a mail, and the sender sees the usual response.

    It asks for one thing more: whether the person wants to work or has work to give. Who comes from a link to
    something else, such as an invitation, is not asked.
    """

    side = fields.ChoiceField(
        label="What brings you here?",
        choices=User.Side.choices,
        required=False,
        widget=fields.RadioSelect,
    )
    field_order = ("side", "email", "password1", "password2")

    def clean_side(self) -> str:
        """Return the side; empty for somebody who goes on to what they were invited to."""
        side = str(self.cleaned_data["side"])
        if not side and not self.data.get(REDIRECT_FIELD_NAME):
            raise fields.ValidationError(
                "Choose one. You can do both with one account, and switch at any time."
            )
        return side

    def try_save(self, request: HttpRequest) -> tuple[Any, HttpResponse | None]:
        """Make the account; if the address has one, do the same work without effect, so that it takes as long."""
        if self.account_already_exists:
            self._rehearse(request)
        saved: tuple[Any, HttpResponse | None] = super().try_save(request)
        return saved

    def _rehearse(self, request: HttpRequest) -> None:
        """Make an account for a random address and roll it back, so that hashing and writing take their usual time."""
        rehearsal = copy.copy(self)
        rehearsal.account_already_exists = False
        address = f"{uuid.uuid4().hex}@nobody.invalid"
        rehearsal.cleaned_data = {**self.cleaned_data, "email": address}
        with transaction.atomic():
            rehearsal.save(request)
            transaction.set_rollback(True)


class ResetPasswordForm(forms.ResetPasswordForm):
    """Mail a link to choose a new password; to an unknown address, mail that it has no account."""

    def save(self, request: HttpRequest, **options: Any) -> str:
        """Make both mails, so that known and unknown addresses take the same time, and send the right one."""
        others = [] if self.users else [User()]
        with transaction.atomic():
            password_reset.request_password_reset(
                request, self.cleaned_data["email"], others, forms.default_token_generator
            )
            transaction.set_rollback(True)  # drops the mail too, which is sent on commit
        return str(super().save(request, **options))
