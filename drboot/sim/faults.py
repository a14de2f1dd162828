"""Faults on request: what a command does instead of, or besides, its work.

A fault is a JSON object in an LPAR's settings:

    {"program": "/usr/sbin/importvg", "args": "datavg", "nth": 1, "kind": "fails", "rc": 1}

``program``  AIX path, or "*" for any
``args``     text that must occur in the joined arguments, "" for any
``pattern``  regular expression that the joined arguments must match as a whole, where ``args`` is too coarse
``nth``      which matching call is hit, counted from 1; 0 hits every one
``kind``     fails | hangs | garbage | empty | noise | slow | partial | dies | lies
"""

from __future__ import annotations

import os
import re
import signal
import time
from typing import Any, Dict, List, Optional

from drboot.sim.command import Result

Fault = Dict[str, Any]
KINDS = ("fails", "hangs", "garbage", "empty", "noise", "slow", "partial", "dies", "lies")


def pick(rules: List[Fault], program: str, args: List[str]) -> Optional[Fault]:
    """The fault that hits this call, if any.  Counts the call in every rule that it matches."""
    joined = " ".join(args)
    hit: Optional[Fault] = None
    for rule in rules:
        if rule["program"] in ("*", program) and rule.get("args", "") in joined and _matches(rule, joined):
            rule["seen"] = rule.get("seen", 0) + 1
            if rule.get("nth", 0) in (0, rule["seen"]) and hit is None:
                hit = rule
    return hit


def _matches(rule: Fault, joined: str) -> bool:
    return re.fullmatch(rule.get("pattern", ".*"), joined, re.DOTALL) is not None


def waits(fault: Optional[Fault]) -> float:
    """How many seconds the call takes before anything else happens."""
    if fault is None or fault["kind"] not in ("hangs", "slow"):
        return 0.0
    return float(fault.get("seconds", 86400 if fault["kind"] == "hangs" else 2))


def strike(fault: Optional[Fault]) -> None:
    """Wait in this process, or be gone with whoever called: for a command that is a process of its own."""
    if fault is not None and fault["kind"] == "dies":  # the command never starts its work
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(waits(fault))


def before(fault: Optional[Fault]) -> Optional[Result]:
    """What happens in place of the command; None lets it do its work."""
    if fault is None:
        return None
    kind = fault["kind"]
    if kind == "fails":
        return Result(int(fault.get("rc", 1)), "", str(fault.get("text", "")))
    if kind == "hangs":
        return Result(1, "", "")
    if kind == "lies":  # says that all is well and does nothing
        return Result(0, str(fault.get("text", "")), "")
    return None


def after(fault: Optional[Fault], result: Result) -> Result:
    """What becomes of the output of a command that did its work."""
    if fault is None:
        return result
    kind = fault["kind"]
    if kind == "garbage":
        return Result(result.rc, "\x00\xef\xbf\xbd#%s\n!!\t::::\n" % ("x" * 200), result.err)
    if kind == "empty":
        return Result(result.rc, "", "")
    if kind == "noise":
        return Result(result.rc, result.out, "0516-1254 noise: Changing nothing at all.\n" + result.err)
    if kind == "partial":
        return Result(result.rc, result.out[: len(result.out) // 2], result.err)
    return result
