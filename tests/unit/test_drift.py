"""Two captures compared: every field, also one that nobody has thought of, and in words that people can act on."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Iterator, List, Tuple, get_type_hints

import pytest

from drboot import capture, drift
from drboot.capture import (
    Adapter,
    Capture,
    Disk,
    Dump,
    FileSystem,
    Interface,
    KernelRoute,
    Lv,
    PagingSpace,
    VolumeGroup,
)
from drboot.settable import Pseudo, Settings

PVID = "00f6f42a0bd88911"
DATAVG = VolumeGroup(
    "datavg", "00f6f42a00004c000000013d5e6f7a8b", (PVID,), True, True, 45,
    (Lv("fslv00", "jfs2", "/data", (0, 0, 0o660), 2), Lv("rawlv", "raw", "", (501, 502, 0o640), 3)),
)  # fmt: skip
DATA = FileSystem("/data", "/dev/fslv00", "jfs2", "datavg", True, (("dev", "/dev/fslv00"), ("options", "rw")))
BASE = Capture(
    version=1, site="home", host="prod01", systemid="0206F42A0", taken="2026-11-20T02:30:00Z", level="7200-05-03-2148",
    hostname="prod01", disks=(Disk(PVID, "hdisk4", "33213", "datavg", 10240, "7117"),), volume_groups=(DATAVG,),
    filesystems=(DATA,), adapters=(Adapter("ent0", "U1-V1-C2-T1", "C2", "D2"),),
    interfaces=(Interface("en0", "10.1.5.11", "255.255.255.0", (("10.1.5.12", "255.255.255.0"),), "1500", "up"),),
    routes=("net,-hopcount,0,,0,10.1.5.1",), devices=(("hdisk4", "disk"),), bootlist=("hdisk0", "hdisk0"),
    inittab=("init:2:initdefault:", "srcmstr:2:respawn:/usr/sbin/srcmstr", "rctcpip:2:wait:/etc/rc.tcpip"), unseen=(),
    settings=(Settings("disk", PVID, "hdisk", "hdisk4", (("queue_depth", "20"),)),),
    pseudo=(Pseudo("ent4", "ibm_ech", (("adapter_names", ("C3-T1", "C4-T1")),), (("mode", "8023ad"),)),),
)  # fmt: skip


def said(**changed: Any) -> List[str]:
    return [str(difference) for difference in drift.compare(BASE, replace(BASE, **changed))]


def test_a_machine_that_has_not_changed_has_no_drift() -> None:
    assert drift.compare(BASE, BASE) == ()
    assert said(taken="2026-11-21T02:30:00Z", unseen=("lspath",), version=2, systemid="0200000000") == []


def lvs(*found: Lv) -> Tuple[VolumeGroup, ...]:
    return (replace(DATAVG, lvs=found),)


FSLV00, RAWLV = DATAVG.lvs
SETTINGS, EN0, INITTAB = BASE.settings[0], BASE.interfaces[0], BASE.inittab
NEW_VG = VolumeGroup("appvg", "00f6f42a00004c000000013d00000001", (), False, True, None, ())
SENTENCES = [
    ({"settings": (replace(SETTINGS, values=(("queue_depth", "8"),)),)},
     "queue_depth of hdisk4 (PVID 00f6f42a0bd88911) was 20, is 8"),
    ({"settings": (replace(SETTINGS, values=(*SETTINGS.values, ("reserve_policy", "no_reserve"))),)},
     "reserve_policy of hdisk4 (PVID 00f6f42a0bd88911) is new: no_reserve"),
    ({"settings": ()}, "hdisk4 (PVID 00f6f42a0bd88911) is no longer there"),
    ({"volume_groups": (DATAVG, NEW_VG)}, "volume group appvg is new"),
    ({"volume_groups": ()}, "volume group datavg is no longer there"),
    ({"volume_groups": (replace(DATAVG, name="oravg"),)}, "volume group datavg is now called oravg"),
    ({"volume_groups": (replace(DATAVG, auto_on=False),)}, "AUTO ON of volume group datavg was yes, is no"),
    ({"volume_groups": (replace(DATAVG, pvids=(PVID, "00f6f42a0bd88922")),)},
     "pvid 00f6f42a0bd88922 of volume group datavg is new"),
    ({"volume_groups": lvs(FSLV00)}, "LV rawlv of volume group datavg is no longer there"),
    ({"volume_groups": lvs(replace(FSLV00, name="fslv07"), RAWLV)},
     "LV fslv00 of volume group datavg is now called fslv07"),
    ({"volume_groups": lvs(FSLV00, replace(RAWLV, owner=(501, 502, 0o660)))},
     "owner of LV rawlv of volume group datavg was 501:502 640, is 501:502 660"),
    ({"filesystems": (DATA, replace(DATA, mount_point="/new"))}, "file system /new is new"),
    ({"filesystems": (replace(DATA, attributes=(("dev", "/dev/fslv00"), ("options", "rbrw"))),)},
     "options of file system /data was rw, is rbrw"),
    ({"routes": (*BASE.routes, "net,-hopcount,0,,10.30,10.1.5.9")}, "route net,-hopcount,0,,10.30,10.1.5.9 is new"),
    ({"interfaces": (replace(EN0, aliases=()),)},
     "alias 10.1.5.12 of interface en0 was 255.255.255.0, is no longer there"),
    ({"pseudo": (replace(BASE.pseudo[0], parts=(("adapter_names", ("C3-T1",)),)),)},
     "adapter name C4-T1 of ent4 is no longer there"),
    ({"inittab": (*INITTAB, "sap:2:once:/sap")}, "inittab entry sap is new: sap:2:once:/sap"),
    ({"inittab": (INITTAB[0], INITTAB[2], INITTAB[1])}, "order of inittab has changed, first at rctcpip"),
    ({"bootlist": ("hdisk0", "-")}, "boot list entry hdisk0 is no longer there"),
    ({"hostname": "prod01.example.com"}, "hostname was prod01, is prod01.example.com"),
    ({"disks": (replace(BASE.disks[0], hdisk="hdisk7"),)}, "disk hdisk4 (PVID 00f6f42a0bd88911) is now called hdisk7"),
]  # fmt: skip


@pytest.mark.parametrize("changed, sentence", SENTENCES, ids=lambda value: value if isinstance(value, str) else "")
def test_each_difference_is_a_sentence(changed: Any, sentence: str) -> None:
    assert said(**changed)[0] == sentence


def test_the_other_way_round_new_is_gone() -> None:
    after = replace(BASE, volume_groups=(DATAVG, NEW_VG))
    assert [str(found) for found in drift.compare(after, BASE)] == ["volume group appvg is no longer there"]


def leaves(value: Any, path: Tuple[Any, ...] = ()) -> Iterator[Tuple[Any, ...]]:
    """The way to each text, number and truth value of a capture: names of fields, and places in lists."""
    if is_dataclass(value):
        for field in fields(value):
            yield from leaves(getattr(value, field.name), (*path, field.name))
    elif isinstance(value, tuple):
        for index, part in enumerate(value):
            yield from leaves(part, (*path, index))
    else:
        yield path


def mutated(value: Any, path: Tuple[Any, ...]) -> Any:
    """The same, with another value at that place."""
    if not path:
        return value + ("x" if isinstance(value, str) else 1) if not isinstance(value, bool) else not value
    if isinstance(value, tuple):
        return (*value[: path[0]], mutated(value[path[0]], path[1:]), *value[path[0] + 1 :])
    return replace(value, **{path[0]: mutated(getattr(value, path[0]), path[1:])})


WHOLE = replace(
    BASE, kernel_routes=(KernelRoute(2, "10.30", 16, "10.1.5.9", "en0"),), node_id="1234", firmware="AH730",
    paging=(PagingSpace("paging00", "datavg", 1024, True, True),), dump=Dump("/dev/lg_dumplv", "/dev/sysdumpnull"),
    subsystems=("snmpd",), bootup_option="no", powerha=True,
)  # fmt: skip


@pytest.mark.parametrize("path", list(leaves(WHOLE)), ids=lambda path: ".".join(map(str, path)))
def test_every_single_value_that_changes_is_noticed(path: Tuple[Any, ...]) -> None:
    found = drift.compare(WHOLE, mutated(WHOLE, path))
    if path[0] in drift.NOT_COMPARED or path in (("filesystems", 0, "device"), ("filesystems", 0, "vfs")):
        assert found == ()
    else:
        assert found and all(difference.path[0] == path[0] and str(difference) for difference in found)


def test_what_is_not_known_is_no_difference() -> None:
    unknown = replace(BASE.disks[0], size=0, serial="", unique_id="")
    assert said(disks=(unknown,), volume_groups=(replace(DATAVG, major=None),)) == []
    assert said(volume_groups=lvs(*(replace(lv, number=0) for lv in DATAVG.lvs))) == []


def test_names_tell_logical_volumes_apart_where_numbers_do_not() -> None:
    was = replace(BASE, volume_groups=lvs(replace(FSLV00, number=0), replace(RAWLV, number=0)))
    now = replace(was, volume_groups=lvs(replace(FSLV00, number=0)))
    assert [str(found) for found in drift.compare(was, now)] == ["LV rawlv of volume group datavg is no longer there"]


def test_what_matters_most_comes_first_and_the_rest_is_minor() -> None:
    found = drift.compare(BASE, replace(BASE, bootlist=(), hostname="x", routes=(), settings=(), volume_groups=()))
    assert [difference.path[0] for difference in found] == [
        "volume_groups", "settings", "routes", "hostname", "bootlist", "bootlist"
    ]  # fmt: skip
    assert [difference.minor for difference in found] == [False, False, False, True, True, True]


def test_programs_get_the_place_and_both_values() -> None:
    (found,) = drift.compare(BASE, replace(BASE, settings=(replace(SETTINGS, values=(("queue_depth", "8"),)),)))
    assert (found.path, found.change, found.was, found.now) == (
        ("settings", "hdisk4", "values", "queue_depth"), "changed", "20", "8"
    )  # fmt: skip
    (new,) = drift.compare(BASE, replace(BASE, volume_groups=(DATAVG, NEW_VG)))
    assert (new.path, new.was, new.now["vgid"]) == (("volume_groups", "appvg"), None, NEW_VG.vgid)


def _classes(kind: Any) -> List[Any]:
    """The dataclass, and those that its fields hold."""
    found = [kind]
    for hint in get_type_hints(kind).values():
        for part in (hint, *getattr(hint, "__args__", ())):
            if is_dataclass(part):
                found += _classes(part)
    return found


def test_every_field_of_every_class_of_a_capture_is_compared() -> None:
    """What is left out is said so in the tables, by names that exist."""
    classes = {kind.__name__: {field.name for field in fields(kind)} for kind in _classes(Capture)}
    assert {"Capture", "Disk", "VolumeGroup", "Lv", "FileSystem", "Settings"} <= set(classes)
    assert classes["Capture"] >= drift.NOT_COMPARED
    assert set(drift.FIRST) | set(drift.LAST) <= classes["Capture"]
    for kind, name in drift.SAID_TWICE | drift.MAYBE_UNKNOWN | drift.MINOR_PARTS:
        assert name in classes[kind], (kind, name)
    for kind, identities in drift.IDENTITIES.items():
        assert all(name in classes[kind] for identity in identities for name in identity)
    assert all(name in classes[kind] for kind, (_, name) in drift.CALLED.items())


@dataclass(frozen=True)
class Tape:
    name: str
    drive: str


@dataclass(frozen=True)
class Later(Capture):
    """The capture of some later drboot, with fields that drift.py has never heard of."""

    tapes: Tuple[Tape, ...] = ()
    swap_limit: str = ""
    pairs: Tuple[Tuple[str, str], ...] = ()


def test_a_field_that_is_added_is_compared_without_a_line_here(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {field.name: getattr(BASE, field.name) for field in fields(Capture)}
    was = Later(**values, tapes=(Tape("rmt0", "a"), Tape("rmt1", "b")), swap_limit="5", pairs=(("a", "1"),))
    now = replace(was, tapes=(Tape("rmt1", "c"),), swap_limit="6", pairs=(("a", "2"),))
    monkeypatch.setattr(drift, "Capture", Later)
    found = drift.compare(was, now)
    assert [str(difference) for difference in found] == [
        "tape rmt0 is no longer there",
        "drive of tape rmt1 was b, is c",
        "swap limit was 5, is 6",
        "pair a was 1, is 2",
    ]
    assert not any(difference.minor for difference in found)
    assert capture.Capture is Capture
