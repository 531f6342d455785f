"""Who leaves a workspace in the middle of an appeal: what was decided on their answer, and on what they rejected."""

import uuid
from collections.abc import Callable

import pytest

from projects.items.services import Plan
from projects.plan.models import Project
from rlhfhub.tenancy import planes, services
from rlhfhub.tenancy.models import Membership, User
from tests import people
from tests.factories import Tenant, make_batch, make_project
from tests.notices.told import notices
from tests.pages.conftest import browser_of
from tests.people import Annotator
from tests.rejections import NOTE, appealed, decide, reject, rejected
from tests.review.own import answer_of, at, page_of, send_back

STATEMENT = "I followed the rule, see line 2."


@pytest.fixture
def unpaid(workspace_a: Tenant) -> Project:
    project = make_project(workspace_a, access="members")
    make_batch(project, 3, plan=Plan(overlap=1, share_percent=0))
    return project


@pytest.fixture
def ada(unpaid: Project) -> Annotator:
    return people.make_annotator(unpaid, "Ada")


def remove(user: User, tenant: Tenant) -> None:
    with planes.in_workspace(tenant.pk):
        membership = Membership.objects.get(user=user)
        services.remove_member(membership=membership, by=tenant.owner)


def test_an_annotator_who_was_removed_reads_how_their_appeal_ended(
    workspace_a: Tenant, ada: Annotator, deliver: Callable[[], int]
) -> None:
    answer = answer_of(ada)
    rejected(answer, workspace_a)
    appealed(answer, workspace_a, ada.user.pk, STATEMENT)
    remove(ada.user, workspace_a)
    browser = browser_of(ada.user)
    waits = page_of(browser.get(at(ada, "decisions", answer)))
    assert "rejected, your appeal waits" in waits
    decide(answer, broken=False)
    deliver()
    told = notices(ada.user)[-1]
    page = browser.get(f"/notices/{told.pk}/", follow=True)
    shown = page_of(page)
    assert page.status_code == 200 and "accepted after your appeal" in shown
    assert NOTE in shown and STATEMENT in shown and "The rule says so." in shown
    assert "you are no longer a member of its workspace" in shown
    # The items, the guidelines and the names are those of the workspace.
    for secret in ("First answer", "Second answer", "Be fair", workspace_a.workspace.name):
        assert secret not in shown
    assert browser.get(at(ada, "decisions")).status_code == 404


def test_only_own_decisions_are_shown_and_nothing_can_be_done(
    workspace_a: Tenant, unpaid: Project, ada: Annotator
) -> None:
    ben = people.make_annotator(unpaid, "Ben")
    undecided, refused, returned = (answer_of(ada) for _ in range(3))
    rejected(refused, workspace_a)
    send_back(returned, workspace_a)
    remove(ada.user, workspace_a)
    remove(ben.user, workspace_a)
    browser = browser_of(ada.user)
    for one in (refused, returned):
        page = browser.get(at(ada, "decisions", one))
        assert "You cannot revise it or appeal any more" in page_of(page)
        assert browser_of(ben.user).get(at(ben, "decisions", one)).status_code == 404
        assert browser.get(at(ben, "decisions", one)).status_code == 404
    assert browser.get(at(ada, "revise", returned)).status_code == 200
    assert browser.post(at(ada, "revise", returned), {}).status_code == 404
    for one in (undecided, uuid.uuid4()):
        assert browser.get(at(ada, "decisions", one)).status_code == 404


def test_a_reviewer_who_left_is_shown_the_notice_instead_of_a_page_that_is_closed(
    workspace_a: Tenant, project: Project, annotators: list[Annotator], deliver: Callable[[], int]
) -> None:
    make_batch(project, 1, plan=Plan(overlap=1, share_percent=0))
    answer = answer_of(annotators[0])
    reviewer = people.make_member(workspace_a.workspace, "reviewer")
    with planes.in_workspace(workspace_a.pk, reviewer.pk):
        reject(answer, workspace_a, reviewer_id=reviewer.pk)
    appealed(answer, workspace_a, annotators[0].user.pk)
    deliver()
    [told] = notices(reviewer)
    browser, path = browser_of(reviewer), f"/notices/{told.pk}/"
    assert browser.get(path).status_code == 302
    remove(reviewer, workspace_a)
    page = browser.get(path)
    assert page.status_code == 200
    assert "You are no longer a member of" in page_of(page)
    assert f"/w/{workspace_a.workspace.slug}/" not in page.content.decode()
    decide(answer, broken=True)
    deliver()
    assert len(notices(reviewer)) == 1, "its owners and managers are told"
    assert "review.appeal_ended" in {one.kind for one in notices(workspace_a.owner)}
