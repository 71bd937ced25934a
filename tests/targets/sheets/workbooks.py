"""Builders of small files in every accepted format, and the little world that they speak of."""

import csv
import io
import zipfile
from collections.abc import Sequence

import xlsxwriter
import xlwt

from targets.sheets.readings import CommitmentName, IndicatorName, Names, OrganisationName

Rows = Sequence[Sequence[object]]

NAMES = Names(
    organisations=(
        OrganisationName("3302", ("宁波市民政局", "市局", "宁波市", "全市")),
        OrganisationName("330203", ("海曙区民政局", "海曙", "海曙区", "宁波市海曙区")),
        OrganisationName("330205", ("江北区民政局", "江北", "江北区")),
        OrganisationName("330206", ("北仑区民政局", "北仑", "北仑区", "新区")),
        OrganisationName("3302-HZW", ("宁波杭州湾新区社会事务管理局", "杭州湾新区", "新区")),
    ),
    indicators=(
        IndicatorName("ET-01", "村(社区)“儿童之家”覆盖率", "%", True, ("儿童之家覆盖率",)),
        IndicatorName("YL-01", "新建区域性居家养老服务中心", "个", False),
        IndicatorName("YL-09", "新建养老床位", "张", False, ("新建床位", "床位")),
        IndicatorName("YL-10", "每百名老人拥有社会养老床位", "张/百名老人", True),
        IndicatorName("YL-15", "护理人员和家庭照护者培训", "人次", False, ("培训",)),
        IndicatorName("YL-20", "养老机构培训", "人次", False, ("培训",)),
    ),
    commitments=(
        CommitmentName("0704", "全市村(居)“儿童之家”覆盖率达到30%", "quantified", "ET-01"),
        CommitmentName("0801", "全年新建46个区域性居家养老服务中心", "quantified", "YL-01"),
        CommitmentName("0902", "新建养老床位4000张", "quantified", "YL-09"),
        CommitmentName("0903", "年底力争每百名老人拥有5张社会养老床位", "quantified", "YL-10"),
        CommitmentName("1004", "全年培训护理人员和家庭照护者1.9万人次", "quantified", "YL-15"),
        CommitmentName("0703", "市县两级未成年人救助保护中心提能增效", "milestone"),
        CommitmentName("0901", "养老服务机构疫情防控", "standing"),
    ),
    periods=frozenset({"2020Q1", "2020Q2", "2020Q3", "2020Q4"}),
    city=("宁波市民政局", "市局", "宁波市", "全市"),
)

LIST_HEADER = (
    "任务编码",
    "指标编码",
    "指标/任务",
    "计量单位",
    "年度目标",
    "上季累计",
    "本季填报",
    "分母",
    "不适用",
    "阶段",
    "进展情况",
    "存在问题",
    "下一步措施",
)
LONG_HEADER = ("单位", "指标", "报告期", "数值", "分母", "备注")


def xlsx(rows: Rows, *, sheet: str = "养老", hidden_rows: Sequence[int] = (), merges: Sequence[str] = ()) -> bytes:
    """Return a workbook with one sheet; merged ranges keep what stands in their first cell."""
    return xlsx_sheets({sheet: rows}, hidden_rows=hidden_rows, merges=merges)


def xlsx_sheets(sheets: dict[str, Rows], *, hidden_rows: Sequence[int] = (), merges: Sequence[str] = ()) -> bytes:
    """Return a workbook with these sheets."""
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        worksheet = workbook.add_worksheet(name)
        for merge in merges:
            worksheet.merge_range(merge, "")
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell not in (None, ""):
                    worksheet.write(number, column, cell)
        for number in hidden_rows:
            worksheet.set_row(number, None, None, {"hidden": True})
    workbook.close()
    return stream.getvalue()


def xls(rows: Rows, *, sheet: str = "养老") -> bytes:
    """Return an old-format workbook with one sheet."""
    workbook = xlwt.Workbook()
    worksheet = workbook.add_sheet(sheet)
    for number, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell not in (None, ""):
                worksheet.write(number, column, cell)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def delimited(rows: Rows, *, separator: str = ",", encoding: str = "utf-8-sig") -> bytes:
    """Return a CSV file."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator).writerows(rows)
    return stream.getvalue().encode(encoding)


def repacked(data: bytes, changes: dict[str, bytes]) -> bytes:
    """Return the zip file with some of its parts replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in changes:
                new.writestr(name, old.read(name))
        for name, content in changes.items():
            new.writestr(name, content)
    return stream.getvalue()


def sheet_xml(data: bytes, old: bytes, new: bytes) -> bytes:
    """Return the workbook with something replaced in its first sheet's XML; it must stand there."""
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(part)
    assert old in xml
    return repacked(data, {part: xml.replace(old, new)})
