"""The monthly report: its figures, the clock that closes a month, its page, its letter."""

import csv
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from cmdebate.models import Edition
from discussions import complaints
from discussions.calls import acts as calls
from discussions.following import follows, letters
from discussions.leaving import leave
from discussions.management.commands.clock import tick
from discussions.models import Call, Complaint, Decision, Letter, Month, Preferences
from discussions.moderation import checkpoint, record
from discussions.moderation.undoing import undo
from discussions.moderation.verifier import canonical
from discussions.months import Period
from tests.essays.factories import EssayFactory
from tests.factories import (
    UserFactory,
    act,
    answer,
    call,
    definition,
    prompt,
    published,
    reply,
    text_of,
)
from tests.times import at

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_pace(settings):
    settings.POST_LIMITS = []


def complain(kind, post, by=None):
    return complaints.report(
        post, kind, "Voyez vous-même.", by=by, ground="attack", form_key=uuid4()
    )


def appeal(entry, by):
    return complaints.appeal(entry, by, "Relisez-moi.", form_key=uuid4())


def closed(name, at_the_time="00:01"):
    """The clock has come when that month was over."""
    year, month = map(int, name.split("-"))
    after = Period(date(year, month, 1)).next
    with at(f"{after.first} {at_the_time}") as now:
        tick(now)
    return Month.objects.filter(first=date(year, month, 1)).first()


def page(client, name, suffix="/"):
    return client.get(f"/en/moderation/bilan/{name}{suffix}")


def told(client, name):
    return page(client, name, ".json").json()


@pytest.fixture
def november(term):
    """A month with an act of every sort, by the site's own verbs, and one on either side."""
    with at("2026-10-31 23:59"):
        essay = EssayFactory.create()
        agathe = UserFactory.create(name="Agathe", community_manager=True)
        marthe, leaver = UserFactory.create(name="Marthe"), UserFactory.create(name="Jules")
        act("approve", reply(essay), agathe)
    with at("2026-11-01 00:00"):
        exchange = reply(reply(essay, agathe))
        # There is nobody else: it is decided alone, and the entry says so.
        act("approve", exchange, agathe)
    with at("2026-11-02 09:00"):
        basile = UserFactory.create(name="Basile", community_manager=True)
        texts = [reply(essay, marthe) for _i in range(4)]
        texts.append(reply(essay, leaver))
        spam = reply(essay)
    for time, post in zip(
        ["02 09:00", "02 09:05", "02 11:00", "03 09:00", "05 09:30"], texts, strict=True
    ):
        with at(f"2026-11-{time}"):
            act("approve", post, agathe)
    with at("2026-11-05 10:00"):
        act("refuse", spam, basile, ground="spam", facts="", reason="")
        act("rewrite", texts[0], basile, ground="attack")
    with at("2026-11-06 10:00"):
        hidden = act("hide", texts[1], agathe, ground="attack")
        kept = act("hide", texts[2], agathe, ground="off_topic")
        complain(Complaint.Kind.RULES, texts[3], leaver)
        complain(Complaint.Kind.LAW, texts[4])
    with at("2026-11-06 12:30"):
        act("hide", texts[3], basile, ground="advertising")
        act("keep", texts[4], basile)
    with at("2026-11-07 08:00"):
        appeal(hidden, marthe)
        appeal(kept, marthe)
        appeal(Decision.objects.get(member=None, original_comment=None, number=2), leaver)
    with at("2026-11-08 08:00"):
        act("restore", texts[1], basile)
        too_fast = act("keep", texts[2], basile)
    with at("2026-11-08 08:05"):
        undo(too_fast, basile)
        act("keep", texts[2], basile)
        act("keep", exchange, basile)
    with at("2026-11-09 18:00"):
        act("silence", marthe, basile, ground="attack", until=timezone.now().replace(day=20))
    with at("2026-11-10 18:00"):
        act("lift", marthe, basile)
        act("slow", texts[0].thread, basile, ground="attack")
    with at("2026-11-11 18:00"):
        act("reopen", texts[0].thread, basile)
        asked = call(basile, days=3)
    with at("2026-11-14 00:00") as now:
        calls.close_due(now)
        leave(leaver, erase=False)
    with at("2026-11-30 23:59"):
        complain(Complaint.Kind.RULES, exchange)
        act("approve", definition(marthe), agathe)
        act("approve", text_of(answer(text="Une oreille.")), agathe)
        assert Call.objects.get(pk=asked.pk).closed_at
    with at("2026-12-01 00:00"):
        act("approve", reply(essay), agathe)
    return closed("2026-11")


class TestFigures:
    @pytest.fixture
    def recomputed(self, client, tmp_path, november):
        """As a script that knows nothing of the site reads them off the download."""
        path = tmp_path / "journal.jsonl"
        path.write_bytes(client.get(reverse("record_export")).getvalue())

        def recompute(name):
            script = [sys.executable, "-I", str(ROOT / "tests" / "recompute_month.py")]
            found = subprocess.run([*script, path, name], check=True, capture_output=True)
            return json.loads(found.stdout)

        return recompute

    @pytest.mark.parametrize("name", ["2026-10", "2026-11", "2026-12"])
    def test_are_those_that_anyone_recomputes_from_the_record(self, client, recomputed, name):
        with at("2026-12-05 12:00"):
            report, found = told(client, name), recomputed(name)
        assert {figure: report["acts"][figure] for figure in report["acts"]} == found["acts"]
        assert (report["counted"], report["entry"]) == (found["counted"], found["entry"])
        if name != "2026-12":
            assert report["counted"]["head"] == found["head"]

    def test_of_acts_are_what_was_done(self, client, november):
        with at("2026-12-05 12:00"):
            acts = told(client, "2026-11")["acts"]
        assert acts == {
            "acts": 25,
            "automated": 1,
            "alone": 1,
            "reversals": 3,
            "undone": 1,
            "actions": {
                **{"approve": 8, "refuse": 1, "rewrite": 1, "hide": 3, "keep": 4, "undo": 1},
                **{"restore": 1, "silence": 1, "lift": 1, "slow": 1, "reopen": 1},
                **{"open": 1, "close": 1},
            },
            "grounds": {"advertising": 1, "attack": 4, "off_topic": 1, "spam": 1},
            "duties": {"animate": 2, "moderate": 21, "watch": 2},
            "origins": {"appeal": 3, "law": 1, "own": 19, "report": 1, "review": 1},
            "moderators": {"Agathe": 9, "Basile": 13},
            "delays": {"acts": 15, "median": 9000, "p95": 262800},
            "reports": {"granted": 1, "declined": 1},
            "appeals": {"granted": 1, "declined": 1},
            "reviews": {"granted": 0, "declined": 1},
        }

    def test_that_are_no_acts_are_counted_at_the_end(self, client, november):
        with at("2026-12-05 12:00"):
            counted = told(client, "2026-11")["counted"]
        last = Decision.objects.filter(at__lt=Period(date(2026, 11, 1)).end).latest("number")
        assert counted == {
            "texts": {"answer": 1, "call": 1, "definition": 1, "reply": 5},
            "members": 3,
            "answers_to_prompts": 0,
            "unanswered": 3,
            "complaints": {
                "appeal": {"declined": 1, "granted": 1},
                "law": {"declined": 1},
                "review": {"declined": 1},
                "rules": {"granted": 1, "open": 1},
            },
            "head": {"number": last.number, "digest": last.digest},
        }

    def test_say_nobodys_name_but_of_who_decides(self, client, november):
        with at("2026-12-05 12:00"):
            whole = "".join(page(client, "2026-11", end).text for end in ("/", ".csv", ".json"))
        assert [name for name in ("Agathe", "Basile", "Marthe", "Jules") if name in whole] == [
            "Agathe",
            "Basile",
        ]


class TestPeriod:
    def test_goes_from_december_to_january(self):
        december = Period(date(2026, 12, 1))
        assert (december.next.name, december.next.before) == ("2027-01", december)

    @pytest.mark.parametrize(
        "month, hours", [(3, 31 * 24 - 1), (10, 31 * 24 + 1), (11, 30 * 24)], ids=str
    )
    def test_is_as_long_as_it_is_in_paris(self, month, hours):
        period = Period(date(2026, month, 1))
        assert (period.end.timestamp() - period.start.timestamp()) / 3600 == hours

    @pytest.mark.parametrize(
        "text, name",
        [
            ("2026-10-25 02:30", "2026-10"),  # that hour came twice
            ("2026-12-31 23:59", "2026-12"),
            ("2027-01-01 00:00", "2027-01"),
        ],
    )
    def test_is_told_from_the_time_of_paris(self, text, name):
        with at(text) as now:
            assert Period.of(now).name == name


class TestClock:
    @pytest.fixture
    def october(self):
        with at("2026-10-20 12:00"):
            return act("approve", reply())

    def test_closes_a_month_once(self, october):
        with at("2026-11-01 00:00") as now:
            assert [checkpoint.close_due(now) for _tick in range(2)] == [1, 0]
        assert Month.objects.count() == Decision.objects.filter(action="count").count() == 1

    def test_enters_what_it_counted_in_the_record(self, october):
        month = closed("2026-10")
        entry = month.decisions.get()
        assert (entry.by, entry.duty, entry.reference) == (None, "report", "month/2026-10")
        assert json.loads(entry.payload.reason) == month.figures
        assert entry.payload.reason.encode() == canonical(month.figures)
        assert month.figures["head"] == {"number": october.number, "digest": october.digest}
        assert list(record.faults_in_database()) == []

    def test_finds_out_if_what_it_counted_is_changed(self, october):
        month = closed("2026-10")
        Month.objects.filter(pk=month.pk).update(figures=month.figures | {"members": 1000})
        assert list(record.faults_in_database()) == ["entry 2: the text it judged has been changed"]

    def test_waits_for_the_end_of_the_month(self, october):
        with at("2026-10-31 23:59") as now:
            tick(now)
        assert not Month.objects.exists()

    def test_asked_for_a_day_to_come_closes_no_month_that_runs(self, october):
        with at("2027-01-15 12:00") as later:
            pass
        with at("2026-10-21 12:00"):
            tick(later)
        assert not Month.objects.exists()

    def test_makes_good_the_months_that_it_missed(self, october):
        with at("2027-01-15 12:00") as now:
            tick(now)
        names = [month.first.isoformat()[:7] for month in Month.objects.order_by("first")]
        assert names == ["2026-10", "2026-11", "2026-12"]
        references = Decision.objects.filter(action="count").order_by("number")
        assert [each.reference[6:] for each in references] == names

    def test_counts_a_month_as_it_ended_however_late(self, october):
        post = october.post
        with at("2026-10-30 12:00"):
            complain(Complaint.Kind.RULES, post)
        with at("2026-11-02 12:00"):
            act("keep", post)
        closed("2026-11")
        figures = Month.objects.get(first=date(2026, 10, 1)).figures
        assert figures["complaints"] == {"rules": {"open": 1}}
        assert figures["head"] == {"number": october.number, "digest": october.digest}

    def test_counts_prompts_and_what_they_were_answered(self, october):
        with at("2026-10-21 12:00"):
            asked = published(prompt())
            published(reply(asked))
            reply(asked)
        figures = closed("2026-10").figures
        assert figures["texts"]["prompt"] == figures["answers_to_prompts"] == 1

    def test_has_nothing_to_close_while_nothing_is_entered(self):
        with at("2026-11-01 00:01") as now:
            assert checkpoint.close_due(now) == 0
        assert not Month.objects.exists()


class TestPage:
    @pytest.fixture(autouse=True)
    def october(self):
        with at("2026-10-20 12:00"):
            return act("hide", published(reply()), ground="attack")

    @pytest.mark.parametrize("suffix", ["/", ".csv", ".json"])
    def test_is_not_there_for_what_is_no_month_of_the_record(self, client, suffix):
        names = ["2026-09", "2027-02", "2026-13", "2026-00", "2026-1", "0000-01", "9999-12"]
        names += ["novembre", "2026-10-01", "２０２６-10", "%00"]
        with at("2027-01-15 12:00"):
            assert [page(client, name, suffix).status_code for name in names] == [404] * len(names)
            assert page(client, "2026-10", suffix).status_code == 200

    def test_of_the_running_month_is_provisional_and_follows_the_record(self, client):
        with at("2026-10-21 12:00"):
            assert "Provisional" in page(client, "2026-10").text
            before = told(client, "2026-10")
            act("approve", reply())
            after = told(client, "2026-10")
        assert (before["provisional"], before["counted"], before["entry"]) == (True, None, None)
        assert (before["acts"]["acts"], after["acts"]["acts"]) == (2, 3)

    def test_of_a_month_in_which_nothing_was_done_says_so(self, client):
        with at("2027-01-01 00:01") as now:
            tick(now)
            assert "Nothing was decided this month." in page(client, "2026-11").text
            report = told(client, "2026-11")
        assert report["acts"]["acts"] == 0
        assert report["acts"]["delays"] == {"acts": 0, "median": None, "p95": None}
        assert report["counted"]["texts"] == {}

    def test_of_a_closed_month_shows_the_digest_to_note_and_the_entry(self, client):
        month = closed("2026-10")
        with at("2026-11-02 12:00"):
            text = page(client, "2026-10").text
        assert Decision.objects.get(number=2).digest in text
        assert month.decisions.get().get_absolute_url() in text
        assert "Provisional" not in text

    def test_compares_with_the_month_before(self, client):
        closed("2026-10")
        with at("2026-11-02 12:00"):
            act("approve", reply())
            tables = page(client, "2026-11").context["acts"]
        table = next(each for each in tables if each.name == "actions")
        rows = {row.code: row for row in table.rows}
        assert {code: (row.now, row.before) for code, row in rows.items()} == {
            "approve": (1, 1),
            "hide": (0, 1),
            "count": (1, 0),
        }
        assert (rows["hide"].width, rows["hide"].width_before) == ("0.00", "100.00")

    def test_as_csv_has_a_figure_a_line_with_that_of_the_month_before(self, client):
        closed("2026-10")
        with at("2026-12-02 12:00") as now:
            tick(now)
            lines = list(csv.reader(page(client, "2026-11", ".csv").text.splitlines()))
        assert lines[0] == ["table", "figure", "what it is", "2026-11", "2026-10"]
        assert ["summary", "acts", "Acts", "1", "2"] in lines
        assert ["actions", "hide", "Hide", "0", "1"] in lines
        assert ["delays", "median", "Half of them came within", "", "0"] in lines
        assert ["debate", "members", "New members", "0", "3"] in lines

    def test_record_leads_to_it_and_shows_no_figures_as_code(self, client):
        month = closed("2026-10")
        text = client.get(reverse("record")).text
        assert f'<a href="{month.get_absolute_url()}">October 2026</a>' in text
        assert "unanswered" not in text

    def test_list_has_every_month_since_the_first_entry(self, client):
        closed("2026-10")
        with at("2026-11-02 12:00"):
            text = client.get(reverse("moderation:months")).text
        assert text.count("/bilan/2026-10/") == text.count("/bilan/2026-11/") == 1
        assert "closed by entry 3 of the record" in text
        assert "still running" in text

    def test_is_new_to_visitors_as_soon_as_the_month_is_closed(self):
        before = Edition.objects.get().number
        closed("2026-10")
        assert Edition.objects.get().number > before


def test_list_without_a_decision_says_when_the_first_report_comes(client):
    assert "No report yet" in client.get(reverse("moderation:months")).text


class TestLetter:
    @pytest.fixture(autouse=True)
    def october(self):
        with at("2026-10-20 12:00"):
            return act("approve", reply())

    def sent(self):
        mail.outbox = []
        while letters.deliver():
            pass
        return [message for message in mail.outbox if "/moderation/bilan/" in message.body]

    def test_goes_to_the_desk_and_to_who_follows_a_term(self, term, moderator, member):
        follower, on_the_site, stopped, gone = (
            UserFactory.create(name=name, language="en") for name in ("Abel", "Bea", "Cyr", "Dan")
        )
        for each in (follower, on_the_site, stopped, gone):
            follows.follow(each, term)
        Preferences.objects.create(member=on_the_site, rhythm="site")
        Preferences.objects.create(member=stopped, monthly=False)
        gone.is_active = False
        gone.save()
        trainee = UserFactory.create(role="trainee", language="en")
        deciding = Decision.objects.get(number=1).by
        closed("2026-10")
        written = Letter.objects.filter(kind=Letter.Kind.MONTH)
        assert {each.recipient for each in written} == {follower, moderator, trainee, deciding}
        assert written.count() == 4

    def test_carries_the_digest_and_leads_to_the_report(self, member, term, october):
        member.language = "en"
        member.save()
        follows.follow(member, term)
        closed("2026-10")
        message = next(each for each in self.sent() if each.to == [member.email])
        assert message.subject == "cmdebate: report of October 2026"
        html = message.alternatives[0][0]
        for text in (message.body, html):
            assert october.digest in text
            assert "http://localhost:8000/en/moderation/bilan/2026-10/" in text
            assert "1 act entered in the record" in text

    def test_is_stopped_by_its_link(self, client, member, term):
        follows.follow(member, term)
        closed("2026-10")
        message = next(each for each in self.sent() if each.to == [member.email])
        link = message.extra_headers["List-Unsubscribe"].strip("<>")
        client.post(link)
        assert not Preferences.objects.get(member=member).monthly
        closed("2026-11")
        assert [each for each in self.sent() if each.to == [member.email]] == []

    def test_stopped_before_it_leaves_is_not_sent(self, member, term):
        follows.follow(member, term)
        closed("2026-10")
        Preferences.objects.create(member=member, monthly=False)
        assert [each for each in self.sent() if each.to == [member.email]] == []

    def test_tells_of_the_last_month_only_when_the_clock_was_away(self):
        with at("2027-01-15 12:00") as now:
            tick(now)
        (start,) = set(Letter.objects.filter(kind="month").values_list("since", flat=True))
        assert Period.of(start).name == "2026-12"
