"""The unprivileged init: what it reads, in which order it runs it, and what it gives to its children."""

from __future__ import annotations

import time
from pathlib import Path
from typing import List

import pytest

from drboot.sim import boot, init, root
from drboot.sim.estates import small
from tests.sim import entry


def ids(text: str) -> List[str]:
    return [each.id for each in init.in_order(init.read(text))]


def test_shipped_table_is_run_in_the_order_of_the_manual() -> None:
    order = ids(root.INITTAB)
    assert order[:2] == ["brc", "securityboot"], "sysinit first, then bootwait"
    assert order.index("srcmstr") < order.index("rctcpip") < order.index("rcnfs") < order.index("cons")
    for absent in ("init", "powerfail", "shdaemon", "l3"):
        assert absent not in order


def test_comment_is_a_leading_colon_and_a_hash_is_not() -> None:
    assert ids(": rcnfs:2:wait:/etc/rc.nfs\n#x:2:wait:/etc/x\n") == ["#x"]


def test_command_keeps_its_colons_and_continues_after_a_backslash() -> None:
    assert init.read("a:2:wait:/bin/echo x:y \\\n  z\n")[0].command == "/bin/echo x:y   z"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("/etc/rc.nfs > /dev/console 2>&1", "/R/etc/rc.nfs > /R/dev/console 2>&1"),
        (
            "/etc/rc 2>&1 | /usr/bin/alog -tboot > /dev/console",
            "/R/etc/rc 2>&1 | /R/usr/bin/alog -tboot > /R/dev/console",
        ),
        ("/etc/rc.vnet> /dev/console", "/R/etc/rc.vnet> /R/dev/console"),
        ("/usr/bin/x -o /var/perf/daily/ </dev/null", "/R/usr/bin/x -o /R/var/perf/daily/ </dev/null"),
        (
            "/opt/drboot/inittab/drboot-boot </dev/null >/dev/console 2>&1",
            "/R/opt/drboot/inittab/drboot-boot --root /R </dev/null >/R/dev/console 2>&1",
        ),
    ],
)
def test_paths_are_rehomed_and_only_the_launcher_is_told_the_root(command: str, expected: str) -> None:
    assert init.rehome(init.Entry("x", "2", "wait", command), "/R") == expected


def test_wait_is_waited_for_and_once_is_not(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    entry.put(estate, 'echo begin; "$root/etc/slow"; echo end')
    root.write(estate.home.root, "/etc/slow", "#!/bin/sh\nsleep 0.4\n", 0o755)
    root.write(estate.home.root, "/etc/late", "#!/bin/sh\nsleep 0.4\necho late\n", 0o755)
    assert estate.home.run("/usr/sbin/mkitab", "-i", "srcmstr", "late:2:once:/etc/late >/dev/console 2>&1").rc == 0
    console = boot.boot(estate.home).console
    assert console.index("begin") < console.index("end") < console.index("Starting tcpip daemons:")
    assert console.index("begin") < console.index("late"), "an entry with once does not hold the ones behind it"


def test_children_have_no_terminal_no_usable_streams_and_a_bare_environment(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    probe = (
        "import os, sys\n"
        "for n, act in enumerate((lambda: os.read(0, 1), lambda: os.write(1, b'x'), lambda: os.write(2, b'x'))):\n"
        "    try:\n        act()\n    except OSError as error:\n        print(n, error.errno, file=out)\n"
        "try:\n    os.open('/dev/tty', os.O_RDWR)\nexcept OSError:\n    print('no terminal', file=out)\n"
        "print(sorted(os.environ), file=out)\n"
    )
    target = estate.home.root + "/tmp/seen"
    script = f"#!{root.sys.executable} -IS\nout = open({target!r}, 'w')\n{probe}"
    root.write(estate.home.root, "/etc/probe", script, 0o755)
    assert estate.home.run("/usr/sbin/mkitab", "probe:2:wait:/etc/probe").rc == 0
    boot.boot(estate.home)
    *lines, environment = Path(target).read_text().splitlines()
    assert lines == ["0 9", "1 9", "2 9", "no terminal"]
    assert set(eval(environment)) - {"LC_CTYPE", "PWD", "_", "SHLVL", "OLDPWD"} == {"LANG", "ODMDIR", "PATH", "TZ"}


def test_respawn_starts_again_and_gives_up_at_last(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    root.write(estate.home.root, "/etc/brief", "#!/bin/sh\necho brief\n", 0o755)
    assert estate.home.run("/usr/sbin/mkitab", "brief:2:respawn:/etc/brief >/dev/console 2>&1").rc == 0
    running = boot.start(estate.home)
    try:
        for _ in range(500):
            if running.console.count("brief") == init.RESPAWN_LIMIT:
                break
            time.sleep(0.02)
        time.sleep(0.3)
    finally:
        running.power_loss()
    assert running.console.count("brief") == init.RESPAWN_LIMIT


def test_off_is_not_run(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    entry.put(estate, "echo ran")
    assert estate.home.run("/usr/sbin/chitab", entry.ENTRY.replace(":wait:", ":off:")).rc == 0
    assert "ran" not in boot.boot(estate.home).console


def test_table_is_read_once_so_an_entry_set_to_off_during_the_boot_still_runs(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    nim = "nimsh:2:off:/usr/bin/startsrc -g nimclient >/dev/console 2>&1"
    entry.put(estate, f'"$root/usr/sbin/chitab" "{nim}"')
    console = boot.boot(estate.home).console
    assert any("nimsh Subsystem has been started" in line for line in console)
    assert estate.home.run("/usr/sbin/lsitab", "nimsh").out == nim + "\n"


@pytest.mark.parametrize(("variant", "goes_on"), [("next_boot", True), ("at_once", False)])
def test_running_entry_that_is_set_to_off(variant: str, goes_on: bool, tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    with estate.home.edit() as world:
        world["settings"]["variants"]["inittab_off"] = variant
    off = entry.ENTRY.replace(":wait:", ":off:")
    entry.put(estate, f'echo begin; "$root/usr/sbin/chitab" "{off}"; sleep 1; echo still there')
    console = boot.boot(estate.home).console
    assert ("still there" in console) is goes_on
    assert console.index("begin") < console.index("Starting tcpip daemons:")


def test_production_boot_is_over_in_seconds(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    began = time.monotonic()
    assert boot.boot(estate.home).state == "settled"
    assert time.monotonic() - began < 30
