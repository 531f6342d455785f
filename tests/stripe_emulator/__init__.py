"""A stateful emulator of the part of Stripe that the site uses, driven by the unmodified SDK.

It listens on the loopback interface only, and knows neither Django nor the site. Every request, response and event is
checked against schemas that are derived from the installed SDK (`schema/`), so that an upgrade of the SDK upgrades the
check. `control.py` is its client for tests; `python -m tests.stripe_emulator --help` starts it by hand.

It is a model of Stripe, not Stripe: what it does follows Stripe's documentation, and `tests/contract/` runs the same
scenarios against Stripe itself when a test key is given. Where it is simpler than Stripe:

* Each currency has a balance of its own, and nothing is converted.
* Card money becomes available exactly two days after the charge, bank debits succeed or fail after four days, and money
  that an account received by a transfer is available at once.
* The platform's own balance is paid out by hand only.
* The clock can be moved; signatures of webhooks carry the machine's time all the same, because the SDK compares them
  with it.
"""
