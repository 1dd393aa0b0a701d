from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Page,
    Response,
    expect,
)

from tests.browser import words
from tests.site import Site

expect.set_options(timeout=15_000)

SAY_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`${event.violatedDirective} violated by ${event.blockedURI}`));
"""


class People:
    """Who comes to the site, each with a browser of their own that complains when it must."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser = browser
        self.site = site
        self.complaints: list[str] = []

    def arrive(self, **options: Any) -> Page:
        context = self.browser.new_context(base_url=self.site.url, locale="fr-FR", **options)
        context.set_default_timeout(15_000)
        context.add_init_script(SAY_VIOLATIONS)
        self.listen(context)
        return context.new_page()

    def listen(self, context: BrowserContext) -> None:
        context.on("response", self.hear_response)
        context.on("console", self.hear_console)
        context.on("dialog", self.hear_dialog)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def hear_response(self, response: Response) -> None:
        # A page may answer 404 or 422 to the one who asked for it; what it loads may not.
        allowed = 499 if response.request.is_navigation_request() else 399
        if response.status > allowed:
            self.complaints.append(f"{response.status}: {response.url}")

    def hear_console(self, message: ConsoleMessage) -> None:
        already_heard = message.text.startswith("Failed to load resource")
        if message.type == "error" and not already_heard:
            self.complaints.append(f"{message.page and message.page.url}: {message.text}")

    def hear_dialog(self, dialog: Dialog) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def sign_in(self, name: str, at: str = "/", **options: Any) -> Page:
        """One of the first people arrives and signs in."""
        page = self.arrive(**options)
        page.goto(f"/compte/login/?next={at}")
        give_password(page, name, self.site.people[name])
        return page


def give_password(page: Page, name: str, password: str) -> None:
    form = page.get_by_role("main")
    form.get_by_label(words.NAME_OR_E_MAIL).fill(name)
    form.get_by_label(words.PASSWORD).fill(password)
    form.get_by_role("button", name=words.SIGN_IN).click()


@pytest.fixture
def people(browser: Browser, site: Site) -> Iterator[People]:
    people = People(browser, site)
    yield people
    for context in browser.contexts:
        context.close()
    assert people.complaints == []
