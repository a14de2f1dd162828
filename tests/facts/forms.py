"""Which parser reads a recording: chosen by the directory and by what the ``# command:`` line says was typed.

A recording that holds what a failed command said goes through ``messages.parse``.  One stream that held both streams of
a live system is taken apart again: messages in front of the output are read as messages.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from drboot.facts import (
    arp,
    bootinfo,
    bootlist,
    crontab,
    df,
    entstat,
    errpt,
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
    route,
    sysdumpdev,
    uname,
    varyonvg,
    who,
)
from drboot.facts.base import Ignore, lines_of

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
    """ValueError when there is no ``---`` line."""
    text = path.read_text(encoding="utf-8")
    head, rule, body = text.partition("\n---\n")
    if not rule:
        raise ValueError(f"{path} has no --- line")
    header = dict(re.findall(r"^# ([a-z]+): (.*)$", head, re.MULTILINE))
    return Recording(path.parent.name, path.stem, header, body)


def _lsattr(command: str) -> Optional[Form]:
    fields = re.search(r"-F\s*(['\"]?)([\w: ]+)\1", command)
    if fields and fields.group(2) == "value":
        return Form(lsattr.parse_values, lsattr.IGNORE)
    if fields:
        return Form(lsattr.columns(*re.split("[ :]", fields.group(2))), lsattr.IGNORE)
    if re.search(r" -\w*R", command):
        return None
    return Form(lsattr.parse_colon if re.search(r"-\w*O", command) else lsattr.parse_listing, lsattr.IGNORE)


def _lsdev(command: str) -> Form:
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


def _lspv(command: str) -> Optional[Form]:
    form = _flagged(lspv, None, l=lspv.parse_lvs, p=lspv.parse_pps, u=lspv.parse_ids)(command)
    return form or Form(lspv.parse_long if re.search(r"lspv \w", command) else lspv.parse, lspv.IGNORE)


def _lsvg(command: str) -> Optional[Form]:
    form = _flagged(lsvg, None, p=lsvg.parse_pvs, l=lsvg.parse_lvs)(command.replace("lsvg -o | xargs ", ""))
    return form or Form(lsvg.parse_vg if re.search(r"lsvg \w", command) else lsvg.parse_names, lsvg.IGNORE)


def _ifconfig(command: str) -> Form:
    return Form(ifconfig.parse_names if command.split()[1:2] == ["-l"] else ifconfig.parse, ifconfig.IGNORE)


def _netstat(command: str) -> Optional[Form]:
    last = re.findall(r"netstat -(\w+)", command)[-1]
    if "r" in last:
        return Form(netstat.parse, netstat.IGNORE)
    return Form(netstat.parse_interfaces, netstat.IGNORE) if "i" in last else None


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
    return Form(mount.parse, mount.IGNORE) if command.split() == ["mount"] else None


def _always(module: Any, parse: Optional[Parser] = None) -> Callable[[str], Optional[Form]]:
    form = Form(parse or module.parse, module.IGNORE)
    return lambda command: form


FORMS: Dict[str, Callable[[str], Optional[Form]]] = {
    "arp": _always(arp),
    "bootinfo": _always(bootinfo),
    "bootlist": _always(bootlist),
    "chdev": _always(results),
    "chpath": _always(results),
    "crontab": _always(crontab),
    "df": _always(df),
    "entstat": _entstat,
    "errpt": _errpt,
    "ifconfig": _ifconfig,
    "importvg": _always(varyonvg),
    "inittab": _always(inittab),
    "lparstat": _flagged(lparstat, None, i=lparstat.parse),
    "lquerypv": _flagged(lquerypv, None, h=lquerypv.parse),
    "lqueryvg": _always(lqueryvg),
    "lsattr": _lsattr,
    "lscfg": _always(lscfg),
    "lsdev": _lsdev,
    "lsfs": _flagged(lsfs, lsfs.parse, c=lsfs.parse_colon),
    "lsitab": _always(inittab),
    "lslv": _flagged(lslv, lslv.parse, l=None, m=None, p=None),
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
    "no": _flagged(no, None, a=no.parse),
    "odmget": _always(odmget),
    "oslevel": _flagged(oslevel, oslevel.parse_base, s=oslevel.parse),
    "ping": _always(ping),
    "prtconf": _always(prtconf),
    "ps": _flagged(ps, None, o=ps.parse_etime, f=ps.parse),
    "rmdev": _always(results),
    "rmpath": _always(results),
    "route": _route,
    "sysdumpdev": _flagged(sysdumpdev, None, l=sysdumpdev.parse),
    "uname": _uname,
    "varyonvg": _always(varyonvg),
    "who": _flagged(who, None, b=who.parse_boot, r=who.parse_run_level),
}


class Part(NamedTuple):
    """A piece of a recording that one parser reads.  ``said``: whether it is what a failed command said."""

    text: str
    form: Form
    said: bool


def parts(recording: Recording) -> Optional[List[Part]]:
    """The pieces of the recording with their parsers; None when there is no parser for the form.

    KeyError for a directory without any parser.
    """
    form = FORMS[recording.directory](recording.command)
    said = _messages_in_front(recording.body)
    rest = recording.body[len(said) :]
    found = [Part(said, Form(messages.parse, ()), said=True)] if said else []
    if not rest.strip() and found:
        return found
    if form is None:
        return None
    return [*found, *(Part(text, form, said=False) for text in _outputs(rest))]


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


_PROMPT = re.compile(r"^(?:#|\S*[#$]) (\w.*)$", re.MULTILINE)


def _outputs(body: str) -> Sequence[str]:
    """The outputs of a session, each without its prompt line; the body itself when it has no prompt."""
    if not _PROMPT.search(body):
        return [body]
    return [text for text in _PROMPT.split(body)[2::2] if text.strip()]
