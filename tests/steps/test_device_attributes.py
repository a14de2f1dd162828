"""Attributes of home: which devices, which values, and what is said where a device or a value is not to be had."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Dict, Tuple

import pytest

from drboot.settable import Pseudo, Settings, prefix_of, take, take_others, take_pseudo
from drboot.steps.base import Done, Todo
from drboot.steps.device_attributes import AttributesSo, steps
from tests.steps.canned import PROFILE, PV1, PV2, Answer, Machine, capture, lines, wanted

LSDEV = "lsdev -C -F name:class:subclass:type:status:parent"
DEVICES = """\
ent0:adapter:vdevice:IBM,l-lan:Available:vio0
ent1:adapter:vdevice:IBM,l-lan:Available:vio0
en0:if:EN:en:Available:
fcs0:adapter:vdevice:IBM,vfc-client:Available:vio0
fscsi0:driver:iocb:efscsi:Available:fcs0
fcs1:adapter:vdevice:IBM,vfc-client:Defined:vio0
"""
FCS = """\
  fcs0             U9119.FHB.02F42A0-V11-C5-T1  Virtual Fibre Channel Client Adapter
  fcs1             U9119.FHB.02F42A0-V11-C6-T1  Virtual Fibre Channel Client Adapter
"""
ENT = """\
  ent0             U9119.FHB.02F42A0-V11-C2-T1  Virtual I/O Ethernet Adapter (l-lan)
  ent1             U9119.FHB.02F42A0-V11-C3-T1  Virtual I/O Ethernet Adapter (l-lan)
"""
LSPV = (
    f"hdisk0          {PV1}                    rootvg          active\nhdisk4          {PV2}                    None\n"
)


def cuat(*rows: Tuple[str, str, str, str]) -> str:
    """Objects of CuAt: device, attribute, value, generic."""
    return "".join(
        f'\nCuAt:\n\tname = "{name}"\n\tattribute = "{attribute}"\n\tvalue = "{value}"\n\ttype = "R"\n'
        f'\tgeneric = "{generic}"\n\trep = "s"\n\tnls_index = 0\n'
        for name, attribute, value, generic in rows
    )


def answers(*rows: Tuple[str, str, str, str], **more: Answer) -> Dict[str, Answer]:
    return {"odmget CuAt": cuat(*rows), LSDEV: DEVICES, "lspv": LSPV, "lscfg -vl fcs*": FCS, "lscfg -vl ent*": ENT}


def test_what_was_set_is_taken_by_what_survives(tmp_path: Path) -> None:
    machine = Machine(tmp_path, answers(
        ("hdisk4", "queue_depth", "32", "DU"),
        ("hdisk4", "pvid", PV2 + "0" * 16, "D"),  # nobody sets it
        ("hdisk9", "queue_depth", "32", "DU"),  # no PVID: cannot be found again
        ("fscsi0", "fc_err_recov", "fast_fail", "DU"),
        ("en0", "netaddr", "10.1.5.11", "DU"),  # belongs to the place
        ("en0", "tcp_nodelay", "1", "DU"),
        ("sys0", "ghostdev", "1", "DU"),
        ("sys0", "maxuproc", "4096", "DU"),
        ("inet0", "hostname", "prod01", "DU"),
    ))  # fmt: skip
    assert take(machine.seen()) == (
        Settings("adapter", "C2-T1", "en", "en0", (("tcp_nodelay", "1"),)),
        Settings("adapter", "C5-T1", "fscsi", "fscsi0", (("fc_err_recov", "fast_fail"),)),
        Settings("disk", PV2, "hdisk", "hdisk4", (("queue_depth", "32"),)),
        Settings("system", "sys0", "sys0", "sys0", (("maxuproc", "4096"),)),
    )


def test_one_command_however_many_disks(tmp_path: Path) -> None:
    many = [(f"hdisk{number}", "queue_depth", "32", "DU") for number in range(4000)]
    rows = "".join(f"hdisk{number}          {number:016x}                    None\n" for number in range(4000))
    machine = Machine(tmp_path, {"odmget CuAt": cuat(*many), LSDEV: DEVICES, "lspv": rows})
    assert len(take(machine.seen())) == 4000
    assert len(machine.ran) == 3


@pytest.mark.parametrize("device, prefix", [("hdisk12", "hdisk"), ("sys0", "sys0"), ("inet0", "inet0"), ("en3", "en")])
def test_the_prefix_of_a_device(device: str, prefix: str) -> None:
    assert prefix_of(device) == prefix


DEPTH = Settings("disk", PV2, "hdisk", "hdisk1", (("queue_depth", "32"), ("algorithm", "shortest_queue")))


def test_only_what_differs_is_set_on_the_disk_with_that_pvid(tmp_path: Path) -> None:
    more = {"lsattr -El hdisk4 -a algorithm -F value": "fail_over\n"}
    machine = Machine(tmp_path, {**answers(("hdisk4", "queue_depth", "32", "DU")), **more})
    answer = AttributesSo("datavg", (DEPTH,), False, "").assess(machine.seen())
    assert isinstance(answer, Todo)
    assert (lines(answer.actions), answer.instead) == (["chdev -l hdisk4 -a algorithm=shortest_queue"], ())


def test_a_default_here_that_is_homes_value_is_right(tmp_path: Path) -> None:
    more = {
        "lsattr -El hdisk4 -a algorithm -F value": "shortest_queue\n",
        "lsattr -El hdisk4 -a queue_depth -F value": "32\n",
    }
    answer = AttributesSo("datavg", (DEPTH,), False, "").assess(Machine(tmp_path, {**answers(), **more}).seen())
    assert answer == Done("as at home on 1 device")


def test_in_use_it_is_stored_for_the_next_boot_where_online_fails(tmp_path: Path) -> None:
    more = {"lsattr -El hdisk4 -a queue_depth -F value": "20\n", "lsattr -El hdisk4 -a algorithm -F value": "x\n"}
    answer = AttributesSo("rootvg", (DEPTH,), True, "").assess(Machine(tmp_path, {**answers(), **more}).seen())
    assert isinstance(answer, Todo)
    assert lines(answer.instead) == ["chdev -l hdisk4 -a queue_depth=32 -a algorithm=shortest_queue -P"]
    assert answer.each


def test_a_device_that_is_not_here_is_named(tmp_path: Path) -> None:
    gone = Settings("adapter", "C9-T1", "fscsi", "fscsi3", (("dyntrk", "yes"),))
    answer = AttributesSo("fscsi", (gone,), True, "").assess(Machine(tmp_path, answers()).seen())
    assert answer == Done("as at home on 0 devices", ("fscsi3 of home (C9-T1) is no device here",))


def test_undo_has_the_values_of_before(tmp_path: Path) -> None:
    more = {"lsattr -El hdisk4 -a queue_depth -F value": "20\n", "lsattr -El hdisk4 -a algorithm -F value": "x\n"}
    back = AttributesSo("datavg", (DEPTH,), False, "").undo(Machine(tmp_path, {**answers(), **more}).seen())
    assert [vars(step)["values"] for step in back.steps] == [(("queue_depth", "20"), ("algorithm", "x"))]


def disks(number: int) -> str:
    return "".join(f"hdisk{n}:disk:fcp:mpioosdisk:Available:fscsi0\n" for n in range(number))


def many(number: int) -> Tuple[Tuple[Settings, ...], str]:
    """So many disks with a queue depth of home, and what lspv says of them."""
    settings = tuple(
        Settings("disk", f"{n:016x}", "hdisk", f"hdisk{n}", (("queue_depth", "32"),)) for n in range(1, number)
    )
    rows = "".join(f"hdisk{n}          {n:016x}                    None\n" for n in range(number))
    return settings, rows


def test_two_thousand_disks_at_their_default_are_asked_about_once(tmp_path: Path) -> None:
    settings, rows = many(2000)
    more = {LSDEV: DEVICES + disks(2000), "lspv": rows, "lsattr -El hdisk1999 -a queue_depth -F value": "20\n"}
    more["lsattr -R -l hdisk1999 -a queue_depth"] = "1...256 (+1)\n"
    machine = Machine(tmp_path, {"odmget CuAt": cuat(("hdisk7", "queue_depth", "32", "DU")), **more})
    seen = machine.seen()
    step = AttributesSo("datavg", settings, False, "")
    answer = step.assess(seen)
    assert isinstance(answer, Todo)
    assert len(answer.actions) == 1998
    back = step.undo(seen)
    assert {vars(each)["values"] for each in back.steps} == {(("queue_depth", "20"),)}
    assert len(machine.ran) == 5


def refusing(root: Path, depth: Answer, number: int = 600) -> Machine:
    """So many disks at a depth of 20, and what lsattr says that they take."""
    _, rows = many(number)
    asked = f"lsattr -El hdisk{number - 1} -a queue_depth -F value"
    more = {LSDEV: DEVICES + disks(number), "lspv": rows, asked: "20\n"}
    return Machine(root, {"odmget CuAt": cuat(), f"lsattr -R -l hdisk{number - 1} -a queue_depth": depth, **more})


@pytest.mark.parametrize(
    "takes", ["1...31 (+1)\n", "8\n16\n20\n", "0x1...0x1f (+0x1)\n", "1...4 (+1)\n20...80 (+20)\n"]
)
def test_F15_a_value_that_the_storage_here_does_not_take_is_not_tried_on_hundreds_of_disks(
    tmp_path: Path, takes: str
) -> None:
    machine = refusing(tmp_path, takes)
    settings, _ = many(600)
    seen = machine.seen()
    for group in (settings[:300], settings[300:]):
        answer = AttributesSo("datavg", group, False, "").assess(seen)
        assert isinstance(answer, Done)
        assert answer.evidence == "as at home on 0 devices"
        assert [line for line in answer.warnings if "queue_depth=32" in line] == list(answer.warnings)
        assert AttributesSo("datavg", group, False, "").undo(seen).steps == ()
    assert len([line for line in machine.ran if line.startswith("lsattr -R")]) == 1


@pytest.mark.parametrize(
    "takes",
    [
        "1...256 (+1)\n",
        "",
        (255, ""),
        (0, "1..256\n1...\n"),
        "1...8 (+1)\n",
        "64...256 (+1)\n",
        "...\n",
        "9...1 (+1)\n",
    ],
    ids=["takes it", "says nothing", "fails", "garbage", "not even what it is", "nor this", "dots", "upside down"],
)
def test_F15_an_answer_that_cannot_be_so_keeps_nothing_from_being_tried(tmp_path: Path, takes: Answer) -> None:
    settings, _ = many(600)
    answer = AttributesSo("datavg", settings, False, "").assess(refusing(tmp_path, takes).seen())
    assert isinstance(answer, Todo)
    assert len(answer.actions) == 599


def test_F15_what_else_those_disks_are_to_have_is_still_set(tmp_path: Path) -> None:
    settings, _ = many(9)
    both = tuple(replace(one, values=(("algorithm", "round_robin"), *one.values)) for one in settings)
    machine = refusing(tmp_path, "1...31 (+1)\n", 9)
    machine.answers["lsattr -El hdisk8 -a algorithm -F value"] = "fail_over\n"
    machine.answers["lsattr -R -l hdisk8 -a algorithm"] = "fail_over\nround_robin\n"
    answer = AttributesSo("datavg", both, False, "").assess(machine.seen())
    assert isinstance(answer, Todo)
    assert lines(answer.actions) == [f"chdev -l hdisk{n} -a algorithm=round_robin" for n in range(1, 9)]


def test_two_hundred_volume_groups_take_no_more_commands_than_one(tmp_path: Path) -> None:
    """And no more looks at 4,000 disks: the table of them is made once."""
    settings, rows = many(4000)
    more = {LSDEV: DEVICES + disks(4000), "lspv": rows, "lsattr -El hdisk3999 -a queue_depth -F value": "20\n"}
    more["lsattr -R -l hdisk3999 -a queue_depth"] = "1...256 (+1)\n"
    machine = Machine(tmp_path, {"odmget CuAt": cuat(), **more})
    seen = machine.seen()
    groups = [AttributesSo(f"vg{n}", settings[n::200], False, "") for n in range(200)]
    assert all(isinstance(group.assess(seen), Todo) for group in groups)
    assert len(machine.ran) == 5
    seen.forget({"attributes"})  # what each chdev touches: no disk is another one after it
    assert all(isinstance(group.assess(seen), Todo) for group in groups)
    assert machine.ran[5:] == ["odmget CuAt"]
    seen.forget({"devices"})
    groups[0].assess(seen)
    assert "odmget CuAt" in machine.ran[6:]


def test_an_attribute_that_the_storage_here_does_not_have_keeps_no_other_from_being_set(tmp_path: Path) -> None:
    more: Dict[str, Answer] = {
        "lsattr -El hdisk4 -a queue_depth -F value": "20\n",
        "lsattr -El hdisk4 -a algorithm -F value": (255, ""),
    }
    machine = Machine(tmp_path, {**answers(), **more})
    answer = AttributesSo("datavg", (DEPTH,), False, "").assess(machine.seen())
    assert isinstance(answer, Todo)
    assert lines(answer.actions) == ["chdev -l hdisk4 -a queue_depth=32"]
    machine = Machine(tmp_path, {**answers(("hdisk4", "queue_depth", "32", "DU")), **more})
    said = "algorithm was set at home; here there is none on hdisk4"
    assert AttributesSo("datavg", (DEPTH,), False, "").assess(machine.seen()) == Done("as at home on 1 device", (said,))


def test_what_is_missing_is_told_in_few_lines(tmp_path: Path) -> None:
    settings, _ = many(2000)
    answer = AttributesSo("datavg", settings, False, "").assess(Machine(tmp_path, answers()).seen())
    assert isinstance(answer, Done)
    assert len(answer.warnings) == 6
    assert answer.warnings[-1] == "1994 more devices of home are none here"


def test_no_mac_of_home_is_taken_along(tmp_path: Path) -> None:
    """A rehearsal beside production would have it twice."""
    rows = (("ent0", "alt_addr", "0x0a1b2c3d4e5f", "DU"), ("ent0", "use_alt_addr", "yes", "DU"))
    assert take(Machine(tmp_path, answers(*rows)).seen()) == ()


FIBRE = Settings("adapter", "C5-T1", "fcs", "fcs2", (("num_cmd_elems", "1024"),), "C050760B1B2C0010")


def fcs(slot: str, wwpn: str) -> Dict[str, Answer]:
    row = f"  fcs0             U9119.FHB.02F42A0-V11-{slot}-T1  Virtual Fibre Channel Client Adapter\n"
    return {"lscfg -vl fcs*": f"{row}\n        Network Address.............{wwpn}\n"}


@pytest.mark.parametrize("slot, wwpn, found", [
    ("C5", "C050760B1B2C0010", True), ("C5", "C050760B1B2C0099", True), ("C9", "C050760B1B2C0010", True),
    ("C9", "C050760B1B2C0099", False),
])  # fmt: skip
def test_an_adapter_is_found_by_slot_and_else_by_wwpn(tmp_path: Path, slot: str, wwpn: str, found: bool) -> None:
    more = {"lsattr -El fcs0 -a num_cmd_elems -F value": "200\n", **fcs(slot, wwpn)}
    answer = AttributesSo("fcs", (FIBRE,), True, "").assess(Machine(tmp_path, {**answers(), **more}).seen())
    assert isinstance(answer, Todo) == found
    if isinstance(answer, Todo):
        assert lines(answer.actions) == ["chdev -l fcs0 -a num_cmd_elems=1024"]


def test_the_wwpn_is_taken_along(tmp_path: Path) -> None:
    found = Machine(tmp_path, {**answers(("fcs0", "num_cmd_elems", "1024", "DU")), **fcs("C5", "c050760b1b2c0010")})
    [settings] = take(found.seen())
    assert (settings.key, settings.address) == ("C5-T1", "C050760B1B2C0010")


def test_what_names_the_machine_or_its_routes_is_not_set_of_inet0(tmp_path: Path) -> None:
    found = Machine(tmp_path, answers(
        ("inet0", "authm", "131072", "DU"), ("inet0", "bootup_option", "yes", "DU"), ("inet0", "route", "x", "DU"),
    ))  # fmt: skip
    assert take(found.seen()) == (Settings("system", "inet0", "inet0", "inet0", (("authm", "131072"),)),)


def values(tmp_path: Path, profile: str) -> Dict[str, Tuple[Tuple[str, str], ...]]:
    """Group -> what its first device is to have, with this under ``device_attributes``."""
    settings = (
        Settings("disk", PV2, "hdisk", "hdisk1", (("queue_depth", "32"), ("reserve_policy", "no_reserve"))),
        Settings("adapter", "C5-T1", "fscsi", "fscsi0", (("fc_err_recov", "fast_fail"), ("queue_depth", "7"))),
        Settings("adapter", "=ent4", "en", "en4", (("tcp_mssdflt", "1448"),)),
    )
    text = PROFILE + f"device_attributes: {profile}\n"
    made = steps(wanted(tmp_path, profile=text, capture=capture(settings=settings)))
    return {step.group: step.settings[0].values for step in made if isinstance(step, AttributesSo)}


def test_F15_a_profile_lets_through_by_kind_and_name(tmp_path: Path) -> None:
    everything = values(tmp_path, "{}")
    assert set(everything) == {"datavg", "fscsi", "en_over_pseudo"}
    assert values(tmp_path, "{only: [queue_depth]}") == {
        "datavg": (("queue_depth", "32"),), "fscsi": (("queue_depth", "7"),),
    }  # fmt: skip
    assert values(tmp_path, "{only: [hdisk.queue_depth]}") == {"datavg": (("queue_depth", "32"),)}
    left = values(tmp_path, "{leave: [hdisk.queue_depth, tcp_mssdflt]}")
    assert left == {"datavg": (("reserve_policy", "no_reserve"),), "fscsi": everything["fscsi"]}
    assert values(tmp_path, "{restore: false}") == {}


def test_F16_a_value_of_the_profile_is_for_every_captured_disk(tmp_path: Path) -> None:
    found = values(tmp_path, "{only: [none_such], override: {hdisk: {queue_depth: '8'}, fscsi: {dyntrk: 'yes'}}}")
    assert found == {"datavg": (("queue_depth", "8"),), "rootvg": (("queue_depth", "8"),)}


def test_interfaces_over_pseudo_adapters_come_after_these(tmp_path: Path) -> None:
    pseudo = Pseudo("ent4", "ibm_ech", (("adapter_names", ("C2-T1",)),), ())
    settings = (Settings("adapter", "=ent4", "en", "en4", (("tcp_mssdflt", "1448"),)),)
    [step] = steps(wanted(tmp_path, capture=capture(settings=settings, pseudo=(pseudo,))))
    assert (step.id, step.after) == ("device_attributes/en_over_pseudo", ("pseudo_adapters/ent4",))


def test_an_interface_is_found_over_the_pseudo_adapter_that_is_the_same(tmp_path: Path) -> None:
    """At home it was ent4, and here it is ent7; an ent4 here is another one."""
    pseudo = Pseudo("ent4", "ibm_ech", (("adapter_names", ("C2-T1",)),), ())
    rows = "".join(f"ent{n}:adapter:pseudo:ibm_ech:Available:\nen{n}:if:EN:en:Available:\n" for n in (4, 7))
    members = {"ent4": "ent1", "ent7": "ent0"}
    more: Dict[str, Answer] = {LSDEV: DEVICES + rows, "lsattr -El en7 -a tcp_mssdflt -F value": "1460\n"}
    for name, member in members.items():
        more[f"lsattr -El {name} -a adapter_names -F value"] = f"{member}\n"
        more[f"lsattr -El {name} -a backup_adapter -F value"] = "NONE\n"
    home = Settings("adapter", "=ent4", "en", "en4", (("tcp_mssdflt", "1448"),))
    step = AttributesSo("en_over_pseudo", (home,), True, "", pseudo=(pseudo,))
    answer = step.assess(Machine(tmp_path, {**answers(), **more}).seen())
    assert isinstance(answer, Todo)
    assert lines(answer.actions) == ["chdev -l en7 -a tcp_mssdflt=1448"]


def test_F15_several_values_of_a_device_can_be_set_one_by_one(tmp_path: Path) -> None:
    more = {"lsattr -El hdisk4 -a queue_depth -F value": "20\n", "lsattr -El hdisk4 -a algorithm -F value": "x\n"}
    seen = Machine(tmp_path, {**answers(), **more}).seen()
    answer, busy = (AttributesSo("group", (DEPTH,), is_busy, "").assess(seen) for is_busy in (False, True))
    assert isinstance(answer, Todo)
    assert isinstance(busy, Todo)
    one_by_one = ["chdev -l hdisk4 -a queue_depth=32", "chdev -l hdisk4 -a algorithm=shortest_queue"]
    assert [lines(parts) for parts in answer.apart] == [one_by_one]
    assert [lines(parts) for parts in busy.apart] == [[f"{line} -P" for line in one_by_one]]
    assert answer.lost == ""


def test_what_a_lun_is_was_set_by_nobody(tmp_path: Path) -> None:
    """A CuAt whose every row says DU, as the published ones do: home's unique_id is not put on the replica."""
    rows = answers(
        ("hdisk4", "unique_id", "33213600507680AA04214503IBMfcp", "DU"), ("hdisk4", "lun_id", "0x2000000000000", "DU"),
        ("hdisk4", "queue_depth", "32", "DU"), ("fscsi0", "scsi_id", "0x10700", "DU"),
    )  # fmt: skip
    [taken] = take(Machine(tmp_path, rows).seen())
    assert (taken.name, taken.values) == ("hdisk4", (("queue_depth", "32"),))


def test_a_disk_that_is_varied_on_already_may_be_busy(tmp_path: Path) -> None:
    """By an operator, by a boot that still knew the volume group, by a run that was interrupted."""
    more = {"lsattr -El hdisk4 -a queue_depth -F value": "20\n", "lsattr -El hdisk4 -a algorithm -F value": "x\n"}
    here = [row.split() for row in LSPV.splitlines()]
    rows = "".join("  ".join((*row[:2], "datavg", "active")) + "\n" for row in here)
    answer = AttributesSo("datavg", (DEPTH,), False, "").assess(
        Machine(tmp_path, {**answers(), **more, "lspv": rows}).seen()
    )
    assert isinstance(answer, Todo)
    assert lines(answer.instead) == ["chdev -l hdisk4 -a queue_depth=32 -a algorithm=shortest_queue -P"]
    assert [lines(parts)[0] for parts in answer.apart] == ["chdev -l hdisk4 -a queue_depth=32 -P"]


def test_what_nothing_finds_again_is_taken_as_well(tmp_path: Path) -> None:
    rows = DEVICES + (
        "hdisk9:disk:fcp:2107:Available:fscsi0\niscsi0:driver:node:iscsi:Available:\nlv1:logical_volume:lvsubclass:lvtype:"
        "Defined:datavg\nent4:adapter:pseudo:ibm_ech:Available:\n"
    )
    set_here = answers(
        ("hdisk9", "queue_depth", "64", "DU"), ("iscsi0", "initiator_name", "iqn.x", "DU"),
        ("lv1", "copies", "2", "DU"), ("ent4", "mode", "8023ad", "DU"), ("gone0", "x", "y", "DU"),
        ("hdisk4", "queue_depth", "32", "DU"),
        ("lo0", "netaddr", "127.0.0.1", "DU"), ("lo0", "tcp_nodelay", "1", "DU"),
    )  # fmt: skip
    seen = Machine(tmp_path, {**set_here, LSDEV: rows, "lsattr -El ent4 -a adapter_names -F value": "ent0\n",
                              "lsattr -El ent4 -a backup_adapter -F value": "NONE\n"}).seen()  # fmt: skip
    found, pseudo = take(seen), take_pseudo(seen)
    assert [settings.name for settings in found] == ["hdisk4", "lo0"]
    assert found[1].values == (("tcp_nodelay", "1"),)
    assert take_others(seen, found, pseudo) == (("hdisk9", "queue_depth", "64"), ("iscsi0", "initiator_name", "iqn.x"))


@pytest.mark.parametrize("location, key", [
    ("U78CB.001.WZS06AB-P1-C7-T2", "C7-T2"), ("U9009.42A.79E1D20-V4-C10-T1", "C10-T1"),
    ("U787F.001.DPM0WW9-P1-T6", "P1-T6"), ("U9009.42A.79E1D20-V4-C10", "C10"), ("10-80", None),
])  # fmt: skip
def test_what_of_a_location_survives(tmp_path: Path, location: str, key: object) -> None:
    row = f"  fcs0             {location}  FC Adapter\n"
    found = take(Machine(tmp_path, {**answers(("fcs0", "num_cmd_elems", "1024", "DU")), "lscfg -vl fcs*": row}).seen())
    assert [settings.key for settings in found] == ([key] if key else [])


def test_attributes_of_a_logical_port_of_sriov_are_found_by_its_physical_port(tmp_path: Path) -> None:
    vf = "  ent0             U78AA.001.VYRGU0Q-P1-C11-T1-S{}  PCIe2 Converged Network Adapter VF (df1028e214103404)\n"
    answers = {
        LSDEV: "ent0:adapter:pci:df1028e214103404:Available:pci0\nsys0:sys:node:chrp:Available:\n",
        "odmget CuAt": cuat(("ent0", "jumbo_frames", "yes", "DU"), ("sys0", "os_uuid", "789f930f-b15c-4639", "DU")),
        "lscfg -vl ent*": vf.format(1),
        "lsattr -El ent0 -a jumbo_frames -F value": "no\n",
    }
    [taken] = take(Machine(tmp_path, answers).seen())  # os_uuid names this instance of AIX, and is not taken
    assert (taken.key, taken.values) == ("C11-T1", (("jumbo_frames", "yes"),))
    there = Machine(tmp_path, {**answers, "lscfg -vl ent*": vf.format(7), "odmget CuAt": cuat()})
    answer = AttributesSo("ent", (taken,), True, "").assess(there.seen())
    assert isinstance(answer, Todo) and lines(answer.actions) == ["chdev -l ent0 -a jumbo_frames=yes"]
