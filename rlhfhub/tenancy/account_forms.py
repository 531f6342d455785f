"""allauth's form for a new account, which tells nobody who has one: not by its page, and not by its time."""

import copy
import uuid
from typing import Any

from allauth.account import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse


class SignupForm(forms.SignupForm):
    """Make an account. For an address that has one, its owner is told by mail and the sender sees the same."""

    def try_save(self, request: HttpRequest) -> tuple[Any, HttpResponse | None]:
        """Make the account, or do the same work for nobody."""
        if self.account_already_exists:
            self._rehearse(request)
        saved: tuple[Any, HttpResponse | None] = super().try_save(request)
        return saved

    def _rehearse(self, request: HttpRequest) -> None:
        """Make an account for a random address and roll it back: hashing and writing take their usual time."""
        rehearsal = copy.copy(self)
        rehearsal.account_already_exists = False
        address = f"{uuid.uuid4().hex}@nobody.invalid"
        rehearsal.cleaned_data = {**self.cleaned_data, "email": address}
        with transaction.atomic():
            rehearsal.save(request)
            transaction.set_rollback(True)
