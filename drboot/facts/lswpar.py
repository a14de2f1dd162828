"""Workload partitions: ``lswpar -c -q``, ``lswpar -N -c -q`` and ``lswpar -c -G``.

    web:A:S:web:/wpars/web:no                     name:state:type:hostname:directory, and more at later levels
    web:en0:10.1.5.31:255.255.255.0:10.1.5.255    name:interface:address:mask_prefix:broadcast, a row per address
    name:state:type:...:auto:...                  -G, with its header: what columns there are differs by level
    web:A:S:...:yes:...

States: A active, B broken, D defined (stopped), F frozen, L loaded, M maintenance or moving, P paused, T transitional.

Source: lswpar manual (AIX 7.1, 7.2: -c with colons between, -q without the header, -N the network, the states);
        howtoaix.blogspot.com/2018/01/wpar-status-in-aix.html (the letters); the header that -N -c prints and its row
        are in public scripts, and so is ``lswpar -c -q NAME | cut -d: -f2`` for the state.
Assumed: the columns of -G that are read here are called name and auto, as -G alone and the chwpar manual have them (the
         attribute auto, yes or no);
         a colon inside a value (IPv6) has a backslash before it, or the value is simply the middle of the row, and then
         prefix and broadcast are its end; a mask may be a prefix length; with no WPAR, or none with an address,
         nothing is printed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Sequence, Tuple

from drboot import paths
from drboot.facts.base import Query, rows_of
from drboot.facts.types import mask_of, same_address

if TYPE_CHECKING:  # seen imports the facts' base
    from drboot.seen import Seen

ACTIVE, DEFINED = "A", "D"
_COLON = re.compile(r"(?<!\\):")


class Wpar(NamedTuple):
    """``state`` is the one letter, ``directory`` its root in the global environment."""

    name: str
    state: str
    hostname: str
    directory: str


class Address(NamedTuple):
    """An address that the WPAR gets when it is started; netmask "" where the row is not of IPv4's form."""

    wpar: str
    interface: str
    address: str
    netmask: str


class Start(NamedTuple):
    """Whether /etc/rc.wpars starts it."""

    wpar: str
    auto: bool


def parse(text: str) -> Tuple[Wpar, ...]:
    """``lswpar -c -q``."""
    found = []
    for line in rows_of(text):
        fields = _COLON.split(line.text)
        if len(fields) < 5 or not fields[0] or not re.fullmatch("[A-Za-z]+", fields[1]):
            raise line.error("not name:state:type:hostname:directory")
        if not fields[4].startswith("/"):
            raise line.error("the directory is no absolute path")
        found.append(Wpar(fields[0], fields[1][0].upper(), fields[3], fields[4]))
    return tuple(found)


def parse_network(text: str) -> Tuple[Address, ...]:
    """``lswpar -N -c -q``."""
    found = []
    for line in rows_of(text):
        fields = _COLON.split(line.text)
        if len(fields) < 4 or not fields[0]:
            raise line.error("not name:interface:address:mask_prefix:broadcast")
        address = fields[2].replace("\\", "")
        if re.fullmatch(r"[0-9.]+", address):
            found.append(Address(fields[0], fields[1], address, _dotted(fields[3])))
            continue
        if len(fields) > 5:  # the colons of IPv6 as they are: prefix and broadcast are the last two fields
            address = ":".join(fields[2:-2]).replace("\\", "")
        if address:
            found.append(Address(fields[0], fields[1], address, ""))
    return tuple(found)


def parse_starts(text: str) -> Tuple[Start, ...]:
    """``lswpar -c -G``.  ParseError where its header does not say which column is which."""
    rows = rows_of(text)
    if not rows:
        return ()
    header = [word.strip().lower() for word in rows[0].text.lstrip("#").split(":")]
    if "name" not in header or "auto" not in header:
        raise rows[0].error("no header with name and auto")
    found = []
    for line in rows[1:]:
        row = dict(zip(header, _COLON.split(line.text)))
        if not row["name"] or row.get("auto") not in ("yes", "no"):
            raise line.error("no name, or auto is neither yes nor no")
        found.append(Start(row["name"], row["auto"] == "yes"))
    return tuple(found)


def _dotted(mask: str) -> str:
    """The netmask, where the column mask_prefix has a prefix length instead."""
    return mask_of(int(mask)) if mask.isdigit() and int(mask) <= 32 else mask


def changes(
    rows: Tuple[Address, ...], name: str, wanted: Sequence[Tuple[str, str, str]]
) -> Tuple[Tuple[str, ...], ...]:
    """The arguments of each chwpar that makes a WPAR's addresses these: the others away first, then what is missing.

    wanted  interface, address, netmask of each.  Source: chwpar manual
    """
    mine = [row for row in rows if row.wpar == name]

    def is_so(row: Address, one: Tuple[str, str, str]) -> bool:
        return (row.interface, row.address) == one[:2] and same_address(row.netmask, one[2])

    surplus = [row for row in mine if not any(is_so(row, one) for one in wanted)]
    missing = [one for one in wanted if not any(is_so(row, one) for row in mine)]
    away = [("-K", "-N", f"address={row.address}", name) for row in surplus]
    new = [("-N", f"interface={one[0]}", f"address={one[1]}", f"netmask={one[2]}", name) for one in missing]
    return (*away, *new)


def may_be_any(seen: Seen) -> bool:
    """Whether there is anything to ask lswpar for; a machine without WPARs may not have it.  Raises FactUnavailable.

    Source: mkwpar manual: the definition of each is /etc/wpars/NAME.cf.
    """
    return any(name.endswith(".cf") for name in seen.names(paths.WPARS)) and seen.root.has_program("lswpar")


ALL = Query("lswpar", ("-c", "-q"), parse, about="wpars")
NETWORK = Query("lswpar", ("-N", "-c", "-q"), parse_network, about="wpars")
STARTS = Query("lswpar", ("-c", "-G"), parse_starts, about="wpars")
