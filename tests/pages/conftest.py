"""Fixtures of the tests of pages: test clients of signed-in people, and a way to add a row to every list."""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from billing.readings import services as readings
from projects.exports import services as exports
from projects.items.models import Batch, Item
from projects.plan.models import Project
from projects.quality import services as quality
from projects.quality.annotators import refresh_annotators
from projects.review.services import accepting as review
from projects.review.services import flags
from projects.work.models import Annotation
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import User
from tests import gold, people
from tests.bonuses.made import give_more
from tests.calibration import made as calibration
from tests.deposits.made import make_paid, make_refund, make_stray
from tests.factories import (
    Tenant,
    make_batch,
    make_deposit,
    make_project,
    make_workspace,
    publish_guidelines,
)
from tests.people import Annotator
from tests.quality.made import open_alert
from tests.rejections import reject
from tests.review.bulk import ask_for_more

HTMX = {"HTTP_HX_REQUEST": "true"}


def browser_of(user: User | None = None, **options: Any) -> Client:
    """Return a test client in which `user` has signed in, or nobody."""
    client = Client(**options)
    if user:
        client.force_login(user)
    return client


def lease_of(page: str) -> str:
    """The id of the lease on a desk's page."""
    found = re.search(r'data-lease="([0-9a-f-]+)"', page)
    assert found, page[:2000]
    return found[1]


def keys_of(page: str) -> list[str]:
    """The keys of the responses on a desk's page, in the order shown."""
    return re.findall(r'value="(\w+)"\s+id="choice-\d"', page)


@pytest.fixture
def owner(workspace_a: Tenant) -> Client:
    """The browser of workspace A's owner."""
    return browser_of(workspace_a.owner)


@pytest.fixture
def stranger(workspace_b: Tenant) -> Client:
    """The browser of the owner of workspace B, who is no member of A."""
    return browser_of(workspace_b.owner)


@pytest.fixture
def member(workspace_a: Tenant) -> Callable[[str], Client]:
    """`member("viewer")` is the browser of a member of A with that role."""
    return lambda role: browser_of(people.make_member(workspace_a.workspace, role))


@pytest.fixture
def ada(annotators: list[Annotator], batch: Batch) -> Annotator:
    """An annotator of the open batch of five, who has the token `desk` already."""
    return annotators[0]


@pytest.fixture
def browser(ada: Annotator) -> Client:
    """Ada's browser."""
    return browser_of(ada.user)


@pytest.fixture
def desk(ada: Annotator) -> str:
    """The path of Ada's desk."""
    return f"/work/{ada.enrollment.pk}/"


@pytest.fixture
def addresses(workspace_a: Tenant, project: Project, batch: Batch) -> dict[str, str]:
    """The paths of workspace A's pages."""
    root = f"/w/{workspace_a.workspace.slug}/"
    mine = f"{root}projects/{project.pk}/"
    return {
        "workspace": root,
        "members": f"{root}members/",
        "keys": f"{root}keys/",
        "money": f"{root}money/",
        "project_new": f"{root}projects/new/",
        "project": mine,
        "project_agreement": f"{mine}agreement/",
        "guidelines": f"{mine}guidelines/",
        "review": f"{mine}review/",
        "exports": f"{mine}exports/",
        "batch": f"{root}batches/{batch.pk}/",
        "batch_progress": f"{root}batches/{batch.pk}/progress/",
    }


@pytest.fixture
def more(
    workspace_a: Tenant,
    project: Project,
    batch: Batch,
    annotators: list[Annotator],
    deliver: Callable[[], int],
) -> Callable[[], None]:
    """`more()` adds a row to every list."""
    numbers: Iterator[int] = iter(range(1, 1000))
    calibration.make_pool(project, 2 * calibration.ITEMS, first=10_000)

    def one_more() -> None:
        number = next(numbers)
        publish_guidelines(project, f"# Version {number}", "minor", reading_minor=5)
        with planes.in_workspace(workspace_a.pk):
            project.refresh_from_db()
            readings.set_aside(project=project, readers=2, actor_id=None)
        people.make_annotator(project, f"Reader {number}")
        added = make_batch(project, items=2, first=number * 100)
        with planes.in_workspace(workspace_a.pk):
            item = Item.objects.filter(batch=added).earliest("seq")
        gold.make_keyed(item, people=("Ann",))
        calibration.make_round(project, seats=1)
        make_batch(make_project(workspace_a), items=1)
        make_deposit(workspace_a.workspace, 1000)
        make_refund(make_paid(workspace_a), 100)
        make_stray()
        people.make_member(workspace_a.workspace)
        newcomer = people.make_annotator(project)
        people.make_key(workspace_a.workspace, workspace_a.owner)
        people.make_member(make_workspace().workspace, user=workspace_a.owner)
        for annotator in (*annotators, newcomer):
            lease = annotator.lease()
            assert lease and annotator.submit(lease).status_code == 201
        with planes.in_workspace(workspace_a.pk):
            email = f"{uuid.uuid4().hex}@x.example"
            by = workspace_a.owner
            services.invite(workspace=workspace_a.workspace, email=email, role="viewer", by=by)
            first = Annotation.objects.filter(state="submitted").earliest("pk")
            review.accept(annotation_ids=[first.pk], reviewer_id=by.pk)
            reject(Annotation.objects.filter(state="submitted").earliest("pk").pk, workspace_a)
            exports.request(project=project, actor_id=by.pk)
            newest = Annotation.objects.order_by("-pk").values_list("pk", flat=True)[:2]
            flags.flag(annotation_ids=list(newest), reason="drift", weight=1 + number % 10)
            ask_for_more(project, by.pk)
        deliver()
        give_more(project, annotators[0], by=1)
        open_alert(newcomer)
        with planes.in_workspace(workspace_a.pk):
            quality.refresh_agreement(project_id=project.pk)
            refresh_annotators(project_id=project.pk)

    return one_more
