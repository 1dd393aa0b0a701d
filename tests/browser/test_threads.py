"""Votes and branches, with and without script."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import words
from tests.browser.conftest import People
from tests.browser.test_writing import REPLY_TO_ESSAY

ESSAY = REPLY_TO_ESSAY.removesuffix("repondre/")


@pytest.fixture
def thread(people: People) -> str:
    """A reply and an answer to it, both public at once: the owner's never wait."""
    page = people.arrive()
    page.goto(ESSAY)
    if not page.get_by_text("Et décrit une posture.").count():
        page = people.sign_in("proprietaire", at=REPLY_TO_ESSAY)
        send(page, "Le texte dit « métier ».")
        first = page.get_by_role("article").filter(has_text="Le texte dit « métier ».").last
        first.get_by_role("link", name=words.REPLY_TO.format("proprietaire")).click()
        send(page, "Et décrit une posture.")
    return ESSAY


def send(page: Page, text: str) -> None:
    page.get_by_role("textbox", name=words.YOUR_REPLY).fill(text)
    page.get_by_role("button", name=words.SEND_REPLY).click()
    expect(page.get_by_role("status")).to_contain_text(words.PUBLISHED)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_vote_is_cast_changed_and_taken_back(people: People, thread: str, script: bool) -> None:
    page = people.sign_in("membre", at=thread, java_script_enabled=script)
    reply = page.get_by_role("article").filter(has_text="Et décrit une posture.").last

    useful, not_useful = (reply.locator(f"button[name={n}]") for n in ("useful", "not_useful"))
    useful.click()
    expect(useful).to_have_text(f"{words.USEFUL} 1")
    expect(useful).to_have_attribute("aria-pressed", "true")
    not_useful.click()
    expect(useful).to_have_text(f"{words.USEFUL} 0")
    expect(not_useful).to_have_attribute("aria-pressed", "true")
    not_useful.click()
    expect(not_useful).to_have_text(f"{words.NOT_USEFUL} 0")
    expect(not_useful).to_have_attribute("aria-pressed", "false")


def test_a_branch_is_folded_by_keyboard(people: People, thread: str) -> None:
    page = people.arrive()
    page.goto(thread)
    fold = page.locator("summary", has_text=words.BELOW).first
    answer = page.get_by_role("article").filter(has_text="Et décrit une posture.").first
    expect(answer).to_be_visible()
    fold.focus()
    page.keyboard.press("Enter")
    expect(answer).to_be_hidden()


def test_a_name_is_completed_by_keyboard(people: People, thread: str) -> None:
    page = people.sign_in("membre", at=REPLY_TO_ESSAY)
    field = page.get_by_role("textbox", name=words.YOUR_REPLY)
    field.press_sequentially("Bonjour @prop")
    expect(page.get_by_role("option", name="proprietaire")).to_be_visible()
    field.press("Enter")
    expect(field).to_have_value("Bonjour @proprietaire ")
    expect(page.get_by_role("listbox", name=words.TO_MENTION)).to_be_hidden()
    expect(field).to_be_focused()


def test_a_tag_is_completed_whatever_its_accents(people: People) -> None:
    page = people.sign_in("membre", at="/definitions/proposer/")
    field = page.get_by_role("textbox", name=words.TAGS)
    field.press_sequentially("veille, METI")
    expect(page.get_by_role("option", name="métier", exact=True)).to_be_visible()
    field.press("Enter")
    expect(field).to_have_value("veille, métier, ")
    expect(page.get_by_role("listbox", name=words.TAGS_IN_USE)).to_be_hidden()
