"""What a decision says: its ground, the law, the facts, the reason, what is at fault, the end."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Self

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from discussions.models import Action, Ground
from discussions.models.decisions import STATED, UNSAID
from discussions.sanctions import SANCTIONS

# Acts that somebody has waited for, or that take back an earlier one: they owe a reason.
EXPLAINED = (Action.RESTORE, Action.KEEP, Action.LIFT, Action.REOPEN)


@dataclass(frozen=True)
class Statement:
    ground: str = ""
    rule: str = ""
    facts: str = ""
    reason: str = ""
    # Words of the text that are at fault, for its author only.
    marked: str = ""
    until: datetime | None = None

    def missing(self, action: str) -> dict[str, str | Promise]:
        """What the act owes and does not have, by field."""
        missing: dict[str, str | Promise] = {}
        is_spam = self.ground == Ground.SPAM and action in UNSAID
        if action in STATED:
            if not self.ground:
                missing["ground"] = _("Choose the ground: a restriction needs one.")
            if not self.facts and not is_spam:
                missing["facts"] = _("Say what there is in the text, or what was done.")
            if not self.rule and self.ground == Ground.UNLAWFUL:
                missing["rule"] = _("Name the law that it breaks.")
            if action == Action.SILENCE and not self.until:
                missing["until"] = _("Say until when: silence is for a time.")
            if self.until and self.until <= timezone.now():
                missing["until"] = _("That time has passed.")
        if action in (*STATED, *EXPLAINED) and not self.reason and not is_spam:
            missing["reason"] = _("Say why, in a sentence that its author can answer.")
        return missing

    def of_act(self, action: str) -> Self:
        """Without what that act does not say, whatever else the form held."""
        said = self if action in SANCTIONS else replace(self, until=None)
        return said if action in STATED else replace(said, ground="", rule="", marked="")

    def kept(self) -> dict[str, Any]:
        """As plain values, to be read again by `of`."""
        said = {name: value for name, value in asdict(self).items() if value}
        return said | ({"until": self.until.isoformat()} if self.until else {})

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        until = kept.get("until")
        return cls(**kept | {"until": parse_datetime(until) if until else None})


NOTHING_SAID = Statement()
