"""Posts, original comments and decisions in the admin: read there, decided by the same verbs."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from essays.admin import ReadOnly
from essays.models import OriginalComment

from . import access
from .models import Action, Decision, Letter, Post, Survey
from .moderation import recusal
from .moderation.decisions import DecisionRefused, acts_now, decide
from .moderation.forms import StatementForm
from .moderation.statements import Statement
from .survey import surveys


class ModeratedAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Adds the acts of moderation, each confirmed on a page that shows what is judged."""

    actions: tuple[str, ...] = ("approve", "refuse", "hide", "restore")

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.moderate_{self.opts.model_name}")

    @admin.action(
        description=pgettext_lazy("act of moderation", "Approve"), permissions=["moderate"]
    )
    def approve(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        return self._decide(Action.APPROVE, request, chosen)

    @admin.action(
        description=pgettext_lazy("act of moderation", "Refuse"), permissions=["moderate"]
    )
    def refuse(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        return self._decide(Action.REFUSE, request, chosen)

    @admin.action(description=pgettext_lazy("act of moderation", "Hide"), permissions=["moderate"])
    def hide(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        return self._decide(Action.HIDE, request, chosen)

    @admin.action(
        description=pgettext_lazy("act of moderation", "Restore"), permissions=["moderate"]
    )
    def restore(self, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        return self._decide(Action.RESTORE, request, chosen)

    def _decide(
        self, action: Action, request: HttpRequest, chosen: QuerySet[Any]
    ) -> HttpResponse | None:
        form = StatementForm(request.POST if "confirmed" in request.POST else None)
        if form.is_bound and form.is_valid():
            form.clean_for(action)
        if form.is_bound and form.is_valid():
            self._decide_on_each(action, request, chosen, form.statement())
            return None
        targets = [
            {
                "target": target,
                "applies": action in acts_now(target)
                and not recusal.bars(access.member(request), target, action),
            }
            for target in chosen
        ]
        return TemplateResponse(
            request,
            "admin/discussions/decide.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": action.label,
                "action": action,
                "targets": targets,
                "form": form,
                "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            },
            status=422 if form.is_bound else 200,
        )

    def _decide_on_each(
        self,
        action: Action,
        request: HttpRequest,
        chosen: QuerySet[Any],
        said: Statement,
    ) -> None:
        done = 0
        for target in chosen:
            try:
                decide(
                    action,
                    target,
                    access.member(request),
                    seen=request.POST.get(f"seen-{target.pk}", ""),
                    said=said,
                )
                done += 1
            except DecisionRefused as refusal:
                self.message_user(request, f"{target}: {refusal.message}", messages.ERROR)
        if done:
            self.message_user(
                request,
                ngettext(
                    "%(count)d decision entered in the record.",
                    "%(count)d decisions entered in the record.",
                    done,
                )
                % {"count": done},
                messages.SUCCESS,
            )


@admin.register(Post)
class PostAdmin(ModeratedAdmin):
    list_display = ("excerpt", "kind", "author", "state", "waits", "created_at")
    list_filter = (
        ("pending_revision", admin.EmptyFieldListFilter),
        "state",
        "kind",
        "created_at",
    )
    search_fields = ("public_id", "author__name", "revisions__body", "revisions__clauses__text")
    date_hierarchy = "created_at"
    fields = (
        *("public_id", "kind", "state", "waits", "author", "created_at", "published_at"),
        *("text", "decisions_so_far"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        return (
            Post.objects.visible_to(request.user)
            .with_texts()
            .prefetch_related("pending_revision__clauses", "published_revision__clauses")
            .order_by("-pk")
        )

    @admin.display(description=gettext_lazy("text"))
    def excerpt(self, post: Post) -> str:
        return Truncator(self.text(post)).chars(90)

    @admin.display(description=gettext_lazy("text"))
    def text(self, post: Post) -> str:
        revision = post.latest_revision
        return "\n".join([revision.title, *map(str, revision.clauses.all()), revision.body]).strip()

    @admin.display(description=gettext_lazy("waits"), boolean=True)
    def waits(self, post: Post) -> bool:
        return post.is_waiting

    @admin.display(description=gettext_lazy("decisions"))
    def decisions_so_far(self, post: Post) -> str:
        return "\n".join(map(str, post.decisions.all())) or "–"


@admin.register(OriginalComment)
class OriginalCommentAdmin(ModeratedAdmin):
    actions = ("hide", "restore")
    list_display = ("__str__", "excerpt", "kind", "author", "state")
    list_filter = ("state", "kind", "essay")
    search_fields = ("essay__title", "author", "ref")
    list_select_related = ("essay",)
    fields = ("essay", "ref", "kind", "author", "state", "withheld_by", "text")

    @admin.display(description=gettext_lazy("text"))
    def excerpt(self, comment: OriginalComment) -> str:
        return Truncator(self.text(comment)).chars(90)

    @admin.display(description=gettext_lazy("text"))
    def text(self, comment: OriginalComment) -> str:
        return comment.text_for_moderators()


@admin.register(Decision)
class DecisionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("number", "at", "action", "reference", "ground", "by")
    list_filter = ("action", "ground", "at")
    list_select_related = ("by",)
    search_fields = ("reference", "payload__by_name", "payload__author_name")
    fields = (
        *("number", "at", "action", "ground", "duty", "by", "reference", "reason"),
        *("previous", "digest"),
    )

    @admin.display(description=gettext_lazy("reason"))
    def reason(self, decision: Decision) -> str:
        return decision.payload.reason or _("none given")


@admin.register(Survey)
class SurveyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """One for each term, made with it: its wording, and whether it goes on."""

    list_display = ("term", "asked", "is_open")
    list_select_related = ("term",)
    fields = ("term", "asked", "question", "is_open")
    readonly_fields = ("term", "asked")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("asked now"))
    def asked(self, survey: Survey) -> str:
        return survey.asked

    def save_model(self, request: HttpRequest, obj: Survey, form: Any, change: bool) -> None:
        surveys.change(obj)


@admin.register(Letter)
class LetterAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Whether mail leaves, and why not; a letter holds no text."""

    list_display = ("recipient", "kind", "state", "created_at", "sent_at", "tries", "error")
    list_filter = ("state", "kind", "created_at")
    list_select_related = ("recipient",)
    search_fields = ("recipient__name", "recipient__email", "message_id")
    ordering = ("-pk",)
    fields = (
        *("recipient", "kind", "state", "created_at", "due_at", "sent_at", "tries", "error"),
        "message_id",
    )
