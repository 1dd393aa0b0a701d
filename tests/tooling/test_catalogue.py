from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from cmdebate import catalogue

FRENCH = catalogue.HEADER + '#: views.py\nmsgid "Good"\nmsgstr "Bon"\n'


@pytest.fixture
def project(tmp_path: Path, settings, monkeypatch) -> Path:
    """A project with one string in Python and the catalogue that holds it."""
    settings.BASE_DIR = tmp_path
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/views.py").write_text('gettext("Good")\n')
    monkeypatch.setattr(catalogue, "PO", tmp_path / "django.po")
    catalogue.PO.write_text(FRENCH)
    return tmp_path


def entries() -> list[tuple]:
    return [(m.context, m.id, m.string) for m in catalogue.translated() if m.id]


def test_strings_of_python_and_templates_are_brought_in(project) -> None:
    (project / "templates/views.py").write_text(
        'gettext("Good")\n'
        'ngettext("%(n)s day", "%(n)s days", n)\n'
        'pgettext("menu", "Open")\n'
        'npgettext("queue", "%(n)s left", "%(n)s left", n)\n'
    )
    (project / "templates/page.html").write_text(
        "<p>\n"
        '    {% translate "Yes" %} it isn\'t {{ name|default:_("nobody") }}\n'
        '      {% translate "Close" context "menu" as label %}\n'
        "  {% blocktranslate count n=n trimmed %}\n"
        "     {{ n }} reply\n"
        "  {% plural %}\n"
        "     {{ n }} replies\n"
        "  {% endblocktranslate %}\n"
        "</p>\n"
    )
    call_command("catalogue")

    assert sorted(entries(), key=str) == sorted(
        [
            (None, "Good", "Bon"),
            (None, "Yes", ""),
            (None, "nobody", ""),
            ("menu", "Close", ""),
            ("menu", "Open", ""),
            (None, ("%(n)s day", "%(n)s days"), ("", "")),
            (None, ("%(n)s reply", "%(n)s replies"), ("", "")),
            ("queue", ("%(n)s left", "%(n)s left"), ("", "")),
        ],
        key=str,
    )


def test_updating_keeps_translations_drops_unused_ones_and_settles(project) -> None:
    catalogue.PO.write_text(FRENCH + '\nmsgid "Gone"\nmsgstr "Parti"\n')

    call_command("catalogue")
    first = catalogue.PO.read_text()
    call_command("catalogue")

    assert first == FRENCH.replace("#: views.py", "#: templates/views.py")
    assert catalogue.PO.read_text() == first


def test_a_complete_catalogue_passes(project) -> None:
    call_command("catalogue", check=True)


@pytest.mark.parametrize(
    ("source", "entry", "problem"),
    [
        ('gettext("New")', "", "missing: 'New'"),
        ("", 'msgid "Old"\nmsgstr "Vieux"', "no longer used: 'Old'"),
        ("", '#~ msgid "Old"\n#~ msgstr "Vieux"', "no longer used: 'Old'"),
        ('gettext("New")', 'msgid "New"\nmsgstr ""', "not translated: 'New'"),
        ('gettext("New")', '#, fuzzy\nmsgid "New"\nmsgstr "Neuf"', "marked fuzzy: 'New'"),
        (
            'gettext("By %(name)s")',
            'msgid "By %(name)s"\nmsgstr "Par %(nom)s"',
            "placeholders differ: 'By %(name)s'",
        ),
        (
            'gettext("By {name}")',
            'msgid "By {name}"\nmsgstr "Par"',
            "placeholders differ: 'By {name}'",
        ),
        ('gettext("By %s")', 'msgid "By %s"\nmsgstr "Par %s"', "unnamed placeholder: 'By %s'"),
        (
            'ngettext("%(n)s day", "%(n)s days", n)',
            'msgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "%(n)s jour"\nmsgstr[1] ""',
            "not translated: ('%(n)s day', '%(n)s days')",
        ),
    ],
)
def test_a_fault_is_named(project, source: str, entry: str, problem: str) -> None:
    (project / "templates/views.py").write_text(f'gettext("Good")\n{source}\n')
    catalogue.PO.write_text(f"{FRENCH}\n{entry}\n")

    with pytest.raises(CommandError) as error:
        call_command("catalogue", check=True)

    assert str(error.value).splitlines()[1:] == [f"  {problem}"]


def test_compiling_writes_anew_only_what_has_changed(project) -> None:
    compiled = catalogue.PO.with_suffix(".mo")

    call_command("catalogue", compile=True)
    first = compiled.stat()
    call_command("catalogue", compile=True)

    assert compiled.stat().st_ino == first.st_ino
    assert sorted(path.name for path in project.iterdir()) == [
        "django.mo",
        "django.po",
        "templates",
    ]
    assert b"Bon" in compiled.read_bytes()
