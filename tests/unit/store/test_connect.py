"""The store opens only what it can trust, and a write is whole or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from hubtui.errors import StoreBusy, StoreError
from hubtui.models import Project
from hubtui.paths import Home
from hubtui.store import connect, events, lock, migrations, projects, wal
from tests.doubles.waiting import eventually


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path / "state")
    connect.create(found)
    return found


def test_a_new_store_has_its_marks_and_modes(home: Home) -> None:
    con = connect.open_reader(home)
    assert con.execute("PRAGMA application_id").fetchone()[0] == migrations.APPLICATION_ID
    assert con.execute("PRAGMA user_version").fetchone()[0] == migrations.newest()
    assert con.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert con.execute("PRAGMA wal_autocheckpoint").fetchone()[0] == 0
    assert os.stat(home.database).st_mode & 0o777 == 0o600
    assert os.stat(home.root).st_mode & 0o777 == 0o700


def test_a_reader_cannot_write(home: Home) -> None:
    with pytest.raises(sqlite3.OperationalError):
        connect.open_reader(home).execute("INSERT INTO events (time, project, kind) VALUES ('', '', '')")


def test_a_missing_or_emptied_store_is_a_loss_not_a_first_run(home: Home) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{home.database}{suffix}").unlink(missing_ok=True)
    with pytest.raises(StoreError, match="missing or empty"):
        connect.open_reader(home)
    home.database.touch()
    with pytest.raises(StoreError, match="missing or empty"):
        connect.Writer(home).run(lambda con: None)


@pytest.mark.parametrize("open_", [connect.open_reader, connect.open_writer])
def test_a_store_that_goes_missing_while_it_is_opened_is_not_made_anew(
    home: Home, monkeypatch: pytest.MonkeyPatch, open_: Callable[[Home], object]
) -> None:
    looked = connect.check_present

    def then_it_goes(home: Home) -> None:
        looked(home)
        home.database.unlink()

    monkeypatch.setattr(connect, "check_present", then_it_goes)
    with pytest.raises(StoreError):
        open_(home)
    assert not home.database.exists()


def test_a_newer_store_is_left_alone(home: Home) -> None:
    sqlite3.connect(home.database).execute("PRAGMA user_version=999")
    with pytest.raises(StoreError, match="newer hubtui"):
        connect.open_reader(home)


def test_garbage_and_foreign_databases_are_named(home: Home) -> None:
    home.database.write_bytes(b"not a database at all, really" * 100)
    with pytest.raises(StoreError, match="damaged"):
        connect.open_reader(home)
    home.database.unlink()
    sqlite3.connect(home.database).execute("CREATE TABLE t (x)")
    with pytest.raises(StoreError, match="not a hubtui store"):
        connect.open_reader(home)


def test_a_state_folder_others_may_write_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(StoreError, match="Others may write"):
        Home(tmp_path).prepare()


@pytest.mark.skipif(os.geteuid() == 0, reason="needs a user whom modes bind: not root")
def test_a_folder_that_may_not_be_read_or_written_is_said(home: Home) -> None:
    home.root.chmod(0o500)
    home.database.chmod(0o400)
    with pytest.raises(StoreError, match=r"cannot be (used|written)"):
        connect.Writer(home).run(lambda con: events.emit(con, "x", "p"))
    home.root.chmod(0)
    with pytest.raises(StoreError, match="cannot be read"):
        connect.open_reader(home)
    home.root.chmod(0o700)


def test_a_failed_write_leaves_nothing_behind(home: Home) -> None:
    writer = connect.Writer(home)

    def half(con: sqlite3.Connection) -> None:
        events.emit(con, "x", "p")
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        writer.run(half)
    assert events.LAST_SEQ.first(connect.open_reader(home)) == 0
    writer.run(lambda con: events.emit(con, "x", "p"))  # and the lock is free again
    writer.close()


async def test_a_cancelled_waiter_does_not_leave_a_transaction_open(home: Home) -> None:
    writer = connect.Writer(home)
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(con: sqlite3.Connection) -> None:
        events.emit(con, "x", "p")
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()

    task = asyncio.create_task(writer.arun(slow))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    release.set()
    other = connect.Writer(home)
    await other.arun(lambda con: events.emit(con, "y", "p"))
    await asyncio.to_thread(writer.close)  # what was queued runs to its end
    assert events.LAST_SEQ.first(connect.open_reader(home)) == 2
    other.close()


def test_a_held_write_lock_is_said_after_its_time(home: Home) -> None:
    theirs, mine = lock.open_lock(home), lock.open_lock(home)
    told = pytest.raises(StoreBusy, match=f"locked by another.* PID {os.getpid()} ")
    with lock.held(theirs, home), told, lock.held(mine, home, 0.05):
        pass


def test_a_replaced_file_is_noticed(home: Home) -> None:
    writer = connect.Writer(home)
    writer.run(lambda con: events.emit(con, "x", "p"))
    home.database.rename(home.root / "elsewhere.db")
    with pytest.raises(StoreError, match="missing"):
        writer.run(lambda con: events.emit(con, "x", "p"))


def test_events_are_never_changed(home: Home) -> None:
    writer = connect.Writer(home)
    writer.run(lambda con: events.emit(con, "x", "p"))
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        writer.run(lambda con: con.execute("UPDATE events SET kind = 'y'"))
    writer.close()


OFTEN = 200_000  # bytes of WAL: some twelve commits, then a checkpoint
WRITER = """
import sys, os
from pathlib import Path
from hubtui.paths import Home
from hubtui.store import connect, events
connect.WAL_LIMIT = int(sys.argv[3])
writer = connect.Writer(Home(Path(sys.argv[1])))
n = 0
while True:
    n += 1
    writer.run(lambda con: events.emit(con, "n", sys.argv[2], n=n, pad="x" * 300))
    os.write(1, b"%d\\n" % n)
"""


def test_no_acknowledged_write_is_lost_when_writers_are_killed(home: Home) -> None:
    """Three processes write and checkpoint at once and are killed in the middle, again and again."""
    con = connect.open_reader(home)
    promised = {"a": 0, "b": 0, "c": 0}
    for round_ in range(4):
        writers = {
            name: subprocess.Popen(
                [sys.executable, "-c", WRITER, str(home.root), f"{name}{round_}", str(OFTEN)], stdout=subprocess.PIPE
            )
            for name in promised
        }
        for name, process in writers.items():
            assert process.stdout is not None
            while promised[name] < 60:
                promised[name] = int(process.stdout.readline())
        for process in writers.values():
            process.kill()
        for name, process in writers.items():
            assert process.stdout is not None
            rest = process.stdout.read().split(b"\n")[:-1]
            promised[name] = int(rest[-1]) if rest else promised[name]
            process.wait()
            kept = con.execute("SELECT count(*) FROM events WHERE project = ?", (f"{name}{round_}",)).fetchone()[0]
            assert promised[name] <= kept <= promised[name] + 1
            promised[name] = 0
    assert con.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert os.path.getsize(f"{home.database}-wal") < 3 * OFTEN


def write(writer: connect.Writer, commits: int = 1) -> None:
    """Each commit is some twelve kilobytes of WAL."""
    for _ in range(commits):
        writer.run(lambda con: events.emit(con, "n", "p", pad="x" * 300))


def test_a_large_wal_is_emptied_soon_after_the_commit_that_made_it_so(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = connect.Writer(home)
    write(writer, 60)
    assert wal.size(home) > 2 * OFTEN, "so much it is where nobody tidies"
    writer.close()
    monkeypatch.setattr(connect, "WAL_LIMIT", OFTEN)
    writer, reader = connect.Writer(home), connect.open_reader(home)
    write(writer, 60)
    eventually(lambda: wal.size(home) < OFTEN, 5)
    reader.close()
    writer.close()


def test_a_reader_in_the_middle_of_a_look_puts_the_tidying_off_and_stops_nobody(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "WAL_LIMIT", OFTEN)
    writer, reader = connect.Writer(home), connect.open_reader(home)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM events").fetchone()
    write(writer, 60)
    assert wal.size(home) > 2 * OFTEN
    reader.execute("COMMIT")

    def tidied() -> bool:
        write(writer)
        return wal.size(home) < OFTEN

    eventually(tidied)
    reader.close()
    writer.close()


def test_what_was_queued_is_written_before_a_writer_closes_and_nothing_after(home: Home) -> None:
    writer = connect.Writer(home)
    queued = [writer.submit(lambda con, n=n: events.emit(con, "n", "p", n=n)) for n in range(50)]  # type: ignore[misc]
    writer.close()
    writer.close()
    assert [f.result(0) for f in queued] == list(range(1, 51))
    with pytest.raises(RuntimeError, match="closed"):
        writer.run(lambda con: None)


def test_threads_of_one_hub_write_one_after_the_other(home: Home) -> None:
    rung: list[int] = []
    writer = connect.Writer(home, after_commit=lambda: rung.append(threading.get_ident()))

    def many() -> None:
        for _ in range(40):
            writer.run(lambda con: events.emit(con, "n", "p"))

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with contextlib.closing(connect.open_reader(home)) as con:
        assert events.LAST_SEQ.first(con) == 160
    assert len(rung) == 160, "each commit is told"
    assert len(set(rung)) == 4, "by whoever made it"
    writer.close()


def test_text_that_is_no_unicode_is_stored_all_the_same(home: Home) -> None:
    """As a variable of the shell may hold it, and with it a message."""
    writer = connect.Writer(home)
    writer.run(lambda con: projects.insert(con, Project("web", home.root, "process", "\udcff!"), []))
    with contextlib.closing(connect.open_reader(home)) as con:
        assert projects.get(con, "web").engine_reason == "\ufffd!"
        assert con.execute("SELECT :text AS text", {"text": "\ud800"}).fetchone()["text"] == "\ufffd"
    writer.close()
