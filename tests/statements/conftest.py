"""A workspace that has spent money on each kind of answer."""

from collections.abc import Callable

import pytest

from billing.bonuses import services as bonuses
from billing.funding import replacements
from projects.items.models import Batch
from projects.items.services import Plan
from projects.plan.models import Project
from projects.review.tasks import end_due
from projects.work.models import Annotation
from rlhfhub.tenancy import planes
from tests import gold, paid_reviews, people
from tests.bonuses.test_bonuses import give
from tests.factories import Tenant, make_batch, make_project
from tests.people import Annotator
from tests.rejections import pass_days, rejected
from tests.review.own import answer_of
from tests.statements.spent import accept_all


@pytest.fixture
def essays(workspace_a: Tenant) -> Project:
    return make_project(workspace_a, name="Essays", overlap=1)


@pytest.fixture
def week_one(workspace_a: Tenant, essays: Project) -> Batch:
    gold.make_pool(workspace_a, essays, 3)
    plan = Plan(1, share_percent=0, reserve_percent=50, gold_percent=10)
    return make_batch(essays, 10, plan=plan, name="Week 1")


@pytest.fixture
def busy(
    workspace_a: Tenant, essays: Project, week_one: Batch, deliver: Callable[[], int]
) -> tuple[Annotator, Annotator]:
    """Ada answers 10 items and gold; one is rejected for good, and Bob replaces it; one answer is reviewed by a paid
    person; Ada gets a bonus, and all a top-up. Returns Ada and Bob.
    """
    ada = people.make_annotator(essays, "Ada")
    while ada.lease():
        answer_of(ada)
    with planes.in_workspace(workspace_a.pk):
        rows = Annotation.objects.filter(batch=week_one, purpose="data").order_by("pk")
        first = rows.values_list("pk", flat=True)[0]
    rejected(first, workspace_a)
    deliver()
    with planes.in_workspace(workspace_a.pk):
        replacements.make(batch_id=week_one.pk)
    bob = people.make_annotator(paid_reviews.project_of(week_one), "Bob")
    answer_of(bob)
    review = paid_reviews.opened(paid_reviews.ask(week_one, workspace_a))
    [judge] = paid_reviews.reviewers(review, 1)
    paid_reviews.judge(judge, "accept")
    deliver()
    pass_days(8)
    end_due()
    accept_all(workspace_a)
    deliver()
    give(ada, 500)
    with planes.in_workspace(workspace_a.pk):
        project = Project.objects.get(pk=week_one.project_id)
        bonuses.top_up(project=project, price_minor=26, actor_id=None)
    deliver()
    return ada, bob
