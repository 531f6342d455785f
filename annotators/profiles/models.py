"""Profile: what an annotator tells about themselves. Workspaces never read it; they see pseudonyms."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from rlhfhub.tenancy.base import Row
from rlhfhub.tenancy.models import User


class Profile(Row):
    """The profile of one person."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="+")
    country = models.CharField(max_length=2, blank=True)
    languages = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
