from typing import Any

from django.db import migrations
from django.db.models import Q


def fill(apps: Any, schema_editor: Any) -> None:
    """What waits when the site is upgraded waits at the desk too."""
    posts = apps.get_model("discussions", "Post")
    waiting = posts.objects.filter(
        Q(state="pending") | Q(state="published"), pending_revision__isnull=False
    ).select_related("pending_revision")
    case = apps.get_model("discussions", "Case")
    case.objects.bulk_create(
        (
            case(
                post=post,
                gravity=0,
                since=post.pending_revision.created_at,
                reasons=[[reason, 1] for reason in post.pending_revision.held_for],
            )
            for post in waiting.iterator(chunk_size=500)
        ),
        batch_size=500,
    )


def empty(apps: Any, schema_editor: Any) -> None:
    apps.get_model("discussions", "Case").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("discussions", "0015_the_desk")]

    operations = [migrations.RunPython(fill, empty)]
