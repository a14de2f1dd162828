"""A machine of recorded answers: the steps' facts come through the real parsers, from text written in the test."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Mapping, Tuple, Union

from drboot.capture import Adapter, Capture, Disk, FileSystem, Interface, Lv, VolumeGroup
from drboot.errors import Where
from drboot.facts.base import Output
from drboot.paths import Root
from drboot.profile.hosts import Alias, HostRow, Match
from drboot.profile.load import load
from drboot.runner import Ran, Runner
from drboot.seen import Seen
from drboot.steps.base import Action, Assessment, Blocked, Done, Later, Todo
from drboot.wanted import Wanted

Answer = Union[str, Tuple[int, str], Output]

PV1, PV2, PV3 = "00f6f42a0bd88941", "00f6f42a0bd88942", "00f6f42a0bd88943"
VGID = "00f6f42a00004c000000013d5e6f7a8b"

PROFILE = """\
version: 1
site: dr
systemids: [IBM,0211D11C1]
device_reset: ghostdev
names:
  nameservers: [10.20.0.53]
  domain: dr.example.com
  netsvc: [local4, bind4]
network:
  roles:
    service: {mtu: 1500}
    backup: {}
  static_routes:
    - {to: 10.30.0.0/16, via: 10.20.5.254}
    - {to: 10.40.1.7, via: 10.20.5.253}
services:
  inittab_off: [nimclient]
  stop: [snmpd]
  start: [xntpd]
  hold_cron: [oracle]
filesystems:
  nfs: [/nfs]
"""
HOSTS = """\
host,site,mode,role,match,address,netmask,gateway,aliases
prod01,home,disaster,service,slot:C2,10.1.5.11,24,10.1.5.1,
prod01,dr,disaster,service,slot:C2,10.20.5.11,24,10.20.5.1,10.20.5.12;10.20.5.13/25
prod01,dr,disaster,backup,vlan:310,10.21.5.11,24,,
"""


class Machine:
    """Answers by command line: ``answers["lsvg -o"] = "rootvg\\n"``, a tuple (exit status, text) for failures.

    A command that has no answer fails the test; ``ran`` has what was asked.
    """

    def __init__(self, root: Path, answers: Mapping[str, Answer]) -> None:
        self.root = root
        self.answers: Dict[str, Answer] = dict(answers)
        self.ran: List[str] = []

    def execute(self, argv: Tuple[str, ...], _environment: Mapping[str, str], _killable: bool, _deadline: float) -> Ran:
        line = " ".join((os.path.basename(argv[0]), *argv[1:]))
        self.ran.append(line)
        if line not in self.answers:
            raise AssertionError(f"the step asked for {line!r}, which this test does not answer")
        answer = self.answers[line]
        rc, text = answer if isinstance(answer, tuple) else (0, str(answer))
        return Ran(argv, "exited", rc, text, "", 0.0)

    def seen(self) -> Seen:
        return Seen(Runner(Root(str(self.root)), run_argv=self.execute))

    def file(self, path: str, text: str) -> None:
        target = Path(str(self.root) + path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def wanted(root: Path, plan_b: bool = False, profile: str = PROFILE, hosts: str = HOSTS, **changed: Any) -> Wanted:
    """What the profile above asks of prod01 at the DR site, through the real loader."""
    sites = root / "etc/drboot/sites"
    sites.mkdir(parents=True, exist_ok=True)
    (sites / "dr.yaml").write_text(profile)
    home = "version: 1\nsite: home\nsystemids: [IBM,0206F42A0]\ndevice_reset: none\nnetwork: {roles: {service: {}}}\n"
    (sites / "home.yaml").write_text(home)
    (root / "etc/drboot/hosts.csv").write_text(hosts)
    for path in (root / "etc/drboot").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    estate = load(Root(str(root)))
    rows = estate.rows("prod01", "dr", "disaster")
    made = Wanted("prod01", estate.sites["dr"], "home", "disaster", rows, ("10.1.5.11", "10.1.5.12"), capture(), plan_b)
    return replace(made, **changed)


def capture(**changed: Any) -> Capture:
    made = Capture(
        version=1, site="home", host="prod01", systemid="0206F42A0", taken="2026-11-20T01:00:00Z", level="7200-05-03",
        hostname="prod01",
        disks=(Disk(PV1, "hdisk0", "HOME0", "rootvg"), Disk(PV2, "hdisk1", "HOME1", "datavg")),
        volume_groups=(
            VolumeGroup("datavg", VGID, (PV2, PV3), False, False, 45, (Lv("fslv00", "jfs2", "/data", ()),)),
        ),
        filesystems=(
            FileSystem("/data", "/dev/fslv00", "jfs2", "datavg", True, (("dev", "/dev/fslv00"), ("mount", "true"))),
            FileSystem("/data/db", "/dev/fslv01", "jfs2", "datavg", True, (("dev", "/dev/fslv01"), ("mount", "true"))),
            FileSystem("/old", "/dev/fslv02", "jfs2", "datavg", False, (("dev", "/dev/fslv02"), ("mount", "true"))),
        ),
        adapters=(Adapter("ent0", "U9119.FHB.02F42A0-V11-C2-T1", "C2", "D213C0153A04"),),
        interfaces=(Interface("en0", "10.1.5.11", "255.255.255.0", (("10.1.5.12", "255.255.255.0"),), "1500", "up"),),
        routes=("net,-hopcount,0,,0,10.1.5.1", "net,-hopcount,0,-netmask,255.255.0.0,,,,,-static,10.9.0.0,10.1.5.9"),
        devices=(("hdisk0", "disk"), ("hdisk1", "disk"), ("ent0", "adapter"), ("en0", "if")),
        bootlist=("hdisk0",), inittab=(), unseen=(),
    )  # fmt: skip
    return replace(made, **changed)


def row(role: str = "service", match: Match = Match("slot", "C2"), **changed: Any) -> HostRow:  # noqa: B008
    made = HostRow(
        "prod01", "dr", "disaster", role, match, "10.20.5.11", "255.255.255.0", "10.20.5.1", (), Where("hosts.csv", 3)
    )
    return replace(made, **changed)


ALIASES = (Alias("10.20.5.12", "255.255.255.0"), Alias("10.20.5.13", "255.255.255.128"))


def lines(actions: Tuple[Action, ...]) -> List[str]:
    return [str(action) for action in actions]


def done(answer: Assessment) -> str:
    assert isinstance(answer, Done), answer
    return answer.evidence


def todo(answer: Assessment) -> List[str]:
    assert isinstance(answer, Todo), answer
    return lines(answer.actions)


def later(answer: Assessment) -> str:
    assert isinstance(answer, Later), answer
    return answer.after


def blocked(answer: Assessment) -> str:
    """The name of the Problem."""
    assert isinstance(answer, Blocked), answer
    return answer.problem.name
