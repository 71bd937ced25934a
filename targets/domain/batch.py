"""A batch of entries held against everything that decides whether it may be written, and what it changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from organisations.models import Account, Organisation
from targets import checks
from targets.choices import CommitmentKind, Stage
from targets.domain.entries import (
    NOTE_FIELDS,
    WORDS,
    Change,
    Entry,
    FigureEntry,
    NoteEntry,
    SubmissionKey,
    figure_values,
)
from targets.domain.envelopes import writing_faults
from targets.domain.record import Values
from targets.models import (
    Commitment,
    DueDayExtension,
    Figure,
    Indicator,
    Period,
    Programme,
    ProgressNote,
    Submission,
    Target,
)
from targets.problems import Place, Problem


@dataclass
class Batch:
    """The entries with everything that they are held against, read in a constant number of queries."""

    figures: Sequence[FigureEntry]
    notes: Sequence[NoteEntry]
    actor: Account | None
    today: date
    create_submissions: bool
    problems: list[Problem] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    old_figures: dict[tuple[str, ...], Figure] = field(default_factory=dict)
    old_notes: dict[tuple[str, ...], ProgressNote] = field(default_factory=dict)

    def __post_init__(self) -> None:
        entries = self.entries
        codes = {entry.organisation for entry in entries}
        self.organisations = {unit.code: unit for unit in Organisation.objects.filter(code__in=codes)}
        named_periods = {entry.period for entry in entries}
        periods = Period.objects.filter(year__in={year_of(code) for code in named_periods})
        self.periods = {period.code: period for period in periods if period.code in named_periods}
        years = {period.year for period in self.periods.values()}
        wanted = {entry.indicator for entry in self.figures}
        self.indicators = {
            each.code: each for each in Indicator.objects.filter(code__in=wanted).select_related("programme")
        }
        named = {entry.commitment for entry in self.notes}
        self.commitments = {
            (each.plan.year, each.code): each
            for each in Commitment.objects.filter(plan__year__in=years, code__in=named).select_related(
                "plan", "item__programme"
            )
        }
        self.assigned_indicators, self.assigned_commitments = self._assignments(years)
        self.extensions = {
            (row.organisation_id, row.period_id): row.due_on
            for row in DueDayExtension.objects.filter(period__in=self.periods.values())
        }
        self.submissions = self._lock_submissions()
        if self.create_submissions:
            self._create_submissions()

    @property
    def entries(self) -> list[Entry]:
        return [*self.figures, *self.notes]

    def _assignments(self, years: set[int]) -> tuple[set[tuple[int, int, int]], set[tuple[int, int]]]:
        rows = (
            Target.objects.reporting()
            .filter(commitment__plan__year__in=years, organisation__in=self.organisations.values())
            .values_list("commitment__plan__year", "commitment_id", "commitment__indicator_id", "organisation_id")
        )
        by_indicator = {(year, indicator, unit) for year, _commitment, indicator, unit in rows}
        return by_indicator, {(commitment, unit) for _year, commitment, _indicator, unit in rows}

    def _lock_submissions(self) -> dict[SubmissionKey, Submission]:
        """The entries' envelopes, locked, always in the same order.

        No others: who saves a draft has locked that one alone, and must not wait here for a colleague who has locked
        the unit's next one and waits for this.
        """
        programmes = {key[1] for entry in self.entries if (key := self.key(entry)) is not None}
        rows = (
            Submission.objects.filter(
                organisation__in=self.organisations.values(),
                programme__code__in=programmes,
                period__in=self.periods.values(),
            )
            .select_related("organisation", "programme", "period")
            .select_for_update(of=("self",))
            .order_by("pk")
        )
        return {(row.organisation.code, row.programme.code, row.period.code): row for row in rows}

    def _create_submissions(self) -> None:
        """Envelopes that were never opened, because the unit was assigned later. A refusal takes them back."""
        keys = {key for entry in self.entries if (key := self.key(entry)) is not None}
        absent = sorted(keys - set(self.submissions))
        if not absent:
            return
        programmes = {programme.code: programme for programme in Programme.objects.all()}
        Submission.objects.bulk_create(
            [
                Submission(
                    organisation=self.organisations[unit],
                    programme=programmes[programme],
                    period=self.periods[period],
                )
                for unit, programme, period in absent
            ],
            ignore_conflicts=True,
        )
        self.submissions = self._lock_submissions()

    def compare(self, versions: Mapping[str, int] | None) -> tuple[list[Change], int]:
        """The changes and the number of entries that change nothing; faults go into `problems`."""
        keys = self._check_envelopes(versions)
        self._read_existing(keys)
        changes: list[Change] = []
        unchanged = 0
        seen: dict[tuple[str, ...], Place] = {}
        for entry in self.entries:
            key = self.key(entry)
            if key is None or self._is_repeated(entry, seen):
                continue
            if isinstance(entry, FigureEntry):
                old, new = self._compare_figure(entry, self.old_figures.get((*key, entry.indicator)))
            else:
                old, new = self._compare_note(entry, self.old_notes.get((*key, entry.commitment)))
            if old == new:
                unchanged += 1
            else:
                changes.append(Change(entry, old, new))
        return changes, unchanged

    # ---- which envelope an entry belongs to

    def key(self, entry: Entry) -> SubmissionKey | None:
        programme = self._programme(entry)
        if programme is None or entry.organisation not in self.organisations or entry.period not in self.periods:
            return None
        return entry.organisation, programme.code, entry.period

    def _programme(self, entry: Entry) -> Programme | None:
        if isinstance(entry, FigureEntry):
            indicator = self.indicators.get(entry.indicator)
            return indicator.programme if indicator else None
        commitment = self.commitments.get((year_of(entry.period), entry.commitment))
        return commitment.item.programme if commitment else None

    def _check_envelopes(self, versions: Mapping[str, int] | None) -> set[SubmissionKey]:
        """Faults of the names and the envelopes, each told once, at the first entry that meets it."""
        keys: dict[SubmissionKey, Entry] = {}
        told: set[str] = set()
        for entry in self.entries:
            for code, message, found in self._unknown(entry):
                self._add(code, message, entry, found)
            key = self.key(entry)
            if key is not None:
                keys.setdefault(key, entry)
        for key, entry in keys.items():
            self.versions["/".join(key)] = self.submissions[key].version if key in self.submissions else 0
            for code, message in self._envelope_faults(key, versions):
                if message not in told:
                    told.add(message)
                    self._add(code, message, entry)
        return set(keys)

    def _unknown(self, entry: Entry) -> Iterable[tuple[str, str, str]]:
        if entry.organisation not in self.organisations:
            yield "unknown_organisation", _("There is no unit with this code."), entry.organisation
        if entry.period not in self.periods:
            yield "unknown_period", _("There is no such period; write it like 2020Q3."), entry.period
        if isinstance(entry, FigureEntry):
            if entry.indicator not in self.indicators:
                yield "unknown_indicator", _("There is no indicator with this code."), entry.indicator
        elif entry.period in self.periods and self._programme(entry) is None:
            yield "unknown_commitment", _("The plan has no commitment with this code."), entry.commitment

    def _envelope_faults(self, key: SubmissionKey, versions: Mapping[str, int] | None) -> Iterable[tuple[str, str]]:
        unit, period = self.organisations[key[0]], self.periods[key[2]]
        submission = self.submissions.get(key)
        yield from writing_faults(
            self.actor, unit, period, submission, self.extensions.get((unit.pk, period.pk)), self.today
        )
        if versions is not None and versions.get("/".join(key), 0) != self.versions["/".join(key)]:
            yield (
                "changed_meanwhile",
                _(
                    "The submission of %(unit)s for %(period)s has changed since the preview. "
                    "Nothing has been overwritten; look at the present figures and upload again."
                )
                % {"unit": unit.name, "period": str(period)},
            )

    # ---- what is there, and what is new

    def _read_existing(self, keys: Iterable[SubmissionKey]) -> None:
        key_of = {self.submissions[key].pk: key for key in keys if key in self.submissions}
        figures = Figure.objects.filter(submission__in=key_of, indicator__in=self.indicators.values())
        notes = ProgressNote.objects.filter(submission__in=key_of, commitment__in=self.commitments.values())
        indicator_codes = {each.pk: each.code for each in self.indicators.values()}
        commitment_codes = {each.pk: each.code for each in self.commitments.values()}
        self.old_figures = {(*key_of[row.submission_id], indicator_codes[row.indicator_id]): row for row in figures}
        self.old_notes = {(*key_of[row.submission_id], commitment_codes[row.commitment_id]): row for row in notes}

    def _is_repeated(self, entry: Entry, seen: dict[tuple[str, ...], Place]) -> bool:
        subject = entry.indicator if isinstance(entry, FigureEntry) else entry.commitment
        identity = (type(entry).__name__, entry.organisation, subject, entry.period)
        if identity not in seen:
            seen[identity] = entry.place
            return False
        self._add(
            "repeated",
            _("%(subject)s of %(unit)s for %(period)s stands here a second time; the first is at %(place)s.")
            % {
                "subject": subject,
                "unit": self.organisations[entry.organisation].name,
                "period": self.periods[entry.period],
                "place": seen[identity],
            },
            entry,
        )
        return True

    def _compare_figure(self, entry: FigureEntry, row: Figure | None) -> tuple[Values | None, Values | None]:
        indicator, unit = self.indicators[entry.indicator], self.organisations[entry.organisation]
        period = self.periods[entry.period]
        if (period.year, indicator.pk, unit.pk) not in self.assigned_indicators:
            self._add("not_assigned", _not_assigned(unit, f"{indicator.code} {indicator.name}"), entry)
            return None, None
        note = _note_of(entry, row)
        for code, message in checks.check_figure(entry, indicator, note):
            self._add(code, message, entry)
        new = None
        if entry.not_applicable or entry.numerator is not None:
            new = figure_values(entry.numerator, entry.denominator, entry.not_applicable, note)
        old = figure_values(row.numerator, row.denominator, row.not_applicable, row.note) if row else None
        return old, new

    def _compare_note(self, entry: NoteEntry, row: ProgressNote | None) -> tuple[Values | None, Values | None]:
        commitment = self.commitments[year_of(entry.period), entry.commitment]
        unit = self.organisations[entry.organisation]
        if (commitment.pk, unit.pk) not in self.assigned_commitments:
            self._add("not_assigned", _not_assigned(unit, str(commitment)), entry)
            return None, None
        old = {name: getattr(row, name) for name in NOTE_FIELDS} if row else None
        said = {name: getattr(entry, name) for name in NOTE_FIELDS}
        values = {name: (old[name] if old else "") if value is None else _words(value) for name, value in said.items()}
        for name, label in WORDS.items():
            for code, message in checks.check_text(values[name], checks.WORDS_LENGTH, str(label)):
                self._add(code, message, entry)
        if values["stage"] not in ("", *Stage.values):
            self._add("unknown_stage", _("This stage is not known; choose one of the list."), entry, values["stage"])
        new = values if any(values.values()) else None
        if new and commitment.kind == CommitmentKind.MILESTONE and not new["stage"]:
            self._add("stage_missing", _("“%(name)s” is a milestone; choose a stage.") % {"name": commitment}, entry)
        return old, new

    def _add(self, code: str, message: str, entry: Entry, found: str | None = None) -> None:
        if found is None:
            found = entry.found if isinstance(entry, FigureEntry) else ""
        self.problems.append(Problem(code, message, entry.place, found))


def _note_of(entry: FigureEntry, row: Figure | None) -> str:
    """The note that the figure will have: why something was 不适用 does not outlive that."""
    if entry.note is not None:
        return entry.note.strip()
    return row.note if row and row.not_applicable == entry.not_applicable else ""


def _words(text: str) -> str:
    """As they are kept: line ends are those of the script, though a plain form sends others."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _not_assigned(unit: Organisation, subject: str) -> str:
    return _("%(unit)s is not assigned “%(subject)s”; delete the entry, or ask the city's department to assign it.") % {
        "unit": unit.name,
        "subject": subject,
    }


def year_of(period: str) -> int:
    """The year of a period code; 0 for a text that is none."""
    year = period[:4]
    return int(year) if year.isascii() and year.isdigit() else 0
