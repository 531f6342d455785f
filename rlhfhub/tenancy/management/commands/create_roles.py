"""`manage.py create_roles --admin-url URL`: makes the roles and the database, and corrects the database's ownership."""

from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from rlhfhub.ground.dsn import database
from rlhfhub.tenancy import logins, owners


class Command(BaseCommand):
    help = "Creates the owner, the site's login, the planes' roles and the database; needs a superuser's address."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--admin-url", required=True)

    def handle(self, *args: Any, admin_url: str, **options: Any) -> None:
        owner_password = urlsplit(settings.DATABASE_OWNER_URL).password or ""
        site_password = urlsplit(settings.DATABASE_URL).password or ""
        name = database(settings.DATABASE_OWNER_URL)["NAME"]
        with psycopg.connect(admin_url, autocommit=True) as admin:
            logins.create(admin, owner_password=owner_password, site_password=site_password)
            made = logins.create_database(admin, name)
        with psycopg.connect(admin_url, dbname=name) as admin:
            logins.close_large_objects(admin)
            given = owners.give_back(admin, name)
        for stray in given:
            self.stdout.write(f"{stray.what} was {stray.owner}'s and is {stray.due}'s now")
        self.stdout.write(f"roles ready; database {name} {'created' if made else 'exists'}")
