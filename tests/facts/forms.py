"""Which parser reads a recording: chosen by the directory and by what the ``# command:`` line says was typed.

A recording that holds what a failed command said goes through ``messages.parse``.  One stream that held both streams of
a live system is taken apart again: messages in front of the output are read as messages.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from drboot.facts import (
    arp,
    bootinfo,
    bootlist,
    crontab,
    df,
    entstat,
    errpt,
    form,
    ifconfig,
    inittab,
    lparstat,
    lquerypv,
    lqueryvg,
    lsattr,
    lscfg,
    lsdev,
    lsfs,
    lslv,
    lsmpio,
    lspath,
    lsps,
    lspv,
    lssrc,
    lsvg,
    messages,
    mount,
    netstat,
    niminfo,
    no,
    odmget,
    oslevel,
    ping,
    prtconf,
    ps,
    results,
    rmcdomainstatus,
    route,
    sysdumpdev,
    uname,
    varyonvg,
    vxdisk,
    who,
)
from drboot.facts.base import Ignore, lines_of, rows_of

Parser = Callable[[str], Any]


class Recording(NamedTuple):
    """One file: ``directory`` and ``stem`` name it, ``header`` holds its ``# key: value`` lines."""

    directory: str
    stem: str
    header: Dict[str, str]
    body: str

    @property
    def command(self) -> str:
        return self.header.get("command", "")

    def __str__(self) -> str:
        return f"{self.directory}/{self.stem}"


class Form(NamedTuple):
    """A parser and the words that it leaves unread."""

    parse: Parser
    ignore: Tuple[Ignore, ...]


def read(path: Path) -> Recording:
    """ValueError when there is no ``---`` line.  Bytes that are no UTF-8 stay as the runner leaves them."""
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    head, rule, body = text.partition("\n---\n")
    if not rule:
        raise ValueError(f"{path} has no --- line")
    header = dict(re.findall(r"^# ([a-z]+): (.*)$", head, re.MULTILINE))
    return Recording(path.parent.name, path.stem, header, body)


def _lsattr(command: str) -> Optional[Form]:
    fields = re.search(r"-F\s*(['\"]?)([\w: ]+)\1", command)
    if fields and fields.group(2) == "value":
        return Form(lsattr.parse_values, lsattr.IGNORE)
    if fields and ":" in fields.group(2):
        return Form(lsdev.fields(*fields.group(2).split(":")), lsattr.IGNORE)
    if fields:
        return Form(lsattr.columns(*fields.group(2).split()), lsattr.IGNORE)
    if re.search(r" -\w*R", command):
        return Form(lsattr.parse_allowed, lsattr.IGNORE)
    return Form(lsattr.parse_colon if re.search(r"\s-\w*O", command) else lsattr.parse_listing, lsattr.IGNORE)


def _lsdev(command: str) -> Optional[Form]:
    if re.search(r"\s-\w*P", command):
        return None
    blanks = re.search(r"-F\s*(['\"])(\w+(?: \w+)+)\1", command)
    if blanks:
        return Form(lsattr.columns(*blanks.group(2).split()), lsdev.IGNORE)
    fields = re.search(r"-F\s*(['\"]?)([\w:]+)\1", command)
    return Form(lsdev.fields(*fields.group(2).split(":")) if fields else lsdev.parse_table, lsdev.IGNORE)


def _lspath(command: str) -> Form:
    fields = re.search(r"-F\s*(['\"])([\w: ]+)\1|-F\s*([\w:]+)", command)
    if fields:
        names = fields.group(2) or fields.group(3)
        separator = ":" if ":" in names else " "
        return Form(lspath.fields(*re.split("[ :]", names), separator=separator), lspath.IGNORE)
    return Form(lsattr.parse_listing if re.search(r" -\w*A", command) else lspath.parse, lspath.IGNORE + lsattr.IGNORE)


def _uname(command: str) -> Optional[Form]:
    parsers: Dict[str, Parser] = {
        "L": uname.parse_partition,
        "u": uname.parse_systemid,
        "M": uname.parse_model,
        "m": uname.parse_machine,
        "f": uname.parse_full,
        "n": uname.parse_node,
        "W": uname.parse_wpar,
        "a": uname.parse_everything,
        "rvp": uname.parse_release,
        "MuL": uname.parse_system,
    }
    flags = re.search(r"uname -(\w+)", command)
    parse = parsers.get(flags.group(1)) if flags else None
    return Form(parse, uname.IGNORE) if parse else None


def _flagged(module: Any, plain: Optional[Parser], **by_flag: Optional[Parser]) -> Callable[[str], Optional[Form]]:
    """The parser of the first of these flags that the command has, else the plain one."""

    def form(command: str) -> Optional[Form]:
        typed = re.split(r"\s[|(]", command)[0]
        given = "".join(re.findall(r"\s-(\w+)", typed))
        for flag, parse in by_flag.items():
            if all(letter in given for letter in flag):
                return Form(parse, module.IGNORE) if parse else None
        return Form(plain, module.IGNORE) if plain else None

    return form


def _rows_of_form(module: Any) -> Form:
    """What a grep left of a form: its keys and values."""

    def parse(text: str) -> Tuple[Tuple[str, str], ...]:
        return tuple((key, value) for key, value, _ in form.pairs(rows_of(text), module.SECOND_COLUMN))

    return Form(parse, module.IGNORE)


def _lspv(command: str) -> Optional[Form]:
    if re.search(r"\s-(?:free|size|avail|\w*[MP])", command.partition("|")[0]):
        return None
    found = _flagged(lspv, None, l=lspv.parse_lvs, p=lspv.parse_pps, u=lspv.parse_ids)(command)
    if found or not re.search(r"lspv (?:-L )?\w", command):
        return found or Form(lspv.parse, lspv.IGNORE)
    return _rows_of_form(lspv) if _is_excerpt(command) else Form(lspv.parse_long, lspv.IGNORE)


def _lsvg(command: str) -> Optional[Form]:
    typed = re.sub(r"lsvg (?:-o )?\| (?:xargs )?(?=\S*lsvg)", "", command)
    typed = re.sub(r"\s-([lp])v\b", r" -\1", typed)  # the VIOS's flags
    if re.search(r"\s-\w*[MmPvr]", typed.partition("|")[0]):
        return None
    found = _flagged(lsvg, None, p=lsvg.parse_pvs, l=lsvg.parse_lvs)(typed)
    if found or not re.search(r"lsvg (?:-\w+ )?\w", typed):
        return found or Form(lsvg.parse_names, lsvg.IGNORE)
    return _rows_of_form(lsvg) if _is_excerpt(command) else Form(lsvg.parse_vg, lsvg.IGNORE)


def _lslv(command: str) -> Optional[Form]:
    if re.search(r"\s-\w*[lmpn]", command):
        return None
    return _rows_of_form(lslv) if _is_excerpt(command) else Form(lslv.parse, lslv.IGNORE)


def _ifconfig(command: str) -> Optional[Form]:
    flags = command.split()[1:2]
    if flags == ["-l"]:
        return Form(ifconfig.parse_names, ifconfig.IGNORE)
    if _is_excerpt(command) or (flags and flags[0].startswith("-") and flags[0] != "-a"):
        return None
    return Form(ifconfig.parse, ifconfig.IGNORE)


def _netstat(command: str) -> Optional[Form]:
    flags = "".join(re.findall(r"\s-(\w+)", command))
    if "n" not in flags or set(flags) - set("rnidf"):
        return None
    return Form(netstat.parse if "r" in flags else netstat.parse_interfaces, netstat.IGNORE)


def _ps(command: str) -> Optional[Form]:
    if re.search(r"-o etime= ", command):
        return Form(ps.parse_etime, ps.IGNORE)
    return Form(ps.parse, ps.IGNORE) if re.search(r"ps -a?ef\b", command) else None


def _entstat(command: str) -> Form:
    if "grep" not in command:
        return Form(entstat.parse, entstat.IGNORE)
    return Form(_entstat_rows, entstat.IGNORE)


def _entstat_rows(text: str) -> Dict[str, str]:
    """What is left of entstat behind a grep: the keys of interest with their values."""
    return {key: value for key, (value, _) in entstat.parse_rows(lines_of(text)).items()}


def _errpt(command: str) -> Optional[Form]:
    return _flagged(errpt, errpt.parse, t=None, a=errpt.parse_detail)(command)


def _lssrc(command: str) -> Optional[Form]:
    return _flagged(lssrc, lssrc.parse, ls=lssrc.parse_status, S=None)(command)


def _route(command: str) -> Optional[Form]:
    return Form(route.parse_get, route.IGNORE) if re.search(r"route( -n)? get", command) else None


def _mount(command: str) -> Optional[Form]:
    typed = command.partition("|")[0].split()
    return Form(mount.parse, mount.IGNORE) if typed == ["mount"] else None


def _is_excerpt(command: str) -> bool:
    return re.search(r"\|\s*[ef]?grep\b", command) is not None


def _always(module: Any, parse: Optional[Parser] = None) -> Callable[[str], Optional[Form]]:
    form = Form(parse or module.parse, module.IGNORE)
    return lambda command: form


FORMS: Dict[str, Callable[[str], Optional[Form]]] = {
    "arp": _always(arp),
    "bootinfo": _flagged(bootinfo, None, b=bootinfo.parse),
    "bootlist": _flagged(bootlist, None, v=None, o=bootlist.parse),
    "chdev": _always(results),
    "chpath": _always(results),
    "crontab": _always(crontab),
    "df": _flagged(df, df.parse, i=None, v=None, I=None),
    "entstat": _entstat,
    "errpt": _errpt,
    "ifconfig": _ifconfig,
    "importvg": _always(varyonvg),
    "inittab": _always(inittab),
    "lparstat": _flagged(lparstat, None, i=lparstat.parse),
    "lquerypv": _flagged(lquerypv, None, h=lquerypv.parse),
    "lqueryvg": _flagged(lqueryvg, None, t=lqueryvg.parse),
    "lsattr": _lsattr,
    "lscfg": _flagged(lscfg, None, l=lscfg.parse),
    "lsdev": _lsdev,
    "lsfs": _flagged(lsfs, lsfs.parse, c=lsfs.parse_colon),
    "lsitab": _always(inittab),
    "lslv": _lslv,
    "lsmpio": _flagged(lsmpio, lsmpio.parse, q=None, a=None, S=None),
    "lspath": _lspath,
    "lsps": _flagged(lsps, lsps.parse, s=lsps.parse_summary),
    "lspv": _lspv,
    "lssrc": _lssrc,
    "lsvg": _lsvg,
    "mkdev": _always(results),
    "mount": _mount,
    "netstat": _netstat,
    "niminfo": _always(niminfo),
    "no": _flagged(no, None, L=None, x=None, a=no.parse, o=no.parse),
    "odmget": _always(odmget),
    "oslevel": _flagged(oslevel, oslevel.parse_base, q=None, l=None, r=None, s=oslevel.parse),
    "ping": _always(ping),
    "prtconf": _always(prtconf),
    "ps": _ps,
    "rmcdomainstatus": _always(rmcdomainstatus),
    "rmdev": _always(results),
    "rmpath": _always(results),
    "route": _route,
    "sysdumpdev": _flagged(sysdumpdev, None, l=sysdumpdev.parse),
    "uname": _uname,
    "varyonvg": _always(varyonvg),
    "vxdisk": _flagged(vxdisk, vxdisk.parse, e=None, x=None, p=None, s=None, v=None),
    "who": _flagged(who, None, b=who.parse_boot, r=who.parse_run_level),
}


class Part(NamedTuple):
    """A piece of a recording that one parser reads.  ``said``: whether it is what a failed command said."""

    text: str
    form: Form
    said: bool


# What a grep takes away from a table whose parser insists on it.
HEADERS: Dict[Parser, str] = {
    mount.parse: "  node mounted  mounted over vfs date options\n-------- - - - - -\n",
    netstat.parse_interfaces: "Name  Mtu   Network     Address            Ipkts Ierrs    Opkts Oerrs  Coll\n",
    lsps.parse: "Page Space  Physical Volume  Volume Group  Size  %Used  Active  Auto  Type  Chksum\n",
    lsmpio.parse: "name    path_id  status   path_status  parent  connection\n",
    lsvg.parse_lvs: "vg:\nLV NAME  TYPE  LPs  PPs  PVs  LV STATE  MOUNT POINT\n",
    lsvg.parse_pvs: "vg:\nPV_NAME  PV STATE  TOTAL PPs  FREE PPs  FREE DISTRIBUTION\n",
}
# A filter that leaves whole rows.
ROW_FILTER = re.compile(r"\s*(?:[ef]?grep|head|tail|more|pg|cat|sort)\b")


def parts(recording: Recording) -> Optional[List[Part]]:
    """The pieces of the recording with their parsers; None when there is no parser for the form.

    KeyError for a directory without any parser.
    """
    if recording.command.startswith("session"):
        return _session(recording)
    said = _messages_in_front(recording.body)
    rest = recording.body[len(said) :]
    found = [Part(said, Form(messages.parse, ()), said=True)] if said else []
    if not rest.strip() and found:
        return found
    chosen = _chosen(recording.directory, recording.command)
    return None if chosen is None else [*found, Part(rest, chosen, said=False)]


def _chosen(program: str, command: str) -> Optional[Form]:
    """The form of what was typed: its path taken off, its filters looked at."""
    typed = re.sub(r"(?:/[\w.]+)+/(?=[a-z])", "", command)
    filters = re.sub(r"lsvg (?:-o )?\| (?:xargs )?", "", typed).split("|")[1:]
    if not all(ROW_FILTER.match(one) for one in filters):
        return None
    chosen = FORMS[program](typed)
    if chosen is None or chosen.parse not in HEADERS or not _is_excerpt(command):
        return chosen
    parse, header = chosen.parse, HEADERS[chosen.parse]
    return chosen._replace(parse=lambda text: parse(header + text))


_PROMPT = re.compile(r"^(?:\S*[#$>]) (\w.*)$", re.MULTILINE)


def _session(recording: Recording) -> List[Part]:
    """Each output of a session with the parser of the command at its prompt; commands that print nothing left out."""
    pieces = _PROMPT.split(recording.body)
    found = []
    for command, text in zip(pieces[1::2], pieces[2::2]):
        program = command.split()[0].rpartition("/")[2]
        chosen = _chosen(program, command) if program in FORMS else None
        if chosen is not None and text.strip():
            found.append(Part(text, chosen, said=False))
    return found


def _messages_in_front(body: str) -> str:
    """What a failed command said: everything, when no line of it is output; else the messages before the output."""
    lines = body.splitlines(keepends=True)
    try:
        first = messages.parse(body)
    except messages.ParseError:
        return ""
    if len(first) == 1 and first[0].id == "0516-010" and len(lines) > 2:
        return lines[0]  # lspv/02: the form follows on standard output
    return body
