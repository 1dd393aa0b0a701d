"""An entry under the field names of the statement of reasons of the European Union.

Those of its transparency database (Digital Services Act, articles 17 and 24 (5)). What this site
does not know, such as the language of a text, is left out; nothing is guessed.
"""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localdate

from discussions import reasons
from discussions.models import Action, Decision, Ground
from discussions.models.decisions import Origin

# What is taken away is taken away everywhere: the Union and the European Economic Area.
EVERYWHERE = (
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE"),
    *("IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
)
CATEGORIES = {
    Ground.ATTACK: "STATEMENT_CATEGORY_CYBER_VIOLENCE",
    Ground.ADVERTISING: "STATEMENT_CATEGORY_CONSUMER_INFORMATION",
    Ground.PRIVATE_LIFE: "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
    Ground.REQUEST: "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
    # Which law it is stands in words only.
    Ground.UNLAWFUL: "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE",
}
SOURCES = {
    Origin.LAW: "SOURCE_ARTICLE_16",
    Origin.REPORT: "SOURCE_TYPE_OTHER_NOTIFICATION",
    Origin.REVIEW: "SOURCE_TYPE_OTHER_NOTIFICATION",
}


def statement(entry: Decision) -> dict[str, Any] | None:
    """Nothing of an entry that restricts nothing: a warning, too, takes nothing away."""
    measure = _measure(entry)
    if not measure:
        return None
    return {
        **measure,
        "decision_facts": entry.payload.facts,
        **_ground(entry),
        **_content(entry),
        "category": CATEGORIES.get(Ground(entry.ground), "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"),
        **(
            {"category_specification": ["KEYWORD_HIDDEN_ADVERTISEMENT"]}
            if entry.ground == Ground.ADVERTISING
            else {}
        ),
        "territorial_scope": list(EVERYWHERE),
        "application_date": localdate(entry.at).isoformat(),
        "source_type": SOURCES.get(Origin(entry.origin), "SOURCE_VOLUNTARY"),
        "automated_detection": "Yes" if reasons.found_by_machine(entry) else "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED"
        if entry.by_id
        else "AUTOMATED_DECISION_FULLY",
        "puid": str(entry.number),
    }


def _measure(entry: Decision) -> dict[str, Any]:
    end = localdate(entry.until).isoformat() if entry.until else ""
    match entry.action:
        case Action.REFUSE | Action.HIDE:
            return _visibility("CONTENT_DISABLED", end)
        case Action.ERASE:
            return _visibility("CONTENT_REMOVED", end)
        case Action.SHUT | Action.SLOW:
            return _visibility("CONTENT_INTERACTION_RESTRICTED", end)
        case Action.REWRITE:
            other = {"decision_visibility_other": reasons.measure(entry)}
            return _visibility("OTHER", end) | other
        case Action.SILENCE:
            said = {"decision_provision": "DECISION_PROVISION_PARTIAL_SUSPENSION"}
            return said | ({"end_date_service_restriction": end} if end else {})
        case Action.EXCLUDE if end:
            return {
                "decision_account": "DECISION_ACCOUNT_SUSPENDED",
                "end_date_account_restriction": end,
            }
        case Action.EXCLUDE:
            return {"decision_account": "DECISION_ACCOUNT_TERMINATED"}
    return {}


def _visibility(what: str, end: str) -> dict[str, Any]:
    said: dict[str, Any] = {"decision_visibility": [f"DECISION_VISIBILITY_{what}"]}
    return said | ({"end_date_visibility_restriction": end} if end else {})


def _ground(entry: Decision) -> dict[str, str]:
    if entry.ground == Ground.UNLAWFUL:
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": entry.rule,
            "illegal_content_explanation": entry.payload.reason,
        }
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "decision_ground_reference_url": settings.SITE_URL + reverse("rules"),
        "incompatible_content_ground": str(entry.get_ground_display()),
        "incompatible_content_explanation": entry.payload.reason,
    }


def _content(entry: Decision) -> dict[str, Any]:
    if entry.post:
        written = localdate(entry.post.created_at).isoformat()
        return {"content_type": ["CONTENT_TYPE_TEXT"], "content_date": written}
    if entry.original_comment:
        language = entry.original_comment.essay.language.upper()[:2]
        return {"content_type": ["CONTENT_TYPE_TEXT"], "content_language": language}
    other = "conduct of a member" if entry.member_id else "thread of replies"
    return {"content_type": ["CONTENT_TYPE_OTHER"], "content_type_other": other}
