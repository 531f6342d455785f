"""How accounts behave: limits on wrong passwords, known browsers, and mails that leave after the commit."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse

from rlhfhub.ground import addresses
from rlhfhub.tenancy import browsers, devices, emails, guesses
from rlhfhub.tenancy.models import User

TOO_MANY_GUESSES = "too_many_guesses"


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks."""

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Save the password column only: the door plane may not write the columns that hold permissions."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def save_user(
        self, request: HttpRequest, user: User, form: Form, commit: bool = True
    ) -> AbstractBaseUser:
        """Save a new user with the side of the site that they chose."""
        user.side = form.cleaned_data.get("side", "")
        saved: AbstractBaseUser = super().save_user(request, user, form, commit)
        return saved

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        request = current.request
        known = {"request": request, "email": email, "current_site": get_current_site(request)}
        message = self.render_mail(template_prefix, email, {**known, **context})
        transaction.on_commit(message.send, robust=True)

    def clean_email(self, email: str) -> str:
        emails.check(email)
        return str(super().clean_email(email))

    def get_client_ip(self, request: HttpRequest) -> str:
        return addresses.plain(super().get_client_ip(request))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Return the user with this email address and password. Raises ValidationError while guesses have to wait."""
        email = credentials.get("email") or ""
        try:
            attempt = guesses.begin(
                account=browsers.account_of(email),
                address=addresses.network(self.get_client_ip(request)),
                browser=browsers.known(request, email),
            )
        except guesses.TooManyGuesses as refused:
            raise ValidationError(
                _words(refused), TOO_MANY_GUESSES, {"seconds": refused.seconds}
            ) from refused
        user: User | None = super().authenticate(request, **credentials)
        if user:
            attempt.succeeded()
        return user

    def post_login(
        self, request: HttpRequest, user: User, *, email: str | None = None, **options: Any
    ) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, email=email, **options)
        browsers.remember(response, user, email or user.email)
        devices.remember(request, response, user)
        return response


def _words(refused: guesses.TooManyGuesses) -> str:
    source = "for this account" if refused.limit == guesses.ACCOUNT else "from here"
    return f"Too many wrong passwords {source}. Try again in {_duration(refused.seconds)}."


def _duration(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    return f"{-(-seconds // 60)} minutes"
