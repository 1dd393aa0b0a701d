import json
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command

from discussions import markdown
from discussions.models import Revision
from tests.factories import reply

REL = 'rel="nofollow ugc noopener"'
TAGS = {
    "p": set(), "br": set(), "strong": set(), "em": set(), "a": {"href", "rel", "title"},
    "blockquote": set(), "ul": set(), "ol": {"start"}, "li": set(), "code": set(),
    "pre": set(), "hr": set(),
}  # fmt: skip


class Reader(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.found, self.schemes, self.strange = set(), set(), []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.found |= {(tag, name) for name, _value in attributes} | {(tag, "")}
        for name, value in attributes:
            if name == "href":
                # Browsers pass over these characters in an address.
                address = "".join(c for c in value if c > " ")
                self.schemes.add(urlsplit(address).scheme.lower())
                assert ("rel", "nofollow ugc noopener") in attributes

    def handle_comment(self, data):
        self.strange.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def assert_harmless(source):
    seen = Reader(markdown.render(source))
    allowed = {(tag, name) for tag, names in TAGS.items() for name in {"", *names}}
    assert seen.found - allowed == set()
    assert seen.schemes - {"", "http", "https", "mailto"} == set()
    assert seen.strange == []


@pytest.mark.parametrize(
    "source, html",
    [
        ("Un *mot*, un **autre**.", "<p>Un <em>mot</em>, un <strong>autre</strong>.</p>\n"),
        ("Un\ndeux", "<p>Un<br>\ndeux</p>\n"),
        ("Un\n\ndeux", "<p>Un</p>\n<p>deux</p>\n"),
        ("> cité", "<blockquote>\n<p>cité</p>\n</blockquote>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("`<b>`", "<p><code>&lt;b&gt;</code></p>\n"),
        ("```js\nx\n```", "<pre><code>x\n</code></pre>\n"),
        ("a\n\n---", "<p>a</p>\n<hr>\n"),
        ("a & b < c", "<p>a &amp; b &lt; c</p>\n"),
        ("", ""),
    ],
)
def test_commonmark_becomes_html(source, html):
    assert markdown.render(source) == html


@pytest.mark.parametrize(
    "source, html",
    [
        ("[ici](https://a.fr/b?c=d&e=f)", f'<a href="https://a.fr/b?c=d&amp;e=f" {REL}>ici</a>'),
        ("[ici](mailto:a@b.fr)", f'<a href="mailto:a@b.fr" {REL}>ici</a>'),
        ("[ici](/regles/)", f'<a href="/regles/" {REL}>ici</a>'),
        ("https://a.fr", f'<a href="https://a.fr" {REL}>https://a.fr</a>'),
        ("<https://a.fr>", f'<a href="https://a.fr" {REL}>https://a.fr</a>'),
        ("etc.Au revoir", "etc.Au revoir"),
        ("a@b.fr", "a@b.fr"),
    ],
)
def test_links_pass_no_reputation_on(source, html):
    assert markdown.render(source) == f"<p>{html}</p>\n"


@pytest.mark.parametrize(
    "source, html",
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("<b onclick=x>y</b>", "<p>&lt;b onclick=x&gt;y&lt;/b&gt;</p>\n"),
        ("# Titre", "<p># Titre</p>\n"),
        ("Titre\n=====", "<p>Titre<br>\n=====</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](JaVaScRiPt:alert(1))", "<p>[a](JaVaScRiPt:alert(1))</p>\n"),
        ("[a](vbscript:x)", "<p>[a](vbscript:x)</p>\n"),
    ],
)
def test_what_is_not_offered_stays_as_typed(source, html):
    assert markdown.render(source) == html


def test_image_never_loads():
    html = markdown.render("![a](https://a.fr/b.png)")
    assert Reader(html).found == {("p", ""), ("a", ""), ("a", "href"), ("a", "rel")}
    assert html == f'<p>!<a href="https://a.fr/b.png" {REL}>a</a></p>\n'


@pytest.mark.parametrize(
    "source",
    [
        '<img src=x onerror="alert(1)">',
        "<svg/onload=alert(1)>",
        "<iframe src=javascript:alert(1)>",
        "[a](&#106;avascript:alert(1))",
        "[a](java&#10;script:alert(1))",
        "[a](\x01javascript:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](file:///etc/passwd)",
        '[a](https://a.fr "x\\" onmouseover=alert(1) y=\\"")',
        '[a](https://a.fr"onclick=alert(1))',
        "<a href='javascript:alert(1)'>a</a>",
        "<javascript:alert(1)>",
        "[a]: javascript:alert(1)\n\n[a]",
        "```<img onerror=x>\nx\n```",
        '```js" onclick="x\nx\n```',
        "<!-- <p> --> <![CDATA[ <b> ]]> <?php ?>",
        "</p></article></main><h1>Le site</h1>",
        "<style>*{display:none}</style>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        'https://a.fr/"onmouseover=alert(1)//',
        '![a](x"onerror="alert(1))',
        "\0<script>alert(1)</script>",
        "\u202e<script>alert(1)</script>\ufeff",
        "javascript:alert(1)",
    ],
)
def test_hostile_text_is_harmless(source):
    assert_harmless(source)


def test_known_attacks_are_harmless():
    attacks = Path(settings.BASE_DIR).parent / "shared" / "attacks" / "markdown-xss-public.jsonl"
    if not attacks.exists():
        pytest.skip("the public lists of attacks are not on this machine")
    with attacks.open(encoding="utf-8") as lines:
        payloads = [json.loads(line)["p"] for line in lines]
    assert payloads
    for payload in payloads:
        assert_harmless(payload)


@pytest.mark.parametrize(
    "source",
    [
        "[" * 20_000, "![" * 20_000, "*a " * 20_000, "*a**b" * 9_000, "`" * 20_000,
        "> " * 20_000, "- " * 20_000, "(" * 20_000, "[a](" * 9_000, "<" * 20_000,
        "\\" * 20_000, "&" * 20_000, "_a__" * 9_000, "[a]: x\n" * 9_000, "\n" * 20_000,
        "http://" * 9_000, "1. " * 9_000, "\t" * 20_000, "a" * 20_000,
    ],
    ids=lambda source: repr(source[:7]),
)  # fmt: skip
def test_endless_text_is_rendered_up_to_its_limit(source):
    assert markdown.render(source) == markdown.render(source[: markdown.MAX_LENGTH])


@pytest.mark.django_db
class TestRerender:
    def test_brings_older_renderings_up_to_date(self, capsys):
        old, current = (reply(body="*mot*").pending_revision for _i in range(2))
        Revision.objects.filter(pk=old.pk).update(renderer=0, html="<p>*mot*</p>")
        Revision.objects.filter(pk=current.pk).update(html="left alone")
        call_command("rerender_posts")
        old.refresh_from_db()
        current.refresh_from_db()
        assert (old.renderer, old.html) == (markdown.RENDERER, "<p><em>mot</em></p>\n")
        assert current.html == "left alone"
        assert capsys.readouterr().out == "1 text(s) rendered again.\n"
        call_command("rerender_posts")
        assert capsys.readouterr().out == "0 text(s) rendered again.\n"
