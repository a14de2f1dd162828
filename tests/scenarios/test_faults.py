"""A command that fails, hangs or lies: the run ends in a report, with 4, still armed, and the other branches complete.

Afterwards, with the fault gone, one more apply brings the machine to the expected state.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, NamedTuple, Tuple

import pytest

from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests.scenarios import lpars, memory
from tests.scenarios.kept import KeptInMemory, unlike

STORAGE = ("storage", "mounts")
NETWORK = ("network", "routes")
REST = ("boot_list", "flags")


class Case(NamedTuple):
    """fault: program, a part of its arguments, kind, nth call (0: every one).

    step      the step that does not succeed, with its outcome
    complete  the parts of the checker that must have nothing to say
    """

    fault: Tuple[str, str, str, int]
    step: str
    outcome: str
    complete: Tuple[str, ...]


CASES: Dict[str, Case] = {
    "importvg-lies": Case(
        ("/usr/sbin/importvg", "", "lies", 0), "volume_groups/datavg/import", "failed", (*NETWORK, "names", *REST)
    ),
    "varyonvg-fails": Case(
        ("/usr/sbin/varyonvg", "", "fails", 0), "volume_groups/datavg/varyon", "failed", (*NETWORK, "names", *REST)
    ),
    "mount-hangs": Case(
        ("/usr/sbin/mount", "/data", "hangs", 1), "filesystems/data", "failed", (*NETWORK, "names", "storage", *REST)
    ),
    "lspv-garbage": Case(
        ("/usr/sbin/lspv", "", "garbage", 0), "volume_groups/datavg/import", "blocked", (*NETWORK, "names", *REST)
    ),
    "lsvg-hangs": Case(
        ("/usr/sbin/lsvg", "-o", "hangs", 0), "volume_groups/datavg/varyon", "blocked", (*NETWORK, "names", *REST)
    ),
    "address-hangs": Case(("/usr/sbin/chdev", "netaddr=", "hangs", 0), "network/service", "failed", (*STORAGE, *REST)),
    "ifconfig-garbage": Case(("/usr/sbin/ifconfig", "", "garbage", 0), "fence/addresses", "blocked", (*STORAGE, *REST)),
    "lsdev-empty": Case(("/usr/sbin/lsdev", "", "empty", 0), "fence/addresses", "blocked", (*STORAGE, *REST)),
    "odmget-fails": Case(
        ("/usr/bin/odmget", "", "fails", 0), "stale_definitions/devices", "blocked", (*STORAGE, *NETWORK, *REST)
    ),
    "bootlist-fails": Case(
        ("/usr/bin/bootlist", "normal hdisk", "fails", 0), "boot_list", "failed", (*STORAGE, *NETWORK, "names", "flags")
    ),
    "chitab-lies": Case(
        ("/usr/sbin/chitab", "nimclient", "lies", 0), "services/inittab/nimclient", "failed",
        (*STORAGE, *NETWORK, "names", *REST),
    ),
    "flag-stays": Case(
        ("/usr/sbin/chdev", "ghostdev=0", "fails", 0), "device_flags/ghostdev", "failed",
        (*STORAGE, *NETWORK, "names", "boot_list"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> KeptInMemory:
    return KeptInMemory(tmp_path_factory.mktemp("faults"), "small")


def apply(lpar: InProcess, *faults: Dict[str, Any]) -> int:
    """The exit code of ``drboot --apply`` on a machine with these faults."""
    lpar.world["settings"]["faults"] = list(faults)
    code = memory.apply(lpar)
    lpar.save()
    return code


def check_unfinished(estate: Estate) -> Dict[str, Any]:
    """The report of a run that ended with 4; step -> outcome of it."""
    report = lpars.last_report(estate.dr)
    assert (report["outcome"], report["exit_code"]) == ("unfinished", 4)
    assert "internal-error" not in {problem["name"] for problem in report["problems"]}
    [run] = Path(estate.dr.root, "var/adm/drboot/runs").iterdir()
    assert "<h2>What is wrong, and what to do</h2>" in (run / "report.html").read_text()
    assert all(json.loads(line) for line in (run / "journal.jsonl").read_text().splitlines())
    assert lpars.stamp(estate.dr)["phase"] == "armed"
    return {step["step"]: step for step in report["steps"]}


@pytest.mark.parametrize("name", CASES)
def test_the_run_ends_in_a_report_and_the_rest_is_done(kept: KeptInMemory, name: str) -> None:
    case, lpar = CASES[name], kept.again()
    program, args, kind, nth = case.fault
    code = apply(lpar, {"program": program, "args": args, "kind": kind, "nth": nth})
    said = memory.said(lpar)
    assert code == 4, said[-3000:]
    steps = check_unfinished(kept.estate)
    assert steps[case.step]["outcome"] == case.outcome, steps[case.step]
    assert steps[case.step]["problem"]["name"]
    assert "still armed" in said.replace("\ndrboot: ", " ")
    assert unlike(kept.estate, *case.complete) == {}
    assert apply(lpar) == 0, memory.said(lpar)[-3000:]
    assert lpars.differences(kept.estate) == []
    assert lpars.stamp(kept.estate.dr)["phase"] == "disarmed"


@pytest.mark.parametrize("kind", ["fails", "garbage"])
def test_every_reading_command_that_fails_once_costs_nothing(kept: KeptInMemory, kind: str) -> None:
    """A locked ODM, or a device that is being configured: the second answer counts."""
    lpar = kept.again()
    readers = ("ifconfig -a", "lsdev", "odmget", "lspv", "lsvg", "lscfg", "netstat", "lsattr netaddr", "bootlist -o")
    paths = {"odmget": "/usr/bin/", "netstat": "/usr/bin/", "bootlist": "/usr/bin/"}
    faults = []
    for reader in readers:
        name, _, args = reader.partition(" ")
        faults.append({"program": paths.get(name, "/usr/sbin/") + name, "args": args, "kind": kind, "nth": 1})
    assert apply(lpar, *faults) == 0, memory.said(lpar)[-3000:]
    assert lpars.differences(kept.estate) == []


def test_noise_on_every_stream_of_errors_costs_nothing(kept: KeptInMemory) -> None:
    """0516-510, 0516-548 and the like, with exit status 0 (scenario F26)."""
    lpar = kept.again()
    assert apply(lpar, {"program": "*", "args": "", "kind": "noise", "nth": 0}) == 0, memory.said(lpar)[-3000:]
    assert lpars.differences(kept.estate) == []
