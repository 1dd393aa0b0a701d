"""The chain of decisions: adding to it, giving it out, recomputing it.

An entry's digest is the SHA-256 of the canonical JSON of what stands in `LINK`, the digest
of the entry before it included. The judged text, the names and the reason enter it as
commitments: SHA-256 of a salt and the canonical JSON of the value.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from cmdebate import edition
from cmdebate.accounts.models import User
from discussions.models import (
    Action,
    Decision,
    DecisionPayload,
    Definition,
    Ground,
    Post,
    RecordHead,
    Revision,
)
from discussions.models.decisions import DECISIONS, Duty
from essays.models import OriginalComment

Target = Post | OriginalComment

LINK = (
    *("number", "at", "action", "ground", "rule", "duty", "reference"),
    *("text_commitment", "names_commitment", "reason_commitment", "previous"),
)


def canonical(value: Any) -> bytes:
    """The one JSON of a value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def commitment(salt: str, value: Any) -> str:
    return hashlib.sha256(salt.encode() + canonical(value)).hexdigest()


def digest(link: dict[str, Any]) -> str:
    return hashlib.sha256(canonical({name: link[name] for name in LINK})).hexdigest()


def reference_of(target: Target) -> str:
    if isinstance(target, Post):
        return f"{target.kind}/{target.public_id}"
    return f"{target.kind}/{target.essay.slug}/{target.ref}"


def enter(
    action: Action,
    by: User | None,
    target: Target,
    *,
    duty: Duty = Duty.MODERATE,
    ground: Ground | str = "",
    reason: str = "",
    revision: Revision | None = None,
    name_author: bool = True,
) -> Decision:
    """Adds an entry. Runs in the transaction of the act that it records.

    `by` is nobody where the clock acts, on a date that a person has set.
    """
    post = target if isinstance(target, Post) else None
    comment = target if isinstance(target, OriginalComment) else None
    judged: Any = revision.content() if revision else comment and comment.text_for_moderators()
    author = post.author.name if post and post.author and name_author else ""
    by_name = by.name if by else ""
    salts = [secrets.token_hex(16) for _i in range(3)]

    head = RecordHead.objects.select_for_update().get()
    link: dict[str, Any] = {
        "number": head.number + 1,
        "at": timezone.now().isoformat(),
        "action": str(action),
        "ground": str(ground),
        "rule": "",
        "duty": str(duty),
        "reference": reference_of(target),
        "text_commitment": commitment(salts[0], judged),
        "names_commitment": commitment(salts[1], [by_name, author]),
        "reason_commitment": commitment(salts[2], reason),
        "previous": head.digest,
    }
    decision = Decision.objects.create(
        **link | {"at": parse_datetime(link["at"])},
        digest=digest(link),
        by=by,
        post=post,
        original_comment=comment,
        revision=revision,
    )
    DecisionPayload.objects.create(
        decision=decision,
        by_name=by_name,
        author_name=author,
        names_salt=salts[1],
        reason=reason,
        reason_salt=salts[2],
        text_salt=salts[0],
    )
    head.number, head.digest = decision.number, decision.digest
    head.save()
    edition.turn()  # the journal is public
    return decision


def exported() -> Iterator[dict[str, Any]]:
    """Every entry as anyone may download it, oldest first."""
    decisions = Decision.objects.select_related("payload").order_by("number")
    for decision in decisions.iterator(chunk_size=500):
        payload = decision.payload
        yield {
            **link_of(decision),
            "digest": decision.digest,
            "names": [payload.by_name, payload.author_name],
            "names_salt": payload.names_salt,
            "reason": payload.reason,
            "reason_salt": payload.reason_salt,
        }


def link_of(decision: Decision) -> dict[str, Any]:
    return {name: getattr(decision, name) for name in LINK} | {
        "at": decision.at.astimezone(UTC).isoformat()
    }


def faults_in(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    """What is wrong with a chain, entry by entry; nothing when it holds."""
    number, previous = 0, ""
    for entry in entries:
        found = entry.get("number")
        if found != number + 1:
            yield f"entry {number + 1}: missing, or out of order (found {found!r})"
        number = found if isinstance(found, int) else number + 1
        try:
            if entry["previous"] != previous:
                yield f"entry {number}: does not follow the entry before it"
            if digest(entry) != entry["digest"]:
                yield f"entry {number}: does not match its digest"
            for value, salt, committed in (
                ("names", "names_salt", "names_commitment"),
                ("reason", "reason_salt", "reason_commitment"),
            ):
                emptied = entry[salt] == "" and not any(entry[value])
                if not emptied and commitment(entry[salt], entry[value]) != entry[committed]:
                    yield f"entry {number}: its {value} is not the one committed to"
            previous = entry["digest"]
        except KeyError as missing:
            yield f"entry {number}: has no {missing.args[0]}"
        except (AttributeError, TypeError, ValueError):
            yield f"entry {number}: holds a value that no entry has"


def faults_in_database() -> Iterator[str]:
    """What is wrong with this site's record: the chain, the judged texts, the states."""
    with transaction.atomic():
        yield from faults_in(exported())
        head = RecordHead.objects.get()
        last = Decision.objects.order_by("number").last()
        if (head.number, head.digest) != ((last.number, last.digest) if last else (0, "")):
            yield f"the record should end at entry {head.number}"
        yield from _faults_in_texts()
        yield from _faults_in_states()


def _faults_in_texts() -> Iterator[str]:
    decisions = Decision.objects.select_related(
        "payload", "revision", "original_comment__essay"
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
        if commitment(salt, judged) != decision.text_commitment:
            yield f"entry {decision.number}: the text it judged has been changed"


def _faults_in_states() -> Iterator[str]:
    """What is hidden is hidden by the entry that the record says, and nothing else is."""
    posts: dict[int, int] = {}  # what the record hides: primary key → number of the entry
    comments: dict[int, int] = {}
    for entry in Decision.objects.select_related("post").order_by("number").iterator(500):
        if entry.original_comment_id:
            comments.pop(entry.original_comment_id, None)
            if entry.action == Action.HIDE:
                comments[entry.original_comment_id] = entry.number
        elif entry.post and entry.action in DECISIONS and not refuses_an_edit(entry):
            posts.pop(entry.post.pk, None)
            if entry.is_restriction:
                posts[entry.post.pk] = entry.number
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


def refuses_an_edit(entry: Decision) -> bool:
    """Whether the entry refused a new version of a post whose earlier one stays in place."""
    published_at = entry.post.published_at if entry.post else None
    return entry.action == Action.REFUSE and published_at is not None and published_at < entry.at
