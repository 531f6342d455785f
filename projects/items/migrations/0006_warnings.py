"""Imports keep their warnings, and items say by a key what they ask."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects_items", "0005_opened_when_funded")]
    operations = [
        migrations.AddField(
            model_name="import",
            name="warnings",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="item",
            name="content_key",
            field=models.UUIDField(default=uuid.uuid4),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="item",
            index=models.Index(fields=["content_key"], name="item_by_content"),
        ),
    ]
