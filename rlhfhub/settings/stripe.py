"""Settings of Stripe. Without a secret key the site runs, and money cannot be paid in or out by itself."""

import environ

env = environ.Env()

# sk_live_…, sk_test_…, or a restricted key (rk_…). Empty: Stripe is not set up.
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY", default="")
# Empty: Stripe itself. In development and tests the emulator's address, such as http://127.0.0.1:12111.
STRIPE_API_BASE = env("STRIPE_API_BASE", default="").rstrip("/")
# The signing secrets (whsec_…) of each webhook endpoint: one, or two while Stripe rolls it. The endpoints get the
# platform's events, those of connected accounts, and thin ones.
STRIPE_WEBHOOK_SECRETS: dict[str, list[str]] = {
    "platform": env.list("STRIPE_WEBHOOK_SECRETS_PLATFORM", default=[]),
    "connect": env.list("STRIPE_WEBHOOK_SECRETS_CONNECT", default=[]),
    "thin": env.list("STRIPE_WEBHOOK_SECRETS_THIN", default=[]),
}
# That of the installed SDK (a check compares them). Webhook endpoints are made at Stripe with the same version.
STRIPE_VERSION = "2026-10-28.endive"
# Seconds to connect, and to wait for the answer. A request is sent again so many times, under the same idempotency key.
STRIPE_CONNECT_SECONDS, STRIPE_ANSWER_SECONDS = 3.05, 20.0
STRIPE_RETRIES = 2
# What annotators earn from a workspace is not paid out to them for so many days after its first payment by Stripe: a
# stolen card is usually found by then.
STRIPE_CARD_HOLD_DAYS = env.int("STRIPE_CARD_HOLD_DAYS", default=7)
# An invoice of a workspace that pays in is due after so many days.
STRIPE_INVOICE_DAYS = env.int("STRIPE_INVOICE_DAYS", default=30)
