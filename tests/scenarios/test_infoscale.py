"""The InfoScale document: one owner of the network, the replication gate, WPARs (statements S001-n)."""

from __future__ import annotations

import json
import os
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, List, Mapping, Tuple

import pytest

from drboot import arming, gate, paths, plan
from drboot.paths import Root
from drboot.profile.load import load
from drboot.runner import Execute, Ran, Runner
from drboot.seen import Seen
from drboot.sim.boot import power_on
from drboot.sim.estates import small, wpar
from drboot.sim.estates.build import HOME, Estate, Home, lun_id, make_dr, make_home, write_profiles
from drboot.sim.inprocess import InProcess
from drboot.sim.world import San, new_slot
from drboot.wanted import Wanted, prepare
from tests import checker
from tests.faults.bed import Snapshot
from tests.scenarios import lpars, memory
from tests.scenarios.bed import Bed
from tests.scenarios.test_rehearse_and_undo import undone

RECONFIG = "vcsr:2:once:/opt/VRTSvcsnr/bin/vcs-reconfig\n"
GATE = "/etc/drboot/hooks/primary"
NETWORK_COMMANDS = ("chdev -l en", "chdev -l inet0", "mktcpip", "ifconfig en", "route ", "uname -S", "hostname")
RESOLVER = "/wpars/web/etc/resolv.conf"


class Beds:
    """The estate ``wpar``, woken at DR; only what a test has changed is put back for the next."""

    def __init__(self, directory: Path) -> None:
        self.estate = wpar.make(str(directory))
        memory.arm_at_home(self.estate)
        memory.wake(self.estate).save()
        self.estate.dr.forget_commands()
        self._woken = Snapshot(self.estate.directory)

    def again(self) -> Bed:
        self._woken.restore()
        return Bed(self.estate, InProcess(self.estate.dr))


@pytest.fixture(scope="module")
def beds(tmp_path_factory: pytest.TempPathFactory) -> Beds:
    return Beds(tmp_path_factory.mktemp("infoscale"))


@pytest.fixture
def bed(beds: Beds) -> Bed:
    return beds.again()


def owner(bed: Bed, word: str) -> None:
    bed.profile(lambda text: text.replace("network:\n", f"network:\n  owner: {word}\n"))


def enable_reconfig(bed: Bed) -> None:
    file = bed.file(paths.ETC_INITTAB)
    file.write_text(file.read_text() + RECONFIG)


def touched_network(bed: Bed) -> List[str]:
    found = [entry for entry in bed.estate.dr.commands() if entry["changed"]]
    lines = [" ".join(entry["argv"]).rpartition("/")[2] for entry in found]
    return [line for line in lines if line.startswith(NETWORK_COMMANDS)]


def has_data(bed: Bed) -> bool:
    return "datavg" in bed.lpar.world["kernel"]["varied_on"]


def warnings(bed: Bed) -> str:
    return " ".join(str(bed.report()["warnings"]).split()) if "warnings" in bed.report() else json.dumps(bed.report())


def wanted_of(bed: Bed) -> tuple[Wanted, Seen]:
    root = Root(bed.estate.dr.root)
    seen = Seen(Runner(root, run_argv=memory.run_on(bed.lpar)))
    return prepare(seen, load(root), "prod01", "home", "dr"), seen


# ---------------------------------------------------------------- the owner of the network


def test_S001_2_with_configure_network_0_no_network_change_is_made_and_the_data_comes_up(bed: Bed) -> None:
    owner(bed, "none")
    bed.profile(lambda text: text.partition("wpars:")[0])
    before = json.dumps([bed.lpar.world["kernel"]["interfaces"], bed.lpar.world["kernel"]["routes"]])
    files = [bed.file(path).read_text() for path in (paths.ETC_RESOLV, paths.ETC_HOSTS)]
    assert bed.apply() == 0
    assert touched_network(bed) == []
    assert json.dumps([bed.lpar.world["kernel"]["interfaces"], bed.lpar.world["kernel"]["routes"]]) == before
    assert [bed.file(path).read_text() for path in (paths.ETC_RESOLV, paths.ETC_HOSTS)] == files
    assert has_data(bed)
    assert "network.owner is none" in warnings(bed)


def test_S001_2_with_configure_network_1_the_network_is_applied(bed: Bed) -> None:
    owner(bed, "drboot")
    assert bed.apply() == 0
    assert checker.differences(bed.estate.dr.directory, bed.estate.expected) == []


def test_S001_3_drboot_refuses_the_network_where_vcs_reconfig_is_and_nothing_is_said(bed: Bed) -> None:
    enable_reconfig(bed)
    bed.profile(lambda text: text.partition("wpars:")[0])
    assert bed.apply() == 4
    assert touched_network(bed) == []
    assert bed.problems()[0] == "network-owner-unclear"
    assert bed.steps()["network/service"]["outcome"] == "blocked"
    assert has_data(bed), "the volume groups are nobody else's"
    assert lpars.stamp(bed.estate.dr)["phase"] == "armed"


def test_S001_3_told_so_drboot_is_the_owner_and_says_that_another_one_is_there(bed: Bed) -> None:
    enable_reconfig(bed)
    owner(bed, "drboot")
    assert bed.apply() == 0
    assert checker.differences(bed.estate.dr.directory, bed.estate.expected) == []
    assert "vcs-reconfig is enabled as well" in warnings(bed)


def test_S001_3_told_so_vcs_is_the_owner_and_drboot_touches_nothing_of_it(bed: Bed) -> None:
    enable_reconfig(bed)
    owner(bed, "vcs")
    bed.profile(lambda text: text.partition("wpars:")[0])
    assert bed.apply() == 0
    assert touched_network(bed) == []
    assert has_data(bed)
    assert "left to VCS" in warnings(bed)


def test_S001_3_the_plan_says_who_the_owner_is(bed: Bed) -> None:
    enable_reconfig(bed)
    wanted, seen = wanted_of(bed)
    answers = {step.id: answer for step, answer in plan.assessed(wanted, seen)}
    assert "network-owner-unclear" in repr(answers["network/owner"])
    assert "vcsr" in repr(answers["network/owner"])


@pytest.mark.parametrize("where", ["rc", "fileset", "off", "none"])
def test_S001_3_how_vcs_reconfig_is_found(bed: Bed, where: str) -> None:
    if where == "rc":
        bed.file("/etc/rc.d/rc2.d/S99vcs-reconfig").write_text("")
    elif where in ("fileset", "off"):
        bed.file("/usr/lpp/VRTSvcsnr").mkdir()
    if where == "off":
        file = bed.file(paths.ETC_INITTAB)
        file.write_text(file.read_text() + RECONFIG.replace("once", "off"))
    wanted, _ = wanted_of(bed)
    found = {"rc": "S99vcs-reconfig", "fileset": "VRTSvcsnr", "off": "", "none": ""}[where]
    assert wanted.infoscale.reconfig.rpartition("/")[2] == found


def test_S001_3_a_rehearsal_is_nobody_elses(bed: Bed) -> None:
    """Its addresses are known to drboot alone; a vcs-reconfig that is there would set those of the disaster."""
    owner(bed, "vcs")
    with bed.estate.dr.edit() as world:
        world["firmware"]["partition_name"] = "prod01_reh"
    lpar = Bed(bed.estate, InProcess(bed.estate.dr))
    wanted, seen = wanted_of(lpar)
    assert wanted.mode == "rehearsal" and wanted.owns_network
    assert "network/owner" not in {step.id for step in plan.build(wanted)}
    enable_reconfig(lpar)
    wanted, seen = wanted_of(lpar)
    answers = {step.id: answer for step, answer in plan.assessed(wanted, seen)}
    assert "network-owner-unclear" in repr(answers["network/owner"])


def test_S001_4_nothing_but_local_files_is_asked_for_the_network(bed: Bed) -> None:
    """No management LPAR, no VLAN 123: the addresses come from hosts.csv and the profile."""
    assert bed.apply() == 0
    assert bed.lpar.world["kernel"]["contacts"] == []
    assert not [line for line in bed.commands() if "123" in line.split()]


# ---------------------------------------------------------------- the replication gate


def gate_says(bed: Bed, script: str, mode: int = 0o755, ask: str = "site") -> None:
    file = bed.file(GATE)
    file.parent.mkdir(mode=0o755, exist_ok=True)
    file.write_text("#!/bin/sh\n" + script)
    file.chmod(mode)
    bed.profile(lambda text: text + f"replication: {{gate: {GATE}, ask: {ask}}}\n")


@pytest.mark.parametrize("answer", ["echo primary, read-write", "echo asking; echo 'PRIMARY  read-write'"])
def test_S001_5_the_one_good_answer_lets_the_import_go_on(bed: Bed, answer: str) -> None:
    gate_says(bed, answer)
    assert bed.apply() == 0
    assert bed.steps()["replication/site"]["outcome"] == "done"
    assert checker.differences(bed.estate.dr.directory, bed.estate.expected) == []


@pytest.mark.parametrize(
    "script, mode",
    [
        ("echo secondary, read-only", 0o755),
        ("echo primary, read-write; exit 1", 0o755),
        ("echo primary, read-write; echo but wait", 0o755),
        ("echo not primary, read-write", 0o755),
        ("", 0o755),
        ("echo primary, read-write", 0o644),
        ("echo primary, read-write", 0o777),
    ],
    ids=["secondary", "fails", "more", "not", "silent", "not executable", "anybodys"],
)
def test_S001_5_any_other_answer_stops_the_imports_and_nothing_else(bed: Bed, script: str, mode: int) -> None:
    gate_says(bed, script, mode)
    check_stopped(bed)


def test_S001_5_a_gate_that_is_missing_or_hangs_stops_the_imports(bed: Bed) -> None:
    bed.profile(lambda text: text + f"replication: {{gate: {GATE}}}\n")
    check_stopped(bed)
    gate_says(bed, "echo primary, read-write")
    bed.profile(lambda text: text.replace(f"replication: {{gate: {GATE}}}\n", "", 1))
    bed.lpar.world["settings"]["faults"] = [{"program": GATE, "kind": "hangs"}]
    check_stopped(bed)
    assert "killed" in bed.report()["problems"][0]["why"]


def check_stopped(bed: Bed) -> None:
    assert bed.apply() == 4
    assert bed.problems()[0] == "replication-not-primary"
    assert not [line for line in bed.commands() if "importvg" in line or "varyonvg" in line]
    assert not has_data(bed)
    assert bed.addresses() == ["10.20.5.11"], "fence and network do not wait for the storage"
    assert lpars.stamp(bed.estate.dr)["phase"] == "armed"


def test_S001_5_asked_for_each_volume_group(bed: Bed) -> None:
    gate_says(bed, 'test "$DRBOOT_VG" = datavg && echo primary, read-write', ask="volume_group")
    assert bed.apply() == 0
    assert bed.steps()["replication/datavg"]["outcome"] == "done"


# ---------------------------------------------------------------- storage


def test_S001_8_rootvg_on_vscsi_and_data_on_npiv(tmp_path: Path) -> None:
    vgs, files, firmware = small.parts()

    def hybrid(given: Any) -> Any:
        given["slots"].append(new_slot("C20", "v-scsi", type="IBM,v-scsi"))
        kept = [mapping for mapping in given["mappings"] if not mapping["lun"].endswith(":0000")]
        root = {"lun": lun_id(given["site"], 0), "slot": "C20", "target": "", "lun_number": "81" + 14 * "0"}
        given["mappings"] = [root, *kept]
        return given

    def luns(storage: San) -> None:
        storage["luns"][lun_id(HOME, 0)].update(kind="vscsi", type="vdisk")

    home = Home(hybrid(firmware), vgs, files, small.INTERFACES, small.ROUTES, {"ghostdev": "1"}, luns=luns)
    machine = make_home(str(tmp_path), home, small.NETWORKS)
    write_profiles(machine, {"home": small.HOME_PROFILE, "dr": small.DR_PROFILE}, small.ROWS)
    dr = make_dr(str(tmp_path), machine, hybrid(small.dr_firmware()))
    estate = Estate("hybrid", str(tmp_path), machine, dr, small.expected(), dr, small.expected())
    memory.arm_at_home(estate)
    lpar = memory.wake(estate)
    assert memory.apply(lpar) == 0
    lpar.save()
    assert checker.differences(dr.directory, estate.expected) == []


def test_S001_9_the_level_is_recorded_and_none_is_refused(bed: Bed) -> None:
    capture = json.loads(bed.file(paths.CAPTURES + "/home.json").read_text())
    assert capture["level"].startswith("7200-05")
    bed.lpar.world["odm"]["oslevel"] = "7100-05-06-2015"  # none of those that the guide lists
    assert bed.apply() == 0


# ---------------------------------------------------------------- WPARs


def test_S001_10_the_resolver_file_is_written_inside_the_wpar(bed: Bed) -> None:
    own = bed.file(paths.ETC_RESOLV).read_text()
    assert bed.apply() == 0
    assert bed.file(RESOLVER).read_text() == wpar.expected()["wpars"]["web"]["resolver"]
    assert bed.file(paths.ETC_RESOLV).read_text() != own


def test_S001_10_a_wpar_that_runs_is_left_as_it_is(bed: Bed) -> None:
    bed.lpar.world["kernel"]["wpars"].append("web")
    assert bed.apply() == 4
    assert bed.file(RESOLVER).read_text() == wpar.RESOLVER
    assert "wpar-not-stopped" in bed.problems()
    assert [row["address"] for row in bed.lpar.world["odm"]["wpars"]["web"]["network"]] == ["10.1.5.31"]


def test_S001_10_nothing_is_written_through_a_link_of_the_wpars_root(bed: Bed) -> None:
    victim = bed.file("/etc/passwd")
    before = victim.read_text() if victim.exists() else ""
    inside = next(Path(bed.estate.directory, "trees").glob("dr.fslv02")) / "etc/resolv.conf"
    inside.unlink()
    inside.symlink_to(victim)
    assert bed.apply() == 4
    assert "wpar-resolver-linked" in bed.problems()
    assert (victim.read_text() if victim.exists() else "") == before


def test_S001_10_undo_writes_through_no_link_that_the_wpar_has_made_since(bed: Bed) -> None:
    """Its root, once it was started, has made /etc of the WPAR a link to a directory of the global environment."""
    assert bed.apply() == 0
    outside = bed.file("/etc/wparvictim")
    outside.mkdir()
    (outside / "resolv.conf").write_text("mine\n")
    etc = Path(os.path.realpath(bed.file("/wpars/web/etc")))
    etc.rename(etc.parent / "etc.old")
    etc.symlink_to(outside)
    assert undone(bed.lpar) == 4
    assert (outside / "resolv.conf").read_text() == "mine\n"


@pytest.mark.parametrize("point, blocked", [("/wpars/web", True), ("/wpars/web/opt", True), ("/data/db", False)])
def test_S001_11_a_mount_that_failed_stops_the_steps_of_its_wpar(bed: Bed, point: str, blocked: bool) -> None:
    bed.lpar.world["settings"]["faults"] = [{"program": "/usr/sbin/mount", "pattern": point, "kind": "fails", "rc": 1}]
    assert bed.apply() == 4
    steps = bed.steps()
    assert steps[f"filesystems{point}"]["outcome"] == "failed"
    mine = [steps[f"wpars/web/{part}"]["outcome"] for part in ("resolver", "network", "start")]
    assert mine == (["blocked"] * 3 if blocked else ["changed"] * 3)
    assert steps["wpars/batch/network"]["outcome"] == "changed"
    assert ("web" in bed.lpar.world["kernel"]["wpars"]) is not blocked


def test_S001_11_import_then_mounts_then_the_wpars_network_then_startwpar(bed: Bed) -> None:
    assert bed.apply() == 0
    lines = bed.commands()

    def at(*words: str) -> int:
        return next(number for number, line in enumerate(lines) if all(word in line for word in words))

    order = [at("importvg"), at("mount /wpars/web"), at("mount /wpars/web/opt"), at("chwpar", "web"), at("startwpar")]
    assert order == sorted(order)
    assert not [line for line in lines if "startwpar batch" in line]


def test_S001_12_addresses_of_the_site_by_chwpar_and_the_old_ones_come_back_by_undo(bed: Bed) -> None:
    assert bed.apply() == 0
    changing = [line.partition("chwpar ")[2] for line in bed.commands() if "chwpar" in line]
    assert "-K -N address=10.1.5.31 web" in changing
    assert "-N interface=en0 address=10.20.5.31 netmask=255.255.255.0 web" in changing
    assert checker.differences(bed.estate.dr.directory, bed.estate.expected) == []
    assert undone(bed.lpar) == 0
    web = bed.lpar.world["odm"]["wpars"]["web"]
    assert [(row["interface"], row["address"]) for row in web["network"]] == [("en0", "10.1.5.31")]
    assert bed.lpar.world["kernel"]["wpars"] == []


@pytest.mark.parametrize("deaf", [False, True])
def test_S001_12_a_wpar_whose_address_another_machine_has_is_not_started(bed: Bed, deaf: bool) -> None:
    """Two owners of one address; the LPAR itself and the other WPARs are set right all the same."""
    bed.host("10.20.5.32", deaf=deaf)  # who lets no ping through still answers ARP
    assert bed.apply() == 6
    assert "address-in-use" in bed.problems()
    assert bed.lpar.world["kernel"]["wpars"] == []
    assert bed.steps()["wpars/batch/network"]["outcome"] == "changed"
    assert bed.addresses() == ["10.20.5.11"]
    bed.gone("10.20.5.32")
    assert bed.apply() == 0
    assert checker.differences(bed.estate.dr.directory, bed.estate.expected) == []


def claimed_at_start(bed: Bed, address: str) -> int:
    """The exit code where another machine claims the address as soon as a WPAR was started."""
    log = bed.file("/var/adm/ras/errlog")
    words = f"{int(IPv4Address(address)):08X}"

    def through(run_argv: Execute) -> Execute:
        def execute(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
            ran = run_argv(argv, environment, killable, deadline)
            if argv[0].endswith("startwpar") and words not in log.read_text():
                last = json.loads(log.read_text().splitlines()[-1])
                claim = {**last, "label": "AIXIF_ARP_DUP_ADDR", "id": "FE2DEE00", "type": "PERM", "cls": "S",
                         "resource": "SYSXAIXIF", "description": "DUPLICATE IP ADDRESS DETECTED IN THE NET",
                         "detail": words, "sequence": last["sequence"] + 1}  # fmt: skip
                log.write_text(log.read_text() + json.dumps(claim) + "\n")
            return ran

        return execute

    bed.lpar.passed = 0.0
    code = memory.apply(bed.lpar, through)
    bed.lpar.save()
    return code


def test_S001_12_a_claim_to_the_address_of_a_wpar_stops_that_wpar_and_leaves_the_lpar_alone(bed: Bed) -> None:
    assert claimed_at_start(bed, "10.20.5.31") == 6
    [problem] = [p for p in bed.report()["problems"] if p["name"] == "address-duplicate"]
    assert "10.20.5.31" in problem["what"] and "WPAR web was stopped" in problem["what"]
    assert bed.lpar.world["kernel"]["wpars"] == []
    assert "10.20.5.11" in bed.addresses() and "10.20.5.31" not in bed.addresses()
    assert sum("startwpar web" in line for line in bed.commands()) == 1
    assert bed.apply() == 0
    assert checker.differences(bed.estate.dr.directory, bed.estate.expected) == []


def test_a_claim_to_an_address_that_the_kernel_has_beside_those_of_the_profile_is_about_that_one(bed: Bed) -> None:
    """A WPAR that only this LPAR knows, an alias that somebody made by hand."""
    alias = (bed.estate.dr.root + "/usr/sbin/ifconfig", "lo0", "10.20.5.99", "netmask", "255.255.255.255", "alias")
    assert bed.lpar.execute(alias, {}, False, 60.0).rc == 0
    assert claimed_at_start(bed, "10.20.5.99") == 0
    assert "10.20.5.11" in bed.addresses()


def test_S001_12_a_wpar_without_address_for_the_rehearsal_gets_none(beds: Beds) -> None:
    bed = beds.again()
    power_on(bed.estate.reh)
    lpar = InProcess(bed.estate.reh)
    assert memory.apply(lpar) == 0
    lpar.save()
    assert checker.differences(bed.estate.reh.directory, bed.estate.expected_reh) == []


def test_S001_13_the_report_says_what_is_to_be_run_again_where_vcs_is(bed: Bed) -> None:
    file = bed.file(paths.VCS_CONFIGURATION)
    file.parent.mkdir(parents=True)
    file.write_text("")
    assert bed.apply() == 0
    assert "hawparsetup" in warnings(bed) and "hawparverify" in warnings(bed)


# ---------------------------------------------------------------- identity, installation


def test_S001_18_removing_the_entry_leaves_the_other_lines_of_the_inittab(bed: Bed) -> None:
    text = bed.file(paths.ETC_INITTAB).read_text()
    entry = next(line for line in text.splitlines() if line.startswith("drboot:"))
    runner = Runner(Root(bed.estate.dr.root), run_argv=memory.run_on(bed.lpar))
    removed = bed.lpar.execute((bed.estate.dr.root + paths.PROGRAMS["rmitab"], "drboot"), {}, False, 60.0)
    assert removed.rc == 0
    assert bed.file(paths.ETC_INITTAB).read_text() == text.replace(entry + "\n", "")
    arming.install_entry(runner)
    assert sorted(bed.file(paths.ETC_INITTAB).read_text().splitlines()) == sorted(text.splitlines())


def test_S001_19_after_lpm_to_an_unknown_frame_nothing_is_changed(bed: Bed) -> None:
    stamp = gate.read_stamp(bed.estate.dr.root)
    assert stamp is not None
    decision = gate.decide(stamp, gate.Identity("IBM,02FFFFFF0"))
    assert (decision.action, decision.exit_code) == ("refuse", 3)


@pytest.mark.parametrize("broken", [False, True])
def test_in_a_rehearsal_a_wpar_that_nobody_named_or_whose_mount_failed_has_no_address_of_production(
    beds: Beds, broken: bool
) -> None:
    """Both have auto start: /etc/rc.wpars would put production's address on the wire."""
    bed = beds.again()
    power_on(bed.estate.reh)
    profile = Path(bed.estate.reh.root, "etc/drboot/sites/dr.yaml")
    profile.write_text(profile.read_text().partition("  - name: batch")[0])
    lpar = InProcess(bed.estate.reh)
    wpars = lpar.world["odm"]["wpars"]
    for name in wpars:
        wpars[name]["auto"] = True
    before = json.loads(json.dumps(wpars))
    if broken:
        fault = {"program": "/usr/sbin/mount", "args": "/wpars/web", "kind": "fails", "rc": 1}
        lpar.world["settings"]["faults"].append(fault)
    assert memory.apply(lpar) == (4 if broken else 0)
    left = {name: [row["address"] for row in wpar["network"]] for name, wpar in wpars.items()}
    assert left == {"web": [] if broken else ["10.99.5.31"], "batch": []}
    assert not any(wpar["auto"] for wpar in wpars.values()), "rc.wpars, after drboot, starts none"
    assert undone(lpar) == 0
    assert wpars == before
