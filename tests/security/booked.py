"""What staff do in the ledger of the world: somebody asks to reverse a deposit, and a day is closed."""

from datetime import date

from billing.ledger import corrections
from billing.ledger.models import Journal, Seal
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from tests.security.side import Side


def ask_to_reverse(side: Side, staff: User) -> None:
    """One member of staff asks to reverse the side's deposit; nobody has decided yet."""
    with planes.entered(planes.Plane.STAFF, person=staff.pk):
        deposit = Journal.objects.get(kind="deposit", workspace_id=side.pk)
        corrections.ask(journal_id=deposit.pk, reason="Not theirs", actor_id=staff.pk)


def close_a_day() -> None:
    """A day long ago is closed, and not sealed yet."""
    with planes.as_system():
        Seal.objects.create(day=date(2020, 1, 1), after=1)
