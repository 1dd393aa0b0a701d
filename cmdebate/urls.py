"""Every address of the site. Public ones are lasting: people and feeds link to them."""

from allauth.account.decorators import secure_admin_login
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import URLPattern, URLResolver, include, path
from django_tasks_db.models import DBTaskResult
from taggit.models import Tag

from cmdebate.pages import account, debate, feeds
from cmdebate.pages import views as pages
from cmdebate.pages.search import search
from discussions import composing
from discussions import views as discussions
from discussions.agreement import views as agreement
from discussions.amendments import views as amendments
from discussions.calls import views as calls
from discussions.comparing import views as comparing
from discussions.complaining import views as complaining
from discussions.following import views as following
from discussions.moderation import entries, journal
from discussions.passages import views as passages
from discussions.prompts import views as prompts
from discussions.survey import views as survey
from essays import views as essays

# The admin's sign-in goes through allauth, with its limits and its second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
# A member's role says what Django's groups would; tags come from the manifest, and the page
# that merges them asks for no permission; a task is but a wake-up, and says nothing.
admin.site.unregister([Group, Tag, DBTaskResult])

essay_routes = [
    path("", pages.shelf, name="list"),
    path("<slug:slug>/", pages.essay, name="detail"),
    path("<slug:slug>/source.txt", essays.source, name="source"),
    path("<slug:slug>/repondre/", composing.essay_reply, name="reply"),
    path("<slug:slug>/<slug:ref>/", pages.original_comment, name="comment"),
    path("<slug:slug>/<slug:ref>/repondre/", composing.comment_reply, name="comment_reply"),
]

passage_routes = [
    path("nouveau/", passages.passage_create, name="passage_create"),
    path("<slug:public_id>/", pages.passage, name="passage"),
    path("<slug:public_id>/repondre/", passages.passage_reply, name="passage_reply"),
]

# What every term has: the site's first one without its name in the address.
definitions_of_term = [
    path("", discussions.definition_list, name="list"),
    path("proposer/", composing.definition_create, name="create"),
    path("comparer/", comparing.compare, name="compare"),
    path("mots/", comparing.words, name="words"),
]
calls_of_term = [
    path("", calls.call_list, name="list"),
    path("ouvrir/", calls.call_create, name="create"),
]
feeds_of_term = [path("definitions/", feeds.definitions, name="definitions")]
pages_of_term = [
    path("role/", debate.role, name="role"),
    path("affirmations/", debate.claims, name="claims"),
    path("sondage/", survey.survey, name="survey"),
    path("sondage/repondre/", survey.survey_answer, name="survey_answer"),
]
term_routes: list[URLPattern | URLResolver] = [
    path("", include((definitions_of_term, "definitions"))),
    path("appels/", include((calls_of_term, "calls"))),
    path("flux/", include((feeds_of_term, "feeds"))),
    *pages_of_term,
]

definition_routes = [
    *definitions_of_term,
    path("<slug:public_id>/", discussions.definition_detail, name="detail"),
    path("<slug:public_id>/historique/", discussions.post_history, name="history"),
    path("<slug:public_id>/avis/", agreement.opinions, name="opinions"),
    path("<slug:public_id>/amender/", amendments.amend, name="amend"),
]

amendment_routes = [
    path("", amendments.amendment, name="amendment"),
    path("modifier/", amendments.amendment_edit, name="amendment_edit"),
    path("reponse/", amendments.amendment_answer, name="amendment_answer"),
]

call_routes = [
    *calls_of_term,
    path("<slug:public_id>/", calls.call_detail, name="detail"),
    path("<slug:public_id>/bulletin/", calls.ballot, name="ballot"),
    path("<slug:public_id>/candidature/", calls.candidacy, name="candidacy"),
    path("<slug:public_id>/compte-rendu/", calls.minute, name="minute"),
]

prompt_routes = [
    path("", prompts.prompt_list, name="prompts"),
    path("lancer/", prompts.prompt_create, name="prompt_create"),
    path("<slug:public_id>/", prompts.prompt_detail, name="prompt"),
    path("<slug:public_id>/modifier/", prompts.prompt_edit, name="prompt_edit"),
    path("<slug:public_id>/acte/", prompts.prompt_act, name="prompt_act"),
]

message_routes = [
    path("", discussions.post_detail, name="post"),
    path("repondre/", composing.post_reply, name="post_reply"),
    path("modifier/", composing.post_edit, name="post_edit"),
    path("retirer/", composing.post_withdraw, name="post_withdraw"),
    path("historique/", discussions.post_history, name="post_history"),
    path("discussion/", discussions.discussion, name="discussion"),
    path("discussion/ouvrir/", composing.discussion_open, name="discussion_open"),
]

feed_routes = [
    path("essais/<slug:slug>/", feeds.essay, name="essay"),
    *feeds_of_term,
    path("membres/<str:name>/", feeds.member, name="member"),
    path("tags/<slug:slug>/", feeds.tag, name="tag"),
    path("journal/", feeds.record, name="record"),
]

urlpatterns = [
    path("sante/", pages.health, name="health"),
    path("journal.jsonl", journal.export, name="record_export"),
    path("journal/verifier.py", journal.script, name="record_verifier"),
    path("apercu/", composing.preview, name="markdownx_markdownify"),
    path("noms/", composing.suggestions, {"what": "names"}, name="member_names"),
    path("etiquettes/", composing.suggestions, {"what": "tags"}, name="tag_names"),
    *i18n_patterns(
        path("", pages.home, name="home"),
        path("essais/<slug:slug>/passages/", include(passage_routes)),
        path("essais/", include((essay_routes, "essays"))),
        path("definitions/", include((definition_routes, "definitions"))),
        path("termes/<slug:slug>/", include((term_routes, "term"))),
        path("appels/", include((call_routes, "calls"))),
        path("amorces/", include(prompt_routes)),
        path("amendements/<slug:public_id>/", include(amendment_routes)),
        path("messages/<slug:public_id>/", include(message_routes)),
        path("votes/", composing.vote, name="vote"),
        path("membres/<str:name>/", pages.member, name="member"),
        path("recherche/", search, name="search"),
        *pages_of_term,
        path("regles/", pages.rules, name="rules"),
        path("moderation/", include("discussions.moderation.urls")),
        path("journal/", journal.entries, name="record"),
        path("journal/<int:number>/", entries.entry, name="record_entry"),
        path("journal/<int:number>/motifs.json", entries.statement, name="record_statement"),
        path("journal/<int:number>/recours/", complaining.appeal, name="appeal"),
        path("signaler/messages/<slug:public_id>/", complaining.report, name="report"),
        path(
            "signaler/commentaires/<slug:slug>/<slug:ref>/",
            complaining.report_comment,
            name="report_comment",
        ),
        path("demandes/<slug:public_id>/", complaining.complaint, name="complaint"),
        path("compte/demandes/", complaining.own, name="complaints"),
        path("compte/suivis/", following.following, name="following"),
        path("compte/suivis/preferences/", following.preferences, name="preferences"),
        path("compte/avis/", following.notices, name="notices"),
        path("compte/desabonnement/<str:token>/", following.unsubscribe, name="unsubscribe"),
        path("flux/", include((feed_routes, "feeds"))),
        path("compte/position/", agreement.position, name="position"),
        path("compte/donnees/", account.data, name="own_data"),
        path("compte/donnees/export.json", account.data_json, name="own_data_json"),
        path("compte/donnees/export.html", account.data_html, name="own_data_html"),
        path("compte/partir/", account.leave_site, name="leave"),
        path("compte/parti/", account.left, name="left"),
        path("compte/", include("allauth.urls")),
        path("admin/", admin.site.urls),
        prefix_default_language=False,
    ),
]

handler400 = "cmdebate.pages.errors.bad_request"
handler403 = "cmdebate.pages.errors.permission_denied"
handler404 = "cmdebate.pages.errors.page_not_found"
handler500 = "cmdebate.pages.errors.server_error"
