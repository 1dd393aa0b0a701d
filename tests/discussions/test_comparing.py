"""Definitions side by side, and the words of the essays beside those of today."""

import pytest
from django.test import Client
from django.urls import reverse

from discussions.comparing import pairs, vocabulary
from discussions.models.posts import Said
from essays.models import Term
from tests.essays.factories import TermFactory
from tests.factories import (
    client_of,
    definition,
    essay_definition,
    in_state,
    person,
    published,
    trusted_member,
)

IS, NOT = "is", "is_not"


def said(*clauses):
    return [Said(*clause) for clause in clauses]


# Two or three definitions, and the rows they make: the kind, and which clause of each stands in
# it, or None. By hand.
TABLE = {
    "the same": (
        [[(IS, "un métier")], [(IS, "un métier")]],
        [("shared", 0, 0)],
    ),
    "accents, case and forms of words": (
        [[(IS, "celui qui gère la communauté")], [(IS, "gérer des Communautes")]],
        [("shared", 0, 0)],
    ),
    "apostrophes": (
        [[(IS, "l’hôte d’une conversation")], [(NOT, "l'hôte d'une conversation")]],
        [("opposed", 0, 0)],
    ),
    "nothing in common": (
        [[(IS, "un métier")], [(NOT, "une machine à cliquer")]],
        [("alone", 0, None), ("alone", None, 0)],
    ),
    "the most alike find each other": (
        [
            [(IS, "une personne qui écoute"), (IS, "une personne qui écoute et répond")],
            [(IS, "une personne qui écoute et répond"), (NOT, "un robot")],
        ],
        [("shared", 1, 0), ("alone", 0, None), ("alone", None, 1)],
    ),
    "three of them": (
        [
            [(IS, "un métier"), (IS, "un veilleur")],
            [(NOT, "un métier")],
            [(IS, "un vrai métier"), (IS, "un veilleur")],
        ],
        [("shared", 1, None, 1), ("opposed", 0, 0, 0)],
    ),
    "only little words": (
        [[(IS, "et la"), (IS, "de")], [(NOT, "et la")]],
        [("opposed", 0, 0), ("alone", 1, None)],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_pairs_clauses_as_a_person_would(name):
    definitions, rows = TABLE[name]
    columns = [said(*clauses) for clauses in definitions]
    found = [
        (
            row.kind.value,
            *(
                column.index(cell.clause) if cell else None
                for column, cell in zip(columns, row.cells, strict=True)
            ),
        )
        for row in pairs.compared(columns)
    ]
    assert found == rows


def test_marks_the_words_that_another_has_not():
    runs = pairs.marked("l’hôte qui gère aujourd’hui", ["Un hôte qui gérait"])
    assert [(run.kind, run.text) for run in runs] == [
        ("same", "l’hôte qui gère "),
        ("other", "aujourd"),
        ("same", "’"),
        ("other", "hui"),
    ]


def test_changes_keep_the_order_and_the_place_of_what_is_gone():
    before = said((IS, "un"), (IS, "le métier d’hôte"), (IS, "parler"), (NOT, "vendre"))
    after = said((IS, "le métier d’un hôte"), (IS, "écouter"), (IS, "vendre"))
    found = [
        (row.before and row.before.text, row.after and row.after.text, row.turned)
        for row in pairs.changes(before, after)
    ]
    assert found == [
        ("un", None, False),
        ("le métier d’hôte", "le métier d’un hôte", False),
        ("parler", None, False),
        (None, "écouter", False),
        ("vendre", "vendre", True),
    ]


def compare(*said, client=None, address=None):
    return (client or Client()).get(address or reverse("definitions:compare"), {"d": said})


@pytest.mark.django_db
class TestComparePage:
    @pytest.fixture(autouse=True)
    def three(self, term, settings):
        settings.POST_LIMITS = []
        author = trusted_member(name="Ariane")
        self.first = definition(author, (IS, "un métier d’avenir"), (IS, "une écoute"))
        self.second = definition(author, (NOT, "un métier d’avenir"))
        self.third = definition(author, (IS, "un métier"), (NOT, "un gourou"))

    def test_shows_two_or_three_by_number_id_or_address(self):
        essay = essay_definition("un métier d’écoute")
        ways = [
            ("1", "2"),
            ("n° 1", self.second.public_id, "3"),
            (f"https://example.org/en/definitions/{self.first.public_id}/", "2", "3"),
            (essay.public_id, "1"),
        ]
        shown = [[post.pk for post in compare(*way).context["posts"]] for way in ways]
        one, two, three = (post.pk for post in (self.first, self.second, self.third))
        assert shown == [[one, two], [one, two, three], [one, two, three], [essay.pk, one]]

    def test_says_shared_opposed_and_silent(self):
        page = compare("1", "2")
        assert [part["kind"] for part in page.context["parts"]] == ["opposed", "alone"]
        assert "says nothing of it" in page.text

    def test_marks_what_differs_with_its_accents(self):
        page = compare("1", "3")
        assert "un métier <mark>avenir</mark>" in page.text.replace("d’", "")

    def test_link_with_one_asks_for_the_others(self):
        page = compare(self.first.public_id)
        assert page.status_code == 200
        assert page.context["choose"]["first"].value() == self.first.public_id
        assert "Please correct" not in page.text

    @pytest.mark.parametrize(
        "asked, field, words",
        [
            (("1", ""), "second", "This field is required."),
            (("1", "99"), "second", "No published definition has this number"),
            (("1", "\0"), "second", "required"),
            (("1", "1"), "second", "You have chosen that one already."),
            (("1", "2", "mot"), "third", "No published definition has this number"),
            (("9" * 30, "2"), "first", "No published definition has this number"),
        ],
    )
    def test_says_what_is_wrong_at_the_field(self, asked, field, words):
        page = compare(*asked)
        assert page.status_code == 422
        form = page.context["choose"]
        assert list(form.errors) == [field]
        assert page.text.count('name="d"') == 3
        assert "posts" not in page.context

    def test_not_with_one_about_another_word(self):
        other = published(definition(term=TermFactory.create()))
        page = compare("1", other.public_id)
        assert page.context["choose"].errors == {
            "second": ["That definition is about another word."]
        }

    @pytest.mark.parametrize("role", ["visitor", "member", "community_manager"])
    @pytest.mark.parametrize("state", ["pending", "hidden", "refused", "withdrawn"])
    def test_not_with_what_is_not_public(self, state, role):
        post = in_state(state, definition(None, (IS, "un secret")))
        page = compare("1", post.public_id, client=client_of(person(role)))
        assert (page.status_code, "secret" in page.text) == (422, False)

    def test_of_a_second_term_alike(self):
        term = TermFactory.create(slug="mot")
        author = trusted_member()
        for _i in range(2):
            definition(author, term=term)
        page = compare("1", "2", address=term.address("definitions:compare"))
        assert {post.term for post in page.context["posts"]} == {term}

    def test_every_definition_carries_itself_there(self):
        page = Client().get(reverse("definitions:list"))
        link = f"{reverse('definitions:compare')}?d={self.first.public_id}"
        assert link in page.text


@pytest.mark.django_db
class TestWords:
    @pytest.fixture(autouse=True)
    def author(self, term, settings):
        settings.POST_LIMITS = []
        return trusted_member()

    def read(self):
        found = vocabulary.of(Term.objects.site_term())
        return {
            name: [(word.text, word.then, word.now) for word in getattr(found, name)]
            for name in ("appeared", "stayed", "vanished")
        }

    def test_counts_definitions_by_words_in_any_form(self, author):
        essay_definition("Les conversations d’une communauté")
        essay_definition("il gère la communauté et ses gourous")
        definition(author, (IS, "qui gérait l’Écoute"), (NOT, "l’écoute des communautés"))
        definition(author, (IS, "une écoute"))
        assert self.read() == {
            "appeared": [("écoute", 0, 2)],
            "stayed": [("communauté", 2, 1), ("gère", 1, 1)],
            "vanished": [("conversations", 1, 0), ("gourous", 1, 0)],
        }

    def test_leaves_out_the_term_and_little_words(self, author):
        essay_definition("Le Community Manager n’est rien d’autre que cela")
        assert self.read() == {"appeared": [], "stayed": [], "vanished": []}

    @pytest.mark.parametrize("state", ["pending", "edited", "hidden", "withdrawn"])
    def test_knows_nothing_of_what_is_not_public(self, state):
        essay_definition("une écoute")
        post = definition(None, (IS, "un secret" if state != "edited" else "un métier"))
        in_state(state, post, new_text="un secret")
        page = client_of(person("community_manager")).get(reverse("definitions:words"))
        assert "secret" not in page.text

    def test_says_which_side_is_missing(self, author):
        def text():
            return Client().get(reverse("definitions:words")).text

        assert "There is no definition here yet" in text()
        definition(author, (IS, "un métier"))
        assert "No definition of the essays is here" in text()
        essay_definition()
        assert "Appeared" in text()

    def test_says_so_where_it_reads_only_the_latest(self, author, monkeypatch):
        monkeypatch.setattr(vocabulary, "LATEST", 1)
        essay_definition("une écoute")
        for text in ("un métier", "un gourou"):
            definition(author, (IS, text))
        assert [word[0] for word in self.read()["appeared"]] == ["gourou"]
        assert "Only the latest definition" in Client().get(reverse("definitions:words")).text


@pytest.mark.django_db
@pytest.mark.parametrize("count", [3, 30])
def test_costs_the_same_however_many_definitions(count, term, settings, django_assert_num_queries):
    settings.POST_LIMITS = []
    author = trusted_member()
    posts = [definition(author, (IS, f"un métier {i}"), (NOT, "un gourou")) for i in range(count)]
    essay_definition("une écoute")
    ids = [post.public_id for post in posts[:3]]
    for address, queries in (
        (reverse("definitions:words"), 5),
        (reverse("definitions:compare") + "?d=" + "&d=".join(ids), 7),
    ):
        Client().get(address)
        with django_assert_num_queries(queries):
            Client().get(address)
