"""The matrix: estates and their variants x commands of the agent x faults x (the first time | every time)."""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from multiprocessing import get_context
from pathlib import Path
from typing import Callable, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from drboot.sim import cpus
from tests.faults import judge
from tests.faults.bed import Bed
from tests.faults.judge import After, Fault
from tests.faults.rules import KINDS, rule_for
from tests.scenarios.lpars import OTHERS, VARIANTS

WIDTH = 100
LEGEND = """\
Each cell: the fault strikes once, then at every call.  lies: status 0, nothing done; late: done,
but past the deadline; garbage, partial and signal are cut short in the heading.
  0 up, verified, disarmed    4 unfinished: reported, still armed, what does not depend on it done
  3 refused, nothing changed  m it depends on the estate  . not tried  X a promise was broken"""


class Verdict(NamedTuple):
    """What became of one fault.  code: that of the last run; breaches: promises that were not kept."""

    variant: str
    form: str
    kind: str
    once: bool
    code: int
    breaches: Tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.variant}: {self.form} {self.kind}{' once' if self.once else ''}"


def faults(bed: Bed, kinds: Sequence[str] = tuple(KINDS)) -> List[Fault]:
    """Every fault of a bed, in the order of its commands."""
    return [Fault(form, kind, once) for form in bed.forms for kind in kinds for once in (True, False)]


def strike(bed: Bed, fault: Fault) -> Verdict:
    """One recovery with the fault in it, and one more without it where it left something to do."""
    try:
        rule = rule_for(str(fault.form), bed.variant)
    except KeyError:
        return _verdict(bed, fault, -1, ["tests/faults/rules.py does not say what this command is for"])
    bed.fresh()
    form = fault.form
    bed.set_fault({"program": form.program, "pattern": form.pattern, "nth": int(fault.once), **KINDS[fault.kind]})
    runs = bed.recover()
    after = look(bed)
    found = list(judge.breaches(fault, rule, runs, after))
    bed.set_fault()
    if after.armed:
        found += judge.repaired(bed.recover(), look(bed))
    elif after.entry_is_live:
        bed.settle_entry()
        found += judge.repaired([], look(bed))
    return _verdict(bed, fault, runs[-1].code, found)


def _verdict(bed: Bed, fault: Fault, code: int, found: Sequence[str]) -> Verdict:
    return Verdict(bed.variant, str(fault.form), fault.kind, fault.once, code, tuple(found))


def look(bed: Bed) -> After:
    commands = [
        " ".join((os.path.basename(entry["argv"][0]), *entry["argv"][1:])) for entry in bed.estate.dr.commands()
    ]
    changed = any(entry["changed"] for entry in bed.estate.dr.commands())
    bed.set_fault()
    return After(bed.armed(), bed.entry_is_live(), bed.differences(), bed.foreign_on_the_wire(), not changed, commands)


# -- many of them


def run(
    variants: Iterable[str], every: int = 1, jobs: int = 1, progress: Optional[Callable[[str], None]] = None
) -> List[Verdict]:
    """The verdicts, in the order of variants and faults.

    every  take each n-th fault only
    jobs   processes that share the work, each with a bed of its own
    """
    work = [(variant, every, part, jobs) for variant in variants for part in range(jobs)]
    verdicts: List[Verdict] = []
    if jobs == 1:
        results: Iterator[List[Verdict]] = map(_part, work)
    else:
        fresh = get_context("spawn")
        pool = fresh.Pool(jobs, cpus.share, (cpus.tokens(fresh, jobs),))
        results = pool.imap(_part, work)
    for (variant, _, part, _), found in zip(work, results):
        verdicts.extend(found)
        if progress:
            for line in _broken(found):
                progress(line)
        if progress and part == jobs - 1:
            mine = [verdict for verdict in verdicts if verdict.variant == variant]
            progress(f"{variant}: {len(mine)} faults, {sum(bool(v.breaches) for v in mine)} with broken promises")
    if jobs > 1:
        pool.close()
        pool.join()
    return verdicts


def _part(work: Tuple[str, int, int, int]) -> List[Verdict]:
    variant, every, part, parts = work
    # in memory where there is such a place: every line of a journal is synced
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with cpus.one(), tempfile.TemporaryDirectory(prefix="drboot-faults-", dir=place) as directory:
        bed = Bed(Path(directory) / "estate", variant)
        return [strike(bed, fault) for fault in faults(bed)[::every][part::parts]]


# -- telling


def table(verdicts: Sequence[Verdict], kinds: Sequence[str] = tuple(KINDS)) -> str:
    """Rows: commands; columns: kinds of fault; a cell: exit codes when it strikes once, and every time."""
    cells: Dict[Tuple[str, str, bool], Set[str]] = defaultdict(set)
    for verdict in verdicts:
        letter = "X" if verdict.breaches else str(verdict.code)
        cells[(verdict.form, verdict.kind, verdict.once)].add(letter)
    rows = list(dict.fromkeys(verdict.form for verdict in verdicts))
    column = 6
    first = WIDTH - column * len(kinds)
    lines = [" " * first + "".join(f"{kind[: column - 1]:>{column}}" for kind in kinds)]
    for row in rows:
        shown = row if len(row) < first else row[: first - 3] + ".."
        line = "".join(f"{_cell(cells, row, kind):>{column}}" for kind in kinds)
        lines.append(f"{shown:<{first}}{line}".rstrip())
    return "\n".join([*lines, LEGEND])


def _cell(cells: Dict[Tuple[str, str, bool], Set[str]], row: str, kind: str) -> str:
    shown = ""
    for once in (True, False):
        letters = cells.get((row, kind, once), {"."})
        shown += "X" if "X" in letters else "m" if len(letters) > 1 else next(iter(letters))
    return shown


def _broken(verdicts: Sequence[Verdict]) -> List[str]:
    return [f"  {verdict}: {text}" for verdict in verdicts for text in verdict.breaches]


def summary(verdicts: Sequence[Verdict]) -> Tuple[str, bool]:
    """The last lines, and whether every promise was kept."""
    bad = [verdict for verdict in verdicts if verdict.breaches]
    scenarios = len({verdict.variant for verdict in verdicts})
    if not bad:
        return f"{len(verdicts)} faults, {scenarios} scenarios: no traceback, every report true", True
    last = f"{len(bad)} of {len(verdicts)} faults broke a promise, {scenarios} scenarios"
    return "\n".join([*_broken(bad), last]), False


ALL = (*VARIANTS, *OTHERS)
