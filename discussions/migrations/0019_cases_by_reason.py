from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("discussions", "0018_policy_versions_have_a_name")]

    operations = [
        migrations.AddField(
            "case", "reason", models.CharField(default="", max_length=20), preserve_default=False
        ),
        migrations.AddIndex(
            "case",
            models.Index(fields=["reason", "-gravity", "since", "id"], name="case_queue_by_reason"),
        ),
        migrations.AddIndex("case", models.Index(fields=["since"], name="case_oldest")),
    ]
