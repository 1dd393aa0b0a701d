"""People, and texts in every state they can be in, made by the site's own verbs."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils import timezone
from factory.declarations import LazyAttribute, Sequence, Trait
from factory.django import DjangoModelFactory

from cmdebate.accounts.models import User
from discussions import cases, complaints, from_essays, posting
from discussions.amendments import verbs as amendments
from discussions.calls import acts, voting
from discussions.models import (
    Action,
    Answer,
    Call,
    Complaint,
    Decision,
    Passage,
    PolicyVersion,
    Post,
    ReadyReason,
    Revision,
    Suggestion,
    Survey,
    Target,
)
from discussions.models.decisions import STATED
from discussions.models.posts import Said, Wording
from discussions.models.targets import named
from discussions.moderation.decisions import decide, version_of
from discussions.moderation.statements import Statement
from discussions.passages.places import passage_at
from discussions.policy import Policy
from discussions.prompts import verbs as prompts
from discussions.survey import answering, surveys
from discussions.threads import Subject
from essays.models import Essay, OriginalComment, Proposal, Term
from tests.essays.factories import TEXT, EssayFactory, TermFactory

GROUND, REASON = "off_topic", "Sans rapport avec le mot."
FACTS = "Il parle du temps qu’il fait."
SAID = Statement(ground=GROUND, facts=FACTS, reason=REASON)
# What may have become of a text, as `in_state` makes it. "edited" is published, and has a
# new version that waits; "dropped" was withdrawn before anybody else saw it.
STATES = ("pending", "published", "edited", "hidden", "refused", "withdrawn", "dropped")
NEVER_PUBLIC = ("pending", "refused", "dropped")
READABLE = ("published", "edited")


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    class Params:
        community_manager = Trait(role=User.Role.COMMUNITY_MANAGER)
        owner = Trait(role=User.Role.OWNER)

    name = Sequence(lambda n: f"Membre{n}")
    email = LazyAttribute(lambda user: f"{user.name}@example.org".lower())


def person(role: str) -> Any:
    """Somebody in that role; "visitor" is nobody in particular."""
    return AnonymousUser() if role == "visitor" else UserFactory.create(role=role)


def client_of(user: User | AnonymousUser) -> Client:
    client = Client()
    if user.is_authenticated:
        client.force_login(user)
    return client


def definition(
    author: User | None = None,
    *clauses: tuple[Any, ...],
    body: str = "",
    term: Term | None = None,
    **send: Any,
) -> Post:
    """Sent; whether it waits is up to the policy. By nobody special: it waits."""
    return posting.propose_definition(
        author or UserFactory.create(),
        term or Term.objects.site_term() or TermFactory.create(),
        wording(
            *(clauses or (("is", "un métier"),)),
            body=body,
            **{name: send[name] for name in ("tags", "relation", "related") if name in send},
        ),
        form_key=send.get("form_key") or uuid4(),
    )


def wording(*clauses: tuple[Any, ...], body: str = "", **more: Any) -> Wording:
    """What a definition says, clauses as (polarity, text) or with all that a clause has."""
    return Wording(body, tuple(Said(*clause) for clause in clauses), **more)


def reply(
    subject: Subject | None = None,
    author: User | None = None,
    body: str = "Une réponse.",
    **send: Any,
) -> Post:
    return posting.reply(
        author or UserFactory.create(),
        subject or EssayFactory.create(),
        body,
        form_key=send.get("form_key") or uuid4(),
        in_role=send.get("in_role", False),
    )


def survey() -> Survey:
    """The one on the site's term."""
    if not Term.objects.exists():
        TermFactory.create()
    surveys.make_missing()
    found = surveys.on(Term.objects.site_term())
    assert found
    return found


def answer(
    generation: str = "young",
    choice: str = "no",
    text: str = "",
    *,
    key: str = "",
    on: Survey | None = None,
) -> Answer:
    """To the survey, from a browser of its own unless the test names one."""
    form_key = uuid4()
    key = key or str(form_key)
    return answering.answer(on or survey(), key, generation, choice, text, form_key=form_key)


def answer_again(
    first: Answer, key: str, choice: str = "precisely", text: str = "", *, essay: Essay
) -> Answer:
    """Once more from the browser of that key, after the essay."""
    return answering.answer_again(first.survey, key, essay, choice, text, form_key=uuid4())


def text_of(answer: Answer) -> Post:
    assert answer.post
    return answer.post


def amendment(
    to: Post | None = None,
    author: User | None = None,
    *clauses: tuple[str, str],
    body: str = "",
    **more: Any,
) -> Post:
    """A change to a published definition, sent; whether it waits is up to the policy."""
    to = to or published(definition())
    to.refresh_from_db()
    return amendments.propose(
        author or UserFactory.create(),
        to,
        wording(*(clauses or (("is", "un autre métier"),)), body=body, **more),
        seen=amendments.base_of(to),
        form_key=uuid4(),
    )


def essay_definition(words: str = "Un premier paragraphe", polarity: str = "is") -> Post:
    """What an essay says that the site's term is: one clause, no author, no number."""
    term = Term.objects.site_term() or TermFactory.create()
    essay = EssayFactory.create(text=f"Un titre\n{words}.\n\n" + TEXT)
    start = essay.text.index(words)
    proposal = Proposal.objects.create(
        ref=f"d{Proposal.objects.count() + 1}",
        term=term,
        essay=essay,
        polarity=polarity,
        line=2,
        start=start,
        end=start + len(words),
        exact=words,
        who="Une agence",
    )
    from_essays.publish_all()
    return Post.objects.get(definition__source=proposal)


def passage_of(essay: Essay, words: str) -> Passage:
    """Where these words stand first. Its first reply saves it."""
    start = essay.text.index(words)
    return passage_at(Essay.objects.get(pk=essay.pk), start, start + len(words))


def edit(
    post: Post, body: str, *clauses: tuple[str, str], seen: str = "", tags: tuple[str, ...] = ()
) -> Post:
    """Edited by its author, who sees what there is now."""
    assert post.author
    post.refresh_from_db()
    said = wording(*clauses, body=body, tags=tags)
    if post.kind == Post.Kind.AMENDMENT:
        return amendments.edit(post, post.author, said, seen=seen or amendments.version_of(post))
    return posting.edit(post, post.author, said, seen=seen or post.version)


def act(action: str, target: Target, by: User | None = None, **why: Any) -> Decision:
    """Decided on as it is now, for a good reason unless the test says another."""
    target.refresh_from_db()
    said: dict[str, Any] = {"reason": REASON} | (
        {"ground": GROUND, "facts": FACTS} if action in STATED else {}
    )
    if action == "silence":
        said["until"] = timezone.now() + timedelta(days=7)
    said |= {name: why.pop(name) for name in [*why] if name in Statement.__dataclass_fields__}
    by = by or UserFactory.create(community_manager=True)
    seen = why.pop("seen", None) or version_of(target)
    decision = decide(Action(action), target, by, seen=seen, said=Statement(**said), **why)
    target.refresh_from_db()
    return decision


def complaint(
    about: Post | OriginalComment | Decision,
    by: User | None = None,
    words: str = "Regardez bien.",
    **said: Any,
) -> Complaint:
    """A report of a text, or an appeal against an entry, of which somebody has to ask."""
    form_key = said.pop("form_key", None) or uuid4()
    if isinstance(about, Decision):
        assert by
        return complaints.appeal(about, by, words, form_key=form_key)
    about.refresh_from_db()
    kind = Complaint.Kind(said.pop("kind", "rules"))
    said = {"ground": GROUND} | said
    return complaints.report(about, kind, words, by=by, form_key=form_key, **said)


def suggestion(action: str, target: Target, by: User | None = None) -> Suggestion:
    """What a trainee proposes to decide on it as it is now."""
    said = {"ground": GROUND, "facts": FACTS, "reason": REASON}
    found = Suggestion.objects.create(
        **named(target),
        by=by or UserFactory.create(role=User.Role.TRAINEE),
        action=action,
        said=said,
        seen=version_of(target),
    )
    cases.follow(target)
    return found


def ready_reason() -> ReadyReason:
    return ReadyReason.objects.create(name="Hors sujet", ground=GROUND, facts=FACTS, reason=REASON)


def policy_version(by: User | None = None, **values: Any) -> PolicyVersion:
    """In force from now on."""
    return PolicyVersion.objects.create(
        number=PolicyVersion.objects.count() + 1,
        values=Policy(**values).values(),
        by=by or UserFactory.create(owner=True),
    )


def published(post: Post) -> Post:
    if post.state == Post.State.PENDING:
        act("approve", post)
    return post


def withdrawn(post: Post) -> Post:
    assert post.author
    posting.withdraw(post, post.author)
    post.refresh_from_db()
    return post


def in_state(state: str, post: Post | None = None, *, new_text: str = "Un autre texte.") -> Post:
    """Brings a new member's text, just sent, to that state."""
    post = post or reply()
    if state not in NEVER_PUBLIC:
        published(post)
    if state == "edited":
        clauses = [("is", new_text)] if post.has_clauses else []
        edit(post, new_text, *clauses)
    elif state == "hidden":
        act("hide", post)
    elif state == "refused":
        act("refuse", post)
    elif state in ("withdrawn", "dropped"):
        withdrawn(post)
    return Post.objects.get(pk=post.pk)


def trusted_member(**fields: Any) -> User:
    """Whose texts no longer wait: three of them are published."""
    user = UserFactory.create(**fields)
    for _i in range(3):
        published(reply(author=user))
    return user


def ids_on(page: Any) -> list[str]:
    """The public ids on a page of a thread."""
    return [row.light.public_id for row in rows_on(page)]


def rows_on(page: Any) -> list[Any]:
    return [row for branch in page.branches for row in branch.rows]


def bare_replies(thread: Any, depths: Iterable[int], author: User) -> list[Post]:
    """Published replies at these depths, as scenery: many rows in few queries."""
    from discussions.threads import PLACE, branch_cut, segment, sort_key

    now = timezone.now()
    depths = list(depths)
    posts = Post.objects.bulk_create(
        Post(kind="reply", author=author, thread=thread, depth=depth) for depth in depths
    )
    revisions = Revision.objects.bulk_create(
        Revision(post=post, number=1, author=author, body="x", html="<p>x</p>", renderer=1)
        for post in posts
    )
    branch: list[str] = []
    root = posts[0]
    for post, revision in zip(posts, revisions, strict=True):
        branch = [*branch[: post.depth], segment(post.pk)]
        post.path = "".join(branch)
        root = root if post.depth else post
        post.root = root
        root.branch_size += 1
        root.by_latest = root.by_score = root.by_contest = sort_key(0, root.pk)
        post.state = Post.State.PUBLISHED
        post.published_at = now
        post.published_revision = revision
    Post.objects.bulk_update(
        posts, ["state", "published_at", "published_revision", "branch_size", *PLACE]
    )
    Post.objects.filter(thread=thread, depth=0).update(branch_cut=branch_cut())
    type(thread).objects.filter(pk=thread.pk).update(reply_count=len(posts))
    thread.refresh_from_db()
    return posts


def call(
    by: User | None = None,
    question: str = "Que fait un community manager ?",
    *,
    body: str = "",
    term: Term | None = None,
    days: int = 7,
    begins_in: int = 0,
) -> Call:
    """Opened today by a community manager, or in some days."""
    today = timezone.localdate()
    post = acts.open_call(
        by or UserFactory.create(community_manager=True),
        term or Term.objects.site_term() or TermFactory.create(),
        Wording(body, title=question),
        today + timedelta(days=begins_in),
        today + timedelta(days=begins_in + days - 1),
        form_key=uuid4(),
    )
    return Call.objects.get(post=post)


def prompt(
    by: User | None = None,
    question: str = "Quand avez-vous été modéré pour la première fois ?",
    *,
    body: str = "",
    term: Term | None = None,
    essay: Essay | None = None,
    pinned: bool = False,
    form_key: UUID | None = None,
) -> Post:
    """Sent by a community manager; it waits for a second one unless the policy says otherwise."""
    return prompts.start(
        by or UserFactory.create(community_manager=True),
        term or Term.objects.site_term() or TermFactory.create(),
        Wording(body, title=question),
        essay=essay,
        pinned=pinned,
        form_key=form_key or uuid4(),
    )


def candidate(
    call: Call, *clauses: tuple[str, str], author: User | None = None, **send: Any
) -> Post:
    """A published definition that its author has entered."""
    post = published(definition(author, *clauses, term=call.term, **send))
    assert post.author
    voting.enter(post.author, call, post)
    return post


def vote(call: Call, *approved: Post, by: User | None = None) -> User:
    """A member approves these definitions as they are now."""
    by = by or UserFactory.create()
    versions = [Post.objects.get(pk=post.pk).published_revision for post in approved]
    voting.vote(by, call, [version for version in versions if version])
    return by


def ended(call: Call) -> Call:
    """Its last day is over, and the clock has come."""
    acts.close(call, call.closes_at)
    return Call.objects.get(pk=call.pk)


def signed(call: Call, by: User | None = None, **fields: Any) -> Post:
    later = timezone.localdate() + timedelta(days=90)
    said: dict[str, Any] = {"agreed": "Qu’il **écoute**.", "disputed": "Qu’il décide."}
    fields = said | {"review_on": later} | fields
    by = by or UserFactory.create(community_manager=True)
    return acts.sign(by, call, form_key=uuid4(), **fields)
