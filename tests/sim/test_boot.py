"""From the firmware to init: boot LUN, rootvg's copy, reset, and what the DR LPAR then looks like."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Dict, List

import pytest

from drboot.sim import boot, estates, san
from drboot.sim.commands import COMMANDS
from drboot.sim.estates import bank, clouddev, small
from drboot.sim.estates.build import Estate
from drboot.sim.reset import NVRAM_VARIABLE
from tests.sim import entry


def started(estate: Estate) -> Estate:
    """The home LPAR has run, and its replica has been switched on at DR, as far as init."""
    boot.power_on(estate.home)
    estate.replicate()
    boot.power_on(estate.dr)
    return estate


def disks(estate: Estate, where: str) -> Dict[str, str]:
    rows = getattr(estate, where).run("/usr/sbin/lspv").out.splitlines()
    return {line.split()[1]: line.split()[0] for line in rows}


def addresses(estate: Estate) -> List[str]:
    interfaces = estate.dr.load()["kernel"]["interfaces"]
    return [held["address"] for name, one in interfaces.items() if name != "lo0" for held in one["addresses"]]


# Volume groups that an operator varies on, with what is mounted from them.  Source: the glvm white paper wants AUTO ON
# no and mount = false for one that GLVM mirrors.
BY_HAND = {"glvm": {"geovg": "/geo"}}


@pytest.mark.parametrize("name", sorted(estates.ESTATES))
def test_every_estate_boots_at_home_with_all_that_it_has(name: str, tmp_path: Path) -> None:
    estate = estates.make(name, str(tmp_path / "e"))
    outcome = boot.boot(estate.home)
    assert (outcome.state, outcome.resets) == ("settled", ("",))
    world = estate.home.load()
    late = BY_HAND.get(name, {})
    assert set(world["kernel"]["varied_on"]) == {"rootvg", *estate.expected["volume_groups"]} - set(late)
    mounted = {mount["point"] for mount in world["kernel"]["mounts"]}
    assert {point for _, point in estate.expected["mounts"]} - set(late.values()) <= mounted
    assert {"/", "/usr", "/var"} <= mounted
    assert not [line for line in outcome.console if "0506-" in line or "not found" in line or "Usage" in line]


def test_replica_has_the_same_pvids_on_other_hdisks_and_other_luns(tmp_path: Path) -> None:
    estate = started(bank.make(str(tmp_path / "e")))
    home, dr = disks(estate, "home"), disks(estate, "dr")
    assert set(home) == set(dr)
    assert len([pvid for pvid in home if home[pvid] != dr[pvid]]) > 50
    luns = estate.home.load()["san"]["luns"]
    for lun in luns.values():
        if lun["site"] == "dr":
            source = luns[lun["replica_of"]]
            assert (lun["pvid"], lun["vgid"]) == (source["pvid"], source["vgid"])
            assert lun["unique_id"] != source["unique_id"]
            assert lun["serial"] != source["serial"]


def test_ghostdev_reset_leaves_rootvg_alone_and_no_address(tmp_path: Path) -> None:
    estate = started(small.make(str(tmp_path / "e")))
    world = estate.dr.load()
    assert world["kernel"]["reset"] == "ghostdev"
    assert list(world["odm"]["vgs"]) == ["rootvg"]
    assert addresses(estate) == []
    assert world["kernel"]["hostname"] == "localhost"
    assert world["kernel"]["boot_device"] == "hdisk1", "the first disk of this LPAR is not rootvg's"
    assert "Partition ID changed since last boot." in estate.dr.run("/usr/bin/errpt").out
    assert len([p for p in world["odm"]["paths"] if p["disk"] == "hdisk1"]) == 1


def test_files_travel_and_shims_are_those_of_the_lpar_that_took_them(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    Path(estate.home.root + "/etc/motd").write_text("made at home\n")
    started(estate)
    assert Path(estate.dr.root + "/etc/motd").read_text() == "made at home\n"
    for program in COMMANDS:
        path = Path(estate.dr.root + program)
        if program in small.ABSENT:
            assert not path.exists()
            continue
        text = path.read_text()
        assert repr(estate.dr.directory) in text
        assert estate.home.directory + "'" not in text


def test_owners_and_modes_of_files_travel(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    theirs = Path(estate.home.root + "/home/oracle/run")
    theirs.parent.mkdir()
    theirs.write_text("#!/usr/bin/ksh\n")
    theirs.chmod(0o751)
    if os.geteuid() == 0:
        os.chown(theirs, 203, 204)
    started(estate)
    there, here = os.stat(estate.dr.root + "/home/oracle/run"), os.stat(theirs)
    assert (there.st_uid, there.st_gid, there.st_mode) == (here.st_uid, here.st_gid, here.st_mode)


def test_a_mounted_file_system_needs_its_log_replayed_in_the_copy(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    boot.power_on(estate.home)
    estate.replicate()
    vgdas = estate.home.load()["san"]["vgdas"]["dr"].values()
    states = {lv["label"]: lv["fs"]["state"] for vgda in vgdas for lv in vgda["lvs"] if lv["fs"] is not None}
    assert states["/data"] == states["/"] == "replay"


def test_a_refreshed_copy_is_taken_and_an_old_one_is_lived_on(tmp_path: Path) -> None:
    estate = started(small.make(str(tmp_path / "e")))
    note = Path(estate.dr.root + "/etc/note")
    note.write_text("written at DR\n")
    boot.power_on(estate.dr)
    assert note.exists(), "a reboot keeps what the machine wrote"
    estate.replicate()
    boot.power_on(estate.dr)
    assert not note.exists(), "the copy was made anew from home"


def test_failback_writes_the_dr_copy_over_the_home_luns(tmp_path: Path) -> None:
    estate = started(small.make(str(tmp_path / "e")))
    Path(estate.dr.root + "/etc/note").write_text("written at DR\n")
    before = estate.home.load()["san"]["luns"]["home:0000"]
    assert sorted(san.replicate(estate.directory, "dr", "home")) == ["home:0000", "home:0001", "home:0002"]
    boot.power_on(estate.home)
    assert Path(estate.home.root + "/etc/note").read_text() == "written at DR\n"
    after = estate.home.load()["san"]["luns"]["home:0000"]
    assert (after["unique_id"], after["pvid"]) == (before["unique_id"], before["pvid"])


@pytest.mark.parametrize("damage", ["not mapped", "not replicated", "no boot image"])
def test_without_a_boot_lun_nothing_starts(damage: str, tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    if damage != "not replicated":
        estate.replicate()
    with estate.dr.edit() as world:
        if damage == "not mapped":
            world["firmware"]["mappings"] = [m for m in world["firmware"]["mappings"] if m["lun"] != "dr:0000"]
        if damage == "no boot image":
            world["san"]["luns"]["dr:0000"]["boot_image"] = 0
    with pytest.raises(boot.NoBoot):
        boot.boot(estate.dr)


SET_AND_REBOOT = """
id=`"$root/usr/sbin/lsattr" -El sys0 -a systemid -F value`
[ "$id" = IBM,0211D11C1 ] || exit 0
if [ ! -f "$root/var/first" ]; then
    : >"$root/var/first"
    [ -x "$root/usr/lib/boot/bootutil" ] && "$root/usr/lib/boot/bootutil" -c
    "$root/usr/sbin/chdev" -l sys0 -a clouddev=1
    "$root/usr/sbin/shutdown" -Fr
    echo "shutdown came back"
fi
echo "second boot"
"""


@pytest.mark.parametrize(
    ("variant", "resets"), [("bootutil", ("", "clouddev")), ("nvram", ("", "")), ("every_boot", ("", "clouddev"))]
)
def test_clouddev_at_dr_reboots_and_resets_only_where_the_sources_say_so(
    variant: str, resets: Any, tmp_path: Path
) -> None:
    estate = clouddev.make(str(tmp_path / "e"), variant)
    entry.put(estate, SET_AND_REBOOT)
    boot.boot(estate.home)
    outcome = estate.failover()
    assert (outcome.state, outcome.boots, outcome.resets) == ("settled", 2, resets)
    assert "second boot" in outcome.console
    assert "shutdown came back" not in outcome.console
    assert outcome.console.count("Starting tcpip daemons:") == 1, "init went on while it shut down"
    assert ("datavg" in estate.dr.load()["odm"]["vgs"]) is (resets[1] == "")
    assert "SYSTEM SHUTDOWN BY USER" in estate.dr.run("/usr/bin/errpt").out


def test_clouddev_carried_resets_once_per_lpar(tmp_path: Path) -> None:
    first = started(clouddev.make(str(tmp_path / "first"), "first"))
    assert first.dr.load()["kernel"]["reset"] == "clouddev"
    assert first.dr.load()["firmware"]["nvram"][NVRAM_VARIABLE] == "false"
    first.replicate()
    boot.power_on(first.dr)
    assert first.dr.load()["kernel"]["reset"] == "", "the second test in the same LPAR"
    second = started(clouddev.make(str(tmp_path / "second"), "second"))
    assert second.dr.load()["kernel"]["reset"] == ""


@pytest.mark.parametrize(("identity", "wire"), [("location", []), ("slot", ["10.1.5.11"])])
def test_without_a_reset_the_production_address_may_come_up(identity: str, wire: List[str], tmp_path: Path) -> None:
    estate = started(clouddev.make(str(tmp_path / "e"), "nvram", identity))
    assert addresses(estate) == wire
    stale = [name for name, device in estate.dr.load()["odm"]["devices"].items() if device["status"] == 0]
    assert {"hdisk0", "hdisk1", "hdisk2"} <= set(stale)
    assert ("ent0" in stale) is (identity == "location")


def test_a_machine_that_reboots_for_ever_is_left_after_the_limit(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    entry.put(estate, '"$root/usr/sbin/shutdown" -Fr')
    outcome = boot.boot(estate.home, reboots=1)
    assert (outcome.state, outcome.boots) == ("rebooting", 2)


def test_a_halt_ends_the_boot(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    entry.put(estate, '"$root/usr/sbin/shutdown" -F')
    outcome = boot.boot(estate.home)
    assert (outcome.state, outcome.boots) == ("halted", 1)
    assert estate.home.load()["kernel"]["running"] is False


def test_documents_of_an_estate_are_plain_json(tmp_path: Path) -> None:
    estate = started(small.make(str(tmp_path / "e")))
    for directory, _, names in os.walk(estate.directory):
        if os.sep + "root" not in directory:
            for name in names:
                if name.endswith(".json"):
                    json.loads(Path(directory, name).read_text())
