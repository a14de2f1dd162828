"""Waiting for disks, and plan B."""

from __future__ import annotations

from pathlib import Path

from drboot.apply import assess
from drboot.errors import Problem
from drboot.steps import disks, stale_definitions
from drboot.steps.base import Todo
from drboot.steps.disks import DisksPresent
from drboot.steps.stale_definitions import NoStaleDevices, NoStaleGroups
from tests.steps.canned import PV2, PV3, Machine, blocked, done, todo, wanted

LSDEV = "lsdev -C -F name:class:subclass:type:status:parent"
ODMGET = "odmget -q attribute=unique_id CuAt"
ROW = "{:<16}{:<36}None\n"


def test_looks_again_until_the_disks_are_there(tmp_path: Path) -> None:
    step = DisksPresent("datavg", (PV2, PV3), 600.0, "")
    answer = step.assess(Machine(tmp_path, {"lspv": ROW.format("hdisk1", PV2)}).seen())
    assert todo(answer) == ["cfgmgr"]
    assert isinstance(answer, Todo)
    assert answer.retry is not None
    assert answer.retry.deadline == 600.0
    assert PV3 in answer.why
    both = ROW.format("hdisk1", PV2) + ROW.format("hdisk10", PV3)
    assert done(step.assess(Machine(tmp_path, {"lspv": both}).seen()))


def test_what_did_not_come_is_said_and_not_that_cfgmgr_should_be_typed_once_more(tmp_path: Path) -> None:
    step = DisksPresent("datavg", (PV2, PV3), 600.0, "dr.yaml:9")
    seen = Machine(tmp_path, {"lspv": ROW.format("hdisk1", PV2)}).seen()
    vain = Problem("step-without-effect", "", next="run it by hand: cfgmgr")
    told = step.explain(seen, vain)
    assert (told.name, told.where) == ("disks-not-found", "dr.yaml:9")
    assert told.why == f"1 of 2 PVIDs missing: {PV3}, after cfgmgr was run for 600 s"
    assert "cfgmgr" not in told.next
    refused = Problem("command-failed", "cfgmgr failed")
    assert step.explain(seen, refused) == refused
    both = Machine(tmp_path, {"lspv": ROW.format("hdisk1", PV2) + ROW.format("hdisk2", PV3)}).seen()
    assert step.explain(both, vain) == vain


def test_disks_are_awaited_only_where_a_group_is_wanted(tmp_path: Path) -> None:
    assert [step.id for step in disks.steps(wanted(tmp_path))] == ["disks/datavg"]
    bare = wanted(tmp_path, profile="version: 1\nsite: dr\nsystemids: [IBM,0211D11C1]\ndevice_reset: none\n"
                  "network: {roles: {service: {}, backup: {}}}\nvolume_groups: {take: named}\n")  # fmt: skip
    assert not list(disks.steps(bare))


def test_stale_groups_are_exported_unless_they_are_in_use(tmp_path: Path) -> None:
    step = NoStaleGroups(("datavg", "appvg"), "")
    stale = Machine(tmp_path, {"lsvg": "rootvg\ndatavg\nappvg\ndata\n", "lsvg -o": "rootvg\nappvg\n"})
    assert todo(step.assess(stale.seen())) == ["exportvg datavg"]
    used = Machine(tmp_path, {"lsvg": "rootvg\nappvg\n", "lsvg -o": "rootvg\nappvg\n"})
    assert done(step.assess(used.seen()))


def test_stale_devices_go_children_first_and_only_what_home_had(tmp_path: Path) -> None:
    step = NoStaleDevices(("hdisk1", "hdisk2", "ent0", "en0", "fscsi0"), ("HOME1",), "")
    text = """\
ent0:adapter:vdevice:IBM,l-lan:Defined:vio0
ent1:adapter:vdevice:IBM,l-lan:Available:vio0
en0:if:EN:en:Defined:
fscsi0:driver:efc:efscsi:Available:fcs0
hdisk1:disk:fcp:2107:Defined:fscsi0
hdisk2:disk:fcp:2107:Defined:fscsi0
hdisk11:disk:fcp:2107:Defined:fscsi0
"""
    ids = "".join(
        f'\nCuAt:\n\tname = "{name}"\n\tattribute = "unique_id"\n\tvalue = "{value}"\n\ttype = "R"\n\tgeneric = "D"\n'
        '\trep = "nl"\n\tnls_index = 0\n'
        for name, value in (("hdisk1", "HOME1"), ("hdisk2", "HOME10"), ("hdisk11", "DR1"))
    )
    machine = Machine(tmp_path, {LSDEV: text, ODMGET: ids})
    assert todo(step.assess(machine.seen())) == ["rmdev -dl en0", "rmdev -dl hdisk1", "rmdev -dl ent0"]
    clean = Machine(tmp_path, {LSDEV: text.replace("Defined", "Available"), ODMGET: ids})
    assert done(step.assess(clean.seen()))
    blind = Machine(tmp_path, {LSDEV: text, ODMGET: (1, "")})
    assert todo(step.assess(blind.seen())) == ["rmdev -dl en0", "rmdev -dl ent0"], "production's address goes with en0"
    under = text.replace("fscsi0:driver:efc:efscsi:Available", "fscsi0:driver:efc:efscsi:Defined")
    blind = Machine(tmp_path, {LSDEV: under, ODMGET: (1, "")})
    assert todo(step.assess(blind.seen())) == ["rmdev -dl en0", "rmdev -dl ent0"], "its disks hang on fscsi0 still"
    present = text.replace("Defined:vio0", "Available:vio0").replace("en:Defined", "en:Available")
    rest = Machine(tmp_path, {LSDEV: present, ODMGET: (1, "")})
    assert blocked(assess(step, rest.seen())) == "fact-unavailable"


def test_plan_b_only_where_it_was_chosen(tmp_path: Path) -> None:
    assert not list(stale_definitions.steps(wanted(tmp_path)))
    found = list(stale_definitions.steps(wanted(tmp_path, plan_b=True)))
    assert [step.id for step in found] == ["stale_definitions/volume_groups", "stale_definitions/devices"]
    assert all(step.needs == ("fence/addresses",) for step in found)
