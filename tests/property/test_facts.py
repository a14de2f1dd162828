"""Parsers on any input: a value or ParseError, names inside names kept apart, and what a renderer writes comes back.

The renderers here follow the format descriptions of the commands, not any simulator.
"""

from __future__ import annotations

import importlib
import pkgutil
import string
from typing import Any, Callable, List, Optional, Tuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import drboot.facts
from drboot.facts import (
    filesystems,
    hosts,
    inittab,
    lsattr,
    lsdev,
    lspath,
    lspv,
    lsvg,
    mount,
    netstat,
    odmget,
    route,
    types,
)
from drboot.facts.base import ParseError


def parsers() -> List[Tuple[str, Callable[[str], Any]]]:
    """Every function of drboot.facts that is called parse or parse_something."""
    found = []
    for info in pkgutil.iter_modules(drboot.facts.__path__):
        module = importlib.import_module(f"drboot.facts.{info.name}")
        for name, value in vars(module).items():
            is_own = callable(value) and value.__module__ == module.__name__
            if is_own and name.split("_")[0] == "parse" and name != "parse_rows":  # that one takes lines
                found.append((f"{info.name}.{name}", value))
    return sorted(found)


PARSERS = parsers()

LINES = st.text(st.characters(blacklist_categories=("Cs",)), max_size=60)
WORDS = st.sampled_from(
    [
        *(
            "hdisk1",
            "hdisk10",
            "none",
            "None",
            "active",
            "rootvg:",
            "ent0",
            "Available",
            "en0:",
            "flags=8<UP>",
            "-",
            "--",
        ),
        *(
            "0516-010",
            ":",
            "0",
            "00f6f42a0bd88942",
            "net",
            "default",
            "10.1/23",
            "U",
            "UGHS",
            "=>",
            "link#2",
            "\u00b2",
            "\u0661",
        ),
        *(
            "/dev/hd4",
            "/",
            "jfs2",
            "Jul",
            "17",
            "13:22",
            "rw",
            "=",
            "#a:b",
            "True",
            "value",
            "\t",
            "  ",
            "\n",
            "\n",
            "~",
        ),
        *(
            "PHYSICAL VOLUME:",
            "Name",
            "Mtu",
            "{all}",
            "CuAt:",
            '"x"',
            "PV Status:",
            "LABEL:",
            "-1 NULL",
            "AIX",
            "%",
            "/33",
        ),
    ]
)
NOISE = st.one_of(LINES, st.lists(LINES, max_size=4).map("\n".join), st.lists(WORDS, max_size=14).map(" ".join))


@pytest.mark.parametrize(("name", "parse"), PARSERS, ids=[name for name, _ in PARSERS])
@given(text=NOISE)
def test_any_text_gives_a_value_or_a_parse_error(name: str, parse: Callable[[str], Any], text: str) -> None:
    try:
        parse(text)
    except ParseError as error:
        assert error.why


def test_there_are_parsers() -> None:
    assert len(PARSERS) > 40


NAMES = st.sampled_from(
    ["hdisk1", "hdisk10", "hdisk100", "data", "datavg", "data_vg", "lv0", "lv00", "lv01", "en1", "en11"]
)
PVIDS = st.text("0123456789abcdef", min_size=16, max_size=16)
PREFIXES = st.integers(min_value=0, max_value=32)
OCTETS = st.tuples(*[st.integers(min_value=0, max_value=255)] * 4)


@st.composite
def pvs(draw: st.DrawFn) -> Tuple[lspv.Pv, ...]:
    found = []
    for name in draw(st.lists(NAMES, unique=True)):
        pvid = draw(st.none() | PVIDS)
        vg = draw(st.none() | NAMES)
        state = draw(st.sampled_from(["", "active", "concurrent"])) if vg else ""
        found.append(
            lspv.Pv(types.Hdisk(name), types.Pvid(pvid) if pvid else None, types.VgName(vg) if vg else None, state)
        )
    return tuple(found)


@given(pvs(), st.booleans())
def test_lspv_comes_back(rows: Tuple[lspv.Pv, ...], trailing_blanks: bool) -> None:
    text = ""
    for pv in rows:
        row = f"{pv.name:<16}{pv.pvid or 'none':<36}{pv.vg or 'None':<16}{pv.state:<12}"
        text += (row if trailing_blanks else row.rstrip()) + "\n"
    assert lspv.parse(text) == rows


PVS_IN_VG = st.lists(
    st.builds(
        lsvg.PvInVg,
        name=NAMES.map(types.Hdisk) | PVIDS.map(types.Pvid),
        state=st.sampled_from(["active", "missing", "removed"]),
        total_pps=st.integers(min_value=0, max_value=10**6),
        free_pps=st.integers(min_value=0, max_value=10**6),
        distribution=st.lists(st.integers(min_value=0, max_value=99999), min_size=5, max_size=5).map(
            lambda parts: "..".join(f"{part:02}" for part in parts)
        ),
    ),
    max_size=5,
)


@given(st.dictionaries(NAMES, PVS_IN_VG, min_size=1))
def test_lsvg_p_comes_back(groups: dict[str, List[lsvg.PvInVg]]) -> None:
    text = ""
    for vg, rows in groups.items():
        text += f"{vg}:\nPV_NAME           PV STATE          TOTAL PPs   FREE PPs    FREE DISTRIBUTION\n"
        for pv in rows:
            text += f"{pv.name:<17} {pv.state:<17} {pv.total_pps:<11} {pv.free_pps:<11} {pv.distribution}\n"
    assert lsvg.parse_pvs(text) == tuple((vg, tuple(rows)) for vg, rows in groups.items())


ENTRIES = st.lists(
    st.builds(
        inittab.Entry,
        id=st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=14),
        levels=st.text("0123456789abchS", max_size=10),
        action=st.sampled_from(inittab.ACTIONS),
        command=st.text(string.ascii_letters + string.digits + ":/> &|#'\"$.", max_size=60),
    )
)


@given(ENTRIES, st.booleans())
def test_inittab_comes_back(entries: List[inittab.Entry], comments: bool) -> None:
    text = "".join((": a comment: with colons\n\n" if comments else "") + f"{entry}\n" for entry in entries)
    assert inittab.parse(text) == tuple(entries)


def test_inittab_continued_line() -> None:
    assert inittab.parse("a:2:once:/bin/one \\\n--two:three\n") == (("a", "2", "once", "/bin/one --two:three"),)


PATHS = st.lists(st.sampled_from(["data", "datavg", "oracle", "a", "u01"]), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)
MOUNTS = st.lists(
    st.builds(
        mount.Mount,
        node=st.sampled_from(["", "nfsserver", "192.168.100.111", "a-very-long-host.example.com"]),
        mounted=st.sampled_from(
            ["/dev/hd4", "/dev/a_rather_long_lv_name", "-hosts", "Global", "/proc", "/export/data"]
        ),
        over=PATHS.map(types.MountPoint),
        vfs=st.sampled_from(["jfs2", "jfs", "nfs3", "procfs", "autofs", "namefs", "ahafs"]),
        date=st.sampled_from(["Jul 17 13:22", "Jul  7 03:02", "Dec 31 23:59"]),
        options=st.lists(st.sampled_from(["rw", "log=/dev/hd8", "bg", "sec=sys", "log=INLINE"]), max_size=3).map(tuple),
    )
)


@given(MOUNTS)
def test_mount_comes_back(mounts: List[mount.Mount]) -> None:
    text = "  node       mounted        mounted over    vfs       date        options      \n"
    text += "-------- ---------------  ---------------  ------ ------------ --------------- \n"
    for row in mounts:
        options = ",".join(row.options)
        text += f"{row.node:<8} {row.mounted:<16} {row.over:<16} {row.vfs:<6} {row.date} {options:<15}\n"
    assert mount.parse(text) == tuple(mounts)


def _abbreviated(octets: Tuple[int, ...], prefix: int) -> str:
    """A network as netstat -rn prints it: octets that are zero at its end left off, the prefix length behind."""
    parts = [str(octet) for octet in octets]
    while len(parts) > 1 and parts[-1] == "0":
        parts.pop()
    return f"{'.'.join(parts)}/{prefix}"


@given(OCTETS, PREFIXES, OCTETS, st.integers(min_value=0, max_value=99), st.integers(min_value=0, max_value=2**32 - 1))
def test_netstat_comes_back(octets: Tuple[int, ...], prefix: int, via: Tuple[int, ...], refs: int, use: int) -> None:
    value = int.from_bytes(bytes(octets), "big") & (0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF
    network = tuple(value.to_bytes(4, "big"))
    gateway = ".".join(map(str, via))
    text = "Routing tables\nDestination        Gateway           Flags   Refs     Use  If   Exp  Groups\n\n"
    text += "Route tree for Protocol Family 2 (Internet):\n"
    text += f"{_abbreviated(network, prefix):<18} {gateway:<17} {'UG':<6} {refs:>4}{use:>10} en0      -      -   =>\n"
    (found,) = netstat.parse(text)
    assert (found.destination, found.prefix) == (".".join(map(str, network)), prefix)
    assert (found.gateway, found.refs, found.use, found.interface) == (gateway, refs, use, "en0")


HOST_NAMES = st.text(string.ascii_lowercase + string.digits + "-.", min_size=1, max_size=20)


@given(st.lists(st.tuples(OCTETS, st.lists(HOST_NAMES, min_size=1, max_size=3), st.booleans())))
def test_hosts_comes_back(rows: List[Tuple[Tuple[int, ...], List[str], bool]]) -> None:
    text = "".join(
        f"{'.'.join(map(str, octets))}\t{' '.join(names)}{'  # a comment' if comment else ''}\n"
        for octets, names, comment in rows
    )
    found = hosts.parse(text)
    assert [(entry.address, entry.names) for entry in found.entries] == [
        (".".join(map(str, octets)), tuple(names)) for octets, names, _ in rows
    ]
    assert found.unread == ()
    assert "".join(line + "\n" for line in found.lines) == text


VALUES = st.text(string.ascii_letters + string.digits + "._/-,", max_size=20)


ATTRIBUTES = st.sampled_from(["alias4", "alias6", "netaddr", "netaddr6", "mtu", "state"])
DESCRIPTIONS = st.sampled_from(["", "Reserve Key.", "Internet Address", "IPv6 Internet Address", "N/A"])


@given(st.lists(st.tuples(ATTRIBUTES, VALUES, DESCRIPTIONS, st.sampled_from(["True", "False", "True+"])), min_size=1))
def test_an_attribute_listing_comes_back_or_is_refused(rows: List[Tuple[str, str, str, str]]) -> None:
    """Nothing is ever taken from the neighbour's column, whichever cells are empty."""
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    text = "".join(" ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip() + "\n" for row in rows)
    try:
        found = lsattr.parse_listing(text)
    except ParseError:
        assert not all(row[2] for row in rows) or not any(row[1] for row in rows)
        return
    assert found == tuple(rows)


@given(st.lists(st.tuples(NAMES, st.sampled_from(lsdev.STATUSES), st.sampled_from(["", "04-08-00-8,0", "00-00"]))))
def test_the_device_table_comes_back(rows: List[Tuple[str, str, str]]) -> None:
    described = [(*row, "16 Bit LVD SCSI Disk Drive") for row in rows]
    widths = [max((len(row[column]) for row in described), default=0) for column in range(4)]
    text = "".join(" ".join(word.ljust(width) for word, width in zip(row, widths)).rstrip() + "\n" for row in described)
    assert lsdev.parse_table(text) == tuple(described)


@given(NAMES, NAMES)
def test_names_inside_names_stay_apart(one: str, other: str) -> None:
    """What is asked of one name never answers for another that it is a part of."""
    text = f"{one:<16}{'00f6f42a0bd88942':<36}rootvg          active\n"
    assert (other in [pv.name for pv in lspv.parse(text)]) == (one == other)
    assert (other in lsvg.parse_names(f"{one}\n")) == (one == other)
    assert (lspath.parse(f"Enabled {one} fscsi0\n")[0].disk == other) == (one == other)
    mounted = mount.parse(
        "  node       mounted        mounted over    vfs       date        options\n"
        "-------- ---------------  ---------------  ------ ------------ ---------------\n"
        f"         /dev/{one}    /{one}     jfs2   Jul 17 13:22 rw\n"
    )
    assert (mount.at(mounted, f"/{other}") is not None) == (one == other)
    stanzas = filesystems.parse(f"/{one}:\n\tdev = /dev/{one}\n")
    assert (stanzas.stanza(f"/{other}") is not None) == (one == other)
    assert bool(stanzas.of_device(f"/dev/{other}")) == (one == other)
    named = hosts.parse(f"10.0.0.1 {one}\n")
    assert bool(named.addresses(other)) == (one == other)


@given(OCTETS, st.integers(min_value=1, max_value=32), OCTETS, st.none() | st.just("en1"), st.integers(0, 5))
def test_spellings_of_one_route_mean_the_same(
    octets: Tuple[int, ...], prefix: int, via: Tuple[int, ...], interface: Optional[str], padding: int
) -> None:
    value = int.from_bytes(bytes(octets), "big") & (0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF
    destination, gateway = ".".join(map(str, value.to_bytes(4, "big"))), ".".join(map(str, via))
    mask = types.mask_of(prefix)
    device = f"-if,{interface}," if interface else ""
    spellings = (
        f"net,-hopcount,0,-netmask,{mask},{device}{',' * padding}-static,{destination},{gateway}",
        f"net,-hopcount,0,-netmask,{mask},{device}{',' * padding}{destination},{gateway}",
        f"net,{destination},-netmask,{mask},{device}{gateway}",
    )
    meanings = {route.parse_inet0_route(spelling).meaning for spelling in spellings}
    expected = ("0.0.0.0", 0) if destination == "0.0.0.0" else (destination, prefix)
    assert meanings == {(*expected, gateway, interface)}
    assert all(route.parse_inet0_route(spelling).stored == spelling for spelling in spellings)


@given(st.lists(st.dictionaries(st.sampled_from(["name", "attribute", "value", "type"]), VALUES | st.integers(0, 999))))
def test_odm_objects_come_back(objects: List[dict[str, Any]]) -> None:
    text = ""
    for fields in objects:
        text += "\nCuAt:\n"
        for key, value in fields.items():
            text += f"\t{key} = {value}\n" if isinstance(value, int) else f'\t{key} = "{value}"\n'
    assert odmget.parse(text) == tuple(("CuAt", tuple(fields.items())) for fields in objects)
