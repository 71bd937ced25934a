"""Lines of the tables that several pages share: a number, and a milestone or a duty, with all their texts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dashboard import charts
from dashboard.frame import Frame
from targets import formats, statuses, wording
from targets.amounts import EVERY, LATEST
from targets.choices import CommitmentKind, Scope, Stage
from targets.models import Indicator, Section
from targets.models.periods import quarter_name
from targets.progress import Status
from targets.rollup import Narrative, Progress
from targets.statuses import Badge, Count


@dataclass(frozen=True, slots=True)
class NumberRow:
    """One quantified commitment of one unit."""

    code: str
    anchor: str
    name: str
    url: str
    stretch: bool
    badge: Badge
    bar: wording.Bar
    value: str
    target: str
    completion: str
    spark: charts.Spark | None
    coverage: str
    is_total: bool
    remark: str


def number_row(row: Progress, frame: Frame) -> NumberRow:
    indicator = row.indicator
    badge = wording.badge_of(row)
    completion = wording.completion_text(row)
    return NumberRow(
        code=row.commitment.code,
        anchor=anchor(row.commitment.code),
        name=indicator.name,
        url=frame.url("indicator", indicator.code),
        stretch=row.commitment.stretch,
        badge=badge,
        bar=wording.progress_bar(row),
        value=wording.value_text(row),
        target=wording.target_text(row),
        completion=completion,
        spark=charts.spark(badge.key, _quarters_in_words(row), wording.values(row)),
        coverage=coverage(row, frame.scope),
        is_total=row.tally.assigned != 1,
        remark=remark(row),
    )


def anchor(code: str) -> str:
    """Where a commitment's line stands on a unit's page."""
    return f"c-{code}"


def coverage(row: Progress, scope: Scope) -> str:
    """As 12/14: the units counted of those with something to measure; a single unit's state in words."""
    tally = row.tally
    counted = tally.approved if scope == Scope.APPROVED else tally.reported
    if tally.assigned != 1:
        return f"{counted}/{tally.expected}"
    if tally.not_applicable:
        return _("Not applicable")
    if tally.carried_forward:
        return _("carried forward")
    if tally.approved:
        return _("Approved")
    return _("Reported") if tally.reported else _("Not reported")


def remark(row: Progress) -> str:
    """What a total rests on besides this quarter's figures: units carried forward, and what is missing."""
    remarks = []
    if row.tally.carried_forward and row.tally.assigned != 1:
        remarks.append(_("%(count)d carried forward") % {"count": row.tally.carried_forward})
    if row.gap_count:
        remarks.append(_("%(count)d missing before") % {"count": row.gap_count})
    return formats.listed(remarks)


def is_partial(row: Progress) -> bool:
    """Whether a unit did not report this quarter and the value, or part of it, is from earlier ones."""
    return row.amount is not None and row.tally.missing > 0


def _quarters_in_words(row: Progress) -> str:
    indicator = row.indicator
    texts = [formats.DASH if each is None else formats.value(indicator, each) for each in wording.values(row)]
    return formats.listed([f"{quarter_name(quarter)} {text}" for quarter, text in enumerate(texts, start=1)])


def time_rule_sentence(indicator: Indicator) -> str:
    """How the indicator adds up over the year and over units, for readers."""
    if indicator.time_rule == EVERY:
        return _("Each quarter stands for itself; the promise is kept only if each quarter reaches the target.")
    if indicator.time_rule == LATEST:
        rule = _("Stock: the level at the quarter's end; a unit that does not report is carried forward.")
    else:
        rule = _("Flow: the year's quarters so far are added.")
    if indicator.is_ratio:
        return rule + _(" Over units: sum of numerators ÷ sum of denominators.")
    return rule + _(" Over units: the sum.")


# ---- milestones and standing duties


@dataclass(frozen=True, slots=True)
class Words:
    """The latest progress note about a commitment; `source` says whose and when."""

    source: str
    progress: str
    problems: str
    next_steps: str


@dataclass(frozen=True, slots=True)
class NarrativeRow:
    """One milestone or standing duty of one unit: its stage, who has said so, and the latest words."""

    code: str
    anchor: str
    statement: str
    kind: str
    badge: Badge
    overdue: Badge | None
    stages: str
    freshness: str
    words: Words | None


def narrative_row(row: Narrative, words: Words | None = None) -> NarrativeRow:
    commitment = row.commitment
    return NarrativeRow(
        code=commitment.code,
        anchor=anchor(commitment.code),
        statement=commitment.statement,
        kind=str(CommitmentKind(commitment.kind).label),
        badge=statuses.STAGE_BADGES[statuses.stage_of(row)],
        overdue=statuses.OVERDUE if row.status == Status.BEHIND else None,
        stages=_stages_in_words(row) if row.assigned > 1 else "",
        freshness=_freshness(row),
        words=words,
    )


def _stages_in_words(row: Narrative) -> str:
    present = [(stage, row.stages.get(stage.value, 0)) for stage in Stage]
    return formats.listed([f"{stage.label} {count}" for stage, count in present if count])


def _freshness(row: Narrative) -> str:
    if row.assigned == 1:
        return _("Reported this quarter") if row.reported else _("Not reported this quarter")
    return _("%(reported)d of %(assigned)d units reported this quarter") % {
        "reported": row.reported,
        "assigned": row.assigned,
    }


@dataclass(frozen=True, slots=True)
class NarrativeGroup:
    """The milestones or the standing duties of one section: one line of counts, and the rows behind it."""

    title: str
    counts: tuple[Count, ...]
    rows: tuple[NarrativeRow, ...]


def narrative_groups(
    narratives: Sequence[Narrative], latest: Mapping[int, Words] | None = None
) -> tuple[NarrativeGroup, ...]:
    """Milestones first, then standing duties, if there are any. `latest` holds words by commitment id."""
    titles = (
        (CommitmentKind.MILESTONE, _("Milestones: %(count)d")),
        (CommitmentKind.STANDING, _("Standing duties: %(count)d")),
    )
    groups = []
    for kind, title in titles:
        of_kind = [row for row in narratives if row.commitment.kind == kind]
        if of_kind:
            rows = tuple(narrative_row(row, (latest or {}).get(row.commitment.pk)) for row in of_kind)
            groups.append(NarrativeGroup(title % {"count": len(of_kind)}, statuses.count_stages(of_kind), rows))
    return tuple(groups)


def both(numbers: Iterable[Progress], narratives: Iterable[Narrative]) -> list[Progress | Narrative]:
    return [*numbers, *narratives]


def by_section(
    numbers: Iterable[Progress], narratives: Iterable[Narrative]
) -> list[tuple[Section, list[Progress], list[Narrative]]]:
    """The rows under their sections, in the plan's order."""
    groups: dict[int, tuple[Section, list[Progress], list[Narrative]]] = {}
    for row in both(numbers, narratives):
        section = row.commitment.item.section
        group = groups.setdefault(section.pk, (section, [], []))
        if isinstance(row, Progress):
            group[1].append(row)
        else:
            group[2].append(row)
    return sorted(groups.values(), key=lambda group: group[0].position)
