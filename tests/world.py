"""A small city to test in, and short ways to do in it what people do."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from organisations.choices import OrganisationKind, Role
from organisations.models import Account, Organisation
from targets.choices import CommitmentKind, Origin, Pace, ReportedBy
from targets.domain import review
from targets.domain.decomposition import TargetEntry, set_targets
from targets.domain.entries import FigureEntry, NoteEntry, Outcome
from targets.domain.explanations import ExplanationEntry
from targets.domain.figures import record_figures
from targets.domain.periods import create_periods, create_submissions
from targets.lines import lines_of_one
from targets.models import (
    Commitment,
    DataVersion,
    Indicator,
    Period,
    Plan,
    Programme,
    Section,
    Submission,
    Target,
    WorkItem,
)
from targets.soft_checks import cautions_of

TODAY = date(2020, 10, 12)
NOW = datetime(2020, 10, 8, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))

CITY, LEAD, OTHER_LEAD = "3302", "3302-YLFW", "3302-ETFL"
HAISHU, JIANGBEI, XIANGSHAN, ZONE = "330203", "330205", "330225", "3302-DX"
UNITS = (HAISHU, JIANGBEI, XIANGSHAN, ZONE)

BEDS, COVERAGE = "YL-09", "ET-01"


@dataclass
class World:
    plan: Plan
    units: dict[str, Organisation]
    periods: dict[int, Period]
    commitments: dict[str, Commitment] = field(default_factory=dict)
    _accounts: dict[tuple[str, Role], Account] = field(default_factory=dict)

    def account(self, unit: str, role: Role) -> Account:
        """The unit's account with this one role, made when first asked for."""
        if (unit, role) not in self._accounts:
            account = Account(
                username=f"{role}-{unit}", name=f"{role}@{unit}", organisation=self.units[unit], **{role: True}
            )
            account.set_unusable_password()
            account.full_clean()
            account.save()
            self._accounts[unit, role] = account
        return self._accounts[unit, role]

    def entry(self, unit: str, indicator: str, quarter: int, *amount: str | int, **more: object) -> FigureEntry:
        numbers = [Decimal(str(number)) for number in amount]
        return FigureEntry(unit, indicator, f"2020Q{quarter}", *numbers, **more)

    def record(self, *entries: FigureEntry | NoteEntry, **more: object) -> Outcome:
        """Records as each unit's reporter would; all entries must be of one unit."""
        actor = more.pop("actor", None) or self.account(entries[0].organisation, Role.REPORTER)
        figures = [each for each in entries if isinstance(each, FigureEntry)]
        notes = [each for each in entries if isinstance(each, NoteEntry)]
        return record_figures(figures, notes, actor=actor, **{"at": NOW, "origin": Origin.FORM, **more})

    def report(self, unit: str, indicator: str, quarter: int, *amount: str | int, **more: object) -> Outcome:
        return self.record(self.entry(unit, indicator, quarter, *amount, **more))

    def submission(self, unit: str, quarter: int, programme: str = "eldercare") -> Submission:
        return Submission.objects.with_parts().get(
            organisation__code=unit, programme__code=programme, period=self.periods[quarter]
        )

    def submit(self, unit: str, quarter: int, programme: str = "eldercare") -> Submission:
        """Hands in what is there; what the soft checks ask is explained."""
        submission = self.submission(unit, quarter, programme)
        review.submit(
            submission, actor=self.account(unit, Role.REPORTER), at=NOW, origin=Origin.FORM,
            explanations=explain_all(submission),
        )  # fmt: skip
        return submission

    def endorse(self, unit: str, quarter: int, programme: str = "eldercare") -> Submission:
        submission = self.submit(unit, quarter, programme)
        review.endorse(submission, actor=self.account(unit, Role.ENDORSER), at=NOW, origin=Origin.FORM)
        return submission

    def approve(self, unit: str, quarter: int, programme: str = "eldercare") -> Submission:
        submission = self.endorse(unit, quarter, programme)
        reviewer = self.account(submission.programme.lead.code, Role.REVIEWER)
        review.approve(submission, actor=reviewer, at=NOW, origin=Origin.FORM)
        return submission

    def target(self, commitment: str, unit: str, numerator: object = None, denominator: object = None, **more: object):
        numbers = [None if number is None else Decimal(str(number)) for number in (numerator, denominator)]
        entry = TargetEntry(commitment, unit, *numbers, **more)
        return set_targets(self.plan, [entry], actor=None, at=NOW, origin=Origin.COMMAND, reason="test")

    def add_commitment(self, code: str, indicator: Indicator | None = None, **fields: object) -> Commitment:
        item = fields.pop("item", None) or WorkItem.objects.get(number=9)
        kind = CommitmentKind.QUANTIFIED if indicator else CommitmentKind.MILESTONE
        commitment = Commitment(
            **{
                "item": item, "plan": self.plan, "code": code, "kind": kind, "statement": f"任务{code}",
                "indicator": indicator, "reported_by": ReportedBy.DISTRICTS, **fields,
            }
        )  # fmt: skip
        commitment.save()
        self.commitments[code] = commitment
        return commitment


def explain_all(submission: Submission) -> list[ExplanationEntry]:
    cautions = cautions_of(lines_of_one(submission), TODAY)
    return [ExplanationEntry(each.commitment.code, each.code, "情况属实") for each in cautions]


def add_unit(code: str, parent: Organisation | None, kind: str, name: str, short: str, position: int) -> Organisation:
    path = f"{parent.path if parent else ''}{code}/"
    return Organisation.objects.create(
        code=code, parent=parent, path=path, kind=kind, name=name, short_name=short, position=position
    )


def add_indicator(code: str, programme: Programme, name: str, **fields: object) -> Indicator:
    basics = {"unit": "个", "form": "number", "time_rule": "sum", "decimals": 0}
    return Indicator.objects.create(code=code, programme=programme, name=name, **{**basics, **fields})


def build_world() -> World:
    """Beds (a flow, 4000), coverage (a bounded stock ratio, 30 %), a milestone, in Q1 to Q4 of 2020."""
    city = add_unit(CITY, None, OrganisationKind.CITY, "宁波市民政局", "市局", 1)
    units = {
        unit.code: unit
        for unit in (
            city,
            add_unit(LEAD, city, OrganisationKind.DEPARTMENT, "养老服务处", "养老服务处", 2),
            add_unit(OTHER_LEAD, city, OrganisationKind.DEPARTMENT, "儿童福利处", "儿童福利处", 3),
            add_unit(HAISHU, city, OrganisationKind.DISTRICT, "海曙区民政局", "海曙", 4),
            add_unit(JIANGBEI, city, OrganisationKind.DISTRICT, "江北区民政局", "江北", 5),
            add_unit(XIANGSHAN, city, OrganisationKind.DISTRICT, "象山县民政局", "象山", 6),
            add_unit(ZONE, city, OrganisationKind.ZONE, "大榭开发区民政与社区管理局", "大榭", 7),
        )
    }
    plan = Plan.objects.create(
        code="nb-2020", year=2020, title="2020年工作要点", issuer=city, issued_on=date(2020, 3, 30)
    )
    eldercare = Programme.objects.create(code="eldercare", name="养老服务", lead=units[LEAD], position=2)
    children = Programme.objects.create(code="children", name="儿童福利", lead=units[OTHER_LEAD], position=1)
    section = Section.objects.create(plan=plan, number="三", title="养老服务", position=1)
    WorkItem.objects.create(section=section, number=7, title="儿童", programme=children)
    WorkItem.objects.create(section=section, number=9, title="机构养老", programme=eldercare)
    world = World(plan, units, {period.quarter: period for period in create_periods(2020)})
    beds = add_indicator(BEDS, eldercare, "新建养老床位", unit="张")
    coverage = add_indicator(
        COVERAGE, children, "儿童之家覆盖率", unit="%", form="ratio", time_rule="latest", per=100, bounded=True,
        numerator_label="建有儿童之家的村数", denominator_label="村总数",
    )  # fmt: skip
    world.add_commitment("0902", beds)
    world.add_commitment("0704", coverage, pace=Pace.NONE, item=WorkItem.objects.get(number=7))
    world.add_commitment("0905")
    numbers = {("0902", CITY): Decimal(4000), ("0704", CITY): Decimal(30)}
    reporting = [(code, unit) for unit in UNITS for code in world.commitments] + [("0905", LEAD)]
    Target.objects.bulk_create(
        Target(
            commitment=world.commitments[code],
            organisation=units[unit],
            reports=(code, unit) not in numbers,
            numerator=numbers.get((code, unit)),
        )
        for code, unit in [*numbers, *reporting]
    )
    DataVersion.objects.create(plan=plan)
    create_submissions(2020)
    return world
