"""What pages show of calls: by whom they are read, and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, Prefetch
from django.db.models.functions import Coalesce
from django.utils import timezone

from discussions import access, shown
from discussions.models import Approval, Ballot, Call, Candidacy, Clause, Post, Revision
from discussions.models.posts import Viewer
from essays.models import Term

from . import tally


@dataclass
class Candidate:
    """A definition on the page of a call that is not closed yet."""

    post: Post
    on_ballot: bool
    # The version that the person reading has approved, if they have.
    approved: Revision | None = None

    @property
    def ticket(self) -> str:
        """What a ballot calls the version shown."""
        return ticket(self.post, self.post.published_revision) if self.on_ballot else ""

    @property
    def has_changed(self) -> bool:
        """Whether the text is another one than that which they approved."""
        return self.approved is not None and self.approved != self.post.published_revision


@dataclass
class Entry:
    """A definition in the result of a call, in the text that was counted."""

    candidacy: Candidacy
    post: Post
    text: Revision | None  # as far as the person reading may read it
    ballots: int

    @property
    def is_counted(self) -> bool:
        return self.candidacy.approvals is not None

    @property
    def has_changed(self) -> bool:
        return self.candidacy.revision_id != self.post.published_revision_id

    @property
    def approvals(self) -> int:
        return self.candidacy.approvals or 0

    @property
    def dissent(self) -> int:
        return self.ballots - self.approvals

    @property
    def share(self) -> int:
        """Of the ballots, those that approve it, in hundredths."""
        return round(100 * self.approvals / self.ballots) if self.ballots else 0

    @property
    def dissent_share(self) -> int:
        return 100 - self.share if self.ballots else 0


@dataclass
class Result:
    """What came of a call."""

    call: Call
    entries: Sequence[Entry]

    @property
    def retained(self) -> Entry | None:
        found = (e for e in self.entries if e.candidacy.pk == self.call.retained_id)
        return next(found, None)

    @property
    def counted(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.is_counted]

    @property
    def uncounted(self) -> list[Entry]:
        return [entry for entry in self.entries if not entry.is_counted]

    @property
    def level(self) -> list[Entry]:
        """Those that got the most approvals."""
        first = tally.leading({e.candidacy.pk: e.approvals for e in self.counted})
        return [entry for entry in self.counted if entry.candidacy.pk in first]

    @property
    def next_best(self) -> Entry | None:
        """Of the others, the one that got the most; none where nobody approved any."""
        others = (e for e in self.counted if e != self.retained and e.approvals)
        return next(others, None)


def ticket(post: Post, revision: Revision | None) -> str:
    return f"{post.public_id}:{revision.number}" if revision else ""


def versions_on(tickets: Iterable[str]) -> list[Revision]:
    """The versions that a ballot names; what names none is passed over."""
    wanted = {
        (public_id, int(number))
        for public_id, _colon, number in (t[:40].replace("\0", "").partition(":") for t in tickets)
        if number.isascii() and number.isdecimal()
    }
    found = Revision.objects.filter(
        post__public_id__in={public_id for public_id, _number in wanted},
        number__in={number for _public_id, number in wanted if number < 1 << 31},
    ).select_related("post")
    return [each for each in found if (each.post.public_id, each.number) in wanted]


def candidates(
    call: Call, user: Viewer, chosen: Iterable[Revision] | None = None
) -> list[Candidate]:
    """What stands on the ballot, and the places of what has left it.

    `chosen` is a ballot that is not cast yet; without it, the one that was.
    """
    found = Post.objects.standing_for(user).filter(definition__candidacies__call=call)
    posts = shown.of(user, found.order_by(F("definition__number").asc(nulls_last=True), "pk"))
    if chosen is None:
        chosen = []
        if user.is_authenticated:
            given = Approval.objects.filter(ballot__call=call, ballot__member=user)
            chosen = [each.revision for each in given.select_related("revision")]
    approved = {revision.post_id: revision for revision in chosen}
    return [
        Candidate(post, post.state == Post.State.PUBLISHED, approved.get(post.pk)) for post in posts
    ]


def ballots_cast(call: Call) -> int:
    return Ballot.objects.filter(call=call, member__is_active=True).count()


def result(call: Call, user: Viewer) -> Result:
    """What was counted, the most approved first; then what was not."""
    clauses = Prefetch("revision__clauses", Clause.objects.with_passages())
    rows = list(
        call.candidacies.filter(revision__isnull=False)
        .select_related("revision__quotations", "definition")
        .prefetch_related(clauses)
        .order_by(Coalesce("approvals", -1).desc(), "definition__number")
    )
    return Result(call, _entries(call, rows, user))


def _entries(call: Call, rows: Sequence[Candidacy], user: Viewer) -> list[Entry]:
    posts = {post.pk: post for post in shown.read(user, [row.definition_id for row in rows])}
    entries = []
    for row in rows:
        post = posts[row.definition_id]
        text = row.revision if access.may_read(user, post) else None
        entries.append(Entry(row, post, text, call.ballots or 0))
    return entries


@dataclass
class Standing:
    """Where the debate on a term stands: what the home page says of its calls."""

    open_call: Post | None = None
    result: Result | None = None  # of the last call that retained a definition


def standing(term: Term | None, user: Viewer) -> Standing:
    if term is None:
        return Standing()
    calls = Call.objects.filter(term=term).standing()
    asked = Post.objects.visible_to(user).filter(
        call__in=calls.filter(closed_at=None, closes_at__gt=timezone.now())
    )
    asked = asked.filter(state=Post.State.PUBLISHED)
    last = (
        calls.filter(retained__isnull=False)
        .select_related("post", "minute__post")
        .order_by("-closed_at")
        .first()
    )
    return Standing(next(iter(shown.of(user, asked)), None), result(last, user) if last else None)


def retained_in(term: Term | None) -> set[int]:
    """The definitions of a term that a call has retained, by their keys."""
    calls = Call.objects.filter(term=term, retained__isnull=False).standing()
    return set(calls.values_list("retained__definition", flat=True))


def candidacies_of(definition: Post) -> list[Candidacy]:
    """The calls that a definition was entered for, the latest first: where it may stand, and
    where it stood at the end."""
    rows = Candidacy.objects.filter(definition=definition.pk)
    running = rows.filter(call__closed_at=None) | rows.filter(revision__isnull=False)
    return list(running.select_related("call__post").order_by("-call__opens_at"))
