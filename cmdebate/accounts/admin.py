"""Members in the admin: the owner gives a role there, and nothing more."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from cmdebate import edition

from .models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "role", "joined_at", "is_active")
    list_filter = ("role", "is_active")
    search_fields = ("name", "name_key", "email")
    fields = ("name", "email", "role", "joined_at", "last_login")
    readonly_fields = ("name", "email", "joined_at", "last_login")

    def save_model(
        self, request: HttpRequest, obj: User, form: "ModelForm[User]", change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        edition.turn()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
