"""What goes wrong with disks, volume groups, file systems and boot list; one test or more per scenario of the field."""

from __future__ import annotations

from pathlib import Path

import pytest

from drboot.errors import EXIT_OK, EXIT_UNFINISHED
from drboot.sim.boot import power_on
from drboot.sim.inprocess import Gone, InProcess
from drboot.sim.world import World
from tests.scenarios import lpars, memory, storage
from tests.scenarios.storage import APP, APP_PVIDS, DATA_PVIDS, REST, STORAGE, hdisk, lun, make, unlike, wake
from tests.scenarios.test_rehearse_and_undo import undone

IMPORT, VARYON = "volume_groups/appvg/import", "volume_groups/appvg/varyon"


def test_the_estate_itself_comes_up(tmp_path: Path) -> None:
    estate = make(tmp_path)
    lpar = wake(estate)
    assert memory.apply(lpar) == EXIT_OK
    assert unlike(lpar, estate, *STORAGE, *REST) == []


# -- disks


def test_F17_a_pvid_on_three_disks_costs_its_own_volume_group_only(tmp_path: Path) -> None:
    estate = make(tmp_path)

    def cloned(world: World) -> None:
        for copy in (0x101, 0x102):
            identity = f"dr:{copy:04d}"
            world["san"]["luns"][identity] = {
                **lun(world, 2),
                "id": identity,
                "unique_id": f"200BCLONE{copy}IBMfcp",
                "size": 20480,
            }
            world["firmware"]["mappings"].append({**world["firmware"]["mappings"][0], "lun": identity})

    lpar = wake(estate, cloned)
    assert memory.apply(lpar) == EXIT_UNFINISHED
    found = storage.problem(lpar, "volume_groups/datavg/import")
    assert found["name"] == "vg-pvid-duplicate"
    assert DATA_PVIDS[1] in found["why"]
    assert DATA_PVIDS[0] not in found["why"]
    for unique_id, size in (("200BCLONE257IBMfcp", 20480), (lun(lpar.world, 2)["unique_id"], 10240)):
        assert f"({unique_id}, {size} MB, 1 path)" in found["why"]
    assert found["why"].count("hdisk") == 3
    assert not [line for line in storage.ran(lpar, "importvg") if "datavg" in line]
    assert storage.on(lpar) == ["appvg", "rootvg"]
    assert ("/dev/applv", "/app") in storage.mounted(lpar)


def test_F18_a_missing_disk_is_named_as_it_was_at_home_before_anything_is_imported(tmp_path: Path) -> None:
    estate = make(tmp_path)
    lpar = wake(estate, lambda world: lun(world, 4).update(present=False))
    assert memory.apply(lpar) == EXIT_UNFINISHED
    found = storage.problem(lpar, IMPORT)
    assert found["name"] == "vg-pvid-missing"
    at_home = lun(lpar.world, 4, "home")
    assert f"PVID {APP_PVIDS[1]} (hdisk4 at home, 10208 MB, serial {at_home['serial']}, " in found["why"]
    assert f"unique_id {at_home['unique_id']})" in found["why"]
    assert APP_PVIDS[0] not in found["why"]
    assert not [line for line in storage.ran(lpar, "importvg") if "appvg" in line]
    assert storage.on(lpar) == ["datavg", "rootvg"]


def test_F18_the_disk_that_comes_while_it_is_waited_for_is_not_missing(tmp_path: Path) -> None:
    estate = make(tmp_path)
    lpar = wake(estate, lambda world: lun(world, 4).update(present=False))
    lpar.world["settings"]["faults"] = []
    lun(lpar.world, 4)["present"] = True
    assert memory.apply(lpar) == EXIT_OK
    assert storage.ran(lpar, "cfgmgr")
    assert unlike(lpar, estate, *STORAGE) == []


@pytest.mark.parametrize("disks", [(1, 0, 2, 3, 4, 5), (5, 4, 3, 2, 1, 0), (3, 5, 0, 2, 4, 1)])
def test_F19_the_pvid_counts_whatever_the_disk_is_called(tmp_path: Path, disks: tuple[int, ...]) -> None:
    estate = make(tmp_path, disks=disks)
    lpar = wake(estate)
    assert memory.apply(lpar) == EXIT_OK
    assert unlike(lpar, estate, *STORAGE) == []
    [imported] = [line for line in storage.ran(lpar, "importvg") if "datavg" in line]
    assert imported.split()[-1] in (hdisk(lpar, DATA_PVIDS[0]), hdisk(lpar, DATA_PVIDS[1]))


# -- importvg


def test_F20_what_importvg_changed_is_put_back_and_shown(tmp_path: Path) -> None:
    estate = make(tmp_path)
    lpar = wake(estate)
    assert memory.apply(lpar) == EXIT_OK
    assert "chvg -a n -Q n appvg" in storage.commands(lpar, changing=True)
    found = storage.step(lpar, "volume_groups/appvg/settings")
    assert found["found"] == "AUTO ON is yes and quorum is enabled"
    assert found["evidence"] == "AUTO ON no, quorum disabled"
    assert unlike(lpar, estate, "storage") == []


def clash(world: World) -> None:
    """An LV of rootvg at the DR site has the name of one of appvg, which it had not at home."""
    root = next(one for one in world["san"]["vgdas"]["dr"].values() if any(lv["name"] == "hd4" for lv in one["lvs"]))
    spare = {**next(lv for lv in root["lvs"] if lv["type"] == "paging")}
    root["lvs"].append({**spare, "name": "applv", "number": 90, "type": "raw", "extents": [], "lps": 0, "fs": None})
    root["lvs"].append({**spare, "name": "applog", "number": 91, "type": "raw", "extents": [], "lps": 0, "fs": None})


def test_F21_an_lv_that_importvg_would_rename_is_seen_before_and_refused(tmp_path: Path) -> None:
    estate = make(tmp_path)
    lpar = wake(estate, clash)
    assert memory.apply(lpar) == EXIT_UNFINISHED
    found = storage.problem(lpar, IMPORT)
    assert found["name"] == "vg-lv-name-taken"
    assert "applv is a logical volume of rootvg" in found["why"]
    assert not [line for line in storage.ran(lpar, "importvg") if "appvg" in line]
    assert {lv["name"] for lv in storage.vgda(lpar.world, APP)["lvs"]} >= {"applv", "applog"}
    assert storage.on(lpar) == ["datavg", "rootvg"]


ALLOWED = "volume_groups:\n  named:\n    - {name: appvg, rename_lvs: true}\n    - {name: datavg, major: 45}\n"


def test_F21_where_the_profile_allows_it_mounts_logs_and_owners_follow_the_new_names(tmp_path: Path) -> None:
    estate = make(tmp_path, profile=ALLOWED)
    lpar = wake(estate, clash)
    before = Path(lpar.machine.root, "etc/filesystems").read_text()
    assert memory.apply(lpar) == EXIT_OK, storage.last_report(lpar)["problems"]
    names = {lv["label"]: lv["name"] for lv in storage.vgda(lpar.world, APP)["lvs"] if lv["fs"]}
    log = next(lv["name"] for lv in storage.vgda(lpar.world, APP)["lvs"] if lv["type"] == "jfs2log")
    assert names["/app"] != "applv"
    assert log != "applog"
    assert (f"/dev/{names['/app']}", "/app") in storage.mounted(lpar)
    assert ("/dev/deeplv", "/data/db/deep") in storage.mounted(lpar)
    stanzas = Path(lpar.machine.root, "etc/filesystems").read_text()
    assert f"/dev/{log}" in stanzas
    assert "/dev/applog" not in stanzas
    made = storage.last_report(lpar)
    warned = " ".join(warning for step in made["steps"] for warning in step["warnings"])
    assert f"applv is {names['/app']} here" in warned
    assert any(f"chlv -n applv {names['/app']}" in line for line in made["failback"])
    assert undone(lpar) == EXIT_OK
    assert (storage.on(lpar), list(lpar.world["odm"]["vgs"])) == (["rootvg"], ["rootvg"])
    assert Path(lpar.machine.root, "etc/filesystems").read_text() == before


def test_F24_a_volume_group_without_quorum_is_not_forced_unasked(tmp_path: Path) -> None:
    estate = make(tmp_path)
    lpar = wake(estate)
    assert memory.apply(lpar) == EXIT_OK
    # the next test of the same LPAR: it is in the ODM, varied off, and one of its disks is gone
    lpar = wake(estate, lambda world: lun(world, 5).update(present=False))
    assert memory.apply(lpar) == EXIT_UNFINISHED
    assert storage.problem(lpar, IMPORT)["name"] == "vg-pvid-missing"
    assert not [line for line in storage.commands(lpar) if line.split()[0] in ("importvg", "varyonvg") and "-f" in line]


FORCED = "volume_groups:\n  named:\n    - {name: appvg, force_varyon: true}\n    - {name: datavg, major: 45}\n"


def test_F24_F25_a_forced_varyon_is_asked_for_by_name_and_leaves_its_mark_on_the_failback(tmp_path: Path) -> None:
    estate = make(tmp_path, profile=FORCED)
    lpar = wake(estate, lambda world: lun(world, 5).update(present=False))
    assert memory.apply(lpar) == EXIT_OK, storage.last_report(lpar)["problems"]
    forced = [line for line in storage.commands(lpar, changing=True) if " -f " in f"{line} "]
    assert [line.split()[0] for line in forced] == ["importvg"]
    assert "appvg" in forced[0]
    made = storage.last_report(lpar)
    warnings = storage.step(lpar, VARYON)["warnings"]
    assert any(f"appvg runs by force with 2 of 3 PVs: {APP_PVIDS[2]} removed" in warning for warning in warnings)
    assert any("chpv -v a" in line and APP_PVIDS[2] in line for line in made["failback"])
    assert ("/dev/applv", "/app") in storage.mounted(lpar)
    html = Path(lpar.machine.root, "var/adm/drboot/runs", made["run"], "report.html").read_text()
    assert "At failback" in html
    assert undone(lpar) == EXIT_OK
    assert (storage.on(lpar), list(lpar.world["odm"]["vgs"])) == (["rootvg"], ["rootvg"])


def test_F25_nothing_is_noted_for_the_failback_when_every_disk_is_there(tmp_path: Path) -> None:
    lpar = wake(make(tmp_path, profile=FORCED))
    assert memory.apply(lpar) == EXIT_OK
    assert storage.last_report(lpar)["failback"] == []
    assert not [line for line in storage.commands(lpar) if "-f" in line.split()]


def test_F26_messages_of_an_import_that_succeeded_are_a_warning_and_kept(tmp_path: Path) -> None:
    lpar = wake(make(tmp_path, profile=FORCED), lambda world: lun(world, 5).update(present=False))
    assert memory.apply(lpar) == EXIT_OK
    found = storage.step(lpar, IMPORT)
    assert found["outcome"] == "changed"
    assert any("0516-510" in warning and APP_PVIDS[2] in warning for warning in found["warnings"])


# -- what the storage does not allow


def reserve(lpar: storage.InProcess, number: int) -> None:
    """Another host takes the disk after this one has seen its PVID."""
    lun(lpar.world, number)["reserved_by"] = "00F6F42A4C00"


@pytest.mark.parametrize("number", [3, 4, 5])
def test_F27_a_reserved_disk_is_named_with_its_remedy(tmp_path: Path, number: int) -> None:
    lpar = wake(make(tmp_path))
    reserve(lpar, number)
    assert memory.apply(lpar) == EXIT_UNFINISHED
    failed = IMPORT if storage.step(lpar, IMPORT)["outcome"] == "failed" else VARYON
    found = storage.problem(lpar, failed)
    assert found["name"] == "vg-disk-reserved"
    assert f"another host has reserved {hdisk(lpar, APP_PVIDS[number - 3])} - " in found["why"]
    assert "devrsrv" in found["next"]
    assert len([line for line in storage.ran(lpar, "varyonvg") if "appvg" in line]) <= 2
    assert lun(lpar.world, number)["reserved_by"], "a reserve of somebody else was broken"
    assert "/app" not in dict(map(reversed, storage.mounted(lpar)))
    assert ("/dev/fslv00", "/data") in storage.mounted(lpar)


def test_F27_without_devrsrv_the_disk_is_named_all_the_same(tmp_path: Path) -> None:
    lpar = wake(make(tmp_path))
    reserve(lpar, 3)
    Path(lpar.machine.root, "usr/sbin/devrsrv").unlink()
    assert memory.apply(lpar) == EXIT_UNFINISHED
    found = storage.problem(lpar, IMPORT)
    assert found["name"] == "vg-disk-unreadable"
    assert f"{hdisk(lpar, APP_PVIDS[0])} (reserve_policy single_path)" in found["why"]


def test_F27_a_reserve_hides_the_pvid_from_a_fresh_odm(tmp_path: Path) -> None:
    lpar = wake(make(tmp_path), lambda world: lun(world, 3).update(reserved_by="00F6F42A4C00"))
    assert memory.apply(lpar) == EXIT_UNFINISHED
    why = storage.problem(lpar, IMPORT)["why"]
    assert APP_PVIDS[0] in why
    assert "hdisk3 show no PVID: a SCSI reserve" in why


def protect(world: World, writable: bool = False) -> None:
    for number in (3, 4, 5):
        lun(world, number)["writable"] = writable


def test_F28_a_replica_that_is_not_split_is_never_checked(tmp_path: Path) -> None:
    lpar = wake(make(tmp_path), protect)
    assert memory.apply(lpar) == EXIT_UNFINISHED
    found = storage.problem(lpar, IMPORT)
    assert found["name"] == "replica-not-writable"
    assert "split the pair" in found["next"]
    assert not [line for line in storage.ran(lpar, "fsck") if "applv" in line or "deeplv" in line]
    assert storage.on(lpar) == ["datavg", "rootvg"]
    protect(lpar.world, writable=True)
    assert memory.apply(lpar) == EXIT_OK


def test_F28_a_replica_that_becomes_writable_in_time_is_waited_for(tmp_path: Path) -> None:
    profile = "volume_groups:\n  wait_writable: 10m\n  named:\n    - {name: datavg, major: 45}\n"
    estate = make(tmp_path, profile=profile)
    lpar = wake(estate, protect)
    tried = []

    def split_meanwhile(run_argv: memory.Execute) -> memory.Execute:
        def between(*args: object) -> object:
            argv = args[0]
            if isinstance(argv, tuple) and argv[0].endswith("importvg") and "appvg" in argv:
                tried.append(argv)
                if len(tried) == 5:
                    protect(lpar.world, writable=True)
            return run_argv(*args)  # type: ignore[arg-type]

        return between  # type: ignore[return-value]

    assert memory.apply(lpar, split_meanwhile) == EXIT_OK
    assert unlike(lpar, estate, *STORAGE) == []
    lpar = wake(estate, protect)
    assert memory.apply(lpar) == EXIT_UNFINISHED, "it does not wait for ever"
    assert storage.problem(lpar, IMPORT)["name"] == "replica-not-writable"


def test_F30_locked_logical_volumes_are_reported_and_nothing_waits_at_a_prompt(tmp_path: Path) -> None:
    def encrypted(world: World) -> None:
        storage.vgda(world, APP, "home")["extra"]["ENCRYPTION"] = "yes"
        for name in ("applv", "deeplv", "rawlv"):
            storage.lv(world, APP, name, "home")["crypto"] = "unlocked"

    def without_keys(world: World) -> None:
        storage.lv(world, APP, "applv")["crypto"] = "locked"

    estate = make(tmp_path, encrypted)
    lpar = wake(estate, without_keys)
    assert memory.apply(lpar) == EXIT_UNFINISHED
    found = storage.problem(lpar, "volume_groups/appvg/encryption")
    assert found["name"] == "lv-locked"
    assert "applv of appvg" in found["what"]
    assert "locked: keys not at this site" in found["why"]
    assert storage.problem(lpar, "filesystems/app")["name"] == "lv-locked"
    assert "mount /app" not in storage.ran(lpar, "mount")
    assert ("/dev/deeplv", "/data/db/deep") in storage.mounted(lpar)
    storage.lv(lpar.world, APP, "applv")["crypto"] = "unlocked"
    assert memory.apply(lpar) == EXIT_OK
    assert unlike(lpar, estate, *STORAGE) == []


def test_F31_raw_devices_belong_to_whom_they_belonged(tmp_path: Path) -> None:
    estate = make(tmp_path)
    lpar = wake(estate)
    assert memory.apply(lpar) == EXIT_OK
    assert unlike(lpar, estate, "raw") == []
    assert storage.step(lpar, "volume_groups/appvg/owners")["outcome"] == "changed"


def test_F32_the_major_number_is_the_one_that_nfs_clients_know(tmp_path: Path) -> None:
    lpar = wake(make(tmp_path))
    assert memory.apply(lpar) == EXIT_OK
    assert lpar.world["odm"]["vgs"]["datavg"]["major"] == 45
    assert storage.step(lpar, "volume_groups/datavg/import")["warnings"] == []


def test_F32_a_major_number_that_is_taken_costs_file_handles_and_not_the_volume_group(tmp_path: Path) -> None:
    lpar = wake(make(tmp_path))
    lpar.world["odm"]["vgs"]["rootvg"]["major"] = 45
    assert memory.apply(lpar) == EXIT_OK
    assert lpar.world["odm"]["vgs"]["datavg"]["major"] != 45
    warnings = storage.step(lpar, "volume_groups/datavg/import")["warnings"]
    assert any("file handles of NFS clients will be stale" in warning for warning in warnings)


# -- file systems


def stanza_of(lpar: storage.InProcess, point: str) -> str:
    return Path(lpar.machine.root, "etc/filesystems").read_text().split(f"\n{point}:\n")[1].split("\n\n")[0]


def forget_stanza(lpar: storage.InProcess, point: str) -> None:
    """What exportvg does to the stanza."""
    file = Path(lpar.machine.root, "etc/filesystems")
    left = file.read_text().replace(f"\n{point}:\n{stanza_of(lpar, point)}\n", "")
    assert point + ":" not in left
    file.write_text(left)


def test_F23_a_mount_point_of_more_than_128_characters_has_its_stanza_again(tmp_path: Path) -> None:
    long = "/" + "d" * 129

    def longer(world: World) -> None:
        """The administrator has made it by hand: the LVCB's fs= string cannot hold it."""
        root = Path(world_root(world))
        text = (root / "etc/filesystems").read_text()
        (root / "etc/filesystems").write_text(text.replace("\n/app:\n", f"\n{long}:\n"))
        (root / long[1:]).mkdir()
        storage.lv(world, APP, "applv", "home")["label"] = long

    def world_root(world: World) -> str:
        return str(tmp_path / "lpars" / world["firmware"]["partition_name"] / "root")

    estate = make(tmp_path, longer, app=long)
    lpar = wake(estate)
    forget_stanza(lpar, long)
    assert memory.apply(lpar) == EXIT_OK, storage.last_report(lpar)["problems"]
    assert unlike(lpar, estate, *STORAGE) == []
    assert f"{long} is missing" in storage.step(lpar, "stanzas")["found"]
    assert f"\n{long}:\n" in Path(lpar.machine.root, "etc/filesystems").read_text()


def guarded(world: World) -> None:
    fs = storage.lv(world, APP, "applv", "home")["fs"]
    assert fs is not None
    fs["guard"], fs["guarded_by"] = True, world["firmware"]["uname_m"]


def test_F34_a_guarded_file_system_is_named_and_its_guard_stays(tmp_path: Path) -> None:
    lpar = wake(make(tmp_path, guarded))
    assert memory.apply(lpar) == EXIT_UNFINISHED
    found = storage.problem(lpar, "filesystems/app")
    assert found["name"] == "filesystem-guarded"
    assert "/app" in found["what"]
    assert "mountguard=yes" in found["why"]
    assert not [line for line in storage.commands(lpar) if "noguard" in line or "mountguard" in line]
    fs = storage.lv(lpar.world, APP, "applv")["fs"]
    assert fs is not None
    assert fs["guard"] and fs["guarded_by"]


def test_F34_a_full_check_that_the_profile_asks_for_clears_a_stale_guard(tmp_path: Path) -> None:
    profile = "volume_groups:\n  named:\n    - {name: appvg, fsck: repair}\n    - {name: datavg, major: 45}\n"
    estate = make(tmp_path, guarded, profile)
    lpar = wake(estate)
    assert memory.apply(lpar) == EXIT_OK, storage.last_report(lpar)["problems"]
    assert unlike(lpar, estate, *STORAGE) == []


def dirty(world: World) -> None:
    fs = storage.lv(world, APP, "applv")["fs"]
    assert fs is not None
    fs["state"] = "dirty"


def test_F35_an_unclean_file_system_is_repaired_only_where_the_profile_says_so(tmp_path: Path) -> None:
    estate = make(tmp_path)
    lpar = wake(estate, dirty)
    assert memory.apply(lpar) == EXIT_UNFINISHED
    found = storage.problem(lpar, "filesystems/app")
    assert found["name"] == "filesystem-not-mounted"
    assert "0506-342" in found["why"]
    assert "fsck -y /dev/applv" in found["next"]
    assert [line.split()[1] for line in storage.ran(lpar, "fsck")] == ["-p"] * 4
    storage.add_to_profile(estate.home.root, "filesystems: {fsck: repair}\n")
    lpar = wake(estate, dirty)
    assert memory.apply(lpar) == EXIT_OK
    assert "fsck -y /dev/applv" in storage.ran(lpar, "fsck")
    assert [line.split()[1] for line in storage.ran(lpar, "fsck")].count("-y") == 1
    assert any("repaired by fsck -y" in warning for warning in storage.step(lpar, "filesystems/app")["warnings"])
    assert unlike(lpar, estate, *STORAGE) == []


def test_F35_a_check_that_passes_its_deadline_holds_up_nothing_else(tmp_path: Path) -> None:
    profile = "filesystems: {fsck: full}\n"
    lpar = wake(make(tmp_path, profile=profile))
    slow = {"program": "/usr/sbin/fsck", "args": "applv", "kind": "hangs", "nth": 0, "seconds": 86400}
    lpar.world["settings"]["faults"] = [slow]
    assert memory.apply(lpar) == EXIT_UNFINISHED
    assert storage.problem(lpar, "filesystems/app")["name"] == "command-stuck"
    assert ("/dev/deeplv", "/data/db/deep") in storage.mounted(lpar)


def test_F36_mounts_of_different_volume_groups_go_by_depth(tmp_path: Path) -> None:
    estate = make(tmp_path)
    lpar = wake(estate)
    assert memory.apply(lpar) == EXIT_OK
    points = [point for _, point in storage.mounted(lpar)]
    assert points.index("/data") < points.index("/data/db") < points.index("/data/db/deep")
    assert unlike(lpar, estate, "mounts") == []


def test_F36_children_of_a_parent_that_failed_are_skipped_with_the_reason(tmp_path: Path) -> None:
    lpar = wake(make(tmp_path))
    lpar.world["settings"]["faults"] = [{"program": "/usr/sbin/mount", "pattern": "/data", "kind": "fails", "nth": 0}]
    assert memory.apply(lpar) == EXIT_UNFINISHED
    assert storage.step(lpar, "filesystems/data")["outcome"] == "failed"
    for child, parent in (("/data/db", "/data"), ("/data/db/deep", "/data/db")):
        skipped = storage.step(lpar, f"filesystems{child}")
        assert skipped["outcome"] == "blocked"
        assert f"filesystems{parent}" in skipped["problem"]["why"]
    assert ("/dev/applv", "/app") in storage.mounted(lpar)
    assert not [point for _, point in storage.mounted(lpar) if point.startswith("/data")]


def test_F38_what_an_import_lost_of_a_stanza_is_reported_by_attribute(tmp_path: Path) -> None:
    def edited(world: World) -> None:
        for lv in storage.vgda(world, APP, "home")["lvs"]:
            lv["stanza"].pop("options", None)  # the LVCB does not know what was edited in the file

    lpar = wake(make(tmp_path, edited))
    assert "rbrw" in stanza_of(lpar, "/app")
    forget_stanza(lpar, "/app")
    forget_stanza(lpar, "/data/db/deep")
    assert memory.apply(lpar) == EXIT_OK
    found = storage.step(lpar, "stanzas")["found"]
    assert "/app has options = nothing" in found
    assert "/data/db/deep has options = nothing" in found
    assert "rbrw" in stanza_of(lpar, "/app")


def test_F40_an_nfs_mount_of_production_is_held_before_anything_mounts(tmp_path: Path) -> None:
    lpar = wake(make(tmp_path))
    before = Path(lpar.machine.root, "etc/filesystems").read_text()
    assert "mount\t\t= true" in stanza_of(lpar, "/sapmnt")
    assert memory.apply(lpar) == EXIT_OK
    assert "= false" in stanza_of(lpar, "/sapmnt")
    assert "/sapmnt of filer.home" in storage.step(lpar, "stanzas/nfs")["found"]
    assert not [line for line in storage.ran(lpar, "mount") if "sapmnt" in line]
    order = [step["step"] for step in storage.last_report(lpar)["steps"]]
    assert order.index("stanzas/nfs") < order.index("filesystems/data")
    assert undone(lpar) == EXIT_OK
    assert Path(lpar.machine.root, "etc/filesystems").read_text() == before


def test_F40_the_profile_may_keep_them_or_want_them(tmp_path: Path) -> None:
    lpar = wake(make(tmp_path / "kept", profile="filesystems: {production_nfs: keep}\n"))
    assert memory.apply(lpar) == EXIT_OK
    assert "= true" in stanza_of(lpar, "/sapmnt")
    wanted = wake(make(tmp_path / "wanted", profile="filesystems: {nfs: [/sapmnt]}\n"))
    assert memory.apply(wanted) == EXIT_UNFINISHED
    assert storage.problem(wanted, "nfs/sapmnt")["name"] == "command-timeout"
    assert "= true" in stanza_of(wanted, "/sapmnt")


# -- boot list


def test_F59_of_eight_paths_five_are_in_the_boot_list_spread_over_the_adapters(tmp_path: Path) -> None:
    slots = [f"C{number}" for number in range(5, 13)]
    estate = make(tmp_path, slots=slots)
    lpar = wake(estate)
    lpar.world["firmware"]["bootlist"]["normal"] = [{"lun": "dr:0000", "slot": "C5", "target": ""}]
    assert memory.apply(lpar) == EXIT_OK
    [change] = [line for line in storage.commands(lpar, changing=True) if line.startswith("bootlist")]
    paths = [word for word in change.split() if word.startswith("pathid=")]
    assert len(paths) == len(set(paths)) == 5
    entries = lpar.world["firmware"]["bootlist"]["normal"]
    assert len({entry["slot"] for entry in entries}) == 5
    assert unlike(lpar, estate, "boot_list") == []
    read_back = lpar.execute((lpar.machine.root + "/usr/bin/bootlist", "-m", "normal", "-o"), {}, True, 30.0).stdout
    assert all("blv=hd5 pathid=" in line for line in read_back.splitlines())


def test_F60_rootvg_is_not_on_hdisk0(tmp_path: Path) -> None:
    estate = make(tmp_path, disks=(1, 2, 3, 0, 4, 5))
    lpar = wake(estate)
    lpar.world["firmware"]["bootlist"]["normal"] = [{"lun": "dr:0001", "slot": "C5", "target": ""}]
    assert memory.apply(lpar) == EXIT_OK
    [change] = [line for line in storage.commands(lpar, changing=True) if line.startswith("bootlist")]
    assert "hdisk3" in change.split()
    assert "hdisk0" not in change.split()
    assert unlike(lpar, estate, "boot_list") == []


# -- whatever happens


def asm(world: World) -> None:
    """Two disks with an ASM header and no PVID are mapped to the LPAR as well, one of them in front of all others."""
    for number, at in ((0x201, 0), (0x202, 99)):
        identity = f"dr:{number:04d}"
        blank = {"pvid": "", "vgid": "", "boot_image": 0, "asm": True}
        world["san"]["luns"][identity] = {**lun(world, 5), **blank, "id": identity, "unique_id": f"200BASM{number}"}  # type: ignore[typeddict-item]
        mapping = {**world["firmware"]["mappings"][0], "lun": identity, "lun_number": f"{number << 48:x}"}
        world["firmware"]["mappings"].insert(at, mapping)  # type: ignore[arg-type]


def test_F29_disks_of_asm_are_left_alone(tmp_path: Path) -> None:
    estate = make(tmp_path)
    lpar = wake(estate, asm)
    devices = lpar.world["odm"]["devices"].values()
    names = [device["name"] for device in devices if device["lun"].startswith("200BASM")]
    assert len(names) == 2
    assert memory.apply(lpar) == EXIT_OK
    assert unlike(lpar, estate, *STORAGE) == []
    assert not [line for line in storage.commands(lpar) if set(names) & set(line.split())]
    assert not [line for line in storage.commands(lpar) if "pv=" in line]
    assert all("pvid" not in lpar.world["odm"]["attributes"].get(name, {}) for name in names)


@pytest.mark.parametrize(
    ("program", "args"),
    [
        ("importvg", "appvg"), ("varyonvg", "appvg"), ("chvg", "appvg"), ("fsck", "fslv00"), ("mount", "/data/db/deep"),
        ("chdev", "ghostdev=0"), ("bootlist", "blv=hd5"), ("chitab", "nimclient"),
    ],
)  # fmt: skip
def test_F81_power_lost_in_the_middle_ends_in_the_same_state(tmp_path: Path, program: str, args: str) -> None:
    estate = make(tmp_path)
    lpar = wake(estate)
    directory = "/usr/bin/" if program == "bootlist" else "/usr/sbin/"
    fault = {"program": directory + program, "args": args, "kind": "dies", "nth": 1}
    lpar.world["settings"]["faults"] = [fault]
    with pytest.raises(Gone, match="killed"):
        memory.apply(lpar)
    lpar.world["settings"]["faults"] = []
    lpar.world["kernel"]["running"] = False
    lpar.save()
    power_on(estate.dr)
    again = InProcess(estate.dr)
    assert memory.apply(again) == EXIT_OK, storage.last_report(again)["problems"]
    assert unlike(again, estate, *STORAGE, *REST) == []


def test_F29_a_boot_leaves_the_disks_of_asm_alone(tmp_path: Path) -> None:
    """The same as processes, by init: the database's disks are replicated with the rest."""
    estate = lpars.make(tmp_path, "small")
    for machine, site in ((estate.home, "home"), (estate.dr, "dr")):
        with machine.edit() as world:
            if site == "home":
                asm_lun = {**lun(world, 2, "home"), "id": "home:0201", "unique_id": "200BASM1", "pvid": "", "vgid": ""}
                world["san"]["luns"]["home:0201"] = {**asm_lun, "asm": True}  # type: ignore[typeddict-item]
            world["firmware"]["mappings"].insert(
                0, {**world["firmware"]["mappings"][0], "lun": f"{site}:0201", "lun_number": "99000000000000"}
            )
    outcome = estate.failover()
    assert outcome.state == "settled", outcome.console[-20:]
    assert lpars.differences(estate) == []
    world = estate.dr.load()
    assert world["san"]["luns"]["dr:0201"]["asm"]
    [name] = [
        device["name"]
        for device in world["odm"]["devices"].values()
        if device["lun"] == world["san"]["luns"]["dr:0201"]["unique_id"]
    ]
    lines = [" ".join(entry["argv"]) for entry in estate.dr.commands()]
    assert len(lines) > 30
    assert not [line for line in lines if name in line.split() or "pv=" in line]
