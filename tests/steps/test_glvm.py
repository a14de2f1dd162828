"""A volume group of GLVM on recorded answers: the questions, in their order, and the one forced import."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Dict, Tuple

import pytest

from drboot.apply import Apply
from drboot.capture import RemotePv
from drboot.errors import ConfigError, FactUnavailable
from drboot.failback import Return
from drboot.paths import Root
from drboot.runner import Ran, Runner
from drboot.seen import Seen
from drboot.steps import filesystems, volume_groups
from drboot.steps.base import Done, Later, Step
from drboot.steps.glvm import (
    CopyComplete,
    CopyFresh,
    GlvmImported,
    LeftToGlvm,
    OtherSiteDown,
    ServersDefined,
    own_disks,
    steps,
)
from drboot.steps.reversals import GroupGone, GroupOff, ServerServes, dump, load
from drboot.wanted import Wanted
from tests.steps.canned import PROFILE, PV1, PV2, PV3, Answer, Machine, blocked, capture, done, todo, wanted
from tests.steps.test_volume_groups import FRESH, VGDA, pvs, taken_names

GLVM = PROFILE + "glvm:\n  datavg: {disks_here: 1}\n"
REMOTE = (RemotePv(PV2, "hdisk10", "10.20.5.11", "10.1.5.11", "180"),)
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


OTHER_HALF = pvs(("hdisk0", PV3, "None"), ("hdisk1", PV1, "rootvg"))


@pytest.mark.parametrize(("lspv", "here"), [(ONE, True), (FRESH, False), (OTHER_HALF, False)])
def test_S003_7_the_disks_must_be_those_of_this_site(tmp_path: Path, lspv: str, here: bool) -> None:
    """As many disks, but of the other site, are the old copy: a forced import of it loses data."""
    step = by_kind(asked(tmp_path))["CopyComplete"]
    answer = step.assess(machine(tmp_path, lspv).seen())
    assert isinstance(answer, Done) if here else blocked(answer) == "glvm-copy-incomplete"


def test_S003_7_a_disk_that_is_reached_over_the_network_is_not_this_sites(tmp_path: Path) -> None:
    step = by_kind(asked(tmp_path))["CopyComplete"]
    client: Dict[str, Answer] = {f"lsdev -C -F {FIELDS}": "hdisk0:disk:remote_disk:rpvclient:Available:\n"}
    assert blocked(step.assess(machine(tmp_path, **client).seen())) == "glvm-copy-incomplete"


def test_S003_7_a_capture_that_knows_no_rpv_client_cannot_say_which_disks_are_this_sites(tmp_path: Path) -> None:
    made = replace(asked(tmp_path), capture=capture())
    assert blocked(by_kind(made)["CopyComplete"].assess(machine(tmp_path).seen())) == "glvm-copy-incomplete"


def test_at_home_the_disks_that_were_no_rpv_clients_are_its_own(tmp_path: Path) -> None:
    made = asked(tmp_path)
    coming = replace(made, coming=Return(made.capture, made.site, ()))
    (group,) = volume_groups.wanted_groups(made)
    assert (own_disks(made, group), own_disks(coming, group)) == ((PV2,), (PV3,))


def lspv(stale: str) -> Dict[str, Answer]:
    """The recorded disk, varied on, with so many stale partitions."""
    text = recorded("lspv/04-hdisk3-long-data")
    assert "STALE PARTITIONS:   0   " in text
    long = text.replace("hdisk3", "hdisk0").replace("STALE PARTITIONS:   0", f"STALE PARTITIONS:   {stale}")
    return {"lsvg -o": "rootvg\ndatavg\n", "lspv hdisk0": long}


@pytest.mark.parametrize(("stale", "name"), [("0", ""), ("7", "glvm-copy-stale")])
def test_S003_15_nothing_is_mounted_from_a_copy_that_is_stale(tmp_path: Path, stale: str, name: str) -> None:
    made = asked(tmp_path)
    step = by_kind(made)["CopyFresh"]
    assert isinstance(step.assess(machine(tmp_path).seen()), Later)
    answer = step.assess(machine(tmp_path, **lspv(stale)).seen())
    assert isinstance(answer, Done) if not name else blocked(answer) == name
    mounts = {one.id: one for one in filesystems.steps(made)}
    assert step.id in mounts["filesystems/data"].needs


def test_S003_15_stale_partitions_that_nobody_counts_are_not_none(tmp_path: Path) -> None:
    step = by_kind(asked(tmp_path))["CopyFresh"]
    with pytest.raises(FactUnavailable, match="how much of hdisk0 is stale"):
        step.assess(machine(tmp_path, **lspv("???????")).seen())


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


def test_S003_12_a_marker_of_an_earlier_disaster_does_not_count(tmp_path: Path) -> None:
    """It names this machine, and is young: but it was written before this machine was armed for what is now."""
    step = by_kind(asked(tmp_path))["OtherSiteDown"]
    box = machine(tmp_path)
    marker, stamp = Path(f"{tmp_path}/etc/drboot/other-site-is-down"), Path(f"{tmp_path}/etc/drboot/armed")
    box.file("/etc/drboot/armed", "")
    for text, ago, good in ((SYSTEMID, 3600, False), (SYSTEMID, 60, True), ("a1b2c3", 3600, True)):
        box.file("/etc/drboot/other-site-is-down", text)
        marker.chmod(0o644)
        os.utime(marker, (stamp.stat().st_mtime - ago, stamp.stat().st_mtime - ago))
        assert isinstance(step.assess(box.seen()), Done) == good, (text, ago)


def test_S003_12_what_a_boot_has_varied_on_by_itself_is_not_taken_for_an_answer(tmp_path: Path) -> None:
    step = by_kind(asked(tmp_path))["OtherSiteDown"]
    box = machine(tmp_path, **{"lsvg -o": "rootvg\ndatavg\n"})
    assert blocked(step.assess(box.seen())) == "glvm-other-site-not-down"
    box.file("/etc/drboot/other-site-is-down", SYSTEMID)
    marker = f"{tmp_path}/etc/drboot/other-site-is-down"
    os.chmod(marker, 0o644)
    os.utime(marker, (1e9, 1e9))
    assert "already" in done(step.assess(box.seen())), "a run of long ago has asked"


def test_S003_12_a_marker_where_anybody_may_put_one_does_not_count(tmp_path: Path) -> None:
    step = by_kind(asked(tmp_path, GLVM.replace("1}", "1, marker: /tmp/down}")))["OtherSiteDown"]
    box = machine(tmp_path)
    box.file("/tmp/down", SYSTEMID)
    os.chmod(f"{tmp_path}/tmp/down", 0o644)
    assert isinstance(step.assess(box.seen()), Done)
    os.chmod(f"{tmp_path}/tmp", 0o1777)
    assert blocked(step.assess(box.seen())) == "glvm-other-site-not-down"
    os.chmod(f"{tmp_path}/tmp", 0o755)
    os.rename(f"{tmp_path}/tmp/down", f"{tmp_path}/tmp/elsewhere")
    os.symlink("elsewhere", f"{tmp_path}/tmp/down")
    assert blocked(step.assess(box.seen())) == "glvm-other-site-not-down"


def test_S003_20_a_peer_program_that_nobody_would_start_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        asked(tmp_path, GLVM.replace("1}", "1, peer_program: /etc/drboot/glvm-peer}"))
    assert [problem.name for problem in caught.value.problems] == ["glvm-program-without-peer"]


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
    assert [type(step) for step in steps(made)] == [
        CopyComplete, OtherSiteDown, ServersDefined, GlvmImported, CopyFresh,
    ]  # fmt: skip


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
