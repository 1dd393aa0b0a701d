"""All that the site keeps of a member, for that member.

A section is a name, a title and a function that gives its rows, each a plain dictionary.
To add one, write its function and add its line to SECTIONS; a key that is new needs its
words in LABELS.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmdebate.accounts.models import User
from discussions import access
from discussions.models import (
    Action,
    Amendment,
    Ballot,
    Candidacy,
    Complaint,
    Decision,
    Follow,
    Ground,
    Label,
    Notice,
    Post,
    Preferences,
    Reaction,
    Relation,
    Revision,
    Rhythm,
    Visit,
    Vote,
)
from discussions.policy import Reason

from .places import place_of

Row = dict[str, Any]


class Section(NamedTuple):
    name: str
    title: str | Promise
    rows: Callable[[User], Iterable[Row]]


def account(member: User) -> Iterable[Row]:
    yield {
        "name": member.name,
        "email": member.email,
        "role": member.role,
        "position": member.position,
        "language": member.language,
        "joined_at": member.joined_at,
        "last_login": member.last_login,
    }


def addresses(member: User) -> Iterable[Row]:
    yield from EmailAddress.objects.filter(user=member).values("email", "verified", "primary")


def second_factors(member: User) -> Iterable[Row]:
    """Their kinds and dates; the secrets themselves would open the account."""
    rows = Authenticator.objects.filter(user=member)
    yield from rows.values("type", "created_at", "last_used_at")


def sessions(member: User) -> Iterable[Row]:
    rows = UserSession.objects.filter(user=member)
    yield from rows.values("created_at", "last_seen_at", "ip", "user_agent")


def posts(member: User) -> Iterable[Row]:
    rows = (
        Post.objects.visible_to(member)
        .filter(author=member)
        .with_place()
        .select_related(
            "parent",
            "amendment__definition__definition__term",
            "thread__post__amendment__definition__definition__term",
        )
        .prefetch_related(
            "revisions__clauses", "revisions__related", "revisions__adopted", "revisions__base"
        )
        .order_by("pk")
    )
    for post in rows:
        yield {
            "id": post.public_id,
            "kind": post.kind,
            "state": post.state,
            "about": place_of(post),
            "address": post.get_absolute_url(),
            "answers": post.parent.public_id if post.parent else None,
            "created_at": post.created_at,
            "published_at": post.published_at,
            **_amendment(post),
            **_prompt(post),
            "versions": [
                _version(post, revision)
                for revision in sorted(post.revisions.all(), key=lambda each: each.number)
            ],
        }


def _amendment(post: Post) -> Row:
    """What it would change and what came of it, as far as everybody knows."""
    if post.kind != Post.Kind.AMENDMENT:
        return {}
    amendment = post.amendment
    return {
        "amends": amendment.definition.public_id,
        "outcome": amendment.outcome,
        "answered_at": amendment.answered_at,
    }


def _prompt(post: Post) -> Row:
    if post.kind != Post.Kind.PROMPT:
        return {}
    prompt = post.prompt
    return {
        "essay": prompt.essay.slug if prompt.essay else None,
        "pinned": prompt.pinned or None,
        "ended_at": prompt.ended_at,
    }


def _version(post: Post, revision: Revision) -> Row:
    return {
        "number": revision.number,
        "created_at": revision.created_at,
        "published_at": revision.published_at,
        "shown_now": post.state == Post.State.PUBLISHED
        and revision.pk == post.published_revision_id,
        "held_for": revision.held_for,
        "in_role": revision.in_role or None,
        "clauses": [
            {"polarity": clause.polarity, "text": clause.text} for clause in revision.clauses.all()
        ],
        "title": revision.title,
        "body": revision.body,
        "tags": revision.tags,
        "relation": revision.relation,
        "related": revision.related.public_id if revision.related else None,
        "adopted": revision.adopted.public_id if revision.adopted else None,
        "base": revision.base.number if revision.base else None,
    }


def votes(member: User) -> Iterable[Row]:
    for vote in Vote.objects.filter(voter=member).select_related("post").order_by("cast_at"):
        yield {
            "id": vote.post.public_id,
            "address": vote.post.get_absolute_url(),
            "useful": vote.useful,
            "cast_at": vote.cast_at,
        }


def views(member: User) -> Iterable[Row]:
    """What they thought of clauses, and when: all of it, of which the last word counts."""
    rows = Reaction.objects.filter(member=member).order_by("at")
    for reaction in rows.select_related("clause__revision__post", "swayed_by", "reason"):
        post = reaction.clause.revision.post
        yield {
            "id": post.public_id,
            "address": reverse("definitions:opinions", args=[post.public_id]),
            "clause": reaction.clause.text if access.may_read(member, post) else "",
            "stance": reaction.stance,
            "counts": reaction.is_current,
            "reason": reaction.reason.public_id if reaction.reason else None,
            "swayed_by": reaction.swayed_by.public_id if reaction.swayed_by else None,
            "cast_at": reaction.at,
        }


def labels(member: User) -> Iterable[Row]:
    rows = Label.objects.filter(member=member).order_by("at")
    for label in rows.select_related("clause__revision__post"):
        yield {
            "id": label.clause.revision.post.public_id,
            "lacks": label.kind,
            "cast_at": label.at,
        }


def candidacies(member: User) -> Iterable[Row]:
    rows = Candidacy.objects.filter(author=member).select_related("call__post", "definition__post")
    for row in rows.order_by("pk"):
        yield {
            "id": row.call.post.public_id,
            "address": row.call.get_absolute_url(),
            "definition": row.definition.post.public_id,
            "created_at": row.entered_at,
        }


def ballots(member: User) -> Iterable[Row]:
    rows = Ballot.objects.filter(member=member).select_related("call__post").order_by("pk")
    for ballot in rows.prefetch_related("approvals__revision__post"):
        yield {
            "id": ballot.call.post.public_id,
            "address": ballot.call.get_absolute_url(),
            "cast_at": ballot.cast_at,
            "approved": [
                {"id": each.revision.post.public_id, "version": each.revision.number}
                for each in ballot.approvals.all()
            ],
        }


def followed(member: User) -> Iterable[Row]:
    rows = (
        Follow.objects.filter(member=member)
        .order_by("pk")
        .select_related(
            *("thread__essay", "thread__original_comment__essay", "thread__passage__essay"),
            *(
                "thread__post__definition",
                "thread__post__call__term",
                "thread__post__prompt__term",
                "post__definition__term",
                "post__call__term",
                "post__prompt__term",
                "essay",
                "tag",
                "person",
                "term",
            ),
        )
    )
    for follow in rows:
        yield {"about": str(follow.subject), "since": follow.since}


def hearing(member: User) -> Iterable[Row]:
    for chosen in Preferences.objects.filter(member=member):
        yield {
            "rhythm": chosen.rhythm,
            "answers_by_mail": chosen.answers,
            "monthly_report_by_mail": chosen.monthly,
        }


def notices(member: User) -> Iterable[Row]:
    rows = Notice.objects.shown_to(member).select_related("post", "decision", "complaint")
    for notice in rows.order_by("pk"):
        yield {
            "kind": notice.kind,
            "id": notice.post.public_id if notice.post else None,
            "address": notice.get_absolute_url(),
            "created_at": notice.created_at,
            "read_at": notice.read_at,
        }


def visits(member: User) -> Iterable[Row]:
    """When they last had each thread before their eyes: what is new is told from that."""
    rows = (
        Visit.objects.filter(member=member)
        .order_by("pk")
        .select_related(
            *("thread__essay", "thread__original_comment__essay", "thread__passage__essay"),
            "thread__post__definition",
            "thread__post__call__term",
            "thread__post__prompt__term",
        )
    )
    for visit in rows:
        yield {"about": str(visit.thread), "last_seen_at": visit.seen_at}


def complaints(member: User) -> Iterable[Row]:
    """What they reported and appealed, and what came of it."""
    rows = Complaint.objects.filter(by=member).order_by("pk")
    for complaint in rows.select_related(
        "post", "original_comment__essay", "member", "thread", "answer"
    ):
        yield {
            "id": complaint.public_id,
            "kind": complaint.kind,
            "address": complaint.get_absolute_url(),
            "about": str(complaint.target),
            "entry": complaint.entry_id,
            "ground": complaint.ground,
            "rule": complaint.rule,
            "body": complaint.words,
            "created_at": complaint.created_at,
            "outcome": complaint.state,
            "answer": complaint.answer_id,
            "answered_at": complaint.answered_at,
            "weight": complaint.weight,
        }


def decisions_about(member: User) -> Iterable[Row]:
    """With the salts, which open what the record commits to."""
    rows = Decision.objects.filter(Q(post__author=member) | Q(member=member))
    for decision in rows.select_related("payload", "by", "revision").order_by("number"):
        yield _decision(decision) | {
            "version": decision.revision.number if decision.revision else None,
            "marked": decision.payload.marked,
            "text_salt": decision.payload.text_salt,
        }


def decisions_by(member: User) -> Iterable[Row]:
    rows = Decision.objects.filter(by=member).select_related("payload", "by").order_by("number")
    return map(_decision, rows)


def _decision(decision: Decision) -> Row:
    return {
        "number": decision.number,
        "at": decision.at,
        "act": decision.action,
        "about": decision.reference,
        "ground": decision.ground,
        "rule": decision.rule,
        "facts": decision.payload.facts,
        "reason": decision.payload.reason,
        "until": decision.until,
        "by": decision.by_shown,
    }


SECTIONS = (
    Section("account", _("Account"), account),
    Section("addresses", _("E-mail addresses"), addresses),
    Section("second_factors", _("Two-step sign-in"), second_factors),
    Section("sessions", _("Open sessions"), sessions),
    Section("posts", _("Your texts, with every version"), posts),
    Section("votes", _("Your votes"), votes),
    Section("views", _("What you think of clauses"), views),
    Section("labels", _("What you said that clauses lack"), labels),
    Section("candidacies", _("Definitions that you entered for calls"), candidacies),
    Section("ballots", _("Your ballots"), ballots),
    Section("followed", _("What you follow"), followed),
    Section("hearing", _("How you hear of it"), hearing),
    Section("notices", _("Your notices"), notices),
    Section("visits", _("Threads that you have read"), visits),
    Section("complaints", _("Your reports and appeals"), complaints),
    Section("decisions_about", _("Decisions on your texts and on you"), decisions_about),
    Section("decisions_by", _("Decisions that you took"), decisions_by),
)


def of(member: User) -> dict[str, Any]:
    """Everything, by section, ready for JSON."""
    taken = {"site": "cmdebate", "format": 1, "taken_at": timezone.now().astimezone(UTC)}
    return taken | {section.name: list(section.rows(member)) for section in SECTIONS}


def readable(member: User) -> list[Row]:
    """The same for a page: labels for keys, words for codes."""
    return [
        {"title": section.title, "rows": [_in_words(row) for row in section.rows(member)]}
        for section in SECTIONS
    ]


def _in_words(row: Row) -> list[Row]:
    """What a row holds, without what it leaves empty."""
    return [
        {"label": LABELS.get(key, key), "value": value} | _shape(value)
        for key, value in ((key, _value(key, value)) for key, value in row.items())
        if value not in (None, "", [])
    ]


def _value(key: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_in_words(each) if isinstance(each, dict) else _word(key, each) for each in value]
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _word(key, value) if isinstance(value, str) else value


def _word(key: str, code: str) -> str:
    return str(WORDS.get(key, {}).get(code, code))


def _shape(value: Any) -> dict[str, bool]:
    if not isinstance(value, list):
        return {"is_date": isinstance(value, datetime)}
    return {"is_list": True, "is_nested": isinstance(value[0], list) if value else False}


WORDS: dict[str, dict[str, Any]] = {
    "role": dict(User.Role.choices),
    "kind": dict(Post.Kind.choices) | dict(Notice.Kind.choices) | dict(Complaint.Kind.choices),
    "rhythm": dict(Rhythm.choices),
    "state": dict(Post.State.choices),
    "type": dict(Authenticator.Type.choices),
    "held_for": dict(Reason.choices),
    "act": dict(Action.choices),
    "ground": dict(Ground.choices),
    "stance": dict(Reaction.Stance.choices) | {"": pgettext_lazy("stance on a clause", "No view")},
    "lacks": dict(Label.Kind.choices),
    "position": dict(User.Position.choices),
    "outcome": dict(Amendment.Outcome.choices) | dict(Complaint.State.choices),
    "relation": dict(Relation.choices),
    "polarity": {
        "is": pgettext_lazy("clause", "is"),
        "is_not": pgettext_lazy("clause", "is not"),
    },
}

LABELS = {
    "name": _("name"),
    "email": _("e-mail address"),
    "role": _("role"),
    "language": _("language"),
    "position": _("position"),
    "clause": _("clause"),
    "stance": _("your view"),
    "counts": _("counts now"),
    "swayed_by": _("changed by the message"),
    "lacks": _("what it lacks"),
    "joined_at": _("joined"),
    "last_login": _("last signed in"),
    "verified": _("confirmed"),
    "primary": _("main address"),
    "type": _("kind"),
    "created_at": _("date"),
    "last_used_at": _("last used"),
    "last_seen_at": _("last seen"),
    "ip": _("network address"),
    "user_agent": _("browser"),
    "id": _("id"),
    "kind": _("kind"),
    "state": _("state"),
    "about": _("about"),
    "address": _("address"),
    "answers": _("in reply to"),
    "published_at": _("published"),
    "amends": _("definition that it would change"),
    "outcome": _("outcome"),
    "answered_at": _("answered"),
    "relation": _("what it does with another definition"),
    "related": _("which definition"),
    "adopted": _("after the amendment"),
    "base": _("written on version"),
    "versions": _("versions"),
    "number": _("number"),
    "shown_now": _("shown now"),
    "held_for": _("why it waited"),
    "in_role": _("in the name of the role"),
    "essay": _("about the essay"),
    "pinned": _("pinned"),
    "ended_at": _("ended"),
    "clauses": _("clauses"),
    "tags": _("tags"),
    "polarity": pgettext_lazy("clause", "is, or is not"),
    "text": _("text"),
    "title": _("question"),
    "body": _("text"),
    "definition": _("definition"),
    "approved": _("approved"),
    "at": _("date"),
    "act": _("act"),
    "ground": _("ground"),
    "rule": _("law"),
    "facts": _("facts"),
    "marked": _("words at fault"),
    "until": _("until"),
    "entry": _("entry of the record"),
    "answer": _("answered by entry"),
    "weight": _("weight, from 0 to 1"),
    "reason": _("reason"),
    "by": _("decided by"),
    "version": _("version"),
    "useful": _("useful"),
    "since": _("since"),
    "rhythm": _("rhythm"),
    "answers_by_mail": _("answers and mentions by mail"),
    "read_at": _("read"),
    "cast_at": _("date"),
    "text_salt": _("salt of the judged text"),
}
