"""The five essays that the site comes with."""

import hashlib
import tomllib

import pytest
from django.conf import settings
from django.core.management import call_command

from essays.importer import import_folder
from essays.models import Claim, Duty, Essay, OriginalComment, Proposal, Segment, Term

SEEDS = settings.BASE_DIR / "seeds"
SHA256 = {
    "000": "01d9eff5c4b0c22fe4d47c0d25948e6e3207ee12b723ab5dba066b5ecd966866",
    "001": "20cc635fe2c184c147e60a4aedb1db308a43fe0fd20a64e400ca3e1cc6ae4932",
    "002": "72d79a28838e65b45fe8f676cc63e21125f56fd5e9c2fe1a647af7acfc48290d",
    "003": "35a75db6084efbafa955edd13d2d0327fe411fac926e57f1393145f72c7f25fe",
    "004": "d2c7a868f8fb27ba99ba4e7ad1cf59b38ca753ca5682833b9fc9ae2a19e292d3",
}
NUMBERS = list(SHA256)


@pytest.fixture
def seeds(db):
    import_folder(SEEDS)


def paragraph(number, n):
    return Essay.objects.get(number=number).paragraphs[n - 1].text


@pytest.mark.django_db
def test_import_without_a_folder_imports_the_seeds_and_counts_them(capsys):
    call_command("import_essays")
    assert capsys.readouterr().out == (
        "created    term community-manager\n"
        "created    000 c-est-quoi-un-community-manager\n"
        "created    001 qu-est-ce-que-la-community\n"
        "created    002 et-puis-je-suis-devenue-community-manager\n"
        "created    003 non-je-ne-suis-plus-un-community-manager\n"
        "created    004 la-perception-du-community-manager\n"
        "created    debate.toml\n"
        "essays: 5, original comments: 13 (5 by the essayist), pingbacks: 3\n"
        "duties: 19, claims: 60, contradictions: 57, definitions of the essays: 25\n"
    )


def test_tables_hold_what_the_import_counts(seeds):
    originals = OriginalComment.objects
    assert Essay.objects.count() == 5
    assert originals.comments().count() == 13
    assert originals.comments().filter(by_essayist=True).count() == 5
    assert originals.pingbacks().count() == 3


@pytest.mark.parametrize("number", NUMBERS)
def test_source_has_the_bytes_of_the_file(seeds, number):
    source = Essay.objects.get(number=number).source().encode()
    assert hashlib.sha256(source).hexdigest() == SHA256[number]


@pytest.mark.parametrize("number", NUMBERS)
def test_segments_put_together_are_the_text(seeds, number):
    essay = Essay.objects.get(number=number)
    assert "".join(essay.text[s.start : s.end] for s in essay.segments.all()) == essay.text


@pytest.mark.parametrize("number", NUMBERS)
def test_paragraphs_are_exact_at_their_offsets_and_numbered(seeds, number):
    essay = Essay.objects.get(number=number)
    paragraphs = essay.paragraphs
    assert [p.text for p in paragraphs] == [essay.text[p.start : p.end] for p in paragraphs]
    assert [p.number for p in paragraphs] == list(range(1, len(paragraphs) + 1))


def test_essays_have_their_paragraphs_and_words(seeds):
    assert [(e.number, len(e.paragraphs), e.word_count) for e in Essay.objects.all()] == [
        ("000", 30, 689),
        ("001", 15, 755),
        ("002", 11, 638),
        ("003", 6, 666),
        ("004", 14, 431),
    ]


def test_oddities_are_kept(seeds):
    assert "insuffler des conservations sur la marque" in paragraph("002", 10)
    assert paragraph("003", 1).startswith("community managerLe community management")
    assert paragraph("000", 24).endswith(
        "«\u00a0métier«\u00a0. Il n’y a d’ailleurs même pas de standards."
    )
    heading = Essay.objects.get(number="003").text.split("\n")[16]
    assert heading == "6 réflexions sur “NON, JE NE SUIS PLUS UN COMMUNITY MANAGER\u00a0!"


def test_words_of_others_are_quotations(seeds):
    quotations = Segment.objects.filter(kind="quotation").order_by("essay__position", "position")
    assert [(s.essay.number, s.first_line, s.speaker, s.speaker_basis) for s in quotations] == [
        ("000", 5, "un community manager imaginaire", "inferred"),
        ("000", 17, "l’auteur, sur Twitter", "text"),
        ("000", 25, "Le blog de Madmagz", "text"),
        ("000", 57, "@aquab0n22", "text"),
        ("001", 1, "un recruteur imaginaire", "inferred"),
    ]
    essay = Essay.objects.get(number="001")
    assert [(p.number, p.speaker) for p in essay.paragraphs if p.is_quotation] == [
        (1, "un recruteur imaginaire"),
        (2, "un recruteur imaginaire"),
    ]


def test_headings_and_signature_have_their_role(seeds):
    roles = [
        (essay.number, p.text, p.role)
        for essay in Essay.objects.all()
        for p in essay.paragraphs
        if p.role
    ]
    assert roles == [
        ("001", "Paye ta Caisse de Communauté !", "heading"),
        ("001", "Allez en prison sans passer par la case départ.", "heading"),
        ("003", "Aurèle", "signature"),
    ]


def test_comments_are_nested_as_read_and_attributed(seeds):
    rows = OriginalComment.objects.order_by("essay__position", "position").values_list(
        "essay__number", "ref", "depth", "author", "author_basis", "by_essayist"
    )
    assert list(rows) == [
        ("001", "x1", 0, "", "unknown", False),
        ("001", "c1", 0, "", "unknown", False),
        ("001", "x2", 0, "", "unknown", False),
        ("001", "c2", 0, "Camille", "reply", False),
        ("001", "c3", 1, "", "inferred", True),
        ("001", "c4", 0, "", "unknown", False),
        ("002", "c1", 0, "Hélène", "reply", False),
        ("002", "c2", 1, "", "inferred", True),
        ("002", "c3", 2, "Hélène", "inferred", False),
        ("002", "c4", 0, "Laurence", "reply", False),
        ("002", "c5", 1, "", "inferred", True),
        ("003", "c1", 0, "Achille", "reply", False),
        ("003", "c2", 1, "Aurèle", "inferred", True),
        ("003", "c3", 0, "nono", "reply", False),
        ("003", "c4", 1, "Aurèle", "inferred", True),
        ("003", "x1", 0, "", "unknown", False),
    ]


def test_items_of_a_list_lose_their_marker_and_indentation_only(seeds):
    essay = Essay.objects.get(number="003")
    c4 = essay.original_comments.get(ref="c4")
    first, second = c4.paragraphs
    assert first.text.startswith("Je te remercie déjà pour ton intervention nono.")
    assert second.text == "Merci encore non et au plaisir de te revoir de temps en temps."
    assert [p.text for p in c4.paragraphs] == [essay.text[p.start : p.end] for p in c4.paragraphs]


def test_what_is_known_says_how(seeds):
    rows = Essay.objects.values_list(
        "author", "author_note", "author_basis", "site_basis", "date_basis", "address_basis"
    )
    assert list(rows) == [
        ("", "un rédacteur de Pourton.info", "text", "text", "copy", "copy"),
        ("", "", "unknown", "unknown", "unknown", "unknown"),
        ("", "une femme, dans une agence à Lyon", "text", "unknown", "unknown", "unknown"),
        ("Aurèle", "", "signature", "text", "copy", "copy"),
        ("", "", "unknown", "unknown", "text", "copy"),
    ]


def test_titles_of_their_own_and_announced_counts(seeds):
    rows = Essay.objects.values_list("number", "title_in_text", "title_line", "announced")
    assert list(rows) == [
        ("000", False, 9, None),
        ("001", False, 7, None),
        ("002", False, 1, 5),
        ("003", True, 1, 6),
        ("004", True, 1, None),
    ]


def test_site_term_is_the_first(seeds):
    term = Term.objects.site_term()
    assert term
    assert (term.slug, term.headword) == ("community-manager", "community manager")
    assert term.essays.count() == 5


def test_manifest_names_every_file_of_the_folder():
    manifest = tomllib.loads((SEEDS / "manifest.toml").read_text())
    assert sorted(essay["file"] for essay in manifest["essays"]) == sorted(
        path.name for path in SEEDS.glob("*.txt")
    )


# What the editor found in them


def quoted():
    return tomllib.loads((SEEDS / "debate.toml").read_text())


@pytest.mark.parametrize("kind, count", [("claims", 60), ("definitions", 25)])
def test_every_quotation_is_in_its_line_to_the_letter(seeds, kind, count):
    rows = quoted()[kind]
    files = {essay.slug: essay.file_name for essay in Essay.objects.all()}
    lines = {slug: (SEEDS / name).read_bytes().decode().split("\n") for slug, name in files.items()}
    assert len(rows) == count
    assert [
        row["id"] for row in rows if row["words"] not in lines[row["essay"]][row["line"] - 1]
    ] == []


@pytest.mark.parametrize("model", [Claim, Proposal])
def test_every_quotation_is_the_text_at_its_offsets_and_anchor(seeds, model):
    for row in model.objects.select_related("essay", "original_comment"):
        assert row.essay.text[row.start : row.end] == row.exact
        if row.original_comment:
            row.original_comment.essay = row.essay
            paragraphs = row.original_comment.paragraphs
            assert row.anchor == row.original_comment.ref
        else:
            paragraphs = (row.essay.paragraphs[int(row.anchor.removeprefix("p")) - 1],)
        assert any(row.exact in paragraph.text for paragraph in paragraphs)


def test_every_duty_is_claimed_or_refused_by_somebody(seeds):
    sides = [(duty.claimed_by.count(), duty.refused_by.count()) for duty in Duty.objects.all()]
    assert len(sides) == 19
    assert all(any(side) for side in sides)


def test_commenter_who_gives_their_employer_is_not_named(seeds):
    row = Claim.objects.get(essay__number="001", line=18)
    assert (row.who, row.remark) == ("un commentaire", "")
