"""A text is reported, hidden, appealed, and restored by somebody else: each hears of it by mail
from a real server, and the thread is in the end what it was, to the byte of its text."""

import re
from collections.abc import Iterator
from email.message import EmailMessage
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser import words
from tests.browser.conftest import People
from tests.processes.mailbox import Mailbox, serving
from tests.site import Prepared, Site

ESSAY = "/essais/qu-est-ce-que-la-community/"
REASON = "Il n’y a là qu’une idée."
TEXT = "Un avis *tranché*, « dit » sans détour — 100 %."


@pytest.fixture(scope="module")
def mailbox() -> Iterator[Mailbox]:
    with serving() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def site(
    prepared: Prepared, tmp_path_factory: pytest.TempPathFactory, mailbox: Mailbox
) -> Iterator[Site]:
    with prepared.served(tmp_path_factory.mktemp("appeal"), EMAIL_URL=mailbox.url) as site:
        yield site


def test_appeal_brings_the_text_back_whole(people: People, site: Site, mailbox: Mailbox) -> None:
    author = people.sign_in("membre", ESSAY)
    hider = people.sign_in("animatrice")
    restorer = people.sign_in("proprietaire")
    reader = people.arrive()

    write(author, TEXT)
    public_id = author.url.strip("/").rpartition("/")[2]
    case = f"/moderation/messages/{public_id}/"
    decide(restorer, case, "approve")
    author.goto(f"/messages/{public_id}/repondre/")
    write(author, "Une réponse dessous.")
    below = author.url.strip("/").rpartition("/")[2]
    decide(restorer, f"/moderation/messages/{below}/", "approve")
    before = thread(reader)
    assert "tranché" in before and "Une réponse dessous." in before

    # Somebody without an account says that it breaks the law, and gets a page of their own.
    reader.goto(f"/signaler/messages/{public_id}/")
    report = reader.get_by_role("main")
    report.locator("[name=kind][value=law]").check()
    report.locator("[name=rule]").fill("loi de 1881, article 33")
    report.locator("[name=words]").fill("C’est une injure.")
    report.locator("[name=name]").fill("Ada")
    report.locator("[name=email]").fill("ada@example.net")
    report.locator("[name=good_faith]").check()
    report.get_by_role("button").click()
    expect(reader).to_have_url(re.compile("/demandes/"))
    outcome = urlsplit(reader.url).path
    assert outcome in text_of(letters(site, mailbox, "ada@example.net")[-1])

    decide(
        hider,
        case,
        "hide",
        ground="attack",
        facts="Un avis sur des personnes.",
        reason="On répond aux idées.",
    )
    assert "tranché" not in thread(reader)
    statement = text_of(letters(site, mailbox, "membre@example.org")[-1])
    for said in (TEXT, "On répond aux idées.", "Un avis sur des personnes.", "animatrice"):
        assert said in statement
    told = text_of(letters(site, mailbox, "ada@example.net")[-1])
    assert "On répond aux idées." in told and "tranché" not in told
    reader.goto(outcome)
    expect(reader.get_by_text("On répond aux idées.")).to_be_visible()

    # The letter leads to the appeal; who decided is not let answer it.
    appeal = re.search(r"/journal/\d+/recours/", statement)
    assert appeal
    author.goto(appeal[0])
    author.get_by_role("main").locator("[name=words]").fill("Je ne parle de personne.")
    author.get_by_role("main").get_by_role("button").click()
    expect(author).to_have_url(re.compile("/demandes/"))
    received = letters(site, mailbox, "membre@example.org")[-1]
    assert urlsplit(author.url).path in text_of(received)
    hider.goto(case)
    expect(hider.locator("button[name=action][value=restore]")).to_have_count(0)

    decide(restorer, case, "restore", reason=REASON)
    assert thread(reader) == before
    answers = letters(site, mailbox, "membre@example.org")[-2:]
    assert [REASON in text_of(answer) for answer in answers] == [True, True]
    author.reload()
    expect(author.get_by_text(REASON).first).to_be_visible()
    # The entry that hid it says, to anybody, what answered it.
    reader.goto(appeal[0].removesuffix("recours/"))
    expect(reader.get_by_text(REASON)).to_be_visible()
    site.manage("verify_record")


def write(page: Page, body: str) -> None:
    page.locator("textarea[name=body]").fill(body)
    page.get_by_role("button", name=words.SEND_REPLY).click()
    expect(page.get_by_text(body.split("*")[0]).first).to_be_visible()


def decide(page: Page, case: str, action: str, **said: str) -> None:
    page.goto(case)
    for name, value in said.items():
        field = page.locator(f"form [name={name}]")
        if name == "ground":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator(f"button[name=action][value={action}]").first.click()
    expect(page.locator(".notice--success")).to_be_visible()


def thread(page: Page) -> str:
    """What readers see of it, as the site sends it."""
    response = page.request.get(ESSAY)
    assert response.ok
    found = re.search(r'<div class="main thread">.*?</aside>', response.text(), re.DOTALL)
    assert found
    return found[0]


def letters(site: Site, mailbox: Mailbox, address: str) -> list[EmailMessage]:
    site.manage("worker", "--batch")
    return mailbox.to(address)


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part
    text: str = part.get_content()
    return text
