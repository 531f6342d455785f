"""One of the two workspaces of the world, and what is in it."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from projects.exports.models import Export
from projects.items.models import Batch
from projects.plan.models import Project
from projects.work.models import Annotation
from rlhfhub.tenancy.models import User
from tests.factories import Tenant
from tests.people import Annotator


@dataclass
class Side:
    """One workspace and its contents. Every text in it holds `mark`."""

    mark: str
    tenant: Tenant
    viewer: User
    project: Project
    unpaid: Project
    batch: Batch
    draft_batch: Batch
    funded_batch: Batch
    annotators: list[Annotator] = field(default_factory=list)
    leases: list[dict[str, Any]] = field(default_factory=list)
    # Of each annotator: an address at Stripe that they have not followed yet.
    links: list[uuid.UUID] = field(default_factory=list)
    waiting: list[Annotation] = field(default_factory=list)
    accepted: list[Annotation] = field(default_factory=list)
    # One of each of the first two annotators.
    rejected: list[uuid.UUID] = field(default_factory=list)
    returned: list[uuid.UUID] = field(default_factory=list)
    export: Export | None = None
    keyed_item: uuid.UUID | None = None
    key: uuid.UUID | None = None
    adjudicated: uuid.UUID | None = None
    example: uuid.UUID | None = None
    asking: uuid.UUID | None = None
    round: uuid.UUID | None = None
    draft_round: uuid.UUID | None = None
    attempt: uuid.UUID | None = None
    alert: uuid.UUID | None = None
    notice: uuid.UUID | None = None
    bulk_accept: uuid.UUID | None = None
    sample_check: uuid.UUID | None = None
    deposit: uuid.UUID | None = None
    refund: uuid.UUID | None = None
    unsubscribe: str = ""
    invitation: str = ""
    revoked_secret: str = ""
    reader_secret: str = ""

    @property
    def pk(self) -> uuid.UUID:
        return self.tenant.pk

    @property
    def slug(self) -> str:
        return self.tenant.workspace.slug

    @property
    def person(self) -> Annotator:
        """The annotator as whom tests send requests."""
        return self.annotators[0]

    def ids(self) -> dict[str, Any]:
        """Return the ids in URLs, by the names of the parameters."""
        assert self.export
        return {
            "slug": self.slug,
            "project": self.project.pk,
            "project_id": self.project.pk,
            "batch": self.batch.pk,
            "batch_id": self.batch.pk,
            "draft_batch": self.draft_batch.pk,
            "funded_batch": self.funded_batch.pk,
            "item": self.waiting[0].item_id,
            "item_id": self.waiting[0].item_id,
            "annotation": self.waiting[0].pk,
            "annotation_id": self.waiting[0].pk,
            "unreturned": self.waiting[1].pk,
            "adjudicated": self.adjudicated,
            "keyed_item": self.keyed_item,
            "keyed_item_id": self.keyed_item,
            "key_id": self.key,
            "example": self.example,
            "round": self.round,
            "round_id": self.round,
            "draft_round": self.draft_round,
            "attempt": self.attempt,
            "alert": self.alert,
            "alert_id": self.alert,
            "notice_id": self.notice,
            "bulk_accept": self.bulk_accept,
            "bulk_id": self.bulk_accept,
            "sample_check": self.sample_check,
            "sample_id": self.sample_check,
            "deposit": self.deposit,
            "refund": self.refund,
            "deposit_id": self.deposit,
            "signed": self.unsubscribe,
            "export": self.export.pk,
            "export_id": self.export.pk,
            "unpaid": self.unpaid.pk,
            "link_id": self.links[0],
            "token": self.invitation,
            "number": 1,
            "pseudonym": self.annotators[0].enrollment.pseudonym,
        }
