"""Machines, stamps, profiles and operators in any combination, each with the facts that it stands for.

A case is made from facts and then written down as text, in one of the many ways in which it can be written; so what
it stands for is known without asking a parser.  Three kinds, told apart by ``Case.missed``:

    ""        everything is as it must be, so drboot acts
    a name    the same, with exactly one fact changed, so it does not
    None      every fact drawn by itself, whatever comes of it
"""

from __future__ import annotations

import json
import random
import string
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

from tests.property.identity_table import Facts

DIGITS_AND_LETTERS = string.digits + string.ascii_uppercase
# dr and dr2: one name inside the other.  ghost has no profile; there is no capture of far, and a damaged one of east.
SITES = ("home", "dr", "dr2", "east", "far", "ghost")
CAPTURED = ("home", "dr", "dr2")
WITH_PROFILE = ("home", "dr", "dr2", "east", "far")
# host -> modes in which the address table has rows of it at every site
HOSTS: Dict[str, Tuple[str, ...]] = {
    "prod01": ("disaster", "rehearsal"),
    "prod02": ("disaster",),
    "prod03": ("rehearsal",),
    "prod0": (),
}
# partition name -> (is one of REQUIRED_NAMES, is one of REHEARSAL_NAMES)
NAMES: Dict[str, Tuple[bool, bool]] = {
    "prod01": (True, False), "dr_prod01": (True, False), "dr_two words": (True, False), "dr_prod01_reh": (True, True),
    "prod011": (False, False), "xprod01": (False, False), "PROD01": (False, False), "adr_x": (False, False),
    "prod01_reh": (False, True), "prod01_rehx": (False, False), "prod01_REH": (False, False),
}  # fmt: skip
REQUIRED_NAMES = ("prod01", "dr_*")
REHEARSAL_NAMES = ("*_reh",)
REQUIRED_NUMBERS, REHEARSAL_NUMBERS = (7, 99), (9, 99)
NUMBERS = (7, 9, 99, 3, 77, 999, 1)
REHEARSAL_VLANS = (399, 3999)
VLANS = (399, 3999, 39, 1, 3998)
MARKER = "/etc/is-dr"
REQUIRES = ("none", "name", "number", "marker", "all")
REHEARSALS = ("none", "name", "number", "vlan")
OTHERWISE = ("disaster", "rehearsal", "refuse")


class Profile(NamedTuple):
    """What all profiles of one estate ask of the LPAR.  requires, rehearsal and otherwise as above."""

    requires: str = "none"
    rehearsal: str = "none"
    otherwise: str = "disaster"


PROFILES = tuple(
    Profile(requires, rehearsal, otherwise)
    for requires in REQUIRES
    for rehearsal in REHEARSALS
    for otherwise in (OTHERWISE if rehearsal != "none" else OTHERWISE[:1])
)


class Lpar(NamedTuple):
    """readable: uname, lsdev and entstat answer."""

    name: str = "prod01"
    number: int = 7
    vlan: int = 1
    marker: bool = True
    readable: bool = True


class Answer(NamedTuple):
    """What became of lsattr: how is ``exited``, ``signal``, ``timeout`` or ``missing``."""

    how: str
    rc: int = 0
    out: bytes = b""


class Record(NamedTuple):
    """state.json: the text, and what it says of which event; event is None for no record at all, or a damaged one."""

    text: Optional[bytes]
    event: Optional[Tuple[str, str]] = None
    phase: str = ""
    plan_b: bool = False


class Case(NamedTuple):
    """trust is ``ok``, or what is wrong with the stamp's file: ``group``, ``other``, ``link``."""

    facts: Facts
    profile: Profile
    host: str
    lpar: Lpar
    stamp: Optional[bytes]
    trust: str
    answer: Answer
    accept: str
    record: Record
    missed: Optional[str]


# ---- facts of the LPAR under a profile


def demands(profile: Profile, lpar: Lpar) -> Optional[bool]:
    asked = {"all": ("name", "number", "marker"), "none": ()}.get(profile.requires, (profile.requires,))
    if not lpar.readable and {"name", "number"} & set(asked):
        return None
    holds = {"name": NAMES[lpar.name][0], "number": lpar.number in REQUIRED_NUMBERS, "marker": lpar.marker}
    return all(holds[each] for each in asked)


def matches(profile: Profile, lpar: Lpar) -> Optional[bool]:
    if profile.rehearsal == "none":
        return False
    if not lpar.readable:
        return None
    return {
        "name": NAMES[lpar.name][1],
        "number": lpar.number in REHEARSAL_NUMBERS,
        "vlan": lpar.vlan in REHEARSAL_VLANS,
    }[profile.rehearsal]


# ---- ids and how they are written


def systemid(rng: random.Random) -> str:
    return rng.choice(("01", "02", "03")) + "".join(rng.choices(DIGITS_AND_LETTERS, k=7))


def near(rng: random.Random, one: str, taken: List[str]) -> str:
    """An id that differs from this one in a character, or by two that are exchanged, and is nobody's."""
    while True:
        at = rng.randrange(2, 9)
        if rng.random() < 0.3 and at < 8:
            made = one[:at] + one[at + 1] + one[at] + one[at + 2 :]
        else:
            made = one[:at] + rng.choice(DIGITS_AND_LETTERS) + one[at + 1 :]
        if made not in taken:
            return made


def written(rng: random.Random, one: str) -> str:
    """One id in one of its spellings."""
    prefix = rng.choice(("", "IBM,", "IBM,", "ibm,"))
    return prefix + (one.lower() if rng.random() < 0.1 else one)


def no_id(rng: random.Random) -> str:
    """What a hand could type that is no systemid."""
    one = systemid(rng)
    return rng.choice(
        (one[:-1], one + "0", "O" + one[1:], "BULL," + one, one[:4] + "-" + one[5:], "x", "*", "\u0660" + one[1:])
    )


def answer_of(rng: random.Random, one: str) -> bytes:
    """lsattr's answer for this id: -El, padded at will, or -EO."""
    value = "IBM," + one
    if rng.random() < 0.05:
        value = value.lower()
    if rng.random() < 0.3:
        return f"#systemid\n{value}\n".encode()
    gaps = [" " * rng.choice((1, 1, 1, 2, 7, 30)) for _ in range(3)]
    words = rng.choice(("Hardware system identifier", "N/A", "H s i"))
    return f"systemid{gaps[0]}{value}{gaps[1]}{words}{gaps[2]}False\n".encode()


def no_answer(rng: random.Random, one: str) -> Answer:
    """An lsattr that gives no systemid, although the machine's is ``one``."""
    good = answer_of(rng, one)
    kinds: Tuple[Callable[[], Answer], ...] = (
        lambda: Answer("exited", rng.choice((1, 2, 127, 255)), rng.choice((good, b"", b"lsattr: 0514-519\n"))),
        lambda: Answer("signal", 0, good),
        lambda: Answer("timeout", 0, rng.choice((b"", good))),
        lambda: Answer("missing"),
        lambda: Answer("exited", 0, good[: rng.randrange(len(good))]),
        lambda: Answer("exited", 0, rng.choice((b"", b"\n", b"#systemid\n", b"#systemid\n\n", b" \n"))),
        lambda: Answer(
            "exited", 0, bytes(rng.choices(range(256), k=rng.randrange(40))) + rng.choice((b"\x00", b"\xff"))
        ),
        lambda: Answer("exited", 0, good + good),
        lambda: Answer("exited", 0, good + rng.choice((b"\n", b"noise\n"))),
        lambda: Answer("exited", 0, rng.choice((b"noise\n", b"\n", b"\x1b[2J")) + good),
        lambda: Answer("exited", 0, good.replace(b"IBM,", b"").replace(b"ibm,", b"")),
        lambda: Answer("exited", 0, b"systemid  Hardware system identifier False\n"),
        lambda: Answer("exited", 0, f"os_uuid IBM,{one} Hardware system identifier False\n".encode()),
        lambda: Answer("exited", 0, f"systemid IBM,{one}\n".encode()),
        lambda: Answer("exited", 0, f"systemid IBM,{one}0 Hardware system identifier False\n".encode()),
        lambda: Answer("exited", 0, f"systemid IBM,{one[:8]} Hardware system identifier False\n".encode()),
        lambda: Answer("exited", 0, f"#systemid:modelname\nIBM,{one}:IBM,9117-MMB\n".encode()),
        lambda: Answer("exited", 0, good * 200),
    )
    return rng.choice(kinds)()


# ---- the stamp as text


def stamp_values(rng: random.Random, facts: Facts, host: str) -> Dict[str, str]:
    values = {
        "version": "1",
        "arm_id": facts.arm_id,
        "phase": facts.phase,
        "host": host,
        "configured_site": facts.configured,
        "python": "/usr/bin/python3",
    }
    for site, ids in facts.sites.items():
        glue = rng.choice((",", ", ", ",,"))
        values["ids." + site] = glue.join(written(rng, one) for one in ids)
    if facts.done:
        values.update(event="/".join(facts.done), run="20261120T010203Z-4711")
    if rng.random() < 0.3:
        values["boot_hold." + rng.choice(SITES)] = str(rng.randrange(1, 9999))
    if rng.random() < 0.3:
        values["deadline"] = str(rng.randrange(1, 99))
    if rng.random() < 0.5:  # the order says nothing, except that sha256 is the last
        keys = list(values)
        rng.shuffle(keys)
        values = {key: values[key] for key in keys}
    values["sha256"] = "".join(rng.choices("0123456789abcdef", k=64))
    return values


def lines_of(values: Dict[str, str]) -> bytes:
    return "".join(f"{key}={value}\n" for key, value in values.items()).encode("ascii", "replace")


def damaged(rng: random.Random, values: Dict[str, str]) -> bytes:
    """The same stamp, so damaged that nobody may believe it."""
    text = lines_of(values)
    with_ids = [key for key in values if key.startswith("ids.")]

    def changed(**other: str) -> bytes:
        return lines_of({**values, **{key.replace("__", "."): value for key, value in other.items()}})

    def without(key: str) -> bytes:
        return lines_of({name: value for name, value in values.items() if name != key})

    def at_random(piece: bytes) -> bytes:
        at = rng.randrange(len(text))
        return text[:at] + piece + text[at:]

    required = ("version", "arm_id", "phase", "host", "configured_site", "python", "sha256")
    kinds: Tuple[Callable[[], bytes], ...] = (
        lambda: text[: rng.randrange(len(text))],
        lambda: text[: rng.randrange(len(text))],
        lambda: at_random(bytes([rng.randrange(128, 256)])),
        lambda: at_random(rng.choice((b"\x00", b"\x1b", b"\r", b"\x07"))),
        lambda: without(rng.choice(required)),
        lambda: text + text.splitlines(keepends=True)[rng.randrange(len(values))],
        lambda: changed(version=rng.choice(("2", "", "1.0", "01"))),
        lambda: changed(arm_id=rng.choice(("", facts_hex(rng, 15), facts_hex(rng, 17), "g" * 16, "A" * 16))),
        lambda: changed(sha256=rng.choice(("", facts_hex(rng, 63), "Z" * 64))),
        lambda: changed(phase=rng.choice(("", "Armed", "armed ", "ready"))),
        lambda: text + b"later=1\n",
        lambda: changed(**{rng.choice(with_ids).replace(".", "__"): no_id(rng)}),
        lambda: changed(ids__=systemid(rng)),
        lambda: changed(deadline=rng.choice(("", "-1", "1.5", "ten", "99999999"))),
        lambda: b"half a line\n" + text,
        lambda: b"=x\n" + text,
        lambda: b"#" * 66000 + b"\n" + text,
    )
    return rng.choice(kinds)()


def facts_hex(rng: random.Random, length: int) -> str:
    return "".join(rng.choices("0123456789abcdef", k=length))


# ---- records


def record(rng: random.Random, facts: Facts) -> Record:
    """state.json: none, damaged, of this event, or of another one: the systemid, the arm_id or both differ."""
    draw = rng.random()
    if draw < 0.2:
        return Record(None)
    here = facts.systemid or systemid(rng)
    phase = rng.choice(("fresh", "reset-intended", "reset-requested", "configuring"))
    plan_b = rng.random() < 0.5
    values = {"systemid": here, "arm_id": facts.arm_id, "phase": phase, "plan_b": plan_b, "boots_saved": 0, "run": "r"}
    if draw < 0.4:
        return Record(json.dumps(values).encode(), (here, facts.arm_id), phase, plan_b)
    if draw < 0.8:
        which = rng.choice(("systemid", "arm_id", "both"))
        if which != "arm_id":
            values["systemid"] = rng.choice((near(rng, here, [here]), "", "IBM," + here, here.lower() + " "))
        if which != "systemid":
            values["arm_id"] = rng.choice((facts_hex(rng, 16), "", facts.arm_id[:15]))
        event = (str(values["systemid"]), str(values["arm_id"]))
        return Record(json.dumps(values).encode(), event, phase, plan_b)
    text = json.dumps(values).encode()
    return Record(rng.choice((b"", text[: rng.randrange(len(text))], b"[]", b"null", b"\xff\xfe", b"{}", b"[" * 5000)))


# ---- cases


class _Draft:
    """The parts of a case while they are put together.  Everything is as it must be for drboot to act."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.missed: Optional[str] = ""
        self.trust = "ok"
        self.damage = False
        self.accept = ""
        self.unreadable = False
        self.configured = rng.choice(CAPTURED)
        self.owner = rng.choice([site for site in WITH_PROFILE if site != self.configured])
        others = [site for site in SITES if site not in (self.configured, self.owner)]
        named = [self.configured, self.owner, *rng.sample(others, rng.randrange(len(others) + 1))]
        rng.shuffle(named)
        must = (self.configured, self.owner)
        self.sites = {
            site: [systemid(rng) for _ in range(rng.randrange(1 if site in must else 0, 4))] for site in named
        }
        self.id = rng.choice(self.sites[self.owner])
        self.arm_id = facts_hex(rng, 16)
        self.named = rng.choice(("", "", self.owner))
        self.is_accepted = rng.random() < 0.25
        if self.is_accepted:
            self.id = near(rng, self.id, [one for ids in self.sites.values() for one in ids])
            self.named = self.owner
            self.accept = written(rng, self.id)
        elif rng.random() < 0.2:
            self.accept = rng.choice((written(rng, self.id), no_id(rng), written(rng, systemid(rng))))
        self.accepted = self.id if self.is_accepted else None
        self.phase = "armed"
        self.done: Optional[Tuple[str, str]] = None
        if rng.random() < 0.1:  # an event of long ago
            self.done = (rng.choice((self.id, systemid(rng))), facts_hex(rng, 16))
        self.choose_profile()

    def choose_profile(self) -> None:
        rng = self.rng
        while True:
            self.profile = rng.choice(PROFILES)
            self.lpar = Lpar(rng.choice(tuple(NAMES)), rng.choice(NUMBERS), rng.choice(VLANS), rng.random() < 0.7)
            match = matches(self.profile, self.lpar)
            mode = "rehearsal" if match else self.profile.otherwise
            if demands(self.profile, self.lpar) and mode != "refuse":
                break
        self.host = rng.choice([host for host, modes in HOSTS.items() if mode in modes])

    def facts(self) -> Facts:
        return Facts(
            stamp="bad" if self.damage or self.trust != "ok" else "good",
            phase=self.phase,
            done=self.done,
            arm_id=self.arm_id,
            sites={site: tuple(ids) for site, ids in self.sites.items()},
            configured=self.configured,
            systemid=None if self.unreadable else self.id,
            accepted=self.accepted,
            named=self.named,
            profile="good" if self.target in WITH_PROFILE else "none",
            demands=demands(self.profile, self.lpar),
            matches=matches(self.profile, self.lpar),
            otherwise=self.profile.otherwise,
            addresses=HOSTS[self.host],
            capture=self.configured in CAPTURED,
        )

    @property
    def target(self) -> str:
        """The site for which it would act."""
        return next((site for site, ids in self.sites.items() if self.id in ids), self.named)

    def case(self) -> Case:
        rng, facts = self.rng, self.facts()
        values = stamp_values(rng, facts, self.host)
        stamp: Optional[bytes] = damaged(rng, values) if self.damage else lines_of(values)
        if self.missed == "no stamp":
            stamp, facts = None, facts._replace(stamp="none")
        answer = no_answer(rng, self.id) if self.unreadable else Answer("exited", 0, answer_of(rng, self.id))
        return Case(
            facts, self.profile, self.host, self.lpar, stamp, self.trust, answer, self.accept, record(rng, facts),
            self.missed,
        )  # fmt: skip


def _no_stamp(draft: _Draft) -> None:
    """``case`` leaves it out."""


def _damaged(draft: _Draft) -> None:
    draft.damage = True


def _untrusted(draft: _Draft) -> None:
    draft.trust = draft.rng.choice(("group", "other", "link"))


def _disarmed(draft: _Draft) -> None:
    draft.phase = "disarmed"


def _completed(draft: _Draft) -> None:
    draft.done = (draft.id, draft.arm_id)
    draft.phase = draft.rng.choice(("armed", "disarmed"))  # the second is how drboot itself writes it down


def _at_home(draft: _Draft) -> None:
    draft.id = draft.rng.choice(draft.sites.get(draft.configured) or [draft.id])


def _other_machine(draft: _Draft) -> None:
    draft.id = near(draft.rng, draft.id, [draft.id, *(one for ids in draft.sites.values() for one in ids)])
    if not draft.is_accepted and draft.named and draft.accept:
        draft.accept = ""  # by chance it might be this one


def _unreadable(draft: _Draft) -> None:
    draft.unreadable = True


def _in_two_sites(draft: _Draft) -> None:
    other = draft.rng.choice([site for site in draft.sites if site != draft.owner])
    draft.sites[other].append(draft.rng.choice(draft.sites.get(draft.owner) or [draft.id]))


def _no_ids(draft: _Draft) -> None:
    draft.sites = {site: [] for site in draft.sites}


def _nowhere_configured(draft: _Draft) -> None:
    draft.configured = draft.rng.choice(("", "nowhere", "hom", draft.configured.upper()))


def _configured_without_ids(draft: _Draft) -> None:
    if draft.configured in draft.sites:
        draft.sites[draft.configured] = []


def _wrong_site_named(draft: _Draft) -> None:
    if draft.is_accepted:
        unknown = [site for site in ("", "nowhere", "d", "dr", "dr22") if site not in draft.sites]
        draft.named = draft.rng.choice((draft.configured, *unknown))
    else:
        draft.named = draft.rng.choice([site for site in (*SITES, "nowhere", "d") if site != draft.owner])


def _mistyped(draft: _Draft) -> None:
    """Of an id that is to be accepted; of one that is listed: gone from the list, and nothing typed."""
    if draft.is_accepted:
        draft.accepted = near(draft.rng, draft.id, [draft.id])
        draft.accept = written(draft.rng, draft.accepted)
    else:
        _other_machine(draft)


def _lpar_lacks(draft: _Draft) -> None:
    """One of the facts that the site demands does not hold."""
    rng = draft.rng
    rehearses = matches(draft.profile, draft.lpar)
    draft.profile = draft.profile._replace(requires=rng.choice(REQUIRES[1:]))
    draft.lpar = draft.lpar._replace(marker=True)
    asked = draft.profile.requires
    lacks = rng.choice(("name", "number", "marker")) if asked == "all" else asked
    if lacks == "name":
        draft.lpar = draft.lpar._replace(name=rng.choice([n for n, (a, _) in NAMES.items() if not a]))
    elif lacks == "number":
        draft.lpar = draft.lpar._replace(number=rng.choice([n for n in NUMBERS if n not in REQUIRED_NUMBERS]))
    else:
        draft.lpar = draft.lpar._replace(marker=False)
    if matches(draft.profile, draft.lpar) != rehearses:  # only one fact is to differ
        draft.profile = draft.profile._replace(rehearsal="none", otherwise="disaster")
        draft.host = "prod01"


def _lpar_unread(draft: _Draft) -> None:
    while demands(draft.profile, draft.lpar) is not None and matches(draft.profile, draft.lpar) is not None:
        draft.choose_profile()
        draft.lpar = draft.lpar._replace(readable=False)


def _neither(draft: _Draft) -> None:
    while matches(draft.profile, draft.lpar) or draft.profile.rehearsal == "none":
        draft.choose_profile()
    draft.profile = draft.profile._replace(otherwise="refuse")


def _no_address(draft: _Draft) -> None:
    mode = "rehearsal" if matches(draft.profile, draft.lpar) else draft.profile.otherwise
    draft.host = draft.rng.choice([host for host, modes in HOSTS.items() if mode not in modes])


def _renamed(draft: _Draft, old: str, new: str) -> None:
    """The site is another one, with the same ids."""
    ids = draft.sites.pop(old)
    draft.sites.pop(new, None)
    draft.sites[new] = ids
    draft.configured = new if draft.configured == old else draft.configured
    draft.owner = new if draft.owner == old else draft.owner
    draft.named = new if draft.named == old else draft.named


def _no_capture(draft: _Draft) -> None:
    _renamed(draft, draft.configured, draft.rng.choice([site for site in ("east", "far") if site != draft.owner]))


def _no_profile(draft: _Draft) -> None:
    _renamed(draft, draft.owner, "ghost")


MISSES: Dict[str, Callable[[_Draft], None]] = {
    "no stamp": _no_stamp,
    "damaged stamp": _damaged,
    "stamp that others may write": _untrusted,
    "disarmed": _disarmed,
    "completed already": _completed,
    "the configured site's own id": _at_home,
    "an id one character off": _other_machine,
    "unreadable id": _unreadable,
    "an id under two sites": _in_two_sites,
    "no ids": _no_ids,
    "configured site unknown": _nowhere_configured,
    "configured site without ids": _configured_without_ids,
    "another site named": _wrong_site_named,
    "accepted id mistyped, or listed one replaced": _mistyped,
    "a fact that the site demands": _lpar_lacks,
    "facts of the LPAR unread": _lpar_unread,
    "neither rehearsal nor disaster": _neither,
    "no addresses for host and mode": _no_address,
    "no capture": _no_capture,
    "no profile": _no_profile,
}


def _wild(draft: _Draft) -> None:
    """Every fact by itself."""
    rng = draft.rng
    for miss in rng.sample(tuple(MISSES.values()), rng.randrange(2, 5)):
        if miss not in (_no_capture, _no_profile, _lpar_unread, _neither):
            miss(draft)
    draft.profile = rng.choice(PROFILES)
    draft.lpar = Lpar(
        rng.choice(tuple(NAMES)), rng.choice(NUMBERS), rng.choice(VLANS), rng.random() < 0.5, rng.random() < 0.8
    )
    draft.host = rng.choice(tuple(HOSTS))
    draft.missed = None


def make(rng: random.Random) -> Case:
    """One case: 32% that act, 50% that miss it by one fact, the rest anyhow."""
    draft = _Draft(rng)
    kind = rng.random()
    if kind < 0.5:
        draft.missed = rng.choice(tuple(MISSES))
        MISSES[draft.missed](draft)
    elif kind >= 0.82:
        _wild(draft)
    return draft.case()
