"""Every unit reports for every programme at the same time: what people do, in threads, and what must be left after it.

`python -m tests.targets.storm` lets it loose on the database of DATABASE_URL, whose tables it makes first, and prints
what has gone wrong: an in-memory database has a single connection, so SQLite is tried in a file, in a process of its
own.
"""

import json
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from threading import Barrier

if __name__ == "__main__":
    import django

    django.setup()

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings

from organisations.choices import OrganisationKind, Role
from organisations.domain import load_organisations
from organisations.models import Account, Organisation
from targets.choices import CommitmentKind, Origin, Stage, SubmissionState
from targets.domain.decomposition import TargetEntry, set_targets
from targets.domain.entries import FigureEntry, NoteEntry, figure_values
from targets.domain.figures import record_figures
from targets.domain.plans import load_plan
from targets.lines import Line, lines_of
from targets.models import (
    Commitment,
    DataVersion,
    Explanation,
    Figure,
    Plan,
    Programme,
    ProgressNote,
    Revision,
    Submission,
    Transition,
)
from targets.problems import Refused
from tests.world import NOW

THREADS = 56  # one for each submission; PostgreSQL admits 100 connections
PASSWORD = "a-good-password"
QUICK_HASHER = "django.contrib.auth.hashers.MD5PasswordHasher"
FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
REPORTING = (OrganisationKind.DISTRICT, OrganisationKind.ZONE)
SALT = 3  # of what is handed in
STEPS = ("submit", "endorse", "approve")


@dataclass(frozen=True)
class Report:
    """What one unit says for one programme and quarter, and who takes it through review."""

    submission: Submission
    lines: Sequence[Line]
    reporter: Account
    endorsers: Sequence[Account]
    reviewer: Account

    @property
    def first(self) -> Line:
        """The row that is saved first: one with a number, where there is any."""
        return next((line for line in self.lines if has_figure(line)), self.lines[0])

    def entries(self, salt: int, lines: Sequence[Line] = ()) -> tuple[list[FigureEntry], list[NoteEntry]]:
        """What is said in the lines, all unless given: it differs with the salt, and leaps from quarter to quarter."""
        unit, period = self.submission.organisation, self.submission.period
        figures, notes = [], []
        for line in lines or self.lines:
            commitment = line.commitment
            if has_figure(line):
                below = Decimal(90_000 + unit.pk) if line.indicator.is_ratio else None
                value = Decimal((20 * self.lines.index(line) + unit.pk % 7 + salt) * 12 ** (period.quarter - 1))
                figures.append(FigureEntry(unit.code, line.indicator.code, period.code, value, below))
            stage = Stage.IN_PROGRESS if commitment.kind == CommitmentKind.MILESTONE else ""
            notes.append(NoteEntry(unit.code, commitment.code, period.code, stage, f"第{salt}稿"))
        return figures, notes

    @property
    def key(self) -> str:
        parts = (self.submission.organisation, self.submission.programme, self.submission.period)
        return "/".join(part.code for part in parts)

    def now(self) -> Submission:
        return Submission.objects.with_parts().get(pk=self.submission.pk)


def has_figure(line: Line) -> bool:
    return line.commitment.is_quantified and line.is_entered_here


class Way:
    """How the storm is done; each method raises Refused where another was faster.

    Of every `contested` submissions one is saved, endorsed and approved by two at once.
    """

    contested = 1

    def touch(self, report: Report, salt: int) -> None:
        """Saves the first row alone, on top of version 0."""
        raise NotImplementedError

    def hand_in(self, report: Report, salt: int) -> None:
        """Saves every row on top of version 1, explains what is asked, and submits."""
        raise NotImplementedError

    def step(self, report: Report, name: str, actor: Account) -> None:
        raise NotImplementedError


# ---- before it


def prepare() -> None:
    """The 2020 plan with its 14 units, each of which reports for all four programmes and has done so for Q1."""
    load_organisations((FIXTURES / "organisations-2020.csv").read_text("utf-8"))
    load_plan((FIXTURES / "plan-2020.yaml").read_text("utf-8"), at=NOW)
    party = list(Commitment.objects.filter(item__programme__code="party", indicator=None)[:3])
    units = Organisation.objects.filter(kind__in=REPORTING)
    entries = [TargetEntry(each.code, unit.code, reports=True) for each in party for unit in units]
    set_targets(Plan.objects.get(), entries, actor=None, at=NOW, origin=Origin.COMMAND, reason="storm")
    password = make_password(PASSWORD, hasher="md5")
    people = [(f"{role}-{unit.code}-{n}", unit, role) for unit in units for role, n in ROLES]
    people += [(f"reviewer-{each.code}", each.lead, Role.REVIEWER) for each in Programme.objects.select_related("lead")]
    Account.objects.bulk_create(
        Account(username=name, name=name, organisation=unit, password=password, **{role: True})
        for name, unit, role in people
    )
    said = [each.entries(SALT) for each in reports_of(1)]
    figures, notes = ([entry for of_one in part for entry in of_one] for part in zip(*said, strict=True))
    record_figures(figures, notes, actor=None, at=NOW, origin=Origin.COMMAND)


ROLES = ((Role.REPORTER, 1), (Role.ENDORSER, 1), (Role.ENDORSER, 2))


def reports_of(quarter: int) -> list[Report]:
    submissions = list(
        Submission.objects.with_parts().filter(organisation__kind__in=REPORTING, period__quarter=quarter).order_by("pk")
    )
    people = {each.username: each for each in Account.objects.select_related("organisation")}
    lines = lines_of(submissions)
    return [
        Report(
            each,
            lines[each.pk],
            people[f"reporter-{each.organisation.code}-1"],
            [people[f"endorser-{each.organisation.code}-{n}"] for n in (1, 2)],
            people[f"reviewer-{each.programme.code}"],
        )
        for each in submissions
    ]


# ---- the storm


def at_once(works: Sequence[Callable[[], object]]) -> list[BaseException | None]:
    """Runs the works, as many at a time as there are threads; what each raised."""
    start = Barrier(min(THREADS, len(works)))

    def run(number: int) -> BaseException | None:
        try:
            if number < start.parties:
                start.wait(timeout=60)
            works[number]()
        except Exception as error:
            return error
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(start.parties) as pool:
        return list(pool.map(run, range(len(works))))


def storm(way: Way, quarter: int) -> list[str]:
    """What has gone wrong when all units have reported the quarter at once, in four waves."""
    reports = reports_of(quarter)
    before = DataVersion.objects.get().number
    hands = [
        (each, hand) for number, each in enumerate(reports) for hand in (0, 1)[: 1 + (number % way.contested == 0)]
    ]
    waves: dict[str, list[Callable[[], None]]] = {
        "touch": [partial(way.touch, each, hand) for each, hand in hands],
        "submit": [partial(way.hand_in, each, SALT) for each in reports],
        "endorse": [partial(way.step, each, "endorse", each.endorsers[hand]) for each, hand in hands],
        "approve": [partial(way.step, each, "approve", each.reviewer) for each, _hand in hands],
    }
    found: list[str] = []
    for name, works in waves.items():
        results = at_once(works)
        found += [f"{name}: {error!r}" for error in results if error is not None and not isinstance(error, Refused)]
        refused = sum(isinstance(each, Refused) for each in results)
        found += compared(f"{name}: refused", refused, len(works) - len(reports))
    found += compared("submissions", len(reports), 14 * 4)
    found += compared("data version", DataVersion.objects.get().number, before + len(reports) * (2 + len(STEPS)))
    for report in reports:
        found += left_behind(report)
    bystanders = Submission.objects.filter(period__quarter=quarter).exclude(pk__in=[r.submission.pk for r in reports])
    found += compared("others", Counter(bystanders.values_list("state", "version")), {("draft", 0): bystanders.count()})
    return found


def left_behind(report: Report) -> Iterator[str]:
    """Where a submission is not what its own waves make of it."""
    submission = report.now()
    name, revisions = report.key, Revision.objects.filter(submission=submission).order_by("pk")
    explained = Explanation.objects.filter(submission=submission)
    figures, notes = report.entries(SALT)
    version = 2 + min(len(figures), 1) + len(STEPS)  # every figure leaps, and all are explained at once
    state = submission.state, submission.round, submission.version, submission.submitted_by_id
    yield from compared(name, state, (SubmissionState.APPROVED, 1, version, report.reporter.pk))
    steps = Transition.objects.filter(submission=submission).order_by("pk").values_list("action", flat=True)
    yield from compared(f"{name} steps", list(steps), list(STEPS))
    why = [revisions.filter(kind="explanation").count(), explained.filter(code="leapt").count(), explained.count()]
    yield from compared(f"{name} explanations", why, [len(figures)] * 3)
    said = Counter(
        Figure.objects.filter(submission=submission).values_list("indicator__code", "numerator", "denominator")
    )
    yield from compared(
        f"{name} figures", said, Counter((each.indicator, each.numerator, each.denominator) for each in figures)
    )
    words = Counter(ProgressNote.objects.filter(submission=submission).values_list("commitment__code", "progress"))
    yield from compared(f"{name} words", words, Counter((each.commitment, each.progress) for each in notes))
    yield from told(report, list(revisions.filter(kind__in=("figure", "note")).select_related("indicator")))


def told(report: Report, revisions: Sequence[Revision]) -> Iterator[str]:
    """Where the record does not lead from nothing over one first save to what was handed in."""
    figures, notes = report.entries(SALT)
    subjects = Counter((each.kind, each.indicator_id or each.commitment_id) for each in revisions)
    first = {(each.kind, each.indicator_id or each.commitment_id) for each in revisions if each.old is None}
    yield from compared(f"{report.key} begun", len(first), len(figures) + len(notes))
    touched = min(len(figures), 1) + 1
    yield from compared(f"{report.key} changes", sum(subjects.values()), len(figures) + len(notes) + touched)
    last = {each.indicator.code: each.new for each in revisions if each.indicator}
    values = {each.indicator: figure_values(each.numerator, each.denominator, False, "") for each in figures}
    yield from compared(f"{report.key} record", last, values)


def compared(name: str, found: object, expected: object) -> list[str]:
    return [] if found == expected else [f"{name}: {found}, not {expected}"]


def rage() -> list[str]:
    """The storm through the domain in the second quarter, and through the pages in the third."""
    from tests.targets.storm_ways import Functions, Pages

    logging.disable(logging.ERROR)  # a refusal is no news here
    with override_settings(DEBUG=False, TODAY=NOW.date(), PASSWORD_HASHERS=[QUICK_HASHER]):
        prepare()
        return [*storm(Functions(), 2), *storm(Pages(), 3)]


def journal_mode() -> str:
    with connection.cursor() as cursor:
        return str(cursor.execute("PRAGMA journal_mode").fetchone()[0])


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    json.dump([journal_mode(), rage()], sys.stdout, ensure_ascii=False)
