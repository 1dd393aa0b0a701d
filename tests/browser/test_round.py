"""The whole round: read, sign up, define, wait, be approved, reply, be hidden, check."""

import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser import words
from tests.browser.conftest import People, give_password
from tests.site import Site, connected, copied_database

SEEDS = settings.BASE_DIR / "seeds"
SLUG = "et-puis-je-suis-devenue-community-manager"
NAME, PASSWORD = "Marthe", "un-mot-de-passe-a-moi"
IS, IS_NOT = "une personne qui écoute", "un porte-voix"
BODY = "Elle **répond** à tout le monde."
HOSTILE = """\
<img src="x" onerror="alert(1)"> <script>document.title = "pris"</script>
[ici](javascript:alert(2)) <b onmouseover="alert(3)">gras</b>
"""
REPLY = "Une réponse que personne ne lira longtemps."
REASON = "Cela ne parle pas du mot."
FACTS = "Il parle du temps qu’il fait."
HOLDS = "The record holds, from its first entry to its last.\n"


def test_the_whole_round(people: People, site: Site, tmp_path) -> None:
    member = people.arrive()
    read_an_essay(member)
    sign_up(member, site)
    definition = propose(member)

    visitor = people.arrive()
    check_nobody_learns_of_it(visitor, definition)
    approve_in_the_admin(people, definition)
    for path in ("/", "/definitions/", definition):
        visitor.goto(path)
        expect(visitor.get_by_text(IS).first).to_be_visible()

    reply_is_hidden(people, member, visitor)
    check_the_record(visitor, site, tmp_path)
    site.stop()
    check_a_changed_row_is_found(site, tmp_path)


def read_an_essay(page: Page) -> None:
    with (SEEDS / "manifest.toml").open("rb") as manifest:
        essays = tomllib.load(manifest)["essays"]
    essay = next(essay for essay in essays if essay["slug"] == SLUG)

    page.goto("/")
    page.get_by_role("link", name=essay["title"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(essay["title"])

    page.get_by_role("link", name=words.PARAGRAPH.format(7), exact=True).click()
    expect(page).to_have_url(re.compile(r"#p7$"))
    expect(page.locator("#p7")).to_be_in_viewport()

    comment = page.get_by_role("listitem").filter(
        has=page.get_by_role("link", name=words.ORIGINAL_COMMENT.format("c1"), exact=True)
    )
    expect(comment.first).to_contain_text(first_words_of_comment(essay))

    source = page.get_by_role("link", name=words.AS_RECEIVED).get_attribute("href")
    received = page.request.get(str(source)).body()
    assert received == (SEEDS / essay["file"]).read_bytes()
    assert hashlib.sha256(received).hexdigest() == essay["sha256"]


def first_words_of_comment(essay: dict) -> str:
    lines = (SEEDS / essay["file"]).read_text().splitlines()
    first = next(part["first"] for part in essay["segments"] if part.get("id") == "c1")
    return lines[first - 1][:40]


def sign_up(page: Page, site: Site) -> None:
    page.get_by_role("link", name=words.SIGN_UP).click()
    page.get_by_label(words.NAME, exact=True).fill(NAME)
    page.get_by_label(words.E_MAIL).fill("marthe@example.org")
    page.get_by_label(words.PASSWORD, exact=True).fill(PASSWORD)
    page.get_by_label(words.PASSWORD_AGAIN).fill(PASSWORD)
    page.get_by_role("button", name=words.SIGN_UP).click()
    expect(page.get_by_role("heading", name=words.MAIL_SENT)).to_be_visible()

    mail = site.mails()[-1]
    assert mail["To"] == "marthe@example.org"
    link = re.search(r"^http\S+$", mail.get_content(), re.MULTILINE)
    assert link
    page.goto(link[0])
    page.get_by_role("button", name=words.CONFIRM_ADDRESS).click()
    give_password(page, NAME, PASSWORD)
    expect(page.get_by_role("banner")).to_contain_text(NAME)


def propose(page: Page) -> str:
    """The address of the definition, which waits."""
    page.get_by_role("navigation", name=words.MAIN).get_by_text(words.DEFINITIONS).click()
    page.get_by_label(words.CLAUSE_TEXT.format(1)).fill(IS)
    page.get_by_label(words.CLAUSE_TEXT.format(2)).fill(IS_NOT)

    write, read = (page.get_by_role("radio", name=name) for name in (words.WRITE, words.READ_OVER))
    preview = page.locator(".editor__preview")
    page.get_by_label(words.EXPLANATION).fill(BODY)
    read.check()
    expect(preview.locator("strong")).to_have_text("répond")
    expect(preview).to_be_visible()
    expect(page.get_by_label(words.EXPLANATION)).to_be_hidden()

    title = page.title()
    write.check()
    page.get_by_label(words.EXPLANATION).fill(HOSTILE)
    read.check()
    expect(preview).to_contain_text("<script>")  # as text
    preview.get_by_text("gras").hover()
    assert preview.locator("img, script, [href^=javascript], [onmouseover]").count() == 0
    assert page.title() == title

    write.check()
    page.get_by_label(words.EXPLANATION).fill(BODY)
    page.get_by_role("button", name=words.SEND_DEFINITION).click()
    expect(page.get_by_role("status")).to_contain_text(words.KEPT)
    expect(page.get_by_role("heading", name=words.WAITS)).to_be_visible()
    expect(page.get_by_text(words.WHY_IT_WAITS).last).to_be_visible()
    expect(page.get_by_role("article").get_by_text(IS)).to_be_visible()
    address = page.url

    page.get_by_role("banner").get_by_text(NAME).click()
    page.get_by_role("link", name=words.YOUR_PAGE).click()
    own = page.get_by_role("listitem").filter(has_text=IS)
    expect(own.get_by_text(words.WAITING)).to_be_visible()
    own.get_by_role("link", name=IS).click()
    expect(page).to_have_url(address)
    return urlsplit(address).path


def check_nobody_learns_of_it(visitor: Page, definition: str) -> None:
    for path in ("/", "/definitions/", f"/membres/{NAME}/"):
        visitor.goto(path)
        expect(visitor.get_by_role("heading", level=1)).to_be_visible()
        expect(visitor.get_by_text(IS)).to_have_count(0)
    answer = visitor.goto(definition)
    assert answer
    assert answer.status == 404
    assert IS not in answer.text()


def approve_in_the_admin(people: People, definition: str) -> None:
    page = people.sign_in("animatrice", at="/admin/")
    page.get_by_role("main").get_by_role("link", name=words.POSTS).click()
    row = page.get_by_role("row").filter(has_text=IS)
    row.get_by_role("checkbox").check()
    page.get_by_role("combobox", name=words.ADMIN_ACTION).select_option(label=words.APPROVE)
    page.get_by_role("button", name=words.ADMIN_GO).click()

    expect(page.get_by_role("heading", level=1)).to_have_text(words.APPROVE)
    expect(page.get_by_role("blockquote")).to_contain_text(IS)
    page.get_by_role("button", name=words.APPROVE).click()
    expect(page.get_by_text(words.ADMIN_DONE)).to_be_visible()


def reply_is_hidden(people: People, member: Page, visitor: Page) -> None:
    essay = f"/essais/{SLUG}/"
    member.goto(essay)
    member.get_by_role("textbox", name=words.YOUR_REPLY).fill(REPLY)
    member.get_by_role("button", name=words.SEND_REPLY).click()
    expect(member.get_by_role("heading", name=words.WAITS)).to_be_visible()
    expect(member.get_by_role("article")).to_contain_text(REPLY)
    visitor.goto(essay)
    expect(visitor.get_by_text(REPLY)).to_have_count(0)

    moderator = people.sign_in("animatrice", at="/moderation/")
    expect(moderator.locator("#case")).to_contain_text(REPLY)
    moderator.get_by_role("button", name=words.APPROVE).click()
    expect(moderator.get_by_role("status")).to_contain_text(words.DONE)
    visitor.reload()
    expect(visitor.get_by_text(REPLY)).to_be_visible()

    moderator.goto(essay)
    reply = moderator.get_by_role("article").filter(has_text=REPLY).last
    reply.get_by_role("link", name=words.MODERATE).click()
    case = moderator.locator("#case")
    case.get_by_label(words.GROUND).select_option(label=words.OFF_TOPIC)
    case.get_by_label(words.FACTS).fill(FACTS)
    case.get_by_label(words.REASON).fill(REASON)
    case.get_by_role("button", name=words.HIDE).click()
    expect(moderator.get_by_role("status")).to_contain_text(words.DONE)

    visitor.reload()
    expect(visitor.get_by_text(REPLY)).to_have_count(0)
    place = visitor.get_by_role("article").filter(has_text=words.HIDDEN_HERE).last
    expect(place).to_contain_text(NAME)
    expect(place).to_contain_text(words.OFF_TOPIC)
    expect(place).to_contain_text(REASON)

    member.reload()
    expect(member.get_by_role("article")).to_contain_text(REPLY)
    expect(member.get_by_role("heading", name=words.IS_HIDDEN)).to_be_visible()


def check_the_record(visitor: Page, site: Site, folder: Path) -> None:
    visitor.goto("/journal/")
    entries = visitor.get_by_role("main").get_by_role("article")
    expect(entries).to_have_count(3)
    for number, said in enumerate((words.HIDE, words.APPROVE, words.APPROVE)):
        expect(entries.nth(number)).to_contain_text(said)
        expect(entries.nth(number)).to_contain_text("animatrice")
    expect(entries.first).to_contain_text(REASON)

    with visitor.expect_download() as download:
        visitor.get_by_role("link", name=words.DOWNLOAD_RECORD).click()
    download.value.save_as(folder / "journal.jsonl")
    assert REPLY not in (folder / "journal.jsonl").read_text()
    assert site.manage("verify_record") == HOLDS
    assert site.manage("verify_record", str(folder / "journal.jsonl")) == HOLDS


def check_a_changed_row_is_found(site: Site, folder: Path) -> None:
    original = site.env["DATABASE_URL"]
    with copied_database(original, folder) as copy:
        with connected(copy) as database:
            if copy.startswith("sqlite"):
                database.execute("DROP TRIGGER decision_is_not_updated")
            else:
                database.execute("ALTER TABLE discussions_decision DISABLE TRIGGER ALL")
            database.execute("UPDATE discussions_decision SET ground = 'attack' WHERE number = 3")
        found = subprocess.run(
            [sys.executable, settings.BASE_DIR / "manage.py", "verify_record"],
            env=site.env | {"DATABASE_URL": copy},
            capture_output=True,
            text=True,
            check=False,
        )
    assert found.returncode == 1
    assert found.stderr.splitlines() == [
        "entry 3: does not match its digest",
        "CommandError: The record does not hold: 1 fault(s).",
    ]
    assert site.manage("verify_record") == HOLDS
