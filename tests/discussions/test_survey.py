"""The survey: answered without an account, counted without a name, shown of no small group."""

from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from cmdebate.models import Edition
from discussions.models import Answer, Post, Survey
from discussions.survey import answering, keys, observations, results, surveys, texts
from essays.models import Essay
from tests.essays.factories import EssayFactory, TermFactory
from tests.factories import (
    UserFactory,
    act,
    answer,
    answer_again,
    client_of,
    published,
    survey,
    text_of,
)

pytestmark = pytest.mark.django_db

Generation = Answer.Generation


@pytest.fixture
def asked(term) -> Survey:
    return survey()


def edition() -> int:
    return sum(Edition.objects.values_list("number", flat=True))


def rows(bars) -> list[tuple[str, list[int]]]:
    return [(row.label, [part.count for part in row.parts]) for row in bars.rows]


# Which one is asked


def test_import_gives_each_term_a_survey_once(db):
    call_command("import_essays")
    call_command("import_essays")
    assert [str(one) for one in Survey.objects.all()] == ["community manager"]


def test_question_is_the_street_s_unless_its_owner_words_another(asked, settings):
    assert asked.asked == "Could you say precisely what a community manager is, and what one does?"
    asked.question = "Et vous ?"
    assert asked.asked == "Et vous ?"


def test_site_without_a_survey_says_so():
    client = Client()
    assert "nothing to ask yet" in client.get(reverse("survey")).text
    assert client.get(reverse("survey_answer")).headers["Location"] == reverse("survey")


# Answering


def test_answer_is_kept_without_anybody_s_name(asked):
    before = edition()
    given = answer("senior", "roughly", key="a")
    assert edition() == before + 1
    assert (given.generation, given.choice, given.post, given.first) == (
        *("senior", "roughly"),
        *(None, None),
    )
    assert given.browser == keys.digest("a") != "a"


def test_text_waits_whoever_sent_it(asked):
    post = text_of(answer(text="Une **oreille**."))
    assert (post.kind, post.author, post.state) == ("answer", None, "pending")
    revision = post.latest_revision
    assert (revision.author, revision.held_for) == (None, ["visitor"])
    assert post.term == asked.term


def test_browser_answers_once(asked):
    answer("young", "no", "Rien.", key="a")
    before = edition()
    with pytest.raises(answering.AlreadyAnswered):
        answer("senior", "precisely", "Tout.", key="a")
    assert edition() == before
    assert Answer.objects.get().choice == "no"
    assert Post.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(
            survey=asked,
            generation="young",
            choice="no",
            browser=keys.digest("a"),
            form="another",
        )


def test_same_form_sent_twice_is_one_answer(asked):
    form_key = uuid4()
    first, second = (
        answering.answer(asked, str(form_key), "young", "no", "Rien.", form_key=form_key)
        for _time in range(2)
    )
    assert first == second
    assert (Answer.objects.count(), Post.objects.count()) == (1, 1)


def test_second_answer_follows_the_first_and_is_the_last(asked, essay):
    first = answer("senior", "no", key="a")
    second = answer_again(first, "a", "precisely", "Un métier.", essay=essay)
    assert (second.first, second.generation, second.essay) == (first, "senior", essay)
    with pytest.raises(answering.AlreadyAnswered):
        answer_again(first, "a", essay=essay)
    with pytest.raises(answering.AlreadyAnswered):
        answer(key="a")
    with pytest.raises(answering.NotYetAnswered):
        answer_again(first, "b", essay=essay)


def test_closed_survey_takes_nothing_more(asked):
    asked.is_open = False
    surveys.change(asked)
    with pytest.raises(answering.Closed):
        answer()


def test_second_term_has_a_survey_of_its_own(asked):
    other = TermFactory.create(headword="influenceur", position=asked.term.position + 1)
    surveys.make_missing()
    for n in range(5):
        answer("young", "precisely", f"Mot {n}.", key=f"browser {n}")
        answer("young", "no", f"Autre {n}.", key=f"browser {n}", on=other.survey)
    assert rows(results.of(asked).by_generation)[-1] == ("All together", [5, 0, 0])
    assert rows(results.of(other.survey).by_generation)[-1] == ("All together", [0, 0, 5])
    assert "influenceur" in other.survey.asked
    for given in Answer.objects.select_related("post"):
        published(text_of(given))
    page = Client().get(reverse("survey")).text
    assert "Mot 4." in page and "Autre" not in page
    page = Client().get(other.address("survey")).text
    assert "Autre 4." in page and "Mot" not in page
    elsewhere = text_of(Answer.objects.filter(survey=other.survey).first())
    permalink = Client().get(reverse("post", args=[elsewhere.public_id]))
    assert permalink.headers["Location"] == f"{other.address('survey')}#{elsewhere.anchor}"


# What is counted


def test_results_by_a_table_made_by_hand(asked):
    table = {
        ("young", "precisely"): 4,
        ("young", "roughly"): 1,
        ("young", "no"): 2,
        ("between", "roughly"): 1,
        ("between", "no"): 5,
        ("senior", "precisely"): 1,
        ("senior", "no"): 1,
    }
    for (generation, choice), count in table.items():
        for _i in range(count):
            answer(generation, choice)
    found = results.of(asked)
    # Two seniors are not shown, nor the six in between, who would tell of them.
    assert rows(found.by_generation) == [("Young", [4, 1, 2]), ("All together", [5, 2, 8])]
    assert (found.count, found.generations) == (15, {"young"})
    assert found.kept_back == ["in between", "senior"]
    young = found.by_generation.rows[0]
    assert [(part.x, part.width, part.percent) for part in young.parts] == [
        ("0.00", "57.14", 57),
        ("57.14", "14.29", 14),
        ("71.43", "28.57", 29),
    ]


def test_nothing_is_told_of_fewer_than_five(asked):
    for _i in range(4):
        answer("young", "precisely")
    found = results.of(asked)
    assert (found.count, found.by_generation, found.generations) == (None, None, set())
    assert "Results stand here as soon as 5 people have answered" in page_text()
    answer("young", "precisely")
    assert results.of(asked).count == 5


@pytest.mark.parametrize(
    ("once", "twice", "told"),
    [(0, 5, True), (5, 5, True), (4, 5, False), (1, 9, False), (9, 4, False), (5, 0, False)],
)
def test_before_and_after_is_told_where_it_tells_of_nobody(asked, essay, once, twice, told):
    for _i in range(once):
        answer("young", "no")
    for n in range(twice):
        answer_again(answer("young", "no", key=f"{n}"), f"{n}", essay=essay)
    found = results.of(asked)
    assert found.count == once + twice
    told_rows = [("Before reading", [0, 0, twice]), ("After reading", [twice, 0, 0])]
    assert (rows(found.by_reading) if found.by_reading else None) == (told_rows if told else None)


def test_answer_counts_until_its_text_is_refused_or_hidden(asked, essay):
    for n in range(5):
        answer_again(answer("young", "no", key=f"{n}"), f"{n}", essay=essay)
    first = answer("young", "precisely", "Achetez mes abonnés.", key="spam")
    answer_again(first, "spam", "precisely", essay=essay)
    assert rows(results.of(asked).by_generation)[-1] == ("All together", [1, 0, 5])
    assert rows(results.of(asked).by_reading)[1] == ("After reading", [6, 0, 0])
    act("refuse", text_of(first))
    assert rows(results.of(asked).by_generation)[-1] == ("All together", [0, 0, 5])
    assert rows(results.of(asked).by_reading)[1] == ("After reading", [5, 0, 0])
    act("restore", text_of(first))
    assert results.of(asked).count == 6
    act("hide", text_of(first))
    assert results.of(asked).count == 5


def test_second_answer_that_is_refused_leaves_the_first(asked, essay):
    for n in range(6):
        second = answer_again(answer("young", "no", key=f"{n}"), f"{n}", text="!", essay=essay)
    act("refuse", text_of(second))
    found = results.of(asked)
    assert found.count == 6
    # Five answered twice, and one once, who would be told apart.
    assert found.by_reading is None


# What the essay saw


def test_essay_s_words_are_quoted_to_the_letter():
    call_command("import_essays")
    essay = Essay.objects.get(number="004")
    found = observations.on(survey())
    assert found.essay == essay
    said = {generation: words for generation, words in found.seen}
    assert said[Generation.YOUNG].exact.startswith(
        "Pour la génération des plus jeunes, la fonction"
    )
    assert said[Generation.BETWEEN].exact.endswith("venaient de l’autre côté de La Manche.")
    lines = essay.text.splitlines()
    numbers = {"young": 12, "senior": 13, "between": 14}
    assert {g: f"- {words.exact}" for g, words in said.items()} == {
        generation: lines[line - 1] for generation, line in numbers.items()
    }
    page = page_text()
    for words in (*said.values(), found.asked):
        assert f"{essay.get_absolute_url()}#p{words.paragraph.number}" in page
        assert words.exact.replace("'", "&#x27;") in page


def test_nothing_is_quoted_where_no_essay_says_it(asked):
    essay = EssayFactory.create()
    essay.terms.add(asked.term)
    assert observations.on(asked) is None
    # In what a reader wrote under it, they are no words of the essay.
    words = "\n".join([observations.ASKED, *observations.SEEN.values()])
    start = essay.text.index("Le commentaire numéro 1.")
    essay.text = essay.text[:start] + words + essay.text[start + len(words) :]
    essay.save()
    assert observations.on(asked) is None
    assert "saw in the street" not in page_text()


# The page


def page_text(client: Client | None = None, query: str = "") -> str:
    return (client or Client()).get(reverse("survey") + query).text


def test_page_says_in_a_table_what_it_draws(asked):
    for _i in range(5):
        answer("senior", "precisely")
    page = page_text()
    assert page.count('<rect class="for" x="0.00" width="100.00" height="10"/>') == 2
    assert '<th scope="row">Senior</th><td><b>5</b> 100%</td><td><b>0</b> 0%</td>' in page


def test_page_is_the_same_for_every_browser_and_sets_nothing(asked):
    answer(text="Un texte.")
    client = Client()
    send(client)
    found = [one.get(reverse("survey")) for one in (Client(), client)]
    assert found[0].text == found[1].text
    assert [dict(response.cookies) for response in found] == [{}, {}]
    assert "csrfmiddlewaretoken" not in found[0].text
    assert "Cache-Control" not in found[0].headers


def test_published_texts_are_listed_the_newest_first_with_a_place_each(asked):
    posts = [published(text_of(answer(text=f"Texte {n}."))) for n in range(45)]
    client, address = Client(), reverse("survey")
    listed = []
    while address:
        response = client.get(address)
        listed.append([post.public_id for post in response.context["page"].posts])
        after = response.context["page"].next
        address = after and f"{reverse('survey')}?apres={after}"
    assert [len(page) for page in listed] == [20, 20, 5]
    assert [one for page in listed for one in page] == [post.public_id for post in posts][::-1]
    for post, query in ((posts[-1], ""), (posts[25], ""), (posts[24], "?depuis=")):
        response = client.get(reverse("post", args=[post.public_id]))
        query = query and query + post.public_id
        assert response.headers["Location"] == f"{reverse('survey')}{query}#{post.anchor}"
        assert f'id="{post.anchor}"' in page_text(query=query)
    assert "Texte 44." in page_text(query="?apres=zzzzzzzzzz")


def test_generation_of_a_text_is_told_of_large_groups_only(asked, essay):
    first = answer("young", "no", key="a")
    published(text_of(answer_again(first, "a", text="Un métier.", essay=essay)))
    published(text_of(answer("senior", "no", "Un mystère.")))
    told = ("<span>young</span>", "<span>senior</span>", "<span>after reading</span>")
    assert [words in page_text() for words in told] == [False, False, False]
    for n in range(5):
        answer_again(answer("young", "no", key=f"{n}"), f"{n}", essay=essay)
    assert [words in page_text() for words in told] == [False, False, False]
    for _i in range(4):
        answer("senior", "no")
    assert [words in page_text() for words in told] == [True, True, True]


@pytest.mark.parametrize("state", ["pending", "refused"])
def test_text_that_was_never_public_is_not_there(asked, state):
    post = text_of(answer(text="Un secret."))
    if state == "refused":
        act("refuse", post)
    assert "Un secret." not in page_text()
    assert Client().get(reverse("post", args=[post.public_id])).status_code == 404


def test_hidden_text_keeps_its_place_with_the_reason(asked, moderator):
    post = published(text_of(answer(text="Un secret.")))
    assert "Un secret." in page_text()
    act("hide", post, moderator, reason="Hors sujet, vraiment.")
    page = page_text()
    assert "Un secret." not in page and "Hors sujet, vraiment." in page
    own_page = Client().get(reverse("post", args=[post.public_id]))
    assert own_page.status_code == 200
    assert "Un secret." not in own_page.text and "Hors sujet, vraiment." in own_page.text


def test_community_manager_decides_at_the_desk(asked, moderator):
    post = text_of(answer(text="Une **oreille**."))
    client = client_of(moderator)
    desk = client.get(reverse("moderation:desk")).text
    assert "Sent without an account" in desk and "<strong>oreille</strong>" in desk
    address = reverse("moderation:post", args=[post.public_id])
    case = client.get(address).text
    assert "A visitor, answer to the survey" in case and asked.asked in case
    client.post(address, {"action": "approve", "seen": post.version, "reason": ""})
    assert "<strong>oreille</strong>" in page_text()
    waiting = text_of(answer(text="Une autre."))
    page = client.get(reverse("post", args=[waiting.public_id])).text
    assert "Une autre." in page and "without an account" in page


def test_answer_is_found_and_stands_among_what_is_new(asked):
    post = text_of(answer(text="Une oreille attentive."))
    search = reverse("search") + "?q=oreille&genre=answer"
    assert "attentive" not in Client().get(search).text
    published(post)
    page = Client().get(search).text
    assert "attentive" in page and "The survey on “community manager”" in page
    assert "A visitor" in page
    assert "answers the survey:" in Client().get(reverse("home")).text
    act("hide", post)
    assert "attentive" not in Client().get(search).text


def test_answer_is_no_discussion(asked, member):
    post = published(text_of(answer(text="Une oreille.")))
    client = client_of(member)
    address = reverse("post_reply", args=[post.public_id])
    assert client.get(address).headers["Location"] == post.get_absolute_url()
    page = client.post(address, {"body": "Non.", "key": str(uuid4())})
    assert page.status_code == 422
    assert Post.objects.replies().count() == 0


def test_member_that_a_published_answer_names_is_told(asked, member):
    published(text_of(answer(text="Comme @Marthe.")))
    page = client_of(member).get(reverse("notices")).text
    assert "A visitor mentions you: The survey on “community manager”" in page


# The form


def typed(**fields: str) -> dict[str, str]:
    return {"choice": "no", "generation": "young", "text": "", "key": str(uuid4())} | fields


def send(client: Client, **fields: str):
    return client.post(reverse("survey_answer"), typed(**fields), follow=True)


def test_visitor_answers_and_reads_what_became_of_it(asked, moderator):
    client = Client()
    page = client.get(reverse("survey_answer"))
    assert "no-store" in page.headers["Cache-Control"]
    assert set(page.cookies) == {"csrftoken"}
    page = send(client, choice="roughly", text="Une oreille.")
    assert page.redirect_chain == [(reverse("survey_answer"), 302)]
    assert "Une oreille." in page.text and "waits for a community manager" in page.text
    assert "Une oreille." not in Client().get(reverse("survey_answer")).text
    post = Post.objects.get()
    act("refuse", post, moderator, ground="advertising", reason="C’est une réclame.")
    told = client.get(reverse("survey_answer")).text
    assert "disguised advertising" in told and "C’est une réclame." in told
    assert "Une oreille." in told
    act("restore", post)
    assert f'href="{post.get_absolute_url()}"' in client.get(reverse("survey_answer")).text


def test_cookie_comes_back_on_the_form_in_both_languages_and_nowhere_else(asked):
    client = Client()
    client.post(reverse("survey_answer"), typed())
    found = {c.key: (c["path"], c["httponly"], c["samesite"]) for c in client.cookies.values()}
    assert found == {
        "survey-fr": ("/sondage/repondre/", True, "Lax"),
        "survey-en": ("/en/sondage/repondre/", True, "Lax"),
    }
    assert "Ce que vous avez répondu" in client.get("/sondage/repondre/").text


def test_forged_cookie_is_nobody_s(asked):
    client = Client()
    send(client, text="Un secret.")
    value = client.cookies["survey-en"].value
    client.cookies["survey-en"] = value[:-2] + ("aa" if value[-2:] != "aa" else "bb")
    assert "Un secret." not in client.get(reverse("survey_answer")).text


def test_second_attempt_is_refused_kindly(asked):
    client = Client()
    send(client, choice="no")
    page = send(client, choice="precisely", text="Encore moi.")
    assert "You have already answered from this browser." in page.text
    assert (Answer.objects.get().choice, Post.objects.count()) == ("no", 0)
    # An empty one too: there is no form to correct.
    page = client.post(reverse("survey_answer"), {}, follow=True)
    assert "You have already answered from this browser." in page.text


@pytest.mark.parametrize("cookie", ["came", "on its way"])
def test_double_click_answers_once(asked, cookie):
    client, form = Client(), typed(text="Une oreille.")
    client.post(reverse("survey_answer"), form)
    if cookie == "on its way":
        client.cookies.clear()
    page = client.post(reverse("survey_answer"), form, follow=True)
    assert "already" not in page.text and "Une oreille." in page.text
    assert (Answer.objects.count(), Post.objects.count()) == (1, 1)


def test_browser_answers_again_after_an_essay(asked, essay):
    essay.terms.add(asked.term)
    EssayFactory.create(title="Sur un autre mot")
    client = Client()
    page = send(client, choice="no")
    assert "And after reading?" in page.text and "Sur un autre mot" not in page.text
    page = send(client, choice="precisely", essay="nowhere")
    assert page.status_code == 422
    page = send(client, choice="precisely", essay=essay.slug)
    assert "You have answered twice" in page.text
    second = Answer.objects.seconds().get()
    assert (second.first.choice, second.choice, second.essay) == ("no", "precisely", essay)


def test_what_is_missing_is_said_and_what_was_typed_stays(asked):
    page = send(Client(), choice="", generation="old", text="À garder.")
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"choice", "generation"}
    assert "À garder." in page.text
    assert "À garder." in send(Client(), text="À garder." * 200).text
    assert not Answer.objects.exists()


def test_address_is_limited_and_what_was_typed_stays(asked, settings):
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"survey": "2/h/ip"}
    statuses = [send(Client()).status_code for _i in range(2)]
    page = send(Client(), text="À garder.")
    assert (statuses, page.status_code) == ([200, 200], 422)
    assert "from your network" in page.text and "À garder." in page.text
    assert Answer.objects.count() == 2


def test_form_needs_its_token(asked):
    client = Client(enforce_csrf_checks=True)
    assert client.post(reverse("survey_answer"), typed()).status_code == 403
    form = client.get(reverse("survey_answer"))
    token = form.context["csrf_token"]
    answered = client.post(reverse("survey_answer"), typed(csrfmiddlewaretoken=str(token)))
    assert answered.status_code == 302


def test_closed_survey_shows_what_was_answered_and_takes_no_more(asked):
    client, late = Client(), Client()
    send(client, text="Une oreille.")
    asked.is_open = False
    surveys.change(asked)
    assert "Une oreille." in client.get(reverse("survey_answer")).text
    assert "The survey is closed" in send(late).text
    assert "The survey is closed" in page_text()
    assert Answer.objects.count() == 1


def test_member_answers_as_anonymously_as_anybody(asked, member):
    client = client_of(member)
    send(client, text="Rien qui me nomme.")
    post = Post.objects.get()
    assert (post.author, post.revisions.get().author) == (None, None)
    exported = client.get(reverse("own_data_json")).getvalue().decode()
    assert "Rien qui me nomme." not in exported
    assert "Rien qui me nomme." not in client.get(member.get_absolute_url()).text


# The admin


def test_owner_words_the_question_and_closes_the_survey(asked):
    client = client_of(UserFactory.create(owner=True))
    address = reverse("admin:discussions_survey_change", args=[asked.pk])
    before = edition()
    client.post(address, {"question": "Et vous, sauriez-vous le dire ?"})
    asked.refresh_from_db()
    assert (asked.question, asked.is_open) == ("Et vous, sauriez-vous le dire ?", False)
    assert edition() == before + 1
    assert "Et vous, sauriez-vous le dire ?" in page_text()


def test_text_that_waits_has_no_place(asked):
    assert texts.address_of(text_of(answer(text="Elle attend."))) == ""
