"""What an installp image is made of, as values that refuse to be wrong.

Every value checks itself when it is made and raises :class:`BadDescription`, which says what is wrong with which file
or fileset; so a writer that has an :class:`Image` in hand cannot fail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Dict, Iterable, Iterator, Mapping, Tuple

# Source: AIX /etc/passwd and /etc/group as installed; the genuine images hold 0 and 2 only.
OWNERS: Mapping[str, int] = {"root": 0, "daemon": 1, "bin": 2, "sys": 3, "adm": 4}
GROUPS: Mapping[str, int] = {"system": 0, "staff": 1, "bin": 2, "sys": 3, "adm": 4}

# How installp treats a file of .cfgfiles that the administrator may have changed.
# Source: AIX, Packaging software for installation, "fileset.cfgfiles"; see installp.py for what each means.
HANDLINGS = ("preserve", "hold_new", "auto_merge", "user_merge", "other")

# Source: the same chapter, and the templates of mkinstallp ("Pre-deinstall Script" is pre_d).  installp.py has the
# order in which they run.
SCRIPTS = ("pre_rm", "pre_i", "post_i", "config", "pre_d", "unconfig_d", "unconfig", "unpost_i", "unpre_i")

# Directories of the operating system: an entry may stand in them, and they are no entries themselves, because
# whoever lists one in an inventory gives it owner and mode, and takes it away when the fileset is removed.
SYSTEM_DIRECTORIES = frozenset(
    (
        *("/", "/etc", "/etc/objrepos", "/etc/rc.d", "/etc/rc.d/init.d", "/etc/rc.d/rc2.d", "/home", "/sbin"),
        *("/opt", "/opt/bin", "/usr", "/usr/bin", "/usr/lib", "/usr/lib/objrepos", "/usr/lpp", "/usr/sbin"),
        *("/usr/share", "/usr/share/man", "/usr/share/man/man1", "/usr/share/man/man4", "/usr/share/man/man5"),
        *("/usr/share/man/cat1", "/usr/share/man/cat5"),
        *("/usr/share/man/man8", "/usr/swlag", "/usr/swlag/en_US"),
        *("/var", "/var/adm", "/var/adm/ras", "/var/log", "/var/spool"),
    )
)

LARGEST_FILE = 2**31 - 1  # Assumed: beyond it no genuine image was seen
LONGEST_NAME = 1022  # PATH_MAX of AIX is 1023 with the NUL (sys/limits.h)
LATEST = 2**31 - 1  # seconds; the date fields are 32 bits

_FILESET = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]*(\.[A-Za-z0-9_+-]+)*\Z")
_LEVEL = re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,4}\.\d{1,4}\Z")
# Source: mkinstallp takes no white space and none of : , = ( ) [ ] in a name; a quote would end the inventory's.
_PATH = re.compile(r"(?:/[^/\x00-\x20\x7f-\U0010ffff:,=()\[\]\"'\\*?]+)+\Z")
_REQUISITE = re.compile(r"\*(?:prereq|coreq|ifreq|instreq) \S+(?: \(\S+\))? \d+(?:\.\d+){1,3}\Z")


class BadDescription(ValueError):
    """An image that cannot be: the text says which file or fileset, what is wrong with it, and what would do."""


class Kind(Enum):
    """What an entry is; the value is the word of the inventory."""

    FILE = "FILE"
    DIRECTORY = "DIRECTORY"
    SYMLINK = "SYMLINK"


@dataclass(frozen=True)
class Entry:
    """One file, directory or symbolic link of a fileset.

    ``path`` is where it will be on AIX.  ``config`` (files only) is one of :data:`HANDLINGS`: the file is the
    administrator's, and neither its size nor its checksum is inventoried.  ``volatile`` says the latter of a file that
    changes without being the administrator's.  A symbolic link travels in the inventory alone, from which installp
    makes it; its mode is 0777 whatever is given.
    """

    path: str
    kind: Kind = Kind.FILE
    data: bytes = b""
    mode: int = 0o644
    owner: str = "root"
    group: str = "system"
    target: str = ""
    config: str = ""
    volatile: bool = False

    def __post_init__(self) -> None:
        self._check_name()
        if not 0 <= self.mode <= 0o7777:
            raise BadDescription(f"{self.path}: mode {self.mode:o} is none; 0 to 7777 are")
        if self.owner not in OWNERS:
            raise BadDescription(f"{self.path}: owner {self.owner} is not on every AIX; {', '.join(OWNERS)} are")
        if self.group not in GROUPS:
            raise BadDescription(f"{self.path}: group {self.group} is not on every AIX; {', '.join(GROUPS)} are")
        if self.config and self.config not in HANDLINGS:
            raise BadDescription(f"{self.path}: config {self.config} is none of {', '.join(HANDLINGS)}")
        if (self.config or self.volatile or self.data) and self.kind is not Kind.FILE:
            raise BadDescription(f"{self.path}: only a file has data, is configuration, or is volatile")
        if bool(self.target) != (self.kind is Kind.SYMLINK):
            raise BadDescription(f"{self.path}: a symbolic link has a target, and nothing else has")
        if len(self.data) > LARGEST_FILE:
            raise BadDescription(f"{self.path}: {len(self.data)} bytes are more than the {LARGEST_FILE} that are safe")

    def _check_name(self) -> None:
        if not _PATH.match(self.path) or any(part in (".", "..") for part in self.path.split("/")):
            raise BadDescription(
                f"{self.path!r}: not a path for installp: it starts with /, holds no empty, . or .. part, and is "
                "printable ASCII without blanks, quotes and : , = ( ) [ ] * ? \\"
            )
        if len(self.path) > LONGEST_NAME - len("./usr/lpp/inst_root") - 64:
            raise BadDescription(f"{self.path[:60]}...: {len(self.path)} characters are too long for AIX")
        if self.target and not _PATH.match("/" + self.target.lstrip("/")):
            raise BadDescription(f"{self.path}: {self.target!r} is no target for installp (see its rules for names)")
        if self.path in SYSTEM_DIRECTORIES:
            raise BadDescription(f"{self.path}: belongs to the operating system; name what is inside it")

    @property
    def in_usr(self) -> bool:
        """Whether this belongs to the usr part.  Source: since AIX 5 /opt does, as /usr always did."""
        return self.path.startswith(("/usr/", "/opt/"))


@dataclass(frozen=True)
class Part:
    """What one part of a fileset (usr, or root) brings.

    ``scripts``: name without the fileset's (one of :data:`SCRIPTS`) -> the whole script, ``#!`` line first.
    ``controls``: further members of liblpp.a, as they are: ``odmadd``, ``namelist``, ``cfginfo`` ...
    """

    entries: Tuple[Entry, ...] = ()
    scripts: Mapping[str, bytes] = field(default_factory=dict)
    controls: Mapping[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seen: Dict[str, Entry] = {}
        for entry in self.entries:
            if entry.path in seen:
                raise BadDescription(f"{entry.path}: described twice")
            seen[entry.path] = entry
        for path in seen:
            above = path.rpartition("/")[0] or "/"
            if above in seen and seen[above].kind is not Kind.DIRECTORY:
                raise BadDescription(f"{path}: {above} is a {seen[above].kind.value}, so nothing can be inside it")
            if above not in seen and above not in SYSTEM_DIRECTORIES:
                raise BadDescription(f"{path}: its directory {above} is neither described nor part of AIX")
        for name, text in self.scripts.items():
            if name not in SCRIPTS:
                raise BadDescription(f"script {name}: installp runs none of that name; it runs {', '.join(SCRIPTS)}")
            if not text.startswith(b"#!") or not text.endswith(b"\n"):
                raise BadDescription(f"script {name}: needs a first line with #! and a newline at the end")
        for name in self.controls:
            if name in SCRIPTS or name in ("al", "inventory", "size", "cfgfiles", "copyright"):
                raise BadDescription(f"control file {name}: is made from the description, or is a script")
            if not re.match(r"[a-z0-9_]+\Z", name):
                raise BadDescription(f"control file {name!r}: a name is of small letters, digits and _")

    def __bool__(self) -> bool:
        return bool(self.entries or self.scripts or self.controls)

    @property
    def sorted(self) -> Tuple[Entry, ...]:
        """The entries, each directory before what is inside it; the order of the image, the list and the inventory."""
        return in_order(self.entries)


def in_order(entries: Iterable[Entry]) -> Tuple[Entry, ...]:
    """Sorted by path, a directory's contents right behind it: a-b comes after all of a/."""
    return tuple(sorted(entries, key=lambda entry: entry.path.split("/")))


@dataclass(frozen=True)
class Fileset:
    """One unit that installp installs and removes.  The usr part is never empty; the root part may be."""

    name: str
    level: str
    description: str
    usr: Part
    root: Part = field(default_factory=Part)
    requisites: Tuple[str, ...] = ()
    copyright: str = ""
    bosboot: bool = False

    def __post_init__(self) -> None:
        if not _FILESET.match(self.name):
            raise BadDescription(f"fileset {self.name!r}: not a name for a fileset, such as demo.rte")
        if not _LEVEL.match(self.level):
            raise BadDescription(
                f"{self.name}: level {self.level!r} is not V.R.M.F of up to 2, 2, 4 and 4 digits, such as 1.2.0.0"
            )
        # Assumed: 60 characters are safe; Polypkg keeps to 40, and lslpp -l shows less.
        if not re.match(r"[\x21-\x7e](?:[\x20-\x7e]{0,58}[\x21-\x7e])?\Z", self.description):
            raise BadDescription(f"{self.name}: the description has to be one line of 1 to 60 ASCII characters")
        if ":" in self.description:
            raise BadDescription(f"{self.name}: a colon in the description breaks the lists that installp -L prints")
        for requisite in self.requisites:
            if not _REQUISITE.match(requisite):
                raise BadDescription(f"{self.name}: requisite {requisite!r} is not like *prereq bos.rte 7.2.0.0")
        if not self.copyright.isascii():
            raise BadDescription(f"{self.name}: the copyright has to be ASCII, since installp shows it in any locale")
        if not self.usr:
            raise BadDescription(f"{self.name}: the usr part is empty; installp wants one, the root part comes with it")
        for part, is_usr, rule in ((self.usr, True, "/usr or /opt"), (self.root, False, "elsewhere")):
            for entry in part.entries:
                if entry.in_usr is not is_usr:
                    raise BadDescription(f"{self.name}: {entry.path}: the {'usr' if is_usr else 'root'} part is {rule}")

    @property
    def parts(self) -> Iterator[Tuple[str, Part]]:
        """The parts there are: ``("usr", ...)``, then perhaps ``("root", ...)``."""
        yield "usr", self.usr
        if self.root:
            yield "root", self.root


@dataclass(frozen=True)
class Image:
    """One file for ``installp -d``: one package with its filesets.

    ``when``: seconds since 1970, the time of everything in the image.  ``archive``: the kind of liblpp.a, ``small``
    (what AIX's own mkinstallp was seen to write) or ``big``; installp takes both (README.md).  ``productid``: one line,
    the product's name and version as the vendor counts them; "" for none.
    """

    package: str
    filesets: Tuple[Fileset, ...]
    when: int = 0
    archive: str = "small"
    productid: str = ""

    def __post_init__(self) -> None:
        if not _FILESET.match(self.package):
            raise BadDescription(f"package {self.package!r}: not a name for a package, such as demo")
        if not self.filesets:
            raise BadDescription(f"{self.package}: an image without a fileset installs nothing")
        if not 0 <= self.when <= LATEST:
            raise BadDescription(f"{self.package}: when={self.when} is outside 0 to {LATEST}")
        if self.archive not in ("small", "big"):
            raise BadDescription(f"{self.package}: archive {self.archive!r} is neither small nor big")
        if not re.match(r"[\x20-\x7e]*\Z", self.productid):
            raise BadDescription(f"{self.package}: productid {self.productid!r} is not one line of ASCII")
        seen: Dict[str, Tuple[str, Entry]] = {}
        for fileset in self.filesets:
            if fileset.name != self.package and not fileset.name.startswith(self.package + "."):
                raise BadDescription(f"{fileset.name}: a fileset of package {self.package} is named {self.package}.x")
            for entry in fileset.usr.entries + fileset.root.entries:
                if (entry.path + "/").startswith(f"/usr/lpp/{self.package}/"):
                    raise BadDescription(f"{entry.path}: installp's own directory; files of the root part go there")
                before, same = seen.setdefault(entry.path, (fileset.name, entry))
                if same is not entry and same != entry:
                    raise BadDescription(f"{entry.path}: {before} and {fileset.name} describe it differently")
                if before != fileset.name and entry.kind is not Kind.DIRECTORY:
                    raise BadDescription(f"{entry.path}: in {before} and in {fileset.name}")
        if len({fileset.name for fileset in self.filesets}) != len(self.filesets):
            raise BadDescription(f"{self.package}: two filesets of one name")

    @property
    def level(self) -> str:
        """The level in the file's name: the first fileset's."""
        return self.filesets[0].level

    @property
    def file_name(self) -> str:
        """The name that bffcreate gives an image in an lpp_source.  Source: AIX, bffcreate command, "-l"."""
        return f"{self.package}.{self.level}.I"
