"""How accounts behave: e-mails leave after the commit that they speak of, never inside its transaction."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sites.shortcuts import get_current_site
from django.db import transaction


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks."""

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """The password alone: the door may write no other column that says what somebody may do."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        request = current.request
        known = {"request": request, "email": email, "current_site": get_current_site(request)}
        message = self.render_mail(template_prefix, email, {**known, **context})
        # A mail server that is away is logged: what the mail speaks of is done, and it can be asked for again.
        transaction.on_commit(message.send, robust=True)
