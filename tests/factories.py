"""Functions that create the objects tests need, through the services that the site uses, each in its plane."""

import itertools
import json
import tempfile
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from billing.funding import services as funding
from billing.readings import services as readings
from projects.formats.reading.spool import spool
from projects.items import imports
from projects.items import services as batches
from projects.items.models import Batch
from projects.plan import services as plan
from projects.plan.models import Project
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import User, Workspace
from rlhfhub.tenancy.planes import Plane
from tests.people import Client, client_for, make_key, make_user

_numbers = itertools.count(1)
MONEY = 10_000_000
PRICE = 25


@dataclass
class Tenant:
    """A workspace, its owner, and a key with all scopes."""

    workspace: Workspace
    owner: User
    secret: str

    @property
    def client(self) -> Client:
        return client_for(self.secret)

    @property
    def pk(self) -> uuid.UUID:
        return self.workspace.pk


def make_workspace(name: str = "", *, money: int = MONEY, currency: str = "USD") -> Tenant:
    """Create a workspace with an owner, a key and `money` minor units on its balance."""
    number = next(_numbers)
    owner = make_user(f"Owner {number}")
    name = name or f"Workspace {number}"
    with planes.at_door():
        workspace = services.create_workspace(
            user=owner, name=name, slug=f"w{number}-{uuid.uuid4().hex[:8]}", currency=currency
        )
    if money:
        make_deposit(workspace, money)
    return Tenant(workspace, owner, make_key(workspace, owner))


def make_deposit(workspace: Workspace, amount_minor: int) -> None:
    """Add `amount_minor` minor units to the workspace's balance."""
    with planes.entered(Plane.STAFF):
        funding.deposit(
            workspace_id=workspace.pk,
            currency=workspace.currency,
            amount_minor=amount_minor,
            reference=uuid.uuid4().hex,
            actor_id=uuid.uuid4(),
            note="for tests",
        )


def make_project(tenant: Tenant, *, publish: bool = True, **fields: Any) -> Project:
    """Create a project of the market at PRICE with published guidelines; `access="members"` makes it unpaid."""
    fields.setdefault("access", "market")
    fields.setdefault("price_minor", PRICE if fields["access"] == "market" else 0)
    fields.setdefault("name", f"Project {next(_numbers)}")
    fields.setdefault("template", "pairwise")
    fields.setdefault("programs", True)  # Tests' annotators work with tokens,
    fields.setdefault("machine_text", "allowed")  # and attest nothing.
    with planes.in_workspace(tenant.pk):
        project = plan.create_project(
            workspace=tenant.workspace, created_by_id=tenant.owner.pk, **fields
        )
        if publish:
            publish_guidelines(project)
            project.refresh_from_db()
    return project


def publish_guidelines(
    project: Project,
    text: str = "# Be fair\n\nRead both.",
    change: str = "major",
    reading_minor: int | None = None,
) -> None:
    """Publish the next version of the guidelines; reading it pays `reading_minor`, if that is said."""
    with planes.in_workspace(project.workspace_id):
        version = plan.draft_guideline(
            project=project, text=text, change=change, created_by_id=project.created_by_id
        )
        plan.publish_guideline(
            version=version, actor_id=project.created_by_id, reading_minor=reading_minor
        )


def set_aside_for_readers(project: Project, readers: int = 20) -> None:
    """Set money aside for people who will read the project's guidelines, which must pay for it."""
    with planes.in_workspace(project.workspace_id):
        project.refresh_from_db()
        readings.set_aside(project=project, readers=readers, actor_id=None)


def make_item(number: int, **fields: Any) -> dict[str, Any]:
    """Return an item as clients send it."""
    return {
        "external_id": f"item-{number}",
        "prompt": f"Question {number}?",
        "responses": [
            {"text": f"First answer to {number}.", "model": "model-a"},
            {"text": f"Second answer to {number}.", "model": "model-b"},
        ],
        **fields,
    }


def make_items(count: int, first: int = 1) -> list[dict[str, Any]]:
    """Return `count` items as clients send them, numbered from `first`."""
    return [make_item(number) for number in range(first, first + count)]


def import_items(batch: Batch, items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Import the items into the batch as an upload would. Returns the receipt."""
    with tempfile.TemporaryDirectory() as folder:
        sent, source = (Path(folder) / name for name in ("sent", "source"))
        with sent.open("w") as file:
            file.writelines(json.dumps(item) + "\n" for item in items)
        with sent.open("rb") as stream:
            spooled = spool(stream, source)
        upload = imports.Upload(source, spooled.sha256, "abort")
        with planes.in_workspace(batch.workspace_id):
            return imports.load(batch=batch, upload=upload, actor_id=None)


def fund_batch(batch: Batch) -> None:
    """Fund the batch: reserve the money and create all slots."""
    with planes.in_workspace(batch.workspace_id):
        run = funding.start(batch=batch, actor_id=None)
    while run.state == "running" and funding.continue_chunk(
        workspace_id=batch.workspace_id, funding_id=run.pk
    ):
        pass


def make_batch(
    project: Project,
    items: int = 5,
    *,
    fund: bool = True,
    open: bool = True,
    first: int = 1,
    plan: batches.Plan | None = None,
    **fields: Any,
) -> Batch:
    """Create a batch of `items` items, by default funded and open. `first` is the number of its first item.

    Without a plan every item gets the project's overlap.
    """
    plan = plan or batches.Plan(project.overlap, share_percent=0)
    with planes.in_workspace(project.workspace_id):
        batch = batches.create_batch(project=project, plan=plan, actor_id=None, **fields)
    if items:
        import_items(batch, make_items(items, first))
    if items and fund:
        fund_batch(batch)
    with planes.in_workspace(project.workspace_id):
        batch.refresh_from_db()
        if items and fund and open:
            batch = batches.open_batch(batch=batch, actor_id=None)
    return batch
