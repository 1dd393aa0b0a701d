"""The panels of animating and watching, and what a slow or closed discussion says."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from discussions import votes
from discussions.models import Post, Thread
from discussions.moderation import animating, watching
from tests.essays.factories import EssayFactory
from tests.factories import (
    UserFactory,
    act,
    client_of,
    complaint,
    definition,
    edit,
    in_state,
    person,
    prompt,
    published,
    reply,
)

pytestmark = pytest.mark.django_db


def reported(post: Post, times: int = 1) -> Thread:
    for _i in range(times):
        complaint(post, UserFactory.create())
    return Thread.objects.get(pk=post.thread_id)


class TestAnimate:
    def test_replies_without_an_answer_come_latest_first(self, moderator):
        essay = EssayFactory.create()
        first, second, third = (published(reply(essay)) for _i in range(3))
        for state in ("pending", "hidden", "withdrawn"):
            in_state(state, reply(essay))
        answer = published(reply(second))
        found = animating.unanswered_replies(moderator)
        assert ([post.pk for post in found.rows], found.count) == ([third.pk, first.pk], 2)
        assert answer.depth == 1

    def test_definitions_without_a_word_come_latest_first(self, moderator):
        first, second, third = (published(definition()) for _i in range(3))
        published(reply(second))
        in_state("pending", definition())
        found = animating.unanswered_definitions(moderator)
        assert [post.pk for post in found.rows] == [third.pk, first.pk]

    def test_members_wait_until_anybody_else_answers_any_of_their_texts(self):
        alone, answered, discussed, waiting, old = UserFactory.create_batch(5)
        own = published(reply(author=alone))
        published(reply(own, alone))
        published(reply(published(reply(author=answered)), UserFactory.create()))
        published(reply(published(definition(discussed)), UserFactory.create()))
        reply(author=waiting)
        long_ago = timezone.now() - animating.LATELY - timedelta(days=1)
        Post.objects.filter(pk=published(reply(author=old)).pk).update(published_at=long_ago)
        people = {alone, answered, discussed, waiting, old}
        assert {each for each in animating.members_waiting().rows if each in people} == {alone}

    def test_essays_are_quiet_without_a_recent_word_on_them_or_in_them(self):
        quiet, loud, stale = EssayFactory.create_batch(3)
        published(reply(loud))
        post = published(reply(stale))
        long_ago = timezone.now() - animating.QUIET - timedelta(days=1)
        Post.objects.filter(pk=post.pk).update(published_at=long_ago)
        assert list(animating.quiet_essays().rows) == [quiet, stale]

    def test_page_leads_to_each_and_offers_a_prompt(self, moderator):
        essay = EssayFactory.create()
        post = published(reply(essay))
        running = published(prompt())
        page = client_of(moderator).get(reverse("moderation:animate")).text
        for address in (post, running, post.author):
            assert f'href="{address.get_absolute_url()}"' in page
        assert f'action="{reverse("prompt_create")}"' in page

    def test_page_is_not_for_trainees_to_start_a_prompt(self):
        page = client_of(UserFactory.create(role="trainee")).get(reverse("moderation:animate"))
        assert f'action="{reverse("prompt_create")}"' not in page.text


class TestWatch:
    def test_threads_are_told_with_what_happened_in_them(self, moderator):
        essay = EssayFactory.create()
        first, second = published(reply(essay)), published(reply(essay))
        earlier = published(reply(essay))
        two_hours, three_days = timedelta(hours=2), timedelta(days=3)
        now = timezone.now()
        Post.objects.filter(pk=second.pk).update(published_at=now - two_hours)
        Post.objects.filter(pk=earlier.pk).update(published_at=now - three_days)
        votes.cast(UserFactory.create(), first, False)
        edit(first, "Un autre texte.")
        act("approve", first)
        reported(first)
        (heat,) = watching.threads()
        assert (heat.hour, heat.day, heat.before) == (1, 2, 1)
        assert (heat.edits, heat.against, heat.thread.report_count) == (1, 1, 1)

    def test_slow_and_closed_threads_are_told_with_why(self, moderator):
        slow, shut, reports = (published(reply(EssayFactory.create())) for _i in range(3))
        published(reply(EssayFactory.create()))
        act("slow", slow.thread)
        act("shut", shut.thread)
        reported(reports, 3)
        rows = [
            (row.thread.pk, row.minutes, row.by_reports, row.thread.restriction is not None)
            for row in watching.braked()
        ]
        assert rows == [
            (reports.thread_id, 10, True, False),
            (shut.thread_id, 10, False, True),
            (slow.thread_id, 10, False, True),
        ]
        page = client_of(moderator).get(reverse("moderation:watch")).text
        assert f'href="{reverse("moderation:thread", args=[shut.thread_id])}"' in page

    def test_members_with_several_reports_or_a_late_sanction(self, moderator):
        twice, once, warned = UserFactory.create_batch(3)
        reported(published(reply(author=twice)), 2)
        reported(published(reply(author=once)))
        entry = act("warn", warned)
        rows = [(row.member, row.reports, row.last) for row in watching.members()]
        assert rows == [(twice, 2, None), (warned, 0, entry)]
        page = client_of(moderator).get(reverse("moderation:watch")).text
        assert f'href="{reverse("moderation:member", args=[warned.name])}"' in page


class TestBrake:
    """What readers are told where the discussion is, and where they would reply."""

    @pytest.mark.parametrize("role", ["visitor", "member"])
    def test_closed_discussion_says_why_instead_of_the_form(self, role):
        essay = EssayFactory.create()
        post = published(reply(essay))
        entry = act("shut", post.thread, reason="On tourne en rond.")
        client = client_of(person(role))
        page = client.get(essay.get_absolute_url()).text
        assert page.count("This discussion is closed.") == 2
        assert "On tourne en rond." in page
        assert f'href="{entry.get_absolute_url()}"' in page
        assert 'name="body"' not in page
        assert "Sign in to reply" not in page

    def test_closed_discussion_keeps_what_was_typed_before(self, member):
        essay = EssayFactory.create()
        act("shut", published(reply(essay)).thread)
        form = {"body": "Trop tard.", "key": "3f8b6a52-6c5e-4f0e-9a53-000000000001"}
        response = client_of(member).post(reverse("essays:reply", args=[essay.slug]), form)
        assert response.status_code == 422
        assert "Trop tard." in response.text

    def test_slow_discussion_says_for_how_long(self, member):
        essay = EssayFactory.create()
        act("slow", published(reply(essay)).thread)
        page = client_of(member).get(essay.get_absolute_url()).text
        assert "waits 10 minutes before their next reply" in page
        assert 'name="body"' in page

    def test_reports_slow_it_until_they_are_answered(self):
        essay = EssayFactory.create()
        post = published(reply(essay))
        visitor = client_of(person("visitor"))

        def is_slow():
            return "it slows by itself" in visitor.get(essay.get_absolute_url()).text

        reported(post, 2)
        assert not is_slow()
        reported(post)
        assert is_slow()
        act("keep", post)
        assert not is_slow()

    def test_free_discussion_says_nothing(self):
        essay = EssayFactory.create()
        post = published(reply(essay))
        act("shut", post.thread)
        act("reopen", post.thread)
        assert (
            'class="brake"' not in client_of(person("visitor")).get(essay.get_absolute_url()).text
        )
