"""What a page offers to whom a decision concerns."""

from django import template

from discussions import complaints, reasons
from discussions.models import Complaint, Decision
from discussions.models.posts import Viewer

register = template.Library()


@register.filter
def may_be_appealed_by(entry: Decision, user: Viewer) -> bool:
    return user.is_authenticated and complaints.may_appeal(entry, user)


@register.filter
def appeal_end(entry: Decision) -> str:
    return reasons.moment(reasons.appeal_end(entry))


@register.filter
def appeal_by(entry: Decision, user: Viewer) -> Complaint | None:
    """What that person has asked about it."""
    return entry.complaints_on.filter(by=user.pk).first()
