"""The files and the commands that a case of ``identity_cases.py`` needs."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Dict, Iterable, List, Mapping, Optional, Tuple

from drboot import capture, gate
from drboot.paths import CAPTURES, Root
from drboot.profile.estate import Estate
from drboot.profile.load import load
from drboot.runner import Ran, Runner
from drboot.seen import Seen
from tests.property.identity_cases import (
    CAPTURED,
    HOSTS,
    MARKER,
    REHEARSAL_NAMES,
    REHEARSAL_NUMBERS,
    REHEARSAL_VLANS,
    REQUIRED_NAMES,
    REQUIRED_NUMBERS,
    WITH_PROFILE,
    Answer,
    Lpar,
    Profile,
    Record,
)
from tests.steps import canned
from tests.steps.test_network import DEVICES, LSDEV, entstat

# Ids of the profiles' own; the table is decided by the stamp, which was made from profiles as they were at arm.
IDS: Dict[str, Tuple[str, ...]] = {site: (f"02000000{n}",) for n, site in enumerate(WITH_PROFILE)}


def profile_text(site: str, asks: Profile, ids: Iterable[str]) -> str:
    listed = ", ".join("IBM," + one for one in ids)
    lines = ["version: 1", f"site: {site}", f"systemids: [{listed}]", "device_reset: ghostdev"]
    lines.append("network: {roles: {service: {}}}")
    keys = {
        "name": f"partition_name: {list(REQUIRED_NAMES)}",
        "number": f"partition_number: {list(REQUIRED_NUMBERS)}",
        "marker": f"marker: {MARKER}",
    }
    asked = {"all": tuple(keys), "none": ()}.get(asks.requires, (asks.requires,))
    if asked:
        lines.append("requires: {" + ", ".join(keys[key] for key in asked) + "}")
    told = {
        "name": f"partition_name: {list(REHEARSAL_NAMES)}",
        "number": f"partition_number: {list(REHEARSAL_NUMBERS)}",
        "vlan": f"vlan: {list(REHEARSAL_VLANS)}",
    }
    if asks.rehearsal != "none":
        lines.append("rehearsal: {" + f"{told[asks.rehearsal]}, otherwise: {asks.otherwise}" + "}")
    return "\n".join(lines) + "\n"


def address_table() -> str:
    """Every host at every site in its modes, no address twice."""
    rows = ["host,site,mode,role,match,address,netmask,gateway,aliases"]
    for number, (host, modes) in enumerate(HOSTS.items()):
        for place, site in enumerate(WITH_PROFILE):
            for mode in modes:
                net = f"10.{place + 1}.{number}" if mode == "disaster" else f"10.{place + 101}.{number}"
                rows.append(f"{host},{site},{mode},service,slot:C2,{net}.11,24,{net}.1,")
    return "\n".join(rows) + "\n"


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o644)


def put_profiles(root: Path, asks: Profile, ids: Mapping[str, Iterable[str]]) -> None:
    for site in WITH_PROFILE:
        write(root / f"etc/drboot/sites/{site}.yaml", profile_text(site, asks, ids[site]).encode())
    write(root / "etc/drboot/hosts.csv", address_table().encode())


def put_captures(root: Path) -> None:
    """One of each site in CAPTURED, none of ``far``, a damaged one of ``east``.

    Each host has such a set; prod01's is in place.
    """
    directory = str(root) + CAPTURES
    for host in HOSTS:
        for site in CAPTURED:
            capture.save(Root(str(root)), replace(canned.capture(), site=site, host=host))
        whole = Path(f"{directory}/{CAPTURED[0]}.json").read_bytes()
        write(Path(f"{directory}/east.json"), whole[: len(whole) // 2])
        os.rename(directory, f"{directory}.{host}")
    os.rename(f"{directory}.prod01", directory)


def put_host(root: str, host: str) -> None:
    """The captures in place are this host's."""
    directory = root + CAPTURES
    there = next(other for other in HOSTS if not os.path.isdir(f"{directory}.{other}"))
    if there != host:
        os.rename(directory, f"{directory}.{there}")
        os.rename(f"{directory}.{host}", directory)


class Machine:
    """A root directory whose profiles ask the same of every LPAR; stamp, marker and record change with the case."""

    def __init__(self, directory: Path, asks: Profile) -> None:
        directory.mkdir(mode=0o755)
        self.root = str(directory)
        put_profiles(directory, asks, IDS)
        put_captures(directory)
        for path in (directory, directory / "etc", directory / "etc/drboot"):
            path.chmod(0o755)
        self.estate: Estate = load(Root(self.root))

    def seen(self, lpar: Lpar) -> Seen:
        answers = answers_of(lpar)

        def run(argv: Tuple[str, ...], _environment: Mapping[str, str], _killable: bool, _deadline: float) -> Ran:
            assert only_reads(argv), argv
            rc, text = answers.get(" ".join((os.path.basename(argv[0]), *argv[1:])), (1, ""))
            return Ran(argv, "exited", rc, text, "", 0.0)

        return Seen(Runner(Root(self.root), run_argv=run))


def put_stamp(root: str, stamp: Optional[bytes], trust: str) -> None:
    path, elsewhere = root + gate.STAMP, root + "/etc/drboot/armed.elsewhere"
    if os.path.islink(path) or (stamp is None and os.path.exists(path)):
        os.unlink(path)
    if stamp is None:
        return
    if trust == "link" and os.path.exists(path):
        os.rename(path, elsewhere)
    put(elsewhere if trust == "link" else path, stamp, {"group": 0o620, "other": 0o602}.get(trust, 0o600))
    if trust == "link":
        os.symlink(elsewhere, path)


def put(path: str, data: bytes, mode: int) -> None:
    """Written over what was there; some 100,000 of them are, so with as few calls as may be."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.write(descriptor, data)
    os.fchmod(descriptor, mode)
    os.close(descriptor)


def put_marker(root: str, there: bool) -> None:
    if there:
        put(root + MARKER, b"", 0o600)
    elif os.path.exists(root + MARKER):
        os.unlink(root + MARKER)


def put_record(root: str, record: Record) -> None:
    path = root + "/var/adm/drboot/state.json"
    if record.text is not None:
        put(path, record.text, 0o600)
    elif os.path.exists(path):
        os.unlink(path)


def answers_of(lpar: Lpar) -> Dict[str, Tuple[int, str]]:
    """What the LPAR's commands say of its partition and its VLANs."""
    if not lpar.readable:
        return dict.fromkeys(("uname -L", LSDEV, "entstat -d ent0", "entstat -d ent1"), (1, ""))
    return {
        "uname -L": (0, f"{lpar.number} {lpar.name}\n"),
        LSDEV: (0, DEVICES),
        "entstat -d ent0": (0, entstat("ent0", 2)),
        "entstat -d ent1": (0, entstat("ent1", lpar.vlan)),
    }


def identity_of(answer: Answer) -> gate.Identity:
    """What gate.query_identity makes of it; test_identity.py shows with processes that it does."""
    if answer.how == "exited" and answer.rc == 0:
        return gate.parse_identity(answer.out)
    return gate.Identity(why=f"it ended otherwise: {answer.how} {answer.rc}")


# Programs that only read, whatever their arguments.
READING = {
    "bootinfo",
    "df",
    "entstat",
    "errpt",
    "getconf",
    "lparstat",
    "lquerypv",
    "lqueryvg",
    "lsattr",
    "lscfg",
    "lsdev",
    "lsfs",
    "lsitab",
    "lslv",
    "lsmpio",
    "lspath",
    "lsps",
    "lspv",
    "lssrc",
    "lsvg",
    "netstat",
    "odmget",
    "oslevel",
    "ping",
    "prtconf",
    "ps",
    "uname",
    "who",
}


def only_reads(argv: Tuple[str, ...]) -> bool:
    """Written from the manuals: with these arguments the command changes nothing."""
    program, args = os.path.basename(argv[0]), argv[1:]
    if program == "ifconfig":
        return args == ("-a",)
    if program == "mount":
        return args == ()
    if program == "bootlist":
        return "-o" in args
    if program == "arp":
        return args[:1] in (("-a",), ("-an",))
    return program in READING


def files_below(root: str) -> List[Tuple[str, int, int, int]]:
    """Path, mode, size and time of change of every file."""
    found = []
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            status = os.lstat(path)
            found.append((path, status.st_mode, status.st_size, status.st_mtime_ns))
    return sorted(found)


def text_of(record: Record) -> Dict[str, object]:
    """A record as a value; {} for one that is none."""
    try:
        value = json.loads(record.text or b"")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
