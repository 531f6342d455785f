"""Typed calls of Stripe's API, a file for each kind of object.

Each returns frozen dataclasses of ours that hold only what we use: amounts in minor units, currencies in upper case,
times in UTC, and "" for a text or an id that is not there. A call that creates something takes the idempotency key
(`key`) under which it is sent. Calls raise the errors of `billing.stripe.errors`. They take seconds, so no transaction
may be open.
"""
