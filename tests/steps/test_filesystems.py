"""File systems: by depth across volume groups, checked before they are mounted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Dict

from drboot.capture import FileSystem
from drboot.errors import Problem
from drboot.steps.base import Done, Todo, Write
from drboot.steps.filesystems import Mounted, NfsHeld, NfsMounted, StanzasSo, steps
from drboot.steps.reversals import FileWas
from tests.steps import canned
from tests.steps.canned import PROFILE, Answer, Machine, blocked, done, later, lines, todo, wanted

HEAD = """\
  node       mounted        mounted over    vfs       date        options
-------- ---------------  ---------------  ------ ------------ ---------------
         /dev/hd4         /                jfs2   Nov 21 11:22 rw,log=/dev/hd8
"""
DATA = "         /dev/fslv00      /data            jfs2   Nov 21 11:22 rw,log=/dev/loglv00\n"
STANZA = "/data:\n\tdev             = /dev/fslv00\n\tvfs             = jfs2\n\tmount           = true\n"
STEP = Mounted("/data", "/dev/fslv00", "preen", "home.json", ("volume_groups/datavg/varyon",))


def machine(root: Path, mounts: str = "", on: str = "rootvg\ndatavg\n", stanzas: str = STANZA) -> Machine:
    answers: Dict[str, Answer] = {"mount": HEAD + mounts, "lsvg -o": on}
    found = Machine(root, answers)
    found.file("/etc/filesystems", stanzas)
    return found


def test_checked_then_mounted(tmp_path: Path) -> None:
    assert todo(STEP.assess(machine(tmp_path).seen())) == ["fsck -p /dev/fslv00", "mount /data"]
    assert "/dev/fslv00 is mounted" in done(STEP.assess(machine(tmp_path, DATA).seen()))


def test_the_profile_chooses_the_check(tmp_path: Path) -> None:
    none = Mounted("/data", "/dev/fslv00", "none", "", STEP.needs)
    full = Mounted("/data", "/dev/fslv00", "full", "", STEP.needs)
    assert todo(none.assess(machine(tmp_path).seen())) == ["mount /data"]
    assert todo(full.assess(machine(tmp_path).seen())) == ["fsck -y /dev/fslv00", "mount /data"]


def test_what_is_mounted_there_by_another_is_not_touched(tmp_path: Path) -> None:
    other = DATA.replace("/dev/fslv00", "/dev/fslv001")
    assert blocked(STEP.assess(machine(tmp_path, other).seen())) == "mount-point-taken"
    deeper = DATA.replace("/data ", "/data1")
    assert todo(STEP.assess(machine(tmp_path, deeper).seen()))


def test_unknown_before_the_volume_group_is_there(tmp_path: Path) -> None:
    assert later(STEP.assess(machine(tmp_path, on="rootvg\n").seen())) == "volume_groups/datavg/varyon"
    assert later(STEP.assess(machine(tmp_path, on="rootvg\n", stanzas="").seen())) == "volume_groups/datavg/varyon"


def test_a_stanza_that_is_lost_or_points_elsewhere(tmp_path: Path) -> None:
    assert blocked(STEP.assess(machine(tmp_path, stanzas="").seen())) == "stanza-missing"
    other = STANZA.replace("/dev/fslv00", "/dev/fslv01")
    assert blocked(STEP.assess(machine(tmp_path, stanzas=other).seen())) == "stanza-missing"


def test_nfs(tmp_path: Path) -> None:
    step = NfsMounted("/nfs", "")
    assert todo(step.assess(machine(tmp_path).seen())) == ["mount /nfs"]
    there = "filer    /export/nfs      /nfs             nfs3   Nov 21 11:22\n"
    assert "filer" in done(step.assess(machine(tmp_path, there).seen()))


def test_no_two_steps_have_one_name(tmp_path: Path) -> None:
    """/nfs/share is a local file system, and /share is mounted by NFS; what is left out lies elsewhere."""
    like = next(fs for fs in canned.capture().filesystems if fs.mounted)
    points = ("/nfs/share", "/nfs", "/except/x", "/left_out/x", "/x", "/data", "/data/db")
    made = tuple(replace(like, mount_point=point) for point in points)
    text = PROFILE.replace("filesystems:\n  nfs: [/nfs]", "filesystems:\n  except: [/x]\n  nfs: [/share, /left]")
    assert text != PROFILE
    found = list(steps(replace(wanted(tmp_path, profile=text), capture=canned.capture(filesystems=made))))
    assert [number for number in Counter(step.id for step in found).values() if number > 1] == []
    assert len(found) == 2 + len(points) + 2


def test_parents_first_and_only_what_home_had_mounted(tmp_path: Path) -> None:
    found = list(steps(wanted(tmp_path)))
    stored = ["stanzas/nfs", "stanzas"]
    assert [step.id for step in found] == [*stored, "filesystems/data", "filesystems/data/db", "nfs/nfs"]
    assert found[3].needs == ("volume_groups/datavg/varyon", "filesystems/data")
    without = PROFILE.replace("filesystems:\n", "filesystems:\n  except: [/data/db]\n  fsck: none\n")
    kept = list(steps(wanted(tmp_path, profile=without)))
    out = "left_out/data/db"
    assert [step.id for step in kept] == [*stored, out, "filesystems/data", "nfs/nfs"]
    assert isinstance(kept[3], Mounted)
    assert kept[3].fsck == "none"


FS = FileSystem("/data", "/dev/fslv00", "jfs2", "datavg", True, (("dev", "/dev/fslv00"), ("options", "rbrw")))
LONG = FileSystem("/" + "d" * 140, "/dev/fslv09", "jfs2", "datavg", True, (("dev", "/dev/fslv09"), ("vfs", "jfs2")))
KEPT = "* of home\n\n/home:\n\tdev             = /dev/hd1\n\toptions         = rw\n\n"


def test_what_an_import_lost_of_a_stanza_is_put_back(tmp_path: Path) -> None:
    step = StanzasSo((FS, LONG), "")
    found = machine(tmp_path, stanzas=KEPT + STANZA)
    found.answers["lsvg"] = "rootvg\ndatavg\n"
    answer = step.assess(found.seen())
    assert todo(answer) == ["write /etc/filesystems"]
    assert isinstance(answer, Todo)
    [write] = answer.actions
    assert isinstance(write, Write)
    added = f"\n/{'d' * 140}:\n\tdev             = /dev/fslv09\n\tvfs             = jfs2\n"
    assert write.text == KEPT + STANZA + "\toptions         = rbrw\n" + added
    found.file("/etc/filesystems", write.text)
    assert done(step.assess(found.seen()))


def test_the_stanza_that_an_import_appended_to_one_that_was_there_goes(tmp_path: Path) -> None:
    """What importvg does with a stanza that is there already is not publicly known; here it writes a second one."""
    stale, other = STANZA.replace("fslv00", "fslv01"), "\n* by hand\n/home:\n\tdev             = /dev/hd1\n"
    step = StanzasSo((replace(FS, attributes=(("dev", "/dev/fslv00"),)),), "")
    for text in (STANZA + KEPT + other + "\n" + STANZA, stale + KEPT + other + "\n" + STANZA):
        found = machine(tmp_path, stanzas=text)
        found.answers["lsvg"] = "rootvg\ndatavg\n"
        answer = step.assess(found.seen())
        assert isinstance(answer, Todo)
        assert "/data has another stanza" in answer.why
        [write] = answer.actions
        assert isinstance(write, Write)
        assert write.text.count("/data:") == write.text.count("/dev/fslv00") == 1
        assert "fslv01" not in write.text
        assert KEPT + other in write.text, "what is not home's, or twice by somebody's hand, is left"
        found.file("/etc/filesystems", write.text)
        assert done(step.assess(found.seen()))
        assert todo(STEP.assess(found.seen())) == ["fsck -p /dev/fslv00", "mount /data"]


def test_F38_what_a_stanza_had_not_at_home_is_left_and_reported(tmp_path: Path) -> None:
    found = machine(tmp_path, stanzas=STANZA + "\toptions         = rbrw\n\tquota           = no\n")
    found.answers["lsvg"] = "rootvg\ndatavg\n"
    answer = StanzasSo((FS,), "").assess(found.seen())
    assert isinstance(answer, Done)
    assert answer.warnings == (
        "not so at home, and left: /data has vfs = jfs2, /data has mount = true, /data has quota = no",
    )


def test_stanzas_of_what_is_not_there_are_left_alone(tmp_path: Path) -> None:
    """No stanza for a VG that was not imported, and none is bent to an LV that importvg has renamed."""
    found = machine(tmp_path, stanzas=STANZA.replace("fslv00", "fslv01"))
    found.answers["lsvg"] = "rootvg\n"
    assert done(StanzasSo((FS, LONG), "").assess(found.seen()))


NESTED = "/data/db:\n\tdev             = /dev/fslv01\n\tmount           = true\n\n"
DB = "         /dev/fslv01      /data/db         jfs2   Nov 21 11:22 rw,log=/dev/loglv00\n"
LOG = "         /dev/fslv02      /data/db/log     jfs2   Nov 21 11:22 rw,log=/dev/loglv00\n"
OUTER = Mounted("/data", "/dev/fslv00", "preen", "", STEP.needs, inner=("/data/db", "/data/db/log"))


def test_a_parent_that_a_boot_mounted_late_hides_nothing(tmp_path: Path) -> None:
    """Power was lost after importvg: that boot mounted in the order of import, /data over its own children."""
    hides = todo(OUTER.assess(machine(tmp_path, DB + LOG + DATA).seen()))
    assert hides == ["umount /dev/fslv02", "umount /dev/fslv01"]
    would_hide = todo(OUTER.assess(machine(tmp_path, DB).seen()))
    assert would_hide == ["umount /dev/fslv01", "fsck -p /dev/fslv00", "mount /data"]
    assert done(OUTER.assess(machine(tmp_path, DATA + DB + LOG).seen()))


def test_what_is_mounted_below_by_others_is_left_alone(tmp_path: Path) -> None:
    nfs = "filer    /dev/fslv01      /data/db         nfs3   Nov 21 11:22\n"
    assert done(OUTER.assess(machine(tmp_path, nfs + DATA).seen()))
    beside = DB.replace("/data/db ", "/data1   ").replace("fslv01", "fslv03")
    assert done(OUTER.assess(machine(tmp_path, beside + DATA).seen()))


def test_what_the_profile_leaves_out_is_not_mounted(tmp_path: Path) -> None:
    without = PROFILE.replace("filesystems:\n", "filesystems:\n  except: [/data/db]\n")
    made = {step.id: step for step in steps(wanted(tmp_path, profile=without))}
    out, stanzas = made["left_out/data/db"], made["stanzas"]
    assert todo(out.assess(machine(tmp_path, DATA + DB).seen())) == ["umount /dev/fslv01"]
    assert done(out.assess(machine(tmp_path, DATA).seen()))
    assert isinstance(stanzas, StanzasSo)
    attributes = {fs.mount_point: dict(fs.attributes) for fs in stanzas.captured}
    assert attributes["/data/db"] == {"dev": "/dev/fslv01", "mount": "false"}
    assert attributes["/data"] == {"dev": "/dev/fslv00", "mount": "true"}


def test_a_stanza_stands_behind_its_parents(tmp_path: Path) -> None:
    """importvg appends them as it comes to them; the boots to come mount in the order of the file."""
    inner = FileSystem("/data/db", "/dev/fslv01", "jfs2", "dbvg", True, (("dev", "/dev/fslv01"),))
    outer = FileSystem("/data", "/dev/fslv00", "jfs2", "datavg", True, (("dev", "/dev/fslv00"),))
    found = machine(tmp_path, stanzas=KEPT + NESTED + "* why\n" + STANZA)
    found.answers["lsvg"] = "rootvg\ndatavg\ndbvg\n"
    step = StanzasSo((inner, outer), "")
    answer = step.assess(found.seen())
    assert isinstance(answer, Todo)
    assert answer.why == "a stanza stands before its parent's"
    [write] = answer.actions
    assert isinstance(write, Write)
    assert write.text == KEPT + STANZA + "\n* why\n" + NESTED[:-1]
    found.file("/etc/filesystems", write.text)
    assert done(step.assess(found.seen()))


NFS = "/sap:\n\tdev\t\t= /export/sap\n\tvfs\t\t= nfs\n\tnodename\t= filer\n\tmount\t\t= true\n* kept\n"


def test_F40_nfs_stanzas_of_production_are_held_unless_they_are_wanted(tmp_path: Path) -> None:
    found = machine(tmp_path, stanzas=KEPT + NFS + "\n" + STANZA)
    answer = NfsHeld((), "").assess(found.seen())
    assert isinstance(answer, Todo)
    assert answer.why == "/sap of filer would be mounted at boot"
    [write] = answer.actions
    assert isinstance(write, Write)
    assert write.text == KEPT + NFS.replace("\tmount\t\t= true", "\tmount           = false") + "\n" + STANZA
    assert done(NfsHeld(("/sap",), "").assess(found.seen()))
    found.file("/etc/filesystems", write.text)
    assert "none of 1" in done(NfsHeld((), "").assess(found.seen()))
    [back] = NfsHeld((), "").undo(found.seen()).steps
    assert isinstance(back, FileWas)
    assert back.text == write.text


def test_F35_repair_comes_second_and_only_where_the_profile_says_so(tmp_path: Path) -> None:
    answers = {}
    for policy in ("none", "preen", "repair", "full"):
        answer = Mounted("/data", "/dev/fslv00", policy, "", STEP.needs).assess(machine(tmp_path).seen())
        assert isinstance(answer, Todo)
        answers[policy] = (lines(answer.actions), lines(answer.instead))
    assert answers == {
        "none": (["mount /data"], []),
        "preen": (["fsck -p /dev/fslv00", "mount /data"], []),
        "repair": (["fsck -p /dev/fslv00", "mount /data"], ["fsck -y /dev/fslv00", "mount /data"]),
        "full": (["fsck -y /dev/fslv00", "mount /data"], []),
    }


TROUBLE = Problem("command-failed", "mount /data failed", "", "exit status 1")
LSFS = """\
Name            Nodename   Mount Pt               VFS   Size    Options    Auto Accounting
/dev/fslv00     --         /data                  jfs2  4194304 rw         no   no
  (lv size: 4194304, fs size: 4194304, block size: 4096, sparse files: yes, inline log: no, MountGuard: yes)
"""


def test_F34_the_guard_is_looked_at_when_a_mount_fails(tmp_path: Path) -> None:
    found = machine(tmp_path)
    found.answers["lsfs -q /data"] = LSFS
    assert STEP.explain(found.seen(), TROUBLE).name == "filesystem-guarded"
    found.answers["lsfs -q /data"] = LSFS.replace("MountGuard: yes", "MountGuard: no")
    assert STEP.explain(found.seen(), TROUBLE).name == "filesystem-not-mounted"
    found.answers["lsfs -q /data"] = (1, "")
    assert STEP.explain(found.seen(), TROUBLE).name == "filesystem-not-mounted"
    stuck = Problem("command-stuck", "mount /data failed", "", "")
    assert STEP.explain(found.seen(), stuck) is stuck
