"""Was there a device reset: what is a sign of home, and what is not; and how the reset is asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Dict, Mapping, Tuple

import pytest

from drboot import left_running, reset
from drboot.errors import FactUnavailable
from drboot.left_running import LeftRunning, Writer
from drboot.runner import Ran
from tests.steps.canned import Answer, Machine, capture

FOREIGN = ("10.1.5.11", "10.1.5.12")
LSDEV = "lsdev -C -F name:class:subclass:type:status:parent"
ODMGET = "odmget -q attribute=unique_id CuAt"
ADDRESS = "en0: flags=1e080863,480<UP>\n        inet {} netmask 0xffffff00 broadcast 10.1.5.255\n"
SET, READ, BOOTUTIL = "chdev -l sys0 -a clouddev=1", "lsattr -El sys0 -a clouddev -F value", "bootutil -c"


def unique_id(disk: str, value: str) -> str:
    return (
        f'\nCuAt:\n\tname = "{disk}"\n\tattribute = "unique_id"\n\tvalue = "{value}"\n\ttype = "R"\n'
        '\tgeneric = "D"\n\trep = "nl"\n\tnls_index = 79\n'
    )


def machine(root: Path, **changed: Answer) -> Machine:
    """A clean machine at DR: one disk of this site, one interface without an address."""
    answers: Dict[str, Answer] = {
        "ifconfig": "en0: flags=1e080863,480<UP>\n", "netaddr": "\n", "alias4": "\n",
        "lsdev": "en0:if:EN:en:Available:\nhdisk0:disk:fcp:mpioosdisk:Available:fscsi0\n",
        "odmget": unique_id("hdisk0", "DR0"),
    }  # fmt: skip
    answers.update(changed)
    return Machine(
        root,
        {
            "ifconfig -a": answers["ifconfig"], "lsattr -El en0 -a netaddr -F value": answers["netaddr"],
            "lsattr -El en0 -a alias4 -F value": answers["alias4"], LSDEV: answers["lsdev"], ODMGET: answers["odmget"],
        },
    )  # fmt: skip


def signs(found: Machine) -> Tuple[str, ...]:
    return reset.signs_of_home(found.seen(), capture(), FOREIGN)


def test_a_clean_machine_shows_none(tmp_path: Path) -> None:
    assert signs(machine(tmp_path)) == ()


@pytest.mark.parametrize(
    ("changed", "sign"),
    [
        ({"ifconfig": ADDRESS.format("10.1.5.11")}, "en0 has 10.1.5.11"),
        ({"netaddr": "10.1.5.11\n"}, "en0 is configured as 10.1.5.11"),
        ({"alias4": "10.1.5.12,255.255.255.0\n"}, "en0 is configured as 10.1.5.12,255.255.255.0"),
        (
            {
                "lsdev": "en0:if:EN:en:Available:\nhdisk0:disk:fcp:mpioosdisk:Defined:fscsi0\n",
                "odmget": unique_id("hdisk0", "HOME0"),
            },
            "1 disks of home are Defined, hdisk0 among them",
        ),
    ],
)
def test_each_sign_alone_is_enough(tmp_path: Path, changed: Dict[str, Answer], sign: str) -> None:
    assert signs(machine(tmp_path, **changed)) == (sign,)


@pytest.mark.parametrize(
    "changed",
    [
        {"ifconfig": ADDRESS.format("10.20.5.11"), "netaddr": "10.20.5.11\n"},
        {"netaddr": "10.1.5.111\n", "alias4": "110.1.5.12,255.255.255.0\n"},
        # Defined here, and of this site: a path that is merely late
        {"lsdev": "en0:if:EN:en:Available:\nhdisk0:disk:fcp:mpioosdisk:Defined:fscsi0\n"},
        # home's own LUN, Available: then this is no replica's disk but it is in use, and no reset may hit it
        {"odmget": unique_id("hdisk0", "HOME0")},
        # a device that home has a name for, Defined: any machine has an ent0
        {"lsdev": "en0:if:EN:en:Available:\nent0:adapter:vdevice:IBM,l-lan:Defined:vio0\n"},
    ],
)
def test_what_this_site_may_have_made_is_none(tmp_path: Path, changed: Dict[str, Answer]) -> None:
    assert signs(machine(tmp_path, **changed)) == ()


def test_an_alias_that_was_in_no_odm_is_none(tmp_path: Path) -> None:
    """Not of home's either: a WPAR that rc.wpars has started has put it there."""
    found = machine(tmp_path, ifconfig=ADDRESS.format("10.1.5.80"))
    wpar = capture(further_addresses=("10.1.5.80",))
    assert reset.signs_of_home(found.seen(), wpar, (*FOREIGN, "10.1.5.80")) == ()


def test_the_address_of_a_virtual_interface_of_home_is_one(tmp_path: Path) -> None:
    found = machine(
        tmp_path,
        lsdev="en0:if:EN:en:Available:\nvi0:if:VI:vi:Available:\n",
        ifconfig=ADDRESS.replace("en0", "vi0").format("10.1.77.7"),
    )
    found.answers.update(
        {"lsattr -El vi0 -a netaddr -F value": "10.1.5.11\n", "lsattr -El vi0 -a alias4 -F value": "\n"}
    )
    assert signs(found) == ("vi0 is configured as 10.1.5.11",)


def test_a_volume_group_in_the_odm_is_none(tmp_path: Path) -> None:
    """It is not even asked for: an earlier run here may have imported it."""
    found = machine(tmp_path)
    assert signs(found) == ()
    assert not [line for line in found.ran if line.startswith(("lsvg", "lspv"))]


@pytest.mark.parametrize("unreadable", ["ifconfig", "netaddr", "lsdev", "odmget"])
def test_what_cannot_be_read_is_no_clean_machine(tmp_path: Path, unreadable: str) -> None:
    with pytest.raises(FactUnavailable):
        signs(machine(tmp_path, **{unreadable: (1, "")}))


def test_of_several_things_that_cannot_be_read_the_first_is_said(tmp_path: Path) -> None:
    with pytest.raises(FactUnavailable) as raised:
        signs(machine(tmp_path, ifconfig=(1, ""), lsdev=(1, "")))
    assert raised.value.problems[0].what.startswith("ifconfig -a")


def ask(root: Path, bootutil: bool, answers: Dict[str, Answer]) -> Tuple[str, Machine]:
    """What ``request`` has to complain about, "" when nothing."""
    found = Machine(root, {SET: "sys0 changed\n", READ: "1\n", **answers})
    if bootutil:
        found.file("/usr/lib/boot/bootutil", "")
        (root / "usr/lib/boot/bootutil").chmod(0o755)
    seen = found.seen()
    problem = reset.request(seen.runner, seen, LeftRunning())
    return (f"{problem.name}: {problem.why}" if problem else ""), found


def test_the_nvram_variable_goes_first_where_there_is_a_program_for_it(tmp_path: Path) -> None:
    said, found = ask(tmp_path, True, {BOOTUTIL: ""})
    assert (said, found.ran) == ("", [BOOTUTIL, SET, READ])


def test_without_bootutil_chdev_alone(tmp_path: Path) -> None:
    said, found = ask(tmp_path, False, {})
    assert (said, found.ran) == ("", [SET, READ])


def test_the_read_back_decides_and_not_the_exit_status(tmp_path: Path) -> None:
    assert ask(tmp_path, False, {SET: (1, "")})[0] == ""
    lied = ask(tmp_path, False, {READ: "0\n"})[0]
    assert lied.startswith("reset-not-requested: clouddev reads 0 after chdev: exit status 0")
    odd = ask(tmp_path, False, {READ: "2\n"})[0]
    assert odd.startswith("reset-not-requested: clouddev reads 2 after chdev")
    missing = ask(tmp_path, False, {SET: (1, ""), READ: (255, "")})[0]
    assert missing.startswith("reset-not-requested: clouddev is not there after chdev: exit status 1")
    assert ask(tmp_path, True, {BOOTUTIL: (1, "")})[0] == ""


@pytest.mark.parametrize("hung", [BOOTUTIL, SET])
def test_a_request_that_does_not_come_back_is_none_whatever_sys0_says(tmp_path: Path, hung: str) -> None:
    """shutdown would end a chdev that still writes; and what it writes may come when nobody expects it any more."""
    found = Machine(tmp_path, {SET: "sys0 changed\n", READ: "1\n", BOOTUTIL: ""})
    found.file("/usr/lib/boot/bootutil", "")
    (tmp_path / "usr/lib/boot/bootutil").chmod(0o755)
    seen, left = found.seen(), LeftRunning()
    answers = found.execute

    def execute(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        ran = answers(argv, environment, killable, deadline)
        return replace(ran, outcome="stuck", rc=-1, pid=4711) if found.ran[-1] == hung else ran

    seen.runner._run_argv = execute
    problem = reset.request(seen.runner, seen, left)
    assert problem is not None
    assert (problem.name, found.ran[-1]) == ("reset-request-stuck", hung), "and nothing after it"


def test_nothing_is_asked_beside_an_earlier_change_of_sys0(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_running, "lives", lambda pid: pid == 4711)
    found, left = Machine(tmp_path, {}), LeftRunning()
    left.take((Writer(4711, ("/usr/sbin/chdev", "-l", "sys0", "-a", "clouddev=1"), reset.SYS0),))
    problem = reset.request(found.seen().runner, found.seen(), left)
    assert problem is not None
    assert (problem.name, found.ran) == ("reset-request-stuck", [])
    assert "chdev -l sys0 -a clouddev=1 (process 4711) still runs" in problem.why
