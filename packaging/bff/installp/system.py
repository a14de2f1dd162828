"""The software of an AIX below a directory: what installp, lslpp and lppchk do with it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Iterator, List, Mapping, Optional, Sequence, Tuple

from bff.installp import files, registry
from bff.installp.files import SAVED, at
from bff.installp.registry import PartRecord, Record
from bff.installp.scripts import Outcome, Runner, ScriptRun, run_with_prefix
from bff.reader import Package, PackagedFileset, PackagedPart, read_package

# Source: INUTREE is U for the usr part and M for the root part; ODMDIR is the part's own database.
TREES = {"usr": ("U", "/usr/lib/objrepos"), "root": ("M", "/etc/objrepos")}
_DIRECTORIES_OF_AIX = ("etc/objrepos", "opt", "tmp", "usr/bin", "usr/lib/objrepos", "usr/lpp", "usr/sbin", "var/adm")


class Refused(Exception):
    """Nothing was changed, and why."""


class Failed(Exception):
    """A script or the comparison with the inventory failed; the text says which, and what it printed."""


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
        self._registry = registry.load(root)

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
                wrong += [fault for entry in part.inventory for fault in files.faults(self.root, entry)]
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
        record = Record(
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
        old: Optional[Record],
        done: List[Tuple[str, str]],
    ) -> None:
        """One part; each script and the files are noted in ``done`` before they are begun."""
        name = fileset.name
        record = self._registry[name]
        self._keep_control_files(package.name, name, part, packaged)
        if old and part in old.parts:
            self._must(name, part, "pre_rm")
        saved = files.save_configuration(self.root, part, packaged)
        if old and part in old.parts:
            self._delete(name, part, keep_control_files=True)
        scripts = [suffix for suffix, data in packaged.files.items() if data.startswith(b"#!")]
        record.parts[part] = PartRecord(list(packaged.inventory), scripts)
        self._save()
        done.append((part, "pre_i"))
        self._must(name, part, "pre_i")
        done.append((part, "files"))
        try:
            files.restore(self.root, package, part, packaged)
        except OSError as error:
            raise Failed(f"{name}: {error}") from None
        done.append((part, "post_i"))
        self._must(name, part, "post_i")
        files.treat_configuration(self.root, part, packaged, saved)
        files.as_inventoried(self.root, packaged.inventory)
        members = files.delivered(package, part)
        faults = [
            fault for entry in packaged.inventory for fault in files.faults(self.root, entry, members.get(entry.path))
        ]
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
        """The part's files, but not those that another fileset has too."""
        others = {path for other in self._registry if other != name for path in self.files(other)}
        files.delete(self.root, self._registry[name].parts[part].inventory, others)
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
        temporary = at(self.root, "/tmp/inst_" + name)  # noqa: S108  # below the root, and nobody else is there
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

    def _inside(self, path: Path) -> str:
        return "/" + str(path.relative_to(self.root))

    def _home(self, package: str, part: str) -> Path:
        """Assumed: where AIX keeps the control files for the removal."""
        return at(self.root, f"/usr/lpp/{package}/deinstl" if part == "usr" else f"/lpp/{package}/deinstl")

    def _save(self) -> None:
        registry.save(self.root, self._registry)


def _said(name: str, part: str, script: str, outcome: Outcome) -> str:
    return f"{name}: {script} of the {part} part exits {outcome.status}: {outcome.output.strip()}"


def _numbers(level: str) -> Tuple[int, ...]:
    return tuple(int(number) for number in level.split("."))
