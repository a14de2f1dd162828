"""``drboot storage-map``: which LUN is which; at another site, what of them has arrived."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from drboot import gate
from drboot.companions import storage_map
from drboot.errors import EXIT_OK, EXIT_UNFINISHED
from drboot.paths import Root
from drboot.verbs.base import Arguments, Verb, add_home, complain, home, print_json, say, seen_by

if TYPE_CHECKING:
    from drboot.capture import Capture


def _add(sub: argparse.ArgumentParser) -> None:
    add_home(sub)
    sub.add_argument("--csv", action="store_true", help="a line per disk, comma separated, below their names")
    captured = "from the last capture, and not from the machine as it is now"
    sub.add_argument("--captured", action="store_true", help=captured)


def _call(options: Arguments) -> int:
    """0; 4 where, at another site, a disk of home is missing, there twice, or of another size."""
    from drboot import capture
    from drboot.profile.load import load

    root = Root(options.root)
    estate = load(root)
    seen = seen_by(options, estate)
    site, host = home(options, estate, seen)
    systemid = gate.query_identity(root.directory, gate.DEADLINE).systemid
    is_home = systemid in estate.sites[site].systemids
    if options.captured:
        return _show(options, capture.load(root, site))
    here = capture.take(seen, site, host, systemid)
    code = _show(options, here) if is_home else _compare(options, capture.load(root, site), here)
    for note in here.unseen:
        complain(f"drboot: not seen: {note}")
    return EXIT_UNFINISHED if here.unseen else code


def _show(options: Arguments, captured: Capture) -> int:
    rows = storage_map.rows(captured)
    if options.json:
        print_json([row._asdict() for row in rows])
    elif options.csv:
        say(storage_map.as_csv(rows).rstrip("\n"))
    else:
        say(f"drboot: the disks of {captured.host} at {captured.site}")
        say("\n".join(storage_map.table(rows)))
    return EXIT_OK


def _compare(options: Arguments, captured: Capture, here: Capture) -> int:
    made = storage_map.arrivals(captured, here.disks)
    if options.json:
        print_json([{"state": one.state, **one.row._asdict(), "here": [d.hdisk for d in one.here]} for one in made])
    elif options.csv:
        say(storage_map.arrivals_csv(made).rstrip("\n"))
    else:
        say(f"drboot: the disks of {captured.host}, as captured at {captured.site}, and what is here of them")
        say("\n".join(storage_map.arrival_table(made)))
    return EXIT_OK if storage_map.is_complete(made) else EXIT_UNFINISHED


VERB = Verb("storage-map", "which LUN is which; elsewhere, what of them has arrived", _add, _call)
