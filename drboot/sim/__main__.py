"""drboot-sim: a simulated AIX estate to rehearse with.  Every subcommand has --help."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Callable, List, Optional, Tuple

from drboot.sim import boot, demo, deploy, estates, faults, realinit, san
from drboot.sim.commands import COMMANDS
from drboot.sim.estates.fleet import MOST
from drboot.sim.machine import Machine

EXIT_OK, EXIT_FAILED, EXIT_USAGE, EXIT_UNFINISHED = 0, 1, 2, 4


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser("drboot-sim", description="Simulated AIX LPARs, for rehearsals and tests of drboot.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    names = "\n".join(f"  {name:<20} {text}" for name, (_, _, text) in estates.ESTATES.items())

    new = verbs.add_parser(
        "new", help="make an estate: LPARs at home and at DR, and their SAN", epilog="estates:\n" + names,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    new.add_argument("estate", choices=sorted(estates.ESTATES), metavar="ESTATE", help="see below")
    new.add_argument("directory", metavar="DIR", help="where it goes; must not exist, or be empty")
    new.add_argument("--bare", action="store_true", help="do not install drboot on the home LPAR")

    one = verbs.add_parser("boot", help="switch an LPAR on and show its console")
    _estate_and_lpar(one, "home")
    _how_to_boot(one)

    copy = verbs.add_parser("replicate", help="copy every LUN of one site to the other, as it is now")
    copy.add_argument("directory", metavar="DIR", help="the estate")
    copy.add_argument("--from", dest="source", default="home", metavar="SITE", help="default: home")
    copy.add_argument("--to", dest="target", default="dr", metavar="SITE", help="default: dr")

    over = verbs.add_parser("failover", help="replicate home to DR, and boot the LPAR there")
    over.add_argument("directory", metavar="DIR", help="the estate")
    over.add_argument("--lpar", default="dr", metavar="NAME", help="the LPAR to boot (default: the one at dr)")
    _how_to_boot(over)

    execute = verbs.add_parser("exec", help="run an AIX program, or drboot, on an LPAR")
    _estate_and_lpar(execute, "home")
    execute.add_argument("program", metavar="PROGRAM", help="lspv, /usr/sbin/lspv, drboot ...")
    execute.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="its arguments")

    fault = verbs.add_parser("fault", help="make a program of an LPAR fail, hang, lie ...; without --program: list")
    _estate_and_lpar(fault, "dr")
    fault.add_argument("--program", metavar="PROGRAM", help="importvg, /usr/sbin/importvg, or '*' for any")
    fault.add_argument("--kind", choices=faults.KINDS, help="what happens instead of, or besides, its work")
    fault.add_argument("--args", default="", metavar="TEXT", help="only calls whose arguments contain TEXT")
    fault.add_argument("--nth", type=int, default=0, metavar="N", help="only the N-th such call (default: every one)")
    fault.add_argument("--rc", type=int, default=1, help="exit status of a call that fails (default: 1)")
    fault.add_argument("--seconds", type=float, default=2.0, help="how long a slow or hanging call takes (default: 2)")
    fault.add_argument("--clear", action="store_true", help="forget all faults of this LPAR")

    play = verbs.add_parser("demo", help="play the main job: home, capture, arm, replicate, DR boot")
    play.add_argument("estate", nargs="?", default="small", choices=sorted(estates.ESTATES), metavar="ESTATE",
                      help="default: small; drboot-sim new --help lists them")  # fmt: skip
    play.add_argument("--directory", default="", metavar="DIR", help="where the estate goes (default: a new one)")
    play.add_argument("--real", action="store_true", help="boot Debian's SysV init in namespaces (Linux, as root)")

    many = verbs.add_parser(
        "fleet", help="boot many LPARs at DR, in memory, with a line of result for each",
        epilog="estates:\n  those of drboot-sim new; without one, a generated fleet.\n\n"
        "Exit status: 0 all are up, 4 some are not, 2 a wrong call.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    many.add_argument("estate", nargs="*", type=_estate, metavar="ESTATE", help="instead of a generated fleet")
    many.add_argument(
        "--lpars", type=_number(1, MOST), default=100, metavar="N", help=f"how many (100; at most {MOST})"
    )
    many.add_argument("--jobs", type=_number(1, 256), default=os.cpu_count() or 1, metavar="N",
                      help="worker processes (default: one per CPU)")  # fmt: skip
    many.add_argument("--sample", type=_number(1, MOST), default=0, metavar="N", help="boot only N of them, at random")
    many.add_argument("--verify", type=_number(0, MOST), default=0, metavar="N",
                      help="run N of them, at random, also with commands as processes: some 10 s each")  # fmt: skip
    many.add_argument("--seed", type=int, default=1, metavar="N", help="which ones that are (default: 1)")
    many.add_argument("--directory", default="", metavar="DIR", help="keep all of it there (default: what is not up)")
    many.add_argument("--json", default="", metavar="FILE", help="write the results there as well; - is the output")
    return top


def _estate(text: str) -> str:
    if text not in estates.ESTATES:
        raise argparse.ArgumentTypeError(f"there is no estate {text}; there are {', '.join(sorted(estates.ESTATES))}")
    return text


def _number(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text} is no number from {least} to {most}")
        return int(text)

    return number


def _estate_and_lpar(verb: argparse.ArgumentParser, default: str) -> None:
    verb.add_argument("directory", metavar="DIR", help="the estate")
    verb.add_argument("--lpar", default=default, metavar="NAME", help=f"an LPAR or its site (default: {default})")


def _how_to_boot(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--real", action="store_true", help="boot Debian's SysV init in namespaces (Linux, as root)")
    verb.add_argument("--latency", type=float, default=None, metavar="SCALE",
                      help="what commands cost: 0 nothing, 1 as in sim/latency.py (default: as it was)")  # fmt: skip
    verb.add_argument("--timeout", type=float, default=600.0, metavar="SECONDS", help="give up after (default: 600)")


def main(arguments: Optional[List[str]] = None) -> int:
    given = parser().parse_args(arguments)
    try:
        return run(given)
    except (boot.NoBoot, realinit.Unavailable, deploy.NotFound, NotThere) as error:
        print(f"drboot-sim: {error}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        print("drboot-sim: interrupted; what was running is off", file=sys.stderr)
        return EXIT_FAILED


class NotThere(Exception):
    """An estate, LPAR or program that was named does not exist."""


def run(given: argparse.Namespace) -> int:
    kind: boot.Kind = realinit.Real if getattr(given, "real", False) else boot.Unprivileged
    if given.verb == "new":
        return _new(given.estate, given.directory, not given.bare)
    if given.verb == "demo":
        return demo.run(given.estate, given.directory, kind)
    if given.verb == "fleet":
        from drboot.sim import fleet  # the one verb that needs the product itself

        if given.directory and os.path.isdir(given.directory) and os.listdir(given.directory):
            raise NotThere(f"{given.directory} is not empty")
        return fleet.run(
            given.estate, given.lpars, given.jobs, given.verify, given.seed, given.directory, given.json, given.sample
        )
    if not os.path.exists(os.path.join(given.directory, "san.json")):
        raise NotThere(f"{given.directory} is no estate; make one with: drboot-sim new small {given.directory}")
    if given.verb == "replicate":
        for copy in san.replicate(given.directory, given.source, given.target):
            print(copy)
        return EXIT_OK
    machine = find(given.directory, given.lpar)
    if given.verb == "failover":
        san.replicate(given.directory, "home", machine.load()["firmware"]["site"])
    if given.verb in ("boot", "failover"):
        if given.latency is not None:
            with machine.edit() as world:
                world["settings"]["latency"] = given.latency
        outcome = boot.boot(machine, lambda line: print(line, flush=True), kind, timeout=given.timeout)
        return EXIT_OK if outcome.state in ("settled", "halted") else EXIT_UNFINISHED
    if given.verb == "fault":
        return _fault(machine, given)
    return _execute(machine, given.program, given.arguments)


def find(directory: str, name: str) -> Machine:
    """The LPAR with this name, or the first one of the site with this name.  Raises NotThere."""
    machines = san.machines(directory)
    for machine in machines:
        if machine.name == name:
            return machine
    for machine in machines:
        if machine.load()["firmware"]["site"] == name:
            return machine
    raise NotThere(f"no LPAR or site {name} in {directory}; there are {', '.join(m.name for m in machines)}")


def _new(name: str, directory: str, with_product: bool) -> int:
    if os.path.isdir(directory) and os.listdir(directory):
        raise NotThere(f"{directory} is not empty")
    estate = estates.make(name, directory)
    if with_product:
        deploy.install(estate.home.root)
    for machine in (estate.home, estate.dr, estate.reh):
        print(f"{machine.name}: {machine.root}")
    return EXIT_OK


def _execute(machine: Machine, program: str, arguments: List[str]) -> int:
    """Become the program; does not return when there is one."""
    path, extra = _path_of(machine, program)
    sys.stdout.flush()
    os.execv(path, [path, *extra, *arguments])


def _path_of(machine: Machine, program: str) -> Tuple[str, List[str]]:
    if program == "drboot":
        path, extra = machine.root + deploy.PRODUCT + "/bin/drboot", ["--root", machine.root]
    else:
        path, extra = machine.root + aix_path(program), []
    if not os.access(path, os.X_OK):
        raise NotThere(f"{machine.name} has no program {program}")
    return path, extra


def aix_path(program: str) -> str:
    """lspv -> /usr/sbin/lspv; a path, and a name that is not simulated, stay as they are."""
    known = {os.path.basename(path): path for path in COMMANDS}
    return program if program.startswith("/") else known.get(program, "/usr/bin/" + program)


def _fault(machine: Machine, given: argparse.Namespace) -> int:
    with machine.edit() as world:
        rules = world["settings"]["faults"]
        if given.clear:
            rules.clear()
        if given.program and given.kind:
            program = given.program if given.program == "*" else aix_path(given.program)
            rules.append({"program": program, "args": given.args, "nth": given.nth, "kind": given.kind,
                          "rc": given.rc, "seconds": given.seconds})  # fmt: skip
        elif given.program:
            raise NotThere(f"say what {given.program} shall do: {', '.join(faults.KINDS)}")
        for rule in rules:
            print(f"{rule['program']} {rule['kind']} args={rule['args']!r} nth={rule['nth']}")
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
