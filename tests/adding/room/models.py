"""Note: what a member wrote about an item."""

from django.db import models

from rlhfhub.tenancy.base import TenantRow, tenant_fk
from rlhfhub.tenancy.keys import TenantKey


class Note(TenantRow):
    """A note on an item of the same workspace."""

    item = tenant_fk("projects_items.Item")
    text = models.TextField()

    class Meta:
        constraints = (TenantKey(name="note_item", to="projects_items_item", column="item_id"),)
