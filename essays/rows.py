"""Bringing rows up to those of a file: what an import writes, and no more."""

from django.db import models

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


def columns(model: type[models.Model], *others: str) -> list[str]:
    return [f.attname for f in model._meta.concrete_fields if f.attname not in ("id", *others)]


def differences(new: models.Model, old: models.Model, names: list[str]) -> list[str]:
    return [name for name in names if getattr(new, name) != getattr(old, name)]


def save_row(new: models.Model, old: models.Model | None, names: list[str]) -> str:
    """Gives the new row the old one's place, and writes what differs."""
    if old is None:
        new.save(force_insert=True)
        return CREATED
    new.pk = old.pk
    new._state.adding = False
    if changed := differences(new, old, names):
        new.save(update_fields=changed)
        return UPDATED
    return UNCHANGED
