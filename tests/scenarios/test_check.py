"""``drboot check``: a machine that is ready has no finding at all; each thing that is wrong is found, by its id, with
its cure, and nothing else is.

Every finding is planted by what AIX would print, by what a file says, or by what the profiles and the capture say, on
one production LPAR that is otherwise ready.  tests/house/test_checks.py holds this list against the catalogue.
"""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Optional, Tuple, Union

import pytest

from drboot import arming, capture, checks, cron, paths
from drboot.checks import Production
from drboot.checks.arming import programs
from drboot.checks.boot import boot_time
from drboot.checks.capture import taken
from drboot.errors import Where
from drboot.facts import lspath
from drboot.paths import Root
from drboot.profile import trust
from drboot.profile.hosts import Alias, HostRow, Match
from drboot.profile.load import load
from drboot.runner import Ran, Runner
from drboot.seen import Seen
from drboot.sim import boot
from drboot.sim.estates import small
from drboot.sim.estates.build import HOME, Estate, Home, Vg, make_home, mappings, raw, write_profiles
from drboot.sim.inprocess import InProcess
from drboot.steps.glvm import GlvmVg
from tests.scenarios import lpars, memory
from tests.scenarios.verbs import drboot

Answer = Union[Tuple[int, str], Callable[[str], str]]  # status and output, or what to make of the real output
Edit = Callable[[str], Optional[str]]
Change = Callable[[Production], Production]
LONG = "/" + "x" * 129
DR_PROFILE = "/etc/drboot/sites/dr.yaml"
PYTHON = paths.INTERPRETERS[0]
ASIDE = ".aside"  # behind the name of a file that is edited


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """An LPAR that is ready: armed, captured, installed, its nightly line in place, no flag that could go off."""
    estate = small.make(str(tmp_path_factory.mktemp("check")))
    profile = Path(estate.home.root + DR_PROFILE)
    profile.write_text(profile.read_text().replace("device_reset: ghostdev", "device_reset: clouddev-at-dr"))
    memory.arm_at_home(estate)
    launcher = Path(estate.home.root + paths.LAUNCHER)
    launcher.parent.mkdir(parents=True)
    launcher.write_text("")
    launcher.chmod(0o755)
    table = Path(estate.home.root + paths.ROOT_TABLE)
    table.write_text(cron.with_nightly(table.read_text(), cron.Time(3, 30)))
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
        for path, edit in self.edits.items():
            file, aside = Path(self.root.path(path)), Path(self.root.path(path) + ASIDE)
            fresh = 0o755 if path in paths.PROGRAMS.values() else 0o644
            was, mode = (file.read_text(), file.stat().st_mode) if edit is not gone and file.exists() else ("", fresh)
            if os.path.lexists(file):  # moved and never written to: a program may be a link to a real one
                file.rename(aside)
            text = edit(was)
            if text is not None:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
                file.chmod(mode)
        return self

    def __exit__(self, *_: object) -> None:
        for path in self.edits:
            file, aside = Path(self.root.path(path)), Path(self.root.path(path) + ASIDE)
            file.unlink(missing_ok=True)
            if os.path.lexists(aside):
                aside.rename(file)

    def execute(self, argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        line = " ".join((os.path.basename(argv[0]), *argv[1:]))
        self.asked.append(line)
        planted = self.answers.get(line)
        if isinstance(planted, tuple):
            return Ran(argv, "exited", planted[0], planted[1], "", 0.0)
        ran = memory.run_on(self.lpar)(argv, environment, killable, deadline)
        return replace(ran, stdout=planted(ran.stdout)) if planted else ran

    def production(self, reset: str = "") -> Production:
        """As the verb makes it; the capture is of this minute."""
        estate = load(self.root)
        stamp = arming.read_stamp(self.root)
        others = (replace(estate.sites["dr"], **({"device_reset": reset} if reset else {})),)
        seen = Seen(Runner(self.root, run_argv=self.execute))
        fresh = capture.take(seen, "home", "prod01", "")
        at = taken(fresh)
        return Production(seen, estate, estate.sites["home"], "prod01", others, stamp, fresh, fresh, at)

    def findings(self, reset: str = "", change: Optional[Change] = None) -> Dict[str, checks.Finding]:
        production = self.production(reset)
        found = checks.findings(change(production) if change else production)
        assert len({finding.problem.name for finding in found}) == len(found), found
        return {finding.problem.name: finding for finding in found}


class Case(NamedTuple):
    """What is planted.

    is_error  whether the machine is not ready with it
    answers   by command line
    edits     by file: its new text, None to remove it
    change    of what the check is given besides
    reset     device_reset of the other site
    along     findings that cannot but come with it
    """

    finding: str
    is_error: bool
    answers: Mapping[str, Answer] = {}
    edits: Mapping[str, Edit] = {}
    change: Optional[Change] = None
    reset: str = ""
    along: FrozenSet[str] = frozenset()


# ---------------------------------------------------------------- how things are planted


def add(text: str) -> Callable[[str], str]:
    return lambda before: before + text


def gone(_before: str) -> None:
    return None


def says(text: str) -> Edit:
    return lambda _before: text


def without(word: str) -> Callable[[str], str]:
    return lambda before: "".join(line for line in before.splitlines(keepends=True) if word not in line)


def swap(old: str, new: str) -> Callable[[str], str]:
    def swapped(before: str) -> str:
        assert old in before, (old, before)
        return before.replace(old, new)

    return swapped


def moved(last: bool) -> Edit:
    """drboot's line at the end of the inittab, or in front of it."""

    def edited(before: str) -> str:
        lines = before.splitlines(keepends=True)
        own = [line for line in lines if line.startswith("drboot:")]
        others = [line for line in lines if line not in own]
        return "".join(others + own if last else own + others)

    return edited


def twice(before: str) -> str:
    return "".join(line * (2 if line.startswith("drboot:") else 1) for line in before.splitlines(keepends=True))


def given(**changed: Any) -> Change:
    return lambda production: replace(production, **changed)


def checking(**changed: Any) -> Change:
    """With other values under ``check`` of the profile."""
    return lambda production: replace(
        production, site=replace(production.site, check=replace(production.site.check, **changed))
    )


def captured(**changed: Any) -> Change:
    """The capture of last night says something else than one of now would."""

    def edit(production: Production) -> Production:
        assert production.capture is not None
        return replace(production, capture=replace(production.capture, **changed))

    return edit


def more_paths(production: Production) -> Production:
    assert production.capture is not None
    disks = tuple(replace(disk, paths=disk.paths + 2) for disk in production.capture.disks)
    return replace(production, capture=replace(production.capture, disks=disks))


def host(name: str, address: str, mask: str = "255.255.255.0", site: str = "dr", **others: Any) -> Change:
    """One more row in hosts.csv."""
    made = HostRow(name, site, "disaster", "service", Match("slot", "C2"), address, mask, "", (), Where("hosts.csv", 9))
    row = replace(made, **others)
    return lambda production: replace(
        production, estate=replace(production.estate, hosts=(*production.estate.hosts, row))
    )


def another_home_address(production: Production) -> Production:
    rows = tuple(replace(row, address="10.1.5.99") if row.site == "home" else row for row in production.estate.hosts)
    return replace(production, estate=replace(production.estate, hosts=rows))


def disarmed(production: Production) -> Production:
    assert production.stamp is not None
    production.stamp.phase = "disarmed"
    return production


INITTAB, NETSVC, HOSTS, FILESYSTEMS = "/etc/inittab", "/etc/netsvc.conf", "/etc/hosts", "/etc/filesystems"
GHOSTDEV = "lsattr -El sys0 -a ghostdev -F value"
CLOUDDEV = "lsattr -El sys0 -a clouddev -F value"
BOOTLIST = "bootlist -m normal -o"
PATHS = "lspath -F " + ":".join(lspath._IDS)
DEVICES = "lsdev -C -F name:class:subclass:type:status:parent"
ON: Answer = (0, "1\n")
NFS = "\n/share:\n\tdev = /export\n\tvfs = nfs\n\tnodename = filer1\n\tmount = true\n"
GATE = "\nreplication: {gate: /opt/site/primary}\n"
CLONES = "DEVICE TYPE DISK GROUP STATUS\nams_wms0_5 auto:cdsdisk - - online udid_mismatch\n"
DMP = "PATH DMPNODENAME\n====\nhdisk100 hdisk0\n"  # rootvg sits on the node of this name
HOOK = "\nhooks:\n  - {name: sap, program: /opt/site/sap, phase: last}\n"
LISTED = "/etc/drboot/replicated"
KEYS = "/etc/drboot/pks_keys"
MASK = "255.255.255.0"
EMPTY = says("")
ONE_PATH = frozenset({"check-one-path"})
MOBILITY = frozenset({"check-ghostdev-mobility"})


def one_path_each(said: str) -> str:
    return "".join(line + "\n" for line in said.splitlines() if ":vscsi1:" not in line and ":fscsi1:" not in line)


GLVM = frozenset({"check-glvm-boot", "check-glvm-copies", "check-glvm-port"})
LSWPAR = "lswpar -c -q"
DR_CAPTURE = "/var/adm/drboot/captures/dr.json"


def mirrored(**settings: Any) -> Change:
    """datavg's second disk is an RPV client; ``settings`` of the volume group are others."""

    def change(production: Production) -> Production:
        fresh = production.fresh
        vg = next(vg for vg in fresh.volume_groups if vg.name == "datavg")
        client = capture.RemotePv(vg.pvids[1], "hdisk2", "10.20.5.11", "10.1.5.11", "180")
        others = tuple(one for one in fresh.volume_groups if one is not vg)
        made = replace(fresh, remote=(client,), volume_groups=(replace(vg, **settings), *others))
        return replace(production, fresh=made, capture=made)

    return change


def disks_here(number: int) -> Change:
    """datavg is mirrored, and the profile of DR says that so many of its disks are there: one is."""

    def change(production: Production) -> Production:
        made = mirrored()(production)
        (dr,) = made.others
        entry = GlvmVg((), number, "/etc/drboot/down", 1.0, "", "", "returns", False, False, dr.at)
        return replace(made, others=(replace(dr, glvm={"datavg": entry}),))

    return change


def taken_at_dr() -> str:
    """A capture of the host at DR, where rootvg's neighbour has a logical volume of datavg's name."""
    lv = capture.Lv("fslv00", "jfs2", "/other", ())
    group = capture.VolumeGroup("othervg", "00f6f42a00004c000000013d00000000", (), True, True, None, (lv,))
    made = capture.Capture(
        version=capture.VERSION, site="dr", host="drhost", systemid="", taken="2026-11-20T01:00:00Z", level="",
        hostname="", disks=(), volume_groups=(group,), filesystems=(), adapters=(), interfaces=(), routes=(),
        devices=(), bootlist=(), inittab=(), unseen=(),
    )  # fmt: skip
    return json.dumps(asdict(made))


CASES: Tuple[Case, ...] = (
    # armed
    Case("check-not-armed", True, change=given(stamp=None)),
    Case("check-not-armed", True, change=disarmed),
    Case("check-profiles-changed", True, edits={DR_PROFILE: add("# a remark\n")}),
    Case("check-no-other-site", True, change=given(others=())),
    Case("check-launcher", False, edits={paths.LAUNCHER: gone}),
    Case("check-interpreter", False, edits={PYTHON: gone}),
    Case("check-inittab-entry", True, edits={INITTAB: without("drboot:")}),
    Case("check-inittab-entry", True, edits={INITTAB: moved(last=True)}),
    Case("check-inittab-entry", True, edits={INITTAB: moved(last=False)}),
    Case("check-inittab-entry", True, edits={INITTAB: twice}),
    Case("check-inittab-entry", True, edits={INITTAB: swap("drboot:2:wait:", "drboot:2:off:")}),
    Case("check-inittab-entry", True, edits={INITTAB: swap("drboot:2:wait:", "drboot:2:once:")}),
    # flags
    Case("check-reset-flag-off", True, reset="ghostdev"),
    Case("check-reset-flag-off", True, reset="clouddev-carried"),
    Case("check-reset-flag-missing", True, {GHOSTDEV: (255, "")}, reset="ghostdev"),
    Case("check-ghostdev-left-on", False, {GHOSTDEV: ON}, along=MOBILITY),
    Case("check-clouddev-left-on", True, {CLOUDDEV: ON}),
    Case("check-ghostdev-mobility", False, {GHOSTDEV: ON}, reset="ghostdev"),
    Case(
        "check-ghostdev-level", True, {GHOSTDEV: ON, "oslevel -s": (0, "7200-03-01-1838\n")}, reset="ghostdev",
        along=MOBILITY,
    ),
    # capture
    Case("check-no-capture", True, change=given(capture=None)),
    Case("check-capture-foreign", True, change=captured(host="prod02")),
    Case("check-capture-old", True, change=captured(taken="2001-01-01T00:00:00Z")),
    Case("check-capture-old", True, change=captured(taken="2099-01-01T00:00:00Z")),
    Case("check-capture-old", True, change=captured(taken="yesterday")),
    Case("check-capture-incomplete", True, change=captured(unseen=("lspath: no answer",))),
    Case("check-capture-incomplete", True, {"sysdumpdev -l": (1, "")}),
    Case("check-capture-drift", True, change=captured(volume_groups=())),
    Case("check-capture-drift", False, change=captured(hostname="prod01.bank.example")),
    Case("check-no-nightly", False, edits={paths.ROOT_TABLE: without("--nightly")}),
    Case("check-no-nightly", False, edits={paths.ROOT_TABLE: gone}),
    # boot
    Case("check-boot-list-long", False, {BOOTLIST: (0, "".join(f"hdisk0 blv=hd5 pathid={n}\n" for n in range(6)))}),
    Case("check-boot-list-wrong", False, {BOOTLIST: (0, "hdisk0 blv=hd5 pathid=0\n-\n")}),
    Case("check-boot-list-wrong", True, {BOOTLIST: (0, "hdisk1 blv=hd5 pathid=0\n")}),
    Case("check-no-boot-lv", True, {"lsvg -l rootvg": without("hd5")}),
    Case("check-boot-image", False, {"who -b": (0, "   .        system boot Feb 13 23:31\n")}, {paths.KERNEL: EMPTY}),
    Case("check-one-path", False, {PATHS: one_path_each}),
    Case("check-path-lost", False, change=more_paths, along=frozenset({"check-capture-drift"})),
    Case("check-path-lost", False, {PATHS: swap("hdisk1:fscsi1:1:Enabled", "hdisk1:fscsi1:1:Failed")}, along=ONE_PATH),
    Case("check-multipath-driver", False, {PATHS: without("hdisk0:")}),
    # names
    Case("check-lookup-order", True, edits={NETSVC: says("hosts = bind4, local4\n")}),
    Case("check-lookup-order", True, edits={NETSVC: gone}),
    Case("check-nsorder", True, edits={paths.ETC_ENVIRONMENT: add("NSORDER=bind,local\n")}),
    Case("check-hosts-file", True, edits={HOSTS: without("prod01")}),
    Case("check-hosts-file", True, edits={HOSTS: without("loopback")}),
    Case("check-nfs-foreground", True, edits={FILESYSTEMS: add(NFS)}),
    # storage
    Case("check-mount-point-long", False, edits={FILESYSTEMS: add(f"\n{LONG}:\n\tdev = /dev/lv9\n\tvfs = jfs2\n")}),
    Case("check-lv-name-twice", True, {"lqueryvg -tAp hdisk1": swap(" fslv00 ", " hd4 ")}),
    Case(
        "check-pvid-twice", True,
        {"lspv": lambda said: said + "hdisk99         " + said.split()[1] + "                    None\n"},
    ),
    Case("check-vg-degraded", False, {"lsvg datavg": swap("STALE PVs:          0", "STALE PVs:          1")}),
    Case("check-vg-degraded", False, {"lsvg rootvg": swap("ACTIVE PVs:         1", "ACTIVE PVs:         0")}),
    Case("check-encrypted", False, {"lsvg datavg": add("ENCRYPTION:         yes\n")}),
    Case(
        "check-keys-not-exported", True, {"lsvg datavg": add("ENCRYPTION:         yes\n")},
        change=checking(keys_exported=KEYS),
    ),
    Case("check-asm", False, edits={paths.ETC_ORATAB: says("#\n+ASM:/u01/app/19/grid:N\n")}),
    Case("check-replication-list", True, change=checking(replicated=LISTED)),
    Case("check-replication-list", True, edits={LISTED: says("# nothing yet\n")}, change=checking(replicated=LISTED)),
    Case("check-not-replicated", True, edits={LISTED: says("00f6f42a0bd88900\n")}, change=checking(replicated=LISTED)),
    # addresses
    Case("check-address-taken", True, change=host("prod02", "10.1.5.11")),
    Case("check-address-taken", True, change=host("prod02", "10.20.5.12", aliases=(Alias("10.1.5.11", MASK),))),
    Case("check-gateway-is-host", True, change=host("prod02", "10.20.5.1")),
    Case("check-netmask-differs", False, change=host("prod02", "10.20.5.130", "255.255.255.128")),
    Case("check-home-address", False, change=another_home_address),
    Case("check-rehearsal-address", False, change=host("prod01", "10.1.5.11", mode="rehearsal")),
    # programs of the site, other software
    Case("check-hook-program", True, edits={DR_PROFILE: add(HOOK)}, along=frozenset({"check-profiles-changed"})),
    Case("check-powerha", False, {"lssrc -a": add(" clstrmgrES       cluster          4718592      active\n")}),
    Case("check-caa", False, {"lspv": add("hdisk9   00f6f42a0bd889ff   caavg_private   active\n")}),
    Case("check-rsct-domain", False, {"lssrc -a": add(" cthags           cthags           5439992      active\n")}),
    Case("check-glvm", False, {DEVICES: add("rpvserver0:rpvserver:rpvserver:rpvstype:Available:\n")}),
    Case("check-glvm-boot", True, change=mirrored(), along=GLVM),
    Case("check-glvm-copies", True, change=mirrored(auto_on=False, quorum=False), along=GLVM),
    Case("check-glvm-names", True, edits={DR_CAPTURE: says(taken_at_dr())}, change=mirrored(), along=GLVM),
    Case("check-glvm-disks", True, change=disks_here(2), along=GLVM),
    Case("check-glvm-port", False, edits={"/etc/services": says("rpv 6191/tcp\n")}, change=mirrored(), along=GLVM),
    Case("check-powerpath", False, {DEVICES: add("hdiskpower0:disk:node:power:Available:powerpath0\n")}),
    Case("check-wpars", True, {LSWPAR: (0, "web:A:S:web:/wpars/web:no\n")}, {"/etc/wpars/web.cf": says("")}),
    Case("check-vxvm", False, {"vxdisk list": (0, "")}, {paths.PROGRAMS["vxdisk"]: says("")}),
    Case("check-vxvm-clones", False, {"vxdisk list": (0, CLONES)}, {paths.PROGRAMS["vxdisk"]: says("")},
         along=frozenset({"check-vxvm"})),
    Case("check-dmp-rootvg", False, {"vxdmpadm native list": (0, DMP), BOOTLIST: swap("hdisk0 ", "hdisk100 ")},
         {paths.PROGRAMS["vxdmpadm"]: says("")}),
    Case("check-vcs-guest", False, edits={paths.VCS_CONFIGURATION: says("")}),
    Case("check-vcs-reconfig", True, edits={paths.ETC_INITTAB: add("vcsr:2:once:/opt/VRTSvcsnr/bin/vcs-reconfig\n")}),
    Case("check-vcs-absent", True, edits={DR_PROFILE: swap("network:\n", "network:\n  owner: vcs\n")},
         along=frozenset({"check-profiles-changed"})),
    Case("check-gate-program", True, edits={DR_PROFILE: add(GATE)}, along=frozenset({"check-profiles-changed"})),
    # what cannot be read
    Case("check-unread", True, {BOOTLIST: (1, "")}, along=frozenset({"check-capture-incomplete"})),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.finding)
def test_a_finding_is_found_and_nothing_else(home: Estate, case: Case) -> None:
    with Machine(home, case.answers, case.edits) as machine:
        found = machine.findings(case.reset, case.change)
    finding = found[case.finding]
    assert finding.is_error is case.is_error
    assert finding.problem.where and finding.problem.why and finding.problem.next
    assert set(found) == {case.finding, *case.along}


def test_S001_14_vcs_inside_a_managed_lpar_is_told(home: Estate) -> None:
    with Machine(home, {}, {paths.VCS_CONFIGURATION: says("")}) as machine:
        finding = machine.findings()["check-vcs-guest"]
    assert not finding.is_error and finding.problem.where == paths.VCS_CONFIGURATION


def test_S001_6_check_tells_that_rootvg_is_under_dmp(home: Estate) -> None:
    answers: Dict[str, Answer] = {"vxdmpadm native list": (0, DMP), BOOTLIST: swap("hdisk0 ", "hdisk100 ")}
    with Machine(home, answers, {paths.PROGRAMS["vxdmpadm"]: says("")}) as machine:
        finding = machine.findings()["check-dmp-rootvg"]
    assert finding.items == ("hdisk0: hdisk100",)
    assert "boot list" in finding.problem.why and "reset" in finding.problem.why


@pytest.mark.parametrize("owner, told", [("", True), ("owner: vcs", False), ("owner: drboot", False)])
def test_S001_3_a_second_owner_is_a_finding_until_the_profile_says_who(home: Estate, owner: str, told: bool) -> None:
    edits: Dict[str, Edit] = {paths.ETC_INITTAB: add("vcsr:2:once:/opt/VRTSvcsnr/bin/vcs-reconfig\n")}
    if owner:
        edits[DR_PROFILE] = swap("network:\n", f"network:\n  {owner}\n")
    with Machine(home, {}, edits) as machine:
        assert ("check-vcs-reconfig" in machine.findings()) is told


def test_a_machine_that_is_ready_has_no_finding(home: Estate) -> None:
    with Machine(home, {}, {}) as machine:
        assert machine.findings() == {}


HARMLESS: Tuple[Dict[str, Edit], ...] = (
    {NETSVC: says("# order\n#hosts = bind\n  hosts=local , bind4\n")},
    {NETSVC: says("hosts = local = auth, bind\n")},
    {NETSVC: says("aliases=files\n"), "/etc/irs.conf": says("hosts local continue\nhosts dns\n")},
    {paths.ETC_ENVIRONMENT: add("#NSORDER=bind\nexport NSORDER='local4, bind4'\n")},
    {FILESYSTEMS: add(NFS + "\toptions = rw, bg , intr\n")},
    {FILESYSTEMS: add(f"\n{LONG}:\n\tdev = /export\n\tvfs = nfs\n\tnodename = f\n\tmount = false\n")},
    {HOSTS: swap("prod01", "prod01.bank.example PROD01")},
    {HOSTS: lambda text: text.replace("loopback", "LOOPBACK").replace("localhost", "LocalHost")},
    {paths.ETC_ORATAB: says("#+ASM:/u01:N\nPROD:/u01/app/19:N\n")},
)


@pytest.mark.parametrize("edits", HARMLESS)
def test_what_healthy_machines_have_is_no_finding(home: Estate, edits: Dict[str, Edit]) -> None:
    with Machine(home, {}, edits) as machine:
        assert machine.findings() == {}


@pytest.mark.parametrize("line", [
    "00F6F42A0BD88900 rootvg, pair 1", "71171860000;rootvg;x", '"71171860000",rootvg', "UNIQUE_ID", "UNIQUE_ID # x",
    "33 71171860000",
])  # fmt: skip
def test_a_replicated_disk_is_known_by_any_of_its_names(home: Estate, line: str) -> None:
    """By PVID, serial number or unique_id, the first word of its line; the rest of the line is for people."""
    rest = "00f6f42a0bd88911\n00f6f42a0bd88922 # datavg\n"
    with Machine(home, {}, {}) as machine:
        line = line.replace("UNIQUE_ID", machine.production().fresh.disks[0].unique_id)
    with Machine(home, {}, {LISTED: says(f"# PVID\n\n{line}\n{rest}")}) as machine:
        found = machine.findings(change=checking(replicated=LISTED))
    assert [finding.items for finding in found.values()] == (
        [("hdisk0 of rootvg: PVID 00f6f42a0bd88900, serial 71171860000",)] if line.startswith("33") else []
    )


def test_a_serial_number_that_all_disks_have_names_none(home: Estate) -> None:
    """SVC prints its machine type, 2145, in the place of the serial number."""
    answers: Dict[str, Answer] = {"lscfg -vl hdisk*": lambda said: re.sub("7117186000.", "2145", said)}
    with Machine(home, answers, {LISTED: says("2145\n")}) as machine:
        found = machine.findings(change=checking(replicated=LISTED))
    assert len(found["check-not-replicated"].items) == 3


def test_only_disks_of_volume_groups_that_come_up_elsewhere_need_a_replica(home: Estate) -> None:
    def without_datavg(production: Production) -> Production:
        other = production.others[0]
        groups = replace(other.volume_groups, named=(), except_=("datavg",))
        return checking(replicated=LISTED)(replace(production, others=(replace(other, volume_groups=groups),)))

    with Machine(home, {}, {LISTED: says("00f6f42a0bd88900\n")}) as machine:
        assert machine.findings(change=without_datavg) == {}


def test_irs_conf_counts_only_where_netsvc_conf_is_silent(home: Estate) -> None:
    edits: Dict[str, Edit] = {NETSVC: says("hosts = bind, local\n"), "/etc/irs.conf": says("hosts local\n")}
    with Machine(home, {}, edits) as machine:
        assert "check-lookup-order" in machine.findings()


def test_the_cure_of_a_foreground_mount_can_be_typed(home: Estate) -> None:
    with Machine(home, {}, {FILESYSTEMS: add(NFS + "\toptions = rw, fg, hard\n")}) as machine:
        assert machine.findings()["check-nfs-foreground"].problem.next == "chfs -a options=bg,rw,hard /share"


def test_on_a_real_machine_what_init_cannot_start_is_an_error(home: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below --root, where nothing is booted, it is a note."""
    with Machine(home, {}, {}) as machine:
        production = replace(machine.production(), seen=Seen(Runner(Root(""), run_argv=machine.execute)))
    monkeypatch.setattr(paths, "LAUNCHER", "/nowhere/drboot-boot")
    monkeypatch.setattr(paths, "INTERPRETERS", ("/nowhere/python3",))
    assert production.stamp is not None
    monkeypatch.setitem(production.stamp.values, "python", "/nowhere/python3.9")
    monkeypatch.setattr(trust, "_changeable", lambda real: ["its mode is 0777"] if real == "/nowhere" else [])
    found = list(programs(production))
    assert [(finding.is_error, finding.problem.name) for finding in found] == [
        (True, "check-launcher"), (True, "check-interpreter"), (True, "code-not-ours"),
    ]  # fmt: skip


def test_many_of_a_kind_are_one_finding(home: Estate) -> None:
    stanzas = "".join(NFS.replace("/share", f"/share{number}") for number in range(30))
    copies = "".join(f"hdisk{number} 00f6f42a0bd88911 None\n" for number in range(10, 40))
    with Machine(home, {"lspv": add(copies)}, {FILESYSTEMS: add(stanzas)}) as machine:
        found = machine.findings()
    assert set(found) == {"check-nfs-foreground", "check-pvid-twice"}
    assert found["check-nfs-foreground"].items[29] == "chfs -a options=bg /share29"
    assert "30 NFS mounts, first for /share0 of filer1" in found["check-nfs-foreground"].problem.what
    assert len(found["check-pvid-twice"].items) == 1


def test_a_raw_disk_of_another_user_looks_like_asm(home: Estate) -> None:
    device = Path(home.home.root, "dev/rhdisk9")
    device.write_text("")
    if os.geteuid() == 0:
        os.chown(device, 1001, 1001)
    free = {"lspv": add("hdisk9          none                                None\n")}
    with Machine(home, free, {}) as machine:
        items = machine.findings()["check-asm"].items
    device.unlink()
    assert [item.partition(" uid ")[0] for item in items] == ["hdisk9 belongs to"]


def test_a_command_that_fails_makes_no_other_id_twice_and_is_no_bug(home: Estate) -> None:
    """Each command in turn: the rest is found all the same, and nothing that was asked for in vain goes unsaid."""
    told = {"check-unread", "check-capture-incomplete", "check-reset-flag-missing"}
    with Machine(home, {}, {}) as machine:
        machine.findings()
    evidence = {"lqueryvg -tAp hdisk1", "lsvg -p datavg rootvg", "lsvg rootvg", "lscfg -vl hdisk*"}  # nothing needs it
    for asked in machine.asked:
        with Machine(home, {asked: (1, "")}, {}) as failing:
            found = failing.findings()
        assert "internal-error" not in found
        assert told & set(found) or asked in evidence, asked


def test_a_bug_in_one_check_hides_no_other(home: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    def boom(_production: checks.Production) -> Iterator[checks.Finding]:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr("drboot.checks.boot.check", boom)
    with Machine(home, {CLOUDDEV: ON}, {}) as machine:
        found = machine.findings()
    assert set(found) == {"internal-error", "check-clouddev-left-on"}
    assert found["internal-error"].is_error


def test_F10_clouddev_left_on_in_production_is_an_error(home: Estate) -> None:
    with Machine(home, {CLOUDDEV: ON}, {}) as machine:
        finding = machine.findings()["check-clouddev-left-on"]
        assert finding.is_error
        assert "chdev -l sys0 -a clouddev=0" in finding.problem.next
        assert machine.findings("clouddev-carried") == {}


@pytest.mark.parametrize("level, is_bad", [
    ("7200-03-00-1837", True), ("7200-03-01-1838", True), ("7200-03-02-1846", False), ("7200-05-03-2136", False),
])  # fmt: skip
def test_F12_ghostdev_on_a_level_with_the_apar(home: Estate, level: str, is_bad: bool) -> None:
    with Machine(home, {"oslevel -s": (0, level + "\n"), GHOSTDEV: ON}, {}) as machine:
        assert ("check-ghostdev-level" in machine.findings()) is is_bad
    with Machine(home, {"oslevel -s": (0, level + "\n"), GHOSTDEV: (0, "0\n")}, {}) as machine:
        assert "check-ghostdev-level" not in machine.findings()


def test_F13_ghostdev_and_remote_restart_are_pointed_out(home: Estate) -> None:
    with Machine(home, {GHOSTDEV: ON}, {}) as machine:
        finding = machine.findings()["check-ghostdev-mobility"]
    assert (finding.is_error, "clouddev" in finding.problem.next) == (False, True)


def test_F30_the_age_of_the_exported_keys(home: Estate) -> None:
    encrypted = {"lsvg datavg": add("ENCRYPTION:         yes\n")}
    with Machine(home, encrypted, {KEYS: says("")}) as machine:
        assert machine.findings(change=checking(keys_exported=KEYS)) == {}
        os.utime(home.home.root + KEYS, (0, time.time() - 31 * 86400))
        assert machine.findings(change=checking(keys_exported=KEYS))["check-keys-not-exported"].is_error


def test_F56_a_boot_that_would_wait_for_a_name_server(home: Estate) -> None:
    with Machine(home, {}, {NETSVC: says("hosts = bind, local\n"), HOSTS: without("prod01")}) as machine:
        found = machine.findings()
    assert set(found) == {"check-lookup-order", "check-hosts-file"}


def test_F62_what_an_unbootable_replica_looks_like_at_home(home: Estate) -> None:
    with Machine(home, {PATHS: one_path_each}, {}) as machine:
        items = machine.findings()["check-one-path"].items
    assert items[0] == "hdisk0 of rootvg: only fscsi0 reaches it" and len(items) == 3
    with Machine(home, {PATHS: without("hdisk0:")}, {}) as machine:
        assert "hdisk0: " in machine.findings()["check-multipath-driver"].problem.why


def test_F63_a_kernel_that_was_never_started(home: Estate) -> None:
    """What the boot image holds cannot be asked; that the kernel is younger than the last boot can."""
    now = time.time()
    said = time.strftime("   .        system boot %b %d %H:%M     \n", time.localtime(now - 86400))
    for age, is_found in ((3600, True), (2 * 86400, False)):
        with Machine(home, {"who -b": (0, said)}, {paths.KERNEL: says("")}) as machine:
            os.utime(home.home.root + paths.KERNEL, (0, now - age))
            assert ("check-boot-image" in machine.findings()) is is_found


def test_the_boot_time_has_no_year() -> None:
    now = time.mktime((2026, 1, 10, 12, 0, 0, 0, 0, -1))
    assert boot_time("Dec 31 23:59", now) == time.mktime((2025, 12, 31, 23, 59, 0, 0, 0, -1))
    assert boot_time("Jan 10 11:00", now) == now - 3600
    assert boot_time("Feb 29 11:00", now) is None


@pytest.mark.parametrize("edit, why", [
    (without("drboot:"), "no entry"),
    (moved(last=True), "does not stand behind"),
    (moved(last=False), "does not stand behind"),
    (twice, "2 entries"),
    (swap("drboot:2:wait:", "drboot:2:off:"), "is off"),
    (swap("drboot:2:wait:", "drboot:2:once:"), "not as shipped"),
])  # fmt: skip
def test_F64_the_inittab_entry_lost_or_moved(home: Estate, edit: Edit, why: str) -> None:
    with Machine(home, {}, {INITTAB: edit}) as machine:
        finding = machine.findings()["check-inittab-entry"]
    assert finding.is_error and why in finding.problem.why
    assert finding.problem.next == "drboot arm"


def test_F76_a_capture_that_is_too_old(home: Estate) -> None:
    with Machine(home, {}, {}) as machine:
        now = machine.production().now
        assert machine.findings(change=given(now=now + 47 * 3600)) == {}
        old = machine.findings(change=given(now=now + 49 * 3600))["check-capture-old"]
    assert old.is_error and "2.0 days ago" in old.problem.why


ODM_ROW = """
CuAt:
	name = "hdisk1"
	attribute = "queue_depth"
	value = "{}"
	type = "R"
	generic = "DU"
	rep = "nr"
	nls_index = 0
"""


def test_what_has_changed_since_the_capture_is_named_item_by_item(home: Estate) -> None:
    with Machine(home, {"odmget CuAt": add(ODM_ROW.format("20"))}, {}) as machine:
        before = machine.production().fresh
    new = "\n/new:\n\tdev = /dev/hd1\n\tvfs = jfs2\n"
    edits: Dict[str, Edit] = {FILESYSTEMS: add(new), INITTAB: add("sap:2:once:/sap\n")}
    renamed = swap("fslv01", "applv")
    answers: Dict[str, Answer] = {
        "odmget CuAt": add(ODM_ROW.format("8")), "lqueryvg -tAp hdisk1": renamed, "lsvg -l datavg": renamed,
    }  # fmt: skip
    with Machine(home, answers, edits) as machine:
        finding = machine.findings(change=given(capture=before))["check-capture-drift"]
    assert finding.is_error
    assert finding.items == (
        "LV fslv01 of volume group datavg is now called applv",
        "owner of LV fslv01 of volume group datavg was 0:0 660, is nobody's",  # of /dev/rapplv, which is not there
        "vg of file system /data/db was datavg, is nothing",
        "file system /new is new",
        "queue_depth of hdisk1 (PVID 00f6f42a0bd88911) was 20, is 8",
        "inittab entry sap is new: sap:2:once:/sap",
    )


def test_what_is_shown_is_bounded_and_80_columns_wide(home: Estate) -> None:
    many = tuple(f"/fs{number}/{'x' * 90}" for number in range(100))
    stanzas = "".join(f"\n{name}:\n\tdev = /dev/hd1\n\tvfs = jfs2\n" for name in many)
    with Machine(home, {}, {}) as machine:
        before = machine.production().fresh
    with Machine(home, {}, {FILESYSTEMS: add(stanzas)}) as machine:
        production = replace(machine.production(), capture=before)
        found = checks.findings(production)
    shown = checks.text(production, found).splitlines()
    last = checks.as_json(production, found)["drift"][-1]
    assert (last["path"][:1], last["change"], last["minor"]) == (("filesystems",), "added", False)
    assert last["now"]["device"] == "/dev/hd1"
    assert len(found[0].items) == len(checks.as_json(production, found)["findings"][0]["items"]) == 100
    assert len(shown) < 70 and any("... and 81 more" in line for line in shown)
    assert max(len(line) for line in shown if "x" * 90 not in line) <= 79
    assert shown[-1] == "drboot: prod01 at home is NOT ready: 1 error, 0 notes"


def many_disks(directory: Path, disks: int) -> Estate:
    """``small`` with four more volume groups that have so many disks together."""
    vgs, files, firmware = small.parts()
    numbers = [range(10 + start, 10 + disks, 4) for start in range(4)]
    for index, luns in enumerate(numbers):
        lvs = [raw(f"raw{index}lv", 4, 501, 501, 0o660)]
        vgid = f"00f6f42a00004c00000001400000000{index}"
        vgs.append(Vg(f"big{index}vg", vgid, luns, lvs, 60 + index, size=1024, kind="scalable"))
    every = [0, 1, 2, *range(10, 10 + disks)]
    firmware["mappings"] = mappings(HOME, every, ["C5", "C6"])
    machine = make_home(str(directory), Home(firmware, vgs, files, small.INTERFACES, small.ROUTES, {}), small.NETWORKS)
    write_profiles(machine, {"home": small.HOME_PROFILE, "dr": small.DR_PROFILE}, small.ROWS)
    boot.power_on(machine)
    return Estate("many", str(directory), machine, machine, {}, machine, {})


def test_its_commands_do_not_grow_with_the_disks(tmp_path: Path) -> None:
    """None of them is asked twice either."""
    asked = {}
    for disks in (60, 4000):
        estate = many_disks(tmp_path / str(disks), disks)
        with Machine(estate, {}, {}) as machine:
            production = machine.production()
            found = checks.findings(production)
            asked[disks] = machine.asked
        assert len(production.fresh.disks) == disks + 3
        assert "check-unread" not in {finding.problem.name for finding in found}
    assert asked[60] == asked[4000]
    assert len(set(asked[4000])) == len(asked[4000]) < 64


def test_the_verb_says_not_ready_then_ready_and_changes_nothing(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path))
    boot.power_on(estate.home)
    lpar = InProcess(estate.home)
    ran = drboot(lpar, "check")
    assert ran.rc == 4
    assert "is NOT ready" in ran.out and "check-not-armed" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80 and ran.out.isascii()
    assert drboot(lpar, "capture").rc == 0
    assert drboot(lpar, "arm").rc == 0
    lpar.save()
    before = lpars.fingerprint(estate.home)
    ran = drboot(lpar, "check", "--json")
    shown = json.loads(ran.out)
    assert (ran.rc, shown["ready"], shown["exit_code"]) == (0, True, 0), ran
    assert list(shown) == ["host", "site", "ready", "findings", "drift", "exit_code"]
    assert {tuple(found) for found in shown["findings"]} == {
        ("is_error", "name", "what", "where", "why", "next", "items")
    }
    lpar.save()
    assert lpars.fingerprint(estate.home) == before


def test_elsewhere_it_is_refused(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path))
    memory.arm_at_home(estate)
    ran = drboot(memory.wake(estate), "check")
    assert (ran.rc, "check-elsewhere" in ran.err) == (3, True), ran


GOOD_MAP = """\
fslv00:/data
LP    PP1  PV1               PP2  PV2               PP3  PV3
0001  0110 hdisk1            0110 hdisk2
0002  0111 hdisk1            0111 hdisk2
"""


def glvm_items(home: Estate, answers: Mapping[str, Answer], edits: Mapping[str, Edit]) -> Dict[str, checks.Finding]:
    with Machine(home, answers, edits) as machine:
        return machine.findings(change=mirrored(auto_on=False, quorum=False))


def test_S003_1_auto_on_quorum_and_mounts_at_boot_are_named_each_with_its_cure(home: Estate) -> None:
    with Machine(home, {}, {}) as machine:
        finding = machine.findings(change=mirrored())["check-glvm-boot"]
    assert finding.is_error
    assert finding.items[:2] == (
        "datavg has AUTO ON yes: chvg -a n datavg",
        "datavg has quorum enabled: chvg -Q n datavg",
    )
    assert "/data is mounted at boot: chfs -A no /data" in finding.items


@pytest.mark.parametrize("name, mode, finding", [
    ("prod01", "rehearsal", "check-rehearsal-address"), ("prod02", "rehearsal", "check-address-taken"),
    ("prod02", "disaster", ""),  # a service address that moves between the hosts of a cluster
])  # fmt: skip
def test_F72_a_rehearsal_with_an_address_that_nobody_wrote_down(
    home: Estate, name: str, mode: str, finding: str
) -> None:
    """Only the kernel has it, or a WPAR's definition: on the day of the rehearsal it is refused."""
    row = host(name, "10.1.6.77", mode=mode)

    def change(production: Production) -> Production:
        return row(replace(production, fresh=replace(production.fresh, further_addresses=("010.1.6.77",))))

    with Machine(home, {}, {}) as machine:
        found = machine.findings(change=change)
    found.pop("check-capture-drift", None)
    assert list(found) == ([finding] if finding else [])
    assert not finding or "10.1.6.77" in found[finding].items[0]


def test_S001_12_wpars_are_as_the_profile_of_dr_has_them(home: Estate) -> None:
    rows = "wpars: [{name: web, root: /wpars/web}, {name: app, root: /wpars/app}, {name: old, root: /wpars/old}]\n"
    edits: Dict[str, Edit] = {DR_PROFILE: lambda text: text + rows}
    listed = "web:A:S:web:/wpars/web:no\napp:D:S:app:/wpars/two:no\nbatch:D:S:batch:/wpars/batch:no\n"
    with Machine(home, {LSWPAR: (0, listed)}, edits) as machine:
        items = machine.findings()["check-wpars"].items
    assert items == (
        "batch is not under wpars of dr",
        "old is under wpars of dr, and is none here",
        "app has its root at /wpars/two, wpars of dr says /wpars/app",
    )


def test_S003_7_disks_here_that_is_right_is_no_finding(home: Estate) -> None:
    with Machine(home, {}, {}) as machine:
        assert "check-glvm-disks" not in machine.findings(change=disks_here(1))


def test_S003_2_a_name_that_is_taken_at_dr(home: Estate) -> None:
    found = glvm_items(home, {}, {DR_CAPTURE: says(taken_at_dr())})["check-glvm-names"]
    assert (found.is_error, found.items) == (True, ("fslv00 of datavg is in othervg at dr",))


def test_S003_3_a_copy_at_each_site_and_super_strict(home: Estate) -> None:
    strict = swap("SEPARATE PV ?: yes", "SEPARATE PV ?: yes (superstrict)")
    names = ("loglv00", "fslv00", "fslv01")
    answers: Dict[str, Answer] = {f"lslv {lv}": strict for lv in names}
    answers.update({f"lslv -m {lv}": (0, GOOD_MAP) for lv in names})
    assert "check-glvm-copies" not in glvm_items(home, answers, {})
    answers["lslv -m fslv01"] = (0, GOOD_MAP.replace("0111 hdisk2", ""))
    answers["lslv loglv00"] = swap("loglv00", "loglv00")
    items = glvm_items(home, answers, {})["check-glvm-copies"].items
    assert items == (
        "loglv00 of datavg is not super strict: chlv -s s -u 1 loglv00",
        "fslv01 of datavg: logical partition 2 has no copy at the other site",
    )


def test_a_volume_group_of_glvm_needs_no_other_replica(home: Estate) -> None:
    def change(production: Production) -> Production:
        return checking(replicated=LISTED)(mirrored()(production))

    with Machine(home, {}, {LISTED: says("00f6f42a0bd88900\n")}) as machine:
        assert "check-not-replicated" not in machine.findings(change=change)


def test_S003_18_the_port_of_glvm(home: Estate) -> None:
    there: Dict[str, Edit] = {"/etc/services": says("# rpv\nrpv             6192/tcp\n")}
    assert "check-glvm-port" not in glvm_items(home, {}, there)
    commented: Dict[str, Edit] = {"/etc/services": says("#rpv             6192/tcp\n")}
    assert not glvm_items(home, {}, commented)["check-glvm-port"].is_error
