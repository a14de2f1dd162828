"""Devices: the reset, discovery, chdev, the boot list, rmdev; and that many disks cost no more than their number.

Machines are built here from firmware alone and configured by the simulator's own discovery.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

import pytest

from drboot.sim import boot, discovery, reset
from drboot.sim.command import Result
from drboot.sim.estates import small
from drboot.sim.reset import NVRAM_VARIABLE
from drboot.sim.world import Mapping, World, new_lun, new_odm_vg, new_path, new_slot, new_world
from tests.sim.replay import run_on

CHDEV, LSATTR, LSDEV, LSPATH = "/usr/sbin/chdev", "/usr/sbin/lsattr", "/usr/sbin/lsdev", "/usr/sbin/lspath"
CFGMGR, RMDEV, RMPATH, MKDEV = "/usr/sbin/cfgmgr", "/usr/sbin/rmdev", "/usr/sbin/rmpath", "/usr/sbin/mkdev"
BOOTLIST, BOSBOOT, BOOTUTIL = "/usr/bin/bootlist", "/usr/sbin/bosboot", "/usr/lib/boot/bootutil"
LSPV, ODMGET, LSCFG, LSMPIO = "/usr/sbin/lspv", "/usr/bin/odmget", "/usr/sbin/lscfg", "/usr/sbin/lsmpio"
PORTS = ("50050763aa", "50050763bb")
DEFAULT_ROUTE = "net,-hopcount,0,,0,10.1.0.1"


# ---------------------------------------------------------------- machines


def firmware(disks: int = 2, adapters: int = 1, ports: int = 1, **variants: str) -> World:
    """An LPAR that was never started: ent in C2, fcs from C3 on, ``adapters`` times ``ports`` paths to each LUN.

    The LUN ``home:0000`` is bootable and holds rootvg.
    """
    world = new_world()
    world["settings"]["variants"].update(variants)
    world["settings"]["fixed_time"] = 1.8e9
    world["firmware"]["slots"] = [
        new_slot("C2", "l-lan", mac="0ac624394103"),
        *(new_slot(f"C{3 + number}", "vfc") for number in range(adapters)),
    ]
    for number in range(disks):
        add_lun(world, number, adapters, ports)
    if disks:
        world["san"]["luns"]["home:0000"]["boot_image"] = 53276
        world["odm"]["vgs"]["rootvg"] = new_odm_vg("rootvg", "00f6f42a00004c00", pvids=[pvid(0)])
        world["kernel"]["varied_on"]["rootvg"] = {"mode": "active", "order": 0, "locked": False}
    world["kernel"]["running"] = True
    return world


def lun_id(number: int) -> str:
    return f"home:{number:04d}"


def pvid(number: int) -> str:
    return f"00f6f42a{number:08x}"


def add_lun(world: World, number: int, adapters: int = 1, ports: int = 1) -> None:
    name = lun_id(number)
    world["san"]["luns"][name] = new_lun(name, unique_id=f"ID{number:04d}", serial=f"{number:04d}", pvid=pvid(number))
    for adapter in range(adapters):
        for port in PORTS[:ports]:
            world["firmware"]["mappings"].append(mapping(number, f"C{3 + adapter}", port))


def mapping(number: int, slot: str, port: str = PORTS[0]) -> Mapping:
    return {"lun": lun_id(number), "slot": slot, "target": port, "lun_number": f"{0x4000 << 48 | number << 32:x}"}


def started(*given: int, **more: Any) -> World:
    world = firmware(*given, **more)
    start(world)
    return world


def start(world: World) -> str:
    """What a boot does to the ODM: "" | ghostdev | clouddev."""
    done = reset.boot_reset(world)
    discovery.discover(world)
    return done


def ok(world: World, *argv: str) -> str:
    result = run_on(world, *argv)
    assert result.rc == 0, (argv, result)
    return result.out


def refused(world: World, *argv: str) -> Result:
    """The command fails and leaves the machine as it was."""
    before = copy.deepcopy(world)
    result = run_on(world, *argv)
    assert result.rc != 0, (argv, result)
    assert world == before, argv
    return result


def held(world: World, device: str, attribute: str) -> List[str]:
    return world["odm"]["attributes"].get(device, {}).get(attribute, [])


def devices(world: World, cls: str, state: str = "Available") -> List[str]:
    return ok(world, LSDEV, "-Cc", cls, "-S", state, "-F", "name").split()


def disk_of(world: World, number: int) -> str:
    """The hdisk that stands for this LUN."""
    return next(name for name, each in world["odm"]["devices"].items() if each["lun"] == f"ID{number:04d}")


def path_states(world: World, disk: str) -> List[str]:
    return ok(world, LSPATH, "-l", disk, "-F", "status").split()


def move(world: World) -> None:
    """The same rootvg starts on another frame."""
    world["firmware"].update(systemid="IBM,0211D11C1", model="9119-FHA")  # type: ignore[call-arg]


# ---------------------------------------------------------------- ghostdev, clouddev


def test_ghostdev_resets_once_after_a_move_and_never_at_home() -> None:
    world = started()
    ok(world, CHDEV, "-l", "sys0", "-a", "ghostdev=1")
    assert start(world) == ""
    move(world)
    assert [start(world), start(world)] == ["ghostdev", ""]
    world["firmware"]["partition_number"] += 1
    assert start(world) == "ghostdev", "another partition of the same system counts too"


def test_without_a_flag_a_move_resets_nothing() -> None:
    world = started()
    ok(world, CHDEV, "-l", "en0", "-a", "netaddr=10.1.0.5", "-a", "netmask=255.255.255.0")
    move(world)
    assert start(world) == ""
    assert held(world, "en0", "netaddr") == ["10.1.0.5"]


def test_the_reset_takes_customised_devices_and_data_vgs_and_leaves_the_flags() -> None:
    world = started()
    ok(world, CHDEV, "-l", "sys0", "-a", "ghostdev=1", "-a", "maxuproc=1024")
    ok(world, CHDEV, "-l", "en0", "-a", "netaddr=10.1.0.5", "-a", "netmask=255.255.255.0", "-a", "state=up")
    ok(world, CHDEV, "-l", "inet0", "-a", "hostname=prod01", "-a", f"route={DEFAULT_ROUTE}")
    ok(world, CHDEV, "-Pl", "hdisk1", "-a", "queue_depth=64")
    world["odm"]["vgs"]["datavg"] = new_odm_vg("datavg", "00f6f42a00004c01", pvids=[pvid(1)])
    move(world)
    assert start(world) == "ghostdev"
    assert list(world["odm"]["vgs"]) == ["rootvg"]
    for device, attribute in (
        ("en0", "netaddr"), ("en0", "state"), ("inet0", "hostname"), ("inet0", "route"), ("hdisk1", "queue_depth"),
        ("sys0", "maxuproc"),
    ):  # fmt: skip
        assert held(world, device, attribute) == [], (device, attribute)
    assert held(world, "sys0", "ghostdev") == ["1"]
    assert held(world, "hdisk1", "pvid") == [pvid(1) + "0" * 16], "the PVID comes from the disk"
    assert {device["status"] for device in world["odm"]["devices"].values()} == {1}


@pytest.mark.parametrize(("survives", "expected"), [("no", []), ("yes", ["1024"])])
def test_other_sys0_attributes_survive_only_by_variant(survives: str, expected: List[str]) -> None:
    world = started(sys0_survives=survives)
    ok(world, CHDEV, "-l", "sys0", "-a", "ghostdev=1", "-a", "maxuproc=1024")
    move(world)
    assert start(world) == "ghostdev"
    assert held(world, "sys0", "maxuproc") == expected
    assert held(world, "sys0", "ghostdev") == ["1"]


def set_clouddev(world: World) -> None:
    ok(world, CHDEV, "-l", "sys0", "-a", "clouddev=1")


def clear_nvram(world: World) -> None:
    ok(world, BOOTUTIL, "-c")


@pytest.mark.parametrize(
    ("mode", "chdev", "before", "steps", "resets"),
    [
        ("nvram", "creates", "", [set_clouddev], ["", ""]),
        ("nvram", "creates", "", [clear_nvram, set_clouddev], ["", ""]),
        ("nvram", "creates", "", [set_clouddev, clear_nvram], ["clouddev", ""]),
        ("nvram", "leaves", "", [set_clouddev], ["clouddev", ""]),
        ("nvram", "leaves", "false", [set_clouddev], ["", ""]),
        ("nvram", "leaves", "false", [clear_nvram, set_clouddev], ["clouddev", ""]),
        ("nvram", "creates", "true", [set_clouddev], ["clouddev", ""]),
        ("nvram", "creates", "", [clear_nvram], ["", ""]),
        ("every_boot", "creates", "", [set_clouddev], ["clouddev", "clouddev"]),
        ("every_boot", "leaves", "false", [set_clouddev], ["clouddev", "clouddev"]),
        ("every_boot", "creates", "true", [clear_nvram], ["", ""]),
    ],
)
def test_clouddev_in_all_its_readings(
    mode: str, chdev: str, before: str, steps: Sequence[Callable[[World], None]], resets: List[str]
) -> None:
    """What two boots do, after these steps on a machine whose NVRAM variable was ``before`` ("" for none)."""
    world = started(clouddev_mode=mode, clouddev_chdev=chdev)
    if before:
        world["firmware"]["nvram"][NVRAM_VARIABLE] = before
    for step in steps:
        step(world)
    assert [start(world), start(world)] == resets
    assert held(world, "sys0", "clouddev") == (["1"] if set_clouddev in steps else [])


def test_clouddev_follows_the_nvram_of_the_lpar_not_the_replica() -> None:
    """Carried from production: the first boot of each LPAR resets, a second test in the same LPAR does not."""
    world = started(clouddev_chdev="creates")
    set_clouddev(world)
    replica = copy.deepcopy(world["odm"])
    world["firmware"]["nvram"].clear()
    assert start(world) == "clouddev"
    world["odm"] = replica
    assert start(world) == ""


def test_clouddev_set_back_to_0_resets_no_more() -> None:
    world = started(clouddev_mode="every_boot")
    set_clouddev(world)
    assert start(world) == "clouddev"
    ok(world, CHDEV, "-l", "sys0", "-a", "clouddev=0")
    assert start(world) == ""


@pytest.mark.parametrize("flag", ["ghostdev", "clouddev"])
def test_a_level_without_the_attribute_refuses_it_and_never_resets(flag: str) -> None:
    world = started(clouddev_mode="every_boot")
    world["odm"]["missing_attributes"] = [flag]
    assert run_on(world, LSATTR, "-El", "sys0", "-a", flag).rc == 255
    assert flag not in ok(world, LSATTR, "-El", "sys0", "-F", "attribute").split()
    refused(world, CHDEV, "-l", "sys0", "-a", f"{flag}=1")
    world["odm"]["attributes"]["sys0"] = {flag: ["1"]}
    move(world)
    assert start(world) == ""


@pytest.mark.parametrize("given", [(), ("-x",), ("-c", "now")])
def test_bootutil_knows_one_flag(given: Tuple[str, ...]) -> None:
    world = started()
    world["firmware"]["nvram"][NVRAM_VARIABLE] = "false"
    refused(world, BOOTUTIL, *given)


def test_the_reset_touches_no_file(tmp_path: Path) -> None:
    """Names, inittab, file systems and tunables are files of rootvg."""
    estate = small.make(str(tmp_path / "e"))
    boot.power_on(estate.home)
    before = texts(estate.home.root + "/etc")
    assert "/inittab" in before and "/filesystems" in before and len(before) > 10
    estate.replicate()
    boot.power_on(estate.dr)
    assert estate.dr.load()["kernel"]["reset"] == "ghostdev"
    assert texts(estate.dr.root + "/etc") == before


def texts(top: str) -> Dict[str, bytes]:
    """Path below ``top`` -> what is in the file, of those that are not programs of the simulator."""
    return {
        str(path)[len(top) :]: path.read_bytes()
        for path in sorted(Path(top).rglob("*"))
        if path.is_file() and not path.is_symlink() and b"drboot.sim" not in path.read_bytes()
    }


# ---------------------------------------------------------------- discovery


def test_after_a_reset_disks_are_numbered_as_they_are_found() -> None:
    world = started(3)
    assert [disk_of(world, number) for number in range(3)] == ["hdisk0", "hdisk1", "hdisk2"]
    world["firmware"]["mappings"].reverse()
    start(world)
    assert disk_of(world, 0) == "hdisk0", "without a reset a disk keeps its name"
    reset.reset_devices(world)
    start(world)
    assert [disk_of(world, number) for number in range(3)] == ["hdisk2", "hdisk1", "hdisk0"]
    assert [line.split()[1] for line in ok(world, LSPV).splitlines()] == [pvid(2), pvid(1), pvid(0)]


def test_without_a_reset_vanished_disks_stay_defined_beside_the_new_ones() -> None:
    world = started(2)
    move(world)
    for lun in world["san"]["luns"].values():
        lun["unique_id"] = "DR" + lun["unique_id"]
    start(world)
    assert devices(world, "disk", "Defined") == ["hdisk0", "hdisk1"]
    assert devices(world, "disk") == ["hdisk2", "hdisk3"]
    assert [line.split()[0] for line in ok(world, LSPV).splitlines()] == ["hdisk2", "hdisk3"]
    assert path_states(world, "hdisk0") == ["Defined"]


@pytest.mark.parametrize(
    ("identity", "available", "defined"),
    [("location", ["ent1", "fcs1"], ["ent0", "fcs0"]), ("slot", ["ent0", "fcs0"], [])],
)
def test_adapters_of_another_frame(identity: str, available: List[str], defined: List[str]) -> None:
    world = started(adapter_identity=identity)
    move(world)
    start(world)
    assert [name for name in devices(world, "adapter") if name != "vsa0"] == available
    assert devices(world, "adapter", "Defined") == defined


def test_new_hardware_takes_the_lowest_number_that_no_device_has() -> None:
    world = started(3)
    ok(world, RMDEV, "-dl", disk_of(world, 1))
    add_lun(world, 1)
    add_lun(world, 7)
    world["firmware"]["mappings"] = [m for m in world["firmware"]["mappings"] if m["lun"] != lun_id(1)]
    world["firmware"]["slots"].insert(0, new_slot("C9", "l-lan", mac="0ac624394109"))
    ok(world, CFGMGR)
    assert disk_of(world, 7) == "hdisk1"
    assert world["odm"]["devices"]["ent1"]["connwhere"] == "C9", "the old one keeps its number whatever the slot order"
    assert {"en1", "et1"} <= set(devices(world, "if"))
    add_lun(world, 8)
    ok(world, CFGMGR, "-l", "fcs0")
    assert disk_of(world, 8) == "hdisk3"


def test_defined_disks_keep_their_number() -> None:
    world = started(2)
    ok(world, RMDEV, "-l", "hdisk1")
    world["san"]["luns"][lun_id(1)]["present"] = False
    add_lun(world, 5)
    ok(world, CFGMGR)
    assert disk_of(world, 5) == "hdisk2"


def test_two_disks_with_one_pvid_are_two_disks() -> None:
    world = started(2)
    world["san"]["luns"][lun_id(1)]["pvid"] = pvid(0)
    reset.reset_devices(world)
    start(world)
    rows = [line.split()[:3] for line in ok(world, LSPV).splitlines()]
    assert rows == [["hdisk0", pvid(0), "rootvg"], ["hdisk1", pvid(0), "rootvg"]]
    assert held(world, "hdisk0", "unique_id") != held(world, "hdisk1", "unique_id")


def test_a_lun_that_does_not_answer_has_no_disk_until_cfgmgr_finds_it() -> None:
    world = firmware(3)
    late = world["san"]["luns"][lun_id(1)]
    late["present"] = False
    start(world)
    assert devices(world, "disk") == ["hdisk0", "hdisk1"]
    assert disk_of(world, 2) == "hdisk1"
    ok(world, CFGMGR)
    assert devices(world, "disk") == ["hdisk0", "hdisk1"]
    late["present"] = True
    ok(world, CFGMGR)
    assert disk_of(world, 1) == "hdisk2"
    assert ok(world, LSATTR, "-El", "hdisk2", "-a", "pvid", "-F", "value") == pvid(1) + "0" * 16 + "\n"


def test_a_lun_lost_while_running_has_missing_paths_and_comes_back() -> None:
    world = started(2, 2)
    lun = world["san"]["luns"][lun_id(1)]
    lun["present"] = False
    ok(world, CFGMGR)
    assert path_states(world, "hdisk1") == ["Missing", "Missing"]
    assert path_states(world, "hdisk0") == ["Enabled", "Enabled"]
    lun["present"] = True
    ok(world, CFGMGR)
    assert path_states(world, "hdisk1") == ["Enabled", "Enabled"]


def test_a_lost_lun_is_defined_after_a_boot_and_mkdev_refuses_it() -> None:
    world = started(2)
    world["san"]["luns"][lun_id(1)]["present"] = False
    start(world)
    assert devices(world, "disk", "Defined") == ["hdisk1"]
    refused(world, MKDEV, "-l", "hdisk1")
    world["san"]["luns"][lun_id(1)]["present"] = True
    assert ok(world, MKDEV, "-l", "hdisk1") == "hdisk1 Available\n"
    assert path_states(world, "hdisk1") == ["Enabled"]


def test_cfgmgr_below_one_adapter_looks_at_no_other() -> None:
    world = started(1, 2)
    add_lun(world, 1, adapters=2)
    ok(world, CFGMGR, "-l", "fcs1")
    assert ok(world, LSPATH, "-l", "hdisk1", "-F", "parent") == "fscsi1\n"
    ok(world, CFGMGR, "-l", "fcs0")
    assert ok(world, LSPATH, "-l", "hdisk1", "-F", "parent:path_id").split() == ["fscsi1:0", "fscsi0:1"]
    refused(world, CFGMGR, "-l", "fcs7")


def test_a_disabled_path_stays_disabled() -> None:
    world = started(1, 2)
    ok(world, "/usr/sbin/chpath", "-l", "hdisk0", "-p", "fscsi1", "-s", "disable")
    ok(world, CFGMGR)
    start(world)
    assert path_states(world, "hdisk0") == ["Enabled", "Disabled"]


# ---------------------------------------------------------------- chdev: disks and adapters


def test_a_busy_disk_changes_for_the_next_boot_only() -> None:
    world = started()
    result = refused(world, CHDEV, "-l", "hdisk0", "-a", "queue_depth=64")
    assert "0514-062" in result.err and "queue_depth" in result.err
    assert ok(world, CHDEV, "-l", "hdisk0", "-P", "-a", "queue_depth=64") == "hdisk0 changed\n"
    assert held(world, "hdisk0", "queue_depth") == ["64"]
    assert ok(world, CHDEV, "-l", "hdisk0", "-a", "queue_depth=64") == "hdisk0 changed\n", "it is so already"


def test_chdev_u_changes_an_open_disk_where_the_attribute_allows_it() -> None:
    world = started()
    ok(world, CHDEV, "-l", "hdisk0", "-U", "-a", "queue_depth=64")
    assert held(world, "hdisk0", "queue_depth") == ["64"]
    settable = dict(
        line.split(":") for line in ok(world, LSATTR, "-El", "hdisk0", "-F", "attribute:user_settable").split()
    )
    assert (settable["queue_depth"], settable["q_type"]) == ("True+", "True")
    assert "0514-062" in refused(world, CHDEV, "-l", "hdisk0", "-U", "-a", "q_type=none").err


def test_chdev_t_lasts_until_the_next_boot() -> None:
    world = started()
    assert ok(world, CHDEV, "-l", "hdisk1", "-T", "-a", "queue_depth=64") == "hdisk1 changed\n"
    assert held(world, "hdisk1", "queue_depth") == []
    assert "0514-062" in refused(world, CHDEV, "-l", "hdisk0", "-T", "-a", "queue_depth=64").err


@pytest.mark.parametrize("flags", [("-P", "-T"), ("-P", "-U"), ("-T", "-U"), ("-Z",)])
def test_chdev_takes_one_of_its_modes(flags: Tuple[str, ...]) -> None:
    world = started()
    assert "Usage" in refused(world, CHDEV, "-l", "hdisk1", *flags, "-a", "queue_depth=64").err


def test_a_defined_or_closed_disk_changes_at_once() -> None:
    world = started()
    ok(world, CHDEV, "-l", "hdisk1", "-a", "queue_depth=32 reserve_policy=no_reserve")
    assert (held(world, "hdisk1", "queue_depth"), held(world, "hdisk1", "reserve_policy")) == (["32"], ["no_reserve"])
    ok(world, CHDEV, "-l", "hdisk1", "-a", "queue_depth=20")
    assert held(world, "hdisk1", "queue_depth") == [], "the default has no CuAt row"
    ok(world, RMDEV, "-l", "hdisk1")
    ok(world, CHDEV, "-l", "hdisk1", "-a", "queue_depth=48")
    assert held(world, "hdisk1", "queue_depth") == ["48"]


def test_an_adapter_with_disks_is_busy() -> None:
    world = started()
    assert "0514-062" in refused(world, CHDEV, "-l", "fscsi0", "-a", "fc_err_recov=fast_fail").err
    ok(world, CHDEV, "-Pl", "fscsi0", "-a", "fc_err_recov=fast_fail")
    assert ok(world, LSATTR, "-El", "fscsi0", "-a", "fc_err_recov", "-F", "value") == "fast_fail\n"


@pytest.mark.parametrize(
    ("device", "pair", "message"),
    [
        ("hdisk1", "queue_depth=0", "0514-018"),
        ("hdisk1", "reserve_policy=shared", "0514-018"),
        ("hdisk1", "lun_id=0x1", "0514-018"),
        ("hdisk1", "colour=red", "0514-544"),
        ("hdisk9", "queue_depth=8", "0514-519"),
        ("sys0", "ghostdev=2", "0514-018"),
        ("sys0", "systemid=IBM,0211D11C1", "0514-018"),
    ],
)
def test_chdev_refuses(device: str, pair: str, message: str) -> None:
    world = started()
    for flags in ((), ("-P",)):
        assert message in refused(world, CHDEV, "-l", device, *flags, "-a", pair).err


@pytest.mark.parametrize("code", ["1", "255"])
def test_the_exit_status_of_a_refused_chdev_is_a_variant(code: str) -> None:
    world = started(chdev_error_exit=code)
    assert refused(world, CHDEV, "-l", "hdisk1", "-a", "queue_depth=0").rc == int(code)


# ---------------------------------------------------------------- chdev: inet0, en0


def test_a_route_is_taken_away_by_its_exact_string() -> None:
    world = started()
    other = "net,-hopcount,0,-netmask,255.255.0.0,,,,,-static,10.30.0.0,10.1.0.254"
    for route in (DEFAULT_ROUTE, other):
        assert ok(world, CHDEV, "-l", "inet0", "-a", f"route={route}") == "inet0 changed\n"
    assert ok(world, LSATTR, "-El", "inet0", "-a", "route", "-F", "value").split() == [DEFAULT_ROUTE, other]
    for spelling in ("net,-hopcount,0,,0,10.1.0.2", "net,,0,10.1.0.1", DEFAULT_ROUTE + ",1", DEFAULT_ROUTE.upper()):
        refused(world, CHDEV, "-l", "inet0", "-a", f"delroute={spelling}")
    ok(world, CHDEV, "-l", "inet0", "-a", f"delroute={DEFAULT_ROUTE}")
    assert held(world, "inet0", "route") == [other]
    ok(world, CHDEV, "-l", "inet0", "-a", f"delroute={other}")
    assert held(world, "inet0", "route") == []


def test_delroute_without_such_a_route_may_be_silent() -> None:
    world = started(delroute_absent="silent")
    assert ok(world, CHDEV, "-l", "inet0", "-a", f"delroute={DEFAULT_ROUTE}") == "inet0 changed\n"


@pytest.mark.parametrize(("choice", "rows"), [("error", 1), ("silent", 1), ("append", 2)])
def test_a_stored_route_again(choice: str, rows: int) -> None:
    world = started(route_duplicate=choice)
    ok(world, CHDEV, "-l", "inet0", "-a", f"route={DEFAULT_ROUTE}")
    result = run_on(world, CHDEV, "-l", "inet0", "-a", f"route={DEFAULT_ROUTE}")
    assert (result.rc != 0) == (choice == "error")
    assert held(world, "inet0", "route") == [DEFAULT_ROUTE] * rows
    ok(world, CHDEV, "-l", "inet0", "-a", f"delroute={DEFAULT_ROUTE}")
    assert held(world, "inet0", "route") == [DEFAULT_ROUTE] * (rows - 1), "one at a time"


def kernel_addresses(world: World) -> List[str]:
    interface = world["kernel"]["interfaces"].get("en0")
    return [each["address"] for each in interface["addresses"]] if interface is not None else []


def with_alias(**variants: str) -> World:
    world = started(**variants)
    ok(world, CHDEV, "-l", "en0", "-a", "netaddr=10.1.0.5", "-a", "netmask=255.255.255.0", "-a", "state=up")
    ok(world, CHDEV, "-l", "en0", "-a", "alias4=10.1.0.6,255.255.255.0")
    ok(world, CHDEV, "-l", "en0", "-a", "alias4=10.1.0.7,255.255.255.0")
    assert kernel_addresses(world) == ["10.1.0.5", "10.1.0.6", "10.1.0.7"]
    return world


@pytest.mark.parametrize("text", ["10.1.0.6,255.255.255.0", "10.1.0.6"])
def test_delalias4_takes_one_address_from_odm_and_kernel(text: str) -> None:
    world = with_alias()
    ok(world, CHDEV, "-l", "en0", "-a", f"delalias4={text}")
    assert held(world, "en0", "alias4") == ["10.1.0.7,255.255.255.0"]
    assert kernel_addresses(world) == ["10.1.0.5", "10.1.0.7"]


@pytest.mark.parametrize("text", ["10.1.0.9,255.255.255.0", "10.1.0.6,255.255.0.0", "10.1.0.5,255.255.255.0"])
@pytest.mark.parametrize("choice", ["error", "silent"])
def test_delalias4_of_what_is_no_alias(text: str, choice: str) -> None:
    world = with_alias(delalias4_absent=choice)
    before = copy.deepcopy(world)
    assert (run_on(world, CHDEV, "-l", "en0", "-a", f"delalias4={text}").rc != 0) == (choice == "error")
    assert world == before


@pytest.mark.parametrize("choice", ["error", "silent"])
def test_an_alias_twice(choice: str) -> None:
    world = with_alias(alias4_duplicate=choice)
    before = copy.deepcopy(world)
    assert (run_on(world, CHDEV, "-l", "en0", "-a", "alias4=10.1.0.6,255.255.255.0").rc != 0) == (choice == "error")
    assert world == before


def test_aliases_for_the_next_boot_leave_the_kernel() -> None:
    world = with_alias()
    ok(world, CHDEV, "-Pl", "en0", "-a", "delalias4=10.1.0.6,255.255.255.0")
    ok(world, CHDEV, "-Pl", "en0", "-a", "alias4=10.1.0.8,255.255.255.0")
    assert held(world, "en0", "alias4") == ["10.1.0.7,255.255.255.0", "10.1.0.8,255.255.255.0"]
    assert kernel_addresses(world) == ["10.1.0.5", "10.1.0.6", "10.1.0.7"]


@pytest.mark.parametrize(
    ("pairs", "named"),
    [
        (["netaddr=10.1.0.256", "netmask=255.255.255.0"], ["netaddr"]),
        (["netaddr=prod01"], ["netaddr"]),
        (["netaddr=10.1.0.9", "netmask=255.0.255.0"], ["netmask"]),
        (["netmask=255.255.255"], ["netmask"]),
        (["netaddr=10.1.0", "netmask=24"], ["netaddr", "netmask"]),
        (["alias4=10.1.0.300,255.255.255.0"], ["alias4"]),
        (["alias4=10.1.0.9,255.255.255.1"], ["alias4"]),
        (["alias4="], ["alias4"]),
    ],
)
@pytest.mark.parametrize("flags", [(), ("-P",)])
def test_what_is_no_address_or_mask_is_refused(flags: Tuple[str, ...], pairs: List[str], named: List[str]) -> None:
    world = with_alias()
    result = refused(world, CHDEV, "-l", "en0", *flags, *(word for pair in pairs for word in ("-a", pair)))
    lines = result.err.splitlines()
    assert lines[0] == "Method error (/usr/lib/methods/chgif):"
    assert "0514-018" in lines[1]
    assert [line.split()[0] for line in lines[3:] if line] == named


def test_an_empty_address_takes_it_away_from_the_odm() -> None:
    world = with_alias()
    ok(world, CHDEV, "-Pl", "en0", "-a", "netaddr=", "-a", "netmask=")
    assert (held(world, "en0", "netaddr"), held(world, "en0", "netmask")) == ([], [])


# ---------------------------------------------------------------- the boot image


def test_a_change_that_missed_the_boot_image_is_gone_after_the_boot() -> None:
    world = started()
    ok(world, CHDEV, "-l", "sys0", "-a", "maxuproc=1024")
    world["odm"]["boot_lv_ok"] = False
    result = run_on(world, CHDEV, "-l", "sys0", "-a", "maxuproc=2048")
    assert result.rc != 0 and "0514-609" in result.err and "0514-508" in result.err
    assert held(world, "sys0", "maxuproc") == ["2048"], "the ODM has it"
    run_on(world, CHDEV, "-l", "sys0", "-a", "maxuproc=4096", "-a", "ghostdev=1")
    start(world)
    assert held(world, "sys0", "maxuproc") == ["1024"]
    assert held(world, "sys0", "ghostdev") == []


def test_bosboot_brings_the_odm_to_the_boot_image() -> None:
    world = started()
    world["kernel"]["boot_device"] = "hdisk0"
    world["odm"]["boot_lv_ok"] = False
    assert run_on(world, CHDEV, "-l", "sys0", "-a", "maxuproc=2048").rc != 0
    assert run_on(world, BOSBOOT, "-a").rc != 0, "/dev/ipldevice is stale"
    ok(world, BOSBOOT, "-ad", "/dev/hdisk0")
    start(world)
    assert held(world, "sys0", "maxuproc") == ["2048"]
    ok(world, CHDEV, "-l", "sys0", "-a", "maxuproc=4096")


def test_what_changes_nothing_needs_no_boot_image() -> None:
    world = started()
    world["odm"]["boot_lv_ok"] = False
    assert ok(world, CHDEV, "-l", "sys0", "-a", "maxuproc=128") == "sys0 changed\n"


# ---------------------------------------------------------------- the boot list


def test_a_boot_list_has_five_entries_at_most() -> None:
    world = started(2, 4, 2)
    ok(world, BOOTLIST, "-m", "normal", "hdisk0")
    lines = ok(world, BOOTLIST, "-m", "normal", "-o").splitlines()
    assert lines == [f"hdisk0 blv=hd5 pathid={number}" for number in range(5)]
    ok(world, BOOTLIST, "-m", "normal", "hdisk0", "blv=hd5", "pathid=6,1")
    assert ok(world, BOOTLIST, "-m", "normal", "-o").splitlines() == [
        "hdisk0 blv=hd5 pathid=6", "hdisk0 blv=hd5 pathid=1"
    ]  # fmt: skip


def test_bootlist_both_sets_two_lists_and_i_empties_one() -> None:
    world = started()
    ok(world, BOOTLIST, "-m", "both", "hdisk0", "ent0")
    line = "hdisk0 blv=hd5 pathid=0\nent0\n"
    assert ok(world, BOOTLIST, "-m", "normal", "-o") == ok(world, BOOTLIST, "-m", "service", "-o") == line
    ok(world, BOOTLIST, "-m", "service", "-i")
    assert ok(world, BOOTLIST, "-m", "service", "-o") == ""
    assert ok(world, BOOTLIST, "-m", "normal", "-o") == line


def test_an_empty_boot_list_may_show_a_dash() -> None:
    assert ok(started(bootlist_empty="dash"), BOOTLIST, "-m", "normal", "-o") == "-\n"


@pytest.mark.parametrize(
    "vanish",
    [
        lambda world: ok(world, RMDEV, "-dl", "hdisk0"),
        lambda world: ok(world, RMDEV, "-l", "hdisk0"),
        lambda world: world["san"]["luns"].pop(lun_id(0)),
        lambda world: world["odm"].update(devices={}, paths=[]),
    ],
    ids=["deleted", "defined", "LUN gone", "reset"],
)
def test_an_entry_whose_disk_is_gone_shows_a_dash(vanish: Callable[[World], object]) -> None:
    """Firmware keeps the place, not the name."""
    world = started(2, 2)
    ok(world, BOOTLIST, "-m", "normal", "hdisk0")
    del world["kernel"]["varied_on"]["rootvg"]
    vanish(world)
    assert ok(world, BOOTLIST, "-m", "normal", "-o") == "-\n-\n"


def test_the_boot_list_follows_the_lun_to_its_new_name() -> None:
    world = started(2)
    ok(world, BOOTLIST, "-m", "normal", "hdisk0")
    world["firmware"]["mappings"].reverse()
    reset.reset_devices(world)
    start(world)
    assert ok(world, BOOTLIST, "-m", "normal", "-o") == "hdisk1 blv=hd5 pathid=0\n"


@pytest.mark.parametrize("given", [("hdisk1",), ("hdisk7",), ("hdisk0", "pathid=9")])
def test_bootlist_refuses_what_does_not_boot(given: Tuple[str, ...]) -> None:
    refused(started(), BOOTLIST, "-m", "normal", *given)


# ---------------------------------------------------------------- rmdev


def test_rmdev_leaves_a_definition_and_d_nothing() -> None:
    world = started(3)
    ok(world, CHDEV, "-l", "hdisk1", "-a", "queue_depth=64")
    assert ok(world, RMDEV, "-l", "hdisk1") == "hdisk1 Defined\n"
    assert path_states(world, "hdisk1") == ["Defined"]
    assert held(world, "hdisk1", "queue_depth") == ["64"]
    assert ok(world, RMDEV, "-dl", "hdisk1") == "hdisk1 deleted\n"
    assert "hdisk1" not in world["odm"]["devices"] and "hdisk1" not in world["odm"]["attributes"]
    assert not [path for path in world["odm"]["paths"] if path["disk"] == "hdisk1"]
    assert ok(world, RMDEV, "-qdl", "hdisk2") == ""
    assert ok(world, ODMGET, "-q", "name=hdisk2", "CuDv", "CuAt") == ""


def test_rmdev_refuses_what_is_open_or_has_children_or_is_not_there() -> None:
    world = started()
    assert "0514-062" in refused(world, RMDEV, "-l", "hdisk0").err
    assert "0514-029" in refused(world, RMDEV, "-l", "fscsi0").err
    assert "0514-029" in refused(world, RMDEV, "-dl", "fcs0").err
    assert "0514-519" in refused(world, RMDEV, "-dl", "hdisk9").err
    for argv in ((), ("-d",), ("-l", "hdisk1", "-p", "fcs0"), ("-xl", "hdisk1")):
        assert "Usage" in refused(world, RMDEV, *argv).err


def test_rmdev_r_takes_children_first() -> None:
    world = started(3)
    del world["kernel"]["varied_on"]["rootvg"]
    order = ["hdisk0", "hdisk1", "hdisk2", "fscsi0", "fcs0"]
    assert ok(world, RMDEV, "-Rl", "fcs0").split("\n") == [*(f"{name} Defined" for name in order), ""]
    assert ok(world, RMDEV, "-Rdl", "fcs0").split("\n") == [*(f"{name} deleted" for name in order), ""]
    assert world["odm"]["paths"] == []
    ok(world, CFGMGR)
    assert devices(world, "disk") == ["hdisk0", "hdisk1", "hdisk2"]


def test_rmdev_r_stops_at_an_open_disk() -> None:
    world = started(3)
    world["kernel"]["varied_on"].clear()
    world["odm"]["vgs"]["datavg"] = new_odm_vg("datavg", "00f6f42a00004c01", pvids=[pvid(1)])
    world["kernel"]["varied_on"]["datavg"] = {"mode": "active", "order": 0, "locked": False}
    result = run_on(world, RMDEV, "-Rdl", "fcs0")
    assert (result.rc, result.out) == (1, "hdisk0 deleted\n")
    assert "0514-062" in result.err
    assert {path["disk"] for path in world["odm"]["paths"]} == {"hdisk1", "hdisk2"}


def test_rmdev_p_takes_the_children_alone() -> None:
    world = started(2)
    world["kernel"]["varied_on"].clear()
    assert ok(world, RMDEV, "-p", "fscsi0") == "hdisk0 Defined\nhdisk1 Defined\n"
    assert world["odm"]["devices"]["fscsi0"]["status"] == 1


@pytest.mark.parametrize("adapter", ["fcs0", "fcs1"])
def test_a_disk_with_a_path_elsewhere_stays_when_an_adapter_goes(adapter: str) -> None:
    """Whichever of the two found the disk first, and although the disk is open."""
    world = started(2, 2)
    number, other = adapter[-1], "fscsi" + str(1 - int(adapter[-1]))
    assert ok(world, RMDEV, "-Rdl", adapter) == f"fscsi{number} deleted\nfcs{number} deleted\n"
    assert devices(world, "disk") == ["hdisk0", "hdisk1"]
    assert ok(world, LSDEV, "-p", other, "-F", "name").split() == ["hdisk0", "hdisk1"]
    assert ok(world, LSPATH, "-F", "parent").split() == [other, other]


def test_an_adapter_made_defined_has_no_path_in_use() -> None:
    world = started(1, 2)
    ok(world, RMDEV, "-Rl", "fcs0")
    assert ok(world, LSPATH, "-F", "status:parent").split() == ["Defined:fscsi0", "Enabled:fscsi1"]
    ok(world, CFGMGR)
    assert path_states(world, "hdisk0") == ["Enabled", "Enabled"]


def test_all_adapters_of_a_disk_take_it_with_them() -> None:
    world = started(1, 2)
    world["kernel"]["varied_on"].clear()
    removed = [line.split()[0] for line in ok(world, RMDEV, "-Rdl", "vio0").splitlines()]
    assert removed.index("hdisk0") < removed.index("fscsi0") < removed.index("fcs0")
    assert removed[-1] == "vio0" and removed.count("hdisk0") == 1
    assert world["odm"]["paths"] == []


def test_rmdev_detaches_an_interface() -> None:
    world = with_alias()
    ok(world, RMDEV, "-l", "en0")
    assert kernel_addresses(world) == []
    assert held(world, "en0", "netaddr") == ["10.1.0.5"]


def test_the_last_path_of_a_disk_stays() -> None:
    world = started(2, 2)
    assert "0514-076" in refused(world, RMPATH, "-dl", "hdisk1").err
    world["odm"]["paths"].append(new_path("hdisk1", "fscsi0", "50050763cc,0", 2))
    assert ok(world, RMPATH, "-dl", "hdisk1", "-p", "fscsi0") == "paths Deleted\n"
    assert ok(world, LSPATH, "-l", "hdisk1", "-F", "parent") == "fscsi1\n"


# ---------------------------------------------------------------- thousands of disks


class Counted(List[Any]):
    """A list that counts how often one of its elements is looked at in a scan."""

    seen = 0

    def __iter__(self) -> Iterator[Any]:
        for each in super().__iter__():
            Counted.seen += 1
            yield each


class CountedDict(Dict[str, Any]):
    """The same for a dictionary's keys, values and items."""

    def __iter__(self) -> Iterator[str]:
        for each in super().__iter__():
            Counted.seen += 1
            yield each

    def values(self) -> Any:
        return [self[key] for key in self]

    def items(self) -> Any:
        return [(key, self[key]) for key in self]


def counted(disks: int) -> World:
    """Four adapters with two ports: eight paths to each disk; whoever scans a document is counted."""
    world = firmware(disks, 4, 2)
    world["firmware"]["mappings"] = Counted(world["firmware"]["mappings"])
    world["san"]["luns"] = CountedDict(world["san"]["luns"])
    world["odm"]["paths"] = Counted()
    world["odm"]["devices"] = CountedDict()
    world["odm"]["attributes"] = CountedDict()
    world["kernel"]["varied_on"].clear()
    return world


def looked_at(world: World, action: Callable[[World], object]) -> int:
    """How many elements of the documents the action looked at."""
    Counted.seen = 0
    action(world)
    return Counted.seen


def command(*argv: str) -> Callable[[World], object]:
    return lambda world: ok(world, *argv)


COSTS: Dict[str, Callable[[World], object]] = {
    "discovery": lambda world: discovery.discover(world),
    "discovery again": lambda world: discovery.discover(world),
    **{
        " ".join(argv).rpartition("/")[2]: command(*argv)
        for argv in (
            (LSPV,), (LSPV, "-u"), (LSPV, "-P"), (LSDEV, "-C"), (LSDEV, "-Cc", "disk", "-F", "name status"), (LSPATH,),
            (LSPATH, "-F", "name parent connection status"), (LSMPIO,), (ODMGET, "CuDv"), (ODMGET, "CuAt"),
            (ODMGET, "CuPath"), (LSCFG,), (CFGMGR,), (BOOTLIST, "-m", "normal", "hdisk0"),
            (BOOTLIST, "-m", "normal", "-o"), (RMPATH, "-dp", "fscsi3"), (RMDEV, "-Rl", "fcs0"), (CFGMGR, "-v"),
            (RMDEV, "-Rdl", "vio0"),
        )
    },
}  # fmt: skip


def test_cost_grows_with_the_number_of_disks_and_not_faster() -> None:
    """Four times the disks: at most a little more than four times the work, for everything that lists them."""
    few, many = counted(500), counted(2000)
    for name, action in COSTS.items():
        low, high = looked_at(few, action), looked_at(many, action)
        assert high <= 5 * low, (name, low, high)
    few, many = counted(500), counted(2000)
    for world in (few, many):
        discovery.discover(world)
    assert looked_at(few, command(LSPATH)) == 4000, "every path is seen once"


def test_a_count_notices_what_grows_with_the_square() -> None:
    def square(world: World) -> None:
        for _ in world["san"]["luns"]:
            for _ in world["firmware"]["mappings"]:
                pass

    assert looked_at(counted(200), square) > 8 * looked_at(counted(50), square)


def test_four_thousand_disks_with_eight_paths_are_found() -> None:
    world = started(4000, 4, 2)
    assert len(ok(world, LSPV).splitlines()) == 4000
    assert len(ok(world, LSPATH).splitlines()) == 32000
    assert ok(world, ODMGET, "-q", "name=hdisk3999 and attribute=pvid", "CuAt").count(pvid(3999)) == 1
