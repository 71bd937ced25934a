"""The heads that columns are known by, and the field that each one means."""

from collections.abc import Iterable
from enum import StrEnum

from targets.sheets.cells import RawCell, match_key

HEADER_ROWS = 30


class Field(StrEnum):
    """What a column holds."""

    COMMITMENT_CODE = "commitment_code"
    INDICATOR_CODE = "indicator_code"
    NAME = "name"
    TASK = "task"
    ORGANISATION_CODE = "organisation_code"
    ORGANISATION = "organisation"
    PERIOD = "period"
    VALUE = "value"
    DENOMINATOR = "denominator"
    MEASURE = "measure"
    NOT_APPLICABLE = "not_applicable"
    STAGE = "stage"
    PROGRESS = "progress"
    PROBLEMS = "problems"
    NEXT_STEPS = "next_steps"
    NOTE = "note"
    UNREAD = "unread"


IDENTITY = (Field.COMMITMENT_CODE, Field.INDICATOR_CODE, Field.NAME, Field.TASK)
ORGANISATION = (Field.ORGANISATION_CODE, Field.ORGANISATION)
KEYS = (*ORGANISATION, *IDENTITY, Field.PERIOD)
NUMBERS = (Field.VALUE, Field.DENOMINATOR)
NOTE_TEXTS = (Field.STAGE, Field.PROGRESS, Field.PROBLEMS, Field.NEXT_STEPS)
CONTENT = (*NUMBERS, Field.NOT_APPLICABLE, *NOTE_TEXTS, Field.NOTE)

_HEADS = {
    Field.COMMITMENT_CODE: "任务编码 任务代码 任务编号",
    Field.INDICATOR_CODE: "指标编码 指标代码 指标编号",
    Field.NAME: "指标 指标名称 指标/任务 任务/指标 指标(任务) 任务(指标) 指标任务 指标或任务 指标内容",
    Field.TASK: "任务 任务名称 任务内容 工作任务 重点任务",
    Field.ORGANISATION_CODE: "单位编码 单位代码 填报单位编码",
    Field.ORGANISATION: "单位 填报单位 报送单位 单位名称 填报单位名称",
    Field.PERIOD: "报告期 期间 季度 填报期 报告期间 填报期间 报告季度",
    Field.VALUE: (
        "本季填报 本季完成 本季完成数 本季数 本季填报数 本季 本期 本期数 本期完成 本期完成数 本期填报 "
        "完成数 填报数 "
        "数值 数值/分子 数值(分子) 分子/数值 分子 分子(数值) 填报值 本季填报(分子) 本季完成(分子) "
        "本季填报/分子"
    ),
    Field.DENOMINATOR: "分母 分母数 本季分母",
    Field.MEASURE: "计量单位 度量单位",
    Field.NOT_APPLICABLE: "不适用 是否不适用",
    Field.STAGE: "阶段 进度阶段 进展阶段",
    Field.PROGRESS: "进展情况 进展说明 进展 工作进展 工作进展情况 完成情况 完成情况说明",
    Field.PROBLEMS: "存在问题 存在的问题 主要问题 困难和问题",
    Field.NEXT_STEPS: "下一步措施 下一步 下一步打算 下一步计划 下一步工作 下一步工作措施",
    Field.NOTE: "备注 说明 备注说明 备注/说明",
    # Known, and of no use to the reader: named here so that no remark calls them unknown.
    Field.UNREAD: (
        "序号 年度目标 全年目标 目标 目标值 上季累计 上季 上季数 累计 累计完成 本年累计 条线 "
        "业务条线 章节 条目 "
        "指标值 计算值 比率 完成率 口径 问题"
    ),
}
_FIELDS = {match_key(head): field for field, heads in _HEADS.items() for head in heads.split(" ")}


def field_of(cell: RawCell) -> Field | None:
    """Return what a column under this head holds; None for a head that is not known."""
    return _FIELDS.get(match_key(cell)) if isinstance(cell, str) else None


def recognised_columns(cells: Iterable[RawCell]) -> dict[int, Field]:
    """Return the known heads of a row by their column, counted from 0."""
    fields = ((column, field_of(cell)) for column, cell in enumerate(cells))
    return {column: field for column, field in fields if field}
