"""Programs of the site, run in their phases: what only the site knows how to do.

docs/hooks.md says what a hook is told, what its exit status means and what it must bear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Collection, Dict, Iterator, List, Optional, Sequence, Tuple

from drboot import hook_record, paths
from drboot.errors import Problem, Where
from drboot.facts import lsvg, mount
from drboot.hook_record import BEGUN, DONE, Event
from drboot.profile.keys import DURATION, HOST_NAME, NAME, PATH, VG_NAME_LIMIT, ListOf, OneOf, Text, to_name, to_path
from drboot.profile.nodes import where_of
from drboot.profile.sections import Key, Section
from drboot.profile.trust import check_program
from drboot.runner import Command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Action, Assessment, Back, Blocked, Done, Later, Step, Todo, Write

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.wanted import Wanted

# In the order in which they come.  What each one waits for stands in `in_phases`.
PHASES = ("before_storage", "after_storage", "after_network", "last")
DIRECTORY = "/etc/drboot/hooks"


# ---------------------------------------------------------------- profile


@dataclass(frozen=True)
class Health:
    """``health:`` of a hook: a program that says by exit status 0 that it is so.  ``program`` "" for none.

    within  seconds after the hook in which it may still say no
    """

    program: str
    args: Tuple[str, ...]
    within: float
    at: Where


@dataclass(frozen=True)
class Undo:
    """``undo:`` of a hook.  ``program`` "" for none."""

    program: str
    args: Tuple[str, ...]
    at: Where


@dataclass(frozen=True)
class Hook:
    """One of ``hooks:``.  ``deadline`` in seconds, 0 for deadlines.hook."""

    name: str
    program: str
    args: Tuple[str, ...]
    phase: str
    needs: Tuple[str, ...]
    modes: Tuple[str, ...]
    hosts: Tuple[str, ...]
    deadline: float
    on_failure: str
    health: Health
    undo: Undo
    at: Where

    def is_for(self, host: str, mode: str) -> bool:
        return mode in self.modes and (not self.hosts or host in self.hosts)

    @property
    def programs(self) -> Tuple[str, ...]:
        """Every program that it names."""
        return tuple(filter(None, (self.program, self.health.program, self.undo.program)))


def to_argument(text: str) -> str:
    """One argument of a program: it reaches the program as it is, since no shell is in between."""
    if not text.isprintable():
        raise ValueError("it has a control character")
    return text


def to_need(text: str) -> str:
    """``/data``, ``datavg`` or ``network/service``."""
    if text.startswith("/"):
        return to_path(text)
    role = text[len("network/") :] if text.startswith("network/") else ""
    if role:
        return "network/" + to_name(role)
    if not re.fullmatch(rf"[A-Za-z0-9_.-]{{1,{VG_NAME_LIMIT}}}", text):
        raise ValueError("it is no mount point, no volume group, and not network/ with a role")
    return text


ARGUMENTS = ListOf(
    Text(
        "an argument",
        to_argument,
        Problem("bad-argument", "this cannot be an argument", next="write one word or one quoted text, as in [-v, db]"),
    ),
    repeats=True,
)
NEED = Text(
    "a mount point, a volume group, or network/ROLE",
    to_need,
    Problem("bad-need", "this is nothing that a hook can need", next="write /data, datavg, or network/service"),
    "[^ ]+",
)

HEALTH = Section(
    "health",
    Health,
    meaning="A program that changes nothing and ends with status 0 when what the hook does is so.",
    keys=(
        Key("program", PATH, "Absolute path.", "", "none: that it ran is recorded", f"{DIRECTORY}/app-is-up"),
        Key("args", ARGUMENTS, "Its arguments, one each; never a secret.", (), "none", "[payments]"),
        Key("within", DURATION, "How long after the hook it may say no.", 60.0, "60s", "60s"),
    ),
)

UNDO = Section(
    "undo",
    Undo,
    meaning="A program that brings back what was before the hook. Without one, what the hook did stays, and that is "
    "said beforehand.",
    keys=(
        Key("program", PATH, "Absolute path.", "", "none", f"{DIRECTORY}/app-stop"),
        Key("args", ARGUMENTS, "Its arguments, one each; never a secret.", (), "none", "[payments]"),
    ),
)

SECTION = Section(
    "hook",
    Hook,
    meaning="Programs of the site, in this order; see /opt/drboot/doc/hooks.md. No shell is in between.",
    keys=(
        Key("name", NAME, "What reports call it; unique in this profile.", example="app-start"),
        Key("program", PATH, "Absolute path; nobody else may write it.", example=f"{DIRECTORY}/app-start"),
        Key("args", ARGUMENTS, "Its arguments, one each; never a secret.", (), "none", "[payments]"),
        Key("phase", OneOf(*PHASES), "When it runs.", "last", example="after_network"),
        Key(
            "needs",
            ListOf(NEED),
            "Mount points, volume groups and network/ROLE without which it is not started.",
            default=(),
            shown="none",
            example="[/data, datavg, network/service]",
        ),
        Key(
            "modes",
            ListOf(OneOf("disaster", "rehearsal"), least=1),
            "In which modes it runs; a rehearsal runs it only when asked to.",
            default=("disaster",),
            shown="[disaster]",
            example="[disaster, rehearsal]",
        ),
        Key("hosts", ListOf(HOST_NAME), "Production host names it is for; none means every host.", (), "every host"),
        Key("deadline", DURATION, "How long it may take; then it is killed.", 0.0, "deadlines.hook", "5m"),
        Key(
            "on_failure",
            OneOf("stop", "continue"),
            "stop: no later hook is started. continue: the later ones are. Both leave the machine armed.",
            default="stop",
            example="continue",
        ),
        Key("health", HEALTH, HEALTH.meaning),
        Key("undo", UNDO, UNDO.meaning),
    ),
)


def check(hooks: Sequence[Hook], roles: Collection[str]) -> Iterator[Problem]:
    """Mistakes of the list as a whole.  ``roles`` are those of the site's network."""
    first: Dict[str, Hook] = {}
    for hook in hooks:
        other = first.setdefault(hook.name, hook)
        if other is not hook:
            yield Problem(
                "hook-named-twice",
                f"two hooks are called {hook.name}",
                f"{where_of(hook.name, hook.at)} and {where_of(other.name, other.at)}",
                "records and reports know a hook by its name",
                "give one of them another name",
            )
        yield from _check_needs(hook, roles)
        for part in (hook.health, hook.undo):
            if part.args and not part.program:
                yield Problem(
                    "hook-part-without-program",
                    f"hook {hook.name} has arguments for no program",
                    where_of(part.args[0], part.at),
                    "args is there and program is not",
                    "name the program, or take args out",
                )


def _check_needs(hook: Hook, roles: Collection[str]) -> Iterator[Problem]:
    for need in hook.needs:
        role = need.partition("network/")[2]
        if role and role not in roles:
            yield Problem(
                "hook-need-unknown",
                f"hook {hook.name} needs a role {role} that the site does not have",
                where_of(need, hook.at),
                "network.roles does not name it",
                "roles are: " + (", ".join(sorted(roles)) or "none"),
            )
        if hook.phase == PHASES[0]:
            yield Problem(
                "hook-needs-too-early",
                f"hook {hook.name} needs {need} before anything can be there",
                where_of(need, hook.at),
                f"in phase {hook.phase} no volume group and no address is up yet",
                "take the need out, or choose a later phase",
            )


# ---------------------------------------------------------------- steps


@dataclass(frozen=True)
class HookRan(Step):
    """A program of the site has done its work in this event.

    What it ensures  with a health probe: the probe says that it is so; without one: it ended with status 0 once in
                     this event
    Why              what an application needs at another site only the site knows
    Reads            /etc/drboot/hooks-ran.json, mount, lsvg -o, the health probe; who may write the programs
    Runs             the program, below its deadline, with its whole process group; the record before and after it
    Undo             the hook's undo program; without one nothing is brought back, and the plan says so
    Source           scenarios F37, F77 and F78 of the field: needs, a hook that hangs, the policy after a failure
    """

    hook: Hook
    event: Event
    environment: Tuple[Tuple[str, str], ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    rehearsal: bool = False

    # one at a time, in their order: the site wrote them so
    lock: ClassVar[str] = "hooks"

    @property
    def id(self) -> str:
        return f"hooks/{self.hook.name}"

    @property
    def title(self) -> str:
        return f"hook {self.hook.name}"

    def assess(self, seen: Seen) -> Assessment:
        record = seen(hook_record.RECORD).of(self.event)
        health, said = self.hook.health, record.get(self.hook.name)
        if said == DONE and not health.program:
            return Done(f"{self.hook.program} ended with status 0 in this event")
        for answer in (self._misses(seen, need) for need in self.hook.needs):
            if answer is not None:
                return answer
        distrusted = [p for program in self.hook.programs for p in check_program(seen.root, program)]
        if distrusted:
            return Blocked(distrusted[0])
        why = "it was begun earlier, and did not come to its end" if said == BEGUN else "it has not run in this event"
        if health.program:
            ran = seen.probe(self._command(health.program, health.args, "read"))
            if (ran.outcome, ran.rc) == ("exited", 0):
                return Done(f"{health.program} says that it is so")
            why = f"{health.program} says that it is not so: {ran.how()}"
        within = health.within if health.program else 0.0
        return Todo(self._actions(record), why, within=within)

    def _actions(self, record: hook_record.Hooks) -> Tuple[Action, ...]:
        """The program between its records.  Where there is a probe, that one is asked whether it came to its end.

        A rehearsal is there to be undone, and starts nothing that undo would not know of.
        """
        begun = self._says(record, BEGUN, "" if self.rehearsal else _UNRECORDED, _NOT_UNDONE)
        done = self._says(record, DONE, _UNRECORDED)
        program = self._command(self.hook.program, self.hook.args, "hook")
        return (begun, program) if self.hook.health.program else (begun, program, done)

    def _says(self, record: hook_record.Hooks, state: str, lost: str, no_undo: str = "") -> Write:
        text = hook_record.text(self.event, {**record, self.hook.name: state})
        return Write(paths.HOOKS_RAN, text, hook_record.MODE, lost, no_undo)

    def _command(self, program: str, args: Tuple[str, ...], kind: str) -> Command:
        deadline = self.hook.deadline if kind == "hook" else 0.0
        touches = _ANYTHING if kind == "hook" else frozenset()
        return Command(
            self.hook.name, args, kind, touches, path=program, deadline=deadline, environment=self.environment
        )

    def _misses(self, seen: Seen, need: str) -> Optional[Assessment]:
        """What stands in the way as long as the need is not there; None when it is.  A role's step answers for it."""
        if need.startswith("/"):
            there, lacks = any(row.over == need for row in seen(mount.MOUNTS)), f"nothing is mounted on {need}"
        elif need.startswith("network/"):
            there, lacks = bool(brought_by(need, self.needs)), f"this host has no address for the role {need[8:]}"
        else:
            there, lacks = need in seen(lsvg.VARIED_ON), f"{need} is not varied on"
        if there:
            return None
        comes = brought_by(need, self.needs)
        if comes:
            return Later(comes, (str(self._command(self.hook.program, self.hook.args, "hook")),), f"{lacks} yet")
        return Blocked(
            Problem(
                "hook-need-missing",
                f"hook {self.hook.name} is not started",
                where_of(need, self.hook.at),
                f"{lacks}, and no step of this host brings it",
                "correct needs, or say with hosts: for which hosts the hook is",
            )
        )

    def undo(self, seen: Seen) -> Back:
        hook = self.hook
        back = reversals.HookUndone(
            hook.name, hook.undo.program, hook.undo.args, hook.deadline, self.environment, *self.event
        )
        return Back((back,), "" if hook.undo.program else f"what {hook.program} did, since it names no undo program")


_UNRECORDED = "it may not be on record that the hook ran: a later run of this event may start it again"
_NOT_UNDONE = "that it was started could not be recorded: look whether what it did has to be brought back"
# What a program of the site changes is not known, so everything is looked at again.
_ANYTHING = frozenset(
    ("bootlist", "devices", "errlog", "files", "filesystems", "identity", "inittab", "lvm", "mounts", "names",
     "network", "services")
)  # fmt: skip


def brought_by(need: str, steps: Collection[str]) -> str:
    """Id of the one of these steps that brings what is needed, "" where none does; an NFS mount has a step as well."""
    if need.startswith("/"):
        ids: Tuple[str, ...] = (f"filesystems{need}", f"nfs{need}")
    else:
        ids = (f"{need}/alone" if need.startswith("network/") else f"volume_groups/{need}/varyon",)
    return next((step for step in ids if step in steps), "")


def steps(wanted: Wanted) -> Iterator[Step]:
    for hook in wanted.site.hooks:
        if hook.is_for(wanted.host, wanted.mode):
            event, rehearsal = Event(wanted.systemid, wanted.arm_id), wanted.mode == "rehearsal"
            yield HookRan(hook, event, _environment(wanted, hook), str(hook.at), rehearsal=rehearsal)


def _environment(wanted: Wanted, hook: Hook) -> Tuple[Tuple[str, str], ...]:
    """What a hook is told besides the fixed environment and DRBOOT_ROOT; docs/hooks.md has the table."""
    return (
        ("DRBOOT_HOST", wanted.host),
        ("DRBOOT_HOSTNAME", wanted.hostname),
        ("DRBOOT_SITE", wanted.site.site),
        ("DRBOOT_HOME_SITE", wanted.home),
        ("DRBOOT_MODE", wanted.mode),
        ("DRBOOT_RUN", wanted.run),
        ("DRBOOT_PHASE", hook.phase),
        ("DRBOOT_HOOK", hook.name),
    )


# ---------------------------------------------------------------- order


def in_phases(rows: Sequence[Tuple[str, Sequence[Step]]]) -> List[Step]:
    """All steps, the hooks placed between them.

    rows  the registry's rows with their steps, in order

    Hooks run one after the other: by phase, then as the profile lists them.  A phase waits for steps to be over,
    however they ended; what a hook cannot do without is among its ``needs``.  After a hook that failed under ``stop``
    no later hook is started, and after one of ``before_storage`` no disk is touched either.
    """
    hooks = [step for _, found in rows for step in found if isinstance(step, HookRan)]
    if not hooks:
        return [step for _, found in rows for step in found]
    names = [name for name, _ in rows]
    ends = (names.index("disks"), names.index("filesystems") + 1, names.index("network") + 1, len(rows))
    others = [[step.id for step in found if not isinstance(step, HookRan)] for _, found in rows]
    known = {step_id for row in others for step_id in row}
    placed: Dict[str, HookRan] = {}
    for step in sorted(hooks, key=lambda one: PHASES.index(one.hook.phase)):
        end = ends[PHASES.index(step.hook.phase)]
        waits = [step_id for row in others[:end] for step_id in row]
        needs = filter(None, (brought_by(need, known) for need in step.hook.needs))
        stops = [earlier.id for earlier in placed.values() if earlier.hook.on_failure == "stop"]
        placed[step.id] = replace(step, needs=(*needs, *stops), after=(*waits, *placed))
    early = [step for step in placed.values() if step.hook.phase == PHASES[0]]
    storage = {step_id for row in others[ends[0] : ends[1]] for step_id in row}
    return [placed.get(s.id) or (_behind(s, early) if s.id in storage else s) for _, found in rows for s in found]


def _behind(step: Step, early: Sequence[HookRan]) -> Step:
    """A step of the storage, behind the hooks that come before it."""
    if not early:
        return step
    needs = tuple(one.id for one in early if one.hook.on_failure == "stop")
    after = tuple(one.id for one in early)
    return replace(step, needs=(*step.needs, *needs), after=(*step.after, *after))  # type: ignore[type-var]
