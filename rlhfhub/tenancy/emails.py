"""What an e-mail address may be, wherever one is taken."""

from typing import Any

from django import forms
from django.core.validators import EmailValidator, MaxLengthValidator

# The longest a mail server takes (RFC 5321, 4.5.3.1.3, without its brackets), and what the columns hold.
MAX_LENGTH = 254
_is_address = EmailValidator("This is not an e-mail address.")
_is_short_enough = MaxLengthValidator(
    MAX_LENGTH,
    "An e-mail address has at most %(limit_value)d characters; this one has %(show_value)d.",
)


def check(email: str) -> None:
    """Raise ValidationError unless `email` is an address that can be stored whole."""
    _is_short_enough(email)
    _is_address(email)


class EmailField(forms.EmailField):
    """An e-mail address in a form. Without `maxlength`, by which a browser cuts what is pasted and says nothing."""

    default_validators = [check]

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=None, **options)
