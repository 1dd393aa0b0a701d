"""The admin: read there, decided by the same verbs, changed by nobody."""

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import NoReverseMatch, reverse

from discussions import sanctions
from discussions.models import Action, Decision, Post
from discussions.moderation.decisions import version_of
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    FACTS,
    GROUND,
    REASON,
    UserFactory,
    act,
    client_of,
    complaint,
    definition,
    edit,
    in_state,
    policy_version,
    published,
    ready_reason,
    reply,
)

pytestmark = pytest.mark.django_db

POSTS = "admin:discussions_post_changelist"
COMMENTS = "admin:essays_originalcomment_changelist"


@pytest.fixture
def client(moderator):
    return client_of(moderator)


def choose(client, action, *targets, **confirmed):
    kind = targets[0]._meta
    name = f"admin:{kind.app_label}_{kind.model_name}_changelist"
    data = {"action": action, ACTION_CHECKBOX_NAME: [target.pk for target in targets]}
    return client.post(reverse(name), data | confirmed)


def confirm(client, action, *targets, ground=GROUND, facts=FACTS, reason=REASON, **more):
    versions = {f"seen-{target.pk}": version_of(target) for target in targets} | more
    said = {"ground": ground, "facts": facts, "reason": reason}
    return choose(client, action, *targets, confirmed="1", **said, **versions)


def listed(page):
    return set(page.context["cl"].result_list)


class TestLists:
    def test_posts_in_every_state_are_listed(self, client):
        posts = {in_state(state) for state in ("pending", "hidden", "withdrawn", "refused")}
        assert listed(client.get(reverse(POSTS))) == posts

    @pytest.mark.parametrize(
        "query, states",
        [
            ({"pending_revision__isempty": "0"}, {"pending", "edited", "refused"}),
            ({"state__exact": "hidden"}, {"hidden", "refused"}),
            ({"kind__exact": "definition"}, set()),
        ],
    )
    def test_posts_are_filtered(self, client, query, states):
        posts = {s: in_state(s) for s in ("pending", "published", "edited", "hidden", "refused")}
        page = client.get(reverse(POSTS), query)
        assert listed(page) == {post for state, post in posts.items() if state in states}

    def test_posts_are_found_by_text_clause_author_and_id(self, client, term):
        post = definition(UserFactory.create(name="Zoé"), ("is", "un hôte"), body="Parce que.")
        edit(post, "Parce que.", ("is", "un hôte"), ("is_not", "un hôte payé"))
        reply()
        for query in ("hôte", "Parce", "Zoé", post.public_id):
            assert listed(client.get(reverse(POSTS), {"q": query})) == {post}
        assert listed(client.get(reverse(POSTS), {"q": "rien de tel"})) == set()

    def test_original_comments_are_listed_and_found(self, client):
        comment = OriginalCommentFactory.create(essay__title="Autre titre")
        OriginalCommentFactory.create()
        assert listed(client.get(reverse(COMMENTS), {"q": "Autre"})) == {comment}

    def test_decisions_are_listed_and_found(self, client):
        entry = act("hide", published(reply()))
        name = "admin:discussions_decision_changelist"
        assert listed(client.get(reverse(name), {"action__exact": "hide"})) == {entry}
        assert listed(client.get(reverse(name), {"q": entry.reference})) == {
            entry,
            Decision.objects.get(number=1),
        }

    @pytest.mark.parametrize("state", ["pending", "edited", "hidden", "withdrawn"])
    def test_page_of_a_post_shows_its_text(self, client, state):
        post = in_state(state, reply(body="Un texte."), new_text="Un texte. Et un autre.")
        page = client.get(reverse("admin:discussions_post_change", args=[post.pk]))
        assert "Un texte." in page.text


class TestDeciding:
    @pytest.mark.parametrize(
        "state, action, outcome",
        [
            ("pending", "approve", "published"),
            ("pending", "refuse", "hidden"),
            ("published", "hide", "hidden"),
            ("hidden", "restore", "published"),
        ],
    )
    def test_is_confirmed_on_a_page_and_then_done_to_each(
        self, client, state, action, outcome, moderator
    ):
        posts = [in_state(state), in_state(state, definition())]
        entries = Decision.objects.count()
        page = choose(client, action, *posts)
        assert page.status_code == 200
        assert [item["target"] for item in page.context["targets"]] == posts[::-1]
        assert [item["applies"] for item in page.context["targets"]] == [True, True]
        assert Decision.objects.count() == entries
        for post in posts:
            assert f'name="seen-{post.pk}" value="{post.version}"' in page.text

        assert confirm(client, action, *posts).status_code == 302
        states = Post.objects.filter(pk__in=[p.pk for p in posts]).values_list("state", flat=True)
        assert list(states) == [outcome, outcome]
        new = Decision.objects.filter(number__gt=entries)
        assert (
            list(new.values_list("action", "by", "payload__reason"))
            == [(action, moderator.pk, REASON)] * 2
        )

    @pytest.mark.parametrize("missing", ["ground", "reason"])
    def test_restriction_without_ground_or_reason_is_said_and_the_rest_kept(self, client, missing):
        post = published(reply())
        page = confirm(client, "hide", post, **{missing: ""})
        assert (page.status_code, list(page.context["form"].errors)) == (422, [missing])
        assert page.context["form"]["reason"].value() == ("" if missing == "reason" else REASON)
        assert Post.objects.get(pk=post.pk).state == "published"

    def test_text_that_changed_meanwhile_is_told_and_the_others_are_decided(self, client):
        changed, same = reply(), reply()
        seen = {f"seen-{changed.pk}": changed.version}
        edit(changed, "Tout autre chose.")
        changed.refresh_from_db()
        page = confirm(client, "approve", changed, same, **seen)
        page = client.get(page.headers["Location"])
        assert "has changed since you opened it" in page.text
        assert "1 decision entered in the record." in page.text
        states = {p.pk: p.state for p in Post.objects.all()}
        assert states == {changed.pk: "pending", same.pk: "published"}

    def test_confirmation_that_says_no_version_decides_nothing(self, client):
        post = reply()
        confirm(client, "approve", post, **{f"seen-{post.pk}": ""})
        assert not Decision.objects.exists()

    def test_one_s_own_text_is_not_one_s_to_decide(self, client, moderator):
        post = reply(author=moderator)
        UserFactory.create(community_manager=True)
        page = choose(client, "hide", post)
        assert [item["barred"] for item in page.context["targets"]] == ["own"]
        assert "Nobody decides on their own text" in page.text
        confirm(client, "hide", post)
        assert (Post.objects.get().state, Decision.objects.count()) == ("published", 0)

    def test_original_comment_is_hidden_and_restored(self, client):
        comment = OriginalCommentFactory.create()
        for action, state in (("hide", "hidden"), ("restore", "published")):
            page = choose(client, action, comment)
            assert comment.text_for_moderators() in page.text
            confirm(client, action, comment)
            comment.refresh_from_db()
            assert comment.state == state

    def test_original_comment_is_neither_approved_nor_refused(self, client):
        comment = OriginalCommentFactory.create()
        for action in ("approve", "refuse"):
            choose(client, action, comment)
        assert not Decision.objects.exists()

    @pytest.mark.parametrize("action", Action.values)
    def test_is_not_a_member_s(self, member, action):
        posts = published(reply()), reply()
        entries = Decision.objects.count()
        page = confirm(client_of(member), action, *posts)
        assert page.status_code == 302
        assert page.headers["Location"].startswith(reverse("admin:login"))
        assert Decision.objects.count() == entries


class TestNothingElse:
    @pytest.mark.parametrize("role", ["community_manager", "owner"])
    def test_can_be_done_to_posts_comments_and_decisions(self, role):
        client = client_of(UserFactory.create(role=role))
        comment = OriginalCommentFactory.create()
        post = published(reply())
        entry = Decision.objects.get()
        for row in (post, comment, entry):
            name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
            page = client.get(reverse(f"{name}_changelist"))
            change = reverse(f"{name}_change", args=[row.pk])
            assert page.status_code == 200
            assert "delete_selected" not in page.text
            assert reverse(f"{name}_add") not in page.text
            assert 'name="_save"' not in client.get(change).text
            statuses = [
                client.post(address, {"post": "yes", "state": "withdrawn"}).status_code
                for address in (
                    change,
                    reverse(f"{name}_add"),
                    reverse(f"{name}_delete", args=[row.pk]),
                )
            ]
            assert statuses == [403, 403, 403]
        assert list(type(post).objects.values_list("state", flat=True)) == ["published"]

    @pytest.mark.parametrize("role", ["community_manager", "owner"])
    def test_can_be_done_to_complaints_and_versions_of_the_policy(self, role):
        client = client_of(UserFactory.create(role=role))
        for row in (complaint(published(reply())), policy_version()):
            name = f"admin:discussions_{row._meta.model_name}"
            change = reverse(f"{name}_change", args=[row.pk])
            assert client.get(change).status_code == (200 if role == "owner" else 403)
            for address in (
                change,
                reverse(f"{name}_add"),
                reverse(f"{name}_delete", args=[row.pk]),
            ):
                assert client.post(address, {"post": "yes"}).status_code == 403

    @pytest.mark.parametrize("model", ["case", "note", "suggestion", "month", "decisionpayload"])
    def test_is_there_for_what_the_desk_keeps(self, model):
        with pytest.raises(NoReverseMatch):
            reverse(f"admin:discussions_{model}_changelist")


class TestReadyReasons:
    @pytest.mark.parametrize("role, changed", [("community_manager", True), ("trainee", False)])
    def test_are_changed_by_who_decides(self, role, changed):
        reason = ready_reason()
        client = client_of(UserFactory.create(role=role))
        address = reverse("admin:discussions_readyreason_change", args=[reason.pk])
        client.post(address, {"name": "Autre", "ground": "spam", "reason": "Parce que."})
        reason.refresh_from_db()
        assert (reason.name == "Autre") == changed


class TestMembers:
    def test_are_sanctioned_by_the_owner_through_the_same_form(self, member):
        client = client_of(UserFactory.create(owner=True))
        page = confirm(client, "silence", member, days="")
        assert list(page.context["form"].errors) == ["days"]
        confirm(client, "silence", member, days="7")
        assert sanctions.active(member).action == "silence"
        page = choose(client, "lift", member)
        assert [item["applies"] for item in page.context["targets"]] == [True]
        confirm(client, "lift", member)
        assert sanctions.active(member) is None

    def test_keep_the_role_that_the_owner_gave_them(self, member):
        client = client_of(UserFactory.create(owner=True))
        address = reverse("admin:accounts_user_change", args=[member.pk])
        client.post(address, {"role": "trainee"})
        member.refresh_from_db()
        assert member.role == "trainee"


class TestRefusals:
    def test_words_owed_to_who_asked_for_another_look_are_said_for_that_item_alone(self, client):
        asked, other = in_state("edited"), in_state("edited")
        complaint(Decision.objects.filter(post=asked).get(), UserFactory.create())
        page = confirm(client, "approve", asked, other, ground="", facts="", reason="")
        page = client.get(page.headers["Location"])
        assert "Somebody asked for another look: answer in words." in page.text
        states = {post.pk: post.is_waiting for post in Post.objects.all()}
        assert states == {asked.pk: True, other.pk: False}

    def test_who_is_alone_is_told_that_the_entry_will_say_so(self, client, moderator):
        post = reply(author=moderator)
        page = choose(client, "hide", post)
        assert "the entry will say so" in page.text
        confirm(client, "hide", post)
        assert Decision.objects.get().alone
