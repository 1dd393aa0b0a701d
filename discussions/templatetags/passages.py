from collections.abc import Iterable

from django import template

from discussions.models import Passage
from discussions.passages import places
from essays.models import Paragraph

register = template.Library()


@register.filter
def marked(paragraphs: Iterable[Paragraph], passages: Iterable[Passage]) -> list[places.Marked]:
    """The paragraphs, cut where those passages begin and end."""
    return places.mark(paragraphs, passages)
