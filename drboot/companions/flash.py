"""FlashCopy of a DS8000 for rehearsals: may the copy be made anew now, with what commands, and is it as it should be.

A copy that is made anew takes the disks away under whoever runs from it: the target's LPAR must be down, and that is
to be proved and not promised.  And what starts from it must be a rehearsal.

Source: the seed document about IBM DS flash copy: resyncflash or rmflash and mkflash, the check that the service is
down, sync_min_delay and sync_max_delay, credentials by reference with mode 600, the first copy made by hand.
Source: IBM's page of resyncflash: it is for pairs made with -record and -persist, and keeps these only if told again;
an image is IBM.2107-75FA120.
Assumed: a volume is the target of one source at most, and no source while it is one; where an array allows more
(cascaded FlashCopy), such a pair has to be made by hand.
Source: dscli manual as the seed quotes it: -persist keeps the relation, -record the changes since, -cp copies in the
background and -nocp does not, -tgtse where the target is space efficient; rmflash -quiet asks no question.
"""

from __future__ import annotations

import configparser
import fnmatch
import os
import re
import shlex
import stat
from typing import Iterator, List, NamedTuple, Sequence, Tuple

from drboot.companions.dscli import CREATED, RESYNCED, Pair, complaints, copied
from drboot.companions.gates import Gate, spoken, table
from drboot.errors import ConfigError, Problem
from drboot.profile.estate import Estate

DSCLI = "/opt/ibm/dscli/dscli"
DOWN = "Not Activated"  # Source: the state that the HMC's lssyscfg -r lpar -F name,state shows for an LPAR that is off
IMAGE = re.compile(r"IBM\.[0-9A-Z]{4}-[0-9A-Z]{7}")
_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@-]*")  # host name, address or user; nothing that dscli takes for a flag
MAX_DELAY = 86400.0  # seconds after which a copy is called old
MARKER_AGE = 3600.0  # seconds for which a word that the target is down is believed, somebody's or the HMC's


class Wish(NamedTuple):
    """What is to be copied.

    image      the storage image: IBM.2107-75AAA01
    pairs      SOURCE:TARGET
    recording  changes are recorded: resyncflash copies them only; else rmflash and mkflash, which copy all
    copying    -cp: in the background; else -nocp
    min_delay  seconds that must lie between two copies, unless ``force``
    """

    image: str
    pairs: Tuple[str, ...]
    recording: bool = True
    copying: bool = True
    min_delay: float = 600.0
    force: bool = False


class Evidence(NamedTuple):
    """What says that the target is down, as read by ``evidence``: why it is believed, or why it is not."""

    holds: bool
    text: str


class Access(NamedTuple):
    """How dscli gets to the array: by reference only.  The password is in ``pwfile``, which nobody here reads."""

    hmc1: str = ""
    hmc2: str = ""
    user: str = ""
    pwfile: str = ""


# ---------------------------------------------------------------- the gates


def gates(
    wish: Wish,
    listed: Sequence[Pair],
    down: Evidence,
    estate: Estate,
    target: Tuple[str, str, str],
    now: float,
    age: float = 0.0,
) -> Tuple[Gate, ...]:
    """Everything that must be so.

    listed  what lsflash shows of these pairs, ``age`` seconds ago
    target  (site, production host name, partition name) of what starts from the copy
    now     seconds since 1970
    """
    return (
        rehearses(estate, *target),
        Gate("the target is down", down.holds, down.text, "shut its LPAR down, then ask again with the evidence"),
        *_pairs(wish, listed),
        *_fresh(age),
        _delay(wish, listed, now),
    )


def rehearses(estate: Estate, site: str, host: str, lpar: str) -> Gate:
    """What starts from the copy takes itself for a rehearsal, and has addresses for that.

    Production is alive while a copy of it is started, so that a disaster's profile must never meet such a copy.
    """
    question = f"{lpar or 'the LPAR'} is one for rehearsals"
    profile = estate.sites.get(site)
    if profile is None:
        return Gate(question, False, f"there is no profile for site {site}", "name a site that has one")
    rehearsal = profile.rehearsal
    if not any(fnmatch.fnmatchcase(lpar, pattern) for pattern in rehearsal.partition_name):
        why = f"its name matches none of rehearsal.partition_name in {rehearsal.at}: it would wake as a disaster"
        return Gate(question, False, why, "start the copy in an LPAR for rehearsals, or name it in the profile")
    if not estate.rows(host, site, "rehearsal"):
        why = f"{host} has no rehearsal addresses at {site} in hosts.csv"
        return Gate(question, False, why, f"add a row: {host},{site},rehearsal,...")
    return Gate(question, True, f"{lpar}, mode rehearsal of {host} at {site}")


def _pairs(wish: Wish, listed: Sequence[Pair]) -> Iterator[Gate]:
    known = {pair.id: pair for pair in listed}
    missing = [pair for pair in wish.pairs if pair not in known]
    question = "every pair is there"
    wrong = [why for why in (against(pair, listed) for pair in missing) if why]
    if wrong:
        yield Gate(question, False, "; ".join(wrong), "look which of the two is the source, and name it first")
    elif missing:
        by_hand = tuple(created(wish, [pair], False) for pair in missing)
        yield Gate(question, False, f"lsflash does not show {', '.join(missing)}", BY_HAND, commands=by_hand)
    else:
        yield Gate(question, True, f"{len(wish.pairs)} of {len(wish.pairs)}")
    onward = [why for why in (against(pair, listed) for pair in wish.pairs if pair in known) if why]
    if onward:
        yield Gate("nothing hangs on the targets", True, "; ".join(onward), warning=True)
    off = [pair for pair in wish.pairs if pair in known and not known[pair].recording]
    if wish.recording and off:
        why = f"the changes of {', '.join(off)} are not recorded"
        yield Gate("changes are recorded", False, why, "copy all of it: --no-record")
    passing = [pair for pair in wish.pairs if pair in known and not known[pair].persistent]
    if wish.recording and passing:
        why = f"{', '.join(passing)} is gone once it is copied"
        yield Gate("the pairs are persistent", False, why, "copy all of it: --no-record")
    odd = [f"{pair} {known[pair].state}" for pair in wish.pairs if pair in known and known[pair].state != "Valid"]
    if odd:
        yield Gate("the pairs are valid", True, f"state of {', '.join(odd)}", warning=True)


BY_HAND = (
    "only if it is certain that the second volume may be overwritten, all of it, with the first: "
    "the first copy is made by hand, once"
)


def against(name: str, listed: Sequence[Pair]) -> str:
    """Why this pair, with what lsflash shows, is likely the wrong way round or of a volume that is another's; or ""."""
    source, _, target = name.partition(":")
    if f"{target}:{source}" in {pair.id for pair in listed}:
        return f"lsflash shows {target}:{source}, and {name} is the other way round"
    for pair in listed:
        first, _, second = pair.id.partition(":")
        if pair.id != name and second == target:
            return f"{target} is the target of {first} already ({pair.id})"
        if first == target:
            return f"{target} is the source of {second} ({pair.id})"
        if second == source:
            return f"{source} is itself a copy of {first} ({pair.id})"
    return ""


def contradiction(pairs: Sequence[str]) -> str:
    """Why these pairs cannot be meant together, or ""."""
    sources = [pair.partition(":")[0] for pair in pairs]
    targets = [pair.partition(":")[2] for pair in pairs]
    both = sorted(set(sources) & set(targets))
    if both:
        return f"{', '.join(both)} is a source and a target"
    twice = sorted({target for target in targets if targets.count(target) > 1})
    return f"{', '.join(twice)} is a target twice" if twice else ""


def _fresh(age: float) -> Iterator[Gate]:
    """What was copied since is not in an old list."""
    if not 0 <= age <= MARKER_AGE:
        why = f"it was saved {_age(age)}: only the last {spoken(MARKER_AGE)} count"
        yield Gate("what lsflash shows is so now", False, why, "list the pairs again")


def _delay(wish: Wish, listed: Sequence[Pair], now: float) -> Gate:
    """Two copies in short order are mostly a mistake, and the older one may be what somebody still needs."""
    question = f"the last copy is at least {spoken(wish.min_delay)} old"
    mine = [pair for pair in listed if pair.id in wish.pairs]
    unread = [f"{pair.id} ({pair.date or 'no date'})" for pair in mine if pair.synced is None]
    ages = [now - pair.synced for pair in mine if pair.synced is not None]
    if ages and min(ages) < wish.min_delay:
        if not wish.force:
            return Gate(question, False, _age(min(ages)), "wait, or --force if it is not needed any more")
        return Gate(question, True, f"{_age(min(ages))}, and --force was given", warning=True)
    if unread:
        return Gate(question, True, f"cannot be told of {', '.join(unread)}", warning=True)
    return Gate(question, True, _age(min(ages)) if ages else "never")


def _age(seconds: float) -> str:
    return f"{spoken(seconds)} ago" if seconds >= 0 else "in the future: the clocks differ"


# ---------------------------------------------------------------- what says that the target is down


def by_marker(path: str, now: float) -> Evidence:
    """Somebody's word: a file that was touched less than an hour ago."""
    try:
        status = os.lstat(path)
    except OSError as error:
        return Evidence(False, f"marker {path}: {os.strerror(error.errno or 0)}")
    age = now - status.st_mtime
    if not stat.S_ISREG(status.st_mode):
        return Evidence(False, f"marker {path} is not a regular file")
    if not 0 <= age <= MARKER_AGE:
        return Evidence(False, f"marker {path} is {_age(age)}: only the last {spoken(MARKER_AGE)} count")
    return Evidence(True, f"marker {path}, {_age(age)}")


def by_state(text: str, lpar: str, age: float = 0.0) -> Evidence:
    """The HMC's word: ``lssyscfg -r lpar -m SYSTEM -F name,state``, a line per LPAR; ``age`` seconds old."""
    if not 0 <= age <= MARKER_AGE:
        return Evidence(False, f"what lssyscfg said is saved {_age(age)}: only the last {spoken(MARKER_AGE)} count")
    states = [line.strip().rpartition(",")[2] for line in text.splitlines() if line.strip().startswith(lpar + ",")]
    if len(states) != 1:
        return Evidence(False, f"lssyscfg shows {len(states)} LPARs named {lpar}")
    return Evidence(states[0] == DOWN, f"lssyscfg says {lpar} is {states[0]}")


NO_EVIDENCE = Evidence(False, "nothing was given that says so")


# ---------------------------------------------------------------- the commands


def commands(wish: Wish, listed: Sequence[Pair]) -> Tuple[str, ...]:
    """What dscli is to be given, a line each.  Pairs with a space efficient target go by themselves, with -tgtse."""
    ese = {pair.id for pair in listed if pair.is_ese}
    lines: List[str] = []
    for is_ese in (False, True):
        pairs = [pair for pair in wish.pairs if (pair in ese) is is_ese]
        if pairs and wish.recording:
            lines.append(_line("resyncflash", wish, is_ese, pairs, "-persist", "-record"))
        elif pairs:
            lines += [f"rmflash -dev {wish.image} -quiet {' '.join(pairs)}", created(wish, pairs, is_ese)]
    return tuple(lines)


def created(wish: Wish, pairs: Sequence[str], is_ese: bool) -> str:
    """The mkflash that makes these pairs."""
    record = ("-record",) if wish.recording else ()
    return _line("mkflash", wish, is_ese, pairs, "-persist", *record)


def _line(verb: str, wish: Wish, is_ese: bool, pairs: Sequence[str], *flags: str) -> str:
    copying = "-cp" if wish.copying else "-nocp"
    return " ".join((verb, "-dev", wish.image, *flags, copying, *(("-tgtse",) if is_ese else ()), *pairs))


def called(access: Access) -> str:
    """dscli itself, which reads such lines from its standard input."""
    flags = (("-hmc1", access.hmc1), ("-hmc2", access.hmc2), ("-user", access.user), ("-pwfile", access.pwfile))
    words = [word for flag, value in flags if value for word in (flag, value)]
    return " ".join(map(shlex.quote, (DSCLI, *words)))


def workflow(
    wish: Wish, listed: Sequence[Pair], access: Access, target: Tuple[str, str, str], found: Sequence[Gate]
) -> Iterator[str]:
    """What to do, in order: stop, copy, look, start; and what comes after the rehearsal.

    found  what ``gates`` answers: the rehearsal, the target, and what is to be copied
    """
    lpar = target[2]
    lines = commands(wish, listed)
    rehearsal, down, *copies = found
    yield f"1. Stop: {lpar} is shut down, and stays so until step 4."
    yield from table([down])
    yield "2. Copy: give these lines to dscli, and keep what it says in a file."
    yield from table(copies)
    yield f"     {called(access)}"
    yield from (f"       {line}" for line in lines)
    yield "3. Look: each pair must be named as copied; N of M is a failure."
    record = "" if wish.recording else " --no-record"
    yield f"     drboot flash status --pairs {','.join(wish.pairs)}{record} --log FILE"
    yield f"4. Start: activate {lpar} from the copy; it wakes as a rehearsal."
    yield from table([rehearsal])
    yield "After the rehearsal, in this order (F73, F74):"
    yield f"  a. on {lpar}: drboot undo, or nothing if it is thrown away"
    yield f"  b. shut {lpar} down, and see on the HMC that it is {DOWN}"
    yield "  c. only then copy anew, or resume the replication: a running LPAR would"
    yield "     lose its disks, and no fsck mends what it wrote meanwhile"


# ---------------------------------------------------------------- credentials by reference


def access(path: str, image: str) -> Access:
    """The section of this image in an auth.conf.  Raises ConfigError.

    Source: the seed's example: type = ibmds, hmc1, hmc2, username; the password file is named like the array.
    """
    _check_private(path)
    parsed = configparser.ConfigParser(interpolation=None)
    try:
        with open(path, encoding="ascii") as file:
            parsed.read_file(file)
        section = parsed[image]
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise ConfigError(_no_access(path, str(error).splitlines()[0])) from None
    except KeyError:
        raise ConfigError(_no_access(path, f"it has no section [{image}]")) from None
    if section.get("type") != "ibmds" or not section.get("hmc1") or not section.get("username"):
        raise ConfigError(_no_access(path, f"[{image}] needs type = ibmds, hmc1 and username"))
    for key in ("hmc1", "hmc2", "username"):
        if section.get(key) and not _WORD.fullmatch(section[key]):
            raise ConfigError(_no_access(path, f"{key} of [{image}] is no name and no address"))
    pwfile = section.get("pwfile") or os.path.join(os.path.dirname(path), f"{image}.pwfile")
    _check_private(pwfile)
    return Access(section["hmc1"], section.get("hmc2", ""), section["username"], pwfile)


def _check_private(path: str) -> None:
    """Ours, a regular file, and nobody else's to read.  Raises ConfigError."""
    try:
        status = os.lstat(path)
    except OSError as error:
        raise ConfigError(_no_access(path, os.strerror(error.errno or 0))) from None
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(_no_access(path, "it is not a regular file"))
    if status.st_uid != os.geteuid() or status.st_mode & 0o177:
        why = f"it belongs to uid {status.st_uid} and has mode {stat.S_IMODE(status.st_mode):o}"
        raise ConfigError(_no_access(path, why, f"chown {os.geteuid()} {path}; chmod 600 {path}"))
    above = os.path.dirname(path) or "."
    mode = os.stat(above).st_mode
    if mode & 0o022 and not mode & stat.S_ISVTX:
        why = "whoever may write its directory can put another in its place"
        raise ConfigError(_no_access(path, why, f"chmod go-w {above}"))


_OF_CREDENTIALS = "see the dscli manual for managepwfile, and /opt/drboot/doc/flash.md"


def _no_access(path: str, why: str, cure: str = _OF_CREDENTIALS) -> Problem:
    return Problem("flash-credentials", "the credentials of the array cannot be used", path, why, cure)


# ---------------------------------------------------------------- status


def status(wish: Wish, listed: Sequence[Pair], max_delay: float, now: float) -> Tuple[Gate, ...]:
    """Whether the copies are as they should be.  All hold and none warns: up."""
    known = {pair.id: pair for pair in listed}
    return tuple(
        _status(wish, known[name], max_delay, now) if name in known else _missing(wish, name, listed)
        for name in wish.pairs
    )


def _missing(wish: Wish, name: str, listed: Sequence[Pair]) -> Gate:
    """Without a line that makes it where no image is named, or where it would overwrite the source."""
    why = against(name, listed)
    if why:
        return Gate(name, False, why, "look which of the two is the source, and name it first")
    by_hand = (created(wish, [name], False),) if wish.image else ()
    return Gate(name, False, "lsflash does not show it", BY_HAND, commands=by_hand)


def _status(wish: Wish, pair: Pair, max_delay: float, now: float) -> Gate:
    wrong = []
    if pair.state != "Valid":
        wrong.append(f"its state is {pair.state or 'empty'}")
    if not pair.persistent:
        wrong.append("it is not persistent")
    if pair.recording != wish.recording:
        wrong.append("changes are " + ("recorded" if pair.recording else "not recorded"))
    if pair.synced is None:
        wrong.append(f"when it was copied cannot be told: {pair.date or 'no date'}")
    elif now - pair.synced > max_delay:
        wrong.append(f"copied {_age(now - pair.synced)}, more than {spoken(max_delay)}")
    elif now < pair.synced:
        wrong.append(f"copied {_age(now - pair.synced)}")
    if wrong:
        return Gate(pair.id, False, ", ".join(wrong), "drboot flash plan")
    return Gate(pair.id, True, f"copied {_age(now - (pair.synced or now))}, valid")


def outcome(wish: Wish, log: str) -> Tuple[Gate, ...]:
    """What dscli said of each pair.  Only its message of success counts, for every pair, and no error behind it."""
    code = RESYNCED if wish.recording else CREATED
    done = set(copied(log, code))
    said = complaints(log)
    missing = [pair for pair in wish.pairs if pair not in done]
    question = f"{len(wish.pairs) - len(missing)} of {len(wish.pairs)} pairs copied"
    spoken_of = f"; dscli said: {'; '.join(said[:3])}" if said else ""
    if not missing:
        return (Gate(question, True, f"{code} for each{spoken_of}", warning=bool(said)),)
    why = f"no {code} for {', '.join(missing)}{spoken_of}"
    return (Gate(question, False, why, "do not start the LPAR; mend that, and copy again"),)
