"""Fork at every point, boot, judge."""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import os
import re
import shutil
import signal
import stat
import traceback
import warnings
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional

from drboot import apply, arming, boot, gate, paths
from drboot.clock import CountedClock
from drboot.errors import EXIT_OK, EXIT_REBOOT
from drboot.events import Console
from drboot.paths import Root
from drboot.runner import Runner
from drboot.sim import init
from drboot.sim.boot import power_on
from drboot.sim.command import Context
from drboot.sim.inprocess import Gone, InProcess
from drboot.sim.machine import Machine
from tests import checker
from tests.crash.events import Point, Watch
from tests.crash.scenarios import KILLED, POWER_LOSS, SCENARIOS, Woken
from tests.scenarios import likeness, memory

MOST_BOOTS = 4  # of one event: the reset takes two, and what was interrupted one more
HANGS_AFTER = 300  # seconds of real time
MOST_LINES, MOST_SAID = 40, 1000  # of what is wrong


class Verdict(NamedTuple):
    """What came of one point; ``wrong`` is empty when the machine is as it should be."""

    scenario: str
    point: str
    wrong: List[str]


class Right(NamedTuple):
    """What an undisturbed run leaves, and what that is after one more start of the machine."""

    left: Dict[str, Any]
    started_again: Dict[str, Any]


class Lpar(InProcess):
    """An LPAR in memory that does not compare its world after each command: nobody here asks what changed it."""

    def _changed(self, ctx: Context) -> bool:
        return ctx.wrote_files


# -- what a boot does


def live(lpar: InProcess, at_once: int, watch: Watch) -> int:
    """What drboot does when it is started, by init or by hand.  Returns the exit code, 10 for a reboot.

    The gate's decision, and then the run, or the entry that is live beside a disarmed stamp.
    """
    root = lpar.machine.root
    watch.lpar = lpar
    watch.process += 1
    try:
        stamp, decision = memory.decide(lpar)
    except gate.StampDamaged as error:
        return gate.config_error(error).exit_code
    clock = CountedClock()
    run_argv = watch.commands(memory.run_on(lpar, clock))
    if decision.action != "act":
        if stamp.phase == "disarmed":
            arming.entry_off_if_disarmed(Runner(Root(root), run_argv=run_argv))
        return decision.exit_code
    nobody = os.open(os.devnull, os.O_WRONLY)
    try:
        with _side_by_side(at_once):
            return boot.run(root, stamp, decision, "init", Console(nobody), run_argv, clock)
    except Gone:
        return EXIT_REBOOT
    finally:
        os.close(nobody)


def _is_started(machine: Machine) -> bool:
    """Whether init finds a live entry of drboot."""
    with open(machine.root + "/etc/inittab", encoding="utf-8") as table:
        return any(entry.id == arming.ENTRY_ID and entry.action != "off" for entry in init.read(table.read()))


@contextlib.contextmanager
def _side_by_side(at_once: int) -> Iterator[None]:
    """Steps run so many at a time."""
    before = boot.Apply
    boot.Apply = functools.partial(apply.Apply, at_once=at_once)  # type: ignore[misc,assignment]
    try:
        yield
    finally:
        boot.Apply = before  # type: ignore[misc]


def at_rest(lpar: InProcess, at_once: int, watch: Watch, by_hand: bool = False) -> int:
    """Boot on until nobody asks for a reboot any more.  Returns the last exit code; the LPAR's documents are saved.

    by_hand  the first time it is an operator who starts drboot, who needs no entry in the inittab
    """
    for _ in range(MOST_BOOTS):
        code = live(lpar, at_once, watch) if by_hand or _is_started(lpar.machine) else EXIT_OK
        by_hand = False
        lpar.save()
        if code != EXIT_REBOOT:
            return code
        power_on(lpar.machine)
        watch.unsynced.clear()
        lpar = Lpar(lpar.machine)
    return EXIT_REBOOT


def _start_applications(lpar: InProcess, expected: Mapping[str, Any]) -> None:
    """VGs with AUTO ON no come up, with their file systems, when whoever uses them wants it."""
    odm = lpar.world["odm"]["vgs"]
    late = [name for name, vg in expected["volume_groups"].items() if not vg["auto_on"]]
    devices = {f"/dev/{lv}" for name in late for lv in odm[name]["lvs"]}
    points = [point for device, point in expected["mounts"] if device in devices]
    for program, name in (*(("varyonvg", vg) for vg in late), *(("mount", point) for point in points)):
        lpar.execute((f"{lpar.machine.root}/usr/sbin/{program}", name), {}, False, 60.0)
    for name in expected.get("subsystems", ()):
        lpar.execute((f"{lpar.machine.root}/usr/bin/startsrc", "-s", name), {}, False, 60.0)
    for name, wpar in expected.get("wpars", {}).items():  # /etc/rc.wpars, late in the inittab
        if wpar["active"] and name not in lpar.world["kernel"]["wpars"]:
            lpar.execute((f"{lpar.machine.root}/usr/sbin/startwpar", name), gate.ENVIRONMENT, False, 60.0)


def is_disarmed(machine: Machine) -> bool:
    """The commit point was reached.  A stamp that cannot be read says nothing."""
    with contextlib.suppress(gate.StampDamaged):
        stamp = gate.read_stamp(machine.root)
        return stamp is not None and stamp.phase == "disarmed"
    return False


# -- one scenario


class Trial:
    """One scenario, its points, and what an undisturbed run leaves.

    directory  where its estates lie; best in memory
    chosen     which points are tried, by their number; all of them by default
    tell       called with every verdict
    """

    def __init__(
        self,
        name: str,
        directory: str,
        tell: Callable[[Verdict], None],
        chosen: Callable[[int, Point], bool] = lambda number, point: True,
    ) -> None:
        self.name = name
        self.scenario = SCENARIOS[name]
        self.directory = directory
        self.tell = tell
        self.chosen = chosen
        self.points = 0
        self.watch = Watch(self._stop)
        self.events = self.watch.events

    def run(self) -> int:
        """Try every chosen point; returns how many points the scenario has.  Raises when undisturbed it goes wrong."""
        woken = Woken(os.path.join(self.directory, "estate"), self.scenario)
        self.machine, self.expected = woken.machine, woken.expected
        with self.watch.files():
            self.right = [self._undisturbed(variants) for variants in ({}, *self.scenario.also)]
        with self.watch.files():  # anew: a run imports as it goes
            gc.collect()
            gc.freeze()  # the children share this memory
            watched = Lpar(self._copy("watched"))
            self.watch.on = True
            code = at_rest(watched, self.scenario.at_once, self.watch)
            self.watch.on = False
        if code != EXIT_OK:
            raise AssertionError(f"{self.name}: watched, it ends with {code}")
        return self.points

    def _undisturbed(self, variants: Mapping[str, str]) -> Right:
        """The machine that an undisturbed run leaves.  Raises AssertionError when that is not right."""
        machine = self._copy("-".join(("undisturbed", *variants)))
        with machine.edit() as world:
            world["settings"]["variants"].update(variants)
        lpar = Lpar(machine)
        code = at_rest(lpar, self.scenario.at_once, self.watch)
        wrong = checker.differences(lpar.machine.directory, self.expected)
        if code != EXIT_OK or wrong:
            raise AssertionError(f"{self.name}: undisturbed, it ends with {code}: {wrong}")
        left = picture(lpar.machine)
        power_on(lpar.machine)
        right = Right(left, picture(lpar.machine))
        lpar = Lpar(lpar.machine)
        _start_applications(lpar, self.expected)
        lpar.save()
        wrong = checker.differences(lpar.machine.directory, self.expected)
        if wrong:
            raise AssertionError(f"{self.name}: undisturbed, and started once more, it is not right: {wrong}")
        return right

    def _stop(self, point: Point) -> None:
        number = self.points
        self.points += 1
        if not self.chosen(number, point):
            return
        reading, writing = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # a child that waits for no thread of its parent's
            child = os.fork()
        if not child:
            os.close(reading)
            self._die(point, writing)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        wrong = json.loads(said) if said else [f"it hangs: no end after {HANGS_AFTER} s"]
        self.tell(Verdict(self.name, str(point), wrong))

    # -- in the child

    def _die(self, point: Point, pipe: int) -> None:
        """drboot is gone; the machine goes on in this process, which ends with it."""
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(HANGS_AFTER)
        self.watch.on = False
        directory = f"died-{os.getpid()}"
        try:
            wrong = self._survive(self.watch.lpar, self._copy(directory, self.watch.lpar.machine))
        except BaseException:
            wrong = traceback.format_exc().splitlines()
        shutil.rmtree(os.path.join(self.directory, directory), ignore_errors=True)
        os.write(pipe, json.dumps([line[:MOST_SAID] for line in wrong[:MOST_LINES]]).encode())
        os._exit(0)

    def _survive(self, dead: InProcess, machine: Machine) -> List[str]:
        """What is wrong with ``machine``, which has the files of the dead one, after it has come to rest."""
        root, dead.machine = dead.machine.root, machine
        dead.save()
        over = False
        if self.scenario.death == POWER_LOSS:
            self._tear(root, machine.root)
            over = is_disarmed(machine)
        if self.scenario.death == POWER_LOSS or not dead.world["kernel"]["running"]:
            power_on(machine)
        code = at_rest(Lpar(machine), self.scenario.at_once, self.watch, by_hand=self.scenario.death == KILLED)
        found = [f"drboot ended with {code}"] if code != EXIT_OK else []
        asked = sum(entry["argv"][-1] == "clouddev=1" and entry["rc"] == 0 for entry in machine.commands())
        if asked > 1:
            found.append(f"the device reset was asked for {asked} times in one event")
        if not over:
            found += checker.differences(machine.directory, self.expected)
        # what happens after the commit is the first of the machine's later starts: nothing is left to be done
        rights = [right.started_again if over else right.left for right in self.right]
        final = picture(machine)
        return found + min((unlike(final, right) for right in rights), key=len)

    def _tear(self, dead: str, root: str) -> None:
        """Of what was written and not synced, half is there."""
        theirs, ours = (os.path.realpath(os.path.join(of, *[os.pardir] * 3)) for of in (dead, root))
        for path, safe in self.watch.unsynced.items():
            # what is mounted is a link into the estate of the dead one, whose run goes on
            copied = os.path.realpath(root + path[len(dead) :])
            if copied.startswith(theirs + os.sep):
                copied = ours + copied[len(theirs) :]
            with contextlib.suppress(FileNotFoundError):
                size = os.path.getsize(copied)
                os.truncate(copied, min(size, safe) + max(0, size - safe) // 2)

    # -- machines

    def _copy(self, name: str, machine: Optional[Machine] = None) -> Machine:
        """The machine (the one that has just woken, by default) in an estate of its own; no other LPAR is in that."""
        machine = machine or self.machine
        estate = os.path.join(self.directory, name)
        copied = os.path.join(estate, "lpars", machine.name)
        shutil.copytree(machine.directory, copied, symlinks=True, copy_function=_copy_file)
        _copy_owners(machine.directory, copied)
        shutil.copy(os.path.join(machine.estate, "san.json"), estate)
        if os.path.isdir(trees := os.path.join(machine.estate, "trees")):  # what file systems hold, as it now is
            shutil.copytree(trees, os.path.join(estate, "trees"), symlinks=True, dirs_exist_ok=True)
        store = os.path.join(machine.estate, "rootvg")
        for lun in os.listdir(store):
            os.makedirs(os.path.join(estate, "rootvg", lun))
            with contextlib.suppress(FileNotFoundError):
                shutil.copy(os.path.join(store, lun, "number"), os.path.join(estate, "rootvg", lun))
        return Machine(copied)


def _copy_file(source: str, target: str) -> None:
    """Content, mode and owner; of the programs, which nobody writes to, a second name."""
    status = os.lstat(source)
    if status.st_mode & 0o111:
        os.link(source, target)
        return
    shutil.copyfile(source, target)
    os.chmod(target, stat.S_IMODE(status.st_mode))
    if os.geteuid() == 0:
        os.chown(target, status.st_uid, status.st_gid)


def _copy_owners(source: str, target: str) -> None:
    """The copied directories belong to whom the others do: drboot looks at that."""
    if os.geteuid() == 0:
        for directory, _, _ in os.walk(source):
            status = os.lstat(directory)
            os.chown(target + directory[len(source) :], status.st_uid, status.st_gid)


# -- the same machine

BANNER_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")


def picture(machine: Machine) -> Dict[str, Any]:
    """The machine as JSON, without what any two runs that end in the same state may differ in.

    Left out: the error log, which has an entry of every start and every run; the record of the event, which has its
    times, and says plan B where a reset came late; when it was last shut down; what the last start did to the ODM; the
    order in which interfaces came up; whether the log of a file system that is not mounted has been replayed; the times
    in the banner of a rehearsal.
    """
    world, files = likeness.machine_state(machine), likeness.files(machine, programs=False)
    del world["kernel"]["reset"]
    world["firmware"]["nvram"].pop("last-shutdown", None)
    for interface in world["kernel"]["interfaces"].values():
        del interface["link"]
    for vgda in [vgda for site in world["san"]["vgdas"].values() for vgda in site.values()]:
        for fs in [lv["fs"] for lv in vgda["lvs"] if lv["fs"]]:
            fs["state"] = "sound" if fs["state"] in ("clean", "replay") else fs["state"]
    for record in (likeness.ERRLOG, paths.STATE):
        files.pop(record, None)
    text = BANNER_TIME.sub("TIME", json.dumps({"world": world, "files": files}))
    made: Dict[str, Any] = json.loads(text.replace(machine.estate, "ESTATE"))
    return made


def unlike(found: Any, wanted: Any, where: str = "") -> List[str]:
    """Where two pictures differ, a line each."""
    if found == wanted:
        return []
    if isinstance(found, dict) and isinstance(wanted, dict):
        lines: List[str] = []
        for key in sorted({*found, *wanted}):
            inner = f"{where}/{key}"
            if key not in found:
                lines.append(f"{inner}: is missing")
            elif key not in wanted:
                lines.append(f"{inner}: is there, and is not after an undisturbed run")
            else:
                lines += unlike(found[key], wanted[key], inner)
        return lines
    if isinstance(found, list) and isinstance(wanted, list) and len(found) == len(wanted):
        return [line for at in range(len(found)) for line in unlike(found[at], wanted[at], f"{where}/{at}")]
    return [f"{where}: is {found!r:.300}, after an undisturbed run {wanted!r:.300}"]
