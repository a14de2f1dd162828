"""The runbook: one page with a machine's real values, for the day on which drboot cannot run.

    made = build(estate, wanted)      plain data, the same as ``drboot runbook --json``
    text(made)                        80 columns, plain ASCII
    page(made)                        one self-contained HTML file, for paper and for a telephone

Right from a capture alone, without the machine: what the plan does is walked through on paper (byhand.py).
"""

from __future__ import annotations

import html
import string
import textwrap
import time
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Sequence, Tuple

from drboot import byhand, errors, paths, report
from drboot.byhand import Act, Task, labelled
from drboot.capture import Disk
from drboot.profile.estate import Estate
from drboot.runner import quoted
from drboot.steps.volume_groups import wanted_groups
from drboot.wanted import Wanted

WIDTH = 79
EXITS = (
    (errors.EXIT_OK, "done, or nothing to do"),
    (errors.EXIT_BUG, "a bug of drboot: see /var/adm/drboot"),
    (errors.EXIT_CONFIG, "a mistake in profiles, stamp or arguments; nothing was changed"),
    (errors.EXIT_REFUSED, "refused: not the machine, or the site, that it is meant for"),
    (errors.EXIT_UNFINISHED, "some steps failed or were blocked; still armed: mend, drboot --apply"),
    (errors.EXIT_BUSY, "another run is active"),
    (errors.EXIT_DUPLICATE, "another machine has the address; the interface was taken down"),
    (errors.EXIT_REBOOT, "the machine reboots once for the device reset"),
)
RESETS = {
    "ghostdev": "ghostdev=1 was set at {home} before the copy: AIX resets its devices at the first boot",
    "clouddev-carried": "clouddev=1 was set at {home} before the copy: AIX resets its devices at the first boot",
    "clouddev-at-dr": "drboot sets clouddev=1 and reboots once, so that AIX resets its devices",
    "none": "nothing resets the devices: what is stale is removed one by one",
}


def build(estate: Estate, wanted: Wanted, now: float) -> Dict[str, Any]:
    """Everything that the page says, as JSON's types."""
    capture, site = wanted.capture, wanted.site
    walk = byhand.walk(wanted)
    disks = {disk.pvid: disk for disk in capture.disks}
    groups = []
    for group in wanted_groups(wanted):
        points = [fs.mount_point for fs in capture.filesystems if fs.vg == group.name and fs.mounted]
        here = [_disk(disks[pvid]) if pvid in disks else {"pvid": pvid} for pvid in group.pvids]
        groups.append({"name": group.name, "disks": here, "major": group.major, "mounts": points})
    return {
        "version": 1,
        "host": wanted.host,
        "home": wanted.home,
        "site": site.site,
        "made": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(now)),
        "captured": capture.taken,
        "level": capture.level,
        "profiles": estate.digest[:12],
        "systemids": {name: [f"IBM,{one}" for one in other.systemids] for name, other in estate.sites.items()},
        "device_reset": site.device_reset,
        "boot_hold": site.boot_hold,
        "rto": site.rto,
        "requires": _requires(wanted),
        "addresses": [_address(row) for row in wanted.rows],
        "foreign": list(wanted.foreign),
        "rootvg": [_disk(disk) for disk in capture.disks if disk.vg == "rootvg"],
        "volume_groups": groups,
        "labels": [label._asdict() for label in walk.labels],
        "stale": [_task(task) for task in byhand.stale(wanted)],
        "steps": [_task(task) for task in walk.tasks],
        "undo": [_task(task) for task in walk.undo],
        "unknown": [labelled(line) for line in walk.unknown],
        "exit_codes": {str(code): meaning for code, meaning in EXITS},
        "returns": wanted.coming is not None,
    }


def _disk(disk: Disk) -> Dict[str, Any]:
    return {
        "pvid": disk.pvid, "hdisk": disk.hdisk, "size": disk.size, "serial": disk.serial, "unique_id": disk.unique_id,
    }  # fmt: skip


def _address(row: Any) -> Dict[str, Any]:
    aliases = [f"{alias.address}/{alias.netmask}" for alias in row.aliases]
    return {
        "role": row.role, "match": str(row.match), "address": row.address, "netmask": row.netmask,
        "gateway": row.gateway, "aliases": aliases,
    }  # fmt: skip


def _requires(wanted: Wanted) -> List[str]:
    requires = wanted.site.requires
    found = []
    if requires.partition_name:
        found.append(f"the partition is called {' or '.join(requires.partition_name)}")
    if requires.partition_number:
        found.append(f"its number is {' or '.join(map(str, requires.partition_number))}")
    if requires.marker:
        found.append(f"{requires.marker} exists")
    return found


def _task(task: Task) -> Dict[str, Any]:
    return {
        "id": task.id, "title": labelled(task.title), "why": labelled(task.why),
        "actions": [_named(act) for act in task.actions], "kept": labelled(task.kept),
    }  # fmt: skip


def _named(value: Any) -> Any:
    """The same with labels for the stand-ins of names."""
    if isinstance(value, str):
        return labelled(value)
    if isinstance(value, list):
        return [_named(item) for item in value]
    return {key: _named(item) for key, item in value.items()} if isinstance(value, dict) else value


# ---------------------------------------------------------------- actions as one types them


def typed(act: Act) -> Iterator[str]:
    """The lines of a terminal, none longer than the page is wide; what goes on ends in a backslash."""
    if "run" in act:
        if "unless" in act:
            yield f"# unless {act['unless']}:"
        yield from folded(act["run"])
        if "makes" in act:
            yield f"# the name that it prints is {act['makes']}"
        for number, other in enumerate(act.get("or", ())):
            lines = list(typed(other))
            yield from ("# if that fails:" if not number else "# and:", *lines)
    elif "look" in act:
        yield from folded(act["look"])
        yield from (f"# {line}" for line in textwrap.wrap(act["want"], WIDTH - 8))
    elif "write" in act:
        yield f"cat > {act['write']} <<'END'"
        yield from act["text"].splitlines()
        yield "END"
    elif "edit" in act:
        yield f"vi {act['edit']}" + (f"   # under {act['under']}:" if act["under"] else "")
        yield from (
            (f"#   {act['old'].expandtabs()}", "# becomes") if act["old"] else ("# add, or change what is there to",)
        )
        yield f"#   {act['new'].expandtabs()}"
    elif "own" in act:
        uid, gid, mode = act["owner"]
        yield f"chown {uid}:{gid} {act['own']}; chmod {mode:04o} {act['own']}"
    elif "remove" in act:
        yield from folded(["rm", act["remove"]])
    elif "move" in act:
        yield from folded(["mv", *act["move"]])
    else:
        yield from folded(["cp", "-p", *act["copy"]])


ROOM = WIDTH - 8  # of a line of a terminal, without its backslash


def folded(argv: Sequence[str]) -> Iterator[str]:
    """One command on as many lines as it needs, broken between its words; an option and its value stay together.

    A word that no line can hold comes in pieces, in shell variables: A='...', B='...', then "$A$B".
    """
    words, names = [], iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    for word in argv:
        if len(quoted(word)) <= ROOM - 8:
            words.append(quoted(word))
            continue
        used = ""
        for piece in textwrap.wrap(word, ROOM - 12, drop_whitespace=False, break_on_hyphens=False):
            name = next(names)
            yield f"{name}={quoted(piece)}"
            used += f"${{{name}}}"
        words.append(f'"{used}"')
    line = ""
    for at, word in enumerate(words):
        ahead = len(words[at + 1]) + 1 if word.startswith("-") and at + 1 < len(words) else 0
        if line and len(line) + 1 + len(word) + ahead > ROOM:
            yield line + " \\"
            line = "    " + word
        else:
            line = f"{line} {word}" if line else word
    yield line


# ---------------------------------------------------------------- the page, whatever it is made of


class Part(NamedTuple):
    """kind: head, say, list, code, task, or table (a list of rows, the first of them its head)."""

    kind: str
    body: Any


# The page from top to bottom.  ``== `` heads a part, ``- `` is an item, ``$$ `` a line of a terminal; @ and a name is
# one of the lists and tables below.
PAGE = string.Template("""\
$host of site $home, at site $site. Made $made from the capture of $captured (AIX $level, profiles $profiles). Print it
anew when either changes: drboot runbook.

== Before the LPAR at $site is started
- Production is off, or $home is lost. Two machines with one rootvg are worse than none.
- The replication is stopped or split, so that the copies can be written.
- The copies of all disks below are mapped to the LPAR, and nothing else of this machine's: no snapshot beside its
  source.
- The LPAR's frame is one of: $frames (lsattr -El sys0 -a systemid).
- Where VCS manages the LPAR: the HMC does not restart it by itself (auto restart off in the partition's properties, at
  $home too), and VCS alone starts it. AIX cannot see that; look at the HMC.
@requires

Boot disk (SMS: 5 Select Boot Options, 1 Select Install/Boot Device, 7 List all Devices). SMS shows no PVID: it is the
copy of this LUN, and of this size. Once AIX is up, lspv shows the PVID beside rootvg.
@boot_disks

The other disks.
@data_disks

== What drboot does by itself
init starts it at boot. It sees a systemid of $site, and does the $tasks tasks below, looking first what is so already;
then it looks at everything again and disarms. The boot waits $hold at most. Device reset: $reset.$promised
@addresses
$$ drboot             # what it decided, what is left to do; changes nothing
$$ drboot --apply     # do it, or go on with it; as often as you like
$$ drboot report      # the last run, step by step

The systemids of all sites: $systemids.
@unknown

== By hand, when drboot cannot run
As root, on the console, in this order; drboot may be used again at any point. First find what AIX has called things
here, and write it down: the commands use the names on the left.
@labels

Leave out what is so already: a volume group that lsvg -o lists needs no importvg and no varyonvg, a file system that
mount lists needs no fsck and no mount. The rest may be repeated.

If an address of another site is up (ifconfig -a: $foreign), or lsdev -C shows disks that are Defined, AIX has not reset
its devices. Then these come first:
@stale

In every case:
@steps

== How to undo it
$$ drboot undo --plan  # what would be brought back; changes nothing
$$ drboot undo         # the last change first; it is armed again then

By hand, in this order.
@undo

== After a test: before the replication is resumed
- drboot report, and keep it; drboot undo, where the same copy is used again.
- Stop the LPAR at $site: shutdown -F. Look at the HMC: Not Activated.
- Only then resume the replication. Resumed under a running LPAR, it takes the disks away below AIX: file systems that
  were mounted are corrupt.
- drboot status on a rehearsal says since when it runs, and whether its disks are lost.

== Going home, from $site to $home
- At $site, soon after the disaster: drboot arm --for $home. It captures the machine as it is there; drboot arm
  --nightly does so anew every night.
- On the day: stop the applications, drboot arm --for $home once more, shutdown -F. Now $host runs nowhere.
- Replicate back every disk, those that were made at $site too; split it, map the copies to the LPAR at $home.
- Start it. drboot sees a systemid of $home ($home_frames) and puts back its own addresses, routes, attributes and
  inittab entries; what was made meanwhile stays.
- Then at $home: drboot arm --site $home; drboot capture; drboot check. Turn the replication round.

Storage that comes back. The old disks of $home still hold $host as it was on the day of the disaster. Before any of
them is powered on:
- Keep the LPAR at $home off. Its old rootvg would start as production, with its own systemid and addresses, beside the
  one that runs; drboot has nothing to do there, and cannot stop it.
- Old LUNs of $home are targets of the way back, or unmapped. Mapped beside the copy that comes back they are a second
  disk with the same PVID, and drboot refuses that volume group (vg-pvid-duplicate).
- Should the LPAR at $home be up from old disks: ifconfig each interface down detach, then shutdown -F. No importvg, no
  varyonvg: these volume groups are older than those in use.
- Old definitions need no cleaning: the copy that comes back brings its own ODM, and drboot takes out what is stale.
- A volume group that was brought up with disks missing (force_varyon) has marked them as removed: chpv -v a HDISK, then
  varyonvg, once they are back.

== Exit codes, and where the records lie
@exits
- $runs/ID/: report.html, report.json, journal.jsonl, what each command printed; drboot report shows it
- $stamp: armed or not; $sites/*.yaml and $table: what is wanted
- $captures/SITE.json: what the machine looked like there
- errpt -a -N OPERATOR: the verdict of each run; alog -t boot -o: the console of the boot
""")


def parts(made: Dict[str, Any]) -> Iterator[Part]:
    """The page from top to bottom."""
    items: List[str] = []
    code: List[str] = []
    for block in _blocks(PAGE.substitute(_words(made))):
        if items and not block.startswith("- "):
            yield Part("list", items)
            items = []
        if code and not block.startswith("$ "):
            yield Part("code", code)
            code = []
        if block.startswith("== "):
            yield Part("head", block[3:])
        elif block.startswith("- "):
            items.append(block[2:])
        elif block.startswith("$ "):
            code.append(block[2:])
        elif block.startswith("@"):
            yield from INSERTED[block[1:]](made)
        else:
            yield Part("say", block)
    yield Part("list", items)


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, items, terminal lines and insertions, each on one line."""
    open_: List[str] = []
    for line in [*text.splitlines(), ""]:
        starts = line.startswith(("== ", "- ", "$ ", "@"))
        if open_ and (starts or not line):
            yield " ".join(open_)
            open_ = []
        if line.startswith(("== ", "$ ", "@")):
            yield line
        elif line:
            open_.append(line.strip())


def _words(made: Dict[str, Any]) -> Dict[str, str]:
    """What the page names."""
    systemids, home, site = made["systemids"], made["home"], made["site"]
    promised = f" The recovery time that is promised: {report.clock(made['rto'])}." if made["rto"] else ""
    return {
        **{key: str(made[key]) for key in ("host", "home", "site", "made", "captured", "profiles")},
        "level": made["level"] or "level not known",
        "frames": ", ".join(systemids[site]),
        "home_frames": ", ".join(systemids.get(home, ())),
        "systemids": "; ".join(f"{name}: {', '.join(found)}" for name, found in systemids.items()),
        "tasks": str(len(made["steps"])),
        "hold": report.clock(made["boot_hold"]),
        "reset": RESETS[made["device_reset"]].format(home=home),
        "promised": promised,
        "foreign": ", ".join(made["foreign"]) or "none is known",
        "runs": paths.RUNS,
        "stamp": paths.STAMP,
        "sites": paths.SITES,
        "table": paths.HOSTS_CSV,
        "captures": paths.CAPTURES,
    }


_DISKS = ("VG", "PVID", "MB", "hdisk at home", "unique_id and serial at home")


def _disk_row(vg: str, disk: Dict[str, Any]) -> Tuple[str, ...]:
    ids = " ".join(filter(None, (disk.get("unique_id", ""), disk.get("serial", ""))))
    return vg, disk["pvid"], str(disk.get("size") or ""), disk.get("hdisk", ""), ids


def _boot_disks(made: Dict[str, Any]) -> Iterator[Part]:
    yield Part("table", [_DISKS, *(_disk_row("rootvg", disk) for disk in made["rootvg"])])


def _data_disks(made: Dict[str, Any]) -> Iterator[Part]:
    rows = [_disk_row(vg["name"], disk) for vg in made["volume_groups"] for disk in vg["disks"]]
    yield Part("table", [_DISKS, *(rows or [("none", "", "", "", "")])])


def _requires_part(made: Dict[str, Any]) -> Iterator[Part]:
    if made["requires"]:
        yield Part("list", [f"The profile demands that {demand}." for demand in made["requires"]])


def _addresses(made: Dict[str, Any]) -> Iterator[Part]:
    rows = [("Role", "Adapter", "Address", "Gateway", "Aliases")]
    for one in made["addresses"]:
        address = f"{one['address']} {one['netmask']}"
        rows.append((one["role"], one["match"], address, one["gateway"], " ".join(one["aliases"])))
    yield Part("table", rows)


def _unknown(made: Dict[str, Any]) -> Iterator[Part]:
    if made["unknown"]:
        yield Part("say", "Of these steps nothing can be said before the machine is there:")
        yield Part("list", made["unknown"])


def _labels(made: Dict[str, Any]) -> Iterator[Part]:
    rows = [(one["label"], "________", one["what"], one["find"]) for one in made["labels"]]
    yield Part("table", [("Name", "Here", "It is", "Find it with"), *rows])


def _stale(made: Dict[str, Any]) -> Iterator[Part]:
    yield from _tasks(made["stale"], "A")


def _steps(made: Dict[str, Any]) -> Iterator[Part]:
    yield from _tasks(made["steps"], "")


def _undo(made: Dict[str, Any]) -> Iterator[Part]:
    yield from _tasks([task for task in made["undo"] if task["actions"]], "U")
    kept = [f"{task['title']}: {task['kept']}" for task in made["undo"] if task["kept"]]
    if kept:
        yield Part("say", "Not brought back:")
        yield Part("list", kept)


def _exits(made: Dict[str, Any]) -> Iterator[Part]:
    yield Part("table", [("Exit", "It means"), *made["exit_codes"].items()])


def _tasks(tasks: Sequence[Dict[str, Any]], prefix: str) -> Iterator[Part]:
    for number, task in enumerate(tasks, 1):
        yield Part("task", f"{prefix}{number}. {task['title']}")
        yield Part("code", [line for act in task["actions"] for line in typed(act)])


INSERTED: Mapping[str, Callable[[Dict[str, Any]], Iterator[Part]]] = {
    "requires": _requires_part,
    "boot_disks": _boot_disks,
    "data_disks": _data_disks,
    "addresses": _addresses,
    "unknown": _unknown,
    "labels": _labels,
    "stale": _stale,
    "steps": _steps,
    "undo": _undo,
    "exits": _exits,
}


# ---------------------------------------------------------------- text


def text(made: Dict[str, Any]) -> str:
    """The page for a console, a printer, a wall: 79 columns, plain ASCII."""
    title = f"RUNBOOK: {made['host']} at site {made['site']}"
    lines = [title, "=" * len(title)]
    number = 0
    for part in parts(made):
        if part.kind == "head":
            number += 1
            heading = f"{number}. {part.body}"
            lines += ["", "", heading, "-" * len(heading)]
        elif part.kind == "task":
            lines += ["", f"  {part.body}"]
        elif part.kind == "say":
            lines += ["", *_wrapped(part.body)]
        elif part.kind == "list":
            for item in part.body:
                lines += textwrap.wrap(
                    item, WIDTH, initial_indent="  - ", subsequent_indent="    ", break_on_hyphens=False
                )
        elif part.kind == "code":
            lines += [f"      {line}" for line in part.body]
        else:
            lines += ["", *_table(part.body)]
    made_text = "\n".join(lines) + "\n"
    return made_text.encode("ascii", "replace").decode("ascii")


def _wrapped(said: str, first: str = "", then: str = "") -> List[str]:
    return textwrap.wrap(said, WIDTH, initial_indent=first, subsequent_indent=then, break_on_hyphens=False)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as they need to be; where they need too much, the last ones of each row on lines of their own."""
    columns = len(rows[0])
    widths = [max(len(row[at]) for row in rows) for at in range(columns)]
    fitting = columns
    while fitting > 1 and sum(widths[:fitting]) + 2 * fitting > WIDTH:
        fitting -= 1
    for index, row in enumerate(rows):
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row[:fitting], widths)).rstrip()
        for cell in row[fitting:]:
            if cell:
                yield from textwrap.wrap(
                    cell, WIDTH, initial_indent="      ", subsequent_indent="        ", break_on_hyphens=False
                )
        if not index:
            yield "  " + "  ".join("-" * width for width in widths[:fitting])


# ---------------------------------------------------------------- HTML

_PAGE = string.Template("""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
$style
h3 { font-size: 1em; margin: 1.2em 0 .3em; } .wide { overflow-x: auto; }
pre { margin: .3em 0 .6em; white-space: pre-wrap; overflow-wrap: anywhere; }
li { margin: .25em 0; } ul { padding-left: 1.4em; }
@media (max-width: 44em) {
  body { margin: 1em auto; font-size: 14px; } th { display: none; } tr { display: block; padding: .4em 0; }
  tr + tr { border-top: 1px solid #d8dee4; } td { display: block; border: 0; padding: 0; overflow-wrap: anywhere; }
  td:empty { display: none; } td::before { content: attr(data-of) ": "; color: #57606a; }
}
@media print { body { font-size: 9.5pt; max-width: none; margin: 0; } pre { border: 1px solid #d8dee4; }
  h2, h3 { break-after: avoid; } pre, tr, li { break-inside: avoid; } @page { margin: 15mm; } }
</style></head><body>
<h1>$title</h1>
$body
<p class="small">Made by drboot. drboot runbook prints it anew.</p>
</body></html>
""")


def page(made: Dict[str, Any]) -> str:
    """The same page as one self-contained file."""
    esc = html.escape
    body: List[str] = []
    for part in parts(made):
        if part.kind in ("head", "task", "say"):
            tag = {"head": "h2", "task": "h3", "say": "p"}[part.kind]
            body.append(f"<{tag}>{esc(part.body)}</{tag}>")
        elif part.kind == "list":
            body.append("<ul>" + "".join(f"<li>{esc(item)}</li>" for item in part.body) + "</ul>")
        elif part.kind == "code":
            body.append("<pre>" + esc("\n".join(part.body)) + "</pre>")
        else:
            head, *rows = part.body
            cells = ["<tr>" + "".join(f"<th>{esc(cell)}</th>" for cell in head) + "</tr>"]
            for row in rows:
                named = (f'<td data-of="{esc(of)}">{esc(cell)}</td>' for of, cell in zip(head, row))
                cells.append(f"<tr>{''.join(named)}</tr>")
            body.append(f'<div class="wide"><table>{"".join(cells)}</table></div>')
    title = esc(f"Runbook: {made['host']} at site {made['site']}")
    return _PAGE.substitute(title=title, style=report.STYLE, body="\n".join(body))
