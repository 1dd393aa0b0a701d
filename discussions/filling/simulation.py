"""A debate that nobody had, to measure with: the same for the same seed.

Members, definitions, and replies in trees as they grow in real ones: a third begins a
branch, most answer something recent, a few go back to what everybody answers.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random

from django.contrib.auth.hashers import make_password
from django.db.models import Max
from django.utils.safestring import SafeString

from cmdebate import edition
from cmdebate.accounts.models import User, fold
from discussions import markdown, threads
from discussions.models import Clause, Definition, Post, Thread, Vote
from discussions.models.posts import PUBLIC_ID_ALPHABET, PUBLIC_ID_LENGTH
from essays.models import Essay, Term

from .bulk import (
    BATCH,
    Draft,
    Past,
    count_replies,
    index_for_search,
    insert,
    insert_published,
    loading,
    new_ids,
)

# Reserved: no mail reaches it, and no real member has it.
DOMAIN = "simulated.invalid"
BODIES = 4000
BEGINNING = datetime(2025, 1, 6, 8, tzinfo=UTC)
LASTS = timedelta(days=500)
ROOTS = 1 / 3
BACK_TO_THE_TALKED_OF = 0.05

FIRST_NAMES = [
    "Adèle",
    "Aïcha",
    "Alban",
    "Amélie",
    "Anatole",
    "Apolline",
    "Aurélien",
    "Bastien",
    "Béatrice",
    "Benoît",
    "Camille",
    "Capucine",
    "Cécile",
    "Clément",
    "Clémence",
    "Damien",
    "Delphine",
    "Édith",
    "Élodie",
    "Émile",
    "Étienne",
    "Eugénie",
    "Fabien",
    "Félix",
    "Flavie",
    "Florian",
    "Gaëlle",
    "Gaspard",
    "Geneviève",
    "Hadrien",
    "Hélène",
    "Hippolyte",
    "Inès",
    "Isaure",
    "Jérôme",
    "Joëlle",
    "Judith",
    "Karim",
    "Laurène",
    "Léa",
    "Léonie",
    "Loïc",
    "Maëlle",
    "Malik",
    "Margaux",
    "Mathis",
    "Maxime",
    "Mélanie",
    "Moussa",
    "Nadège",
    "Noé",
    "Océane",
    "Odile",
    "Olivier",
    "Ombeline",
    "Pascal",
    "Perrine",
    "Quentin",
    "Rachid",
    "Raphaëlle",
    "Rémi",
    "Sabine",
    "Salomé",
    "Samia",
    "Solène",
    "Sylvain",
    "Thaïs",
    "Théo",
    "Tristan",
    "Ulysse",
    "Valérie",
    "Victoire",
    "Xavier",
    "Yasmine",
    "Yves",
    "Zélie",
]
OPENINGS = (
    "un métier", "une fonction", "un rôle", "une veille", "une conversation", "un outil",
    "une marque", "un service", "une promesse", "un lien", "une écoute", "une mode",
)  # fmt: skip
ENDINGS = (
    "qui ne se décrète pas", "que les membres partagent", "au service de la communauté",
    "qui s’apprend en ligne", "entre la marque et ceux qui en parlent", "sans hiérarchie",
    "que l’on confond avec la publicité", "dont il faut rendre compte", "qui modère et anime",
    "que personne ne possède", "de tous les jours", "que l’entreprise croit tenir",
)  # fmt: skip


class SimulationRefused(Exception):
    """Nothing was made; the message says why."""


@dataclass(frozen=True)
class Made:
    members: int
    definitions: int
    replies: int


def simulate(essay: Essay, *, replies: int, members: int, definitions: int, seed: int) -> Made:
    chance = Random(f"{seed} {essay.slug}")  # noqa: S311
    public_ids = names_without_end(chance)
    with loading():
        people, made = _members(members, Random(seed))  # noqa: S311
        texts = list(_texts(chance))
        thread = threads.thread_of(essay)
        first = next(public_ids)
        if Post.objects.filter(public_id=first).exists():
            raise SimulationRefused(
                f"The debate of seed {seed} under “{essay.slug}” is here already: "
                "choose another --seed or another --essay."
            )
        past = Past()
        posts = _replies(thread, first, public_ids, replies, people, texts, chance)
        while batch := list(islice(posts, BATCH)):
            insert_published(batch, past)
            index_for_search(batch)
            _vote_on([draft.post for draft in batch], people, chance)
        count_replies(thread, replies)
        term = Term.objects.site_term()
        if term and definitions:
            _definitions(term, definitions, public_ids, people, texts, chance, past)
        edition.turn()
    return Made(made, definitions if term else 0, replies)


def names_without_end(chance: Random) -> Iterator[str]:
    """Public ids, none twice: the numbers up to 32^10 in a shuffled order."""
    bits = 5 * PUBLIC_ID_LENGTH  # an alphabet of 32 letters
    step, number = chance.getrandbits(bits) | 1, chance.getrandbits(bits)
    while True:
        number = (number + step) % (1 << bits)
        yield "".join(PUBLIC_ID_ALPHABET[number >> shift & 31] for shift in range(0, bits, 5))


def _members(count: int, chance: Random) -> tuple[list[int], int]:
    """The ids of that many members, and how many are new: those of an earlier run are kept."""
    wanted = {}
    for number in range(count):
        name = f"{FIRST_NAMES[number % len(FIRST_NAMES)]}-{number // len(FIRST_NAMES) + 1}"
        wanted[fold(name)] = name
    simulated = User.objects.filter(email__endswith=f"@{DOMAIN}", name_key__in=wanted)
    here = dict(simulated.values_list("name_key", "pk"))
    nobodys = make_password(None)
    new = User.objects.bulk_create(
        User(name=name, name_key=key, email=f"membre{number}@{DOMAIN}", password=nobodys)
        for number, (key, name) in enumerate(wanted.items())
        if key not in here
    )
    ids = here | {user.name_key: user.pk for user in new}
    people = [ids[key] for key in wanted]
    chance.shuffle(people)
    return people, len(new)


def _texts(chance: Random) -> Iterator[tuple[str, SafeString]]:
    """Some thousand bodies as long as the essays' paragraphs, out of their sentences."""
    sentences = [
        sentence
        for essay in Essay.objects.prefetch_related("segments").order_by("pk")
        for paragraph in essay.paragraphs
        for sentence in re.split(r"(?<=[.!?…]) +", paragraph.text.strip())
        if 20 <= len(sentence) <= 400
    ] or ["Une communauté ne se décrète pas : elle se constate."]
    for _i in range(BODIES):
        length = chance.lognormvariate(5.6, 0.5)  # a mean of some 330 bytes
        said: list[str] = []
        while sum(map(len, said)) < length - 40:
            said.append(chance.choice(sentences))
        said = said or [chance.choice(sentences)]
        form = chance.random()
        if form < 0.15:
            body = f"> {said[0]}\n\n{' '.join(said[1:]) or chance.choice(sentences)}"
        elif form < 0.25 and len(said) > 1:
            body = "\n\n".join(said)
        elif form < 0.3:
            body = f"*{said[0].strip('*')}* {' '.join(said[1:])}"
        else:
            body = " ".join(said)
        body = body.strip()[: markdown.MAX_LENGTH]
        yield body, markdown.render(body)


def _replies(
    thread: Thread,
    public_id: str,
    public_ids: Iterator[str],
    count: int,
    people: list[int],
    texts: list[tuple[str, SafeString]],
    chance: Random,
) -> Iterator[Draft]:
    recent: deque[Post] = deque(maxlen=400)
    talked_of: list[Post] = []
    step = LASTS / max(count, 1)
    for number in range(count):
        post = Post(
            kind=Post.Kind.REPLY,
            public_id=public_id,
            author_id=chance.choice(people),
            thread_id=thread.pk,
            created_at=BEGINNING + number * step,
        )
        if recent and chance.random() >= ROOTS:
            back = talked_of and chance.random() < BACK_TO_THE_TALKED_OF
            post.parent = chance.choice(talked_of if back else recent)
        elif len(talked_of) < 12 or chance.random() < 12 / count:
            talked_of = [*talked_of[-11:], post]
        _votes(post, people, chance)
        recent.append(post)
        public_id = next(public_ids)
        yield Draft(post, *chance.choice(texts))


def _votes(post: Post, people: list[int], chance: Random) -> None:
    """How many find it useful and how many do not: most replies get few votes, some many."""
    count = min(int(chance.expovariate(1.2)) + (chance.random() < 0.02) * 9, len(people) - 1)
    liked = chance.betavariate(4, 1.5)
    post.useful = sum(chance.random() < liked for _i in range(count))
    post.not_useful = count - post.useful


def _vote_on(posts: list[Post], people: list[int], chance: Random) -> None:
    cast = []
    for post in posts:
        said = [True] * post.useful + [False] * post.not_useful
        if said:
            voters = chance.sample(people, len(said) + 1)
            others = [voter for voter in voters if voter != post.author_id]
            cast += [(post, voter, useful) for voter, useful in zip(others, said, strict=False)]
    insert(
        [
            Vote(pk=pk, post=post, voter_id=voter, useful=useful, cast_at=post.created_at)
            for pk, (post, voter, useful) in zip(new_ids(Vote, len(cast)), cast, strict=True)
        ]
    )


def _definitions(
    term: Term,
    count: int,
    public_ids: Iterator[str],
    people: list[int],
    texts: list[tuple[str, SafeString]],
    chance: Random,
    past: Past,
) -> None:
    last = Definition.objects.filter(term=term).aggregate(last=Max("number"))["last"] or 0
    for start in range(0, count, BATCH):
        drafts = [
            Draft(
                Post(
                    kind=Post.Kind.DEFINITION,
                    public_id=next(public_ids),
                    author_id=chance.choice(people),
                    created_at=BEGINNING + number * LASTS / count,
                ),
                *chance.choice(texts),
            )
            for number in range(start, min(start + BATCH, count))
        ]
        insert_published(drafts, past)
        insert(
            [
                Definition(
                    post=draft.post,
                    term=term,
                    number=last + start + place,
                    by_age=threads.sort_key(last + start + place, draft.post.pk),
                    **dict.fromkeys(
                        ("by_support", "by_contest", "by_shared"),
                        threads.sort_key(0, draft.post.pk),
                    ),
                )
                for place, draft in enumerate(drafts, 1)
            ]
        )
        clauses = [
            Clause(
                revision=draft.revision,
                position=position,
                polarity=chance.choice(Clause.Polarity.values),
                text=f"{chance.choice(OPENINGS)} {chance.choice(ENDINGS)}",
            )
            for draft in drafts
            for position in range(1, chance.randint(1, 4) + 1)
        ]
        for clause, pk in zip(clauses, new_ids(Clause, len(clauses)), strict=True):
            clause.pk = pk
        insert(clauses)
        index_for_search(drafts)
