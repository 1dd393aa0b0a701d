"""Addresses of the pages that every term has."""

from django import template
from django.urls import reverse

from essays.models import Term

register = template.Library()


@register.simple_tag
def term_url(page: str, term: Term | None) -> str:
    """{% term_url "role" term %}: by the name of the first term's page; its own, without one."""
    return term.address(page) if term else reverse(page)
