"""What comes first in a list, and what a list of one person may hold."""

import uuid

from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.urls import reverse

from projects.items.models import Batch
from projects.plan.models import Project
from rlhfhub.tenancy import planes, services
from tests import people
from tests.factories import Tenant
from tests.pages.conftest import browser_of
from tests.people import Annotator


def test_nobody_has_addresses_without_end(database: None) -> None:
    browser = browser_of(people.make_user())
    for number in range(8):
        form = {"email": f"{uuid.uuid4().hex}-{number}@x.example", "action_add": ""}
        browser.post("/accounts/email/", form)
    with planes.at_door():
        assert EmailAddress.objects.count() <= settings.ACCOUNT_MAX_EMAIL_ADDRESSES


def test_working_keys_come_first(owner: Client, workspace_a: Tenant) -> None:
    """The newest of them before the others, those that are revoked last."""
    with planes.in_workspace(workspace_a.pk):
        made = [
            services.create_key(
                workspace_id=workspace_a.pk,
                name=f"key {n}",
                scopes=["read"],
                by_id=workspace_a.owner.pk,
            )[0]
            for n in range(3)
        ]
        services.revoke_key(key=made[2], by=workspace_a.owner)
    rows = owner.get(reverse("keys", args=[workspace_a.workspace.slug])).context["listing"].rows
    assert [row.name for row in rows] == ["key 1", "key 0", "test", "key 2"]


def test_who_has_not_begun_stands_after_the_busy(
    owner: Client,
    workspace_a: Tenant,
    project: Project,
    batch: Batch,
    annotators: list[Annotator],
) -> None:
    busiest, busy, idle = annotators
    for annotator, times in ((busiest, 2), (busy, 1)):
        for _ in range(times):
            lease = annotator.lease()
            assert lease and annotator.submit(lease).status_code == 201
    at = reverse("project", args=[workspace_a.workspace.slug, project.pk])
    rows = owner.get(at).context["people"].rows
    names = [one.enrollment.pseudonym for one in (busiest, busy, idle)]
    assert [(row.pseudonym, row.submitted) for row in rows] == list(
        zip(names, (2, 1, 0), strict=True)
    )
