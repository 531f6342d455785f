"""People who earn: each has accepted answers in one project, whose pay is raised again and again by top-ups."""

from dataclasses import dataclass
from itertools import count

from billing.bonuses import services as bonuses
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.services import accepting
from projects.work.models import Annotation
from rlhfhub.events import dispatch
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests import people
from tests.factories import Tenant, make_batch, make_project, make_workspace
from tests.recipients.made import make_payable
from tests.stripe_emulator.control import Control

#: What an accepted answer is paid more by each raise, in minor units.
RAISE_MINOR = 37
BUDGET_MINOR = 100_000_000


@dataclass
class Earners:
    """The people by their accounts at Stripe, and what gives them more."""

    tenant: Tenant
    project: Project
    users: dict[str, User]
    price_minor: int

    def earn(self) -> None:
        """Raise the pay of all accepted answers, and book what that gives to whom."""
        self.price_minor += RAISE_MINOR
        with planes.in_workspace(self.tenant.pk):
            project = Project.objects.get(pk=self.project.pk)
            bonuses.top_up(project=project, price_minor=self.price_minor, actor_id=None)
        dispatch.drain()


def make_earners(emulator: Control, number: int) -> Earners:
    """Make people who can be paid by the emulator. Every third one has two accepted answers, the others one."""
    tenant = make_workspace(money=BUDGET_MINOR)
    project = make_project(tenant, overlap=1)
    make_batch(project, 2 * number, plan=Plan(overlap=1, share_percent=0))
    client, users = emulator.client(), {}
    for n in range(number):
        annotator = people.make_annotator(project, f"Earner {n}")
        for _ in range(2 if n % 3 == 0 else 1):
            lease = annotator.lease()
            assert lease
            assert annotator.submit(lease).status_code == 201
        account = emulator.recipient(client)
        make_payable(annotator.user, account)
        users[account] = annotator.user
    _accept_all(tenant)
    return Earners(tenant, project, users, project.price_minor)


def _accept_all(tenant: Tenant) -> None:
    for _ in count():
        with planes.in_workspace(tenant.pk):
            rows = Annotation.objects.filter(state="submitted").values_list("pk", flat=True)
            answers = list(rows[: accepting.LIMIT])
            if not answers:
                break
            accepting.accept(annotation_ids=answers, reviewer_id=tenant.owner.pk)
    dispatch.drain()
