"""Spend as rows of a CSV file."""

from collections.abc import Iterator

from billing.statements.files import Cell, major
from billing.statements.spend.sums import Spend, Spent

HEADER = (
    *("since", "until", "by", "project", "name", "currency", "answers"),
    *("pay_minor", "fee_minor", "total_minor", "pay", "fee", "total"),
)


def rows_of(spend: Spend) -> Iterator[tuple[Cell, ...]]:
    """Yield what was spent by kind, by batch, by annotator and by question; each adds up to all but the last."""
    for part in spend.parts:
        yield _row(spend, "kind", "", part.title, part.spent)
    for one in spend.batches:
        name = str(one.batch) if one.batch else "beside the price"
        yield _row(spend, "batch", one.project.name, name, one.spent)
    for annotator in spend.annotators:
        yield _row(spend, "annotator", annotator.project, annotator.pseudonym, annotator.spent)
    for question in spend.questions:
        yield _row(spend, "question", question.project, question.question, question.spent)


def _row(spend: Spend, by: str, project: str, name: str, spent: Spent) -> tuple[Cell, ...]:
    period, currency = spend.period, spend.currency
    minor = spent.pay_minor, spent.fee_minor, spent.total_minor
    return (
        *(period.first.isoformat(), period.last.isoformat(), by, project, name, currency),
        *(spent.answers, *minor),
        *(major(one, currency) for one in minor),
    )
