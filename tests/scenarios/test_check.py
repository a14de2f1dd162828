"""``drboot check``: a machine that is ready has no error; each thing that is wrong is found, by its id, with its cure.

Every finding is planted by what AIX would print, or by what a file says, on a production LPAR that is otherwise ready.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple

import pytest

from drboot import arming, capture, checks
from drboot.catalogue import CATALOGUE
from drboot.checks.capture import taken
from drboot.facts import lspath
from drboot.paths import Root
from drboot.profile.load import load
from drboot.runner import Ran, Runner
from drboot.seen import Seen
from drboot.sim import boot, deploy
from drboot.sim.estates import small
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests.scenarios import lpars, memory

Answer = Tuple[int, str]
Edit = Callable[[str], Optional[str]]
LONG = "/" + "x" * 129
MPIO = ["hdisk0", "disk", "vscsi", "vdisk", "Available", "vscsi0"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    estate = small.make(str(tmp_path_factory.mktemp("check")))
    memory.arm_at_home(estate)
    return estate


class Machine:
    """The production LPAR with some answers and files changed, for one look."""

    def __init__(self, estate: Estate, answers: Mapping[str, Answer], edits: Mapping[str, Edit]) -> None:
        self.root = Root(estate.home.root)
        self.lpar = InProcess(estate.home)
        self.answers = answers
        self.edits = edits
        self.asked: List[str] = []

    def __enter__(self) -> Machine:
        files = {path: Path(self.root.path(path)) for path in self.edits}
        self.kept = {path: file.read_bytes() if file.exists() else None for path, file in files.items()}
        for path, edit in self.edits.items():
            file = Path(self.root.path(path))
            text = edit(file.read_text() if file.exists() else "")
            file.unlink() if text is None else file.write_text(text)
        return self

    def __exit__(self, *_: object) -> None:
        for path, data in self.kept.items():
            file = Path(self.root.path(path))
            file.unlink() if data is None else file.write_bytes(data)

    def execute(self, argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        line = " ".join((os.path.basename(argv[0]), *argv[1:]))
        self.asked.append(line)
        if line in self.answers:
            return Ran(argv, "exited", self.answers[line][0], self.answers[line][1], "", 0.0)
        return memory.run_on(self.lpar)(argv, environment, killable, deadline)

    def findings(self, reset: str = "", **changed: Any) -> Dict[str, checks.Finding]:
        estate = load(self.root)
        stamp = arming.read_stamp(self.root)
        others = (estate.sites["dr"],)
        if reset:
            others = (replace(others[0], device_reset=reset),)
        seen = Seen(Runner(self.root, run_argv=self.execute))
        fresh = capture.take(seen, "home", "prod01", "")
        made = checks.Production(
            seen, estate, estate.sites["home"], "prod01", others, stamp, fresh, fresh, taken(fresh)
        )
        found = checks.findings(replace(made, **changed))
        assert len({finding.problem.name for finding in found}) == len(found), found
        return {finding.problem.name: finding for finding in found}


class Case(NamedTuple):
    """What is planted; ``is_error`` whether the machine is not ready with it."""

    finding: str
    is_error: bool
    answers: Dict[str, Answer]
    edits: Dict[str, Edit]
    reset: str = ""


def add(text: str) -> Edit:
    return lambda before: before + text


def without(word: str) -> Edit:
    return lambda before: "".join(line for line in before.splitlines(keepends=True) if word not in line)


def moved_to_the_end(before: str) -> str:
    lines = before.splitlines(keepends=True)
    own = [line for line in lines if line.startswith("drboot:")]
    return "".join([line for line in lines if line not in own] + own)


INITTAB, NETSVC, HOSTS, FILESYSTEMS = "/etc/inittab", "/etc/netsvc.conf", "/etc/hosts", "/etc/filesystems"
GHOSTDEV = "lsattr -El sys0 -a ghostdev -F value"
CLOUDDEV = "lsattr -El sys0 -a clouddev -F value"
BOOTLIST = "bootlist -m normal -o"
CASES: Tuple[Case, ...] = (
    Case("check-reset-flag-off", True, {GHOSTDEV: (0, "0\n")}, {}),
    Case("check-reset-flag-missing", True, {GHOSTDEV: (255, "")}, {}),
    Case("check-reset-flag-off", True, {CLOUDDEV: (0, "0\n"), GHOSTDEV: (0, "0\n")}, {}, "clouddev-carried"),
    Case("check-ghostdev-left-on", False, {GHOSTDEV: (0, "1\n")}, {}, "clouddev-at-dr"),
    Case("check-boot-list-long", False, {BOOTLIST: (0, "".join(f"hdisk0 blv=hd5 pathid={n}\n" for n in range(6)))}, {}),
    Case("check-boot-list-wrong", False, {BOOTLIST: (0, "hdisk0 blv=hd5 pathid=0\n-\n")}, {}),
    Case("check-boot-list-wrong", True, {BOOTLIST: (0, "hdisk1 blv=hd5 pathid=0\n")}, {}),
    Case("check-lookup-order", True, {}, {NETSVC: lambda _: "hosts = bind4, local4\n"}),
    Case("check-lookup-order", True, {}, {NETSVC: lambda _: None}),
    Case("check-hosts-file", True, {}, {HOSTS: without("prod01")}),
    Case("check-hosts-file", True, {}, {HOSTS: without("loopback")}),
    Case(
        "check-nfs-foreground", True, {},
        {FILESYSTEMS: add("\n/share:\n\tdev = /export\n\tvfs = nfs\n\tnodename = filer1\n\tmount = true\n")},
    ),
    Case("check-mount-point-long", False, {}, {FILESYSTEMS: add(f"\n{LONG}:\n\tdev = /dev/lv9\n\tvfs = jfs2\n")}),
    Case("check-unread", True, {"oslevel -s": (1, "")}, {}),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.finding)
def test_a_finding_is_found_and_nothing_else(home: Estate, case: Case) -> None:
    with Machine(home, case.answers, case.edits) as machine:
        found = machine.findings(case.reset)
    finding = found[case.finding]
    assert finding.is_error is case.is_error
    assert finding.problem.where and finding.problem.why and finding.problem.next
    assert {name for name in found if found[name].is_error} <= {case.finding}


def test_a_machine_that_is_ready_has_no_error(home: Estate) -> None:
    with Machine(home, {}, {}) as machine:
        found = machine.findings()
    assert not [finding for finding in found.values() if finding.is_error]


NFS = "\n/share:\n\tdev = /export\n\tvfs = nfs\n\tnodename = filer1\n\tmount = true\n\toptions = "
HARMLESS: Tuple[Dict[str, Edit], ...] = (
    {NETSVC: lambda _: "# order\n#hosts = bind\n  hosts=local , bind4\n"},
    {NETSVC: lambda _: "hosts = local = auth, bind\n"},
    {NETSVC: lambda _: "aliases=files\n", "/etc/irs.conf": lambda _: "hosts local continue\nhosts dns\n"},
    {FILESYSTEMS: add(NFS + "rw, bg , intr\n")},
    {HOSTS: lambda text: text.replace("prod01", "prod01.bank.example PROD01")},
    {HOSTS: lambda text: text.replace("loopback", "LOOPBACK").replace("localhost", "LocalHost")},
)


@pytest.mark.parametrize("edits", HARMLESS)
def test_what_healthy_machines_have_is_no_error(home: Estate, edits: Dict[str, Edit]) -> None:
    with Machine(home, {}, edits) as machine:
        found = machine.findings()
    assert [name for name, finding in found.items() if finding.is_error] == []


def test_irs_conf_counts_only_where_netsvc_conf_is_silent(home: Estate) -> None:
    edits: Dict[str, Edit] = {NETSVC: lambda _: "hosts = bind, local\n", "/etc/irs.conf": lambda _: "hosts local\n"}
    with Machine(home, {}, edits) as machine:
        assert "check-lookup-order" in machine.findings()


def test_the_cure_of_a_foreground_mount_can_be_typed(home: Estate) -> None:
    with Machine(home, {}, {FILESYSTEMS: add(NFS + "rw, fg, hard\n")}) as machine:
        assert machine.findings()["check-nfs-foreground"].problem.next == "chfs -a options=bg,rw,hard /share"


def test_a_bug_in_one_check_hides_no_other(home: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    def boom(_production: checks.Production) -> Iterator[checks.Finding]:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("drboot.checks.boot.check", boom)
    with Machine(home, {CLOUDDEV: (0, "1\n")}, {}) as machine:
        found = machine.findings()
    assert {"internal-error", "check-clouddev-left-on"} <= set(found)
    assert found["internal-error"].is_error


def test_F10_clouddev_left_on_in_production_is_an_error(home: Estate) -> None:
    with Machine(home, {CLOUDDEV: (0, "1\n")}, {}) as machine:
        finding = machine.findings()["check-clouddev-left-on"]
        assert finding.is_error
        assert "chdev -l sys0 -a clouddev=0" in finding.problem.next
        assert "check-clouddev-left-on" not in machine.findings("clouddev-carried")


@pytest.mark.parametrize("level, is_bad", [
    ("7200-03-00-1837", True), ("7200-03-01-1838", True), ("7200-03-02-1846", False), ("7200-05-03-2136", False),
])  # fmt: skip
def test_F12_ghostdev_on_a_level_with_the_apar(home: Estate, level: str, is_bad: bool) -> None:
    with Machine(home, {"oslevel -s": (0, level + "\n"), GHOSTDEV: (0, "1\n")}, {}) as machine:
        assert ("check-ghostdev-level" in machine.findings()) is is_bad
    with Machine(home, {"oslevel -s": (0, level + "\n"), GHOSTDEV: (0, "0\n")}, {}) as machine:
        assert "check-ghostdev-level" not in machine.findings()


def test_F13_ghostdev_and_remote_restart_are_pointed_out(home: Estate) -> None:
    with Machine(home, {GHOSTDEV: (0, "1\n")}, {}) as machine:
        finding = machine.findings()["check-ghostdev-mobility"]
        assert (finding.is_error, "clouddev" in finding.problem.next) == (False, True)
    with Machine(home, {GHOSTDEV: (0, "0\n")}, {}) as machine:
        assert "check-ghostdev-mobility" not in machine.findings()


def test_F56_a_boot_that_would_wait_for_a_name_server(home: Estate) -> None:
    with Machine(home, {}, {NETSVC: lambda _: "hosts = bind, local\n", HOSTS: without("prod01")}) as machine:
        found = machine.findings()
    assert {"check-lookup-order", "check-hosts-file"} <= set(found)


def test_F62_what_an_unbootable_replica_looks_like_at_home(home: Estate) -> None:
    with Machine(home, {}, {}) as machine:
        seen = Seen(Runner(machine.root, run_argv=machine.execute))
        rows = seen(lspath.IDS)
    one = "".join(":".join(row) + "\n" for row in rows if row[0] != "hdisk0") + "hdisk0:vscsi0:0:Enabled\n"
    none = "".join(":".join(row) + "\n" for row in rows if row[0] != "hdisk0")
    question = "lspath -F " + ":".join(lspath._IDS)
    with Machine(home, {question: (0, one)}, {}) as machine:
        assert "check-one-path" in machine.findings()
    with Machine(home, {question: (0, none)}, {}) as machine:
        assert "check-multipath-driver" in machine.findings()


def test_F63_a_rootvg_without_boot_logical_volume(home: Estate) -> None:
    with Machine(home, {}, {}) as machine:
        argv = (machine.root.program("lsvg"), "-l", "rootvg")
        text = memory.run_on(machine.lpar)(argv, {}, True, 30.0).stdout
    assert "check-no-boot-lv" not in Machine(home, {}, {}).findings()
    with Machine(home, {"lsvg -l rootvg": (0, without("hd5")(text) or "")}, {}) as machine:
        assert machine.findings()["check-no-boot-lv"].is_error


@pytest.mark.parametrize("edit, why", [
    (without("drboot:"), "no entry"),
    (moved_to_the_end, "does not stand behind"),
    (lambda text: text.replace("drboot:2:wait:", "drboot:2:off:"), "is off"),
    (lambda text: text.replace("drboot:2:wait:", "drboot:2:once:"), "not as shipped"),
])  # fmt: skip
def test_F64_the_inittab_entry_lost_or_moved(home: Estate, edit: Edit, why: str) -> None:
    with Machine(home, {}, {INITTAB: edit}) as machine:
        finding = machine.findings()["check-inittab-entry"]
        assert finding.is_error and why in finding.problem.why
        assert finding.problem.next == "drboot arm"


def test_F76_a_capture_that_is_too_old_or_not_there(home: Estate) -> None:
    with Machine(home, {}, {}) as machine:
        captured = capture.load(machine.root, "home")
        now = taken(captured)
        assert "check-capture-old" not in machine.findings(now=now + 47 * 3600)
        old = machine.findings(now=now + 49 * 3600)["check-capture-old"]
        assert old.is_error and "2.0 days ago" in old.problem.why
        assert machine.findings(capture=None)["check-no-capture"].is_error
        assert "check-capture-foreign" in machine.findings(capture=replace(captured, host="prod02"))
        assert "check-capture-incomplete" in machine.findings(capture=replace(captured, unseen=("lspath",)))


def test_what_the_stamp_says(home: Estate) -> None:
    with Machine(home, {}, {}) as machine:
        estate = load(machine.root)
        assert machine.findings(stamp=None)["check-not-armed"].is_error
        assert machine.findings(estate=replace(estate, digest="0" * 64))["check-profiles-changed"].is_error
        assert machine.findings(others=())["check-no-other-site"].is_error


def test_software_and_names_that_count_twice(home: Estate) -> None:
    with Machine(home, {}, {}) as machine:
        run = memory.run_on(machine.lpar)

        def said(program: str, *args: str) -> str:
            return run((machine.root.program(program), *args), {}, True, 30.0).stdout

        src, disks, lvs = said("lssrc", "-a"), said("lspv"), said("lsvg", "-l", "rootvg", "datavg")
        varied = said("lsvg", "-o").split()
        devices = "lsdev -C -F name:class:subclass:type:status:parent"
        rows = said("lsdev", *devices.split()[1:])
    answers = {
        "lssrc -a": (0, src + " clstrmgrES       cluster          4718592      active\n"),
        devices: (0, rows + "hdiskpower0:disk:node:power:Available:powerpath0\n"),
        "lspv": (0, disks + "hdisk99         " + disks.split()[1] + "                    None\n"),
        "lsvg -l " + " ".join(varied): (0, lvs.replace("fslv00", "hd4")),
    }
    with Machine(home, answers, {}) as machine:
        tool = Path(machine.root.path("/usr/sbin/vxdisk"))
        tool.write_text("")
        found = machine.findings()
        tool.unlink()
    assert {"check-powerha", "check-powerpath", "check-pvid-twice", "check-lv-name-twice", "check-vxvm"} <= set(found)


def test_every_finding_is_planted_in_a_test() -> None:
    here = Path(__file__)
    text = here.read_text() + (here.parents[1] / "steps/test_hooks.py").read_text()
    assert [name for name in CATALOGUE if name.startswith("check-") and f'"{name}"' not in text] == []


def test_its_commands_do_not_grow_with_the_disks(home: Estate) -> None:
    with Machine(home, {}, {}) as machine:
        machine.findings()
        assert len(machine.asked) <= 16, machine.asked


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Estate]:
    estate = small.make(str(tmp_path))
    deploy.install(estate.home.root, psutil=True)
    assert boot.boot(estate.home).state == "settled"
    yield estate


def test_the_verb_says_not_ready_then_ready_and_changes_nothing(production: Estate) -> None:
    ran = lpars.drboot(production.home, "check")
    assert ran.rc == 4
    assert "is NOT ready" in ran.out and "check-not-armed" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80 and ran.out.isascii()
    assert lpars.drboot(production.home, "capture").rc == 0
    assert lpars.drboot(production.home, "arm").rc == 0
    before = lpars.fingerprint(production.home)
    ran = lpars.drboot(production.home, "check", "--json")
    assert (ran.rc, '"ready": true' in ran.out) == (0, True), ran
    assert lpars.fingerprint(production.home) == before


def test_elsewhere_it_is_refused(production: Estate) -> None:
    lpars.drboot(production.home, "capture")
    lpars.drboot(production.home, "arm")
    lpars.wake_without_drboot(production)
    ran = lpars.drboot(production.dr, "check")
    assert (ran.rc, "check-elsewhere" in ran.err) == (3, True), ran
