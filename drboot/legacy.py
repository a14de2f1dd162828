"""The flat files of the ksh scripts that drboot replaces, turned into a profile and rows of hosts.csv.

The old scripts read, from one directory (/usr/local/dr):

    dr_hostname.txt   aixdr
    dr_defgw.txt      10.20.5.1
    dr_en0.txt        en0:10.20.5.11:255.255.255.0:10.20.5.12,255.255.255.0 10.20.5.13,255.255.255.0
    dr_inet.txt       en0 en1                    the interfaces, with blanks or line ends between them
    dr_en1.txt        as dr_en0.txt, for each further interface

Source: the two scripts in "Replicating rootvg with ghostdev", C. Gibson, 2012; the files' shape follows from its awk.

Two things are not in these files, and the caller says them: the systemids and name servers, which stood in the
scripts themselves; and the adapters, since hosts.csv never trusts a name like en0, whose number may change at DR.
For an interface without a known adapter the row gets ``slot:?``, which no loading accepts, and a remark says so.

Beyond the old scripts, further interfaces get their own address and mask too, and not only their aliases.
"""

from __future__ import annotations

import csv
import io
import os
import re
from dataclasses import dataclass
from typing import Iterator, List, Mapping, Optional, Sequence, Tuple

from drboot.errors import ConfigError, Problem
from drboot.profile.estate import check_table
from drboot.profile.hosts import COLUMNS, MATCH, Alias, parse_table
from drboot.profile.keys import ADDRESS, DOMAIN, HOST_ADDRESS, HOST_NAME, NETMASK, SITE_NAME, SYSTEMID, Text

LARGEST_FILE = 1 << 16  # bytes; these files are a line each


@dataclass(frozen=True)
class FlatInterface:
    """One ``dr_enN.txt``; netmasks are dotted."""

    name: str
    address: str
    netmask: str
    aliases: Tuple[Alias, ...]
    where: str


@dataclass(frozen=True)
class FlatFiles:
    """What one directory says.  The first interface is the one that mktcpip was called for.

    search       names of the search line, in place of ``domain``
    owner        network.owner of the profile, "" for none said
    source       what it was imported from, for the profile's first line
    inittab_off  entries that the old way turned off
    """

    hostname: str
    domain: str
    gateway: str
    interfaces: Tuple[FlatInterface, ...]
    search: Tuple[str, ...] = ()
    owner: str = ""
    source: str = "the flat files of the old scripts"
    inittab_off: Tuple[str, ...] = ("nimclient",)


@dataclass(frozen=True)
class Imported:
    """Texts to look at and to save.

    profile  of the site, complete
    table    hosts.csv with its header
    remarks  what must still be filled in by hand before they load
    """

    profile: str
    table: str
    remarks: Tuple[Problem, ...]


def read_flat_files(directory: str) -> FlatFiles:
    """Everything in the directory that the old scripts read.  Raises ConfigError with every Problem."""
    problems: List[Problem] = []
    hostname, domain = _hostname(directory, problems)
    gateway = _one_line(directory, "dr_defgw.txt", HOST_ADDRESS, problems)
    primary = _interface(directory, "en0", problems)
    interfaces = [primary] if primary else []
    for name in _further(directory, primary.name if primary else "en0", problems):
        interface = _interface(directory, name, problems)
        if interface and interface.name != name:
            problems.append(_malformed(interface.where, f"it is about {interface.name}, its name says {name}"))
        elif interface:
            interfaces.append(interface)
    if problems:
        raise ConfigError(*problems)
    return FlatFiles(hostname or "", domain, gateway or "", tuple(interfaces))


def convert(
    files: FlatFiles,
    host: str,
    site: str,
    systemids: Sequence[str],
    nameservers: Sequence[str] = (),
    adapters: Optional[Mapping[str, str]] = None,
) -> Imported:
    """The profile of ``site`` and the rows of ``host``, its production host name.

    adapters  interface -> match, e.g. en0 -> slot:C2, as the machine itself shows them now

    Raises ConfigError where an argument is no such thing, or where the rows contradict themselves.
    """
    problems: List[Problem] = []
    HOST_NAME.read(host, "the host name given", problems)
    SITE_NAME.read(site, "the site given", problems)
    ids = [SYSTEMID.read(systemid, "the systemid given", problems) for systemid in systemids]
    for nameserver in nameservers:
        ADDRESS.read(nameserver, "the name server given", problems)
    if not ids:
        problems.append(
            Problem(
                "import-needs-systemid",
                "the import needs the systemid of the DR site",
                "the systemids given",
                "it stands in the old scripts, not in their files, and none was named",
                "look for DR_SYSTEMID in the script, and name it",
            )
        )
    known = dict(adapters or {})
    for name, match in known.items():
        MATCH.read(match, f"the adapter given for {name}", problems)
    table = _table(files, host, site, known)
    if not problems:
        problems.extend(_contradictions(files, table, site))
    if problems:
        raise ConfigError(*problems)
    remarks = tuple(_unknown_adapter(interface) for interface in files.interfaces if interface.name not in known)
    return Imported(_profile(files, host, site, [str(one) for one in ids], nameservers), table, remarks)


def _contradictions(files: FlatFiles, table: str, site: str) -> Iterator[Problem]:
    """What is wrong with the rows among themselves, said of the file that each row came from."""
    found: List[Problem] = []
    # Any adapter will do to look at the rest of a row whose own is not known yet.
    rows = csv.reader(io.StringIO(table))
    filled = "\n".join(",".join(_with_some_slot(row, number)) for number, row in enumerate(rows))
    parsed = parse_table(filled, "", found)
    found.extend(check_table(parsed, (site,), {}))
    for problem in found:
        line = re.match(r":([0-9]+)", problem.where)
        index = int(line.group(1)) - 2 if line else 0
        yield problem._replace(where=files.interfaces[index].where)


def _with_some_slot(row: List[str], number: int) -> List[str]:
    """Line ``number`` of the table, from 0; the header has none."""
    match = list(COLUMNS).index("match")
    return [*row[:match], f"slot:C{number}", *row[match + 1 :]] if number else row


# ---- reading -----------------------------------------------------------------------------------


def _words(directory: str, name: str, problems: List[Problem]) -> Optional[List[str]]:
    """The lines that are not blank; None after a Problem."""
    path = os.path.join(directory, name)
    try:
        with open(path, encoding="ascii") as stream:
            text = stream.read(LARGEST_FILE)
    except OSError as error:
        cure = "find it on the old machine, or write it"
        if name == "dr_inet.txt":
            cure = "write one with en0 in it, if that is the only interface"
        problems.append(
            Problem("import-file-missing", f"{name} cannot be read", path, error.strerror or str(error), cure)
        )
        return None
    except UnicodeDecodeError:
        problems.append(_malformed(path, "it is not plain ASCII text"))
        return None
    return [line.strip() for line in text.splitlines() if line.strip()]


def _single(directory: str, name: str, problems: List[Problem]) -> Optional[str]:
    lines = _words(directory, name, problems)
    if lines is not None and len(lines) != 1:
        problems.append(_malformed(os.path.join(directory, name), f"it has {len(lines)} lines, one is wanted"))
        return None
    return lines[0] if lines else None


def _one_line(directory: str, name: str, kind: Text[str], problems: List[Problem]) -> Optional[str]:
    line = _single(directory, name, problems)
    return None if line is None else kind.read(line, os.path.join(directory, name) + ":1", problems)


def _hostname(directory: str, problems: List[Problem]) -> Tuple[Optional[str], str]:
    """(short name, domain): mktcpip -h took a full name as well."""
    line = _single(directory, "dr_hostname.txt", problems)
    if line is None:
        return None, ""
    where = os.path.join(directory, "dr_hostname.txt") + ":1"
    short, dot, domain = line.partition(".")
    if dot:
        DOMAIN.read(domain, where, problems)
    return HOST_NAME.read(short, where, problems), domain


def _further(directory: str, primary: str, problems: List[Problem]) -> List[str]:
    """Interfaces of dr_inet.txt besides the primary one."""
    lines = _words(directory, "dr_inet.txt", problems)
    names: List[str] = []
    for word in " ".join(lines or ()).split():
        if not _is_interface(word):
            problems.append(_malformed(os.path.join(directory, "dr_inet.txt"), f"{word[:40]!a} is no interface"))
        elif word not in (primary, "en0", *names):
            names.append(word)
    return names


def _is_interface(word: str) -> bool:
    return re.fullmatch(r"e[nt](?:0|[1-9][0-9]{0,3})", word) is not None


def _interface(directory: str, name: str, problems: List[Problem]) -> Optional[FlatInterface]:
    """``en0:IP:mask:ip,mask ip,mask``; the last field may be empty or missing."""
    file = f"dr_{name}.txt"
    where = os.path.join(directory, file) + ":1"
    line = _single(directory, file, problems)
    if line is None:
        return None
    fields = [field.strip() for field in line.split(":")]
    if len(fields) not in (3, 4) or not _is_interface(fields[0]):
        problems.append(_malformed(where, "it is not interface:address:netmask:aliases"))
        return None
    address = HOST_ADDRESS.read(fields[1], where, problems)
    netmask = _dotted(fields[2], where, problems)
    aliases = _aliases(fields[3] if len(fields) == 4 else "", where, problems)
    if address is None or netmask is None:
        return None
    return FlatInterface(fields[0], address, netmask, aliases, where)


def _dotted(text: str, where: str, problems: List[Problem]) -> Optional[str]:
    """A netmask as chdev took it; a prefix length was never one there."""
    if "." not in text:
        problems.append(_malformed(where, f"{text[:40]!a} is not a dotted netmask"))
        return None
    return NETMASK.read(text, where, problems)


def _aliases(text: str, where: str, problems: List[Problem]) -> Tuple[Alias, ...]:
    found = []
    for word in text.split():
        address_text, comma, mask_text = word.partition(",")
        if not comma:
            problems.append(_malformed(where, f"alias {word[:40]!a} has no netmask"))
            continue
        address = HOST_ADDRESS.read(address_text, where, problems)
        netmask = _dotted(mask_text, where, problems)
        if address is not None and netmask is not None:
            found.append(Alias(address, netmask))
    return tuple(found)


def _malformed(where: str, why: str) -> Problem:
    return Problem(
        "import-file-malformed",
        "a file of the old scripts is not as they read it",
        where,
        why,
        "correct it, or write the profile by hand: /etc/drboot/samples/example.yaml",
    )


def _unknown_adapter(interface: FlatInterface) -> Problem:
    return Problem(
        "import-adapter-unknown",
        f"the slot of {interface.name} is not known",
        interface.where,
        "the old files name interfaces by number, which may change at DR",
        f"replace slot:? in hosts.csv: lscfg -vl ent{interface.name[2:]} shows -V7-C2-T1, then it is slot:C2",
    )


# ---- writing -----------------------------------------------------------------------------------


def _role(index: int, interface: FlatInterface) -> str:
    return "service" if index == 0 else interface.name


def _table(files: FlatFiles, host: str, site: str, adapters: Mapping[str, str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for index, interface in enumerate(files.interfaces):
        writer.writerow(
            (
                host,
                site,
                "disaster",
                _role(index, interface),
                adapters.get(interface.name, "slot:?"),
                interface.address,
                interface.netmask,
                files.gateway if index == 0 else "",
                ";".join(f"{alias.address}/{alias.netmask}" for alias in interface.aliases),
            )
        )
    return out.getvalue()


def _profile(files: FlatFiles, host: str, site: str, systemids: Sequence[str], nameservers: Sequence[str]) -> str:
    """The old way did no more than this: names, network, all volume groups, boot list, nimclient off."""
    template = files.hostname
    if template.startswith(host):
        template = "{host}" + template[len(host) :]
    elif template.endswith(host):
        template = template[: -len(host)] + "{host}"
    lines = [
        f"# Imported from {files.source}. Every key is explained in /opt/drboot/doc/profile.md.",
        "version: 1",
        f"site: {site}",
        f"systemids: [{', '.join(_quoted('IBM,' + one) for one in systemids)}]",
        "device_reset: ghostdev",
        "names:",
        f"  hostname: {_quoted(template)}",
    ]
    if "{host}" not in template:
        lines[-1] += f"  # {host} is called so here; a site with more LPARs needs a name with {{host}} in it"
    if nameservers:
        lines.append(f"  nameservers: [{', '.join(nameservers)}]")
    if files.search:
        lines.append(f"  search: [{', '.join(_quoted(one) for one in files.search)}]")
    elif files.domain:
        lines.append(f"  domain: {_quoted(files.domain)}")
    lines += ["network:", *([f"  owner: {files.owner}"] if files.owner else []), "  roles:"]
    lines += [f"    {_role(index, interface)}: {{}}" for index, interface in enumerate(files.interfaces)]
    lines += ["volume_groups:", "  take: captured", "boot_list:", "  set: true"]
    if files.inittab_off:
        lines += ["services:", f"  inittab_off: [{', '.join(files.inittab_off)}]"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return f'"{text}"'
