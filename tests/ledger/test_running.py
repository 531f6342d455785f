"""Money leaves a person's account in the order in which it came: each posting has the sum of those before it."""

import uuid

import pytest
from django.db import connection

from billing.ledger import entries
from billing.ledger.entries import Entry, payable, platform
from billing.ledger.models import Posting
from billing.ledger.services import Overdrawn, post
from rlhfhub import invariants
from rlhfhub.tenancy import planes
from tests.concurrency.races import at_once


def owed(people: list[uuid.UUID], amount: int = 10, currency: str = "USD") -> Entry:
    """A journal by which each of these people is owed so much more."""
    key = uuid.uuid4()
    lines = [(payable(person, currency), amount) for person in people]
    total = (platform("stripe_available", currency), -amount * len(people))
    return Entry("transferback", f"transferback:{key}", None, (total, *lines))


def paid(person: uuid.UUID, amount: int) -> Entry:
    return entries.payout(
        payout_id=uuid.uuid4(), person_id=person, currency="USD", amount_minor=amount
    )


def running(person: uuid.UUID, kind: str = "annotator_payable") -> list[tuple[int, int]]:
    """Amount and running total of the postings to the person's account, the credits first."""
    with planes.as_system():
        rows = Posting.objects.filter(person_id=person, account__kind=kind)
        found = list(rows.values_list("amount_minor", "running_minor"))
    return sorted(found, key=lambda one: (one[0] < 0, abs(one[1])))


def test_each_posting_counts_those_of_its_sign(db: None) -> None:
    person, other = uuid.uuid4(), uuid.uuid4()
    with planes.as_system():
        post([owed([person], 10), owed([other, person], 5)])
        post([paid(person, 12)])
        post([owed([person], 7), owed([person], 1, "EUR")])
        post([paid(person, 3)])
    credits = [(10, 10), (5, 15), (7, 22)]
    assert [one for one in running(person) if one != (1, 1)] == [*credits, (-12, -12), (-3, -15)]
    assert running(person, "annotator_in_payout") == [(12, 12), (3, 15)]
    assert running(other) == [(5, 5)]
    with planes.as_system():
        assert not Posting.objects.filter(person_id=None).exclude(running_minor=None).exists()


def test_nobody_says_what_it_is(db: None) -> None:
    """Whatever a row says is overwritten."""
    person = uuid.uuid4()
    with planes.as_system():
        post([owed([person])])
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO billing_ledger_journal (id, kind, cause, fingerprint, note, at) VALUES "
                "(gen_random_uuid(), 'transferback', 'transferback:x', 'x', '', statement_timestamp()) RETURNING id"
            )
            journal = cursor.fetchone()[0]
            cursor.execute(
                "INSERT INTO billing_ledger_posting (id, journal_id, account_id, person_id, amount_minor, "
                "running_minor, currency, at) SELECT gen_random_uuid(), %s, a.id, a.person_id, sign * 5, said, 'USD', "
                "now() FROM billing_ledger_account a JOIN (VALUES ('stripe_available', -1, NULL), "
                "('annotator_payable', 1, 77)) AS lines (kind, sign, said) ON lines.kind = a.kind "
                "WHERE a.person_id IS NULL OR a.person_id = %s",
                [journal, person],
            )
    assert running(person) == [(10, 10), (5, 15)]


def test_a_posting_that_is_refused_leaves_no_gap(db: None) -> None:
    person = uuid.uuid4()
    with planes.as_system():
        post([owed([person])])
    with pytest.raises(Overdrawn), planes.as_system():
        post([paid(person, 11)])
    with planes.as_system():
        post([paid(person, 10)])
    assert running(person) == [(10, 10), (-10, -10)]


@pytest.mark.concurrency
def test_journals_at_once_follow_one_another(own_database: str) -> None:
    """They name the same people in another order, and neither wait for each other for ever nor count twice."""
    people = sorted(uuid.uuid4() for _ in range(6))

    def act(number: int) -> None:
        for n in range(10):
            with planes.as_system():
                named = people if (number + n) % 2 else people[::-1]
                post([owed(named, number + 1), *(paid(one, 1) for one in named)])

    assert at_once(*(lambda number=number: act(number) for number in range(6))) == [None] * 6
    assert len(running(people[0])) == 120
    assert [one for one in invariants.verify(["M5"]) if not one.holds] == []
