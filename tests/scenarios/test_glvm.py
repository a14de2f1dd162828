"""A volume group that GLVM mirrors to DR: brought up from DR's copy where everything says so, and else left alone."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Tuple

import pytest

from drboot import journal, report, undo
from drboot.paths import RUNS, Root
from drboot.sim.boot import power_on
from drboot.sim.estates import glvm, small
from drboot.sim.estates.build import DR, Estate, mappings
from drboot.sim.inprocess import InProcess
from tests import checker
from tests.scenarios import memory
from tests.scenarios.verbs import drboot

PROFILE = "etc/drboot/sites/dr.yaml"
BLOCKED = "volume_groups/geovg/other_site"


def woken(tmp_path: Path, before: Callable[[Estate], None] = lambda estate: None) -> Tuple[Estate, InProcess]:
    """The DR LPAR after its start; ``before`` happens at home once that was captured and armed."""
    estate = glvm.make(str(tmp_path))
    memory.arm_at_home(estate)
    before(estate)
    return estate, memory.wake(estate)


def recovered(lpar: InProcess) -> Tuple[int, Dict[str, Any], List[str]]:
    """Exit code, report, and every command that was run to change something."""
    code = memory.apply(lpar)
    lpar.save()
    root = Root(lpar.machine.root)
    run = report.runs(root)[-1]
    made = report.read(root, run)
    assert made is not None
    events, _ = journal.records(root.path(f"{RUNS}/{run}/journal.jsonl"))
    return code, made, [action for event in events if event["event"] == "step" for action in _ran(made, event["step"])]


def _ran(made: Dict[str, Any], step: str) -> List[str]:
    return [action for one in made["steps"] if one["step"] == step for action in one["actions"]]


def edited(old: str, new: str) -> Callable[[Estate], None]:
    def edit(estate: Estate) -> None:
        profile = Path(estate.home.root, PROFILE)
        text = profile.read_text()
        assert old in text
        profile.write_text(text.replace(old, new))

    return edit


def no_marker(estate: Estate) -> None:
    os.unlink(estate.home.root + glvm.MARKER)


def left(estate: Estate) -> Dict[str, Any]:
    """geovg is left alone, the rest is up; the machine stays armed."""
    expected = small.expected()
    return glvm.left({**expected, "inittab": {**expected["inittab"], "drboot": "wait"}})


def problems(made: Dict[str, Any]) -> Dict[str, Dict[str, Any]]:
    return {one["step"]: one["problem"] for one in made["steps"] if one["problem"]}


class Up(NamedTuple):
    """The undisturbed recovery, looked at by several tests; nobody changes it."""

    estate: Estate
    lpar: InProcess
    code: int
    made: Dict[str, Any]
    ran: List[str]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Up:
    estate, lpar = woken(tmp_path_factory.mktemp("up"))
    assert {d["status"] for name, d in lpar.world["odm"]["devices"].items() if name.startswith("rpv")} == {1}
    return Up(estate, lpar, *recovered(lpar))


def test_S003_6_7_9_10_11_the_volume_group_comes_up_from_the_copy_of_dr(up: Up) -> None:
    estate, ran = up.estate, up.ran
    assert up.code == 0
    assert checker.differences(estate.dr.directory, estate.expected) == []
    order = [
        "rmdev -l rpvserver0", "rmdev -l rpvserver1", "chdev -l rpvserver0 -a auto_online=n",
        "chdev -l rpvserver1 -a auto_online=n",
    ]  # fmt: skip
    disk = next(word for line in ran if line.startswith("importvg") for word in line.split() if word[:5] == "hdisk")
    order += [f"importvg -f -y geovg -V 46 {disk}", "fsck -p /dev/geofslv", "mount /geo"]
    places = [ran.index(line) for line in order]
    assert places == sorted(places)
    assert "chvg -a n -Q n geovg" in ran
    assert not [line for line in ran if line.startswith("mkdev")], "S003-4"
    assert _values(estate, "auto_online") == ["n", "n"]


def _values(estate: Estate, attribute: str) -> List[str]:
    state = checker.State(estate.dr.directory)
    return [value for n in (0, 1) for value in state.attribute(f"rpvserver{n}", attribute)]


def test_S003_8_noise_about_missing_disks_is_a_success_with_a_warning(up: Up) -> None:
    steps = {one["step"]: one for one in up.made["steps"]}
    assert (up.code, steps["volume_groups/geovg/import"]["outcome"]) == (0, "changed")
    assert "2 of 4 PVs" in " ".join(steps["volume_groups/geovg/varyon"]["warnings"])
    # F25: what brings the others back is in the report
    assert any("chpv -v a" in line for line in steps["volume_groups/geovg/varyon"]["failback"])


def test_S003_12_without_the_marker_it_is_left_alone_and_the_rest_comes_up(tmp_path: Path) -> None:
    estate, lpar = woken(tmp_path, no_marker)
    code, made, ran = recovered(lpar)
    assert code == 4
    assert problems(made)[BLOCKED]["name"] == "glvm-other-site-not-down"
    assert not [line for line in ran if "geovg" in line and not line.startswith("exportvg")] + [
        line for line in ran if "rpvserver" in line
    ]
    assert checker.differences(estate.dr.directory, left(estate)) == []
    # the operator makes sure, says so as the message tells him, and starts drboot again
    say = problems(made)[BLOCKED]["next"]
    marker = Path(estate.dr.root + glvm.MARKER)
    assert f"echo {small.DR_ID[4:]} > {glvm.MARKER}" in say
    marker.write_text(small.DR_ID[4:] + "\n")
    code, _, _ = recovered(lpar)
    assert code == 0
    assert checker.differences(estate.dr.directory, estate.expected) == []


def _of_home(marker: Path) -> None:
    marker.write_text(small.HOME_ID + "\n")


def _old(marker: Path) -> None:
    os.utime(marker, (time.time() - 50000, time.time() - 50000))


def _of_anybody(marker: Path) -> None:
    marker.chmod(0o666)


@pytest.mark.parametrize(
    ("spoil", "why"), [(_of_home, "not written for this machine"), (_old, "hours old"), (_of_anybody, "not root's")]
)
def test_S003_12_a_marker_that_travelled_or_is_old_does_not_count(
    tmp_path: Path, spoil: Callable[[Path], None], why: str
) -> None:
    _, lpar = woken(tmp_path)
    spoil(Path(lpar.machine.root + glvm.MARKER))
    code, made, _ = recovered(lpar)
    assert code == 4
    assert why in problems(made)[BLOCKED]["why"]


def test_S003_5_what_the_profile_does_not_name_is_never_brought_up(tmp_path: Path) -> None:
    """Not even where it names it under volume_groups, and asks for force."""
    named = "volume_groups:\n  take: captured\n  named:\n    - {name: geovg, force_varyon: true}\n"

    def without(estate: Estate) -> None:
        edited(glvm.GLVM, "")(estate)
        edited("volume_groups:\n  take: captured\n  named:\n", named)(estate)

    estate, lpar = woken(tmp_path, without)
    code, made, ran = recovered(lpar)
    assert code == 0
    assert not [line for line in ran if line.startswith(("importvg", "varyonvg")) and "geovg" in line]
    assert "geovg" in {one["step"]: one for one in made["steps"]}["volume_groups/glvm"]["warnings"][0]
    assert checker.differences(estate.dr.directory, glvm.left(small.expected())) == []


def test_S003_5_a_rehearsal_leaves_it_alone(tmp_path: Path) -> None:
    """Its disks are those that production mirrors to."""
    estate = glvm.make(str(tmp_path))
    memory.arm_at_home(estate)
    estate.replicate()
    power_on(estate.reh)
    lpar = InProcess(estate.reh)
    code, _, ran = recovered(lpar)
    assert code == 0
    assert not [line for line in ran if "rpvserver" in line]
    assert {d["status"] for name, d in lpar.world["odm"]["devices"].items() if name.startswith("rpv")} == {1}
    assert checker.differences(estate.reh.directory, estate.expected_reh) == []


def half_of_each(estate: Estate) -> None:
    """As many disks as the profile says, one of them home's: an array has copied it, and somebody has mapped it."""
    with estate.dr.edit() as world:
        world["firmware"]["mappings"] = mappings(DR, [1, 0, 2, glvm.HERE[0], glvm.THERE[0]], ["C5"])


@pytest.mark.parametrize("spoil", [edited("disks_here: 2", "disks_here: 3"), half_of_each])
def test_S003_7_a_copy_that_is_not_this_sites_complete_one_is_refused(
    tmp_path: Path, spoil: Callable[[Estate], None]
) -> None:
    estate, lpar = woken(tmp_path, spoil)
    code, made, ran = recovered(lpar)
    assert code == 4
    assert problems(made)["volume_groups/geovg/copy"]["name"] == "glvm-copy-incomplete"
    assert not [line for line in ran if "rpvserver" in line or line.startswith("importvg -f")]
    assert checker.differences(estate.dr.directory, left(estate)) == []


def test_S003_15_a_stale_copy_is_neither_checked_nor_mounted(tmp_path: Path) -> None:
    """The link was lost before home was: fsck would repair what does not belong together."""
    _, lpar = woken(tmp_path)
    lpar.world["san"]["vgdas"][DR][glvm.VGID]["pvs"][2]["stale"] = 5
    code, made, ran = recovered(lpar)
    assert code == 4
    assert problems(made)["volume_groups/geovg/fresh"]["name"] == "glvm-copy-stale"
    assert "filesystems/geo" in problems(made)
    assert not [line for line in ran if line.startswith(("fsck", "mount")) and "geo" in line]


def test_S003_6_no_import_while_an_rpv_server_is_available(tmp_path: Path) -> None:
    """rmdev says that it has worked, and has not."""
    _, lpar = woken(tmp_path)
    lpar.world["settings"]["faults"] = [{"program": "/usr/sbin/rmdev", "args": "rpvserver", "kind": "lies"}]
    code, made, ran = recovered(lpar)
    assert code == 4
    assert "volume_groups/geovg/rpv_servers" in problems(made)
    assert not [line for line in ran if line.startswith("importvg -f")]


def test_S003_20_a_peer_that_answers_is_not_down(tmp_path: Path) -> None:
    """The gateway of the DR network plays the other site's host: it answers."""
    _, lpar = woken(tmp_path, edited("disks_here: 2,", "disks_here: 2, peer: 10.20.5.1,"))
    code, made, ran = recovered(lpar)
    assert code == 4
    assert problems(made)[BLOCKED]["name"] == "glvm-other-site-answers"
    assert not [line for line in ran if line.startswith("importvg -f")]


@pytest.mark.parametrize(("status", "code"), [(0, 0), (1, 4)])
def test_S003_20_a_peer_program_may_say_that_it_is_off_there(tmp_path: Path, status: int, code: int) -> None:
    entry = "disks_here: 2, peer: 10.20.5.1, peer_program: /etc/drboot/glvm-peer,"

    def program(estate: Estate) -> None:
        edited("disks_here: 2,", entry)(estate)
        asked = Path(estate.home.root, "etc/drboot/glvm-peer")
        asked.write_text(f'#!/bin/sh\n[ "$1" = geovg ] && exit {status}\nexit 9\n')
        asked.chmod(0o755)

    _, lpar = woken(tmp_path, program)
    ended, made, _ = recovered(lpar)
    assert ended == code
    assert (BLOCKED in problems(made)) == bool(status)


def test_S003_20_a_peer_that_is_silent_is_asked_when_the_network_is_up(tmp_path: Path) -> None:
    estate, lpar = woken(tmp_path, edited("disks_here: 2,", "disks_here: 2, peer: 10.20.5.77,"))
    code, made, _ = recovered(lpar)
    assert code == 0
    events, _ = journal.records(Root(lpar.machine.root).path(f"{RUNS}/{made['run']}/journal.jsonl"))
    over = [event["step"] for event in events if event["event"] == "step"]
    assert over.index("network/service/alone") < over.index(BLOCKED)
    assert checker.differences(estate.dr.directory, estate.expected) == []


def test_S003_9_where_the_other_site_is_destroyed_the_settings_of_importvg_stay(tmp_path: Path) -> None:
    estate, lpar = woken(tmp_path, edited("disks_here: 2,", "disks_here: 2, other_site: destroyed,"))
    code, _, ran = recovered(lpar)
    expected = dict(estate.expected)
    groups = expected["volume_groups"]
    expected["volume_groups"] = {**groups, "geovg": {**groups["geovg"], "auto_on": True, "quorum": True}}
    assert code == 0
    assert not [line for line in ran if line.startswith("chvg") and "geovg" in line]
    assert checker.differences(estate.dr.directory, expected) == []


def test_undo_gives_the_disks_back_to_the_rpv_servers(tmp_path: Path) -> None:
    estate, lpar = woken(tmp_path)
    assert recovered(lpar)[0] == 0
    root = Root(lpar.machine.root)
    code = undo.run(root, small.DR_ID[4:], run_argv=memory.run_on(lpar))
    lpar.save()
    state = checker.State(estate.dr.directory)
    assert code == 0
    assert "geovg" not in state.odm["vgs"]
    assert [state.odm["devices"][f"rpvserver{n}"]["status"] for n in (0, 1)] == [1, 1]
    assert "n" not in _values(estate, "auto_online"), "y is the default, which CuAt does not keep"


def test_it_is_recorded_what_cannot_be_undone(up: Up) -> None:
    events, _ = journal.records(Root(up.lpar.machine.root).path(f"{RUNS}/{up.made['run']}/journal.jsonl"))
    kept = [event["kept"] for event in events if event["event"] == "undo" and "geovg" in event["title"]]
    assert any("are removed" in text for text in kept)


def test_S003_22_io_timeout_is_captured(up: Up) -> None:
    captured = json.loads(Path(up.estate.home.root, "var/adm/drboot/captures/home.json").read_text())
    assert [pv["io_timeout"] for pv in captured["remote"]] == ["180", "180"]
    # what is set of an RPV client is of no use for the disk that it stands for, its PVID least of all
    disks = {pv["pvid"] for pv in captured["remote"]}
    assert not [one for one in captured["settings"] if one["key"] in disks]
    assert not [one for one in captured["others"] if one[0] in ("hdisk5", "hdisk6")]


def test_S003_5_by_hand_too_nothing_is_forced_before_the_questions(up: Up) -> None:
    ran = drboot(InProcess(up.estate.home), "runbook", "--site", "dr")
    assert (ran.rc, ran.err) == (0, "")
    assert "importvg -f" not in ran.out.replace("importvg -f geovg from this site's copy: not before", "")
    assert "is the other site of geovg down" in ran.out
    assert "mount /data" in ran.out and "/usr/sbin/mount /geo" not in ran.out
