"""How a person is paid, as their page and REST show it. Annotator plane of the person."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from annotators.profiles import selectors as profiles
from annotators.profiles.rails import RAILS
from billing.recipients.models import BankDetails, Link, Recipient
from billing.recipients.requirements import reason, requirement


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that Stripe must know, in words. `is_late` says that it is overdue; `errors` why it was not taken."""

    code: str
    words: str
    is_late: bool
    by_person: bool
    errors: list[str]


@dataclass(frozen=True, slots=True)
class HowPaid:
    """How a person is paid.

    `step` is what holds: `country` (the profile names none), `begin` (nothing was asked for yet), `making`, `refused`,
    `missing`, `checking` (Stripe is busy with it), `closed`, `ready`; or by hand: `details` (none given) and `by_hand`.
    """

    step: str
    country: str
    missing: list[Missing]
    reasons: list[str]
    error: str
    bank_name: str
    bank_last4: str
    bank_is_broken: bool
    looked_at: datetime | None
    details: BankDetails | None

    @property
    def can_be_paid(self) -> bool:
        return self.step in ("ready", "by_hand")

    @property
    def is_by_hand(self) -> bool:
        return self.step in ("details", "by_hand")

    @property
    def has_account(self) -> bool:
        return self.step in ("missing", "checking", "ready")


def how_paid(person_id: uuid.UUID) -> HowPaid:
    """Return how this person is paid."""
    recipient = Recipient.objects.filter(person_id=person_id).first()
    has_rail = recipient and (recipient.account or recipient.state == Recipient.State.ASKED)
    country = recipient.country if recipient and has_rail else profiles.person(person_id).country
    details = BankDetails.objects.filter(person_id=person_id).order_by("-id").first()
    return HowPaid(
        step=_step(recipient, country, has_details=details is not None),
        country=country,
        missing=_missing(recipient) if recipient else [],
        reasons=list(map(reason, recipient.reasons)) if recipient else [],
        error=recipient.error_words if recipient and recipient.state == "refused" else "",
        bank_name=recipient.bank_name if recipient else "",
        bank_last4=recipient.bank_last4 if recipient else "",
        bank_is_broken=bool(recipient and recipient.bank_status == "errored"),
        looked_at=recipient.looked_at if recipient else None,
        details=details,
    )


def _step(recipient: Recipient | None, country: str, *, has_details: bool) -> str:
    if recipient and recipient.account:
        return _step_of_account(recipient)
    if not country:
        return "country"
    if country not in RAILS:
        return "by_hand" if recipient and recipient.can_be_paid and has_details else "details"
    if recipient is None or recipient.rail == Recipient.Rail.BY_HAND:
        return "begin"
    return "making" if recipient.state == Recipient.State.ASKED else "refused"


def _step_of_account(recipient: Recipient) -> str:
    if recipient.is_closed:
        return "closed"
    if recipient.can_be_paid:
        return "ready"
    return "missing" if recipient.due or not recipient.looked_at else "checking"


def _missing(recipient: Recipient) -> list[Missing]:
    """Return what Stripe must know, without what it can wait for, each thing once."""
    found = {
        one["name"]: Missing(
            code=one["name"],
            words=requirement(one["name"]),
            is_late=one["deadline"] == "past_due",
            by_person=one["by_person"],
            errors=list(one["errors"]),
        )
        for one in recipient.requirements
        if one["deadline"] != "eventually_due"
    }
    return list(found.values())


def own_link(person_id: uuid.UUID, link_id: uuid.UUID) -> Link | None:
    """Return one of this person's links, None if it is another's or nobody's."""
    return Link.objects.filter(recipient_id=person_id, pk=link_id).first()
