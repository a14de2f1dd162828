"""Scenarios of identity and safety, on whole LPARs: nothing happens where this machine is not another site's."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Dict, Iterator

import pytest

from drboot import boot, gate, report
from drboot.events import Console
from drboot.paths import Root
from drboot.sim import deploy
from drboot.sim.estates import small
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests.scenarios import memory
from tests.scenarios.lpars import changing, drboot, fingerprint, launcher

ETC = Path(__file__).parents[2] / "etc"
STRANGE = "IBM,0299D11C1"
# What the simulated AIX keeps of commands that were run; nothing of it is the LPAR's.
DRBOOT_RUNS = "var/adm/drboot/runs"


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """``small``, captured and armed at home, with the product on it."""
    estate = small.make(str(tmp_path_factory.mktemp("production")))
    memory.arm_at_home(estate)
    deploy.install(estate.home.root)
    return estate


@pytest.fixture
def untouched(production: Estate) -> Iterator[Estate]:
    """Production, on which no file is written and no command that changes anything is run."""
    machine = production.home
    machine.forget_commands()
    before = fingerprint(machine)
    yield production
    assert changing(machine) == []
    assert fingerprint(machine) == before


def test_F01_production_is_not_touched(untouched: Estate) -> None:
    """The entry runs at every boot of production: one line, and not one file with another time of change."""
    for _ in range(3):
        ran = launcher(untouched.home)
        assert (ran.rc, ran.err) == (0, "")
        assert ran.out == "drboot: production, site home (IBM,0206F42A0): nothing to do\n"
    assert not Path(untouched.home.root, DRBOOT_RUNS).exists()
    assert [entry["argv"][0] for entry in untouched.home.commands()] == ["/usr/sbin/lsattr"] * 3


@pytest.mark.parametrize("what", ["fails", "garbage", "empty"])
def test_F02_an_identity_that_is_unreadable_is_refused_by_boot_and_operator(production: Estate, what: str) -> None:
    machine = production.home
    with machine.edit() as world:
        world["settings"]["faults"] = [{"program": "/usr/sbin/lsattr", "args": "systemid", "kind": what}]
    machine.forget_commands()
    before = fingerprint(machine)
    try:
        at_boot, by_hand = launcher(machine), drboot(machine, "--apply", "--site", "dr", "--accept-systemid", STRANGE)
        assert (at_boot.rc, by_hand.rc) == (0, 3)
        for said in (at_boot.out, by_hand.out):
            assert "the systemid of this machine cannot be read: nothing was changed" in said
        assert changing(machine) == [] and fingerprint(machine) == before
    finally:
        with machine.edit() as world:
            world["settings"]["faults"] = []


def test_F03_a_machine_that_was_moved_is_no_dr(production: Estate) -> None:
    """After LPM everything is as at home, and the systemid alone is new: refused, with the id and the line to add."""
    machine = production.home
    with machine.edit() as world:
        was, world["firmware"]["systemid"] = world["firmware"]["systemid"], STRANGE
    machine.forget_commands()
    before = fingerprint(machine)
    try:
        at_boot, by_hand = launcher(machine), drboot(machine, "--apply")
        assert (at_boot.rc, by_hand.rc) == (0, 3)
        for said in (at_boot.out, by_hand.out):
            assert "moved by LPM, or new hardware" in said
            assert f"systemids: [{STRANGE}]" in said and "/etc/drboot/sites/home.yaml" in said
        assert changing(machine) == [] and fingerprint(machine) == before
    finally:
        with machine.edit() as world:
            world["firmware"]["systemid"] = was


def test_F05_a_copied_profile_is_found_at_home(production: Estate) -> None:
    """The DR profile has production's id: neither arm nor check nor apply gets past it, and the stamp stays."""
    machine = production.home
    profile = Path(machine.root + "/etc/drboot/sites/dr.yaml")
    good = profile.read_text()
    profile.write_text(good.replace("IBM,0211D11C1", "IBM,0206F42A0"))
    stamp = Path(machine.root + gate.STAMP).read_bytes()
    machine.forget_commands()
    try:
        for verb in ("arm", "check"):
            ran = drboot(machine, verb)
            assert ran.rc == 2, ran
            assert "systemid-in-two-sites" in ran.out + ran.err
            assert "dr.yaml:3" in ran.out + ran.err and "home.yaml:3" in ran.out + ran.err
        assert changing(machine) == []
        assert Path(machine.root + gate.STAMP).read_bytes() == stamp
    finally:
        profile.write_text(good)


def test_F07_a_second_boot_at_dr_changes_nothing(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path))
    memory.arm_at_home(estate)
    lpar = memory.wake(estate)
    assert memory.apply(lpar) == 0
    again = memory.rebooted(lpar)
    again.machine.forget_commands()
    before = fingerprint(again.machine)
    stamp, decision = memory.decide(again)
    assert (decision.name, decision.exit_code) == ("event-done", 0)
    assert decision.message.startswith("already done for this event (run ")
    assert memory.apply(again) == 0
    again.save()
    assert changing(again.machine) == []
    assert fingerprint(again.machine) == before
    assert stamp.phase == "disarmed"


def test_F09_apply_on_the_wrong_node(untouched: Estate) -> None:
    """Production stays production, whatever is typed: no flag forces it, and its own id cannot be accepted."""
    for argv, code in (
        (("--apply",), 0),
        (("--apply", "--force-yes"), 2),
        (("--apply", "--site", "dr"), 0),
        (("--apply", "--site", "dr", "--accept-systemid", "IBM,0206F42A0"), 0),
        (("--apply", "--site", "dr", "--accept-systemid", "IBM,0211D11C1"), 0),
    ):
        ran = drboot(untouched.home, *argv)
        assert ran.rc == code, (argv, ran)
        assert code or "production, site home (IBM,0206F42A0): nothing to do" in ran.out


def test_F09_the_override_is_the_exact_systemid_and_is_recorded(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path))
    memory.arm_at_home(estate)
    lpar = memory.wake(estate)
    lpar.world["firmware"]["systemid"] = STRANGE
    stamp = gate.read_stamp(lpar.machine.root)
    assert stamp is not None
    answers = {
        typed: gate.decide(stamp, memory.identity(lpar), accept=typed, site="dr")
        for typed in ("", "yes", "IBM,0299D11C2", "IBM,*", STRANGE)
    }
    assert {typed: each.action for typed, each in answers.items() if typed != STRANGE} == dict.fromkeys(
        ("", "yes", "IBM,0299D11C2", "IBM,*"), "refuse"
    )
    made = applied(lpar, stamp, answers[STRANGE])
    assert (made["accepted"], made["systemid"], made["by"]) == (True, STRANGE[4:], "operator")
    assert any(STRANGE[4:] in note and "accepted" in note for note in made["notes"])


def applied(lpar: InProcess, stamp: gate.Stamp, decision: gate.Decision) -> Dict[str, object]:
    console = os.open(os.devnull, os.O_WRONLY)
    boot.run(lpar.machine.root, stamp, decision, "operator", Console(console), memory.run_on(lpar))
    os.close(console)
    [run] = report.runs(Root(lpar.machine.root))
    made = report.read(Root(lpar.machine.root), run)
    assert made is not None
    return made


def test_F79_a_fresh_install_with_the_sample_says_something_useful(tmp_path: Path) -> None:
    """Nobody has edited anything yet: no traceback, and words about what to do next."""
    estate = small.make(str(tmp_path))
    memory.arm_at_home(estate)
    machine = estate.home
    deploy.install(machine.root)
    shutil.rmtree(machine.root + "/etc/drboot")
    shutil.copytree(ETC / "sites", machine.root + "/etc/drboot/sites")
    shutil.copy(ETC / "hosts.csv", machine.root + "/etc/drboot/hosts.csv")
    asked = drboot(machine, "check")
    assert (asked.rc, "add systemids: [IBM,0206F42A0] to its profile" in " ".join(asked.err.split())) == (3, True), (
        asked
    )
    home = Path(machine.root + "/etc/drboot/sites/home.yaml")
    home.write_text(re.sub("systemids: .*", "systemids: [IBM,0206F42A0]", home.read_text()))
    checked = drboot(machine, "check")
    assert (checked.rc, "not-armed" in checked.out) == (4, True), checked
    overview = drboot(machine)
    assert (overview.rc, "not armed: nothing to do" in overview.out) == (0, True)
