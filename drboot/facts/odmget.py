"""Objects of the ODM: ``odmget -q CRITERIA CLASS``.

    CuAt:
            name = "inet0"
            attribute = "route"
            value = "net,-hopcount,0,,0,192.168.10.1"
            nls_index = 0

Before each object a blank line; class name and colon; indented fields, strings in double quotes, numbers bare.  CuAt
holds values that are not the default only.  No object: nothing printed, exit status 0.

Source: odmget/01, 02, 03, 04, 50; escapes in strings: none seen.
Assumed: a backslash before a character in a string stands for that character, and at the end of a line the string goes
on in the next; a quote may stand in a string without one.
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Optional, Tuple, Union

from drboot.facts.base import Query, ignore, rows_of

IGNORE = (ignore(r"^\w+:$", "class"), ignore(r"(?<=[a-zA-Z_] )=(?= )", "between field and value"))


class OdmObject(NamedTuple):
    """One object: its class and its fields in order; a number is an int, a string a str."""

    cls: str
    fields: Tuple[Tuple[str, Union[str, int]], ...]

    def get(self, field: str) -> Optional[Union[str, int]]:
        return next((value for key, value in self.fields if key == field), None)

    def text(self, field: str) -> str:
        """The string in this field, "" when it is not there or a number."""
        value = self.get(field)
        return value if isinstance(value, str) else ""


_CLASS = re.compile(r"(?P<cls>[A-Za-z]\w*):\s*")
_FIELD = re.compile(r"\s+(?P<key>[A-Za-z]\w*) = (?:\"(?P<string>.*)\"|(?P<number>-?[0-9]+))\s*")


def parse(text: str) -> Tuple[OdmObject, ...]:
    """Every object, in the order of the output.  CuAt of 4,000 disks has some 200,000 lines."""
    found: List[Tuple[str, Dict[str, Union[str, int]]]] = []
    for line in rows_of(text.replace("\\\n", "")):
        field = _FIELD.fullmatch(line.text)
        if field is None:
            found.append((line.match(_CLASS, "neither a class nor field = value").group("cls"), {}))
            continue
        if not found:
            raise line.error("a field before any class")
        key, string, number = field.group("key", "string", "number")
        fields = found[-1][1]
        if key in fields:
            raise line.error(f"{key} for the second time")
        if string is None:
            fields[key] = int(number)
        else:
            fields[key] = re.sub(r"\\(.)", r"\1", string) if "\\" in string else string
    return tuple(OdmObject(cls, tuple(fields.items())) for cls, fields in found)


def objects(cls: str, criteria: str = "") -> Query[Tuple[OdmObject, ...]]:
    """The objects of a class; ``criteria`` as in ``name=inet0 and attribute=route``."""
    return Query("odmget", (*(("-q", criteria) if criteria else ()), cls), parse, about="devices")


def attribute(name: str) -> Query[Tuple[OdmObject, ...]]:
    """One attribute of every device that has it set, in one command however many devices there are."""
    return objects("CuAt", f"attribute={name}")


def by_device(found: Tuple[OdmObject, ...]) -> Dict[str, Tuple[str, ...]]:
    """The values of CuAt objects by device name, several where an attribute repeats."""
    values: Dict[str, Tuple[str, ...]] = {}
    for item in found:
        values[item.text("name")] = (*values.get(item.text("name"), ()), item.text("value"))
    return values


def parse_lvs(text: str) -> Dict[str, str]:
    """The logical volumes among CuDv objects: name -> volume group."""
    return {item.text("name"): item.text("parent") for item in parse(text)}


# Every logical volume that the ODM knows, whether its volume group is varied on or not.  Source: odmget/04.
LOGICAL_VOLUMES = Query("odmget", ("-q", "PdDvLn='logical_volume/lvsubclass/lvtype'", "CuDv"), parse_lvs, about="lvm")


def parse_majors(text: str) -> Dict[str, int]:
    """The major numbers among CuDvDr objects: volume group or logical volume -> number."""
    return {item.text("value3"): int(item.text("value1")) for item in parse(text) if item.text("value1").isdigit()}


# Major numbers of every VG and LV.  Source: Technical Reference, Customized Device Driver (CuDvDr): of resource devno,
# value1 is the major number, value2 the minor number and value3 the device.
MAJORS = Query("odmget", ("-q", "resource=devno", "CuDvDr"), parse_majors, about="lvm")
