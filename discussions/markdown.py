"""The one door from Markdown to HTML.

Nothing else in the project marks text as safe. What comes out is stored beside its source,
with the version of this renderer; `rerender_posts` brings older renderings up to date.
"""

import re
from collections.abc import Iterator, Mapping

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from cmdebate.accounts.models import fold

RENDERER = 2
MAX_LENGTH = 10_000

_TAGS = {
    *("p", "br", "strong", "em", "a", "blockquote", "ul", "ol", "li", "code", "pre", "hr"),
}

# No images, no headings (a post stands inside a page that has its own), no raw HTML.
_parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
_parser.enable("linkify").disable(["image", "heading", "lheading"])
# Only what spells http:// or https:// becomes a link: "etc.Au" is no address.
_parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False})  # type: ignore[union-attr]

MENTION = re.compile(r"@((?:[^\W_]|[.’'-](?=[^\W_])){2,40})")


def readings(name: str) -> Iterator[str]:
    """The names that what stands after an @ may mean, the longest first."""
    yield name
    while cut := re.search(r"[.’'-][^.’'-]*$", name):
        name = name[: cut.start()]
        yield name


def _mention(state: StateInline, silent: bool) -> bool:
    """An @ with the name of a member whom the caller knows becomes a link to their page."""
    found = MENTION.match(state.src, state.pos)
    if not found or state.linkLevel or state.src[: state.pos][-1:].isalnum():
        return False
    known: Mapping[str, str] = state.env.get("members", {})
    name = next((name for name in readings(found[1]) if fold(name) in known), None)
    if name is None:
        return False
    if not silent:
        token = state.push("link_open", "a", 1)
        token.attrs = {"href": known[fold(name)]}
        state.push("text", "", 0).content = f"@{name}"
        state.push("link_close", "a", -1)
    state.pos += len(name) + 1
    return True


_parser.inline.ruler.before("link", "mention", _mention)


def render(source: str, members: Mapping[str, str] | None = None) -> SafeString:
    """Sanitised HTML of at most MAX_LENGTH characters of Markdown.

    `members` are the addresses of those whose names may become links, by folded name.
    """
    html = nh3.clean(
        _parser.render(source[:MAX_LENGTH], {"members": members or {}}),
        tags=_TAGS,
        attributes={"*": set(), "a": {"href", "title"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow ugc noopener",
    )
    return mark_safe(html)  # noqa: S308 - this is the door


def tokens(source: str) -> list[Token]:
    """What `render` reads in the same text, before it is HTML."""
    return _parser.parse(source[:MAX_LENGTH])


def read(token: Token) -> str:
    """The text of a token as a reader sees it."""
    if token.children is None:
        return token.content
    return "".join(
        "\n" if child.type in ("softbreak", "hardbreak") else child.content
        for child in token.children
        if not child.type.endswith(("_open", "_close"))
    )


def plain(source: str) -> str:
    """The text as a reader sees it, a blank line between its paragraphs."""
    texts = (read(token).strip() for token in tokens(source) if token.content)
    return "\n\n".join(text for text in texts if text)


def stored(html: str) -> SafeString:
    """What `render` made, read back from its column."""
    return mark_safe(html)  # noqa: S308 - it came through the door
