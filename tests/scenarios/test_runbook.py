"""drboot runbook: what it prints, typed by an administrator on the machine that has woken, makes that machine right."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Tuple

import pytest

from drboot import byhand, capture, cli, runbook
from drboot.paths import MANAGED, Root
from drboot.profile.load import load
from drboot.sim.estates import bank, clouddev, fullhouse, small, wpar
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import Ended, InProcess
from drboot.wanted import joined
from tests import checker
from tests.scenarios import homeward, memory

Act = Dict[str, Any]


def made_for(estate: Estate, site: str = "dr") -> Dict[str, Any]:
    """The runbook, from the capture and the profiles alone."""
    root = Root(estate.home.root)
    stated = load(root)
    captured = capture.load(root, "home")
    wanted = joined(stated, captured.host, captured, stated.sites[site], "disaster")
    made: Dict[str, Any] = json.loads(json.dumps(runbook.build(stated, wanted, 0.0)))
    return made


class Administrator:
    """Follows a runbook on an LPAR, to the letter."""

    def __init__(self, lpar: InProcess, made: Dict[str, Any]) -> None:
        self.lpar = lpar
        self.made = made
        self.root = Path(lpar.machine.root)
        self.names: Dict[str, str] = {}
        self.undoing = False

    def type(self, argv: List[str]) -> Ended:
        words = [re.sub(r"\b[A-Z]+\d+\b", lambda found: self.named(found.group()), word) for word in argv]
        return self.lpar.execute((str(self.root) + words[0], *words[1:]), {"LC_ALL": "C"}, False, 3600.0)

    def named(self, label: str) -> str:
        """What it is called here: found with the command that the runbook gives for it, and written down."""
        known = {one["label"]: one["find"] for one in self.made["labels"]}
        if label not in self.names and label in known:
            prefix = re.sub(r"\d+", "", label).lower().replace("disk", "hdisk")
            self.names[label] = prefix + re.sub(r"\D", "", self.find(known[label]))
        return self.names.get(label, label)

    def find(self, said: str) -> str:
        command, _, pattern = said.partition(" | grep ")
        program, *args = command.replace("'", "").split()
        if program == "entstat":
            return next(ent for ent in self._ents() if self._vlan_of(ent, said))
        [line] = self._grep(program, args, pattern.partition(":")[0].replace("-e ", "").split()[-1])
        return line.split()[0]

    def _grep(self, program: str, args: List[str], pattern: str) -> List[str]:
        ran = self.lpar.execute((f"{self.root}/usr/sbin/{program}", *args), {}, True, 60.0)
        return [line for line in ran.stdout.splitlines() if pattern in line]

    def _ents(self) -> List[str]:
        return [line.split()[0] for line in self._grep("lsdev", ["-Cc", "adapter"], "ent") if line.startswith("ent")]

    def _vlan_of(self, ent: str, said: str) -> bool:
        label = next(one for one in self.made["labels"] if one["find"] == said)
        vlan = label["what"].partition("vlan:")[2]
        ran = self.lpar.execute((f"{self.root}/usr/bin/entstat", "-d", ent), {}, True, 60.0)
        return any("VLAN" in line and vlan in line.split() for line in ran.stdout.splitlines())

    # -- one action after the other

    def follow(self, tasks: List[Dict[str, Any]]) -> None:
        for task in tasks:
            for act in task["actions"]:
                self.do(act, task["title"])

    def do(self, act: Act, title: str) -> None:
        if "run" in act:
            if act["run"][0] == "mkdir":
                (self.root / act["run"][2].lstrip("/")).mkdir(parents=True, exist_ok=True)
                return
            if self.is_so_already(act["run"]):
                return
            ran = self.type(act["run"])
            if "makes" in act:
                name = ran.stdout.split()[0]
                for kind in ("ent", "en", "et"):
                    self.names[act["makes"].replace("ENT", kind.upper())] = kind + name[3:]
            others = act.get("or", [])
            is_fsck = act["run"][0].endswith("fsck")  # whose exit statuses nobody knows: the mount decides
            if ran.rc and not is_fsck:
                assert others, (title, act, ran)
                for other in others:
                    self.do(other, title)
        elif "look" in act:
            self.look(act, title)
        else:
            self.files(act)

    def is_so_already(self, argv: List[str]) -> bool:
        """What the page says may be left out."""
        program = argv[0].rpartition("/")[2]
        on = self.lpar.world["kernel"]["varied_on"]
        if program in ("importvg", "varyonvg", "exportvg"):
            vg = argv[argv.index("-y") + 1] if program == "importvg" else argv[-1]
            return vg in on and (program != "exportvg" or not self.undoing)
        mounts = self.lpar.world["kernel"]["mounts"]
        return program in ("mount", "fsck") and any(argv[-1] in (m["device"], m["point"]) for m in mounts)

    def look(self, act: Act, title: str) -> None:
        if act["look"][0] == "diff":
            before, now = (set((self.root / path.lstrip("/")).read_text().splitlines()) for path in act["look"][1:])
            exported = self.root / re.findall(r"/\S*filesystems.before", act["want"])[0].lstrip("/")
            before |= set(exported.read_text().splitlines()) if exported.exists() else set()
            assert {line for line in before if line.endswith(":")} <= now, f"{title}: a stanza is not there"
            return
        if act["look"][0] == "ls":
            assert not [path for path in act["look"][2:] if os.path.islink(self.root / path.lstrip("/"))], title
            return
        ran = self.type(act["look"])
        if "lswpar" in act["look"][0]:
            for row in ran.stdout.splitlines()[2:] if "-N" in act["look"] else ():
                name, _, address, *_ = row.split()
                assert self.type(["/usr/sbin/chwpar", "-K", "-N", f"address={address}", name]).rc == 0
        elif "ping" in act["look"][0]:
            assert ran.rc, f"{title}: somebody answers"
        elif "ifconfig" in act["look"][0]:
            for row in ran.stdout.splitlines():
                if row[:1] != "\t" and not row[:1].isspace():
                    name = row.partition(":")[0]
                elif any(f"inet {address} " in row for address in act["want"].split(":")[0].replace(",", "").split()):
                    assert self.type(["/usr/sbin/ifconfig", name, "down", "detach"]).rc == 0
        elif "lsdev" in act["look"][0]:
            found = [line.split()[0] for line in ran.stdout.splitlines() if line.split()[1:2] == ["Defined"]]
            for prefix in ("hdisk", "en", "et", "fscsi", ""):
                for name in [n for n in found if n.startswith(prefix) and not (prefix == "en" and n.startswith("ent"))]:
                    assert self.type(["/usr/sbin/rmdev", "-dl", name]).rc == 0
                    found.remove(name)

    def files(self, act: Act) -> None:
        def at(path: str) -> Path:
            return self.root / path.lstrip("/")

        if "write" in act:
            at(act["write"]).write_text(act["text"])
        elif "move" in act:
            os.rename(at(act["move"][0]), at(act["move"][1]))
        elif "copy" in act:
            shutil.copy2(at(act["copy"][0]), at(act["copy"][1]))
        elif "remove" in act:
            at(act["remove"]).unlink()
        elif "own" in act:
            uid, gid, mode = act["owner"]
            if os.geteuid() == 0:
                os.chown(at(act["own"]), uid, gid)
            at(act["own"]).chmod(mode)
        else:
            at(act["edit"]).write_text("".join(self.edited(act, at(act["edit"]).read_text().splitlines(keepends=True))))

    def edited(self, act: Act, lines: List[str]) -> Iterator[str]:
        """What somebody makes of it in vi: the line that the runbook means, wherever its blanks are."""
        old, new, under, done = act["old"].split(), act["new"].split(), "", False
        for line in lines:
            words = line.split()
            if re.fullmatch(r"\S+:", line.strip()) and not line[0].isspace():
                under = line.strip()[:-1]
            meant = words[: len(old)] == old if old else words[:1] == new[:1]
            if meant and act["under"] in ("", under):
                for before, after in zip(old, new):
                    line = line.replace(before, after, 1)
                line, done = (line if old else act["new"] + "\n"), True
            yield line
        if not done:
            assert not old, act
            yield act["new"] + "\n"


def _differences(estate: Estate) -> List[str]:
    """By the checker that knows nothing of drboot; drboot's own entry is its own business."""
    expected = dict(estate.expected)
    expected["inittab"] = {key: action for key, action in expected["inittab"].items() if key != "drboot"}
    return checker.differences(estate.dr.directory, expected)


ESTATES = [small.make, bank.make, fullhouse.make, wpar.make]


@pytest.mark.parametrize("make", ESTATES, ids=["small", "bank", "fullhouse", "wpar"])
def test_by_hand_the_machine_becomes_what_the_profile_asks_for(tmp_path: Path, make: Callable[[str], Estate]) -> None:
    estate = make(str(tmp_path))
    memory.arm_at_home(estate)
    made = made_for(estate)
    assert made["unknown"] == []
    lpar = memory.wake(estate)
    files = {path: Path(lpar.machine.root + path).read_bytes() for path in MANAGED if _is_file(lpar, path)}
    person = Administrator(lpar, made)
    person.follow(made["steps"])
    lpar.save()
    assert _differences(estate) == []
    # and drboot finds nothing more to do
    estate.dr.forget_commands()
    assert memory.apply(lpar) == 0
    person.undoing = True
    person.follow(made["undo"])
    lpar.save()
    assert set(lpar.world["odm"]["vgs"]) == {"rootvg"}
    kept = ("/etc/drboot/armed", "/var/adm/drboot/state.json", "/etc/inittab", "/etc/swapspaces")
    for path, before in files.items():
        if path not in kept:
            assert Path(lpar.machine.root + path).read_bytes() == before, path


def _is_file(lpar: InProcess, path: str) -> bool:
    return Path(lpar.machine.root + path).is_file()


def test_by_hand_where_aix_has_not_reset_its_devices(tmp_path: Path) -> None:
    estate = clouddev.make(str(tmp_path), "second")
    memory.arm_at_home(estate)
    made = made_for(estate)
    lpar = memory.wake(estate)
    person = Administrator(lpar, made)
    person.follow(made["stale"])
    person.follow(made["steps"])
    lpar.save()
    assert _differences(estate) == []
    assert not any(device["status"] == 0 for device in lpar.world["odm"]["devices"].values())


# -- the pages


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Tuple[Estate, Dict[str, Any]]:
    estate = fullhouse.make(str(tmp_path_factory.mktemp("made")))
    memory.arm_at_home(estate)
    return estate, made_for(estate)


def test_the_text_fits_80_columns_and_is_plain_ascii(made: Tuple[Estate, Dict[str, Any]]) -> None:
    text = runbook.text(made[1])
    assert max(map(len, text.splitlines())) < 80
    assert text.isascii()
    assert not re.search(rf"\b[a-z]+{str(byhand.FIRST)[:3]}\d\d\b", text), "a stand-in instead of its label"
    for word in ("IBM,", "importvg", "mktcpip", "arm --for home", "replication is resumed", "Exit codes"):
        assert word in text


def test_S001_15_auto_restart_is_a_manual_check(made: Tuple[Estate, Dict[str, Any]]) -> None:
    page = " ".join(runbook.text(made[1]).split())
    assert "the HMC does not restart it by itself (auto restart off" in page


def test_every_command_of_the_data_is_on_the_page_as_one_types_it(made: Tuple[Estate, Dict[str, Any]]) -> None:
    """Folded, or in pieces: a shell reads it as the same words."""
    for task in (*made[1]["steps"], *made[1]["undo"]):
        for act in task["actions"]:
            if "run" not in act:
                continue
            typed = " ".join(line.rstrip("\\") for line in runbook.folded(act["run"]))
            words = shlex.split(typed)
            while re.match("[A-Z]=", words[0]):
                name, _, value = words.pop(0).partition("=")
                words = [word.replace(f"${{{name}}}", value) for word in words]
            assert words == act["run"]


def test_the_html_is_one_file_and_says_the_same(made: Tuple[Estate, Dict[str, Any]]) -> None:
    page = runbook.page(made[1])
    assert "http" not in page
    assert "<script" not in page
    for pvid in (disk["pvid"] for disk in made[1]["rootvg"]):
        assert pvid in page
    for task in made[1]["steps"]:
        assert task["title"].replace("&", "&amp;") in page
    assert page.count("<pre>") == page.count("</pre>") > len(made[1]["steps"])


# -- the verb


def test_on_an_administration_host_a_capture_is_enough(
    made: Tuple[Estate, Dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    estate = made[0]
    host = tmp_path / "host"
    shutil.copytree(Path(estate.home.root, "etc/drboot"), host / "etc/drboot")
    (host / "etc/drboot/armed").unlink()
    file = Path(estate.home.root, "var/adm/drboot/captures/home.json")
    args = ["--root", str(host), "runbook", "--capture", str(file)]
    assert cli.main(args) == 0
    assert capsys.readouterr().out.startswith("RUNBOOK: ")
    assert cli.main([*args, "--html", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").read_text().startswith("<!DOCTYPE html>")
    capsys.readouterr()
    assert cli.main([*args, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["steps"] == made[1]["steps"]


def test_what_is_wrong_is_said(
    made: Tuple[Estate, Dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["--root", made[0].home.root, "runbook"]
    cases = {
        "site-unknown": ["--site", "nowhere"],
        "runbook-not-written": ["--html", str(tmp_path / "no/such/page")],
        "capture-missing": ["--capture", str(tmp_path / "none.json")],
    }
    for name, more in cases.items():
        assert cli.main([*args, *more]) == 2
        assert name in capsys.readouterr().err
    table = Path(made[0].home.root, "etc/drboot/hosts.csv")
    kept = table.read_text()
    try:
        table.write_text("".join(line for line in kept.splitlines(keepends=True) if ",dr,disaster," not in line))
        with contextlib.suppress(SystemExit):
            assert cli.main(args) == 2
        assert "runbook-which-site" in capsys.readouterr().err
    finally:
        table.write_text(kept)


def test_for_the_way_home_it_has_homes_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At DR, after arm --for home: what will be done at home."""
    estate = small.make(str(tmp_path))
    lpar = homeward.at_dr(estate)
    homeward.leave(lpar, estate)
    assert cli.main(["--root", estate.dr.root, "--json", "runbook"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["site"], shown["home"], shown["returns"]) == ("home", "dr", True)
    steps = {task["id"]: task for task in shown["steps"]}
    assert "nimsh:2:wait:" in str(steps["failback/inittab/nimsh"]["actions"])
    assert "10.1.5.11" in str(steps["network/service"]["actions"])
