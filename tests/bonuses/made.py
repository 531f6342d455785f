"""Gives more than the price: a bonus, a top-up and a new price of a project."""

from billing.bonuses import services
from projects.enrollment.models import Enrollment
from projects.plan import prices
from projects.plan.models import Project
from rlhfhub.tenancy import planes
from tests.people import Annotator


def give_more(project: Project, annotator: Annotator, by: int) -> None:
    """Give a bonus, and raise price and accepted answers' pay by so many minor units. An answer must be accepted."""
    with planes.in_workspace(project.workspace_id):
        project = Project.objects.get(pk=project.pk)
        enrollment = Enrollment.objects.select_related("project").get(pk=annotator.enrollment.pk)
        services.give(
            enrollment=enrollment, amount_minor=by, reason="Good notes on R2.", actor_id=None
        )
        price = project.price_minor + by
        services.top_up(project=project, price_minor=price, actor_id=None)
        prices.set_price(project=project, price_minor=price, because="", actor_id=None)
