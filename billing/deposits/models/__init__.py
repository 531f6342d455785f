"""Models of deposits: customers of Stripe, what they pay in, disputes, refunds, and payments that fit no deposit."""

from billing.deposits.models.customer import Customer
from billing.deposits.models.deposit import Deposit
from billing.deposits.models.dispute import Dispute
from billing.deposits.models.refund import Refund
from billing.deposits.models.stray import StrayPayment

__all__ = ["Customer", "Deposit", "Dispute", "Refund", "StrayPayment"]
