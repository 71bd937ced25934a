"""The leaders' first page: the whole plan of one quarter on one sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _

from dashboard import charts, rows
from dashboard.attention import Attention, attention_of
from dashboard.frame import Frame
from dashboard.matrix import Matrix, TileMap, matrix_of, tile_map_of
from dashboard.rows import NarrativeGroup, NumberRow
from dashboard.submissions import Due, dues_of
from targets import formats, statuses
from targets.choices import Scope, Stage
from targets.models import Programme, Section
from targets.models.periods import quarter_name
from targets.progress import LINEAR, on_track, pace_curve
from targets.rollup import Narrative, Progress, RollUp
from targets.statuses import Badge, Count


@dataclass(frozen=True, slots=True)
class ProgrammeBlock:
    """One programme: the sections it stands in, its commitments by status, and what they are."""

    sections: str
    name: str
    url: str
    title: str
    counts: tuple[Count, ...]
    segments: tuple[charts.Segment, ...]
    numbers: str
    duties: str


@dataclass(frozen=True, slots=True)
class SectionCard:
    """One section: its numbers as a table, its milestones and duties as lines."""

    anchor: str
    title: str
    subtitle: str
    numbers: tuple[NumberRow, ...]
    groups: tuple[NarrativeGroup, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    title: str
    sentence: str
    as_of: str
    counts: tuple[Count, ...]
    counts_title: str
    segments: tuple[charts.Segment, ...]
    programmes: tuple[ProgrammeBlock, ...]
    attention: Attention
    progress_label: str
    coverage_label: str
    sections: tuple[SectionCard, ...]
    matrix: Matrix
    tile_map: TileMap | None
    has_figures: bool
    legend: tuple[Badge, ...] = tuple(statuses.STATUS_BADGES.values())


def build_overview(frame: Frame) -> Overview:
    """Everything on the page: the roll-up and one query for the submissions."""
    rolled = frame.roll_up(frame.plan.issuer)
    dues = dues_of(rolled, frame.period, frame.today)
    counts = statuses.count_statuses(row.verdict.status for row in rolled.numbers)
    return Overview(
        title=_("%(plan)s: progress at %(quarter)s")
        % {"plan": frame.plan.title, "quarter": quarter_name(frame.period.quarter)},
        sentence=_sentence(rolled, dues, frame),
        as_of=_as_of(frame),
        counts=counts,
        counts_title=counts_in_words(counts),
        segments=charts.segments(counts),
        programmes=_programmes(rolled, frame),
        attention=attention_of(rolled, dues, frame),
        progress_label=progress_label(frame),
        coverage_label=coverage_label(frame),
        sections=_sections(rolled, frame),
        matrix=matrix_of(rolled, frame),
        tile_map=tile_map_of(rolled, frame),
        has_figures=has_figures(rolled),
    )


def has_figures(rolled: RollUp) -> bool:
    return any(row.amount is not None for row in rolled.numbers) or any(row.stages for row in rolled.narratives)


def counts_in_words(counts: Sequence[Count]) -> str:
    return formats.listed([f"{each.badge.word} {each.count}" for each in counts])


def progress_label(frame: Frame) -> str:
    """The head of the bars' column, with the share that a linear pace expects."""
    share = pace_curve(LINEAR)[frame.period.quarter - 1] or Fraction(0)
    return _("Progress (line: pace, %(share)s)") % {"share": formats.percent(share, places=0)}


def coverage_label(frame: Frame) -> str:
    """What a row's "12/14" counts in this scope."""
    return _("Approved") if frame.scope == Scope.APPROVED else _("Reported")


def _sentence(rolled: RollUp, dues: Sequence[Due], frame: Frame) -> str:
    parts = [
        _("%(good)d of %(count)d indicators met or on pace")
        % {"good": on_track([row.verdict.status for row in rolled.numbers]), "count": len(rolled.numbers)}
    ]
    by_unit: dict[int, bool] = {}
    for due in dues:
        by_unit[due.unit.pk] = by_unit.get(due.unit.pk, True) and due.is_approved
    parts.append(
        _("%(approved)d of %(count)d units fully approved for %(quarter)s")
        % {
            "approved": sum(by_unit.values()),
            "count": len(by_unit),
            "quarter": quarter_name(frame.period.quarter),
        }
    )
    return _("; ").join(parts)


def _as_of(frame: Frame) -> str:
    """When what the page shows was last changed; "" when never."""
    try:
        changed_at = frame.plan.data_version.changed_at
    except ObjectDoesNotExist:
        changed_at = None
    return _("data as of %(moment)s") % {"moment": formats.day_and_time(changed_at)} if changed_at else ""


def _programmes(rolled: RollUp, frame: Frame) -> tuple[ProgrammeBlock, ...]:
    by_programme: dict[Programme, tuple[list[Progress], list[Narrative]]] = {}
    for row in rolled.numbers:
        by_programme.setdefault(row.commitment.item.programme, ([], []))[0].append(row)
    for narrative in rolled.narratives:
        by_programme.setdefault(narrative.commitment.item.programme, ([], []))[1].append(narrative)
    ordered = sorted(by_programme.items(), key=lambda pair: (pair[0].position, pair[0].code))
    return tuple(_programme(programme, *own) for programme, own in ordered)


def _programme(programme: Programme, numbers: list[Progress], narratives: list[Narrative]) -> ProgrammeBlock:
    judged = [row.verdict.status for row in numbers] + [row.status for row in narratives]
    counts = statuses.count_statuses(judged)
    sections: dict[Section, None] = {row.commitment.item.section: None for row in rows.both(numbers, narratives)}
    return ProgrammeBlock(
        sections=formats.listed([section.number for section in sections]),
        name=programme.name,
        url=f"#{section_anchor(next(iter(sections)))}",
        title=counts_in_words(counts),
        counts=counts,
        segments=charts.segments(counts),
        numbers=_numbers_in_words(numbers),
        duties=_duties_in_words(narratives),
    )


def _numbers_in_words(numbers: Sequence[Progress]) -> str:
    if not numbers:
        return _("No indicators")
    good = on_track([row.verdict.status for row in numbers])
    return _("indicators: %(count)d, met or on pace: %(good)d") % {"count": len(numbers), "good": good}


def _duties_in_words(narratives: Sequence[Narrative]) -> str:
    if not narratives:
        return ""
    stages = [statuses.stage_of(row) for row in narratives]
    parts = [
        _("tasks: %(count)d, done: %(done)d") % {"count": len(stages), "done": stages.count(Stage.DONE)},
    ]
    if blocked := stages.count(Stage.BLOCKED):
        parts.append(_("blocked: %(count)d") % {"count": blocked})
    if silent := stages.count(""):
        parts.append(_("not reported: %(count)d") % {"count": silent})
    return formats.listed(parts)


def section_anchor(section: Section) -> str:
    return f"section-{section.position}"


def _sections(rolled: RollUp, frame: Frame) -> tuple[SectionCard, ...]:
    return tuple(
        SectionCard(
            anchor=section_anchor(section),
            title=str(section),
            subtitle=_section_subtitle(numbers, narratives),
            numbers=tuple(rows.number_row(row, frame) for row in numbers),
            groups=rows.narrative_groups(narratives),
        )
        for section, numbers, narratives in rows.by_section(rolled.numbers, rolled.narratives)
    )


def _section_subtitle(numbers: Sequence[Progress], narratives: Sequence[Narrative]) -> str:
    items = sorted({row.commitment.item.number for row in rows.both(numbers, narratives)})
    text = _("items %(first)d–%(last)d · indicators: %(count)d · tasks: %(tasks)d")
    return text % {"first": items[0], "last": items[-1], "count": len(numbers), "tasks": len(narratives)}
