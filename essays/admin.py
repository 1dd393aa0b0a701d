"""The texts are immutable and come from a manifest: the admin shows them, and changes nothing."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import Essay, Segment, Term


class ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SegmentInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Segment
    fields = ("kind", "role", "first_line", "last_line", "speaker", "speaker_basis")


@admin.register(Essay)
class EssayAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("number", "title", "author", "site", "published_on", "language")
    list_display_links = ("number", "title")
    list_filter = ("terms", "language")
    search_fields = ("number", "title", "author", "site")
    inlines = (SegmentInline,)


@admin.register(Term)
class TermAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("headword", "slug", "grammar", "position")
