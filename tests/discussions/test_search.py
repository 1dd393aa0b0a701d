"""Search finds what everybody may read, in whatever form a word has, and nothing else."""

import random
from datetime import date
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from discussions import posting
from discussions.leaving import leave
from discussions.models import Post, SearchDocument
from discussions.moderation.decisions import DecisionRefused
from discussions.search import engine, index, query, results, words
from discussions.search.engine import Request
from discussions.search.excerpts import excerpt
from discussions.search.results import Filters
from essays.models import Essay
from tests.essays.factories import EssayFactory, OriginalCommentFactory
from tests.factories import (
    READABLE,
    STATES,
    UserFactory,
    act,
    amendment,
    definition,
    edit,
    in_state,
    passage_of,
    published,
    reply,
    trusted_member,
    withdrawn,
)

SAME = """
métier metier, métier métiers, gérer gère, gérer gérait, gérer géré, gérées gérant, gèrent gérer,
communauté communautés, communauté communaute, modérateur modératrice, modérer modération,
animateur animatrice, animer animées, entreprise entreprises, définir définition,
définissent définie, social sociaux, sociale sociales, réseau réseaux, média médias,
stratégie stratégique, conversation converser, rôle role, créer création, créée crée,
œuvre oeuvre, cœur coeurs, évaluée évaluation, publier publiées, professionnel professionnelles,
responsable responsabilité, écouter écoutent, veiller veille, emploi emplois, employer employées,
idée idées, année années, journal journaux, local locaux, travail travaux,
utilisateur utilisatrices, influenceur influenceuse, vendeuse vendeurs, lecteur lectrice,
nouveau nouvelles, actif active, parler parlaient, choisir choisie, compétence compétences,
manager managers, débat débattre, clair clairement, libre librement, important importante,
fidèle fidélité, photo photos, info infos, heureux heureuse, blogueur blogueuses,
identité identités, échanger échangent, étudier étudiée, COMMUNAUTÉ communauté, ＷＥＢ web
"""
DIFFERENT = """
communauté communication, communauté commune, modérer mode, gestion geste, manager manger,
social société, membre mémoire, règle régner, réseau réserve, forum forme, conte content,
passage passion, animer animal, mot moteur, métier mètre, veille vieille, blog bloc, rôle roulement
"""


def pairs(table):
    return [pair.split() for pair in table.split(",")]


@pytest.mark.parametrize("one, other", pairs(SAME))
def test_forms_of_a_word_find_each_other(db, one, other):
    published(reply(body=f"Il y a {other} ici."))
    assert len(search(one)) == 1
    assert words.stem_of(one) == words.stem_of(other) != ""


@pytest.mark.parametrize("one, other", pairs(DIFFERENT))
def test_other_words_do_not_find_each_other(db, one, other):
    published(reply(body=f"Il y a {other} ici."))
    assert search(one) == []
    assert len(search(other)) == 1


def search(typed, *facets, keys=None):
    request = Request(query.parse(typed), facets, keys)
    best, newest = engine.best(request, 100, 0), engine.newest(request, 100, 0)
    assert [row.id for row in newest] == sorted((row.id for row in best), reverse=True)
    assert engine.count(request, 100) == len(best)
    return [row.text for row in best]


def test_every_word_is_required(db):
    published(reply(body="La communauté anime un forum."))
    assert len(search("communauté forum")) == 1
    assert search("communauté blog") == []


@pytest.mark.parametrize(
    "typed",
    [
        "« community manager »",
        "«\u202fcommunity manager\u202f»",
        "“community manager”",
        '"Community managers"',
        '"community manager',
        "community-manager",
        "« le métier de community manager »",
        "« l’animatrice, community manager »",
    ],
)
def test_phrase_finds_words_that_follow_each_other(typed, db):
    together = published(
        reply(body="Le métier de community manager, ou d’animatrice, **community** manager.")
    )
    apart = published(reply(body="Le manager anime, community, son métier."))
    assert search("community manager métier") != []
    assert search(typed) == [SearchDocument.objects.get(post=together).text]
    assert SearchDocument.objects.get(post=apart).text not in search(typed)


def test_hyphen_before_a_word_or_a_phrase_excludes(db):
    for body in ("Un métier neuf.", "Un métier de vitrine.", "Un métier, une vitrine de blog."):
        published(reply(body=body))
    assert search("métier -vitrine") == ["Un métier neuf."]
    assert search("métiers −« vitrines de blogs »") == ["Un métier neuf.", "Un métier de vitrine."]


def test_best_comes_first(db):
    for body in (
        "Un forum, " + "et bien d’autres choses " * 20,
        "Forum, forum, forum !",
        "Un forum.",
    ):
        published(reply(body=body))
    assert [text[:9] for text in search("forum")] == ["Forum, fo", "Un forum.", "Un forum,"]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        '"',
        '"" « »',
        "-",
        "- -- *",
        "la les",
        "-métier",
        "?!…",
    ],
)
def test_nothing_to_search_is_told_from_words(typed):
    assert query.parse(typed).wanted == ()


HOSTILE = [
    "métier*",
    "NEAR(métier, métier)",
    "métier AND",
    "NOT métier OR",
    "(métier",
    "métier)",
    "words:métier",
    "{words facets}: métier",
    "^métier",
    "métier + métier",
    "'métier'",
    "métier''; DROP TABLE discussions_post; --",
    "\\métier\\",
    "métier & | ! <-> :*",
    "métier\0",
    "%s %(métier)s",
    "métier " * 2000,
    "\u202eé\u0301\ufeff métier",
    "--métier métier",
    "\ud800 métier",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_signs_of_either_database_are_no_operators(typed, db):
    published(reply(body="Un métier."))
    asked = query.parse(typed)
    request = Request(asked, ("kind_reply",))
    assert engine.count(request, 10) <= 1
    for order in (engine.best, engine.newest):
        assert len(order(request, 10, 0)) == engine.count(request, 10)


def test_every_kind_is_found_where_it_stands(db):
    essay = EssayFactory.create(title="Le titre rare", author="Ariane Dupont", author_basis="page")
    comment = OriginalCommentFactory.create(essay=essay)
    assert index.index_essays() == 1
    post = published(
        definition(UserFactory.create(), ("is_not", "un métier neuf"), body="Par *ailleurs*.")
    )
    answer = published(reply(comment, body="Rare, ce [lien](https://example.org/) &amp; tout."))
    change = published(
        amendment(post, None, ("is", "un métier rare"), body="À *dire*.", tags=("écoute",))
    )
    on_it = published(reply(change, body="Un changement rare."))
    hits = {
        hit.address: (hit.what, text_of(hit))
        for typed in ("rare", "paragraphe", "commentaire", "métier")
        for hit in hits_of(typed)
    }
    headword = post.definition.term.headword
    assert hits == {
        essay.get_absolute_url(): ("Essay", "Le titre rare · Ariane Dupont"),
        f"{essay.get_absolute_url()}#p1": ("Essay, paragraph 1", "Un premier paragraphe."),
        f"{essay.get_absolute_url()}#c1": ("Original comment", "Le commentaire numéro 1."),
        post.get_absolute_url(): (
            "Definition",
            f"{headword} n’est pas un métier neuf\nPar ailleurs.",
        ),
        answer.get_absolute_url(): ("Reply", "Rare, ce lien & tout."),
        change.get_absolute_url(): (
            "Amendment",
            f"{headword} est un métier rare\nÀ dire.\nécoute",
        ),
        on_it.get_absolute_url(): ("Reply", "Un changement rare."),
    }
    assert {hit.title for hit in hits_of("rare", kind="amendment")} == {
        f"On the definition “{headword} 1”"
    }
    assert {hit.title for hit in hits_of("changement")} == {
        f"On an amendment to the definition “{headword} 1”"
    }


def test_filters_narrow(db):
    old = EssayFactory.create(published_on=date(2011, 5, 17), date_basis="text")
    new, undated = EssayFactory.create(), EssayFactory.create()
    comments = [OriginalCommentFactory.create(essay=essay) for essay in (old, new)]
    index.index_essays()
    author = UserFactory.create(name="Ariane")
    mine = published(reply(comments[0], author, body="Un premier avis sur un paragraphe."))
    theirs = published(reply(new, body="Un second avis sur un paragraphe."))
    post = published(definition(author, ("is", "un paragraphe")))
    change = published(amendment(post, None, ("is", "un paragraphe entier")))
    within = published(reply(passage_of(new, "premier"), body="Le passage d’un paragraphe."))
    today = timezone.localdate(mine.created_at)

    def found(**filters):
        return {
            next(thing for thing, address in addresses.items() if hit.address.startswith(address))
            for hit in hits_of("paragraphe", **filters)
        }

    things = (old, new, undated, mine, theirs, post, change, within)
    addresses = {thing: thing.get_absolute_url() for thing in things}
    assert found() == {old, new, undated, mine, theirs, post, change, within}
    assert found(kind="essay") == {old, new, undated}
    assert found(kind="reply") == {mine, theirs, within}
    assert found(kind="definition") == {post}
    assert found(kind="amendment") == found(member=change.author) == {change}
    assert found(kind="comment") == set()
    assert found(essay=old) == {old, mine}
    assert found(essay=new, kind="reply") == {theirs, within}
    assert found(member=author) == {mine, post}
    assert found(member=author, essay=new) == set()
    assert found(since=date(2011, 5, 17), until=date(2011, 5, 17)) == {old}
    assert found(since=date(2011, 5, 18)) == {mine, theirs, post, change, within}
    assert found(until=date(2011, 5, 16)) == set()
    assert found(since=date.min, until=date.max) == {old, mine, theirs, post, change, within}
    assert found(since=today, until=today) == {mine, theirs, post, change, within}
    assert {hit.title for hit in hits_of("passage")} == {"On a passage of “Un titre”"}
    hits = hits_of("commentaire", kind="comment", essay=new)
    assert [hit.address for hit in hits] == [comments[1].get_absolute_url()]


def hits_of(typed, **filters):
    return results.find(query.parse(typed), Filters(**filters), results.all_essays()).hits


def text_of(hit):
    return "".join(before + match for before, match in hit.excerpt.marks) + hit.excerpt.rest


def texts_found(typed):
    return {text_of(hit) for hit in hits_of(typed)}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", ["definition", "amendment", "reply"])
def test_only_what_everybody_may_read_is_found(state, kind, db):
    other = "Un brouillon."
    if kind == "reply":
        post = in_state(state, reply(body="Une girafe."), new_text=other)
        text = "Une girafe."
    else:
        make = definition if kind == "definition" else partial(amendment, published(definition()))
        post = in_state(state, make(None, ("is", "une girafe")), new_text=other)
        text = f"{post.term.headword} est une girafe"
    assert texts_found("girafe") == ({text} if state in READABLE else set())
    assert texts_found("brouillon") == set()
    assert SearchDocument.objects.filter(post=post).exists() == (state in READABLE)


def test_new_version_takes_the_place_of_the_earlier_one(db):
    author = trusted_member()
    post = reply(author=author, body="Une girafe.")
    edit(post, "Un zèbre.")
    assert texts_found("girafe") == set()
    assert texts_found("zèbre") == {"Un zèbre."}


def test_hidden_text_is_found_again_once_restored(db):
    post = published(reply(body="Une girafe."))
    act("hide", post)
    assert texts_found("girafe") == set()
    act("restore", post)
    assert texts_found("girafe") == {"Une girafe."}


def test_hidden_original_comment_is_not_found(db):
    comment = OriginalCommentFactory.create()
    index.index_essays()
    assert texts_found("commentaire") == {"Le commentaire numéro 1."}
    act("hide", comment)
    assert texts_found("commentaire") == set()
    index.rebuild()
    assert texts_found("commentaire") == set()
    act("restore", comment)
    assert texts_found("commentaire") == {"Le commentaire numéro 1."}


def test_document_of_a_text_that_is_hidden_all_the_same_is_not_shown(db):
    """A mistake elsewhere, made here on purpose."""
    post = published(reply(body="Une girafe."))
    comment = OriginalCommentFactory.create()
    index.index_essays()
    Post.objects.filter(pk=post.pk).update(state="withdrawn")
    type(comment).objects.update(state="hidden", withheld_by=1)
    assert engine.count(Request(query.parse("girafe")), 10) == 1
    assert texts_found("girafe") == texts_found("commentaire") == set()


@pytest.mark.parametrize("erase", [False, True])
def test_text_of_somebody_who_left_is_found_without_their_name_or_not_at_all(erase, db):
    author = UserFactory.create(name="Marthe")
    published(reply(author=author, body="Une girafe."))
    assert [hit.who for hit in hits_of("girafe")] == ["Marthe"]
    leave(author, erase=erase)
    assert [hit.who for hit in hits_of("girafe")] == ([] if erase else ["former member"])
    assert SearchDocument.objects.filter(post__author=author).exists() is not erase


def amended():
    """A published definition, and a published amendment to it that alone tells of a giraffe."""
    base = published(definition())
    return base, published(amendment(base, None, ("is", "une girafe")))


def found_anywhere(typed):
    """What the index itself holds: a result that may not be read would still be counted."""
    return engine.count(Request(query.parse(typed)), 10)


def hidden(post):
    act("hide", post)


def erased(post):
    leave(post.author, erase=True)


@pytest.mark.parametrize("leave_the_page", [hidden, withdrawn, erased])
@pytest.mark.parametrize("which", ["definition", "amendment"])
def test_amendment_is_found_as_long_as_both_it_and_its_definition_are_public(
    which, leave_the_page, db
):
    base, change = amended()
    _other, kept = amended()
    assert found_anywhere("girafe") == len(hits_of("girafe")) == 2
    leave_the_page({"definition": base, "amendment": change}[which])
    assert [hit.address for hit in hits_of("girafe")] == [kept.get_absolute_url()]
    assert found_anywhere("girafe") == 1
    index.rebuild()
    assert found_anywhere("girafe") == 1
    assert index.bring_up_to_date() == 0


def test_amendment_comes_back_with_its_definition(db):
    base, change = amended()
    gone = published(amendment(base, None, ("is", "un zèbre")))
    act("hide", gone)
    waiting = amendment(base, None, ("is", "un okapi"))
    before = everything()
    act("hide", base)
    act("approve", waiting)
    assert SearchDocument.objects.filter(post__kind="amendment").count() == 0
    act("restore", base)
    assert [hit.address for hit in hits_of("girafe")] == [change.get_absolute_url()]
    assert [found_anywhere(typed) for typed in ("girafe", "zèbre", "okapi")] == [1, 0, 1]
    assert [row for row in everything() if row[1] != waiting.pk] == before


def test_amendment_stays_found_when_the_author_of_its_definition_leaves_it_behind(db):
    base, change = amended()
    leave(base.author, erase=False)
    assert [hit.address for hit in hits_of("girafe")] == [change.get_absolute_url()]


def test_amendments_of_a_site_from_before_are_indexed(db):
    hidden_base, _change = amended()
    _base, change = amended()
    act("hide", hidden_base)
    index.index_essays()
    SearchDocument.objects.filter(post__kind="amendment").delete()
    assert index.bring_up_to_date() == 1
    assert [hit.address for hit in hits_of("girafe")] == [change.get_absolute_url()]
    assert index.bring_up_to_date() == 0


def everything():
    return sorted(
        SearchDocument.objects.values_list(
            "pk", "post", "essay", "ref", "version", "words", "facets", "text"
        )
    )


@pytest.mark.parametrize("seed", range(3))
def test_index_kept_by_the_verbs_is_the_one_made_anew(seed, db, settings):
    settings.POST_LIMITS = []
    rng = random.Random(seed)  # noqa: S311
    essay = EssayFactory.create()
    comments = [OriginalCommentFactory.create(essay=essay) for _i in range(3)]
    authors = [UserFactory.create(), trusted_member()]
    index.index_essays()
    posts: list[Post] = []

    def fresh(post):
        return Post.objects.get(pk=post.pk)

    def send():
        author, body = rng.choice(authors), f"Un mot {rng.randrange(1000)}."
        public = [post for post in posts if fresh(post).is_public]
        others = [
            post
            for post in public
            if post.kind == "definition" and post.author != author and post.takes_amendments
        ]
        subjects: list[Any] = [essay, *public, *(c for c in comments if not c.is_hidden)]
        if rng.random() < 0.3:
            posts.append(definition(author, ("is", body)))
        elif others and rng.random() < 0.5:
            posts.append(amendment(rng.choice(others), author, ("is", body)))
        else:
            posts.append(reply(rng.choice(subjects), author, body))

    def change(post):
        verb = rng.choice(["approve", "refuse", "hide", "restore", "edit", "withdraw"])
        try:
            if verb == "edit":
                edit(post, f"Un autre {rng.randrange(1000)}.", ("is", "un mot neuf"))
            elif verb == "withdraw":
                withdrawn(post)
            else:
                act(verb, post)
        except (DecisionRefused, posting.PostingRefused):
            pass  # not possible in that state

    for _step in range(60):
        if rng.random() < 0.4 or not posts:
            send()
        elif rng.random() < 0.2:
            comment = rng.choice(comments)
            act("restore" if comment.is_hidden else "hide", comment)
        else:
            post = rng.choice(posts)
            change(post)
            post.refresh_from_db()
    kept = everything()
    assert {row[1] for row in kept} - {None} == {
        post.pk for post in Post.objects.filter(author__in=authors) if post.is_public
    }
    assert index.bring_up_to_date() == 0
    SearchDocument.objects.all().delete()
    call_command("reindex_search", stdout=StringIO())
    assert everything() == kept
    # What answers is made of these rows, and of nothing else.
    found = [row.id for row in engine.newest(Request(query.parse("mot")), 1000, 0)]
    assert sorted(found) == [row[0] for row in kept if " mot " in row[5]]


def test_index_is_brought_up_to_date(db):
    posts = [published(reply(body="Une girafe.")) for _i in range(3)]
    SearchDocument.objects.filter(post=posts[0]).delete()
    SearchDocument.objects.filter(post=posts[1]).update(version=0, words=" autrement ")
    assert texts_found("girafe") == {"Une girafe."}
    assert engine.count(Request(query.parse("girafe")), 10) == 1
    assert index.bring_up_to_date() == 1 + 2 + 2  # the posts' essays were never indexed
    assert engine.count(Request(query.parse("girafe")), 10) == 3
    assert index.bring_up_to_date() == 0


def test_import_indexes_the_essays_it_brings(db):
    call_command("import_essays", stdout=StringIO())
    rows = everything()
    assert texts_found("métier") != set()
    assert index.index_essays() == 0
    call_command("import_essays", stdout=StringIO())
    assert everything() == rows
    for essay in Essay.objects.all():
        refs = set(SearchDocument.objects.filter(essay=essay).values_list("ref", flat=True))
        assert refs == {
            "",
            *(f"p{paragraph.number}" for paragraph in essay.paragraphs),
            *essay.original_comments.values_list("ref", flat=True),
        }


def marked(text, typed):
    found = excerpt(text, query.parse(typed).wanted)
    return "".join(f"{before}[{match}]" for before, match in found.marks) + found.rest


def test_excerpt_marks_every_form_of_a_word():
    assert marked("Les Métiers, un metier ; l’amétier.", "métier") == (
        "Les [Métiers], un [metier] ; l’amétier."
    )
    assert marked("Un manager : community manager.", "« community manager »") == (
        "Un manager : [community manager]."
    )
    assert marked("L’entreprise d’aujourd’hui", "entreprise « hui »") == (
        "L’[entreprise] d’aujourd’[hui]"
    )


def test_excerpt_is_taken_around_the_first_match():
    text = "avant " * 200 + "la girafe " + "après " * 200
    found = marked(text, "girafe")
    assert found.startswith("… avant ") and found.endswith(" après …")
    assert "[girafe]" in found
    assert len(found) < 300
    assert len(marked("x" * 5000, "girafe")) < 300
    assert marked("x" * 5000 + " girafe", "girafe").endswith("[girafe]")
