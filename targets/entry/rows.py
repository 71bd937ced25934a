"""A submission's lines as the texts of its page: what stands in each field, and what the row comes to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from targets import formats, statuses, wording
from targets.amounts import EVERY, SUM
from targets.choices import Stage
from targets.domain.entries import NOTE_FIELDS
from targets.domain.record import decimal_text
from targets.entry.typed import input_name, shown_denominator
from targets.lines import Line, Said
from targets.models import Indicator, Remark
from targets.models.periods import quarter_name
from targets.problems import Problem
from targets.progress import Status
from targets.rollup import Progress
from targets.soft_checks import Caution
from targets.statuses import Badge
from targets.wording import Bar


@dataclass(frozen=True, slots=True)
class Result:
    """What a row comes to with the figure that stands in it: the year so far, and how that compares."""

    value: str
    badge: Badge
    bar: Bar | None
    completion: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page. `fields` are the texts of its inputs, by their names without the code, and `labels` what
    a screen reader calls them.
    """

    code: str
    line: Line
    fields: Mapping[str, str]
    explanation: str
    target: str
    before: str
    result: Result
    labels: Mapping[str, str] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    doubts: Sequence[Caution] = ()
    remark: Remark | None = None
    remark_typed: str = ""

    @property
    def title(self) -> str:
        return self.line.commitment.title

    @property
    def indicator(self) -> Indicator | None:
        return self.line.commitment.indicator

    @property
    def is_open(self) -> bool:
        """Whether the row shows its problems and next steps: something is said there."""
        return any(self.fields.get(name) for name in ("problems", "next_steps"))

    @property
    def quarters(self) -> list[tuple[str, str]]:
        """What the unit has said for each quarter so far, by the quarter's name."""
        return [
            (quarter_name(number), said_text(self.line.indicator, said))
            for number, said in enumerate(self.line.quarters, start=1)
        ]


def row_of(line: Line, data: QueryDict | None = None) -> Row:
    """The row of a line; with `data` its inputs hold what was typed."""
    fields = _texts(line)
    if data is not None:
        typed = {name: data.get(input_name(line, name)) for name in fields}
        fields = {name: fields[name] if text is None else text for name, text in typed.items()}
        if input_name(line, "numerator") in data:
            fields["na"] = "1" if input_name(line, "na") in data else ""
    if not line.commitment.is_quantified:
        return Row(line.commitment.code, line, fields, "", "", _stage(line.stage_before), result_of(line))
    progress, before = line.progress(), line.progress_before()
    return Row(
        code=line.commitment.code,
        line=line,
        fields=fields,
        explanation=how_to_fill_in(line.indicator),
        target=wording.target_text(progress) if line.target and line.target.value is not None else "",
        before=wording.value_text(before) if before else formats.DASH,
        result=number_result(line, progress),
    )


def labels_of(line: Line) -> dict[str, str]:
    """What the inputs of a line are called, each for itself, and the link to the figure's history."""
    title = {"title": line.commitment.title}
    return {
        "note": _("%(title)s: note on the number") % title,
        "stage": _("%(title)s: stage") % title,
        "progress": _("%(title)s: progress") % title,
        "problems": _("%(title)s: problems") % title,
        "next_steps": _("%(title)s: next steps") % title,
        "history": _("%(title)s: history of the figure") % title,
    }


def result_of(line: Line) -> Result:
    """What the row comes to; a row that says nothing this quarter comes to nothing, whatever was said before."""
    if not line.commitment.is_quantified:
        return Result("", statuses.STAGE_BADGES[line.words.stage], None, "")
    return number_result(line, line.progress())


def number_result(line: Line, progress: Progress) -> Result:
    has_goal = progress.verdict.status is not None
    if line.said is None:
        badge = statuses.status_badge(Status.MISSING)
        bar = wording.bar(badge.key, str(badge.word), None, progress.verdict.expected) if has_goal else None
        return Result(formats.DASH, badge, bar, "")
    return Result(
        value=wording.value_text(progress),
        badge=wording.badge_of(progress),
        bar=wording.progress_bar(progress) if has_goal else None,
        completion=wording.completion_text(progress) if has_goal else "",
    )


def _texts(line: Line) -> dict[str, str]:
    """What the inputs of a line hold before anybody types."""
    words = {name: getattr(line.words, name) for name in NOTE_FIELDS}
    if not line.commitment.is_quantified:
        return words
    said, below = line.said, shown_denominator(line)
    amount = said.amount if said else None
    return {
        **words,
        "numerator": decimal_text(amount.numerator) or "" if amount else "",
        "denominator": decimal_text(below) or "",
        "na": "1" if said and said.amount is None else "",
        "note": said.note if said else "",
    }


def how_to_fill_in(indicator: Indicator) -> str:
    """The line below an indicator's name: its unit, and which number is asked for."""
    if indicator.is_ratio:
        rule = {SUM: _("this quarter's own parts"), EVERY: _("this quarter's own parts")}.get(
            indicator.time_rule, _("as it stands at the quarter's end")
        )
        return _("%(rule)s: %(numerator)s / %(denominator)s") % {
            "rule": rule, "numerator": indicator.numerator_label, "denominator": indicator.denominator_label,
        }  # fmt: skip
    rule = {SUM: _("flow: this quarter's own amount"), EVERY: _("each quarter for itself")}.get(
        indicator.time_rule, _("stock: as it stands at the quarter's end")
    )
    return _("Unit: %(unit)s · %(rule)s") % {"unit": indicator.unit, "rule": rule}


def said_text(indicator: Indicator, said: Said | None) -> str:
    """What was reported for one quarter, in short."""
    if said is None:
        return formats.DASH
    if said.amount is None:
        return _("not applicable")
    return formats.amount_parts(said.amount.numerator, said.amount.denominator)


def _stage(stage: str) -> str | Promise:
    return Stage(stage).label if stage else formats.DASH


# ---- the page's two tables


@dataclass(frozen=True, slots=True)
class Tables:
    """The numbers, and the milestones and duties, each in the plan's order."""

    numbers: tuple[Row, ...]
    narratives: tuple[Row, ...]


def tables_of(rows: Iterable[Row]) -> Tables:
    rows = tuple(rows)
    return Tables(
        numbers=tuple(row for row in rows if row.line.commitment.is_quantified),
        narratives=tuple(row for row in rows if not row.line.commitment.is_quantified),
    )


@dataclass(frozen=True, slots=True)
class CautionRow:
    """One soft check as the page lists it, with the field for its explanation.

    `outdated` is what was said about another figure: it is shown, and has to be said anew.
    """

    code: str
    title: str
    message: str
    name: str
    text: str
    outdated: str

    @property
    def is_explained(self) -> bool:
        return bool(self.text)


def caution_row(caution: Caution, data: QueryDict | None = None) -> CautionRow:
    """With `data` the field holds what was typed."""
    name = input_name(caution.line, f"why-{caution.code}")
    typed = data.get(name) if data is not None else None
    said = caution.line.explanations.get(caution.code)
    return CautionRow(
        code=caution.commitment.code,
        title=caution.commitment.title,
        message=caution.message,
        name=name,
        text=caution.explanation if typed is None else typed,
        outdated=said.text if said is not None and not caution.explanation else "",
    )
