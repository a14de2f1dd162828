"""arm, disarm and the commit of a recovery, against an inittab and a sys0 in memory."""

from __future__ import annotations

import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List, Mapping, Optional, Tuple

import pytest

from drboot import arming, gate, lock, paths
from drboot.errors import Busy, ConfigError, DrbootError, FactUnavailable, Problem
from drboot.paths import Root
from drboot.runner import Ran, Runner
from drboot.seen import Seen
from tests.stub_root import stamp_text

INITTAB = (
    "init:2:initdefault:",
    "brc::sysinit:/sbin/rc.boot 3 >/dev/console 2>&1 # Phase 3 of system boot",
    "srcmstr:23456789:respawn:/usr/sbin/srcmstr # System Resource Controller",
    "rctcpip:23456789:wait:/etc/rc.tcpip > /dev/console 2>&1 # Start TCP/IP daemons",
    "cons:0123456789:respawn:/usr/sbin/getty /dev/console",
)
IN_PLACE = (*INITTAB[:3], arming.ENTRY, *INITTAB[3:])
OFF = arming.ENTRY.replace(":wait:", ":off:")


class Aix:
    """lsitab, mkitab, chitab, rmitab, and lsattr and chdev of sys0, as far as arming uses them.

    broken  program -> exit status with which it does nothing
    deaf    programs that claim success and do nothing
    """

    def __init__(self, inittab: Tuple[str, ...] = INITTAB, flags: Optional[Dict[str, str]] = None) -> None:
        self.inittab = list(inittab)
        self.flags = {"ghostdev": "0", "clouddev": "0"} if flags is None else flags
        self.broken: Dict[str, int] = {}
        self.deaf: List[str] = []
        self.interpreters: Dict[str, int] = {"/usr/bin/python3": 0}
        self.changes: List[str] = []
        self.watch: Any = lambda: None

    def __call__(self, argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        path, args = argv[0], argv[1:]
        for python, rc in self.interpreters.items():
            if path.endswith(python):
                return Ran(argv, "exited", rc, "", "", 0.0)
        program = path.rpartition("/")[2]
        if program in self.broken:
            return Ran(argv, "exited", self.broken[program], "", "it says no", 0.0)
        rc, out = 0, ""
        if program not in self.deaf:
            rc, out = getattr(self, program)(*args)
        if program not in ("lsitab", "lsattr"):
            self.changes.append(" ".join((program, *args)))
            self.watch()
        return Ran(argv, "exited", rc, out, "", 0.0)

    def _at(self, identifier: str) -> int:
        ids = [line.partition(":")[0] for line in self.inittab]
        return ids.index(identifier) if identifier in ids else -1

    def lsitab(self, flag: str) -> Tuple[int, str]:
        assert flag == "-a"
        return 0, "".join(line + "\n" for line in self.inittab)

    def mkitab(self, flag: str, after: str, line: str) -> Tuple[int, str]:
        assert flag == "-i"
        if self._at(after) < 0 or self._at(line.partition(":")[0]) >= 0:
            return 1, ""
        self.inittab.insert(self._at(after) + 1, line)
        return 0, ""

    def chitab(self, line: str) -> Tuple[int, str]:
        at = self._at(line.partition(":")[0])
        if at < 0:
            return 1, ""
        self.inittab[at] = line
        return 0, ""

    def rmitab(self, identifier: str) -> Tuple[int, str]:
        if self._at(identifier) < 0:
            return 1, ""
        del self.inittab[self._at(identifier)]
        return 0, ""

    def lsattr(self, *args: str) -> Tuple[int, str]:
        assert (args[:2], args[2], args[4:]) == (("-El", "sys0"), "-a", ("-F", "value"))
        return (0, self.flags[args[3]] + "\n") if args[3] in self.flags else (255, "")

    def chdev(self, *args: str) -> Tuple[int, str]:
        assert args[:3] == ("-l", "sys0", "-a")
        name, _, value = args[3].partition("=")
        if name not in self.flags:
            return 255, ""
        self.flags[name] = value
        return 0, "sys0 changed\n"


def _site(*systemids: str, reset: str = "ghostdev", hold: float = 900.0, read: float = 30.0) -> Any:
    return SimpleNamespace(
        systemids=systemids, device_reset=reset, boot_hold=hold, deadlines=SimpleNamespace(read=read)
    )


def _estate(**sites: Any) -> Any:
    made = {"home": _site("017268B60", reset="none"), "dr": _site("0211D11C1")}
    return SimpleNamespace(sites={**made, **sites}, digest="ab" * 32)


class Lpar:
    def __init__(self, directory: Path, aix: Aix) -> None:
        directory.chmod(0o755)
        (directory / "etc").mkdir(mode=0o755)
        (directory / "usr/bin").mkdir(parents=True)
        (directory / "usr/bin/python3").write_text("")
        (directory / "usr/bin/python3").chmod(0o755)
        self.aix = aix
        self.root = Root(str(directory))
        self.runner = Runner(self.root, run_argv=aix)
        self.stamp_file = directory / "etc/drboot/armed"

    def arm(self, estate: Any = None, site: str = "home", **more: Any) -> arming.Armed:
        return arming.arm(self.runner, estate or _estate(), site, "prod01", run_argv=self.aix, **more)

    def state(self) -> arming.EntryState:
        return arming.entry_state(Seen(self.runner))


@pytest.fixture
def lpar(tmp_path: Path) -> Lpar:
    return Lpar(tmp_path, Aix())


def _named(error: DrbootError) -> str:
    return error.problems[0].name


# -- arm


def test_arm_writes_what_the_gate_reads(lpar: Lpar) -> None:
    estate = _estate(far=_site("0299AAAAA", "0299BBBBB", hold=60.5, read=45.0))
    armed = lpar.arm(estate)
    stamp = gate.read_stamp(lpar.root.directory)
    assert stamp is not None and stamp.values == armed.stamp.values
    assert stamp.sites == {"home": ("017268B60",), "dr": ("0211D11C1",), "far": ("0299AAAAA", "0299BBBBB")}
    assert (stamp.host, stamp.configured_site, stamp.phase) == ("prod01", "home", "armed")
    assert (stamp.boot_hold("far"), stamp.boot_hold("dr"), stamp.deadline) == (61, 900, 45)
    assert stamp.values["python"] == "/usr/bin/python3"
    assert stamp.values["sha256"] == estate.digest
    assert stat.S_IMODE(lpar.stamp_file.stat().st_mode) == 0o600
    assert [path.name for path in lpar.stamp_file.parent.iterdir()] == ["armed"]
    assert arming.is_armed(lpar.root)


def test_less_than_a_second_is_a_second(lpar: Lpar) -> None:
    """deadline=0 refuses every boot."""
    armed = lpar.arm(_estate(home=_site("017268B60", read=0.9), dr=_site("0211D11C1", hold=0.001, read=0.9)))
    assert (armed.stamp.deadline, armed.stamp.values["deadline"], armed.stamp.boot_hold("dr")) == (1, "1", 1)


def test_arm_says_where_others_may_change_what_the_boot_runs(lpar: Lpar) -> None:
    before = lpar.arm().notes
    (lpar.stamp_file.parents[2] / "usr/bin/python3").chmod(0o777)
    [note, *others] = lpar.arm().notes
    assert tuple(others) == before
    assert (note.name, note.where) == ("code-not-ours", lpar.root.path("/usr/bin/python3"))


def test_arm_draws_a_new_arm_id_each_time(lpar: Lpar) -> None:
    ids = {lpar.arm().stamp.arm_id for _ in range(3)}
    assert len(ids) == 3
    assert lpar.arm(arm_id="0123456789abcdef").stamp.arm_id == "0123456789abcdef"


def test_arming_twice_leaves_one_line_and_runs_nothing_more(lpar: Lpar) -> None:
    assert lpar.arm().changed == ("sys0 ghostdev 0 -> 1", "inittab entry drboot made")
    before = list(lpar.aix.changes)
    assert lpar.arm().changed == ()
    assert lpar.aix.changes == before
    assert tuple(lpar.aix.inittab) == IN_PLACE


def test_the_stamp_is_written_last(lpar: Lpar) -> None:
    """An entry without a stamp does nothing; a stamp without an entry would look armed and not be."""
    seen: List[bool] = []
    lpar.aix.watch = lambda: seen.append(lpar.stamp_file.exists())
    lpar.arm()
    assert seen == [False, False]


@pytest.mark.parametrize(
    ("inittab", "changed"),
    [
        ((*INITTAB[:3], OFF, *INITTAB[3:]), "corrected"),
        ((*INITTAB[:3], arming.ENTRY.replace(":2:", ":23:"), *INITTAB[3:]), "corrected"),
        ((*INITTAB[:3], "other:2:once:/x", arming.ENTRY.replace("</dev/null", ""), *INITTAB[3:]), "corrected"),
        ((*INITTAB, arming.ENTRY), "moved"),
        ((arming.ENTRY, *INITTAB), "moved"),
        ((*INITTAB[:3], arming.ENTRY, arming.ENTRY, *INITTAB[3:]), "moved"),
        ((*IN_PLACE, OFF), "moved"),
        ((*INITTAB[:3], OFF, *INITTAB[3:], arming.ENTRY, arming.ENTRY), "moved"),
        ((*INITTAB[:3], "drboot2:2:once:/x", *INITTAB[3:]), "made"),
        ((*INITTAB[:3], "xdrboot:2:once:/x", *INITTAB[3:]), "made"),
    ],
)
def test_the_entry_ends_up_once_and_in_its_place(tmp_path: Path, inittab: Tuple[str, ...], changed: str) -> None:
    lpar = Lpar(tmp_path, Aix(inittab))
    done = lpar.arm().changed[-1]
    assert done.startswith("inittab entry drboot " + changed)
    assert lpar.state().right
    assert [line for line in lpar.aix.inittab if line.startswith("drboot:")] == [arming.ENTRY]
    others = [line for line in inittab if not line.startswith("drboot:")]
    assert [line for line in lpar.aix.inittab if not line.startswith("drboot:")] == others


@pytest.mark.parametrize("inittab", [INITTAB[:2] + INITTAB[3:], (INITTAB[3], *INITTAB[:3])])
def test_no_place_is_said_and_nothing_is_touched(tmp_path: Path, inittab: Tuple[str, ...]) -> None:
    lpar = Lpar(tmp_path, Aix(inittab, {"ghostdev": "1", "clouddev": "0"}))
    with pytest.raises(DrbootError) as caught:
        lpar.arm()
    assert _named(caught.value) == "inittab-entry"
    assert lpar.aix.changes == []
    assert not lpar.stamp_file.exists()


@pytest.mark.parametrize("how", ["broken", "deaf"])
def test_an_entry_that_does_not_take_is_no_success(lpar: Lpar, how: str) -> None:
    if how == "broken":
        lpar.aix.broken["mkitab"] = 1
    else:
        lpar.aix.deaf.append("mkitab")
    with pytest.raises(DrbootError) as caught:
        lpar.arm()
    assert _named(caught.value) == "inittab-entry"
    assert not lpar.stamp_file.exists()


def test_another_entry_that_is_lost_is_noticed(lpar: Lpar) -> None:
    lpar.aix.watch = lambda: lpar.aix.inittab.pop(0) if len(lpar.aix.inittab) > len(INITTAB) else None
    with pytest.raises(DrbootError) as caught:
        lpar.arm()
    assert "other entries changed" in caught.value.problems[0].what
    assert caught.value.problems[0].why == "init"


def test_an_inittab_that_cannot_be_read(lpar: Lpar) -> None:
    lpar.aix.broken["lsitab"] = 1
    with pytest.raises(FactUnavailable):
        lpar.arm()
    assert not lpar.stamp_file.exists()


# -- the device-reset flags


@pytest.mark.parametrize(
    ("resets", "ghostdev", "clouddev"),
    [
        (["ghostdev"], "1", "0"),
        (["clouddev-carried"], "0", "1"),
        (["clouddev-at-dr"], "0", "0"),
        (["none"], "0", "0"),
        ([], "0", "0"),
        (["ghostdev", "clouddev-carried"], "1", "1"),
        (["clouddev-at-dr", "ghostdev"], "1", "0"),
    ],
)
@pytest.mark.parametrize("before", ["0", "1"])
def test_the_flags_follow_the_other_sites(
    tmp_path: Path, resets: List[str], ghostdev: str, clouddev: str, before: str
) -> None:
    lpar = Lpar(tmp_path, Aix(flags={"ghostdev": before, "clouddev": before}))
    sites = {f"s{number}": _site(f"02{number:07d}", reset=reset) for number, reset in enumerate(resets)}
    estate = SimpleNamespace(sites={"home": _site("017268B60", reset="ghostdev"), **sites}, digest="ab" * 32)
    armed = lpar.arm(estate)
    assert lpar.aix.flags == {"ghostdev": ghostdev, "clouddev": clouddev}
    run = [change for change in lpar.aix.changes if change.startswith("chdev")]
    assert len(run) == (ghostdev != before) + (clouddev != before)
    assert ["ghostdev-and-remote-restart"] * (ghostdev == "1") == [note.name for note in armed.notes]


@pytest.mark.parametrize(
    ("reset", "notes"),
    [("clouddev-carried", ["device-flag-missing"]), ("ghostdev", ["device-flag-missing"]), ("none", [])],
)
def test_a_level_without_the_flag_is_noted(tmp_path: Path, reset: str, notes: List[str]) -> None:
    lpar = Lpar(tmp_path, Aix(flags={}))
    armed = lpar.arm(_estate(dr=_site("0211D11C1", reset=reset)))
    assert [note.name for note in armed.notes] == notes
    assert arming.is_armed(lpar.root)


@pytest.mark.parametrize("how", ["broken", "deaf"])
def test_a_flag_that_does_not_take_is_no_success(lpar: Lpar, how: str) -> None:
    if how == "broken":
        lpar.aix.broken["chdev"] = 1
    else:
        lpar.aix.deaf.append("chdev")
    with pytest.raises(DrbootError) as caught:
        lpar.arm()
    assert _named(caught.value) == "device-flag-not-set"
    assert not lpar.stamp_file.exists()
    assert tuple(lpar.aix.inittab) == INITTAB


# -- what arm refuses before it changes anything


@pytest.mark.parametrize(
    ("estate", "site", "host", "name"),
    [
        (_estate(), "hme", "prod01", "site-unknown"),
        (_estate(), "home", "", "host-name-missing"),
        (_estate(), "home", "pr\nod", "stamp-damaged"),
        (_estate(), "home", "pr\u00f6d", "stamp-damaged"),
        (_estate(dr=_site("017268B60")), "home", "prod01", "systemid-in-two-sites"),
        (_estate(dr=_site("0211D11C")), "home", "prod01", "stamp-damaged"),
        (_estate(home=_site(), dr=_site()), "home", "prod01", "stamp-no-ids"),
    ],
)
def test_bad_input_changes_nothing(lpar: Lpar, estate: Any, site: str, host: str, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        arming.arm(lpar.runner, estate, site, host, run_argv=lpar.aix)
    assert _named(caught.value) == name
    assert lpar.aix.changes == []
    assert not lpar.stamp_file.exists()


def test_the_first_interpreter_that_works_is_recorded(lpar: Lpar) -> None:
    other = Path(lpar.root.path("/opt/freeware/bin/python3.11"))
    other.parent.mkdir(parents=True)
    other.write_text("")
    other.chmod(0o755)
    lpar.aix.interpreters = {"/usr/bin/python3": 1, "/opt/freeware/bin/python3.11": 0}
    assert lpar.arm().stamp.values["python"] == "/opt/freeware/bin/python3.11"


def test_no_interpreter_no_arming(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "INTERPRETERS", ("/nowhere/python3",))
    with pytest.raises(ConfigError) as caught:
        arming.choose_interpreter(Root(""))
    assert _named(caught.value) == "no-interpreter"


def _asked_for(lpar: Lpar, text: str) -> None:
    path = Path(lpar.root.path(paths.INTERPRETER))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o644)


def test_the_interpreter_that_the_administrator_names_is_recorded(lpar: Lpar) -> None:
    other = Path(lpar.root.path("/opt/freeware/bin/python3.12"))
    other.parent.mkdir(parents=True)
    other.write_text("")
    other.chmod(0o755)
    lpar.aix.interpreters = {"/usr/bin/python3": 0, "/opt/freeware/bin/python3.12": 0}
    _asked_for(lpar, "# a comment\n\n/opt/freeware/bin/python3.12\n")
    assert lpar.arm().stamp.values["python"] == "/opt/freeware/bin/python3.12"
    _asked_for(lpar, "# /opt/freeware/bin/python3.12\n")
    assert lpar.arm().stamp.values["python"] == "/usr/bin/python3"


def test_an_interpreter_that_is_named_and_does_not_run_is_not_replaced_in_silence(lpar: Lpar) -> None:
    lpar.aix.interpreters = {"/usr/bin/python3": 0}
    _asked_for(lpar, "/opt/freeware/bin/python3.12\n")
    armed = lpar.arm()
    assert [note.name for note in armed.notes][:1] == ["no-interpreter"]
    assert "/opt/freeware/bin/python3.12 of /etc/drboot/interpreter" in armed.notes[0].why


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("python3\n", ":1"),
        ("# where\n/home/joe/bin/python3\n", ":2"),
        ("/usr/../home/joe/python3\n", ":1"),
        ("/usr/bin/python3 -v\n", ":1"),
        ("/usr/bin/python3\n/usr/bin/python3.9\n", ":2"),
        ("/usr/bin/pyth\u00f6n\n", ""),
    ],
)
def test_a_wrong_interpreter_setting_changes_nothing(lpar: Lpar, text: str, line: str) -> None:
    _asked_for(lpar, text)
    with pytest.raises(ConfigError) as caught:
        lpar.arm()
    assert _named(caught.value) == "interpreter-setting"
    assert caught.value.problems[0].where == paths.INTERPRETER + line
    assert lpar.aix.changes == []
    assert not lpar.stamp_file.exists()


def test_an_interpreter_setting_that_others_may_write_is_not_believed(lpar: Lpar) -> None:
    _asked_for(lpar, "/usr/bin/python3\n")
    Path(lpar.root.path(paths.INTERPRETER)).chmod(0o666)
    with pytest.raises(ConfigError):
        lpar.arm()
    assert not lpar.stamp_file.exists()


def test_a_machine_below_a_root_is_armed_without_one_and_that_is_said(lpar: Lpar) -> None:
    """By hand it can be rehearsed all the same; only its boot would find nobody to start."""
    lpar.aix.interpreters = {"/usr/bin/python3": 1}
    armed = lpar.arm()
    assert [note.name for note in armed.notes][:1] == ["no-interpreter"]
    assert armed.stamp.values["python"] == "/usr/bin/python3"


def test_a_stamp_that_the_gate_would_not_believe_is_no_success(lpar: Lpar) -> None:
    Path(lpar.root.path("/etc")).chmod(0o777)
    with pytest.raises(ConfigError) as caught:
        lpar.arm()
    assert _named(caught.value) == "stamp-untrusted"
    with pytest.raises(ConfigError):
        arming.is_armed(lpar.root)


# -- disarm


def test_commit_writes_the_stamp_before_the_entry(lpar: Lpar) -> None:
    stamp = lpar.arm().stamp
    lpar.aix.inittab[3] = lpar.aix.inittab[3] + ":kept # as it was"
    phases: List[Optional[str]] = []
    lpar.aix.watch = lambda: phases.append(_phase(lpar))
    arming.commit_disarm(lpar.runner, "0211D11C1", stamp.arm_id, "20260101-1")
    assert phases == ["disarmed"]
    assert lpar.aix.inittab[3] == OFF + ":kept # as it was"
    after = gate.read_stamp(lpar.root.directory)
    assert after is not None
    assert (after.event, after.values["run"]) == (f"0211D11C1/{stamp.arm_id}", "20260101-1")
    assert {**after.values, "phase": "armed", "event": "", "run": ""} == {**stamp.values, "event": "", "run": ""}
    assert gate.decide(after, gate.Identity("0211D11C1")).name == "event-done"
    assert not lpar.state().live


def _phase(lpar: Lpar) -> Optional[str]:
    stamp = gate.read_stamp(lpar.root.directory)
    return stamp and stamp.phase


def test_a_commit_that_was_interrupted_is_finished(lpar: Lpar) -> None:
    stamp = lpar.arm().stamp
    lpar.aix.broken["chitab"] = 1
    with pytest.raises(DrbootError):
        arming.commit_disarm(lpar.runner, "0211D11C1", stamp.arm_id, "r1")
    assert (_phase(lpar), lpar.state().live) == ("disarmed", True)
    lpar.aix.broken.clear()
    arming.commit_disarm(lpar.runner, "0211D11C1", stamp.arm_id, "r1")
    assert not lpar.state().live
    before = (list(lpar.aix.changes), lpar.stamp_file.read_text())
    arming.commit_disarm(lpar.runner, "0211D11C1", stamp.arm_id, "r1")
    assert (lpar.aix.changes, lpar.stamp_file.read_text()) == before


def test_a_newer_arming_is_not_undone(lpar: Lpar) -> None:
    old = lpar.arm().stamp
    lpar.arm()
    with pytest.raises(ConfigError) as caught:
        arming.commit_disarm(lpar.runner, "0211D11C1", old.arm_id, "r1")
    assert _named(caught.value) == "stamp-changed"
    assert (_phase(lpar), lpar.state().live) == ("armed", True)


def test_arming_again_forgets_the_event(lpar: Lpar) -> None:
    stamp = lpar.arm().stamp
    arming.commit_disarm(lpar.runner, "0211D11C1", stamp.arm_id, "r1")
    again = lpar.arm().stamp
    assert (again.event, again.phase) == ("", "armed")
    assert lpar.state().right


def test_disarm_by_hand_and_again(lpar: Lpar) -> None:
    lpar.arm()
    assert arming.disarm(lpar.runner) == ("stamp disarmed", "inittab entry drboot off")
    assert arming.disarm(lpar.runner) == ()
    assert (_phase(lpar), lpar.state().live, arming.is_armed(lpar.root)) == ("disarmed", False, False)
    assert lpar.aix.flags["ghostdev"] == "1"


def test_disarm_of_a_machine_that_never_was_armed(lpar: Lpar) -> None:
    assert arming.disarm(lpar.runner) == ()
    assert not lpar.stamp_file.exists()


def test_every_live_line_of_a_doubled_entry_is_seen(tmp_path: Path) -> None:
    lpar = Lpar(tmp_path, Aix((*IN_PLACE, arming.ENTRY)))
    assert lpar.state() == arming.EntryState((arming.ENTRY, arming.ENTRY), live=True, placed=False)
    with pytest.raises(DrbootError):  # chitab changes the first one only
        arming.entry_off(lpar.runner)
    lpar.aix.watch = lambda: lpar.aix.inittab.remove(arming.ENTRY) if arming.ENTRY in lpar.aix.inittab else None
    assert arming.entry_off(lpar.runner)


# -- beside a run, and beside each other


def _busy(root: Root) -> Any:
    raise Busy(
        Problem("run-active", "another run of drboot is active on this machine", "", "process 17 holds the lock")
    )


def test_nobody_arms_or_disarms_while_a_run_is_active(lpar: Lpar, monkeypatch: pytest.MonkeyPatch) -> None:
    lpar.arm()
    before = (list(lpar.aix.changes), lpar.stamp_file.read_text())
    monkeypatch.setattr(lock, "held", _busy)
    for change in (lpar.arm, lambda: arming.disarm(lpar.runner)):
        with pytest.raises(Busy):
            change()
    assert (lpar.aix.changes, lpar.stamp_file.read_text()) == before


def test_an_entry_is_left_to_whoever_holds_the_lock(lpar: Lpar, monkeypatch: pytest.MonkeyPatch) -> None:
    lpar.stamp_file.parent.mkdir(mode=0o755)
    lpar.stamp_file.write_text(stamp_text(phase="disarmed"))
    lpar.stamp_file.chmod(0o600)
    lpar.aix.inittab = list(IN_PLACE)
    monkeypatch.setattr(arming, "Runner", lambda root: lpar.runner)
    with monkeypatch.context() as held:
        held.setattr(lock, "held", _busy)
        assert arming.entry_off_at_boot(lpar.root.directory).endswith("stays so: process 17 holds the lock")
        with pytest.raises(Busy):
            arming.entry_off_if_disarmed(lpar.runner)
    assert lpar.aix.changes == []
    assert "it is off now" in arming.entry_off_at_boot(lpar.root.directory)
    assert not lpar.state().live


def test_where_the_entry_is_off_already_nothing_is_written(lpar: Lpar, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "held", _busy)
    assert not arming.entry_off_if_disarmed(lpar.runner)
    assert lpar.aix.changes == []


def test_a_machine_whose_var_is_unusable_is_armed_and_disarmed_all_the_same(lpar: Lpar) -> None:
    Path(lpar.root.path("/var")).write_text("a file where the directory belongs")
    assert lpar.arm().changed
    assert arming.disarm(lpar.runner) == ("stamp disarmed", "inittab entry drboot off")


@pytest.mark.parametrize(("when", "after"), [("lsitab", False), ("chitab", False), ("chitab", True)])
def test_an_arm_between_stamp_and_entry_leaves_the_entry_live(lpar: Lpar, when: str, after: bool) -> None:
    """Even where no lock holds it off: the next DR boot would do nothing."""
    old = lpar.arm().stamp
    aix, armed = lpar.aix, []

    def between(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        if argv[0].endswith(when) and _phase(lpar) == "disarmed" and not armed:
            ran = aix(argv, environment, killable, deadline) if after else None
            armed.append(lpar.arm())
            return ran or aix(argv, environment, killable, deadline)
        return aix(argv, environment, killable, deadline)

    with pytest.raises(DrbootError):
        arming.commit_disarm(Runner(lpar.root, run_argv=between), "0211D11C1", old.arm_id, "r1")
    assert armed
    assert (_phase(lpar), lpar.state().live) == ("armed", True)


def test_arm_reads_the_entry_back_beside_its_stamp(lpar: Lpar, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who had seen the stamp before it set the entry to off in between."""
    write = arming._write_stamp

    def late(root: Root, text: str) -> gate.Stamp:
        lpar.aix.inittab[3] = OFF
        return write(root, text)

    monkeypatch.setattr(arming, "_write_stamp", late)
    assert lpar.arm().changed[-1] == "inittab entry drboot corrected"
    assert lpar.state().right


def test_a_stamp_that_cannot_be_written(lpar: Lpar) -> None:
    Path(lpar.root.path("/etc/drboot")).write_text("a file where the directory belongs")
    with pytest.raises(DrbootError) as caught:
        lpar.arm()
    assert _named(caught.value) == "stamp-not-written"
    assert caught.value.problems[0].where == lpar.root.path(paths.STAMP)
