"""Setting the policy: a new version, and its entry in the record."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from cmdebate.accounts.models import User
from discussions import policies
from discussions.models import Action, Decision, PolicyVersion, RecordHead
from discussions.moderation import record
from discussions.moderation.decisions import DecisionRefused, Incomplete, NotYours
from discussions.moderation.statements import Statement
from discussions.policy import Policy


class PolicyChanged(DecisionRefused):
    def __init__(self, number: int) -> None:
        self.message = _(
            "Somebody else has changed the policy while you did: version %(number)d is in force. "
            "Nothing of yours was set. Look at the new values, and decide again."
        ) % {"number": number}


def set_policy(by: User, values: dict[str, Any], reason: str, *, seen: int) -> Decision | None:
    """Puts these values in force, for everything that is sent from now on.

    `seen` is the number of the version that they were to change. Those in force already change
    nothing: there is no entry then.
    """
    policy = Policy.of(values)
    with transaction.atomic():
        # One at a time, and the others see what it has set.
        RecordHead.objects.select_for_update().get()
        if not by.decides:
            raise NotYours
        if policy == policies.current():
            return None
        number = policies.number()
        if number != seen:
            raise PolicyChanged(number)
        faults = policy.faults()
        if not reason:
            faults["reason"] = _("Say why: readers see it beside what has changed.")
        if faults:
            raise Incomplete(faults)
        version = PolicyVersion.objects.create(number=number + 1, values=policy.values(), by=by)
        return record.enter(Action.SET, by, version, said=Statement(reason=reason))
