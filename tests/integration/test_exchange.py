"""Lists of tickets in and out: repeatable, row by row, and without what others must not read."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from desk.city import City
from desk.database import Database
from desk.settings import ROOT
from desk.tickets.exchange.exporting import export_file
from desk.tickets.exchange.importing import Imported, import_file
from desk.tickets.exchange.mapping import FileMapping, read_mapping
from desk.tickets.exchange.sheets import SheetError, read_rows
from tests.harness.letters import put, rows
from tests.integration.test_tickets import opened

pytestmark = pytest.mark.both_servers

PINGSHAN = ROOT.parent / "shared" / "data" / "pingshan" / "tickets.csv"
LIST = """编号,诉求类型,事项,诉求内容,地点,电话,状态,受理时间
A1,投诉,物业管理,物业三个月没来收垃圾,幸福里小区3号楼,13800138000,办理中,2026-03-01 09:30
A2,咨询,0301,公积金怎么提取,,,已归档,2026-03-02 10:00
A3,吐槽,0301,这行的类型不对,,,已归档,2026-03-02 10:00
A4,举报,0708,黑作坊卖假酒,人民路,,受理,2026-03-03 10:00
A1,投诉,物业管理,同一个编号又来了,,,受理,2026-03-03 10:00
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    target = tmp_path / "list.csv"
    target.write_bytes(LIST.encode("gb18030"))
    return target


def correct(file: Path) -> None:
    file.write_text(LIST.replace("吐槽", "建议"), encoding="utf-8")


async def taken(
    db: Database,
    city: City,
    file: Path,
    *,
    dry_run: bool = False,
    mapping: FileMapping | None = None,
) -> Imported:
    return await import_file(
        db, city, file, mapping or FileMapping(), dry_run=dry_run, progress=lambda _: None
    )


async def count(db: Database) -> int:
    return len(await rows(db, "SELECT 1 FROM ticket"))


async def test_good_rows_are_taken_over_and_the_others_named(
    db: Database, city: City, file: Path
) -> None:
    done = await taken(db, city, file)
    assert (done.new, done.known) == (3, 0)
    assert [refused.line for refused in done.refused] == [4, 6]
    found = await rows(
        db,
        "SELECT t.number, t.state, t.origin, t.confidential, t.department, e.action, e.to_state, "
        "e.at = t.created_at AS then FROM ticket t JOIN ticket_event e ON e.ticket_id = t.id "
        "ORDER BY t.external_key",
    )
    assert [row["number"][:8] for row in found] == ["YS260301", "YS260302", "YS260303"]
    assert [row["state"] for row in found] == ["in_progress", "closed", "accepted"]
    assert [row["confidential"] for row in found] == [False, False, True]
    assert found[0]["department"] == "landong"
    assert all(row["origin"] == "import" and row["then"] for row in found)
    assert all(row["state"] == row["to_state"] and row["action"] == "open" for row in found)


async def test_a_dry_run_changes_nothing(db: Database, city: City, file: Path) -> None:
    done = await taken(db, city, file, dry_run=True)
    assert (done.new, len(done.refused)) == (3, 2)
    assert await count(db) == 0


async def test_the_same_list_again_adds_only_what_was_corrected(
    db: Database, city: City, file: Path
) -> None:
    await taken(db, city, file)
    correct(file)
    done = await taken(db, city, file)
    assert (done.new, done.known) == (1, 3)
    assert await count(db) == 4


async def test_a_break_in_between_loses_nothing(db: Database, city: City, tmp_path: Path) -> None:
    lines = ["编号,诉求内容", *(f"B{n},路灯不亮{n}" for n in range(450))]
    file = tmp_path / "long.csv"
    file.write_text("\n".join(lines), encoding="utf-8")

    class BreakError(Exception):
        pass

    def stop_after_the_second_batch(_: int, calls: list[int] = []) -> None:  # noqa: B006
        calls.append(1)
        if len(calls) == 2:
            raise BreakError

    with pytest.raises(BreakError):
        await import_file(db, city, file, FileMapping(), progress=stop_after_the_second_batch)
    assert await count(db) == 400
    done = await taken(db, city, file)
    assert (done.new, done.known) == (50, 400)


async def test_a_list_without_the_headings_is_refused(
    db: Database, city: City, tmp_path: Path
) -> None:
    file = tmp_path / "other.csv"
    file.write_text("ID,内容\n1,路灯\n", encoding="utf-8")
    with pytest.raises(SheetError, match="诉求内容"):
        await taken(db, city, file)


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
async def test_an_export_can_be_imported_elsewhere(
    db: Database, city: City, tmp_path: Path, ending: str
) -> None:
    ticket = await opened(db, city, description="=1+1 路灯坏了\n三天", place="幸福里小区")
    file = tmp_path / f"out{ending}"
    assert await export_file(db, city, file, personal=True) == 1
    [(_, row)] = list(read_rows(file))
    assert row["诉求内容"] == "=1+1 路灯坏了\n三天"
    await taken(db, city, file)
    [one] = await rows(db, "SELECT * FROM ticket WHERE origin = 'import'")
    assert one["external_key"] == f"import:file:{ticket.number}"
    assert (one["type"], one["topic"], one["place"]) == ("incident", "0306", "幸福里小区")


async def test_an_export_hides_people_unless_it_is_asked_for(
    db: Database, city: City, tmp_path: Path
) -> None:
    await opened(db, city, description="打我电话13800138000", phone="13800138000")
    await opened(db, city, source=await put(db), type="violation", description="有人私开赌场")
    file = tmp_path / "out.csv"
    assert await export_file(db, city, file) == 1
    text = file.read_text(encoding="utf-8-sig")
    assert "13800138000" not in text
    assert "赌场" not in text
    assert "电话" not in next(csv.reader(text.splitlines()))
    assert await export_file(db, city, file, personal=True) == 2
    assert "13800138000" in file.read_text(encoding="utf-8-sig")


@pytest.mark.skipif(not PINGSHAN.exists(), reason="the public tickets of Pingshan are not here")
async def test_a_real_list_is_read_with_the_mapping_of_the_guide(db: Database, city: City) -> None:
    mapping = read_mapping(ROOT / "docs" / "pingshan.yml")
    done = await taken(db, city, PINGSHAN, dry_run=True, mapping=mapping)
    assert (done.new, len(done.refused)) == (10_000, 0)
