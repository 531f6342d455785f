"""A person's lines and years as rows of a CSV file."""

import uuid
from collections.abc import Iterator

from billing.statements.carriers import carriers_of
from billing.statements.files import Cell, major, moment
from billing.statements.lines import MONEY_WORDS, Line, lines
from billing.statements.years import Year

CHUNK = 1_000
LINES_HEADER = (
    *(
        "line",
        "kind",
        "submitted_at",
        "workspace",
        "project",
        "pseudonym",
        "enrollment",
        "currency",
    ),
    *(
        "amount_minor",
        "amount",
        "price_version",
        "price_set_at",
        "decision",
        "decided_by",
        "decided_at",
    ),
    *("money", "booked_at", "payable_at", "payout", "payout_begun_at", "in_bank_at", "reason"),
)
YEAR_HEADER = ("year", "workspace", "currency", "what", "amount_minor", "amount")


def line_rows(person_id: uuid.UUID) -> Iterator[tuple[Cell, ...]]:
    """Yield all lines of a person, the newest first: a row for each payout that carries a part of one. Door plane."""
    carriers = carriers_of(person_id)
    before = None
    while found := lines(person_id, carriers, before, CHUNK):
        for one in found:
            yield from _rows(one)
        if len(found) < CHUNK:
            return
        before = found[-1].at, found[-1].id


def _rows(one: Line) -> Iterator[tuple[Cell, ...]]:
    outcome = one.outcome
    rejected = outcome.rejected_at if outcome else None
    for share in one.shares:
        payout = share.payout
        yield (
            *(str(one.id), one.kind, moment(one.at), one.workspace, one.project, one.pseudonym),
            *(str(one.enrollment_id), one.currency, share.amount_minor),
            major(share.amount_minor, one.currency),
            *(one.price_version, moment(one.price_since), one.step, one.accepted_words),
            moment(one.accepted_at or (outcome and outcome.ended_at) or rejected),
            *(MONEY_WORDS[share.money], moment(one.booked_at), moment(one.clear_at)),
            str(payout.id) if payout else "",
            moment(payout.begun_at if payout else None),
            moment(payout.bank_at if payout else None),
            one.reason,
        )


def year_rows(year: Year) -> Iterator[tuple[Cell, ...]]:
    """Yield what was earned by workspace, and then what was paid out and corrected, by currency."""
    for one in year.earned:
        for what, minor in (("answers", one.work_minor), ("bonuses", one.bonus_minor)):
            yield _year_row(year.year, one.workspace, one.currency, what, minor)
    for total in year.totals:
        for what, minor in (
            ("earned in all", total.earned_minor),
            ("corrections", total.corrected_minor),
            ("paid out", total.sent_minor),
        ):
            yield _year_row(year.year, "", total.currency, what, minor)


def _year_row(year: int, workspace: str, currency: str, what: str, minor: int) -> tuple[Cell, ...]:
    return year, workspace, currency, what, minor, major(minor, currency)
