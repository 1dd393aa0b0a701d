from django.db import migrations


def name_reasons(apps, schema_editor):
    cases = apps.get_model("discussions", "Case").objects
    for case in cases.exclude(reasons=[]).iterator():
        cases.filter(pk=case.pk).update(reason=case.reasons[0][0])


class Migration(migrations.Migration):
    dependencies = [("discussions", "0019_cases_by_reason")]

    operations = [migrations.RunPython(name_reasons, migrations.RunPython.noop)]
