"""Published posts by the hundred thousand: what the verbs would leave, in few statements.

Nobody waits and nobody is told. Where a reply stands is worked out by `threads.place`, as
for one that is posted; a test holds what comes out against the verbs.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models import Count, F, Q
from django.utils.safestring import SafeString

from cmdebate.accounts.models import User
from discussions import markdown, threads, votes
from discussions.models import Post, Revision, Thread
from discussions.policy import MOST_COUNTED, PACE_WINDOW, Facts, links_in
from discussions.search import index

BATCH = 2000


@dataclass
class Draft:
    """A post that has everything but its ids, its place and its text."""

    post: Post
    body: str
    html: SafeString
    revision: Revision | None = None


@dataclass
class Past:
    """What the authors of a load had sent before each of its texts, for the facts of each.

    How many in the minutes before is counted within the load.
    """

    published: dict[int, int] = field(default_factory=dict)
    at_the_desk: set[int] = field(default_factory=set)
    lately: dict[int, list[datetime]] = field(default_factory=dict)

    def meet(self, drafts: Sequence[Draft]) -> None:
        """Asks the database about authors who are new to this load."""
        authors = {draft.post.author_id for draft in drafts if draft.post.author_id}
        new = authors - self.published.keys()
        if not new:
            return
        published = Count("posts", Q(posts__state=Post.State.PUBLISHED))
        for author in User.objects.filter(pk__in=new).annotate(published=published):
            self.published[author.pk] = author.published
            if author.is_community_manager:
                self.at_the_desk.add(author.pk)

    def facts(self, draft: Draft) -> Facts:
        """As `posting` finds them where a text is sent; this one counts from then on."""
        author, at = draft.post.author_id, draft.post.created_at
        assert author
        lately = [each for each in self.lately.get(author, ()) if at - PACE_WINDOW < each <= at]
        self.lately[author] = [*lately, at]
        published = self.published[author]
        self.published[author] += 1
        return Facts(
            published_posts=min(published, MOST_COUNTED),
            by_community_manager=author in self.at_the_desk,
            links=links_in(draft.body),
            recent_posts=len(lately),
        )


@contextmanager
def loading() -> Iterator[None]:
    """A transaction for many rows, whose references are checked all at once at its end.

    Post and version name each other: as long as one of them waits for the other, SQLite
    would read all posts for each version that is added.
    """
    with connection.constraint_checks_disabled(), transaction.atomic():
        yield
        connection.check_constraints([Post._meta.db_table, Revision._meta.db_table])


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """Ids that nobody else gets, in rising order."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            # The transaction holds the only right to write.
            cursor.execute("SELECT MAX(seq) FROM sqlite_sequence WHERE name = %s", (table,))
            last = cursor.fetchone()[0] or 0
            return list(range(last + 1, last + 1 + count))
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return [number for (number,) in cursor.fetchall()]


def insert(rows: Sequence[models.Model]) -> None:
    """Adds rows of one model as they are: dates stay, and ids are given already."""
    if not rows:
        return
    database = connections[DEFAULT_DB_ALIAS]  # itself: a look-up for each value is slow
    meta = rows[0]._meta
    fields = meta.local_concrete_fields
    quote = database.ops.quote_name
    target = f"{quote(meta.db_table)} ({', '.join(quote(str(field.column)) for field in fields)})"
    values: Iterable[list[Any]] = (
        [
            None if value is None else field.get_db_prep_save(value, database)
            for field in fields
            for value in (getattr(row, field.attname),)
        ]
        for row in rows
    )
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            with database.wrap_database_errors, cursor.copy(f"COPY {target} FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {target} VALUES ({places})", list(values))  # noqa: S608


def insert_published(drafts: Sequence[Draft], past: Past) -> None:
    """Adds the posts with their first version, published when they were written.

    A parent is in the database, or stands before its answers in `drafts`. The thread's
    count is left to `count_replies`, since that locks it until the transaction ends.
    """
    post_ids = new_ids(Post, len(drafts))
    revision_ids = new_ids(Revision, len(drafts))
    past.meet(drafts)
    here: dict[int, Post] = {}
    grown: dict[int, list[int]] = {}  # of a root that was there before: how many, the latest
    for draft, post_id, revision_id in zip(drafts, post_ids, revision_ids, strict=True):
        post = draft.post
        assert post.author_id
        post.pk = post_id
        post.state = Post.State.PUBLISHED
        post.published_at = post.created_at
        draft.revision = post.published_revision = Revision(
            pk=revision_id,
            post=post,
            number=1,
            author_id=post.author_id,
            body=draft.body,
            html=draft.html,
            renderer=markdown.RENDERER,
            facts=past.facts(draft).kept(),
            created_at=post.created_at,
            published_at=post.created_at,
        )
        if post.thread_id is None:
            continue
        post.parent = post.parent  # whose id is known by now
        threads.place(post)
        assert post.root_id
        latest = threads.key_of_time(post.created_at, post.root_id)
        if post.root_id == post.pk:
            here[post.pk] = post
            rank = votes.score(post.useful, post.not_useful)
            post.by_score = threads.sort_key(rank, post.pk)
            dispute = votes.contest(post.useful, post.not_useful)
            post.by_contest = threads.sort_key(dispute, post.pk)
        if root := here.get(post.root_id):
            root.branch_size += 1
            root.by_latest = max(root.by_latest or 0, latest)
        else:
            size, before = grown.get(post.root_id, (0, 0))
            grown[post.root_id] = [size + 1, max(before, latest)]
    insert([draft.post for draft in drafts])
    insert([draft.revision for draft in drafts if draft.revision])
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE discussions_post SET branch_size = branch_size + %s, "
            "by_latest = CASE WHEN by_latest > %s THEN by_latest ELSE %s END WHERE id = %s",
            [(size, latest, latest, root_id) for root_id, (size, latest) in grown.items()],
        )
    roots = Post.objects.filter(pk__in=[*here, *grown])
    roots.filter(branch_size__gt=threads.BRANCH_SHOWN).update(branch_cut=threads.branch_cut())


def index_for_search(drafts: Sequence[Draft]) -> None:
    """Once all that their documents are made of is there."""
    index.index_posts(Post.objects.filter(pk__in=[draft.post.pk for draft in drafts]))


def count_replies(thread: Thread, added: int) -> None:
    Thread.objects.filter(pk=thread.pk).update(reply_count=F("reply_count") + added)
