"""The DR LPAR of an estate in memory, woken and untouched, put back as it was for each test."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List

from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from drboot.sim.world import NetHost
from tests.scenarios import lpars, memory

STORAGE = ("storage", "mounts", "raw", "boot_list", "flags")
OTHER_MAC = "02000a140599"


@dataclass
class Bed:
    """The DR LPAR of an estate in memory, woken and not touched yet."""

    estate: Estate
    lpar: InProcess

    def apply(self) -> int:
        self.lpar.passed = 0.0
        code = memory.apply(self.lpar)
        self.lpar.save()
        return code

    def report(self) -> Dict[str, Any]:
        return lpars.last_report(self.estate.dr)

    def steps(self) -> Dict[str, Dict[str, Any]]:
        return {step["step"]: step for step in self.report()["steps"]}

    def problems(self) -> List[str]:
        return [problem["name"] for problem in self.report()["problems"]]

    def commands(self) -> List[str]:
        """What was run, without the root, in order."""
        return [" ".join(entry["argv"]) for entry in self.estate.dr.commands()]

    def addresses(self) -> List[str]:
        """What the kernel has, the loopback aside."""
        interfaces = self.lpar.world["kernel"]["interfaces"].values()
        return [held["address"] for i in interfaces if i["name"] != "lo0" for held in i["addresses"]]

    def stored(self, device: str, attribute: str) -> List[str]:
        return self.lpar.world["odm"]["attributes"].get(device, {}).get(attribute, [])

    def profile(self, edit: Callable[[str], str]) -> None:
        path = self.file("/etc/drboot/sites/dr.yaml")
        path.write_text(edit(path.read_text()))

    def file(self, path: str) -> Path:
        """A file of the LPAR."""
        return Path(self.estate.dr.root + path)

    def host(self, address: str, place: str = "dr/200", **given: Any) -> None:
        """Another machine on the wire."""
        other: NetHost = {"address": address, "mac": OTHER_MAC, "answers": True, "services": []}
        other.update(given)  # type: ignore[typeddict-item]
        self.lpar.world["san"]["networks"].setdefault(place, []).append(other)

    def gone(self, address: str) -> None:
        for hosts in self.lpar.world["san"]["networks"].values():
            hosts[:] = [host for host in hosts if host["address"] != address]

    def check_taken_down(self, interface: str = "en0") -> None:
        """Exit 6 in the report, still armed, and the interface off for this boot and the next."""
        report = self.report()
        assert (report["outcome"], report["exit_code"]) == ("unfinished", 6)
        assert lpars.stamp(self.estate.dr)["phase"] == "armed"
        assert interface not in self.lpar.world["kernel"]["interfaces"]
        assert self.stored(interface, "state") == ["detach"]


class Beds:
    """Makes the estate once; ``again`` is the bed of one test.

    prepare  what is done to the estate before its DR LPAR wakes
    """

    def __init__(
        self,
        directory: Path,
        make: Callable[[str], Estate],
        prepare: Callable[[Estate], None] = lambda estate: None,
    ) -> None:
        self.directory, self.copy = directory / "estate", directory / "kept"
        self.estate = make(str(self.directory))
        memory.arm_at_home(self.estate)
        prepare(self.estate)
        memory.wake(self.estate).save()
        self.estate.dr.forget_commands()
        subprocess.run(["cp", "-a", str(self.directory), str(self.copy)], check=True)

    def again(self) -> Bed:
        shutil.rmtree(self.directory)
        subprocess.run(["cp", "-a", str(self.copy), str(self.directory)], check=True)
        return Bed(self.estate, InProcess(self.estate.dr))
