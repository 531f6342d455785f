"""allauth's pages that take a password. After too many wrong ones they respond with 429 and when to try again."""

from typing import Any

from allauth.account.views import LoginView, ReauthenticateView
from django import forms
from django.http import HttpResponse

from rlhfhub.tenancy.accounts import TOO_MANY_GUESSES


class _Limited:
    """Mixin, placed before allauth's own view class."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add `is_limited`: whether the form was refused because of too many wrong passwords."""
        found: dict[str, Any] = super().get_context_data(**context)  # type: ignore[misc]
        return {**found, "is_limited": _refusal(found["form"]) is not None}

    def form_invalid(self, form: forms.Form) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]
        if refusal := _refusal(form):
            response.status_code = 429
            response["Retry-After"] = str(refusal.params["seconds"])
        return response


class SignInView(_Limited, LoginView):
    """Sign in."""


class AskAgainView(_Limited, ReauthenticateView):
    """Ask a signed-in user for the password again."""


def _refusal(form: forms.Form) -> Any:
    errors = [error for found in form.errors.as_data().values() for error in found]
    return next((error for error in errors if error.code == TOO_MANY_GUESSES), None)
