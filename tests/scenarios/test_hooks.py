"""Programs of the site in a DR boot, as processes: the shipped launcher, real scripts, real signals."""

from __future__ import annotations

import json
import os
import stat
import time
from pathlib import Path
from typing import Any, Dict, List

import pytest

from drboot import journal
from drboot.sim.estates.build import Estate
from drboot.sim.machine import Machine
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
    report = drboot(machine, "report").out
    for name in ("d", "e"):
        assert f"hook {name} was not tried" in " ".join(report.split())
    assert "it needs hooks/c, which failed" in " ".join(report.split())
    assert unlike(kept.estate, "names", "network", "routes", "storage", "mounts") == {}

    put(machine, "fails", NOTE)  # somebody has mended it
    again = drboot(machine, "--apply")
    assert again.rc == 0, again.out + again.err
    assert ran(machine) == ["a", "b", "c", "a", "c", "d", "e"], "b has run in this event"
    assert set(outcomes(machine).values()) == {"done", "changed"}
    assert lpars.stamp(machine)["phase"] == "disarmed"
    assert differences(kept.estate) == []


def test_F78_a_hook_that_must_come_before_the_disks_keeps_them_untouched(kept: Kept) -> None:
    machine = kept.again().dr
    fails = put(machine, "split", NOTE + "exit 3\n")
    profile(machine, f"name: split, program: {fails}, phase: before_storage")
    launcher(machine)
    assert ran(machine) == ["split"]
    assert not [c for c in lpars.changing(machine) if "importvg" in c or "varyonvg" in c]
    assert unlike(kept.estate, "names", "network", "routes") == {}, "the network does not need the disks"
    assert last_report(machine)["exit_code"] == 4


# -- health, and what is not run twice


def test_the_probe_is_asked_until_it_says_yes_and_the_hook_is_started_once(kept: Kept) -> None:
    machine = kept.again().dr
    slowly = '(sleep 2; touch "$DRBOOT_ROOT/tmp/up") >/dev/null 2>&1 &\n'
    app, up = put(machine, "app", NOTE + slowly), put(machine, "up", 'test -f "$DRBOOT_ROOT/tmp/up"\n')
    row = f"name: app, program: {app}, health: {{program: {up}, within: 30s}}"
    profile(machine, row)
    launcher(machine)
    assert ran(machine) == ["app"]
    assert outcomes(machine) == {"app": "changed"}
    assert last_report(machine)["exit_code"] == 0


def test_what_is_so_already_is_not_started(kept: Kept) -> None:
    machine = kept.again().dr
    app, up = put(machine, "app", NOTE), put(machine, "up", "exit 0\n")
    profile(machine, f"name: app, program: {app}, health: {{program: {up}}}")
    launcher(machine)
    assert (ran(machine), outcomes(machine)) == ([], {"app": "done"})


def test_a_probe_that_hangs_or_never_says_yes_fails_the_hook_in_time(kept: Kept) -> None:
    machine = kept.again().dr
    app = put(machine, "app", NOTE)
    never, hangs = put(machine, "never", "exit 1\n"), put(machine, "hangs", "sleep 300\n")
    profile(
        machine,
        f"name: a, program: {app}, health: {{program: {never}, within: 2s}}, on_failure: continue",
        f"name: b, program: {app}, health: {{program: {hangs}, within: 1s}}, on_failure: continue",
    )
    before = time.monotonic()
    launcher(machine)
    assert time.monotonic() - before < 90
    assert ran(machine) == ["a", "b"], "each is started once"
    assert outcomes(machine) == {"a": "failed", "b": "failed"}
    assert last_report(machine)["exit_code"] == 4


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


# -- undo


def test_undo_runs_the_undo_programs_last_first_and_says_what_stays(kept: Kept) -> None:
    machine = kept.again().dr
    app, back = put(machine, "app", NOTE), put(machine, "back", 'echo "-$DRBOOT_HOOK" >> "$DRBOOT_ROOT/tmp/ran"\n')
    undo = f"undo: {{program: {back}}}"
    profile(
        machine,
        f"name: one, program: {app}, {undo}",
        f"name: two, program: {app}, {undo}",
        f"name: mail, program: {app}",
    )
    planned = " ".join(drboot(machine, "plan").out.split())
    assert f"what {app} did, since it names no undo program" in planned, "said beforehand"
    assert drboot(machine, "--apply").rc == 0
    undone = drboot(machine, "undo")
    assert undone.rc == 0, undone.out + undone.err
    assert ran(machine) == ["one", "two", "mail", "-two", "-one"]
    assert "hook mail: what" in " ".join(undone.out.split())
    assert not os.path.exists(machine.root + "/var/adm/drboot/hooks.json")
    assert drboot(machine, "--apply").rc == 0
    assert ran(machine)[-3:] == ["one", "two", "mail"], "what was undone runs again"


# -- in this process, as the matrices run it


def test_in_process_a_hook_is_the_same_script(tmp_path: Path) -> None:
    from drboot.sim.estates import small

    estate: Estate = small.make(str(tmp_path / "estate"))
    list_groups = 'exec "$DRBOOT_ROOT/usr/sbin/lsvg" -o > "$DRBOOT_ROOT/tmp/groups"\n'
    app = put(estate.home, "app", NOTE + list_groups)
    hangs, dies = put(estate.home, "hangs", NOTE), put(estate.home, "after", NOTE)
    profile(
        estate.home,
        f"name: app, program: {app}, phase: after_storage, needs: [datavg]",
        f"name: hangs, program: {hangs}, on_failure: continue",
        f"name: after, program: {dies}",
    )
    memory.arm_at_home(estate)
    lpar = memory.wake(estate)
    lpar.world["settings"]["faults"] = [{"program": hangs, "kind": "hangs", "nth": 1}]
    assert memory.apply(lpar) == 4
    assert ran(lpar.machine) == ["app", "after"]
    assert "datavg" in Path(lpar.machine.root, "tmp/groups").read_text().split()
    assert memory.apply(lpar) == 0
    assert ran(lpar.machine) == ["app", "after", "hangs"]
    lpar.save()
    assert differences(estate) == []
