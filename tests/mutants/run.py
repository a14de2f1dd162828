"""Mutation testing of what decides: every mutant is killed by a test, or explained in survivors.toml.

    make mutants            all of it, some ten minutes on one core
    make mutants ONLY=gate  the targets with this in their name

Cosmic Ray says what mutants there are and makes them, one after the other, in a copy of the repository below
.cache/mutants; the tests of the target run against each.  A survivor that the list does not have, or an entry of the
list that no mutant survived for, ends it with exit status 1.  Needs cosmic-ray (requirements/mutants.txt).
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import resource
import shutil
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import Manager
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence, Set, Tuple

import hypothesis  # noqa: F401 (in memory before the first child)
import pytest
import tomllib
import xdist  # noqa: F401
import yaml  # noqa: F401
from cosmic_ray.commands.init import _all_work_items
from cosmic_ray.mutating import mutate_code, use_mutation
from cosmic_ray.plugins import get_operator

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".cache/mutants"
SURVIVED = WORK / "survived.json"
LIST = Path(__file__).with_name("survivors.toml")
MOST_CPU, LONGEST = 30, 600  # seconds for one mutant, of processor and in all; an endless loop counts as killed
# Of a comparison its opposite and its boundaries are tried, of an arithmetic operator one other: the sufficient set.
USEFUL = {
    "Binary": ("Add_Sub", "Sub_Add", "BitAnd_BitOr", "BitOr_BitAnd", "Mul_Div", "LShift_RShift", "RShift_LShift"),
    "Comparison": (
        "_Eq_NotEq", "_Eq_LtE", "_Eq_GtE", "_NotEq_Eq", "_NotEq_Lt", "_NotEq_Gt", "_Lt_LtE", "_Lt_GtE", "_Lt_NotEq",
        "_LtE_Lt", "_LtE_Gt", "_LtE_Eq", "_Gt_GtE", "_Gt_LtE", "_Gt_NotEq", "_GtE_Gt", "_GtE_Lt", "_GtE_Eq",
        "_Is_IsNot", "_IsNot_Is",
    ),
}  # fmt: skip


class Target(NamedTuple):
    """What is mutated, and by which tests.  ``definitions``: the functions and classes; () for the whole file."""

    file: str
    definitions: Tuple[str, ...]
    tests: Tuple[str, ...]


TARGETS = (
    Target(
        "drboot/gate.py",
        (
            "__init__", "boot_hold", "canonical", "_ids", "read_stamp", "_trusted", "parse_stamp", "_check_values",
            "_check_ids", "_damaged", "parse_identity", "_first_line", "decide", "_disarmed", "_event_done",
            "_other_site", "_unlisted", "_refuse", "config_error", "_decision", "_say_decision", "main",
        ),
        (
            "tests/unit/test_gate.py",
            "tests/unit/test_gate_machine.py",
            "tests/property/test_identity_few.py",
            "tests/property/test_decision.py",
        ),
    ),
    Target(
        "drboot/wanted.py",
        ("prepare", "is_named", "is_numbered", "is_on_vlan", "has_file", "_demand", "_mode"),
        ("tests/unit/test_wanted.py", "tests/property/test_identity_few.py"),
    ),
    Target("drboot/state.py", (), ("tests/unit/test_records.py", "tests/property/test_identity_few.py")),
    Target("drboot/reset.py", (), ("tests/unit/test_reset.py",)),
)  # fmt: skip


class Mutant(NamedTuple):
    """before and after are the lines that differ, without indentation."""

    file: str
    definition: str
    operator: str
    before: str
    after: str
    outcome: str


Key = Tuple[str, str, str, str]


def key_of(mutant: Mutant) -> Key:
    return mutant.file, mutant.definition, mutant.before, mutant.after


def explained() -> Dict[Key, str]:
    """(file, definition, before, after) -> why no test can tell the mutant from the original."""
    with open(LIST, "rb") as file:
        rows = tomllib.load(file)["survivor"]
    return {(row["file"], row["definition"], row["before"], row["after"]): row["why"] for row in rows}


def work_of(target: Target) -> Iterator[Any]:
    """The mutations of a target, as Cosmic Ray describes them."""
    for item in _all_work_items([Path(target.file)], {}):
        [mutation] = item.mutations
        operator = mutation.operator_name
        useful = [ends for kind, ends in USEFUL.items() if kind + "Operator" in operator]
        if useful and not operator.endswith(useful[0]):
            continue
        if not target.definitions or mutation.definition_name in target.definitions:
            yield item


def passes(tests: Sequence[str]) -> bool:
    """Whether they do, in a child of this process, which has pytest and its plugins in memory already.

    One file after the other, the fastest first: most mutants never see the second.
    """
    pid = os.fork()
    if pid == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU, MOST_CPU))
        sys.dont_write_bytecode = True
        options = ("-q", "-x", "-p", "no:cacheprovider", "-p", "no:faulthandler")
        os._exit(any(pytest.main([*options, file]) for file in tests))
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def described(item: Any) -> Mutant:
    [mutation] = item.mutations
    original = mutation.module_path.read_text(encoding="utf-8")
    mutated = mutate_code(original, get_operator(mutation.operator_name)(), mutation.occurrence)
    lines = list(difflib.unified_diff(original.splitlines(), mutated.splitlines(), lineterm="", n=0))
    before = " / ".join(line[1:].strip() for line in lines[2:] if line.startswith("-"))
    after = " / ".join(line[1:].strip() for line in lines[2:] if line.startswith("+"))
    name = mutation.operator_name.rpartition("/")[2]
    return Mutant(str(mutation.module_path), mutation.definition_name or "", name, before, after, "")


def made(item: Any, tests: Sequence[str]) -> Mutant:
    """The mutant, after its tests have run.  The working directory is a copy of the repository."""
    mutant = described(item)
    [mutation] = item.mutations
    with use_mutation(mutation.module_path, get_operator(mutation.operator_name)(), mutation.occurrence):
        return mutant._replace(outcome="survived" if passes(tests) else "killed")


def copy_to(tree: Path) -> None:
    shutil.rmtree(tree, ignore_errors=True)
    left_out = shutil.ignore_patterns("__pycache__", "*.pyc")
    for name in ("drboot", "tests", "etc", "inittab", "bin"):
        shutil.copytree(ROOT / name, tree / name, ignore=left_out)
    shutil.copy(ROOT / "pyproject.toml", tree)


def _enter(trees: Any) -> None:
    os.chdir(trees.get())


def survived_last_time() -> Set[Mutant]:
    with open(SURVIVED, encoding="utf-8") as file:
        return {Mutant(*row) for row in json.load(file)}


def run(only: str, jobs: int, again: bool) -> List[Mutant]:
    trees = [WORK / f"tree{number}" for number in range(jobs)]
    for tree in trees:
        copy_to(tree)
    os.chdir(trees[0])
    found: List[Mutant] = []
    with Manager() as manager:
        free: Any = manager.Queue()
        for tree in trees:
            free.put(str(tree))
        with ProcessPoolExecutor(jobs, initializer=_enter, initargs=(free,)) as pool:
            for target in TARGETS:
                if only not in target.file:
                    continue
                if not passes(target.tests):
                    raise SystemExit(f"the tests of {target.file} fail without any mutant")
                began, work = time.monotonic(), list(work_of(target))
                if again:
                    last = {mutant._replace(outcome="") for mutant in survived_last_time()}
                    work = [item for item in work if described(item) in last]
                mutants = []
                for done in as_completed([pool.submit(made, item, target.tests) for item in work]):
                    mutants.append(done.result())
                    if len(mutants) % 50 == 0:
                        print(f"{target.file}: {len(mutants)} of {len(work)} mutants", flush=True)
                counts = Counter(mutant.outcome for mutant in mutants)
                listed = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
                print(f"{target.file}: {len(mutants)} mutants, {listed}, {time.monotonic() - began:.0f} s", flush=True)
                found.extend(mutants)
    with open(SURVIVED, "w", encoding="utf-8") as file:
        json.dump(sorted(mutant for mutant in found if mutant.outcome == "survived"), file, indent=0)
    return found


def judge(mutants: Sequence[Mutant], only: str) -> int:
    """Exit status; says what is wrong."""
    listed = {key: why for key, why in explained().items() if only in key[0]}
    survivors = [mutant for mutant in mutants if mutant.outcome == "survived"]
    new = [mutant for mutant in survivors if key_of(mutant) not in listed]
    gone: Set[Key] = set(listed) - {key_of(mutant) for mutant in survivors}
    for mutant in new:
        print(f"\nsurvived: {mutant.file} {mutant.definition} ({mutant.operator})")
        print(f"  - {mutant.before}\n  + {mutant.after}")
    for key in sorted(gone):
        print(f"\nlisted, but killed or gone: {key[0]} {key[1]}\n  - {key[2]}\n  + {key[3]}")
    killed = sum(mutant.outcome == "killed" for mutant in mutants)
    print(f"\n{len(mutants)} mutants: {killed} killed, {len(survivors) - len(new)} explained, {len(new)} not explained")
    return 1 if new or gone or not mutants else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="mutation testing of gate and decision")
    parser.add_argument("--only", default="", help="the targets whose file has this in its name")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="only those that survived the last time")
    options = parser.parse_args()
    return judge(run(options.only, options.jobs, options.again), options.only)


if __name__ == "__main__":
    sys.exit(main())
