"""Names that a boot needs, resolved without a name server: else it waits at LED 581.

Source: aix/network-and-services.md section 12: order of lookup NSORDER, /etc/netsvc.conf, /etc/irs.conf, then bind,
nis, local; local first, or every command that resolves a name waits for dead servers.  NFS mounts without bg hang the
boot when their server is away (section 15).
"""

from __future__ import annotations

import re
from typing import Iterator, Optional, Set

from drboot import paths
from drboot.checks.base import Finding, Production, error
from drboot.facts import filesystems as stanzas
from drboot.facts import hosts, lsattr
from drboot.facts.base import FileQuery
from drboot.seen import Seen
from drboot.steps.base import counted

LOCAL = ("local", "local4", "local6")


def check(production: Production) -> Iterator[Finding]:
    seen = production.seen
    nsorder = seen(FileQuery(paths.ETC_ENVIRONMENT, _nsorder))
    if nsorder and nsorder not in LOCAL:
        yield error(
            "check-nsorder",
            "NSORDER has every look-up ask a name server first",
            paths.ETC_ENVIRONMENT,
            f"it begins with {nsorder}, and it comes before {paths.ETC_NETSVC}; what init starts has it (LED 581)",
            f"take NSORDER out of {paths.ETC_ENVIRONMENT}, or write NSORDER=local,bind",
        )
    if seen(FileQuery(paths.ETC_RESOLV, _is_there)) and not _local_first(seen):
        yield error(
            "check-lookup-order",
            "a boot at DR would ask production's name servers first",
            paths.ETC_NETSVC,
            "its hosts = line does not begin with local, and /etc/resolv.conf names servers (LED 581)",
            f"write into {paths.ETC_NETSVC}: hosts = local4, bind4",
        )
    known = {name.lower() for entry in seen(hosts.FILE).entries for name in entry.names}
    hostname = (seen(lsattr.value("inet0", "hostname")) or ("",))[0]
    missing = [name for name in ("loopback or localhost", hostname) if name and not _knows(name, known)]
    if missing:
        yield error(
            "check-hosts-file",
            "a boot would ask a name server for what it needs first",
            paths.ETC_HOSTS,
            f"no line has {', '.join(missing)}",
            f"add 127.0.0.1 loopback localhost, and a line for {hostname or 'the host'}",
        )
    yield from _nfs(production)


def _knows(name: str, known: Set[str]) -> bool:
    return any(word.lower() in known for word in name.split(" or "))


def _local_first(seen: Seen) -> bool:
    """What netsvc.conf says, or irs.conf where netsvc.conf says nothing of hosts."""
    netsvc = seen(FileQuery(paths.ETC_NETSVC, _order))
    return netsvc in LOCAL if netsvc else seen(FileQuery(paths.ETC_IRS, _order)) in LOCAL


def _order(text: Optional[str]) -> str:
    """The first service that is asked for hosts: ``hosts = local4, bind4`` or ``hosts local continue``; "" for none."""
    found = re.search(r"^[ \t]*hosts[ \t]*[=\s][ \t]*(\w+)", text or "", re.MULTILINE)
    return found.group(1) if found else ""


def _nsorder(text: Optional[str]) -> str:
    """The first service of ``NSORDER=local,bind`` in /etc/environment; "" where it is not set."""
    found = re.search(r"^[ \t]*(?:export[ \t]+)?NSORDER=[\"']?[ \t]*(\w+)", text or "", re.MULTILINE)
    return found.group(1) if found else ""


def _is_there(text: Optional[str]) -> bool:
    return bool(text and re.search(r"^\s*nameserver\s", text, re.MULTILINE))


def _nfs(production: Production) -> Iterator[Finding]:
    first, cures = "", []
    for stanza in production.seen(stanzas.FILE).stanzas:
        options = [word.strip() for word in (stanza.get("options") or "").split(",") if word.strip()]
        if (stanza.get("vfs") or "").startswith("nfs") and stanza.is_mounted_at_boot and "bg" not in options:
            first = first or f"{stanza.mount_point} of {stanza.get('nodename') or 'its server'}"
            background = ",".join(("bg", *(word for word in options if word != "fg")))
            cures.append(f"chfs -a options={background} {stanza.mount_point}")
    if cures:
        yield error(
            "check-nfs-foreground",
            f"the boot at DR would wait for {counted(len(cures), 'NFS mount', 'NFS mounts')}, first for {first}",
            paths.ETC_FILESYSTEMS,
            "mount = true without the option bg has the boot wait for a server that is away",
            cures[0] + (", and so on" if cures[1:] else ""),
            cures if cures[1:] else (),
        )
