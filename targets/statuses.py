"""The one place where a status or a stage gets its sign, its word and the name of its colour."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from targets.choices import Stage
from targets.progress import Status
from targets.rollup import Narrative


@dataclass(frozen=True, slots=True)
class Badge:
    """A sign and a word; `key` names the colour in the style sheet ("s-met")."""

    key: str
    sign: str
    word: str | Promise


STATUS_BADGES: dict[Status, Badge] = {
    Status.MET: Badge("met", "✓", _("Met")),
    Status.ON_PACE: Badge("on_pace", "●", _("On pace")),
    Status.RUNNING: Badge("running", "○", _("Under way")),
    Status.BEHIND: Badge("behind", "◐", _("Behind")),
    Status.FAR_BEHIND: Badge("far_behind", "▲", _("Far behind")),
    Status.MISSING: Badge("missing", "–", _("Not reported")),
}
NO_STATUS = Badge("none", "", _("No target of its own"))
NOT_APPLICABLE = Badge("none", "／", _("Not applicable"))

STAGE_BADGES: dict[str, Badge] = {
    Stage.DONE: Badge("met", "✓", Stage.DONE.label),
    Stage.IN_PROGRESS: Badge("running", "○", Stage.IN_PROGRESS.label),
    Stage.BLOCKED: Badge("far_behind", "▲", Stage.BLOCKED.label),
    Stage.NOT_STARTED: Badge("not_started", "◌", Stage.NOT_STARTED.label),
    "": STATUS_BADGES[Status.MISSING],
}
OVERDUE = Badge("behind", "◐", _("Overdue"))

RETURNED = Badge("behind", "◐", _("Returned"))
NOT_DUE = Badge("not_started", "◌", _("Not due yet"))


@dataclass(frozen=True, slots=True)
class Count:
    """How many stand at one status or stage."""

    badge: Badge
    count: int


def status_badge(status: Status | None) -> Badge:
    return NO_STATUS if status is None else STATUS_BADGES[status]


def count_statuses(statuses: Iterable[Status | None]) -> tuple[Count, ...]:
    """The statuses that occur, in the order of the legend; what has no status is not counted."""
    counts = Counter(statuses)
    return tuple(Count(badge, counts[status]) for status, badge in STATUS_BADGES.items() if counts[status])


def stage_of(narrative: Narrative) -> str:
    """One stage for all units of a task: blocked when any is, done only when all are, "" when nobody said."""
    stages = narrative.stages
    if not sum(stages.values()):
        return ""
    if stages.get(Stage.BLOCKED):
        return Stage.BLOCKED
    if stages.get(Stage.DONE, 0) == narrative.assigned:
        return Stage.DONE
    started = stages.get(Stage.DONE, 0) + stages.get(Stage.IN_PROGRESS, 0)
    return Stage.IN_PROGRESS if started else Stage.NOT_STARTED


def count_stages(narratives: Iterable[Narrative]) -> tuple[Count, ...]:
    """The stages that occur, worst last but the unreported."""
    counts = Counter(stage_of(narrative) for narrative in narratives)
    return tuple(Count(badge, counts[stage]) for stage, badge in STAGE_BADGES.items() if counts[stage])
