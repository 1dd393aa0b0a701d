"""The monthly report: its figures, the clock that closes a month, its page, its letter."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from discussions import complaints
from discussions.calls import acts as calls
from discussions.leaving import leave
from discussions.management.commands.clock import tick
from discussions.models import Call, Complaint, Decision, Month
from discussions.moderation.decisions import undo
from discussions.months import Period
from tests.essays.factories import EssayFactory
from tests.factories import (
    UserFactory,
    act,
    answer,
    call,
    definition,
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
