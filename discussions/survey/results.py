"""What the answers come to, as far as it tells of nobody in particular."""

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass

from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from discussions.charts import Bars, Column, bars
from discussions.models import Answer, Survey
from discussions.small_groups import LEAST, shown_groups

INKS = {Answer.Choice.PRECISELY: "for", Answer.Choice.ROUGHLY: "", Answer.Choice.NO: "no"}


@dataclass(frozen=True)
class Results:
    """None where too few people answered for that to be shown."""

    count: int | None = None
    by_generation: Bars | None = None
    by_reading: Bars | None = None
    generations: Set[str] = frozenset()  # those that may be shown
    least: int = LEAST

    @property
    def kept_back(self) -> list[str]:
        """The generations that may not, in words."""
        return [str(each.label) for each in Answer.Generation if each not in self.generations]


def of(survey: Survey) -> Results:
    firsts = survey.answers.counted().firsts().values_list("generation", "choice")
    counts = {(group, choice): n for group, choice, n in firsts.annotate(n=Count("pk"))}
    total = sum(counts.values())
    if total < LEAST:
        return Results()
    sizes = {
        group: sum(counts.get((group, choice), 0) for choice in Answer.Choice)
        for group in Answer.Generation
    }
    shown = shown_groups(sizes)
    rows = [
        (str(capfirst(group.label)), [counts.get((group, choice), 0) for choice in Answer.Choice])
        for group in Answer.Generation
        if group in shown
    ]
    everybody = [sum(counts.get((g, c), 0) for g in Answer.Generation) for c in Answer.Choice]
    rows.append((_("All together"), everybody))
    return Results(
        count=total,
        by_generation=bars(_columns(), rows),
        by_reading=_by_reading(survey, total),
        generations=shown,
    )


def _by_reading(survey: Survey, total: int) -> Bars | None:
    """What those who answered twice said before and after; not, if it told what the others did."""
    seconds = survey.answers.counted().seconds().values_list("first__choice", "choice")
    before, after = Counter[str](), Counter[str]()
    for first, second, n in seconds.annotate(n=Count("pk")):
        before[first] += n
        after[second] += n
    twice = before.total()
    if "twice" not in shown_groups({"twice": twice, "once": total - twice}):
        return None
    rows = [
        (label, [said[choice] for choice in Answer.Choice])
        for label, said in ((_("Before reading"), before), (_("After reading"), after))
    ]
    return bars(_columns(), rows)


def _columns() -> list[Column]:
    return [Column(str(choice.label), INKS[choice]) for choice in Answer.Choice]
