"""Every route of the site, and what a GET of it answers to whom.

A route that the table does not know fails, and so does a row that no route has: adding one
means saying here who may see it.
"""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone, translation

from discussions.following import unsubscribing
from discussions.following.subjects import Name
from discussions.following.unsubscribing import token
from essays.models import Term
from tests.essays.factories import OriginalCommentFactory
from tests.factories import (
    NEVER_PUBLIC,
    UserFactory,
    act,
    amendment,
    call,
    client_of,
    complaint,
    definition,
    ended,
    in_state,
    passage_of,
    person,
    policy_version,
    prompt,
    published,
    ready_reason,
    reply,
    survey,
)

SIGN_IN = "to the sign-in page"
ELSEWHERE = "to another page"

# visitor, member, community manager, owner
ALL = (200, 200, 200, 200)
MEMBERS = (SIGN_IN, 200, 200, 200)
MODERATORS = (SIGN_IN, 403, 200, 200)
STAFF = (SIGN_IN, SIGN_IN, 200, 200)
OWNER = (SIGN_IN, SIGN_IN, 403, 200)
ROLES = ("visitor", "member", "community_manager", "owner")

TABLE = {
    # Everybody's.
    "health": ALL,
    "record_export": ALL,
    "record_verifier": ALL,
    "home": ALL,
    "essays:list": ALL,
    "essays:detail": ALL,
    "essays:source": ALL,
    "essays:comment": ALL,
    "passage": ALL,
    "definitions:list": ALL,
    "definitions:detail": ALL,
    "definitions:history": ALL,
    "definitions:opinions": ALL,
    # Of another term than the site’s first one.
    "term:definitions:list": ALL,
    "term:definitions:create": MEMBERS,
    "term:definitions:compare": ALL,
    "term:definitions:words": ALL,
    "term:calls:list": ALL,
    "term:calls:create": MODERATORS,
    "term:feeds:definitions": ALL,
    "term:role": ALL,
    "term:claims": ALL,
    "term:survey": ALL,
    "term:survey_answer": ALL,
    "definitions:compare": ALL,
    "definitions:words": ALL,
    "amendment": ALL,
    "post_history": ALL,
    "discussion": (404,) * 4,  # of a reply that was not opened as one
    "member": ALL,
    "search": ALL,
    "role": ALL,
    "claims": ALL,
    "rules": ALL,
    "survey": ALL,
    "survey_answer": ALL,
    "record": ALL,
    "moderation:months": ALL,
    "moderation:monthly": ALL,
    "moderation:monthly_csv": ALL,
    "moderation:monthly_json": ALL,
    "record_entry": ALL,
    "record_statement": ALL,
    "report": ALL,
    "report_comment": ALL,
    "complaint": ALL,  # whoever holds the link
    "feeds:essay": ALL,
    "feeds:definitions": ALL,
    "feeds:member": ALL,
    "feeds:tag": ALL,
    "feeds:record": ALL,
    "prompts": ALL,
    "prompt": ALL,
    "calls:list": ALL,
    "calls:detail": ALL,
    "post": (ELSEWHERE,) * 4,
    "markdownx_markdownify": (405, 405, 405, 405),
    "member_names": (403, 200, 200, 200),
    "tag_names": (403, 200, 200, 200),
    # Members'; the texts here are the member's own.
    "essays:reply": MEMBERS,
    "essays:comment_reply": MEMBERS,
    "passage_reply": MEMBERS,
    "passage_create": (SIGN_IN, 404, 404, 404),  # without a range in its query
    "definitions:create": MEMBERS,
    "definitions:amend": (SIGN_IN, ELSEWHERE, 200, 200),  # a definition of the member's own
    "amendment_edit": (SIGN_IN, 200, 404, 404),
    "amendment_answer": (SIGN_IN, 404, 404, 404),  # to a definition of somebody else
    "post_reply": MEMBERS,
    "post_edit": (SIGN_IN, 200, 404, 404),
    "discussion_open": (SIGN_IN, 405, 405, 405),
    "vote": (SIGN_IN, 405, 405, 405),
    "post_withdraw": (SIGN_IN, 200, 404, 404),
    "following": MEMBERS,
    "notices": MEMBERS,
    "complaints": MEMBERS,
    "appeal": MEMBERS,
    "position": MEMBERS,
    "preferences": (SIGN_IN, 405, 405, 405),
    # Whoever holds a link that the site signed.
    "unsubscribe": ALL,
    "own_data": MEMBERS,
    "own_data_json": MEMBERS,
    "own_data_html": MEMBERS,
    "leave": MEMBERS,
    "left": ALL,
    "calls:ballot": (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE),
    "calls:candidacy": (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE),
    # Community managers'.
    "prompt_create": MODERATORS,
    "prompt_edit": (SIGN_IN, 404, 404, 404),  # of somebody else
    "prompt_act": (SIGN_IN, 405, 405, 405),
    "calls:create": MODERATORS,
    "calls:minute": MODERATORS,  # of a call that has ended
    "moderation:desk": MODERATORS,
    "moderation:animate": MODERATORS,
    "moderation:watch": MODERATORS,
    "moderation:post": MODERATORS,
    "moderation:comment": MODERATORS,
    "moderation:member": MODERATORS,
    "moderation:thread": MODERATORS,
    "moderation:several": (SIGN_IN, 403, 405, 405),
    "moderation:undo": (SIGN_IN, 403, 405, 405),
    "moderation:presence": (SIGN_IN, 403, 405, 405),
    "moderation:policy": MODERATORS,
    # Accounts.
    "account_login": (200, ELSEWHERE, ELSEWHERE, ELSEWHERE),
    "account_signup": (200, ELSEWHERE, ELSEWHERE, ELSEWHERE),
    "account_logout": (ELSEWHERE, 200, 200, 200),
    "account_inactive": ALL,
    "account_email_verification_sent": ALL,
    "account_confirm_email": ALL,
    "account_reset_password": ALL,
    "account_reset_password_done": ALL,
    "account_reset_password_from_key": ALL,
    "account_reset_password_from_key_done": ALL,
    "account_reauthenticate": MEMBERS,
    "account_email": MEMBERS,
    "account_change_password": MEMBERS,
    "mfa_index": MEMBERS,
    "usersessions_list": MEMBERS,
    "account_set_password": (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE),
    "account_confirm_login_code": (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE),
    "mfa_authenticate": (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE),
    "mfa_reauthenticate": (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE),
    "mfa_activate_totp": (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE),
    "mfa_generate_recovery_codes": (SIGN_IN, ELSEWHERE, ELSEWHERE, ELSEWHERE),
    "mfa_deactivate_totp": (SIGN_IN, 404, 404, 404),
    "mfa_view_recovery_codes": (SIGN_IN, 404, 404, 404),
    "mfa_download_recovery_codes": (SIGN_IN, 404, 404, 404),
    # The admin, which nobody adds to, changes or deletes from.
    "admin:index": STAFF,
    "admin:app_list": STAFF,
    "admin:jsi18n": STAFF,
    "admin:password_change": STAFF,
    "admin:password_change_done": STAFF,
    "admin:autocomplete": (SIGN_IN, SIGN_IN, 403, 403),
    "admin:view_on_site": (SIGN_IN, SIGN_IN, 404, 404),
    "admin:login": (SIGN_IN, 403, ELSEWHERE, ELSEWHERE),
    "admin:logout": (SIGN_IN, ELSEWHERE, 405, 405),
    "admin/(?P<url>.*)$": (SIGN_IN, SIGN_IN, 404, 404),
    "admin:discussions_post_changelist": STAFF,
    "admin:discussions_post_change": STAFF,
    "admin:discussions_post_history": STAFF,
    "admin:discussions_post_add": (SIGN_IN, SIGN_IN, 403, 403),
    "admin:discussions_post_delete": (SIGN_IN, SIGN_IN, 403, 403),
    "admin/discussions/post/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:discussions_decision_changelist": STAFF,
    "admin:discussions_decision_change": STAFF,
    "admin:discussions_decision_history": STAFF,
    "admin:discussions_decision_add": (SIGN_IN, SIGN_IN, 403, 403),
    "admin:discussions_decision_delete": (SIGN_IN, SIGN_IN, 403, 403),
    "admin/discussions/decision/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:discussions_readyreason_changelist": STAFF,
    "admin:discussions_readyreason_change": STAFF,
    "admin:discussions_readyreason_history": STAFF,
    "admin:discussions_readyreason_add": STAFF,
    "admin:discussions_readyreason_delete": STAFF,
    "admin/discussions/readyreason/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:discussions_complaint_changelist": OWNER,
    "admin:discussions_complaint_change": OWNER,
    "admin:discussions_complaint_history": OWNER,
    "admin:discussions_complaint_add": (SIGN_IN, SIGN_IN, 403, 403),
    "admin:discussions_complaint_delete": (SIGN_IN, SIGN_IN, 403, 403),
    "admin/discussions/complaint/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:discussions_policyversion_changelist": OWNER,
    "admin:discussions_policyversion_change": OWNER,
    "admin:discussions_policyversion_history": OWNER,
    "admin:discussions_policyversion_add": (SIGN_IN, SIGN_IN, 403, 403),
    "admin:discussions_policyversion_delete": (SIGN_IN, SIGN_IN, 403, 403),
    "admin/discussions/policyversion/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:discussions_survey_changelist": OWNER,
    "admin:discussions_survey_change": OWNER,
    "admin:discussions_survey_history": OWNER,
    "admin:discussions_survey_add": (SIGN_IN, SIGN_IN, 403, 403),
    "admin:discussions_survey_delete": (SIGN_IN, SIGN_IN, 403, 403),
    "admin/discussions/survey/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:discussions_letter_changelist": OWNER,
    "admin:discussions_letter_change": (SIGN_IN, SIGN_IN, 403, ELSEWHERE),
    "admin:discussions_letter_history": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:discussions_letter_add": (SIGN_IN, SIGN_IN, 403, 403),
    "admin:discussions_letter_delete": (SIGN_IN, SIGN_IN, 403, 403),
    "admin/discussions/letter/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:essays_essay_changelist": STAFF,
    "admin:essays_essay_change": STAFF,
    "admin:essays_essay_history": STAFF,
    "admin:essays_essay_add": (SIGN_IN, SIGN_IN, 403, 403),
    "admin:essays_essay_delete": (SIGN_IN, SIGN_IN, 403, 403),
    "admin/essays/essay/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:essays_originalcomment_changelist": STAFF,
    "admin:essays_originalcomment_change": STAFF,
    "admin:essays_originalcomment_history": STAFF,
    "admin:essays_originalcomment_add": (SIGN_IN, SIGN_IN, 403, 403),
    "admin:essays_originalcomment_delete": (SIGN_IN, SIGN_IN, 403, 403),
    "admin/essays/originalcomment/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:essays_term_changelist": (SIGN_IN, SIGN_IN, 403, 200),
    "admin:essays_term_change": (SIGN_IN, SIGN_IN, 403, 200),
    "admin:essays_term_history": (SIGN_IN, SIGN_IN, 403, 200),
    "admin:essays_term_add": (SIGN_IN, SIGN_IN, 403, 403),
    "admin:essays_term_delete": (SIGN_IN, SIGN_IN, 403, 403),
    "admin/essays/term/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    # What libraries put there: the owner's, and there is no object of theirs here.
    "admin:account_emailaddress_changelist": OWNER,
    "admin:account_emailaddress_add": OWNER,
    "admin:account_emailaddress_change": (SIGN_IN, SIGN_IN, 403, ELSEWHERE),
    "admin:account_emailaddress_delete": (SIGN_IN, SIGN_IN, 403, ELSEWHERE),
    "admin:account_emailaddress_history": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin/account/emailaddress/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:accounts_user_changelist": OWNER,
    "admin:accounts_user_change": (SIGN_IN, SIGN_IN, 403, ELSEWHERE),
    "admin:accounts_user_history": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:accounts_user_add": (SIGN_IN, SIGN_IN, 403, 403),
    "admin:accounts_user_delete": (SIGN_IN, SIGN_IN, 403, 403),
    "admin/accounts/user/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:mfa_authenticator_changelist": OWNER,
    "admin:mfa_authenticator_add": OWNER,
    "admin:mfa_authenticator_change": (SIGN_IN, SIGN_IN, 403, ELSEWHERE),
    "admin:mfa_authenticator_delete": (SIGN_IN, SIGN_IN, 403, ELSEWHERE),
    "admin:mfa_authenticator_history": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin/mfa/authenticator/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin:usersessions_usersession_changelist": OWNER,
    "admin:usersessions_usersession_add": OWNER,
    "admin:usersessions_usersession_change": (SIGN_IN, SIGN_IN, 403, ELSEWHERE),
    "admin:usersessions_usersession_delete": (SIGN_IN, SIGN_IN, 403, ELSEWHERE),
    "admin:usersessions_usersession_history": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
    "admin/usersessions/usersession/<path:object_id>/": (SIGN_IN, SIGN_IN, ELSEWHERE, ELSEWHERE),
}


def routes(patterns=None, prefix="", namespaces=()) -> Iterator[tuple[str, str]]:
    """The name of each route, or its pattern where it has none, and its pattern."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from routes(entry.url_patterns, pattern, inner)
        else:
            assert isinstance(entry, URLPattern)
            name = ":".join((*namespaces, entry.name)) if entry.name else pattern
            yield name, pattern


@pytest.fixture
def scene():
    """One object of every kind that an address can name, and whose it is."""
    term = Term.objects.create(slug="community-manager", headword="community manager", position=1)
    other = Term.objects.create(slug="moderateur", headword="modérateur", position=2)
    member = UserFactory.create(name="Marthe")
    post = published(reply(author=member))
    post.thread.essay.tags.add("métier")
    comment = OriginalCommentFactory.create(essay=post.thread.essay)
    passage = passage_of(post.thread.essay, "premier")
    published(reply(passage, member))
    entry = act("hide", comment)
    act("restore", comment)
    return {
        "member": member,
        "values": {
            "slug": comment.essay.slug,
            "ref": comment.ref,
            "public_id": post.public_id,
            "name": member.name,
            "month": f"{timezone.localdate():%Y-%m}",
            "key": "abc",
            "token": token(member, Name(unsubscribing.DIGEST, "")),
            "uidb36": "1",
            "app_label": "essays",
            "url": "nowhere",
            "content_type_id": 0,
            "object_id": 0,
            "number": entry.number,
            "pk": post.thread_id,
        },
        "essais/<slug:slug>/passages": {"public_id": passage.public_id},
        "flux/tags": {"slug": "metier"},
        "termes": {"slug": other.slug},
        "demandes": {"public_id": complaint(post).public_id},
        "appels": {"public_id": ended(call()).post.public_id},
        "amorces": {"public_id": published(prompt()).public_id},
        "definitions": {"public_id": published(definition(member)).public_id},
        "amendements": {"public_id": published(amendment(author=member)).public_id},
        "admin/essays/essay": {"object_id": comment.essay_id},
        "admin/essays/term": {"object_id": term.pk},
        "admin/essays/originalcomment": {"object_id": comment.pk},
        "admin/discussions/post": {"object_id": post.pk},
        "admin/discussions/decision": {"object_id": entry.pk},
        "admin/discussions/survey": {"object_id": survey().pk},
        "admin/discussions/readyreason": {"object_id": ready_reason().pk},
        "admin/discussions/complaint": {"object_id": complaint(post).pk},
        "admin/discussions/policyversion": {"object_id": policy_version().pk},
    }


def address(pattern: str, scene) -> str:
    """The pattern with the scene's objects in the place of its parameters."""
    values = scene["values"] | next(
        (values for start, values in scene.items() if pattern.startswith(start)), {}
    )
    pattern = pattern.replace("^", "").replace("$", "")
    return "/" + PARAMETER.sub(lambda found: str(values[found[1] or found[2]]), pattern)


PARAMETER = re.compile(r"<\w+:(\w+)>|\(\?P<(\w+)>[^)]*\)")


def answer(client: Client, path: str) -> int | str:
    response = client.get(path)
    if response.status_code not in (301, 302):
        return response.status_code
    place = response.headers["Location"].partition("?")[0]
    return SIGN_IN if place in (reverse("account_login"), reverse("admin:login")) else ELSEWHERE


def test_table_knows_every_route_and_no_other():
    assert sorted({name for name, _pattern in routes()}) == sorted(TABLE)


# What speaks no language has one address.
ONE_ADDRESS = {
    "health",
    "record_export",
    "record_verifier",
    "markdownx_markdownify",
    "member_names",
    "tag_names",
}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("role", ROLES)
def test_route_answers_what_the_table_says(scene, language, role):
    user = scene["member"] if role == "member" else person(role)
    prefix = "" if language == "fr" else "/en"
    client, found = client_of(user), {}
    with translation.override(language):
        for name, pattern in routes():
            path = address(pattern, scene)
            if name not in ONE_ADDRESS:
                path = prefix + path
            found[name] = answer(client, path)
    assert found == {name: row[ROLES.index(role)] for name, row in TABLE.items()}


UNKNOWN = "zzzzzzzzzz"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w{64}"')
POST_ROUTES = (
    *("post", "post_reply", "post_edit", "post_withdraw", "post_history"),
    *("discussion", "discussion_open", "moderation:post", "report"),
)
DEFINITION_ROUTES = (
    *("definitions:detail", "definitions:history", "definitions:opinions", "definitions:amend"),
)
AMENDMENT_ROUTES = ("amendment", "amendment_edit", "amendment_answer")


def told(client: Client, name: str, public_id: str, method: str):
    response = getattr(client, method)(reverse(name, args=[public_id]), {"body": "Un texte."})
    place = response.headers.get("Location", "")
    page = TOKEN.sub("", response.text)
    return response.status_code, *(text.replace(public_id, UNKNOWN) for text in (page, place))


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", ["visitor", "member"])
@pytest.mark.parametrize("state", NEVER_PUBLIC)
def test_text_that_was_never_public_answers_a_stranger_like_none(state, role, method):
    unseen = {name: in_state(state).public_id for name in POST_ROUTES} | {
        name: in_state(state, definition()).public_id for name in DEFINITION_ROUTES
    }
    unseen |= {name: in_state(state, amendment()).public_id for name in AMENDMENT_ROUTES}
    client = client_of(person(role))
    for name, public_id in unseen.items():
        assert told(client, name, public_id, method) == told(client, name, UNKNOWN, method)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", ["visitor", "member"])
@pytest.mark.parametrize("state", ["hidden", "withdrawn"])
@pytest.mark.parametrize(
    "name", ["post_edit", "post_withdraw", "definitions:history", "post_history"]
)
def test_text_that_is_gone_is_not_there_to_be_acted_on(state, role, method, name):
    post = in_state(state, definition() if "definitions" in name else None)
    client = client_of(person(role))
    assert told(client, name, post.public_id, method) == told(client, name, UNKNOWN, method)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["visitor", "member"])
def test_hidden_original_comment_cannot_be_answered_as_if_it_were_none(role):
    comment = OriginalCommentFactory.create()
    act("hide", comment)
    client = client_of(person(role))
    slug = comment.essay.slug
    hidden, unknown = (
        client.get(reverse("essays:comment_reply", args=[slug, ref])) for ref in ("c1", "c9")
    )
    assert hidden.status_code == unknown.status_code
    assert TOKEN.sub("", hidden.text).replace("c1", "c9") == TOKEN.sub("", unknown.text)
