"""Leaving, with one's texts or without: what goes, what stays, what can still be checked."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import translation

from cmdebate.accounts.models import FormerName, User, validate_name
from discussions import posting
from discussions.leaving import LastOwner, leave
from discussions.models import Decision, Post, Revision, Thread
from discussions.moderation import record
from discussions.moderation.decisions import NothingToDo
from essays.models import Term
from tests.essays.factories import EssayFactory, OriginalCommentFactory
from tests.factories import (
    REASON,
    STATES,
    UserFactory,
    act,
    client_of,
    definition,
    edit,
    in_state,
    person,
    published,
    reply,
)

from .test_leaks import found, walk

pytestmark = pytest.mark.django_db

WAYS = pytest.mark.parametrize("erase", [False, True], ids=["keeping", "erasing"])
NAME, EMAIL = "Élodie-Ninon", "ninon@example.org"


class Scene:
    """Somebody who wrote a text of each kind in each state, and whom others answered."""

    def __init__(self, settings):
        settings.POST_LIMITS = []
        Term.objects.create(slug="mot", headword="mot", position=1)
        self.member = UserFactory.create(name=NAME, email=EMAIL)
        EmailAddress.objects.create(user=self.member, email=EMAIL, primary=True, verified=True)
        self.essay = EssayFactory.create(slug="un-essai")
        self.comment = OriginalCommentFactory.create(essay=self.essay)
        # All sent at first, and two new versions before a third text is published: all wait.
        self.texts: dict[tuple[str, str], Post] = {}
        for state in ("edited", *(state for state in STATES if state != "edited")):
            self.texts[state, "reply"] = reply(self.essay, self.member, f"mot-{state}-reply")
            clause = ("is", f"mot-{state}-definition")
            self.texts[state, "definition"] = definition(self.member, clause, body=clause[1])
            if state != "edited":
                comment = reply(self.comment, self.member, f"mot-{state}-comment")
                self.texts[state, "comment"] = comment
        for (state, kind), post in self.texts.items():
            self.texts[state, kind] = in_state(state, post, new_text=f"mot-draft-{kind}")
        self.moderator = UserFactory.create(name="Agathe", community_manager=True)
        self.answer = published(reply(self.texts["published", "reply"], person("member")))

    def leave(self, *, erase):
        leave(self.member, erase=erase)
        self.member.refresh_from_db()
        for post in self.texts.values():
            post.refresh_from_db()

    def words(self, *states):
        return {f"mot-{state}-{kind}" for state, kind in self.texts if state in states}

    def drafts(self):
        return {"mot-draft-reply", "mot-draft-definition"}

    def addresses(self):
        yield from map(reverse, ("home", "essays:list", "definitions:list", "record"))
        yield from map(reverse, ("record_export", "feeds:definitions", "feeds:record"))
        yield self.essay.get_absolute_url()
        yield reverse("feeds:essay", args=[self.essay.slug])
        yield reverse("essays:comment", args=[self.essay.slug, self.comment.ref])
        yield reverse("moderation:desk") + "?liste=masques"
        yield from map(reverse, ("moderation:desk", "admin:index"))
        for post in [*self.texts.values(), self.answer]:
            for name in ("post", "post_reply", "moderation:post"):
                yield reverse(name, args=[post.public_id])
            if post.kind == "definition":
                yield reverse("definitions:detail", args=[post.public_id])
                yield reverse("definitions:history", args=[post.public_id])
            yield reverse("admin:discussions_post_change", args=[post.pk])
        for model in ("discussions_post", "discussions_decision", "accounts_user"):
            yield reverse(f"admin:{model}_changelist")
        for model in ("account_emailaddress", "usersessions_usersession", "mfa_authenticator"):
            yield reverse(f"admin:{model}_changelist")
        yield reverse("admin:accounts_user_change", args=[self.member.pk])
        yield reverse("admin:accounts_user_history", args=[self.member.pk])
        for entry in Decision.objects.all():
            yield reverse("admin:discussions_decision_change", args=[entry.pk])


@pytest.fixture
def scene(settings):
    return Scene(settings)


def faults():
    return list(record.faults_in_database())


def in_admin_log(scene, instance):
    LogEntry.objects.create(
        user=scene.moderator,
        content_type=ContentType.objects.get_for_model(instance),
        object_id=str(instance.pk),
        object_repr=str(instance),
        action_flag=CHANGE,
        change_message="[]",
    )


@pytest.mark.parametrize("role", ["visitor", "member", "owner"])
@WAYS
def test_no_page_names_who_has_left_nor_shows_what_they_took(scene, erase, role):
    in_admin_log(scene, scene.member)
    in_admin_log(scene, EmailAddress.objects.get())
    reader = client_of(person(role))
    gone = {NAME, EMAIL} | scene.drafts() | scene.words("pending", "refused", "withdrawn")
    gone |= scene.words("dropped") | (scene.words(*STATES) if erase else set())
    before = walk(client_of(person("owner")), scene.addresses())
    assert found(before, gone) == gone  # the walk is long enough to find them

    scene.leave(erase=erase)
    after = walk(reader, scene.addresses())
    assert found(after, gone) == set()
    kept = scene.words("published", "edited") - gone
    assert found(after, kept) == kept
    assert found(after, {"former member"}) == {"former member"}
    assert NAME not in json.dumps(list(record.exported()), ensure_ascii=False)


@WAYS
def test_record_still_holds(scene, erase):
    assert faults() == []
    before = list(Decision.objects.values())
    scene.leave(erase=erase)
    assert faults() == []
    assert list(Decision.objects.values()) == before
    call_command("verify_record")
    act("restore", act("hide", scene.answer).post)
    assert faults() == []


@WAYS
def test_entries_still_say_who_decided_and_why(scene, erase):
    hidden = scene.texts["hidden", "reply"]
    by = hidden.restriction.by.name
    scene.leave(erase=erase)
    page = client_of(person("visitor")).get(reverse("record")).text
    assert by in page and REASON in page
    page = client_of(person("visitor")).get(hidden.thread.get_absolute_url()).text
    assert f"Decided by {by}" in page


@pytest.mark.parametrize("kind", ["reply", "definition"])
def test_keeping_leaves_what_readers_read(scene, kind):
    scene.leave(erase=False)
    states = {state: scene.texts[state, kind].state for state in STATES}
    assert states == {
        "pending": "withdrawn",
        "published": "published",
        "edited": "published",
        "hidden": "hidden",
        "refused": "hidden",
        "withdrawn": "withdrawn",
        "dropped": "withdrawn",
    }
    assert scene.texts["edited", kind].pending_revision is None
    assert not Post.objects.waiting().exists()


@pytest.mark.parametrize("kind", ["reply", "definition"])
def test_erasing_leaves_places(scene, kind):
    scene.leave(erase=True)
    for state in ("published", "edited", "withdrawn"):
        post = scene.texts[state, kind]
        assert post.state == "withdrawn"
        page = client_of(person("visitor")).get(post.get_absolute_url(), follow=True)
        assert "Withdrawn by its author." in page.text
    revisions = Revision.objects.filter(post__author=scene.member).prefetch_related("clauses")
    assert revisions.count() == len(scene.texts) + len(scene.drafts())
    assert {revision.body + revision.html for revision in revisions} == {""}
    assert {clause.text for revision in revisions for clause in revision.clauses.all()} == {""}


@WAYS
def test_counts_follow(scene, erase):
    threads = Thread.objects.order_by("pk")
    scene.leave(erase=erase)
    for thread in threads:
        assert thread.reply_count == thread.posts.filter(state="published").count()
        assert (
            thread.hidden_count
            == thread.posts.filter(state="hidden", published_at__isnull=False).count()
        )
    assert Thread.objects.get(essay=scene.essay).reply_count == (1 if erase else 3)


def test_hidden_text_that_was_kept_can_be_restored(scene):
    scene.leave(erase=False)
    post = scene.texts["hidden", "reply"]
    act("restore", post)
    page = client_of(person("visitor")).get(post.thread.get_absolute_url()).text
    assert "mot-hidden-reply" in page and NAME not in page
    assert faults() == []


@pytest.mark.parametrize("state, erase", [("hidden", True), ("refused", True), ("refused", False)])
def test_text_that_was_taken_cannot_be_restored(scene, state, erase):
    scene.leave(erase=erase)
    with pytest.raises(NothingToDo):
        act("restore", scene.texts[state, "reply"])


@WAYS
def test_account_is_emptied(scene, erase):
    Authenticator.objects.create(user=scene.member, type="totp", data={})
    client = client_of(scene.member)
    UserSession.objects.create(
        user=scene.member, ip="192.0.2.1", session_key=client.session.session_key
    )
    scene.leave(erase=erase)
    member = scene.member
    assert member.name.startswith("ancien_membre_") and member.email == ""
    assert (member.is_active, member.role, member.last_login) == (False, "member", None)
    assert not member.has_usable_password()
    for model in (EmailAddress, Authenticator, UserSession, Session):
        assert not model.objects.exists()
    assert client.get(reverse("own_data")).status_code == 302


@pytest.mark.parametrize("name", [NAME, NAME.upper(), "e\u0301lodie-ninon"])
@WAYS
def test_name_is_never_given_again(scene, client, erase, name):
    scene.leave(erase=erase)
    password = "papier-et-vermillon-9"
    data = {"username": name, "email": "new@example.org"}
    page = client.post(
        reverse("account_signup"), data | {"password1": password, "password2": password}
    )
    assert "by somebody who has left" in page.text
    with pytest.raises(ValidationError):
        User(name=name, email="new@example.org", password="x").full_clean(exclude=["name_key"])
    with pytest.raises(CommandError, match="somebody who has left"):
        call_command("create_moderator", name, email="new@example.org")
    assert not User.objects.filter(email="new@example.org").exists()


def test_nobody_can_take_a_name_that_stands_instead():
    with pytest.raises(ValidationError):
        validate_name("ancien_membre_0123abcd")


def test_names_that_have_left_are_kept_as_digests_only(scene):
    scene.leave(erase=True)
    assert [row.digest for row in FormerName.objects.all()] == [FormerName.digest_of(NAME)]
    assert FormerName.knows(NAME.upper()) and not FormerName.knows("Ninon")


@pytest.mark.parametrize("address", ["old", "new"])
def test_page_of_who_has_left_says_only_that(scene, client, address):
    scene.leave(erase=False)
    path = reverse("member", args=[NAME if address == "old" else scene.member.name])
    page = client.get(path)
    assert page.status_code == 410
    assert "This member has left." in page.text
    assert found({"": page.text.replace(path, "")}, {NAME, EMAIL, *scene.words(*STATES)}) == set()
    assert client.get(reverse("feeds:member", args=[scene.member.name])).status_code == 404


def test_only_owner_cannot_leave():
    owner = UserFactory.create(owner=True)
    UserFactory.create(owner=True, is_active=False)
    with pytest.raises(LastOwner):
        leave(owner, erase=True)
    owner.refresh_from_db()
    assert owner.is_active
    UserFactory.create(owner=True)
    leave(owner, erase=True)
    owner.refresh_from_db()
    assert not owner.is_active


@WAYS
def test_moderator_s_name_stays_under_their_acts(scene, erase):
    act("hide", scene.answer, scene.moderator)
    assert (scene.answer.restriction.payload.by_name, faults()) == ("Agathe", [])
    leave(scene.moderator, erase=erase)
    assert "Agathe" in client_of(person("visitor")).get(reverse("record")).text
    assert faults() == []


def test_leaving_twice_changes_nothing(scene):
    scene.leave(erase=False)
    name = scene.member.name
    scene.leave(erase=True)
    assert scene.member.name == name
    assert scene.texts["published", "reply"].state == "published"


def test_others_texts_stay_as_they_are(scene):
    other = published(reply(scene.essay, None, "De quelqu’un d’autre."))
    edit(other, "Encore.")
    before = (
        list(Post.objects.exclude(author=scene.member).order_by("pk").values()),
        list(Revision.objects.exclude(author=scene.member).order_by("pk").values()),
    )
    scene.leave(erase=True)
    assert before == (
        list(Post.objects.exclude(author=scene.member).order_by("pk").values()),
        list(Revision.objects.exclude(author=scene.member).order_by("pk").values()),
    )


def test_place_that_was_erased_can_be_passed_but_not_answered(scene):
    scene.leave(erase=True)
    with pytest.raises(posting.Closed):
        reply(scene.texts["published", "reply"])
    page = client_of(person("visitor")).get(scene.essay.get_absolute_url()).text
    assert scene.answer.anchor in page


@WAYS
def test_leaving_costs_no_more_for_more_versions(scene, erase, django_assert_max_num_queries):
    for text in ("a", "b", "c"):
        edit(scene.texts["published", "reply"], text)
    posts = Post.objects.filter(author=scene.member).count()
    with django_assert_max_num_queries(70 + 5 * posts):
        leave(scene.member, erase=erase)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_who_is_called_by_others_is_no_longer_linked(scene, language):
    other = UserFactory.create(name="Zoé")
    with translation.override(language):
        post = published(reply(scene.essay, other, f"@{NAME} et @Zoé : *oui* ?"))
        assert post.published_revision.html.count("<a ") == 2
        scene.leave(erase=False)
        html = Revision.objects.get(post=post).html
        assert html.count("<a ") == 1 and f"@{NAME} et <a" in html


# On SQLite one transaction writes at a time, and the record can't be emptied for another test.
@pytest.mark.django_db(transaction=connection.vendor == "postgresql")
def test_goes_on_where_an_answer_locked_the_rows_the_other_way_round():
    # Published without a decision: the record is empty after another test of this kind.
    member = UserFactory.create(name=NAME, community_manager=True)
    post = reply(EssayFactory.create(), member)
    if connection.vendor != "postgresql":
        leave(member, erase=True)
        assert Post.objects.get().state == Post.State.WITHDRAWN
        return
    other = connection.copy()
    other.inc_thread_sharing()
    try:
        other.set_autocommit(False)
        cursor = other.cursor()
        cursor.execute("SELECT FROM discussions_post WHERE id = %s FOR UPDATE", [post.pk])

        def cross() -> None:
            # Later than `leave`, whose wait for the post ends after a second, broken off.
            time.sleep(0.5)
            cursor.execute("SELECT FROM accounts_user WHERE id = %s FOR UPDATE", [member.pk])
            other.commit()

        with ThreadPoolExecutor() as executor:
            crossing = executor.submit(cross)
            leave(member, erase=True)
            crossing.result(10)
    finally:
        other.close()
    member.refresh_from_db()
    assert member.left_at
    assert Post.objects.get().state == Post.State.WITHDRAWN


def test_sanction_names_nobody_who_has_left_nor_who_proposed_it():
    member = UserFactory.create(name=NAME)
    trainee = UserFactory.create(name="Stagiaire", role=User.Role.TRAINEE)
    entry = act("silence", member, proposer=trainee)
    leave(member, erase=False)
    page = client_of(person("visitor")).get(reverse("record")).text
    assert [name in page for name in (NAME, "a former member")] == [False, True]
    entry.payload.refresh_from_db()
    assert (entry.payload.names, faults()) == (["", ""], [])
