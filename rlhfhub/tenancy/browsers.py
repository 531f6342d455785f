"""Known browsers: a signed cookie for each account that signed in with one.

Wrong passwords from a known browser are counted apart, so that strangers' guesses never delay its holder. The
signature covers the password's hash: a changed password ends the account's known browsers.
"""

import secrets
import unicodedata

from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from rlhfhub.tenancy.models import User

MAX_AGE_SECONDS = 180 * 24 * 3600
PATH = "/accounts/"  # only pages that take a password need it


def account_of(email: str) -> str:
    """An e-mail address as limits count it: spellings that the database finds alike are one."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def known(request: HttpRequest, email: str) -> str | None:
    """The random id of this browser, if it signed in to the account of `email` since the password was set."""
    cookie = request.COOKIES.get(_name(email))
    if cookie is None:
        return None
    for user in filter_users_by_email(email, is_active=True):
        try:
            browser = _signer(user, email).unsign(cookie, max_age=MAX_AGE_SECONDS)
        except signing.BadSignature:
            continue
        if _is_theirs(user, email):
            return browser
    return None


def _is_theirs(user: User, email: str) -> bool:
    """Whether the account is that of the address: anybody may add one that they never confirm."""
    if user.email.lower() == email.lower():
        return True
    confirmed = EmailAddress.objects.filter(user=user, email__iexact=email, verified=True)
    return bool(confirmed.exists())


def remember(response: HttpResponse, user: User, email: str) -> None:
    """Make the browser that gets `response` known to the account that signed in by `email`."""
    response.set_cookie(
        _name(email),
        _signer(user, email).sign(secrets.token_urlsafe(16)),
        max_age=MAX_AGE_SECONDS,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _name(email: str) -> str:
    return "known-" + salted_hmac("rlhfhub.browsers", account_of(email)).hexdigest()[:16]


def _signer(user: User, email: str) -> signing.TimestampSigner:
    # Over the address too: alike spellings share a cookie's name, and may be two people's.
    salt = f"rlhfhub.browsers:{user.pk}:{email.lower()}:{user.password}"
    return signing.TimestampSigner(salt=salt)
