import os
import shutil
from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.test.signals import setting_changed
from django.utils import translation

from cmdebate import catalogue
from tests.site import Prepared, Site

# A busy machine is no fault of what is tested.
hypothesis.settings.register_profile("site", deadline=None)
hypothesis.settings.load_profile("site")

BROWSER_REQUIRED = "CI" in os.environ or "REQUIRE_BROWSER" in os.environ


@pytest.fixture(autouse=True)
def default_language() -> None:
    """A page in English leaves its thread in English."""
    translation.activate(settings.LANGUAGE_CODE)


def find_chromium() -> str | None:
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def pytest_sessionstart() -> None:
    catalogue.compile_translations()
    # Django reads the catalogue as soon as it starts, and in a fresh clone there was none.
    setting_changed.send(
        sender=None, setting="LOCALE_PATHS", value=settings.LOCALE_PATHS, enter=True
    )


def pytest_collection_modifyitems(items: list[pytest.Function]) -> None:
    for item in items:
        if "chromium" in item.fixturenames:
            item.add_marker("browser")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    missing = (
        "nothing is missing on this machine"
        if find_chromium()
        else "no Chromium on this machine, so its tests cannot run"
    )
    terminalreporter.write_line(f"Tested on {connection.display_name}; {missing}.")


@pytest.fixture(scope="session")
def chromium() -> str:
    path = find_chromium()
    if path is None:
        message = "Chromium is missing: install it, or name it with CHROMIUM=…"
        if BROWSER_REQUIRED:
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator:
    from playwright.sync_api import sync_playwright

    arguments = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prepared]:
    with Prepared.made(tmp_path_factory.mktemp("prepared")) as prepared:
        yield prepared


@pytest.fixture(scope="module")
def site(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A whole site, served: tests of one file share it."""
    with prepared.served(tmp_path_factory.mktemp("site")) as site:
        yield site
