import hashlib

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from discussions.models import Thread
from essays.blocks import ImportRefused
from essays.importer import import_folder
from essays.models import Essay, OriginalComment, Segment, Term

pytestmark = pytest.mark.django_db


class Writes:
    def __init__(self):
        self.statements = []

    def __call__(self, execute, sql, params, many, context):
        if sql.split()[0] in ("INSERT", "UPDATE", "DELETE"):
            self.statements.append(sql)
        return execute(sql, params, many, context)


def rows():
    return {
        model: list(model.objects.order_by("pk").values())
        for model in (Term, Essay, Segment, OriginalComment)
    }


def outcomes(folder):
    return [outcome for outcome, _name in import_folder(folder.path).outcomes]


def problems(folder):
    with pytest.raises(ImportRefused) as refused:
        import_folder(folder.path)
    return refused.value.problems


# What an import makes


def test_import_says_what_it_made(folder, capsys):
    call_command("import_essays", folder.path)
    assert capsys.readouterr().out == (
        "created    term mot\n"
        "created    7 un-titre\n"
        "essays: 1, original comments: 2 (1 by the essayist), pingbacks: 1\n"
    )


def test_import_again_says_unchanged_and_writes_nothing(folder):
    import_folder(folder.path)
    before = rows()
    writes = Writes()
    with connection.execute_wrapper(writes):
        assert outcomes(folder) == ["unchanged", "unchanged"]
    assert writes.statements == []
    assert rows() == before


def test_what_is_not_in_the_manifest_is_unknown(folder):
    for line in ('author = "Une autrice"\nauthor_basis = "page"\n', "published_on = 2013-05-21\n"):
        folder.change(line, "")
    folder.change('date_basis = "copy"\n', "")
    import_folder(folder.path)
    essay = Essay.objects.get()
    assert (essay.author, essay.author_basis) == ("", "unknown")
    assert (essay.published_on, essay.date_note, essay.date_basis) == (None, "", "unknown")
    assert (essay.site, essay.site_basis) == ("", "unknown")


def test_comments_stand_in_reading_order_whatever_that_of_the_file(folder):
    folder.change('id = "c1"', 'id = "c1", parent = "c2"')
    folder.change(', parent = "c1"', "")
    import_folder(folder.path)
    comments = OriginalComment.objects.comments()
    assert [(c.ref, c.depth, c.position) for c in comments] == [("c2", 0, 1), ("c1", 1, 2)]


def test_tags_that_look_alike_are_one(folder):
    folder.change('"métier", "gestion"', '"Métier", "me\u0301tier", " métier "')
    import_folder(folder.path)
    assert list(Essay.objects.get().tags.names()) == ["métier"]
    assert list(Essay.objects.get().tags.slugs()) == ["metier"]


@pytest.mark.parametrize(
    "raw",
    [
        b"Un titre\r\n\r\nPremier paragraphe.\r\nSecond.\r\n",
        b"\xef\xbb\xbfUn titre\n\nPremier paragraphe.\nSecond.",
        "Un titre\n\nPremier\u2028\u0085\x0bparagraphe\r.\n🦆 Second 🏳️‍🌈.\n".encode(),
    ],
    ids=["carriage returns", "byte order mark and no last newline", "other separators, astral"],
)
def test_lines_end_at_line_feeds_only_and_the_bytes_are_kept(folder, raw):
    start = folder.manifest.index("segments = [")
    folder.manifest = folder.manifest[:start] + (
        "segments = [\n"
        '  { first = 1, last = 2, kind = "title" },\n'
        '  { first = 3, last = 4, kind = "body" },\n'
        "]\n"
    )
    folder.write_text(raw)
    import_folder(folder.path)
    essay = Essay.objects.get()
    assert essay.source().encode() == raw
    paragraphs = essay.paragraphs
    assert [p.text for p in paragraphs] == [essay.text[p.start : p.end] for p in paragraphs]
    assert [p.text for p in paragraphs] == [
        line.removesuffix("\r") for line in raw.decode().split("\n")[2:4]
    ]


# Corrections


def test_correction_updates_in_place_and_keeps_comments_and_their_state(folder):
    import_folder(folder.path)
    before = dict(OriginalComment.objects.values_list("ref", "pk"))
    OriginalComment.objects.filter(ref="c1").update(state="hidden", withheld_by=3)
    folder.change('standfirst = "Une ligne."', 'standfirst = "Une autre."')
    folder.change('first = 3, last = 3, kind = "body"', 'first = 3, last = 4, kind = "body"')
    folder.change(
        '  { first = 4, last = 4, kind = "quotation", speaker = "Quelqu’un", '
        'speaker_basis = "text" },\n',
        "",
    )
    folder.change(', parent = "c1"', "")
    assert outcomes(folder) == ["unchanged", "updated"]
    assert Essay.objects.get().standfirst == "Une autre."
    assert [(s.kind, s.first_line, s.last_line) for s in Segment.objects.all()][1] == ("body", 3, 4)
    assert dict(OriginalComment.objects.values_list("ref", "pk")) == before
    assert list(OriginalComment.objects.values_list("ref", "parent", "state", "withheld_by")) == [
        ("c1", None, "hidden", 3),
        ("c2", None, "published", None),
        ("x1", None, "published", None),
    ]
    assert outcomes(folder) == ["unchanged", "unchanged"]


def test_correction_may_change_the_order_of_comments(folder):
    import_folder(folder.path)
    folder.change('id = "c1"', 'id = "c1", parent = "c2"')
    folder.change('id = "c2", parent = "c1"', 'id = "c2"')
    assert outcomes(folder) == ["unchanged", "updated"]
    assert list(OriginalComment.objects.values_list("ref", "depth")) == [
        ("c2", 0),
        ("c1", 1),
        ("x1", 0),
    ]


def test_correction_of_tags_and_terms(folder):
    import_folder(folder.path)
    folder.change('"gestion"', '"blogs"')
    folder.change("[[essays]]", '[[terms]]\nslug = "autre"\nheadword = "autre"\n\n[[essays]]')
    folder.change('terms = ["mot"]', 'terms = ["autre"]')
    assert outcomes(folder) == ["unchanged", "created", "updated"]
    assert set(Essay.objects.get().tags.names()) == {"métier", "blogs"}
    assert [term.slug for term in Essay.objects.get().terms.all()] == ["autre"]
    assert Term.objects.site_term() == Term.objects.get(slug="mot")


def test_essay_that_left_the_manifest_stays(folder):
    import_folder(folder.path)
    folder.change('number = "7"', 'number = "8"')
    folder.change('slug = "un-titre"', 'slug = "deux"')
    import_folder(folder.path)
    assert [essay.slug for essay in Essay.objects.all()] == ["un-titre", "deux"]


def test_text_of_an_imported_slug_never_changes(folder):
    import_folder(folder.path)
    before = rows()
    folder.write_text((folder.path / "un.txt").read_bytes().replace(b"Second", b"Dernier"))
    assert problems(folder) == [
        "essay “un-titre”: un.txt is not the text that was imported under this slug; "
        "a text never changes, so give another one a slug of its own"
    ]
    assert rows() == before


def test_original_comment_is_never_taken_out(folder):
    import_folder(folder.path)
    folder.change('kind = "pingback", id = "x1", label = "Ailleurs"', 'kind = "furniture"')
    assert problems(folder) == ["essay “un-titre”: the original comment “x1” may not be taken out"]


def test_number_of_another_essay_is_refused(folder):
    import_folder(folder.path)
    folder.change('number = "7"', 'number = "007"')
    folder.change('slug = "un-titre"', 'slug = "deux"')
    assert problems(folder) == ["essay “deux”: the number 007 is that of “un-titre”"]


def test_text_of_a_hidden_comment_does_not_change(folder):
    import_folder(folder.path)
    OriginalComment.objects.filter(ref="c2").update(state="hidden", withheld_by=3)
    folder.change("first = 7, last = 8", "first = 7, last = 7")
    folder.change("first = 9, last = 9", "first = 8, last = 9")
    assert problems(folder) == [
        "essay “un-titre”: “c2” is discussed or decided on; its text may not change"
    ]
    OriginalComment.objects.update(state="published", withheld_by=None)
    assert outcomes(folder) == ["unchanged", "updated"]


def test_text_of_a_discussed_comment_does_not_change(folder):
    import_folder(folder.path)
    Thread.objects.create(original_comment=OriginalComment.objects.get(ref="c1"))
    folder.change('marker = "1.", ', "")
    assert problems(folder) == [
        "essay “un-titre”: “c1” is discussed or decided on; its text may not change"
    ]


# Refusals: what is written, instead of what, and what the report says

FAULTS = {
    "another hash": (
        'sha256 = "SHA256"',
        f'sha256 = "{"0" * 64}"',
        [
            "manifest.toml, line 8: un.txt has another SHA-256: {sha256}",
        ],
    ),
    "hash that is none": (
        'sha256 = "SHA256"',
        'sha256 = "abc"',
        [
            "manifest.toml, line 8: un.txt has another SHA-256: {sha256}",
            "manifest.toml, line 8: “sha256”: Enter a valid value.",
        ],
    ),
    "line in no segment": (
        '  { first = 3, last = 3, kind = "body" },\n',
        "",
        [
            "un.txt, line 3: in no segment",
        ],
    ),
    "last lines in no segment": (
        '  { first = 10, last = 10, kind = "furniture", role = "form" },\n',
        "",
        [
            "un.txt, line 10: in no segment",
        ],
    ),
    "line in two segments": (
        "first = 3, last = 3",
        "first = 3, last = 4",
        [
            "un.txt, line 4: in 2 segments",
        ],
    ),
    "segment outside the file": (
        "first = 10, last = 10",
        "first = 10, last = 11",
        [
            "manifest.toml, line 31: there are no lines 10 to 11 in un.txt, which has 10",
            "un.txt, line 10: in no segment",
        ],
    ),
    "segment that ends before it begins": (
        "first = 7, last = 8",
        "first = 8, last = 7",
        [
            "manifest.toml, line 29: there are no lines 8 to 7 in un.txt, which has 10",
            "un.txt, lines 7 to 8: in no segment",
        ],
    ),
    "line zero": (
        "first = 1, last = 2",
        "first = 0, last = 2",
        [
            "manifest.toml, line 24: there are no lines 0 to 2 in un.txt, which has 10",
            "un.txt, lines 1 to 2: in no segment",
        ],
    ),
    "unknown parent": (
        'parent = "c1"',
        'parent = "c9"',
        [
            "manifest.toml, line 29: the parent “c9” is the id of no comment",
        ],
    ),
    "parent that is a pingback": (
        'parent = "c1"',
        'parent = "x1"',
        [
            "manifest.toml, line 29: the parent “x1” is the id of no comment",
        ],
    ),
    "reply to itself": (
        'parent = "c1"',
        'parent = "c2"',
        [
            "manifest.toml, line 29: c2 is a reply to itself, through “c2”",
        ],
    ),
    "circle of replies": (
        'id = "c1"',
        'id = "c1", parent = "c2"',
        [
            "manifest.toml, line 28: c1 is a reply to itself, through “c2”",
            "manifest.toml, line 29: c2 is a reply to itself, through “c1”",
        ],
    ),
    "id twice": (
        'id = "c2"',
        'id = "c1"',
        [
            "manifest.toml, line 29: the id “c1” stands twice",
            "manifest.toml, line 29: c1 is a reply to itself, through “c1”",
        ],
    ),
    "id of another kind": (
        'id = "x1"',
        'id = "c3"',
        [
            "manifest.toml, line 30: “c3” is no id of a pingback: like c1 or, for a pingback, x1",
        ],
    ),
    "no id": (
        'id = "x1", ',
        "",
        [
            "manifest.toml, line 30: “id” is missing",
        ],
    ),
    "unknown kind": (
        'kind = "title"',
        'kind = "titre"',
        [
            "manifest.toml, line 24: segment 1: unknown kind “titre”",
            "un.txt, lines 1 to 2: in no segment",
        ],
    ),
    "no kind": (
        ', kind = "title"',
        "",
        [
            "manifest.toml, line 24: segment 1: “kind” is missing",
            "un.txt, lines 1 to 2: in no segment",
        ],
    ),
    "unknown role": (
        'role = "form"',
        'role = "heading"',
        [
            "manifest.toml, line 31: unknown role “heading” of the kind furniture",
        ],
    ),
    "unknown basis": (
        'author_basis = "page"',
        'author_basis = "hearsay"',
        [
            "manifest.toml, line 13: “author_basis”: Value 'hearsay' is not a valid choice.",
        ],
    ),
    "unknown basis of a comment": (
        'author_basis = "reply"',
        'author_basis = "hearsay"',
        [
            "manifest.toml, line 28: “author_basis”: Value 'hearsay' is not a valid choice.",
        ],
    ),
    "no basis": (
        'author_basis = "page"\n',
        "",
        [
            "manifest.toml, line 12: “author_basis” is missing: how is it known?",
        ],
    ),
    "basis of nothing": (
        'author = "Une autrice"\n',
        "",
        [
            "manifest.toml, line 12: “author_basis” stands without “author” or “author_note”",
        ],
    ),
    "no basis for the essayist": (
        'by_essayist = true, author_basis = "inferred"',
        "by_essayist = true",
        [
            "manifest.toml, line 29: “author_basis” is missing: how is it known?",
        ],
    ),
    "unknown key of an essay": (
        "standfirst",
        "stand_first",
        [
            "manifest.toml, line 20: unknown key “stand_first”",
        ],
    ),
    "unknown key of a segment": (
        "speaker =",
        "orator =",
        [
            "manifest.toml, line 26: unknown key “orator”",
            "manifest.toml, line 26: “speaker_basis” stands without “speaker”",
        ],
    ),
    "unknown key of the manifest": (
        "[[terms]]",
        "version = 1\n[[terms]]",
        [
            "manifest.toml: unknown key “version”",
        ],
    ),
    "key of another kind": (
        'label = "Ailleurs"',
        'label = "Ailleurs", parent = "c1"',
        [
            "manifest.toml, line 30: unknown key “parent”",
        ],
    ),
    "missing key": (
        'language = "fr"\n',
        "",
        [
            "manifest.toml, line 5: “language” is missing",
        ],
    ),
    "empty title": (
        'title = "Un titre"',
        'title = ""',
        [
            "manifest.toml, line 10: “title” is missing",
        ],
    ),
    "bad slug": (
        'slug = "un-titre"',
        'slug = "un titre"',
        [
            "manifest.toml, line 9: “slug”: Enter a valid “slug” consisting of letters, numbers, "
            "underscores or hyphens.",
        ],
    ),
    "bad number": (
        'number = "7"',
        'number = "sept"',
        [
            "manifest.toml, line 6: “number”: Enter a valid value.",
        ],
    ),
    "number that is no text": (
        'number = "7"',
        "number = 7",
        [
            "manifest.toml, line 6: “number” must be a text between quotation marks",
        ],
    ),
    "date between quotation marks": (
        "2013-05-21",
        '"2013-05-21"',
        [
            "manifest.toml, line 14: “published_on” must be a date without quotation marks, "
            "like 2013-05-21",
            "manifest.toml, line 15: “date_basis” stands without “published_on” or “date_note”",
        ],
    ),
    "day that does not exist": (
        "2013-05-21",
        "2013-02-30",
        [
            "manifest.toml: is not valid TOML: Invalid date or datetime (at line 14, column 16)",
        ],
    ),
    "address of another kind": (
        '"https://example.org/un"',
        '"javascript:alert(1)"',
        [
            "manifest.toml, line 16: “address”: Enter a valid URL.",
        ],
    ),
    "negative count": (
        "announced = 3",
        "announced = -1",
        [
            "manifest.toml, line 19: “announced” is too small or too large: -1",
        ],
    ),
    "too long": (
        '"Une ligne."',
        f'"{"x" * 301}"',
        [
            "manifest.toml, line 20: “standfirst”: Ensure this value has at most 300 characters "
            "(it has 301).",
        ],
    ),
    "control character": (
        '"Une ligne."',
        '"Une\\u0000ligne."',
        [
            "manifest.toml, line 20: “standfirst” holds a control character",
        ],
    ),
    "title that is not in its line": (
        "title_line = 1",
        "title_line = 3",
        [
            "manifest.toml, line 11: the title is not in un.txt, line 3",
        ],
    ),
    "title without a line": (
        "title_line = 1\n",
        "",
        [
            "manifest.toml, line 10: “title_line” is missing",
        ],
    ),
    "marker that is not there": (
        'marker = "1."',
        'marker = "2."',
        [
            "manifest.toml, line 28: c1 does not begin with “2.”",
        ],
    ),
    "label that is not there": (
        'label = "Ailleurs"',
        'label = "Là-bas"',
        [
            "manifest.toml, line 30: “Là-bas” is not in the lines of x1",
        ],
    ),
    "unknown term": (
        'terms = ["mot"]',
        'terms = ["mots"]',
        [
            "manifest.toml, line 22: “mots” is the slug of no [[terms]] block",
        ],
    ),
    "tag with a comma": (
        '"gestion"',
        '"gestion, blogs"',
        [
            "manifest.toml, line 21: “gestion, blogs” cannot be a tag",
        ],
    ),
    "tag that is no text": (
        '"gestion"',
        "4",
        [
            "manifest.toml, line 21: “tags” must be a list of texts",
        ],
    ),
    "no such file": (
        'file = "un.txt"',
        'file = "deux.txt"',
        [
            "deux.txt: there is no such file in {folder}",
        ],
    ),
    "file outside the folder": (
        'file = "un.txt"',
        'file = "../un.txt"',
        [
            "../un.txt: is outside the folder",
        ],
    ),
    "absolute file": (
        'file = "un.txt"',
        'file = "/etc/passwd"',
        [
            "/etc/passwd: is outside the folder",
        ],
    ),
    "folder for a file": (
        'file = "un.txt"',
        'file = "."',
        [
            ".: there is no such file in {folder}",
        ],
    ),
    "malformed TOML": (
        'number = "7"',
        "number = 007",
        [
            "manifest.toml: is not valid TOML: Expected newline or end of document after a "
            "statement (at line 6, column 11)",
        ],
    ),
    "no essay": (
        "[[essays]]",
        "[[essay]]",
        [
            "manifest.toml: “essays” is missing",
            "manifest.toml: unknown key “essay”",
        ],
    ),
}


def refusal(folder):
    with pytest.raises(CommandError) as refused:
        call_command("import_essays", folder.path)
    first, *problems = str(refused.value).split("\n")
    assert first == "Nothing was imported."
    assert not Essay.objects.exists()
    assert not Term.objects.exists()
    return problems


@pytest.mark.parametrize(("old", "new", "expected"), FAULTS.values(), ids=FAULTS)
def test_fault_is_refused_by_name(folder, old, new, expected):
    folder.change(old, new)
    names = {"sha256": folder.sha256, "folder": folder.path}
    assert refusal(folder) == [problem.format(**names) for problem in expected]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "un.txt: is empty"),
        (b"\xef\xbb\xbf \r\n\n", "un.txt: is empty"),
        (b"Un titre\n\nCaf\xe9\n", "un.txt, line 3: is not UTF-8"),
        (b"Un titre\n\0\n", "un.txt, line 2: holds a NUL character"),
    ],
)
def test_file_that_is_no_text_is_refused(folder, raw, expected):
    folder.write_text(raw)
    assert refusal(folder) == [expected]


def test_link_out_of_the_folder_is_refused(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other") / "un.txt"
    other.write_text("Un titre")
    (folder.path / "un.txt").unlink()
    (folder.path / "un.txt").symlink_to(other)
    assert refusal(folder) == ["un.txt: is outside the folder"]


def test_folder_without_a_manifest_is_refused(folder):
    (folder.path / "manifest.toml").unlink()
    assert refusal(folder) == [f"manifest.toml: there is no such file in {folder.path}"]


def test_essay_that_stands_twice_is_refused(folder):
    start = folder.manifest.index("[[essays]]")
    folder.manifest += "\n" + folder.manifest[start:]
    folder.write()
    assert refusal(folder) == [
        "manifest.toml, line 38: this slug stands twice",
        "manifest.toml, line 35: this number stands twice",
        "manifest.toml, line 36: this file stands twice",
    ]


def test_all_problems_stand_in_one_report_and_nothing_is_imported(folder):
    folder.write_text(b"Un titre\n", "deux.txt")
    folder.write_text((folder.path / "un.txt").read_bytes())
    folder.manifest += (
        '\n[[essays]]\nnumber = "8"\nfile = "deux.txt"\nslug = "deux"\ntitle = "Deux"\n'
        'sha256 = "SHA256"\nlanguage = "fr"\nterms = ["mot"]\n'
        'segments = [{ first = 1, last = 1, kind = "body", role = "chorus" }]\n'
    )
    folder.change('slug = "un-titre"', 'slug = "un titre"')
    digest = hashlib.sha256(b"Un titre\n").hexdigest()
    assert refusal(folder) == [
        "manifest.toml, line 9: “slug”: Enter a valid “slug” consisting of letters, numbers, "
        "underscores or hyphens.",
        f"manifest.toml, line 39: deux.txt has another SHA-256: {digest}",
        "manifest.toml, line 42: unknown role “chorus” of the kind body",
    ]
