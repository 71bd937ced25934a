"""Figures written in every form that is forgiven come back as they were, in both layouts and all formats."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from targets.sheets.reader import read_workbook
from targets.sheets.readings import State
from tests.targets.sheets.workbooks import NAMES, delimited, xls, xlsx

UNITS = {unit.code: unit for unit in NAMES.organisations if unit.code != "3302"}
INDICATORS = {indicator.code: indicator for indicator in NAMES.indicators}
COMMITMENTS = {item.indicator: item for item in NAMES.commitments if item.indicator}
AMBIGUOUS = {"新区", "培训"}
WIDE = str.maketrans("0123456789.,%/-", "０１２３４５６７８９．，％／－")
QUARTERS = ("2020{q}", "2020-{q}", "2020年{n}季度", "2020年第{c}季度", " 2020 年 {c} 季度")
SYNONYMS = {
    "task": ["任务编码", "任务代码"],
    "code": ["指标编码", "指标代码"],
    "name": ["指标", "指标名称", "指标/任务", "指标／任务", "指 标"],
    "organisation": ["单位", "填报单位", "单位名称"],
    "period": ["报告期", "期间", "季度"],
    "value": [
        "本季填报",
        "本季完成",
        "本季数",
        "本期",
        "数值",
        "分子",
        "数值(分子)",
        "数值（分子）",
        "填报数",
    ],
    "denominator": ["分母"],
    "note": ["备注", "说明"],
}
JUNK = (
    ("工作要点完成情况表",),
    (),
    ("制表单位盖章", "附件1"),
    ("计量单位:个",),
    ("填报人:", "张三", "审核人:", "李四"),
)
BELOW = (
    (),
    ("填报人:张三", "审核人:李四"),
    ("注:数据截至季末",),
    ("备注：本表一式两份",),
    ("填报日期", "2020-10-10"),
)

digits = st.integers(0, 10**7)
amounts = st.one_of(digits.map(Decimal), st.decimals(0, 10**5, places=2, allow_nan=False))


@st.composite
def spelled(draw, number: Decimal, words: tuple[str, ...], *, text_only: bool):
    """One way to write a number: bare, with commas, in 万, with its unit, full-width, with blanks."""
    if not text_only and draw(st.booleans()):
        return float(number)
    form = draw(st.sampled_from(["plain", "commas", "wan"]))
    text = {"plain": f"{number:f}", "commas": f"{number:,f}", "wan": f"{number / 10000:f}万"}[form]
    text += draw(st.sampled_from(["", " ", "\u3000"])) + draw(st.sampled_from(["", *words]))
    if draw(st.booleans()):
        text = text.translate(WIDE)
    return draw(st.sampled_from(["{}", " {} ", "\u3000{}"])).format(text)


@st.composite
def said(draw, code: str):
    """What a row says of its indicator: the cells for it, and what must be read (None: nothing)."""
    indicator = INDICATORS[code]
    kind = draw(st.sampled_from(["number", "number", "number", "-", "—", "／", "无", "不适用", "", None]))
    if kind in ("", None):
        return kind, None, None
    if kind != "number":
        state = State.NOT_APPLICABLE if kind == "不适用" else State.NOT_REPORTED
        return kind, None, (state, None, None)
    number = draw(amounts)
    if not indicator.is_ratio:
        words = {"个": ("个", "家"), "张": ("张",), "人次": ("人次",)}[indicator.unit]
        return draw(spelled(number, words, text_only=False)), None, (State.NUMBER, number, None)
    below = draw(amounts)
    words = ("个", "人", "张")
    expected = (State.NUMBER, number, below)
    if draw(st.booleans()):
        return (
            draw(spelled(number, words, text_only=False)),
            draw(spelled(below, words, text_only=False)),
            expected,
        )
    fraction = f"{draw(spelled(number, words, text_only=True))}/{draw(spelled(below, words, text_only=True))}"
    return fraction, None, expected


@st.composite
def unit_text(draw, code: str):
    known = [name for name in UNITS[code].names if name not in AMBIGUOUS]
    return draw(st.sampled_from([code, *known, "宁波市" + UNITS[code].names[0]]))


@st.composite
def period_text(draw, code: str):
    number = int(code[-1])
    text = draw(st.sampled_from(QUARTERS)).format(q=f"Q{number}", n=number, c="一二三四"[number - 1])
    return text.translate(WIDE) if draw(st.booleans()) else text


@st.composite
def subject_cells(draw, code: str):
    """The cells by which a row names its indicator: at least one of task code, indicator code, name."""
    indicator, commitment = INDICATORS[code], COMMITMENTS.get(code)
    names = [name for name in (indicator.name, *indicator.names) if name not in AMBIGUOUS]
    full = {"code": code, "name": draw(st.sampled_from([*names, code]))}
    if commitment:
        full["task"] = draw(st.sampled_from([commitment.code, commitment.code.lstrip("0")]))
        full["name"] = draw(st.sampled_from([full["name"], commitment.statement]))
    kept = draw(st.sets(st.sampled_from(sorted(full)), min_size=1))
    return {key: full[key] for key in kept}


@st.composite
def files(draw):
    """A file in one of both layouts with the figures that it holds."""
    is_long = draw(st.booleans())
    sheet_unit, sheet_period = (
        draw(st.sampled_from(sorted(UNITS))),
        draw(st.sampled_from(sorted(NAMES.periods))),
    )
    keys = st.tuples(
        st.sampled_from(sorted(UNITS)) if is_long else st.just(sheet_unit),
        st.sampled_from(sorted(INDICATORS)),
        st.sampled_from(sorted(NAMES.periods)) if is_long else st.just(sheet_period),
    )
    expected, lines = {}, []
    for key in draw(st.lists(keys, min_size=1, max_size=8, unique=True)):
        value, below, reading = draw(said(key[1]))
        line = {**draw(subject_cells(key[1])), "value": value, "denominator": below, "note": None}
        line["measure"] = INDICATORS[key[1]].unit
        if is_long:
            line |= {"organisation": draw(unit_text(key[0])), "period": draw(period_text(key[2]))}
        lines.append(line)
        if reading:
            expected[key] = reading
    columns = [
        "task",
        "code",
        "name",
        "value",
        "denominator",
        "note",
        *(["organisation", "period"] if is_long else []),
    ]
    columns = draw(st.permutations([*columns, *draw(st.sampled_from([[], ["serial"], ["serial", "measure"]]))]))
    heads = {key: draw(st.sampled_from(words)) for key, words in SYNONYMS.items()} | {
        "serial": "序号",
        "measure": "计量单位",
    }
    rows = [list(row) for row in draw(st.lists(st.sampled_from(JUNK), max_size=5))]
    if not is_long:
        rows.append(
            [
                draw(st.sampled_from(["填报单位:", "单位："])) + draw(unit_text(sheet_unit)),
                None,
                draw(st.sampled_from(["报告期:", "期间："])) + draw(period_text(sheet_period)),
            ]
        )
    rows.append([heads[column] for column in columns])
    if draw(st.booleans()):
        rows.append([draw(st.sampled_from(["{}", "({})"])).format(number + 1) for number in range(len(columns))])
    for number, line in enumerate(lines):
        line |= {"serial": number + 1}
        rows.append([line.get(column) for column in columns])
        rows.extend([] for _ in range(draw(st.sampled_from([0, 0, 0, 1]))))
    rows.extend(list(row) for row in draw(st.lists(st.sampled_from(BELOW), max_size=3)))
    return rows, expected


FORMATS = {
    "xlsx": xlsx,
    "xls": xls,
    "csv": delimited,
    "gb18030": lambda rows: delimited(rows, encoding="gb18030"),
    "tabs": lambda rows: delimited(rows, separator="\t", encoding="utf-8"),
    "semicolons": lambda rows: delimited(rows, separator=";"),
}


@settings(max_examples=250, deadline=None)
@given(files(), st.sampled_from(sorted(FORMATS)))
def test_figures_come_back_from_any_file(file, kind):
    rows, expected = file
    reading = read_workbook(FORMATS[kind](rows), "a", NAMES)
    assert reading.problems == ()
    read = {(f.organisation, f.indicator, f.period): (f.state, f.numerator, f.denominator) for f in reading.figures}
    assert read == expected
