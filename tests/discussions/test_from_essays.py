"""The definitions that the essays give, as posts that nobody wrote here."""

from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from discussions import access, from_essays, threads
from discussions.following import follows
from discussions.models import (
    Decision,
    Definition,
    Follow,
    Notice,
    Passage,
    Post,
    Revision,
    SearchDocument,
)
from discussions.moderation import record
from discussions.moderation.decisions import NothingToDo
from essays.models import OriginalComment, Proposal, Term
from tests.essays.conftest import DebateFolder
from tests.essays.test_importer import Writes
from tests.factories import (
    UserFactory,
    act,
    client_of,
    definition,
    person,
    published,
    reply,
    trusted_member,
)

pytestmark = pytest.mark.django_db

# d1 is of the body, d2 of the original comment c2: see tests/essays/conftest.py.
WORDS, IN_COMMENT = "avec un 🦆", "deux lignes"


@pytest.fixture
def folder(tmp_path):
    return DebateFolder(tmp_path)


def bring_in(folder):
    output = StringIO()
    call_command("import_essays", folder.path, stdout=output)
    return output.getvalue()


@pytest.fixture
def posts(folder):
    bring_in(folder)
    return by_ref()


def by_ref():
    rows = Definition.objects.filter(source__isnull=False).select_related("post", "source")
    return {row.source.ref: row.post for row in rows}


@pytest.fixture
def comment(posts):
    return OriginalComment.objects.get(ref="c2")


def page(name, *arguments, user=None, **query):
    return client_of(user or AnonymousUser()).get(reverse(name, args=arguments), query)


def searched(words, **narrowed):
    return [hit.title for hit in page("search", q=words, **narrowed).context["found"].hits]


# The import


def test_import_shows_each_definition_once(posts):
    assert list(posts) == ["d1", "d2"]
    for ref, post in posts.items():
        source = Proposal.objects.get(ref=ref)
        (clause,) = post.published_revision.clauses.all()
        assert (post.kind, post.state, post.author, post.definition.number) == (
            "definition",
            "published",
            None,
            None,
        )
        assert (clause.polarity, clause.text) == (source.polarity, source.exact)
        assert (clause.passage.start, clause.passage.end) == (source.start, source.end)
        assert clause.passage.original_comment == source.original_comment
        assert (post.term.slug, post.published_revision.body) == ("mot", "")


def test_import_again_writes_nothing(folder, posts):
    writes = Writes()
    with connection.execute_wrapper(writes):
        bring_in(folder)
    assert writes.statements == []


def test_import_tells_nobody_and_enters_nothing(folder):
    folder.drop("definitions", "d1")
    bring_in(folder)
    member = UserFactory.create()
    follows.follow(member, Term.objects.get())
    folder.debate += '[[definitions]]\nid = "d3"\nessay = "un-titre"\nline = 3\n'
    folder.debate += 'words = "paragraphe"\npolarity = "is"\nwho = "l’autrice"\n'
    folder.write()
    bring_in(folder)
    assert Definition.objects.count() == 2
    assert not Notice.objects.exists()
    assert not Decision.objects.exists()


def test_corrected_words_are_another_version_of_the_same_post(folder, posts):
    reply_to = published(reply(posts["d1"], trusted_member()))
    folder.change_debate(f'words = "{WORDS}"', 'words = "Second, avec"')
    bring_in(folder)
    bring_in(folder)
    post = Post.objects.get(pk=posts["d1"].pk)
    assert [r.clauses.get().text for r in post.revisions.order_by("number")] == [
        WORDS,
        "Second, avec",
    ]
    assert post.published_revision.number == 2
    assert threads.own_thread(post) == reply_to.thread
    assert searched("second", genre="definition") == ["mot, essay 7"]
    assert SearchDocument.objects.get(post=post).text == "Second, avec"


def test_corrected_words_of_a_hidden_definition_wait_until_it_is_back(folder, posts):
    post = posts["d1"]
    act("hide", post)
    folder.change_debate(f'words = "{WORDS}"', 'words = "Second, avec"')
    bring_in(folder)
    post.refresh_from_db()
    assert (post.state, post.revisions.count()) == ("hidden", 1)
    act("restore", post)
    bring_in(folder)
    post.refresh_from_db()
    assert (post.state, post.published_revision.number) == ("published", 2)
    assert not list(record.faults_in_database())


def test_definition_that_left_the_file_goes_with_all_it_brought(folder, posts):
    folder.change_debate(f'words = "{WORDS}"', 'words = "Second, avec"')
    bring_in(folder)
    folder.drop("definitions", "d1")
    bring_in(folder)
    assert sorted(by_ref()) == ["d2"]
    assert Post.objects.count() == Revision.objects.count() == Passage.objects.count() == 1
    assert SearchDocument.objects.filter(post__isnull=False).count() == 1
    assert page("definitions:detail", posts["d1"].public_id).status_code == 404


@pytest.mark.parametrize("deed", ["reply", "follow", "decision"])
def test_definition_that_something_stands_on_may_not_leave_the_file(folder, posts, deed):
    post = posts["d1"]
    if deed == "reply":
        reply(post)
    elif deed == "follow":
        follows.follow(UserFactory.create(), post)
    else:
        act("hide", post)
        act("restore", post)
    folder.drop("definitions", "d1")
    with pytest.raises(CommandError, match="“d1” of “un-titre” may not be taken out"):
        bring_in(folder)
    assert sorted(by_ref()) == ["d1", "d2"]
    assert Post.objects.get(pk=post.pk).published_revision.clauses.get().text == WORDS


def test_lines_of_a_comment_that_holds_a_definition_may_not_change(folder, posts):
    folder.change('marker = "•", ', "")
    with pytest.raises(CommandError, match="“c2” is discussed or decided on"):
        bring_in(folder)


def test_essay_dated_anew_is_found_under_its_new_day(folder, posts):
    folder.change("published_on = 2013-05-21", "published_on = 2010-01-02")
    bring_in(folder)
    found = page("search", q="canard", au="2010-12-31").context["found"]
    assert found.hits == []
    found = page("search", q=WORDS, genre="definition", au="2010-12-31").context["found"]
    assert [hit.day for hit in found.hits] == ["2010-01-02"]


# Where it is read


def test_entry_says_who_where_when_and_how(posts):
    found = page("definitions:detail", posts["d1"].public_id)
    for words in ("Definition of an essay", "l’autrice", "parodie", WORDS, "2013-05-21"):
        assert words in found.text
    assert 'href="/en/essais/un-titre/#p3"' in found.text
    assert "modifier" not in found.text and "retirer" not in found.text


def test_search_finds_it_among_definitions_with_its_source(posts):
    found = page("search", q=IN_COMMENT, genre="definition").context["found"]
    assert [(hit.what, hit.who, hit.title, hit.day, hit.language) for hit in found.hits] == [
        (
            "Definition of an essay",
            "l’autrice, en commentaire",
            "mot, essay 7",
            "2013-05-21",
            "fr",
        )
    ]
    found = page("search", q=IN_COMMENT, genre="definition", essai="un-titre").context["found"]
    assert len(found.hits) == 1


def test_news_are_what_members_wrote(posts):
    own = published(definition(trusted_member(), ("is", "un mot d’ici")))
    home = page("home").context
    assert home["definition"] == own
    assert not {post.pk for post in posts.values()} & {post.pk for post in home["latest"]}
    feed = page("feeds:definitions").text
    assert "un mot d’ici" in feed
    assert WORDS not in feed and IN_COMMENT not in feed


def test_home_has_no_latest_definition_where_only_essays_define(posts):
    assert page("home").context["definition"] is None
    assert page("home").context["latest"] == []


@pytest.mark.parametrize("role", ["visitor", "member", "community_manager", "owner"])
def test_nobody_may_change_it(posts, role):
    user = person(role)
    for post in posts.values():
        assert not access.may_change(user, post)
    if role != "visitor":
        for name in ("post_edit", "post_withdraw"):
            assert page(name, posts["d1"].public_id, user=user).status_code == 404


def test_it_is_answered_followed_and_quoted_in_feeds_like_any_other(posts):
    member, post = trusted_member(), posts["d1"]
    answer = published(reply(post, member, "Une réponse à l’essai."))
    follows.follow(member, post)
    assert follows.button(member, post).on
    assert "Une réponse à l’essai." in page("definitions:detail", post.public_id).text
    assert page("post", answer.public_id).headers["Location"].startswith(post.get_absolute_url())
    assert page("definitions:history", post.public_id).status_code == 200
    assert page("post_reply", post.public_id, user=member).status_code == 200
    assert "A definition of “mot” in essay 7" in page("following", user=member).text
    assert searched("réponse essai") == ["On the definition “mot, essay 7”"]


# Moderation


def test_it_is_hidden_and_restored_through_the_desk(posts):
    post, moderator = posts["d1"], UserFactory.create(community_manager=True)
    assert page("moderation:post", post.public_id, user=moderator).status_code == 200
    entry = act("hide", post, moderator)
    assert (entry.payload.author_name, post.state) == ("", "hidden")
    found = page("definitions:detail", post.public_id)
    assert WORDS not in found.text and f"/journal/{entry.number}/" in found.text
    assert page("moderation:desk", user=moderator, liste="masques").status_code == 200
    assert page("record").status_code == page("feeds:record").status_code == 200
    act("restore", post, moderator)
    assert WORDS in page("definitions:detail", post.public_id).text
    assert not list(record.faults_in_database())


def everywhere(posts, user=None):
    """All that a visitor reads of the comment's definition."""
    post = posts["d2"]
    pages = [
        page("definitions:detail", post.public_id, user=user),
        page("definitions:list", user=user),
        page("definitions:history", post.public_id, user=user),
        page("passage", "un-titre", Passage.objects.latest("pk").public_id, user=user),
        page("role", user=user),
        page("claims", user=user),
        page("feeds:definitions", user=user),
        page("home", user=user),
    ]
    return "".join(response.text for response in pages)


def test_hidden_comment_takes_its_definition_along_and_brings_it_back(posts, comment):
    entry = act("hide", comment)
    post = Post.objects.get(pk=posts["d2"].pk)
    assert (post.state, post.restriction) == ("hidden", entry)
    assert Post.objects.get(pk=posts["d1"].pk).state == "published"
    assert not SearchDocument.objects.filter(post=post).exists()
    assert Decision.objects.count() == 1
    assert not list(record.faults_in_database())
    act("restore", comment)
    post.refresh_from_db()
    assert (post.state, post.restriction) == ("published", None)
    assert SearchDocument.objects.filter(post=post).exists()
    assert Decision.objects.count() == 2
    assert not list(record.faults_in_database())


def test_nobody_learns_the_words_or_the_name_of_a_hidden_comment(posts, comment):
    assert IN_COMMENT in everywhere(posts)
    act("hide", comment)
    told = everywhere(posts)
    assert IN_COMMENT not in told
    assert "en commentaire" not in told
    assert searched(IN_COMMENT) == []


def test_definition_hidden_for_its_own_sake_stays_so_when_its_comment_is_back(posts, comment):
    post = posts["d2"]
    own = act("hide", post)
    act("hide", comment)
    post.refresh_from_db()
    assert post.restriction == own
    assert not list(record.faults_in_database())
    with pytest.raises(NothingToDo):
        act("restore", post)
    act("restore", comment)
    post.refresh_from_db()
    assert (post.state, post.restriction) == ("hidden", own)
    act("restore", post)
    assert not list(record.faults_in_database())


def test_definition_that_is_new_in_a_hidden_comment_comes_with_it(folder):
    folder.drop("definitions", "d2")
    bring_in(folder)
    comment = OriginalComment.objects.get(ref="c2")
    act("hide", comment)
    folder.debate = DebateFolder.debate
    folder.write()
    bring_in(folder)
    assert sorted(by_ref()) == ["d1"]
    act("restore", comment)
    assert {ref: post.state for ref, post in by_ref().items()} == {
        "d1": "published",
        "d2": "published",
    }
    assert not list(record.faults_in_database())


def test_state_that_the_record_does_not_say_is_a_fault(posts, comment):
    act("hide", comment)
    Post.objects.filter(pk=posts["d2"].pk).update(state="published", restriction=None)
    assert list(record.faults_in_database()) == [
        f"definition/{posts['d2'].public_id} is published, which is not what the record says"
    ]


def test_release_leaves_what_was_never_made(folder):
    bring_in(folder)
    proposal = Proposal.objects.get(ref="d1")
    from_essays.release(proposal)
    from_essays.release(Proposal.objects.get(ref="d1"))
    assert sorted(by_ref()) == ["d2"]
    assert not Follow.objects.exists()
