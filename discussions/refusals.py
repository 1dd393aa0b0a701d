"""Why a member's act was not done."""

from django.utils.functional import Promise


class PostingRefused(Exception):
    """The verb did nothing; the view says why at the form, in these words if there are any."""

    message: str | Promise = ""


class Closed(PostingRefused):
    """What was to be answered, edited or withdrawn is not there for this person now."""
