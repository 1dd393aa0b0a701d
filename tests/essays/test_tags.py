"""Tags as people write them."""

from taggit.forms import TagField

from essays.tags import fold_tag
from tests.essays.factories import EssayFactory


def test_tags_are_cut_at_commas_only_and_folded():
    typed = "Community  Manager, ÉCOUTE,\u00a0e\u0301coute,, me\u0301tier ,"
    assert TagField().clean(typed) == ["community manager", "métier", "écoute"]
    assert fold_tag("ÉCOUTE ") == "écoute"


def test_tags_are_shown_as_they_are_typed(db):
    essay = EssayFactory.create()
    essay.tags.set(["community manager", "écoute"])
    field = TagField()
    shown = field.widget.format_value(essay.tags.all())
    assert shown == "community manager, écoute"
    assert field.clean(shown) == ["community manager", "écoute"]
