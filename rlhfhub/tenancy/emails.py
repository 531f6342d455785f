"""The check of email addresses, for every form and command that takes one."""

from typing import Any

from django import forms
from django.core.validators import EmailValidator, MaxLengthValidator

# The longest address that a mail server accepts (RFC 5321, 4.5.3.1.3, without its brackets) and that columns hold.
MAX_LENGTH = 254
_is_address = EmailValidator("This is not an email address.")
_is_short_enough = MaxLengthValidator(
    MAX_LENGTH,
    "An email address has at most %(limit_value)d characters; this one has %(show_value)d.",
)


def check(email: str) -> None:
    """Raise ValidationError unless `email` is an email address that fits the column."""
    _is_short_enough(email)
    _is_address(email)


class EmailField(forms.EmailField):
    """An email address in a form. It has no `maxlength`, which would make browsers cut a pasted address silently."""

    default_validators = [check]

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=None, **options)
