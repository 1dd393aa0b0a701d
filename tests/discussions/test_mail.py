"""What a letter says, when it leaves, what stops it."""

from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from smtplib import SMTPDataError, SMTPServerDisconnected

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import caches
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from discussions.following import digests, follows, letters, notices
from discussions.management.commands.clock import tick
from discussions.models import Follow, Letter, Notice, Preferences
from tests.discussions.test_notices import fall, put_labels, read, scene  # noqa: F401
from tests.factories import (
    REASON,
    STATES,
    UserFactory,
    act,
    client_of,
    definition,
    edit,
    in_state,
    published,
    reply,
)

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 18, 11, 0, tzinfo=UTC)  # a Wednesday, noon in Paris
SEVEN = datetime(2026, 11, 18, 6, 0, tzinfo=UTC)


def post_office():
    """Everything that is due leaves; what has left since the last time, newest last."""
    while letters.deliver():
        pass
    sent, mail.outbox = mail.outbox, []
    return sent


def sent_to(person):
    return [message for message in post_office() if message.to == [person.email]]


def html_of(message):
    ((content, kind),) = message.alternatives
    assert kind == "text/html"
    return content


def hear(member, rhythm, **more):
    Preferences.objects.update_or_create(member=member, defaults={"rhythm": rhythm} | more)


@pytest.fixture
def follower(member, essay):
    member.language = "en"
    member.save()
    follows.follow(member, essay)
    return member


class TestLetters:
    def test_tells_of_a_reply_in_text_and_html(self, follower, essay):
        post = published(reply(essay, UserFactory.create(name="Basile"), "**Trois** mots."))
        (message,) = sent_to(follower)
        assert message.subject == "Basile replies: Un titre"
        address = f"http://localhost:8000/en/messages/{post.public_id}/"
        assert f"**Trois** mots.\n\nRead it in its place, and answer:\n{address}" in message.body
        html = html_of(message)
        assert "<strong>Trois</strong> mots." in html
        assert f'href="{address}"' in html
        assert '<html lang="en">' in html

    def test_tells_of_a_definition_by_its_clauses(self, term, member):
        follows.follow(member, term)
        published(definition(None, ("is", "un métier"), ("is_not", "un gadget")))
        (message,) = sent_to(member)
        assert "est un métier\nn’est pas un gadget" in message.body
        assert "<b>n’est pas</b> un gadget" in html_of(message)

    def test_is_in_the_language_of_its_reader(self, essay):
        readers = [UserFactory.create(language=language) for language in ("fr", "en")]
        for reader in readers:
            follows.follow(reader, essay)
        published(reply(essay))
        addresses = {
            message.to[0]: ("/en/messages/" in message.body, 'lang="en"' in html_of(message))
            for message in post_office()
            if "messages" in message.body
        }
        assert addresses[readers[0].email] == (False, False)
        assert addresses[readers[1].email] == (True, True)

    def test_links_of_the_text_lead_to_the_site(self, follower, essay):
        published(reply(essay, body="Voir [les règles](/regles/)."))
        (message,) = sent_to(follower)
        assert 'href="http://localhost:8000/regles/"' in html_of(message)

    @pytest.mark.parametrize("action", ["approve", "refuse", "hide", "restore"])
    def test_of_a_decision_says_why_and_how_to_see_it(self, action, essay):
        state = {"approve": "pending", "refuse": "pending", "hide": "published"}.get(action)
        post = in_state(state or "hidden", reply(essay, UserFactory.create(language="en")))
        hear(post.author, "site", answers=False)
        post_office()
        decision = act(action, post, reason="Parce que.")
        (message,) = sent_to(post.author)
        assert "Why: Parce que." in message.body
        ground = "Ground: the rules of the house: off topic"
        assert (ground in message.body) is (action in ("refuse", "hide"))
        assert f"/en/journal/{decision.number}/" in message.body
        assert post.public_id in message.body
        assert "List-Unsubscribe" not in message.extra_headers
        assert decision.payload.by_name in html_of(message)

    @pytest.mark.parametrize("rhythm, count", [("once", 1), ("daily", 0), ("site", 0)])
    def test_rhythm_says_whether_one_comes_at_once(self, rhythm, count, follower, essay):
        hear(follower, rhythm)
        published(reply(essay))
        assert len(sent_to(follower)) == count
        assert Notice.objects.filter(person=follower).count() == 1

    def test_answers_can_be_left_to_the_site(self, essay):
        base = published(reply(essay))
        hear(base.author, "once", answers=False)
        post_office()
        published(reply(base))
        assert sent_to(base.author) == []

    @pytest.mark.parametrize("gone", ["inactive", "no address", "stopped", "site", "read"])
    def test_is_not_sent_to_who_wants_it_no_more(self, gone, follower, essay):
        published(reply(essay))
        if gone == "inactive":
            follower.is_active = False
        elif gone == "no address":
            follower.email = ""
        elif gone == "stopped":
            follows.stop(follower, essay)
        elif gone == "site":
            hear(follower, "site")
        else:
            Notice.objects.filter(person=follower).update(read_at=timezone.now())
        follower.save()
        assert sent_to(follower) == []
        assert Letter.objects.get(recipient=follower).state == "dropped"

    def test_has_one_stable_name_of_its_own(self, follower, essay):
        published(reply(essay))
        letter = Letter.objects.get(recipient=follower)
        (message,) = sent_to(follower)
        assert message.message()["Message-ID"] == letter.message_id
        assert letter.message_id.endswith("@localhost>")

    def test_title_over_two_lines_breaks_no_header(self, member, essay):
        essay.title = "Un\ntitre"
        essay.save()
        follows.follow(member, essay)
        published(reply(essay, UserFactory.create(name="Basile")))
        (message,) = sent_to(member)
        assert message.subject.endswith("Un titre")


class TestDelivery:
    """What the queue does when a server does not do what it should."""

    @pytest.fixture
    def server(self, monkeypatch):
        """A mail server that answers with each of these, then takes what it is given."""
        answers: list[Exception] = []

        class Server(EmailBackend):
            def open(self):
                if answers and isinstance(answers[0], ConnectionError):
                    raise answers.pop(0)

            def send_messages(self, messages):
                if answers:
                    raise answers.pop(0)
                return super().send_messages(messages)

        monkeypatch.setattr(letters, "get_connection", Server)
        return answers

    @pytest.fixture
    def letter(self, follower, essay):
        published(reply(essay))
        Letter.objects.exclude(recipient=follower).delete()
        return Letter.objects.get()

    def later(self, **more):
        Letter.objects.update(due_at=timezone.now() - timedelta(**more))

    @pytest.mark.parametrize(
        "trouble", [ConnectionRefusedError(), TimeoutError(), SMTPServerDisconnected()]
    )
    def test_server_that_is_away_costs_no_try_ever(self, trouble, server, letter):
        for _time in range(letters.MAX_TRIES + 5):
            server.append(trouble)
            assert post_office() == []
            letter.refresh_from_db()
            assert (letter.state, letter.tries) == ("waiting", 0)
            assert letter.due_at > timezone.now()
            self.later(seconds=1)
        assert len(post_office()) == 1

    def test_server_that_is_away_is_left_alone_for_a_while(self, server, letter, follower, essay):
        published(reply(essay))
        server.append(ConnectionRefusedError())
        assert post_office() == []
        assert Letter.objects.filter(state="waiting").count() > 1

    def test_refused_letter_is_tried_ever_more_rarely_then_given_up(self, server, letter):
        waits = []
        for _time in range(letters.MAX_TRIES):
            server.append(SMTPDataError(451, b"later"))
            post_office()
            letter.refresh_from_db()
            waits.append(round((letter.due_at - timezone.now()).total_seconds() / 60))
            self.later(seconds=1)
        assert waits == [2**n for n in range(1, letters.MAX_TRIES + 1)]
        assert letter.state == "failed"
        assert "451" in letter.error
        assert post_office() == []

    def test_refused_letter_keeps_no_other_back(self, server, letter, essay, follower):
        published(reply(essay))
        Letter.objects.exclude(recipient=follower).delete()
        server.append(SMTPDataError(550, b"no"))
        assert len(post_office()) == 1

    def test_claimed_letter_is_nobody_else_s(self, server, letter):
        assert letters.claim(timezone.now()) == letter
        assert letters.claim(timezone.now()) is None
        assert post_office() == []

    def test_claim_of_who_is_gone_is_taken_back(self, server, letter):
        now = timezone.now()
        letters.claim(now)
        assert letters.due(now + letters.CLAIM - timedelta(seconds=1)) is False
        assert letters.due(now + letters.CLAIM + timedelta(seconds=1)) is True
        assert len(post_office()) == 1
        letter.refresh_from_db()
        assert (letter.state, letter.tries) == ("sent", 2)

    def test_task_leaves_what_is_beyond_a_batch_to_the_next(self, server, letter, monkeypatch):
        monkeypatch.setattr(letters, "BATCH", 1)
        assert letters.deliver() is True
        assert letters.deliver() is False

    def test_letter_is_queued_in_the_transaction_that_calls_for_it(self, follower, essay):
        DBTaskResult.objects.all().delete()
        published(reply(essay))
        paths = set(DBTaskResult.objects.values_list("task_path", flat=True))
        assert paths == {"discussions.following.tasks.deliver"}


class TestClock:
    def test_calls_the_worker_for_what_waits_and_only_then(self, follower, essay):
        published(reply(essay))
        DBTaskResult.objects.all().delete()
        tick(timezone.now())
        assert DBTaskResult.objects.count() == 1
        post_office()
        DBTaskResult.objects.all().delete()
        tick(timezone.now())
        assert DBTaskResult.objects.count() == 0

    def test_clears_sessions_and_counts_that_have_expired(self):
        session = SessionStore()
        session.set_expiry(-60)
        session.create()
        caches["default"].set("attempts", [1.0], 60)
        with connection.cursor() as cursor:
            past = connection.ops.adapt_datetimefield_value(timezone.now() - timedelta(days=1))
            cursor.execute("UPDATE cache SET expires = %s", [past])
        tick(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM cache")
            assert cursor.fetchone() == (0,)
        assert not Session.objects.exists()

    def test_clears_results_of_long_ago(self, follower, essay):
        published(reply(essay))
        result = DBTaskResult.objects.first()
        result.set_successful(None)
        tick(timezone.now())
        assert DBTaskResult.objects.filter(pk=result.pk).exists()
        long_ago = timezone.now() - timedelta(days=60)
        DBTaskResult.objects.filter(pk=result.pk).update(finished_at=long_ago)
        tick(timezone.now())
        assert not DBTaskResult.objects.filter(pk=result.pk).exists()


class TestDigests:
    @pytest.fixture
    def reader(self, follower):
        hear(follower, "daily", since=NOON - timedelta(days=30))
        return follower

    def told_at(self, moment, essay, body="Une réponse."):
        post = published(reply(essay, body=body))
        Notice.objects.filter(post=post).update(created_at=moment)
        post_office()
        return post

    @pytest.mark.parametrize(
        "rhythm, now, expected",
        [
            ("daily", "2026-11-18T06:59:59+01:00", "2026-11-17T07:00:00+01:00"),
            ("daily", "2026-11-18T07:00:00+01:00", "2026-11-18T07:00:00+01:00"),
            ("weekly", "2026-11-16T06:59:00+01:00", "2026-11-09T07:00:00+01:00"),
            ("weekly", "2026-11-16T07:00:00+01:00", "2026-11-16T07:00:00+01:00"),
            ("weekly", "2026-11-22T23:00:00+01:00", "2026-11-16T07:00:00+01:00"),
            # The night on which the clocks go back.
            ("daily", "2026-10-25T06:30:00+00:00", "2026-10-25T07:00:00+01:00"),
            ("daily", "2026-10-25T05:30:00+00:00", "2026-10-24T07:00:00+02:00"),
        ],
    )
    def test_are_due_at_seven_in_paris(self, rhythm, now, expected):
        assert digests.latest_moment(rhythm, datetime.fromisoformat(now)) == datetime.fromisoformat(
            expected
        )

    def test_tell_what_came_before_the_hour_once(self, reader, essay):
        first = self.told_at(SEVEN - timedelta(hours=3), essay, "Le matin.")
        second = self.told_at(SEVEN - timedelta(minutes=1), essay, "Avant sept heures.")
        self.told_at(SEVEN + timedelta(minutes=1), essay, "Après.")
        for minute in range(3):
            tick(NOON + timedelta(minutes=minute))
        (message,) = sent_to(reader)
        assert message.subject == "cmdebate: 2 messages for you"
        for content in (message.body, html_of(message)):
            assert "Le matin." in content and "Avant sept heures." in content
            assert first.public_id in content and second.public_id in content
            assert "Après." not in content
        assert message.body.count("* Un titre") == 1

        tick(NOON + timedelta(days=1))
        (message,) = sent_to(reader)
        assert message.subject == "cmdebate: 1 message for you"
        assert "Après." in message.body

    def test_make_good_the_days_on_which_the_site_was_off(self, reader, essay):
        self.told_at(SEVEN - timedelta(hours=1), essay)
        tick(NOON)
        assert len(sent_to(reader)) == 1
        for day in (1, 2, 3):
            self.told_at(SEVEN + timedelta(days=day), essay)
        tick(NOON + timedelta(days=4))
        (message,) = sent_to(reader)
        assert message.subject == "cmdebate: 3 messages for you"

    def test_weekly_comes_on_monday(self, reader, essay):
        hear(reader, "weekly")
        self.told_at(SEVEN, essay)
        for day in (0, 1, 2, 3, 4):
            tick(NOON + timedelta(days=day))
            assert sent_to(reader) == []
        tick(NOON + timedelta(days=5))
        assert len(sent_to(reader)) == 1

    def test_say_nothing_where_there_is_nothing_to_say(self, reader, essay):
        tick(NOON)
        assert not Letter.objects.exists()
        self.told_at(SEVEN - timedelta(hours=1), essay)
        Notice.objects.filter(person=reader).update(read_at=NOON)
        tick(NOON)
        assert not Letter.objects.filter(kind="digest").exists()

    def test_leave_out_what_went_by_letter_and_what_came_before_the_choice(self, reader, essay):
        hear(reader, "once")
        self.told_at(SEVEN - timedelta(hours=2), essay)
        hear(reader, "site")
        self.told_at(SEVEN - timedelta(hours=1), essay)
        hear(reader, "daily", since=SEVEN - timedelta(minutes=30))
        tick(NOON)
        assert sent_to(reader) == []
        self.told_at(SEVEN - timedelta(minutes=20), essay)
        tick(NOON)
        assert len(sent_to(reader)) == 1

    @pytest.mark.parametrize("count", [1, 3])
    def test_cost_the_same_for_more_readers(self, count, essay, django_assert_num_queries):
        for _time in range(count):
            reader = UserFactory.create()
            follows.follow(reader, essay)
            hear(reader, "daily", since=NOON - timedelta(days=30))
        self.told_at(SEVEN - timedelta(hours=1), essay)
        with django_assert_num_queries(3):
            assert digests.write(NOON) == count

    def test_long_one_stops_and_says_so(self, reader, essay, monkeypatch):
        monkeypatch.setattr("discussions.following.writing.DIGEST_LENGTH", 1)
        for _time in range(2):
            self.told_at(SEVEN - timedelta(hours=1), essay)
        tick(NOON)
        (message,) = sent_to(reader)
        assert "There is more on the site:\nhttp://localhost:8000/en/compte/avis/" in message.body


class TestLabels:
    @pytest.fixture
    def author(self, member):
        member.language = "en"
        member.save()
        return member

    @pytest.fixture
    def mine(self, author, term):
        post = published(definition(author, ("is", "un métier"), ("is_not", "un robot")))
        post_office()
        return post

    def test_letter_says_the_clause_and_leads_to_what_is_thought_of_it(self, mine, author):
        put_labels(mine, "too_vague", number=2)
        (message,) = sent_to(author)
        assert message.subject == (
            "A clause of yours is said to be too vague: Definition 1 of “community manager”"
        )
        start = "http://localhost:8000/en"
        for said in (message.body, html_of(message)):
            assert f"{start}/definitions/{mine.public_id}/avis/" in said
            assert f"{start}/messages/{mine.public_id}/modifier/" in said
            assert "un robot" in said
            assert "un métier" not in said
        assert "is not un robot\n\nA label hides nothing." in message.body

    def test_ten_labels_send_one_letter(self, mine, author):
        for number in (1, 2) * 5:
            put_labels(mine, "too_vague", "off_topic", number=number)
        assert len(sent_to(author)) == 1
        put_labels(mine, "no_source")
        assert sent_to(author) == []
        read(client_of(author))
        put_labels(mine, "contradictory")
        assert len(sent_to(author)) == 1

    def test_one_taken_back_before_the_letter_leaves_drops_it(self, mine, author):
        by = put_labels(mine, "too_vague")
        put_labels(mine, by=by)
        assert sent_to(author) == []
        put_labels(mine, "off_topic", number=2)
        (message,) = sent_to(author)
        assert message.subject.startswith("A clause of yours is said to be off topic")

    def test_one_put_and_taken_back_again_and_again_sends_no_second_letter(self, mine, author):
        by = put_labels(mine, "too_vague")
        assert len(sent_to(author)) == 1
        for kinds in ([], ["too_vague"], [], ["off_topic"]):
            put_labels(mine, *kinds, by=by)
            assert sent_to(author) == []

    def test_clause_written_anew_drops_the_letter_and_frees_the_next_one(self, mine, author):
        put_labels(mine, "too_vague")
        edit(mine, "", ("is", "un métier d’écoute"), ("is_not", "un robot"))
        act("approve", mine)
        assert [m for m in sent_to(author) if "too vague" in m.subject] == []
        put_labels(mine, "too_vague")
        (message,) = sent_to(author)
        assert "un métier d’écoute" in message.body

    @pytest.mark.parametrize("how", [{"answers": False}, {"rhythm": "site"}])
    def test_who_wants_no_mail_of_answers_gets_none_of_labels(self, how, mine, author):
        Preferences.objects.create(member=author, **how)
        put_labels(mine, "too_vague")
        assert sent_to(author) == []
        assert Notice.objects.filter(person=author, kind="label").count() == 1

    def test_digest_tells_of_it_while_it_stands(self, mine, author):
        hear(author, "daily", since=NOON - timedelta(days=30))
        taken_back = published(definition(author, ("is", "une posture")))
        post_office()
        by = put_labels(taken_back, "off_topic")
        put_labels(mine, "too_vague", number=2)
        Notice.objects.filter(kind="label").update(created_at=SEVEN - timedelta(hours=1))
        tick(NOON)
        put_labels(taken_back, by=by)
        (message,) = sent_to(author)
        assert "said to be too vague" in message.body and "said to be off topic" not in message.body
        assert "is not un robot" in message.body and "un métier" not in message.body
        assert f"/definitions/{mine.public_id}/avis/" in message.body


class TestUnsubscribing:
    def link(self, message):
        header = message.message()["List-Unsubscribe"]
        assert header.startswith("<http://localhost:8000/")
        assert message.message()["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert header[1:-1] in message.body
        assert header[1:-1] in html_of(message)
        return header[1:-1].removeprefix("http://localhost:8000")

    def click(self, link):
        """As a mailbox does: no cookie, no token, one field."""
        client = Client(enforce_csrf_checks=True)
        answer = client.post(link, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert not answer.cookies
        return answer

    def test_one_click_stops_the_follow_it_came_through(self, follower, essay, term):
        follows.follow(follower, term)
        published(reply(essay))
        (message,) = sent_to(follower)
        link = self.link(message)
        for _time in range(2):
            assert "You will get no more mail about: Un titre." in self.click(link).text
            assert Follow.objects.get(member=follower).term == term
        published(reply(essay))
        assert sent_to(follower) == []

    def test_answers_and_digests_stop_too(self, essay):
        base = published(reply(essay, UserFactory.create(language="en")))
        post_office()
        published(reply(base))
        (message,) = sent_to(base.author)
        self.click(self.link(message))
        assert base.author.preferences.answers is False

        follows.follow(base.author, essay)
        hear(base.author, "daily", since=NOON - timedelta(days=30))
        post = published(reply(essay))
        Notice.objects.filter(post=post).update(created_at=SEVEN - timedelta(hours=1))
        tick(NOON)
        (message,) = sent_to(base.author)
        self.click(self.link(message))
        base.author.preferences.refresh_from_db()
        assert base.author.preferences.rhythm == "site"

    def test_looking_stops_nothing_and_its_button_does(self, follower, essay):
        published(reply(essay))
        (message,) = sent_to(follower)
        link = self.link(message)
        page = Client().get(link)
        assert "You would get no more mail about: Un titre." in page.text
        assert "csrfmiddlewaretoken" not in page.text
        assert follower.follows.exists()
        self.click(link)
        assert not follower.follows.exists()

    def test_forged_link_is_not_found(self, follower):
        for token in ("x", "a:b:c", "%00"):
            link = reverse("unsubscribe", args=[token])
            assert Client().post(link).status_code == 404
        assert follower.follows.exists()

    def test_subject_that_is_gone_is_no_error(self, essay, member):
        essay.tags.add("métier")
        tag = essay.tags.get()
        follows.follow(member, tag)
        published(reply(essay))
        (message,) = sent_to(member)
        tag.delete()
        self.click(self.link(message))


@pytest.mark.parametrize("rhythm", ["once", "daily"])
def test_what_has_left_the_page_leaves_in_no_letter(scene, rhythm):  # noqa: F811
    member, posts = scene
    if rhythm == "daily":
        hear(member, "daily", since=NOON - timedelta(days=30))
        Letter.objects.all().delete()
        Notice.objects.update(created_at=SEVEN - timedelta(hours=1))
        tick(NOON)
    for (state, _place), post in posts.items():
        fall(state, post)
    told = "".join(m.subject + m.body + html_of(m) for m in sent_to(member))
    gone = {key for key in posts if key[0] in ("hidden", "withdrawn")}
    found = {key for key in posts if f"w-{key[0]}-{key[1]}" in told}
    assert found == posts.keys() - gone
    assert "w-draft" not in told
    assert not {key for key in gone if posts[key].public_id in told}


@pytest.mark.parametrize("state", STATES)
def test_letter_of_a_mention_says_what_its_reader_may_read(state, essay, member):
    post = published(reply(essay, body="Avec @Marthe."))
    notices.mention(post, [member])
    fall(state, post)
    messages = sent_to(member)
    assert len(messages) == (state not in ("hidden", "withdrawn"))
    for message in messages:
        assert parseaddr(message.to[0])[1] == member.email
        assert "Avec @Marthe." in message.body
        assert REASON not in message.body
