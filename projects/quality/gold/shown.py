"""What annotators are shown about their own gold."""

from dataclasses import dataclass

from django.db import connection

from projects.enrollment.models import Enrollment
from projects.stats.intervals import wilson_interval


@dataclass(frozen=True, slots=True)
class ShownGold:
    """How many of an annotator's answers to keyed items were judged on a question, and how many of them were right.

    `low` and `high` are the ends of the 95 % interval (Wilson) of the share, 0 to 1.
    """

    question: str
    judged: int
    hits: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The share of right answers, 0 to 1."""
        return self.hits / self.judged


def shown_gold(enrollment: Enrollment) -> list[ShownGold]:
    """Return an annotator's own figures as of the last midnight UTC, by question. Annotator plane.

    They count whole tens of judged answers, so that they move once a day and by ten answers or more: nobody can learn
    from them which items have keys. A question with fewer than ten judged answers is left out.
    """
    with connection.cursor() as cursor:
        person = [enrollment.annotator_id, enrollment.pk]
        cursor.execute("SELECT * FROM door_own_gold(%s, %s) ORDER BY question", person)
        rows = cursor.fetchall()
    return [
        ShownGold(question, judged, hits, *ends)
        for question, judged, hits in rows
        if (ends := wilson_interval(hits, judged))
    ]
