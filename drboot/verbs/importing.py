"""``drboot import``: old files, and DROpts of VCS, into profiles."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Dict, Sequence

from drboot.errors import EXIT_OK, EXIT_UNFINISHED, ConfigError, Problem, render
from drboot.verbs.base import Arguments, Verb, complain, say, seen_by

if TYPE_CHECKING:
    from drboot.seen import Seen


def _add_import(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "directory",
        metavar="PATH",
        help="directory of dr_hostname.txt, dr_defgw.txt, dr_en0.txt and dr_inet.txt, or a file with DROpts of VCS",
    )
    sub.add_argument("--system", metavar="SYSTEM", default="", help="whose DROpts count, where there are several")
    sub.add_argument(
        "--resource", metavar="NAME", default="", help="of which resource of main.cf, where several have any"
    )
    sub.add_argument("--site", metavar="SITE", default="dr", help="name of the site that they describe (default: dr)")
    sub.add_argument("--host", metavar="HOST", required=True, help="the production host name")
    sub.add_argument(
        "--systemid", metavar="IBM,...", required=True, action="append", help="the site's; may be repeated"
    )
    sub.add_argument("--nameserver", metavar="IP", default=[], action="append", help="the site's; may be repeated")
    sub.add_argument("--to", metavar="DIR", default="", help="write the files there; default: print them")


def _import(options: Arguments) -> int:
    from drboot import dropts, legacy

    nameservers: Sequence[str] = options.nameserver
    if os.path.isdir(options.directory):
        found = legacy.read_flat_files(options.directory)
    else:
        found, named = dropts.flat(dropts.chosen(dropts.read(options.directory), options.system, options.resource))
        nameservers = nameservers or named
    made = legacy.convert(found, options.host, options.site, options.systemid, nameservers, _slots(seen_by(options)))
    if options.to:
        _save_imported(options.to, {f"{options.site}.yaml": made.profile, "hosts.csv": made.table})
    else:
        say(f"# {options.site}.yaml\n{made.profile}\n# hosts.csv\n{made.table}")
    if made.remarks:
        complain(render(made.remarks, "note"))
    return EXIT_UNFINISHED if made.remarks else EXIT_OK


def _slots(seen: Seen) -> Dict[str, str]:
    """enN -> slot:Cn of this machine's adapters; empty where lscfg does not answer (the import works anywhere)."""
    from drboot.facts import lscfg

    adapters = seen.or_none(lscfg.ETHERNET_ADAPTERS) or ()
    return {"en" + vpd.name[3:]: f"slot:{vpd.slot}" for vpd in adapters if vpd.slot}


def _save_imported(directory: str, texts: Dict[str, str]) -> None:
    """Write the files; ConfigError, and nothing written, when one is there already or cannot be written."""
    from drboot.files import write_atomic

    for name in texts:
        path = os.path.join(directory, name)
        if os.path.lexists(path):
            raise ConfigError(
                Problem(
                    "import-target-exists", f"{name} is there already", path, "", "name another directory: --to DIR"
                )
            )
    for name, text in texts.items():
        path = os.path.join(directory, name)
        try:
            write_atomic(path, text.encode())
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise ConfigError(
                Problem(
                    "import-not-written", f"{name} cannot be written", path, why, "name another directory: --to DIR"
                )
            ) from error
        say(f"drboot: wrote {path}")


VERB = Verb("import", "read the old scripts' flat files, or DROpts of VCS, into a profile", _add_import, _import)
