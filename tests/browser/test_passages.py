"""Answering a passage: with the mouse, with the keyboard, without a script."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.browser import words
from tests.browser.conftest import People
from tests.browser.test_writing import tab_to

ESSAY = "/essais/non-je-ne-suis-plus-un-community-manager/"

# Selects the words in the paragraph whatever marks cut it into, as a mouse would.
SELECT = """
(paragraph, words) => {
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  const at = paragraph.textContent.indexOf(words);
  const range = document.createRange();
  let seen = 0;
  for (let node; (node = walker.nextNode()); seen += node.length) {
    const inside = (offset) => offset >= seen && offset <= seen + node.length;
    if (inside(at)) range.setStart(node, at - seen);
    if (inside(at + words.length)) range.setEnd(node, at + words.length - seen);
  }
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}
"""


def answer(page: Page, text: str) -> None:
    page.get_by_role("textbox", name=words.YOUR_REPLY).fill(text)
    page.get_by_role("button", name=words.SEND_REPLY).click()
    expect(page.get_by_role("status")).to_contain_text(words.PUBLISHED)


def test_words_selected_with_the_mouse_are_answered_and_marked(people: People) -> None:
    page = people.sign_in("proprietaire", at=ESSAY)
    paragraph = page.locator("#p2 .para__text")
    before = paragraph.text_content()
    offer = page.get_by_role("link", name=words.REPLY_TO_PASSAGE)
    expect(offer).to_be_hidden()

    paragraph.scroll_into_view_if_needed()
    box = paragraph.bounding_box()
    assert box
    top, left = box["y"] + 40, box["x"] + 20
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + 200, top, steps=5)
    page.mouse.up()
    selected = page.evaluate("getSelection().toString()").strip()
    assert selected and before
    assert selected in before
    expect(offer).to_be_visible()
    offer.click()

    expect(page.get_by_label(words.THE_PASSAGE, exact=True)).to_have_value(selected)
    answer(page, "Une réponse à ces mots.")
    expect(page.locator("mark")).to_have_text(selected)

    page.goto(ESSAY)
    expect(paragraph.locator("mark")).to_have_text(selected)
    expect(paragraph).to_have_text(before, use_inner_text=False)
    paragraph.get_by_role("link").click()
    expect(page.locator(".margin__talk:target")).to_contain_text("Une réponse à ces mots.")

    # Words after a mark, and across it, keep their place.
    for chosen in (selected[-4:] + before[len(selected) : len(selected) + 30], before[60:90]):
        paragraph.evaluate(SELECT, chosen)
        expect(offer).to_be_visible()
        address = offer.get_attribute("href")
        query = parse_qs(urlsplit(address or "").query)
        start = int(paragraph.get_attribute("data-start") or 0) + before.index(chosen)
        assert (query["de"], query["a"]) == ([str(start)], [str(start + len(chosen))])
    page.evaluate("getSelection().removeAllRanges()")
    expect(offer).to_be_hidden()


def test_offsets_are_code_points(people: People) -> None:
    page = people.arrive()
    page.goto(ESSAY)
    page.locator("#p3 .para__text").evaluate(
        "p => { p.firstChild.data = '😀 deux 👩‍💻 mots'; p.dataset.start = '100'; }"
    )
    page.locator("#p3 .para__text").evaluate(SELECT, "mots")
    offer = page.get_by_role("link", name=words.REPLY_TO_PASSAGE)
    # One for the first face, three for the second, which is two joined.
    expect(offer).to_have_attribute("href", f"{ESSAY}passages/nouveau/?de=111&a=115")


def test_a_selection_across_the_comments_is_offered_nothing(people: People) -> None:
    page = people.arrive()
    page.goto(ESSAY)
    page.evaluate("getSelection().selectAllChildren(document.querySelector('main article'))")
    expect(page.get_by_role("link", name=words.REPLY_TO_PASSAGE)).to_be_hidden()


def test_a_passage_is_answered_with_the_keyboard_alone(people: People) -> None:
    page = people.sign_in("proprietaire", at=ESSAY)
    tab_to(page, page.locator("#p1").get_by_role("link", name=words.DISCUSS_PARAGRAPH))
    page.keyboard.press("Enter")
    field = page.get_by_label(words.THE_PASSAGE, exact=True)
    tab_to(page, field)
    page.keyboard.press("Control+a")
    page.keyboard.type("gestion des communautés web")
    tab_to(page, page.get_by_role("textbox", name=words.YOUR_REPLY))
    page.keyboard.type("Au clavier.")
    tab_to(page, page.get_by_role("button", name=words.SEND_REPLY))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text(words.PUBLISHED)
    expect(page.locator("mark")).to_have_text("gestion des communautés web")


def test_a_paragraph_is_discussed_without_javascript(people: People) -> None:
    page = people.sign_in("proprietaire", at=ESSAY, java_script_enabled=False)
    paragraph = page.locator("#p5")
    paragraph.hover()
    paragraph.get_by_role("link", name=words.DISCUSS_PARAGRAPH).click()
    page.get_by_label(words.THE_PASSAGE, exact=True).fill("Ce qui n’y est pas.")
    page.get_by_role("textbox", name=words.YOUR_REPLY).fill("Sans script.")
    page.get_by_role("button", name=words.SEND_REPLY).click()
    expect(page.get_by_role("alert")).to_contain_text(words.NOT_TO_THE_LETTER)
    page.get_by_label(words.THE_PASSAGE, exact=True).fill("domptons le web")
    answer(page, "Sans script.")
    page.goto(ESSAY)
    expect(paragraph.locator("mark")).to_have_text("domptons le web")


def test_selected_words_of_a_message_are_quoted_in_the_reply_to_it(people: People) -> None:
    page = people.sign_in("proprietaire", at="/essais/qu-est-ce-que-la-community/repondre/")
    answer(page, "Un **premier** mot, puis un second.")
    message = page.get_by_role("article").filter(has_text="puis un second")
    message.locator(".reply__text p").evaluate(SELECT, "premier mot")
    message.get_by_role("link", name=words.QUOTE).click()
    expect(page.get_by_label(words.WORDS_QUOTED)).to_have_value("premier mot")
    answer(page, "Voilà.")
    expect(page.get_by_role("article").filter(has_text="Voilà.").locator("figure")).to_contain_text(
        "premier mot"
    )
