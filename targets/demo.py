"""Invented accounts and figures, to try the product with. The same every time; everything goes through the domain.

Nothing here says anything about the real year 2020: shares, denominators and words are made up.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from organisations.choices import OrganisationKind, Role
from organisations.models import Account, Organisation
from targets import progress
from targets.choices import CommitmentKind, Origin, PeriodState, Stage
from targets.domain import review
from targets.domain.decomposition import TargetEntry, set_targets
from targets.domain.entries import FigureEntry, NoteEntry
from targets.domain.explanations import ExplanationEntry
from targets.domain.figures import record_figures
from targets.domain.periods import set_period_state
from targets.lines import lines_of_one
from targets.models import Commitment, Indicator, Period, Plan, Programme, Submission, Target
from targets.sheets.goals import goal_parts
from targets.soft_checks import cautions_of

CITY_ROLES = {
    "leader": (Role.LEADER, "市局领导"),
    "manager": (Role.PLAN_MANAGER, "计划管理员"),
    "sysadmin": (Role.SYSTEM_ADMINISTRATOR, "系统管理员"),
    "auditor": (Role.AUDITOR, "审计员"),
}


def create_accounts(plan: Plan, password: str) -> int:
    """A reporter for every unit that reports, an endorser too unless it is one of the city's departments, a reviewer
    per programme, and the city's roles.

    All share the password and are marked as demo accounts; existing ones stay. Returns how many are new.
    """
    hashed = make_password(password)  # once: hashing is slow by design
    present = set(Account.objects.values_list("username", flat=True))
    wanted: list[tuple[str, str, Organisation, Role]] = []
    for unit in Organisation.objects.filter(targets__reports=True, targets__commitment__plan=plan).distinct():
        wanted.append((f"reporter-{unit.code}", f"{unit.short_name}填报员", unit, Role.REPORTER))
        if unit.kind != OrganisationKind.DEPARTMENT:
            wanted.append((f"endorser-{unit.code}", f"{unit.short_name}审核员", unit, Role.ENDORSER))
    for programme in Programme.objects.select_related("lead"):
        name = f"{programme.name}核定员"
        wanted.append((f"reviewer-{programme.code}", name, programme.lead, Role.REVIEWER))
    wanted += [(username, name, plan.issuer, role) for username, (role, name) in CITY_ROLES.items()]
    new = [each for each in wanted if each[0] not in present]
    for username, name, unit, role in new:
        account = Account(
            username=username, name=name, organisation=unit, password=hashed, demo=True, **{role.value: True}
        )
        account.full_clean()
        account.save()
    return len(new)


# Share of the year's target at the end of Q1, Q2, Q3: building comes late in the year, and not all of it in time.
FLOWS = {
    "DJ-01": ("0.5", "0.5", "1"),
    "DJ-02": ("1", "3", "4"),
    "YL-01": ("0.08", "0.40", "0.95"),
    "YL-02": ("0.05", "0.24", "0.62"),
    "YL-03": ("0.06", "0.38", "0.80"),
    "YL-06": ("0.20", "0.66", "1.22"),
    "YL-09": ("0.15", "0.46", "0.85"),
    "YL-15": ("0.18", "0.55", "0.97"),
}
# Numerator ÷ denominator at the end of Q1, Q2, Q3.
STOCKS = {
    "ET-01": ("0.17", "0.235", "0.29"),
    "YL-04": ("0.88", "0.93", "0.97"),
    "YL-05": ("0.70", "0.80", "0.88"),
    "YL-07": ("0.55", "0.78", "0.91"),
    "YL-08": ("0.25", "0.42", "0.66"),
    "YL-10": ("0.0432", "0.0447", "0.0465"),
    "YL-11": ("0.30", "0.40", "0.53"),
    "YL-12": ("0.72", "0.80", "0.90"),
    "YL-13": ("0.68", "0.82", "0.93"),
    "YL-14": ("0.38", "0.45", "0.56"),
    "YL-16": ("0.15", "0.24", "0.30"),
}
ALWAYS_DONE_BY = {"3302-JGDW"}  # a department's own few meetings have no spread over units
LATE_IN_Q2 = "330281"
ABSENT_IN_Q3 = "3302-DX"
NOT_CHECKED_IN_Q3 = "3302-DQH"
NOT_APPROVED_IN_Q3 = "330225"
RETURNED_IN_Q3 = {("330226", "eldercare"), ("330282", "children")}
CORRECTED_IN_Q1 = ("330203", "YL-09")
NOT_APPLICABLE = {("3302-DX", "YL-11"), ("3302-DX", "YL-16"), ("3302-GX", "YL-11"), ("3302-GX", "YL-16")}
DONE_AT = {  # the quarter in which a milestone is done; all others are under way at Q3
    "0203": 2, "0205": 3, "0302": 3, "0501": 2, "0506": 3, "0601": 1, "0603": 2, "0701": 2, "0705": 3, "1005": 3,
}  # fmt: skip
BLOCKED_AT_Q3 = {"0502", "0607"}
WORDS = {
    Stage.NOT_STARTED: ("正在制定方案。", ""),
    Stage.IN_PROGRESS: ("已按方案推进,完成动员部署和任务分解。", ""),
    Stage.DONE: ("已完成,相关材料已归档。", ""),
    Stage.BLOCKED: ("前期沟通已开展。", "上级试点名单尚未下达。"),
}
BEHIND_WORDS = ("项目已开工,主体施工中。", "部分点位用地手续未办结。", "倒排工期,四季度集中建成。")
EXPLANATIONS = {
    "leapt": "上季度刚启动,基数小,本季度集中完成。",
    "exceeds_target": "年中追加任务,已提前超额完成。",
    "stock_fell": "按新口径核减,已与业务处室核对。",
    "denominator_changed": "行政村调整,总数变化。",
}


@transaction.atomic
def load_figures(plan: Plan) -> int:
    """A decomposition and three quarters of invented figures with their way through review; returns their number.

    Afterwards Q1 and Q2 are closed and the plan is marked as invented.
    """
    demo = _Demo(plan)
    demo.decompose()
    count = sum(demo.report(period) for period in demo.periods)
    for period in demo.periods[:2]:
        set_period_state(period, PeriodState.CLOSED, actor=demo.account("manager"))
    plan.invented = True
    plan.save()
    return count


@dataclass
class _Demo:
    plan: Plan

    def __post_init__(self) -> None:
        self.random = random.Random(self.plan.year)  # noqa: S311  invented figures, no secret
        self.periods = list(Period.objects.filter(year=self.plan.year, quarter__lte=3))
        self.accounts = {each.username: each for each in Account.objects.select_related("organisation")}
        self.commitments = list(
            Commitment.objects.filter(plan=self.plan).select_related("indicator", "item__programme")
        )
        rows = Target.objects.reporting().filter(commitment__plan=self.plan).select_related("organisation")
        self.units: dict[str, list[Organisation]] = {}
        for row in rows.order_by("organisation__position"):
            self.units.setdefault(row.commitment_id, []).append(row.organisation)
        everyone = {unit.code: unit for units in self.units.values() for unit in units}
        self.reporting = sorted(everyone.values(), key=lambda unit: unit.position)
        self.townships = {
            unit.code: Organisation.objects.below(unit).filter(kind=OrganisationKind.TOWNSHIP).count()
            for unit in self.reporting
        }
        self.pace = {unit.code: Fraction(self.random.randint(80, 118), 100) for unit in self.reporting}

    def account(self, username: str) -> Account:
        return self.accounts[username]

    # ---- targets

    def decompose(self) -> None:
        """A flow's target is divided by size so that it adds up exactly; a ratio's holds for every unit."""
        promises = {
            row.commitment_id: row
            for row in Target.objects.filter(commitment__plan=self.plan, organisation=self.plan.issuer)
        }
        entries = []
        for commitment in self.commitments:
            promise = promises.get(commitment.pk)
            if promise is None or promise.numerator is None or commitment.indicator is None:
                continue
            units, indicator = self.units[commitment.pk], commitment.indicator
            if progress.is_divided(indicator.time_rule, is_ratio=indicator.is_ratio):
                parts = progress.split(
                    Fraction(promise.numerator), [Fraction(self.size(unit)) for unit in units], indicator.decimals or 0
                )
                # A unit whose share is nothing reports without a number to reach.
                numbers = [goal_parts(part)[0] if part else None for part in parts]
            else:
                numbers = [promise.numerator] * len(units)
            for unit, number in zip(units, numbers, strict=True):
                entries.append(TargetEntry(commitment.code, unit.code, number, promise.denominator))
        self.targets = {(entry.commitment, entry.organisation): entry for entry in entries}
        set_targets(
            self.plan,
            entries,
            actor=self.account("manager"),
            at=_moment(self.periods[0].opens_on - timedelta(days=1), 10),
            origin=Origin.DEMO,
            reason="演示用目标分解",
        )

    def size(self, unit: Organisation) -> int:
        return (unit.communities or 0) + (unit.villages or 0) or 12 * max(self.townships[unit.code], 1)

    # ---- one quarter

    def report(self, period: Period) -> int:
        count = 0
        for unit in self.reporting:
            if (unit.code, period.quarter) == (ABSENT_IN_Q3, 3):
                continue
            started = period.due_on - timedelta(days=self.random.randint(3, 7))
            if (unit.code, period.quarter) == (LATE_IN_Q2, 2):
                started = period.due_on + timedelta(days=6)
            if (unit.code, period.quarter) == (NOT_CHECKED_IN_Q3, 3):
                started = period.due_on + timedelta(days=2)
            at = _moment(started, self.random.randint(8, 16), self.random.randint(0, 59))
            figures = list(self.figures(unit, period))
            count += len(figures)
            self.record(unit, figures, list(self.notes(unit, period)), at)
            for submission in Submission.objects.filter(organisation=unit, period=period).select_related("programme"):
                self.send_round(submission, at)
        return count

    def record(
        self,
        unit: Organisation,
        figures: Sequence[FigureEntry],
        notes: Sequence[NoteEntry],
        at: datetime,
        why: str = "",
    ) -> None:
        reporter = self.account(f"reporter-{unit.code}")
        record_figures(figures, notes, actor=reporter, at=at, origin=Origin.DEMO, reason=why)

    def figures(self, unit: Organisation, period: Period) -> Iterator[FigureEntry]:
        for commitment in self.commitments:
            indicator = commitment.indicator
            if indicator is None or unit not in self.units[commitment.pk]:
                continue
            entry = FigureEntry(unit.code, indicator.code, period.code)
            if (unit.code, indicator.code) in NOT_APPLICABLE:
                yield FigureEntry(unit.code, indicator.code, period.code, not_applicable=True, note="辖区内无养老机构")
            elif indicator.is_ratio:
                denominator = self.denominator(unit, indicator)
                share = Fraction(STOCKS[indicator.code][period.quarter - 1]) * self.spread(unit)
                numerator = min(round(denominator * share), denominator)
                yield FigureEntry(
                    entry.organisation, entry.indicator, entry.period, Decimal(numerator), Decimal(denominator)
                )
            else:
                number = self.until(unit, commitment, period.quarter) - self.until(unit, commitment, period.quarter - 1)
                number += 2 if (unit.code, indicator.code, period.quarter) == (*CORRECTED_IN_Q1, 1) else 0
                yield FigureEntry(entry.organisation, entry.indicator, entry.period, Decimal(number))

    def until(self, unit: Organisation, commitment: Commitment, quarter: int) -> int:
        """What a flow has reached at the end of a quarter."""
        if quarter == 0 or commitment.indicator is None:
            return 0
        target = self.targets[commitment.code, unit.code].numerator or Decimal(0)
        share = Fraction(FLOWS[commitment.indicator.code][quarter - 1])
        return round(Fraction(target) * share * self.spread(unit))

    def spread(self, unit: Organisation) -> Fraction:
        return Fraction(1) if unit.code in ALWAYS_DONE_BY else self.pace[unit.code]

    def denominator(self, unit: Organisation, indicator: Indicator) -> int:
        size, townships = self.size(unit), max(self.townships[unit.code], 1)
        return {
            "ET-01": size,
            "YL-04": size,
            "YL-05": townships,
            "YL-07": townships,
            "YL-08": max(townships // 2, 2),
            "YL-10": size * 480,
            "YL-12": max(townships // 2, 2),
            "YL-13": max(townships // 3, 2),
            "YL-14": max(size // 5, 3),
        }.get(indicator.code, max(size // 16, 3))

    def notes(self, unit: Organisation, period: Period) -> Iterator[NoteEntry]:
        for commitment in self.commitments:
            if commitment.is_quantified or unit not in self.units[commitment.pk]:
                continue
            stage = self.stage(commitment, unit, period.quarter)
            words, problems = WORDS[stage]
            next_steps = "下季度继续对接。" if problems else ""
            yield NoteEntry(unit.code, commitment.code, period.code, stage, words, problems, next_steps)

    def stage(self, commitment: Commitment, unit: Organisation, quarter: int) -> Stage:
        if commitment.kind == CommitmentKind.STANDING:
            return Stage.IN_PROGRESS
        if quarter == 3 and commitment.code in BLOCKED_AT_Q3:
            return Stage.BLOCKED
        done_at = DONE_AT.get(commitment.code, 4)
        late = unit.kind != OrganisationKind.DEPARTMENT and self.pace[unit.code] < Fraction(9, 10)
        if quarter >= done_at + late:
            return Stage.DONE
        return Stage.NOT_STARTED if quarter == 1 and done_at > 2 else Stage.IN_PROGRESS

    # ---- through review

    def send_round(self, submission: Submission, at: datetime) -> None:
        """Submits, endorses and approves, as far as the unit has come by the day of the demo."""
        unit, quarter = submission.organisation, submission.period.quarter
        reviewer = self.account(f"reviewer-{submission.programme.code}")
        if not submission.figures.exists() and not submission.notes.exists():
            return
        self.submit(submission, at + timedelta(hours=1))
        if (unit.code, quarter) == (NOT_CHECKED_IN_Q3, 3):
            return
        if unit.kind != OrganisationKind.DEPARTMENT:
            endorser = self.account(f"endorser-{unit.code}")
            review.endorse(submission, actor=endorser, at=at + timedelta(hours=20), origin=Origin.DEMO)
        if (unit.code, quarter) == (NOT_APPROVED_IN_Q3, 3):
            return
        if quarter == 3 and (unit.code, submission.programme.code) in RETURNED_IN_Q3:
            self.send_back(submission, at, "新增数与上季口径不一致,请核对后重新提交。")
            return
        if (unit.code, quarter) == (CORRECTED_IN_Q1[0], 1) and submission.programme.code == "eldercare":
            self.correct(submission, at)
        review.approve(submission, actor=reviewer, at=at + timedelta(hours=47), origin=Origin.DEMO)

    def submit(self, submission: Submission, at: datetime) -> None:
        """Who is behind says what the problem is; whatever else the soft checks ask is explained."""
        unit, period = submission.organisation, submission.period
        lines = lines_of_one(submission)
        behind = [each.commitment for each in cautions_of(lines, at.date()) if each.code == "behind"]
        notes = [NoteEntry(unit.code, each.code, period.code, "", *BEHIND_WORDS) for each in behind]
        if notes:
            self.record(unit, [], notes, at - timedelta(minutes=20))
            submission.refresh_from_db()
            lines = lines_of_one(submission)
        explanations = [
            ExplanationEntry(each.commitment.code, each.code, EXPLANATIONS[each.code])
            for each in cautions_of(lines, at.date())
        ]
        reporter = self.account(f"reporter-{unit.code}")
        review.submit(submission, actor=reporter, at=at, origin=Origin.DEMO, explanations=explanations)

    def send_back(self, submission: Submission, at: datetime, reason: str) -> None:
        reviewer = self.account(f"reviewer-{submission.programme.code}")
        review.return_submission(
            submission, actor=reviewer, at=at + timedelta(hours=24), origin=Origin.DEMO, reason=reason
        )

    def correct(self, submission: Submission, at: datetime) -> None:
        """Returned, corrected and submitted again: round 2."""
        unit, (code, indicator) = submission.organisation, CORRECTED_IN_Q1
        self.send_back(submission, at, "新建养老床位含护理院床位,请扣除。")
        figure = submission.figures.get(indicator__code=indicator)
        entry = FigureEntry(code, indicator, submission.period.code, (figure.numerator or Decimal(2)) - 2)
        self.record(unit, [entry], [], at + timedelta(hours=26), "扣除护理院床位")
        submission.refresh_from_db()
        endorser = self.account(f"endorser-{unit.code}")
        self.submit(submission, at + timedelta(hours=27))
        review.endorse(submission, actor=endorser, at=at + timedelta(hours=28), origin=Origin.DEMO)


def _moment(day: object, hour: int, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))  # type: ignore[arg-type]
