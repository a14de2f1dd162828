"""The capture: what is seen is kept, what is not seen is said, and what lies on disk is believed only when whole."""

from __future__ import annotations

import json
import stat
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import pytest

from drboot import capture, drift, failback
from drboot.capture import Adapter, Capture, Disk, Dump, Interface, Lv, VolumeGroup
from drboot.errors import ConfigError
from drboot.paths import CAPTURES, Root
from drboot.runner import Ran, Runner
from drboot.seen import Seen
from drboot.sim.boot import power_on
from drboot.sim.estates import fullhouse, small, wpar
from drboot.sim.inprocess import InProcess
from tests.scenarios import memory
from tests.steps import canned


@pytest.fixture
def home(tmp_path: Path) -> InProcess:
    """Production, up."""
    estate = small.make(str(tmp_path))
    power_on(estate.home)
    return InProcess(estate.home)


def take(lpar: InProcess) -> Capture:
    seen = Seen(Runner(Root(lpar.machine.root), run_argv=memory.run_on(lpar)))
    return capture.take(seen, "home", "prod01", "0206F42A0")


def test_everything_that_can_be_read(home: InProcess) -> None:
    made = take(home)
    assert (made.version, made.site, made.host, made.systemid, made.unseen) == (1, "home", "prod01", "0206F42A0", ())
    assert (made.hostname, made.level) == ("prod01", home.world["odm"]["oslevel"])
    assert [(disk.hdisk, disk.vg) for disk in made.disks] == [
        ("hdisk0", "rootvg"), ("hdisk1", "datavg"), ("hdisk2", "datavg"),
    ]  # fmt: skip
    luns = {lun["pvid"]: lun["unique_id"] for lun in home.world["san"]["luns"].values()}
    assert all(disk.unique_id == luns[disk.pvid] for disk in made.disks)
    [group] = made.volume_groups
    vgda = home.world["san"]["vgdas"]["home"][group.vgid]
    assert (group.name, group.auto_on, group.quorum) == ("datavg", vgda["auto_on"], vgda["quorum"])
    assert group.pvids == tuple(disk.pvid for disk in made.disks if disk.vg == "datavg")
    assert [lv.name for lv in group.lvs] == [lv["name"] for lv in vgda["lvs"]]
    assert made.volume_group("datavg") == group
    assert made.volume_group("data") is None
    data = {fs.mount_point: (fs.device, fs.mounted) for fs in made.filesystems if fs.vg == "datavg"}
    assert data == {lv["label"]: ("/dev/" + lv["name"], True) for lv in vgda["lvs"] if lv["fs"]}
    assert [fs.vg for fs in made.filesystems if fs.mount_point == "/usr"] == [""]
    slots = {slot["slot"]: slot["wwpn"].upper() for slot in home.world["firmware"]["slots"]}
    assert [(a.name, a.slot, a.mac, a.wwpn) for a in made.adapters] == [
        ("ent0", "C2", "D213C0153A04", ""), ("fcs0", "C5", "", slots["C5"]), ("fcs1", "C6", "", slots["C6"]),
    ]  # fmt: skip
    assert "10.1.5.11" in made.addresses()
    assert made.bootlist[0] == "hdisk0"
    assert ("hdisk1", "disk") in made.devices
    assert any(line.startswith("srcmstr:") for line in made.inittab)
    assert any("10.1.5.1" in route for route in made.routes)


@pytest.mark.parametrize(
    ("program", "args", "lost"),
    [
        ("/usr/sbin/lspv", "", lambda made: made.disks == ()),
        ("/usr/bin/odmget", "unique_id", lambda made: {disk.unique_id for disk in made.disks} == {""}),
        ("/usr/sbin/lsvg", "-l datavg", lambda made: made.volume_groups[0].lvs == ()),
        ("/usr/sbin/lsdev", "", lambda made: made.devices == () and made.interfaces == ()),
        ("/usr/bin/bootlist", "", lambda made: made.bootlist == ()),
        ("/usr/sbin/lsitab", "", lambda made: made.inittab == ()),
        ("/usr/sbin/mount", "", lambda made: not any(fs.mounted for fs in made.filesystems)),
        ("/usr/bin/oslevel", "", lambda made: made.level == ""),
        ("/usr/bin/odmget", "CuDvDr", lambda made: made.volume_groups[0].major is None),
        ("/usr/sbin/lspath", "", lambda made: {disk.paths for disk in made.disks} == {0}),
        ("/usr/sbin/lscfg", "fcs", lambda made: {adapter.wwpn for adapter in made.adapters} == {""}),
        ("/usr/bin/sysdumpdev", "", lambda made: made.dump == Dump()),
        ("/usr/sbin/lsps", "", lambda made: made.paging == ()),
    ],
)
@pytest.mark.parametrize("kind", ["fails", "garbage", "hangs"])
def test_what_cannot_be_read_is_said_and_the_rest_is_kept(
    home: InProcess, program: str, args: str, lost: Callable[[Capture], bool], kind: str
) -> None:
    home.world["settings"]["faults"] = [{"program": program, "args": args, "kind": kind}]
    made = take(home)
    assert lost(made)
    assert made.unseen
    assert all(program.rpartition("/")[2] in note for note in made.unseen)
    assert len(set(made.unseen)) == len(made.unseen)
    assert (made.hostname, bool(made.filesystems)) == ("prod01", True)


def test_nothing_can_be_read(home: InProcess) -> None:
    home.world["settings"]["faults"] = [{"program": "*", "kind": "fails"}]
    made = take(home)
    assert (made.host, made.disks, made.volume_groups, made.interfaces) == ("prod01", (), (), ())
    assert len(made.unseen) > 5


def aliased(lpar: InProcess, interface: str, address: str) -> None:
    """ifconfig has put the address there, and nobody has stored it."""
    kernel = lpar.world["kernel"]["interfaces"]
    first = kernel["en0"]["addresses"][0]
    new = kernel.setdefault(interface, {**kernel["lo0"], "name": interface, "addresses": []})
    new["addresses"] = [*new["addresses"], {**first, "address": address}]


def test_F72_an_address_that_only_the_kernel_has_is_captured(home: InProcess) -> None:
    assert take(home).further_addresses == ()
    aliased(home, "en0", "10.1.5.80")
    aliased(home, "vi0", "10.1.77.7")
    made = take(home)
    assert made.further_addresses == ("10.1.5.80", "10.1.77.7")
    assert not set(made.further_addresses) & set(made.addresses())


def test_an_address_of_any_interface_is_captured_and_an_idle_one_is_not_asked_for(home: InProcess) -> None:
    assert [one.name for one in take(home).interfaces] == ["en0"]
    chdev = ("-l", "et0", "-a", "netaddr=10.1.77.7", "-a", "netmask=255.255.255.0", "-a", "state=up")
    ran = home.execute((home.machine.root + "/usr/sbin/chdev", *chdev), {}, False, 60.0)
    assert ran.rc == 0, ran
    before = take(home)
    assert [(one.name, one.address) for one in before.interfaces] == [("en0", "10.1.5.11"), ("et0", "10.1.77.7")]
    assert before.further_addresses == ()
    assert [row.role for row in failback.own_rows(before)] == ["en0"], "drboot gives addresses to enN alone"
    home.world["settings"]["faults"] = [{"program": "/usr/bin/odmget", "args": "CuAt", "kind": "fails"}]
    seen = Seen(Runner(Root(home.machine.root), run_argv=memory.run_on(home)))
    assert capture.take(seen, "home", "prod01", "0206F42A0", before).interfaces == before.interfaces


def test_further_addresses_are_no_drift(home: InProcess) -> None:
    before = take(home)
    aliased(home, "en0", "10.1.5.80")
    assert drift.compare(before, take(home)) == ()


@pytest.mark.parametrize("program", ["/usr/sbin/ifconfig", "/usr/sbin/lswpar"])
def test_F72_the_addresses_of_wpars_are_captured_and_stand_where_they_cannot_be_read(
    tmp_path: Path, program: str
) -> None:
    estate = wpar.make(str(tmp_path))
    definitions = Path(estate.home.root, "etc/wpars")
    definitions.mkdir()
    (definitions / "web.cf").touch()
    power_on(estate.home)
    lpar = InProcess(estate.home)
    before = take(lpar)
    assert before.further_addresses == ("10.1.5.31", "10.1.5.33")
    lpar.world["settings"]["faults"] = [{"program": program, "args": "", "kind": "fails"}]
    assert take(lpar).further_addresses == ()
    seen = Seen(Runner(Root(lpar.machine.root), run_argv=memory.run_on(lpar)))
    made = capture.take(seen, "home", "prod01", "0206F42A0", before)
    assert made.further_addresses == before.further_addresses
    assert made.unseen


def asked(directory: Path, disks: int) -> List[str]:
    """The commands of a capture of production with so many disks more, on both of its Fibre Channel adapters."""
    estate = small.make(str(directory))
    with estate.home.edit() as world:
        luns, mappings = world["san"]["luns"], world["firmware"]["mappings"]
        first = next(lun for lun in luns.values() if lun["site"] == "home" and not lun["boot_image"])
        paths = [mapping for mapping in mappings if mapping["lun"] == first["id"]]
        for number in range(disks):
            name, unique_id = f"home:more{number}", f"200B{number:09}" + first["unique_id"][13:]
            more = {"id": name, "unique_id": unique_id, "pvid": f"00f6f42a{number:08x}", "vgid": ""}
            luns[name] = {**first, **more}
            mappings += [{**path, "lun": name, "lun_number": f"4{number:04x}00000000000"} for path in paths]
    power_on(estate.home)
    lpar = InProcess(estate.home)
    run_argv, ran = memory.run_on(lpar), []

    def execute(argv: Tuple[str, ...], *how: Any) -> Ran:
        ran.append(" ".join(argv))
        return run_argv(argv, *how)

    made = capture.take(Seen(Runner(Root(lpar.machine.root), run_argv=execute)), "home", "prod01", "0206F42A0")
    assert (len(made.disks), made.unseen) == (disks + 3, ())
    assert all(disk.paths == len(paths) and disk.driver for disk in made.disks)
    return [line.replace(str(directory), "") for line in ran]


def test_as_many_commands_for_4000_disks_as_for_60(tmp_path: Path) -> None:
    few, many = asked(tmp_path / "few", 60), asked(tmp_path / "many", 4000)
    assert few == many
    assert len(many) < 45


def test_what_a_reset_loses_is_captured(tmp_path: Path) -> None:
    estate = fullhouse.make(str(tmp_path))
    power_on(estate.home)
    home = InProcess(estate.home)
    home.execute((home.machine.root + "/usr/sbin/varyonvg", "oravg"), {}, False, 60.0)
    made = take(home)
    assert made.unseen == ()
    spaces = {space.name: space for space in made.paging}
    assert [space.vg for name, space in spaces.items() if name == "hd6"] == ["rootvg"]
    assert any(space.vg != "rootvg" and space.active and space.size for space in spaces.values())
    assert made.dump.primary.startswith("/dev/")
    assert made.dump.copy_directory == "/var/adm/ras"
    assert {route.family for route in made.kernel_routes} == {4, 6}
    assert any(route.destination == "default" for route in made.kernel_routes)
    assert all(route.gateway and not route.interface.startswith("lo") for route in made.kernel_routes)
    assert any("2001:db8" in route for route in made.routes6)
    assert any(interface.address6.endswith("/64") for interface in made.interfaces)
    assert any(interface.aliases6 for interface in made.interfaces)
    assert {len(adapter.wwpn) for adapter in made.adapters if adapter.name.startswith("fcs")} == {16}
    assert all(vg.major for vg in made.volume_groups)
    assert {"en4", "inet0", "sys0"} <= {settings.name for settings in made.settings}
    assert made.firmware
    assert made.bootup_option == "no"


@pytest.mark.parametrize(
    ("program", "args", "key"),
    [
        ("/usr/sbin/lsps", "", "paging"), ("/usr/bin/sysdumpdev", "", "dump"), ("/usr/bin/lssrc", "", "subsystems"),
        ("/usr/sbin/lsattr", "rout6", "routes6"), ("/usr/sbin/lsattr", "-a route ", "routes"),
        ("/usr/bin/netstat", "", "kernel_routes"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_tonight_stands_as_last_night(tmp_path: Path, program: str, args: str, key: str) -> None:
    estate = fullhouse.make(str(tmp_path))
    power_on(estate.home)
    home = InProcess(estate.home)
    home.execute((home.machine.root + "/usr/bin/startsrc", "-s", "inetd"), {}, False, 60.0)
    before = take(home)
    assert getattr(before, key)
    home.world["settings"]["faults"] = [{"program": program, "args": args, "kind": "fails"}]
    seen = Seen(Runner(Root(home.machine.root), run_argv=memory.run_on(home)))
    made = capture.take(seen, "home", "prod01", "0206F42A0", before)
    assert getattr(made, key) == getattr(before, key)
    assert made.unseen


def test_one_of_an_earlier_drboot_is_read(tmp_path: Path) -> None:
    """It has none of the keys that have a default, and is read as if it had seen nothing there."""
    root = Root(str(tmp_path))
    path = Path(root.path(capture.save(root, canned.capture())))
    path.write_text(json.dumps(_first_keys(Capture, json.loads(path.read_text()))))
    made = capture.load(root, "home")
    assert made == canned.capture()
    assert (made.paging, made.dump, made.subsystems) == ((), Dump(), ())


def _first_keys(kind: Any, value: Dict[str, Any]) -> Dict[str, Any]:
    """The value with the keys only that the first version had: those without a default."""
    names = [field.name for field in fields(kind) if field.default is MISSING]
    kinds = {"disks": Disk, "volume_groups": VolumeGroup, "lvs": Lv, "adapters": Adapter, "interfaces": Interface}
    return {
        name: [_first_keys(kinds[name], item) for item in value[name]] if name in kinds else value[name]
        for name in names
    }


def full() -> Capture:
    return canned.capture(
        disks=(Disk("00f6f42a0bd88941", "hdisk0", "", ""),), adapters=(Adapter("ent0", "U1-C2-T1", "C2", ""),),
        interfaces=(
            Interface("en0", "", "", (("10.1.5.12", ""),), "", "up"), Interface("en1", "10.2.5.1", "", (), "", ""),
        ),
        unseen=("lspv gave no answer: exit status 1",),
    )  # fmt: skip


@pytest.mark.parametrize("made", [canned.capture(), full()])
def test_it_comes_back_as_it_was_saved(tmp_path: Path, made: Capture) -> None:
    root = Root(str(tmp_path))
    path = capture.save(root, made)
    assert path == f"{CAPTURES}/home.json"
    assert capture.load(root, "home") == made
    assert stat.S_IMODE(Path(root.path(path)).stat().st_mode) == 0o600


def test_addresses_are_those_of_interfaces_and_aliases() -> None:
    assert full().addresses() == ("10.1.5.12", "10.2.5.1")


def test_none_is_said_and_nothing_is_made_up(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        capture.load(Root(str(tmp_path)), "home")
    assert raised.value.problems[0].name == "capture-missing"


def _without(key: str) -> Callable[[Dict[str, Any]], Any]:
    return lambda value: {name: item for name, item in value.items() if name != key}


@pytest.mark.parametrize(
    "spoil",
    [
        _without("version"), _without("disks"), lambda value: {**value, "version": 2}, lambda value: [value],
        lambda value: {**value, "disks": [{"pvid": "x"}]}, lambda value: {**value, "volume_groups": ["datavg"]},
        lambda value: None, lambda value: {**value, "disks": 5}, lambda value: {**value, "host": None},
        lambda value: {**value, "version": True}, lambda value: {**value, "bootlist": [["hdisk0"]]},
        lambda value: {**value, "devices": [["hdisk0"]]}, lambda value: {**value, "unseen": "lspv"},
        lambda value: {**value, "volume_groups": [{**value["volume_groups"][0], "major": "45"}]},
        lambda value: {**value, "volume_groups": [{**value["volume_groups"][0], "auto_on": 0}]},
    ],
)  # fmt: skip
def test_a_damaged_one_is_not_believed(tmp_path: Path, spoil: Callable[[Dict[str, Any]], Any]) -> None:
    root = Root(str(tmp_path))
    path = Path(root.path(capture.save(root, canned.capture())))
    path.write_text(json.dumps(spoil(json.loads(path.read_text()))))
    with pytest.raises(ConfigError) as raised:
        capture.load(root, "home")
    assert raised.value.problems[0].name == "capture-damaged"


def test_a_torn_one_is_not_believed(tmp_path: Path) -> None:
    root = Root(str(tmp_path))
    path = Path(root.path(capture.save(root, canned.capture())))
    whole = path.read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 3):
        path.write_bytes(whole[:length])
        with pytest.raises(ConfigError) as raised:
            capture.load(root, "home")
        assert raised.value.problems[0].name == "capture-damaged"


def test_the_major_number_is_that_of_a_device_only(tmp_path: Path) -> None:
    root = Root(str(tmp_path))
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/datavg").write_text("")
    assert capture.major_of(root, "datavg") is None
    assert capture.major_of(root, "nothing") is None
    (tmp_path / "dev/nullvg").symlink_to("/dev/null")
    assert capture.major_of(root, "nullvg") is not None
