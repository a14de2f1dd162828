"""What is changed at home arrives at DR: every captured value that is restorable, read from the simulated machine.

One recovery of ``fullhouse`` as it was made, and one after everything at home was changed to a value that it has
nowhere else; what the replica would bring along all the same (stanzas, /etc/swapspaces, dump devices) is lost at DR
before drboot runs.  Each change is then looked for in its own place.  The groups of changes, and a sample of the single
attributes, are also made alone: then nothing else is other than it was.

Which values those are the capture itself says: a key of it without a change here fails, unless it is in EXEMPT.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

import pytest

from drboot import capture, restored
from drboot.capture import Capture
from drboot.paths import Root
from drboot.runner import Runner
from drboot.seen import Seen
from drboot.settable import Settings
from drboot.sim import mounts, predefined
from drboot.sim import odm as cuat
from drboot.sim.commands import COMMANDS
from drboot.sim.estates import fullhouse
from drboot.sim.inprocess import InProcess
from drboot.sim.mounts import Stanza
from tests.checker import State
from tests.scenarios import memory
from tests.scenarios.captures import differing, leaf

PROGRAMS = {program.rpartition("/")[2]: program for program in COMMANDS}
SAMPLE = 4  # attributes that are changed alone
FILESYSTEMS, SWAPSPACES, HOSTS = "/etc/filesystems", "/etc/swapspaces", "/etc/drboot/hosts.csv"

# Restorable, and not changed here.
EXEMPT = {
    "bootlist": "what arrives is rootvg's disk by the name that it has there: tests/scenarios/test_fullhouse.py",
    "volume_groups.vgid": "nobody can change it without making another volume group",
    "volume_groups.encrypted": "not simulated beyond a locked key: test_storage_scenarios.py",
}
# Attributes whose values have no list or range, and that are no plain numbers.
OTHER = {"tcp_nodelay": "0", "rfc1323": "0", "media_speed": "100_Full_Duplex", "authm": "65538"}
STANZA: Dict[str, Callable[[str], str]] = {
    "options": lambda value: f"{value},nodev" if "nodev" not in value else "rw",
    "mount": lambda value: {"true": "false", "false": "true"}[value],
    "account": lambda value: {"true": "false", "false": "true"}[value],
    "free": lambda value: {"true": "false", "false": "true"}[value],
    "check": lambda value: "3",
    "type": lambda value: value + "2",
    "vol": lambda value: '"other data"',
    "quota": lambda value: "groupquota",
    "size": lambda value: "4194304",
}


class Mutation(NamedTuple):
    """A change at home: the key of the capture, what it is about, where it is read at DR, and what is to be there."""

    key: str
    about: str
    read: Callable[[State], Any]
    expected: Any


@dataclass
class Home:
    """The production LPAR, about to be changed.

    taken   what its capture would have been
    only    the one attribute that is changed, as ``Mutation.about`` has it; "" for all
    """

    lpar: InProcess
    taken: Capture
    made: List[Mutation] = field(default_factory=list)
    only: str = ""

    def type(self, *lines: str) -> None:
        for line in lines:
            name, *args = shlex.split(line)
            ran = memory.run_on(self.lpar)((self.lpar.machine.root + PROGRAMS[name], *args), {}, True, 60.0)
            assert ran.rc == 0, f"{line}: {ran}"

    def edit(self, path: str, change: Callable[[str], str]) -> None:
        file = Path(self.lpar.machine.root + path)
        before = file.read_text()
        file.write_text(change(before))
        assert file.read_text() != before, path

    def to(self, key: str, about: str, read: Callable[[State], Any], expected: Any) -> None:
        self.made.append(Mutation(key, about, read, expected))


# ---------------------------------------------------------------- where it is read at DR


def device(state: State, prefix: str, key: str) -> str:
    """The device of this PVID, place, pseudo adapter (``=eth``) or name."""
    if prefix == "hdisk":
        return next(name for name in state.odm["devices"] if (state.attribute(name, "pvid") or [""])[0][:16] == key)
    adapter = "ent" if prefix == "en" else prefix
    for name, row in state.odm["devices"].items():
        is_there = row["physloc"].endswith("-" + key) or (key[:1] == "=" and name == pseudo(state, key[1:]))
        if is_there and re.fullmatch(adapter + "[0-9]+", name):
            return prefix + name[len(adapter) :]
    assert key == prefix, f"no {prefix} {key}"
    return key


def pseudo(state: State, type_: str, over: str = "") -> str:
    """The EtherChannel, or the VLAN device over it; with ``over`` the VLAN device over the adapter in that place."""
    for name, row in state.odm["devices"].items():
        lower = "".join(state.attribute(name, "base_adapter"))
        is_plain = bool(lower) and state.odm["devices"][lower]["physloc"].endswith("-" + over) if over else False
        on_channel = not lower or state.odm["devices"][lower]["type"] == "ibm_ech"
        if row["type"] == type_ and (is_plain if over else on_channel):
            return str(name)
    return ""


def value(state: State, name: str, attribute: str) -> str:
    """What lsattr -E shows: what was set, else the default."""
    row = state.odm["devices"][name]
    level = predefined.parse_level(state.odm["oslevel"])
    rows = predefined.at_level(predefined.find(row["cls"], row["subclass"], row["type"]), level)
    return next(iter(state.attribute(name, attribute)), next(one.default for one in rows if one.name == attribute))


def members(state: State, name: str, attribute: str) -> List[str]:
    """The adapters of a pseudo adapter, by place."""
    words = "".join(state.attribute(name, attribute)).split(",")
    return [re.sub(r"^.*-(?=C[0-9]+-T)", "", state.odm["devices"][word]["physloc"]) for word in words if word]


def vg(state: State, name: str) -> Dict[str, Any]:
    """The volume group as ODM and disk have it."""
    entry = state.odm["vgs"][name]
    on_disk = state.san["vgdas"][state.firmware["site"]][entry["vgid"]]
    return {"lvs": {lv["name"]: lv for lv in on_disk["lvs"]}, "quorum": on_disk["quorum"], "entry": entry}


def stanza(state: State, point: str) -> Optional[Stanza]:
    return next((one for one in mounts.parse(state.text(FILESYSTEMS)) if one.point == point), None)


def attribute_of(point: str, key: str) -> Callable[[State], Any]:
    def read(state: State) -> Any:
        found = stanza(state, point)
        return found and found.attributes.get(key)

    return read


def is_mounted(state: State, point: str) -> bool:
    return any(mount["point"] == point for mount in state.kernel["mounts"])


def owner(state: State, lv: str) -> Tuple[int, ...]:
    """Who owns the raw device; only root can give a file away."""
    status = os.stat(f"{state.directory}/root/dev/r{lv}")
    mode = stat.S_IMODE(status.st_mode)
    return (status.st_uid, status.st_gid, mode) if os.geteuid() == 0 else (mode,)


def automatic(state: State, name: str) -> bool:
    found = [one for one in mounts.parse(state.text(SWAPSPACES)) if one.point == name]
    return bool(found) and found[0].get("auto") != "no"


def dump(key: str) -> Callable[[State], Any]:
    return lambda state: state.odm["dump"].get(key)


def entry_of(name: str) -> Callable[[State], Any]:
    return lambda state: next((r for r in state.text("/etc/inittab").splitlines() if r.startswith(name + ":")), None)


# ---------------------------------------------------------------- what is changed at home


def volume_groups(home: Home) -> None:
    spare = next(disk for disk in home.taken.disks if disk.hdisk == "hdisk5")
    home.type("reducevg sapvg hdisk5", "extendvg appvg hdisk5")
    home.to("disks.vg", "hdisk5", lambda s: [n for n, e in s.odm["vgs"].items() if spare.pvid in e["pvids"]], ["appvg"])
    kept = next(disk.pvid for disk in home.taken.disks if disk.hdisk == "hdisk4")
    home.to("volume_groups.pvids", "sapvg", lambda s: s.odm["vgs"]["sapvg"]["pvids"], [kept])
    home.type("umount /arch", "varyoffvg archvg", "exportvg archvg", "importvg -y histvg -V 192 hdisk8", "mount /arch")
    home.to("volume_groups.name", "archvg", lambda s: "histvg" in s.odm["vgs"] and "archvg" not in s.odm["vgs"], True)
    home.to("volume_groups.major", "histvg", lambda s: s.odm["vgs"].get("histvg", {}).get("major"), 192)
    for name, major in (("sapvg", 145), ("appvg", 150), ("pagevg", 155)):
        home.lpar.world["odm"]["vgs"][name]["major"] = major
        home.to("volume_groups.major", name, lambda s, name=name: s.odm["vgs"][name]["major"], major)
    for name in ("oravg", "sapvg", "appvg", "pagevg", "histvg"):
        before = next((one for one in home.taken.volume_groups if one.name == name), None)
        auto_on, quorum = (not before.auto_on, not before.quorum) if before else (False, False)
        home.type(f"chvg -a {'ny'[auto_on]} -Q {'ny'[quorum]} {name}")

        def of(state: State, key: str, name: str = name) -> Any:
            held = vg(state, name) if name in state.odm["vgs"] else None
            return held and (held["entry"]["auto_on"] if key == "auto_on" else held["quorum"])

        home.to("volume_groups.auto_on", name, lambda s, of=of: of(s, "auto_on"), auto_on)
        home.to("volume_groups.quorum", name, lambda s, of=of: of(s, "quorum"), quorum)


def logical_volumes(home: Home) -> None:
    home.type("chlv -n oraredo9 oraredo", "mklv -y oranew -t raw oravg 4", "chlv -t rawdata oraundo")
    home.type('chlv -L "redo 2" oraredo9')
    home.to("volume_groups.lvs.name", "oraredo", lambda s: sorted(vg(s, "oravg")["lvs"]),
            ["oranew", "oraredo9", "orasys", "oraundo"])  # fmt: skip

    def of(key: str, lv: str) -> Callable[[State], Any]:
        return lambda state: vg(state, "oravg")["lvs"].get(lv, {}).get(key)

    home.to("volume_groups.lvs.type", "oraundo", of("type", "oraundo"), "rawdata")
    home.to("volume_groups.lvs.label", "oraredo", of("label", "oraredo9"), "redo 2")
    home.to("volume_groups.lvs.number", "oranew", of("number", "oranew"), 4)
    for number, lv in enumerate(("orasys", "oraundo", "oraredo9", "oranew", "saplv")):
        wanted = (210 + number, 310 + number, 0o600 + 0o4 * number + 0o20)
        home.type(f"chlv -U {wanted[0]} -G {wanted[1]} -P {wanted[2]:o} {lv}")
        expected = wanted if os.geteuid() == 0 else wanted[2:]

        def read(state: State, lv: str = lv) -> Any:
            return owner(state, lv) if os.path.exists(f"{state.directory}/root/dev/r{lv}") else None

        home.to("volume_groups.lvs.owner", lv, read, expected)


def file_systems(home: Home) -> None:
    home.type("crfs -v jfs -g appvg -m /old -a size=64M -A yes", "mount /old")
    home.type("crfs -v jfs2 -g appvg -m /idle -a size=64M -A no", "umount /app")
    home.type("umount /sap/cfg", "chlv -n sapconflv sapcfglv", "mount /sap/cfg")
    Path(home.lpar.machine.root, "history").mkdir()
    home.type("umount /arch", "chfs -m /history /arch", "mount /history")
    home.to(
        "filesystems.mount_point",
        "/arch",
        lambda s: (stanza(s, "/history") is not None, stanza(s, "/arch")),
        (True, None),
    )
    home.to("filesystems.vfs", "/old", attribute_of("/old", "vfs"), "jfs")
    home.to("filesystems.device", "/sap/cfg", attribute_of("/sap/cfg", "dev"), "/dev/sapconflv")
    home.to("filesystems.vg", "/old", lambda s: "/old" in [lv["label"] for lv in vg(s, "appvg")["lvs"].values()], True)
    home.to("filesystems.mounted", "/old", lambda s: is_mounted(s, "/old"), True)
    home.to("filesystems.mounted", "/app", lambda s: is_mounted(s, "/app"), False)
    home.type("mklv -y saplog2 -t jfs2log sapvg 1")
    home.edit(FILESYSTEMS, lambda text: edited(text, "/sap", "log", "/dev/saplog2"))
    home.to("filesystems.attributes", "log of /sap", attribute_of("/sap", "log"), "/dev/saplog2")


def stanza_attributes(home: Home) -> None:
    """Whatever is in a stanza of a data volume group, but for what the file system is, and where its log."""
    there = [one.point for one in mounts.parse(Path(home.lpar.machine.root + FILESYSTEMS).read_text())]
    for one in home.taken.filesystems:
        point = one.mount_point if one.mount_point in there else "/history"
        for key, held in one.attributes if one.vg else ():
            new = STANZA[key](held) if key in STANZA else ""
            if not new:
                assert key in ("dev", "vfs", "log"), f"nobody changes {key} of {point}"
            elif home.only in ("", f"{key} of {point}"):
                home.edit(FILESYSTEMS, lambda text, p=point, k=key, n=new: edited(text, p, k, n))
                home.to("filesystems.attributes", f"{key} of {point}", attribute_of(point, key), new.strip('"'))


def edited(text: str, point: str, key: str, new: str) -> str:
    """The file after somebody has given an attribute of a stanza another value."""
    head, colon, rest = text.partition(f"\n{point}:\n")
    return head + colon + re.sub(rf"(?m)^(\s+{key}\s*=).*$", rf"\1 {new}", rest, count=1)


def settings(home: Home) -> None:
    names = {one.name: one.type for one in home.taken.pseudo}
    for one in home.taken.settings:
        key = f"={names[one.key[1:]]}" if one.key[:1] == "=" else one.key
        new = {
            attribute: other(home, one, attribute, held)
            for attribute, held in one.values
            if home.only in ("", f"{attribute} of {one.prefix} {key}")
        }
        if not new:
            continue
        given = " ".join(f"-a {attribute}={text}" for attribute, text in new.items())
        home.type(f"chdev -l {one.name} {given}{'' if one.prefix in ('en', 'sys0', 'inet0') else ' -P'}")
        for attribute, text in new.items():

            def read(state: State, prefix: str = one.prefix, key: str = key, attribute: str = attribute) -> str:
                return value(state, device(state, prefix, key), attribute)

            home.to("settings.values", f"{attribute} of {one.prefix} {key}", read, text)


def other(home: Home, one: Settings, attribute: str, held: str) -> str:
    """Another value that the device takes; not its default, where there is a third."""
    row = cuat.attribute_of(home.lpar.world, one.name, attribute)
    assert row is not None
    if attribute in OTHER:
        return OTHER[attribute]
    if held[:2] == "0x":
        return hex(2 * int(held, 16))
    if held.isdigit():
        more = str(int(held) + 1)
        return more if predefined.allowed(row, more) else str(int(held) - 1)
    choices = [text for text in row.values.split(",") if text != held]
    return next((text for text in choices if text != row.default), choices[0])


def pseudo_adapters(home: Home) -> None:
    home.type("chdev -l ent4 -a adapter_names=ent2 -a backup_adapter=ent3 -a mode=standard -a hash_mode=src_port -P")
    home.type("chdev -l ent5 -a vlan_tag_id=411 -a vlan_priority=5 -P")
    home.type("mkdev -c adapter -s vlan -t eth -a base_adapter=ent1 -a vlan_tag_id=77", "cfgmgr")
    home.edit(HOSTS, lambda text: text.replace("vlan:410", "vlan:411"))
    for attribute, place in (("adapter_names", "C7-T1"), ("backup_adapter", "C7-T2")):
        home.to("pseudo.parts", attribute, lambda s, a=attribute: members(s, pseudo(s, "ibm_ech"), a), [place])
    home.to("pseudo.type", "VLAN device over C3", lambda s: pseudo(s, "eth", "C3-T1") != "", True)
    rows = (("ibm_ech", "mode", "standard"), ("ibm_ech", "hash_mode", "src_port"), ("eth", "vlan_tag_id", "411"),
            ("eth", "vlan_priority", "5"))  # fmt: skip
    assert {(one.type, key) for one in home.taken.pseudo for key, _ in one.values} == {row[:2] for row in rows}
    for type_, attribute, text in rows:

        def read(state: State, type_: str = type_, attribute: str = attribute) -> str:
            return value(state, pseudo(state, type_), attribute)

        home.to("pseudo.values", f"{attribute} of {type_}", read, text)


def paging_and_dump(home: Home) -> None:
    home.type("mkps -n -s 2 sapvg", "mkps -a -n -s 2 sapvg", "chps -s 4 paging01", "swapoff /dev/paging00")
    home.to("paging.name", "paging01", lambda s: "paging01" in vg(s, "sapvg")["lvs"], True)
    home.to("paging.size", "paging01", lambda s: vg(s, "sapvg")["lvs"].get("paging01", {}).get("lps"), 6)
    home.to("paging.active", "paging00", lambda s: "paging00" in s.kernel["active_paging"], False)
    home.to("paging.active", "paging02", lambda s: "paging02" in s.kernel["active_paging"], True)
    home.to("paging.auto", "paging02", lambda s: automatic(s, "paging02"), True)
    home.type(
        "sysdumpdev -P -p /dev/dumplv", "sysdumpdev -P -s /dev/lg_dumplv", "sysdumpdev -d /home/dumps", "sysdumpdev -K"
    )
    for key, text in (
        ("primary", "/dev/dumplv"), ("secondary", "/dev/lg_dumplv"), ("copy_directory", "/home/dumps"),
        ("forced_copy", "FALSE"), ("always_allow", "TRUE"),
    ):  # fmt: skip
        home.to(f"dump.{key}", key, dump(key), text)


def files(home: Home) -> None:
    home.type('mkitab "newapp:2:once:/usr/local/newapp"', 'chitab "app:2:wait:/usr/local/start"')
    home.to("inittab", "newapp", entry_of("newapp"), "newapp:2:once:/usr/local/newapp")
    home.to("inittab", "app", entry_of("app"), "app:2:wait:/usr/local/start")


# In an order in which none undoes what another has done.
CHANGES = (
    volume_groups, logical_volumes, file_systems, stanza_attributes, settings, pseudo_adapters, paging_and_dump, files,
)  # fmt: skip


# ---------------------------------------------------------------- the two recoveries


def lose(lpar: InProcess) -> None:
    """What was in files of rootvg is not: drboot has the capture alone to go by."""
    root = lpar.machine.root
    for path in (FILESYSTEMS, SWAPSPACES):
        text = Path(root + path).read_text()
        for one in reversed(mounts.parse(text)):
            lines = text.splitlines(keepends=True)
            is_system = one.device.startswith("/dev/hd") or one.get("nodename")
            text = text if is_system else "".join(lines[: one.first] + lines[one.last + 1 :])
        Path(root + path).write_text(text)
    lpar.save()


class Recovery(NamedTuple):
    """DR after home was changed: how drboot ended, the machine, its capture, and what was changed."""

    code: int
    state: State
    here: Capture
    made: List[Mutation]

    def wrong(self, keys: Sequence[str]) -> Dict[str, Any]:
        """Of these keys, what is not as it was changed to."""
        found = {(m.key, m.about): self.read(m) for m in self.made if m.key in keys}
        wanted = {(m.key, m.about): m.expected for m in self.made}
        return {f"{key}: {about}": got for (key, about), got in found.items() if got != wanted[key, about]}

    def read(self, mutation: Mutation) -> Any:
        """What is in its place; None where that is not there at all."""
        try:
            return mutation.read(self.state)
        except (KeyError, StopIteration, AssertionError):
            return None


def recover(directory: Path, changes: Sequence[Callable[[Home], None]], only: str = "", profile: str = "") -> Recovery:
    estate = fullhouse.make(str(directory))
    made: List[Mutation] = []

    def change(lpar: InProcess) -> None:
        seen = Seen(Runner(Root(lpar.machine.root), run_argv=memory.run_on(lpar)))
        home = Home(lpar, capture.take(seen, "home", fullhouse.HOST, fullhouse.HOME_ID[4:]), made, only)
        for one in changes:
            one(home)
        if profile:
            home.edit("/etc/drboot/sites/dr.yaml", lambda text: text.replace("network:\n", LEAVE, 1) + profile)

    memory.arm_at_home(estate, change)
    with estate.dr.edit() as world:
        world["settings"]["variants"].update(dump_survives="no")
    lpar = memory.wake(estate)
    lose(lpar)
    code = memory.apply(lpar)
    lpar.save()
    seen = Seen(Runner(Root(lpar.machine.root), run_argv=memory.run_on(lpar)))
    here = capture.take(seen, "dr", fullhouse.HOST, fullhouse.DR_ID[4:])
    return Recovery(code, State(lpar.machine.directory), here, made)


# Steps that the profile can switch off, and how.
SWITCHED_OFF = ("device_attributes", "pseudo_adapters", "paging_spaces", "dump_device")
LEAVE = "network:\n  pseudo_adapters: leave\n"
OFF = "".join(f"{name}: {{restore: false}}\n" for name in SWITCHED_OFF if name != "pseudo_adapters")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Recovery:
    return recover(tmp_path_factory.mktemp("changed"), CHANGES)


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Recovery:
    return recover(tmp_path_factory.mktemp("unchanged"), ())


def restorable() -> List[str]:
    return [key for key, fate in restored.rows() if fate.how in ("step", "travels")]


def test_every_restorable_key_is_changed(changed: Recovery) -> None:
    keys = {mutation.key for mutation in changed.made}
    assert keys - set(restorable()) == set(), "these are not restorable"
    assert set(restorable()) - keys == set(EXEMPT)
    assert len({(mutation.key, mutation.about) for mutation in changed.made}) == len(changed.made) > 100


def test_every_attribute_in_the_capture_is_changed(changed: Recovery, unchanged: Recovery) -> None:
    """settings.values and filesystems.attributes are keys with many values each."""
    abouts = {mutation.about for mutation in changed.made if mutation.key == "settings.values"}
    assert len(abouts) == sum(len(one.values) for one in unchanged.here.settings)
    named = {about.split(" ")[0] for about in (m.about for m in changed.made if m.key == "filesystems.attributes")}
    data = [one for one in unchanged.here.filesystems if one.vg]
    assert {key for one in data for key, _ in one.attributes} - named == {"dev", "vfs"}


def test_the_recovery_of_a_changed_home_is_complete(changed: Recovery, unchanged: Recovery) -> None:
    assert (changed.code, unchanged.code) == (0, 0)


@pytest.mark.parametrize("key", [key for key in restorable() if key not in EXEMPT])
def test_what_was_changed_at_home_arrives(changed: Recovery, key: str) -> None:
    assert changed.wrong([key]) == {}


def test_each_change_is_one(changed: Recovery, unchanged: Recovery) -> None:
    """Where nobody had changed it, DR has something else in that place."""
    assert [(m.key, m.about) for m in changed.made if unchanged.read(m) == m.expected] == []


def test_nothing_of_it_arrives_by_itself(tmp_path: Path) -> None:
    """With the steps switched off that are to restore it, no key of theirs arrives: it is they who do it."""
    off = recover(tmp_path, CHANGES, profile=OFF)
    theirs = {key for key, fate in restored.FATES.items() if fate.how == "step" and fate.by in SWITCHED_OFF}
    assert {m.key for m in off.made if m.key in theirs and off.read(m) != m.expected} == theirs - {"paging.name"}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_group_of_changes_arrives_alone(tmp_path: Path, change: Callable[[Home], None]) -> None:
    alone = recover(tmp_path, (change,))
    assert (alone.code, alone.wrong(restorable())) == (0, {})


@pytest.mark.parametrize("number", range(SAMPLE))
def test_a_single_attribute_arrives_and_nothing_else_changes(
    tmp_path: Path, changed: Recovery, unchanged: Recovery, number: int
) -> None:
    singles = [m for m in changed.made if m.key in ("settings.values", "filesystems.attributes")]
    # a log is one more logical volume, and /history was renamed as well
    singles = [m for m in singles if m.about != "log of /sap" and not m.about.endswith("/history")]
    chosen = singles[number * len(singles) // SAMPLE]
    alone = recover(tmp_path, (settings, stanza_attributes), only=chosen.about)
    assert (alone.code, [m.about for m in alone.made], alone.wrong([chosen.key])) == (0, [chosen.about], {})
    found = {leaf(name) for name in differing(unchanged.here, alone.here)}
    assert found == {chosen.key, "taken"}
