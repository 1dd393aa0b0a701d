"""What debate.toml says of the essays: read, checked, written, corrected."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from essays.importer import import_folder
from essays.models import Claim, Contradiction, Duty, Essay, OriginalComment, Proposal
from tests.essays.test_importer import Writes, problems

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(debate_folder):
    return debate_folder


def outcome(folder):
    return dict((name, what) for what, name in import_folder(folder.path).outcomes)["debate.toml"]


def refused(folder):
    (problem,) = problems(folder)
    return problem


def line_of(folder, text, nth=0):
    lines = folder.debate.split("\n")
    return [n for n, line in enumerate(lines, start=1) if text in line][nth]


# What an import makes


def test_import_says_what_the_editor_found(folder, capsys):
    call_command("import_essays", folder.path)
    assert capsys.readouterr().out == (
        "created    term mot\n"
        "created    7 un-titre\n"
        "created    debate.toml\n"
        "essays: 1, original comments: 2 (1 by the essayist), pingbacks: 1\n"
        "duties: 2, claims: 2, contradictions: 1, definitions of the essays: 2\n"
    )


def test_words_have_their_place_in_code_points(folder):
    import_folder(folder.path)
    text = Essay.objects.get().text
    rows = [*Claim.objects.all(), *Proposal.objects.all()]
    assert [(row.ref, text[row.start : row.end]) for row in rows] == [
        ("a1", "Premier"),
        ("a2", "Un commentaire"),
        ("d1", "avec un 🦆"),
        ("d2", "deux lignes"),
    ]
    assert [row.exact for row in rows] == [text[row.start : row.end] for row in rows]
    comments = {comment.ref: comment for comment in OriginalComment.objects.all()}
    assert [(row.anchor, row.original_comment) for row in rows] == [
        ("p1", None),
        ("c1", comments["c1"]),
        ("p3", None),
        ("c2", comments["c2"]),
    ]


def test_claims_stand_for_and_against_duties_and_each_other(folder):
    import_folder(folder.path)
    animer, veiller = Duty.objects.all()
    one, other = Claim.objects.all()
    assert (animer.position, veiller.position, animer.term.slug) == (1, 2, "mot")
    assert list(animer.claimed_by.all()) == [one]
    assert list(animer.refused_by.all()) == list(veiller.refused_by.all()) == [other]
    assert (one.duty, other.duty, other.polarity) == (animer, veiller, "should_not")
    pair = Contradiction.objects.get()
    assert (pair.claim, pair.other, pair.kind) == (other, one, "frontal")


def test_folder_without_the_file_imports_its_essays_alone(folder):
    folder.debate = None
    folder.write()
    assert [name for _outcome, name in import_folder(folder.path).outcomes] == [
        "term mot",
        "7 un-titre",
    ]
    assert not Claim.objects.exists()


def test_import_again_writes_nothing(folder):
    import_folder(folder.path)
    writes = Writes()
    with connection.execute_wrapper(writes):
        assert outcome(folder) == "unchanged"
    assert writes.statements == []


# Corrections


@pytest.mark.parametrize(
    "old, new, model",
    [
        ('words = "Premier"', 'words = "Premier paragraphe"', Claim),
        ('gist = "Il anime."', 'gist = "Il relance."', Claim),
        ('for = ["animer"]', 'for = ["animer", "veiller"]', Claim),
        ('against = ["animer", "veiller"]', 'against = ["veiller"]', Claim),
        ('contradicts = ["a1"]', 'strains = ["a1"]', Contradiction),
        ('contradicts = ["a1"]\n', "", Contradiction),
        ('name = "veiller"', 'name = "surveiller"', Duty),
        ('remark = "parodie"', 'remark = "ironique"', Proposal),
        ('polarity = "is_not"', 'polarity = "is"', Proposal),
    ],
)
def test_what_changed_in_the_file_is_changed(folder, old, new, model):
    import_folder(folder.path)
    keys = {kind: list(kind.objects.values_list("pk", flat=True)) for kind in (Claim, Proposal)}
    folder.change_debate(old, new)
    assert outcome(folder) == "updated"
    assert outcome(folder) == "unchanged"
    assert keys == {kind: list(kind.objects.values_list("pk", flat=True)) for kind in keys}


def test_what_left_the_file_goes(folder):
    import_folder(folder.path)
    folder.drop("claims", "a2")
    folder.drop("duties", "animer")
    folder.change_debate('duty = "animer"\nfor = ["animer"]', 'duty = "veiller"')
    folder.drop("definitions", "d1")
    assert outcome(folder) == "updated"
    assert [claim.ref for claim in Claim.objects.all()] == ["a1"]
    assert [duty.slug for duty in Duty.objects.all()] == ["veiller"]
    assert [proposal.ref for proposal in Proposal.objects.all()] == ["d2"]
    assert not Contradiction.objects.exists()
    folder.debate = None
    folder.write()
    assert outcome(folder) == "updated"
    assert not any(kind.objects.exists() for kind in (Claim, Duty, Proposal))


def test_another_folder_leaves_these_rows_alone(folder, tmp_path):
    import_folder(folder.path)
    (tmp_path / "other").mkdir()
    other = type(folder)(tmp_path / "other")
    other.change('number = "7"', 'number = "8"')
    other.change("un-titre", "autre")
    other.debate = other.debate.replace("un-titre", "autre").replace("Il anime.", "Autre chose.")
    other.drop("duties", "veiller")
    other.drop("claims", "a2")
    assert outcome(other) == "created"
    assert outcome(folder) == "unchanged"
    assert sorted(Claim.objects.values_list("essay__slug", "ref", "gist")) == [
        ("autre", "a1", "Autre chose."),
        ("un-titre", "a1", "Il anime."),
        ("un-titre", "a2", "Il ne veille pas."),
    ]
    assert [duty.slug for duty in Duty.objects.all()] == ["animer", "veiller"]


def test_lines_of_a_comment_that_only_claims_quote_may_be_told_anew(folder):
    import_folder(folder.path)
    folder.change(', marker = "1."', "")
    import_folder(folder.path)
    assert OriginalComment.objects.get(ref="c1").marker == ""


# Refusals


@pytest.mark.parametrize(
    "old, new, at, what",
    [
        ('words = "Premier"', 'words = "premier"', 'words = "premier"', "not there to the letter"),
        ('words = "Premier"', 'words = "Premier  p"', "Premier  p", "not there to the letter"),
        ("line = 3", "line = 4", 'words = "Premier"', "un.txt, line 4: the words are not there"),
        ("line = 3", "line = 30", "line = 30", "un.txt, line 30: the file has 10 lines"),
        ('words = "Premier"', 'words = "r"', 'words = "r"', "stand there more than once"),
        ("line = 3", "line = 1", 'words = "Premier"', "not there to the letter"),
        ('words = "Un commentaire"', 'words = "1. Un"', 'words = "1. Un"', "neither in the body"),
        ('essay = "un-titre"', 'essay = "nul"', 'essay = "nul"', "“nul” is the slug of no essay"),
        ('duty = "animer"', 'duty = "nul"', 'duty = "nul"', "“nul” is the slug of no [[duties]]"),
        ('for = ["animer"]', 'for = ["nul"]', 'for = ["nul"]', "“nul” is the slug of no [[dut"),
        ('for = ["animer"]', "for = [1]", "for = [1]", "“for” must be a list of texts"),
        ('contradicts = ["a1"]', 'contradicts = ["z"]', '["z"]', "“z” is the id of no [[claims]]"),
        ('contradicts = ["a1"]', 'contradicts = ["a2"]', '["a2"]', "“a2” is this claim itself"),
        ('gist = "Il anime."', 'gist = "."\nstrains = ["a2"]', "contradicts", "written twice"),
        ('polarity = "is"', 'polarity = "perhaps"', '"perhaps"', "“polarity”: "),
        ('polarity = "is_not"', 'polarity = "should"', '"should"', "“polarity”: "),
        ('id = "a2"', 'id = "a1"', 'id = "a1"', "this id stands twice"),
        ('id = "d2"', 'id = "d1"', 'id = "d1"', "this id stands twice"),
        ('slug = "veiller"', 'slug = "animer"', 'slug = "animer"', "this slug stands twice"),
        ('gist = "Il anime."\n', "", "[[claims]]", "“gist” is missing"),
        ('gist = "Il anime."', 'gists = "."\ngist = "."', "gists", "unknown key “gists”"),
        ("line = 3", 'line = "3"', 'line = "3"', "“line” must be a whole number"),
        ('remark = "parodie"', 'term = "nul"', 'term = "nul"', "“nul” is the slug of no term"),
        ('slug = "veiller"', 'slug = "veiller !"', "veiller !", "“slug”: "),
    ],
)
def test_mistake_is_refused_with_its_line(folder, old, new, at, what):
    folder.change_debate(old, new)
    found = problems(folder)
    second = what in ("this id stands twice", "this slug stands twice")
    where = f"debate.toml, line {line_of(folder, at, 1 if second else 0)}: "
    assert any(problem.startswith(where) and what in problem for problem in found), found
    assert not Essay.objects.exists()


def test_words_in_page_furniture_are_refused(folder):
    folder.change_debate("line = 3", "line = 10")
    folder.change_debate('words = "Premier"', 'words = "Laisser"')
    assert "neither in the body nor in an original comment" in refused(folder)


def test_term_must_be_named_where_there_are_several(folder):
    folder.change("[[essays]]", '[[terms]]\nslug = "autre"\nheadword = "autre"\n\n[[essays]]')
    assert {problem.partition(": ")[2] for problem in problems(folder)} == {
        "“term” is missing: the manifest has several"
    }
    folder.debate = folder.debate.replace('slug = "', 'term = "mot"\nslug = "').replace(
        'id = "d', 'term = "mot"\nid = "d'
    )
    folder.write()
    assert outcome(folder) == "created"


def test_file_that_is_no_toml_is_refused(folder):
    folder.debate = "[[duties]\n"
    folder.write()
    assert refused(folder).startswith("debate.toml: is not valid TOML")


def test_problems_of_both_files_are_told_together(folder):
    folder.change('author_basis = "page"\n', "")
    folder.change_debate('words = "Premier"', 'words = "Dernier"')
    with pytest.raises(CommandError) as error:
        call_command("import_essays", folder.path)
    assert "manifest.toml, line" in str(error.value)
    assert "debate.toml, line" in str(error.value)
