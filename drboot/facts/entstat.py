"""An Ethernet adapter as its driver sees it: ``entstat -d entN``.

    ETHERNET STATISTICS (en0) :
    Device Type: Virtual I/O Ethernet Adapter (l-lan)
    Hardware Address: 4e:12:19:56:b5:14
    ...
    Port VLAN ID:   310
    VLAN Tag IDs:  None
    Switch ID: ETHERNET0

A few hundred rows of counters, of which these are read: type, MAC, link, port VLAN id, tagged VLANs, virtual
switch, driver flags.  A physical adapter has ``Link Status:``, an SR-IOV or newer one ``Physical Port Link Status:``
and ``Logical Port Link Status:``, a virtual one only ``LAN State:``.  The device type is empty for a VLAN adapter,
or stands on the line below (Qlogic).  An EtherChannel prints a head for itself and for each member.
Driver flags and a long list of tagged VLANs go on in further lines, indented by a tab or by blanks.
Who is not root gets 0909-002 on stderr, exit status not 0.

Source: entstat/01 (7.3), 04 to 15 (snap data), 16 (VIOS); Switch ID and the words behind VLAN Tag IDs:
network-and-services of the reference, section 9; tagged VLANs in two lines, tables of the l-lan and the roce/lnc2
drivers, Physical/Logical Port Link Status, a head without address: github.com/pedz/Snapper, entstat_lnc2ent_spec.rb,
entstat_shient_spec.rb and netstat_v_vioent_spec.rb in spec.
Assumed: a list of tagged VLANs may be separated by commas as well.
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Optional, Tuple

from drboot.facts.base import Line, ParseError, Query, ignore, lines_of
from drboot.facts.types import Device, Mac, mac

_READ = (
    "Device Type", "Hardware Address", "Link Status", "Physical Port Link Status", "LAN State", "Port VLAN ID",
    "VLAN Tag IDs", "Switch ID",
)  # fmt: skip

IGNORE = (
    ignore(r"^[-=]+(?: +[-=]+)?$", "rules"),
    ignore(r"^ETHERNET STATISTICS|\) :$", "the frame of the title"),
    ignore(r"(?<=VLAN Tag IDs:)[ \t]+None[ \t]*$", "no tagged VLAN: ()"),
    ignore(rf"(?:{'|'.join(_READ)}|Driver Flags):", "the label of a value that is read"),
    ignore(
        rf"^(?!ETHERNET STATISTICS|Driver Flags:|[ \t]*(?:{'|'.join(_READ)}):)[^:\n]+:.*$",
        "counters and settings that nothing needs",
    ),
    ignore(
        r"^[ \t]+<[A-Z_ ]+>$|^\tSEA THREADS INFORMATION$|^\tThread \.+ #[0-9]+$|^ +SEA Default Queue #[0-9]+ *$",
        "threads of a SEA",
    ),
    ignore(r"^(?!ETHERNET STATISTICS)[A-Za-z0-9][^:\n]*$", "title"),
    ignore(r"^(?: {2}){1,3}[A-Z][^:\n]*$", "buffers of a virtual adapter, in tables"),
    ignore(r"^\t[ \t]*(?:0x)?[0-9]+(?=[ \t]|$)[^:\n]*$", "tables of interrupts, enabled VLANs and traffic classes"),
    ignore(
        r"^\t(?:TLV Exchange|TC State|PFC State|QCN State|APPL State|Traffic Class|Application)[ \t].*$|^\t-[-\t]+$",
        "data centre bridging",
    ),
)


class Ethernet(NamedTuple):
    """One adapter.  ``name`` as in the title, so en0 when that was asked for.

    mac            None where it is not printed
    link           Up, Down or another word of the driver; None where no link state is printed
    port_link      the same for ``Physical Port Link Status``
    lan_state      of a virtual adapter: Operational ...; None for others
    port_vlan_id   None where it is not printed
    vlan_tag_ids   () for ``None`` and where it is not printed
    switch_id      of a virtual adapter: ETHERNET0; None for others
    """

    name: Device
    device_type: str
    mac: Optional[Mac]
    link: Optional[str]
    port_link: Optional[str]
    lan_state: Optional[str]
    port_vlan_id: Optional[int]
    vlan_tag_ids: Tuple[int, ...]
    switch_id: Optional[str]
    driver_flags: Tuple[str, ...]

    @property
    def is_down(self) -> bool:
        """Whether the driver says that there is no link; False when it says nothing."""
        states = (self.link, self.port_link)
        return "Down" in states or (self.lan_state is not None and self.lan_state != "Operational")


_HEAD = re.compile(r"ETHERNET STATISTICS \((?P<name>[a-z]+[0-9]+)\) :\s*")
_RULE = re.compile(r"[-=]+(?: +[-=]+)?\s*")
_PAIR = re.compile(r"\s*(?P<key>[^\s:][^:]*?)\s*:(?:\s+(?P<value>\S.*?))?\s*")
_TEXT = re.compile(r"[A-Za-z0-9<].*|\s+\S.*")  # a title, or a row of a table
_FURTHER = {"Driver Flags": re.compile(r"\s+[A-Za-z0-9_ ]+"), "VLAN Tag IDs": re.compile(r"\s+[0-9][0-9, ]*")}


def parse(text: str) -> Tuple[Ethernet, ...]:
    """``entstat -d``: the adapter, then those that it is made of.  ParseError without title or device type."""
    blocks: List[Tuple[str, List[Line]]] = []
    for line in lines_of(text):
        head = _HEAD.fullmatch(line.text)
        if head is not None:
            blocks.append((head.group("name"), []))
        elif blocks:
            blocks[-1][1].append(line)
        elif line.text.strip() and not _RULE.fullmatch(line.text):
            raise line.error("not the title of entstat")
    if not blocks:
        raise ParseError("there is no title ETHERNET STATISTICS")
    return tuple(_ethernet(name, lines) for name, lines in blocks)


def _ethernet(name: str, lines: List[Line]) -> Ethernet:
    found = parse_rows(lines)

    def word(key: str) -> Optional[str]:
        return found[key][0] if key in found else None

    if "Device Type" not in found:
        raise ParseError(f"{name} has no device type")
    vlan, tags = found.get("Port VLAN ID"), found.get("VLAN Tag IDs")
    return Ethernet(
        name=Device(name),
        device_type=found["Device Type"][0],
        mac=mac(*found["Hardware Address"]) if "Hardware Address" in found else None,
        link=word("Link Status"),
        port_link=word("Physical Port Link Status"),
        lan_state=word("LAN State"),
        port_vlan_id=None if vlan is None else vlan[1].whole(vlan[0], "Port VLAN ID"),
        vlan_tag_ids=() if tags is None else _tags(*tags),
        switch_id=word("Switch ID"),
        driver_flags=tuple((word("Driver Flags") or "").split()),
    )


def _tags(value: str, line: Line) -> Tuple[int, ...]:
    if value == "None":
        return ()
    return tuple(line.whole(word, "VLAN Tag ID") for word in re.split(r"[\s,]+", value))


def parse_rows(lines: List[Line]) -> Dict[str, Tuple[str, Line]]:
    """What the keys of interest say, the first of each.  ParseError for a line of no known shape."""
    found: Dict[str, Tuple[str, Line]] = {}
    last = ""
    for line in lines:
        if not line.text.strip() or _RULE.fullmatch(line.text):
            last = ""
            continue
        if last in _FURTHER and _FURTHER[last].fullmatch(line.text):
            found[last] = (f"{found[last][0]} {line.text.strip()}", found[last][1])
            continue
        if last == "Device Type" and not found[last][0] and not _PAIR.fullmatch(line.text):
            found[last] = (line.text.strip(), line)  # entstat/12
            continue
        pair = _PAIR.fullmatch(line.text)
        if pair is None:
            line.match(_TEXT, "not a row of entstat")
            last = ""
            continue
        last = pair.group("key")
        if last in found:
            last = ""
        elif last in (*_READ, "Driver Flags"):
            found[last] = (pair.group("value") or "", line)
    return found


def adapter(device: str) -> Query[Tuple[Ethernet, ...]]:
    """``entstat -d entN``."""
    return Query("entstat", ("-d", device), parse, about="network")
