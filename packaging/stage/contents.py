"""THE list of what goes on AIX.  installp image and rpm are made from it, and nothing else decides what is shipped.

A row is a path on AIX, its mode, and where its bytes come from.  Everything belongs to root.system.  What follows from
the path is not repeated in a row:

- The part: /opt and /usr are the usr part, which a WPAR mounts read-only; everything else is the root part
  (Source: aix/packaging.md section 2.1).
- The directories between a row and ``/opt/drboot`` are shipped with it, 0755.

Nothing here is written at run time: the configuration is the administrator's, and what drboot writes of its own is the
stamp, and below /var/adm/drboot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

PRODUCT = "/opt/drboot"
LIB = PRODUCT + "/lib"
DOC = PRODUCT + "/doc"
SAMPLES = "/etc/drboot/samples"
# Minor versions whose byte code is shipped: base AIX 7.3 has 3.9 and 3.11, the Toolbox 3.9 and 3.12.  On another one
# drboot works as well, and is compiled anew at each start.
BYTECODE = ("3.9", "3.11", "3.12")


@dataclass(frozen=True)
class Row:
    """One row of the list.

    path    on AIX; of a tree, its top
    kind    file | into | tree | directory | link; ``into`` puts each file that ``source`` matches below ``path``
    source  relative to the repository; ``build:`` what packaging/stage makes, relative to its build directory.
            Of a link, where it leads.
    mode    of the file, of every file of the tree, or of the directory
    config  the administrator's from the first install on: an update or a removal keeps what he made of it
    without names of a tree that are left out
    """

    path: str
    kind: str
    source: str = ""
    mode: int = 0o644
    config: bool = False
    without: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Fileset:
    """A fileset of the installp image, and the rpm package of the same contents.

    name         of the fileset; rpm_name is that of the rpm package
    description  one line; aix/packaging.md section 2.2 takes 40 characters for safe
    needs        filesets of ours that must be there, at the same level
    lifecycle    the scripts of packaging/lifecycle are part of it
    """

    name: str
    rpm_name: str
    description: str
    rows: Tuple[Row, ...]
    needs: Tuple[str, ...] = ()
    lifecycle: bool = False


RTE = Fileset(
    name="drboot.rte",
    rpm_name="drboot",
    description="DR boot of a replicated LPAR",
    lifecycle=True,
    rows=(
        Row(PRODUCT + "/bin/drboot", "file", "bin/drboot", 0o755),
        Row(PRODUCT + "/inittab/drboot-boot", "file", "inittab/drboot-boot", 0o755),
        Row(PRODUCT + "/inittab/drboot.inittab", "file", "inittab/drboot.inittab"),
        Row(LIB + "/drboot", "tree", "drboot", without=("sim",)),
        Row(LIB, "tree", "build:vendored/lib"),
        Row(DOC, "into", "LICENSE"),
        Row(DOC, "into", "CHANGELOG.md"),
        Row(DOC, "into", "docs/*.md"),
        Row(DOC, "into", "etc/site.schema.json"),
        Row(DOC + "/licences", "tree", "build:vendored/licences"),
        Row(DOC + "/sbom.cdx.json", "file", "build:sbom.cdx.json"),
        # Formatted for the man of an LPAR without nroff, and as roff apart from it: packaging/man/README.md.
        Row("/usr/share/man/cat1", "into", "build:man/cat/cat1/*"),
        Row("/usr/share/man/cat5", "into", "build:man/cat/cat5/*"),
        Row(PRODUCT + "/man/man1", "into", "build:man/man/man1/*"),
        Row(PRODUCT + "/man/man5", "into", "build:man/man/man5/*"),
        Row(PRODUCT + "/bin/drboot-smit", "file", "packaging/smit/drboot-smit", 0o755),
        Row(PRODUCT + "/completion", "into", "build:completion/*"),
        Row(PRODUCT + "/smit/drboot.stanzas", "file", "build:drboot.stanzas"),
        Row("/usr/bin/drboot", "link", PRODUCT + "/bin/drboot"),
        Row("/etc/drboot", "directory", mode=0o755),
        Row("/etc/drboot/sites", "directory", mode=0o755),
        Row(SAMPLES, "directory", mode=0o755),
        Row(SAMPLES, "into", "etc/sites/*.yaml"),
        Row(SAMPLES, "into", "etc/hosts.csv"),
        # as shipped, to see whether the administrator has made something of them
        Row(PRODUCT + "/etc", "into", "packaging/etc/*"),
        Row("/etc/drboot/hosts.csv", "file", "packaging/etc/hosts.csv", 0o644, config=True),
        Row("/etc/drboot/interpreter", "file", "packaging/etc/interpreter", 0o644, config=True),
        Row("/var/adm/drboot", "directory", mode=0o700),
    ),
)

SIM = Fileset(
    name="drboot.sim",
    rpm_name="drboot-sim",
    description="Simulated LPARs to rehearse drboot with",
    needs=("drboot.rte",),
    rows=(
        Row(PRODUCT + "/bin/drboot-sim", "file", "bin/drboot", 0o755),
        Row(LIB + "/drboot/sim", "tree", "drboot/sim"),
        Row("/usr/share/man/cat1", "into", "build:man/sim/cat/cat1/*"),
        Row(PRODUCT + "/man/man1", "into", "build:man/sim/man/man1/*"),
    ),
)

FILESETS = (RTE, SIM)
