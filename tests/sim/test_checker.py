"""The checker sees what it is there to see: every single thing that is wrong on a machine, and nothing else.

A machine that is right is built from ``expected`` without drboot; then one thing after the other is spoiled.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict

import pytest

from drboot.sim import boot
from drboot.sim.estates import bank
from drboot.sim.estates.build import Estate
from drboot.sim.machine import Machine
from tests import checker

RESOLV = "search dr.bank.example.com bank.example.com\nnameserver 10.20.0.53\nnameserver 10.20.0.54\n"
HOSTS = "127.0.0.1 loopback localhost\n10.20.5.11 bank01\n10.1.5.30 partner\n"


def aix(machine: Machine, program: str, *arguments: str) -> str:
    result = machine.run(program, *arguments)
    assert result.rc == 0, (program, arguments, result)
    return result.out


@pytest.fixture(scope="module")
def recovered(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """The DR LPAR of ``bank``, put right by an administrator who types everything in."""
    estate = bank.make(str(tmp_path_factory.mktemp("estate") / "e"))
    boot.power_on(estate.home)
    estate.replicate()
    boot.power_on(estate.dr)
    dr, wanted = estate.dr, estate.expected
    for vg, facts in wanted["volume_groups"].items():
        disk = {line.split()[1]: line.split()[0] for line in aix(dr, "/usr/sbin/lspv").splitlines()}[facts["pvids"][0]]
        major = ["-V", str(facts["major"])] if facts["major"] else []
        aix(dr, "/usr/sbin/importvg", "-y", vg, "-R", *major, disk)
        for flag, on in (("-a", facts["auto_on"]), ("-Q", facts["quorum"])):
            aix(dr, "/usr/sbin/chvg", flag, "y" if on else "n", vg)
    for _, point in wanted["mounts"]:
        aix(dr, "/usr/sbin/mount", point)
    for slot, interface in (("C2", "en1"), ("C3", "en0")):
        (address, mask), *aliases = wanted["interfaces"][slot]
        aix(
            dr,
            "/usr/sbin/chdev",
            "-l",
            interface,
            "-a",
            f"netaddr={address}",
            "-a",
            f"netmask={mask}",
            "-a",
            "state=up",
        )
        for alias, alias_mask in aliases:
            aix(dr, "/usr/sbin/chdev", "-l", interface, "-a", f"alias4={alias},{alias_mask}")
    aix(dr, "/usr/sbin/chdev", "-l", "en0", "-a", "mtu=9000")
    aix(dr, "/usr/sbin/chdev", "-l", "inet0", "-a", "hostname=bank01")
    aix(dr, "/usr/bin/uname", "-S", "bank01")
    for route in (
        "net,-hopcount,0,,0,10.20.5.1",
        "net,-hopcount,0,-netmask,255.255.0.0,,,,,-static,10.31.0.0,10.20.5.254",
        "host,-hopcount,0,,,,,-static,10.40.1.7,10.21.5.254",
    ):
        aix(dr, "/usr/sbin/chdev", "-l", "inet0", "-a", "route=" + route)
    aix(dr, "/usr/sbin/chdev", "-l", "sys0", "-a", "ghostdev=0")
    aix(dr, "/usr/bin/bootlist", "-m", "normal", dr.load()["kernel"]["boot_device"])
    Path(dr.root, "etc/resolv.conf").write_text(RESOLV)
    Path(dr.root, "etc/hosts").write_text(HOSTS)
    table = Path(dr.root, "etc/inittab")
    text = table.read_text().replace("nimclient:2:once:", "nimclient:2:off:").replace("nimsh:2:wait:", "nimsh:2:off:")
    table.write_text(text + "drboot:2:off:/opt/drboot/inittab/drboot-boot\n")
    return estate


def test_a_machine_that_is_right_has_no_difference(recovered: Estate) -> None:
    assert checker.differences(recovered.dr.directory, recovered.expected) == []


Document = Dict[str, Any]


def _vgda(san: Document, name: str) -> Document:
    index = [data.name for data in bank.DATA].index(name)
    found: Document = san["vgdas"]["dr"][f"00c8abcd00004c0000000170{index:08x}"]
    return found


SPOIL: Dict[str, tuple[str, Callable[[Document], Any], str]] = {
    "host name in the ODM": ("odm", lambda d: d["attributes"]["inet0"].pop("hostname"), "inet0 hostname"),
    "host name": ("kernel", lambda d: d.update(hostname="localhost"), "host name of the kernel"),
    "node name": ("kernel", lambda d: d.update(nodename="localhost"), "node name of the kernel"),
    "address": ("kernel", lambda d: d["interfaces"]["en0"]["addresses"].clear(), "primary address"),
    "order": ("kernel", lambda d: d["interfaces"]["en1"]["addresses"].reverse(), "primary address"),
    "mask": ("kernel", lambda d: d["interfaces"]["en1"]["addresses"][3].update(netmask="255.0.0.0"), "addresses"),
    "down": ("kernel", lambda d: d["interfaces"]["en0"].update(up=False), "en0 is up"),
    "detached": ("kernel", lambda d: d["interfaces"].pop("en0"), "not attached"),
    "mtu": ("kernel", lambda d: d["interfaces"]["en0"].update(mtu=1500), "mtu"),
    "alias for the next boot": ("odm", lambda d: d["attributes"]["en1"]["alias4"].pop(), "alias4"),
    "state for the next boot": ("odm", lambda d: d["attributes"]["en1"].pop("state"), "en1 state"),
    "production address in the ODM": (
        "odm", lambda d: d["attributes"].setdefault("en7", {}).update(netaddr=["10.1.5.11"]), "en7 netaddr is still",
    ),
    "two default routes": ("kernel", lambda d: d["routes"].insert(0, dict(d["routes"][0])), "default routes"),
    "default route of inet0": ("odm", lambda d: d["attributes"]["inet0"]["route"].pop(0), "default routes of inet0"),
    "static route": ("odm", lambda d: d["attributes"]["inet0"]["route"].pop(), "static routes of inet0"),
    "VG not known": ("odm", lambda d: d["vgs"].pop("data"), "VGs in the ODM"),
    "VG too many": ("odm", lambda d: d["vgs"].update(oldvg=d["vgs"]["data"]), "VGs in the ODM"),
    "varied off": ("kernel", lambda d: d["varied_on"].pop("rawvg"), "rawvg varied on"),
    "major number": ("odm", lambda d: d["vgs"]["dbvg"].update(major=99), "dbvg major number"),
    "AUTO ON in the ODM": ("odm", lambda d: d["vgs"]["stagevg"].update(auto_on=True), "AUTO ON in the ODM"),
    "AUTO ON on disk": ("san", lambda d: _vgda(d, "stagevg").update(auto_on=True), "stagevg AUTO ON on disk"),
    "quorum": ("san", lambda d: _vgda(d, "mqvg").update(quorum=True), "mqvg QUORUM"),
    "PV removed": ("san", lambda d: _vgda(d, "mqvg")["pvs"][2].update(state="removed"), "mqvg PVs not active"),
    "not mounted": ("kernel", lambda d: d["mounts"].pop(), "is not mounted there"),
    "mounted over": ("kernel", lambda d: d["mounts"].reverse(), "which hides it"),
    "mounted twice": ("kernel", lambda d: d["mounts"].append(dict(d["mounts"][-1])), "mounted twice"),
    "excepted": (
        "kernel", lambda d: d["mounts"].append({**d["mounts"][-1], "point": "/scratch"}), "/scratch is mounted",
    ),
    "boot list": ("firmware", lambda d: d["bootlist"]["normal"][0].update(lun="dr:0003"), "boot list"),
    "boot list too long": (
        "firmware", lambda d: d["bootlist"].update(normal=d["bootlist"]["normal"] * 3), "firmware keeps five",
    ),
    "ghostdev": ("odm", lambda d: d["attributes"].setdefault("sys0", {}).update(ghostdev=["1"]), "sys0 ghostdev"),
}  # fmt: skip


@pytest.mark.parametrize("what", sorted(SPOIL))
def test_every_spoiled_document_is_seen(what: str, recovered: Estate) -> None:
    part, spoil, expected = SPOIL[what]
    directory = recovered.directory if part == "san" else recovered.dr.directory
    path = Path(directory, part + ".json")
    text = path.read_text()
    document = json.loads(text)
    spoil(document)
    assert json.dumps(document) != json.dumps(json.loads(text))
    path.write_text(json.dumps(document))
    try:
        found = checker.differences(recovered.dr.directory, recovered.expected)
    finally:
        path.write_text(text)
    assert any(expected in line for line in found), found


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        ("/etc/resolv.conf", "nameserver 10.20.0.53\n", "", "nameservers"),
        ("/etc/resolv.conf", "search dr.", "domain dr.", "domain of resolv.conf"),
        ("/etc/hosts", "10.20.5.11 bank01", "10.1.5.11 bank01", "/etc/hosts: bank01 is still 10.1.5.11"),
        ("/etc/hosts", "10.1.5.30 partner\n", "", "/etc/hosts: no line 10.1.5.30 partner"),
        ("/etc/inittab", "nimsh:2:off:", "nimsh:2:wait:", "inittab nimsh"),
        ("/etc/inittab", "drboot:2:off:", "drboot:2:wait:", "inittab drboot"),
    ],
)
def test_every_spoiled_file_is_seen(path: str, old: str, new: str, expected: str, recovered: Estate) -> None:
    file = Path(recovered.dr.root + path)
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    try:
        found = checker.differences(recovered.dr.directory, recovered.expected)
    finally:
        file.write_text(text)
    assert any(expected in line for line in found), found


def test_a_spoiled_owner_of_a_raw_device_is_seen(recovered: Estate) -> None:
    device = Path(recovered.dr.root + "/dev/roraundo")
    mode = device.stat().st_mode
    device.chmod(0o666)
    try:
        found = checker.differences(recovered.dr.directory, recovered.expected)
    finally:
        device.chmod(mode)
    assert any("/dev/roraundo" in line for line in found), found
