"""What comes in by the thousand is as if it had been posted one by one."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from cmdebate.accounts.models import User
from discussions import markdown, posting, threads, votes
from discussions.filling import bulk, thread_file
from discussions.filling.simulation import DOMAIN, names_without_end
from discussions.models import (
    Clause,
    Definition,
    ImportedReply,
    Post,
    Revision,
    SearchDocument,
    Thread,
    Vote,
)
from discussions.search import index
from essays.models import Essay
from tests.essays.factories import EssayFactory, TermFactory
from tests.factories import UserFactory, published, reply

pytestmark = pytest.mark.django_db

PLACE = ("depth", "branch_size", "useful", "not_useful", "state", "kind")


def line(number: int | str, parent: int | None = None, **other: Any) -> dict[str, Any]:
    return {
        "id": number,
        "parent": parent,
        "depth": 0 if parent is None else 1,
        "author": "Jean Dupont",
        "email": "jean@example.org",
        "body": f"Réponse *{number}*.",
        "created": 1_700_000_000 + (number if isinstance(number, int) else 0),
    } | other


@pytest.fixture
def essay(db) -> Essay:
    return EssayFactory.create(slug="essai")


@pytest.fixture
def write(tmp_path: Path):
    def write(*lines: dict[str, Any] | str) -> Path:
        path = tmp_path / "fil.jsonl"
        texts = (row if isinstance(row, str) else json.dumps(row) for row in lines)
        path.write_text("".join(f"{text}\n" for text in texts))
        return path

    return write


def bring_in(path: Path, capsys: pytest.CaptureFixture) -> str:
    call_command("import_thread", path, essay="essai")
    return capsys.readouterr().out.strip()


def in_order(essay: Essay) -> list[Post]:
    thread = Thread.objects.get(essay=essay)
    return list(
        Post.objects.in_thread(thread).select_related("published_revision", "root", "parent")
    )


def shape(essay: Essay, numbers: dict[int, int]) -> tuple[Any, ...]:
    """All that says where replies stand, with a number for each post in the place of ids."""
    posts = in_order(essay)
    ids = [post.pk for post in sorted(posts, key=lambda post: post.pk)]
    name = {pk: number for number, pk in enumerate(ids)}
    low = (1 << 31) - 1
    return (
        posts[0].thread.reply_count,
        [
            (
                numbers[post.pk],
                *(getattr(post, field) for field in PLACE),
                post.parent and numbers[post.parent.pk],
                post.root and numbers[post.root.pk],
                [name[int(post.path[i : i + 6], 36)] for i in range(0, len(post.path), 6)],
                # The rank, and the id that tells equals apart.
                *(
                    key if key is None else (key >> 31, name[key & low])
                    for key in (post.by_score, post.by_contest)
                ),
                post.by_latest is None,
                post.published_revision.body,
                post.published_revision.html,
                post.published_revision.renderer,
                post.published_revision.number,
            )
            for post in posts
        ],
    )


trees = st.lists(st.none() | st.integers(0, 30), min_size=1, max_size=31).map(
    lambda parents: [
        None if parent is None or not number else parent % number
        for number, parent in enumerate(parents)
    ]
)


def lines_for(parents: Iterable[int | None]) -> list[dict[str, Any]]:
    return [line(number, parent) for number, parent in enumerate(parents)]


@given(parents=trees)
@hypothesis(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_imported_tree_stands_as_if_it_had_been_posted(settings, tmp_path, monkeypatch, parents):
    settings.POST_LIMITS = []
    monkeypatch.setattr(thread_file, "BATCH", 7)  # so that branches grow across batches
    with transaction.atomic():
        posted, imported = EssayFactory.create(), EssayFactory.create()
        author = UserFactory.create(community_manager=True)
        sent: list[Post] = []
        for number, parent in enumerate(parents):
            subject = posted if parent is None else Post.objects.get(pk=sent[parent].pk)
            body = f"Réponse *{number}*."
            sent.append(posting.reply(author, subject, body, form_key=uuid4()))
        path = tmp_path / "fil.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in lines_for(parents)))
        thread_file.import_file(path, imported)
        references = ImportedReply.objects.filter(thread__essay=imported)
        numbers = {post.pk: number for number, post in enumerate(sent)}
        numbers_imported = {row.post_id: int(row.reference) for row in references}
        assert shape(imported, numbers_imported) == shape(posted, numbers)
        transaction.set_rollback(True)


@pytest.mark.parametrize("branches", [1, 3])
def test_branch_is_as_late_as_its_latest_reply(essay, write, capsys, branches):
    rows = [line(i, created=100 + i) for i in range(branches)]
    rows += [line(10, 0, created=900), line(11, 0, created=500)]
    bring_in(write(*rows), capsys)
    root = in_order(essay)[0]
    assert root.by_latest == threads.sort_key(900, root.pk)
    assert root.branch_size == 3


class TestImport:
    def test_keeps_dates_texts_and_names(self, essay, write, capsys):
        path = write(
            line(1, author="Zoé", created="2013-05-04T10:00:00+02:00"),
            line("b", 1, created="2013-05-05 10:00:00", email=""),
        )
        assert bring_in(path, capsys) == "created: 2, unchanged: 0, new members: 2"
        first, second = in_order(essay)
        assert first.created_at == first.published_at == datetime(2013, 5, 4, 8, tzinfo=UTC)
        assert second.created_at == datetime(2013, 5, 5, 10, tzinfo=UTC)
        assert first.published_revision.html == markdown.render("Réponse *1*.")
        assert first.published_revision.created_at == first.created_at
        assert (first.author.name, second.author.name) == ("Zoé", "Jean-Dupont")
        assert not first.author.has_usable_password()

    def test_same_file_again_changes_nothing(self, essay, write, capsys):
        path = write(line(1), line(2, 1), line(3))
        bring_in(path, capsys)
        before = list(Post.objects.order_by("pk").values())
        assert bring_in(path, capsys) == "created: 0, unchanged: 3, new members: 0"
        assert list(Post.objects.order_by("pk").values()) == before
        assert Thread.objects.get().reply_count == 3
        assert Revision.objects.count() == 3

    def test_longer_file_adds_what_is_new(self, essay, write, capsys):
        bring_in(write(line(1), line(2)), capsys)
        path = write(line(1), line(2), line(3, 1))
        assert bring_in(path, capsys) == "created: 1, unchanged: 2, new members: 0"
        assert [post.published_revision.body for post in in_order(essay)] == [
            "Réponse *1*.",
            "Réponse *3*.",
            "Réponse *2*.",
        ]
        assert in_order(essay)[0].branch_size == 2

    def test_same_ids_under_another_essay_are_other_replies(self, essay, write, capsys):
        EssayFactory.create(slug="autre")
        path = write(line(1))
        bring_in(path, capsys)
        call_command("import_thread", path, essay="autre")
        assert Thread.objects.filter(reply_count=1).count() == 2

    def test_author_is_the_member_of_that_name_whatever_its_case(self, essay, write, capsys):
        member = UserFactory.create(name="Élise", email="elise@example.org")
        bring_in(write(line(1, author="élise", email="Elise@example.org")), capsys)
        assert in_order(essay)[0].author == member

    def test_posting_goes_on_under_what_was_imported(self, essay, write, capsys):
        bring_in(write(line(1), line(2)), capsys)
        first = in_order(essay)[0]
        answer = published(reply(first))
        assert in_order(essay)[1] == answer
        first.refresh_from_db()
        assert first.branch_size == 2
        assert Thread.objects.get().reply_count == 3

    def test_reply_beyond_the_deepest_level_joins_it(self, essay, write, capsys):
        bring_in(write(*(line(i, i - 1 if i else None) for i in range(15))), capsys)
        posts = in_order(essay)
        assert max(post.depth for post in posts) == threads.MAX_DEPTH - 1
        assert [post.published_revision.body for post in posts] == [
            f"Réponse *{i}*." for i in range(15)
        ]

    @pytest.mark.parametrize("batch", [1, 2, 100])
    @pytest.mark.parametrize(
        "bad, problem",
        [
            (line(2, 9), "no reply “9” stands before this one"),
            (line(2, 2), "no reply “2” stands before this one"),
            (line(1), "the id “1” stands there twice"),
            ("{", "not JSON"),
            ("[1]", "not a JSON object"),
            ('{"id": "\\ud800"}', "is missing"),
            (line(2, body="x" * 10_001), "“body” is longer than 10000 characters"),
            (line(2, body="  "), "“body” is empty"),
            (line(2, body=None), "“body” is no text"),
            (line(2, body="\0"), "“body” holds what is no character"),
            (line(2, body="\ud800"), "“body” holds what is no character"),
            (line("x" * 201), "“id” is longer than 200 characters"),
            (line(2, author="!?"), "“!?” cannot become a member’s name"),
            (line(2, author="x" * 41), "is too long for a member’s name"),
            (line(2, email="nowhere"), "“nowhere” is no e-mail address"),
            (line(2, email="paul@example.org"), "is a member with another e-mail address"),
            (line(2, created="hier"), "“created” is no moment: 'hier'"),
            (line(2, created=1e300), "“created” is no moment"),
            (line(2, created="0001-01-01T00:00:00+14:00"), "“created” is no moment"),
            (line(2, depth="1"), "“depth” is no number of levels"),
        ],
    )
    def test_refuses_the_whole_file_and_names_the_line(
        self, essay, write, monkeypatch, bad, problem, batch
    ):
        monkeypatch.setattr(thread_file, "BATCH", batch)
        path = write(line(1), bad, line(3))
        with pytest.raises(CommandError) as refused:
            call_command("import_thread", path, essay="essai")
        assert str(refused.value).startswith(f"Nothing was imported.\n{path}, line 2: ")
        assert problem in str(refused.value)
        assert (Post.objects.count(), User.objects.count()) == (0, 0)

    @pytest.mark.parametrize("field", thread_file.FIELDS)
    def test_refuses_a_line_without_a_field(self, essay, write, field):
        row = line(1)
        del row[field]
        with pytest.raises(CommandError, match=f"line 1: “{field}” is missing"):
            call_command("import_thread", write(row), essay="essai")

    def test_refuses_an_id_twice_that_was_here_before(self, essay, write, capsys, monkeypatch):
        monkeypatch.setattr(thread_file, "BATCH", 1)
        bring_in(write(line(1)), capsys)
        with pytest.raises(CommandError, match="line 2: the id “1” stands there twice"):
            call_command("import_thread", write(line(1), line(1)), essay="essai")

    def test_refuses_an_essay_or_a_file_that_is_not_there(self, essay, tmp_path):
        with pytest.raises(CommandError, match="no essay “rien”"):
            call_command("import_thread", tmp_path, essay="rien")
        with pytest.raises(CommandError, match=r"rien\.jsonl: No such file"):
            call_command("import_thread", tmp_path / "rien.jsonl", essay="essai")

    def test_refuses_a_line_without_end(self, essay, write):
        with pytest.raises(CommandError, match="line 1: longer than"):
            call_command("import_thread", write("x" * 1_000_001), essay="essai")


def simulate(**options: Any) -> None:
    call_command("simulate_debate", **{"replies": 300, "members": 20, "definitions": 3} | options)


def everything() -> list[Any]:
    posts = Post.objects.order_by("public_id").select_related("author", "published_revision")
    return [
        (
            post.public_id,
            post.author.name,
            post.depth,
            post.useful,
            post.not_useful,
            post.created_at,
            post.published_revision.html,
            post.branch_size,
        )
        for post in posts
    ]


class TestSimulation:
    @pytest.fixture(autouse=True)
    def scene(self, essay):
        TermFactory.create()

    def test_makes_what_it_says(self, essay, capsys):
        simulate()
        assert capsys.readouterr().out == (
            "Made under “essai”: 300 replies, 3 definitions, 20 new members.\n"
        )
        thread = Thread.objects.get()
        assert (thread.essay, thread.reply_count, thread.hidden_count) == (essay, 300, 0)
        assert Post.objects.replies().count() == Post.objects.in_thread(thread).count() == 300
        assert Definition.objects.filter(number__in=[1, 2, 3]).count() == 3
        assert {d.post.published_revision.clauses.exists() for d in Definition.objects.all()} == {
            True
        }
        assert User.objects.filter(email__endswith=DOMAIN).count() == 20

    def test_same_seed_makes_the_same_debate_and_another_another(self):
        found = []
        for seed in (1, 1, 2):
            with transaction.atomic():
                simulate(seed=seed)
                found.append(everything())
                transaction.set_rollback(True)
        assert found[0] == found[1] != found[2]

    def test_branches_are_counted_as_they_are(self, monkeypatch, essay):
        monkeypatch.setattr("discussions.filling.simulation.BATCH", 50)
        simulate(replies=2000)
        posts = in_order(essay)
        roots = [post for post in posts if post.depth == 0]
        assert 550 < len(roots) < 780
        assert max(post.depth for post in posts) == threads.MAX_DEPTH - 1
        for root in roots:
            branch = [post for post in posts if post.root == root]
            assert root.branch_size == len(branch)
            paths = sorted(post.path for post in branch)
            assert root.branch_cut == (paths[15] if len(paths) > 15 else "~")
            latest = max(post.published_at for post in branch)
            assert root.by_latest == threads.key_of_time(latest, root.pk)
            assert {post.path[:6] for post in branch} == {root.path}
        for post in posts:
            assert post.parent is None or post.path.startswith(post.parent.path[:54])

    def test_votes_are_counted_and_ranked_as_they_are(self, essay):
        simulate()
        cast = Vote.objects.values_list("post_id", "voter_id", "useful", "post__author")
        said = Counter((post, useful) for post, _voter, useful, _author in cast)
        assert len(cast) > 100
        assert all(voter != author for _post, voter, _useful, author in cast)
        for post in in_order(essay):
            assert (post.useful, post.not_useful) == (said[post.pk, True], said[post.pk, False])
            if post.depth:
                assert (post.by_score, post.by_contest) == (None, None)
                continue
            score = votes.score(post.useful, post.not_useful)
            assert post.by_score == threads.sort_key(score, post.pk)
            contest = votes.contest(post.useful, post.not_useful)
            assert post.by_contest == threads.sort_key(contest, post.pk)

    def test_search_finds_all_of_it(self):
        simulate()
        found = SearchDocument.objects.filter(post__isnull=False)
        assert found.count() == 303
        before = {row.pk: (row.words, row.facets, row.text) for row in found}
        index.rebuild()
        assert before == {row.pk: (row.words, row.facets, row.text) for row in found.all()}

    def test_html_is_what_the_one_door_makes(self):
        simulate()
        for revision in Revision.objects.all():
            assert revision.html == markdown.render(revision.body)
        assert all(clause.text for clause in Clause.objects.all())

    def test_another_essay_gets_its_own(self):
        EssayFactory.create(slug="autre")
        simulate()
        simulate(essay="autre")
        assert sorted(Thread.objects.values_list("reply_count", flat=True)) == [300, 300]
        assert User.objects.count() == 20

    def test_same_debate_twice_is_refused(self):
        simulate()
        with pytest.raises(CommandError, match="is here already"):
            simulate()
        assert Post.objects.count() == 303

    def test_refuses_where_real_people_are_unless_told_so(self, capsys):
        UserFactory.create(email="marthe@debat.fr")
        with pytest.raises(CommandError, match="Real people have joined this site"):
            simulate()
        assert Post.objects.count() == 0
        simulate(yes=True)
        assert Post.objects.count() == 303

    def test_refuses_an_essay_that_is_not_there(self):
        with pytest.raises(CommandError, match="There is no essay rien"):
            simulate(essay="rien")


def test_public_ids_are_never_twice_the_same():
    ids = list(islice(names_without_end(Random(1)), 50_000))  # noqa: S311
    assert len(set(ids)) == 50_000
    assert {len(public_id) for public_id in ids} == {10}


def test_nothing_is_left_of_an_insertion_that_fails(essay):
    thread = threads.thread_of(essay)
    author = UserFactory.create()

    def draft() -> bulk.Draft:
        post = Post(
            kind="reply", public_id="a" * 10, author=author, thread=thread,
            created_at=timezone.now(),
        )  # fmt: skip
        return bulk.Draft(post, "x", markdown.render("x"))

    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert_published([draft(), draft()], bulk.Past())
    assert (Post.objects.count(), Revision.objects.count()) == (0, 0)
