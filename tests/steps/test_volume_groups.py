"""Volume groups by PVID: what is seen, and what is done about it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Dict, Tuple

import pytest

from drboot.capture import Lv
from drboot.facts.base import Owner
from drboot.steps.base import Back, Blocked, Done, Retry, Todo
from drboot.steps.volume_groups import (
    Group,
    LvsUnlocked,
    RawOwners,
    VgImported,
    VgSettings,
    VgVariedOn,
    steps,
    wanted_groups,
)
from tests.steps.canned import (
    HOSTS,
    PROFILE,
    PV1,
    PV2,
    PV3,
    VGID,
    Answer,
    Machine,
    blocked,
    capture,
    done,
    later,
    lines,
    todo,
    wanted,
)

GROUP = Group("datavg", (PV2, PV3), False, False, 45, "home.json")


def pvs(*rows: Tuple[str, str, str]) -> str:
    return "".join(f"{name:<16}{pvid:<36}{vg:<16}{'active' if vg == 'rootvg' else ''}\n" for name, pvid, vg in rows)


FRESH = pvs(("hdisk0", PV2, "None"), ("hdisk1", PV1, "rootvg"), ("hdisk10", PV3, "None"))
IMPORTED = pvs(("hdisk0", PV2, "datavg"), ("hdisk1", PV1, "rootvg"), ("hdisk10", PV3, "datavg"))


def vg(active: int = 2, auto: str = "yes", quorum: str = "2 (Enabled)") -> str:
    return f"""\
VOLUME GROUP:       datavg                   VG IDENTIFIER:  {VGID}
VG STATE:           active                   PP SIZE:        32 megabyte(s)
VG PERMISSION:      read/write               TOTAL PPs:      798 (25536 megabytes)
MAX LVs:            256                      FREE PPs:       201 (6432 megabytes)
LVs:                3                        USED PPs:       597 (19104 megabytes)
OPEN LVs:           2                        QUORUM:         {quorum}
TOTAL PVs:          2                        VG DESCRIPTORS: 3
STALE PVs:          0                        STALE PPs:      0
ACTIVE PVs:         {active}                        AUTO ON:        {auto}
MAX PPs per VG:     32512
MAX PPs per PV:     1016                     MAX PVs:        32
LTG size (Dynamic): 256 kilobyte(s)          AUTO SYNC:      no
HOT SPARE:          no                       BB POLICY:      relocatable
"""


VGDA = f"""\
Logical:        {VGID}.1   loglv00 1
                {VGID}.2   fslv00 1
Physical:       {PV2}                2   1
                {PV3}                1   1
"""


def taken_names(*lvs: Tuple[str, str]) -> str:
    """CuDv objects of logical volumes: name and VG."""
    return "".join(f'\nCuDv:\n\tname = "{lv}"\n\tparent = "{vg}"\n' for lv, vg in lvs)


def imported(root: Path, lspv: str, lsvg: str = "rootvg\n", *taken: Tuple[str, str]) -> Machine:
    answers: Dict[str, Answer] = {"lspv": lspv, "lsvg": lsvg, "lsvg -o": "rootvg\n", "lqueryvg -tAp hdisk0": VGDA}
    answers["odmget -q PdDvLn='logical_volume/lvsubclass/lvtype' CuDv"] = taken_names(("hd8", "rootvg"), *taken)
    return Machine(root, answers)


def test_imports_by_pvid_whatever_the_disks_are_called(tmp_path: Path) -> None:
    answer = VgImported(GROUP, "").assess(imported(tmp_path, FRESH).seen())
    assert todo(answer) == ["importvg -n -y datavg -V 45 hdisk0"]


def test_a_major_number_that_is_taken_does_not_cost_the_volume_group(tmp_path: Path) -> None:
    answer = VgImported(GROUP, "").assess(imported(tmp_path, FRESH).seen())
    assert isinstance(answer, Todo)
    assert lines(answer.instead) == ["importvg -n -y datavg hdisk0"]


def test_without_a_captured_major_number_aix_takes_a_free_one(tmp_path: Path) -> None:
    answer = VgImported(replace(GROUP, major=None), "").assess(imported(tmp_path, FRESH).seen())
    assert todo(answer) == ["importvg -n -y datavg hdisk0"]


def test_is_done_when_every_pvid_belongs_to_it(tmp_path: Path) -> None:
    assert "2 of 2" in done(VgImported(GROUP, "").assess(imported(tmp_path, IMPORTED, "rootvg\ndatavg\n").seen()))


def test_refuses_before_importvg_when_a_pvid_is_missing(tmp_path: Path) -> None:
    answer = VgImported(GROUP, "").assess(imported(tmp_path, pvs(("hdisk0", PV2, "None"))).seen())
    assert blocked(answer) == "vg-pvid-missing"
    assert isinstance(answer, Blocked)
    assert PV3 in answer.problem.why


def test_a_pvid_inside_another_name_is_not_it(tmp_path: Path) -> None:
    """hdisk1 and hdisk10, data and datavg: whole words only."""
    text = pvs(("hdisk10", PV2, "data"), ("hdisk1", PV3, "data"))
    answer = VgImported(GROUP, "").assess(imported(tmp_path, text, "rootvg\ndata\n").seen())
    assert blocked(answer) == "vg-disk-taken"


def test_refuses_when_a_pvid_is_on_two_disks_and_names_both(tmp_path: Path) -> None:
    text = FRESH + pvs(("hdisk11", PV3, "None"))
    machine = imported(tmp_path, text)
    for name in ("hdisk10", "hdisk11"):
        machine.answers[f"lsattr -El {name} -a unique_id -F value"] = f"UNIQUE-{name}\n"
        machine.answers[f"bootinfo -s {name}"] = "10240\n"
    ids = "hdisk10:fscsi0:0:Enabled\nhdisk11:fscsi0:0:Enabled\nhdisk11:fscsi1:1:Enabled\n"
    machine.answers["lspath -F name:parent:path_id:status"] = ids
    answer = VgImported(GROUP, "").assess(machine.seen())
    assert blocked(answer) == "vg-pvid-duplicate"
    assert isinstance(answer, Blocked)
    assert "hdisk10 (UNIQUE-hdisk10, 10240 MB, 1 path)" in answer.problem.why
    assert "hdisk11 (UNIQUE-hdisk11, 10240 MB, 2 paths)" in answer.problem.why


def test_refuses_a_name_that_another_volume_group_has(tmp_path: Path) -> None:
    text = FRESH + pvs(("hdisk20", "00f6f42a0bd88949", "datavg"))
    answer = VgImported(GROUP, "").assess(imported(tmp_path, text, "rootvg\ndatavg\n").seen())
    assert blocked(answer) == "vg-name-taken"
    on = imported(tmp_path, FRESH, "rootvg\ndatavg\n")
    on.answers["lsvg -o"] = "datavg\nrootvg\n"
    assert blocked(VgImported(GROUP, "").assess(on.seen())) == "vg-name-taken"


def test_a_name_without_any_disk_is_what_an_interrupted_import_leaves(tmp_path: Path) -> None:
    """Power lost between the VG's name and its first disk in the ODM; exportvg touches the ODM only."""
    answer = VgImported(GROUP, "").assess(imported(tmp_path, FRESH, "rootvg\ndatavg\n").seen())
    assert todo(answer) == ["exportvg datavg"]


def test_an_interrupted_import_begins_again(tmp_path: Path) -> None:
    text = pvs(("hdisk0", PV2, "datavg"), ("hdisk10", PV3, "None"))
    answer = VgImported(GROUP, "").assess(imported(tmp_path, text, "rootvg\ndatavg\n").seen())
    assert todo(answer) == ["exportvg datavg"]


def test_refuses_a_group_whose_disks_nobody_names(tmp_path: Path) -> None:
    answer = VgImported(replace(GROUP, pvids=()), "").assess(imported(tmp_path, FRESH).seen())
    assert blocked(answer) == "vg-without-pvids"


def machine(root: Path, on: str = "rootvg\ndatavg\n", all_: str = "rootvg\ndatavg\n", detail: str = "") -> Machine:
    return Machine(root, {"lsvg": all_, "lsvg -o": on, "lsvg datavg": detail or vg()})


def test_varies_on_without_force(tmp_path: Path) -> None:
    step = VgVariedOn(GROUP, "", ("volume_groups/datavg/import",))
    assert todo(step.assess(machine(tmp_path, on="rootvg\n").seen())) == ["varyonvg datavg"]
    assert "2 of 2" in done(step.assess(machine(tmp_path).seen()))
    assert later(step.assess(machine(tmp_path, all_="rootvg\n").seen())) == "volume_groups/datavg/import"


def test_a_pv_that_is_not_active_is_not_done(tmp_path: Path) -> None:
    step = VgVariedOn(GROUP, "", ())
    assert todo(step.assess(machine(tmp_path, detail=vg(active=1)).seen())) == ["varyonvg datavg"]


@pytest.mark.parametrize(
    ("auto", "quorum", "expected"),
    [
        ("yes", "2 (Enabled)", ["chvg -a n -Q n datavg"]),
        ("no", "2 (Enabled)", ["chvg -Q n datavg"]),
        ("yes", "1 (Disabled)", ["chvg -a n datavg"]),
        ("yes", "1", ["chvg -a n datavg"]),
        ("yes", "2", ["chvg -a n -Q n datavg"]),
    ],
)
def test_puts_back_what_importvg_changed(tmp_path: Path, auto: str, quorum: str, expected: object) -> None:
    step = VgSettings(GROUP, "", ())
    assert todo(step.assess(machine(tmp_path, detail=vg(auto=auto, quorum=quorum)).seen())) == expected


def test_settings_are_done_when_they_agree_and_left_alone_when_nobody_says(tmp_path: Path) -> None:
    right = machine(tmp_path, detail=vg(auto="no", quorum="1 (Disabled)"))
    assert done(VgSettings(GROUP, "", ()).assess(right.seen()))
    unsaid = replace(GROUP, auto_on=None, quorum=None)
    assert done(VgSettings(unsaid, "", ()).assess(machine(tmp_path).seen()))
    off = machine(tmp_path, on="rootvg\n")
    assert later(VgSettings(GROUP, "", ()).assess(off.seen())) == "volume_groups/datavg/varyon"


LVS = """\
datavg:
LV NAME             TYPE       LPs     PPs     PVs  LV STATE      MOUNT POINT
loglv00             jfs2log    1       1       1    closed/syncd  N/A
fslv00              jfs2       10      10      1    closed/syncd  /data
newlv               raw        10      10      1    closed/syncd  N/A
"""


@pytest.mark.parametrize("kinds, expected", [
    ((), ()),
    ((("loglv00", "jfs2log", ""), ("fslv00", "jfs2", "/data"), ("newlv", "raw", "")), ()),
    ((("loglv00", "jfs2log", ""), ("fslv00", "jfs", "/old"), ("gone", "raw", "")), (
        "datavg: logical volume fslv00 is jfs2, label /data; at home jfs, /old",
        "datavg: logical volume gone of home is not on the replica",
        "datavg: logical volumes that the capture does not know: newlv",
    )),
])  # fmt: skip
@pytest.mark.parametrize("said", [LVS, (1, "")])
def test_F21_logical_volumes_are_compared_with_the_capture(
    tmp_path: Path, kinds: Tuple[Tuple[str, str, str], ...], expected: Tuple[str, ...], said: Answer
) -> None:
    found = machine(tmp_path, detail=vg(auto="no", quorum="1 (Disabled)"))
    found.answers["lsvg -l datavg"] = said
    answer = VgSettings(replace(GROUP, kinds=kinds), "", ()).assess(found.seen())
    assert isinstance(answer, Done)
    assert answer.warnings == (expected if said == LVS else ())


def test_the_profile_overrides_the_capture(tmp_path: Path) -> None:
    profile = PROFILE + (
        "volume_groups:\n  named:\n    - {name: datavg, major: 60, quorum: true}\n"
        f"    - {{name: newvg, hosts: [prod01], pvids: [{PV1}]}}\n    - {{name: othervg, hosts: [prod02]}}\n"
    )
    hosts = HOSTS + "prod02,dr,disaster,service,slot:C2,10.20.5.22,24,10.20.5.1,\n"
    groups = {group.name: group for group in wanted_groups(wanted(tmp_path, profile=profile, hosts=hosts))}
    assert sorted(groups) == ["datavg", "newvg"]
    assert (groups["datavg"].pvids, groups["datavg"].major) == ((PV2, PV3), 60)
    assert (groups["datavg"].quorum, groups["datavg"].auto_on) == (True, False)
    assert (groups["newvg"].pvids, groups["newvg"].quorum) == ((PV1,), None)


def test_except_and_take_named_leave_groups_out(tmp_path: Path) -> None:
    assert not wanted_groups(wanted(tmp_path, profile=PROFILE + "volume_groups: {except: [datavg]}\n"))
    assert not wanted_groups(wanted(tmp_path, profile=PROFILE + "volume_groups: {take: named}\n"))


def test_every_import_comes_before_the_first_varyon_in_the_list(tmp_path: Path) -> None:
    ids = [step.id for step in steps(wanted(tmp_path))]
    assert ids == ["volume_groups/datavg/import", "volume_groups/datavg/varyon", "volume_groups/datavg/settings"]


def test_raw_devices_get_their_owner_back(tmp_path: Path) -> None:
    me = (os.getuid(), os.getgid())
    group = replace(GROUP, raw=(("oradata", Owner(*me, 0o640)),))
    step = RawOwners(group, "", ())
    found = machine(tmp_path)
    assert blocked(step.assess(found.seen())) == "raw-device-missing"
    for name in ("oradata", "roradata"):
        found.file(f"/dev/{name}", "")
        (tmp_path / "dev" / name).chmod(0o660)
    assert todo(step.assess(found.seen())) == [
        f"chown {me[0]}:{me[1]} and chmod 640 /dev/{name}" for name in ("roradata", "oradata")
    ]
    for name in ("oradata", "roradata"):
        (tmp_path / "dev" / name).chmod(0o640)
    assert done(step.assess(found.seen()))
    off = machine(tmp_path, on="rootvg\n")
    assert later(step.assess(off.seen())) == "volume_groups/datavg/varyon"


def test_only_devices_that_were_not_roots_are_looked_after(tmp_path: Path) -> None:
    lvs = (Lv("a", "raw", "", (203, 203, 0o640)), Lv("b", "raw", "", (0, 0, 0o660)), Lv("c", "jfs2", "/c", ()))
    made = wanted(tmp_path)
    captured = replace(made.capture, volume_groups=(replace(made.capture.volume_groups[0], lvs=lvs),))
    [group] = wanted_groups(replace(made, capture=captured))
    assert group.raw == (("a", Owner(203, 203, 0o640)),)


def test_F70_what_powerha_may_own_is_left_to_it_and_said(tmp_path: Path) -> None:
    """Its VGs have AUTO ON no; one that the profile names comes up all the same."""
    home = capture()
    [group] = home.volume_groups
    clustered = replace(
        home,
        powerha=True,
        volume_groups=(group, replace(group, name="appvg"), replace(group, name="ownvg", auto_on=True)),
    )
    made = wanted(tmp_path, capture=clustered)
    assert [group.name for group in wanted_groups(made)] == ["ownvg"]
    [step] = [step for step in steps(made) if step.id == "volume_groups/powerha"]
    answer = step.assess(Machine(tmp_path, {}).seen())
    assert isinstance(answer, Done)
    assert "datavg, appvg" in answer.warnings[0]
    assert "volume_groups.named" in answer.warnings[0]
    assert not step.essential
    assert step.undo(Machine(tmp_path, {}).seen()) == Back()

    named = wanted(tmp_path, profile=PROFILE + "volume_groups: {named: [{name: appvg}]}\n", capture=clustered)
    assert [group.name for group in wanted_groups(named)] == ["appvg", "ownvg"]
    everywhere = wanted(tmp_path, capture=replace(clustered, powerha=False))
    assert [group.name for group in wanted_groups(everywhere)] == ["datavg", "appvg", "ownvg"]


def test_no_import_begins_before_the_flags_of_the_device_reset_are_dealt_with(tmp_path: Path) -> None:
    """A boot that is cut off in an importvg would find its ODM reset once more (scenario F14)."""
    flags = {"device_flags/ghostdev", "device_flags/clouddev"}
    imports = [step for step in steps(wanted(tmp_path)) if isinstance(step, VgImported)]
    assert imports
    assert all(flags <= set(step.after) for step in imports)


CLASH = ("fslv00", "othervg")


def test_F21_a_name_that_is_taken_is_seen_in_the_vgda_before_the_import(tmp_path: Path) -> None:
    found = imported(tmp_path, FRESH, "rootvg\n", CLASH)
    answer = VgImported(GROUP, "").assess(found.seen())
    assert blocked(answer) == "vg-lv-name-taken"
    assert isinstance(answer, Blocked)
    assert "fslv00 is a logical volume of othervg here" in answer.problem.why
    allowed = VgImported(replace(GROUP, rename=True), "").assess(found.seen())
    assert todo(allowed) == ["importvg -n -y datavg -V 45 hdisk0"]
    assert isinstance(allowed, Todo)
    assert "importvg will rename fslv00" in allowed.why


def test_F21_a_vgda_that_cannot_be_read_predicts_nothing_and_costs_nothing(tmp_path: Path) -> None:
    found = imported(tmp_path, FRESH, "rootvg\n", CLASH)
    found.answers["lqueryvg -tAp hdisk0"] = (1, "")
    assert todo(VgImported(GROUP, "").assess(found.seen()))


def test_F21_names_that_were_lost_all_the_same_are_seen_afterwards(tmp_path: Path) -> None:
    """Or the stanza's old device would mount the other volume group's file system."""
    group = replace(GROUP, lvs=((1, "loglv00"), (2, "fslv00")))
    found = imported(tmp_path, IMPORTED, "rootvg\ndatavg\n", CLASH, ("loglv00", "datavg"))
    assert blocked(VgImported(group, "").assess(found.seen())) == "vg-lv-renamed"
    found.answers["lqueryvg -tAp hdisk0"] = VGDA.replace("fslv00", "fslv07")
    answer = VgImported(replace(group, rename=True), "").assess(found.seen())
    assert "fslv00 is fslv07 here" in done(answer)
    assert isinstance(answer, Done)
    assert answer.failback == ("datavg: fslv07 was fslv00 at home: chlv -n fslv00 fslv07 before the disks go home",)
    assert replace(group, rename=True).renamed(found.seen()) == {"fslv00": "fslv07"}


def test_F24_force_is_used_only_where_disks_are_missing_and_the_profile_asks(tmp_path: Path) -> None:
    one = pvs(("hdisk0", PV2, "None"))
    forced = replace(GROUP, force=("-f",))
    assert blocked(VgImported(GROUP, "").assess(imported(tmp_path, one).seen())) == "vg-pvid-missing"
    assert todo(VgImported(forced, "").assess(imported(tmp_path, one).seen())) == [
        "importvg -n -y datavg -f -V 45 hdisk0"
    ]
    assert todo(VgImported(forced, "").assess(imported(tmp_path, FRESH).seen())) == [
        "importvg -n -y datavg -V 45 hdisk0"
    ]
    none = pvs(("hdisk9", PV1, "rootvg"))
    assert blocked(VgImported(forced, "").assess(imported(tmp_path, none).seen())) == "vg-pvid-missing"


def test_F24_varyonvg_is_forced_second_if_at_all(tmp_path: Path) -> None:
    off = machine(tmp_path, on="rootvg\n")
    plain = VgVariedOn(GROUP, "", ()).assess(off.seen())
    asked = VgVariedOn(replace(GROUP, force=("-f",)), "", ()).assess(off.seen())
    assert isinstance(plain, Todo)
    assert isinstance(asked, Todo)
    assert (lines(plain.instead), lines(asked.instead)) == ([], ["varyonvg -f datavg"])
    assert asked.lost == "it is varied on by force"


def test_F28_a_volume_group_that_comes_on_read_only_is_not_on(tmp_path: Path) -> None:
    found = machine(tmp_path, detail=vg().replace("read/write", "read-only"))
    assert blocked(VgVariedOn(GROUP, "", ()).assess(found.seen())) == "replica-not-writable"
    answer = VgVariedOn(replace(GROUP, wait=600.0), "", ()).assess(found.seen())
    assert todo(answer) == ["varyoffvg datavg", "varyonvg datavg"]
    assert isinstance(answer, Todo)
    assert answer.retry == Retry(600.0)


def test_F30_only_what_was_encrypted_at_home_is_asked_about(tmp_path: Path) -> None:
    group = replace(GROUP, encrypted=True)
    found = machine(tmp_path)
    assert "none is locked" in done(LvsUnlocked(group, "", ()).assess(found.seen())), "AIX without hdcryptmgr"
    found.file("/usr/sbin/hdcryptmgr", "")
    (tmp_path / "usr/sbin/hdcryptmgr").chmod(0o755)
    head = "NAME                 CRYPTO_STATUS    %ENCRYPTED       NOTE\n"
    found.answers["hdcryptmgr showlv datavg"] = head + "fslv00 unlocked 100\nloglv00 not_enabled 0\n"
    assert done(LvsUnlocked(group, "", ()).assess(found.seen()))
    found.answers["hdcryptmgr showlv datavg"] = head + "fslv00 locked 100 no key\n"
    assert blocked(LvsUnlocked(group, "", ()).assess(found.seen())) == "lv-locked"
    ids = [step.id for step in steps(wanted(tmp_path))]
    assert "volume_groups/datavg/encryption" not in ids


def test_the_profile_s_own_words_reach_the_group(tmp_path: Path) -> None:
    profile = PROFILE + (
        "volume_groups:\n  wait_writable: 10m\n  named:\n    - {name: datavg, force_varyon: true, rename_lvs: true}\n"
    )
    [group] = wanted_groups(wanted(tmp_path, profile=profile))
    assert (group.force, group.rename, group.wait) == (("-f",), True, 600.0)
    [plain] = wanted_groups(wanted(tmp_path))
    assert (plain.force, plain.rename, plain.wait, plain.retry) == ((), False, 0.0, None)
    assert plain.home == ((PV2, "hdisk1 at home, unique_id HOME1"),)
