"""RSCT's node id, and whether the HMC is there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drboot.seen import Seen
from drboot.steps.base import Done
from drboot.steps.rsct import HmcFound, NodeIdOwn, steps
from tests.steps.canned import PROFILE, Answer, Machine, blocked, capture, done, todo, wanted

OLD, NEW = "8b5d1f0c4e2a9973", "11d2c7a09be45f60"
CLUSTER = (
    "Subsystem         Group            PID          Status\n clstrmgrES       cluster          8126744      active\n"
)
CTRMC = (
    "Subsystem         Group            PID          Status\n ctrmc            rsct             7209312      active\n"
)


def machine(root: Path, node_id: str = OLD, cluster: Answer = (1, "")) -> Machine:
    found = Machine(root, {"lssrc -s clstrmgrES": cluster})
    if node_id:
        found.file("/etc/ct_node_id", f"{node_id}\n0x0000\n")
    return found


def step(asked_for: bool = True, powerha: bool = False) -> NodeIdOwn:
    return NodeIdOwn(OLD, asked_for, powerha, "")


def test_F68_a_rehearsal_with_productions_node_id_is_warned_of(tmp_path: Path) -> None:
    answer = step(asked_for=False).assess(machine(tmp_path).seen())
    assert isinstance(answer, Done)
    assert "production's as well" in answer.warnings[0]


def test_F68_recfgct_runs_only_where_the_profile_says_so_and_the_id_is_the_old_one(tmp_path: Path) -> None:
    assert todo(step().assess(machine(tmp_path / "old").seen())) == ["recfgct"]
    assert NEW in done(step().assess(machine(tmp_path / "new", NEW).seen()))
    assert "no /etc/ct_node_id" in done(step().assess(machine(tmp_path / "none", "").seen()))


@pytest.mark.parametrize(("cluster", "powerha"), [(CLUSTER, False), ((1, ""), True)])
def test_F68_never_on_a_node_of_powerha(tmp_path: Path, cluster: Answer, powerha: bool) -> None:
    said = step(powerha=powerha).assess(machine(tmp_path, cluster=cluster).seen())
    assert blocked(said) == "recfgct-on-cluster-node"


def test_F68_which_machines_have_the_step(tmp_path: Path) -> None:
    made = wanted(tmp_path, capture=capture(node_id=OLD))
    assert list(steps(made)) == []
    assert [one.id for one in steps(replace(made, mode="rehearsal"))] == ["rsct/node_id"]
    asked = PROFILE.replace("services:\n", "services:\n  recfgct: true\n")
    assert [one.id for one in steps(wanted(tmp_path, profile=asked, capture=capture(node_id=OLD)))] == ["rsct/node_id"]
    assert list(steps(wanted(tmp_path, profile=asked))) == []


def domain(status: str) -> str:
    title = "Management Domain Status: Management Control Points\n"
    return f"Peer Domain Status\n\n{title}  {status}  0x12b6b4fd1cebb73f  0001  10.126.37.29\n"


def test_F69_the_port_of_rmc_is_looked_at(tmp_path: Path) -> None:
    up, silent = HmcFound("").assess(rmc(tmp_path, domain("I A"))), HmcFound("").assess(rmc(tmp_path, domain("O U")))
    assert "10.126.37.29" in done(up)
    assert isinstance(silent, Done)
    assert "none of 1 HMCs" in silent.warnings[0]


def test_F69_before_rmc_runs_there_is_nothing_to_see(tmp_path: Path) -> None:
    stopped = Machine(tmp_path, {"lssrc -s ctrmc": CTRMC.replace("7209312      active", "             inoperative")})
    assert "does not run yet" in done(HmcFound("").assess(stopped.seen()))
    assert "no answer" in done(HmcFound("").assess(rmc(tmp_path, (1, ""))))
    lines = ("ctrmc:2:once:/usr/bin/startsrc -s ctrmc > /var/ct/ctrmc-inittab.err 2>&1",)
    [one] = steps(wanted(tmp_path, capture=capture(inittab=lines)))
    assert (one.id, one.essential) == ("rsct/hmc", False)


def rmc(root: Path, answer: Answer) -> Seen:
    return Machine(root, {"lssrc -s ctrmc": CTRMC, "rmcdomainstatus -s ctrmc": answer}).seen()
