"""What was so before, as steps that make it so again: the language in which undo is recorded and run.

A step that is about to act names its reversals (``Step.undo``); ``dump`` writes them into the journal, ``load`` reads
them back.  Since they answer "is it so already?" like every other step, undo has a plan, can be interrupted and
started again, and is verified.

Every reversal is a frozen dataclass whose fields are JSON's types and tuples of them.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from typing import Any, Callable, ClassVar, Dict, List, Mapping, Optional, Tuple

from drboot import hook_record, paths, settable
from drboot.errors import Problem
from drboot.facts import bootlist, ifconfig, inittab, lsattr, lsdev, lssrc, lsvg, mount, route, uname
from drboot.facts.base import FileQuery, Owner
from drboot.facts.types import VgName
from drboot.hook_record import Event
from drboot.profile.trust import check_program
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.steps.base import Action, Assessment, Back, Blocked, Done, Move, Own, Remove, Retry, Step, Todo, Write

AT = "the run that is undone"


class Reversal(Step):
    """A step of undo.  Its own reversal is the run that it undoes."""

    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...]

    def undo(self, seen: Seen) -> Back:
        return Back((), "drboot --apply does it again")


@dataclass(frozen=True)
class FileWas(Reversal):
    """A file has its bytes, mode and owner back; ``text`` None: there was none."""

    path: str
    text: Optional[str]
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/file{self.path}"

    @property
    def title(self) -> str:
        return f"{self.path} as it was"

    def assess(self, seen: Seen) -> Assessment:
        now, owner = seen(text_of(self.path)), seen.owner(self.path)
        if self.text is None:
            if owner is None:
                return Done(f"{self.path} is not there")
            return Todo((Remove(self.path),), f"{self.path} was not there")
        was = Owner(self.uid, self.gid, self.mode)
        actions: List[Action] = []
        if now != self.text:
            actions.append(Write(self.path, self.text, None if owner == was else self.mode))
        if owner is None or (owner.uid, owner.gid, owner.mode) != (self.uid, self.gid, self.mode):
            actions.append(Own(self.path, was))
        if not actions:
            return Done(f"{self.path} is as it was")
        return Todo(tuple(actions), f"{self.path} was changed")


@dataclass(frozen=True)
class MovedBack(Reversal):
    """A file that was set aside is back at its place.

    over  what the run itself may have left there: texts that give way
    """

    path: str
    aside: str
    over: Tuple[str, ...] = ()
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/moved{self.path}"

    @property
    def title(self) -> str:
        return f"{self.path} back from {self.aside}"

    def assess(self, seen: Seen) -> Assessment:
        here, aside = seen.owner(self.path), seen.owner(self.aside)
        if here is not None and aside is None:
            return Done(f"{self.path} is there")
        if here is None and aside is not None:
            return Todo((Move(self.aside, self.path),), f"it is at {self.aside}")
        if here is not None and aside is not None and seen(text_of(self.path)) in self.over:
            return Todo((Remove(self.path), Move(self.aside, self.path)), f"it is at {self.aside}")
        why = f"both {self.path} and {self.aside} are there" if here else f"neither it nor {self.aside} is there"
        return Blocked(_problem(self, why, f"look at both, leave the right one as {self.path}"))


@dataclass(frozen=True)
class OwnerWas(Reversal):
    """A device or file that is still there belongs to whom it belonged."""

    path: str
    uid: int
    gid: int
    mode: int
    vg: str = ""  # the volume group of a raw device
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/owner{self.path}"

    @property
    def title(self) -> str:
        return f"owner of {self.path} as it was"

    def assess(self, seen: Seen) -> Assessment:
        was, now = Owner(self.uid, self.gid, self.mode), seen.owner(self.path)
        if now is None:
            return Done(f"{self.path} is not there")
        if now == was:
            return Done(f"{self.path} is {was}")
        return Todo((Own(self.path, was),), f"{self.path} is {now}")


@dataclass(frozen=True)
class AttributesWere(Reversal):
    """Attributes of a device have their values in the ODM back."""

    device: str
    values: Tuple[Tuple[str, str], ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/attributes/{self.device}/" + ",".join(name for name, _ in self.values)

    @property
    def title(self) -> str:
        return f"{', '.join(name for name, _ in self.values)} of {self.device} as before"

    def assess(self, seen: Seen) -> Assessment:
        differs = [(name, value) for name, value in self.values if odm_value(seen, self.device, name) != value]
        if not differs:
            return Done(", ".join(f"{name}={value}" for name, value in self.values))
        args = [part for name, value in differs for part in ("-a", f"{name}={value}")]
        change = command("chdev", "-l", self.device, *args, touches="devices network names")
        return Todo((change,), ", ".join(f"{name} was {value or 'empty'}" for name, value in differs))


@dataclass(frozen=True)
class InterfaceWas(Reversal):
    """An interface is configured as before, and the address that the run gave it is off the wire.

    Source   chdev of enN changes the ODM first, then the kernel (network-and-services section 3); full removal:
             ifconfig enN down detach; rmdev -dl enN; cfgmgr (section 6, IBM Cloud docs)
    Assumed  chdev takes an empty netaddr and netmask; where it does not, the full removal leaves the interface as
             cfgmgr first makes it
    """

    name: str
    netaddr: str
    netmask: str
    state: str
    mtu: str
    address: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return f"undo/interface/{self.name}"

    @property
    def title(self) -> str:
        return f"{self.name} as before, {self.netaddr or 'without address'}"

    def assess(self, seen: Seen) -> Assessment:
        if _is_gone(seen, self.name):
            return Done(f"there is no {self.name} any more")
        wanted = {"netaddr": self.netaddr, "netmask": self.netmask, "state": self.state, "mtu": self.mtu}
        differs = [(name, value) for name, value in wanted.items() if odm_value(seen, self.name, name) != value]
        kernel = [i.address for row in seen(ifconfig.INTERFACES) if row.name == self.name for i in row.inet]
        actions: List[Command] = []
        if self.address in kernel and self.address != self.netaddr:
            actions.append(command("ifconfig", self.name, "down", "detach", touches="network"))
        if self.netaddr and self.state == "up" and self.netaddr not in kernel:
            differs = differs or [("netaddr", self.netaddr), ("netmask", self.netmask), ("state", "up")]
        if differs:
            args = [part for name, value in differs for part in ("-a", f"{name}={value}")]
            actions.append(command("chdev", "-l", self.name, *args, touches="network devices"))
        if not actions:
            return Done(f"{self.name} is configured as {self.netaddr or 'nothing'}, {self.state or 'no state'}")
        return Todo(tuple(actions), f"{self.name} has {self.address}", None, self._instead())

    def _instead(self) -> Tuple[Command, ...]:
        if self.netaddr:
            return ()
        return (
            command("ifconfig", self.name, "down", "detach", touches="network"),
            command("rmdev", "-dl", self.name, touches="network devices"),
            command("cfgmgr", kind="cfgmgr", touches="network devices lvm"),
        )


@dataclass(frozen=True)
class AliasesWere(Reversal):
    """An interface has the aliases in the ODM that it had.  Source: delalias4, network-and-services section 3."""

    name: str
    stored: Tuple[str, ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return f"undo/aliases/{self.name}"

    @property
    def title(self) -> str:
        return f"aliases of {self.name} as before"

    def assess(self, seen: Seen) -> Assessment:
        if _is_gone(seen, self.name):
            return Done(f"there is no {self.name} any more")
        now = tuple(value for value in seen(lsattr.value(self.name, "alias4")) if value)
        return _multi(self.name, "alias4", "delalias4", self.stored, now)


@dataclass(frozen=True)
class RoutesWere(Reversal):
    """inet0 stores the routes that it stored.  Source: delroute, network-and-services section 4."""

    stored: Tuple[str, ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return "undo/routes"

    @property
    def title(self) -> str:
        return "stored routes as before"

    def assess(self, seen: Seen) -> Assessment:
        return _multi("inet0", "route", "delroute", self.stored, tuple(r.stored for r in seen(route.STORED)))


def _multi(device: str, add: str, remove: str, was: Tuple[str, ...], now: Tuple[str, ...]) -> Assessment:
    """An attribute with several values, which has one name to add a value and another to take one away."""

    def change(name: str, value: str) -> Command:
        return command("chdev", "-l", device, "-a", f"{name}={value}", touches="network devices")

    surplus = [change(remove, value) for value in now if value not in was]
    missing = [change(add, value) for value in was if value not in now]
    if not surplus and not missing:
        return Done(f"{len(was)} stored, as before")
    return Todo((*surplus, *missing), f"{len(surplus)} were added, {len(missing)} taken away")


@dataclass(frozen=True)
class NodeNameWas(Reversal):
    """uname -n says what it said."""

    name: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "undo/node_name"

    @property
    def title(self) -> str:
        return f"node name {self.name}"

    def assess(self, seen: Seen) -> Assessment:
        now = seen(uname.NODE)
        if now == self.name:
            return Done(f"uname -n says {now}")
        return Todo((command("uname", "-S", self.name, touches="names"),), f"uname -n says {now}")


@dataclass(frozen=True)
class HostNameWas(Reversal):
    """The kernel's host name is what it was: inet0 may store none, and the kernel then has one all the same.

    Source: hostname manual, `hostname NAME` sets the name of the running system only.
    """

    name: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "undo/host_name"

    @property
    def title(self) -> str:
        return f"host name {self.name}"

    def assess(self, seen: Seen) -> Assessment:
        now = seen(uname.HOST)
        if now == self.name:
            return Done(f"hostname says {now}")
        return Todo((command("hostname", self.name, touches="names"),), f"hostname says {now or 'nothing'}")


@dataclass(frozen=True)
class Unmounted(Reversal):
    """What the run mounted there is not mounted any more.

    Never forced.  A file system in use stays, and undo says so: whoever uses it has to end first.
    """

    mount_point: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/mount{self.mount_point}"

    @property
    def title(self) -> str:
        return f"umount {self.mount_point}"

    def assess(self, seen: Seen) -> Assessment:
        here = [row for row in seen(mount.MOUNTS) if row.over == self.mount_point]
        if not here:
            return Done(f"nothing is mounted on {self.mount_point}")
        kind = "nfs" if here[-1].node else "mount"
        change = command("umount", self.mount_point, kind=kind, touches="mounts lvm")
        return Todo((change,), f"{here[-1].mounted} is mounted", Retry(10.0))


@dataclass(frozen=True)
class GroupOff(Reversal):
    """A volume group is not varied on.  Source: varyoffvg manual; its logical volumes must be closed."""

    vg: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/varyon/{self.vg}"

    @property
    def title(self) -> str:
        return f"varyoffvg {self.vg}"

    def assess(self, seen: Seen) -> Assessment:
        if self.vg not in seen(lsvg.VARIED_ON):
            return Done(f"{self.vg} is not varied on")
        return Todo((command("varyoffvg", self.vg, kind="varyonvg", touches="lvm"),), f"{self.vg} is varied on")


@dataclass(frozen=True)
class GroupGone(Reversal):
    """A volume group is not in the ODM.  Source: exportvg touches the ODM and stanzas only, not the disks."""

    vg: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "importvg"

    @property
    def id(self) -> str:
        return f"undo/import/{self.vg}"

    @property
    def title(self) -> str:
        return f"exportvg {self.vg}"

    def assess(self, seen: Seen) -> Assessment:
        if self.vg not in seen(lsvg.ALL):
            return Done(f"{self.vg} is not in the ODM")
        if self.vg in seen(lsvg.VARIED_ON):
            return Blocked(_problem(self, f"{self.vg} is still varied on", "end what uses it, then: drboot undo"))
        change = command("exportvg", self.vg, kind="importvg", touches="lvm files filesystems")
        return Todo((change,), f"{self.vg} is in the ODM")


@dataclass(frozen=True)
class GroupWas(Reversal):
    """AUTO ON and QUORUM of a volume group that is varied on, as they were."""

    vg: str
    auto_on: bool
    quorum: bool
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/settings/{self.vg}"

    @property
    def title(self) -> str:
        return f"chvg {self.vg}"

    def assess(self, seen: Seen) -> Assessment:
        if self.vg not in seen(lsvg.VARIED_ON):
            return Done(f"{self.vg} is not varied on")
        vg = seen(lsvg.vg(VgName(self.vg)))
        if vg.auto_on == self.auto_on and vg.has_quorum == self.quorum:
            return Done(f"AUTO ON {_yes(self.auto_on)}, quorum {_yes(self.quorum)}")
        flags = ("-a", _yes(self.auto_on)[0], "-Q", _yes(self.quorum)[0])
        return Todo((command("chvg", *flags, self.vg, touches="lvm"),), "its settings were others")


@dataclass(frozen=True)
class EntryWas(Reversal):
    """An inittab entry reads as it did."""

    line: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "inittab"

    @property
    def _name(self) -> str:
        return self.line.partition(":")[0]

    @property
    def id(self) -> str:
        return f"undo/inittab/{self._name}"

    @property
    def title(self) -> str:
        return f"inittab entry {self._name} as before"

    def assess(self, seen: Seen) -> Assessment:
        entry = seen(inittab.entry(self._name))
        if entry is not None and str(entry) == self.line:
            return Done(self.line)
        if entry is None:
            return Blocked(_problem(self, f"there is no entry {self._name} any more", f"mkitab '{self.line}'"))
        return Todo((command("chitab", self.line, touches="inittab"),), f"its action is {entry.action}")


@dataclass(frozen=True)
class PseudoGone(Reversal):
    """No EtherChannel or VLAN device is over these adapters.

    Source: ifconfig enN down detach; rmdev -dl enN (aix/network-and-services.md section 6), then etN and the adapter.
    """

    type: str
    parts: Tuple[Tuple[str, Tuple[str, ...]], ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return f"undo/pseudo/{self.type}/" + ",".join(name for _, names in self.parts for name in names)

    @property
    def title(self) -> str:
        return f"no {self.type} over {', '.join(name for _, names in self.parts for name in names)}"

    def assess(self, seen: Seen) -> Assessment:
        name = settable.pseudo_over(seen, self.type, dict(self.parts))
        if name is None:
            return Done("there is none")
        en, et = "en" + name[3:], "et" + name[3:]
        known = {row.name for row in seen(lsdev.DEVICES)}
        off = [
            command("ifconfig", i.name, "down", "detach", touches="network")
            for i in seen(ifconfig.INTERFACES)
            if i.name == en
        ]
        away = [command("rmdev", "-dl", d, touches="network devices") for d in (en, et, name) if d in known]
        return Todo((*off, *away), f"{name} is there")


@dataclass(frozen=True)
class SubsystemWas(Reversal):
    """An SRC subsystem runs again, or does not."""

    name: str
    active: bool
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/subsystem/{self.name}"

    @property
    def title(self) -> str:
        return f"subsystem {self.name} {'active' if self.active else 'stopped'} again"

    def assess(self, seen: Seen) -> Assessment:
        rows = seen(lssrc.subsystem(self.name))
        if not rows:
            return Done(f"{self.name} is not on file")
        if (rows[0].status == "active") == self.active:
            return Done(f"{self.name} is {rows[0].status}")
        change = command("startsrc" if self.active else "stopsrc", "-s", self.name, touches="services")
        return Todo((change,), f"{self.name} is {rows[0].status}", Retry(60.0))


@dataclass(frozen=True)
class BootListWas(Reversal):
    """The normal boot list holds what it held.  An entry is its device, with ``blv=`` and ``pathid=`` behind it."""

    entries: Tuple[Tuple[str, ...], ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "undo/boot_list"

    @property
    def title(self) -> str:
        return "boot list as before"

    def assess(self, seen: Seen) -> Assessment:
        if boot_entries(seen) == self.entries:
            return Done(", ".join(entry[0] for entry in self.entries))
        words = [word for entry in self.entries for word in entry]
        return Todo((command("bootlist", "-m", "normal", *words, touches="bootlist"),), "it was changed")


@dataclass(frozen=True)
class HookUndone(Reversal):
    """A hook that was begun in this event counts as not run any more; its undo program, where it has one, has run."""

    name: str
    program: str
    args: Tuple[str, ...]
    deadline: float
    environment: Tuple[Tuple[str, str], ...]
    systemid: str
    arm_id: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/hook/{self.name}"

    @property
    def title(self) -> str:
        return f"hook {self.name} undone"

    def assess(self, seen: Seen) -> Assessment:
        event = Event(self.systemid, self.arm_id)
        ran = seen(hook_record.RECORD).of(event)
        if self.name not in ran:
            return Done(f"{self.name} has not run in this event")
        rest = {name: said for name, said in ran.items() if name != self.name}
        forget = Write(paths.HOOKS_RAN, hook_record.text(event, rest), 0o600) if rest else Remove(paths.HOOKS_RAN)
        if not self.program:
            return Todo((forget,), f"{self.name} counts as {ran[self.name]}")
        distrusted = check_program(seen.root, self.program)
        if distrusted:
            return Blocked(distrusted[0])
        undo = Command(
            self.name, self.args, "hook", path=self.program, deadline=self.deadline, environment=self.environment
        )
        return Todo((undo, forget), f"{self.name} was {ran[self.name]}")


KINDS: Dict[str, Callable[..., Reversal]] = {
    kind.__name__: kind
    for kind in (
        AliasesWere, AttributesWere, BootListWas, EntryWas, FileWas, GroupGone, GroupOff, GroupWas, HookUndone,
        HostNameWas, InterfaceWas, MovedBack, NodeNameWas, OwnerWas, PseudoGone, RoutesWere, SubsystemWas, Unmounted,
    )
}  # fmt: skip


def dump(step: Step) -> Dict[str, Any]:
    """A reversal as JSON."""
    fields = {key: value for key, value in asdict(step).items() if key not in ("needs", "after", "at")}  # type: ignore[call-overload]
    return {"kind": type(step).__name__, **fields}


def load(value: Mapping[str, Any], at: str) -> Reversal:
    """What ``dump`` wrote.  Raises KeyError, TypeError for anything else."""
    fields = {key: _tuples(item) for key, item in value.items() if key != "kind"}
    return KINDS[value["kind"]](**fields, at=at)


def in_order(steps: List[Reversal]) -> Tuple[Reversal, ...]:
    """One after the other, however each ends."""
    done: List[Reversal] = []
    for step in steps:
        done.append(replace(step, after=(done[-1].id,)) if done else step)  # type: ignore[type-var]
    return tuple(done)


def file_was(seen: Seen, path: str) -> FileWas:
    """The file as it is now.  Raises FactUnavailable."""
    owner = seen.owner(path)
    if owner is None:
        return FileWas(path, None)
    return FileWas(path, seen(text_of(path)), owner.mode, owner.uid, owner.gid)


def digest(seen: Seen, path: str) -> str:
    """Of what the file says; "" where there is none, or none that can be read."""
    text = seen.or_none(text_of(path))
    return "" if text is None else hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def text_of(path: str) -> FileQuery[Optional[str]]:
    """What the file says; None when there is none."""
    return FileQuery(path, _as_it_is)


def boot_entries(seen: Seen) -> Tuple[Tuple[str, ...], ...]:
    """The normal boot list as bootlist takes it: the entries whose device exists."""
    return tuple(
        (entry.device, *(f"{key}={value}" for key, value in entry.options if key in ("blv", "pathid")))
        for entry in seen(bootlist.NORMAL)
        if entry.device
    )


def routes_were(seen: Seen) -> RoutesWere:
    return RoutesWere(tuple(r.stored for r in seen(route.STORED)))


def attributes_were(seen: Seen, device: str, *names: str) -> AttributesWere:
    return AttributesWere(device, tuple((name, odm_value(seen, device, name)) for name in names))


def interface_was(seen: Seen, name: str, address: str) -> InterfaceWas:
    """The interface as it is before the run gives it ``address``."""
    netaddr, netmask, state, mtu = (
        odm_value(seen, name, attribute) for attribute in ("netaddr", "netmask", "state", "mtu")
    )
    return InterfaceWas(name, netaddr, netmask, state, mtu, address)


def aliases_were(seen: Seen, name: str) -> AliasesWere:
    return AliasesWere(name, tuple(value for value in seen(lsattr.value(name, "alias4")) if value))


def _as_it_is(text: Optional[str]) -> Optional[str]:
    return text


def odm_value(seen: Seen, device: str, attribute: str) -> str:
    """The attribute's first value in the ODM, "" when it is empty or the device has none."""
    values = seen(lsattr.value(device, attribute))
    return values[0] if values else ""


def _is_gone(seen: Seen, device: str) -> bool:
    """Whether a device that the run itself made has been removed again."""
    return all(row.name != device for row in seen(lsdev.DEVICES))


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _problem(step: Step, why: str, next_: str) -> Problem:
    return Problem("undo-blocked", f"{step.title} cannot be undone", step.at, why, next_)
