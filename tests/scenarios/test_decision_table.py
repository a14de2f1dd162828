"""Every row of the decision table (docs/design.md section 2), by the shipped gate and launcher as processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional

import pytest

from tests.stub_root import ARM_ID, DR_ID, HOME_ID, STRANGE_ID, StubRoot, row, stamp_text

QUERY = "/usr/sbin/lsattr -El sys0 -a systemid"


class Row(NamedTuple):
    """says: parts of the output, in order; calls: AIX programs that run; the rest is the machine."""

    name: str
    exit_code: int
    says: List[str]
    calls: List[str]
    stamp: Optional[str] = None
    lsattr: str = f"echo '{row('IBM,' + HOME_ID)}'"


def _id(systemid: str) -> str:
    return f"echo '{row(systemid)}'"


DISARMED: Dict[str, Optional[str]] = {"phase": "disarmed", "event": f"{DR_ID}/{ARM_ID}", "run": "20260101-1"}

OWN = stamp_text()
HOME_ROW = _id("IBM," + HOME_ID)
PADDED = f"echo 'systemid      IBM,{HOME_ID}   H s i   False'"
NOT_FOUND = "echo lsattr: 0514-519 >&2; exit 255"
ADD_IT = ["moved by LPM, or new hardware", "/etc/drboot/sites/home.yaml", f"systemids: [IBM,{STRANGE_ID}]"]

QUIET = (
    Row("no stamp", 0, ["drboot: not armed: nothing to do\n"], []),
    Row("own id", 0, ["drboot: production, site home (IBM,017268B60): nothing to do\n"], [QUERY], OWN),
    Row("own id, lower case", 0, ["production, site home"], [QUERY], OWN, _id("ibm,017268b60")),
    Row(
        "own id, stamp with IBM,",
        0,
        ["production, site home"],
        [QUERY],
        stamp_text(ids__home=f"IBM,{STRANGE_ID},IBM,{HOME_ID}"),
    ),
    Row("own id, padded row", 0, ["production"], [QUERY], OWN, PADDED),
    Row("own id, -O form", 0, ["production"], [QUERY], OWN, f"echo '#systemid'; echo IBM,{HOME_ID}"),
    Row("own id, noise on stderr", 0, ["production"], [QUERY], OWN, f"echo noise >&2; {HOME_ROW}"),
)  # fmt: skip
UNREADABLE = (
    Row("empty value", 3, ["cannot be read", "systemid  Hardware"], [QUERY], OWN, _id("")),
    Row("nothing printed", 3, ["cannot be read", "printed no systemid\n"], [QUERY], OWN, ":"),
    Row("header only", 3, ["printed no systemid"], [QUERY], OWN, "echo '#systemid'"),
    Row("ODM locked", 3, ["exit status 1: lsattr: 0514-516"], [QUERY], OWN, "echo lsattr: 0514-516 >&2; exit 1"),
    Row("malformed value", 3, ["printed no systemid"], [QUERY], OWN, _id("IBM,0211D11C")),
    Row("value with a tail", 3, ["printed no systemid"], [QUERY], OWN, _id(f"IBM,{HOME_ID}1")),
    Row("letters for the digits", 3, ["printed no systemid"], [QUERY], OWN, _id("IBM,O17268B60")),
    Row("value without IBM,", 3, ["printed no systemid"], [QUERY], OWN, _id(HOME_ID)),
    Row("another attribute", 3, ["no systemid"], [QUERY], OWN, f"echo 'os_uuid IBM,{HOME_ID} d False'"),
    Row("two rows", 3, ["no systemid"], [QUERY], OWN, f"{_id('IBM,' + HOME_ID)}; {_id('IBM,' + DR_ID)}"),
    Row("no end of line", 3, ["no systemid"], [QUERY], OWN, f"printf 'systemid IBM,{HOME_ID} H s i False'"),
    Row("not UTF-8", 3, ["no systemid, but: ??systemid"], [QUERY], OWN, "printf '\\377\\376systemid\\n'"),
    Row("control characters", 3, ["but: ?[2Jsystemid"], [QUERY], OWN, "printf '\\033[2Jsystemid\\n'"),
    Row("error text", 3, ["exit status 255: lsattr: 0514-519"], [QUERY], OWN, NOT_FOUND),
    Row("good row, bad status", 3, ["exit status 1"], [QUERY], OWN, f"{_id('IBM,' + DR_ID)}; exit 1"),
    Row("killed", 3, ["ended by signal 9"], [QUERY], OWN, "kill -9 $$"),
    Row("huge output", 3, ["more than 8192 bytes"], [QUERY], OWN, "while :; do echo systemid IBM,0; done"),
    Row("hangs", 3, ["did not answer within 1 s"], [QUERY], stamp_text(deadline="1"), "sleep 60"),
)  # fmt: skip
REFUSED = (
    Row("id in no site", 3, [f"IBM,{STRANGE_ID}", *ADD_IT], [QUERY], OWN, _id("IBM," + STRANGE_ID)),
    Row("configured site empty", 3, ["configured for (none)"], [QUERY], stamp_text(configured_site="")),
    Row("configured site without ids", 3, ["configured for (far)"], [QUERY], stamp_text(configured_site="far")),
)  # fmt: skip
CONFIG = (
    Row("id under two sites", 2, ["armed:7:", f"IBM,{DR_ID} is listed for site home and for site dr"], [],
        stamp_text(ids__home=f"{HOME_ID},{DR_ID}")),
    Row("no ids", 2, ["armed: no site has a systemid"], [], stamp_text(ids__home=None, ids__dr=None)),
    Row("only empty ids", 2, ["armed: no site has a systemid"], [], stamp_text(ids__home="", ids__dr="")),
    Row("bad id", 2, ["armed:7: not a list of systemids: 0211D11C"], [], stamp_text(ids__dr="0211D11C")),
    Row("unknown version", 2, ["armed:1: version 2 is unknown"], [], stamp_text(version="2")),
    Row("unknown phase", 2, ["armed:3: phase is neither"], [], stamp_text(phase="ready")),
    Row("key missing", 2, ["armed:8: cut off or edited: phase= is missing"], [], stamp_text(phase=None)),
    Row("bad line", 2, ["armed:1: not a line key=value"], [], "half\n" + OWN),
    Row("key twice", 2, ["armed:10: phase is also in line 3"], [], OWN + "phase=disarmed\n"),
    Row("cut off in a line", 2, ["armed:9: cut off"], [], OWN[:-1]),
    Row("cut off between lines", 2, ["sha256= is missing"], [], OWN.partition("sha256")[0]),
    Row("next to empty", 2, ["version= is missing"], [], "python=/usr/bin/python3\n"),
    Row("not ASCII", 2, ["armed:4: not plain ASCII"], [], stamp_text(host="pröd")),
)  # fmt: skip


@pytest.fixture
def machine(tmp_path: Path) -> StubRoot:
    return StubRoot(tmp_path)


def _prepare(machine: StubRoot, wanted: Row) -> None:
    machine.lsattr(wanted.lsattr)
    if wanted.stamp is not None:
        machine.stamp(wanted.stamp)


def _in_order(text: str, parts: List[str]) -> bool:
    at = 0
    for part in parts:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def named(wanted: Row) -> str:
    return wanted.name


@pytest.mark.parametrize("wanted", [*QUIET, *REFUSED, *CONFIG], ids=named)
def test_nothing_is_changed_and_it_is_said(machine: StubRoot, wanted: Row) -> None:
    check_that_nothing_is_changed(machine, wanted)


@pytest.mark.parametrize("wanted", UNREADABLE, ids=named)
def test_F02_an_id_that_cannot_be_read_is_nobodys(machine: StubRoot, wanted: Row) -> None:
    check_that_nothing_is_changed(machine, wanted)


def check_that_nothing_is_changed(machine: StubRoot, wanted: Row) -> None:
    _prepare(machine, wanted)
    before = machine.snapshot()
    ran = machine.run_gate()
    launched = machine.run_launcher()
    assert (ran.returncode, launched.returncode) == (wanted.exit_code, 0), ran.stdout
    assert ran.stdout == launched.stdout
    assert _in_order(ran.stdout, wanted.says), ran.stdout
    assert all(line.startswith("drboot: ") for line in ran.stdout.splitlines()), ran.stdout
    assert machine.calls() == wanted.calls * 2
    assert machine.snapshot() == before


@pytest.mark.parametrize("wanted", QUIET, ids=lambda wanted: wanted.name)
def test_a_boot_without_news_prints_one_line(machine: StubRoot, wanted: Row) -> None:
    _prepare(machine, wanted)
    assert machine.run_launcher().stdout.count("\n") == 1


def test_an_id_of_another_site_starts_the_worker_for_that_site(machine: StubRoot) -> None:
    machine.stamp(ids__far="0299AAAAA")
    machine.machine_is(DR_ID)
    machine.worker(
        "with open(REPORT, 'w') as report: print(root, stamp.host, decision.action, decision.site,"
        " decision.systemid, decision.accepted, file=report)\n"
        "os.write(1, b'drboot: worker here\\n')\nreturn 4"
    )
    ran = machine.run_gate()
    assert ran.returncode == 4
    assert ran.stdout.splitlines() == [
        f"drboot: DR boot: prod01 wakes at site dr (IBM,{DR_ID}), configured for home",
        "drboot: worker here",
    ]
    assert machine.report.read_text() == f"{machine.root} prod01 act dr {DR_ID} False\n"
    assert machine.calls() == [QUERY]
    assert machine.run_launcher().returncode == 0


def test_the_worker_is_in_a_session_of_its_own(machine: StubRoot) -> None:
    machine.stamp()
    machine.machine_is(DR_ID)
    machine.worker(
        "with open(REPORT, 'w') as report: print(os.getsid(0) == os.getpid() == os.getpgrp(),"
        " os.getpgid(os.getppid()) != os.getpgrp(), file=report)\nreturn 0"
    )
    assert machine.run_launcher().returncode == 0
    assert machine.report.read_text() == "True True\n"


def test_the_boot_is_held_for_so_long_and_no_longer(machine: StubRoot) -> None:
    machine.stamp(boot_hold__dr="1", boot_hold__home="60")
    machine.machine_is(DR_ID)
    machine.worker("time.sleep(3)\nwith open(REPORT, 'w') as report: report.write('done')\nreturn 4")
    started = time.monotonic()
    ran = machine.run_gate()  # returns when the worker's end of the pipe is closed as well
    assert ran.returncode == 0
    assert "boot held for 1 s and goes on; drboot works on as process" in ran.stdout
    assert time.monotonic() - started > 2.5
    assert machine.report.read_text() == "done"


def test_a_worker_that_fails_leaves_no_traceback(machine: StubRoot) -> None:
    machine.stamp()
    machine.machine_is(DR_ID)
    machine.worker("raise KeyError('x\\ny')")
    ran = machine.run_gate()
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[1:] == [r"drboot: internal error: KeyError at boot.py:4: 'x\ny': see drboot report"]


def test_a_worker_that_is_not_there_leaves_no_traceback(machine: StubRoot) -> None:
    machine.stamp()
    machine.machine_is(DR_ID)
    ran = machine.run_launcher()
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[1].startswith("drboot: internal error: ImportError at gate.py:")
    assert len(ran.stdout.splitlines()) == 2


def test_a_worker_that_is_killed_is_told(machine: StubRoot) -> None:
    machine.stamp()
    machine.machine_is(DR_ID)
    machine.worker("os.kill(os.getpid(), 9)")
    ran = machine.run_gate()
    assert ran.returncode == 1
    assert "the worker was ended by signal 9" in ran.stdout


def test_a_parent_that_ignores_its_children_costs_no_answer(machine: StubRoot) -> None:
    """SIGCHLD that is ignored is inherited, also through shells: nobody would learn how lsattr has ended."""
    machine.stamp()
    machine.machine_is(HOME_ID)
    ignored = (
        "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    )
    python = (sys.executable, "-I", "-S", "-B")
    argv = [*python, "-c", ignored, *python, str(machine.gate), "--boot", "--root", str(machine.root)]
    said = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=30, check=False)
    assert said.stdout == f"drboot: production, site home (IBM,{HOME_ID}): nothing to do\n"
    machine.machine_is(DR_ID)
    machine.worker("import signal\nprint(signal.getsignal(signal.SIGCHLD) is signal.SIG_DFL, flush=True)\nreturn 0")
    said = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=30, check=False)
    assert said.stdout.splitlines()[-1] == "True"


def test_a_disarmed_machine_is_asked_nothing(machine: StubRoot) -> None:
    machine.stamp(**DISARMED)
    machine.worker("return ''", module="arming", signature="entry_off_at_boot(root)")
    before = machine.snapshot()
    ran = machine.run_launcher()
    assert ran.stdout == "drboot: disarmed: nothing to do\n"
    assert machine.calls() == []
    assert machine.snapshot() == before


def test_a_live_entry_beside_a_disarmed_stamp_goes_off(machine: StubRoot) -> None:
    machine.stamp(**DISARMED)
    machine.worker("return 'it is off now'", module="arming", signature="entry_off_at_boot(root)")
    ran = machine.run_gate()
    assert ran.returncode == 0
    assert ran.stdout.splitlines()[1] == "drboot: it is off now"


@pytest.mark.parametrize(("systemid", "name"), [(DR_ID, "event-done"), (STRANGE_ID, "disarmed"), (HOME_ID, "disarmed")])
def test_a_completed_event_is_told_from_another_machine(machine: StubRoot, systemid: str, name: str) -> None:
    machine.stamp(**DISARMED)
    machine.machine_is(systemid)
    ran = machine.run_gate("--decide")
    assert ran.returncode == 0
    assert f"name={name}\n" in ran.stdout
    assert ("already done for this event (run 20260101-1)" in ran.stdout) == (name == "event-done")


def test_decide_starts_no_worker(machine: StubRoot) -> None:
    machine.stamp()
    machine.machine_is(DR_ID)
    machine.worker("open(REPORT, 'w').close()\nreturn 0")
    ran = machine.run_gate("--decide")
    assert ran.stdout.splitlines()[:5] == [
        "action=act",
        "exit_code=0",
        "name=other-site",
        "site=dr",
        f"systemid={DR_ID}",
    ]
    assert not machine.report.exists()


@pytest.mark.parametrize(
    ("what", "mode", "why"),
    [("etc/drboot/armed", 0o620, "others may write it"), ("etc/drboot", 0o775, "others"), ("etc", 0o757, "others")],
)
def test_a_stamp_that_others_can_write_is_not_believed(machine: StubRoot, what: str, mode: int, why: str) -> None:
    machine.stamp()
    (machine.root / what).chmod(mode)
    ran = machine.run_gate()
    assert ran.returncode == 2
    assert ran.stdout.startswith(f"drboot: {machine.root / what}: {why}")
    assert machine.calls() == []


@pytest.mark.parametrize("what", ["missing", "not executable", "a directory", "no program"])
def test_an_lsattr_that_cannot_be_run(machine: StubRoot, what: str) -> None:
    machine.stamp()
    lsattr = machine.root / "usr/sbin/lsattr"
    lsattr.chmod(0o644)
    if what in ("missing", "a directory"):
        lsattr.unlink()
    if what == "a directory":
        lsattr.mkdir()
    if what == "no program":
        lsattr.write_bytes(b"\x00\x01")
        lsattr.chmod(0o755)
    ran = machine.run_gate()
    assert ran.returncode == 3
    assert f"why:  {lsattr} cannot be run: " in ran.stdout


def test_a_directory_in_place_of_the_stamp_is_not_believed(machine: StubRoot) -> None:
    (machine.root / "etc/drboot/armed").mkdir()
    ran = machine.run_gate()
    assert (ran.returncode, "armed: is not a file" in ran.stdout) == (2, True)


def test_a_fifo_in_place_of_the_stamp_holds_nothing_up(machine: StubRoot) -> None:
    os.mkfifo(machine.root / "etc/drboot/armed", 0o600)
    ran = machine.run_gate(timeout=5)
    assert (ran.returncode, "armed: is not a file" in ran.stdout) == (2, True)


def test_a_stamp_behind_a_link_is_not_believed(machine: StubRoot) -> None:
    real = machine.stamp()
    real.rename(real.with_name("real"))
    real.symlink_to("real")
    assert machine.run_gate().returncode == 2


@pytest.mark.parametrize("arguments", [[], ["--boot", "--root"], ["--boot", "x"], ["--boot", "--root", "relative"]])
def test_usage(machine: StubRoot, arguments: List[str]) -> None:
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-B", str(machine.gate), *arguments], capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (2, "")
    assert ran.stdout.startswith("drboot: usage: ")
