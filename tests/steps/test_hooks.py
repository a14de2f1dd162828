"""Hooks: phases and order, needs, the record of this event, the health probe, and who may have written the program."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest

from drboot import checks, hook_record, paths, plan
from drboot.checks.hooks import check as checks_of_hooks
from drboot.errors import ConfigError, Problem
from drboot.hook_record import BEGUN, DONE, Event
from drboot.paths import Root
from drboot.profile.load import load
from drboot.runner import Command
from drboot.steps import hooks, reversals
from drboot.steps.base import Blocked, Remove, Todo, Write
from drboot.steps.hooks import HookRan
from drboot.wanted import Wanted
from tests.steps.canned import HOSTS, PROFILE, Answer, Machine, blocked, done, later, todo, wanted

EVENT = Event("0211D11C1", "0123456789abcdef")
MOUNTS = """\
  node       mounted        mounted over    vfs       date        options
-------- ---------------  ---------------  ------ ------------ ---------------
         /dev/hd4         /                jfs2   Nov 20 10:00 rw,log=/dev/hd8
         /dev/fslv00      /data            jfs2   Nov 20 10:01 rw,log=INLINE
"""


def hooked(root: Path, *rows: str, **changed: Any) -> Wanted:
    """What the profile of canned.py wants with these rows under ``hooks:``."""
    profile = PROFILE + "hooks:\n" + "".join(f"  - {{{row}}}\n" for row in rows)
    return wanted(root, profile=profile, systemid=EVENT.systemid, arm_id=EVENT.arm_id, run="R1", **changed)


def program(root: Path, name: str, mode: int = 0o755) -> Path:
    path = root / "opt/hooks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    for directory in (path.parent, path.parent.parent, root):
        directory.chmod(0o755)
    path.write_text("#!/bin/sh\nexit 0\n")
    path.chmod(mode)
    return path


def step(made: Wanted, name: str = "app") -> HookRan:
    """The hook's step as it stands in the plan."""
    found = {one.id: one for one in plan.build(made)}[f"hooks/{name}"]
    assert isinstance(found, HookRan)
    return found


def machine(root: Path, **answers: Answer) -> Machine:
    return Machine(root, {"mount": MOUNTS, "lsvg -o": "rootvg\ndatavg\n", **answers})


def recorded(root: Path, hooks_ran: Dict[str, str], event: Event = EVENT) -> None:
    path = root / paths.HOOKS_RAN.lstrip("/")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(hook_record.text(event, hooks_ran))


def problems(root: Path, *rows: str) -> List[Problem]:
    with pytest.raises(ConfigError) as caught:
        hooked(root, *rows)
    return list(caught.value.problems)


APP = "name: app, program: /opt/hooks/app"


# -- what runs, and what it is told


def test_a_hook_that_has_not_run_runs_between_its_two_records(tmp_path: Path) -> None:
    program(tmp_path, "app")
    answer = step(hooked(tmp_path, APP + ", args: [-v, -v, two words]")).assess(machine(tmp_path).seen())
    assert todo(answer) == [
        "write /etc/drboot/hooks-ran.json",
        "/opt/hooks/app -v -v 'two words'",
        "write /etc/drboot/hooks-ran.json",
    ]
    assert isinstance(answer, Todo)
    begun, _, ended = answer.actions
    assert isinstance(begun, Write)
    assert isinstance(ended, Write)
    assert json.loads(begun.text) == {**EVENT._asdict(), "hooks": {"app": BEGUN}}
    assert json.loads(ended.text) == {**EVENT._asdict(), "hooks": {"app": DONE}}
    assert (begun.mode, ended.mode) == (0o600, 0o600)


def test_it_is_told_what_this_is_about(tmp_path: Path) -> None:
    program(tmp_path, "app")
    made = step(hooked(tmp_path, APP + ", deadline: 90, phase: after_storage"))
    answer = made.assess(machine(tmp_path).seen())
    assert isinstance(answer, Todo)
    command = answer.actions[1]
    assert isinstance(command, Command)
    assert dict(command.environment) == {
        "DRBOOT_HOST": "prod01", "DRBOOT_HOSTNAME": "prod01", "DRBOOT_SITE": "dr", "DRBOOT_HOME_SITE": "home",
        "DRBOOT_MODE": "disaster", "DRBOOT_RUN": "R1", "DRBOOT_PHASE": "after_storage", "DRBOOT_HOOK": "app",
    }  # fmt: skip
    assert (command.kind, command.deadline, command.path) == ("hook", 90.0, "/opt/hooks/app")


def test_other_hosts_and_other_modes_do_not_run_it(tmp_path: Path) -> None:
    rows = (
        APP,
        "name: elsewhere, program: /etc/x, hosts: [prod02]",
        "name: here, program: /etc/x, hosts: [prod01]",
        "name: both, program: /etc/x, modes: [disaster, rehearsal]",
        "name: tests, program: /etc/x, modes: [rehearsal]",
    )
    hosts = HOSTS + "prod02,dr,disaster,service,slot:C2,10.20.5.31,24,10.20.5.1,\n"
    made = hooked(tmp_path, *rows, hosts=hosts)
    assert [one.id for one in hooks.steps(made)] == ["hooks/app", "hooks/here", "hooks/both"]
    rehearsing = replace(made, mode="rehearsal")
    assert [one.id for one in hooks.steps(rehearsing)] == ["hooks/both", "hooks/tests"]


# -- is it so already?


def test_what_ran_in_this_event_is_not_run_again(tmp_path: Path) -> None:
    program(tmp_path, "app")
    recorded(tmp_path, {"app": DONE})
    assert "in this event" in done(step(hooked(tmp_path, APP)).assess(machine(tmp_path).seen()))


def test_a_hook_that_was_interrupted_runs_again(tmp_path: Path) -> None:
    program(tmp_path, "app")
    recorded(tmp_path, {"app": BEGUN, "other": DONE})
    answer = step(hooked(tmp_path, APP)).assess(machine(tmp_path).seen())
    assert isinstance(answer, Todo)
    assert "did not come to its end" in answer.why
    last = answer.actions[-1]
    assert isinstance(last, Write)
    assert json.loads(last.text)["hooks"] == {"app": DONE, "other": DONE}, "what the others did stays recorded"


@pytest.mark.parametrize("event", [Event("0206F42A0", EVENT.arm_id), Event(EVENT.systemid, "f" * 16)])
def test_the_record_of_another_event_counts_for_nothing(tmp_path: Path, event: Event) -> None:
    program(tmp_path, "app")
    recorded(tmp_path, {"app": DONE, "old": DONE}, event)
    answer = step(hooked(tmp_path, APP)).assess(machine(tmp_path).seen())
    assert isinstance(answer, Todo)
    last = answer.actions[-1]
    assert isinstance(last, Write)
    assert json.loads(last.text) == {**EVENT._asdict(), "hooks": {"app": DONE}}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"hooks": []}', "null", "[" * 100000, '{"hooks": {"app": []}}'])
def test_a_damaged_record_is_no_record(tmp_path: Path, text: str) -> None:
    program(tmp_path, "app")
    recorded(tmp_path, {})
    (tmp_path / paths.HOOKS_RAN.lstrip("/")).write_text(text)
    assert len(todo(step(hooked(tmp_path, APP)).assess(machine(tmp_path).seen()))) == 3


HEALTH = APP + ", health: {program: /opt/hooks/is-up, args: [-q], within: 5s}"


def test_the_probe_decides_whatever_is_recorded(tmp_path: Path) -> None:
    program(tmp_path, "app")
    program(tmp_path, "is-up")
    made = step(hooked(tmp_path, HEALTH))
    assert "is-up says" in done(made.assess(machine(tmp_path, **{"is-up -q": ""}).seen()))
    recorded(tmp_path, {"app": DONE})
    down = machine(tmp_path, **{"is-up -q": (3, "")})
    answer = made.assess(down.seen())
    assert isinstance(answer, Todo)
    assert "exit status 3" in answer.why
    assert answer.within == 5.0
    assert todo(answer) == ["write /etc/drboot/hooks-ran.json", "/opt/hooks/app"], (
        "the probe says whether it ended well"
    )
    assert down.ran.count("is-up -q") == 1, "a probe is asked once a look"


# -- needs


def test_F37_what_needs_a_file_system_waits_for_its_step(tmp_path: Path) -> None:
    program(tmp_path, "app")
    made = step(hooked(tmp_path, APP + ", needs: [/data, datavg, network/service]"))
    assert set(made.needs) == {"filesystems/data", "volume_groups/datavg/varyon", "network/service/alone"}
    nothing = Machine(tmp_path, {"mount": MOUNTS.rpartition("         /dev/fslv00")[0], "lsvg -o": "rootvg\n"})
    assert later(made.assess(nothing.seen())) == "filesystems/data"
    assert len(todo(made.assess(machine(tmp_path).seen()))) == 3
    unmounted = machine(tmp_path, **{"lsvg -o": "rootvg\n"})
    assert later(made.assess(unmounted.seen())) == "volume_groups/datavg/varyon"


def test_F37_what_needs_an_nfs_mount_waits_for_its_step(tmp_path: Path) -> None:
    program(tmp_path, "app")
    made = step(hooked(tmp_path, APP + ", phase: last, needs: [/nfs]"))
    assert made.needs == ("nfs/nfs",)
    assert later(made.assess(machine(tmp_path).seen())) == "nfs/nfs"


@pytest.mark.parametrize("need", ["/data/app", "othervg"])
def test_what_no_step_of_this_host_brings_must_be_there(tmp_path: Path, need: str) -> None:
    program(tmp_path, "app")
    assert blocked(step(hooked(tmp_path, f"{APP}, needs: [{need}]")).assess(machine(tmp_path).seen())) == (
        "hook-need-missing"
    )


def test_what_rootvg_brings_is_there_without_a_step(tmp_path: Path) -> None:
    program(tmp_path, "app")
    answer = step(hooked(tmp_path, APP + ", needs: [/, rootvg]")).assess(machine(tmp_path).seen())
    assert len(todo(answer)) == 3


def test_a_role_that_this_host_does_not_have(tmp_path: Path) -> None:
    program(tmp_path, "app")
    hosts = "".join(line for line in HOSTS.splitlines(True) if ",backup," not in line)
    made = step(hooked(tmp_path, APP + ", needs: [network/backup]", hosts=hosts))
    assert blocked(made.assess(machine(tmp_path).seen())) == "hook-need-missing"


# -- who may have written it


def test_a_program_that_others_may_write_is_refused_at_load(tmp_path: Path) -> None:
    path = program(tmp_path, "app", 0o775)
    found = problems(tmp_path, APP)
    assert [(p.name, p.where) for p in found] == [("file-writable-by-others", str(path))]
    program(tmp_path, "app")
    program(tmp_path, "is-up", 0o757)
    assert [p.name for p in problems(tmp_path, HEALTH)] == ["file-writable-by-others"]


def test_a_program_that_became_writable_is_not_started(tmp_path: Path) -> None:
    path = program(tmp_path, "app")
    made = step(hooked(tmp_path, APP))
    path.parent.chmod(0o777)
    assert blocked(made.assess(machine(tmp_path).seen())) == "file-writable-by-others"


def test_a_program_that_is_not_there_or_no_program(tmp_path: Path) -> None:
    made = step(hooked(tmp_path, APP))
    assert blocked(made.assess(machine(tmp_path).seen())) == "hook-program-missing"
    program(tmp_path, "app", 0o644)
    assert blocked(made.assess(machine(tmp_path).seen())) == "hook-program-missing"
    (tmp_path / "opt/hooks/app").unlink()
    (tmp_path / "opt/hooks/app").mkdir(mode=0o755)
    assert blocked(made.assess(machine(tmp_path).seen())) == "hook-program-missing"
    (tmp_path / "opt/hooks/app").rmdir()
    (tmp_path / "opt/hooks/app").symlink_to("/bin/true")
    assert blocked(made.assess(machine(tmp_path).seen())) == "file-is-a-link"


def test_check_says_at_home_which_program_is_missing(tmp_path: Path) -> None:
    made = hooked(tmp_path, HEALTH, "name: other, program: /opt/hooks/other, hosts: [prod01]")

    def found() -> List[checks.Finding]:
        estate = load(Root(str(tmp_path)))
        seen = machine(tmp_path).seen()
        return list(
            checks_of_hooks(
                checks.Production(
                    seen, estate, estate.sites["home"], "prod01", (made.site,), None, None, made.capture, 0
                )
            )
        )

    (finding,) = found()
    assert (finding.is_error, finding.problem.name) == (True, "check-hook-program")
    assert finding.problem.what.endswith("hook app could not be started at the other site, and 2 more")
    for name in ("app", "is-up", "other"):
        program(tmp_path, name)
    assert found() == []
    program(tmp_path, "is-up", 0o644)
    assert "may not be executed" in found()[0].problem.why


# -- order


def phases(made: Wanted) -> Dict[str, Tuple[Tuple[str, ...], Tuple[str, ...]]]:
    return {one.id: (one.needs, one.after) for one in plan.build(made)}


ROWS = (
    "name: end, program: /etc/x",
    "name: net, program: /etc/x, phase: after_network, on_failure: continue",
    "name: early, program: /etc/x, phase: before_storage",
    "name: disks, program: /etc/x, phase: after_storage",
)


def test_phases_come_in_their_order_whatever_the_list_says(tmp_path: Path) -> None:
    made = phases(hooked(tmp_path, *ROWS))
    order = ["hooks/early", "hooks/disks", "hooks/net", "hooks/end"]
    for position, one in enumerate(order):
        assert [other for other in made[one][1] if other in order] == order[:position]
    assert "volume_groups/datavg/varyon" not in made["hooks/early"][1]
    assert {"volume_groups/datavg/varyon", "filesystems/data"} <= set(made["hooks/disks"][1])
    assert "network/service" not in made["hooks/disks"][1]
    assert "network/service" in made["hooks/net"][1]
    assert {one for one in made if not one.startswith("hooks/")} <= set(made["hooks/end"][1])


def test_storage_is_not_touched_before_its_hooks_are_over(tmp_path: Path) -> None:
    made = phases(hooked(tmp_path, *ROWS))
    for one in ("disks/datavg", "volume_groups/datavg/import", "filesystems/data"):
        assert "hooks/early" in made[one][0], "on_failure: stop"
    assert "hooks/early" not in made["network/service"][0] + made["network/service"][1]
    going_on = phases(hooked(tmp_path, ROWS[2] + ", on_failure: continue"))
    assert "hooks/early" not in going_on["disks/datavg"][0]
    assert "hooks/early" in going_on["disks/datavg"][1]


def test_F78_later_hooks_need_those_that_stop_and_only_follow_those_that_do_not(tmp_path: Path) -> None:
    made = phases(hooked(tmp_path, *ROWS))
    assert set(made["hooks/end"][0]) == {"hooks/early", "hooks/disks"}
    assert "hooks/net" in made["hooks/end"][1]


def test_without_hooks_nothing_changes(tmp_path: Path) -> None:
    without = wanted(tmp_path)
    assert not [one for one in plan.build(without) if one.id.startswith("hooks/")]
    assert "hooks" not in "".join(step_id for one in plan.build(without) for step_id in (*one.needs, *one.after))


# -- what a profile may not say


def test_mistakes_of_a_profile(tmp_path: Path) -> None:
    rows = (
        APP,
        "name: app, program: relative/path",
        APP.replace("app,", "two,") + ", needs: [network/nothing]",
        APP.replace("app,", "three,") + ", phase: before_storage, needs: [/data]",
        APP.replace("app,", "four,") + ", health: {args: [-q]}",
        APP.replace("app,", "five,") + ", hosts: [prod1]",
        APP.replace("app,", "six,") + ", modes: []",
        APP.replace("app,", "seven,") + ", needs: [network/]",
        APP.replace("app,", "eight,") + ', args: ["a\\tb"]',
        APP.replace("app,", "nine,") + ", on_failure: stay",
    )
    found = problems(tmp_path, *rows)
    assert sorted(p.name for p in found) == [
        "bad-argument", "bad-choice", "bad-need", "bad-path", "hook-host-unknown", "hook-need-unknown",
        "hook-needs-too-early", "hook-part-without-program", "list-too-short",
    ]  # fmt: skip
    assert all("dr.yaml:" in p.where for p in found)


def test_two_hooks_of_one_name(tmp_path: Path) -> None:
    assert [p.name for p in problems(tmp_path, APP, APP)] == ["hook-named-twice"]


# -- undo


def undo_of(root: Path, row: str) -> Tuple[reversals.HookUndone, str]:
    back = step(hooked(root, row)).undo(machine(root).seen())
    (reversal,) = back.steps
    again = reversals.load(json.loads(json.dumps(reversals.dump(reversal))), "run R1")
    assert isinstance(again, reversals.HookUndone)
    assert reversals.dump(again) == reversals.dump(reversal), "the journal keeps all of it"
    return again, back.kept


def test_a_hook_with_an_undo_program_is_undone(tmp_path: Path) -> None:
    program(tmp_path, "app")
    program(tmp_path, "back")
    reversal, kept = undo_of(tmp_path, APP + ", deadline: 90, undo: {program: /opt/hooks/back, args: [all]}")
    assert kept == ""
    assert "has not run" in done(reversal.assess(machine(tmp_path).seen()))
    recorded(tmp_path, {"app": BEGUN})
    answer = reversal.assess(machine(tmp_path).seen())
    assert todo(answer) == ["/opt/hooks/back all", "remove /etc/drboot/hooks-ran.json"]
    assert isinstance(answer, Todo)
    command = answer.actions[0]
    assert isinstance(command, Command)
    assert (command.kind, command.deadline, dict(command.environment)["DRBOOT_HOOK"]) == ("hook", 90.0, "app")


def test_a_hook_without_one_is_forgotten_and_what_it_did_is_kept(tmp_path: Path) -> None:
    program(tmp_path, "app")
    reversal, kept = undo_of(tmp_path, APP)
    assert "no undo program" in kept
    recorded(tmp_path, {"app": DONE, "other": DONE})
    answer = reversal.assess(machine(tmp_path).seen())
    assert isinstance(answer, Todo)
    (forget,) = answer.actions
    assert isinstance(forget, Write)
    assert json.loads(forget.text)["hooks"] == {"other": DONE}
    recorded(tmp_path, {"app": DONE})
    last = reversal.assess(machine(tmp_path).seen())
    assert isinstance(last, Todo)
    assert last.actions == (Remove(paths.HOOKS_RAN),)


def test_an_undo_program_that_others_may_write_is_not_started(tmp_path: Path) -> None:
    program(tmp_path, "app")
    back = program(tmp_path, "back")
    reversal, _ = undo_of(tmp_path, APP + ", undo: {program: /opt/hooks/back}")
    recorded(tmp_path, {"app": DONE})
    back.chmod(0o777)
    answer = reversal.assess(machine(tmp_path).seen())
    assert isinstance(answer, Blocked)
    assert answer.problem.name == "file-writable-by-others"
