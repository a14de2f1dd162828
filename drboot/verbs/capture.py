"""``drboot capture``."""

from __future__ import annotations

import contextlib
from typing import Optional

from drboot import gate
from drboot.errors import EXIT_OK, EXIT_UNFINISHED, ConfigError, Problem, Refused
from drboot.paths import Root
from drboot.verbs.base import Arguments, Verb, add_home, complain, home, print_json, say, seen_by


def _capture(options: Arguments) -> int:
    from drboot import capture, restored
    from drboot.profile.load import load

    root = Root(options.root)
    estate = load(root)
    seen = seen_by(options, estate)
    site, host = home(options, estate, seen)
    identity = gate.query_identity(root.directory, 30)
    if identity.systemid not in estate.sites[site].systemids:
        raise Refused(
            Problem(
                "capture-elsewhere",
                f"this machine is not at site {site}, so its capture is not overwritten",
                "sys0 systemid",
                identity.why or f"IBM,{identity.systemid} is not one of {site}'s",
                "capture it there; if it is configured for another site now: drboot arm --site SITE",
            )
        )
    before: Optional[capture.Capture] = None
    with contextlib.suppress(ConfigError):
        before = capture.load(root, site)
    taken = capture.take(seen, site, host, identity.systemid, before if before and before.host == host else None)
    path = capture.save(root, taken)
    if options.json:
        keys = {key: fate._asdict() for key, fate in restored.rows()}
        print_json({"path": path, "unseen": taken.unseen, "keys": keys})
    else:
        say(
            f"drboot: captured {host} at {site}: {len(taken.volume_groups)} volume groups, {len(taken.disks)} disks, "
            f"{len(taken.interfaces)} interfaces"
        )
        say(f"drboot: {path}")
        for note in taken.unseen:
            complain(f"drboot: not seen: {note}")
    return EXIT_UNFINISHED if taken.unseen else EXIT_OK


VERB = Verb("capture", "record what this machine looks like at home", add_home, _capture)
