"""Loading a plan from its file: structure, indicators, the city's promises, who reports what, the year's periods."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import yaml
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from organisations.choices import OrganisationKind
from organisations.models import Organisation
from targets.choices import CommitmentKind, Comparator, Origin, Pace, ReportedBy
from targets.domain.decomposition import TargetEntry, set_targets
from targets.domain.periods import create_periods, create_submissions
from targets.domain.plan_values import (
    COMMITMENT_KEYS,
    INDICATOR_FIELDS,
    PLAN_FIELDS,
    messages_of,
    read_pace,
    read_target,
)
from targets.models import Commitment, Figure, Indicator, Plan, Programme, ProgressNote, Section, Target, WorkItem
from targets.problems import Place, Problem, Refused


@dataclass
class LoadReport:
    """How many rows the file created, changed, left as they were, and removed."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    targets: int = 0


def load_plan(content: str, *, at: datetime) -> LoadReport:
    """Creates or updates the plan of a YAML text, its programmes and indicators; the same text again changes nothing.

    The city's promises are set as in the file; other targets stay, and units that the file names are assigned.
    What the file no longer names is removed, unless something was reported for it.
    Raises Refused with every problem and its place in the file; then nothing has changed.
    """
    try:
        data = yaml.safe_load(content)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = Place(cell=_("line %(line)d") % {"line": mark.line + 1} if mark else "")
        raise Refused([Problem("not_yaml", _("The file is not readable YAML."), place)]) from error
    with transaction.atomic():
        loader = _Loader(at)
        loader.load(data)
        if loader.problems:
            raise Refused(loader.problems)
    return loader.report


# What a reported figure means: none of it can change any more.
FIXED_ONCE_REPORTED = (
    "code", "programme", "unit", "form", "time_rule", "per", "bounded", "decimals",
    "numerator_label", "denominator_label",
)  # fmt: skip


@dataclass
class _Loader:
    at: datetime
    problems: list[Problem] = field(default_factory=list)
    report: LoadReport = field(default_factory=LoadReport)
    entries: list[TargetEntry] = field(default_factory=list)

    def load(self, data: Any) -> None:
        self.organisations = {unit.code: unit for unit in Organisation.objects.all()}
        self.reported = set(Figure.objects.values_list("indicator_id", flat=True).distinct())
        self.default_reporters: dict[str, str] = {}
        # None for what stands in the file but is faulty: what refers to it is not told as a fault of its own.
        self.programmes: dict[str, Programme | None] = {}
        self.indicators: dict[str, Indicator | None] = {}
        self.kept: dict[type[models.Model], set[int]] = {Section: set(), WorkItem: set(), Commitment: set()}
        with self._at("plan"):
            plan = self._plan(self._mapping(data, "plan"))
            for position, row in enumerate(self._rows(data, "programmes"), start=1):
                self._programme(row, position)
            for row in self._rows(data, "indicators"):
                self._indicator(row)
            for position, row in enumerate(self._rows(data, "sections"), start=1):
                self._section(plan, row, position)
            if not self.problems:
                self._finish(plan)

    # ---- the parts of the file, from the top

    def _plan(self, row: Mapping[str, Any]) -> Plan:
        code = str(row.get("code", ""))
        self._refuse_unknown_keys(row, {"code", *PLAN_FIELDS})
        plan = Plan.objects.filter(code=code).first() or Plan(code=code)
        values = {name: row[name] for name in PLAN_FIELDS if name in row}
        values["issuer"] = self._organisation(row.get("issuer"))
        if plan.pk and plan.commitments.exists():
            self._refuse_changes(plan, {name: values.get(name) for name in ("year", "issuer")})
        self._save(plan, values)
        return plan

    def _programme(self, row: Mapping[str, Any], position: int) -> None:
        code = str(row.get("code", ""))
        self.programmes[code] = None
        with self._at(f"programmes {code}"):
            self._refuse_unknown_keys(row, {"code", "name", "lead", "app"})
            app = row.get("app")
            if not any(
                config.label == app and getattr(config, "programme", "") == code for config in apps.get_app_configs()
            ):
                raise ValidationError(
                    _("There is no app “%(app)s” that owns the programme “%(code)s”.") % {"app": app, "code": code}
                )
            programme = Programme.objects.filter(code=code).first() or Programme(code=code)
            lead = self._organisation(row.get("lead"))
            self._save(programme, {"name": row.get("name"), "lead": lead, "position": position})
            self.programmes[code] = programme

    def _indicator(self, row: Mapping[str, Any]) -> None:
        code = str(row.get("code", ""))
        with self._at(f"indicators {code}"):
            if code in self.indicators:
                raise ValidationError(_("This indicator stands in the file twice."))
            self.indicators[code] = None
            self._refuse_unknown_keys(row, {"code", "programme", "reported_by", *INDICATOR_FIELDS})
            indicator = Indicator.objects.filter(code=code).first() or Indicator(code=code)
            values = {name: row[key] for key, name in INDICATOR_FIELDS.items() if key in row}
            if isinstance(values.get("aliases"), list):
                values["aliases"] = "\n".join(str(each) for each in values["aliases"])
            values["programme"] = self._named(self.programmes, row.get("programme"), _("programme"))
            if indicator.pk in self.reported:
                self._refuse_changes(indicator, {name: values[name] for name in FIXED_ONCE_REPORTED if name in values})
            self._save(indicator, values)
            self.indicators[code] = indicator
            self.default_reporters[code] = str(row.get("reported_by", ReportedBy.LEAD))

    def _section(self, plan: Plan, row: Mapping[str, Any], position: int) -> None:
        number = str(row.get("number", ""))
        with self._at(f"sections {number}"):
            self._refuse_unknown_keys(row, {"number", "title", "items"})
            section = Section.objects.filter(plan=plan, number=number).first() if plan.pk else None
            section = section or Section(plan=plan, number=number)
            self._save(section, {"title": row.get("title"), "position": position})
            for item in self._rows(row, "items"):
                self._item(plan, section, item)

    def _item(self, plan: Plan, section: Section, row: Mapping[str, Any]) -> None:
        number = int(text) if (text := str(row.get("number", ""))).isascii() and text.isdecimal() else 0
        with self._at(f"items {row.get('number')}"):
            self._refuse_unknown_keys(row, {"number", "title", "programme", "commitments"})
            item = WorkItem.objects.filter(section__plan=plan, number=number).first() if section.pk else None
            item = item or WorkItem(number=number)
            programme = self._named(self.programmes, row.get("programme"), _("programme"))
            if item.pk and any(_is_reported(each) for each in item.commitments.select_related("plan")):
                self._refuse_changes(item, {"programme": programme})
            self._save(item, {"section": section, "title": row.get("title"), "programme": programme})
            for commitment in self._rows(row, "commitments"):
                self._commitment(plan, item, commitment)

    def _commitment(self, plan: Plan, item: WorkItem, row: Mapping[str, Any]) -> None:
        code = str(row.get("code", ""))
        with self._at(f"commitments {code}"):
            self._refuse_unknown_keys(row, COMMITMENT_KEYS)
            commitment = Commitment.objects.filter(plan=plan, code=code).first() if item.pk else None
            commitment = commitment or Commitment(code=code)
            if commitment.pk in self.kept[Commitment]:
                raise ValidationError(_("This commitment stands in the file twice."))
            indicator = None
            if row.get("indicator") is not None:
                indicator = self._named(self.indicators, row["indicator"], _("indicator"))
            reported_by = self._reported_by(row, indicator)
            values = {
                "item": item,
                "plan": plan,
                "kind": row.get("kind"),
                "statement": row.get("statement"),
                "indicator": indicator,
                "comparator": row.get("comparator", Comparator.AT_LEAST),
                "due_on": row.get("due_on"),
                "stretch": row.get("stretch", False),
                "evidence_required": row.get("evidence_required", False),
                "reported_by": reported_by,
                "withdrawn": False,
                **read_pace(row.get("pace", Pace.LINEAR)),
            }
            if commitment.pk and _is_reported(commitment):
                self._refuse_changes(commitment, {name: values[name] for name in ("kind", "indicator")})
                self._refuse_changes(commitment.item, {"programme": item.programme})
            was_out = commitment.withdrawn
            self._save(commitment, values)
            self._assign(plan, commitment, row, afresh=was_out)

    def _reported_by(self, row: Mapping[str, Any], indicator: Indicator | None) -> str:
        if "reporters" in row:
            return ReportedBy.LISTED
        default = self.default_reporters[indicator.code] if indicator else ReportedBy.LEAD
        return str(row.get("reported_by", default))

    # ---- targets

    def _assign(self, plan: Plan, commitment: Commitment, row: Mapping[str, Any], *, afresh: bool) -> None:
        """The city's promise, and a reporting row without a number for each unit that the file names.

        A row that is there keeps what was decided about it since; `afresh`: the commitment had been taken out.
        """
        place = Place(cell=self._place())
        if commitment.kind == CommitmentKind.QUANTIFIED:
            numerator, denominator = read_target(row.get("target"))
            baseline = None if row.get("baseline") is None else read_target(row["baseline"])[0]
            self.entries.append(
                TargetEntry(commitment.code, plan.issuer.code, numerator, denominator, baseline, False, place)
            )
        elif "target" in row:
            raise ValidationError(_("Only a quantified commitment has a target."))
        present = {
            target.organisation.code: target
            for target in Target.objects.filter(commitment=commitment).select_related("organisation")
        }
        for unit in self._reporters(plan, commitment, row):
            old = present.get(unit.code)
            entry = TargetEntry(commitment.code, unit.code, reports=True if afresh or not old else None, place=place)
            self.entries.append(_with_numbers(entry, old) if old else entry)

    def _reporters(self, plan: Plan, commitment: Commitment, row: Mapping[str, Any]) -> Sequence[Organisation]:
        if commitment.reported_by == ReportedBy.LISTED:
            codes = self._list(row, "reporters")
            if not codes:
                raise ValidationError(_("At least one unit must report the commitment."))
            return [self._organisation(code) for code in codes]
        if commitment.reported_by == ReportedBy.LEAD:
            return [commitment.item.programme.lead]
        return [
            unit
            for unit in self.organisations.values()
            if unit.kind in (OrganisationKind.DISTRICT, OrganisationKind.ZONE) and plan.issuer.contains(unit)
        ]

    def _finish(self, plan: Plan) -> None:
        self._remove_what_is_gone(plan)
        create_periods(plan.year, timezone.localdate(self.at))
        self.report.targets = set_targets(
            plan, self.entries, actor=None, at=self.at, origin=Origin.COMMAND, reason=_("Loaded with the plan")
        )
        create_submissions(plan.year)

    def _remove_what_is_gone(self, plan: Plan) -> None:
        """Takes out what the file no longer names; commitments are marked only, since the record still names them."""
        gone = Commitment.objects.filter(plan=plan, withdrawn=False).exclude(pk__in=self.kept[Commitment])
        for commitment in gone.select_related("indicator", "item__section", "plan"):
            with self._at(f"commitments {commitment.code}"):
                if _is_reported(commitment) and not self._is_kept_elsewhere(commitment):
                    raise ValidationError(
                        _(
                            "The file no longer names this commitment, but something has been reported for it; "
                            "put it back."
                        )
                    )
                for row in Target.objects.filter(commitment=commitment).select_related("organisation"):
                    entry = TargetEntry(commitment.code, row.organisation.code, reports=False)
                    self.entries.append(_with_numbers(entry, row))
                commitment.withdrawn = True
                commitment.save()
                self.report.removed += 1
        empty: dict[type[models.Model], models.QuerySet[Any]] = {
            WorkItem: WorkItem.objects.filter(section__plan=plan, commitments=None),
            Section: Section.objects.filter(plan=plan, items=None),
        }
        for model, rows in empty.items():
            for part in rows.exclude(pk__in=self.kept[model]):
                part.delete()
                self.report.removed += 1

    def _is_kept_elsewhere(self, commitment: Commitment) -> bool:
        """Whether another commitment of the year promises the same indicator, so that no figure loses its place."""
        if commitment.indicator_id is None:
            return False
        others = Commitment.objects.filter(plan__year=commitment.plan.year, indicator=commitment.indicator_id)
        return others.filter(withdrawn=False).exclude(pk=commitment.pk).exists()

    # ---- small things

    def _save(self, row: models.Model, values: Mapping[str, Any]) -> None:
        """Validates and saves; a row that does not change is not written, and not counted as changed."""
        row_is_new = row.pk is None
        before = {} if row_is_new else {name: _plain(getattr(row, name)) for name in values}
        for name, value in values.items():
            setattr(row, name, "" if value is None and not row._meta.get_field(name).null else value)
        row.full_clean(exclude=[name for name in ("plan",) if isinstance(row, Commitment)])
        changed = row_is_new or before != {name: _plain(getattr(row, name)) for name in values}
        if changed:
            row.save()
        if row_is_new:
            self.report.created += 1
        elif changed:
            self.report.updated += 1
        else:
            self.report.unchanged += 1
        if type(row) in self.kept:
            self.kept[type(row)].add(row.pk)

    @staticmethod
    def _refuse_changes(row: models.Model, values: Mapping[str, Any]) -> None:
        """What figures rest on and what they mean stays once there are any."""
        for name, value in values.items():
            if _plain(value) != _plain(getattr(row, name)):
                raise ValidationError(
                    _("“%(field)s” cannot change any more: figures have been reported. Define a new one instead.")
                    % {"field": name}
                )

    def _organisation(self, code: Any) -> Organisation:
        unit: Organisation = self._named(self.organisations, code, _("organisation"))
        return unit

    @staticmethod
    def _named(known: Mapping[str, Any], code: Any, what: str) -> Any:
        if str(code) not in known:
            raise ValidationError(_("There is no %(what)s “%(code)s”.") % {"what": what, "code": code})
        if known[str(code)] is None:
            raise ValidationError([])
        return known[str(code)]

    @staticmethod
    def _mapping(data: Any, key: str) -> Mapping[str, Any]:
        if not isinstance(data, dict) or not isinstance(data.get(key), dict):
            raise ValidationError(_("The part “%(key)s” is missing.") % {"key": key})
        part: Mapping[str, Any] = data[key]
        return part

    def _rows(self, data: Any, key: str) -> list[Mapping[str, Any]]:
        """The parts of a list that are names and values; each other one is a fault of its own."""
        rows = self._list(data, key)
        for row in rows:
            if not isinstance(row, dict):
                message = _("“%(found)s” stands where names and values belong.") % {"found": row}
                self.problems.append(Problem("invalid", message, Place(cell=" › ".join([self._place(), key]))))
        return [row for row in rows if isinstance(row, dict)]

    @staticmethod
    def _list(data: Any, key: str) -> list[Any]:
        rows = data.get(key) if isinstance(data, dict) else None
        if not isinstance(rows, list):
            raise ValidationError(_("“%(key)s” must be a list.") % {"key": key})
        return rows

    @staticmethod
    def _refuse_unknown_keys(row: Any, known: set[str]) -> None:
        if not isinstance(row, dict):
            raise ValidationError(_("“%(found)s” stands where names and values belong.") % {"found": row})
        unknown = sorted(str(key) for key in row if key not in known)
        if unknown:
            raise ValidationError(_("Not known: %(names)s.") % {"names": ", ".join(unknown)})

    @contextmanager
    def _at(self, label: str) -> Iterator[None]:
        """Collects the faults of one part under its place in the file; the loading goes on with the next part."""
        self.labels = [*getattr(self, "labels", []), label]
        try:
            with transaction.atomic():
                yield
        except ValidationError as error:
            self.problems += [Problem("invalid", message, Place(cell=self._place())) for message in messages_of(error)]
        finally:
            self.labels = self.labels[:-1]

    def _place(self) -> str:
        return " › ".join(self.labels[1:] or self.labels)


def _is_reported(commitment: Commitment) -> bool:
    """Whether any unit has reported a figure or a note for the commitment in its plan's year."""
    figures = Figure.objects.filter(submission__period__year=commitment.plan.year, indicator=commitment.indicator_id)
    if commitment.indicator_id is not None and figures.exists():
        return True
    return ProgressNote.objects.filter(commitment=commitment).exists()


def _with_numbers(entry: TargetEntry, row: Target) -> TargetEntry:
    return replace(entry, numerator=row.numerator, denominator=row.denominator, baseline=row.baseline)


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value
