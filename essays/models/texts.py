"""The texts that the site is about, as received, and what is known of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import StringIO

from django.core.validators import RegexValidator, URLValidator
from django.db import models
from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager


class Basis(models.TextChoices):
    """How a piece of knowledge about a text is known."""

    TEXT = "text", _("stated in the text")
    SIGNATURE = "signature", _("from the signature")
    PAGE = "page", _("from the page where it was published")
    COPY = "copy", _("from a public copy")
    REPLY = "reply", _("implied by a reply")
    INFERRED = "inferred", _("inferred")
    UNKNOWN = "unknown", _("unknown")


KNOWN = [basis for basis in Basis.values if basis != Basis.UNKNOWN]
# The roles that a segment of a kind may have; other kinds have none.
ROLES = {
    "body": ("heading", "signature"),
    "furniture": ("comment-count", "advertising", "form"),
}
IN_LINES = Q(first_line__gte=1, last_line__gte=F("first_line"), end__gt=F("start"))


def basis_field() -> "models.CharField[str, str]":
    return models.CharField(
        _("how it is known"),
        max_length=10,
        choices=Basis.choices,
        default=Basis.UNKNOWN,
    )


def known_means_basis(basis: str, *values: str) -> Q:
    """The basis is "unknown" exactly when nothing is known."""
    nothing = Q(**dict.fromkeys(values, ""))
    return (nothing & Q(**{basis: Basis.UNKNOWN})) | (~nothing & Q(**{f"{basis}__in": KNOWN}))


def split_lines(text: str) -> list[str]:
    """The lines with their ends: cut at line feeds only, as the manifest counts them."""
    return list(StringIO(text, newline="\n"))


def line_end(text: str) -> str:
    return next((end for end in ("\r\n", "\n") if text.endswith(end)), "")


@dataclass(frozen=True)
class Paragraph:
    """A non-blank line, from `start` (in code points of the verbatim text)."""

    number: int
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True)
class BodyParagraph(Paragraph):
    segment: "Segment"

    @property
    def is_quotation(self) -> bool:
        return self.segment.kind == Segment.Kind.QUOTATION

    @property
    def speaker(self) -> str:
        return self.segment.speaker

    @property
    def role(self) -> str:
        return self.segment.role


def non_blank_lines(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Start and text of each, without the carriage return of its end or the mark of a file."""
    for line in split_lines(text[start:end]):
        at = start
        start += len(line)
        if at == 0 and line.startswith("\ufeff"):
            at, line = 1, line[1:]
        line = line.removesuffix("\n").removesuffix("\r")
        if line.strip():
            yield at, line


class TermQuerySet(models.QuerySet["Term"]):
    def site_term(self) -> "Term | None":
        """The term that the site is about: the first one."""
        return self.order_by("position").first()


class Term(models.Model):
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    headword = models.CharField(_("headword"), max_length=80)
    pronunciation = models.CharField(_("pronunciation"), max_length=80, blank=True)
    grammar = models.CharField(_("grammar"), max_length=80, blank=True)
    origin = models.CharField(_("origin"), max_length=200, blank=True)
    position = models.PositiveIntegerField(_("position"), unique=True)

    # In their order, this one too; set by who reads them for a page.
    all_terms: Sequence["Term"] = ()

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ("position",)

    def __str__(self) -> str:
        return self.headword

    def get_absolute_url(self) -> str:
        """Its definitions."""
        return self.address("definitions:list")

    @property
    def is_first(self) -> bool:
        """Whether it is the one that the site is about, as imports number them."""
        return self.position == 1

    def address(self, page: str) -> str:
        """One of the pages that every term has, by the name of the first one's."""
        return reverse(page) if self.is_first else reverse(f"term:{page}", args=[self.slug])


class EssayQuerySet(models.QuerySet["Essay"]):
    def on_shelf(self) -> "EssayQuerySet":
        """With what a shelf shows of each, and without their texts, in their order."""
        comments = Count("original_comments", Q(original_comments__kind="comment"))
        # Where rows are grouped, Django leaves the model's own order out.
        return self.defer("text").annotate(comment_count=comments).order_by("position")


class Essay(models.Model):
    number = models.CharField(
        _("number"),
        max_length=6,
        unique=True,
        validators=[RegexValidator(r"\A[0-9]+\Z")],
    )
    position = models.PositiveIntegerField(_("position"), unique=True)
    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    title = models.CharField(_("title shown"), max_length=300)
    title_in_text = models.BooleanField(_("the text has a title of its own"))
    title_line = models.PositiveIntegerField(_("line of the title"), null=True, blank=True)
    author = models.CharField(_("author"), max_length=200, blank=True)
    author_note = models.CharField(_("what is known of the author"), max_length=200, blank=True)
    author_basis = basis_field()
    site = models.CharField(_("site"), max_length=200, blank=True)
    site_basis = basis_field()
    published_on = models.DateField(_("date"), null=True, blank=True)
    date_note = models.CharField(_("what is known of the date"), max_length=200, blank=True)
    date_basis = basis_field()
    address = models.CharField(
        _("address"),
        max_length=500,
        blank=True,
        validators=[URLValidator(["http", "https"])],
    )
    address_basis = basis_field()
    platform = models.CharField(_("platform, inferred"), max_length=80, blank=True)
    language = models.CharField(
        _("language"),
        max_length=20,
        validators=[RegexValidator(r"\A[a-z]{2,3}(-[A-Za-z0-9]+)*\Z")],
    )
    standfirst = models.CharField(_("standfirst"), max_length=300, blank=True)
    announced = models.PositiveIntegerField(_("comments announced"), null=True, blank=True)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(
        "SHA-256", max_length=64, validators=[RegexValidator(r"\A[0-9a-f]{64}\Z")]
    )
    text = models.TextField(_("text as received"))
    word_count = models.PositiveIntegerField(_("words of the body"))
    # When an import last changed anything of it: what is drawn of an essay holds until then.
    imported_at = models.DateTimeField(_("imported"), default=timezone.now, editable=False)
    terms = models.ManyToManyField(Term, verbose_name=_("terms"), related_name="essays")
    tags = TaggableManager(_("tags"), blank=True)

    objects = EssayQuerySet.as_manager()

    class Meta:
        verbose_name = _("essay")
        verbose_name_plural = _("essays")
        ordering = ("position",)
        constraints = (
            models.CheckConstraint(
                condition=known_means_basis("author_basis", "author", "author_note"),
                name="essay_author_basis",
            ),
            models.CheckConstraint(
                condition=known_means_basis("site_basis", "site"),
                name="essay_site_basis",
            ),
            models.CheckConstraint(
                condition=known_means_basis("address_basis", "address"),
                name="essay_address_basis",
            ),
            models.CheckConstraint(
                condition=(
                    Q(published_on=None, date_note="", date_basis=Basis.UNKNOWN)
                    | ((Q(published_on__isnull=False) | ~Q(date_note="")) & Q(date_basis__in=KNOWN))
                ),
                name="essay_date_basis",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="essay_text_not_empty"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("essays:detail", args=[self.slug])

    @cached_property
    def paragraphs(self) -> tuple[BodyParagraph, ...]:
        """The body's non-blank lines, third-party words included, in the file's order."""
        lines = (
            (segment, start, text)
            for segment in self.segments.all()
            if segment.kind in Segment.BODY_KINDS
            for start, text in non_blank_lines(self.text, segment.start, segment.end)
        )
        return tuple(
            BodyParagraph(number, text, start, segment)
            for number, (segment, start, text) in enumerate(lines, start=1)
        )

    def source(self) -> str:
        """The text as it may be served: as received, but for the lines that are withheld."""
        parts, done = [], 0
        for comment in self.original_comments.hidden().order_by("start"):
            withheld = self.text[comment.start : comment.end]
            parts += [
                self.text[done : comment.start],
                comment.notice,
                line_end(withheld),
            ]
            done = comment.end
        return "".join([*parts, self.text[done:]])


class Segment(models.Model):
    """A run of lines of one kind: the segments of an essay tile its text."""

    class Kind(models.TextChoices):
        TITLE = "title", _("title")
        BODY = "body", _("body")
        QUOTATION = "quotation", _("quotation")
        COMMENT = "comment", _("original comment")
        PINGBACK = "pingback", _("pingback")
        FURNITURE = "furniture", _("page furniture")

    class Role(models.TextChoices):
        HEADING = "heading", _("heading")
        SIGNATURE = "signature", _("signature")
        COMMENT_COUNT = "comment-count", _("comment count")
        ADVERTISING = "advertising", _("advertising")
        FORM = "form", _("comment form")

    BODY_KINDS = (Kind.BODY, Kind.QUOTATION)

    essay = models.ForeignKey(Essay, models.CASCADE, related_name="segments")
    position = models.PositiveIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, blank=True)
    first_line = models.PositiveIntegerField(_("first line"))
    last_line = models.PositiveIntegerField(_("last line"))
    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))
    speaker = models.CharField(_("speaker"), max_length=200, blank=True)
    speaker_basis = basis_field()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ("essay_id", "position")
        constraints = (
            models.UniqueConstraint(fields=("essay", "position"), name="segment_position"),
            models.UniqueConstraint(fields=("essay", "first_line"), name="segment_first_line"),
            models.CheckConstraint(
                condition=Q(kind="body", role__in=["", *ROLES["body"]])
                | Q(kind="furniture", role__in=["", *ROLES["furniture"]])
                | Q(kind__in=["title", "quotation", "comment", "pingback"], role=""),
                name="segment_kind_and_role",
            ),
            models.CheckConstraint(
                condition=known_means_basis("speaker_basis", "speaker"),
                name="segment_speaker_basis",
            ),
            models.CheckConstraint(
                condition=Q(kind="quotation") | Q(speaker=""),
                name="segment_speaker_of_quotation",
            ),
            models.CheckConstraint(condition=IN_LINES, name="segment_range"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.first_line}–{self.last_line}"


class OriginalCommentQuerySet(models.QuerySet["OriginalComment"]):
    def comments(self) -> "OriginalCommentQuerySet":
        return self.filter(kind=OriginalComment.Kind.COMMENT)

    def pingbacks(self) -> "OriginalCommentQuerySet":
        return self.filter(kind=OriginalComment.Kind.PINGBACK)

    def hidden(self) -> "OriginalCommentQuerySet":
        return self.filter(state=OriginalComment.State.HIDDEN)


class OriginalComment(models.Model):
    """What was published under an essay then. Its text stays in the essay's, and only there."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("original comment")
        PINGBACK = "pingback", _("pingback")

    class State(models.TextChoices):
        PUBLISHED = "published", _("published")
        HIDDEN = "hidden", _("hidden")

    essay = models.ForeignKey(
        Essay, models.PROTECT, related_name="original_comments", verbose_name=_("essay")
    )
    # Its anchor on the page: c1, c2… for comments, x1, x2… for pingbacks (p1 is a paragraph).
    ref = models.CharField(_("reference"), max_length=10)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="children",
        null=True,
        blank=True,
        verbose_name=_("in reply to"),
    )
    # Reading order: a list ordered by position is the tree, opened and closed by depth.
    position = models.PositiveIntegerField(_("position"))
    depth = models.PositiveIntegerField(_("depth"))
    author = models.CharField(_("author, attributed"), max_length=200, blank=True)
    by_essayist = models.BooleanField(_("by the essayist"), default=False)
    author_basis = basis_field()
    marker = models.CharField(_("list marker"), max_length=10, blank=True)
    label = models.CharField(_("name of the link"), max_length=300, blank=True)
    first_line = models.PositiveIntegerField(_("first line"))
    last_line = models.PositiveIntegerField(_("last line"))
    start = models.PositiveIntegerField(_("start"))
    end = models.PositiveIntegerField(_("end"))
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PUBLISHED
    )
    withheld_by = models.PositiveBigIntegerField(
        _("hidden by the record entry"), null=True, blank=True
    )

    objects = OriginalCommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("original comment")
        verbose_name_plural = _("original comments")
        ordering = ("essay_id", "position")
        permissions = (("moderate_originalcomment", "Can moderate original comments"),)
        constraints = (
            models.UniqueConstraint(fields=("essay", "ref"), name="originalcomment_ref"),
            models.UniqueConstraint(fields=("essay", "position"), name="originalcomment_position"),
            models.CheckConstraint(
                condition=Q(kind="comment", ref__startswith="c", label="")
                | (
                    Q(
                        kind="pingback",
                        ref__startswith="x",
                        author="",
                        by_essayist=False,
                    )
                    & Q(parent=None)
                    & ~Q(label="")
                ),
                name="originalcomment_kind",
            ),
            models.CheckConstraint(
                condition=Q(parent=None, depth=0) | Q(parent__isnull=False, depth__gt=0),
                name="originalcomment_depth",
            ),
            models.CheckConstraint(
                condition=Q(author="", by_essayist=False, author_basis=Basis.UNKNOWN)
                | ((~Q(author="") | Q(by_essayist=True)) & Q(author_basis__in=KNOWN)),
                name="originalcomment_author_basis",
            ),
            models.CheckConstraint(
                condition=Q(state="published", withheld_by=None)
                | Q(state="hidden", withheld_by__isnull=False),
                name="originalcomment_hidden_by_an_entry",
            ),
            models.CheckConstraint(condition=IN_LINES, name="originalcomment_range"),
        )

    def __str__(self) -> str:
        return f"{self.essay.number} {self.ref}"

    def get_absolute_url(self) -> str:
        return f"{self.essay.get_absolute_url()}#{self.ref}"

    @property
    def version(self) -> str:
        """What a decision is made on: it changes with the state."""
        return f"{self.state}-{self.withheld_by}"

    @property
    def is_hidden(self) -> bool:
        return self.state == self.State.HIDDEN

    @property
    def notice(self) -> str:
        """What `source.txt` says in the place of the withheld lines."""
        if self.first_line == self.last_line:
            notice = gettext("[Line %(first)d is withheld: entry no. %(entry)d of the record.]")
        else:
            notice = gettext(
                "[Lines %(first)d to %(last)d are withheld: entry no. %(entry)d of the record.]"
            )
        return notice % {
            "first": self.first_line,
            "last": self.last_line,
            "entry": self.withheld_by,
        }

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """Empty while the comment is hidden."""
        return () if self.is_hidden else self._paragraphs()

    def text_for_moderators(self) -> str:
        """The text whatever the state: only for those who may see it hidden."""
        return "\n".join(paragraph.text for paragraph in self._paragraphs())

    def _paragraphs(self) -> tuple[Paragraph, ...]:
        found: list[Paragraph] = []
        for start, line in non_blank_lines(self.essay.text, self.start, self.end):
            text = line
            if self.marker:  # An item of a list: without its indentation and marker.
                text = text.lstrip(" \t")
                if not found:
                    text = text.removeprefix(self.marker).lstrip(" \t")
            if text:
                found.append(Paragraph(len(found) + 1, text, start + len(line) - len(text)))
        return tuple(found)
