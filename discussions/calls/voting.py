"""What members do in a call: enter a definition, take it back, vote.

Each verb locks the call, as the one that closes it does: nothing is taken after it has ended.
"""

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmdebate import edition
from cmdebate.accounts.models import User
from discussions.following import follows
from discussions.models import Approval, Ballot, Call, Candidacy, Post, Revision
from discussions.models.posts import PostQuerySet
from discussions.refusals import PostingRefused
from discussions.sanctions import here

STANDING = (Post.State.PENDING, Post.State.PUBLISHED)


class NotOpen(PostingRefused):
    message = _(
        "This call takes no candidates and no ballots now: it has not begun, or it has ended."
    )


class CannotStand(PostingRefused):
    message = _("Only a definition of your own, of the same term, can be entered.")


def definitions_of(author: User, call: Call) -> PostQuerySet:
    """What an author can enter from the page of the call."""
    own = Post.objects.visible_to(author).definitions().filter(author=author)
    return own.filter(state=Post.State.PUBLISHED, definition__term=call.term).order_by(
        "-definition__number"
    )


def on_ballot(call: Call) -> QuerySet[Candidacy]:
    """The candidates that everybody may read: one that is hidden or withdrawn is none."""
    public = Post.objects.visible_to(AnonymousUser())
    return call.candidacies.filter(definition__post__in=public)


def enter(author: User, call: Call, post: Post) -> None:
    """Makes a definition its author’s candidate, in the place of any other of theirs.

    One that waits is on the ballot once it is published.
    """
    with transaction.atomic():
        call = _open(author, call)
        post = Post.objects.select_related("definition").get(pk=post.pk)
        if (
            post.kind != Post.Kind.DEFINITION
            or post.author_id != author.pk
            or post.state not in STANDING
            or post.definition.term_id != call.term_id
        ):
            raise CannotStand
        if call.candidacies.filter(definition=post.definition).exists():
            return
        _take_back(author, call)
        Candidacy.objects.create(call=call, definition=post.definition, author=author)
        follows.follow(author, call.post)
        if post.was_public:
            edition.turn()


def take_back(author: User, call: Call) -> None:
    """Takes an author’s candidate off the ballot, and off the ballots that approve it."""
    with transaction.atomic():
        _take_back(author, _open(author, call))


def _take_back(author: User, call: Call) -> None:
    for candidacy in call.candidacies.filter(author=author).select_related("definition__post"):
        Approval.objects.filter(candidacy=candidacy).delete()
        candidacy.delete()
        if candidacy.definition.post.was_public:
            edition.turn()


def vote(voter: User, call: Call, approved: Iterable[Revision]) -> Ballot:
    """Casts a member’s ballot, or changes it: they approve these versions and nothing else.

    What is not on the ballot, or was never shown, is passed over.
    """
    with transaction.atomic():
        call = _open(voter, call)
        ballot, is_new = Ballot.objects.update_or_create(
            call=call, member=voter, defaults={"cast_at": timezone.now()}
        )
        candidates = {each.definition_id: each for each in on_ballot(call)}
        chosen = {
            revision.post_id: revision
            for revision in approved
            if revision.published_at and revision.post_id in candidates
        }
        ballot.approvals.all().delete()
        Approval.objects.bulk_create(
            Approval(ballot=ballot, candidacy=candidates[post], revision=revision)
            for post, revision in chosen.items()
        )
        if is_new:
            edition.turn()  # the number of ballots is public
        return ballot


def _open(member: User, call: Call) -> Call:
    """The call, locked, if it is open to this member."""
    here(member, writing=False)
    call = Call.objects.select_for_update(of=("self",)).select_related("post").get(pk=call.pk)
    if not call.is_open(timezone.now()):
        raise NotOpen
    return call
