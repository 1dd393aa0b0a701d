"""What people write: one moderated table, its versions, and the threads it stands in."""

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cmdebate.accounts.models import User
from discussions import markdown
from discussions.policy import FREE_EDITING, Reason
from essays.models import Essay, OriginalComment, Proposal, Term
from essays.tags import slug_of

from .targets import exactly_one

if TYPE_CHECKING:
    from .passages import Passage

Viewer = User | AnonymousUser

PUBLIC_ID_LENGTH = 10
UNCUT = "~"  # stands after every path
LONG_REPLY = 600  # characters: from there on a reply may become a discussion of its own
PUBLIC_ID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0 and 1, which look alike


def new_public_id() -> str:
    """A random name for addresses: it says nothing of how many posts there are."""
    return "".join(secrets.choice(PUBLIC_ID_ALPHABET) for _i in range(PUBLIC_ID_LENGTH))


class Thread(models.Model):
    """The replies to one essay, passage, original comment, definition or long reply."""

    essay = models.OneToOneField(
        Essay, models.PROTECT, null=True, blank=True, related_name="thread"
    )
    passage = models.OneToOneField(
        "Passage", models.PROTECT, null=True, blank=True, related_name="thread"
    )
    original_comment = models.OneToOneField(
        OriginalComment, models.PROTECT, null=True, blank=True, related_name="thread"
    )
    post = models.OneToOneField(
        "Post", models.PROTECT, null=True, blank=True, related_name="own_thread"
    )
    # What readers may count: kept by the verbs, in the transaction that changes a state.
    reply_count = models.PositiveIntegerField(default=0)
    hidden_count = models.PositiveIntegerField(default=0)
    # Reports on its texts that wait for an answer.
    report_count = models.PositiveIntegerField(default=0)
    # The decision that closes or slows it now.
    restriction = models.ForeignKey(
        "Decision", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=exactly_one("essay", "passage", "original_comment", "post"),
                name="thread_has_one_subject",
            ),
        )
        indexes = (
            models.Index(
                fields=["-report_count"], condition=Q(report_count__gt=0), name="thread_reported"
            ),
            models.Index(
                fields=["restriction"],
                condition=Q(restriction__isnull=False),
                name="thread_restricted",
            ),
        )

    def __str__(self) -> str:
        return str(self.subject)

    def get_absolute_url(self) -> str:
        """The page that shows it."""
        if comment := self.original_comment:
            return reverse("essays:comment", args=[comment.essay.slug, comment.ref])
        if self.post and self.post.kind == Post.Kind.REPLY:
            return reverse("discussion", args=[self.post.public_id])
        return self.subject.get_absolute_url()

    @property
    def about_essay_id(self) -> int | None:
        """The essay that is talked about in it, if it is one."""
        within = self.passage or self.original_comment
        return within.essay_id if within else self.essay_id

    @property
    def subject(self) -> "Essay | Passage | OriginalComment | Post":
        subject = self.essay or self.passage or self.original_comment or self.post
        assert subject  # the constraint above
        return subject


def _public() -> Q:
    """What everybody may read; `Post.is_public` in SQL.

    An amendment has the words of the definition that it would change: it is shown with it.
    """
    gone = Post.objects.filter(amendments=OuterRef("pk")).exclude(state=Post.State.PUBLISHED)
    return Q(state=Post.State.PUBLISHED) & ~Q(Q(kind=Post.Kind.AMENDMENT), Exists(gone))


class PostQuerySet(models.QuerySet["Post"]):
    """Every page, count, feed and search reads posts through `visible_to` or `placed_for`."""

    def visible_to(self, user: Viewer) -> Self:
        """Posts whose text this person may read."""
        if not user.is_authenticated:
            return self.filter(_public())
        if user.is_community_manager:
            return self
        return self.filter(_public() | Q(author=user))

    def placed_for(self, user: Viewer) -> Self:
        """Posts whose place this person may see: those above, and what was public once.

        The text of the latter must not be shown: ask `access.shown_revision`.
        """
        if user.is_authenticated and user.is_community_manager:
            return self
        return self.standing_for(user)

    def standing_for(self, user: Viewer) -> Self:
        """Posts that this person meets in a thread: what was public once, and their own.

        A community manager meets no more there than readers do; what waits is on the desk.
        """
        public = Q(published_at__isnull=False)
        return self.filter(public | Q(author=user) if user.is_authenticated else public)

    def waiting(self) -> Self:
        """What stands at the desk for a decision, in the order of its queue."""
        return self.filter(cases__isnull=False).order_by(
            "-cases__gravity", "cases__since", "cases__pk"
        )

    def definitions(self) -> Self:
        # By their table, which is small: by kind, a database may well look through all posts.
        return self.filter(definition__isnull=False)

    def replies(self) -> Self:
        return self.filter(kind=Post.Kind.REPLY)

    def written_here(self) -> Self:
        """Without what the essays say: that is no news, whenever it was imported."""
        return self.filter(definition__source=None)

    def amendments(self) -> Self:
        return self.filter(kind=Post.Kind.AMENDMENT)

    def in_thread(self, thread: Thread) -> Self:
        """The replies of a thread in reading order."""
        return self.filter(thread=thread).order_by("path")

    def with_place(self) -> Self:
        """With the subject of the thread that each reply stands in, and what names it."""
        return self.select_related(
            "definition__term",
            "definition__source__essay",
            "definition__source__original_comment",
            "answer__survey__term",
            "call__term",
            "prompt__term",
            "prompt__essay",
            "thread__essay",
            "thread__passage__essay",
            "thread__original_comment__essay",
            "thread__post__definition__term",
            "thread__post__call__term",
            "thread__post__prompt__term",
            "thread__post__author",
        ).defer(
            "prompt__essay__text",
            "definition__source__essay__text",
            "thread__essay__text",
            "thread__passage__essay__text",
            "thread__original_comment__essay__text",
        )

    def with_texts(self) -> Self:
        """With all that templates/discussions/_post.html shows, in one query."""
        return self.select_related(
            "author",
            "definition__term",
            "parent__author",
            "published_revision__quotations__original_comment",
            "pending_revision__quotations__original_comment",
            "restriction__payload",
            "quotation__revision__post__author",
            "own_thread",
            "reaction",
            "restriction__by",
        )


class Post(models.Model):
    """Whatever a person writes and a community manager can decide on."""

    class Kind(models.TextChoices):
        DEFINITION = "definition", _("definition")
        REPLY = "reply", _("reply")
        AMENDMENT = "amendment", _("amendment")
        CALL = "call", _("call for definitions")
        PROMPT = "prompt", _("prompt")
        ANSWER = "answer", _("answer to the survey")

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        PUBLISHED = "published", _("published")
        HIDDEN = "hidden", _("hidden")
        WITHDRAWN = "withdrawn", _("withdrawn")

    public_id = models.CharField(
        _("id"), max_length=PUBLIC_ID_LENGTH, unique=True, default=new_public_id, editable=False
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PENDING
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="posts",
        verbose_name=_("author"),
    )
    # These keys have no index of their own: the ones below serve the questions that are asked,
    # and a planner that had the choice would read a whole thread to sort it.
    thread = models.ForeignKey(
        Thread, models.PROTECT, null=True, blank=True, related_name="posts", db_index=False
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="answers"
    )
    # Where a reply stands in its thread: see threads.py.
    path = models.CharField(max_length=60, blank=True, editable=False)
    depth = models.PositiveSmallIntegerField(default=0, editable=False)
    # The top-level reply of its branch, which may be itself.
    root = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="branch",
        editable=False,
        db_index=False,
    )
    useful = models.PositiveIntegerField(default=0, editable=False)
    not_useful = models.PositiveIntegerField(default=0, editable=False)
    # On a reply: how many views of a clause it has changed, as their holders say.
    swayed_count = models.PositiveIntegerField(default=0, editable=False)
    # On a top-level reply: how many of its branch have a place for readers, itself included,
    # where a page of the thread cuts it, and where it stands in each order (see threads.py).
    branch_size = models.PositiveIntegerField(default=0, editable=False)
    branch_cut = models.CharField(max_length=60, default=UNCUT, editable=False)
    by_latest = models.BigIntegerField(null=True, editable=False)
    by_score = models.BigIntegerField(null=True, editable=False)
    by_contest = models.BigIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(_("written on"), auto_now_add=True)
    published_at = models.DateTimeField(_("first published"), null=True, blank=True)
    published_revision = models.ForeignKey(
        "Revision", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # The version that waits for a decision; the published one, if any, stays in place.
    pending_revision = models.ForeignKey(
        "Revision",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("version that waits"),
    )
    # The decision that hides the post now.
    restriction = models.ForeignKey(
        "Decision", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # The decision that asks its author for another version, until there is one.
    rewrite = models.ForeignKey(
        "Decision", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # What its author signed in a role, for others to rely on: they change it no more.
    sealed = models.BooleanField(default=False, editable=False)
    # One per rendered form: a form sent twice posts once.
    form_key = models.UUIDField(null=True, editable=False)

    # The version that the person reading now may read; set by who reads posts for a page.
    shown: "Revision | None"
    # Whether that person may say what they think of its clauses.
    may_be_reacted_to = False
    # What that person voted: True for useful, False for not.
    my_vote: bool | None = None

    objects: ClassVar[PostQuerySet] = PostQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        permissions = (("moderate_post", "Can decide on posts"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["pending", "published", "hidden", "withdrawn"]),
                name="post_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="pending") | Q(published_at__isnull=True),
                name="post_pending_was_never_public",
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(published_revision__isnull=False, published_at__isnull=False),
                name="post_published_has_a_text",
            ),
            models.CheckConstraint(
                condition=Q(state="hidden", restriction__isnull=False)
                | (~Q(state="hidden") & Q(restriction__isnull=True)),
                name="post_hidden_by_a_decision",
            ),
            models.CheckConstraint(
                condition=Q(kind="reply", thread__isnull=False)
                | (~Q(kind="reply") & Q(thread__isnull=True, parent__isnull=True)),
                name="post_reply_stands_in_a_thread",
            ),
            models.UniqueConstraint(fields=["author", "form_key"], name="post_sent_once"),
        )
        indexes = (
            models.Index(fields=["thread", "path"], name="post_thread_order"),
            models.Index(fields=["root", "path"], name="post_branch_order"),
            *(
                models.Index(
                    fields=["thread", key],
                    condition=Q(depth=0, thread__isnull=False),
                    name=f"post_branches_{name}",
                )
                for name, key in (
                    ("by_age", "id"),
                    ("by_latest", "by_latest"),
                    ("by_score", "by_score"),
                    ("by_contest", "by_contest"),
                )
            ),
            # Top-level replies that nobody has answered.
            models.Index(
                fields=["-published_at"],
                condition=Q(state="published", thread__isnull=False, depth=0, branch_size=1),
                name="post_unanswered",
            ),
            models.Index(fields=["author", "-created_at"], name="post_by_author"),
            models.Index(
                fields=["pending_revision"],
                condition=Q(pending_revision__isnull=False),
                name="post_waiting",
            ),
            models.Index(
                fields=["thread", "published_at"],
                condition=Q(state="hidden", thread__isnull=False),
                name="post_hidden_in_thread",
            ),
            # What is new in a thread since somebody's last visit.
            models.Index(
                fields=["thread", "published_at"],
                condition=Q(state="published", thread__isnull=False),
                name="post_new_in_thread",
            ),
            models.Index(
                fields=["-published_at"],
                condition=Q(state="published"),
                name="post_latest_published",
            ),
            models.Index(
                fields=["thread", "-published_at"],
                condition=Q(state="published"),
                name="post_latest_in_thread",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.public_id}"

    def get_absolute_url(self) -> str:
        return reverse(PAGES.get(self.kind, "post"), args=[self.public_id])

    @property
    def stands_alone(self) -> bool:
        """Whether it is no reply: it then stands in no thread, and may have one of its own."""
        return self.kind != Post.Kind.REPLY

    @property
    def has_clauses(self) -> bool:
        """Whether its versions are those of a definition: clauses, an explanation, tags."""
        return self.kind in (Post.Kind.DEFINITION, Post.Kind.AMENDMENT)

    @property
    def term(self) -> Term | None:
        """The term that it is about, if it stands alone."""
        if not self.stands_alone:
            return None
        term: Term = getattr(self, self.kind).term
        return term

    @property
    def source(self) -> Proposal | None:
        """What an essay says, if it was not written here."""
        return self.definition.source if self.kind == Post.Kind.DEFINITION else None

    @property
    def signature(self) -> str:
        """Who wrote it, in words: members, people of the essays, visitors."""
        if self.author:
            return str(self.author)
        if source := self.source:
            # Who wrote a comment that is withheld is withheld with it.
            return gettext("an original comment") if source.is_withheld else source.who
        return gettext("A visitor")

    @property
    def takes_amendments(self) -> bool:
        """Whether this is a definition whose author is there to answer them."""
        return (
            self.kind == Post.Kind.DEFINITION
            and self.state == Post.State.PUBLISHED
            and self.author is not None
            and self.author.is_active
        )

    @property
    def is_public(self) -> bool:
        """Whether everybody may read it; `visible_to` asks the same of the database."""
        if self.state != Post.State.PUBLISHED or self.kind != Post.Kind.AMENDMENT:
            return self.state == Post.State.PUBLISHED
        definition: Post = self.amendment.definition
        return definition.state == Post.State.PUBLISHED

    @property
    def anchor(self) -> str:
        return f"m-{self.public_id}"

    @property
    def was_public(self) -> bool:
        return self.published_at is not None

    @property
    def is_edited(self) -> bool:
        """Whether the text shown came after the time in which its author may edit freely."""
        revision = self.published_revision
        if not (self.published_at and revision and revision.published_at):
            return False
        return revision.published_at - self.published_at > FREE_EDITING

    @property
    def may_become_discussion(self) -> bool:
        """Whether this is a long reply that is answered in its thread so far."""
        return (
            self.kind == Post.Kind.REPLY
            and self.state == Post.State.PUBLISHED
            and self.published_revision is not None
            and len(self.published_revision.body) >= LONG_REPLY
            and getattr(self, "own_thread", None) is None
        )

    @property
    def is_waiting(self) -> bool:
        """Whether a community manager has still to decide on it (see `waiting`)."""
        return self.pending_revision_id is not None and self.state in (
            Post.State.PENDING,
            Post.State.PUBLISHED,
        )

    @property
    def latest_revision(self) -> "Revision":
        revision = self.pending_revision or self.published_revision
        assert revision  # set in the transaction that makes the post
        return revision

    @property
    def version(self) -> str:
        """What a decision or an edit is made on: it changes with state and text."""
        return "-".join(
            str(part)
            for part in (
                self.state,
                self.published_revision_id,
                self.pending_revision_id,
                self.restriction_id,
                self.rewrite_id,
            )
        )


class Relation(models.TextChoices):
    """What a definition does with another one."""

    TAKES_UP = "takes_up", pgettext_lazy("a definition, and another one", "takes up")
    NARROWS = "narrows", pgettext_lazy("a definition, and another one", "narrows")
    CONTRADICTS = "contradicts", pgettext_lazy("a definition, and another one", "contradicts")
    REPLACES = "replaces", pgettext_lazy("a definition, and another one", "replaces")


# The pages of those posts that have one of their own; the others are found in their place.
PAGES: dict[str, str] = {
    Post.Kind.DEFINITION: "definitions:detail",
    Post.Kind.CALL: "calls:detail",
    Post.Kind.PROMPT: "prompt",
    Post.Kind.AMENDMENT: "amendment",
}


class Revision(models.Model):
    """One version of a post's text. Never changed, but for its rendering; emptied by `leaving`."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    # Of a call or a prompt: its question.
    title = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    html = models.TextField(blank=True)
    renderer = models.PositiveSmallIntegerField()
    # Of a definition: see tags.py.
    tags = models.JSONField(default=list, blank=True)
    # Of a definition: how it stands to another one.
    relation = models.CharField(max_length=12, choices=Relation.choices, blank=True)
    related = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="related_versions"
    )
    # The amendment that its author took over with this version.
    adopted = models.ForeignKey(
        Post, models.PROTECT, null=True, blank=True, related_name="adopted_in", db_index=False
    )
    # Of an amendment: the version of the definition that it would change.
    base = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # Codes of policy.Reason: why this version waits or waited.
    held_for = models.JSONField(default=list)
    # What the verdict was given on, but for the text: see policy.Facts.
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    # When its author left and took the text with them: body, HTML, tags and clauses are empty.
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["post", "number"], name="revision_number_once"),
            models.CheckConstraint(
                condition=Q(relation="", related=None)
                | (~Q(relation="") & Q(related__isnull=False)),
                name="revision_relation_to_a_definition",
            ),
        )
        indexes = (
            models.Index(fields=["author", "-created_at"], name="revision_by_author"),
            # New versions of texts that were public.
            models.Index(
                fields=["-published_at"], condition=Q(number__gt=1), name="revision_of_an_edit"
            ),
        )

    def __str__(self) -> str:
        return f"{self.post_id}, {self.number}"

    @property
    def rendered(self) -> SafeString:
        return markdown.stored(self.html)

    @property
    def why_held(self) -> list[str]:
        """Why it waits or waited, a sentence for each reason."""
        return [str(Reason(reason).sentence) for reason in self.held_for]

    def content(self) -> dict[str, Any]:
        """The text as a decision commits to it."""
        return self.wording.content()

    @property
    def wording(self) -> "Wording":
        """All that it says."""
        clauses = tuple(
            Said(clause.polarity, clause.text, clause.scope, clause.passage)
            for clause in self.clauses.all()
        )
        return Wording(
            self.body, clauses, tuple(self.tags), self.title, self.relation, self.related, self.base
        )

    @property
    def in_role(self) -> bool:
        """Whether its author speaks as a community manager."""
        return bool(self.facts.get("in_role"))

    @property
    def held_for_role(self) -> bool:
        """Whether a second person reads it, or has read it, before it is published."""
        return Reason.ROLE in self.held_for

    @property
    def tag_links(self) -> list[tuple[str, str]]:
        """Each tag with the word that names it in addresses."""
        return [(name, slug_of(name)) for name in self.tags]


class Said(NamedTuple):
    """What one clause says."""

    polarity: str
    text: str
    scope: str = ""
    passage: "Passage | None" = None


@dataclass(frozen=True)
class Wording:
    """All that one version of a post says, before and after it is stored."""

    body: str = ""
    clauses: tuple[Said, ...] = ()
    tags: tuple[str, ...] = ()
    title: str = ""
    relation: str = ""
    related: Post | None = None
    base: Revision | None = None

    @property
    def text(self) -> str:
        """All its words, one part a line."""
        return "\n".join([self.title, *(clause.text for clause in self.clauses), self.body])

    def content(self) -> dict[str, Any]:
        """As plain values: a decision commits to them. What is not used is left out, so that
        entries made before it existed hold."""
        clauses = []
        for polarity, text, scope, passage in self.clauses:
            rests_on = [f"{passage.essay.slug}:{passage.start}-{passage.end}"] if passage else []
            clauses.append([polarity, text, *([scope] if scope or passage else []), *rests_on])
        more = {
            "tags": list(self.tags),
            "title": self.title,
            "relation": [self.relation, self.related.public_id] if self.related else [],
            "base": [self.base.post.public_id, self.base.number] if self.base else [],
        }
        content: dict[str, Any] = {"body": self.body, "clauses": clauses}
        return content | {name: value for name, value in more.items() if value}
