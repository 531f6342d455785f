"""Each heading of a guideline text is a rule with an id."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects_plan", "0004_database_stamps")]
    operations = [
        migrations.AddField(
            model_name="guidelineversion", name="rules", field=models.JSONField(default=list)
        ),
    ]
