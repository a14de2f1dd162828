"""``drboot check``: would DR work tonight?  The ordered registry of what is looked at, on production.

A check is a function of what it is given that yields findings, and changes nothing.  A new one is a function in a file
of its area, a row here, the explanations of its findings in the catalogue, and two tests: one that plants the
finding, and the clean machine that has none.
"""

from __future__ import annotations

import importlib
import textwrap
from dataclasses import asdict
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence, Tuple

from drboot.checks.base import Finding, Production
from drboot.checks.capture import since
from drboot.errors import INDENT, FactUnavailable, Problem, few, plain, render
from drboot.steps.base import counted

__all__ = ["REGISTRY", "CheckInfo", "Finding", "Production", "as_json", "findings", "is_ready", "text", "verdict"]


class CheckInfo(NamedTuple):
    """``module`` has ``check(production) -> Iterator[Finding]``."""

    name: str
    module: str
    title: str


REGISTRY: Tuple[CheckInfo, ...] = (
    CheckInfo("arming", "drboot.checks.arming", "Armed, for these profiles, with its entry in the inittab"),
    CheckInfo("device_reset", "drboot.checks.device_reset", "ghostdev and clouddev as the other sites need them"),
    CheckInfo("capture", "drboot.checks.capture", "A capture of this machine, not too old"),
    CheckInfo("boot", "drboot.checks.boot", "Boot list, boot logical volume, paths to rootvg"),
    CheckInfo("names", "drboot.checks.names", "Names that a boot needs resolve without a name server"),
    CheckInfo("storage", "drboot.checks.storage", "What importvg would stumble over"),
    CheckInfo("glvm", "drboot.checks.glvm", "Volume groups of GLVM as both sites need them"),
    CheckInfo("replication", "drboot.checks.replication", "Every disk that DR needs is replicated"),
    CheckInfo("addresses", "drboot.checks.addresses", "Addresses of this machine and of others"),
    CheckInfo("hooks", "drboot.checks.hooks", "Programs of the site's hooks"),
    CheckInfo("infoscale", "drboot.checks.infoscale", "VCS, DMP and VxVM, and the replication gate"),
    CheckInfo("wpars", "drboot.checks.wpars", "WPARs as the other sites' profiles have them"),
    CheckInfo("software", "drboot.checks.software", "Software that has a say in storage or network"),
)


def findings(production: Production) -> Tuple[Finding, ...]:
    """All of them, each id once, in the order of the registry; what cannot be read is a finding itself."""
    found: List[Finding] = []
    unread: List[str] = []
    for info in REGISTRY:
        found.extend(_of(info, production, unread))
    if unread:
        why = "nothing is known about what is named below; the rest stands"
        what, where = "not everything could be looked at", unread[0].partition(": ")[0]
        cure = "mend that, then: drboot check"
        found.append(Finding(True, Problem("check-unread", what, where, why, cure), tuple(unread)))
    return tuple(found)


def is_ready(found: Sequence[Finding]) -> bool:
    return not any(finding.is_error for finding in found)


def verdict(production: Production, found: Sequence[Finding]) -> str:
    """The one line that says it all."""
    errors = sum(finding.is_error for finding in found)
    counts = f"{counted(errors, 'error', 'errors')}, {counted(len(found) - errors, 'note', 'notes')}"
    ready = "NOT ready" if errors else "ready"
    return f"drboot: {production.host} at {production.site.site} is {ready}: {counts}"


def text(production: Production, found: Sequence[Finding]) -> str:
    """What people read, on 80 columns: the errors, the notes, the verdict."""
    blocks = []
    for finding in sorted(found, key=lambda finding: not finding.is_error):
        blocks.append(render([finding.problem], "error" if finding.is_error else "note"))
        blocks.extend(_item(item) for item in few(finding.items))
    return "\n".join([*blocks, verdict(production, found)])


def _item(item: str) -> str:
    return textwrap.fill(
        plain(item), 79, initial_indent=" " * INDENT + "- ", subsequent_indent=" " * (INDENT + 2),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def as_json(production: Production, found: Sequence[Finding]) -> Dict[str, Any]:
    """What programs read: every item of every finding, and what is not as captured, with both values."""
    shown = [{"is_error": f.is_error, **f.problem._asdict(), "items": list(f.items)} for f in found]
    drift = [asdict(difference) for difference in since(production)]
    return {
        "host": production.host,
        "site": production.site.site,
        "ready": is_ready(found),
        "findings": shown,
        "drift": drift,
    }


def _of(info: CheckInfo, production: Production, unread: List[str]) -> Iterator[Finding]:
    """The findings of one check; why it came to no end is added to ``unread``."""
    try:
        yield from importlib.import_module(info.module).check(production)
    except FactUnavailable as error:
        unread.extend(f"{info.title}: {problem.what}: {problem.why}" for problem in error.problems)
    except Exception as error:  # a bug of ours in one check must not hide what the others find
        what, why = f"not looked at to the end: {info.title}", f"{type(error).__name__}: {error}"
        yield Finding(True, Problem("internal-error", what, info.module, why, "report it; the other findings stand"))
