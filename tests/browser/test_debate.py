"""One debate from its question to its outcome: called for, defined, amended, agreed, retained."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser import words
from tests.browser.conftest import People, give_password
from tests.site import Site

QUESTION = "Que fait, au juste, un community manager ?"
PASSWORD = "un-mot-de-passe-a-moi"
PASSAGE = "le Community Manager est avant tout un insuffleur de conversations"
AGREED, DISPUTED = "Il tient la conversation ouverte.", "Nul ne sait encore qui le paie."
# Whose texts no longer wait, with the position that each declares.
MEMBERS = {"Adèle": words.AGENCY, "Bastien": words.BRAND, "Camille": words.BRAND}
DEFINITIONS = {
    "Adèle": "celui qui souffle sur les braises",
    "Bastien": "la voix d’une marque",
    "Camille": "l’hôte d’une communauté",
}
AMENDED = "celui qui souffle sur les braises, et qui écoute"

FILL = f"""
from uuid import uuid4
from allauth.account.models import EmailAddress
from cmdebate.accounts.models import User
from discussions import posting
from discussions.models import Action
from discussions.moderation.decisions import decide
from essays.models import Essay
manager = User.objects.get(name="animatrice")
for number, name in enumerate({list(MEMBERS)!r}):
    member = User.objects.create_user(name, f"membre{{number}}@example.org", {PASSWORD!r})
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    for _time in range(3):
        post = posting.reply(member, Essay.objects.first(), "Une réponse.", form_key=uuid4())
        decide(Action.APPROVE, post, manager, seen=post.version)
"""


def test_a_debate_from_question_to_outcome(people: People, site: Site) -> None:
    site.manage("shell", "-v0", "-c", FILL)
    manager = people.sign_in("animatrice")
    call = open_a_call(manager)
    members = {name: sign_in(people, name) for name in MEMBERS}
    for name, page in members.items():
        declare(page, MEMBERS[name])
        enter(page, call, DEFINITIONS[name])

    definition = amend(members["Bastien"], members["Adèle"])
    agree(members["Bastien"], definition)
    agree(members["Camille"], definition)
    check_agreement(people.arrive(), definition)

    for name in ("Bastien", "Camille", "Adèle"):
        approve(members[name], call, AMENDED)
    approve(members["Camille"], call, AMENDED, DEFINITIONS["Camille"])
    check_nothing_is_told_before_the_end(people.arrive(), call)

    site.manage("clock", "--at", (timezone.now() + timedelta(days=3)).isoformat())
    sign_the_minute(manager, call)
    check_the_home_page(people.arrive(), call)
    assert site.manage("verify_record").startswith("The record holds")


def sign_in(people: People, name: str) -> Page:
    page = people.arrive()
    page.goto("/compte/login/")
    give_password(page, name, PASSWORD)
    expect(page.get_by_role("banner")).to_contain_text(name)
    return page


def open_a_call(page: Page) -> str:
    """The address of the call, which ends tomorrow."""
    page.goto("/appels/ouvrir/")
    page.get_by_label(words.THE_QUESTION).fill(QUESTION)
    page.get_by_label(words.LAST_DAY).fill((timezone.localdate() + timedelta(days=1)).isoformat())
    page.get_by_role("button", name=words.OPEN_CALL).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(QUESTION)
    return urlsplit(page.url).path


def declare(page: Page, position: str) -> None:
    page.goto("/compte/position/")
    page.get_by_label(position).check()
    page.get_by_role("button", name=words.KEEP).click()
    expect(page.get_by_label(position)).to_be_checked()


def enter(page: Page, call: str, text: str) -> None:
    """Writes a definition for the call, resting on a passage."""
    page.goto("/")
    page.get_by_role("link", name=words.TAKE_PART).click()
    page.get_by_role("link", name=words.WRITE_FOR_CALL).click()
    page.get_by_label(words.CLAUSE_TEXT.format(1)).fill(text)
    page.get_by_text(words.RESTING_ON).first.click()
    page.get_by_label(words.PASSAGE_OF_ESSAY).first.fill(PASSAGE)
    page.get_by_role("button", name=words.SEND_DEFINITION).click()
    expect(page.get_by_role("article").get_by_text(text)).to_be_visible()
    page.get_by_text(words.RESTS_ON.format("002")).click()
    expect(page.get_by_text(PASSAGE)).to_be_visible()
    page.goto(call)
    expect(page.get_by_role("listitem").filter(has_text=text).first).to_be_visible()


def amend(proposer: Page, author: Page) -> str:
    """The address of the definition that takes the amendment over."""
    proposer.goto("/definitions/")
    entry = proposer.get_by_role("listitem").filter(has_text=DEFINITIONS["Adèle"]).first
    entry.get_by_role("link", name=words.PROPOSE_AMENDMENT).click()
    proposer.get_by_label(words.CLAUSE_TEXT.format(1)).fill(AMENDED)
    proposer.get_by_role("button", name=words.SEND_AMENDMENT).click()
    expect(proposer.locator("ins", has_text="et qui écoute").first).to_be_visible()

    author.goto(urlsplit(proposer.url).path)
    author.get_by_role("button", name=words.ACCEPT_AMENDMENT).click()
    author.goto("/definitions/")
    author.get_by_text(AMENDED).first.wait_for()
    entry = author.get_by_role("listitem").filter(has_text=AMENDED).first
    entry.get_by_role("heading").get_by_role("link").click()
    expect(author.get_by_role("article").first).to_contain_text("Bastien")
    return urlsplit(author.url).path


def agree(page: Page, definition: str) -> None:
    page.goto(definition)
    page.get_by_role("button", name=words.AGREE).first.click()
    expect(page.get_by_role("button", name=words.AGREE).first).to_have_attribute(
        "aria-pressed", "true"
    )


def check_agreement(visitor: Page, definition: str) -> None:
    visitor.goto(f"{definition}avis/")
    everybody = visitor.get_by_role("row").filter(has_text=words.EVERYBODY)
    expect(everybody.get_by_role("cell")).to_have_text(["2", "0", "0"])
    # Two brands are fewer than five people.
    expect(visitor.get_by_role("row")).to_have_count(2)


def approve(page: Page, call: str, *texts: str) -> None:
    page.goto(call)
    for entry in page.get_by_role("listitem").filter(has=page.get_by_role("checkbox")).all():
        wanted = any(text in entry.inner_text() for text in texts)
        entry.get_by_role("checkbox").set_checked(wanted)
    page.get_by_role("button", name=words.BALLOT).click()
    expect(page.get_by_role("status")).to_contain_text(words.BALLOT_CAST)


def check_nothing_is_told_before_the_end(visitor: Page, call: str) -> None:
    visitor.goto(call)
    expect(visitor.get_by_text(words.THREE_BALLOTS)).to_be_visible()
    expect(visitor.get_by_role("table")).to_have_count(0)


def sign_the_minute(page: Page, call: str) -> None:
    page.goto(call)
    rows = page.get_by_role("row").filter(has=page.get_by_role("cell"))
    approvals = sorted(row.get_by_role("cell").nth(1).inner_text() for row in rows.all())
    assert approvals == ["0", "1", "3"]
    page.get_by_role("link", name=words.SIGN_MINUTE).click()
    page.get_by_label(words.AGREED).fill(AGREED)
    page.get_by_label(words.NOT_AGREED).fill(DISPUTED)
    page.get_by_label(words.LOOK_AGAIN).fill(
        (timezone.localdate() + timedelta(days=365)).isoformat()
    )
    page.get_by_role("button", name=words.SIGN_MINUTE).click()
    page.goto(call)
    expect(page.get_by_text(AGREED).first).to_be_visible()


def check_the_home_page(visitor: Page, call: str) -> None:
    visitor.goto("/")
    retained = visitor.get_by_role("region", name=words.RETAINED)
    expect(retained).to_contain_text(AMENDED)
    expect(retained).to_contain_text("Adèle")
    retained.get_by_role("link", name=words.MINUTE).click()
    expect(visitor).to_have_url(f"{visitor.url.split('/appels/')[0]}{call}")
    expect(visitor.get_by_text(DISPUTED).first).to_be_visible()
