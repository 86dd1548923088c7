"""`python -m bot.train` on a small project."""

from __future__ import annotations

import tarfile
from pathlib import Path

from tests.engine.small_project import ROOT, train_in


def test_an_archive_is_named_by_its_sources(small_model: Path) -> None:
    assert small_model.name.startswith("yingsheng-")
    assert small_model.exists()


def test_unchanged_sources_are_not_trained_again(small_project: Path, small_model: Path) -> None:
    written = small_model.stat().st_mtime_ns
    done = train_in(small_project)
    assert Path(done.stdout.strip()) == small_model
    assert small_model.stat().st_mtime_ns == written


def test_the_same_data_make_the_same_model(
    small_project: Path, small_model: Path, tmp_path: Path
) -> None:
    done = train_in(small_project, "--out", str(tmp_path))
    again = Path(done.stdout.strip())
    bars = [line for line in done.stderr.splitlines() if line.startswith("train: #")]
    assert "#" * 40 in bars[-1], "the progress was not shown"
    assert again.name == small_model.name
    assert components(again) == components(small_model)


def test_nothing_but_archives_is_left(small_model: Path, other_model: Path) -> None:
    assert set(small_model.parent.iterdir()) == {small_model, other_model}


def test_a_bad_extra_line_is_named_and_nothing_trained(small_project: Path) -> None:
    extra = small_project / "bad.jsonl"
    extra.write_text('{"text": "好"}\n{"text": "好", "type": "抱怨"}\n', encoding="utf-8")
    done = train_in(small_project, "--extra", str(extra))
    assert (done.returncode, done.stdout) == (2, "")
    assert "bad.jsonl, line 2" in done.stderr


def test_nothing_to_learn_from_is_said() -> None:
    done = train_in(ROOT, "--only")
    assert done.returncode == 2
    assert "--extra" in done.stderr


def components(archive: Path) -> dict[str, bytes]:
    """What the understanding components learned, by file name. (Rasa writes its rules in any order.)"""
    with tarfile.open(archive) as opened:
        return {
            member.name: opened.extractfile(member).read()  # type: ignore[union-attr]
            for member in opened
            if member.isfile() and "bot.nlu" in member.name
        }
