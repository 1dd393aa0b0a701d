"""The record: what it holds, that it cannot be changed, that a change would be found."""

import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discussions import posting
from discussions.models import (
    Clause,
    Decision,
    DecisionPayload,
    Post,
    RecordHead,
    Revision,
    Thread,
)
from discussions.moderation import record, verifier
from discussions.moderation.decisions import DecisionRefused
from essays.models import Essay, OriginalComment
from tests.essays.factories import EssayFactory, OriginalCommentFactory
from tests.factories import UserFactory, act, definition, edit, in_state, published, reply

pytestmark = pytest.mark.django_db

EMPTIED = dict.fromkeys(
    (
        *("by_name", "author_name", "proposer_name", "names_salt"),
        *("facts", "reason", "marked", "reason_salt", "text_salt"),
    ),
    "",
)
HOLDS = "The record holds, from its first entry to its last.\n"


@pytest.fixture
def entries(term):
    """Five entries: of a definition, replies and an original comment."""
    act("approve", definition())
    hidden = in_state("hidden")
    act("restore", hidden)
    act("hide", OriginalCommentFactory.create())
    return list(Decision.objects.order_by("number"))


def faults():
    return list(record.faults_in_database())


def lines_of(client):
    return client.get("/journal.jsonl").getvalue().decode().splitlines()


def by_raw_sql(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


class TestChain:
    def test_numbers_have_no_gap_and_each_follows_the_one_before(self, entries):
        assert [entry.number for entry in entries] == [1, 2, 3, 4, 5]
        assert [entry.previous for entry in entries] == ["", *(e.digest for e in entries[:-1])]
        head = RecordHead.objects.get()
        assert (head.number, head.digest) == (5, entries[-1].digest)

    def test_holds(self, entries, capsys):
        call_command("verify_record")
        assert capsys.readouterr().out == HOLDS

    def test_of_nothing_holds(self):
        assert faults() == []

    def test_commits_to_the_text_that_was_judged(self, term):
        decision = act("approve", definition(None, ("is", "un hôte"), body="Parce que."))
        judged = {"body": "Parce que.", "clauses": [["is", "un hôte"]]}
        salt = decision.payload.text_salt
        assert verifier.digest(judged, salt) == decision.text_commitment

    def test_entry_says_which_version_it_judged_and_whether_it_has_changed(self, client, term):
        post = in_state("hidden", definition())
        act("restore", post)
        page = reverse("record")
        assert "version 1, changed since" not in client.get(page).text
        edit(post, "", ("is", "tout autre chose"))
        act("approve", post)
        assert client.get(page).text.count("version 1, changed since") == 3
        assert "version 2" in client.get(page).text

    def test_goes_on_over_an_act_that_failed(self, entries):
        with pytest.raises(DecisionRefused):
            act("restore", reply())
        assert act("approve", reply()).number == 6
        assert faults() == []


class TestDatabase:
    """What is entered stays, whatever code runs: triggers say so on both engines."""

    @pytest.mark.parametrize("table", ["discussions_decision", "discussions_decisionpayload"])
    def test_refuses_to_delete(self, entries, table):
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            by_raw_sql(f"DELETE FROM {table}")  # noqa: S608
        assert DecisionPayload.objects.count() == 5

    @pytest.mark.parametrize(
        "field",
        [field.attname for field in Decision._meta.fields],
    )
    def test_refuses_to_change_an_entry(self, entries, field):
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            Decision.objects.filter(number=5).update(**{field: F(field)})

    @pytest.mark.parametrize(
        "field", ["by_name", "author_name", "names_salt", "reason", "reason_salt", "text_salt"]
    )
    def test_refuses_other_words_and_lets_them_be_emptied(self, entries, field):
        rows = DecisionPayload.objects.filter(decision__number=3)
        before = rows.values().get()
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            rows.update(**{field: "autre"})
        assert rows.values().get() == before
        rows.update(**{field: ""})
        assert rows.values().get() == {**before, field: ""}
        with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
            rows.update(**{field: dict(before)[field]})

    def test_refuses_to_give_words_to_another_entry(self, entries):
        with pytest.raises(DatabaseError), transaction.atomic():
            DecisionPayload.objects.filter(decision__number=3).update(decision_id=4)

    def test_refuses_a_restriction_without_a_ground(self, entries):
        last = Decision.objects.values().get(number=5) | {"number": 6, "digest": "x", "ground": ""}
        with pytest.raises(DatabaseError), transaction.atomic():
            Decision.objects.create(**last)


class TestEmptied:
    def test_words_leave_the_chain_whole(self, entries):
        DecisionPayload.objects.filter(decision__number__in=[2, 4]).update(**EMPTIED)
        assert faults() == []

    def test_words_without_their_salt_are_found(self, entries):
        DecisionPayload.objects.filter(decision__number=4).update(reason_salt="")
        assert faults() == ["entry 4: its reason is not the one committed to"]

    def test_words_that_only_seem_lawfully_emptied_are_found(self, entries):
        DecisionPayload.objects.filter(decision__number=4).update(reason="")
        assert faults() == ["entry 4: its reason is not the one committed to"]


class TestTampering:
    """With the triggers out of the way, as somebody who owns the server could have it."""

    @pytest.fixture
    def lines(self, entries, client):
        return lines_of(client)

    @pytest.fixture(params=["command", "script"])
    def verify(self, request, tmp_path, client, capsys):
        """Says what is wrong: by the command, or by the script as a reader downloads it."""

        def by_command(file, head):
            try:
                call_command("verify_record", str(file), head=head)
            except CommandError as error:
                found = capsys.readouterr().err.splitlines()
                assert str(error) == f"The record does not hold: {len(found)} fault(s)."
                return found
            assert capsys.readouterr().out == HOLDS
            return []

        def by_script(file, head):
            script = tmp_path / "verifier.py"
            script.write_bytes(client.get(reverse("record_verifier")).getvalue())
            command = [sys.executable, "-I", script, file, "--head", head]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.stderr == ""
            if done.returncode:
                return done.stdout.splitlines()
            assert done.stdout == HOLDS
            return []

        def verify(lines, head=""):
            file = tmp_path / "journal.jsonl"
            file.write_text("".join(f"{line}\n" for line in lines))
            return {"command": by_command, "script": by_script}[request.param](file, head)

        return verify

    def test_downloaded_record_holds(self, lines, verify):
        assert len(lines) == 5
        assert verify(lines) == []

    def test_download_gives_no_salt_of_a_judged_text(self, lines):
        known = {*record.LINK, "digest", "names", "names_salt", "reason", "reason_salt"}
        more = {"answers", "origin", "since", "until", "alone"}
        assert [set(json.loads(line)) - more for line in lines] == [known] * 5
        for salt in DecisionPayload.objects.values_list("text_salt", flat=True):
            assert salt not in "".join(lines)

    def test_emptied_words_and_names_hold(self, entries, client, verify):
        DecisionPayload.objects.filter(decision__number__in=[2, 4]).update(**EMPTIED)
        assert verify(lines_of(client)) == []

    def test_erased_text_is_an_entry_and_holds(self, entries, client, verify):
        erasure = act("erase", in_state("hidden"))
        lines = lines_of(client)
        assert (erasure.number, json.loads(lines[7])["action"]) == (8, "erase")
        assert (verify(lines), faults()) == ([], [])

    def test_end_that_is_missing_is_found_by_the_digest_noted_before(self, lines, verify):
        noted = json.loads(lines[4])["digest"]
        assert verify(lines[:4]) == []
        assert verify(lines, noted) == verify(lines, noted[:16]) == []
        assert verify(lines[:4], noted) == [
            f"no entry has the digest {noted}: the end is missing, or all was made anew"
        ]

    def test_record_made_anew_is_found_by_the_digest_noted_before(self, lines, verify):
        noted = json.loads(lines[2])["digest"]
        anew, previous = [], ""
        for line in lines:
            entry = json.loads(line) | {"at": "2026-01-01T00:00:00+00:00", "previous": previous}
            previous = entry["digest"] = verifier.digest(verifier.link_in(entry))
            anew.append(json.dumps(entry))
        assert verify(anew) == []
        assert verify(anew, noted) == [
            f"no entry has the digest {noted}: the end is missing, or all was made anew"
        ]

    @pytest.mark.parametrize("name", [*record.LINK, "digest", "names_salt", "reason_salt"])
    def test_changed_value_is_found(self, lines, verify, name):
        entry = json.loads(lines[2])
        entry[name] = 9 if name == "number" else "autre"
        found = verify([*lines[:2], json.dumps(entry), *lines[3:]])
        assert found[0].startswith(("entry 3: ", "entry 9: "))

    @pytest.mark.parametrize("name", record.MORE)
    def test_value_that_few_entries_have_is_found_added_or_removed(self, lines, verify, name):
        for line in (2, 3):
            entry = json.loads(lines[line])
            if name in entry:
                del entry[name]
            else:
                entry[name] = "autre"
            assert verify([*lines[:line], json.dumps(entry), *lines[line + 1 :]]) == [
                f"entry {line + 1}: does not match its digest"
            ]

    @pytest.mark.parametrize("name, value", [("names", ["Agathe", "Paul"]), ("reason", "Autre.")])
    def test_changed_words_are_found(self, lines, verify, name, value):
        entry = json.loads(lines[2]) | {name: value}
        assert verify([*lines[:2], json.dumps(entry), *lines[3:]]) == [
            f"entry 3: its {name} is not the one committed to"
        ]

    def test_entry_changed_and_digested_anew_is_found_at_the_next(self, lines, verify):
        entry = json.loads(lines[2]) | {"ground": "attack"}
        entry["digest"] = verifier.digest(verifier.link_in(entry))
        assert verify([*lines[:2], json.dumps(entry), *lines[3:]]) == [
            "entry 4: does not follow the entry before it"
        ]

    @pytest.mark.parametrize(
        "order",
        [
            pytest.param([1, 2, 3, 4], id="the first removed"),
            pytest.param([0, 1, 3, 4], id="one removed"),
            pytest.param([0, 1, 2, 2, 3, 4], id="one twice"),
            pytest.param([0, 2, 1, 3, 4], id="two swapped"),
            pytest.param([4, 3, 2, 1, 0], id="backwards"),
        ],
    )
    def test_other_order_is_found(self, lines, verify, order):
        assert verify([lines[n] for n in order])[0].endswith(")")

    def test_inserted_entry_is_found(self, lines, verify):
        entry = json.loads(lines[2]) | {"number": 3, "reason": "Jamais écrit."}
        entry["previous"] = json.loads(lines[1])["digest"]
        entry["digest"] = verifier.digest(verifier.link_in(entry))
        assert verify([*lines[:2], json.dumps(entry), *lines[2:]]) != []

    @pytest.mark.parametrize(
        "line",
        [
            "", "\xe9", "{", "[]", "3", "null", "{}", '{"number": 3}', "\\", '{"number": "3"}',
            '{"number": NaN}', "[" * 100_000,
        ],
        ids=lambda line: line[:12],
    )  # fmt: skip
    def test_line_that_is_no_entry_is_found(self, lines, verify, line):
        assert verify([*lines[:2], line, *lines[3:]]) != []

    @pytest.mark.parametrize("name", [*record.LINK, "digest", "names", "names_salt", "reason"])
    @pytest.mark.parametrize("value", [None, 33, [], [1], {}, "\ud800", True])
    def test_value_of_another_kind_is_found(self, lines, verify, name, value):
        entry = json.loads(lines[2]) | {name: value}
        assert verify([*lines[:2], json.dumps(entry), *lines[3:]]) != []

    @pytest.mark.parametrize("name", [*record.LINK, "digest", "names", "names_salt", "reason"])
    def test_missing_value_is_found(self, lines, verify, name):
        entry = json.loads(lines[2])
        del entry[name]
        assert verify([*lines[:2], json.dumps(entry), *lines[3:]]) != []

    def test_file_that_cannot_be_read_is_said(self, tmp_path):
        with pytest.raises(CommandError, match="No such file"):
            call_command("verify_record", str(tmp_path / "none.jsonl"))

    def test_last_entry_removed_from_the_database_is_found(self, entries):
        RecordHead.objects.update(number=6)
        assert faults() == ["the record should end at entry 6"]


class TestTextsAndStates:
    def test_changed_body_is_found(self, entries):
        Revision.objects.filter(pk=entries[1].revision_id).update(body="Autre.")
        assert faults() == [f"entry {n}: the text it judged has been changed" for n in (2, 3, 4)]

    @pytest.mark.parametrize("change", [{"text": "un vendeur"}, {"polarity": "is_not"}])
    def test_changed_clause_is_found(self, entries, change):
        Clause.objects.update(**change)
        assert faults() == ["entry 1: the text it judged has been changed"]

    def test_changed_source_is_found(self, entries):
        essay = entries[4].original_comment.essay
        changed = essay.text.replace("numéro 1.", "numéro 0.")
        Essay.objects.filter(pk=essay.pk).update(text=changed)
        assert faults() == ["entry 5: the text it judged has been changed"]

    @pytest.mark.parametrize("state", ["hidden", "refused"])
    def test_text_shown_again_outside_the_record_is_found(self, state):
        post = in_state(state)
        values = {"published_at": timezone.now(), "published_revision": post.latest_revision}
        Post.objects.filter(pk=post.pk).update(state="published", restriction=None, **values)
        assert faults() == [
            f"reply/{post.public_id} is published, which is not what the record says"
        ]

    def test_text_hidden_outside_the_record_is_found(self):
        other = in_state("hidden").restriction
        post = published(reply())
        Post.objects.filter(pk=post.pk).update(state="hidden", restriction=other)
        assert faults() == [f"reply/{post.public_id} is hidden, which is not what the record says"]

    @pytest.mark.parametrize("state, entry", [("published", None), ("hidden", 99)])
    def test_original_comment_changed_outside_the_record_is_found(self, state, entry):
        comment = OriginalCommentFactory.create()
        if state == "published":
            act("hide", comment)
        OriginalComment.objects.update(state=state, withheld_by=entry)
        assert faults() == [
            f"comment/{comment.essay.slug}/c1 is {state}, which is not what the record says"
        ]

    def test_refused_edit_hides_nothing(self):
        act("refuse", in_state("edited"))
        assert faults() == []

    def test_text_refused_then_restored_then_edited_then_refused_stands(self):
        post = in_state("refused")
        act("restore", post)
        edit(post, "Après.")
        act("refuse", post)
        assert (post.state, faults()) == ("published", [])


ACTS = (
    *("definition", "reply", "answer", "edit", "withdraw"),
    *("approve", "approve", "refuse", "hide", "restore", "hide_comment", "restore_comment"),
)
STEPS = st.tuples(
    st.sampled_from(ACTS),
    st.integers(0, 20),
    st.integers(0, 4),
)


@pytest.fixture
def people():
    return [
        *(UserFactory.create() for _i in range(2)),
        *(UserFactory.create(community_manager=True) for _i in range(2)),
        UserFactory.create(owner=True),
    ]


@settings(
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=10, max_size=40))
def test_whatever_people_do_record_states_and_counts_agree(steps, people, term, settings):
    settings.POST_LIMITS = []
    undo = transaction.atomic()
    undo.__enter__()
    try:
        essay = EssayFactory.create()
        comment = OriginalCommentFactory.create(essay=essay)
        for number, (what, which, who) in enumerate(steps):
            step(what, which, people[who], essay, comment, number)
        assert faults() == []
        assert_counts_are_true()
        restricted = {post.pk for post in Post.objects.filter(state="hidden")}
        assert restricted == {p.pk for p in Post.objects.filter(restriction__isnull=False)}
        numbers = Post.objects.definitions().filter(published_at__isnull=False)
        given_numbers = numbers.values_list("definition__number", flat=True)
        assert sorted(given_numbers) == list(range(1, numbers.count() + 1))
    finally:
        transaction.set_rollback(True)
        undo.__exit__(None, None, None)


def step(what, which, who, essay, comment, number):
    posts = list(Post.objects.order_by("pk"))
    post = posts[which % len(posts)] if posts else None
    try:
        if what == "definition":
            definition(who, ("is", f"un {number}"))
        elif what == "reply":
            reply([essay, comment][which % 2], who, f"Réponse {number}.")
        elif what.endswith("_comment"):
            act(what.removesuffix("_comment"), comment, who)
        elif post is None:
            return
        elif what == "answer":
            reply(post, who, f"Réponse {number}.")
        elif what == "edit":
            clauses = [("is", f"un {number}")] if post.kind == "definition" else []
            edit(post, f"Version {number}.", *clauses)
        elif what == "withdraw":
            posting.withdraw(post, post.author)
        else:
            act(what, post, who)
    except (posting.PostingRefused, DecisionRefused):
        pass


def assert_counts_are_true():
    for thread in Thread.objects.all():
        public = thread.posts.filter(published_at__isnull=False)
        assert (thread.reply_count, thread.hidden_count) == (
            public.filter(state="published").count(),
            public.filter(state="hidden").count(),
        )
