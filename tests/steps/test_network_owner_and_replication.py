"""One owner of the network per boot, and imports behind the replication gate, as steps (S001-3, S001-5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import List

import pytest

from drboot import byhand, infoscale, plan
from drboot.errors import ConfigError
from drboot.failback import Return
from drboot.infoscale import InfoScale
from drboot.runner import Ran
from drboot.settable import Settings
from drboot.steps import replication
from drboot.steps.base import Blocked, Done
from drboot.steps.network import Network
from drboot.steps.network_owner import Owned
from drboot.wanted import Wanted
from tests.steps.canned import PROFILE, Machine, capture, wanted

GATE = "replication: {gate: /etc/drboot/hooks/primary, ask: ASK}\n"


@pytest.mark.parametrize(
    "owner, reconfig, outcome",
    [
        ("", "inittab", Blocked),
        ("drboot", "inittab", Done),
        ("drboot", "", Done),
        ("vcs", "", Done),
        ("none", "", Done),
    ],
)
def test_S001_3_who_sets_the_network(tmp_path: Path, owner: str, reconfig: str, outcome: type) -> None:
    answer = Owned(owner, reconfig, "at").assess(Machine(tmp_path, {}).seen())
    assert isinstance(answer, outcome)
    if isinstance(answer, Done):
        assert bool(answer.warnings) is (owner != "drboot" or bool(reconfig))


@pytest.mark.parametrize("owner", ["vcs", "none"])
def test_S001_3_no_step_of_names_and_network_is_left_and_none_waits_for_one(tmp_path: Path, owner: str) -> None:
    made = wanted(tmp_path, profile=PROFILE.replace("network:\n", f"network:\n  owner: {owner}\n"))
    steps = plan.build(made)
    ids = {step.id for step in steps}
    assert {step for step in ids if step.startswith(("network/", "names/"))} == {"network/owner"}
    assert ("fence/addresses" in ids) is (owner == "vcs"), "production's addresses are nobody's at DR"
    assert not {need for step in steps for need in step.needs} - ids
    assert {"volume_groups/datavg/import", "filesystems/data", "boot_list"} <= ids


@pytest.mark.parametrize("owner", ["vcs", "none", "drboot"])
def test_S001_2_3_what_other_rows_set_of_the_network_is_the_owners_as_well(tmp_path: Path, owner: str) -> None:
    """Attributes of en0 and inet0, and at home again what the other site had rewritten of name resolution."""
    profile = PROFILE.replace("network:\n", f"network:\n  owner: {owner}\n").replace("names:", "unused:")
    profile = re.sub(r"unused:\n(  .*\n)+", "", profile)
    keys = (("adapter", "C2", "en"), ("system", "inet0", "inet0"), ("system", "sys0", "sys0"))
    settings = tuple(Settings(kind, key, prefix, prefix, (("rfc1323", "1"),)) for kind, key, prefix in keys)
    made = wanted(tmp_path, profile=profile)
    own = capture(texts=(("/etc/resolv.conf", "nameserver 10.1.0.53\n"),))
    left = replace(made.site, names=replace(made.site.names, nameservers=("10.20.0.53",)))
    made = replace(made, capture=capture(settings=settings), coming=Return(own, left))
    ids = {step.id for step in plan.build(made)}
    theirs = {"device_attributes/en", "device_attributes/inet0", "failback/etc/resolv.conf"}
    assert theirs & ids == (theirs if owner == "drboot" else set())
    assert "device_attributes/sys0" in ids
    unclear = replace(made, infoscale=InfoScale("inittab"), site=replace(made.site, network=unsaid(made)))
    waiting = {step.id for step in plan.build(unclear) if "network/owner" in step.needs}
    assert theirs <= waiting


@pytest.mark.parametrize(
    "owner, first", [("drboot", ["addresses", "routes"]), ("vcs", ["addresses"]), ("none", [])], ids=str
)
def test_S001_3_by_hand_too_the_network_is_its_owners(tmp_path: Path, owner: str, first: List[str]) -> None:
    made = wanted(tmp_path, profile=PROFILE.replace("network:\n", f"network:\n  owner: {owner}\n"))
    found = [task.id.partition("/")[2] for task in byhand.stale(made)]
    assert [one for one in found if one in ("addresses", "routes")] == first
    typed = str([act for task in byhand.walk(made).tasks for act in task.actions])
    assert ("mktcpip" in typed) is (owner == "drboot")


def unsaid(made: Wanted) -> Network:
    return replace(made.site.network, owner="")


def test_S001_3_where_it_is_unclear_every_step_of_the_network_waits(tmp_path: Path) -> None:
    steps = plan.build(wanted(tmp_path, infoscale=InfoScale("inittab")))
    waiting = {step.id for step in steps if "network/owner" in step.needs}
    assert {"network/service", "names/etc/resolv.conf", "network/default_route"} <= waiting
    assert "fence/addresses" not in waiting and "volume_groups/datavg/import" not in waiting
    assert "network/owner" not in {step.id for step in plan.build(wanted(tmp_path))}, "nobody else is there"


def test_S001_3_a_hook_cannot_wait_for_an_address_that_is_not_ours(tmp_path: Path) -> None:
    hook = "hooks: [{name: app, program: /opt/app, phase: last, needs: [network/service]}]\n"
    with pytest.raises(ConfigError) as caught:
        wanted(tmp_path, profile=PROFILE.replace("network:\n", "network:\n  owner: vcs\n") + hook)
    assert [problem.name for problem in caught.value.problems] == ["hook-need-not-ours"]


def test_S001_3_looking_for_a_second_owner_runs_nothing_and_fails_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {})
    assert infoscale.look(machine.seen()) == infoscale.NOTHING
    machine.file("/etc/inittab", "no entry at all\n")
    machine.file("/etc/rc.d/rc2.d", "a file where a directory belongs")
    machine.file("/usr/lpp/VRTSvcsnr/lpp_name", "")
    assert infoscale.look(machine.seen()).reconfig == "/usr/lpp/VRTSvcsnr"
    assert machine.ran == []


@pytest.mark.parametrize("ask, needed", [("site", "replication/site"), ("volume_group", "replication/datavg")])
def test_S001_5_every_import_is_behind_its_gate(tmp_path: Path, ask: str, needed: str) -> None:
    steps = {step.id: step for step in plan.build(wanted(tmp_path, profile=PROFILE + GATE.replace("ASK", ask)))}
    assert needed in steps["volume_groups/datavg/import"].needs
    assert steps[needed].needs == ()
    assert not [step for step in plan.build(wanted(tmp_path)) if step.id.startswith("replication/")]


@dataclass(frozen=True)
class _Case:
    outcome: str
    rc: int
    stdout: str
    good: bool = False


@pytest.mark.parametrize(
    "case",
    [
        _Case("exited", 0, "primary read-write", True),
        _Case("exited", 0, ""),
        _Case("exited", 1, "primary read-write"),
        _Case("killed", -1, "primary read-write"),
        _Case("missing", 127, ""),
    ],
    ids=str,
)
def test_S001_5_what_counts_as_a_yes(case: _Case) -> None:
    ran = Ran(("gate",), case.outcome, case.rc, case.stdout, "", 1.0)
    assert (replication.refusal(ran) == "") is case.good


def test_S001_5_arguments_without_a_program_are_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        wanted(tmp_path, profile=PROFILE + "replication: {args: [-q]}\n")
    assert [problem.name for problem in caught.value.problems] == ["hook-part-without-program"]
