"""Attributes of home: which devices, which values, and what is said where a device or a value is not to be had."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Tuple

import pytest

from drboot.settable import Settings, prefix_of, take
from drboot.steps.base import Done, Todo
from drboot.steps.device_attributes import AttributesSo
from tests.steps.canned import PV1, PV2, Answer, Machine, lines

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
    more = {LSDEV: DEVICES + disks(2000), "lspv": rows, "lsattr -El hdisk1 -a queue_depth -F value": "20\n"}
    machine = Machine(tmp_path, {"odmget CuAt": cuat(("hdisk7", "queue_depth", "32", "DU")), **more})
    seen = machine.seen()
    step = AttributesSo("datavg", settings, False, "")
    answer = step.assess(seen)
    assert isinstance(answer, Todo)
    assert len(answer.actions) == 1998
    back = step.undo(seen)
    assert {vars(each)["values"] for each in back.steps} == {(("queue_depth", "20"),)}
    assert len(machine.ran) == 4


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
