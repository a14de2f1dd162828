"""``make crash``: every point of every scenario, on two processes; a table, and what did not converge."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from drboot.sim import cpus
from tests.crash.events import Point
from tests.crash.matrix import Trial, Verdict
from tests.crash.scenarios import SCENARIOS, names

IN_MEMORY = "/dev/shm"
SHARDS = 4  # of a scenario, so that no process waits long for the other at the end
SHOWN = 10  # points of a scenario that are shown in full when they went wrong


class Job(NamedTuple):
    """A part of a scenario's points: those whose number is ``shard`` modulo ``of``, and a multiple of ``every``."""

    scenario: str
    shard: int
    of: int
    every: int
    point: str


class Done(NamedTuple):
    """What a job came to.  ``events``: by kind.  ``order``: a digest of their order."""

    scenario: str
    points: int
    tried: int
    wrong: List[Verdict]
    events: Dict[str, int]
    order: str
    seconds: float
    broken: str = ""


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A directory in memory where there is one: a run syncs some two hundred times."""
    directory = IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix="drboot-crash-", dir=directory)


def work(job: Job) -> Done:
    started = time.monotonic()
    verdicts: List[Verdict] = []

    def chosen(number: int, point: Point) -> bool:
        if job.point:
            return str(point).startswith(job.point + " ")
        return number % job.every == 0 and number // job.every % job.of == job.shard

    with cpus.one(), scratch() as directory:
        trial = Trial(job.scenario, directory, verdicts.append, chosen)
        broken = ""
        try:
            trial.run()
        except Exception as error:  # undisturbed, it does not even work
            broken = f"{type(error).__name__}: {error}"
    wrong = [verdict for verdict in verdicts if verdict.wrong]
    seconds = time.monotonic() - started
    return Done(
        job.scenario, trial.points, len(verdicts), wrong, trial.events.by_kind(), trial.events.order(), seconds, broken
    )


def jobs(chosen: Sequence[str], every: int, point: str) -> Iterator[Job]:
    """Steps that run side by side do not come in the same order twice: such a scenario is run once."""
    for name in chosen:
        of = SHARDS if SCENARIOS[name].at_once == 1 and every == 1 and not point else 1
        for shard in range(of):
            yield Job(name, shard, of, every, point)


def together(parts: Sequence[Done]) -> Done:
    """All jobs of one scenario as one."""
    first = parts[0]
    broken = next((part.broken for part in parts if part.broken), "")
    if len({(part.points, part.order) for part in parts}) > 1:
        broken = broken or "its events came in another order in another process: points may be missing"
    return first._replace(
        tried=sum(part.tried for part in parts),
        wrong=[verdict for part in parts for verdict in part.wrong],
        seconds=sum(part.seconds for part in parts),
        broken=broken,
    )


def table(rows: Sequence[Done]) -> Iterator[str]:
    yield f"{'scenario':<28}{'commands':>9}{'journal':>9}{'files':>7}{'points':>8}{'tried':>7}{'wrong':>7}{'s':>7}"
    for row in rows:
        kinds = "".join(f"{row.events.get(kind, 0):>{width}}" for kind, width in KINDS)
        yield f"{row.scenario:<28}{kinds}{row.points:>8}{row.tried:>7}{len(row.wrong):>7}{row.seconds:>7.0f}"


KINDS: Tuple[Tuple[str, int], ...] = (("command", 9), ("journal", 9), ("file", 7))


def trouble(rows: Sequence[Done]) -> Iterator[str]:
    for row in rows:
        if row.broken:
            yield f"{row.scenario}: {row.broken}"
        for verdict in row.wrong[:SHOWN]:
            yield f"{verdict.scenario}, {verdict.point}:"
            yield from (f"    {line}" for line in verdict.wrong[:8])
        if len(row.wrong) > SHOWN:
            yield f"{row.scenario}: and {len(row.wrong) - SHOWN} more points"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("scenarios", nargs="*", help="names, or beginnings of names; all by default")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes, 2 by default")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every N-th point")
    parser.add_argument("--point", default="", metavar="INDEX:WHEN", help="only this point, as 137:before")
    options = parser.parse_args(arguments)
    chosen = names(options.scenarios)
    if not chosen:
        parser.error("no such scenario; there are: " + ", ".join(SCENARIOS))
    todo = list(jobs(chosen, options.every, options.point))
    parts: Dict[str, List[Done]] = {name: [] for name in chosen}
    done = 0
    fresh = multiprocessing.get_context("spawn")
    with fresh.Pool(options.jobs, cpus.share, (cpus.tokens(fresh, options.jobs),), maxtasksperchild=1) as pool:
        for part in pool.imap_unordered(work, todo):
            parts[part.scenario].append(part)
            done += part.tried
            state = f"{len(part.wrong)} wrong" if part.wrong else part.broken or "ok"
            print(f"{done:>6} points  {part.scenario}: {part.tried} in {part.seconds:.0f} s, {state}", flush=True)
    rows = [together(parts[name]) for name in chosen]
    print(*table(rows), sep="\n")
    wrong = sum(len(row.wrong) for row in rows)
    broken = sum(1 for row in rows if row.broken)
    print(*trouble(rows), sep="\n", end="\n" if wrong or broken else "")
    tried = sum(row.tried for row in rows)
    summary = f"{tried} crash points, {len(rows)} scenarios: "
    if wrong or broken or not tried:
        print(f"{summary}{wrong} did not converge, {broken} scenarios could not be tried")
        return 1
    print(summary + "all converged")
    return 0
