"""A volume group of GLVM on recorded answers: the questions, in their order, and the one forced import."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Dict, Tuple

import pytest

from drboot.apply import Apply
from drboot.capture import RemotePv
from drboot.errors import FactUnavailable
from drboot.paths import Root
from drboot.runner import Ran, Runner
from drboot.seen import Seen
from drboot.steps import filesystems, volume_groups
from drboot.steps.base import Done, Step
from drboot.steps.glvm import CopyComplete, GlvmImported, LeftToGlvm, OtherSiteDown, ServersDefined, steps
from drboot.steps.reversals import GroupGone, GroupOff, ServerServes, dump, load
from drboot.wanted import Wanted
from tests.steps.canned import PROFILE, PV1, PV2, PV3, Answer, Machine, blocked, capture, done, todo, wanted
from tests.steps.test_volume_groups import FRESH, VGDA, pvs, taken_names

GLVM = PROFILE + "glvm:\n  datavg: {disks_here: 1}\n"
REMOTE = (RemotePv(PV3, "hdisk10", "10.20.5.11", "10.1.5.11", "180"),)
ONE = pvs(("hdisk0", PV2, "None"), ("hdisk1", PV1, "rootvg"))
ONE_IMPORTED = pvs(("hdisk0", PV2, "datavg"), ("hdisk1", PV1, "rootvg"))
SERVER = "rpvserver0:rpvserver:rpvserver:rpvstype:{}:\n"
FIELDS = "name:class:subclass:type:status:parent"
SYSTEMID = "0211D11C1"


def asked(root: Path, profile: str = GLVM, mode: str = "disaster") -> Wanted:
    made = wanted(root, profile=profile, mode=mode, systemid=SYSTEMID, arm_id="a1b2c3")
    return replace(made, capture=capture(remote=REMOTE))


def by_kind(made: Wanted) -> Dict[str, Step]:
    return {type(step).__name__: step for step in steps(made)}


def machine(root: Path, lspv: str = ONE, status: str = "Defined", **more: Answer) -> Machine:
    answers: Dict[str, Answer] = {
        "lspv": lspv, "lsvg": "rootvg\n", "lsvg -o": "rootvg\n", "lqueryvg -tAp hdisk0": VGDA,
        "odmget -q PdDvLn='logical_volume/lvsubclass/lvtype' CuDv": taken_names(("hd8", "rootvg")),
        f"lsdev -C -F {FIELDS}": "sys0:sys:node:chrp:Available:\n" + SERVER.format(status),
        "lsattr -El rpvserver0 -a rpvs_pvid -F value": PV2 + "0" * 16 + "\n",
        "lsattr -El rpvserver0 -a auto_online -F value": "y\n",
    }  # fmt: skip
    return Machine(root, {**answers, **more})


def test_S003_6_the_servers_of_its_disks_go_down_and_no_others(tmp_path: Path) -> None:
    step = by_kind(asked(tmp_path))["ServersDefined"]
    assert todo(step.assess(machine(tmp_path, status="Available").seen())) == ["rmdev -l rpvserver0"]
    assert "none Available" in done(step.assess(machine(tmp_path).seen()))
    stranger: Dict[str, Answer] = {"lsattr -El rpvserver0 -a rpvs_pvid -F value": PV1 + "0" * 16 + "\n"}
    assert done(step.assess(machine(tmp_path, status="Available", **stranger).seen()))
    mute: Dict[str, Answer] = {"lsattr -El rpvserver0 -a rpvs_pvid -F value": "\n"}
    with pytest.raises(FactUnavailable, match="rpvserver0"):
        step.assess(machine(tmp_path, status="Available", **mute).seen())
    stay = by_kind(asked(tmp_path, GLVM.replace("1}", "1, servers_stay_defined: true}")))["ServersDefined"]
    assert todo(stay.assess(machine(tmp_path, status="Available").seen())) == [
        "rmdev -l rpvserver0",
        "chdev -l rpvserver0 -a auto_online=n",
    ]


def test_S003_6_the_import_looks_once_more(tmp_path: Path) -> None:
    step = by_kind(asked(tmp_path))["GlvmImported"]
    assert blocked(step.assess(machine(tmp_path, status="Available").seen())) == "glvm-server-available"


def test_S003_7_10_force_from_one_disk_with_the_major_number_of_home(tmp_path: Path) -> None:
    step = by_kind(asked(tmp_path))["GlvmImported"]
    answer = step.assess(machine(tmp_path).seen())
    assert todo(answer) == ["importvg -f -y datavg -V 45 hdisk0"]
    assert [str(action) for action in getattr(answer, "instead", ())] == ["importvg -f -y datavg hdisk0"]
    assert "1 of 2 PVIDs" in done(step.assess(machine(tmp_path, ONE_IMPORTED).seen()))


@pytest.mark.parametrize(("lspv", "here"), [(ONE, True), (FRESH, False)])
def test_S003_7_the_number_of_disks_must_be_that_of_this_site(tmp_path: Path, lspv: str, here: bool) -> None:
    step = by_kind(asked(tmp_path))["CopyComplete"]
    answer = step.assess(machine(tmp_path, lspv).seen())
    assert isinstance(answer, Done) if here else blocked(answer) == "glvm-copy-incomplete"


def test_a_volume_group_whose_disks_nobody_names_is_refused(tmp_path: Path) -> None:
    made = replace(asked(tmp_path), capture=capture(volume_groups=(), filesystems=()))
    assert blocked(by_kind(made)["CopyComplete"].assess(machine(tmp_path).seen())) == "vg-without-pvids"


def test_S003_12_the_arm_id_names_the_machine_as_well(tmp_path: Path) -> None:
    step = by_kind(asked(tmp_path))["OtherSiteDown"]
    box = machine(tmp_path)
    assert blocked(step.assess(box.seen())) == "glvm-other-site-not-down"
    for text, good in (("a1b2c3\n", True), (f"IBM,{SYSTEMID}\n", True), (f"x{SYSTEMID}\n", False), ("", False)):
        box.file("/etc/drboot/other-site-is-down", text)
        os.chmod(f"{tmp_path}/etc/drboot/other-site-is-down", 0o644)
        answer = step.assess(box.seen())
        assert isinstance(answer, Done) == good, text


def test_S003_5_20_every_change_needs_every_answer(tmp_path: Path) -> None:
    """What is taken once more at the end of a run goes by what is so then: an import of long ago is no answer."""
    made = asked(tmp_path)
    found: Dict[str, Step] = {step.id: step for row in (volume_groups, filesystems) for step in row.steps(made)}
    found.update((step.id, step) for step in steps(made))
    questions = {"volume_groups/datavg/copy", "volume_groups/datavg/other_site", "volume_groups/datavg/rpv_servers"}
    assert questions <= set(found["volume_groups/datavg/varyon"].needs)
    assert questions <= set(found["volume_groups/datavg/import"].needs)
    assert questions - {"volume_groups/datavg/rpv_servers"} <= set(found["volume_groups/datavg/rpv_servers"].needs)
    assert "volume_groups/datavg/varyon" in found["filesystems/data"].needs
    assert [type(step) for step in steps(made)] == [CopyComplete, OtherSiteDown, ServersDefined, GlvmImported]


FORCED = PROFILE + "volume_groups:\n  named: [{name: datavg, force_varyon: true}]\n"


@pytest.mark.parametrize("profile", [PROFILE, FORCED])
def test_S003_5_unnamed_it_has_no_step_but_the_one_that_says_so(tmp_path: Path, profile: str) -> None:
    made = asked(tmp_path, profile)
    assert [type(step) for step in steps(made)] == [LeftToGlvm]
    assert not list(volume_groups.steps(made))
    said = next(iter(steps(made))).assess(machine(tmp_path).seen())
    assert isinstance(said, Done) and "datavg" in said.warnings[0]


def test_S003_5_a_rehearsal_only_where_the_profile_says_so(tmp_path: Path) -> None:
    assert [type(step) for step in steps(asked(tmp_path, mode="rehearsal"))] == [LeftToGlvm]
    rehearsed = asked(tmp_path, GLVM.replace("1}", "1, rehearse: true}"), "rehearsal")
    assert GlvmImported in [type(step) for step in steps(rehearsed)]


def recorded(name: str) -> str:
    text = (Path(__file__).parents[1] / "transcripts" / f"{name}.txt").read_text()
    return text.partition("---\n")[2]


@pytest.mark.parametrize("status", [0, 1])
def test_S003_8_21_the_recorded_import_is_a_success_whatever_its_status(tmp_path: Path, status: int) -> None:
    """The text of the paper, replayed: looking again decides."""
    # where the status says that it has failed, it is tried without its major number, and that name is in use now
    box = machine(tmp_path, **{"importvg -f -y datavg hdisk0": (1, "")})
    import_ = "importvg -f -y datavg -V 45 hdisk0"

    def execute(argv: Tuple[str, ...], environment: Dict[str, str], killable: bool, deadline: float) -> Ran:
        if " ".join((os.path.basename(argv[0]), *argv[1:])) == import_:
            box.answers["lspv"], box.answers["lsvg"] = ONE_IMPORTED, "rootvg\ndatavg\n"
            text = recorded("importvg/01-opt-f-two-of-four-pvs")
            return Ran(argv, "exited", status, text, "", 0.0)
        return box.execute(argv, environment, killable, deadline)

    runner = Runner(Root(str(tmp_path)), run_argv=execute)  # type: ignore[arg-type]
    step = replace(by_kind(asked(tmp_path))["GlvmImported"], needs=(), after=())  # type: ignore[type-var]
    (result,) = Apply((step,), Seen(runner), runner, lambda event, **keys: None).run()
    assert (result.outcome, result.actions[:1]) == ("changed", (import_,))
    assert bool(result.warnings) == bool(status)


def test_undo_takes_it_off_before_the_server_serves_again(tmp_path: Path) -> None:
    found = by_kind(asked(tmp_path))
    seen = machine(tmp_path, status="Available").seen()
    assert [type(one) for one in found["GlvmImported"].undo(seen).steps] == [GroupOff, GroupGone]
    assert "are removed" in found["GlvmImported"].undo(seen).kept
    (served,) = found["ServersDefined"].undo(seen).steps
    assert load(dump(served), "run") == replace(served, at="run")  # type: ignore[type-var]


def test_an_rpv_server_serves_again_only_when_the_volume_group_is_off(tmp_path: Path) -> None:
    step = ServerServes("rpvserver0", "datavg")
    status: Dict[str, Answer] = {
        "lsdev -Cl rpvserver0 -F status": "Defined\n",
        f"lsdev -C -F {FIELDS}": "sys0:sys:node:chrp:Available:\n" + SERVER.format("Defined"),
    }
    on = machine(tmp_path, **status, **{"lsvg -o": "rootvg\ndatavg\n"})
    assert blocked(step.assess(on.seen())) == "undo-blocked"
    assert todo(step.assess(machine(tmp_path, **status).seen())) == ["mkdev -l rpvserver0"]
    status["lsdev -Cl rpvserver0 -F status"] = "Available\n"
    assert done(step.assess(machine(tmp_path, **status).seen()))
    gone = {f"lsdev -C -F {FIELDS}": "sys0:sys:node:chrp:Available:\n"}
    assert "gone" in done(step.assess(machine(tmp_path, **{**status, **gone}).seen()))
