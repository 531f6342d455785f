import django.db.models.deletion
from django.db import migrations, models

import rlhfhub.ground.ids
import rlhfhub.tenancy.keys


def link(to: str) -> models.ForeignKey:
    return models.ForeignKey(
        to,
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
    )


class Migration(migrations.Migration):
    initial = True
    dependencies = [
        ("projects_items", "0001_initial"),
        ("rlhfhub_tenancy", "0001_initial"),
    ]
    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=rlhfhub.ground.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("text", models.TextField()),
                ("item", link("projects_items.item")),
                ("workspace", link("rlhfhub_tenancy.workspace")),
            ],
            options={
                "constraints": [
                    rlhfhub.tenancy.keys.TenantKey(
                        columns=("workspace_id", "item_id"),
                        name="note_item",
                        to="projects_items_item",
                        to_columns=("workspace_id", "id"),
                    )
                ]
            },
        )
    ]
