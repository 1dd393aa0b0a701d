"""Writing where things are missing or go wrong: no script, no session, no mouse, two clicks."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser import words
from tests.browser.conftest import People, give_password

REPLY_TO_ESSAY = "/essais/qu-est-ce-que-la-community/repondre/"


def clause(page: Page, number: int) -> Locator:
    return page.get_by_label(words.CLAUSE_TEXT.format(number))


def test_a_definition_lives_its_life_without_javascript(people: People) -> None:
    page = people.sign_in("membre", at="/definitions/proposer/", java_script_enabled=False)

    page.get_by_label(words.EXPLANATION).fill("Un **vrai** métier.")
    page.get_by_role("button", name=words.SEND_DEFINITION).click()
    expect(page.get_by_role("alert")).to_have_text(words.NO_CLAUSE)
    expect(page.get_by_label(words.EXPLANATION)).to_have_value("Un **vrai** métier.")

    clause(page, 1).fill("un métier")
    page.get_by_role("button", name=words.ADD_CLAUSE).click()
    expect(clause(page, 1)).to_have_value("un métier")
    third = page.get_by_role("group", name=words.CLAUSE.format(3))
    third.get_by_role("radio", name=words.IS_NOT).check()
    clause(page, 3).fill("une mode")

    page.get_by_role("button", name=words.READ_OVER).click()
    preview = page.get_by_role("region", name=words.AS_READ)
    expect(preview.locator("strong")).to_have_text("vrai")
    expect(clause(page, 1)).to_have_value("un métier")
    expect(clause(page, 3)).to_have_value("une mode")
    expect(third.get_by_role("radio", name=words.IS_NOT)).to_be_checked()

    page.get_by_role("button", name=words.SEND_DEFINITION).click()
    expect(page.get_by_role("status")).to_contain_text(words.KEPT)
    definition = page.get_by_role("article")
    expect(definition.get_by_role("listitem")).to_have_text(["est un métier", "n’est pas une mode"])

    definition.get_by_role("link", name=words.EDIT).click()
    clause(page, 1).fill("un vieux métier")
    page.get_by_role("button", name=words.KEEP_VERSION).click()
    expect(definition.get_by_role("listitem").first).to_have_text("est un vieux métier")
    expect(page.get_by_role("heading", name=words.WAITS)).to_be_visible()

    definition.get_by_role("link", name=words.WITHDRAW).click()
    expect(page.get_by_role("main")).to_contain_text("est un vieux métier")
    page.get_by_role("button", name=words.WITHDRAW_IT).click()
    expect(page.get_by_role("heading", name=words.IS_WITHDRAWN)).to_be_visible()
    expect(definition.get_by_role("link", name=words.EDIT)).to_have_count(0)


def test_an_error_stands_at_its_field(people: People) -> None:
    page = people.sign_in("membre", at=REPLY_TO_ESSAY, java_script_enabled=False)

    page.get_by_role("textbox", name=words.YOUR_REPLY).fill("   ")
    page.get_by_role("button", name=words.SEND_REPLY).click()

    said = page.get_by_role("alert")
    expect(said.get_by_role("heading")).to_have_text(words.TO_CORRECT)
    field = page.get_by_role("textbox", name=words.YOUR_REPLY)
    expect(field).to_have_accessible_description(re.compile(words.FIELD_REQUIRED))
    said.get_by_role("link", name=words.FIELD_REQUIRED).click()
    expect(field).to_be_focused()


def test_a_text_survives_the_end_of_the_session(people: People) -> None:
    page = people.sign_in("proprietaire", at=REPLY_TO_ESSAY)

    page.get_by_role("textbox", name=words.YOUR_REPLY).fill("Écrit avant la fin de la session.")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name=words.SEND_REPLY).click()
    give_password(page, "proprietaire", people.site.people["proprietaire"])

    expect(page.get_by_role("textbox", name=words.YOUR_REPLY)).to_have_value(
        "Écrit avant la fin de la session."
    )
    page.get_by_role("button", name=words.SEND_REPLY).click()
    expect(page.get_by_role("status")).to_contain_text(words.PUBLISHED)
    expect(page.get_by_text("Écrit avant la fin de la session.")).to_have_count(1)


def test_a_text_left_in_a_closed_tab_is_taken_up_again_until_it_is_sent(people: People) -> None:
    page = people.sign_in("membre", at="/definitions/proposer/")
    page.get_by_role("button", name=words.ADD_CLAUSE).click()
    clause(page, 3).fill("un mot qu’on a commencé")
    tab = page.context.new_page()
    page.close()

    tab.goto(f"{people.site.url}/definitions/proposer/")
    expect(tab.get_by_text(words.DRAFT)).to_be_visible()
    tab.get_by_role("button", name=words.TAKE_UP).click()
    expect(clause(tab, 3)).to_have_value("un mot qu’on a commencé")
    expect(tab.get_by_text(words.DRAFT)).to_be_hidden()
    tab.get_by_role("button", name=words.SEND_DEFINITION).click()
    expect(tab.get_by_role("status")).to_contain_text(words.KEPT)

    tab.goto(f"{people.site.url}/definitions/proposer/")
    expect(tab.get_by_text(words.DRAFT)).to_be_hidden()

    clause(tab, 1).fill("autre chose")
    tab.reload()
    tab.get_by_role("button", name=words.DISCARD).click()
    tab.reload()
    expect(tab.get_by_text(words.DRAFT)).to_be_hidden()


def test_a_double_click_posts_once(people: People) -> None:
    page = people.sign_in("proprietaire", at=REPLY_TO_ESSAY)

    page.get_by_role("textbox", name=words.YOUR_REPLY).fill("Une fois suffit.")
    page.get_by_role("button", name=words.SEND_REPLY).dblclick()

    expect(page.get_by_role("status")).to_contain_text(words.PUBLISHED)
    page.goto("/membres/proprietaire/")
    expect(page.get_by_text("Une fois suffit.")).to_have_count(1)


def test_the_tab_key_leaves_the_editor(people: People) -> None:
    page = people.sign_in("membre", at=REPLY_TO_ESSAY)

    field = page.get_by_role("textbox", name=words.YOUR_REPLY)
    field.fill("Une ligne.")
    field.press("Tab")

    expect(page.get_by_role("button", name=words.SEND_REPLY)).to_be_focused()
    expect(field).to_have_value("Une ligne.")


def test_the_first_tab_stop_skips_to_the_content(people: People) -> None:
    page = people.arrive()
    page.goto("/")

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=words.SKIP)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    expect(page.locator("main :focus")).to_have_count(1)


def test_the_desk_works_with_the_keyboard_alone(people: People) -> None:
    member = people.sign_in("membre", at=REPLY_TO_ESSAY)
    member.get_by_role("textbox", name=words.YOUR_REPLY).fill("Un texte pour le pupitre.")
    member.get_by_role("button", name=words.SEND_REPLY).click()
    expect(member.get_by_role("heading", name=words.WAITS)).to_be_visible()

    page = people.sign_in("animatrice", at="/moderation/")
    page.get_by_role("heading", level=1, name=words.DESK).wait_for()
    tab_to(page, page.get_by_role("list").get_by_role("link", name="membre, réponse"))
    page.keyboard.press("Enter")
    expect(page.locator("#case")).to_contain_text("Un texte pour le pupitre.")

    case = page.locator("#case")
    tab_to(page, case.locator("summary").filter(has_text=words.STATEMENT))
    page.keyboard.press("Enter")
    tab_to(page, case.get_by_label(words.GROUND))
    page.keyboard.type(words.OFF_TOPIC)
    tab_to(page, case.get_by_label(words.FACTS))
    page.keyboard.type("Il parle d’autre chose.")
    tab_to(page, case.get_by_label(words.REASON))
    page.keyboard.type("Hors du mot.")
    tab_to(page, case.get_by_role("button", name=words.REFUSE))
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text(words.DONE)
    member.reload()
    expect(member.get_by_role("heading", name=words.WAS_REFUSED)).to_be_visible()
    expect(member.get_by_role("article")).to_contain_text("Hors du mot.")


def tab_to(page: Page, target: Locator) -> None:
    for _i in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"the Tab key does not reach {target}")
