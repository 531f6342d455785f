"""Warns staff of payouts that nobody knows the outcome of, and of a balance at Stripe that does not cover them."""

from django.db import connection

from rlhfhub.tenancy import planes

#: Minutes after which a payout without an outcome is late.
LATE_MINUTES = 60

_STUCK = """
    SELECT count(*) FILTER (WHERE state = 'sending' AND sent_at < statement_timestamp() - make_interval(mins => %s)),
           count(*) FILTER (WHERE state = 'ready' AND error_code = 'balance_insufficient'),
           COALESCE(string_agg(DISTINCT currency, ', ') FILTER (
               WHERE state = 'ready' AND error_code = 'balance_insufficient'), '')
    FROM billing_payouts_payout WHERE state IN ('ready', 'sending')
"""


def warnings() -> list[str]:
    """Return the warnings for the staff's overview."""
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_STUCK, [LATE_MINUTES])
        unknown, waiting, currencies = cursor.fetchone()
    said = []
    if unknown:
        said.append(
            f"Payouts sent more than {LATE_MINUTES} minutes ago whose outcome is unknown: {unknown:,}. "
            "They are looked up and sent again by themselves."
        )
    if waiting:
        said.append(
            f"Payouts that wait because our balance at Stripe is too small: {waiting:,} ({currencies}). "
            "Add money to it."
        )
    return said
