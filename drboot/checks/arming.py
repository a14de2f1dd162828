"""Armed, for these profiles, with its entry in its place; and an address to wake up with."""

from __future__ import annotations

import os
from typing import Iterator

from drboot import arming, paths
from drboot.checks.base import Finding, Production, error, note
from drboot.profile.trust import check_code

ARM = "drboot arm"


def check(production: Production) -> Iterator[Finding]:
    yield from _stamp(production)
    if not production.others:
        yield error(
            "check-no-other-site",
            f"{production.host} has addresses at no other site",
            paths.HOSTS_CSV,
            "no row of mode disaster has this host and another site than its own",
            "add its rows, then: drboot arm",
        )
    yield from programs(production)
    state = arming.entry_state(production.seen)
    if not state.right:
        yield error(
            "check-inittab-entry",
            "init would not start drboot as it has to",
            paths.ETC_INITTAB,
            _why(state),
            ARM,
        )


def _why(state: arming.EntryState) -> str:
    if not state.lines:
        return "there is no entry drboot"
    if len(state.lines) > 1:
        return f"there are {len(state.lines)} entries drboot"
    if not state.live:
        return "the action of the entry drboot is off"
    if not state.placed:
        return f"the entry drboot does not stand behind {arming.AFTER} and before {arming.BEFORE}"
    return f"the entry drboot is not as shipped: {state.lines[0]}"


def programs(production: Production) -> Iterator[Finding]:
    """What init starts, and what that starts, are here; so they are in the replica.

    Below ``--root`` a note, as for ``arm``: a machine that is only looked at, or rehearsed by hand, needs neither.
    """
    root = production.seen.root
    kind = note if root.directory else error
    if not os.access(root.path(paths.LAUNCHER), os.X_OK):
        why = "it is not there, or may not be executed"
        yield kind("check-launcher", "init could not start drboot", paths.LAUNCHER, why, "install drboot again")
    recorded = (production.stamp.values["python"],) if production.stamp else ()
    if not any(os.access(root.path(python), os.X_OK) for python in (*recorded, *paths.INTERPRETERS)):
        yield kind(
            "check-interpreter",
            "there is no Python that a boot could use",
            ", ".join(recorded) or paths.STAMP,
            f"neither that one nor any of {', '.join(paths.INTERPRETERS)} is here",
            "install python3.9.base or python3 of the AIX Toolbox, then: drboot arm",
        )
    changeable = check_code(root, (paths.PRODUCT, *recorded))
    if changeable:
        yield kind(*changeable)


def _stamp(production: Production) -> Iterator[Finding]:
    stamp = production.stamp
    if stamp is None or stamp.phase != "armed":
        why = "there is no stamp" if stamp is None else f"the stamp's phase is {stamp.phase}"
        yield error("check-not-armed", "the next boot at another site would do nothing", paths.STAMP, why, ARM)
    elif stamp.values.get("sha256") != production.estate.digest:
        why = "the stamp was made from profiles that have been changed since"
        yield error("check-profiles-changed", "the stamp is older than the profiles", paths.STAMP, why, ARM)
