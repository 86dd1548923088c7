"""`yingsheng import-tickets` and `export-tickets`: lists of tickets from and into files."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from desk.cli.terminal import console, fail, with_world
from desk.conversations.world import World
from desk.tickets.exchange.exporting import export_file
from desk.tickets.exchange.importing import Imported, import_file
from desk.tickets.exchange.mapping import FileMapping, read_mapping
from desk.tickets.exchange.sheets import SheetError, written

# More are in the file of refused rows.
SHOWN = 10
REFUSED = ".未导入.csv"


def import_tickets(
    *,
    file: Annotated[Path, typer.Argument(help="CSV 或 XLSX")],
    mapping: Annotated[
        Path | None, typer.Option("--map", help="对照表（YAML）；不写按导出文件的表头读")
    ] = None,
    dry_run: Annotated[bool, typer.Option(help="只检查，不写入")] = False,
) -> None:
    """从文件导入别的系统的工单；可以中断、改正后重来，已导入的不会重复。"""
    read = _mapping(mapping)

    async def work(world: World) -> None:
        with Progress(
            *Progress.get_default_columns(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
        ) as bar:
            task = bar.add_task("检查" if dry_run else "导入", total=None)
            done = await import_file(
                world.db,
                world.city,
                file,
                read,
                dry_run=dry_run,
                progress=lambda rows: bar.advance(task, rows),
            )
        _report(file, done, dry_run=dry_run)

    try:
        with_world(work)
    except SheetError as error:
        fail(f"{file.name}：{error}", 1)


def export_tickets(
    *,
    file: Annotated[Path, typer.Argument(help="写成 .csv 或 .xlsx")],
    since: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="从这一天起受理的")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="到这一天为止（含）")
    ] = None,
    personal: Annotated[
        bool, typer.Option(help="连同电话和保密工单；给谁、做什么请留记录")
    ] = False,
) -> None:
    """导出工单；默认不含电话和保密工单。"""
    if file.suffix.lower() not in (".csv", ".xlsx"):
        fail("文件名要以 .csv 或 .xlsx 结尾")

    async def work(world: World) -> None:
        zone = world.city.zone
        count = await export_file(
            world.db,
            world.city,
            file,
            since=since.replace(tzinfo=zone) if since else None,
            until=until.replace(tzinfo=zone) + timedelta(days=1) if until else None,
            personal=personal,
        )
        console.print(f"{count} 件，写在 {file}")

    with_world(work)


def _mapping(file: Path | None) -> FileMapping:
    try:
        return read_mapping(file)
    except SheetError as error:
        fail(str(error))


def _report(file: Path, done: Imported, *, dry_run: bool) -> None:
    verb = "可导入" if dry_run else "导入"
    console.print(
        f"{verb} {done.new} 件，以前已导入 {done.known} 件，有问题 {len(done.refused)} 行"
    )
    for refused in done.refused[:SHOWN]:
        console.print(f"  第 {refused.line} 行：{'；'.join(refused.problems)}", markup=False)
    if not done.refused:
        return
    target = file.with_name(file.stem + REFUSED)
    headings = list(done.refused[0].row)
    with written(target, ["行号", "问题", *headings]) as add:
        for refused in done.refused:
            add([str(refused.line), "；".join(refused.problems), *refused.row.values()])
    console.print(f"有问题的行连同原因写在 {target}，改好后可以直接再导入它", markup=False)
    raise typer.Exit(1)
