"""What is done at another time than now."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from typing import Any
from unittest import mock

from django.utils import timezone


class _Like(type):
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, datetime)


@contextmanager
def at(text: str) -> Iterator[datetime]:
    """The site's clock stands at that time of Paris, as `2026-11-03 09:30`."""
    moment = datetime.fromisoformat(text).replace(tzinfo=timezone.get_default_timezone())

    class Standing(datetime, metaclass=_Like):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return moment.astimezone(tz)

    with mock.patch.object(timezone, "datetime", Standing):
        yield timezone.now()
