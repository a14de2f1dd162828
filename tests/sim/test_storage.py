"""What the storage commands do: quorum, imports, renames, duplicates, mounts, logs, guards, power loss."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from drboot.sim import lvm, mounts
from drboot.sim.command import Context, Hang, Result, run
from drboot.sim.world import new_device, new_interface, new_slot
from tests.sim.worlds.storage import BLOCKS, DATA_VGID, VGID, Box, context, data_fs, data_vg, pvid, small_rootvg


class Lpar:
    """A box on disk, and its commands by their AIX names."""

    def __init__(self, box: Box, tmp_path: Path) -> None:
        self.world = box.world
        self.root = str(tmp_path / "estate" / "lpars" / "lpar1" / "root")
        context(box, self.root)

    def run(self, command: str, stdin: str = "", **env: str) -> Result:
        name, *args = command.split()
        program = ("/usr/bin/" if name == "df" else "/usr/sbin/") + name
        return run(Context(self.world, self.root, stdin, env), program, args)

    def ok(self, command: str, **env: str) -> str:
        result = self.run(command, **env)
        assert (result.rc, result.err) == (0, ""), result
        return result.out

    def fails(self, command: str, *ids: str) -> Result:
        """It ends with 1 and these message ids, and the world is as it was."""
        result = self.run(command)
        assert result.rc == 1
        assert [one for one in ids if one not in result.err] == []
        return result

    def path(self, aix_path: str) -> Path:
        return Path(self.root + aix_path)

    def context(self) -> Context:
        return Context(self.world, self.root)


def pool(count: int, quorum: bool = True, gone: Tuple[int, ...] = (), **fields: Any) -> Box:
    """rootvg, and datavg on so many disks hdisk1 ...; the LUNs whose numbers are in ``gone`` do not answer."""
    box, _ = small_rootvg("7200-05-03-2148")
    disks = [(box.hdisk(f"hdisk{number}", pvid(number + 1)), 100) for number in range(1, count + 1)]
    vgda = box.vg("datavg", DATA_VGID, disks, on=False, quorum=quorum, **fields)
    box.free_lv(vgda, "datalv", "raw", 10)
    for lun in box.world["san"]["luns"].values():
        if lun["pvid"] in [pvid(number + 1) for number in gone]:
            lun["present"] = False
    return box


def replica(*lvs: Tuple[str, str, str], aix: str = "7200-05-03-2148", **vg: Any) -> Box:
    """datavg's disk hdisk1 is there and readable, the ODM knows nothing of the VG: rows [LV, type, mount point]."""
    box, vgda = data_vg(aix)
    vgda.update(**vg)
    for name, kind, point in lvs:
        lv = box.free_lv(vgda, name, kind, 2, label=point or "None")
        if point:
            lv["stanza"] = {"log": "/dev/loglv00", "mount": "true", "options": "rw", "account": "false"}
    for lv in vgda["lvs"]:
        box.files.pop("/dev/" + lv["name"])
    del box.world["odm"]["vgs"]["datavg"]
    del box.world["kernel"]["varied_on"]["datavg"]
    return box


def datavg(lpar: Lpar) -> Any:
    return lpar.world["san"]["vgdas"]["home"][DATA_VGID]


# ---------------------------------------------------------------- quorum


@pytest.mark.parametrize(
    ("disks", "gone", "quorum", "flags", "works"),
    [
        (1, (), True, "", True),
        (1, (1,), True, "-f", False),  # no readable VGDA
        (2, (2,), True, "", True),  # two of three VGDAs
        (2, (1,), True, "", False),  # one of three
        (2, (1,), True, "-f", True),
        (3, (1,), True, "", True),
        (3, (1, 2), True, "", False),
        (4, (1, 2), True, "", False),  # exactly half
        (4, (1, 2), True, "-f", True),
        (3, (1,), False, "", False),  # quorum off needs all PVs
        (3, (), False, "", True),
        (3, (1,), False, "-f", True),
    ],
)
def test_quorum(disks: int, gone: Tuple[int, ...], quorum: bool, flags: str, works: bool, tmp_path: Path) -> None:
    lpar = Lpar(pool(disks, quorum, gone), tmp_path)
    result = lpar.run(f"varyonvg {flags} datavg")
    assert (result.rc == 0) == works
    assert ("datavg" in lpar.ok("lsvg -o").split()) == works
    states = [pv["state"] for pv in datavg(lpar)["pvs"]]
    absent = "removed" if flags else "missing"
    expected = [absent if number + 1 in gone else "active" for number in range(disks)]
    assert states == (expected if works else ["active"] * disks)
    assert ("0516-052" in result.err) != works


def test_a_majority_is_enough_without_quorum_where_the_variant_or_the_environment_says_so(tmp_path: Path) -> None:
    lpar = Lpar(pool(3, False, (1,)), tmp_path / "environment")
    assert lpar.run("varyonvg datavg", MISSINGPV_VARYON="TRUE").rc == 0
    lpar = Lpar(pool(3, False, (1,)), tmp_path / "variant")
    lpar.world["settings"]["variants"]["nonquorum_varyon"] = "majority"
    assert lpar.run("varyonvg datavg").rc == 0


def test_a_disk_that_is_back_is_active_again_but_a_removed_one_needs_chpv(tmp_path: Path) -> None:
    lpar = Lpar(pool(3, True, (1,)), tmp_path)
    lpar.run("varyonvg datavg")
    assert "missing" in lpar.ok("lsvg -p datavg")
    lpar.world["san"]["luns"]["home:0001"]["present"] = True
    lpar.ok("varyonvg datavg")
    assert "missing" not in lpar.ok("lsvg -p datavg")
    lpar.ok("varyoffvg datavg")
    lpar.world["san"]["luns"]["home:0001"]["present"] = False
    lpar.run("varyonvg -f datavg")
    lpar.world["san"]["luns"]["home:0001"]["present"] = True
    assert "PVREMOVED" in lpar.run("varyonvg datavg").out
    lpar.ok("chpv -v a hdisk1")
    assert "removed" not in lpar.ok("lsvg -p datavg")


@pytest.mark.parametrize(("flags", "works"), [("", False), ("-r", True), ("-f", False)])
def test_a_write_protected_disk_is_varied_on_for_reading_only(flags: str, works: bool, tmp_path: Path) -> None:
    lpar = Lpar(pool(1), tmp_path)
    lpar.world["san"]["luns"]["home:0001"]["writable"] = False
    assert (lpar.run(f"varyonvg {flags} datavg").rc == 0) == works
    if works:
        assert "read-only" in lpar.ok("lsvg datavg")


@pytest.mark.parametrize(("flags", "works"), [("", False), ("-b", True), ("-O", True)])
def test_a_reservation_of_another_host_can_be_broken(flags: str, works: bool, tmp_path: Path) -> None:
    lpar = Lpar(pool(1), tmp_path)
    lpar.world["san"]["luns"]["home:0001"]["reserved_by"] = "prodhost"
    assert (lpar.run(f"varyonvg {flags} datavg").rc == 0) == works


def test_boot_varies_on_what_is_auto_on_and_has_quorum(tmp_path: Path) -> None:
    box = pool(2, gone=(1,))
    box.vg("appvg", VGID[:-1] + "7", [(box.hdisk("hdisk8", pvid(8)), 10)], on=False)
    box.vg("handvg", VGID[:-1] + "8", [(box.hdisk("hdisk9", pvid(9)), 10)], on=False, auto_on=False)
    del box.world["kernel"]["varied_on"]["rootvg"]
    lpar = Lpar(box, tmp_path)
    said = lvm.autovaryon(lpar.context())
    assert lpar.ok("lsvg -o").split() == ["appvg", "rootvg"]
    assert said[0].startswith("0516-052 varyonvg:")


# ---------------------------------------------------------------- importvg, exportvg


def test_import_turns_auto_on_and_quorum_on(tmp_path: Path) -> None:
    lpar = Lpar(replica(("datalv", "jfs2", "/data"), auto_on=False, quorum=False), tmp_path)
    assert lpar.ok("importvg -y datavg hdisk1") == "datavg\n"
    form = lpar.ok("lsvg datavg")
    assert "AUTO ON:        yes" in form and "(Enabled)" in form
    lpar.ok("chvg -a n -Q n datavg")
    form = lpar.ok("lsvg datavg")
    assert "AUTO ON:        no" in form and "(Disabled)" in form


def test_import_writes_stanzas_in_vgda_order_and_nodes(tmp_path: Path) -> None:
    rows = (("homelv", "jfs2", "/oracle/home"), ("oralv", "jfs2", "/oracle"), ("rawlv", "raw", ""))
    lpar = Lpar(replica(*rows), tmp_path)
    lpar.ok("importvg -y datavg -V 77 hdisk1")
    stanzas = mounts.stanzas(lpar.context())
    assert [stanza.point for stanza in stanzas] == ["/oracle/home", "/oracle"]
    assert stanzas[1].attributes == {
        "dev": "/dev/oralv", "vfs": "jfs2", "log": "/dev/loglv00", "mount": "true", "options": "rw", "account": "false",
    }  # fmt: skip
    assert lvm.node_facts(lpar.context(), "/dev/rrawlv") == {"major": 77, "minor": 4}
    assert stat.S_IMODE(lpar.path("/dev/rrawlv").stat().st_mode) == 0o660
    lpar.fails("importvg -y othervg -V 77 hdisk1")


def test_owners_of_raw_lvs_come_back_only_when_recorded_and_asked_for(tmp_path: Path) -> None:
    for kind, flags, expected in (("big", "-R ", 201), ("big", "", 0), ("normal", "-R ", 0)):
        lpar = Lpar(replica(("rawlv", "raw", ""), kind=kind), tmp_path / f"{kind}{flags.strip()}")
        datavg(lpar)["lvs"][-1].update(uid=201, gid=201, mode=0o600)
        lpar.ok(f"importvg {flags}-y datavg hdisk1")
        found = lpar.path("/dev/rrawlv").stat()
        assert stat.S_IMODE(found.st_mode) == (0o600 if expected else 0o660)
        if os.geteuid() == 0:  # nobody else can give files away
            assert found.st_uid == expected
    lpar.fails("chlv -U 201 rawlv", "0516-1343")  # a normal VG cannot record them


def test_lv_names_that_are_taken_are_changed_with_their_stanzas(tmp_path: Path) -> None:
    box = replica(("fslv00", "jfs2", "/data"))
    other = box.vg("appvg", VGID[:-1] + "7", [(box.hdisk("hdisk7", pvid(7)), 50)])
    box.free_lv(other, "fslv00", "jfs2", 1, label="/app")
    box.free_lv(other, "loglv00", "jfs2log", 1)
    lpar = Lpar(box, tmp_path)
    result = lpar.run("importvg -y datavg hdisk1")
    assert (result.rc, result.out) == (0, "datavg\n")
    assert result.err.count("0516-530") == 2 and result.err.count("0516-712") == 1
    (stanza,) = mounts.stanzas(lpar.context())
    assert (stanza.point, stanza.device) == ("/data", "/dev/fslv01")
    assert stanza.get("log") == "/dev/loglv00"  # has to be put right by hand
    assert [lv["name"] for lv in datavg(lpar)["lvs"]] == ["loglv01", "fslv01"]
    assert lpar.path("/dev/rfslv01").exists()


def test_the_first_disk_with_the_pvid_is_opened_silently(tmp_path: Path) -> None:
    box = replica(("datalv", "raw", ""))
    box.hdisk("hdisk2", pvid(2), vgid=DATA_VGID)
    lpar = Lpar(box, tmp_path)
    lpar.ok("importvg -y datavg hdisk2")
    assert lpar.ok("lsvg -p datavg").splitlines()[2].split()[0] == "hdisk1"
    assert [row.split()[2] for row in lpar.ok("lspv").splitlines()] == ["rootvg", "datavg", "datavg"]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ({"writable": False}, "0516-622"),
        ({"reserved_by": "prodhost"}, "0516-024"),
        ({"present": False}, "0516-024"),
        ({"vgid": ""}, "0516-062"),
        ({"asm": True}, "0516-024"),
        ({"pvid": pvid(99)}, "0516-062"),  # the ODM has another PVID than the disk
    ],
)
def test_import_refuses_a_disk_that_it_cannot_use(spoil: Dict[str, Any], message: str, tmp_path: Path) -> None:
    lpar = Lpar(replica(("datalv", "jfs2", "/data")), tmp_path)
    lpar.world["san"]["luns"]["home:0001"].update(**spoil)
    lpar.fails("importvg -y datavg hdisk1", message)
    assert lpar.ok("lsvg") == "rootvg\n"
    assert mounts.stanzas(lpar.context()) == []


def test_import_refuses_names_and_groups_that_are_there(tmp_path: Path) -> None:
    lpar = Lpar(replica(("datalv", "raw", "")), tmp_path)
    lpar.fails("importvg -y rootvg hdisk1", "0516-360")
    lpar.fails("importvg -y sixteen_letters_ hdisk1")
    lpar.fails("importvg -y datavg hdisk77")
    lpar.ok("importvg -y datavg hdisk1")
    lpar.fails("importvg -y newvg hdisk1", "0516-776")
    assert lpar.run("importvg -q hdisk1").err.startswith("Usage: importvg")


def test_import_without_quorum_leaves_nothing_and_with_force_a_part(tmp_path: Path) -> None:
    box = pool(3, gone=(1, 2), auto_on=False)
    del box.world["odm"]["vgs"]["datavg"]
    lpar = Lpar(box, tmp_path)
    lpar.fails("importvg -y datavg hdisk3", "0516-052", "0516-780")
    assert lpar.ok("lsvg") == "rootvg\n" and datavg(lpar)["auto_on"] is False
    assert lpar.run("importvg -f -y datavg hdisk3").rc == 0
    assert [row.split()[1] for row in lpar.ok("lsvg -p datavg").splitlines()[2:]] == ["removed", "removed", "active"]


def test_import_n_leaves_it_varied_off_and_learning_needs_that(tmp_path: Path) -> None:
    lpar = Lpar(replica(("datalv", "jfs2", "/data")), tmp_path)
    lpar.ok("importvg -n -y datavg hdisk1")
    assert lpar.ok("lsvg -o") == "rootvg\n"
    assert lpar.ok("lspv").splitlines()[1].split() == ["hdisk1", pvid(2), "datavg"]
    assert lpar.ok("importvg -L datavg hdisk1") == "datavg\n"
    lpar.ok("varyonvg datavg")
    lpar.fails("importvg -L datavg hdisk1")


def test_a_concurrent_capable_vg_is_not_varied_on(tmp_path: Path) -> None:
    lpar = Lpar(replica(("datalv", "raw", ""), concurrent=True), tmp_path)
    lpar.ok("importvg -y datavg hdisk1")
    assert lpar.ok("lsvg -o") == "rootvg\n"
    lpar.ok("varyonvg -c datavg")
    assert lpar.ok("lspv").splitlines()[1].split()[3] == "concurrent"


def test_export_forgets_what_import_learned(tmp_path: Path) -> None:
    lpar = Lpar(replica(("datalv", "jfs2", "/data")), tmp_path)
    before = sorted(str(path) for path in lpar.path("").rglob("*"))
    lpar.ok("importvg -y datavg hdisk1")
    lpar.fails("exportvg datavg", "0516-764")
    lpar.ok("varyoffvg datavg")
    lpar.ok("exportvg datavg")
    assert sorted(str(path) for path in lpar.path("").rglob("*")) == before
    assert lpar.ok("lsvg") == "rootvg\n"
    assert mounts.stanzas(lpar.context()) == []
    lpar.fails("exportvg datavg", "0516-306")


# ---------------------------------------------------------------- mount


def nested(tree: bool) -> Box:
    """/oracle and /oracle/home on two LVs of datavg; with ``tree`` their files are kept in the estate."""
    box = data_fs("oralv", "/oracle", tree="home.oralv" if tree else "")
    vgda = box.world["san"]["vgdas"]["home"][DATA_VGID]
    lv = box.free_lv(vgda, "homelv", "jfs2", 2, label="/oracle/home")
    assert lv["fs"] is not None
    lv["fs"]["tree"] = "home.homelv" if tree else ""
    box.stanza("/oracle/home", "/dev/homelv", log="/dev/loglv00")
    box.files["/oracle/.keep"] = ""
    return box


def plant(lpar: Lpar, tree: str, **files: str) -> Path:
    directory = Path(mounts.trees(lpar.root)) / tree
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)
    return directory


@pytest.mark.parametrize("tree", [False, True])
def test_a_nested_file_system_needs_its_parent(tree: bool, tmp_path: Path) -> None:
    lpar = Lpar(nested(tree), tmp_path)
    if tree:
        plant(lpar, "home.oralv", **{"home/.keep": "", "init.ora": "sga"})
        plant(lpar, "home.homelv", profile="umask 022")
    assert "A file or directory in the path name does not exist." in lpar.fails("mount /oracle/home", "0506-324").err
    lpar.ok("mount /oracle")
    lpar.ok("mount /oracle/home")
    if tree:
        assert lpar.path("/oracle/home/profile").read_text() == "umask 022"
    lpar.fails("umount /oracle", "0506-349")
    lpar.ok("umount /oracle/home")
    lpar.ok("umount /dev/oralv")
    assert not lpar.path("/oracle").is_symlink()
    lpar.fails("umount /oracle", "0506-347")


def test_files_stay_on_the_file_system_whatever_ends_the_machine(tmp_path: Path) -> None:
    lpar = Lpar(nested(True), tmp_path)
    plant(lpar, "home.oralv", **{"home/.keep": ""})
    lpar.path("/oracle/covered").write_text("below the mount point")
    lpar.ok("mount /oracle")
    lpar.ok("mount /oracle/home")
    assert not lpar.path("/oracle/covered").exists()
    lpar.path("/oracle/home/new").write_text("written")
    lpar.world["kernel"]["mounts"].clear()  # the power goes
    lpar.world["kernel"]["varied_on"].clear()
    lvm.autovaryon(lpar.context())
    assert lpar.path("/oracle/covered").read_text() == "below the mount point"
    assert not lpar.path("/oracle/home").exists()
    assert lpar.run("mount /oracle").out == "Replaying log for /dev/oralv.\n"
    assert not lpar.path("/oracle/home/new").exists()  # its own file system is not mounted yet
    lpar.run("mount /oracle/home")
    assert lpar.path("/oracle/home/new").read_text() == "written"


def test_mount_all_mounts_in_file_order_and_fails_for_mounted_ones(tmp_path: Path) -> None:
    box = nested(False)
    box.stanzas.reverse()
    for _, attributes in box.stanzas:
        attributes["mount"] = "true"
    lpar = Lpar(box, tmp_path)
    first = lpar.fails("mount all", "0506-324 Cannot mount /dev/homelv on /oracle/home")
    assert "oralv" not in first.err
    again = lpar.fails("mount all", "0506-324 Cannot mount /dev/oralv on /oracle: The requested resource is busy.")
    assert "homelv" not in again.err
    assert [row.split()[1] for row in lpar.ok("mount").splitlines()[2:]] == ["/oracle", "/oracle/home"]


def test_mount_by_group_vfs_and_options(tmp_path: Path) -> None:
    box = nested(False)
    box.stanzas[0][1]["type"] = "oracle"
    lpar = Lpar(box, tmp_path)
    lpar.ok("mount -t oracle -o noatime")
    assert lpar.ok("mount").splitlines()[2].split()[-1] == "rw,noatime,log=/dev/loglv00"
    lpar.ok("umount -t oracle")
    lpar.ok("mount -r -v jfs2 /dev/oralv /oracle")
    assert lpar.ok("mount").splitlines()[2].split()[-1] == "ro,log=/dev/loglv00"
    lpar.ok("umount all")
    assert len(lpar.ok("mount").splitlines()) == 2
    assert lpar.run("mount -x /oracle").err.startswith("Usage: mount")


def test_a_device_that_is_not_there_and_one_whose_vg_is_off(tmp_path: Path) -> None:
    lpar = Lpar(data_fs("datalv", "/data"), tmp_path)
    lpar.path("/data").mkdir()
    lpar.ok("varyoffvg datavg")
    off = lpar.fails("mount /data", "0506-324")
    assert off.err.rstrip().endswith("There is a request to a device or address that does not exist.")
    lpar.path("/dev/datalv").unlink()
    gone = lpar.fails("mount /data", "0506-324")
    assert gone.err.rstrip().endswith("A file or directory in the path name does not exist.")


def test_a_renamed_log_that_the_stanza_does_not_know(tmp_path: Path) -> None:
    lpar = Lpar(data_fs("datalv", "/data"), tmp_path)
    lpar.path("/data").mkdir()
    lpar.ok("chfs -a log=/dev/loglv77 /data")
    lpar.fails("mount /data", "0506-323 Cannot get information about log device /dev/loglv77.")


@pytest.mark.parametrize(
    ("state", "mounts_first", "preen", "mounts_then"),
    [("clean", True, 0, True), ("replay", True, 0, True), ("dirty", False, 4, False), ("corrupt", False, 8, False)],
)
def test_states_of_a_file_system(state: str, mounts_first: bool, preen: int, mounts_then: bool, tmp_path: Path) -> None:
    lpar = Lpar(data_fs("datalv", "/data", state=state), tmp_path)
    lpar.path("/data").mkdir()
    assert (lpar.run("mount /data").rc == 0) == mounts_first
    if mounts_first:
        assert lpar.run("fsck -p /data").rc == 8  # not while it is mounted
        lpar.ok("umount /data")
    assert lpar.run("fsck -p -V jfs2 /dev/datalv").rc == preen
    assert (lpar.run("mount /data").rc == 0) == mounts_then


def test_fsck_answers_and_exit_statuses(tmp_path: Path) -> None:
    for variant, first, after in (("manual", 4, 0), ("bits", 4, 2), ("zero", 0, 0)):
        lpar = Lpar(data_fs("datalv", "/data", state="dirty"), tmp_path / variant)
        lpar.world["settings"]["variants"]["fsck_exit"] = variant
        no = lpar.run("fsck -n /data")
        assert no.rc == first and "FIX? n" in no.out
        assert lpar.run("fsck -p /data").rc == first
        yes = lpar.run("fsck -y /data")
        assert yes.rc == after and yes.out.endswith("All observed inconsistencies have been repaired.\n")
        assert "Phase 5" not in lpar.ok("fsck -fp /data")
    lpar = Lpar(data_fs("datalv", "/data", state="dirty"), tmp_path / "preen")
    lpar.world["settings"]["variants"]["fsck_preen"] = "repairs"
    lpar.ok("fsck -p /data")


def test_a_guard_of_another_node(tmp_path: Path) -> None:
    lpar = Lpar(data_fs("datalv", "/data", guard=True), tmp_path)
    lpar.path("/data").mkdir()
    lpar.ok("mount /data")
    datavg(lpar)["lvs"][-1]["fs"]["state"] = "replay"
    lpar.world["kernel"]["mounts"].clear()
    lpar.world["firmware"]["uname_m"] = "00F6F5954C00"  # the crash copy wakes on another machine
    lpar.fails("mount /data", "0506-365")
    assert lpar.run("mount -o noguard /data").rc == 0
    lpar.ok("umount /data")
    lpar.ok("mount /data")


def test_nfs_answers_gives_up_or_hangs(tmp_path: Path) -> None:
    box, _ = small_rootvg("7200-05-03-2148")
    for point, options in (("/soft", "soft"), ("/hard", "hard,intr"), ("/lib", "ro,bg")):
        box.stanza(point, "/export", "nfs", "true", nodename="nfs1", options=options)
        box.files[point + "/.keep"] = ""
    box.files["/etc/hosts"] = "10.1.1.9 nfs1 # file server\n"
    host = {"address": "10.1.1.9", "mac": "", "answers": True, "services": ["nfs"]}
    box.world["san"]["networks"] = {"home/110": [host], "dr/110": []}  # type: ignore[list-item]
    box.world["firmware"]["slots"] = [new_slot("C2", "l-lan", vlan=110, mac="0ac624394103")]
    box.world["odm"]["devices"]["ent0"] = new_device("ent0", "adapter", "vdevice", "IBM,l-lan", connwhere="C2")
    lpar = Lpar(box, tmp_path)
    lpar.fails("mount /soft")  # the server is there, but the network is not up
    held = {"address": "10.1.1.5", "netmask": "255.255.255.0", "broadcast": ""}
    lpar.world["kernel"]["interfaces"]["en0"] = new_interface("en0", addresses=[held])
    lpar.ok("mount /lib")
    assert lpar.ok("mount").splitlines()[-1].split()[:4] == ["nfs1", "/export", "/lib", "nfs3"]
    host["answers"] = False
    lpar.fails("mount /soft")
    with pytest.raises(Hang) as hang:
        lpar.run("mount /hard")
    assert hang.value.seconds == 86400
    assert lvm.mount_all(lpar.context()) == []  # the boot does not wait for NFS


# ---------------------------------------------------------------- changes


def test_varyoff_needs_closed_lvs(tmp_path: Path) -> None:
    lpar = Lpar(data_fs("datalv", "/data", mounted=True), tmp_path)
    lpar.fails("varyoffvg datavg", "0516-012", "0516-942")
    lpar.path("/data").mkdir()
    lpar.ok("umount /data")
    lpar.ok("varyoffvg datavg")
    lpar.fails("varyoffvg datavg", "0516-010")


def test_stanza_changes_reach_the_lvcb_and_come_back_with_an_import(tmp_path: Path) -> None:
    lpar = Lpar(data_fs("datalv", "/data"), tmp_path)
    lpar.ok("chfs -A yes -u oracle -t yes -p ro /data")
    lpar.ok("varyoffvg datavg")
    lpar.ok("exportvg datavg")
    assert lpar.run("lsfs -l /data").rc == 1
    lpar.ok("importvg -y datavg hdisk1")
    assert lpar.ok("lsfs -c /data").splitlines()[1] == "/data:/dev/datalv:jfs2::oracle:2097152:ro:yes:yes"


def test_other_text_of_etc_filesystems_is_left_alone(tmp_path: Path) -> None:
    text = '* a comment\n\n/data:\n\tdev\t\t= "/dev/datalv"\n\tvfs = jfs2\n* inside\n\tmount = false\n'
    text += "\n/other:\n\tdev = /dev/x\n"
    box = data_fs("datalv", "/data")
    lpar = Lpar(box, tmp_path)
    lpar.path("/etc/filesystems").write_text(text)
    lpar.ok("chfs -A yes /data")
    changed = lpar.path("/etc/filesystems").read_text()
    assert changed == text.replace("\tmount = false\n", "\tmount\t\t= true\n")
    mounts.remove_stanza(lpar.context(), "/data")
    assert lpar.path("/etc/filesystems").read_text() == "* a comment\n\n/other:\n\tdev = /dev/x\n"


def test_vg_and_file_system_life(tmp_path: Path) -> None:
    box, _ = small_rootvg("7200-05-03-2148")
    box.hdisk("hdisk1")
    box.hdisk("hdisk2", size=2048)
    lpar = Lpar(box, tmp_path)
    assert lpar.run("mkvg  -S -s 16 -y newvg hdisk1").out == "newvg\n"
    assert lpar.run("extendvg newvg hdisk2").rc == 0
    lpar.ok("crfs -v jfs2 -g newvg -m /new -A yes -p rw -a size=1G -a agblksize=4096")
    assert [row.split()[0] for row in lpar.ok("lsvg -l newvg").splitlines()[2:]] == ["fslv00", "loglv00"]
    lpar.ok("mount /new")
    assert lpar.ok("chfs -a size=+1G /new") == f"Filesystem size changed to {2048 * BLOCKS}\n"
    assert lpar.ok("chfs -a size=2G /new") == f"The filesystem size is already {2048 * BLOCKS}.\n"
    assert lpar.ok("df -m /new").splitlines()[1].split()[1] == "2048.00"
    assert lpar.run("rmfs /new").rc == 1  # mounted
    lpar.ok("umount /new")
    lpar.ok("rmfs -r /new")
    assert not lpar.path("/new").exists()
    lpar.ok("mklv -y rawlv -t raw newvg 64M")
    lpar.ok("extendlv rawlv 2 hdisk2")
    assert "LPs:                6" in lpar.ok("lslv rawlv")
    lpar.ok("chlv -n oraraw rawlv")
    lpar.ok("chlv -U 201 -G 202 -P 600 oraraw")
    assert stat.S_IMODE(lpar.path("/dev/roraraw").stat().st_mode) == 0o600
    if os.geteuid() == 0:
        assert lpar.path("/dev/roraraw").stat().st_gid == 202
    assert lpar.run("rmlv oraraw", stdin="n\n").rc == 1
    lpar.ok("rmlv -f oraraw loglv00")
    lpar.ok("reducevg -df newvg hdisk2 hdisk1")
    assert lpar.ok("lsvg") == "rootvg\n"
    assert [row.split()[2] for row in lpar.ok("lspv").splitlines()] == ["rootvg", "None", "None"]


def test_stale_partitions_show_and_are_synced(tmp_path: Path) -> None:
    box, vgda = data_vg()
    box.free_lv(vgda, "datalv", "raw", 4)["stale_pps"] = 2
    vgda["pvs"][0]["stale"] = 2
    lpar = Lpar(box, tmp_path)
    assert "closed/stale" in lpar.ok("lsvg -l datavg")
    assert "STALE PVs:          1                        STALE PPs:      2" in lpar.ok("lsvg datavg")
    lpar.ok("syncvg -v datavg")
    assert "stale" not in lpar.ok("lsvg -l datavg")


def test_a_locked_vg_waits_and_is_unlocked_by_hand(tmp_path: Path) -> None:
    lpar = Lpar(data_vg()[0], tmp_path)
    lpar.world["kernel"]["varied_on"]["datavg"]["locked"] = True
    with pytest.raises(Hang):
        lpar.run("lsvg datavg")
    lpar.ok("lsvg -L datavg")
    lpar.ok("chvg -u datavg")
    lpar.ok("lsvg datavg")


def test_a_disk_of_oracle_asm_shows_its_mark(tmp_path: Path) -> None:
    box, _ = small_rootvg()
    box.hdisk("hdisk5", asm=True)
    lpar = Lpar(box, tmp_path)
    assert "ORCLDISK" in lpar.ok("lquerypv -h /dev/hdisk5 20 10")
    lpar.fails("lqueryvg -tAp hdisk5", "0516-082")


def test_shutdown_leaves_nothing_to_replay(tmp_path: Path) -> None:
    lpar = Lpar(data_fs("datalv", "/data"), tmp_path)
    lpar.path("/data").mkdir()
    lpar.ok("mount /data")
    assert datavg(lpar)["lvs"][-1]["fs"]["state"] == "replay"
    lvm.shut_down(lpar.context())
    assert datavg(lpar)["lvs"][-1]["fs"]["state"] == "clean"
    assert lpar.world["kernel"]["mounts"] == [] and lpar.world["kernel"]["varied_on"] == {}


def test_rootvg_is_known_again_after_a_reset(tmp_path: Path) -> None:
    box, _ = small_rootvg()
    box.world["odm"]["vgs"].clear()
    box.world["kernel"]["varied_on"].clear()
    lpar = Lpar(box, tmp_path)
    lvm.ipl_varyon(lpar.context(), "hdisk0")
    assert lpar.ok("lsvg -o") == "rootvg\n"
    assert lpar.world["odm"]["vgs"]["rootvg"]["major"] == 10


@pytest.mark.parametrize(
    "command",
    [
        "lspv -q", "lsvg -z", "lslv", "lqueryvg -tA", "importvg", "exportvg -z datavg", "varyonvg",
        "varyoffvg -f datavg", "chvg datavg", "chpv hdisk1", "chlv datalv", "syncvg datavg", "umount",
        "fsck -py /data", "lsfs -z", "chfs /data", "crfs -m /x", "rmfs", "df -Z", "lsps", "mkvg", "extendvg datavg",
        "reducevg datavg", "mklv datavg", "rmlv", "extendlv datalv", "getlvodm", "readvgda", "lsvgfs", "swapon",
        "swapoff",
    ],
)  # fmt: skip
def test_a_wrong_call_is_a_usage_error_and_changes_nothing(command: str, tmp_path: Path) -> None:
    lpar = Lpar(data_fs("datalv", "/data"), tmp_path)
    before = repr(lpar.world)
    result = lpar.run(command)
    assert result.rc == 1
    assert "sage: " in result.err
    assert repr(lpar.world) == before


def test_regions_of_a_disk_add_up() -> None:
    for pps in range(1, 2200):
        sizes = lvm.regions(pps)
        assert sum(sizes) == pps and max(sizes) - min(sizes) <= 1


def test_logical_partitions_move_with_the_lv(tmp_path: Path) -> None:
    lpar = Lpar(data_fs("datalv", "/data", lps=8), tmp_path)
    rows: List[str] = lpar.ok("lslv -m datalv").splitlines()
    assert rows[0] == "datalv:/data" and len(rows) == 2 + 8
    assert lpar.ok("lspv -M hdisk1").splitlines()[1].split() == ["hdisk1:2", "datalv:1"]
    assert lpar.ok("lslv -l datalv").splitlines()[2].split()[:2] == ["hdisk1", "008:000:000"]
    lpar.ok("chfs -a size=512M /data")
    assert len(lpar.ok("lslv -m datalv").splitlines()) == 2 + 4


def test_lsvg_i_reads_the_names_from_standard_input(tmp_path: Path) -> None:
    lpar = Lpar(data_fs("datalv", "/data"), tmp_path)
    names = lpar.ok("lsvg -o")
    assert lpar.run("lsvg -il", stdin=names).out == lpar.ok("lsvg -l datavg") + lpar.ok("lsvg -l rootvg")


def test_a_disk_whose_pvid_the_odm_does_not_know(tmp_path: Path) -> None:
    lpar = Lpar(replica(("datalv", "raw", "")), tmp_path)
    del lpar.world["odm"]["attributes"]["hdisk1"]
    result = lpar.run("importvg -y datavg hdisk1")
    assert (result.rc, result.out) == (0, "datavg\n")
    assert result.err == "0516-1254 importvg: Changing the PVID in the ODM.\n"
    assert lpar.ok("lspv").splitlines()[1].split()[:3] == ["hdisk1", pvid(2), "datavg"]


def test_reading_commands_change_nothing(tmp_path: Path) -> None:
    """Neither the world nor any file: also at a site that has no VGDA at all."""
    lpar = Lpar(data_fs("datalv", "/data", mounted=True), tmp_path)
    commands = ["lspv", "lspv hdisk1", "lspv -l hdisk1", "lspv -u", "lsvg", "lsvg -o", "lsvg datavg", "lsvg -l datavg"]
    commands += ["lsvg -p datavg", "lslv datalv", "lqueryvg -tAp hdisk1", "lquerypv -h /dev/hdisk1 80 10", "lsfs -q"]
    commands += ["mount", "df -g", "lsps -a", "lsps -s", "lsvgfs datavg", "getlvodm -j hdisk1", "readvgda hdisk1"]
    for site in ("home", "nowhere"):
        lpar.world["firmware"]["site"] = site
        before = repr(lpar.world)
        for command in commands:
            name, *args = command.split()
            ctx = lpar.context()
            run(ctx, ("/usr/bin/" if name == "df" else "/usr/sbin/") + name, args)
            assert (repr(lpar.world), ctx.wrote_files) == (before, False), command


def test_in_management_mode_no_lv_can_be_opened(tmp_path: Path) -> None:
    lpar = Lpar(data_fs("datalv", "/data"), tmp_path)
    lpar.path("/data").mkdir()
    lpar.ok("varyoffvg datavg")
    lpar.ok("varyonvg -n -s datavg")
    lpar.fails("mount /data", "0506-324")
    lpar.ok("varyonvg datavg")
    lpar.ok("mount /data")


def test_devrsrv_tells_who_has_a_disk(tmp_path: Path) -> None:
    lpar = Lpar(pool(2), tmp_path)
    lun = next(one for one in lpar.world["san"]["luns"].values() if one["pvid"] == pvid(2))
    assert "Device Reservation State        :  NO RESERVE" in lpar.ok("devrsrv -c query -l hdisk1")
    lun["reserved_by"] = "00AAAAAA4C00"
    said = lpar.ok("devrsrv -c query -l hdisk1")
    assert "Device Open On Current Host?    :  NO\n" in said
    assert "Device Reservation State        :  SINGLE PATH RESERVE\n" in said
    lpar.ok("devrsrv -f -l hdisk1")
    assert lun["reserved_by"] == ""
    lpar.ok("varyonvg datavg")
    assert "Device Open On Current Host?    :  YES" in lpar.ok("devrsrv -c query -l hdisk1")
    for wrong in ("devrsrv -c query", "devrsrv -c query -f -l hdisk1", "devrsrv -x", "devrsrv -c query -l hdisk77"):
        assert lpar.run(wrong).rc == 1


def test_hdcryptmgr_showlv_and_a_locked_file_system(tmp_path: Path) -> None:
    box = data_fs("fslv00", "/data")
    lpar = Lpar(box, tmp_path)
    lpar.path("/data").mkdir()
    assert lpar.run("hdcryptmgr showlv datavg").rc == 1, "nothing is encrypted"
    [lv] = [lv for lv in lvm.site_vgdas(lpar.world)[DATA_VGID]["lvs"] if lv["name"] == "fslv00"]
    lv["crypto"] = "locked"
    said = lpar.ok("hdcryptmgr showlv datavg").splitlines()
    assert [line.split()[:2] for line in said] == [
        ["NAME", "CRYPTO_STATUS"], ["loglv00", "not_enabled"], ["fslv00", "locked"],
    ]  # fmt: skip
    lpar.fails("mount /data", "0506-324")
    lv["crypto"] = "unlocked"
    lpar.ok("mount /data")
    assert lpar.run("hdcryptmgr authunlock fslv00").rc == 1, "it is no place for keys"


def test_the_odm_has_the_major_and_minor_numbers(tmp_path: Path) -> None:
    lpar = Lpar(data_fs("datalv", "/data"), tmp_path)
    query = ["-q", "resource=devno and value3=datavg", "CuDvDr"]
    assert run(lpar.context(), "/usr/bin/odmget", query).out == (
        '\nCuDvDr:\n\tresource = "devno"\n\tvalue1 = "34"\n\tvalue2 = "0"\n\tvalue3 = "datavg"\n'
    )
    assert 'value3 = "datalv"' in run(lpar.context(), "/usr/bin/odmget", ["CuDvDr"]).out
