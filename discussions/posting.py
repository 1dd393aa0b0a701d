"""What an author does: propose, reply, edit, withdraw.

Each verb checks, changes and counts in one transaction and is the only way to do it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, DateTimeField, Max, Q, UUIDField
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext_lazy as _

from cmdebate import edition
from cmdebate.accounts.models import User
from cmdebate.prepared import Given, Prepared
from essays.models import OriginalComment, Term

from . import (
    access,
    brakes,
    cases,
    clauses,
    markdown,
    mentions,
    policies,
    policy,
    quotations,
    threads,
)
from .agreement import tally
from .effects import Seen, follow
from .following import follows
from .models import Definition, Passage, Post, PostQuotation, Revision, Thread
from .models.posts import Wording
from .refusals import Closed as Closed
from .refusals import PostingRefused as PostingRefused
from .sanctions import here
from .tags import put_on
from .threads import Subject

# The columns that say what readers see; all others are kept by somebody else.
SHOWN = ("state", "published_at", "published_revision", "pending_revision", "restriction")

Quoting = tuple[Revision, int, int]  # the version quoted, and where its words begin and end


class TooManyPosts(PostingRefused):
    """More posts than settings.POST_LIMITS lets one member send."""


class Changed(PostingRefused):
    """The text has changed since this person read it."""


class Shut(PostingRefused):
    message = _("This discussion is closed: a community manager says why, above it.")


class TooSoon(PostingRefused):
    """The discussion is slow, and this member has written in it lately."""

    def __init__(self, until: datetime) -> None:
        self.message = _(
            "This discussion is slow for the time being: your next reply can come at %(time)s. "
            "What you wrote is kept here."
        ) % {"time": time_format(timezone.localtime(until))}


def propose_definition(author: User, term: Term, wording: Wording, *, form_key: UUID) -> Post:
    post = Post(kind=Post.Kind.DEFINITION, author=author, form_key=form_key)
    return send(post, wording, beside=Definition(term=term))


def reply(
    author: User,
    subject: Subject,
    body: str,
    *,
    form_key: UUID,
    quoting: Quoting | None = None,
    in_role: bool = False,
) -> Post:
    """Answers an essay, a passage, an original comment, a definition or another reply."""
    post = Post(kind=Post.Kind.REPLY, author=author, form_key=form_key)
    return send(post, Wording(body), subject=subject, quoting=quoting, in_role=in_role)


def send(
    post: Post,
    wording: Wording,
    *,
    beside: Any = None,
    subject: Subject | None = None,
    quoting: Quoting | None = None,
    in_role: bool = False,
) -> Post:
    """Keeps a new post and shows it, unless it must wait. The one way in, whatever its kind.

    `beside` is the row that its kind has beside the post; `subject`, what a reply is to;
    `in_role` says that a community manager speaks as such.
    """
    author = post.author
    if author and (sent := _sent(author, post)):
        return sent
    if in_role and not (author and access.may_speak_for_role(author)):
        raise Closed
    try:
        with transaction.atomic():
            if author:
                here(author)
            recent_posts = _check_pace(author) if author else 0
            if subject:
                assert author
                _place(post, subject, author)
            post.save()
            if quoting:
                revision, start, end = quoting
                PostQuotation.objects.create(reply=post, revision=revision, start=start, end=end)
            if beside:
                beside.post = post
                beside.save(force_insert=True)
            revision = _write(post, 1, wording, recent_posts=recent_posts, in_role=in_role)
            if post.thread:
                threads.place(post)
            if revision.held_for:
                post.pending_revision = revision
                post.save(update_fields=["pending_revision", *threads.PLACE])
                cases.follow(post)
            else:
                publish(post, revision, also=threads.PLACE)
            return post
    except IntegrityError:
        # The same form, sent twice at the same moment: the other one came first.
        if author and (sent := _sent(author, post)):
            return sent
        raise


def _sent(author: User, post: Post) -> Post | None:
    """What the same form has brought before."""
    found: list[Post] = _sent_prepared().objects(author=author.pk, form_key=post.form_key)
    return found[0] if found else None


@cache
def _sent_prepared() -> Prepared:
    form_key = Given("form_key", UUIDField())
    return Prepared(Post.objects.filter(author=Given("author"), form_key=form_key))


def _place(post: Post, subject: Subject, author: User) -> None:
    """Finds the thread of a reply, refusing one under what is not public now.

    The subject is locked, so that it cannot be hidden or withdrawn while it is being answered.
    """
    if isinstance(subject, Post):
        subject = Post.objects.select_for_update().get(pk=subject.pk)
        if not access.may_reply(author, subject):
            raise Closed
        if subject.kind == Post.Kind.REPLY and not threads.own_thread(subject):
            post.parent = subject
    elif isinstance(subject, OriginalComment):
        subject = _open_comment(subject)
    elif isinstance(subject, Passage):
        if subject.original_comment:
            _open_comment(subject.original_comment)
        subject = subject.saved()
    post.thread = threads.thread_of(subject)
    _check_thread(post.thread, author)


def _check_thread(thread: Thread, author: User) -> None:
    """Refuses a reply where the discussion is closed, or slow and this one comes too soon."""
    brake = brakes.on(thread)
    if brake is None:
        return
    if brake.closes:
        raise Shut
    last = Post.objects.filter(thread=thread, author=author).aggregate(at=Max("created_at"))["at"]
    if last and timezone.now() < last + brake.pause:
        raise TooSoon(last + brake.pause)


def _open_comment(comment: OriginalComment) -> OriginalComment:
    comment = OriginalComment.objects.select_for_update().get(pk=comment.pk)
    if comment.is_hidden:
        raise Closed
    return comment


def _check_pace(author: User) -> int:
    """Refuses what comes too fast; says how many texts the policy is to know of."""
    limits = {seconds: count for count, seconds in settings.POST_LIMITS}
    window = int(policy.PACE_WINDOW.total_seconds())
    now = timezone.now()
    since = {f"in_{seconds}": now - timedelta(seconds=seconds) for seconds in {*limits, window}}
    rows = _written_prepared(tuple(since)).rows(
        author=author.pk, earliest=min(since.values()), **since
    )
    written = dict(zip(since, rows[0] if rows else [0] * len(since), strict=True))
    if any(written[f"in_{seconds}"] >= limit for seconds, limit in limits.items()):
        raise TooManyPosts
    return int(written[f"in_{window}"])


@cache
def _written_prepared(periods: tuple[str, ...]) -> Prepared:
    """How many versions an author has written in each period; no row where none."""
    moment = DateTimeField()
    written = Revision.objects.filter(
        author=Given("author"), created_at__gt=Given("earliest", moment)
    )
    counts = {period: Count("pk", Q(created_at__gt=Given(period, moment))) for period in periods}
    return Prepared(written.values("author").annotate(**counts).values_list(*periods))


def _write(
    post: Post,
    number: int,
    wording: Wording,
    *,
    recent_posts: int = 0,
    in_role: bool = False,
    adopted: Post | None = None,
) -> Revision:
    """A new version by the post's author, with the verdict on it."""
    author = post.author
    text = wording.text
    facts = policy.Facts(
        published_posts=len(_published_prepared().rows(author=author.pk)) if author else 0,
        by_community_manager=author is not None and author.is_community_manager,
        by_visitor=author is None,
        links=policy.links_in(text),
        recent_posts=recent_posts,
        in_role=in_role,
        asked_again=post.rewrite_id is not None,
        text=text,
    )
    verdict = policy.judge(facts, policies.current())
    return keep(
        post, number, wording, held_for=verdict.reasons, facts=facts.kept(), adopted=adopted
    )


def keep(
    post: Post,
    number: int,
    wording: Wording,
    *,
    held_for: Sequence[policy.Reason] = (),
    facts: dict[str, Any] | None = None,
    adopted: Post | None = None,
) -> Revision:
    """A new version, whoever wrote it and whatever was found on it."""
    revision = Revision.objects.create(
        post=post,
        number=number,
        author=post.author,
        title=wording.title,
        body=wording.body,
        html=markdown.render(wording.body, mentions.addresses_in(wording.body)),
        renderer=markdown.RENDERER,
        tags=list(wording.tags),
        relation=wording.relation,
        related=wording.related,
        base=wording.base,
        adopted=adopted,
        held_for=list(held_for),
        facts=facts or {},
        published_at=None if held_for else timezone.now(),
    )
    clauses.write(revision, wording.clauses)
    quotations.check(revision)
    return revision


@cache
def _published_prepared() -> Prepared:
    """Posts of an author that readers see, as far as the policy counts them."""
    published = Post.objects.filter(author=Given("author"), state=Post.State.PUBLISHED)
    return Prepared(published.values_list("pk")[: policy.MOST_COUNTED])


def publish(post: Post, revision: Revision, *, also: Sequence[str] = ()) -> None:
    """Shows this version to everyone. Called by the verbs here and by a decision.

    `also` names columns that are to be saved with those that it changes.
    """
    before = Seen.of(post)
    columns = [*SHOWN, *also]
    if revision.published_at is None:
        revision.published_at = timezone.now()
        revision.save(update_fields=["published_at"])
    if not post.published_at:
        post.published_at = revision.published_at
        if post.root_id == post.pk:
            threads.begin_branch(post, post.published_at)
            columns += threads.BRANCH
    post.state = Post.State.PUBLISHED
    post.published_revision = revision
    post.pending_revision = None
    post.restriction = None
    post.save(update_fields=columns)
    if post.kind == Post.Kind.DEFINITION:
        _number(post.definition)
        put_on(post.definition, revision.tags)
        tally.rank(post.definition)
    follow(post, before)


def _number(definition: Definition) -> None:
    """Gives a definition its number, and its place by age, at its first publication.

    What an essay says has no number: it comes after all that is said here.
    """
    if definition.by_age is not None:
        return
    if not definition.source:
        # One at a time for each term, so that numbers have no gap.
        Term.objects.select_for_update().get(pk=definition.term.pk)
        last = Definition.objects.filter(term=definition.term).aggregate(last=Max("number"))
        definition.number = (last["last"] or 0) + 1
    definition.by_age = threads.sort_key(definition.number or 0, definition.pk)
    definition.save(update_fields=["number", "by_age"])


def open_discussion(post: Post, by: User) -> Thread:
    """Gives a long reply a thread of its own, where it is answered from now on.

    Its author and who opens it are told of those answers.
    """
    with transaction.atomic():
        here(by)
        post = Post.objects.select_for_update().get(pk=post.pk)
        if not access.may_open_discussion(by, post):
            raise Closed
        thread, _created = Thread.objects.get_or_create(post=post)
        for member in (post.author, by):
            if member and member.is_active:
                follows.follow(member, post)
        edition.turn()
        return thread


def edit(
    post: Post, author: User, wording: Wording, *, seen: str, adopted: Post | None = None
) -> Post:
    """Replaces the text that the author saw; a published version stays while the new one waits.

    The same text again changes nothing. `adopted` is the amendment that it comes from.
    """
    with transaction.atomic():
        here(author)  # before the post, as in `leaving`: they would wait for each other
        post = _own(post, author)
        if post.version != seen:
            raise Changed
        latest = post.latest_revision
        if latest.wording.content() == wording.content():
            return post
        recent_posts = _check_pace(author)
        last = post.revisions.aggregate(last=Max("number"))["last"]
        in_role = bool(latest.facts.get("in_role"))
        revision = _write(
            post, last + 1, wording, recent_posts=recent_posts, in_role=in_role, adopted=adopted
        )
        post.rewrite = None  # here it is
        if revision.held_for:
            post.pending_revision = revision
            post.save(update_fields=["pending_revision", "rewrite"])
            cases.follow(post)
        else:
            publish(post, revision, also=["rewrite"])
        return post


def withdraw(post: Post, author: User) -> None:
    """Takes the text away from readers for good; a place that was public stays."""
    with transaction.atomic():
        post = _own(post, author)
        before = Seen.of(post)
        post.state = Post.State.WITHDRAWN
        post.save(update_fields=["state"])
        follow(post, before)


def _own(post: Post, author: User) -> Post:
    """The author's post, locked, if they may change it now."""
    post = Post.objects.select_for_update().get(pk=post.pk)
    if not access.may_change(author, post):
        raise Closed
    return post
