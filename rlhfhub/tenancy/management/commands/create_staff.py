"""Makes the first members of staff: `manage.py create_staff --email ada@example.org`."""

import getpass
import secrets
import sys
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from rlhfhub.tenancy import emails
from rlhfhub.tenancy.models import AuditEntry, User


class Command(BaseCommand):
    help = "Makes a new account, or an existing one, a member of staff. Asks for a password, or generates one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="")
        parser.add_argument(
            "--generate", action="store_true", help="Generate the password and print it once."
        )

    def handle(self, *, email: str, name: str, generate: bool, **options: Any) -> None:
        email = email.strip().lower()
        try:
            emails.check(email)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        with transaction.atomic():
            user = User.objects.filter(email=email).first()
            if user:
                self._promote(user)
            else:
                self._create(email, name, generate)

    def _promote(self, user: User) -> None:
        User.objects.filter(pk=user.pk).update(is_staff=True)
        self._note(user)
        self.stdout.write(f"{user.email} is staff now; the password stays as it was.")

    def _create(self, email: str, name: str, generate: bool) -> None:
        made = secrets.token_urlsafe(15) if generate or not sys.stdin.isatty() else ""
        password = made or self._ask()
        user = User.objects.create_user(email, password, name=name, is_staff=True)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        self._note(user)
        self.stdout.write(f"{email} is staff and signs in at /accounts/login/, then opens /admin/.")
        if made:
            self.stdout.write(f"Password (shown once): {made}")

    def _ask(self) -> str:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password again: "):
            raise CommandError("The two passwords do not match.")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password

    def _note(self, user: User) -> None:
        AuditEntry.objects.create(plane="owner", verb="staff.create", subject=str(user.pk))
