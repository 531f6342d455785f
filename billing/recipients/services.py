"""What a person asks for: to be paid, an address at Stripe, a look at their account.

Annotator plane of the person, except where a function says otherwise. Nothing here talks to Stripe: rows say what is
wanted, and a worker does it (`making.py`, `minting.py`, `seeing.py`).
"""

import uuid

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from billing.recipients.models import MOST_DETAILS_CHARS, BankDetails, Link, Recipient
from rlhfhub.events import broker
from rlhfhub.ground.ids import uuid7
from rlhfhub.ground.refusals import Refused, invalid
from rlhfhub.tenancy.raw import constraint_of

#: A person who waits for an address asks for no more than so many within the time that one works.
MOST_OPEN_LINKS = 5

# No ORM: it would name columns that this plane may not insert.
_ASK = """
    INSERT INTO billing_recipients_recipient AS r (id, person_id, name, email) VALUES (%s, %s, %s, %s)
    ON CONFLICT (person_id) DO UPDATE SET state = 'asked', name = EXCLUDED.name, email = EXCLUDED.email
    WHERE r.state = 'refused' OR r.rail = 'by_hand'
"""
_DETAILS = "INSERT INTO billing_recipients_bankdetails (id, person_id, words) VALUES (%s, %s, %s)"
_WISH = "INSERT INTO billing_recipients_link (id, person_id, kind) VALUES (%s, %s, %s)"


def ask(*, person_id: uuid.UUID, name: str, email: str) -> Recipient:
    """Make the person a recipient, of the rail of their country. Who is one already stays as they are.

    Asked again after Stripe refused, or after moving to a country with another rail, it is tried anew.

    Raises: Refused if their profile names no country.
    """
    found = Recipient.objects.filter(person_id=person_id).first()
    if found and found.rail != Recipient.Rail.BY_HAND and found.state != Recipient.State.REFUSED:
        return found
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_ASK, [uuid7(), person_id, name.strip() or email, email])
    except IntegrityError as error:
        if constraint_of(error) != "recipient_country":
            raise
        words = "Say in your profile which country you live in: it decides how we can pay you."
        raise Refused("no_country", words, status=409) from error
    _enqueue()
    return Recipient.objects.get(person_id=person_id)


def wish_link(*, person_id: uuid.UUID, kind: str, name: str, email: str) -> Link:
    """Ask for an address at Stripe, and for an account there if there is none yet.

    Raises: Refused for an unknown kind, for who is paid by hand, and for too many at once.
    """
    if kind not in Link.Kind.values:
        raise invalid("kind", f"This must be one of: {', '.join(Link.Kind.values)}.")
    recipient = ask(person_id=person_id, name=name, email=email)
    if recipient.rail == Recipient.Rail.BY_HAND:
        raise Refused(
            "by_hand", "Where you live we pay by hand: tell us your bank details.", status=409
        )
    waiting = Link.objects.filter(recipient_id=person_id, state__in=["asked", "ready"])
    if waiting.count() >= MOST_OPEN_LINKS:
        raise Refused(
            "too_many", "You asked for several addresses. Wait some minutes, please.", status=429
        )
    link_id = uuid7()
    with connection.cursor() as cursor:
        cursor.execute(_WISH, [link_id, person_id, kind])
    return Link.objects.get(pk=link_id)


def take_link(*, link: Link) -> str:
    """Return the address of a link that is ready, and forget it. Returns "" if there is none (any more)."""
    found = Link.objects.select_for_update().get(pk=link.pk)
    if found.state != Link.State.READY:
        return ""
    Link.objects.filter(pk=found.pk).update(state=Link.State.USED, url="")
    return found.url


def wish_look(*, person_id: uuid.UUID) -> None:
    """Have Stripe asked about the person's account, soon. Without an account nothing is done."""
    found = Recipient.objects.filter(person_id=person_id).exclude(account="")
    if found.update(look_at=Now()):
        _enqueue()


def look_soon(*, person_id: uuid.UUID) -> None:
    """Have Stripe asked about a person's account because it refused a payment to it. System plane."""
    Recipient.objects.filter(person_id=person_id).exclude(account="").update(look_at=Now())
    _enqueue()


def save_details(*, person_id: uuid.UUID, words: str, name: str, email: str) -> BankDetails:
    """Save where the person wants to be paid by hand.

    Raises: Refused, naming the field, without words and for too many; for who is paid by Stripe.
    """
    words = words.strip()
    if not words or len(words) > MOST_DETAILS_CHARS:
        raise invalid("words", f"Between 1 and {MOST_DETAILS_CHARS:,} characters, please.")
    details_id = uuid7()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_DETAILS, [details_id, person_id, words])
        recipient = ask(person_id=person_id, name=name, email=email)
        if recipient.rail != Recipient.Rail.BY_HAND:
            raise Refused("by_stripe", "Where you live we pay by Stripe.", status=409)
    return BankDetails.objects.get(pk=details_id)


def _enqueue() -> None:
    transaction.on_commit(lambda: broker.enqueue("recipients.work", expires=60))
