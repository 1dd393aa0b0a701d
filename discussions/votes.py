"""Votes on replies, and the ranks that branches get from them.

Votes say something of a text, never of its author: no figure is kept by member.
"""

from math import sqrt

from django.db import transaction

from cmdebate import edition
from cmdebate.accounts.models import User

from . import access
from .models import Post, Vote
from .refusals import PostingRefused
from .sanctions import here
from .threads import sort_key

_FULL = 2**31 - 1  # the highest rank
_Z = 1.959964  # 95 % sure


class VoteRefused(PostingRefused):
    """One's own text, or one that nobody can vote on now."""


def cast(voter: User, post: Post, useful: bool) -> Post:
    """Sets the voter's word on a reply; the same word again takes it back."""
    with transaction.atomic():
        here(voter, writing=False)
        post = Post.objects.select_for_update().get(pk=post.pk)
        if not access.may_vote(voter, post):
            raise VoteRefused
        vote = Vote.objects.filter(post=post, voter=voter).first()
        if vote:
            _count(post, vote.useful, -1)
        if vote and vote.useful == useful:
            vote.delete()
        else:
            Vote.objects.update_or_create(post=post, voter=voter, defaults={"useful": useful})
            _count(post, useful, 1)
        if post.depth == 0:
            post.by_score = sort_key(score(post.useful, post.not_useful), post.pk)
            post.by_contest = sort_key(contest(post.useful, post.not_useful), post.pk)
        post.save(update_fields=["useful", "not_useful", "by_score", "by_contest"])
        edition.turn()
        return post


def _count(post: Post, useful: bool, by: int) -> None:
    if useful:
        post.useful += by
    else:
        post.not_useful += by


def score(useful: int, not_useful: int) -> int:
    """The rank of a branch by use: the lower bound of Wilson's interval for the share of
    readers who would find it useful, so that few votes weigh little."""
    n = useful + not_useful
    if not n:
        return 0
    share = useful / n
    margin = _Z * sqrt((share * (1 - share) + _Z * _Z / (4 * n)) / n)
    lower = (share + _Z * _Z / (2 * n) - margin) / (1 + _Z * _Z / n)
    return int(lower * _FULL)


def contest(useful: int, not_useful: int) -> int:
    """The rank of a branch by dispute: many votes, evenly split, come first."""
    if not useful or not not_useful:
        return 0
    balance = min(useful, not_useful) / max(useful, not_useful)
    return int((useful + not_useful) * balance * 1000)
