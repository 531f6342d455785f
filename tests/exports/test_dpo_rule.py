"""The SQL rule of pairs agrees with the one definition of consensus, on every scale of a preference.

Where an item has a final answer to the question, that decides, whatever the votes.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.exports import asked, rule
from projects.formats.writing import dpo
from projects.formats.writing.protocol import AskedForm
from projects.kinds import form as forms
from projects.kinds.protocol import Category
from projects.plan.models import Form
from projects.stats.consensus import leading

# The rule reads four things by their names; here they are given instead of read.
_GIVEN = """
    WITH answers AS (
        SELECT * FROM jsonb_to_recordset(%(answers)s::jsonb)
            AS a (id uuid, item_id uuid, form_id uuid, units text[], judged smallint[], undecided boolean)
    ), decided AS (SELECT * FROM answers), adjudicated AS (
        SELECT * FROM jsonb_to_recordset(%(finals)s::jsonb)
            AS f (id uuid, item_id uuid, form_id uuid, units text[], judged smallint[], waits boolean)
    ), asked AS (
        SELECT * FROM unnest(
            %(forms)s::uuid[], %(questions)s::text[], %(values)s::int[], %(sides)s::int[], %(places)s::int[])
            AS step (form_id, question, value, side, place)
    )
"""


def _preference(name: str, **settings: Any) -> dict[str, Any]:
    return {"name": name, "kind": "preference", "title": "Which is better?", **settings}


SCALES: list[dict[str, Any]] = [
    {},
    {"allow_tie": True},
    {"allow_tie": True, "allow_both_bad": True},
    {"scale": "likert5"},
    {"scale": "seven"},
    {"scale": "eight"},
]
# A second question about the same pair follows, and must not count.
FORMS = [
    Form(
        id=uuid.UUID(int=number),
        version=number,
        questions=[_preference("better", **scale), _preference("safer", allow_tie=True)],
    )
    for number, scale in enumerate(SCALES, 1)
]
CATEGORIES = [forms.scales_of(form.questions)["better"].categories for form in FORMS]


@pytest.fixture(scope="module")
def asked_forms() -> list[AskedForm]:
    return [asked.asked_form(form) for form in FORMS]


def _made(
    asked_forms: list[AskedForm], answers: list[dict[str, Any]], finals: list[dict[str, Any]]
) -> dict[str, Any]:
    parameters = rule.asked_parameters(dpo, asked_forms)
    given = {"answers": json.dumps(answers), "finals": json.dumps(finals)}
    with connection.cursor() as cursor:
        text = rule.text(rule.FOLDER / "dpo.sql")
        cursor.execute(_GIVEN + text, {**given, **parameters})
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    assert len({row["item_id"] for row in rows}) == len(rows)
    return {str(row["item_id"]): row for row in rows}


def _answer(item: uuid.UUID, form: int, category: Category | None, number: int) -> dict[str, Any]:
    units = ["safer@0-1"] if category is None else ["safer@0-1", "better@0-1"]
    return {
        "id": str(uuid.UUID(int=item.int * 1000 + number)),
        "item_id": str(item),
        "form_id": str(FORMS[form].pk),
        "units": units,
        "judged": [1] if category is None else [1, category.value],
        "undecided": number == 0,
    }


@dataclass(frozen=True)
class _Item:
    """An item's form, each annotator's answer to it and the final one; None where the question was left out.

    Without `is_final` there is no final answer. One that `waits` must not be read.
    """

    form: int
    said: list[Category | None]
    is_final: bool
    final: Category | None
    waits: bool

    @property
    def decided(self) -> Category | None:
        return self.final if self.is_final and not self.waits else None


@st.composite
def _item(draw: st.DrawFn) -> _Item:
    form = draw(st.integers(0, len(FORMS) - 1))
    said = st.sampled_from([*CATEGORIES[form], None])
    return _Item(
        form, draw(st.lists(said, max_size=8)), draw(st.booleans()), draw(said), draw(st.booleans())
    )


def _final(item: uuid.UUID, drawn: _Item) -> dict[str, Any]:
    given = _answer(item, drawn.form, drawn.final, 999)
    return {**given, "waits": drawn.waits}


def _sides(said: Sequence[Category | None]) -> list[int]:
    return [
        sum(category is not None and category.side == side for category in said)
        for side in (-1, 1, 0)
    ]


@pytest.mark.django_db
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(_item(), min_size=1, max_size=30))
def test_the_rule_follows_the_final_answer_else_the_consensus_of_sides(
    asked_forms: list[AskedForm], items: list[_Item]
) -> None:
    ids = [uuid.UUID(int=at) for at in range(1, len(items) + 1)]
    answers = [
        _answer(item, drawn.form, category, number)
        for item, drawn in zip(ids, items, strict=True)
        for number, category in enumerate(drawn.said)
    ]
    finals = [_final(i, drawn) for i, drawn in zip(ids, items, strict=True) if drawn.is_final]
    made = _made(asked_forms, answers, finals)
    expected = {
        i: drawn for i, drawn in zip(ids, items, strict=True) if drawn.said or drawn.decided
    }
    assert set(made) == {str(item) for item in expected}
    for item, drawn in expected.items():
        row, votes, decided = made[str(item)], _sides(drawn.said), drawn.decided
        assert (row["adjudication"] is not None) == (decided is not None)
        lead = leading(votes) if decided is None else (-1, 1, 0).index(decided.side or 0)
        assert (row["left_out"] is None) == (lead in (0, 1))
        if lead in (0, 1):
            assert row["responses"] == [lead, 1 - lead]
            assert row["counts"] == [votes[lead], votes[1 - lead], votes[2]]
        else:
            unjudged = "contested" if any(votes) else "unjudged"
            assert row["left_out"] == ("tied" if lead == 2 else unjudged)
        assert (len(row["annotations"]), row["undecided"]) == (len(drawn.said), bool(drawn.said))
