"""Makes the workspace of the platform, which pays for deciding appeals: `manage.py platform --price-minor 200`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.review.children import appeals
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import Membership, User, Workspace
from rlhfhub.tenancy.roles import Role


class Command(BaseCommand):
    help = (
        "Makes the platform's own workspace with the project in which annotators decide appeals, and its staff members "
        "of it. Run it again to add new staff."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--price-minor", type=int, required=True, help="The pay for an appeal.")
        parser.add_argument("--currency", default="USD")
        parser.add_argument("--name", default="Platform")

    def handle(self, *, price_minor: int, currency: str, name: str, **options: Any) -> None:
        slug = settings.PLATFORM_WORKSPACE
        if not slug:
            raise CommandError("Set RLHFHUB_PLATFORM_WORKSPACE to the slug of the workspace first.")
        staff = list(User.objects.filter(is_staff=True, is_active=True).order_by("date_joined"))
        if not staff:
            raise CommandError("Make a member of staff first: manage.py create_staff")
        workspace = Workspace.objects.filter(slug=slug).first()
        if workspace is None:
            workspace = services.create_workspace(
                user=staff[0], name=name, slug=slug, currency=currency
            )
        self._fill(workspace, staff, price_minor)
        self.stdout.write(
            f"The workspace {workspace.slug} decides appeals. Book money for it, or staff decide them all."
        )

    def _fill(self, workspace: Workspace, staff: list[User], price_minor: int) -> None:
        with planes.in_workspace(workspace.pk, staff[0].pk):
            members = set(Membership.objects.values_list("user", flat=True))
            if not members <= {user.pk for user in staff}:
                words = (
                    f"{workspace.slug} has members who are not staff, so it is not the platform's."
                )
                raise CommandError(words)
            for user in staff:
                if user.pk not in members:
                    Membership.objects.create(workspace=workspace, user=user, role=Role.OWNER)
            try:
                appeals.make_project(
                    workspace=workspace, price_minor=price_minor, actor_id=staff[0].pk
                )
            except Refused as error:
                raise CommandError(str(error)) from error
