"""How a person reads the texts of models: formatted, or raw."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rlhfhub_tenancy", "0006_own_names")]
    operations = [
        migrations.AddField(
            model_name="user",
            name="reads_raw",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
