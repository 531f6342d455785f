"""Whoever asks to be paid is a recipient once, of the rail of their country."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection

from annotators.profiles import services as profiles
from billing.recipients import selectors, services
from billing.recipients.models import BankDetails, Link, Recipient
from rlhfhub.ground.refusals import Refused
from rlhfhub.tenancy import planes
from rlhfhub.tenancy.models import User
from rlhfhub.tenancy.raw import constraint_of
from tests import people
from tests.recipients.made import asked, make_payable, recipient_of, state


def move(user: User, country: str) -> None:
    with planes.at_desk(user.pk):
        profiles.save_profile(person_id=user.pk, country=country)


def step(user: User) -> str:
    with planes.at_desk(user.pk):
        return selectors.how_paid(user.pk).step


def save(user: User, words: str = "IBAN DE00") -> BankDetails:
    with planes.at_desk(user.pk):
        return services.save_details(
            person_id=user.pk, words=words, name=user.name, email=user.email
        )


def test_one_person_is_one_recipient(user: User) -> None:
    assert step(user) == "begin"
    first, second = asked(user), asked(user, "dashboard")
    assert first.pk != second.pk
    found = recipient_of(user)
    assert (found.rail, found.country, found.state, found.attempt) == (
        "stripe_connect",
        "DE",
        "asked",
        1,
    )
    assert (found.name, found.email) == ("Ada", user.email)
    assert step(user) == "making"


def test_without_a_country_nobody_is_asked(db: None) -> None:
    user = people.make_user("Nowhere", may_be_paid=False)
    assert step(user) == "country"
    with pytest.raises(Refused) as refused:
        asked(user)
    assert refused.value.code == "no_country"


def test_elsewhere_people_are_paid_by_hand(elsewhere: User) -> None:
    assert step(elsewhere) == "details"
    with pytest.raises(Refused) as refused:
        asked(elsewhere)
    assert refused.value.code == "by_hand"
    save(elsewhere)
    assert step(elsewhere) == "by_hand"
    found = recipient_of(elsewhere)
    assert (found.rail, found.state, found.can_be_paid) == ("by_hand", "made", True)
    save(elsewhere, "IBAN KE11")
    with planes.at_desk(elsewhere.pk):
        kept = list(BankDetails.objects.order_by("id").values_list("words", flat=True))
        assert kept == ["IBAN DE00", "IBAN KE11"]
        assert selectors.how_paid(elsewhere.pk).details.words == "IBAN KE11"


@pytest.mark.parametrize("words", ["", "  ", "x" * 2001])
def test_bank_details_have_a_length(elsewhere: User, words: str) -> None:
    with pytest.raises(Refused) as refused:
        save(elsewhere, words)
    assert refused.value.errors[0]["field"] == "words"


def test_bank_details_are_of_those_whom_stripe_cannot_pay(user: User) -> None:
    with pytest.raises(Refused) as refused:
        save(user)
    assert refused.value.code == "by_stripe"
    with planes.at_desk(user.pk):
        assert not BankDetails.objects.exists()


def test_who_moves_to_where_stripe_pays_is_asked_anew(elsewhere: User) -> None:
    save(elsewhere)
    move(elsewhere, "FR")
    assert step(elsewhere) == "begin"
    asked(elsewhere)
    found = recipient_of(elsewhere)
    assert (found.rail, found.country, found.state, found.can_be_paid, found.attempt) == (
        "stripe_connect",
        "FR",
        "asked",
        False,
        2,
    )


def test_a_refused_one_is_tried_again_under_another_key(user: User) -> None:
    asked(user)
    state(user, state="refused", error_words="Stripe said no")
    with planes.at_desk(user.pk):
        shown = selectors.how_paid(user.pk)
    assert (shown.step, shown.error) == ("refused", "Stripe said no")
    asked(user)
    found = recipient_of(user)
    assert (found.state, found.attempt, found.error_words, found.sent_at) == ("asked", 2, "", None)


def test_who_has_an_account_keeps_it(user: User) -> None:
    before = make_payable(user)
    move(user, "KE")
    asked(user, "dashboard")
    found = recipient_of(user)
    assert (found.account, found.country, found.attempt) == (before.account, "DE", 1)
    assert step(user) == "ready"


FORGED = {
    "an account": "UPDATE billing_recipients_recipient SET account = 'acct_mine'",
    "that they can be paid": "UPDATE billing_recipients_recipient SET can_be_paid = true",
    "the rail": "UPDATE billing_recipients_recipient SET rail = 'by_hand'",
    "another's look": "UPDATE billing_recipients_recipient SET person_id = gen_random_uuid()",
    "an address": "INSERT INTO billing_recipients_link (id, person_id, kind, state, url, expires_at) "
    "SELECT gen_random_uuid(), person_id, 'dashboard', 'ready', 'x', now() FROM billing_recipients_recipient",
    "old details": "UPDATE billing_recipients_bankdetails SET words = 'x'",
}


@pytest.mark.parametrize("statement", FORGED.values(), ids=FORGED)
def test_a_person_cannot_write(user: User, statement: str) -> None:
    asked(user)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        planes.at_desk(user.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


EDGES = {
    "a person makes their account": (
        "recipient_edge",
        "UPDATE billing_recipients_recipient SET state = 'made'",
    ),
    "a person changes what a request was sent with": (
        "recipient_edge",
        "UPDATE billing_recipients_recipient SET email = 'other@x.example'",
    ),
    "a person ends an address": (
        "link_edge",
        "UPDATE billing_recipients_link SET state = 'ended'",
    ),
    "a person makes an address ready": (
        "link_edge",
        "UPDATE billing_recipients_link SET state = 'ready', url = 'x'",
    ),
}


@pytest.mark.parametrize(("rule", "statement"), EDGES.values(), ids=EDGES)
def test_states_change_along_their_edges(user: User, rule: str, statement: str) -> None:
    asked(user)
    with (
        pytest.raises(IntegrityError) as failed,
        planes.at_desk(user.pk),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    # A constraint of the table may speak first.
    assert constraint_of(failed.value) in (rule, "recipient_state", "link_kept_while_ready")


def test_an_account_is_never_replaced(user: User) -> None:
    make_payable(user)
    with pytest.raises(IntegrityError) as failed:
        state(user, account="acct_other")
    assert constraint_of(failed.value) == "recipient_edge"


def test_not_too_many_addresses_at_once(user: User) -> None:
    for _ in range(services.MOST_OPEN_LINKS):
        asked(user)
    with pytest.raises(Refused) as refused:
        asked(user)
    assert refused.value.code == "too_many"
    with pytest.raises(Refused) as refused:
        asked(user, "weather")
    assert refused.value.errors[0]["field"] == "kind"


def test_another_reads_nothing(user: User, elsewhere: User) -> None:
    link = asked(user)
    with planes.at_desk(elsewhere.pk):
        assert not Recipient.objects.exists()
        assert not Link.objects.exists()
        assert selectors.own_link(elsewhere.pk, link.pk) is None
