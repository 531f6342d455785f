"""A batch opens when it is funded, and says when it was opened and closed."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("projects_items", "0004_database_stamps")]
    operations = [
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.CheckConstraint(
                condition=Q(status="draft", opened_at=None, closed_at=None)
                | Q(status="open", funding="funded", opened_at__isnull=False, closed_at=None)
                | Q(status="closed", closed_at__isnull=False),
                name="batch_opened_when_funded",
            ),
        ),
    ]
