"""The French catalogue, kept complete and compiled without the system's gettext.

`manage.py catalogue` is its command line; CONTRIBUTING tells a translator what to do.
"""

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.utils.translation.template import templatize

PO = settings.BASE_DIR / "locale/fr/LC_MESSAGES/django.po"
HEADER = """\
# The site's words in French. The source strings are English: `make messages` brings
# the new ones here, and removes those that the site no longer uses.
msgid ""
msgstr ""
"Language: fr\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

"""
PLAIN, PLURAL = None, (1, 2)
IN_CONTEXT, PLURAL_IN_CONTEXT = ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS = {
    "_": PLAIN,
    "gettext": PLAIN,
    "gettext_lazy": PLAIN,
    "ngettext": PLURAL,
    "ngettext_lazy": PLURAL,
    "pgettext": IN_CONTEXT,
    "pgettext_lazy": IN_CONTEXT,
    "npgettext": PLURAL_IN_CONTEXT,
    "npgettext_lazy": PLURAL_IN_CONTEXT,
}
PLACEHOLDER = re.compile(r"%\(\w+\)\w|\{\w+[^}]*\}")
UNNAMED_PLACEHOLDER = re.compile(r"%[sdrif]\b|\{\}")


def source_files() -> list[Path]:
    """Our own Python files and templates, without what no reader sees."""
    ours = {settings.BASE_DIR / "templates"} | {
        Path(app.path)
        for app in apps.get_app_configs()
        if Path(app.path).parent == settings.BASE_DIR
    }
    return sorted(
        path
        for folder in ours
        for path in folder.rglob("*")
        if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts
    )


def python_of(path: Path) -> bytes:
    """A file as Python: a template becomes the gettext calls that it amounts to."""
    source = path.read_text()
    if path.suffix != ".py":
        # What is between the calls is blanked, but its indentation would be read as Python's.
        source = "\n".join(line.lstrip() for line in templatize(source).splitlines())
    return source.encode()


def extracted() -> Catalog:
    catalog = Catalog()
    for path in source_files():
        name = path.relative_to(settings.BASE_DIR).as_posix()
        for _, message, _, context in extract(
            "python", BytesIO(python_of(path)), KEYWORDS, options={"encoding": "utf-8"}
        ):
            catalog.add(message, locations=[(name, 0)], context=context)
    return catalog


def translated() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="fr", abort_invalid=True)


def update_translations() -> None:
    catalog = translated() if PO.exists() else Catalog(locale="fr")
    catalog.update(extracted(), no_fuzzy_matching=True)
    text = BytesIO()
    write_po(
        text,
        catalog,
        omit_header=True,
        sort_by_file=True,
        ignore_obsolete=True,
        include_lineno=False,
        width=100,
    )
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_text(HEADER + text.getvalue().decode().strip() + "\n")


def compile_translations() -> None:
    """Write what Django reads, unless it is there and newer than the catalogue."""
    mo = PO.with_suffix(".mo")
    if mo.exists() and mo.stat().st_mtime >= PO.stat().st_mtime:
        return
    # In one step: a site that runs must never read half a file.
    unfinished = mo.with_suffix(f".{os.getpid()}.mo")
    with unfinished.open("wb") as file:
        write_mo(file, translated())
    unfinished.replace(mo)


def texts(message: Message) -> tuple[list[str], list[str]]:
    """A message's source texts and its translations, one or several of each."""
    ids, strings = message.id, message.string or ""
    return (
        [ids] if isinstance(ids, str) else list(ids),
        [strings] if isinstance(strings, str) else list(strings),
    )


def problems() -> Iterator[str]:
    """What keeps the catalogue from being complete and right, a line for each."""
    source, catalog = extracted(), translated()
    for message in source:
        if message.id and catalog.get(message.id, message.context) is None:
            yield f"missing: {message.id!r}"
    for message in catalog:
        if message.id and source.get(message.id, message.context) is None:
            yield f"no longer used: {message.id!r}"
    yield from (f"no longer used: {message.id!r}" for message in catalog.obsolete.values())
    for message in catalog:
        if not message.id:
            continue
        ids, strings = texts(message)
        if not all(strings):
            yield f"not translated: {message.id!r}"
        elif message.fuzzy:
            yield f"marked fuzzy: {message.id!r}"
        elif any(placeholders(text) != placeholders(ids[-1]) for text in strings):
            yield f"placeholders differ: {message.id!r}"
        if any(UNNAMED_PLACEHOLDER.search(text) for text in ids):
            yield f"unnamed placeholder: {message.id!r}"


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))
