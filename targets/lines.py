"""What a submission consists of: a line for each commitment that its unit is assigned, with all that it is judged by.

The entry form, the reviewer's page and the soft checks stand on the same lines. A line counts what the unit itself
has said, drafts included; a unit's own figures are no total, so nothing is added up over units here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.db.models import Q

from organisations.models import Account
from targets.amounts import NOT_APPLICABLE, NOT_REPORTED, NUMBER, QUARTERS, Amount, Pattern, series_of
from targets.models import Commitment, Evidence, Explanation, Figure, Indicator, ProgressNote, Submission, Target
from targets.rollup import Progress, progress_of


@dataclass(frozen=True, slots=True)
class Said:
    """What a unit reported in one quarter: an exact amount, or None for 不适用; and the note beside it.

    `figure_id` is the row's that holds it, None for what is only typed.
    """

    amount: Amount | None
    note: str = ""
    figure_id: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Words:
    """What a unit says about one commitment in words; a stage of "" is none."""

    stage: str = ""
    progress: str = ""
    problems: str = ""
    next_steps: str = ""


@dataclass(frozen=True)
class Line:
    """One assigned commitment in one submission.

    `quarters[k − 1]` is what was reported for quarter k of the year, up to the submission's own; None is not
    reported. `year_before` is last year's fourth quarter. `words` are this submission's, `stage_before` the latest
    stage said earlier in the year. `entered_at` names the commitment under which a shared indicator is filled in.
    """

    submission: Submission
    commitment: Commitment
    target: Target | None
    quarters: tuple[Said | None, ...]
    year_before: Said | None
    words: Words
    stage_before: str
    evidence: tuple[Evidence, ...]
    explanations: Mapping[str, Explanation]
    entered_at: Commitment

    @property
    def indicator(self) -> Indicator:
        return self.commitment.required_indicator

    @property
    def is_entered_here(self) -> bool:
        return self.entered_at.pk == self.commitment.pk

    @property
    def quarter(self) -> int:
        return len(self.quarters)

    @property
    def said(self) -> Said | None:
        """What the submission itself reports; None is not reported."""
        return self.quarters[-1]

    @property
    def said_before(self) -> Said | None:
        """What was said for the quarter before, in January for last year's fourth."""
        return self.quarters[-2] if self.quarter > 1 else self.year_before

    @property
    def level_before(self) -> Said | None:
        """The latest earlier word of the year, else of last year's fourth quarter: what a stock stood at."""
        earlier = (*reversed(self.quarters[:-1]), self.year_before)
        return next((said for said in earlier if said is not None), None)

    @property
    def stage(self) -> str:
        """The latest stage up to now."""
        return self.words.stage or self.stage_before

    def progress(self, quarter: int | None = None) -> Progress:
        """The unit's own progress at a quarter, this one by default; by the year's figures in any state."""
        return self._progress if quarter is None else self._progress_at(quarter)

    @cached_property
    def _progress(self) -> Progress:
        """Reckoned once: the row, its colour and several checks ask for it."""
        return self._progress_at(self.quarter)

    def _progress_at(self, quarter: int) -> Progress:
        said = self.quarters[:quarter]
        pattern = Pattern(tuple(_state(each) for each in said), tuple(each.amount if each else None for each in said))
        series = series_of(self.indicator.time_rule, [pattern], len(said))
        return progress_of(self.commitment, self.submission.organisation, self.target, series)

    def progress_before(self) -> Progress | None:
        """The unit's progress one quarter earlier; None in the first, since every year begins anew."""
        return self.progress(self.quarter - 1) if self.quarter > 1 else None


def _state(said: Said | None) -> str:
    if said is None:
        return NOT_REPORTED
    return NOT_APPLICABLE if said.amount is None else NUMBER


Key = tuple[str, str, str]  # codes of organisation, indicator or commitment, and period


def overlay(
    lines: Iterable[Line], figures: Mapping[Key, Said | None], words: Mapping[Key, Words] | None = None
) -> list[Line]:
    """The lines as they would be with these figures and words; what is not named stays as it is."""
    return [_overlaid(line, figures, words or {}) for line in lines]


def _overlaid(line: Line, figures: Mapping[Key, Said | None], words: Mapping[Key, Words]) -> Line:
    unit, period = line.submission.organisation.code, line.submission.period
    quarters = line.quarters
    if line.commitment.indicator:
        code = line.commitment.indicator.code
        keys = [(unit, code, f"{period.year}Q{quarter}") for quarter in range(1, len(quarters) + 1)]
        quarters = tuple(figures.get(key, said) for key, said in zip(keys, quarters, strict=True))
    return replace(line, quarters=quarters, words=words.get((unit, line.commitment.code, period.code), line.words))


def lines_of(submissions: Iterable[Submission], visible_to: Account | None = None) -> dict[int, list[Line]]:
    """The lines of each submission by its id, in the plan's order; five queries, however many there are.

    The submissions come with organisation, programme and period (`with_parts()`). With an account, the other quarters
    hold what that account may see: a leader reads no drafts beside what is approved.
    """
    source = _Source(list(submissions), visible_to)
    return {submission.pk: source.lines(submission) for submission in source.submissions}


def lines_of_one(submission: Submission, visible_to: Account | None = None) -> list[Line]:
    return lines_of([submission], visible_to)[submission.pk]


Quarter = tuple[int, int]  # year and quarter


@dataclass
class _Source:
    submissions: Sequence[Submission]
    visible_to: Account | None

    def __post_init__(self) -> None:
        self.units = {submission.organisation_id for submission in self.submissions}
        self.programmes = {submission.programme_id for submission in self.submissions}
        self.years = {submission.period.year for submission in self.submissions}
        self.targets = self._targets()
        self.figures = self._figures()
        self.notes = self._notes()
        self.evidence: dict[tuple[int, int], list[Evidence]] = defaultdict(list)
        for each in Evidence.objects.filter(submission__in=self.submissions):
            self.evidence[each.submission_id, each.commitment_id].append(each)
        self.explanations: dict[tuple[int, int], dict[str, Explanation]] = defaultdict(dict)
        for said in Explanation.objects.filter(submission__in=self.submissions):
            self.explanations[said.submission_id, said.commitment_id][said.code] = said

    def _targets(self) -> dict[tuple[int, int, int], list[Target]]:
        rows = (
            Target.objects.reporting()
            .filter(
                organisation__in=self.units,
                commitment__item__programme__in=self.programmes,
                commitment__plan__year__in=self.years,
                commitment__withdrawn=False,
            )
            .select_related("commitment__plan", "commitment__item__section", "commitment__indicator")
            .order_by(
                "commitment__plan__issued_on",
                "commitment__item__section__position",
                "commitment__item__number",
                "commitment__code",
            )
        )
        found: dict[tuple[int, int, int], list[Target]] = defaultdict(list)
        for row in rows:
            commitment = row.commitment
            found[row.organisation_id, commitment.item.programme_id, commitment.plan.year].append(row)
        return found

    def _figures(self) -> dict[tuple[int, int], dict[Quarter, Said]]:
        """By unit and indicator: what was said for each quarter of the years, and for the quarter before them."""
        last_quarters = Q(
            submission__period__year__in={year - 1 for year in self.years}, submission__period__quarter=QUARTERS[-1]
        )
        figures = Figure.objects.all() if self.visible_to is None else Figure.objects.visible_to(self.visible_to)
        rows = figures.filter(
            Q(submission__period__year__in=self.years) | last_quarters,
            submission__organisation__in=self.units,
            submission__programme__in=self.programmes,
        ).values_list(
            "submission__organisation_id", "indicator_id", "submission__period__year", "submission__period__quarter",
            "numerator", "denominator", "note", "pk",
        )  # fmt: skip
        found: dict[tuple[int, int], dict[Quarter, Said]] = defaultdict(dict)
        for unit, indicator, year, quarter, numerator, denominator, note, pk in rows:
            amount = None if numerator is None else Amount(numerator, denominator)
            found[unit, indicator][year, quarter] = Said(amount, note, pk)
        return found

    def _notes(self) -> dict[tuple[int, int], dict[Quarter, Words]]:
        """By unit and commitment: the words of each quarter."""
        notes = ProgressNote.objects
        visible = notes.all() if self.visible_to is None else notes.visible_to(self.visible_to)
        rows = visible.filter(
            submission__organisation__in=self.units,
            submission__programme__in=self.programmes,
            submission__period__year__in=self.years,
        ).values_list(
            "submission__organisation_id", "commitment_id", "submission__period__year", "submission__period__quarter",
            "stage", "progress", "problems", "next_steps",
        )  # fmt: skip
        found: dict[tuple[int, int], dict[Quarter, Words]] = defaultdict(dict)
        for unit, commitment, year, quarter, *words in rows:
            found[unit, commitment][year, quarter] = Words(*words)
        return found

    def lines(self, submission: Submission) -> list[Line]:
        rows = self.targets[submission.organisation_id, submission.programme_id, submission.period.year]
        entered_at: dict[int, Commitment] = {}
        for row in rows:
            if row.commitment.indicator_id:
                entered_at.setdefault(row.commitment.indicator_id, row.commitment)
        return [self._line(submission, row, entered_at) for row in rows]

    def _line(self, submission: Submission, row: Target, entered_at: Mapping[int, Commitment]) -> Line:
        year, quarter = submission.period.year, submission.period.quarter
        commitment, unit = row.commitment, submission.organisation_id
        figures = self.figures.get((unit, commitment.indicator_id or 0), {})
        notes = self.notes.get((unit, commitment.pk), {})
        earlier = [notes[year, each].stage for each in range(1, quarter) if (year, each) in notes]
        key = submission.pk, commitment.pk
        return Line(
            submission=submission,
            commitment=commitment,
            target=row,
            quarters=tuple(figures.get((year, each)) for each in range(1, quarter + 1)),
            year_before=figures.get((year - 1, QUARTERS[-1])),
            words=notes.get((year, quarter), Words()),
            stage_before=next((stage for stage in reversed(earlier) if stage), ""),
            evidence=tuple(self.evidence.get(key, ())),
            explanations=self.explanations.get(key, {}),
            entered_at=entered_at.get(commitment.indicator_id or 0, commitment),
        )
