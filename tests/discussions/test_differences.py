from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from discussions import differences
from discussions.models import Post, Revision
from tests.factories import client_of, edit, in_state, person, published, reply, trusted_member

TEXTS = st.text(alphabet="ab é’\n", max_size=40)


def runs(before, after):
    return [(run.kind, run.text) for run in differences.words(before, after)]


def test_tells_words_that_went_and_came():
    assert runs("Un métier, dit-on.", "Un vrai métier, disait-on.") == [
        ("same", "Un"),
        ("new", " vrai"),
        ("same", " métier, "),
        ("gone", "dit"),
        ("new", "disait"),
        ("same", "-on."),
    ]


@given(TEXTS, TEXTS)
def test_holds_both_texts_whole(before, after):
    found = differences.words(before, after)
    assert "".join(run.text for run in found if run.kind != "new") == before
    assert "".join(run.text for run in found if run.kind != "gone") == after


@pytest.mark.parametrize("text", ["a " * 5000, "(" * 10_000, "ab" * 5000, "a b " * 2500])
def test_hostile_texts_take_no_time_to_speak_of(text):
    """Each would take minutes if every word were compared to every other."""
    assert differences.words(text, text[:-7] + "x" + text[3:])


@pytest.mark.django_db
class TestHistory:
    def test_shows_readers_what_changed_between_published_versions(self, essay):
        post = reply(essay, trusted_member(), "Un métier.")
        edit(post, "Un vrai métier.")
        page = client_of(person("visitor")).get(reverse("post_history", args=[post.public_id]))
        assert [v.revision.number for v in page.context["versions"]] == [2, 1]
        assert "vrai " in page.text

    def test_says_nothing_of_a_version_that_was_never_published(self, essay):
        post = in_state("edited", reply(essay, body="Un métier."), new_text="Un secret.")
        page = client_of(person("visitor")).get(reverse("post_history", args=[post.public_id]))
        assert [v.revision.number for v in page.context["versions"]] == [1]
        assert "secret" not in page.text
        own = client_of(post.author).get(reverse("post_history", args=[post.public_id]))
        assert "secret" in own.text

    @pytest.mark.parametrize("minutes, marked", [(14, False), (16, True)])
    def test_edit_is_marked_once_its_time_is_over(self, essay, minutes, marked):
        post = reply(essay, trusted_member(), "Un métier.")
        edit(post, "Un vrai métier.")
        late = Post.objects.get(pk=post.pk).published_at + timedelta(minutes=minutes)
        Revision.objects.filter(post=post, number=2).update(published_at=late)
        page = client_of(person("visitor")).get(essay.get_absolute_url())
        assert (reverse("post_history", args=[post.public_id]) in page.text) is marked

    def test_of_a_hidden_text_is_not_there(self, essay):
        post = in_state("hidden", published(reply(essay)))
        page = client_of(person("visitor")).get(reverse("post_history", args=[post.public_id]))
        assert page.status_code == 404
