"""The verbs, in the order in which ``drboot --help`` shows them.

A verb imports what it needs when it is called.  A new one is a file with a ``VERB``, and its row here.
"""

from __future__ import annotations

from typing import Tuple

from drboot.verbs import (
    arm,
    capture,
    check,
    flash,
    glvm,
    importing,
    plan,
    report,
    runbook,
    ssp_files,
    status,
    storage_map,
    support,
    undo,
)
from drboot.verbs.base import Verb

VERBS: Tuple[Verb, ...] = (
    capture.VERB,
    check.VERB,
    arm.ARM,
    arm.DISARM,
    status.VERB,
    plan.VERB,
    report.VERB,
    undo.VERB,
    runbook.VERB,
    importing.VERB,
    support.VERB,
    storage_map.VERB,
    ssp_files.VERB,
    flash.VERB,
    glvm.VERB,
)
