"""Queries that are prepared once and asked with other values each time."""

import pytest
from django.db.models import CharField

from cmdebate.prepared import Given, Prepared
from discussions.models import Post
from essays.models import Essay, OriginalComment
from tests.essays.factories import EssayFactory, OriginalCommentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def essays():
    return [EssayFactory.create() for _i in range(4)]


@pytest.fixture
def of_slug():
    return Prepared(Essay.objects.filter(slug=Given("slug", CharField())))


@pytest.fixture
def of_keys():
    return Prepared(Essay.objects.filter(pk__in=Given("keys", length=3)).order_by("pk"))


def test_other_values_find_other_rows(essays, of_slug):
    for essay in essays:
        assert of_slug.objects(slug=essay.slug) == [essay]
    assert of_slug.objects(slug="' OR 1=1 --") == []


def test_objects_are_whole(essays, of_slug):
    (found,) = of_slug.objects(slug=essays[0].slug)
    for field in Essay._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(essays[0], field.attname)


def test_columns_left_out_are_read_when_asked_for(essays, django_assert_num_queries):
    prepared = Prepared(Essay.objects.defer("text").filter(slug=Given("slug", CharField())))
    with django_assert_num_queries(2):
        (found,) = prepared.objects(slug=essays[0].slug)
        assert found.text == essays[0].text


def test_related_objects_come_along(django_assert_num_queries):
    first = OriginalCommentFactory.create()
    answer = OriginalCommentFactory.create(essay=first.essay, parent=first)
    comments = OriginalComment.objects.select_related("essay", "parent").order_by("pk")
    prepared = Prepared(comments.filter(essay=Given("essay")))
    with django_assert_num_queries(1):
        found = prepared.objects(essay=first.essay.pk)
        assert [comment.essay for comment in found] == [first.essay] * 2
        assert [comment.parent for comment in found] == [None, first]
    assert found == [first, answer]


def test_values_are_of_the_fields_types(essays):
    prepared = Prepared(
        Essay.objects.filter(pk=Given("key")).values_list("title_in_text", "imported_at", "tags")
    )
    (row,) = prepared.rows(key=essays[0].pk)
    assert row == [essays[0].title_in_text, essays[0].imported_at, None]
    assert isinstance(row[0], bool)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_list_may_be_shorter_than_its_place(essays, of_keys, count):
    asked = essays[:count]
    assert of_keys.objects(keys=[essay.pk for essay in asked]) == asked


@pytest.mark.parametrize("count", [0, 4])
def test_list_that_does_not_fit_is_refused(essays, of_keys, count):
    with pytest.raises(ValueError, match=f"{count} values given for keys, of 1 to 3"):
        of_keys.rows(keys=[essay.pk for essay in essays[:count]])


def test_value_that_is_not_given_is_a_mistake(of_slug):
    with pytest.raises(KeyError):
        of_slug.rows()


def test_nothing_equals_none(essays, of_slug):
    assert of_slug.rows(slug=None) == []


def test_what_never_changes_is_in_the_sql():
    # Else one plan for all values could not use an index of published top-level replies.
    roots = Post.objects.filter(state="published", depth=0, thread=Given("thread"))
    prepared = Prepared(roots.values_list("pk"))
    assert "'published'" in prepared.sql
    assert [part.name for part in prepared.parameters] == ["thread"]
