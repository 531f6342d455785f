"""A dataset's rule: the SQL query that makes an export's rows, and the statements that contain it.

A rule reads some of these four tables:
- `answers`: every counted annotation in scope, with id, item_id, form_id, units, judged and undecided;
- `decided`: the same without items that have an undecided annotation, unless the export includes undecided ones;
- `adjudicated`: the final answer that stands for each item in scope, with id, item_id, form_id, units, judged, and
  waits: whether the item has an undecided annotation, so that it makes no row of its final answer either;
- `asked`: the values of each question in each form, with form_id, question, value, side, and the value's place in a
  row's `counts`.

For each item in the annotations and final answers that it reads it returns one row or more, with item_id, place (the
row's position among those of its item), responses, counts, undecided, annotations, adjudication and left_out. counts
are of annotations alone. adjudication is the id of the final answer that the row reads or reports; null if there is
none. left_out is null for a row of the dataset; otherwise it is one of the dataset's reasons why the item makes no row.
The rows of one item either all rest on the same annotations, or each on different ones. A literal % is written twice.
"""

from functools import cache
from pathlib import Path
from typing import Any

from projects.formats.writing.protocol import AskedForm, Dataset, counted_steps

FOLDER = Path(__file__).parent / "rules"


@cache
def text(path: Path) -> str:
    """The SQL in the file at `path`."""
    return path.read_text(encoding="utf-8")


def statement(name: str, dataset: Dataset) -> str:
    """The statement `name`, `freeze` or `recount`, with the dataset's rule inserted."""
    return text(FOLDER / f"{name}.sql").replace("{made}", text(FOLDER / f"{dataset.NAME}.sql"))


def asked_parameters(dataset: Dataset, forms: list[AskedForm]) -> dict[str, list[Any]]:
    """The columns of the table `asked`: lists of one length, with an entry for each value of a question of a form."""
    indexes = {step: index for index, step in enumerate(counted_steps(dataset.questions, forms))}
    steps = [
        (form.id, question.name, step.value, step.side, indexes[question.name, step.value])
        for form in forms
        for question in dataset.questions(form)
        for step in question.steps
    ]
    names = ("forms", "questions", "values", "sides", "places")
    return {name: [step[at] for step in steps] for at, name in enumerate(names)}
