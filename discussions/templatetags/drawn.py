"""What is drawn once and kept, under a key that names all that it depends on."""

from django import template
from django.core.cache import caches
from django.template.base import FilterExpression, NodeList, Parser, Token

register = template.Library()


class Keep(template.Node):
    def __init__(self, key: FilterExpression, kept: FilterExpression, nodelist: NodeList) -> None:
        self.key, self.kept, self.nodelist = key, kept, nodelist

    def render(self, context: template.Context) -> str:
        if kept := self.kept.resolve(context):
            return str(kept)
        drawn = self.nodelist.render(context)
        if key := self.key.resolve(context):
            caches["drawn"].set(key, drawn)
        return drawn


@register.tag
def keep(parser: Parser, token: Token) -> Keep:
    """{% keep key kept %}…{% endkeep %}: what is kept, or what stands between, kept from now on.

    A view looks for what is kept, so that it reads nothing for what is drawn already. Without
    a key, which means that not everybody sees the same, nothing is kept.
    """
    _name, key, kept = token.split_contents()
    nodelist = parser.parse(("endkeep",))
    parser.delete_first_token()
    return Keep(parser.compile_filter(key), parser.compile_filter(kept), nodelist)
