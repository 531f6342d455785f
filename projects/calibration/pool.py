"""The keyed items that a round can draw from: those whose right answer is certain. Workspace plane."""

import uuid
from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Func, IntegerField, Q

from projects.calibration.balance import Keyed
from projects.calibration.models import Round, RoundItem
from projects.calibration.needs import who_waits
from projects.calibration.reach import had_by, losses_of
from projects.items.keys.selectors import keyed_items, keys_of
from projects.items.models import Key
from projects.kinds import form as forms
from projects.plan.models import Project
from projects.work.models import Purpose, Slot


@dataclass(frozen=True, slots=True)
class Pool:
    """The keyed items of a project with a certain right answer to a question.

    `rules` counts them by the guideline rule that their keys name. `waiting` annotators wait for a round.
    """

    items: list[Keyed]
    rules: dict[str, int]
    waiting: int = 0

    @property
    def new(self) -> int:
        """How many of the items are new to everybody who waits."""
        return sum(keyed.loss == 0 for keyed in self.items)


def pool_of(project: Project, question: str) -> Pool:
    """Return the items of the pool whose key on the question is unanimous: three people or more, none retired.

    The project must have been read with its form.
    """
    # The texts of responses may be long, and only their number is needed.
    length = Func("responses", function="jsonb_array_length", output_field=IntegerField())
    known = dict(keyed_items(project).annotate(length=length).values_list("pk", "length"))
    keys = keys_of(project, list(known))
    used = _exposures(project)
    certain = {
        pk: found.keys[question] for pk, found in keys.items() if question in found.unanimous
    }
    people = list(who_waits(project).values_list("annotator_id", flat=True))
    losses = losses_of(had_by(people, list(certain)))
    items = [
        Keyed(pk, known[pk], given[0].answer, used[pk], losses.get(pk, 0))
        for pk, given in certain.items()
    ]
    rules = Counter(rule_of(given) for given in certain.values())
    return Pool(items, {rule: count for rule, count in rules.items() if rule}, len(people))


def rule_of(keys: list[Key]) -> str:
    """Return the guideline rule that the keys of one question name: that of most people; empty if they name none."""
    named = Counter(key.rule for key in keys if key.rule)
    return max(named, key=lambda rule: (named[rule], rule), default="")


#: Filters the items of rounds that were discarded as drafts.
DISCARDED = Q(round__state=Round.State.CLOSED, round__opened_at=None)


def _exposures(project: Project) -> Counter[uuid.UUID]:
    """Return how many slots each item of the pool has had, and how many rounds drew it that were not discarded."""
    slots = Slot.objects.filter(
        project=project, purpose__in=[Purpose.GOLD, Purpose.CALIBRATION]
    ).order_by()
    drawn = RoundItem.objects.filter(round__project=project).exclude(DISCARDED).order_by()
    found: Counter[uuid.UUID] = Counter()
    for rows in (slots, drawn):
        found.update(dict(rows.values_list("item_id").annotate(n=Count("id"))))
    return found


def can_be_asked(project: Project) -> dict[str, str]:
    """Return the titles, by name, of the questions that a round can be about: their answers can hit a key."""
    questions = project.form.questions if project.form else []
    return {
        question["name"]: question["title"]
        for question in questions
        if forms.constants_of(question, ["0", "1"])
    }
