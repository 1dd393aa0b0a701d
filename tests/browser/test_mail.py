"""Follow, be answered, get the mail from a real server, stop it in one click."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import words
from tests.browser.conftest import People
from tests.processes.mailbox import Mailbox, serving
from tests.site import Prepared, Site

ESSAY = "/essais/qu-est-ce-que-la-community/"
BUTTON = "form[action='/compte/suivis/'] button"


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with serving() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def site(
    prepared: Prepared, tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox
) -> Iterator[Site]:
    with prepared.served(tmp_path_factory.mktemp("mail"), EMAIL_URL=mailbox.url) as site:
        yield site


def test_reply_then_mail_then_unsubscribe(people: People, site: Site, mailbox: Mailbox) -> None:
    member = people.sign_in("membre", ESSAY)
    member.locator(BUTTON).click()
    expect(member.locator(BUTTON)).to_have_attribute("value", "stop")

    # Whoever moderates waits for nobody: their reply is there at once.
    reply(people.sign_in("animatrice", ESSAY), "Bonjour **à tous**.")
    site.manage("worker", "--batch")
    (mail,) = mailbox.to("membre@example.org")
    html = mail.get_body(("html",))
    assert html and "Bonjour <strong>à tous</strong>." in html.get_content()

    # The masthead says so, and the reply is new in its thread.
    member.goto("/")
    expect(member.locator(".menu__unread")).to_contain_text("1")
    member.goto(ESSAY)
    expect(member.locator(".since a")).to_contain_text("1")
    expect(member.locator(".menu__unread")).to_have_count(0)

    # The link works for who is signed in nowhere.
    visitor = people.arrive()
    visitor.goto(urlsplit(mail["List-Unsubscribe"].strip().strip("<>")).path)
    visitor.get_by_role("main").get_by_role("button").click()
    expect(visitor.get_by_role("main").get_by_role("button")).to_have_count(0)
    member.reload()
    expect(member.locator(BUTTON)).to_have_attribute("value", "follow")

    reply(people.sign_in("animatrice", ESSAY), "Encore.")
    site.manage("worker", "--batch")
    assert len(mailbox.to("membre@example.org")) == 1


def reply(page: Page, body: str) -> None:
    page.get_by_label(words.YOUR_REPLY).fill(body)
    page.get_by_role("button", name=words.SEND_REPLY).click()
    expect(page.get_by_text(body.split()[0]).first).to_be_visible()
