"""Where people can be paid out, and by which rail. Pure; `migrate` copies it to the database, which refuses by it.

Source: docs.stripe.com/connect/cross-border-payouts, as noted in November 2026: a platform in one of these countries
can transfer to connected accounts in all of them. Compare the list with that page before the first real payout, and
change the date.
"""

AS_OF = "November 2026"
STRIPE_CONNECT = "stripe_connect"

_EUROPEAN_ECONOMIC_AREA = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
)
RAILS: dict[str, str] = dict.fromkeys(
    (*_EUROPEAN_ECONOMIC_AREA, "CA", "CH", "GB", "US"), STRIPE_CONNECT
)
