"""CSV and XLSX as rows of text, in and out, with what spreadsheets do to them in mind."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

# A spreadsheet is a zip archive: what unpacks to more than this is no list of tickets (ASVS 5.2.3).
LARGEST_UNPACKED = 300_000_000
LARGEST_FILE = 100_000_000
# What Excel and its peers take for the beginning of a formula (OWASP: CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

Row = dict[str, str]


class SheetError(Exception):
    """The file as a whole cannot be read; the message, in Chinese, says why."""


def read_rows(file: Path) -> Iterator[tuple[int, Row]]:
    """The rows of a CSV or XLSX file below its headings, each with its number in the file (the
    headings are 1). Values are trimmed texts; empty rows are left out. Raises SheetError."""
    if not file.is_file():
        raise SheetError(f"没有文件 {file}")
    if file.stat().st_size > LARGEST_FILE:
        raise SheetError(f"文件超过 {LARGEST_FILE // 1_000_000} MB，请分成几个")
    lines = _xlsx(file) if file.suffix.lower() == ".xlsx" else _csv(file)
    headings: list[str] = []
    for number, line in lines:
        if not any(line):
            continue
        if not headings:
            headings = line
            _check(headings)
            continue
        if len(line) > len(headings) and any(line[len(headings) :]):
            raise SheetError(f"第 {number} 行有 {len(line)} 列，表头只有 {len(headings)} 列")
        yield number, dict(zip(headings, line + [""] * len(headings), strict=False))
    if not headings:
        raise SheetError("文件是空的")


def _check(headings: Sequence[str]) -> None:
    named = [heading for heading in headings if heading]
    twice = next((heading for heading in named if named.count(heading) > 1), None)
    if twice:
        raise SheetError(f"表头“{twice}”出现了两次")


def decoded(content: bytes) -> str:
    """Text of a file in UTF-8 or GB18030 (which includes GBK and GB2312), or UTF-16 with its mark.

    UTF-8 is tried first: text in GB18030 is practically never valid UTF-8. Raises SheetError with the
    line that is neither.
    """
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError:
            line = content.count(b"\n", 0, error.start) + 1
            raise SheetError(f"第 {line} 行既不是 UTF-8 也不是 GB18030 编码") from None


def _csv(file: Path) -> Iterator[tuple[int, list[str]]]:
    content = decoded(file.read_bytes())
    heading = content.split("\n", 1)[0]
    delimiter = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    try:
        for line in reader:
            yield reader.line_num, [_plain(value) for value in line]
    except csv.Error as error:
        raise SheetError(f"第 {reader.line_num} 行不是 CSV：{error}") from None


def _plain(value: str) -> str:
    """A value of a CSV file, without the apostrophe that kept it from being run as a formula."""
    hidden = value[1:] if value.startswith("'") else ""
    return (hidden if hidden.startswith(FORMULA) else value).strip()


def _xlsx(file: Path) -> Iterator[tuple[int, list[str]]]:
    # Here: it takes half a second that every process and command would wait for at its start.
    from openpyxl import load_workbook  # noqa: PLC0415

    try:
        with zipfile.ZipFile(file) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
                raise SheetError("表格解开后太大，请分成几个")
        book = load_workbook(file, read_only=True, data_only=True)
        sheet = book.worksheets[0]
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, OSError):
        raise SheetError("不是 XLSX 文件，或者文件坏了") from None
    try:
        for number, line in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_shown(value) for value in line]
    finally:
        book.close()


def _shown(value: object) -> str:
    """A cell as a person sees it: whole numbers without “.0”, moments as ISO 8601."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value).strip()


@contextmanager
def written(file: Path, headings: Sequence[str]) -> Generator[Callable[[Sequence[str]], object]]:
    """Writes CSV or XLSX, by the file's ending: what it gives adds a row. Nothing in it is run as a
    formula: in CSV such a value gets an apostrophe before it, in XLSX every cell is text. CSV is
    UTF-8 with a mark, without which Excel takes it for GBK."""
    if file.suffix.lower() == ".xlsx":
        from openpyxl import Workbook  # noqa: PLC0415
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

        book = Workbook(write_only=True)
        sheet = book.create_sheet("工单")

        def add(row: Sequence[str]) -> None:
            cells = [WriteOnlyCell(sheet, _NOT_IN_XML.sub("", value)) for value in row]
            for cell in cells:
                cell.data_type = "s"
            sheet.append(cells)

        add(headings)
        yield add
        book.save(file)
        return
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(headings)
        yield lambda row: writer.writerow([harmless(value) for value in row])


def harmless(value: str) -> str:
    """The value so that no spreadsheet takes it for a formula."""
    return f"'{value}" if value.startswith(FORMULA) else value
