"""Warns staff of deposits that wait too long, and of payments whose money is not where it should be."""

from django.db import connection

from rlhfhub.tenancy import planes

#: Minutes after which a deposit without its page is late.
LATE_MINUTES = 15

_COUNTS = """
    SELECT (SELECT count(*) FROM billing_deposits_deposit WHERE state = 'asked'
            AND asked_at < statement_timestamp() - make_interval(mins => %s)),
           (SELECT count(*) FROM billing_deposits_straypayment WHERE settled_at IS NULL),
           (SELECT count(*) FROM billing_deposits_deposit WHERE settled_in <> '')
"""


def warnings() -> list[str]:
    """Return the warnings for the staff's overview."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_COUNTS, [LATE_MINUTES])
        late, strays, converted = cursor.fetchone()
    said = []
    if late:
        said.append(
            f"Deposits that wait for Stripe for more than {LATE_MINUTES} minutes: {late:,}."
        )
    if strays:
        said.append(f"Payments and refunds at Stripe that are not booked: {strays:,}.")
    if converted:
        said.append(
            f"Deposits that Stripe converted into another currency: {converted:,}. Their fees are not booked."
        )
    return said
