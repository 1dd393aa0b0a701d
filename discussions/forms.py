"""The forms of authors. What they accept is what the posting verbs take."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from markdownx.fields import MarkdownxFormField
from taggit.forms import TagField, TagWidget

from essays.models import Essay, Term
from essays.tags import slug_of

from . import access, definitions, lineage, quotations, tags
from .markdown import MAX_LENGTH
from .models import Clause, Post, Relation, Revision, passages
from .models.posts import Said, Viewer
from .passages import places

MAX_CLAUSES = 12
BLANK_CLAUSES = [{"polarity": "is"}, {"polarity": "is_not"}]


class ReplyForm(forms.Form):
    body = MarkdownxFormField(
        label=_("Your reply"),
        max_length=MAX_LENGTH,
        help_text=_("Bold, links, quotations and lists in Markdown; @name calls a member."),
    )
    in_role = forms.BooleanField(
        label=_("In the name of the role"),
        required=False,
        help_text=_(
            "A second community manager reads it before it is published, unless the house has "
            "decided otherwise: then the message says so."
        ),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, *args: Any, speaker: Viewer | None = None, **kwargs: Any):
        """`speaker` is who writes, where they may do so in the name of the role."""
        super().__init__(*args, **kwargs)
        if speaker is None or not access.may_speak_for_role(speaker):
            del self.fields["in_role"]


class QuoteForm(ReplyForm):
    """A reply that stands on words of the post it answers."""

    quote = forms.CharField(
        label=_("The words you quote"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Leave out what you do not quote. Readers see these words with a link, as long as "
            "the message they come from is shown."
        ),
    )
    field_order = ("quote", "body")

    def __init__(self, *args: Any, quoted: Revision, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.quoted = quoted

    def clean_quote(self) -> tuple[Revision, int, int] | None:
        words = self.cleaned_data["quote"]
        if not words:
            return None
        place = quotations.place_of(words, self.quoted)
        if place is None:
            raise forms.ValidationError(
                _("These words are not in that message to the letter: only leave some out."),
                code="not_found",
            )
        if place[1] - place[0] > quotations.LONGEST_OF_POST:
            raise forms.ValidationError(
                _("Quote at most %(longest)s characters: leave some words out."),
                code="too_long",
                params={"longest": quotations.LONGEST_OF_POST},
            )
        return self.quoted, *place


class ClausedForm(ReplyForm):
    """What stands beside the clauses of a definition, or of an amendment to one."""

    tags = TagField(
        label=_("Tags"),
        required=False,
        help_text=format_lazy(
            _("At most {most}, with commas between them: they let others find your definition."),
            most=tags.MOST,
        ),
        widget=TagWidget(attrs={"autocomplete": "off"}),
    )
    body = MarkdownxFormField(
        label=_("Explanation"),
        max_length=MAX_LENGTH,
        required=False,
        help_text=_("What supports it, what it answers, where it stops. Optional; Markdown."),
    )

    def clean_tags(self) -> list[str]:
        names: list[str] = self.cleaned_data["tags"]
        if len(names) > tags.MOST:
            raise forms.ValidationError(
                _("Choose at most %(most)s tags."), code="too_many", params={"most": tags.MOST}
            )
        for name in names:
            if len(name) > tags.LONGEST or not slug_of(name):
                raise forms.ValidationError(
                    _("“%(tag)s” cannot be a tag: a tag is a word or two."),
                    code="no_tag",
                    params={"tag": name},
                )
        return tags.spelled(names)


class DefinitionForm(ClausedForm):
    relation = forms.ChoiceField(
        label=_("What it does with another definition"),
        choices=[("", pgettext_lazy("relation", "nothing in particular")), *Relation.choices],
        required=False,
    )
    related = forms.CharField(
        label=_("Which definition"),
        max_length=definitions.LONGEST,
        required=False,
        help_text=_("Its number, or the address of its page."),
    )

    def __init__(
        self, *args: Any, term: Term | None = None, post: Post | None = None, **kwargs: Any
    ):
        super().__init__(*args, **kwargs)
        self.term, self.post = term, post

    def clean_related(self) -> Post | None:
        said = self.cleaned_data["related"]
        if not said:
            return None
        kept = self.post and self.post.latest_revision.related
        if kept and said == definitions.name_of(kept):
            return kept  # it may be hidden by now
        found = definitions.find(said, self.term)
        if found is None:
            raise forms.ValidationError(
                _("No published definition has this number or this address."), code="not_found"
            )
        if found.term != self.term:
            raise forms.ValidationError(
                _("That definition is about another word."), code="other_term"
            )
        if found == self.post:
            raise forms.ValidationError(_("This is the definition itself."), code="itself")
        if self.post and lineage.leads_back(self.post, found):
            raise forms.ValidationError(
                _("That definition itself goes back to this one."), code="circle"
            )
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        relation, related = cleaned.get("relation"), cleaned.get("related")
        if relation and not related and "related" not in self.errors:
            self.add_error("related", _("Say which definition."))
        if related and not relation:
            self.add_error("relation", _("Say what this one does with that one."))
        return cleaned


class SeenForm(forms.Form):
    """Added to a form that changes something: the version its author was shown."""

    seen = forms.CharField(widget=forms.HiddenInput)


class ReplyEditForm(SeenForm, ReplyForm):
    key = None  # type: ignore[assignment]


class DefinitionEditForm(SeenForm, DefinitionForm):
    key = None  # type: ignore[assignment]


class ClauseForm(forms.Form):
    polarity = forms.ChoiceField(
        label=_("The term"),
        choices=[
            (Clause.Polarity.IS, pgettext_lazy("clause", "is")),
            (Clause.Polarity.IS_NOT, pgettext_lazy("clause", "is not")),
        ],
        widget=forms.RadioSelect,
        initial=Clause.Polarity.IS,
    )
    text = forms.CharField(label=_("What it is, or is not"), max_length=300, required=False)
    scope = forms.ChoiceField(
        label=_("As what"),
        choices=[("", pgettext_lazy("scope of a clause", "in every way")), *Clause.Scope.choices],
        required=False,
    )
    words = forms.CharField(
        label=_("Words of an essay that it rests on"),
        required=False,
        max_length=passages.LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Copied to the letter; the site finds where they stand and checks them."),
    )

    def __init__(self, *args: Any, term: Term | None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.term = term

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        cleaned["passage"] = None
        if words := cleaned.get("words"):
            if not cleaned.get("text"):
                self.add_error("text", _("Say what these words are there for."))
            essays = list(quotations.essays_on(self.term))
            try:
                cleaned["passage"] = places.find(essays, words)
            except places.NotFound:
                self.add_error("words", _not_found(words, essays))
        return cleaned


def _not_found(words: str, essays: list[Essay]) -> str:
    nearest = quotations.nearest(words, quotations.sources_in(essays))
    if nearest is None:
        return gettext("No essay has these words.")
    found = nearest.found(words)
    place = found.comment or found.paragraph
    return gettext(
        "No essay has these words to the letter. The nearest ones stand in essay %(number)s, "
        "at %(place)s: copy them from there."
    ) % {"number": found.number, "place": place}


class BaseClauseFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        if not any(self.errors) and not self.clauses():
            raise forms.ValidationError(
                _("A definition says at least one thing: fill in a clause."), code="no_clause"
            )

    def clauses(self) -> list[Said]:
        """The clauses that were filled in."""
        rows = [form.cleaned_data for form in self.forms]
        return [
            Said(row["polarity"], row["text"], row["scope"], row["passage"])
            for row in rows
            if row.get("text")
        ]


ClauseFormSet: type[BaseClauseFormSet] = forms.formset_factory(  # type: ignore[assignment]
    ClauseForm,
    formset=BaseClauseFormSet,
    extra=0,
    max_num=MAX_CLAUSES,
    absolute_max=MAX_CLAUSES,
    validate_max=True,
)


def clause_forms(
    typed: Any = None, *, initial: Any = None, term: Term | None = None
) -> BaseClauseFormSet:
    """The forms of a definition's clauses; `term` says which essays they may rest on."""
    return ClauseFormSet(typed, initial=initial, prefix="clauses", form_kwargs={"term": term})


class Draft:
    """A form as it stands while somebody writes: shown again, not yet judged."""

    def __init__(
        self, form_class: Callable[..., forms.Form], typed: Mapping[str, Any], *, more: bool = False
    ):
        self.form = form_class(initial={name: typed[name] for name in typed})
        rows = [
            {name: typed.get(f"clauses-{i}-{name}", "") for name in ClauseForm.base_fields}
            for i in range(MAX_CLAUSES)
            if f"clauses-{i}-text" in typed
        ]
        if more and len(rows) < MAX_CLAUSES:
            rows.append({"polarity": "is", "text": ""})
        self.clauses = clause_forms(initial=rows or BLANK_CLAUSES)


def initial_clauses(revision: Revision) -> list[dict[str, str]]:
    return [
        {
            "polarity": clause.polarity,
            "text": clause.text,
            "scope": clause.scope,
            "words": clause.passage.exact if clause.passage else "",
        }
        for clause in revision.clauses.all()
    ]
