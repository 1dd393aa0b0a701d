"""What the worker does for requests. A task is a wake-up: the work stands in tables."""

from django_tasks import task


@task()
def deliver() -> None:
    from . import letters

    if letters.deliver():
        deliver.enqueue()
