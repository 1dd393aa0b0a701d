import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from essays.models import Essay, OriginalComment, Segment, Term
from tests.essays.factories import TEXT, EssayFactory, OriginalCommentFactory, TermFactory

pytestmark = pytest.mark.django_db


def hide(comment, entry=12):
    comment.state, comment.withheld_by = "hidden", entry
    comment.save()


def source(essay):
    with translation.override("en"):
        return essay.source()


def test_source_without_a_hidden_comment_is_the_text():
    comment = OriginalCommentFactory.create()
    assert source(comment.essay) == TEXT


def test_hidden_comments_leave_the_source_which_names_lines_and_entries():
    essay = EssayFactory.create()
    hide(OriginalCommentFactory.create(essay=essay, position=1, last_line=5), entry=12)
    OriginalCommentFactory.create(essay=essay, position=3)
    hide(OriginalCommentFactory.create(essay=essay, position=9), entry=13)
    lines = TEXT.split("\n")
    assert source(essay).split("\n") == [
        *lines[:3],
        "[Lines 4 to 5 are withheld: entry no. 12 of the record.]",
        *lines[5:11],
        "[Line 12 is withheld: entry no. 13 of the record.]",
        "",
    ]


@pytest.mark.parametrize("end", ["\r\n", "\n", ""])
def test_hidden_comment_keeps_the_end_of_its_last_line(end):
    essay = EssayFactory.create(text=TEXT.removesuffix("\n") + end)
    hide(OriginalCommentFactory.create(essay=essay, position=9, end=len(essay.text)))
    assert source(essay).endswith(
        "numéro 8.\n[Line 12 is withheld: entry no. 12 of the record.]" + end
    )


def test_text_of_a_hidden_comment_is_for_moderators_only():
    comment = OriginalCommentFactory.create()
    assert [p.text for p in comment.paragraphs] == ["Le commentaire numéro 1."]
    hide(comment)
    assert comment.paragraphs == ()
    assert comment.text_for_moderators() == "Le commentaire numéro 1."


def test_marker_and_indentation_are_not_read_and_nothing_else_is_lost():
    item = "  1. Premier.\u00a0 \n\n      2. suite  de l’élément\n"
    essay = EssayFactory.create(text=TEXT + item)
    comment = OriginalCommentFactory.create(
        essay=essay, marker="1.", first_line=13, last_line=15, end=len(essay.text)
    )
    assert [p.text for p in comment.paragraphs] == [
        "Premier.\u00a0 ",
        "2. suite  de l’élément",
    ]
    assert all(p.text == essay.text[p.start : p.end] for p in comment.paragraphs)
    comment.marker = ""
    assert comment.paragraphs[0].text == "  1. Premier.\u00a0 "


def test_paragraphs_are_numbered_through_body_and_quotations():
    essay = EssayFactory.create()
    essay.segments.filter(kind="comment").update(
        kind="quotation", speaker="Quelqu’un", speaker_basis="text"
    )
    paragraphs = Essay.objects.get().paragraphs
    assert [(p.number, p.is_quotation, p.speaker) for p in paragraphs[:3]] == [
        (1, False, ""),
        (2, False, ""),
        (3, True, "Quelqu’un"),
    ]
    assert paragraphs[2].text == "Le commentaire numéro 1."


def test_comment_and_pingback_have_an_address_on_the_page():
    comment = OriginalCommentFactory.create(essay__slug="un-essai")
    assert comment.get_absolute_url() == "/essais/un-essai/#c1"


def test_site_without_terms_has_no_term():
    assert Term.objects.site_term() is None


def test_site_term_is_the_first():
    TermFactory.create(position=2)
    first = TermFactory.create(position=1)
    assert Term.objects.site_term() == first


REFUSED = {
    "unknown state": (OriginalComment, {"state": "gone"}),
    "hidden by no entry": (OriginalComment, {"state": "hidden"}),
    "published but withheld": (OriginalComment, {"withheld_by": 4}),
    "unknown kind of comment": (OriginalComment, {"kind": "letter"}),
    "comment named as a pingback": (OriginalComment, {"ref": "x1"}),
    "pingback without a label": (OriginalComment, {"kind": "pingback", "ref": "x1"}),
    "depth without a parent": (OriginalComment, {"depth": 1}),
    "author known from nowhere": (OriginalComment, {"author": "Camille"}),
    "basis of no author": (OriginalComment, {"author_basis": "reply"}),
    "lines backwards": (OriginalComment, {"last_line": 1}),
    "nothing between start and end": (OriginalComment, {"end": 0}),
    "unknown kind of segment": (Segment, {"kind": "margin"}),
    "unknown role": (Segment, {"role": "chorus"}),
    "speaker outside a quotation": (Segment, {"speaker": "X", "speaker_basis": "text"}),
    "segment before the first line": (Segment, {"first_line": 0}),
    "basis of no essayist": (Essay, {"author_basis": "text"}),
    "site known from nowhere": (Essay, {"site": "example.org"}),
    "date known from nowhere": (Essay, {"date_note": "après 2013"}),
    "address known from nowhere": (Essay, {"address": "https://example.org/"}),
    "unknown basis": (Essay, {"site": "example.org", "site_basis": "hearsay"}),
    "empty text": (Essay, {"text": ""}),
}


@pytest.mark.parametrize(("model", "values"), REFUSED.values(), ids=REFUSED)
def test_database_refuses(model, values):
    OriginalCommentFactory.create()
    row = model.objects.order_by("pk").first()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize("values", [{"ref": "c1"}, {"position": 1}])
def test_database_refuses_two_comments_in_one_place(values):
    comment = OriginalCommentFactory.create()
    other = OriginalCommentFactory.create(essay=comment.essay)
    with pytest.raises(IntegrityError), transaction.atomic():
        OriginalComment.objects.filter(pk=other.pk).update(**values)
