"""Who may do which act, and what comes of it: the whole table, by both entrances.

ACTS: the acts, each on a target in the state that it is for. ROLES: who tries, of whom nothing
bars but their role. RECUSALS: why somebody who decides had better not, with and without
somebody else there.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.urls import reverse

from cmdebate.accounts.models import User
from discussions.calls.acts import Candidate
from discussions.models import Action, Decision, Letter, Post
from discussions.models.decisions import ON_MEMBERS, STATED
from discussions.moderation import record, recusal
from discussions.moderation.decisions import version_of
from discussions.moderation.recusal import Recusal
from essays.models import OriginalComment
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    FACTS,
    GROUND,
    REASON,
    UserFactory,
    act,
    amendment,
    call,
    candidate,
    client_of,
    complaint,
    definition,
    ended,
    in_state,
    person,
    published,
    reply,
    signed,
)
from tests.test_access import routes

pytestmark = pytest.mark.django_db


def appeal_of(entry: Decision) -> None:
    """By whom the decision is on."""
    complaint(entry, entry.member or (entry.post.author if entry.post else None))


def reported(target: Any) -> Any:
    complaint(target, UserFactory.create())
    return target


def sanctioned() -> User:
    member = UserFactory.create()
    act("silence", member)
    return member


# act, kind of target: the target; whether its author, or the member, hears of it by mail.
ACTS: dict[tuple[str, str], tuple[Callable[[], Any], bool]] = {
    ("approve", "post"): (lambda: in_state("pending"), True),
    ("refuse", "post"): (lambda: in_state("pending"), True),
    ("rewrite", "post"): (lambda: in_state("pending"), True),
    ("hide", "post"): (lambda: in_state("published"), True),
    ("restore", "post"): (lambda: in_state("hidden"), True),
    ("keep", "post"): (lambda: reported(in_state("published")), True),
    ("erase", "post"): (lambda: in_state("hidden"), True),
    ("hide", "comment"): (lambda: OriginalCommentFactory.create(), False),
    ("restore", "comment"): (lambda: hidden_comment(), False),
    ("keep", "comment"): (lambda: reported(OriginalCommentFactory.create()), False),
    ("warn", "member"): (lambda: UserFactory.create(), True),
    ("silence", "member"): (lambda: UserFactory.create(), True),
    ("exclude", "member"): (lambda: UserFactory.create(), True),
    ("lift", "member"): (sanctioned, True),
}
# What the admin shows of each kind, and to whom: members are the owner's there.
AT_ADMIN = {"post": User.DECIDING, "comment": User.DECIDING, "member": (User.Role.OWNER,)}
ROLES = {
    "visitor": False,
    "member": False,
    "author": False,
    "trainee": False,
    "community_manager": True,
    "owner": True,
    "inactive": False,
}


def hidden_comment() -> OriginalComment:
    comment = OriginalCommentFactory.create()
    act("hide", comment)
    return comment


def somebody(role: str, target: Any) -> Any:
    if role == "author":
        return getattr(target, "author", None) if isinstance(target, Post) else target
    if role == "inactive":
        return UserFactory.create(owner=True, is_active=False)
    return person(role)


def exists(name: str) -> bool:
    return any(name == found for found, _pattern in routes())


def at_desk(by: Any, action: str, target: Any, **said: Any) -> Any:
    name = f"moderation:{kind_of(target)}"
    keys = {
        "post": lambda: [target.public_id],
        "comment": lambda: [target.essay.slug, target.ref],
        "member": lambda: [target.name],
    }[kind_of(target)]()
    data = form(action) | {"action": action, "seen": version_of(target)} | said
    return client_of(by).post(reverse(name, args=keys), data)


def at_admin(by: Any, action: str, target: Any, **said: Any) -> Any:
    name = f"admin:{target._meta.app_label}_{target._meta.model_name}_changelist"
    data = form(action) | said | {"action": action, "confirmed": "1"}
    data |= {ACTION_CHECKBOX_NAME: target.pk, f"seen-{target.pk}": version_of(target)}
    return client_of(by).post(reverse(name), data)


def form(action: str) -> dict[str, Any]:
    said = {"ground": GROUND, "facts": FACTS} if action in STATED else {}
    return said | {"reason": REASON, "days": "7" if action == "silence" else ""}


def kind_of(target: Any) -> str:
    kinds = {Post: "post", OriginalComment: "comment", User: "member"}
    return kinds[type(target)]


ENTRANCES = {"desk": at_desk, "admin": at_admin}
# The kinds that each entrance leads to.
LEADS_TO = {
    "desk": {kind for kind in AT_ADMIN if exists(f"moderation:{kind}")},
    "admin": set(AT_ADMIN),
}
WAYS = [(act, kind, way) for act, kind in ACTS for way in ENTRANCES if kind in LEADS_TO[way]]
STATED_WAYS = [each for each in WAYS if each[0] in STATED]


class Before:
    """What there was, so that what has come is known."""

    def __init__(self, target: Any) -> None:
        target.refresh_from_db()
        self.target = target
        self.version = version_of(target)
        self.number = Decision.objects.count()
        self.letters = set(Letter.objects.values_list("pk", flat=True))

    @property
    def entries(self) -> list[Decision]:
        return list(Decision.objects.filter(number__gt=self.number))

    def mail(self) -> list[tuple[str, int]]:
        rows = Letter.objects.exclude(pk__in=self.letters).order_by("pk")
        return list(rows.values_list("kind", "recipient"))

    def nothing_came(self) -> bool:
        self.target.refresh_from_db()
        return version_of(self.target) == self.version and not self.entries and self.mail() == []


def heard(target: Any, entry: Decision, told: bool) -> list[tuple[str, int]]:
    """The letters that the act owes: to who complained, and to whom it concerns."""
    asked = [("outcome", each.by_id) for each in entry.complaints_met.all()]
    person = target.author if isinstance(target, Post) else target
    return asked + ([("decision", person.pk)] if told else [])


class undone:
    """All that is done inside is undone at its end, so that a scene serves again."""

    def __enter__(self) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()

    def __exit__(self, kind: Any, *error: Any) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)


@pytest.mark.parametrize("action, kind, entrance", WAYS)
def test_act_by_each_role(action, kind, entrance):
    make, told = ACTS[action, kind]
    target = make()
    found = {}
    for role, decides in ROLES.items():
        if role == "author" and kind == "comment":
            continue  # by nobody who is here
        with undone():
            by = somebody(role, target)
            before = Before(target)
            ENTRANCES[entrance](by, action, target)
            offered = entrance == "desk" or (decides and by.role in AT_ADMIN[kind])
            if decides and offered:
                (entry,) = before.entries
                assert (entry.action, entry.by, entry.target, entry.alone) == (
                    action,
                    by,
                    target,
                    False,
                )
                assert entry.ground == (GROUND if action in STATED else "")
                assert entry.payload.reason == REASON
                assert before.mail() == heard(target, entry, told)
                assert list(record.faults_in_database()) == []
                found[role] = True
            else:
                assert before.nothing_came()
                found[role] = False
    expected = {
        role: decides and (entrance == "desk" or role in AT_ADMIN[kind])
        for role, decides in ROLES.items()
        if role in found
    }
    assert found == expected


@pytest.mark.parametrize("action, kind, entrance", STATED_WAYS)
def test_against_spam_leaves_an_entry_and_no_letter(action, kind, entrance):
    target = ACTS[action, kind][0]()
    by, before = person("owner"), Before(target)
    ENTRANCES[entrance](by, action, target, ground="spam")
    (entry,) = before.entries
    told = kind != "comment" and action in (
        "rewrite",
        "warn",
    )  # without a word they would say nothing
    assert (entry.ground, before.mail()) == ("spam", heard(target, entry, told))


@pytest.mark.parametrize("missing", ["ground", "facts", "reason"])
@pytest.mark.parametrize("action, kind, entrance", STATED_WAYS)
def test_that_owes_a_statement_is_refused_without(action, kind, missing, entrance):
    target = ACTS[action, kind][0]()
    by, before = person("owner"), Before(target)
    answer = ENTRANCES[entrance](by, action, target, **{missing: ""})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [missing])
    assert before.nothing_came()


# Why somebody who decides had better not: what they have done, and what is decided on.


def own(by: User) -> Post:
    return reply(author=by)


def exchange(by: User) -> Post:
    post = published(reply())
    published(reply(post, by))
    return post


def exchange_above(by: User) -> Post:
    return published(reply(reply(author=by)))


def exchange_under_own_definition(by: User) -> Post:
    return published(reply(definition(by)))


def exchange_on_definition(by: User) -> Post:
    post = published(definition())
    reply(post, by)
    return post


def exchange_under_comment(by: User) -> OriginalComment:
    comment = OriginalCommentFactory.create()
    reply(comment, by)
    return comment


def amended(by: User) -> Post:
    return published(amendment(definition(by)))


def decided(by: User) -> Post:
    post = published(reply())
    appeal_of(act("hide", post, by))
    return post


def decided_on_member(by: User) -> User:
    member = UserFactory.create()
    appeal_of(act("warn", member, by))
    return member


def looked_at_again(by: User) -> Post:
    post = published(reply())
    complaint(act("hide", post, by), UserFactory.create())
    return post


def complained(by: User) -> Post:
    post = published(reply())
    complaint(post, by)
    return post


def complained_of_comment(by: User) -> OriginalComment:
    comment = OriginalCommentFactory.create()
    complaint(comment, by)
    return comment


def contradicts(by: User) -> Post:
    return published(definition(relation="contradicts", related=definition(by)))


def contradicted(by: User) -> Post:
    post = published(definition())
    definition(by, relation="contradicts", related=post)
    return post


def candidate_in_call(by: User) -> Post:
    opened = call(person("owner"))
    candidate(opened, author=by)
    return opened.post


RECUSALS: dict[Callable[[User], Any], tuple[str, str]] = {
    own: ("hide", Recusal.OWN),
    exchange: ("hide", Recusal.EXCHANGE),
    exchange_above: ("hide", Recusal.EXCHANGE),
    exchange_under_own_definition: ("hide", Recusal.EXCHANGE),
    exchange_on_definition: ("hide", Recusal.EXCHANGE),
    exchange_under_comment: ("hide", Recusal.EXCHANGE),
    amended: ("hide", Recusal.EXCHANGE),
    decided: ("restore", Recusal.DECIDED),
    decided_on_member: ("lift", Recusal.DECIDED),
    looked_at_again: ("keep", Recusal.DECIDED),
    complained: ("hide", Recusal.COMPLAINT),
    complained_of_comment: ("keep", Recusal.COMPLAINT),
    contradicts: ("hide", Recusal.RIVAL),
    contradicted: ("rewrite", Recusal.RIVAL),
    candidate_in_call: ("hide", Recusal.EXCHANGE),
}


@pytest.mark.parametrize("entrance", ENTRANCES)
@pytest.mark.parametrize("scene", RECUSALS, ids=lambda scene: scene.__name__)
def test_recused(scene, entrance, term):
    """Refused while somebody else is there; else possible, and the entry says so."""
    action, why = RECUSALS[scene]
    by = UserFactory.create(owner=True)
    target = scene(by)
    if kind_of(target) not in LEADS_TO[entrance]:
        return
    # Whoever helped to make the scene is gone.
    User.objects.filter(role__in=User.DECIDING).exclude(pk=by.pk).update(is_active=False)
    with undone():
        other = UserFactory.create(community_manager=True)
        assert (recusal.bars(by, target, action), recusal.bars(other, target, action)) == (
            why,
            None,
        )
        before = Before(target)
        ENTRANCES[entrance](by, action, target)
        assert before.nothing_came()
        if kind_of(target) != "member" or entrance == "desk":
            ENTRANCES[entrance](other, action, target)
            assert [(entry.by, entry.alone) for entry in before.entries] == [(other, False)]
    with undone():
        UserFactory.create(role="trainee")  # who decides nothing
        before = Before(target)
        ENTRANCES[entrance](by, action, target)
        assert [(entry.by, entry.alone) for entry in before.entries] == [(by, True)]
        assert list(record.faults_in_database()) == []


def test_rival_may_be_approved_and_left():
    by = UserFactory.create(owner=True)
    UserFactory.create(community_manager=True)
    target = contradicts(by)
    assert [a for a in Action.values if recusal.bars(by, target, a)] == [
        a for a in Action.values if a in STATED
    ]


@pytest.mark.parametrize("make", [OriginalCommentFactory.create, lambda: in_state("published")])
@pytest.mark.parametrize("action", ON_MEMBERS)
def test_sanction_is_of_members_alone(make, action):
    target = make()
    before = Before(target)
    for way in ENTRANCES.values():
        way(person("owner"), action, target)
    assert before.nothing_came()


@pytest.mark.parametrize("role", ["trainee", "community_manager", "owner"])
@pytest.mark.parametrize("action", ON_MEMBERS)
def test_nobody_at_the_desk_is_sanctioned(role, action):
    target = person(role)
    before = Before(target)
    for name, way in ENTRANCES.items():
        if "member" in LEADS_TO[name]:
            way(person("owner"), action, target)
    assert before.nothing_came()


class TestMinute:
    @pytest.fixture
    def scene(self, term):
        by = UserFactory.create(owner=True)
        opened = call(by)
        candidate(opened, author=by)
        User.objects.exclude(pk=by.pk).filter(role__in=User.DECIDING).update(is_active=False)
        return by, ended(opened)

    def test_is_not_signed_by_a_candidate(self, scene):
        by, over = scene
        other = UserFactory.create(community_manager=True)
        with pytest.raises(Candidate):
            signed(over, by)
        over.refresh_from_db()
        assert over.minute is None
        assert not Decision.objects.get(post=signed(over, other)).alone

    def test_is_signed_by_a_candidate_where_nobody_else_is_there(self, scene):
        by, over = scene
        assert Decision.objects.get(post=signed(over, by)).alone
