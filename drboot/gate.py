"""The gate: is this boot drboot's business?  Run at every boot by inittab/drboot-boot.

    PYTHON -I -S -B /opt/drboot/lib/drboot/gate.py --boot [--root DIR]      what init does
    PYTHON -I -S -B /opt/drboot/lib/drboot/gate.py --decide [--root DIR]    say it, do nothing

The launcher imports it and calls ``run`` instead, since a script is compiled anew each time, and a module is not.

On a production boot: one file read (the stamp), one AIX command (lsattr), one line on standard output, nothing
changed.  This file must stay light: it imports only modules that are built into the interpreter (tests/house/
test_gate_modules.py), not even ``os``; annotations are quoted because typing and __future__ are files.

The decision is a pure function, ``decide``; its table is in docs/design.md section 2.  Everything else of drboot is
imported only when the answer is to act, in a process of its own.
"""

import _signal  # type: ignore[import-not-found]  # typeshed knows it as signal only, which is a file
import posix
import sys
import time

STAMP = "/etc/drboot/armed"
SITES = "/etc/drboot/sites"
STATE = "/var/adm/drboot/state.json"
LSATTR = "/usr/sbin/lsattr"
# Source: seeds/ghostdev-replicated-rootvg.txt asks the same question; -E is what the ODM holds now.
QUERY = (LSATTR, "-El", "sys0", "-a", "systemid")
# Source: the LVM and device commands need ODMDIR, and LC_ALL=C keeps AIX from translating (init's environment is bare).
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/etc:/usr/sbin:/sbin", "ODMDIR": "/etc/objrepos"}

EXIT_OK, EXIT_BUG, EXIT_CONFIG, EXIT_REFUSED, EXIT_REBOOT = 0, 1, 2, 3, 10  # the same numbers as in errors.py

DEADLINE = 30  # seconds that lsattr may take
BOOT_HOLD = 900  # seconds that a DR boot is held for the worker
REBOOT_WAIT = 900  # seconds in which a requested reboot must have ended this process
KILL_WAIT = 2  # seconds that a killed lsattr may take to disappear; in the kernel it may never
MOST_OUTPUT = 8192  # bytes; the answer is one row of some 60
MOST_STAMP = 65536  # bytes
MOST_STATE = 1 << 20
SIGKILL = 9
BIN = 2  # uid

REQUIRED = ("version", "arm_id", "phase", "host", "configured_site", "python", "sha256")
NUMBERS = ("deadline", "boot_hold")
DIGITS = "0123456789"
HEX = DIGITS + "abcdef"
LETTERS_AND_DIGITS = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class StampDamaged(Exception):
    """The stamp must not be believed.  ``line`` counts from 1; 0 means the file as a whole."""

    def __init__(self, name: str, file: str, line: int, why: str) -> None:
        super().__init__(f"{file}:{line}: {why}" if line else f"{file}: {why}")
        self.name = name
        self.file = file
        self.line = line
        self.why = why


class Stamp:
    """What ``drboot arm`` wrote.

    values           every key=value as text
    lines            key -> its line, from 1
    file             where it was read
    sites            site -> its systemids in canonical form ("0211D11C1")
    phase            armed | disarmed
    arm_id           16 hex digits, drawn anew by every arm
    configured_site  the site whose values the machine carries; "" when arm could not tell
    host             the production host name
    event            systemid/arm_id that a completed run disarmed for; "" otherwise
    deadline         seconds for the identity query
    """

    __slots__ = ("arm_id", "configured_site", "deadline", "event", "file", "host", "lines", "phase", "sites", "values")

    def __init__(self, values: "dict[str, str]", lines: "dict[str, int]", file: str = STAMP) -> None:
        self.values = values
        self.lines = lines
        self.file = file
        self.sites = {key[4:]: _ids(value) for key, value in values.items() if key.startswith("ids.")}
        self.phase = values["phase"]
        self.arm_id = values["arm_id"]
        self.configured_site = values["configured_site"]
        self.host = values["host"]
        self.event = values.get("event", "")
        self.deadline = int(values.get("deadline", DEADLINE)) or DEADLINE  # 0 is no time to answer in

    def boot_hold(self, site: str) -> int:
        """Seconds that a boot for this site is held."""
        return int(self.values.get("boot_hold." + site, self.values.get("boot_hold", BOOT_HOLD)))


class Identity:
    """The answer of the one query: ``systemid`` in canonical form, or "" and ``why`` it could not be read."""

    __slots__ = ("systemid", "why")

    def __init__(self, systemid: str = "", why: str = "") -> None:
        self.systemid = systemid
        self.why = why


class Decision:
    """What is to be done, and how it is told.

    action     act | nothing | refuse | config
    exit_code  0, 3 or 2; that of ``act`` is the worker's
    name       stable kebab-case name of the row of the table
    message    one line
    details    further lines for whom it refuses: why and what to do next
    site       the site to act for; "" otherwise
    systemid   the machine's id in canonical form; "" when unknown
    accepted   the operator typed the systemid, no site lists it
    """

    __slots__ = ("accepted", "action", "details", "exit_code", "message", "name", "site", "systemid")

    def __init__(
        self,
        action: str,
        exit_code: int,
        name: str,
        message: str,
        details: "tuple[str, ...]" = (),
        site: str = "",
        systemid: str = "",
        accepted: bool = False,
    ) -> None:
        self.action = action
        self.exit_code = exit_code
        self.name = name
        self.message = message
        self.details = details
        self.site = site
        self.systemid = systemid
        self.accepted = accepted


# -- the stamp


def canonical(systemid: str) -> str:
    """``IBM,0211d11c1`` and ``0211D11C1`` are the same id: ``0211D11C1``; "" for what is not a systemid.

    Source: aix/boot-and-devices.md section 1: ``IBM,``, two digits (01, 02 and 03 seen), then plant and serial, seven
    characters, letters possible (0306C090G).
    """
    text = systemid.strip().upper()
    if text.startswith("IBM,"):
        text = text[4:]
    good = len(text) == 9 and all(c in DIGITS for c in text[:2]) and all(c in LETTERS_AND_DIGITS for c in text[2:])
    return text if good else ""


def _ids(text: str) -> "tuple[str, ...]":
    """``0211D11C1,IBM,0306C090G`` -> both in canonical form, "" for a word that is none."""
    words = [word.strip() for word in text.split(",")]
    return tuple(canonical(word) for word in words if word.upper() not in ("", "IBM"))


def read_stamp(root: str) -> "Stamp | None":
    """The stamp below ``root`` ("" for this machine), or None when there is none.  Raises StampDamaged."""
    file = root + STAMP
    try:
        descriptor = posix.open(file, posix.O_RDONLY | posix.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StampDamaged("stamp-unreadable", file, 0, error.strerror or "cannot be opened") from None
    try:
        _trusted(root, descriptor)
        data = b""
        while len(data) <= MOST_STAMP:
            piece = posix.read(descriptor, MOST_STAMP)
            if not piece:
                break
            data += piece
    except OSError as error:
        raise StampDamaged("stamp-unreadable", file, 0, error.strerror or "cannot be read") from None
    finally:
        posix.close(descriptor)
    return parse_stamp(data, file)


def _trusted(root: str, descriptor: int) -> None:
    """Nobody but the effective user can have written the stamp.  Raises StampDamaged.

    Assumed: /etc belongs to root on AIX, / to root or (some levels) to bin, which cannot log in; where they do not,
    ``arm`` already says so, since it reads the stamp back through this function.
    """
    me = posix.geteuid()
    file = root + STAMP
    for path, status in (
        (file, posix.lstat(file)),
        (file, posix.fstat(descriptor)),
        (root + "/etc/drboot", posix.lstat(root + "/etc/drboot")),
        (root + "/etc", posix.lstat(root + "/etc")),
        (root or "/", posix.stat(root or "/")),
    ):
        kind = 0o100000 if path == file else 0o040000
        if status.st_mode & 0o170000 != kind:
            raise StampDamaged("stamp-untrusted", path, 0, "is not a " + ("file" if path == file else "directory"))
        if status.st_uid != me and not (path == "/" and status.st_uid == BIN and me == 0):
            raise StampDamaged("stamp-untrusted", path, 0, f"belongs to uid {status.st_uid}, and must to uid {me}")
        if status.st_mode & 0o022:
            raise StampDamaged("stamp-untrusted", path, 0, f"others may write it (mode {status.st_mode & 0o7777:04o})")


def parse_stamp(data: bytes, file: str = STAMP) -> Stamp:
    """Lines ``key=value``, ``#`` comments; ``sha256`` is the last one, so that a cut-off stamp is noticed.

    Raises StampDamaged with the line.
    """
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        raise _damaged(file, data[: error.start].count(b"\n") + 1, "not plain ASCII") from None
    if len(data) > MOST_STAMP:
        raise _damaged(file, 0, "too long for a stamp")
    values: dict[str, str] = {}
    lines: dict[str, int] = {}
    rows = text.split("\n")
    if rows.pop():
        raise _damaged(file, len(rows) + 1, "cut off: the last line has no end")
    for number, row in enumerate(rows, 1):
        if not row or row.startswith("#"):
            continue
        key, equals, value = row.partition("=")
        if not equals or not key or key.strip() != key or not row.isprintable():
            raise _damaged(file, number, "not a line key=value")
        if key in values:
            raise _damaged(file, number, f"{key} is also in line {lines[key]}")
        values[key] = value
        lines[key] = number
    if values.get("version", "1") != "1":
        raise _damaged(file, lines["version"], f"version {values['version']} is unknown to this drboot")
    for key in REQUIRED:
        if key not in values:
            raise _damaged(file, len(rows), f"cut off or edited: {key}= is missing")
    _check_values(file, values, lines)
    stamp = Stamp(values, lines, file)
    _check_ids(stamp)
    return stamp


def _check_values(file: str, values: "dict[str, str]", lines: "dict[str, int]") -> None:
    if values["phase"] not in ("armed", "disarmed"):
        raise _damaged(file, lines["phase"], "phase is neither armed nor disarmed")
    for key, length in (("arm_id", 16), ("sha256", 64)):
        if len(values[key]) != length or not all(c in HEX for c in values[key]):
            raise _damaged(file, lines[key], f"{key} is not {length} hex digits")
    if lines["sha256"] != max(lines.values()):
        raise _damaged(file, lines["sha256"], "sha256 is not the last line")
    for key, value in values.items():
        if key.partition(".")[0] in NUMBERS and not (0 < len(value) < 8 and all(c in DIGITS for c in value)):
            raise _damaged(file, lines[key], f"{key} is not a number of seconds")


def _check_ids(stamp: Stamp) -> None:
    """Every id is one, and stands under one site; there is at least one."""
    seen: dict[str, str] = {}
    for site in stamp.sites:
        key = "ids." + site
        if not site:
            raise _damaged(stamp.file, stamp.lines[key], "ids without a site")
        for systemid in stamp.sites[site]:
            if not systemid:
                raise _damaged(stamp.file, stamp.lines[key], f"not a list of systemids: {stamp.values[key]}")
            if seen.setdefault(systemid, site) != site:
                why = f"IBM,{systemid} is listed for site {seen[systemid]} and for site {site}"
                raise StampDamaged("systemid-in-two-sites", stamp.file, stamp.lines[key], why)
    if not seen:
        raise StampDamaged("stamp-no-ids", stamp.file, 0, "no site has a systemid")


def _damaged(file: str, line: int, why: str) -> StampDamaged:
    return StampDamaged("stamp-damaged", file, line, why)


# -- the identity


def query_identity(root: str, deadline: float = DEADLINE) -> Identity:
    """Ask lsattr, for at most ``deadline`` seconds."""
    try:
        return _query(root, deadline)
    except OSError as error:
        return Identity(why=f"{root + LSATTR} cannot be run: {error.strerror}")


def _query(root: str, deadline: float) -> Identity:
    """One lsattr in a process group of its own, so that all of it can be killed."""
    out, out_end = posix.pipe()
    err, err_end = posix.pipe()
    try:
        pid = posix.posix_spawn(
            root + LSATTR,
            QUERY,
            ENVIRONMENT,
            file_actions=(
                (posix.POSIX_SPAWN_OPEN, 0, "/dev/null", posix.O_RDONLY, 0),
                (posix.POSIX_SPAWN_DUP2, out_end, 1),
                (posix.POSIX_SPAWN_DUP2, err_end, 2),
            ),
            setpgroup=0,
        )
        posix.close(out_end)
        posix.close(err_end)
        out_end = err_end = -1
        posix.set_blocking(out, False)
        posix.set_blocking(err, False)
        return _answer(pid, out, err, deadline)
    finally:
        for descriptor in (out, err, out_end, err_end):
            if descriptor >= 0:
                posix.close(descriptor)


def _answer(pid: int, out: int, err: int, deadline: float) -> Identity:
    """Collect both streams until the process has ended; kill its group at the deadline, or when it says too much."""
    texts = {out: b"", err: b""}
    open_ends = [out, err]
    begin = time.monotonic()
    end = begin + deadline
    why = ""
    status = None
    while status is None and not why:
        _drain(texts, open_ends)  # before waitpid would be too early once: hence again below
        done, code = posix.waitpid(pid, posix.WNOHANG)
        if done:
            status = code
        elif len(texts[out]) > MOST_OUTPUT or len(texts[err]) > MOST_OUTPUT:
            why = f"printed more than {MOST_OUTPUT} bytes, and was killed"
        elif time.monotonic() >= end:
            why = f"did not answer within {deadline:g} s, and was killed"
        else:
            # a twentieth of the time that it took so far: an answer is noticed soon, a slow one costs no CPU
            time.sleep(max(0.0002, min(0.05, (time.monotonic() - begin) / 20)))
    _drain(texts, open_ends)
    if status is None or open_ends:  # a descendant that outlives lsattr still holds a pipe
        _kill_group(pid, reap=status is None)
    if status is None:
        return Identity(why=LSATTR + " " + why)
    exit_code = posix.waitstatus_to_exitcode(status)
    if exit_code != 0:
        said = _first_line(texts[err]) or _first_line(texts[out])
        how = f"ended with exit status {exit_code}" if exit_code > 0 else f"was ended by signal {-exit_code}"
        return Identity(why=f"{LSATTR} {how}" + (f": {said}" if said else ""))
    return parse_identity(texts[out])


def _drain(texts: "dict[int, bytes]", open_ends: "list[int]") -> None:
    for descriptor in tuple(open_ends):
        while len(texts[descriptor]) <= MOST_OUTPUT:
            try:
                piece = posix.read(descriptor, MOST_OUTPUT)
            except BlockingIOError:
                break
            if not piece:
                open_ends.remove(descriptor)
                break
            texts[descriptor] += piece


def _kill_group(pid: int, reap: bool) -> None:
    try:
        posix.killpg(pid, SIGKILL)
    except OSError:
        return  # all gone
    end = time.monotonic() + KILL_WAIT
    while reap and time.monotonic() < end:
        if posix.waitpid(pid, posix.WNOHANG)[0]:
            return
        time.sleep(0.005)


def parse_identity(data: bytes) -> Identity:
    """What ``lsattr -El sys0 -a systemid`` prints, one row, blanks padded at will:

        systemid IBM,0211D11C1 Hardware system identifier False

    or what ``lsattr -EOl`` prints: a line ``#systemid``, and a line with the value.  An empty value makes the first
    word of the description the second of the row, which is no systemid.  Anything else is unreadable.

    Source: transcripts/lsattr/17, 19, 20 (-El); transcripts/lsattr/11 and seeds/ghostdev-replicated-rootvg.txt (-EO).
    """
    if len(data) > MOST_OUTPUT:
        return Identity(why=f"{LSATTR} printed more than {MOST_OUTPUT} bytes")
    rows = data.split(b"\n")
    if not rows.pop() and all(32 <= byte < 127 or byte == 9 for row in rows for byte in row):
        words = [row.decode("ascii").split() for row in rows]
        value = ""
        if len(words) == 1 and len(words[0]) > 2 and words[0][0] == "systemid" and words[0][-1] == "False":
            value = words[0][1]
        elif len(words) == 2 and words[0] == ["#systemid"] and len(words[1]) == 1:
            value = words[1][0]
        if value[:4].upper() == "IBM," and canonical(value):
            return Identity(canonical(value))
    said = _first_line(data)
    return Identity(why=f"{LSATTR} printed no systemid" + (f", but: {said}" if said else ""))


def _first_line(data: bytes) -> str:
    """The first line that says anything, fit for a console."""
    for row in data[:MOST_OUTPUT].split(b"\n"):
        text = "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in row).strip()
        if text:
            return text[:60]
    return ""


# -- the decision


def decide(stamp: "Stamp | None", identity: "Identity | None", accept: str = "", site: str = "") -> Decision:
    """The table of design section 2.

    identity  None when nobody asked, which is enough where the stamp alone decides
    accept    the systemid that an operator typed (--accept-systemid); with ``site``, makes an id that no site lists
              act for that site
    site      the site that an operator named; must be the one that the id belongs to
    """
    if stamp is None:
        return Decision("nothing", EXIT_OK, "not-armed", "not armed: nothing to do")
    systemid = identity.systemid if identity else ""
    if stamp.phase != "armed":
        return _disarmed(stamp, systemid)
    if not any(systemids for systemids in stamp.sites.values()):
        return config_error(StampDamaged("stamp-no-ids", stamp.file, 0, "no site has a systemid"))
    if not stamp.configured_site or not stamp.sites.get(stamp.configured_site):
        return _refuse(
            "configured-site-unknown",
            f"the stamp does not say which site this machine is configured for ({stamp.configured_site or 'none'})",
            systemid,
            "why:  without its own systemids production cannot be told from DR",
            "next: drboot arm --site SITE, the site whose names and addresses it carries",
        )
    if not systemid:
        return _refuse(
            "systemid-unreadable",
            "the systemid of this machine cannot be read: nothing was changed",
            "",
            "why:  " + ((identity and identity.why) or "it was not asked for"),
            "next: lsattr -El sys0 -a systemid, and when that answers: drboot --apply",
        )
    owners = [name for name, systemids in stamp.sites.items() if systemid in systemids]
    if len(owners) > 1:
        why = f"IBM,{systemid} is listed for site {owners[0]} and for site {owners[1]}"
        line = stamp.lines.get("ids." + owners[1], 0)
        return config_error(StampDamaged("systemid-in-two-sites", stamp.file, line, why))
    if owners == [stamp.configured_site]:
        message = f"production, site {owners[0]} (IBM,{systemid}): nothing to do"
        return Decision("nothing", EXIT_OK, "configured-site", message, systemid=systemid)
    if stamp.event == f"{systemid}/{stamp.arm_id}":  # whoever set the phase back drew no new arm_id
        return _event_done(stamp, systemid)
    if owners:
        return _other_site(stamp, systemid, owners[0], site)
    return _unlisted(stamp, systemid, accept, site)


def _disarmed(stamp: Stamp, systemid: str) -> Decision:
    if systemid and stamp.event == f"{systemid}/{stamp.arm_id}":
        return _event_done(stamp, systemid)
    return Decision("nothing", EXIT_OK, "disarmed", "disarmed: nothing to do", systemid=systemid)


def _event_done(stamp: Stamp, systemid: str) -> Decision:
    run = stamp.values.get("run", "")
    message = "already done for this event" + (f" (run {run})" if run else "") + ": nothing to do"
    return Decision("nothing", EXIT_OK, "event-done", message, systemid=systemid)


def _other_site(stamp: Stamp, systemid: str, owner: str, named: str) -> Decision:
    if named and named != owner:
        return _refuse(
            "site-mismatch",
            f"this machine (IBM,{systemid}) belongs to site {owner}, not to {named}: nothing was changed",
            systemid,
            f"next: drboot --apply --site {owner}",
        )
    message = f"DR boot: {stamp.host} wakes at site {owner} (IBM,{systemid}), configured for {stamp.configured_site}"
    return Decision("act", EXIT_OK, "other-site", message, site=owner, systemid=systemid)


def _unlisted(stamp: Stamp, systemid: str, accept: str, named: str) -> Decision:
    """The id is in no site: moved by LPM, or new hardware."""
    others = [name for name in stamp.sites if name != stamp.configured_site]
    if accept and canonical(accept) == systemid and named in others:
        message = f"DR boot: {stamp.host} at site {named} on IBM,{systemid}, which the operator accepted"
        return Decision("act", EXIT_OK, "systemid-accepted", message, site=named, systemid=systemid, accepted=True)
    home, other = stamp.configured_site, others[0] if len(others) == 1 else "SITE"
    details = [
        f"why:  moved by LPM, or new hardware; {stamp.host} is armed at site {home}",
        f"next: still at {home}: add it in {SITES}/{home}.yaml",
        f"      at another site: add it in {SITES}/{other}.yaml",
        f"        systemids: [IBM,{systemid}]",
        f"      and then: drboot arm --site {home}",
    ]
    if accept and canonical(accept) != systemid:
        details.insert(0, f"why:  the accepted systemid {accept} is not this machine's")
    elif accept:
        details.insert(0, f"why:  --site must name one of: {', '.join(others) or '(no other site)'}")
    message = f"no site lists this machine, IBM,{systemid}: nothing was changed"
    return _refuse("systemid-unknown", message, systemid, *details)


def _refuse(name: str, message: str, systemid: str, *details: str) -> Decision:
    return Decision("refuse", EXIT_REFUSED, name, message, details, systemid=systemid)


def config_error(error: StampDamaged) -> Decision:
    """A stamp that must not be believed decides nothing."""
    details = (
        "next: correct the profiles if need be, then arm it for the site whose names",
        "      and addresses it carries: drboot arm --site SITE",
    )
    return Decision("config", EXIT_CONFIG, error.name, f"{error}: nothing was changed", details)


# -- acting on it


def run(arguments: "list[str]") -> None:
    """End this process with the decision's exit code, without the interpreter's slow farewell."""
    posix._exit(main(arguments))


def main(arguments: "list[str]") -> int:
    """Returns the exit code.  Whatever happens, a line on standard output says so, and no traceback does."""
    try:
        own_process()
        root = arguments[2].rstrip("/") if len(arguments) == 3 else ""
        rooted = arguments[1:2] == ["--root"] and len(arguments) == 3 and arguments[2].startswith("/")
        if arguments[:1] not in (["--boot"], ["--decide"]) or not (rooted or len(arguments) == 1):
            say("usage: gate.py --boot|--decide [--root DIR], DIR absolute")
            return EXIT_CONFIG
        return _boot(root) if arguments[0] == "--boot" else _say_decision(root)
    except BaseException as error:
        say(f"internal error: {described(error)}: machine left alone")
        return EXIT_BUG


def _say_decision(root: str) -> int:
    decision = _decision(root, ask_always=True)[1]
    for name in ("action", "exit_code", "name", "site", "systemid"):
        _write(f"{name}={getattr(decision, name)}\n")
    say(decision.message, *decision.details)
    return decision.exit_code


def _decision(root: str, ask_always: bool) -> "tuple[Stamp | None, Decision]":
    try:
        stamp = read_stamp(root)
    except StampDamaged as error:
        return None, config_error(error)
    if stamp is None or (stamp.phase != "armed" and not ask_always):
        return stamp, decide(stamp, None)
    return stamp, decide(stamp, query_identity(root, stamp.deadline))


def _boot(root: str) -> int:
    blocking = posix.get_blocking(1)
    posix.set_blocking(1, False)  # the console may be stopped, and a boot is not held for it
    stamp, decision = _decision(root, ask_always=False)
    say(decision.message, *decision.details)
    if stamp is not None and decision.action == "act":
        return _detached(root, stamp, decision)
    if stamp is not None and stamp.phase == "disarmed":
        return _detached(root, stamp, decision)
    posix.set_blocking(1, blocking)
    return decision.exit_code


def _detached(root: str, stamp: Stamp, decision: Decision) -> int:
    """Run the worker in a session of its own and hold the boot for it.

    init signals the process of an entry that is set to off, and drboot does that to its own entry: nothing that
    changes the machine may run in the process that init knows.
    """
    pid = posix.fork()
    if pid == 0:
        code = EXIT_BUG
        try:
            posix.setsid()
            posix.chdir("/")  # no file system is kept busy by this process; and see runner._spawned
            code = _work(root, stamp, decision)
        except BaseException as error:
            say(f"internal error: {described(error)}: see drboot report")
        finally:
            posix._exit(code)
    return _hold(pid, root, stamp, decision)


def _work(root: str, stamp: Stamp, decision: Decision) -> int:
    if library() not in sys.path:
        sys.path.insert(0, library())
    if decision.action == "act":
        import gc

        gc.disable()  # nothing that an import makes is garbage
        from drboot import boot

        gc.freeze()
        gc.enable()
        return boot.run(root, stamp, decision)
    from drboot import arming

    said = arming.entry_off_at_boot(root)
    if said:
        say(said)
    return decision.exit_code


def _reboot_is_due(root: str, stamp: Stamp, decision: Decision) -> bool:
    """Whether the worker has asked for the reboot, by its record of this event; see state.py.

    It writes that before each reboot, and none follows where it cannot.
    """
    import json  # only by a boot at DR that was held for long, or whose worker has died

    try:
        descriptor = posix.open(root + STATE, posix.O_RDONLY | posix.O_NONBLOCK)
        try:
            event = json.loads(posix.read(descriptor, MOST_STATE))
        finally:
            posix.close(descriptor)
    except (OSError, ValueError, RecursionError):
        return False
    said = {"phase": "reset-requested", "arm_id": stamp.arm_id, "systemid": decision.systemid}
    return isinstance(event, dict) and all(event.get(key) == value for key, value in said.items())


def _hold(pid: int, root: str, stamp: Stamp, decision: Decision) -> int:
    """Wait for the worker; after ``boot_hold`` the boot goes on without it.

    Not while a reboot is due: the worker awaits that for REBOOT_WAIT, and where none comes it ends, or goes on as if
    none had been asked for; so it is given that time and its own once more.
    """
    seconds = stamp.boot_hold(decision.site)
    end = time.monotonic() + seconds
    rebooting = False
    while True:
        done, status = posix.waitpid(pid, posix.WNOHANG)
        if done:
            break
        if time.monotonic() >= end and not rebooting and _reboot_is_due(root, stamp, decision):
            rebooting, end = True, end + REBOOT_WAIT + seconds
            say("the machine is being rebooted; the boot is held until then")
        elif time.monotonic() >= end:
            say(f"boot held for {seconds:g} s and goes on; drboot works on as process {pid}: see drboot status")
            return EXIT_OK
        time.sleep(0.05)
    code = posix.waitstatus_to_exitcode(status)
    if code == EXIT_REBOOT or (code < 0 and _reboot_is_due(root, stamp, decision)):
        _await_reboot()
    if code < 0:
        say(f"the worker was ended by signal {-code}: see drboot status")
        return EXIT_BUG
    return code


def _await_reboot() -> None:
    """Stay until init ends this process: returning would let init start rctcpip with production's addresses.

    For a worker that is gone: shutdown has ended it a moment before.
    """
    say("the machine is being rebooted; the boot is held until then")
    time.sleep(REBOOT_WAIT)
    say(f"no reboot came within {REBOOT_WAIT} s: the boot goes on, see drboot status")


def library() -> str:
    """The directory that holds the package: /opt/drboot/lib."""
    return __file__.rpartition("/")[0].rpartition("/")[0] or "/"


# -- telling


def say(*lines: str) -> None:
    """Lines on standard output; what it does not take at once is lost."""
    _write("".join(f"drboot: {line}\n" for line in lines))


def _write(text: str) -> None:
    data = text.encode("ascii", "replace")
    try:
        while data:
            data = data[posix.write(1, data) :]
    except OSError:
        return  # stopped, closed or broken: nobody may wait for a console


def own_process() -> None:
    """0, 1 and 2 are open, lest a pipe or the stamp become one of them; and one learns how a child has ended, which
    whoever started this process may have prevented by ignoring SIGCHLD."""
    _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    for descriptor in (0, 1, 2):
        try:
            posix.fstat(descriptor)
        except OSError:
            posix.open("/dev/null", posix.O_RDWR)


def described(error: BaseException) -> str:
    """Type, text and the place in our code, on one line; the traceback module is not for the gate."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    text = " ".join(str(error).split())[:120]
    return f"{type(error).__name__} at {place}: {text}"


if __name__ == "__main__":
    run(sys.argv[1:])
