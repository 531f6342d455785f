"""A dataset's rule: the SQL that says which rows an export has, and the statements it stands in.

A rule reads `answers` (every counted annotation in scope: id, item_id, form_id, units, judged, undecided), or `decided`
(those of them whose item has no undecided one, unless undecided ones were asked for), and `asked` (form_id, question,
value, side, and the value's place in a row's counts). For each item in what it reads it gives one row or more:
item_id, place (the row's place among its item's), responses, counts, undecided, annotations, and left_out: null for a
row of the dataset, else one of the dataset's reasons why the item makes none. The rows of an item rest on the same
annotations, or each on others. A % in it is written twice.
"""

from functools import cache
from pathlib import Path
from typing import Any

from projects.formats.writing.protocol import AskedForm, Dataset, counted_steps

FOLDER = Path(__file__).parent / "rules"


@cache
def text(path: Path) -> str:
    """The SQL in a file."""
    return path.read_text(encoding="utf-8")


def statement(name: str, dataset: Dataset) -> str:
    """The statement `name` (`freeze` or `recount`) with the dataset's rule in it."""
    return text(FOLDER / f"{name}.sql").replace("{made}", text(FOLDER / f"{dataset.NAME}.sql"))


def asked_parameters(dataset: Dataset, forms: list[AskedForm]) -> dict[str, list[Any]]:
    """What `asked` is made of: arrays of one length, an entry for each value of each question in each form."""
    indexes = {step: index for index, step in enumerate(counted_steps(dataset.questions, forms))}
    steps = [
        (form.id, question.name, step.value, step.side, indexes[question.name, step.value])
        for form in forms
        for question in dataset.questions(form)
        for step in question.steps
    ]
    names = ("forms", "questions", "values", "sides", "places")
    return {name: [step[at] for step in steps] for at, name in enumerate(names)}
