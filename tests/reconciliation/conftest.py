"""Fixtures of reconciliation: Stripe is the emulator."""

from tests.deposits.conftest import emulator, paying, rich, set_up, stripe

__all__ = ["emulator", "paying", "rich", "set_up", "stripe"]
