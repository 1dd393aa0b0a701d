"""Whether a post waits: a pure function, from facts to reasons."""

from dataclasses import replace
from datetime import timedelta

import pytest

from discussions.policy import Facts, Policy, Reason, judge, links_in

KNOWN = Facts(published_posts=3, by_community_manager=False)
AT_DESK = Facts(published_posts=0, by_community_manager=True)


@pytest.mark.parametrize(
    "facts, policy, reasons",
    [
        (KNOWN, Policy(), []),
        (replace(KNOWN, published_posts=2), Policy(), ["newcomer"]),
        (replace(KNOWN, published_posts=0), Policy(newcomer_posts=0), []),
        (replace(KNOWN, links=3), Policy(), []),
        (replace(KNOWN, links=4), Policy(), ["links"]),
        (replace(KNOWN, recent_posts=19), Policy(), []),
        (replace(KNOWN, recent_posts=20), Policy(), ["pace"]),
        (replace(KNOWN, text="Quelle ARNAQUE !"), Policy(words=("arnaq*",)), ["words"]),
        (replace(KNOWN, text="Quelle arnaque !"), Policy(words=("arnaq",)), []),
        (replace(KNOWN, text="Il a ete la."), Policy(words=("été",)), ["words"]),
        (replace(KNOWN, text="a+b"), Policy(words=("a.b",)), []),
        (replace(KNOWN, asked_again=True), Policy(), ["asked"]),
        (replace(KNOWN, in_role=True), Policy(), ["role"]),
        (replace(KNOWN, in_role=True), Policy(validation=False), []),
        (replace(KNOWN, by_visitor=True, links=9), Policy(), ["visitor"]),
        (replace(AT_DESK, links=9, recent_posts=99), Policy(), []),
        (replace(AT_DESK, in_role=True, asked_again=True), Policy(), ["asked", "role"]),
    ],
)
def test_verdict_has_its_reasons(facts, policy, reasons):
    assert [str(reason) for reason in judge(facts, policy).reasons] == reasons


def test_each_reason_has_its_words():
    assert [reason for reason in Reason if not reason.label] == []


@pytest.mark.parametrize(
    "text, count",
    [
        ("", 0),
        ("https://www.exemple.org", 1),
        ("HTTP://a.org et www.b.org", 2),
        ("www.a.org www.b.org", 2),
    ],
)
def test_link_counts_once(text, count):
    assert links_in(text) == count


@pytest.mark.parametrize(
    "slowed, reports, minutes", [(False, 2, 0), (False, 3, 10), (True, 0, 10), (True, 7, 30)]
)
def test_pause_grows_with_reports(slowed, reports, minutes):
    assert Policy().pause(slowed=slowed, reports=reports) == timedelta(minutes=minutes)


def test_facts_and_values_come_back_as_they_were_kept():
    facts = replace(KNOWN, links=2, text="Un texte.")
    assert Facts.of(facts.kept(), "Un texte.") == facts
    policy = Policy(words=("a", "b*"), newcomer_posts=5)
    assert Policy.of(policy.values()) == policy
    assert Policy.of({}) == Policy()
