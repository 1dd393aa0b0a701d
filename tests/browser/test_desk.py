"""The desk by keys, and with two moderators at it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import words
from tests.browser.conftest import People
from tests.site import Prepared, Site

ITEMS = 20
BODY = "Le texte numéro {:02}."
REASON = "Cela ne parle pas du mot."

MAKE = f"""
import json
from tests.factories import *
from essays.models import Essay
essay = Essay.objects.first()
posts = [reply(essay, body="{BODY}".format(n)) for n in range({ITEMS})]
print(json.dumps([post.public_id for post in posts]))
"""


@pytest.fixture
def site(prepared: Prepared, tmp_path: Path) -> Iterator[Site]:
    """One for each test: they clear the queue."""
    with prepared.served(tmp_path) as site:
        yield site


def make(site: Site) -> list[str]:
    """Texts that wait, oldest first."""
    made: list[str] = json.loads(site.manage("shell", "-v0", "-c", MAKE).splitlines()[-1])
    return made


def states(site: Site) -> list[list[str]]:
    """Each text's state, and the acts on it."""
    asked = """
import json
from discussions.models import Post
print(json.dumps([
    [post.state, *post.decisions.order_by("number").values_list("action", flat=True)]
    for post in Post.objects.filter(kind="reply").order_by("pk")
]))
"""
    found: list[list[str]] = json.loads(site.manage("shell", "-v0", "-c", asked).splitlines()[-1])
    return found


def has_keys(page: Page) -> None:
    """Waits until the page listens to them."""
    expect(page.get_by_role("button", name=words.KEYS, exact=True)).to_be_visible()


def press(page: Page, key: str, then: int | None) -> None:
    """One key, and the text that is then open."""
    page.keyboard.press(key)
    if then is not None:
        expect(page.locator(".context__judged")).to_contain_text(BODY.format(then))


def test_twenty_items_are_cleared_by_keys_alone(people: People, site: Site) -> None:
    make(site)
    page = people.sign_in("animatrice", at="/moderation/")
    has_keys(page)
    expect(page.locator(".context__judged")).to_contain_text(BODY.format(0))

    # An act that owes a statement leads there, where keys are letters again.
    page.keyboard.press("n")
    expect(page.get_by_label(words.GROUND).first).to_be_hidden()
    ground = page.locator("#deciding").get_by_label(words.GROUND)
    expect(ground).to_be_focused()
    page.keyboard.press("h")  # hors sujet
    expect(ground).to_have_value("off_topic")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("On y parle du temps.")
    page.keyboard.press("Tab")
    page.keyboard.type(REASON)
    expect(page.locator(".context__judged")).to_contain_text(BODY.format(0))
    page.locator("#deciding").get_by_label(words.REASON).blur()
    press(page, "n", 1)

    press(page, "j", 2)
    press(page, "k", 1)
    for number in range(2, ITEMS):
        press(page, "a", number)
    page.keyboard.press("a")
    expect(page.get_by_text(words.DESK_CLEAR)).to_be_visible()

    press(page, "u", ITEMS - 1)  # opened again, to be decided anew
    expect(page.get_by_role("status").first).to_contain_text(words.UNDONE)
    page.keyboard.press("t")
    reason = page.locator("#deciding").get_by_label(words.REASON)
    expect(reason).to_be_focused()
    page.keyboard.type("Il peut rester.")
    reason.blur()
    page.keyboard.press("t")
    expect(page.get_by_text(words.DESK_CLEAR)).to_be_visible()

    assert states(site) == [
        ["hidden", "refuse"],
        *[["published", "approve"]] * (ITEMS - 2),
        ["published", "approve", "undo", "restore"],
    ]


def test_keys_are_shown_and_can_be_turned_off(people: People, site: Site) -> None:
    make(site)
    page = people.sign_in("animatrice", at="/moderation/")
    has_keys(page)
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name=words.KEYS_OF_THE_DESK)
    expect(dialog).to_contain_text(words.APPROVE)
    dialog.get_by_label(words.SINGLE_KEYS).uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.reload()
    has_keys(page)
    page.keyboard.press("a")
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name=words.KEYS, exact=True).click()
    dialog.get_by_label(words.SINGLE_KEYS).check()
    dialog.get_by_role("button", name=words.CLOSE).click()
    expect(page.locator(".context__judged")).to_contain_text(BODY.format(0))
    press(page, "a", 1)


def test_of_two_moderators_the_second_is_refused_aloud(people: People, site: Site) -> None:
    first_post = make(site)[0]
    case = f"/moderation/messages/{first_post}/"
    first = people.sign_in("animatrice", at=case)
    expect(first.locator(".context__judged")).to_contain_text(BODY.format(0))
    second = people.sign_in("proprietaire", at=case)
    expect(second.locator(".case__looker")).to_contain_text("animatrice")

    first.locator("#case").get_by_role("button", name=words.APPROVE).click()
    expect(first.get_by_role("status").first).to_contain_text(words.DONE)

    second.get_by_text(words.STATEMENT).click()
    form = second.locator("#deciding")
    form.get_by_label(words.GROUND).select_option(label=words.OFF_TOPIC)
    form.get_by_label(words.FACTS).fill("On y parle du temps.")
    form.get_by_label(words.REASON).fill(REASON)
    second.locator("#case").get_by_role("button", name=words.REFUSE).click()
    expect(second.get_by_role("status").first).to_contain_text(words.CHANGED_SINCE)
    expect(form.get_by_label(words.REASON)).to_have_value(REASON)
    assert states(site)[0] == ["published", "approve"]
