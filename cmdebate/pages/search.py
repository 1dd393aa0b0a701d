"""Search over all that the site shows: essays, original comments, and what people write."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from cmdebate.accounts.models import NAME_MAX_LENGTH, User, fold
from discussions.models import Post
from discussions.search import query, results
from discussions.search.query import Query
from discussions.search.results import Filters
from essays.models import Essay


class SearchForm(forms.Form):
    """The names of its fields stand in addresses, and are in French like these."""

    q = forms.CharField(label=_("Words to search for"), required=False)
    genre = forms.ChoiceField(
        label=pgettext_lazy("search", "In"),
        required=False,
        choices=[
            ("", _("everything")),
            (results.ESSAY, _("the essays")),
            (results.COMMENT, _("the original comments")),
            (Post.Kind.DEFINITION, _("the definitions")),
            (Post.Kind.AMENDMENT, _("the amendments")),
            (Post.Kind.REPLY, _("the replies")),
            (Post.Kind.ANSWER, _("the answers to the survey")),
            (Post.Kind.CALL, _("the calls for definitions")),
            (Post.Kind.PROMPT, _("the prompts")),
        ],
    )
    essai = forms.ChoiceField(label=_("About the essay"), required=False)
    membre = forms.CharField(
        label=_("Written by the member"), max_length=NAME_MAX_LENGTH, required=False
    )
    du = forms.DateField(
        label=pgettext_lazy("search", "From"),
        required=False,
        input_formats=["%Y-%m-%d"],
    )
    au = forms.DateField(
        label=pgettext_lazy("search", "To"),
        required=False,
        input_formats=["%Y-%m-%d"],
    )

    def __init__(self, typed: dict[str, str], essays: Iterable[Essay]):
        super().__init__(typed)
        self.essays = {essay.slug: essay for essay in essays}
        essai = self.fields["essai"]
        assert isinstance(essai, forms.ChoiceField)
        essai.choices = [
            ("", _("any essay")),
            *((slug, e.title) for slug, e in self.essays.items()),
        ]

    def clean_q(self) -> Query | None:
        typed = self.cleaned_data["q"]
        if not typed:
            return None
        asked = query.parse(typed)
        if asked.wanted:
            return asked
        if asked.unwanted:
            raise forms.ValidationError(_("Name at least one word that is to be found."))
        raise forms.ValidationError(
            _("Nothing in that can be searched: articles and signs alone are passed over.")
        )

    def clean_essai(self) -> Essay | None:
        return self.essays.get(self.cleaned_data["essai"])

    def clean_membre(self) -> User | None:
        name = self.cleaned_data["membre"]
        if not name:
            return None
        member = User.objects.filter(name_key=fold(name), is_active=True).first()
        if member is None:
            raise forms.ValidationError(_("No member has that name."))
        return member

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("du"), self.cleaned_data.get("au")
        if since and until and until < since:
            self.add_error("au", _("That day comes before the first one."))
        return self.cleaned_data

    @property
    def filters(self) -> Filters:
        return Filters(
            kind=self.cleaned_data["genre"],
            essay=self.cleaned_data["essai"],
            member=self.cleaned_data["membre"],
            since=self.cleaned_data["du"],
            until=self.cleaned_data["au"],
        )


def typed_in(request: HttpRequest) -> dict[str, str]:
    """What was asked for, without what no text has and cut where no question goes on."""
    asked = {name: request.GET.get(name, "").replace("\0", " ") for name in SearchForm.base_fields}
    return asked | {"q": asked["q"].strip()[: query.MAX_LENGTH]}


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    typed = typed_in(request)
    essays = results.all_essays()
    form = SearchForm(typed, essays.values())
    context: dict[str, Any] = {
        "search": form,
        "typed": typed,
        "best_of": results.BEST_OF,
        "longest": query.MAX_LENGTH,
    }
    if form.is_valid() and (asked := form.cleaned_data["q"]):
        page = request.GET.get("page", "")
        number = int(page[:4]) if page.isascii() and page.isdecimal() else 1
        found = results.find(asked, form.filters, essays, number)
        context |= {
            "found": found,
            "first": _address(typed, 1),
            "wider": _address({"q": typed["q"]}, 1) if any(form.filters) else "",
            "previous": _address(typed, found.page - 1) if found.page > 1 else "",
            "next": _address(typed, found.page + 1) if found.has_next else "",
        }
    return render(request, "pages/search.html", context)


def _address(typed: dict[str, str], page: int) -> str:
    parameters = {name: value for name, value in typed.items() if value}
    return "?" + urlencode(parameters | ({"page": str(page)} if page > 1 else {}))
