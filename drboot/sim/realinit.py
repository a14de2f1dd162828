"""A real SysV init as PID 1 of a simulated LPAR, in namespaces of its own: PID, mount, UTS, and a network without any
interface that is up.  Linux, as root.

The simulated root is ``/`` there; the shipped launcher runs at its real path, from the shipped inittab line.  What the
programs need of the host is mounted into it, read-only, at its own path: dynamic linker and libraries,
the Python that runs here, the package; and the estate itself, writable, since the programs keep their state there.

Debian's sysvinit-core is unpacked, never installed.  Its init takes identifiers of at most four characters, AIX's
has up to fourteen.  So the copy that is started here has ``/run/inittab`` in place of ``/etc/inittab`` (as long): a
table that differs in the identifiers only, on a tmpfs.  AIX programs and drboot see the AIX table at /etc/inittab.

Mount points that AIX does not have are made for the time that the machine runs, and removed.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import sysconfig
import tempfile
import time
from typing import Dict, List, Optional, Tuple

from drboot.sim import processes
from drboot.sim.boot import Echo, Running
from drboot.sim.init import read
from drboot.sim.machine import Machine
from drboot.sim.root import PACKAGE_PARENT, STAYING

TABLE, PATCHED = b"/etc/inittab\0", b"/run/inittab\0"
ID_LENGTH = 4
QUIET = 1.5  # seconds without a process that is no daemon, after which the boot is taken to be over
LOOK_EVERY = 0.2  # seconds between two looks at the host's table of processes
# Programs of AIX's /usr/bin that scripts may call and that are not simulated
UTILITIES = ("awk", "basename", "cat", "cut", "date", "dirname", "grep", "head", "kill", "ls", "mkdir", "ps", "rm",
             "sed", "sleep", "tail", "tr", "true", "wc")  # fmt: skip
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")


class Unavailable(Exception):
    """A real init cannot be run here; the text says why."""


# ---------------------------------------------------------------- Debian's init


def unpacked() -> str:
    """The directory that sysvinit-core is unpacked in; fetched with apt-get when it is not there yet.

    Raises Unavailable.
    """
    prepared = os.path.join(PACKAGE_PARENT, ".cache", "sysvinit")
    if os.access(prepared + "/sbin/init", os.X_OK):
        return prepared
    cache = os.path.join(os.path.expanduser("~"), ".cache", "drboot-sim", "sysvinit")
    if not os.access(cache + "/sbin/init", os.X_OK):
        _fetch(cache)
    return cache


def _fetch(cache: str) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise Unavailable("there is no apt-get here to fetch sysvinit-core with")
    os.makedirs(os.path.dirname(cache), exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(cache)) as scratch:
        got = subprocess.run(
            ["apt-get", "-qq", "download", "sysvinit-core"], cwd=scratch, capture_output=True, text=True, check=False
        )
        packages = [name for name in os.listdir(scratch) if name.endswith(".deb")]
        if not packages:
            raise Unavailable("apt-get cannot fetch sysvinit-core: " + got.stderr.strip())
        subprocess.run(["dpkg", "-x", packages[0], "tree"], cwd=scratch, check=True)
        shutil.rmtree(cache, ignore_errors=True)
        shutil.move(os.path.join(scratch, "tree"), cache)


def why_not() -> str:
    """Why no real init can be run here; "" when it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux"
    probe = ["unshare", "--pid", "--mount", "--uts", "--net", "--fork", "true"]
    if not shutil.which("unshare") or subprocess.run(probe, capture_output=True, check=False).returncode:
        return "this host does not let root make namespaces"
    try:
        unpacked()
    except Unavailable as error:
        return str(error)
    return ""


def derived_table(text: str) -> str:
    """An AIX inittab with identifiers of at most four characters and comments in Debian's way."""
    used = {entry.id for entry in read(text) if len(entry.id) <= ID_LENGTH}
    lines = []
    for line in text.splitlines():
        identifier, colon, rest = line.partition(":")
        if not identifier.strip():
            lines.append("#" + line)
            continue
        if len(identifier) > ID_LENGTH:
            identifier = _short(identifier, used)
            used.add(identifier)
        lines.append(identifier + colon + rest)
    return "\n".join(lines) + "\n"


def _short(identifier: str, used: set[str]) -> str:
    if identifier[:ID_LENGTH] not in used:
        return identifier[:ID_LENGTH]
    return next(name for n in range(1000) if (name := f"{identifier[0]}{n:03d}") not in used)


# ---------------------------------------------------------------- what the host lends


def interpreter_of(program: str) -> str:
    """The dynamic linker that an ELF file names (PT_INTERP), "" when it names none."""
    with open(program, "rb") as file:
        data = file.read(65536)
    if data[:4] != b"\x7fELF" or data[4] != 2:
        return ""
    order = "<" if data[5] == 1 else ">"
    (offset,) = struct.unpack_from(order + "Q", data, 32)
    size, count = struct.unpack_from(order + "HH", data, 54)
    for number in range(count):
        kind, _, at, _, _, length = struct.unpack_from(order + "IIQQQQ", data, offset + number * size)
        if kind == 3:
            return data[at : at + length].rstrip(b"\0").decode()
    return ""


def lent(machine: Machine) -> Dict[str, str]:
    """Path in the LPAR -> path on the host, of everything that is mounted into it read-only."""
    python = os.path.realpath(sys.executable)
    wanted = [python, os.path.join(PACKAGE_PARENT, "drboot"), sysconfig.get_path("stdlib")]
    if sys.prefix != sys.base_prefix:
        wanted.append(sys.prefix)
    if not (sys.base_prefix + "/").startswith("/usr/"):
        wanted.append(sys.base_prefix)
    found = {path: path for path in wanted}
    for name in ("sh", "ksh"):
        target = os.readlink(f"{machine.root}/usr/bin/{name}")
        found[target] = target
    for name in UTILITIES:
        host = shutil.which(name, path="/usr/bin:/bin")
        if host and not os.path.lexists(f"{machine.root}/usr/bin/{name}"):
            found["/usr/bin/" + name] = os.path.realpath(host)
    linker = interpreter_of(python)
    found[linker] = os.path.realpath(linker)
    found.update({path: path for path in _library_directories()})
    if os.path.exists("/etc/ld.so.cache"):
        found["/etc/ld.so.cache"] = "/etc/ld.so.cache"
    return _outermost(found)


def _library_directories() -> List[str]:
    """Where the libraries of this very process are, /usr/lib itself excepted: it is AIX's."""
    with open("/proc/self/maps", encoding="utf-8") as file:
        mapped = {line.split()[-1] for line in file if ".so" in line}
    directories = {os.path.dirname(os.path.realpath(path)) for path in mapped if os.path.exists(path)}
    return sorted(directory for directory in directories if directory.count("/") > 2)


def _outermost(paths: Dict[str, str]) -> Dict[str, str]:
    """Without those that lie in another one that is mounted as it is."""
    whole = [path for path, host in paths.items() if path == host and os.path.isdir(host)]
    return {p: h for p, h in sorted(paths.items()) if not any(p.startswith(outer + "/") for outer in whole)}


# ---------------------------------------------------------------- the LPAR


class Real(Running):
    """An LPAR under Debian's init.  ``process`` is unshare, its only child is PID 1."""

    def __init__(self, machine: Machine, echo: Optional[Echo]) -> None:
        reason = why_not()
        if (machine.estate + "/").startswith("/run/"):
            reason = "an estate below /run is hidden by this init's own /run"
        if reason:
            raise Unavailable(reason)
        super().__init__(machine, echo)
        self._made: List[str] = []
        self._scratch = ""
        self._busy = self._looked = time.monotonic()

    def launch(self) -> None:
        self._scratch = tempfile.mkdtemp(prefix="drboot-sim-")
        self._prepare(self._scratch)
        script = "\n".join(self._mounts())
        self._busy = time.monotonic()
        self.process = subprocess.Popen(
            ["unshare", "--pid", "--mount", "--uts", "--net", "--fork", "--kill-child", "--propagation", "private",
             "sh", "-euc", script],
            stdin=subprocess.DEVNULL, start_new_session=True, env={"PATH": os.environ.get("PATH", os.defpath)},
        )  # fmt: skip

    def _prepare(self, scratch: str) -> None:
        """The patched init and the table that it reads."""
        with open(unpacked() + "/sbin/init", "rb") as file:
            program = file.read()
        if program.count(TABLE) != 1:
            raise Unavailable("this sysvinit names /etc/inittab in another way than was expected")
        with open(os.path.join(scratch, "init"), "wb") as file:
            file.write(program.replace(TABLE, PATCHED))
        os.chmod(os.path.join(scratch, "init"), 0o755)
        with open(self.machine.root + "/etc/inittab", encoding="utf-8", errors="surrogateescape") as table:
            text = derived_table(table.read())
        with open(os.path.join(scratch, "inittab"), "w", encoding="utf-8", errors="surrogateescape") as derived:
            derived.write(text)

    def _mounts(self) -> List[str]:
        """The commands of a shell in the new namespaces, the last of which becomes init."""
        root = self.machine.root
        binds: List[Tuple[str, str, bool]] = [(host, path, False) for path, host in lent(self.machine).items()]
        binds += [(device, device, True) for device in DEVICES]
        binds.append((self.machine.estate, self.machine.estate, True))
        lines = []
        for host, path, writable in binds:
            self._mount_point(root + path, os.path.isdir(host))
            lines.append(f"mount --bind {shlex.quote(host)} {shlex.quote(root + path)}")
            if not writable:
                lines.append(f"mount -o remount,bind,ro {shlex.quote(root + path)}")
        self._mount_point(root + "/run", True)
        quoted, scratch = shlex.quote(root), shlex.quote(self._scratch)
        return [
            *lines,
            f"mount -t tmpfs tmpfs {quoted}/run",
            f"mount -t tmpfs tmpfs {quoted}/var/run",  # this init keeps its utmp there
            f"cp {scratch}/init {scratch}/inittab {quoted}/run/",
            f"mount -t proc proc {quoted}/proc",
            f"exec env -i SELINUX_INIT=no PATH=/usr/bin:/usr/sbin chroot {quoted} /run/init",
        ]

    def _mount_point(self, path: str, directory: bool) -> None:
        """Something to mount on is there; what had to be made is noted, outermost first."""
        missing = []
        parent = path if directory else os.path.dirname(path)
        while not os.path.exists(parent):
            missing.append(parent)
            parent = os.path.dirname(parent)
        for each in reversed(missing):
            os.mkdir(each)
            self._made.append(each)
        if not directory and not os.path.exists(path):
            with open(path, "wb"):
                self._made.append(path)

    def init_pid(self) -> int:
        """The host's number of PID 1; 0 when it is gone, or was never there."""
        if self.process is None:
            return 0
        return next((p.pid for p in processes.below(self.process.pid) if p.parent == self.process.pid), 0)

    def status(self) -> str:
        if time.monotonic() < self._looked + LOOK_EVERY:
            return ""
        self._looked = time.monotonic()
        init = self.init_pid()
        daemons = tuple(STAYING)
        for process in processes.below(init) if init else []:
            is_daemon = process.parent == init and any(name in process.command for name in daemons)
            if not is_daemon:
                self._busy = time.monotonic()
        return "settled" if init and time.monotonic() - self._busy > QUIET else ""

    def power_loss(self) -> None:
        self._end()

    def _end(self) -> None:
        """SIGKILL of PID 1 first: the kernel ends every process of the namespace with it, and init starts none more."""
        init = self.init_pid()
        if init:
            with contextlib.suppress(ProcessLookupError):
                os.kill(init, signal.SIGKILL)
        super()._end()
        for path in reversed(self._made):
            with contextlib.suppress(OSError):  # something was put there meanwhile: it stays
                os.unlink(path) if os.path.isfile(path) else os.rmdir(path)
        self._made.clear()
        shutil.rmtree(self._scratch, ignore_errors=True)
