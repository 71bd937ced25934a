"""How long a roll-up takes, beside hand-written SQL aggregates over the same rows in the same run.

    .venv/bin/python -m benchmarks.rollup [UNITS ...]        (default: 14 156 2900)

Runs in a test database of its own, on the server of DATABASE_URL, else on SQLite; 19 indicators, 4 quarters, one
figure in twenty not reported. In milliseconds, medians:

  sums         one hand-written aggregate: per indicator and quarter the approved numerators, denominators and counts
  by district  the same for the city and each of its districts, as the page shows them, with exact sums
  patterns     the roll-up's own query for figures: assigned units only, 不适用, and what stocks carry forward
  roll-up      everything: the plan, targets, figures, notes, and every verdict for the city and each district
"""

import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ningbo_plan.settings")
os.environ.setdefault("DEBUG", "1")
django.setup()

from django.db import connection, transaction  # noqa: E402

from organisations.domain import load_organisations  # noqa: E402
from organisations.models import Account, Organisation  # noqa: E402
from targets.choices import Scope, SubmissionState  # noqa: E402
from targets.clock import now  # noqa: E402
from targets.domain.plans import load_plan  # noqa: E402
from targets.models import Commitment, Figure, Period, Plan, Submission, Target  # noqa: E402
from targets.rollup import FigureSource, roll_up  # noqa: E402

FIXTURES = Path(__file__).parent.parent / "fixtures"
SIZES = (14, 156, 2900)

SUMS = """
    SELECT f.indicator_id, p.quarter, {numerators}, {denominators}, COUNT(*) {district}
    FROM targets_figure f
    JOIN targets_submission s ON s.id = f.submission_id
    JOIN targets_period p ON p.id = s.period_id
    JOIN organisations_organisation o ON o.id = s.organisation_id
    WHERE p.year = %s AND s.state = 'approved' AND NOT f.not_applicable AND o.path LIKE %s
    GROUP BY f.indicator_id, p.quarter {district}
"""
DISTRICT = {
    "postgresql": ", split_part(substr(o.path, {start}), '/', 1)",
    "sqlite": ", substr(o.path, {start}, instr(substr(o.path, {start}), '/') - 1)",
}


@contextmanager
def test_database() -> Iterator[None]:
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def build(units: int) -> Plan:
    """The 2020 plan reported by so many units; beyond the 14 districts by townships below them."""
    load_organisations((FIXTURES / "organisations-2020.csv").read_text("utf-8"))
    load_plan((FIXTURES / "plan-2020.yaml").read_text("utf-8"), at=now())
    plan = Plan.objects.select_related("issuer").get()
    reporting = list(Organisation.objects.reporting())
    if units > len(reporting):
        reporting = add_townships(reporting, units)
    commitments = list(Commitment.objects.quantified().select_related("indicator", "item"))
    Target.objects.filter(reports=True, commitment__in=commitments).delete()
    Target.objects.bulk_create(
        [Target(commitment=each, organisation=unit, reports=True) for each in commitments for unit in reporting],
        batch_size=2000,
    )
    fill(plan, reporting, commitments)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return plan


def add_townships(districts: list[Organisation], units: int) -> list[Organisation]:
    Organisation.objects.filter(kind="township").delete()
    return Organisation.objects.bulk_create(
        [
            Organisation(
                code=f"{district.code}{number:04}", parent=district, path=f"{district.path}{district.code}{number:04}/",
                kind="township", name=f"街道{number}", short_name=f"街道{number}", position=1000 + number,
            )
            for number in range(units)
            for district in [districts[number % len(districts)]]
        ]
    )  # fmt: skip


def fill(plan: Plan, units: list[Organisation], commitments: list[Commitment]) -> None:
    """Every figure of four quarters, but one in twenty."""
    Submission.objects.all().delete()
    numbers = random.Random(2020)
    account = Account.objects.create(username="benchmark", name="benchmark", organisation=plan.issuer, reporter=True)
    programmes = {each.item.programme_id for each in commitments}
    submissions = Submission.objects.bulk_create(
        [
            Submission(
                organisation=unit, programme_id=programme, period=period, state=SubmissionState.APPROVED,
                submitted_by=account, first_submitted_at=now(),
            )
            for period in Period.objects.filter(year=plan.year)
            for unit in units
            for programme in programmes
        ],
        batch_size=2000,
    )  # fmt: skip
    Figure.objects.bulk_create(
        [
            Figure(
                submission=submission, indicator=each.indicator, numerator=Decimal(numbers.randint(0, 500)),
                denominator=Decimal(1000) if each.indicator.is_ratio else None,
            )
            for submission in submissions
            for each in commitments
            if each.item.programme_id == submission.programme_id and numbers.random() < 0.95
        ],
        batch_size=2000,
    )  # fmt: skip


def milliseconds(work: Callable[[], object], seconds: float = 3) -> float:
    """The median of as many runs as fit into the time, five at least, after one to warm up."""
    work()
    times: list[float] = []
    while len(times) < 5 or sum(times) < seconds:
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def hand_written(plan: Plan, *, by_district: bool) -> Callable[[], object]:
    parts = {"numerators": "SUM(f.numerator)", "denominators": "SUM(f.denominator)", "district": ""}
    if by_district:
        district = DISTRICT[connection.vendor].format(start=len(plan.issuer.path) + 1)
        parts = {
            "numerators": exact_sum("f.numerator"),
            "denominators": exact_sum("f.denominator"),
            "district": district,
        }
    sql = SUMS.format(**parts)

    def run() -> object:
        with connection.cursor() as cursor:
            cursor.execute(sql, [plan.year, plan.issuer.path + "%"])
            return cursor.fetchall()

    return run


def exact_sum(column: str) -> str:
    return f"SUM({column})" if connection.vendor == "postgresql" else f"SUM(CAST(ROUND({column} * 1e4) AS INTEGER))"


def measure(units: int) -> None:
    with transaction.atomic():
        plan = build(units)
        figures = Figure.objects.count()
        commitments = list(Commitment.objects.for_plan(plan))
        source = FigureSource(plan, plan.issuer, 4, Scope.APPROVED, commitments)
        sums = milliseconds(hand_written(plan, by_district=False))
        districts = milliseconds(hand_written(plan, by_district=True))
        patterns = milliseconds(source.patterns)
        whole = milliseconds(lambda: roll_up(plan, plan.issuer, 4, today=date(2020, 12, 31), scope=Scope.APPROVED))
        transaction.set_rollback(True)
    cells = [f"{connection.display_name:<11} {units:>5} {figures:>8}"]
    cells += [f"{value:>9.1f}" for value in (sums, districts, patterns, whole)]
    cells += [f"{value:>7.1f}" for value in (patterns / sums, patterns / districts, whole / sums, whole / districts)]
    print(" ".join(cells), flush=True)


def main() -> None:
    sizes = [int(argument) for argument in sys.argv[1:]] or SIZES
    print(f"{'':26} {'----- by hand ------':>19} {'----- ours ------':>19}  patterns ÷ by hand  roll-up ÷ by hand")
    names = ("sums", "districts", "patterns", "roll-up")
    ratios = ("sums", "distr.") * 2
    head = [f"{'database':<11} {'units':>5} {'figures':>8}"]
    print(" ".join(head + [f"{name:>9}" for name in names] + [f"{name:>7}" for name in ratios]))
    with test_database():
        for size in sizes:
            measure(size)


if __name__ == "__main__":
    main()
