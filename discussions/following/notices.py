"""Who is told of a post, inside the transaction of the verb that shows it or decides on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from taggit.models import Tag

from cmdebate.accounts.models import User
from cmdebate.prepared import Given, Prepared
from discussions.models import (
    Clause,
    Complaint,
    Decision,
    Follow,
    Label,
    Letter,
    Notice,
    Post,
    Rhythm,
)
from discussions.models.notices import SUBJECTS

from . import letters

# How many people are told at a time.
BATCH = 500


@dataclass(frozen=True)
class Reason:
    kind: Notice.Kind
    through: int | None = None  # the Follow, if that is why


def published(post: Post) -> None:
    """Tells of a post that readers see for the first time, unless an essay said it long ago."""
    if post.source or post.kind == Post.Kind.ANSWER:
        return  # nobody follows a survey: it would tell of every passer-by
    is_definition = post.kind == Post.Kind.DEFINITION
    kind = Notice.Kind.DEFINITION if is_definition else Notice.Kind.FOLLOWED
    reasons = {member: Reason(kind, follow) for member, follow in _followers(post).items()}
    if post.parent and post.parent.author_id:
        reasons[post.parent.author_id] = Reason(Notice.Kind.REPLY)
    if post.kind == Post.Kind.AMENDMENT and post.amendment.definition.author_id:
        reasons[post.amendment.definition.author_id] = Reason(Notice.Kind.AMENDMENT)
    reasons.pop(post.author_id or 0, None)
    _tell(post, reasons)
    if post.stands_alone and post.author_id:
        Follow.objects.get_or_create(member_id=post.author_id, post=post)


def mention(post: Post, people: Iterable[User]) -> None:
    """Tells these people that a published post names them; once, whatever else told them."""
    _address(post, [person.pk for person in people if person.pk != post.author_id], "mention")


def answered(amendment: Post, post: Post) -> None:
    """Tells who proposed an amendment what came of it: by the reply that declines it, or, where
    its words are the definition's now, by the amendment itself."""
    if amendment.author_id:
        _address(post, [amendment.author_id], "answered")


def _address(post: Post, people: Sequence[int], kind: str) -> None:
    """Tells these people of a post that speaks to them."""
    if not people:
        return
    told = Notice.objects.filter(post=post, person__in=people, decision=None)
    told.update(kind=kind, through=None)
    _tell(post, {person: Reason(Notice.Kind(kind)) for person in people})


def labelled(definition: Post, new: Sequence[Label]) -> None:
    """Tells its author of a label on a clause: of one, until they have read of it or written that
    clause anew, however many come. Called after every change, with the labels that are new."""
    author = definition.author
    if author is None:
        return  # an essay says it, and writes nothing anew
    unread = Notice.objects.filter(
        person=author, post=definition, kind=Notice.Kind.LABEL, read_at=None
    ).first()
    if unread and unread.label_id is None:
        _tell_of_another(unread, definition)
    elif new:
        if unread:
            if Notice.objects.shown_to(author).filter(pk=unread.pk).exists():
                return
            # The clause is no more: writing it anew was the answer.
            Notice.objects.filter(pk=unread.pk).update(read_at=timezone.now())
        _tell(definition, {author.pk: Reason(Notice.Kind.LABEL)}, label=new[0])


def _tell_of_another(notice: Notice, definition: Post) -> None:
    """The label that it told of is taken back: it tells of one that came since, if any stands. A
    letter that has left is not sent again."""
    clauses = Clause.objects.filter(revision=definition.published_revision)
    since = Label.objects.filter(
        clause__in=[clause.first_id for clause in clauses], at__gte=notice.created_at
    )
    notice.label = since.order_by("pk").first()
    notice.save(update_fields=["label"])
    dropped = Letter.objects.filter(notice=notice, state=Letter.State.DROPPED)
    if notice.label and dropped.update(state=Letter.State.WAITING):
        letters.wake()


def decided(post: Post, decision: Decision) -> None:
    """Tells the author what was decided on their text, whatever they chose to hear."""
    if post.author:
        _state(post.author, decision, post)


def decided_on(member: User, decision: Decision) -> None:
    """The same for a decision on a member."""
    _state(member, decision, None)


def _state(person: User, decision: Decision, post: Post | None) -> None:
    if not person.is_active:
        return
    notice = Notice.objects.create(
        person=person, post=post, kind=Notice.Kind.DECISION, decision=decision
    )
    # Who sends spam gets no letter: it would tell a machine that somebody is there.
    if person.email and not decision.is_unsaid:
        Letter.objects.create(recipient=person, kind=Letter.Kind.DECISION, notice=notice)
        letters.wake()


def received(complaint: Complaint) -> None:
    """Tells who complained that it has come."""
    _answer(complaint, Letter.Kind.RECEIVED)


def answered_complaint(complaint: Complaint) -> None:
    """Tells who complained what came of it."""
    if complaint.by and complaint.by.is_active:
        Notice.objects.get_or_create(
            person=complaint.by, kind=Notice.Kind.OUTCOME, complaint=complaint
        )
    _answer(complaint, Letter.Kind.OUTCOME)


def taken_back(complaint: Complaint) -> None:
    """The answer is undone: who complained hears of the next one as of the first."""
    Notice.objects.filter(complaint=complaint).delete()
    Letter.objects.filter(complaint=complaint, kind=Letter.Kind.OUTCOME).delete()


def _answer(complaint: Complaint, kind: Letter.Kind) -> None:
    letter = Letter(recipient=complaint.by, complaint=complaint, kind=kind)
    if letter.address:
        letter.save()
        letters.wake()


def _followers(post: Post) -> dict[int, int]:
    """Who follows something that the post belongs to, and the most precise such Follow."""
    thread = post.thread
    amended = post.amendment.definition_id if post.kind == Post.Kind.AMENDMENT else None
    definition = thread.post_id if thread else amended or post.pk
    essay = thread.about_essay_id if thread else None
    if post.kind == Post.Kind.PROMPT:
        essay = post.prompt.essay_id
    rows = _followers_prepared().rows(
        thread=thread and thread.pk,
        post=thread.post_id if thread else amended,
        essay=essay,
        person=post.author_id,
        term=post.term.pk if post.term and not amended else None,
    )
    for bearer, key in (("definition", definition), ("essay", essay)):
        if key:
            rows += _followers_of_tags_prepared(bearer).rows(bearer=key)
    found: dict[int, tuple[int, int]] = {}
    for member, follow, *named in rows:
        precision = next(rank for rank, value in enumerate(named) if value is not None)
        found[member] = min(found.get(member, (precision, follow)), (precision, follow))
    return {member: follow for member, (_precision, follow) in found.items()}


_COLUMNS = ("member_id", "pk", *(f"{subject}_id" for subject in SUBJECTS))


@cache
def _followers_prepared() -> Prepared:
    named = ("thread", "post", "essay", "person", "term")
    subjects = reduce(or_, (Q((name, Given(name))) for name in named))
    return Prepared(Follow.objects.filter(subjects).values_list(*_COLUMNS))


@cache
def _followers_of_tags_prepared(bearer: str) -> Prepared:
    tags = Tag.objects.filter((bearer, Given("bearer"))).values("pk")
    return Prepared(Follow.objects.filter(tag__in=tags).values_list(*_COLUMNS))


def _tell(post: Post, reasons: Mapping[int, Reason], *, label: Label | None = None) -> None:
    people = sorted(reasons)
    if not people:
        return
    told = Notice.objects.filter(person=OuterRef("pk"), post=post, decision=None, label=label)
    written = 0
    for start in range(0, len(people), BATCH):
        rows = (
            User.objects.filter(pk__in=people[start : start + BATCH], is_active=True)
            .exclude(Exists(told))
            .values_list("pk", "email", "preferences__rhythm", "preferences__answers")
        )
        at_once: set[int] = set()
        notices = []
        for person, email, rhythm, answers in rows:
            reason = reasons[person]
            notices.append(
                Notice(
                    person_id=person,
                    post=post,
                    kind=reason.kind,
                    through_id=reason.through,
                    label=label,
                    created_at=label.at if label else timezone.now(),
                )
            )
            wanted = answers is not False or reason.kind not in Notice.ADDRESSED
            if email and wanted and (rhythm or Rhythm.ONCE) == Rhythm.ONCE:
                at_once.add(person)
        written += len(
            Letter.objects.bulk_create(
                Letter(recipient_id=notice.person_id, kind=Letter.Kind.NOTICE, notice=notice)
                for notice in Notice.objects.bulk_create(notices)
                if notice.person_id in at_once
            )
        )
    if written:
        letters.wake()
