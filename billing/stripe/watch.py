"""Warns staff of events that wait too long, and of a sweep that does not run."""

from django.db import connection

from billing.stripe.client import is_set_up
from rlhfhub.tenancy import planes

#: Minutes after which an event that was not handled is late, and hours after which a sweep is.
LATE_MINUTES, SWEEP_HOURS = 15, 2

_BACKLOG = """
    SELECT (SELECT count(*) FROM billing_stripe_inboundevent WHERE state = 'waiting'
            AND received_at < statement_timestamp() - make_interval(mins => %s)),
           COALESCE((SELECT error FROM billing_stripe_inboundevent WHERE state = 'waiting' AND error <> ''
                     ORDER BY received_at LIMIT 1), ''),
           (SELECT count(*) FROM billing_stripe_sweepcursor
            WHERE swept_to < statement_timestamp() - make_interval(hours => %s))
"""


def warnings() -> list[str]:
    """Return the warnings for the staff's overview; none if Stripe is not set up."""
    if not is_set_up():
        return []
    with planes.as_system(), connection.cursor() as cursor:
        cursor.execute(_BACKLOG, [LATE_MINUTES, SWEEP_HOURS])
        late, error, unswept = cursor.fetchone()
    said = []
    if late:
        last = f" Last error: {error[:200]}" if error else ""
        said.append(
            f"Stripe events that have waited more than {LATE_MINUTES} minutes: {late:,}.{last}"
        )
    if unswept:
        said.append(f"Stripe was not asked for missed events in the last {SWEEP_HOURS} hours.")
    return said
