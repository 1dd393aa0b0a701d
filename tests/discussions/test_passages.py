import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from discussions import posting
from discussions.models import Passage, Post, Thread
from discussions.models.passages import CONTEXT, LONGEST
from discussions.passages import places
from discussions.passages.forms import PassageForm
from essays.models import Paragraph, Segment
from tests.essays.factories import EssayFactory, OriginalCommentFactory
from tests.factories import STATES, act, in_state, passage_of, published, reply, withdrawn

VISITOR = AnonymousUser()


# Marks


def paragraph(text, start=0):
    return Paragraph(1, text, start)


texts = st.text(min_size=1, max_size=40)


@st.composite
def marked_texts(draw):
    lines = draw(st.lists(texts, min_size=1, max_size=4))
    paragraphs, at = [], draw(st.integers(0, 5))
    for line in lines:
        paragraphs.append(paragraph(line, at))
        at += len(line) + draw(st.integers(1, 3))
    ends = st.tuples(st.integers(0, at + 3), st.integers(1, 30))
    spans = [(start, start + length) for start, length in draw(st.lists(ends, max_size=8))]
    return paragraphs, [Passage(pk=n, start=s, end=e) for n, (s, e) in enumerate(spans, 1)]


@given(marked_texts())
def test_marks_never_alter_the_text(case):
    paragraphs, passages = case
    for marked in places.mark(paragraphs, passages):
        assert "".join(run.text for run in marked.runs) == marked.paragraph.text
        assert all(run.text for run in marked.runs)


@given(marked_texts())
def test_each_run_carries_the_passages_that_lie_over_it(case):
    paragraphs, passages = case
    for marked in places.mark(paragraphs, passages):
        at = marked.paragraph.start
        for run in marked.runs:
            over = {p.pk for p in passages if p.start <= at and at + len(run.text) <= p.end}
            assert {p.pk for p in run.passages} == over
            at += len(run.text)
            ends = {p.pk for p in passages if p.end == at and p.pk in over}
            assert {p.pk for p in run.ends} == ends


@given(marked_texts())
def test_each_passage_begins_in_one_paragraph_at_most(case):
    paragraphs, passages = case
    found = [p.pk for marked in places.mark(paragraphs, passages) for p in marked.passages]
    assert len(found) == len(set(found))


def test_letters_go_on_after_z():
    assert [places._letter(n) for n in (0, 25, 26, 51, 52, 701, 702)] == [
        *("a", "z", "aa", "az", "ba", "zz", "aaa")
    ]


# Where a passage can lie


def test_passage_knows_its_words_and_what_stands_around_them(essay):
    passage = passage_of(essay, "premier")
    assert (passage.exact, passage.prefix, passage.suffix) == ("premier", "Un ", " paragraphe.")
    assert essay.text[passage.start : passage.end] == "premier"


@pytest.mark.django_db
def test_context_of_a_passage_is_short_and_stays_in_its_paragraph():
    text = "a" * 100 + "mot" + "b" * 100
    essay = EssayFactory.create(text=f"Un titre\n{text}\nUn second.\n" + "x\n" * 9)
    passage = passage_of(essay, "mot")
    assert (passage.prefix, passage.suffix) == ("a" * CONTEXT, "b" * CONTEXT)


def test_blanks_around_a_passage_are_left_out(essay):
    start = essay.text.index(" premier ")
    passage = places.passage_at(essay, start, start + len(" premier "))
    assert passage.exact == "premier"


def test_passage_may_span_paragraphs_of_the_body(essay):
    assert passage_of(essay, "paragraphe.\nUn second").exact == "paragraphe.\nUn second"


def test_passage_may_lie_in_an_original_comment(essay):
    comment = OriginalCommentFactory.create(essay=essay)
    passage = passage_of(essay, "commentaire numéro 1")
    assert passage.original_comment == comment


@pytest.mark.parametrize(
    "words",
    [
        "titre",  # no paragraph of the body
        "second.\nLe commentaire",  # body and comment
        "numéro 1.\nLe commentaire numéro 2",  # two comments
        "numéro 3",  # in lines that nobody imported as a comment
        "\n",
    ],
)
def test_passage_lies_in_the_body_or_in_one_comment_only(essay, words):
    for _n in range(2):
        OriginalCommentFactory.create(essay=essay)
    with pytest.raises(places.NoPlace):
        passage_of(essay, words)


def test_passage_does_not_reach_over_what_is_not_the_body(essay):
    body = essay.segments.get(kind="body")
    essay.segments.exclude(pk=body.pk).delete()
    middle = body.end - len("Un second.\n")
    Segment.objects.filter(pk=body.pk).update(end=middle - 1)
    common = {"essay": essay, "first_line": 90, "last_line": 90}
    Segment.objects.create(kind="furniture", position=3, start=middle - 1, end=middle, **common)
    common["first_line"] = common["last_line"] = 91
    Segment.objects.create(kind="body", position=4, start=middle, end=body.end, **common)
    with pytest.raises(places.NoPlace):
        passage_of(essay, "paragraphe.\nUn second")


@pytest.mark.parametrize("span", [(5, 5), (9, 4), (0, 10**9), (10**9, 10**9 + 1)])
def test_range_that_is_none_is_refused(essay, span):
    with pytest.raises(places.NoPlace):
        places.passage_at(essay, *span)


def test_hidden_comment_has_no_passage(essay):
    comment = OriginalCommentFactory.create(essay=essay)
    published(reply(passage_of(essay, "numéro 1")))
    act("hide", comment)
    with pytest.raises(places.NoPlace):
        passage_of(essay, "numéro 1")
    assert places.place_of(Passage.objects.get()) is None
    act("restore", comment)
    assert passage_of(essay, "numéro 1")


# Fewer words than were offered


def narrowed(essay, offered, words):
    passage = passage_of(essay, offered)
    return places.narrowed(essay, passage.start, passage.end, words)


def test_words_are_found_within_what_was_offered(essay):
    # "e" stands in the whole paragraph more than once.
    offered = passage_of(essay, "mier")
    assert narrowed(essay, "mier", "e").start == offered.start + 2


def test_words_may_be_more_than_were_offered_in_the_same_paragraphs(essay):
    assert narrowed(essay, "premier", "premier paragraphe").exact == "premier paragraphe"


def test_words_that_are_not_there_to_the_letter_are_refused(essay):
    for words in ("Premier", "Un second", "premier  paragraphe", " ", "Un.*"):
        with pytest.raises(places.NotFound):
            narrowed(essay, "Un premier paragraphe.", words)


def test_words_that_stand_there_twice_are_refused(essay):
    with pytest.raises(places.FoundTwice):
        narrowed(essay, "Un premier paragraphe.", "p")


@pytest.mark.django_db
def test_words_found_twice_may_overlap():
    essay = EssayFactory.create(text="Un titre\nababa\nUn second.\n" + "x\n" * 9)
    with pytest.raises(places.FoundTwice):
        narrowed(essay, "ababa", "aba")


def test_line_ends_of_a_browser_are_those_of_the_file(essay):
    words = "paragraphe.\r\nUn second"
    assert narrowed(essay, "premier paragraphe.\nUn second.", words).exact == (
        "paragraphe.\nUn second"
    )


@pytest.mark.parametrize("extra, valid", [(0, True), (1, False)])
@pytest.mark.django_db
def test_passage_has_a_longest_length(extra, valid):
    line = "m" * (LONGEST + extra)
    essay = EssayFactory.create(text=f"Un titre\n{line}\nUn second.\n" + "x\n" * 9)
    offered = passage_of(essay, line)
    form = PassageForm(
        {"quote": line, "body": "Oui.", "key": "3f0a7a4c-6a53-4d0a-8f5e-0c4d2f0f6f3b"},
        offered=offered,
    )
    assert form.is_valid() is valid
    assert list(form.errors) == ([] if valid else ["quote"])


# Talking about it


def test_first_reply_saves_the_passage_and_the_next_finds_it(essay):
    first = reply(passage_of(essay, "premier"))
    second = reply(passage_of(essay, "premier"))
    other = reply(passage_of(essay, "premier paragraphe"))
    assert first.thread == second.thread != other.thread
    assert Passage.objects.count() == 2
    assert first.thread.passage.exact == "premier"
    assert first.thread.subject == first.thread.passage
    assert first.thread.get_absolute_url() == first.thread.passage.get_absolute_url()


def test_refused_reply_saves_no_passage(essay, settings):
    settings.POST_LIMITS = [(0, 60)]
    with pytest.raises(posting.TooManyPosts):
        reply(passage_of(essay, "premier"))
    assert not Passage.objects.exists()


def test_passage_of_a_hidden_comment_is_not_answered(essay):
    comment = OriginalCommentFactory.create(essay=essay)
    unsaved, saved = passage_of(essay, "numéro 1"), passage_of(essay, "commentaire numéro 1")
    published(reply(saved))
    act("hide", comment)
    for passage in (unsaved, Passage.objects.get()):
        with pytest.raises(posting.Closed):
            reply(passage)
    assert Passage.objects.count() == Post.objects.replies().count() == 1


def test_thread_has_one_subject(essay):
    passage = passage_of(essay, "premier").saved()
    with pytest.raises(IntegrityError), transaction.atomic():
        Thread.objects.create(essay=essay, passage=passage)
    with pytest.raises(IntegrityError), transaction.atomic():
        Thread.objects.create()


@pytest.mark.parametrize("start, end", [(20, 20), (20, 19), (0, LONGEST + 1)])
def test_database_refuses_a_range_that_is_none(essay, start, end):
    with pytest.raises(IntegrityError), transaction.atomic():
        Passage.objects.create(essay=essay, start=start, end=end)


@pytest.mark.parametrize("state", STATES)
def test_passage_is_marked_while_readers_can_count_a_reply(essay, state):
    in_state(state, reply(passage_of(essay, "premier")))
    marked = [p.exact for p in places.marked_in(essay, VISITOR)]
    assert marked == (["premier"] if state in ("published", "edited", "hidden") else [])


@pytest.mark.parametrize("state", STATES)
def test_passage_is_there_for_whom_a_reply_has_a_place(essay, state, moderator, member):
    post = in_state(state, reply(passage_of(essay, "premier")))
    passages = Passage.objects
    public = post.was_public
    assert passages.placed_for(VISITOR).exists() is public
    assert passages.placed_for(member).exists() is public
    assert passages.placed_for(post.author).exists()
    assert passages.placed_for(moderator).exists()


def opening():
    return Passage.objects.get().opening


def test_opening_is_the_first_published_reply_not_an_answer_to_one(essay):
    first = reply(passage_of(essay, "premier"))
    second = reply(passage_of(essay, "premier"))
    assert opening() is None
    published(second)
    assert opening() == second
    published(reply(second))
    published(first)
    assert opening() == first
    act("hide", first)
    assert opening() == second
    act("restore", first)
    assert opening() == first
    withdrawn(first)
    withdrawn(second)
    assert opening() is None


def test_most_answered_passages_are_marked_when_there_are_too_many(essay, monkeypatch):
    monkeypatch.setattr(places, "MARKED", 2)
    for words, count in (("premier", 2), ("paragraphe", 1), ("second", 3)):
        for _i in range(count):
            published(reply(passage_of(essay, words)))
    found = places.marked_in(essay, VISITOR)
    assert [(p.letter, p.exact) for p in found] == [("a", "premier"), ("b", "second")]
