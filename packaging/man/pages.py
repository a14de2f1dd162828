"""drboot's manual pages: what they say of flags, exit codes, files and keys is read from the code.

words.py has what only a person can write.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from man import words
from man.document import NO_BREAK, Block, Code, Item, Page, Para, Section, roff, text, verbatim

REPOSITORY = Path(__file__).resolve().parents[2]
if str(REPOSITORY) not in sys.path:  # called as a part of packaging/, which is what is on the path then
    sys.path.insert(0, str(REPOSITORY))

from drboot import __version__, cli, errors, paths  # noqa: E402
from drboot.profile import hosts, reference, site  # noqa: E402
from drboot.profile.keys import Kind, ListOf  # noqa: E402
from drboot.profile.sections import Key, TableOf  # noqa: E402
from drboot.profile.sections import Section as ProfileSection  # noqa: E402


def pages() -> Tuple[Page, ...]:
    """Every page but that of the simulator, which is in a package of its own."""
    parser = cli.parser()
    verbs = verbs_of(parser)
    return (
        _drboot(parser, verbs),
        *(_verb(name, verb) for name, verb in verbs.items()),
        _profile(),
        _hosts(),
    )


def simulator_pages() -> Tuple[Page, ...]:
    from drboot.sim.__main__ import parser

    return (_simulator(parser()),)


def write(directory: Path, epoch: int, version: str = __version__) -> Tuple[Path, ...]:
    """All pages below the directory; the paths of what was written.

    man/  roff, for nroff;  cat/  formatted;  each with man1, man5 or cat1, cat5 below; sim/ has those of the simulator
    """
    written = []
    for below, each in (("", pages()), ("sim", simulator_pages())):
        for page in each:
            for form, make in (("man", roff), ("cat", text)):
                path = directory / below / form / f"{form}{page.section}" / page.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(make(page, version, epoch), encoding="ascii")
                written.append(path)
    return tuple(written)


# ---------------------------------------------------------------- commands


def verbs_of(parser: argparse.ArgumentParser) -> Dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _helps_of(parser: argparse.ArgumentParser) -> Dict[str, str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return {choice.dest: choice.help or "" for choice in action._choices_actions}
    return {}


def _drboot(parser: argparse.ArgumentParser, verbs: Dict[str, argparse.ArgumentParser]) -> Page:
    helps = _helps_of(parser)
    return Page(
        "drboot",
        1,
        "brings an AIX LPAR up at the disaster-recovery site by itself",
        (
            Section("SYNOPSIS", (Para(_usage(parser, "drboot")), Para("`drboot` {verb} [{flags}]"))),
            Section("DESCRIPTION", words.DRBOOT),
            Section(
                "VERBS", tuple(Item(f"`{name}`", f"{verbatim(helps[name])}: `drboot-{name}`(1)") for name in verbs)
            ),
            Section("FLAGS", tuple(flags(parser))),
            Section("DECISION", words.DECISION),
            Section("EXIT STATUS", tuple(exit_codes())),
            Section("FILES", tuple(files())),
            Section("EXAMPLES", words.EXAMPLES["drboot"]),
            _see_also("drboot", *(f"drboot-{name}(1)" for name in verbs), "drboot.yaml(5)", "hosts.csv(5)"),
        ),
    )


def _verb(name: str, parser: argparse.ArgumentParser) -> Page:
    summary = verbatim((parser.description or "").rstrip("."))
    sections = [
        Section("SYNOPSIS", (Para(_usage(parser, f"drboot {name}")),)),
        Section("DESCRIPTION", words.VERBS.get(name, (Para(summary[:1].upper() + summary[1:] + "."),))),
        Section("FLAGS", tuple(flags(parser))),
        Section("EXIT STATUS", tuple(exit_codes())),
    ]
    if name in words.EXAMPLES:
        sections.append(Section("EXAMPLES", words.EXAMPLES[name]))
    sections.append(_see_also(f"drboot-{name}", "drboot(1)", *words.SEE.get(name, ())))
    return Page(f"drboot-{name}", 1, summary, tuple(sections))


def _simulator(parser: argparse.ArgumentParser) -> Page:
    helps = _helps_of(parser)
    verbs: List[Section] = []
    for name, verb in verbs_of(parser).items():
        about = verbatim((helps[name] or verb.description or "").rstrip("."))
        below = [Para(_usage(verb, f"drboot-sim {name}")), Para(about[:1].upper() + about[1:] + ".")]
        verbs.append(Section(name, (*below, *flags(verb)), level=2))
    return Page(
        "drboot-sim",
        1,
        "simulated LPARs, SAN and boot to rehearse drboot with",
        (
            Section("SYNOPSIS", (Para("`drboot-sim` {verb} {directory} [{flags}]"),)),
            Section("DESCRIPTION", words.SIMULATOR),
            Section("VERBS", (Para("Each has `--help`."),)),
            *verbs,
            Section("EXAMPLES", words.EXAMPLES["drboot-sim"]),
            _see_also("drboot-sim", "drboot(1)"),
        ),
    )


def _see_also(own: str, *others: str) -> Section:
    named = [re.sub(r"^([^(]+)\(", r"`\1`(", other) for other in others if not other.startswith(own + "(")]
    return Section("SEE ALSO", (Para(", ".join(named)),))


def flags(parser: argparse.ArgumentParser) -> Iterator[Item]:
    """One item for each argument, in the words of --help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        meaning = (action.help or "").replace("%%", "%")
        if action.choices:
            meaning += ": " + ", ".join(str(choice) for choice in action.choices)
        meaning = verbatim(meaning)
        yield Item(_shown(action), meaning[:1].upper() + meaning[1:] + ("" if meaning.endswith(".") else "."))


def _shown(action: argparse.Action) -> str:
    if not action.option_strings:
        return "{" + str(action.metavar or action.dest) + "}"
    value = "" if action.nargs == 0 else " {" + str(action.metavar or action.dest.upper()) + "}"
    if action.nargs == "?":
        value = f" [{value.strip()}]"
    return ", ".join(f"`{name}`{value}" for name in action.option_strings)


def _usage(parser: argparse.ArgumentParser, name: str) -> str:
    parts = [f"`{name}`"]
    for action in parser._actions:
        if isinstance(action, (argparse._SubParsersAction, argparse._HelpAction, argparse._VersionAction)):
            continue
        shown = _shown(action).split(", ")[0]
        wanted = action.required and action.nargs != argparse.REMAINDER
        parts.append((shown if wanted else f"[{shown}]").replace(" ", NO_BREAK))
    return " ".join(parts)


# ---------------------------------------------------------------- exit codes and files


def exit_codes() -> Iterator[Item]:
    """From the constants of drboot/errors.py and the comments behind them."""
    source = Path(errors.__file__).read_text(encoding="utf-8")
    for code, meaning in re.findall(r"^EXIT_\w+ = (\d+)  # (.+)$", source, re.MULTILINE):
        yield Item(f"`{code}`", verbatim(meaning[:1].upper() + meaning[1:] + "."))


def own_paths() -> Dict[str, str]:
    """Constant of drboot/paths.py -> the path, of everything that belongs to drboot."""
    tops = (paths.STAMP.rpartition("/")[0], paths.VAR, paths.PRODUCT)
    return {
        name: value
        for name, value in vars(paths).items()
        if name.isupper()
        and isinstance(value, str)
        and any(value == top or value.startswith(top + "/") for top in tops)
    }


def files() -> Iterator[Item]:
    named = own_paths()
    for name, path in named.items():
        yield Item(f"`{path}`", words.FILES.get(name, "A file of drboot's own."))
    for path in paths.MANAGED:
        if path not in named.values():
            yield Item(f"`{path}`", "What a run may change; kept as it was for `drboot undo`.")


# ---------------------------------------------------------------- configuration


def _profile() -> Page:
    sections = [Section("DESCRIPTION", words.PROFILE)]
    sections += list(_keys("TOP LEVEL", site.SECTION, ""))
    return Page(
        "drboot.yaml",
        5,
        "a site's profile",
        (
            Section("SYNOPSIS", (Para(f"`{paths.SITES}/`{{site}}`.yaml`"),)),
            *sections,
            Section("EXAMPLES", words.EXAMPLES["drboot.yaml"]),
            _see_also("drboot.yaml", "drboot(1)", "drboot-check(1)", "hosts.csv(5)"),
        ),
    )


def _keys(title: str, section: ProfileSection[Any], path: str) -> Iterator[Section]:
    """The keys of a section, then those of the sections in it."""
    blocks: List[Block] = [Para(verbatim(section.meaning))] if section.meaning else []
    blocks += [_key(key) for key in section.keys]
    yield Section(title, tuple(blocks))
    for key in section.keys:
        inner, suffix = _inner(key.kind)
        if inner:
            below = f"{path}.{key.name}".lstrip(".") + suffix
            yield from _keys(below, inner, below)


def _key(key: Key) -> Item:
    kind = reference.type_of(key)
    default = reference.default_of(key).replace("`", "").replace("**", "")
    example = f" Example: `{verbatim(key.example)}`." if key.example else ""
    given = "Required." if key.required else f"Default: {verbatim(default)}."
    meaning = verbatim(key.meaning.replace("`", "'"))
    return Item(f"`{key.name}`", f"{meaning} Value: {verbatim(kind)}. {given}{example}")


def _inner(kind: Kind[Any]) -> Tuple[Optional[ProfileSection[Any]], str]:
    suffix = "[]" if isinstance(kind, ListOf) else ".NAME" if isinstance(kind, TableOf) else ""
    if isinstance(kind, (ListOf, TableOf)):
        kind = kind.item
    return (kind, suffix) if isinstance(kind, ProfileSection) else (None, "")


def _hosts() -> Page:
    columns: Sequence[Block] = [Item(f"`{name}`", verbatim(meaning)) for name, meaning in hosts.COLUMNS.items()]
    return Page(
        "hosts.csv",
        5,
        "drboot's address table: what differs per LPAR",
        (
            Section("SYNOPSIS", (Para(f"`{paths.HOSTS_CSV}`"), Code((",".join(hosts.COLUMNS),)))),
            Section("DESCRIPTION", words.TABLE),
            Section("COLUMNS", tuple(columns)),
            Section("EXAMPLES", words.EXAMPLES["hosts.csv"]),
            _see_also("hosts.csv", "drboot(1)", "drboot-check(1)", "drboot.yaml(5)"),
        ),
    )
