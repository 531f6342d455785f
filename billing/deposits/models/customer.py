"""Customer: a workspace as Stripe knows it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from rlhfhub.tenancy.base import TenantRow


class Customer(TenantRow):
    """The workspace as a customer of Stripe, in test mode or in live mode. `stripe_id` is "" until Stripe has made it.

    `name` is what the request to make it says, so that it says the same when it is sent again.
    """

    is_live = models.BooleanField()
    name = models.CharField(max_length=120)
    stripe_id = models.CharField(max_length=255, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "id"], name="customer_key"),
            models.UniqueConstraint(fields=["workspace", "is_live"], name="customer_once"),
            models.UniqueConstraint(
                fields=["stripe_id"], condition=~Q(stripe_id=""), name="customer_of_stripe"
            ),
        ]
