"""What drboot would do at a site, as an administrator does it by hand: the plan's own steps, walked through on paper.

    walk(wanted) -> Walk    every step that has something to do, with its actions in order, and how each is undone
    stale(wanted) -> ...    what comes first where AIX did not reset its devices

An action is a dict with one of these keys, so that a program can follow it as well as a person:

    run    [program, argument, ...]
    look   [program, argument, ...], and ``want``: what is right to see
    write  path, and ``text``: the whole file
    edit   path, ``under`` (the stanza, or ""), ``old`` (a line, or "" to add one), ``new``
    move, copy  [from, to]         remove  path         own  path, and ``owner``: [uid, gid, mode]

``or`` stands beside ``run`` where there is something to try when it fails, ``makes`` where it prints a name that is
used below, ``unless`` where it is left out in some case.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from drboot import paths, plan
from drboot.errors import FactUnavailable
from drboot.facts import errpt, lspv, ping
from drboot.facts.base import Query
from drboot.paper import FIRST, UNKNOWN, Paper
from drboot.runner import Command
from drboot.steps import duplicates, wpars
from drboot.steps.base import Action, Back, Blocked, Later, Move, Own, Remove, Step, Todo, Write
from drboot.wanted import Wanted

Act = Dict[str, Any]
KEPT = paths.VAR + "/by-hand"  # copies of the files as they were
BEFORE_EXPORT = f"{KEPT}/filesystems.before"  # exportvg
MOST = 20  # turns of one step
_STAND_IN = re.compile(rf"\b(hdisk|ent|en|et|fcs|fscsi|vscsi)({str(FIRST)[0]}[0-9]{{{len(str(FIRST)) - 1}}})\b")


class Label(NamedTuple):
    """A name that AIX gives at the time: what stands for it here, and how it is found out."""

    label: str
    what: str
    find: str


@dataclass(frozen=True)
class Task:
    """One step.  why: what was seen; kept: what undo leaves."""

    id: str
    title: str
    why: str
    actions: Tuple[Act, ...]
    kept: str = ""


@dataclass(frozen=True)
class Walk:
    """tasks in their order; undo in its; ``unknown``: steps of which nothing can be said beforehand, and why."""

    tasks: Tuple[Task, ...]
    undo: Tuple[Task, ...]
    labels: Tuple[Label, ...]
    unknown: Tuple[str, ...]


def walk(wanted: Wanted) -> Walk:
    """Every step on paper, from a machine whose devices AIX has reset."""
    wanted = replace(wanted, systemid="by", arm_id="hand")
    paper = Paper(wanted)
    kinds = plan.kinds(wanted)
    tasks: List[Task] = []
    backs: List[Tuple[Step, Back]] = []
    unknown: List[str] = []
    undo_wpars: List[Task] = []
    unasked: Set[str] = set()  # questions that paper cannot answer, and what may only be done after them
    for step in _in_order(plan.build(wanted)):
        behind = sorted(unasked.intersection(step.needs))
        if step.asks or behind:
            unasked.add(step.id)
            unknown.append(f"{step.title}: " + (f"not before {behind[0]} was answered" if behind else "ask it first"))
            continue
        if kinds[step.id] == "duplicates":
            looks = tuple(_looks(step))
            if looks:
                tasks.append(Task(step.id, step.title, "", looks))
            continue
        try:
            if isinstance(step, wpars.OfWpar):
                task, task_back = _of_wpar(step, paper)
                tasks.append(task)
                undo_wpars.insert(0, task_back)
                continue
            task, back, left = _walked(step, paper)
        except FactUnavailable as error:
            unknown.append(f"{step.title}: {error.problems[0].what}")
            continue
        if left:
            unknown.append(f"{step.title}: {left}")
        if task.actions:
            tasks.append(task)
            backs.append((step, back))
    undo = [*(task for task in undo_wpars if task.actions or task.kept), *_undone(backs, paper)]
    changed = tuple(dict.fromkeys(path for task in tasks for act in task.actions for path in _changes(act)))
    if paper.imported:  # importvg and exportvg rewrite it
        changed = tuple(dict.fromkeys((*changed, paths.ETC_FILESYSTEMS)))
        stanzas: Act = {"copy": [_kept(paths.ETC_FILESYSTEMS), paths.ETC_FILESYSTEMS]}
        undo.append(Task("stanzas", "stanzas of file systems", "", (stanzas,)))
        tasks.insert(_first_mount(tasks), _compared())
    if changed:
        keep: List[Act] = [{"run": ["mkdir", "-p", KEPT]}]
        keep += [{"copy": [path, _kept(path)]} for path in changed]
        tasks.insert(0, Task("keep", "copies of the files that will be changed", "", tuple(keep)))
    return Walk(tuple(tasks), tuple(undo), tuple(_labels(wanted, paper, (*tasks, *undo))), tuple(unknown))


def _first_mount(tasks: Sequence[Task]) -> int:
    """Where the file systems begin, behind every import."""
    imports = [at for at, task in enumerate(tasks) if task.id.startswith("volume_groups/")]
    return max(imports, default=-1) + 1


def _compared() -> Task:
    """importvg makes stanzas anew, without what somebody had edited in them: nobody can say beforehand which."""
    want = (
        "nothing but the order; give each stanza back the options, log and mount that it had "
        f"({BEFORE_EXPORT} where volume groups were exported first)"
    )
    look: Act = {"look": ["diff", _kept(paths.ETC_FILESYSTEMS), paths.ETC_FILESYSTEMS], "want": want}
    return Task("stanzas", "stanzas of file systems as they were", "", (look,))


def stale(wanted: Wanted) -> Tuple[Task, ...]:
    """What home has left in an ODM that was not reset, and how it is taken out.

    The names are home's own, since that ODM is home's: an interface that is up has home's address until it is detached.
    """
    capture = wanted.capture
    found = []
    owner = wanted.site.network.owner  # as drboot itself: with none the addresses stay, and routes are the owner's
    up = [one for one in capture.interfaces if one.address and owner != "none"]
    every = ", ".join(capture.addresses())
    fence: List[Act] = [
        {"look": [paths.PROGRAMS["ifconfig"], "-a"], "want": f"none of {every}: ifconfig NAME down detach for each"}
    ]
    fence += [{"run": [paths.PROGRAMS["chdev"], "-l", one.name, "-a", "state=detach"]} for one in up]
    for one in up:
        for address, mask in one.aliases:
            value = f"delalias4={address},{mask}"
            fence.append({"run": [paths.PROGRAMS["chdev"], "-l", one.name, "-a", value]})
    if up:
        found.append(Task("stale/addresses", "home's addresses off the wire, before anything else", "", tuple(fence)))
    old = [f"delroute={stored}" for stored in capture.routes] + [f"delrout6={stored}" for stored in capture.routes6]
    if old and wanted.owns_network:
        away = tuple({"run": [paths.PROGRAMS["chdev"], "-l", "inet0", "-a", value]} for value in old)
        found.append(Task("stale/routes", "home's routes", "", away))
    groups: Tuple[Act, ...] = tuple(
        {"run": [paths.PROGRAMS["exportvg"], vg.name], "unless": "lsvg -o lists it"} for vg in capture.volume_groups
    )
    if groups:  # exportvg takes the stanzas along
        keep: Tuple[Act, ...] = ({"run": ["mkdir", "-p", KEPT]}, {"copy": [paths.ETC_FILESYSTEMS, BEFORE_EXPORT]})
        found.append(Task("stale/groups", "home's volume groups out of the ODM", "", keep + groups))
    want = "rmdev -dl NAME for each disk, adapter and interface among them, disks first; nothing else"
    look = {"look": [paths.PROGRAMS["lsdev"], "-C", "-S", "Defined"], "want": want}
    found.append(Task("stale/devices", "home's disks and adapters, which are Defined now", "", (look,)))
    return tuple(found)


# ---------------------------------------------------------------- one step


def _in_order(steps: Sequence[Step]) -> Iterator[Step]:
    """Each after those that it needs or comes after; the registry's order breaks ties."""
    known = {step.id for step in steps}
    waiting = list(steps)
    over: Set[str] = set()
    while waiting:
        ready = next((s for s in waiting if {*s.needs, *s.after} & known <= over), waiting[0])
        waiting.remove(ready)
        over.add(ready.id)
        yield ready


def _walked(step: Step, paper: Paper) -> Tuple[Task, Back, str]:
    """What it does until it has nothing more to do, how that is undone, and what is left open."""
    actions: List[Act] = []
    back, why, before = Back(), "", None
    for _ in range(MOST):
        answer = step.assess(paper)
        if isinstance(answer, Blocked):
            return Task(step.id, step.title, why, tuple(actions)), back, answer.problem.why
        if isinstance(answer, Later):
            return Task(step.id, step.title, why, tuple(actions)), back, answer.why
        if not isinstance(answer, Todo) or answer.actions == before:
            break
        if before is None:
            back, why = step.undo(paper), answer.why
        before = answer.actions
        actions += _acted(answer, paper)
    return Task(step.id, step.title, why if UNKNOWN not in why else "", tuple(actions), back.kept), back, ""


def _acted(answer: Todo, paper: Paper) -> List[Act]:
    """The actions, done on paper; what to try instead stands with the last of its commands, or with each of its own."""
    found: List[Act] = []
    own = answer.instead if answer.each and len(answer.instead) == len(answer.actions) else ()
    for at, action in enumerate(answer.actions):
        shown = list(_shown(action, paper))
        if own:
            shown[-1]["or"] = list(_shown(own[at], paper))
        found += shown
        before = len(paper.adapters)
        paper.act(action)
        if len(paper.adapters) > before and isinstance(action, Command) and action.program == "mkdev":
            found[-1]["makes"] = paper.adapters[-1].name
    commands = [act for act in found if "run" in act]
    if answer.instead and not own and commands:
        commands[-1]["or"] = [act for other in answer.instead for act in _shown(other, paper)]
    return found


def _looks(step: Step) -> Iterator[Act]:
    """What drboot asks before and after it takes an address."""
    row = getattr(step, "row", None)
    if isinstance(step, duplicates.Unused) and row is not None:
        for address in row.addresses:
            yield {"look": _argv(ping.answers(address, "")), "want": "no answer: if there is one, stop here"}
    elif step.id.endswith("/alone") and not step.id.endswith("/aliases/alone"):
        yield {"look": _argv(errpt.DUPLICATES), "want": "no new entry: else chdev -l INTERFACE -a state=detach"}


def _of_wpar(step: wpars.OfWpar, paper: Paper) -> Tuple[Task, Task]:
    """What is done about a workload partition, and how it is undone.

    Written out and not walked: what its definition and its root hold only the machine knows.
    """
    name, kept = step.wpar.name, ""
    there: List[Act] = []
    back: List[Act] = []
    if isinstance(step, wpars.ResolverSo):
        copy = f"{KEPT}/resolv.conf.{name}"
        there = [
            {"look": [paths.PROGRAMS["lswpar"], name], "want": f"State D; else stopwpar {name}"},
            {"look": ["ls", "-ld", f"{step.wpar.root}/etc", step.path], "want": "no link; else stop here"},
            {"run": ["mkdir", "-p", KEPT]},
            {"copy": [step.path, copy]},
            {"write": step.path, "text": step.edit.written(step.edit.nameservers)},
        ]
        back = [{"copy": [copy, step.path]}]
    elif isinstance(step, wpars.AddressesSo):
        chwpar = paths.PROGRAMS["chwpar"]
        want = f"note each address that is listed, then: chwpar -K -N address=IT {name}"
        there = [{"look": [paths.PROGRAMS["lswpar"], "-N", name], "want": want}]
        for interface, address, netmask in step.wanted(paper):
            new = (f"interface={interface}", f"address={address}", f"netmask={netmask}")
            there.append({"run": [chwpar, "-N", *new, name]})
            back.append({"run": [chwpar, "-K", "-N", f"address={address}", name]})
        kept = "those that were noted: chwpar -N interface=IF address=IT netmask=MASK, of each"
    elif isinstance(step, wpars.AddressesFree):
        want = "no answer: if there is one, stop here"
        there = [{"look": _argv(ping.answers(one.address, "")), "want": want} for one in step.addresses]
    elif isinstance(step, wpars.Started):
        there = [{"run": [paths.PROGRAMS["startwpar"], name]}]
        back = [{"run": [paths.PROGRAMS["stopwpar"], name]}]
    return Task(step.id, step.title, "", tuple(there), kept), Task(step.id, step.title, "", tuple(back), kept)


def _argv(query: Query[Any]) -> List[str]:
    return [paths.PROGRAMS[query.program], *query.args]


def _shown(action: Action, paper: Paper) -> Iterator[Act]:
    if isinstance(action, Command):
        yield {"run": [action.path or paths.PROGRAMS[action.program], *action.args]}
    elif isinstance(action, Move):
        directory = action.target.rpartition("/")[0]
        if directory != action.source.rpartition("/")[0]:
            yield {"run": ["mkdir", "-p", directory]}
        yield {"move": [action.source, action.target]}
    elif isinstance(action, Remove):
        yield {"remove": action.path}
    elif isinstance(action, Own):
        yield {"own": action.path, "owner": [action.owner.uid, action.owner.gid, action.owner.mode]}
    else:
        yield from _written(action, paper)


def _written(action: Write, paper: Paper) -> Iterator[Act]:
    """A copy of another file where it is one; the whole file where nothing of it is kept; else line by line."""
    same = [path for path, text in paper.files.items() if text == action.text and path != action.path]
    if not action.text:
        yield {"write": action.path, "text": ""}
    elif same:
        yield {"copy": [same[0], action.path]}
    elif action.path == paths.ETC_RESOLV or not paper.files.get(action.path):
        before = paper.files.get(action.path)
        if before == "" and action.path != paths.ETC_RESOLV:
            yield from ({"edit": action.path, "under": "", "old": "", "new": line} for line in action.text.splitlines())
        else:
            yield {"write": action.path, "text": action.text}
    else:
        yield from _edits(action.path, (paper.files[action.path] or "").splitlines(), action.text.splitlines())


def _edits(path: str, old: List[str], new: List[str]) -> Iterator[Act]:
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        under = next((line[:-1] for line in reversed(old[:a]) if re.fullmatch(r"\S+:", line)), "")
        for at in range(max(b - a, d - c)):
            before = old[a + at] if a + at < b else ""
            after = new[c + at] if c + at < d else ""
            yield {"edit": path, "under": under, "old": before, "new": after}


def _kept(path: str) -> str:
    """Where the copy of a file is."""
    return f"{KEPT}/{path.rpartition('/')[2]}"


def _changes(act: Act) -> Tuple[str, ...]:
    """The file that an action changes, where undo would want it as it was."""
    path = act.get("write") or act.get("edit") or (act["copy"][1] if "copy" in act else "")
    return (path,) if path in paths.MANAGED else ()


# ---------------------------------------------------------------- undo


def _undone(backs: Sequence[Tuple[Step, Back]], paper: Paper) -> Iterator[Task]:
    """The reversals that the steps have named, the last step first; files come back from their copies."""
    for step, back in reversed(backs):
        actions: List[Act] = []
        for reversal in back.steps:
            try:
                answer = reversal.assess(paper)
            except FactUnavailable:
                continue
            if not isinstance(answer, Todo):
                continue
            for action in answer.actions:
                actions += _put_back(action, paper)
                paper.act(action)
        if actions or back.kept:
            yield Task(step.id, step.title, "", tuple(actions), back.kept)


def _put_back(action: Action, paper: Paper) -> Iterator[Act]:
    if isinstance(action, (Write, Own)) and action.path in paths.MANAGED:
        if isinstance(action, Write):
            yield {"copy": [_kept(action.path), action.path]}
        return
    for act in _shown(action, paper):
        known = _known(act.get("run", []))
        if "run" not in act:
            yield act
        elif known is not None:
            yield {"run": known}


def _known(argv: List[str]) -> Optional[List[str]]:
    """The command without the values that nobody knows beforehand; None where nothing is left of it."""
    kept: List[str] = []
    for word in argv:
        if UNKNOWN not in word:
            kept.append(word)
        elif kept[-1:] == ["-a"]:
            kept.pop()
        else:
            return None
    return kept if "-a" in kept or "-a" not in argv else None


# ---------------------------------------------------------------- names that AIX gives


def labelled(text: str) -> str:
    """``hdisk90001`` as DISK1, ``en90002`` as EN2."""

    def label(found: re.Match[str]) -> str:
        kind = "DISK" if found.group(1) == "hdisk" else found.group(1).upper()
        return f"{kind}{int(found.group(2)) - FIRST + 1}"

    return _STAND_IN.sub(label, text)


def _labels(wanted: Wanted, paper: Paper, tasks: Sequence[Task]) -> Iterator[Label]:
    """Those that the tasks use."""
    used = {found.group(0) for task in tasks for act in task.actions for found in _STAND_IN.finditer(str(act))}
    for name in sorted(
        used, key=lambda name: (name.rstrip("0123456789") != "hdisk", int(re.sub(r"\D", "", name)), name)
    ):
        if name in paper.disks:
            disk = paper.disks[name]
            yield Label(labelled(name), f"disk with PVID {disk.pvid} ({disk.vg})", f"{lspv.PVS} | grep {disk.pvid}")
            continue
        yield Label(labelled(name), *_of_adapter(wanted, paper, name))


def _of_adapter(wanted: Wanted, paper: Paper, name: str) -> Tuple[str, str]:
    number = int(re.sub(r"\D", "", name)) - FIRST
    found: Optional[str] = next((one.location for one in paper.adapters if one.name == name), None)
    if name[:2] == "en" and number < len(wanted.rows):
        row = wanted.rows[number]
        what = f"{'adapter' if name[:3] == 'ent' else 'interface'} of {row.role}, {row.match}"
        value = row.match.value
        look = {
            "slot": f"lscfg -l 'ent*' | grep -e -{value}" + ("" if "-T" in value else "-"),
            "vlan": "entstat -d entN | grep -i vlan, for each ent",
            "mac": f"lscfg -vl 'ent*' | grep -ip {value.replace(':', '')}",
        }[row.match.kind]
        return what, look + ("" if name[:3] == "ent" else ": entN, so enN")
    place = found.rpartition("V1-")[2] if found else ""
    if place:
        prefix = name.rstrip("0123456789")
        base = {"en": "ent", "et": "ent", "fscsi": "fcs"}.get(prefix, prefix)
        below = {"en": ": entN, so enN", "et": ": entN, so etN", "fscsi": ": the fscsi of lsdev -p fcsN"}.get(
            prefix, ""
        )
        return f"{prefix} in slot {place}", f"lscfg -l '{base}*' | grep -e -{place}{below}"
    return "pseudo adapter made on the way", "the name that mkdev prints: entN, so enN and etN"
