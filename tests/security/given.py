"""What a side gives beside the price of answers: a bonus, a higher pay for accepted answers, a second price."""

from billing.bonuses import services as bonuses
from projects.enrollment.models import Enrollment
from projects.plan import prices
from rlhfhub.events import dispatch
from rlhfhub.tenancy import planes
from tests.security.side import Side


def give(side: Side) -> None:
    """The first annotator gets a bonus, accepted answers get a cent more, and the unused price rises."""
    owner = side.tenant.owner.pk
    with planes.in_workspace(side.pk):
        enrollments = Enrollment.objects.select_related("project")
        bonuses.give(
            enrollment=enrollments.get(pk=side.annotators[0].enrollment.pk),
            amount_minor=500,
            reason=f"{side.mark} qzbonus of good notes",
            actor_id=owner,
        )
        price = side.project.price_minor + 1
        bonuses.top_up(project=side.project, price_minor=price, actor_id=owner)
        prices.set_price(
            project=side.project, price_minor=price, because=f"{side.mark} qzprice", actor_id=owner
        )
    dispatch.drain()
