"""Pages where one writes about a passage."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from essays.models import Essay

from .. import access, posting, reading
from ..composing import Cleaned, compose
from ..drafts import for_members
from ..forms import ReplyForm
from ..models import Passage, Post
from . import places
from .forms import PassageForm


def number_in(request: HttpRequest, name: str) -> int:
    """A number in the query; whoever writes another thing there finds nothing."""
    value = request.GET.get(name, "")
    if not (value.isascii() and value.isdecimal() and len(value) < 10):
        raise Http404
    return int(value)


@for_members
def passage_create(request: HttpRequest, slug: str) -> HttpResponse:
    """The first reply to a passage: looking at the form saves nothing."""
    essay = get_object_or_404(
        Essay.objects.prefetch_related("segments", "original_comments"), slug=slug
    )
    offered = _offered(request, essay)

    def send(cleaned: Cleaned) -> Post:
        return posting.reply(
            access.member(request),
            cleaned["quote"],
            cleaned["body"],
            form_key=cleaned["key"],
            in_role=cleaned.get("in_role", False),
        )

    return compose(
        request,
        "discussions/reply_form.html",
        {"subject": offered, "essay": essay, "place": places.place_of(offered)},
        form_class=partial(PassageForm, offered=offered, speaker=request.user),
        initial={"quote": offered.exact},
        send=send,
    )


def _offered(request: HttpRequest, essay: Essay) -> Passage:
    """What the address names: `?p=7`, a paragraph, or `?de=120&a=180`, a range."""
    try:
        if "p" in request.GET:
            paragraph = next(p for p in essay.paragraphs if p.number == number_in(request, "p"))
            return places.passage_at(essay, paragraph.start, paragraph.end)
        return places.passage_at(essay, number_in(request, "de"), number_in(request, "a"))
    except (StopIteration, places.NoPlace):
        raise Http404 from None


@for_members
def passage_reply(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    passage = get_object_or_404(
        Passage.objects.placed_for(request.user)
        .select_related("essay", "original_comment")
        .prefetch_related("essay__segments", "essay__original_comments"),
        essay__slug=slug,
        public_id=public_id,
    )
    place = places.place_of(passage)
    if place is None:
        raise Http404

    def send(cleaned: Cleaned) -> Post:
        return posting.reply(
            access.member(request),
            passage,
            cleaned["body"],
            form_key=cleaned["key"],
            in_role=cleaned.get("in_role", False),
        )

    return compose(
        request,
        "discussions/reply_form.html",
        {
            "subject": passage,
            "essay": passage.essay,
            "place": place,
            "thread": reading.ahead(passage),
        },
        form_class=partial(ReplyForm, speaker=request.user),
        send=send,
    )
