"""What cannot be read tonight is taken from last night's capture, and said: a DR boot believes what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

import pytest

from drboot import capture
from drboot.paths import Root
from drboot.runner import Execute, Ran, Runner
from drboot.seen import Seen
from drboot.sim.estates import fullhouse, small
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests.scenarios import lpars, memory, verbs
from tests.scenarios.lpars import drboot


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    estate = lpars.make(tmp_path_factory.mktemp("capture"), "small")
    assert drboot(estate.home, "capture").rc == 0  # once more: arm has changed the inittab
    return estate


def captured(estate: Estate) -> Dict[str, Any]:
    found: Dict[str, Any] = json.loads(Path(estate.home.root, "var/adm/drboot/captures/home.json").read_text())
    return {key: value for key, value in found.items() if key not in ("taken", "unseen")}


FAULTS: List[Dict[str, Any]] = [
    {"program": "/usr/sbin/lsvg", "args": "", "kind": "empty"},
    {"program": "/usr/sbin/lsvg", "args": "datavg", "kind": "fails"},
    {"program": "/usr/sbin/lsvg", "args": "-l datavg", "kind": "garbage"},
    {"program": "/usr/sbin/lspv", "args": "", "kind": "garbage"},
    {"program": "/usr/sbin/mount", "args": "", "kind": "garbage"},
    {"program": "/usr/sbin/lsattr", "args": "en0", "kind": "fails"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['program'][10:]} {fault['args']} {fault['kind']}")
def test_nothing_is_lost_of_the_capture_before(home: Estate, fault: Dict[str, Any]) -> None:
    before = captured(home)
    assert [vg["name"] for vg in before["volume_groups"]] == ["datavg"]
    assert any(fs["mounted"] for fs in before["filesystems"] if fs["vg"] == "datavg")
    with home.home.edit() as world:
        world["settings"]["faults"] = [fault]
    ran = drboot(home.home, "capture")
    with home.home.edit() as world:
        world["settings"]["faults"] = []
    assert ran.rc == 4, ran
    assert "not seen" in ran.err
    assert captured(home) == before


def test_an_unreadable_capture_is_made_anew(home: Estate) -> None:
    before = captured(home)
    Path(home.home.root, "var/adm/drboot/captures/home.json").write_text("{")
    assert drboot(home.home, "capture").rc == 0
    assert captured(home) == before


def test_one_command_without_an_answer_loses_nothing_of_a_full_house(tmp_path: Path) -> None:
    made = fullhouse.make(str(tmp_path))
    memory.arm_at_home(made)
    lpar = InProcess(made.home)
    through, asked = memory.run_on(lpar), []

    def taken(run_argv: Execute, before: Optional[capture.Capture]) -> capture.Capture:
        seen = Seen(Runner(Root(lpar.machine.root), run_argv=run_argv))
        return capture.take(seen, "home", "full01", "0279E1D20", before)

    def listening(argv: Any, *rest: Any) -> Ran:
        asked.append(tuple(argv))
        return through(argv, *rest)

    before = taken(listening, None)
    assert before.unseen == ()
    kinds = {argv[0] + " ".join(argv[1:]).replace(argv[2] if len(argv) > 2 else "", "X", 1): argv for argv in asked}
    assert len(kinds) > 30
    for victim in kinds.values():

        def failing(argv: Any, *rest: Any, victim: Any = victim) -> Ran:
            ended = through(argv, *rest)
            return replace(ended, rc=1, stdout="") if tuple(argv) == victim else ended

        now = taken(failing, before)
        assert replace(now, taken=before.taken, unseen=()) == before, victim
        assert now.unseen or victim[0].endswith(("lqueryvg", "lsvg", "odmget", "lscfg")), victim


def test_a_machine_without_fibre_channel_is_captured_whole(tmp_path: Path) -> None:
    """lscfg fails for a pattern that no device has, and there is nothing to mend."""
    made = small.make(str(tmp_path))
    memory.arm_at_home(made)
    lpar = InProcess(made.home)
    through = memory.run_on(lpar)

    def virtual_scsi(argv: Any, *rest: Any) -> Ran:
        ended = through(argv, *rest)
        if argv[0].endswith("lscfg") and argv[-1] == "fcs*":
            return replace(ended, rc=1, stdout="")
        if argv[0].endswith("lsdev"):
            rows = [line for line in ended.stdout.splitlines(True) if not line.startswith(("fcs", "fscsi"))]
            return replace(ended, stdout="".join(rows))
        return ended

    ran = verbs.drboot(lpar, "capture", run_argv=virtual_scsi)
    assert (ran.rc, ran.err) == (0, "")


def test_copies_of_rootvg_and_a_clusters_repository_are_no_volume_groups_of_data(tmp_path: Path) -> None:
    """alt_disk_copy leaves altinst_rootvg, which is not varied on: nothing to be mended, and nothing to be imported."""
    made = small.make(str(tmp_path))
    memory.arm_at_home(made)
    lpar = InProcess(made.home)
    through = memory.run_on(lpar)

    def with_copies(argv: Any, *rest: Any) -> Ran:
        ended = through(argv, *rest)
        if argv[0].endswith("lsvg") and argv[1:] == ():
            return replace(ended, stdout=ended.stdout + "altinst_rootvg\nold_rootvg\ncaavg_private\n")
        return ended

    ran = verbs.drboot(lpar, "capture", run_argv=with_copies)
    assert (ran.rc, ran.err) == (0, "")
    captured = capture.load(Root(lpar.machine.root), "home")
    assert [vg.name for vg in captured.volume_groups] == ["datavg"]


@pytest.mark.parametrize("command, left", [("lspv", "hdisk0"), ("lsvg -l datavg", "LV NAME")])
def test_an_answer_that_is_cut_off_between_two_lines_is_not_believed(home: Estate, command: str, left: str) -> None:
    """Status 0 and well formed: only what lsvg counts tells that there is more."""
    lpar = InProcess(home.home)

    def cut(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        ran = memory.run_on(lpar)(argv, environment, killable, deadline)
        if " ".join((Path(argv[0]).name, *argv[1:])) != command:
            return ran
        lines = ran.stdout.splitlines(keepends=True)
        end = next(number for number, line in enumerate(lines) if line.startswith(left)) + 1
        assert len(lines) > end
        return replace(ran, stdout="".join(lines[:end]))

    root = Root(home.home.root)
    before = capture.load(root, "home")
    made = capture.take(Seen(Runner(root, run_argv=cut)), "home", before.host, before.systemid, before)
    assert made.volume_groups == before.volume_groups
    assert {disk.pvid for vg in before.volume_groups for disk in made.disks if disk.pvid in vg.pvids} == {
        pvid for vg in before.volume_groups for pvid in vg.pvids
    }
    assert [note for note in made.unseen if note.startswith("volume group datavg:") and "lsvg counts" in note]
