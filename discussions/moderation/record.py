"""The chain of decisions: adding to it, giving it out, recomputing it.

An entry's digest is the SHA-256 of the canonical JSON of its link: what stands in `LINK`, the
digest of the entry before it included, and what of `MORE` the act has. The judged text, the
names and the words enter it as commitments: SHA-256 of a salt and the canonical JSON of the
value. What stands beside the link in the download is named in verifier.py, which anyone can run.
"""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cmdebate import edition
from cmdebate.accounts.models import User
from discussions.models import (
    Action,
    Decision,
    DecisionPayload,
    Definition,
    Month,
    Passage,
    PolicyVersion,
    Post,
    RecordHead,
    Revision,
    Target,
    Thread,
)
from discussions.models.decisions import ON_THREADS, RESTRICTIONS, REVERSALS, Duty, Origin
from discussions.models.targets import named
from essays.models import Essay, OriginalComment

from .statements import NOTHING_SAID, Statement
from .verifier import canonical, digest, faults_in

LINK = (
    *("number", "at", "action", "ground", "rule", "duty", "reference"),
    *("text_commitment", "names_commitment", "reason_commitment", "previous"),
)
# Left out where they have no value, so that entries made before they existed hold.
MORE = ("answers", "origin", "since", "until", "alone")


def reference_of(target: Target) -> str:
    """The target in words that say nothing of anybody."""
    if isinstance(target, Post):
        return f"{target.kind}/{target.public_id}"
    if isinstance(target, OriginalComment):
        return f"{target.kind}/{target.essay.slug}/{target.ref}"
    if isinstance(target, Thread):
        subject = target.subject
        if isinstance(subject, Essay):
            return f"thread/essay/{subject.slug}"
        if isinstance(subject, Passage):
            return f"thread/passage/{subject.public_id}"
        return f"thread/{reference_of(subject)}"
    if isinstance(target, User):
        return f"member/{target.pk}"
    if isinstance(target, PolicyVersion):
        return f"policy/{target.number}"
    return f"month/{target.first:%Y-%m}"


def enter(
    action: Action,
    by: User | None,
    target: Target,
    *,
    duty: Duty = Duty.MODERATE,
    said: Statement = NOTHING_SAID,
    revision: Revision | None = None,
    name_author: bool = True,
    origin: Origin = Origin.OWN,
    answers: Decision | None = None,
    since: datetime | None = None,
    alone: bool = False,
    proposer: User | None = None,
) -> Decision:
    """Adds an entry. Runs in the transaction of the act that it records.

    `by` is nobody where the clock acts, on a date that a person has set.
    """
    author: User | None = None
    judged: Any = None
    if isinstance(target, Post):
        author = target.author
        judged = revision and revision.content()
    elif isinstance(target, OriginalComment):
        judged = target.text_for_moderators()
    elif isinstance(target, User):
        author = target
    elif isinstance(target, PolicyVersion):
        judged = target.values
    elif isinstance(target, Month):
        judged = target.figures
    salts = [secrets.token_hex(16) for _i in range(3)]
    payload = DecisionPayload(
        by_name=by.name if by else "",
        author_name=author.name if author and name_author else "",
        proposer_name=proposer.name if proposer else "",
        names_salt=salts[1],
        facts=said.facts,
        reason=said.reason,
        marked=said.marked,
        reason_salt=salts[2],
        text_salt=salts[0],
    )
    head = RecordHead.objects.select_for_update().get()
    decision = Decision(
        number=head.number + 1,
        at=timezone.now(),
        action=action,
        ground=said.ground,
        rule=said.rule,
        duty=duty,
        by=by,
        **named(target),
        revision=revision,
        in_thread=_thread_of(target),
        reference=reference_of(target),
        answers=answers,
        origin=origin,
        since=since,
        until=said.until,
        alone=alone,
        text_commitment=digest(judged, salts[0]),
        names_commitment=digest(payload.names, salts[1]),
        reason_commitment=digest(payload.why, salts[2]),
        previous=head.digest,
    )
    decision.digest = digest(link_of(decision))
    decision.save(force_insert=True)
    payload.decision = decision
    payload.save(force_insert=True)
    head.number, head.digest = decision.number, decision.digest
    head.save()
    edition.turn()  # the journal is public
    return decision


def opened(post: Post) -> Decision:
    """Enters that a community manager has started a conversation, once readers see it."""
    revision = post.published_revision
    return enter(Action.OPEN, post.author, post, revision=revision, duty=Duty.ANIMATE)


def _thread_of(target: Target) -> Thread | None:
    if isinstance(target, Thread):
        return target
    return target.thread if isinstance(target, Post) else None


def exported() -> Iterator[dict[str, Any]]:
    """Every entry as anyone may download it, oldest first."""
    decisions = Decision.objects.select_related("payload").order_by("number")
    for decision in decisions.iterator(chunk_size=500):
        payload = decision.payload
        yield {
            **link_of(decision),
            "digest": decision.digest,
            "names": payload.names,
            "names_salt": payload.names_salt,
            "reason": payload.why,
            "reason_salt": payload.reason_salt,
        }


def lines() -> Iterator[bytes]:
    """The same, as the file that anyone can check with verifier.py."""
    for entry in exported():
        yield canonical(entry) + b"\n"


def link_of(decision: Decision) -> dict[str, Any]:
    """What its digest covers, as plain values."""
    more = {
        "answers": decision.answers_id,
        "origin": str(decision.origin),
        "since": _moment(decision.since),
        "until": _moment(decision.until),
        "alone": decision.alone,
    }
    return (
        {name: str(getattr(decision, name)) for name in LINK}
        | {"number": decision.number, "at": _moment(decision.at)}
        | {name: value for name, value in more.items() if value}
    )


def _moment(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""


def faults_in_database(noted: str = "") -> Iterator[str]:
    """What is wrong with this site's record: the chain, the judged texts, the states."""
    with transaction.atomic():
        yield from faults_in(lines(), noted)
        head = RecordHead.objects.get()
        last = Decision.objects.order_by("number").last()
        if (head.number, head.digest) != ((last.number, last.digest) if last else (0, "")):
            yield f"the record should end at entry {head.number}"
        yield from _faults_in_texts()
        yield from _faults_in_states()


def _faults_in_texts() -> Iterator[str]:
    decisions = Decision.objects.select_related(
        "payload", "revision", "original_comment__essay", "policy", "month"
    ).prefetch_related("revision__clauses")
    for decision in decisions.order_by("number").iterator(chunk_size=500):
        salt = decision.payload.text_salt
        if not salt:
            continue
        judged: Any = None
        if decision.revision:
            judged = decision.revision.content()
        elif decision.original_comment:
            judged = decision.original_comment.text_for_moderators()
        elif decision.policy:
            judged = decision.policy.values
        elif decision.month:
            judged = decision.month.figures
        if digest(judged, salt) != decision.text_commitment:
            yield f"entry {decision.number}: the text it judged has been changed"


def _faults_in_states() -> Iterator[str]:
    """What is hidden is hidden by the entry that the record says, and nothing else is."""
    posts: dict[int, int] = {}  # what the record hides: primary key → number of the entry
    comments: dict[int, int] = {}
    threads: dict[int, int] = {}
    undone: dict[int, int | None] = {}  # an entry → what had hidden its post before
    entries = Decision.objects.select_related("post", "revision", "answers__revision")
    for entry in entries.order_by("number").iterator(500):
        if entry.original_comment_id:
            _follow_entry(comments, entry.original_comment_id, entry, undone)
        elif entry.thread_id:
            _follow_entry(threads, entry.thread_id, entry, undone)
        elif entry.post and not refuses_an_edit(entry):
            _follow_entry(posts, entry.post.pk, entry, undone)
    # A comment takes along the definitions in it that nobody has hidden for their own sake.
    lying = Definition.objects.filter(source__original_comment__in=comments)
    for post_id, comment_id in lying.values_list("post", "source__original_comment"):
        posts.setdefault(post_id, comments[comment_id])
    for post in Post.objects.filter(Q(restriction__isnull=False) | Q(pk__in=posts)):
        if post.restriction_id != posts.get(post.pk):
            yield f"{reference_of(post)} is {post.state}, which is not what the record says"
    for comment in OriginalComment.objects.select_related("essay"):
        if comment.withheld_by != comments.get(comment.pk):
            yield f"{reference_of(comment)} is {comment.state}, which is not what the record says"
    for thread in Thread.objects.filter(Q(restriction__isnull=False) | Q(pk__in=threads)):
        if thread.restriction_id != threads.get(thread.pk):
            yield f"{reference_of(thread)} is not closed or slow as the record says"


def _follow_entry(
    held: dict[int, int], target: int, entry: Decision, undone: dict[int, int | None]
) -> None:
    """Keeps by which entry each target is hidden, closed or slowed, one entry further."""
    before = undone[entry.number] = held.get(target)
    if entry.action in (*RESTRICTIONS, Action.ERASE, *ON_THREADS):
        held[target] = entry.number
    elif entry.action in (Action.APPROVE, *REVERSALS):
        held.pop(target, None)
    elif entry.action == Action.UNDO and entry.answers:
        before = undone.get(entry.answers.number)
        if entry.answers.action == Action.APPROVE and shows_first(entry.answers):
            before = entry.number
        if before:
            held[target] = before
        else:
            held.pop(target, None)


def held_before(decision: Decision) -> Decision | None:
    """The entry that hid the post when that decision was taken."""
    held: dict[int, int] = {}
    undone: dict[int, int | None] = {}
    entries = Decision.objects.filter(post=decision.post, number__lt=decision.number)
    for entry in entries.select_related("post", "revision", "answers__revision").order_by("number"):
        if not refuses_an_edit(entry):
            _follow_entry(held, entry.post_id or 0, entry, undone)
    return Decision.objects.filter(number__in=held.values()).first()


def shows_first(approval: Decision) -> bool:
    """Whether readers first saw the text by this approval."""
    post, revision = approval.post, approval.revision
    return bool(post and revision and post.published_at == revision.published_at)


def refuses_an_edit(entry: Decision) -> bool:
    """Whether the entry refused a new version of a post whose earlier one stays in place."""
    published_at = entry.post.published_at if entry.post else None
    return entry.action == Action.REFUSE and published_at is not None and published_at < entry.at
