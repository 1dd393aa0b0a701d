"""What is drawn once and kept, under a key that names all that it depends on."""

from django import template
from django.core.cache import caches

register = template.Library()


@register.simple_block_tag
def keep(content: str, key: str) -> str:
    """Keeps what it holds under that key, if there is one: if everybody sees the same."""
    if key:
        caches["drawn"].set(key, content)
    return content
