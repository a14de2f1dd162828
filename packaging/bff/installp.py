"""A small installp: installs, updates, removes and lists images below a directory, to try scripts and contents.

It reads images through :mod:`bff.reader` alone.  It is no AIX: what it does in which order is

install     for the usr part, then for the root part: over an older level the new package's pre_rm; the files of
            .cfgfiles that exist are saved; the older level's files go; pre_i; the files; post_i; the saved files are
            treated as .cfgfiles says; owner, group, mode and links as the inventory has them, and sizes and checksums
            compared with it; config.
fails       a script that does not exit 0, or a comparison that fails: of what has run the un-scripts, backwards, and
            the files go.  The fileset is gone then, or BROKEN if there was an older level.
remove      pre_d of each part may refuse; then for the root part, then for the usr part: unconfig_d if there is one,
            otherwise unconfig, unpost_i, unpre_i; the inventoried files, and directories that are empty then.

Source: the order of scripts, root before usr on removal, pre_rm of the new package and the comparison after post_i:
buildaix and its README.cfgfiles, CFEngine's and Omnibus' packaging (README.md).
Source: owners are set after post_i and before config: sensu/sensu-omnibus pull request 122.
Source: a base level is COMMITTED at once, since APPLIED is for updates, and a BROKEN one is to be installed again:
IBM, lslpp command, "State Values".
Source: what the words of .cfgfiles mean: IBM, Packaging software for installation, "fileset.cfgfiles", from memory.
Assumed: when the files go among the un-scripts (``files_go`` has both), that a fileset of an image is finished before
the next begins, that un-scripts that fail leave the fileset BROKEN with its files, and the saved file in its directory
where an update fails.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from bff.reader import Inventoried, Package, PackagedFileset, PackagedPart, read_package
from bff.reader.package import bsd_sum

REGISTRY = "usr/lib/objrepos/installp.json"
# Source: INUTREE is U for the usr part and M for the root part; ODMDIR is the part's own database.
TREES = {"usr": ("U", "/usr/lib/objrepos"), "root": ("M", "/etc/objrepos")}
# Source: "Packaging software for installation", from memory: where files of .cfgfiles are saved.
SAVED = {"usr": "/usr/lpp/save.config", "root": "/lpp/save.config"}
_IDS = {"root": 0, "system": 0, "daemon": 1, "staff": 1, "bin": 2, "sys": 3, "adm": 4}
_DIRECTORIES_OF_AIX = (
    "etc",
    "etc/objrepos",
    "opt",
    "tmp",
    "usr/bin",
    "usr/lib/objrepos",
    "usr/lpp",
    "usr/sbin",
    "var/adm",
)


class Refused(Exception):
    """Nothing was changed, and why."""


class Failed(Exception):
    """A script or the comparison with the inventory failed; the text says which, and what it printed."""


@dataclass(frozen=True)
class ScriptRun:
    """One script that is to run.  Paths in ``environment`` are those inside the root; ``script`` is outside."""

    fileset: str
    level: str
    part: str
    name: str
    script: Path
    root: Path
    environment: Mapping[str, str]


class Outcome(NamedTuple):
    status: int
    output: str


Runner = Callable[[ScriptRun], Outcome]


def run_with_prefix(shell: Sequence[str] = ("/bin/sh",), path: str = "/usr/bin:/bin", timeout: float = 60) -> Runner:
    """Run a script outside the root: INUROOT is the root, and the other paths of the environment have it in front.

    As installp does, without a terminal and with nothing on standard input.  For scripts that name absolute paths the
    caller needs a runner of its own, which makes the root its ``/``.
    """

    def run(what: ScriptRun) -> Outcome:
        environment = {
            name: f"{what.root}{value}" if value.startswith("/") else value for name, value in what.environment.items()
        }
        environment.update(INUROOT=str(what.root), PATH=path, LC_ALL="C")
        done = subprocess.run(
            [*shell, str(what.script)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=environment["INULIBDIR"], env=environment, timeout=timeout, check=False,
        )  # fmt: skip
        return Outcome(done.returncode, done.stdout.decode("utf-8", "replace"))

    return run


@dataclass
class _Part:
    """What is remembered of an installed part."""

    inventory: List[Inventoried]
    scripts: List[str]


@dataclass
class _Record:
    """What the registry has of a fileset."""

    package: str
    level: str
    state: str
    description: str
    requisites: List[str]
    parts: Dict[str, _Part] = field(default_factory=dict)


class System:
    """An AIX below ``root``, of which only the software is known.

    ``base``: filesets that are installed without having come from an image here, name -> level.
    ``files_go``: among the un-scripts of a removal, "last" or "after unconfig"; scripts have to bear both.
    ``ran``: every script that ran, as (fileset, part, name, status).
    """

    def __init__(
        self,
        root: Path,
        run: Optional[Runner] = None,
        base: Optional[Mapping[str, str]] = None,
        files_go: str = "last",
    ) -> None:
        if files_go not in ("last", "after unconfig"):
            raise ValueError(f"files_go={files_go!r} is neither 'last' nor 'after unconfig'")
        self.root = root
        self.run = run or run_with_prefix()
        self.base = {"bos.rte": "7.2.5.0"} if base is None else dict(base)
        self.files_go = files_go
        self.ran: List[Tuple[str, str, str, int]] = []
        for directory in _DIRECTORIES_OF_AIX:
            (root / directory).mkdir(parents=True, exist_ok=True)
        self._registry = _load(root / REGISTRY)

    # What installp does.

    def install(self, image: bytes, *names: str, force: bool = False) -> Tuple[str, ...]:
        """``installp -acXY -d IMAGE``: the filesets named, or all; those that were installed.

        What is there at the same level is passed over, and a lower level is refused, unless ``force`` (-F).
        Raises Damaged, Refused, or Failed.
        """
        package = read_package(image)
        wanted = self._wanted(package, names, force)
        for fileset in wanted:
            self._install(package, fileset)
        return tuple(fileset.name for fileset in wanted)

    def remove(self, *names: str, dependents: bool = False) -> Tuple[str, ...]:
        """``installp -u`` (with ``-g``: dependents too): those that were removed.

        What is not installed is passed over.  Source: Puppet's AIX provider, installp exits 0 then.
        """
        going = [name for name in names if name in self._registry]
        for name in going:
            for other in self._dependents(name):
                if other not in going:
                    if not dependents:
                        raise Refused(f"{name}: {other} needs it")
                    going.insert(0, other)
        for name in going:
            for part in reversed(list(self._registry[name].parts)):
                outcome = self._run_kept(name, part, "pre_d")
                if outcome.status:
                    raise Refused(f"{name}: pre_d of the {part} part exits {outcome.status}: {outcome.output.strip()}")
        for name in going:
            self._remove(name)
        return tuple(going)

    def clean_up(self) -> Tuple[str, ...]:
        """``installp -C``: takes away what an interrupted or failed installation left; the filesets it took away."""
        found = tuple(name for name, record in self._registry.items() if record.state != "COMMITTED")
        for name in found:
            for part in reversed(list(self._registry[name].parts)):
                self._delete(name, part)
            self._forget(name)
        return found

    # What lslpp and lppchk do.

    def listing(self, *names: str) -> str:
        """``lslpp -l``: usr parts under /usr/lib/objrepos, root parts under /etc/objrepos."""
        rule = " " + "-" * 76
        lines = [f"  {'Fileset':<25}  {'Level':<10}  {'State':<9}  {'Description':<20}", " " + rule]
        for part, (_, database) in TREES.items():
            rows = [
                f"  {name:<25}  {record.level:>10}  {record.state:<9}  {record.description}"
                for name, record in sorted(self._registry.items())
                if part in record.parts and (not names or name in names)
            ]
            if rows:
                lines += [f"Path: {database}", *rows, ""]
        return "\n".join(lines)

    def state(self, name: str) -> Optional[Tuple[str, str]]:
        """Level and state of a fileset: COMMITTED, BROKEN or APPLYING; None where ``lslpp`` would exit 1."""
        record = self._registry.get(name)
        return None if record is None else (record.level, record.state)

    def files(self, name: str) -> Tuple[str, ...]:
        """``lslpp -f``."""
        return tuple(entry.path for part in self._registry[name].parts.values() for entry in part.inventory)

    def owners(self, path: str) -> Tuple[str, ...]:
        """``lslpp -w``: the filesets that inventory the path."""
        return tuple(name for name in self._registry if path in self.files(name))

    def check(self) -> Tuple[str, ...]:
        """``lppchk -v``, ``-c`` and ``-l`` together: what is wrong with what is installed; empty if all is well."""
        wrong = []
        for name, record in self._registry.items():
            if record.state != "COMMITTED":
                wrong.append(f"{name} {record.level} is {record.state}")
            wrong += self._missing_requisites(name, record.requisites)
            for part in record.parts.values():
                wrong += [fault for entry in part.inventory for fault in self._faults(entry)]
        return tuple(wrong)

    # Installing.

    def _wanted(self, package: Package, names: Sequence[str], force: bool) -> List[PackagedFileset]:
        known = {fileset.name: fileset for fileset in package.filesets}
        for name in names:
            if name not in known:
                raise Refused(f"{name}: the image has only {', '.join(known)}")
        chosen = []
        for fileset in (known[name] for name in names or known):
            there = self._registry.get(fileset.name)
            if there is not None and there.state == "COMMITTED" and not force:
                if _numbers(there.level) == _numbers(fileset.level):
                    continue
                if _numbers(there.level) > _numbers(fileset.level):
                    raise Refused(f"{fileset.name}: level {there.level} is installed, which is higher")
            chosen.append(fileset)
        coming = {fileset.name: fileset.level for fileset in chosen}
        for fileset in chosen:
            missing = self._missing_requisites(fileset.name, fileset.requisites, coming)
            if missing:
                raise Refused("; ".join(missing))
        return chosen

    def _missing_requisites(
        self, name: str, requisites: Sequence[str], coming: Optional[Mapping[str, str]] = None
    ) -> List[str]:
        levels = {**self.base, **{other: record.level for other, record in self._registry.items()}, **(coming or {})}
        missing = []
        for requisite in requisites:
            kind, other, *_, level = requisite.split()
            there = levels.get(other)
            if there is None and kind == "*ifreq":
                continue
            if there is None or _numbers(there) < _numbers(level):
                missing.append(f"{name}: needs {other} {level}, and {there or 'nothing'} is installed")
        return missing

    def _install(self, package: Package, fileset: PackagedFileset) -> None:
        old = self._registry.get(fileset.name)
        record = _Record(
            package.name, fileset.level, "APPLYING", fileset.description, list(fileset.requisites),
            dict(old.parts) if old else {},
        )  # fmt: skip
        self._registry[fileset.name] = record
        self._save()
        done: List[Tuple[str, str]] = []
        try:
            for part, packaged in fileset.parts.items():
                self._apply(package, fileset, part, packaged, old, done)
            # A part that the older level had and this one has not.
            for part in [part for part in record.parts if part not in fileset.parts]:
                self._delete(fileset.name, part)
                del record.parts[part]
        except Failed:
            self._undo(fileset.name, done)
            if old is None:
                self._forget(fileset.name)
            else:
                record.state = "BROKEN"
                self._save()
            raise
        record.state = "COMMITTED"
        self._save()

    def _apply(
        self,
        package: Package,
        fileset: PackagedFileset,
        part: str,
        packaged: PackagedPart,
        old: Optional[_Record],
        done: List[Tuple[str, str]],
    ) -> None:
        """One part; each script and the files are noted in ``done`` before they are begun."""
        name = fileset.name
        record = self._registry[name]
        self._keep_control_files(package.name, name, part, packaged)
        if old and part in old.parts:
            self._must(name, part, "pre_rm")
        saved = self._save_configuration(part, packaged)
        if old and part in old.parts:
            self._delete(name, part, keep_control_files=True)
        scripts = [suffix for suffix, data in packaged.files.items() if data.startswith(b"#!")]
        record.parts[part] = _Part(list(packaged.inventory), scripts)
        self._save()
        done.append((part, "pre_i"))
        self._must(name, part, "pre_i")
        done.append((part, "files"))
        self._restore(package, part, packaged)
        done.append((part, "post_i"))
        self._must(name, part, "post_i")
        self._treat_configuration(part, packaged, saved)
        self._as_inventoried(packaged.inventory)
        faults = [fault for entry in packaged.inventory for fault in self._faults(entry)]
        if faults:
            raise Failed(f"{name}: not as the inventory has it: {'; '.join(faults)}")
        done.append((part, "config"))
        self._must(name, part, "config")

    def _undo(self, name: str, done: List[Tuple[str, str]]) -> None:
        """The un-scripts of what has run, backwards; whatever they say, it goes on."""
        undo = {"config": "unconfig", "post_i": "unpost_i", "pre_i": "unpre_i"}
        for part, what in reversed(done):
            if what == "files":
                self._delete(name, part, keep_control_files=True)
            else:
                self._run_kept(name, part, undo[what])

    def _keep_control_files(self, package: str, name: str, part: str, packaged: PackagedPart) -> None:
        """The control files, where the removal will find them.  Those of an older level are replaced."""
        directory = self._home(package, part)
        directory.mkdir(parents=True, exist_ok=True)
        for old in directory.glob(f"{name}.*"):
            if old.name[len(name) + 1 :].isidentifier():
                old.unlink()
        for suffix, data in packaged.files.items():
            file = directory / f"{name}.{suffix}"
            file.write_bytes(data)
            file.chmod(0o755 if data.startswith(b"#!") else 0o644)

    def _restore(self, package: Package, part: str, packaged: PackagedPart) -> None:
        before = f"./usr/lpp/{package.name}/inst_root" if part == "root" else "."
        members = package.members
        for path in packaged.apply_list:
            member = members[before + path]
            target = self._at(path)
            if member.is_directory:
                target.mkdir(exist_ok=True)
            else:
                _remove_file(target)
                target.write_bytes(member.data)
            _own(target, member.uid, member.gid)
            target.chmod(member.mode)

    def _as_inventoried(self, inventory: Sequence[Inventoried]) -> None:
        """What sysck does: links are made, owner, group and mode set."""
        for entry in inventory:
            target = self._at(entry.path)
            if entry.type == "SYMLINK":
                _remove_file(target)
                target.symlink_to(entry.target)
            elif target.exists():
                _own(target, _IDS[entry.owner], _IDS[entry.group])
                target.chmod(entry.mode)

    # Configuration.

    def _save_configuration(self, part: str, packaged: PackagedPart) -> Dict[str, Path]:
        saved = {}
        for path in packaged.cfgfiles:
            if self._at(path).is_file():
                saved[path] = self._at(SAVED[part] + path)
                saved[path].parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(str(self._at(path)), str(saved[path]))
        return saved

    def _treat_configuration(self, part: str, packaged: PackagedPart, saved: Mapping[str, Path]) -> None:
        """Source: preserve: the saved one replaces the new one.  hold_new: likewise, and the new one is saved instead.
        auto_merge: post_i has merged into the saved one, which replaces the new one.  user_merge, other: the new one
        stays, and the saved one too."""
        for path, old in saved.items():
            handling, new = packaged.cfgfiles[path], self._at(path)
            if handling in ("preserve", "auto_merge"):
                os.replace(str(old), str(new))
            elif handling == "hold_new":
                content = new.read_bytes()
                os.replace(str(old), str(new))
                old.write_bytes(content)

    # Removing.

    def _remove(self, name: str) -> None:
        record = self._registry[name]
        for part in reversed(list(record.parts)):
            steps = (
                ["unconfig_d"] if "unconfig_d" in record.parts[part].scripts else ["unconfig", "unpost_i", "unpre_i"]
            )
            steps.insert(len(steps) if self.files_go == "last" else 1, "files")
            for step in steps:
                if step == "files":
                    self._delete(name, part, keep_control_files=True)
                    continue
                outcome = self._run_kept(name, part, step)
                if outcome.status:
                    record.state = "BROKEN"
                    self._save()
                    raise Failed(_said(name, part, step, outcome))
        self._forget(name)

    def _delete(self, name: str, part: str, keep_control_files: bool = False) -> None:
        """The part's inventoried files, but not those that another fileset has too; directories if they are empty."""
        record = self._registry[name]
        others = {path for other in self._registry if other != name for path in self.files(other)}
        for entry in reversed(record.parts[part].inventory):
            target = self._at(entry.path)
            if entry.path in others:
                continue
            if entry.type != "DIRECTORY":
                _remove_file(target)
            elif target.is_dir() and not target.is_symlink() and not any(target.iterdir()):
                target.rmdir()
        if not keep_control_files:
            self._delete_control_files(name, part)

    def _delete_control_files(self, name: str, part: str) -> None:
        record = self._registry[name]
        directory = self._home(record.package, part)
        for file in directory.glob(f"{name}.*"):
            if file.name[len(name) + 1 :].isidentifier():
                file.unlink()
        for empty in (directory, directory.parent):
            if empty.is_dir() and not any(empty.iterdir()):
                empty.rmdir()

    def _forget(self, name: str) -> None:
        for part in reversed(list(self._registry[name].parts)):
            self._delete_control_files(name, part)
        del self._registry[name]
        self._save()

    def _dependents(self, name: str) -> Iterator[str]:
        for other, record in self._registry.items():
            for requisite in record.requisites:
                kind, needed, *_ = requisite.split()
                if other != name and needed == name and kind != "*ifreq":
                    yield other

    # Scripts.

    def _must(self, name: str, part: str, script: str) -> None:
        outcome = self._run_kept(name, part, script)
        if outcome.status:
            raise Failed(_said(name, part, script, outcome))

    def _run_kept(self, name: str, part: str, script: str) -> Outcome:
        """Run a script of the fileset's control files; one that is not there has succeeded."""
        record = self._registry[name]
        home = self._home(record.package, part)
        file = home / f"{name}.{script}"
        if not file.exists():
            return Outcome(0, "")
        tree, database = TREES[part]
        temporary = self._at("/tmp/inst_" + name)  # noqa: S108  # below the root, and nobody else is there
        temporary.mkdir(parents=True, exist_ok=True)
        environment = {
            "INUTREE": tree,
            "INULIBDIR": self._inside(home),
            "INUTEMPDIR": self._inside(temporary),
            "INUSAVEDIR": f"/usr/lpp/{record.package}/{name}/{record.level}.save",
            "MIG_SAVE_DIR": SAVED[part],
            "ODMDIR": database,
        }
        try:
            outcome = self.run(ScriptRun(name, record.level, part, script, file, self.root, environment))
        finally:
            shutil.rmtree(str(temporary))
        self.ran.append((name, part, script, outcome.status))
        return outcome

    # What is where.

    def _faults(self, entry: Inventoried) -> Iterator[str]:
        """How a file differs from its stanza."""
        target = self._at(entry.path)
        if entry.type == "SYMLINK":
            if not target.is_symlink() or os.readlink(str(target)) != entry.target:
                yield f"{entry.path}: no link to {entry.target}"
            return
        if target.is_symlink() or not (target.is_dir() if entry.type == "DIRECTORY" else target.is_file()):
            yield f"{entry.path}: no {entry.type}"
            return
        mode = target.stat().st_mode & 0o7777
        if mode != entry.mode:
            yield f"{entry.path}: mode {mode:o} instead of {entry.mode:o}"
        if entry.size is not None:
            data = target.read_bytes()
            if len(data) != entry.size:
                yield f"{entry.path}: {len(data)} bytes instead of {entry.size}"
            elif bsd_sum(data) != entry.checksum:
                yield f"{entry.path}: checksum {bsd_sum(data)!r} instead of {entry.checksum!r}"

    def _at(self, path: str) -> Path:
        return self.root / path.lstrip("/")

    def _inside(self, path: Path) -> str:
        return "/" + str(path.relative_to(self.root))

    def _home(self, package: str, part: str) -> Path:
        """Assumed: where AIX keeps the control files for the removal."""
        return self._at(f"/usr/lpp/{package}/deinstl" if part == "usr" else f"/lpp/{package}/deinstl")

    def _save(self) -> None:
        text = json.dumps({name: _plain(record) for name, record in self._registry.items()}, indent=1)
        (self.root / REGISTRY).write_text(text, encoding="ascii")


def _plain(record: _Record) -> Dict[str, Any]:
    return {
        **vars(record),
        "parts": {
            part: {"inventory": [vars(entry) for entry in known.inventory], "scripts": known.scripts}
            for part, known in record.parts.items()
        },
    }


def _load(registry: Path) -> Dict[str, _Record]:
    if not registry.exists():
        return {}
    found = {}
    for name, record in json.loads(registry.read_text(encoding="ascii")).items():
        parts = {
            part: _Part([Inventoried(**entry) for entry in known["inventory"]], known["scripts"])
            for part, known in record.pop("parts").items()
        }
        found[name] = _Record(parts=parts, **record)
    return found


def _said(name: str, part: str, script: str, outcome: Outcome) -> str:
    return f"{name}: {script} of the {part} part exits {outcome.status}: {outcome.output.strip()}"


def _remove_file(path: Path) -> None:
    if path.is_symlink() or path.exists():
        path.unlink()


def _own(path: Path, uid: int, gid: int) -> None:
    """Only root can give files away; for anyone else they stay the user's."""
    if os.geteuid() == 0:
        os.chown(str(path), uid, gid)


def _numbers(level: str) -> Tuple[int, ...]:
    return tuple(int(number) for number in level.split("."))
