"""A discussion from elsewhere: a file of replies, one JSON object a line, parents first.

Everything in it is brought in, or nothing. A reply is known by its id in the file, so that
the same file again changes nothing, and a longer one adds what is new. However long the
file, only a batch of it is held at a time.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Max, Min
from django.utils.dateparse import parse_datetime

from cmdebate import edition
from cmdebate.accounts.models import NAME_MAX_LENGTH, User, fold, validate_name
from discussions import markdown, mentions, threads
from discussions.models import ImportedReply, Post, Thread
from essays.models import Essay

from .bulk import (
    BATCH,
    Draft,
    Past,
    count_replies,
    index_for_search,
    insert,
    insert_published,
    loading,
    new_ids,
)

FIELDS = ("id", "parent", "depth", "author", "email", "body", "created")
LONGEST_LINE = 1_000_000  # bytes
_UNFIT_FOR_A_NAME = re.compile(r"[^\w.’'-]+|_+")


class Refused(Exception):
    """Nothing was imported: which line, and why."""

    def __init__(self, line: int, problem: str):
        super().__init__(f"line {line}: {problem}")


@dataclass(frozen=True)
class Line:
    number: int
    reference: str
    parent: str
    author: str
    email: str
    body: str
    created_at: datetime


@dataclass
class Outcome:
    created: int = 0
    unchanged: int = 0
    members: int = 0


def import_file(file: Path, essay: Essay) -> Outcome:
    with loading():
        return _Import(threads.thread_of(essay)).run(lines_of(file))


def lines_of(file: Path) -> Iterator[Line]:
    with file.open("rb") as rows:
        number = 0
        while row := rows.readline(LONGEST_LINE + 1):
            number += 1
            if len(row) > LONGEST_LINE:
                raise Refused(number, f"longer than {LONGEST_LINE} bytes")
            if row.strip():
                yield parsed(number, row)


def parsed(number: int, row: bytes) -> Line:
    try:
        entry = json.loads(row)
    except (ValueError, RecursionError) as error:
        raise Refused(number, f"not JSON: {error}") from error
    if not isinstance(entry, dict):
        raise Refused(number, "not a JSON object")
    for field in FIELDS:
        if field not in entry:
            raise Refused(number, f"“{field}” is missing")
    reference = reference_in(number, entry, "id")
    if not reference:
        raise Refused(number, "“id” is empty")
    depth = entry["depth"]
    if not isinstance(depth, int) or isinstance(depth, bool) or depth < 0:
        raise Refused(number, "“depth” is no number of levels")
    body = text_in(number, entry, "body").strip()
    if not body:
        raise Refused(number, "“body” is empty")
    if len(body) > markdown.MAX_LENGTH:
        raise Refused(number, f"“body” is longer than {markdown.MAX_LENGTH} characters")
    return Line(
        number,
        reference,
        reference_in(number, entry, "parent"),
        name_from(number, text_in(number, entry, "author")),
        email_from(number, text_in(number, entry, "email")),
        body,
        moment_from(number, entry["created"]),
    )


def text_in(number: int, entry: dict[str, Any], field: str) -> str:
    text = entry[field]
    if text is None and field == "email":
        return ""
    if not isinstance(text, str):
        raise Refused(number, f"“{field}” is no text")
    try:
        text.encode()  # half a surrogate pair cannot be
    except UnicodeEncodeError as error:
        raise Refused(number, f"“{field}” holds what is no character") from error
    if "\0" in text:
        raise Refused(number, f"“{field}” holds what is no character")
    return text


def reference_in(number: int, entry: dict[str, Any], field: str) -> str:
    """An id as text: 7 and "7" are the same; no parent is null or empty."""
    value = entry[field]
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        value = entry[field] = str(value)
    value = text_in(number, entry, field).strip()
    if len(value) > 200:
        raise Refused(number, f"“{field}” is longer than 200 characters")
    return str(value)


def name_from(number: int, author: str) -> str:
    """A member's name as near to the author's as names here can be: « Jean-Dupont »."""
    name = unicodedata.normalize("NFC", author)
    name = re.sub(r"([.’'-])[.’'-]+", r"\1", _UNFIT_FOR_A_NAME.sub("-", name)).strip(".’'-")
    try:
        validate_name(name)
    except ValidationError as error:
        raise Refused(number, f"“{author}” cannot become a member’s name") from error
    if len(name) > NAME_MAX_LENGTH:
        raise Refused(number, f"“{author}” is too long for a member’s name")
    return name


def email_from(number: int, email: str) -> str:
    email = email.strip()
    if email:
        try:
            validate_email(email)
        except ValidationError as error:
            raise Refused(number, f"“{email}” is no e-mail address") from error
    return email


def moment_from(number: int, created: object) -> datetime:
    """From ISO 8601, or from seconds since 1970; UTC where no time zone is named."""
    try:
        if isinstance(created, str):
            moment = parse_datetime(created.strip()) or datetime.fromisoformat(created.strip())
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(created, int | float) and not isinstance(created, bool):
            return datetime.fromtimestamp(created, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise Refused(number, f"“created” is no moment: {created!r}")


class _Import:
    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.outcome = Outcome()
        self.past = Past()
        before = ImportedReply.objects.filter(thread=thread).aggregate(
            first=Min("pk"), last=Max("pk")
        )
        self.first, self.last = before["first"] or 0, before["last"] or 0
        # One byte for each row that was here before: whether the file has named it already.
        self.named = bytearray(self.last - self.first + 1)

    def run(self, lines: Iterator[Line]) -> Outcome:
        while batch := list(islice(lines, BATCH)):
            self.add(batch)
        if self.outcome.created:
            count_replies(self.thread, self.outcome.created)
            edition.turn()
        return self.outcome

    def add(self, batch: list[Line]) -> None:
        known = self.known({line.reference for line in batch} | {line.parent for line in batch})
        posts = {reference: row.post for reference, row in known.items()}
        new: list[tuple[Line, Post]] = []
        for line in batch:
            if row := known.get(line.reference):
                if row.pk > self.last or self.named[row.pk - self.first]:
                    raise Refused(line.number, f"the id “{line.reference}” stands there twice")
                self.named[row.pk - self.first] = True
                continue
            if line.reference in posts:
                raise Refused(line.number, f"the id “{line.reference}” stands there twice")
            parent = posts.get(line.parent)
            if line.parent and parent is None:
                raise Refused(line.number, f"no reply “{line.parent}” stands before this one")
            post = posts[line.reference] = Post(
                kind=Post.Kind.REPLY,
                thread_id=self.thread.pk,
                parent=parent,
                created_at=line.created_at,
            )
            new.append((line, post))
        self.outcome.created += len(new)
        self.outcome.unchanged += len(batch) - len(new)
        members = self.members([line for line, _post in new])
        drafts = []
        for line, post in new:
            post.author_id = members[fold(line.author)]
            html = markdown.render(line.body, mentions.addresses_in(line.body))
            drafts.append(Draft(post, line.body, html))
        insert_published(drafts, self.past)
        index_for_search(drafts)
        ids = new_ids(ImportedReply, len(new))
        insert(
            [
                ImportedReply(pk=pk, thread=self.thread, reference=line.reference, post=post)
                for pk, (line, post) in zip(ids, new, strict=True)
            ]
        )

    def known(self, references: set[str]) -> dict[str, ImportedReply]:
        rows = ImportedReply.objects.filter(thread=self.thread, reference__in=references)
        rows = rows.select_related("post").only(
            "thread", "reference", "post__path", "post__root_id"
        )
        return {row.reference: row for row in rows}

    def members(self, lines: list[Line]) -> dict[str, int]:
        """The ids of the authors by their folded names; those who are new become members.

        A name that is taken is the same person, unless the addresses say otherwise.
        """
        here = {
            user.name_key: user
            for user in User.objects.filter(name_key__in={fold(line.author) for line in lines})
        }
        new: dict[str, User] = {}
        nobodys = make_password(None)
        for line in lines:
            key = fold(line.author)
            user = here.get(key)
            if user is None:
                user = here[key] = new[key] = User(
                    name=line.author, name_key=key, email=line.email, password=nobodys
                )
            elif line.email and user.email and user.email.casefold() != line.email.casefold():
                raise Refused(line.number, f"{user.name} is a member with another e-mail address")
        User.objects.bulk_create(new.values())
        self.outcome.members += len(new)
        return {key: user.pk for key, user in here.items()}
