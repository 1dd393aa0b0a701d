"""The form of the policy: every value of it, and why it changes."""

import hashlib
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from discussions import policies
from discussions.moderation.verifier import canonical
from discussions.policy import BOUNDS, Policy

HELP = {
    "newcomer_posts": _("0: nobody waits for being new."),
    "most_links": _("A text with more links waits."),
    "most_posts": _("Whoever sends that many in ten minutes waits for the next one."),
    "appeal_days": _("Six months at least: European law asks for that."),
    "slow_minutes": _("What a member leaves between two replies in a thread that is slow."),
    "slow_after": _("And twice as many slow it twice as much."),
}


class PolicyForm(forms.Form):
    words = forms.CharField(
        label=policies.LABELS["words"],
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        max_length=40_000,
        required=False,
        help_text=_(
            "One a line, whatever their case and accents; a star stands for any ending: arnaq*. "
            "Readers are told how many there are, not which."
        ),
    )
    validation = forms.BooleanField(label=policies.LABELS["validation"], required=False)
    reason = forms.CharField(
        label=_("Reason, in words"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
        help_text=_(
            "Why the policy changes. Entered in the public record, and shown with the rules."
        ),
    )
    # The version that is to be changed, and the values that were tried last.
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    tried = forms.CharField(widget=forms.HiddenInput, required=False)

    field_order = (
        *("newcomer_posts", "most_links", "words", "most_posts"),
        *("slow_minutes", "slow_after", "validation", "appeal_days", "reason"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (least, most) in BOUNDS.items():
            self.fields[name] = forms.IntegerField(
                label=policies.LABELS[name],
                min_value=least,
                max_value=most,
                help_text=HELP[name],
            )
        self.order_fields(self.field_order)

    @classmethod
    def showing(cls, policy: Policy, number: int) -> "PolicyForm":
        values = policy.values() | {"words": "\n".join(policy.words)}
        return cls(initial=values | {"seen": number})

    def clean_words(self) -> tuple[str, ...]:
        """In the order they were written, each once."""
        lines = (" ".join(line.split()) for line in self.cleaned_data["words"].splitlines())
        words = tuple(dict.fromkeys(filter(None, lines)))
        if fault := Policy(words=words).faults().get("words"):
            raise forms.ValidationError(fault, code="words")
        return words

    def policy(self) -> Policy:
        """As it was filled in."""
        names = Policy.__dataclass_fields__
        return Policy(**{name: self.cleaned_data[name] for name in names})

    def say_missing(self, fields: dict[str, Any]) -> None:
        for name, message in fields.items():
            self.add_error(name, message)


def mark_of(policy: Policy) -> str:
    """Tells one policy from another in a form."""
    return hashlib.sha256(canonical(policy.values())).hexdigest()[:16]
