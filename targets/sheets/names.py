"""Texts and codes in a sheet → the units, indicators, commitments and periods that they mean."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from django.utils.translation import gettext as _

from targets.sheets.cells import RawCell, match_key, shown
from targets.sheets.readings import CommitmentName, IndicatorName, Names

Thing = TypeVar("Thing")

_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_YEAR_QUARTER = re.compile(r"([0-9]{4})(?:年|-)?(?:q([1-4])|第?([一二三四1-4])季度?)")
_QUARTER = re.compile(r"第?([一二三四1-4])季度?|q([1-4])")
_OTHER_SPAN = re.compile(r"半年|全年|年度|月|^[0-9]{4}年?$")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A text that means nothing known, or more than one thing; the message says what to do."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a row is about: an indicator, a commitment, or a commitment with its indicator."""

    indicator: str | None
    commitment: str | None


class NameIndex:
    """Lookups over all names, in the form in which names are compared."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.indicators = {indicator.code: indicator for indicator in names.indicators}
        self.commitments = {commitment.code: commitment for commitment in names.commitments}
        self.city = frozenset(map(match_key, names.city))
        self._titles = {unit.code: unit.names[0] if unit.names else unit.code for unit in names.organisations}
        self._units = _index((text, unit.code) for unit in names.organisations for text in (unit.code, *unit.names))
        self._by_commitment = _index((item.code, _subject(item)) for item in names.commitments)
        self._by_indicator = _index(self._indicator_subjects())
        self._by_name = _index(self._named_subjects())

    def _indicator_subjects(self) -> Iterable[tuple[str, Subject]]:
        for indicator in self.names.indicators:
            yield indicator.code, Subject(indicator.code, None)
        for commitment in self.names.commitments:
            if commitment.indicator:
                yield commitment.indicator, _subject(commitment)

    def _named_subjects(self) -> Iterable[tuple[str, Subject]]:
        texts = {indicator.code: (indicator.name, *indicator.names) for indicator in self.names.indicators}
        for indicator in self.names.indicators:
            for text in texts[indicator.code]:
                yield text, Subject(indicator.code, None)
        for commitment in self.names.commitments:
            for text in (commitment.statement, *texts.get(commitment.indicator or "", ())):
                yield text, _subject(commitment)

    def indicator(self, code: str) -> IndicatorName:
        """Return the indicator with this code."""
        return self.indicators[code]

    def organisation(self, cell: RawCell) -> str | Unknown:
        """Return the code of the unit that the cell names by code, full name, short name or alias."""
        key = match_key(shown(cell))
        codes = self._units.get(key) or self._behind_city(key)
        if len(codes) == 1:
            return next(iter(codes))
        if not codes:
            return Unknown(
                "unknown_organisation",
                _(
                    "“%(found)s” is not a reporting unit. Write its code or full name; "
                    "a column of measure words must be headed 计量单位."
                )
                % {"found": shown(cell)},
            )
        return Unknown(
            "ambiguous_organisation",
            _("“%(found)s” may mean any of these: %(candidates)s. Write the full name or the code.")
            % {"found": shown(cell), "candidates": self.titles(codes)},
        )

    def _behind_city(self, key: str) -> set[str]:
        """Return the units whose name follows a name of the city: 宁波市 + 海曙区民政局."""
        return {
            code
            for city in self.city
            if city and key.startswith(city)
            for code in self._units.get(key[len(city) :], ())
        }

    def titles(self, codes: Iterable[str]) -> str:
        """Return units by full name and code, for a sentence."""
        return "、".join(f"{self._titles.get(code, code)}({code})" for code in sorted(codes))

    def is_indicator(self, cell: RawCell) -> bool:
        """Return whether a text is an indicator's code or name, or a commitment's statement."""
        return isinstance(cell, str) and bool({match_key(cell)} & (self._by_indicator.keys() | self._by_name.keys()))

    def by_commitment(self, cell: RawCell) -> set[Subject]:
        """Return what a 任务编码 may mean; a leading zero that the spreadsheet ate is forgiven (801)."""
        key = match_key(shown(cell))
        exact = self._by_commitment.get(key, set())
        if not key.isascii() or not key.isdigit() or (exact and not isinstance(cell, Decimal)):
            return exact
        return {
            subject
            for code, subjects in self._by_commitment.items()
            if code.isascii() and code.isdigit() and int(code) == int(key) and len(code) >= len(key)
            for subject in subjects
        }

    def by_indicator(self, cell: RawCell) -> set[Subject]:
        """Return what a 指标编码 may mean: the indicator alone, or with one of its commitments."""
        return self._by_indicator.get(match_key(shown(cell)), set())

    def by_name(self, cell: RawCell) -> set[Subject]:
        """Return what a name or statement may mean; a code in the column of names is as good."""
        named = self._by_name.get(match_key(shown(cell)), set())
        return named | self.by_indicator(cell) | self.by_commitment(cell)

    def period(self, cell: RawCell, given: str | None = None) -> str | Unknown:
        """Return the code of the quarter that the cell names; `given` supplies the year where it has none."""
        key = match_key(shown(cell))
        if isinstance(cell, date) or (not _is_quarter(key) and _OTHER_SPAN.search(key)):
            return Unknown(
                "not_a_quarter",
                _("“%(found)s” is not a quarter. Write one quarter, for instance 2020年三季度 or 2020Q3.")
                % {"found": shown(cell)},
            )
        code = self._period_code(key, given)
        if code in self.names.periods:
            return code
        return Unknown(
            "unknown_period",
            _(
                "“%(found)s” is not a known reporting period. Write year and quarter, for instance "
                "2020年三季度 or 2020Q3."
            )
            % {"found": shown(cell)},
        )

    def _period_code(self, key: str, given: str | None) -> str:
        match = _YEAR_QUARTER.fullmatch(key)
        if match:
            return f"{match[1]}Q{_QUARTERS[match[2] or match[3]]}"
        match = _QUARTER.fullmatch(key)
        years = {code[:4] for code in ((given,) if given else self.names.periods)}
        if match and len(years) == 1:
            return f"{years.pop()}Q{_QUARTERS[match[1] or match[2]]}"
        return ""


def _is_quarter(key: str) -> bool:
    return bool(_YEAR_QUARTER.fullmatch(key) or _QUARTER.fullmatch(key))


def _subject(commitment: CommitmentName) -> Subject:
    return Subject(commitment.indicator, commitment.code)


def _index(pairs: Iterable[tuple[str, Thing]]) -> dict[str, set[Thing]]:
    found: dict[str, set[Thing]] = defaultdict(set)
    for text, thing in pairs:
        if match_key(text):
            found[match_key(text)].add(thing)
    return dict(found)
