"""Home, DR, home: the machine is what it was at home, and has what was made at DR meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Sequence

import pytest

from drboot import arming
from drboot.errors import EXIT_OK, EXIT_UNFINISHED, ConfigError, Refused
from drboot.paths import Root
from drboot.profile.load import load
from drboot.runner import Runner
from drboot.sim import boot, deploy, san
from drboot.sim.boot import power_on
from drboot.sim.estates import fullhouse
from drboot.sim.estates.build import DR, HOME, Estate, lun_id
from drboot.sim.inprocess import InProcess
from tests.crash.matrix import unlike
from tests.scenarios import homeward, lpars, memory, storage
from tests.scenarios.homeward import Away, captured, leave, same, settle, to_the_end, wake_at_home
from tests.scenarios.lpars import drboot
from tests.scenarios.test_rehearse_and_undo import undone

CRONTAB = "/var/spool/cron/crontabs/oracle"
NEW_LUN = 6


def _estate(directory: str) -> Estate:
    """Two volume groups; the DR site leaves a file system out, holds the NFS mounts and a crontab, switches NIM off."""
    estate = storage.make(Path(directory))
    profile = Path(estate.home.root + storage.DR_PROFILE)
    text = profile.read_text().replace("services:\n", "services:\n  hold_cron: [oracle]\n")
    text = text.replace("{name: datavg, major: 45}", "{name: datavg, major: 51, auto_on: false}")
    profile.write_text(text + "filesystems:\n  except: [/data/db/deep]\n")
    Path(estate.home.root + CRONTAB).write_text("0 3 * * * /home/backup\n")
    return estate


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Away:
    return Away(tmp_path_factory.mktemp("away"), _estate)


def run(lpar: InProcess, *argv: str) -> str:
    """What an administrator types; it ends well."""
    ended = lpar.execute((f"{lpar.machine.root}/usr/sbin/{argv[0]}", *argv[1:]), {}, False, 60.0)
    assert (ended.outcome, ended.rc) == ("exited", 0), ended
    return ended.stdout


def edit(lpar: InProcess, path: str, old: str, new: str) -> None:
    file = Path(lpar.machine.root + path)
    text = file.read_text()
    assert old in text, text
    file.write_text(text.replace(old, new, 1))


def stanza(taken: Dict[str, Any], point: str) -> Dict[str, str]:
    [found] = [fs for fs in taken["filesystems"] if fs["mount_point"] == point]
    return dict(found["attributes"])


def group(taken: Dict[str, Any], name: str) -> Dict[str, Any]:
    found: List[Dict[str, Any]] = [vg for vg in taken["volume_groups"] if vg["name"] == name]
    assert len(found) == 1, name
    return found[0]


def actions(taken: Dict[str, Any]) -> Dict[str, str]:
    return {line.split(":")[0]: line.split(":")[2] for line in taken["inittab"]}


# -- there and back


@pytest.mark.parametrize("reset", ["none", "ghostdev"])
def test_nothing_but_the_closed_list_differs_when_nothing_was_changed(away: Away, reset: str) -> None:
    """By plan B, and by ghostdev=1, which arming for home has set."""
    lpar = away.again()
    homeward.edit_profile(lpar.machine, HOME, "device_reset: none", f"device_reset: {reset}")
    before = captured(lpar.machine, HOME)
    leave(lpar, away.estate)
    assert captured(lpar.machine, HOME) == before
    home = to_the_end(wake_at_home(away.estate))
    report = lpars.last_report(home.machine)
    assert report["path"] == ("none, plan B" if reset == "none" else "ghostdev")
    second = settle(home, away.estate)
    assert unlike(same(second), same(away.first)) == []
    assert homeward.points_in_order(second)
    assert actions(second)["nimsh"] == actions(away.first)["nimsh"] == "wait"
    assert "niminfo" not in "".join(path.name for path in Path(home.machine.root, "etc").glob("niminfo.*"))
    assert Path(home.machine.root + CRONTAB).read_text() == "0 3 * * * /home/backup\n"
    assert stanza(second, "/sapmnt")["mount"] == stanza(second, "/data/db/deep")["mount"] == "true"


@pytest.mark.parametrize(
    ("kind", "reset"),
    [("bootutil", "clouddev-at-dr"), ("nvram", "clouddev-at-dr"), ("second", "clouddev-carried")],
)
def test_it_comes_home_by_clouddev_and_where_no_reset_happens(tmp_path: Path, kind: str, reset: str) -> None:
    estate = lpars.built(tmp_path, f"clouddev-{kind}")
    homeward.reset_at_home(estate, reset)
    lpar = homeward.at_dr(estate)
    first = captured(estate.home, HOME)
    leave(lpar, estate)
    assert unlike(same(settle(to_the_end(wake_at_home(estate)), estate)), same(first)) == []


@pytest.mark.parametrize("reset", ["none", "ghostdev"])
def test_a_full_house_comes_home(tmp_path: Path, reset: str) -> None:
    """EtherChannel, VLAN, IPv6, paging, dump, attributes of everything; applications start after drboot."""
    estate = fullhouse.make(str(tmp_path))
    homeward.reset_at_home(estate, reset)
    lpar = homeward.at_dr(estate)
    first = captured(estate.home, HOME)
    leave(lpar, estate)
    second = settle(to_the_end(wake_at_home(estate)), estate)
    assert unlike(same({**second, "subsystems": []}), same({**first, "subsystems": []})) == []


# -- three weeks of work


def _new_lun(away: Away, lpar: InProcess) -> None:
    """Storage gives the machine a LUN at DR, and its partner at home for the time after."""
    world = lpar.world
    identity = lun_id(DR, NEW_LUN)
    fresh = {**world["san"]["luns"][lun_id(DR, 1)], "id": identity, "pvid": "", "vgid": "", "replica_of": ""}
    fresh.update(unique_id=san.unique_id(identity), serial=san.serial(identity))
    world["san"]["luns"][identity] = fresh  # type: ignore[assignment]
    world["firmware"]["mappings"].append({**world["firmware"]["mappings"][0], "lun": identity, "lun_number": "70000"})
    lpar.save()
    with away.estate.home.edit() as at_home:
        for slot in ("C5", "C6"):
            one = next(m for m in at_home["firmware"]["mappings"] if m["slot"] == slot)
            at_home["firmware"]["mappings"].append({**one, "lun": lun_id(HOME, NEW_LUN), "lun_number": "70000"})


def _work(away: Away, lpar: InProcess) -> None:
    _new_lun(away, lpar)
    before = set(run(lpar, "lspv").split())
    run(lpar, "cfgmgr")
    [disk] = [word for word in set(run(lpar, "lspv").split()) - before if word.startswith("hdisk")]
    run(lpar, "mkvg", "-y", "newvg", disk)
    run(lpar, "crfs", "-v", "jfs2", "-g", "newvg", "-m", "/new", "-A", "yes", "-a", "size=64M")
    run(lpar, "crfs", "-v", "jfs2", "-g", "datavg", "-m", "/data/more", "-A", "yes", "-a", "size=64M")
    for point in ("/new", "/data/more"):
        run(lpar, "mount", point)
    edit(lpar, "/etc/filesystems", "options         = rbrw", "options         = rbrw,nosuid")
    run(lpar, "chvg", "-Q", "n", "datavg")
    run(lpar, "mkitab", "newapp:2:once:/opt/new/start")
    run(lpar, "chitab", "nimclient:2:off:/usr/sbin/nimclient -S changed")
    data = storage.hdisk(lpar, storage.DATA_PVIDS[0])
    run(lpar, "chdev", "-l", data, "-a", "queue_depth=77", "-P")
    Path(lpar.machine.root + "/etc/niminfo").write_text("export NIM_NAME=at_dr\n")
    Path(lpar.machine.root + CRONTAB).write_text("5 5 * * * /home/at_dr\n")
    with Path(lpar.machine.root + "/etc/hosts").open("a") as hosts:
        hosts.write("10.9.9.9\tnewpartner\n")
    lpar.save()


@pytest.mark.parametrize("reset", ["none", "ghostdev"])
def test_what_was_made_at_dr_comes_home_and_what_dr_had_switched_off_is_on(away: Away, reset: str) -> None:
    lpar = away.again()
    homeward.edit_profile(lpar.machine, HOME, "device_reset: none", f"device_reset: {reset}")
    niminfo = Path(lpar.machine.root, "etc/niminfo.home").read_text()
    _work(away, lpar)
    leave(lpar, away.estate)
    home = to_the_end(wake_at_home(away.estate))
    second = settle(home, away.estate)
    first = away.first
    # made at DR
    assert sorted(vg["name"] for vg in second["volume_groups"]) == ["appvg", "datavg", "newvg"]
    mounted = {fs["mount_point"] for fs in second["filesystems"] if fs["mounted"]}
    assert {"/new", "/data/more", "/data", "/data/db", "/data/db/deep", "/app"} <= mounted
    assert stanza(second, "/app")["options"] == "rbrw,nosuid"
    assert actions(second)["newapp"] == "once"
    assert "10.9.9.9\tnewpartner\n" in Path(home.machine.root, "etc/hosts").read_text()
    # changed by an administrator, not by the profile: AUTO ON was the profile's, and is home's again
    assert (group(second, "datavg")["quorum"], group(second, "datavg")["auto_on"]) == (False, True)
    assert "nimclient:2:off:/usr/sbin/nimclient -S changed" in second["inittab"]
    assert actions(second)["nimsh"] == "wait"
    # of the place
    assert not any(value == "77" for one in second["settings"] for _, value in one["values"])
    assert Path(home.machine.root, "etc/niminfo").read_text() == niminfo
    assert "at_dr" in Path(home.machine.root, "etc/niminfo.dr").read_text()
    assert Path(home.machine.root + CRONTAB).read_text() == "0 3 * * * /home/backup\n"
    held = Path(home.machine.root, "var/adm/drboot/held/crontab.oracle.dr")
    assert held.read_text() == "5 5 * * * /home/at_dr\n"
    # and nothing else
    known = ("/volume_groups", "/filesystems", "/disks", "/devices", "/inittab")
    assert [line for line in unlike(same(second), same(first)) if not line.startswith(known)] == []


def test_the_way_home_is_undone(away: Away) -> None:
    """What DR had set aside is aside again, and the machine armed: the next boot at home comes home."""
    lpar = away.again()
    leave(lpar, away.estate)
    home = wake_at_home(away.estate)
    paths = [
        home.machine.root + path for path in ("/etc/niminfo.home", "/etc/inittab", "/etc/resolv.conf", "/etc/hosts")
    ]
    before = {path: Path(path).read_bytes() for path in paths}
    home = to_the_end(home)
    assert undone(home) in (EXIT_OK, EXIT_UNFINISHED)  # an address of DR is not put back on this wire
    assert {path: Path(path).read_bytes() for path in paths} == before
    assert lpars.stamp(home.machine)["phase"] == "armed"
    assert unlike(same(settle(to_the_end(home), away.estate)), same(away.first)) == []


def test_a_volume_group_that_was_given_up_at_dr_is_named_and_not_imported(away: Away) -> None:
    lpar = away.again()
    for point in ("/data/db/deep", "/app"):
        if point in (mount["point"] for mount in lpar.world["kernel"]["mounts"]):
            run(lpar, "umount", point)
    run(lpar, "varyoffvg", "appvg")
    run(lpar, "exportvg", "appvg")
    leave(lpar, away.estate)
    home = to_the_end(wake_at_home(away.estate))
    step = next(s for s in lpars.last_report(home.machine)["steps"] if s["step"] == "failback/volume_groups")
    assert "appvg was here and is not in the capture of the other site" in step["warnings"][0]
    assert "appvg" not in home.world["odm"]["vgs"]
    assert storage.mounted(home) >= [("/dev/fslv00", "/data")]


# -- from home's capture, where profile and address table say nothing


def test_a_bank_without_rows_and_names_for_home_has_the_captured_ones(tmp_path: Path) -> None:
    estate = lpars.built(tmp_path, "bank")
    for path, start in (("etc/drboot/hosts.csv", "bank01,home,"),):
        file = Path(estate.home.root, path)
        file.write_text("".join(line for line in file.read_text().splitlines(True) if not line.startswith(start)))
    profile = Path(estate.home.root, "etc/drboot/sites/home.yaml")
    profile.write_text(profile.read_text().partition("names:\n")[0])
    resolver = Path(estate.home.root, "etc/resolv.conf").read_bytes()
    lpar = homeward.at_dr(estate)
    first = captured(estate.home, HOME)
    leave(lpar, estate)
    home = to_the_end(wake_at_home(estate))
    assert unlike(same(settle(home, estate)), same(first)) == []
    assert Path(home.machine.root, "etc/resolv.conf").read_bytes() == resolver


# -- nothing of home is overwritten, and who may not leave does not


def test_nothing_that_is_captured_at_dr_overwrites_homes_capture(away: Away) -> None:
    lpar = away.again()
    path = Path(lpar.machine.root, "var/adm/drboot/captures/home.json")
    before = path.read_bytes()
    for _ in range(2):
        left = leave(lpar, away.estate)
        assert left.path.endswith("/captures/dr.json")
    assert path.read_bytes() == before
    stamp = lpars.stamp(lpar.machine)
    assert (stamp["configured_site"], stamp["home"], stamp["phase"]) == ("dr", "home", "armed")
    assert memory.apply(lpar) == EXIT_OK  # its own site now: nothing to do
    assert path.read_bytes() == before


def test_it_does_not_leave_before_it_has_arrived(away: Away, tmp_path: Path) -> None:
    lpar = away.again()
    with pytest.raises(ConfigError, match="site-unknown"):
        homeward.leave(lpar, away.estate, "nowhere")
    with pytest.raises(Refused, match="failback-not-from-here"):
        homeward.leave(lpar, away.estate, DR)
    stamp = Path(lpar.machine.root, "etc/drboot/armed")
    done = stamp.read_text()
    stamp.write_text(done.replace("phase=disarmed", "phase=armed"))
    with pytest.raises(Refused, match="failback-too-early"):
        leave(lpar, away.estate)
    stamp.write_text(done)
    path = Path(lpar.machine.root, "var/adm/drboot/captures/home.json")
    kept = path.read_text()
    path.write_text(kept.replace('"host": "prod01"', '"host": "prod02"'))
    with pytest.raises(Refused, match="failback-other-host"):
        leave(lpar, away.estate)
    path.unlink()
    with pytest.raises(ConfigError, match="capture-missing"):
        leave(lpar, away.estate)
    assert not Path(lpar.machine.root, "var/adm/drboot/captures/dr.json").exists()
    assert stamp.read_text() == done


def test_a_rehearsal_is_never_made_ready_for_home(tmp_path: Path) -> None:
    estate = lpars.built(tmp_path, "small")
    memory.arm_at_home(estate)
    estate.replicate()
    power_on(estate.reh)
    lpar = to_the_end(InProcess(estate.reh))
    with pytest.raises(Refused, match="failback-too-early") as refused:
        leave(lpar, estate)
    assert "rehearsal" in refused.value.problems[0].why


# -- storage that comes back, and other second events


def _problem(lpar: InProcess, name: str) -> Dict[str, Any]:
    found: List[Dict[str, Any]] = lpars.last_report(lpar.machine)["problems"]
    [one] = [problem for problem in found if problem["name"] == name]
    return one


def _of_data(lpar: InProcess, numbers: Sequence[int] = (1, 2)) -> List[Dict[str, Any]]:
    return [lpar.world["san"]["luns"][lun_id(HOME, number)] for number in numbers]  # type: ignore[misc]


def test_F28_the_copy_at_home_is_still_the_targets_of_the_replication(away: Away) -> None:
    lpar = away.again()
    leave(lpar, away.estate)
    home = wake_at_home(away.estate)
    for lun in _of_data(home):
        lun["writable"] = False
    assert memory.apply(home) == EXIT_UNFINISHED
    assert "datavg" in _problem(home, "replica-not-writable")["what"]
    assert not [line for line in storage.ran(home, "fsck") if "fslv0" in line]
    assert lpars.stamp(home.machine)["phase"] == "armed"
    for lun in _of_data(home):
        lun["writable"] = True
    assert unlike(same(settle(to_the_end(home), away.estate)), same(away.first)) == []


def test_F27_the_dr_machine_still_runs_and_holds_a_disk_that_both_see(away: Away) -> None:
    lpar = away.again()
    leave(lpar, away.estate)
    home = wake_at_home(away.estate)
    for lun in _of_data(home):
        lun["reserved_by"] = "prod01_dr"
    assert memory.apply(home) == EXIT_UNFINISHED
    names = {problem["name"] for problem in lpars.last_report(home.machine)["problems"]}
    assert names & {"vg-disk-reserved", "vg-disk-unreadable", "vg-pvid-missing"}, names
    assert "datavg" not in storage.on(home)
    assert lpars.stamp(home.machine)["phase"] == "armed"


def test_F17_homes_old_lun_is_still_mapped_beside_the_copy_that_came_back(away: Away) -> None:
    lpar = away.again()
    leave(lpar, away.estate)
    home = wake_at_home(away.estate)
    old = {**home.world["san"]["luns"][lun_id(HOME, 2)], "id": "home:0102", "unique_id": "200BOLD0102IBMfcp"}
    home.world["san"]["luns"]["home:0102"] = old  # type: ignore[assignment]
    one = home.world["firmware"]["mappings"][0]
    home.world["firmware"]["mappings"].append({**one, "lun": "home:0102", "lun_number": "90000"})
    home.save()
    power_on(away.estate.home)
    home = InProcess(away.estate.home)
    assert memory.apply(home) == EXIT_UNFINISHED
    assert "200BOLD0102IBMfcp" in _problem(home, "vg-pvid-duplicate")["why"]
    assert "datavg" not in storage.on(home)


def test_F01_homes_old_disks_started_beside_the_dr_machine_change_nothing(away: Away) -> None:
    """The home LPAR is started from what it had on the day of the disaster, while DR runs."""
    away.again()
    power_on(away.estate.home)
    home = InProcess(away.estate.home)
    away.estate.home.forget_commands()
    assert memory.decide(home)[1].name == "configured-site"
    assert memory.apply(home) == EXIT_OK
    assert lpars.changing(away.estate.home) == []


def test_F07_the_dr_machine_that_is_started_again_after_the_failback_does_nothing(away: Away) -> None:
    lpar = away.again()
    leave(lpar, away.estate)
    to_the_end(wake_at_home(away.estate))
    power_on(away.estate.dr)
    again = InProcess(away.estate.dr)
    assert memory.decide(again)[1].name == "configured-site"
    assert memory.apply(again) == EXIT_OK


def test_the_copy_of_a_machine_that_was_never_made_ready_for_home_does_nothing_there(away: Away) -> None:
    """Somebody copied back without ``arm --for home``: what is disarmed stays so, and says it."""
    away.again()
    home = wake_at_home(away.estate)
    assert memory.decide(home)[1].name == "disarmed"
    assert memory.apply(home) == EXIT_OK


def test_it_is_armed_at_home_where_that_was_forgotten_at_dr(away: Away) -> None:
    """The copy that came back is disarmed and DR was never captured: home's values all the same, and a warning."""
    away.again()
    home = wake_at_home(away.estate)
    root = Root(home.machine.root)
    runner = Runner(root, run_argv=memory.run_on(home))
    arming.arm(runner, load(root), DR, "prod01", homeward.python_is_there)
    home = to_the_end(home)
    steps = {step["step"]: step for step in lpars.last_report(home.machine)["steps"]}
    assert "there is no capture of dr" in steps["failback/uncaptured"]["warnings"][0]
    second, first = settle(home, away.estate), away.first
    for part in ("volume_groups", "filesystems", "inittab", "pseudo"):
        assert unlike(same(second)[part], same(first)[part]) == [], part
    assert [i["address"] for i in second["interfaces"] if i["state"] == "up"] == ["10.1.5.11"]


def test_it_says_so_where_the_capture_of_home_got_lost_on_the_way(away: Away) -> None:
    """It comes up by home's profile and rows, with what DR had; and is ready to be set right from a backup."""
    leave(away.again(), away.estate)
    home = wake_at_home(away.estate)
    lost = Path(home.machine.root, "var/adm/drboot/captures/home.json")
    kept = lost.read_text()
    lost.unlink()
    home = to_the_end(home)
    steps = {step["step"]: step for step in lpars.last_report(home.machine)["steps"]}
    assert "captures/home.json is gone" in steps["failback/forgotten"]["warnings"][0]
    assert "failback/inittab/nimsh" not in steps
    lost.write_text(kept)
    lost.chmod(0o600)
    root = Root(home.machine.root)
    arming.arm(Runner(root, run_argv=memory.run_on(home)), load(root), DR, "prod01", homeward.python_is_there)
    home = to_the_end(home)
    steps = {step["step"]: step for step in lpars.last_report(home.machine)["steps"]}
    assert (steps["failback/inittab/nimsh"]["outcome"], "failback/forgotten" in steps) == ("changed", False)


def test_a_second_disaster_takes_homes_values_and_not_the_old_ones_of_dr(away: Away) -> None:
    """dr.json of the first stay has come home with the disks; at DR home's capture counts all the same."""
    lpar = away.again()
    run(lpar, "chdev", "-l", storage.hdisk(lpar, storage.DATA_PVIDS[0]), "-a", "queue_depth=77", "-P")
    leave(lpar, away.estate)
    home = to_the_end(wake_at_home(away.estate))
    run(home, "chdev", "-l", storage.hdisk(home, storage.DATA_PVIDS[0]), "-a", "queue_depth=33", "-P")
    settle(home, away.estate)
    assert Path(home.machine.root, "var/adm/drboot/captures/dr.json").exists()
    assert "home" not in lpars.stamp(home.machine)
    again = to_the_end(memory.wake(away.estate))
    assert lpars.stamp(again.machine)["configured_site"] == HOME
    disk = storage.hdisk(again, storage.DATA_PVIDS[0])
    assert again.world["odm"]["attributes"][disk]["queue_depth"] == ["33"]
    assert {vg["name"] for vg in captured(again.machine, HOME)["volume_groups"]} <= set(storage.on(again))


# -- the real thing, as processes


def test_the_way_home_as_processes(tmp_path: Path) -> None:
    """By init at home: home's NIM entries were off in this boot, and the next one has them."""
    estate = lpars.built(tmp_path, "small")
    deploy.install(estate.home.root)
    homeward.edit_profile(estate.home, HOME, "roles:\n", "duplicate_watch: 1s\n  roles:\n")
    homeward.at_dr(estate)
    first = captured(estate.home, HOME)
    armed = drboot(estate.dr, "--json", "arm", "--for", "home")
    assert armed.rc == 0, armed
    assert (json.loads(armed.out)["for"], json.loads(armed.out)["unseen"]) == ("home", [])
    assert captured(estate.dr, HOME) == first
    san.replicate(estate.directory, DR, HOME)
    assert boot.boot(estate.home).state == "settled"
    report = lpars.last_report(estate.home)
    assert (report["outcome"], report["site"]) == ("complete", HOME)
    assert any("This machine is home again" in note for note in report["notes"])
    assert "drboot arm --site home" in drboot(estate.home).out
    second = settle(InProcess(estate.home), estate)
    assert unlike(same({**second, "subsystems": []}), same({**first, "subsystems": []})) == []
