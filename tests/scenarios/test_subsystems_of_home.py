"""What ran at home and does not run here: said by an operator's run and by drboot status, and started by nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Tuple

from drboot.sim.estates import small
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests.scenarios import lpars, memory, verbs


def src(lpar: InProcess, program: str, *names: str) -> None:
    for name in names:
        lpar.execute((f"{lpar.machine.root}/usr/bin/{program}", "-s", name), {}, False, 60.0)


def woken(directory: Path) -> Tuple[Estate, InProcess]:
    """Production, captured with three daemons up, has woken at DR."""
    estate = small.make(str(directory))
    memory.arm_at_home(estate)
    home = InProcess(estate.home)
    src(home, "startsrc", "inetd", "syslogd", "portmap")
    home.save()
    captured = verbs.drboot(home, "capture", "--json")
    assert captured.rc == 0, captured
    shown = json.loads(captured.out)
    assert shown["keys"]["subsystems"]["how"] == "profile"
    assert shown["keys"]["volume_groups.quorum"]["by"] == "volume_groups"
    home.save()
    return estate, memory.wake(estate)


def test_during_the_boot_there_is_nothing_to_compare(tmp_path: Path) -> None:
    estate, lpar = woken(tmp_path)
    assert memory.apply(lpar) == 0
    [step] = [one for one in lpars.last_report(estate.dr)["steps"] if one["step"] == "services/compared"]
    assert (step["outcome"], step["warnings"]) == ("done", [])
    lpar.save()
    status = verbs.drboot(lpar, "status")
    assert "inactive:  " in status.out
    assert "inetd" in status.out


def test_what_is_missing_is_named_and_not_started(tmp_path: Path) -> None:
    estate, lpar = woken(tmp_path)
    src(lpar, "startsrc", "inetd")
    assert memory.apply(lpar) == 0
    lpar.save()
    [step] = [one for one in lpars.last_report(estate.dr)["steps"] if one["step"] == "services/compared"]
    [warning] = step["warnings"]
    assert {"syslogd", "portmap"} <= set(warning.replace(",", "").split())
    assert "inetd" not in warning
    assert not {"syslogd", "portmap"} & set(lpar.world["kernel"]["subsystems"])
    status = json.loads(verbs.drboot(lpar, "status", "--json").out)
    assert set(status["subsystems_not_active"]) >= {"syslogd", "portmap"}
    src(lpar, "startsrc", *status["subsystems_not_active"])
    assert "inactive:" not in verbs.drboot(lpar, "status").out


def test_at_home_nothing_is_compared(tmp_path: Path) -> None:
    estate, _ = woken(tmp_path)
    home = InProcess(estate.home)
    src(home, "stopsrc", "inetd")
    assert json.loads(verbs.drboot(home, "status", "--json").out)["subsystems_not_active"] == []
