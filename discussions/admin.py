"""The admin: texts and members are decided on there by the verbs of the desk, the rest is read."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cmdebate.accounts.admin import UserAdmin
from cmdebate.accounts.models import User
from essays.admin import ReadOnly
from essays.models import OriginalComment

from . import access, sanctions
from .models import (
    Action,
    Complaint,
    Decision,
    Letter,
    PolicyVersion,
    Post,
    ReadyReason,
    Survey,
)
from .models.decisions import ON_MEMBERS
from .moderation import recusal
from .moderation.decisions import DecisionRefused, Incomplete, acts_now, decide, version_of
from .moderation.forms import StatementForm
from .moderation.statements import Statement
from .survey import surveys

ACTS_ON_POSTS = (
    *(Action.APPROVE, Action.REFUSE, Action.REWRITE, Action.HIDE, Action.RESTORE),
    *(Action.KEEP, Action.ERASE),
)
ACTS_ON_COMMENTS = (Action.HIDE, Action.RESTORE, Action.KEEP)
ACTS_ON_MEMBERS = (*ON_MEMBERS, Action.LIFT, Action.KEEP)


def _does(action: Action) -> Callable[..., HttpResponse | None]:
    """What the menu of a list offers for that act."""

    @admin.action(description=action.label, permissions=["moderate"])
    def does(page: "Moderated", request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        return page.confirm(action, request, chosen)

    does.__name__ = action.value
    return does


class Moderated(admin.ModelAdmin):  # type: ignore[type-arg]
    """Adds the acts of moderation, each confirmed on a page that shows what is judged."""

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.moderate_{self.opts.model_name}")

    def judged(self, target: Any) -> str:
        """What the decision is on, in words."""
        raise NotImplementedError

    def confirm(
        self, action: Action, request: HttpRequest, chosen: QuerySet[Any]
    ) -> HttpResponse | None:
        by = access.member(request)
        form = StatementForm(request.POST if "confirmed" in request.POST else None)
        if form.is_bound and form.is_valid():
            form.clean_for(action)
        if form.is_bound and form.is_valid():
            self._decide_on_each(action, request, chosen, form.statement())
            return None
        targets = [
            {
                "target": target,
                "version": version_of(target),
                "judged": self.judged(target),
                "applies": action in acts_now(target),
                "recusal": recusal.of(by, target, action),
                "barred": recusal.bars(by, target, action),
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
            except Incomplete as refusal:
                lacking = " ".join(map(str, refusal.fields.values()))
                self.message_user(request, f"{target}: {lacking}", messages.ERROR)
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
class PostAdmin(ReadOnly, Moderated):
    actions = tuple(map(_does, ACTS_ON_POSTS))
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

    def judged(self, post: Post) -> str:
        return self.text(post)

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
class OriginalCommentAdmin(ReadOnly, Moderated):
    actions = tuple(map(_does, ACTS_ON_COMMENTS))
    list_display = ("__str__", "excerpt", "kind", "author", "state")
    list_filter = ("state", "kind", "essay")
    search_fields = ("essay__title", "author", "ref")
    list_select_related = ("essay",)
    fields = ("essay", "ref", "kind", "author", "state", "withheld_by", "text")

    @admin.display(description=gettext_lazy("text"))
    def excerpt(self, comment: OriginalComment) -> str:
        return Truncator(self.text(comment)).chars(90)

    def judged(self, comment: OriginalComment) -> str:
        return self.text(comment)

    @admin.display(description=gettext_lazy("text"))
    def text(self, comment: OriginalComment) -> str:
        return comment.text_for_moderators()


admin.site.unregister(User)


@admin.register(User)
class MemberAdmin(Moderated, UserAdmin):
    """What accounts offer there, and the sanctions."""

    actions = tuple(map(_does, ACTS_ON_MEMBERS))

    def judged(self, member: User) -> str:
        return "\n".join(map(str, sanctions.on(member)))


@admin.register(ReadyReason)
class ReadyReasonAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "ground", "reason")
    list_filter = ("ground",)
    search_fields = ("name", "facts", "reason")


@admin.register(Complaint)
class ComplaintAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("__str__", "state", "about", "who", "created_at", "answered_at")
    list_filter = ("state", "kind", "created_at")
    list_select_related = ("by", "post", "original_comment__essay", "member", "thread")
    search_fields = ("public_id", "by__name", "name", "email")
    ordering = ("-pk",)
    view_on_site = False
    fields = (
        *("kind", "state", "about", "who", "email", "ground", "rule", "words", "entry"),
        *("created_at", "answer", "answered_at"),
    )

    @admin.display(description=gettext_lazy("about"))
    def about(self, complaint: Complaint) -> str:
        return str(complaint.target)

    @admin.display(description=gettext_lazy("from"))
    def who(self, complaint: Complaint) -> str:
        return complaint.who


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("number", "at", "by")
    list_select_related = ("by",)
    fields = ("number", "at", "by", "values")


@admin.register(Decision)
class DecisionAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("number", "at", "action", "reference", "ground", "by")
    list_filter = ("action", "ground", "at")
    list_select_related = ("by",)
    search_fields = ("reference", "payload__by_name", "payload__author_name")
    fields = (
        *("number", "at", "action", "ground", "rule", "duty", "by", "alone", "reference"),
        *("facts", "reason", "origin", "answers", "since", "until", "previous", "digest"),
    )

    @admin.display(description=gettext_lazy("facts"))
    def facts(self, decision: Decision) -> str:
        return decision.payload.facts or _("none given")

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
