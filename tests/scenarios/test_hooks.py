"""Programs of the site in a DR boot: by the shipped launcher, and in process, where time is counted."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

import pytest

from drboot import apply, files, journal, paths, plan, render, report, undo
from drboot.clock import CountedClock
from drboot.paths import Root
from drboot.profile.load import load
from drboot.runner import Ran, Runner
from drboot.seen import Seen
from drboot.sim.boot import power_on
from drboot.sim.estates import small
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import Gone, InProcess
from drboot.sim.machine import Machine
from drboot.wanted import prepare
from tests.scenarios import lpars, memory
from tests.scenarios.kept import Kept, unlike
from tests.scenarios.lpars import differences, drboot, last_report, launcher

SECRET = "Open-Sesame-4711"
NOTE = 'echo "$DRBOOT_HOOK" >> "$DRBOOT_ROOT/tmp/ran"\n'


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("hooks"), "small")


def put(machine: Machine, name: str, script: str) -> str:
    """A program of the site; returns its AIX path."""
    path = Path(machine.root, "etc/drboot/hooks", name)
    path.parent.mkdir(mode=0o755, exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return f"/etc/drboot/hooks/{name}"


def profile(machine: Machine, *rows: str) -> None:
    file = Path(machine.root, "etc/drboot/sites/dr.yaml")
    file.write_text(file.read_text().partition("hooks:")[0] + "hooks:\n" + "".join(f"  - {{{row}}}\n" for row in rows))


def ran(machine: Machine) -> List[str]:
    """Names of the hooks that ran, in order, by their own word."""
    file = Path(machine.root, "tmp/ran")
    return file.read_text().split() if file.exists() else []


def told(machine: Machine) -> List[Dict[str, Any]]:
    """The journal of the last run."""
    return journal.read(str(last_run(machine) / "journal.jsonl"))


def last_run(machine: Machine) -> Path:
    return sorted(Path(machine.root, "var/adm/drboot/runs").iterdir())[-1]


def outcomes(machine: Machine) -> Dict[str, str]:
    steps = last_report(machine)["steps"]
    return {step["step"][6:]: step["outcome"] for step in steps if step["step"].startswith("hooks/")}


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def fault(machine: Machine, *faults: Dict[str, Any]) -> None:
    with machine.edit() as world:
        world["settings"]["faults"] = list(faults)


# -- F37


def test_F37_without_its_volume_group_no_hook_that_needs_the_file_system_is_started(kept: Kept) -> None:
    machine = kept.again().dr
    app = put(machine, "app", NOTE + 'touch "$DRBOOT_ROOT/data/written"\n')
    profile(
        machine,
        f"name: app, program: {app}, phase: after_storage, needs: [/data], on_failure: continue",
        f"name: db, program: {app}, phase: after_storage, needs: [datavg], on_failure: continue",
        f"name: mail, program: {app}, on_failure: continue, needs: [network/service]",
    )
    fault(machine, {"program": "/usr/sbin/importvg", "kind": "fails"})
    assert launcher(machine).rc == 0
    assert ran(machine) == ["mail"], "what does not need it runs"
    assert outcomes(machine) == {"app": "blocked", "db": "blocked", "mail": "changed"}
    made = last_report(machine)
    assert made["exit_code"] == 4
    why = {step["step"]: step["problem"]["why"] for step in made["steps"] if step["problem"]}
    assert "filesystems/data" in why["hooks/app"]
    assert "volume_groups/datavg/varyon" in why["hooks/db"]
    assert lpars.stamp(machine)["phase"] == "armed"


# -- F77


def test_F77_a_hook_that_hangs_is_killed_with_all_its_children(kept: Kept) -> None:
    machine = kept.again().dr
    script = 'sleep 300 | cat & echo $! > "$DRBOOT_ROOT/tmp/child"\necho $$ > "$DRBOOT_ROOT/tmp/me"\nsleep 300\n'
    hangs, later = put(machine, "hangs", script), put(machine, "later", NOTE)
    profile(
        machine,
        f"name: hangs, program: {hangs}, deadline: 1s, on_failure: continue",
        f"name: later, program: {later}",
    )
    assert launcher(machine).rc == 0
    pids = [int(Path(machine.root, "tmp", name).read_text()) for name in ("child", "me")]
    assert not [pid for pid in pids if lives(pid)]
    assert ran(machine) == ["later"], "the policy says to go on"
    assert outcomes(machine) == {"hangs": "failed", "later": "changed"}
    (command,) = [c for c in told(machine) if c["event"] == "command" and c["argv"][0].endswith("/hangs")]
    assert (command["outcome"], command["kind"]) == ("killed", "hook")
    assert 1.0 <= command["seconds"] < 30
    made = last_report(machine)
    assert made["exit_code"] == 4
    assert "command-timeout" in [problem["name"] for problem in made["problems"]]
    assert unlike(kept.estate, "names", "network", "routes", "storage", "mounts") == {}, "all else is done"


# -- F78


def test_F78_continue_goes_on_and_stop_does_not_and_the_report_says_which_did_not_run(kept: Kept) -> None:
    machine = kept.again().dr
    fails, fine = put(machine, "fails", NOTE + "exit 1\n"), put(machine, "fine", NOTE)
    profile(
        machine,
        f"name: a, program: {fails}, phase: after_storage, on_failure: continue",
        f"name: b, program: {fine}, phase: after_storage",
        f"name: c, program: {fails}, phase: after_network, on_failure: stop",
        f"name: d, program: {fine}, phase: after_network",
        f"name: e, program: {fine}",
    )
    launcher(machine)
    assert ran(machine) == ["a", "b", "c"]
    assert outcomes(machine) == {"a": "failed", "b": "changed", "c": "failed", "d": "blocked", "e": "blocked"}
    made = last_report(machine)
    assert made["exit_code"] == 4
    report = " ".join(drboot(machine, "report").out.split())
    assert "2 steps were not tried (for want of hook c, which failed): hook d, hook e" in report
    assert unlike(kept.estate, "names", "network", "routes", "storage", "mounts") == {}


# -- what it is told, and what is repeated of it


def test_its_environment_is_fixed_and_what_it_prints_is_repeated_nowhere(kept: Kept) -> None:
    machine = kept.again().dr
    password = Path(machine.root, "etc/drboot/password")
    password.write_text(SECRET)
    password.chmod(0o600)
    script = f"""{NOTE}env > "$DRBOOT_ROOT/tmp/environment"; pwd >> "$DRBOOT_ROOT/tmp/environment"
read -r secret < "$DRBOOT_ROOT/etc/drboot/password" ; echo "$secret"; echo "$secret" >&2
read -r line && echo "input: $line"
umask > "$DRBOOT_ROOT/tmp/umask"
exit 1
"""
    profile(machine, f"name: talks, program: {put(machine, 'talks', script)}, args: ['$HOME; touch /tmp/x', '*']")
    shown = launcher(machine)
    told_of = dict(
        line.split("=", 1) for line in Path(machine.root, "tmp/environment").read_text().splitlines() if "=" in line
    )
    assert {key: value for key, value in told_of.items() if key not in ("PWD", "OLDPWD", "SHLVL", "_")} == {
        "PATH": "/usr/bin:/etc:/usr/sbin:/usr/ucb:/sbin", "LC_ALL": "C", "LANG": "C", "ODMDIR": "/etc/objrepos",
        "HOME": "/", "DRBOOT_ROOT": machine.root, "DRBOOT_HOST": "prod01", "DRBOOT_HOSTNAME": "prod01",
        "DRBOOT_SITE": "dr", "DRBOOT_HOME_SITE": "home", "DRBOOT_MODE": "disaster", "DRBOOT_PHASE": "last",
        "DRBOOT_HOOK": "talks", "DRBOOT_RUN": last_run(machine).name,
    }  # fmt: skip
    assert Path(machine.root, "tmp/environment").read_text().splitlines()[-1] == "/"
    assert int(Path(machine.root, "tmp/umask").read_text(), 8) == 0o022
    assert ran(machine) == ["talks"]

    output = last_run(machine) / "hook-talks.out"
    assert output.read_text().count(SECRET) == 2
    assert "input:" not in output.read_text(), "its standard input is empty"
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert f"{last_run(machine).name}/hook-talks.out" in json.dumps(last_report(machine))
    everywhere = [path for path in Path(machine.directory).rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(everywhere) > 100
    found = [path for path in everywhere if SECRET.encode() in path.read_bytes()]
    assert sorted(found) == sorted([password, output])
    assert SECRET not in shown.out + shown.err + drboot(machine, "report").out


# -- in this process, as the matrices run it: a hook is the same script


class Waking(NamedTuple):
    """An LPAR in memory, about to wake at the DR site with these hooks."""

    estate: Estate
    lpar: InProcess

    @property
    def machine(self) -> Machine:
        return self.lpar.machine


def waking(directory: Path, *rows: str, **scripts: str) -> Waking:
    """``scripts``: program name -> what it does; ``APP`` in a row is the path of the program app, and so on."""
    estate = small.make(str(directory / "estate"))
    for name, script in scripts.items():
        path = put(estate.home, name, script)
        rows = tuple(row.replace(name.upper(), path) for row in rows)
    profile(estate.home, *rows)
    memory.arm_at_home(estate)
    return Waking(estate, memory.wake(estate))


def test_in_process_a_hook_is_the_same_script(tmp_path: Path) -> None:
    woken = waking(
        tmp_path,
        "name: app, program: APP, phase: after_storage, needs: [datavg]",
        "name: hangs, program: HANGS, on_failure: continue",
        "name: later, program: LATER",
        app=NOTE + 'exec "$DRBOOT_ROOT/usr/sbin/lsvg" -o > "$DRBOOT_ROOT/tmp/groups"\n',
        hangs=NOTE,
        later=NOTE,
    )
    hangs = {"program": "/etc/drboot/hooks/hangs", "kind": "hangs", "nth": 1}
    woken.lpar.world["settings"]["faults"] = [hangs]
    assert memory.apply(woken.lpar) == 4
    assert ran(woken.machine) == ["app", "later"]
    assert "datavg" in Path(woken.machine.root, "tmp/groups").read_text().split()
    assert memory.apply(woken.lpar) == 0
    assert ran(woken.machine) == ["app", "later", "hangs"]
    woken.lpar.save()
    assert differences(woken.estate) == []


def test_F78_a_hook_that_must_come_before_the_disks_keeps_them_untouched(tmp_path: Path) -> None:
    woken = waking(tmp_path, "name: split, program: SPLIT, phase: before_storage", split=NOTE + "exit 3\n")
    assert memory.apply(woken.lpar) == 4
    woken.lpar.save()
    assert ran(woken.machine) == ["split"]
    assert not [c for c in lpars.changing(woken.machine) if "importvg" in c or "varyonvg" in c]
    assert unlike(woken.estate, "names", "network", "routes") == {}, "the network does not need the disks"


def test_F78_when_it_is_mended_only_what_has_not_run_runs(tmp_path: Path) -> None:
    woken = waking(
        tmp_path,
        "name: a, program: FINE, phase: after_storage",
        "name: b, program: FAILS",
        "name: c, program: FINE",
        fine=NOTE,
        fails=NOTE + "exit 1\n",
    )
    assert memory.apply(woken.lpar) == 4
    assert ran(woken.machine) == ["a", "b"]
    put(woken.machine, "fails", NOTE)
    assert memory.apply(woken.lpar) == 0
    assert ran(woken.machine) == ["a", "b", "b", "c"], "a has run in this event"
    assert set(outcomes(woken.machine).values()) == {"done", "changed"}
    woken.lpar.save()
    assert lpars.stamp(woken.machine)["phase"] == "disarmed"
    assert differences(woken.estate) == []


def test_a_hook_that_lost_its_machine_runs_again_at_the_next_boot(tmp_path: Path) -> None:
    woken = waking(
        tmp_path,
        "name: first, program: FIRST, phase: before_storage",
        "name: app, program: APP",
        first=NOTE,
        app=NOTE,
    )
    dies = {"program": "/etc/drboot/hooks/app", "kind": "dies", "nth": 1}
    woken.lpar.world["settings"]["faults"] = [dies]
    with pytest.raises(Gone):
        memory.apply(woken.lpar)
    woken.lpar.live_again()
    assert ran(woken.machine) == ["first"]
    assert memory.apply(woken.lpar) == 0
    assert ran(woken.machine) == ["first", "app"], "what has run in this event is not run again"


@pytest.mark.parametrize("later_fails", [False, True])
def test_a_hook_runs_although_its_record_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later_fails: bool
) -> None:
    """A full file system must not keep an application down: it is started once in this run, again in a later one."""
    woken = waking(
        tmp_path, "name: app, program: APP", "name: later, program: LATER", app=NOTE,
        later=NOTE + "exit 1\n" * later_fails,
    )  # fmt: skip
    write = files.write_atomic

    def full(path: str, data: bytes, mode: Optional[int] = None) -> None:
        if path.endswith(paths.HOOKS_RAN):
            raise OSError(errno.ENOSPC, "No space left on device", path)
        write(path, data, mode)

    with monkeypatch.context() as of:
        of.setattr(files, "write_atomic", full)
        assert memory.apply(woken.lpar) == (4 if later_fails else 0)
    assert ran(woken.machine) == ["app", "later"]
    [app] = [step for step in last_report(woken.machine)["steps"] if step["step"] == "hooks/app"]
    assert app["outcome"] == "changed"
    [warning] = app["warnings"]
    assert "No space left on device" in warning and "a later run of this event may start it again" in warning
    if later_fails:
        put(woken.machine, "later", NOTE)
        assert memory.apply(woken.lpar) == 0
        assert ran(woken.machine) == ["app", "later", "app", "later"]


def test_the_probe_is_asked_until_it_says_yes_and_the_hook_is_started_once(tmp_path: Path) -> None:
    count = 'echo >> "$DRBOOT_ROOT/tmp/asked"; test $(wc -l < "$DRBOOT_ROOT/tmp/asked") -gt 4\n'
    row = "name: app, program: APP, health: {program: ISUP, within: 20s}"
    woken = waking(tmp_path, row, app=NOTE, isup=count)
    assert memory.apply(woken.lpar) == 0
    assert ran(woken.machine) == ["app"]
    assert outcomes(woken.machine) == {"app": "changed"}


def test_what_is_so_already_is_not_started(tmp_path: Path) -> None:
    woken = waking(tmp_path, "name: app, program: APP, health: {program: ISUP}", app=NOTE, isup="exit 0\n")
    assert memory.apply(woken.lpar) == 0
    assert (ran(woken.machine), outcomes(woken.machine)) == ([], {"app": "done"})


def test_a_probe_that_hangs_or_never_says_yes_fails_the_hook_in_time(tmp_path: Path) -> None:
    woken = waking(
        tmp_path,
        "name: a, program: APP, health: {program: NEVER, within: 20s}, on_failure: continue",
        "name: b, program: APP, health: {program: HANGS, within: 20s}, on_failure: continue",
        app=NOTE,
        never="exit 1\n",
        hangs="exit 0\n",
    )
    woken.lpar.world["settings"]["faults"] = [{"program": "/etc/drboot/hooks/hangs", "kind": "hangs"}]
    assert memory.apply(woken.lpar) == 4
    assert ran(woken.machine) == ["a", "b"], "each is started once"
    assert outcomes(woken.machine) == {"a": "failed", "b": "failed"}


def test_undo_runs_the_undo_programs_last_first_and_says_what_stays(tmp_path: Path) -> None:
    woken = waking(
        tmp_path,
        "name: one, program: APP, undo: {program: BACK}",
        "name: two, program: APP, undo: {program: BACK}",
        "name: mail, program: APP",
        app=NOTE,
        back='echo "-$DRBOOT_HOOK" >> "$DRBOOT_ROOT/tmp/ran"\n',
    )
    systemid = memory.identity(woken.lpar).systemid
    assert memory.apply(woken.lpar) == 0
    root = Root(woken.machine.root)
    stays = "hook mail: what /etc/drboot/hooks/app did, since it names no undo program"
    assert stays in undo.plan(root, systemid).kept
    assert undo.run(root, systemid, run_argv=memory.run_on(woken.lpar), clock=CountedClock()) == 0
    assert ran(woken.machine) == ["one", "two", "mail", "-two", "-one"]
    assert not os.path.exists(woken.machine.root + paths.HOOKS_RAN)
    assert memory.apply(woken.lpar) == 0
    assert ran(woken.machine)[-3:] == ["one", "two", "mail"], "what was undone runs again"


def test_undo_gives_a_hook_the_site_s_deadline_and_umask_whoever_calls(tmp_path: Path) -> None:
    """In the profile of the run: the one that is there by now may be another, or none."""
    woken = waking(
        tmp_path, "name: app, program: APP, undo: {program: BACK}", app=NOTE,
        back='umask > "$DRBOOT_ROOT/tmp/umask"\n',
    )  # fmt: skip
    site = Path(woken.machine.root, "etc/drboot/sites/dr.yaml")
    site.write_text(site.read_text() + "deadlines: {hook: 2h}\n")
    assert memory.apply(woken.lpar) == 0
    site.write_text("")
    inner = memory.run_on(woken.lpar)
    given: List[float] = []

    def execute(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        given.extend([deadline] * argv[0].endswith("/hooks/back"))
        return inner(argv, environment, killable, deadline)

    umask = os.umask(0o077)
    try:
        systemid = memory.identity(woken.lpar).systemid
        assert undo.run(Root(woken.machine.root), systemid, run_argv=execute, clock=CountedClock()) == 0
    finally:
        os.umask(umask)
    assert given == [7200.0]
    assert int(Path(woken.machine.root, "tmp/umask").read_text(), 8) == 0o022


@pytest.mark.parametrize("said", [None, [], {"hook": "2h", "read": None, "hok": 5, "nfs": -1}])
def test_deadlines_that_are_none_are_not_taken_from_a_record(said: Any) -> None:
    assert undo.Recorded("R1", {"deadlines": said}, (), None).deadlines == {}


def test_the_plan_says_beforehand_what_cannot_be_undone(tmp_path: Path) -> None:
    woken = waking(tmp_path, "name: mail, program: APP", "name: db, program: APP, undo: {program: APP}", app=NOTE)
    seen = Seen(Runner(Root(woken.machine.root), run_argv=memory.run_on(woken.lpar)))
    wanted = prepare(seen, load(Root(woken.machine.root)), "prod01", "home", "dr")
    assessed = apply.verify([step for step in plan.build(wanted) if step.id.startswith("hooks/")], seen)
    kept = plan.kept(assessed, seen)
    assert list(kept) == ["hooks/mail"]
    assert "since it names no undo program" in " ".join(render.plan(assessed, kept=kept).split())


# -- where a hook's record cannot be written


class Unwritable:
    """The record of hooks, as long as it is to say ``says``, and always where that is ""."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.says: Optional[str] = None
        write = files.write_atomic

        def full(path: str, data: bytes, mode: Optional[int] = None) -> None:
            if path.endswith(paths.HOOKS_RAN) and self.says is not None and self.says.encode() in data:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
            write(path, data, mode)

        monkeypatch.setattr(files, "write_atomic", full)


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> Unwritable:
    return Unwritable(monkeypatch)


BACK = 'echo "-$DRBOOT_HOOK" >> "$DRBOOT_ROOT/tmp/ran"\n'


@pytest.mark.parametrize("says", ["", "begun", "done"])
def test_undo_never_says_as_before_of_a_hook_that_is_not_on_record(
    tmp_path: Path, record: Unwritable, says: str
) -> None:
    """It goes by that record: what is in it is undone, and a start that could not be written into it is told."""
    woken = waking(tmp_path, "name: app, program: APP, undo: {program: BACK}", app=NOTE, back=BACK)
    record.says = says
    assert memory.apply(woken.lpar) == 0
    assert ran(woken.machine) == ["app"]
    [app] = [step for step in last_report(woken.machine)["steps"] if step["step"] == "hooks/app"]
    [warning] = app["warnings"]
    assert "a later run of this event may start it again" in warning
    record.says = None
    systemid = memory.identity(woken.lpar).systemid
    code = undo.run(Root(woken.machine.root), systemid, run_argv=memory.run_on(woken.lpar), clock=CountedClock())
    made = last_report(woken.machine)
    assert ran(woken.machine) == ["app", "-app"][: 1 if says == "" else 2]
    if says == "done":
        assert (code, made["problems"]) == (0, [])
    else:
        assert code == 4
        assert ["hook app: that it was started" in problem["why"] for problem in made["problems"]] == [True]
        assert "is NOT as it was before" in report.headline(made)


def test_a_rehearsal_starts_no_hook_that_undo_would_not_know_of(tmp_path: Path, record: Unwritable) -> None:
    estate = small.make(str(tmp_path / "estate"))
    app = put(estate.home, "app", NOTE)
    profile(estate.home, f"name: app, program: {app}, modes: [rehearsal]")
    memory.arm_at_home(estate)
    estate.replicate()
    power_on(estate.reh)
    lpar = InProcess(estate.reh)
    record.says = ""
    assert memory.apply(lpar) == 4
    assert ran(estate.reh) == []
    assert outcomes(estate.reh) == {"app": "failed"}
    record.says = None
    assert memory.apply(lpar) == 0
    assert ran(estate.reh) == ["app"]


def test_a_full_var_does_not_make_a_later_run_start_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has run is recorded beside the stamp, where the ODM has its room as well."""
    woken = waking(
        tmp_path, "name: app, program: APP", "name: later, program: LATER", app=NOTE, later=NOTE + "exit 1\n"
    )
    write = files.write_atomic

    def full(path: str, data: bytes, mode: Optional[int] = None) -> None:
        if "/var/adm/" in path:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        write(path, data, mode)

    def no_room(self: journal.Journal, sync: bool) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.path)

    with monkeypatch.context() as of:
        of.setattr(files, "write_atomic", full)
        of.setattr(journal.Journal, "_write", no_room)
        assert memory.apply(woken.lpar) == 4
    put(woken.machine, "later", NOTE)
    assert memory.apply(woken.lpar) == 0
    assert ran(woken.machine) == ["app", "later", "later"]
