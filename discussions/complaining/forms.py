"""The forms of a report and of an appeal."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from discussions.models import Complaint, Ground, Post
from essays.models import OriginalComment

LONGEST = 2000

# The rules that a text of today can break; the law has its own fields.
GROUNDS = [ground for ground in Ground if ground not in (Ground.UNLAWFUL, Ground.REQUEST)]
# What can be said of a comment that was published long ago, elsewhere.
GROUNDS_OF_COMMENTS = [Ground.REQUEST, Ground.PRIVATE_LIFE, Ground.ATTACK]


class ReportForm(forms.Form):
    """`offered` are other texts that may be reported by the same form."""

    kind = forms.ChoiceField(
        label=_("What it breaks"),
        choices=[
            (Complaint.Kind.RULES, pgettext_lazy("what it breaks", "the rules of the house")),
            (Complaint.Kind.LAW, pgettext_lazy("what it breaks", "the law")),
        ],
        widget=forms.RadioSelect,
    )
    ground = forms.ChoiceField(label=_("Which rule"), required=False)
    rule = forms.CharField(
        label=_("Which law"),
        max_length=200,
        required=False,
        help_text=_(
            "As precisely as you can: insult, defamation, incitement to hatred, an article."
        ),
    )
    words = forms.CharField(
        label=_("In your own words"),
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "What in the text, and why. The community managers read it, and nobody else: it "
            "never stands in the record."
        ),
    )
    minors = forms.BooleanField(
        label=_("It is a sexual offence against a minor: I need not say who I am"), required=False
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("The law asks for both. What came of your report is sent there."),
    )
    good_faith = forms.BooleanField(
        label=_("I believe in good faith that what I say here is accurate and complete"),
        required=False,
    )
    also = forms.MultipleChoiceField(
        label=_("Report these with it"), required=False, widget=forms.CheckboxSelectMultiple
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(
        self,
        target: Post | OriginalComment,
        *args: Any,
        offered: Sequence[Post] = (),
        signed_in: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offered = {post.public_id: post for post in offered}
        grounds = GROUNDS if isinstance(target, Post) else GROUNDS_OF_COMMENTS
        self._choices("ground", [("", _("Choose the rule")), *((g, g.label) for g in grounds)])
        self._choices("also", [(key, gist(post)) for key, post in self.offered.items()])
        if signed_in:
            for name in ("minors", "name", "email"):
                del self.fields[name]
        if not offered:
            del self.fields["also"]

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("kind") == Complaint.Kind.RULES:
            if not said.get("ground"):
                self.add_error("ground", _("Choose the rule that it breaks."))
        elif said.get("kind") == Complaint.Kind.LAW:
            self._clean_law(said)
        return said

    def _clean_law(self, said: dict[str, Any]) -> None:
        """What a notice of unlawful content holds: article 16 of the Digital Services Act."""
        missing = {
            "rule": _("Name the law that it breaks."),
            "words": _("Say what in the text is unlawful, and why."),
            "good_faith": _("The law asks that you tick this."),
        }
        if "name" in self.fields and not said.get("minors"):
            missing |= {
                "name": _("The law asks for your name."),
                "email": _("The law asks for your e-mail address."),
            }
        for name, message in missing.items():
            if not said.get(name) and name not in self.errors:
                self.add_error(name, message)

    def report(self) -> dict[str, Any]:
        """What the verb is given: of the two kinds, only what is asked for that one."""
        said = self.cleaned_data
        of_law = said["kind"] == Complaint.Kind.LAW
        return {
            "kind": Complaint.Kind(said["kind"]),
            "words": said["words"],
            "ground": Ground.UNLAWFUL if of_law else said["ground"],
            "rule": said["rule"] if of_law else "",
            "name": said.get("name", "") if of_law else "",
            "email": said.get("email", "") if of_law else "",
            "also": [self.offered[key] for key in said.get("also", ())],
            "form_key": said["key"],
        }


def gist(post: Post) -> str:
    """A text in one line, to choose it by."""
    assert post.shown
    return gettext("%(date)s: %(text)s") % {
        "date": date_format(localtime(post.created_at), "SHORT_DATE_FORMAT"),
        "text": Truncator(" ".join(post.shown.wording.text.split())).chars(120),
    }


class AppealForm(forms.Form):
    words = forms.CharField(
        label=_("In your own words"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "What was not seen, or not rightly understood. Who looks again reads it, and nobody "
            "else: it never stands in the record."
        ),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
