"""Files and folders that are replaced whole or not at all, and what is refused before anything is touched."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evsiting.errors import InputError, WriteError
from evsiting.files import entries, hold_folder, recover, replace_file, replace_folder
from evsiting.journal import JOURNAL, STAGE
from evsiting.locks import LOCK_FILE

posix = pytest.mark.skipif(os.name != "posix", reason="links, modes and locks of POSIX")


def held(folder: Path) -> dict[str, str]:
    """Return every file of a folder, hidden ones too, with what it holds."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in files}


def filled(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def put(folder: Path, files: dict[str, str], **more: object) -> None:
    with replace_folder(folder, **more) as fresh:
        filled(fresh, files)


# ------------------------------------------------------------------------------------------------- files


def test_a_file_is_replaced_when_it_is_complete(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "note.txt"
    with replace_file(file) as fresh:
        fresh.write_text("one", encoding="utf-8")
        assert not file.exists()
    with pytest.raises(ZeroDivisionError), replace_file(file) as fresh:
        1 / fresh.write_text("", encoding="utf-8")
    assert held(tmp_path) == {"deep/note.txt": "one"}


@posix
def test_a_link_stays_a_link_and_a_private_file_private(tmp_path: Path) -> None:
    real = filled(tmp_path, {"elsewhere/real.txt": "old"}) / "elsewhere" / "real.txt"
    real.chmod(0o600)
    (tmp_path / "link.txt").symlink_to(real)
    with replace_file(tmp_path / "link.txt") as fresh:
        fresh.write_text("new", encoding="utf-8")
    assert (tmp_path / "link.txt").is_symlink()
    assert real.read_text(encoding="utf-8") == "new"
    assert real.stat().st_mode & 0o777 == 0o600


@posix
def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "pipe")
    for name, said in (
        (".", "is a folder"),
        ("pipe", "no ordinary file"),
        ("nowhere", "a link to a file that does not"),
    ):
        with pytest.raises(InputError, match=said), replace_file(tmp_path / name):
            pytest.fail("nothing is to be written")
    assert (tmp_path / "nowhere").is_symlink()


def test_a_name_of_full_length_can_be_written(tmp_path: Path) -> None:
    name = "x" * 251 + ".txt"
    with replace_file(tmp_path / name) as fresh:
        fresh.write_text("whole", encoding="utf-8")
    assert held(tmp_path) == {name: "whole"}
    with pytest.raises(WriteError, match="x: File name too long") as raised, replace_file(tmp_path / f"x{name}"[:-4]):
        raise OSError(errno.ENAMETOOLONG, "File name too long")
    assert str(raised.value).count("File name too long") == 1


@posix
def test_rooms_of_killed_writers_are_cleaned_and_those_of_living_ones_are_not(tmp_path: Path) -> None:
    filled(tmp_path, {".evsiting-tmp-0badcafe/half.txt": "half"})
    with replace_file(tmp_path / "a.txt") as first:
        first.write_text("a", encoding="utf-8")
        with replace_file(tmp_path / "b.txt") as second:
            second.write_text("b", encoding="utf-8")
    assert held(tmp_path) == {"a.txt": "a", "b.txt": "b"}


# ----------------------------------------------------------------------------------------------- folders


def test_new_files_take_the_place_of_stale_ones_and_other_files_stay(tmp_path: Path) -> None:
    filled(tmp_path, {"mark": "old", "gone/1": "old", "part/1": "old", "part/thesis": "mine", "thesis": "mine"})
    put(tmp_path, {"mark": "new", "part/2": "new"}, last=["mark"], stale=lambda folder: ["gone/1", "part/1"])
    assert held(tmp_path) == {"mark": "new", "part/2": "new", "part/thesis": "mine", "thesis": "mine"}
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.EIO])
def test_what_the_system_refuses_is_one_error_that_names_the_path_once(tmp_path: Path, code: int) -> None:
    folder, text = filled(tmp_path / "run", {"mark": "old"}), os.strerror(code)

    def refused(fresh: Path) -> None:
        (fresh / "mark").write_text("new", encoding="utf-8")
        raise OSError(code, text)

    with pytest.raises(WriteError) as raised, replace_folder(folder, last=["mark"]) as fresh:
        refused(fresh)
    assert str(raised.value) == f"{folder}: {text}. What was there before is as it was."
    assert raised.value.errno == code
    assert held(folder) == {"mark": "old"}


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("sqlite3_exec(CREATE TABLE x) failed: database or disk is full"),
        ValueError("No space left on device (os error 28)"),
        RuntimeError(OSError(errno.ENOSPC, "No space left on device")),
    ],
)
def test_a_full_disk_in_the_words_of_other_libraries(tmp_path: Path, error: Exception) -> None:
    def refused() -> None:
        raise error

    with pytest.raises(WriteError) as raised, replace_file(tmp_path / "a"):
        refused()
    assert str(raised.value) == f"{tmp_path / 'a'}: No space left on device. What was there before is as it was."
    with pytest.raises(ZeroDivisionError), replace_file(tmp_path / "a"):
        1 / len(held(tmp_path))
    assert entries(tmp_path) == []


def test_a_disk_that_is_full_when_the_journal_is_written_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, fsync = filled(tmp_path / "run", {"mark": "old"}), os.fsync

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError, match="No space left on device"):
        put(folder, {"mark": "new"}, last=["mark"])
    monkeypatch.setattr(os, "fsync", fsync)
    assert held(folder) == {"mark": "old"}
    put(folder, {"mark": "new"}, last=["mark"])
    assert held(folder) == {"mark": "new"}


def test_everything_is_on_the_disk_before_the_journal_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(handle: int) -> None:
        seen.append(Path(f"/proc/self/fd/{handle}").readlink().name if Path("/proc/self/fd").is_dir() else "a")
        fsync(handle)

    def moved(self: Path, target: Path) -> Path:
        seen.append(f"-> {Path(target).name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", moved)
    put(tmp_path / "run", {"a": "new"}, last=["a"])
    if Path("/proc/self/fd").is_dir():
        order = [seen.index(step) for step in ("a", "new", f"{JOURNAL}.draft", f"-> {JOURNAL}", STAGE, "-> a", "run")]
        assert order == sorted(order)


@posix
def test_the_current_folder_a_link_and_a_folder_under_one_that_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = filled(tmp_path / "home", {"a": "old"})
    (tmp_path / "link").symlink_to("home")
    monkeypatch.chdir(home)
    put(Path(), {"a": "1"})
    assert held(home) == {"a": "1"}
    put(tmp_path / "link", {"a": "2"})
    assert (tmp_path / "link").is_symlink()
    assert held(home) == {"a": "2"}


@posix
def test_links_within_a_folder_are_replaced_and_not_followed(tmp_path: Path) -> None:
    mine = filled(tmp_path / "mine", {"a": "mine", "b": "mine"})
    folder = filled(tmp_path / "run", {"mark": "old"})
    (folder / "part").symlink_to(mine)
    put(folder, {"part/a": "new"}, stale=lambda folder: ["part/b"])
    assert held(mine) == {"a": "mine", "b": "mine"}
    assert held(folder) == {"mark": "old", "part/a": "new"}


def test_what_is_in_the_way_is_told_before_anything_changes(tmp_path: Path) -> None:
    folder = filled(tmp_path / "run", {"a": "old", "b/c": "mine", "d": "mine"})
    with pytest.raises(InputError, match=r"cannot be filled \(b is a folder, d is a file\)"):
        put(folder, {"a": "new", "b": "new", "d/e": "new"})
    assert held(folder) == {"a": "old", "b/c": "mine", "d": "mine"}
    with pytest.raises(InputError, match="a file is in the way"):
        put(folder / "d", {"a": "new"})


@posix
def test_a_folder_behind_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    for place in ("link", "link/runs/base"):
        with pytest.raises(InputError, match="behind a link to what does not exist"):
            put(tmp_path / place, {"a": "new"})
    assert not (tmp_path / "disk").exists()


def test_a_name_too_long_is_told_of_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="File name too long"), hold_folder(tmp_path / ("x" * 300)):
        pytest.fail("the work began")
    deep = tmp_path
    while len(str(deep)) < 4_030:
        deep /= "y" * min(200, 4_040 - len(str(deep)))
    if os.name == "posix":
        with pytest.raises(WriteError, match="File name too long"), hold_folder(deep):
            pytest.fail("the work began, and its files would not fit")
    assert entries(tmp_path) == []


# ---------------------------------------------------------------------------------- what stopped writers leave


def stopped(folder: Path, put: list[str], drop: list[str], new: dict[str, str], last: list[str]) -> None:
    filled(folder / STAGE / "new", {**new, "kept": "so that there is a stage"})
    journal = json.dumps({"put": put, "drop": drop, "last": last})
    (folder / STAGE / JOURNAL).write_text(journal, encoding="utf-8")


def test_a_reader_finishes_what_a_writer_has_left(tmp_path: Path) -> None:
    folder = filled(tmp_path / "run", {"a": "new", "b": "old", "c": "old", "thesis": "mine"})
    stopped(folder, ["a", "b", "mark"], ["c"], {"b": "new", "mark": "new"}, ["mark"])
    (folder / LOCK_FILE).write_text("process 1\n", encoding="utf-8")
    recover(folder / "points" / "01")
    assert held(folder) == {"a": "new", "b": "new", "mark": "new", "thesis": "mine"}


def test_a_stage_without_journal_counts_for_nothing(tmp_path: Path) -> None:
    folder = filled(tmp_path / "run", {"a": "old", f"{STAGE}/new/a": "half"})
    put(folder, {"b": "new"})
    assert held(folder) == {"a": "old", "b": "new"}


def test_a_reader_sweeps_up_after_a_writer_that_was_stopped_and_not_under_one_at_work(tmp_path: Path) -> None:
    folder = filled(tmp_path / "run", {"a": "old", f"{STAGE}/new/a": "half", LOCK_FILE: "process 1\n"})
    recover(folder)
    assert held(folder) == {"a": "old"}
    with replace_folder(folder) as fresh:
        filled(fresh, {"a": "new"})
        recover(folder)
        assert (fresh / "a").is_file()
        assert (folder / LOCK_FILE).is_file()
    assert held(folder) == {"a": "new"}


@pytest.mark.parametrize("name", ["../thesis", "/tmp/thesis", "a/../../thesis", "C:thesis", 7])
def test_a_journal_from_strangers_does_not_lead_out_of_the_folder(tmp_path: Path, name: object) -> None:
    folder = filled(tmp_path / "run", {"a": "old"})
    (tmp_path / "thesis").write_text("mine", encoding="utf-8")
    stopped(folder, [], [name], {}, [])  # type: ignore[list-item]
    with pytest.raises(InputError, match="is no journal of evsiting"):
        recover(folder)
    assert (tmp_path / "thesis").read_text(encoding="utf-8") == "mine"


# ------------------------------------------------------------------------------------------- two writers


@posix
def test_a_folder_that_another_process_writes_is_refused_and_its_end_frees_it(tmp_path: Path) -> None:
    code = (
        "import sys; from evsiting.files import hold_folder\n"
        "with hold_folder(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", code, str(tmp_path / "run")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        told = f"is being written by another run.*process {other.pid} "
        with pytest.raises(InputError, match=told), hold_folder(tmp_path / "run"):
            pytest.fail("two at once")
        other.kill()
    assert (tmp_path / "run" / LOCK_FILE).is_file(), "killed, it could not remove it"
    with hold_folder(tmp_path / "run"), hold_folder(tmp_path / "run"):
        put(tmp_path / "run", {"a": "new"})
    assert held(tmp_path / "run") == {"a": "new"}


@posix
def test_two_processes_that_write_at_once_both_end_whole(tmp_path: Path) -> None:
    code = (
        "import sys; from evsiting.files import replace_folder\n"
        "for k in range(20):\n"
        "    with replace_folder(sys.argv[1], last=['a']) as fresh:\n"
        "        [(fresh / name).write_text(sys.argv[2] + str(k)) for name in 'abc']\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "run"), who]) for who in "xy"]
    assert [one.wait() for one in both] == [0, 0]
    files = held(tmp_path / "run")
    assert set(files) == {"a", "b", "c"}
    assert len(set(files.values())) == 1


def test_a_folder_that_is_made_for_nothing_goes_again(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold_folder(tmp_path / "runs" / "base"):
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "kept").mkdir()
    with pytest.raises(ZeroDivisionError), hold_folder(tmp_path / "kept"):
        1 / 0  # noqa: B018
    assert (tmp_path / "kept").is_dir()
