"""Every page fits its sheet, from the narrowest telephone up, on paper and at night."""

from typing import Literal

from playwright.sync_api import Page

from tests.browser.conftest import People
from tests.site import Site, manage

WIDTHS = (320, 390, 768, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ESSAY = "/essais/qu-est-ce-que-la-community/"

# Long words in every place that a person can fill.
FILL = """
from uuid import uuid4
from cmdebate.accounts.models import User
from discussions import posting
from discussions.models import Action
from discussions.models.posts import Said, Wording
from discussions.moderation.decisions import decide
from discussions.moderation.statements import Statement
from essays.models import Essay, Term
word = "anticonstitutionnellement" * 8
text = f"{word}\\n\\n`{word}`\\n\\n    {word} {word}\\n\\nhttps://example.org/{word}"
owner, manager, member = (
    User.objects.get(name=name) for name in ("proprietaire", "animatrice", "membre")
)
essay = Essay.objects.get(slug="qu-est-ce-que-la-community")
wording = Wording(text, (Said("is", word), Said("is_not", word)))
definition = posting.propose_definition(
    owner, Term.objects.site_term(), wording, form_key=uuid4()
)
parent = essay
for depth in range(12):
    parent = posting.reply(manager, parent, text, form_key=uuid4())
hidden = posting.reply(owner, essay, text, form_key=uuid4())
said = Statement(ground="off_topic", facts=word, reason=word)
decide(Action.HIDE, hidden, manager, seen=hidden.version, said=said)
posting.reply(member, definition, text, form_key=uuid4())
print(definition.get_absolute_url())
"""


def test_no_page_is_wider_than_its_window(people: People, site: Site) -> None:
    env = site.env | {"DJANGO_SETTINGS_MODULE": "tests.processes.settings"}
    definition = manage(env, "shell", "-v0", "-c", FILL).strip()
    pages = {
        people.arrive(): (
            *("/", ESSAY, definition, f"{definition}avis/", "/definitions/?de=essais"),
            *("/role/", "/affirmations/", "/sondage/", "/sondage/repondre/"),
            *("/compte/login/", "/compte/signup/"),
        ),
        people.sign_in("animatrice"): (
            *("/", "/essais/", ESSAY, f"{ESSAY}c1/", "/definitions/", definition),
            *(
                f"{definition}historique/",
                f"{definition}avis/",
                "/definitions/proposer/",
                f"{ESSAY}repondre/",
            ),
            *("/moderation/", "/moderation/?liste=masques", "/journal/", "/regles/"),
            *("/membres/animatrice/", "/compte/email/", "/compte/2fa/", "/compte/sessions/"),
            *("/compte/donnees/", "/compte/position/", "/compte/partir/", "/compte/parti/"),
        ),
    }
    wider = {}
    for page, paths in pages.items():
        for path in paths:
            answer = page.goto(path)
            assert answer
            assert answer.status == 200, path
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                for width in WIDTHS:
                    page.set_viewport_size({"width": width, "height": 800})
                    if excess := pixels_too_wide(page):
                        wider[path, scheme, width] = excess
    assert wider == {}


def pixels_too_wide(page: Page) -> int:
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
