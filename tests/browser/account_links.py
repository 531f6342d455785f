"""Users whose accounts show rarely seen pages: an address to confirm, a forgotten password, no password."""

from dataclasses import dataclass

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str

from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests.people import make_user


@dataclass(frozen=True)
class AccountLinks:
    """A user without a password, and the parameters of the links mailed to another user."""

    passwordless: User
    confirmation_key: str
    reset_uid: str
    reset_key: str

    def ids(self) -> dict[str, str]:
        """The parameters of the links' URLs, by the names that tests/routes.py uses."""
        return {
            "confirmation_key": self.confirmation_key,
            "reset_uid": self.reset_uid,
            "reset_key": self.reset_key,
        }


def make_account_links() -> AccountLinks:
    """Create both users. A reset key is valid until its user signs in, so tests do not sign in as this one."""
    passwordless, forgetful = make_user("Paul"), make_user("Flora")
    with planes.at_door():
        passwordless.set_unusable_password()
        passwordless.save(update_fields=["password"])
        unconfirmed = EmailAddress.objects.create(user=forgetful, email=forgetful.email)
    return AccountLinks(
        passwordless=passwordless,
        confirmation_key=EmailConfirmationHMAC.create(unconfirmed).key,
        reset_uid=user_pk_to_url_str(forgetful),
        reset_key=default_token_generator.make_token(forgetful),
    )
