"""FlashCopy for rehearsals: statements S004-1 to S004-15, on output of dscli as the seed and a driver of it show it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, List, Tuple

import pytest

import drboot
from drboot.companions import dscli, flash
from drboot.companions.dscli import ParseError, parse_lsflash
from drboot.companions.flash import Evidence, Wish
from drboot.companions.gates import Gate
from drboot.errors import ConfigError
from drboot.paths import PROGRAMS
from drboot.profile.estate import Estate
from drboot.profile.load import load
from tests.unit.profile.machine import HEADER, profile, root_with

IMAGE = "IBM.XXXX-XXXXXXX"
PAIRS = ("0001:0002", "0101:0102", "0003:0004")
NAMES = "ID,SrcLSS,SequenceNum,Timeout,ActiveCopy,Recording,Persistent,Revertible,isTgtSE,DateCreated,DateSynced,State"
SYNCED = 1411074244.0  # Thu Sep 18 23:04:04 CEST 2014
WISH = Wish(IMAGE, PAIRS)
DOWN = Evidence(True, "marker")
NO_ACCESS = flash.Access()
# The log of the seed document (67 to 74), its lines unwrapped.
LOG = """\
Date/Time: September 18, 2014 11:04:04 PM CEST IBM DSCLI Version: 7.7.10.317 DS: IBM.XXXX-XXXXXXX

 Date/Time: September 18, 2014 11:04:04 PM CEST IBM DSCLI Version: 7.7.10.317 DS: IBM.XXXX-XXXXXXX

CMUC00168I resyncflash: FlashCopy volume pair 0001:0002 successfully resynchronized.
CMUC00168I resyncflash: FlashCopy volume pair 0101:0102 successfully resynchronized.
CMUC00168I resyncflash: FlashCopy volume pair 0003:0004 successfully resynchronized.
"""


def row(pair: str, recording: str = "Enabled", date: str = "Thu Sep 18 23:04:04 CEST 2014", **given: str) -> str:
    persistent, state, ese = (
        given.get("persistent", "Enabled"),
        given.get("state", "Valid"),
        given.get("ese", "Unknown"),
    )
    created = "Mon Sep 01 10:00:00 CEST 2014"
    return f"{pair},00,0,60,Disabled,{recording},{persistent},Disabled,{ese},{created},{date},{state}"


def lsflash(*rows: str) -> Tuple[dscli.Pair, ...]:
    return parse_lsflash("\n".join((NAMES, "=" * 80, *rows)) + "\n")


LISTED = lsflash(*map(row, PAIRS))


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    network = "network: {roles: {service: {}}}\n"
    dr = profile("dr", network + "rehearsal: {partition_name: ['*_reh']}\n")
    rows = (
        "prod01,dr,disaster,service,slot:C2,10.20.5.11,255.255.255.0,10.20.5.1,\n"
        "prod01,dr,rehearsal,service,slot:C2,192.168.77.11,255.255.255.0,192.168.77.1,\n"
    )
    return load(root_with(tmp_path, {"home": profile("home", systemids="[IBM,017268B60]"), "dr": dr}, HEADER + rows))


def gates(estate: Estate, wish: Wish = WISH, **given: Any) -> List[Gate]:
    listed, down = given.get("listed", LISTED), given.get("down", DOWN)
    target = given.get("target", ("dr", "prod01", "prod01_reh"))
    return list(flash.gates(wish, listed, down, estate, target, given.get("now", SYNCED + 7200)))


def closed(found: List[Gate]) -> List[str]:
    return [gate.question for gate in found if not gate.holds]


def test_S004_1_the_line_of_the_seed() -> None:
    assert flash.commands(Wish(IMAGE, PAIRS), LISTED) == (
        "resyncflash -dev IBM.XXXX-XXXXXXX -persist -record -cp 0001:0002 0101:0102 0003:0004",
    )


def test_S004_2_without_recording_it_is_rmflash_then_mkflash() -> None:
    wish = Wish(IMAGE, PAIRS[:1], recording=False, copying=False)
    assert flash.commands(wish, LISTED) == (
        "rmflash -dev IBM.XXXX-XXXXXXX -quiet 0001:0002",
        "mkflash -dev IBM.XXXX-XXXXXXX -persist -nocp 0001:0002",
    )
    assert flash.commands(Wish(IMAGE, PAIRS[:1], copying=False), LISTED)[0].split()[-2] == "-nocp"


def test_a_space_efficient_target_goes_by_itself() -> None:
    listed = lsflash(row(PAIRS[0]), row(PAIRS[1], ese="ESE"))
    assert [line.partition(" -cp ")[2] for line in flash.commands(Wish(IMAGE, PAIRS[:2]), listed)] == [
        "0001:0002",
        "-tgtse 0101:0102",
    ]


def test_all_gates_open(estate: Estate) -> None:
    found = gates(estate)
    assert closed(found) == []
    assert not any(gate.warning for gate in found)
    assert found[-1].answer == "2 h 0 min ago"


def test_S004_3_a_pair_that_lsflash_does_not_show_is_refused_by_name(estate: Estate) -> None:
    [gate] = [gate for gate in gates(estate, listed=LISTED[:2]) if not gate.holds]
    assert "0003:0004" in gate.answer


def test_S004_4_without_proof_that_the_target_is_down_nothing_is_planned(estate: Estate, tmp_path: Path) -> None:
    assert closed(gates(estate, down=flash.NO_EVIDENCE)) == ["the target is down"]
    marker = tmp_path / "down"
    assert not flash.by_marker(str(marker), SYNCED).holds
    marker.touch()
    os.utime(marker, (SYNCED, SYNCED))
    assert flash.by_marker(str(marker), SYNCED + 600).holds
    assert not flash.by_marker(str(marker), SYNCED + 3700).holds, "yesterday's word is none"
    assert not flash.by_marker(str(marker), SYNCED - 60).holds, "nor is tomorrow's"
    assert not flash.by_marker(str(tmp_path), SYNCED).holds


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("prod01,Running\nprod01_reh,Not Activated\n", True),
        ("prod01,Not Activated\nprod01_reh,Running\n", False),
        ("prod01_reh2,Not Activated\n", False),
        ("prod01_reh,Not Activated\nprod01_reh,Running\n", False),
        ("prod01_reh,Shutting Down\n", False),
        ("", False),
    ],
)
def test_S004_4_the_word_of_the_hmc(text: str, holds: bool) -> None:
    """A name within a name is another LPAR; two of one name on two systems cannot be told apart."""
    assert flash.by_state(text, "prod01_reh").holds is holds


def test_S004_4_what_the_hmc_said_yesterday_is_no_proof() -> None:
    text = "prod01_reh,Not Activated\n"
    assert flash.by_state(text, "prod01_reh", 3500.0).holds
    assert not flash.by_state(text, "prod01_reh", 3700.0).holds
    assert not flash.by_state(text, "prod01_reh", -60.0).holds


def test_S004_5_too_soon_after_the_last_copy_unless_forced(estate: Estate) -> None:
    assert closed(gates(estate, now=SYNCED + 599)) == ["the last copy is at least 10 min old"]
    assert closed(gates(estate, now=SYNCED + 600)) == []
    forced = gates(estate, Wish(IMAGE, PAIRS, force=True), now=SYNCED + 60)
    assert closed(forced) == []
    assert [gate.answer for gate in forced if gate.warning] == ["1 min ago, and --force was given"]


def test_S004_5_the_youngest_of_the_pairs_counts(estate: Estate) -> None:
    listed = lsflash(row(PAIRS[0], date="Mon Sep 01 10:00:00 CEST 2014"), *map(row, PAIRS[1:]))
    assert closed(gates(estate, listed=listed, now=SYNCED + 60))


def test_S004_6_up_and_what_warns() -> None:
    wish = Wish(IMAGE, PAIRS)

    def said(*rows: str, now: float = SYNCED + 60) -> List[Tuple[bool, str]]:
        return [(gate.holds, gate.answer) for gate in flash.status(wish, lsflash(*rows), 86400, now)]

    assert said(*map(row, PAIRS)) == [(True, "copied 1 min ago, valid")] * 3
    assert said(*map(row, PAIRS), now=SYNCED + 90000)[0] == (False, "copied 25 h 0 min ago, more than 24 h 0 min")
    found = said(row(PAIRS[0], state="Invalid"), row(PAIRS[1], "Disabled", persistent="Disabled"))
    assert found == [
        (False, "its state is Invalid"),
        (False, "it is not persistent, changes are not recorded"),
        (False, "lsflash does not show it"),
    ]


@pytest.mark.parametrize("date", ["", "gestern", "jeu. sept. 18 23:04:04 2014", "Thu Sep 18 23:04:04 XYZ 2014"])
def test_S004_7_a_date_that_cannot_be_read_warns(estate: Estate, date: str) -> None:
    listed = lsflash(row(PAIRS[0], date=date), *map(row, PAIRS[1:]))
    found = gates(estate, listed=listed)
    assert closed(found) == []
    assert [gate.warning for gate in found][-1]
    [first, *_] = flash.status(Wish(IMAGE, PAIRS), listed, 86400, SYNCED + 60)
    assert not first.holds


@pytest.mark.parametrize(
    ("date", "seconds"),
    [
        ("Thu Sep 18 23:04:04 CEST 2014", SYNCED),
        ("Thu Sep 18 21:04:04 UTC 2014", SYNCED),
        ("Thu Sep 18 17:04:04 EDT 2014", SYNCED),
        ("Sep  8 21:04:04 GMT 2014", SYNCED - 864000),
    ],
)
def test_S004_7_dates_are_read_without_the_locale(date: str, seconds: float) -> None:
    assert dscli.when(date) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ID,Recording\n",
        "=====\n",
        "ID,Recording,Persistent,DateSynced\n====\n",
        f"{NAMES}\n====\n0001:0002,00\n",
        f"{NAMES}\n====\n{row('0001:0002')}\n{row('0001:0002')}\n",
        f"{NAMES}\n====\n{row('1:2')}\n",
        f"{NAMES}\n====\n{row('0001:0002', 'Maybe')}\n",
    ],
)
def test_S004_7_what_is_no_list_is_refused_and_not_taken_for_an_empty_one(text: str) -> None:
    with pytest.raises(ParseError):
        parse_lsflash(text)


def test_no_flash_copy_found_is_an_empty_list() -> None:
    assert parse_lsflash("CMUC00234I lsflash: No Flash Copy found.\n") == ()


def secret(path: Path, text: str = "", mode: int = 0o600) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


AUTH = f"[{IMAGE}]\ntype = ibmds\nhmc1 = 10.10.10.10\nhmc2 =\nusername = opensvc\n"


def test_S004_8_credentials_are_named_and_never_read(tmp_path: Path) -> None:
    auth = secret(tmp_path / "auth.conf", AUTH)
    pwfile = secret(tmp_path / f"{IMAGE}.pwfile", "xyzzy")
    access = flash.access(auth, IMAGE)
    assert flash.called(access) == f"/opt/ibm/dscli/dscli -hmc1 10.10.10.10 -user opensvc -pwfile {pwfile}"
    lines = "\n".join(workflow(access))
    assert pwfile in lines and "xyzzy" not in lines


def test_S004_8_a_directory_that_others_can_write_is_refused(tmp_path: Path) -> None:
    """Whoever can write it puts his own auth.conf, or password file, in its place."""
    auth = secret(tmp_path / "auth.conf", AUTH)
    secret(tmp_path / f"{IMAGE}.pwfile")
    tmp_path.chmod(0o720)
    with pytest.raises(ConfigError, match="flash-credentials"):
        flash.access(auth, IMAGE)


@pytest.mark.parametrize("name", ["auth.conf", f"{IMAGE}.pwfile"])
def test_S004_8_credentials_of_another_owner_are_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = secret(tmp_path / "auth.conf", AUTH)
    secret(tmp_path / f"{IMAGE}.pwfile")
    owner, lstat = os.geteuid(), os.lstat

    def of_somebody_else(path: str) -> Any:
        status = lstat(path)
        uid = owner + 1 if path.endswith(name) else owner
        return os.stat_result((*status[:4], uid, *status[5:10]))

    monkeypatch.setattr("os.lstat", of_somebody_else)
    with pytest.raises(ConfigError, match="flash-credentials") as caught:
        flash.access(auth, IMAGE)
    assert f"belongs to uid {owner + 1}" in caught.value.problems[0].why


def test_S004_8_a_link_to_credentials_is_refused(tmp_path: Path) -> None:
    secret(tmp_path / "real", AUTH)
    (tmp_path / "auth.conf").symlink_to(tmp_path / "real")
    with pytest.raises(ConfigError, match="flash-credentials"):
        flash.access(str(tmp_path / "auth.conf"), IMAGE)


@pytest.mark.parametrize("name", ["auth.conf", f"{IMAGE}.pwfile"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o700])
def test_S004_8_credentials_that_others_can_read_are_refused(tmp_path: Path, name: str, mode: int) -> None:
    auth = secret(tmp_path / "auth.conf", AUTH)
    secret(tmp_path / f"{IMAGE}.pwfile")
    (tmp_path / name).chmod(mode)
    with pytest.raises(ConfigError, match="flash-credentials") as caught:
        flash.access(auth, IMAGE)
    assert f"{mode:o}" in caught.value.problems[0].why


@pytest.mark.parametrize("value", ["-cfg /tmp/x", "10.1.1.1 -x", "10.1.1.1; rm", "10.1.1.1\n  more", "$(id)"])
@pytest.mark.parametrize("key", ["hmc1", "hmc2", "username"])
def test_S004_8_what_is_no_host_and_no_user_goes_into_no_command(tmp_path: Path, key: str, value: str) -> None:
    secret(tmp_path / f"{IMAGE}.pwfile")
    values = {"type": "ibmds", "hmc1": "10.10.10.10", "hmc2": "", "username": "opensvc", key: value}
    text = "\n".join((f"[{IMAGE}]", *(f"{name} = {word}" for name, word in values.items())))
    with pytest.raises(ConfigError) as caught:
        flash.access(secret(tmp_path / "auth.conf", text + "\n"), IMAGE)
    assert key in caught.value.problems[0].why


@pytest.mark.parametrize("text", ["", "[other]\n", f"[{IMAGE}]\ntype = svc\n", "no ini at all", "\x00"])
def test_S004_8_an_auth_conf_that_says_nothing_of_the_array(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        flash.access(secret(tmp_path / "auth.conf", text), IMAGE)
    (tmp_path / "auth.conf").unlink()
    with pytest.raises(ConfigError):
        flash.access(str(tmp_path / "auth.conf"), IMAGE)


def test_S004_9_the_first_copy_is_made_by_hand_and_the_line_is_given(estate: Estate) -> None:
    [gate] = [gate for gate in gates(estate, listed=()) if not gate.holds]
    assert gate.commands == tuple(f"mkflash -dev {IMAGE} -persist -record -cp {pair}" for pair in PAIRS)
    assert "overwritten" in gate.next
    [status, *_] = flash.status(WISH, (), 86400, SYNCED)
    assert status.commands == gate.commands[:1]
    assert flash.status(WISH._replace(image=""), (), 86400, SYNCED)[0].commands == (), "no line without its image"


@pytest.mark.parametrize(
    ("pair", "shown", "why"),
    [
        ("0002:0001", "0001:0002", "the other way round"),
        ("0005:0002", "0001:0002", "0002 is the target of 0001 already"),
        ("0005:0001", "0001:0002", "0001 is the source of 0002"),
        ("0002:0007", "0001:0002", "0002 is itself a copy of 0001"),
    ],
)
def test_S004_9_no_line_is_given_that_would_overwrite_a_source(estate: Estate, pair: str, shown: str, why: str) -> None:
    """mkflash 0002:0001 copies the rehearsal over the replica of production."""
    wish = Wish(IMAGE, (pair,))
    for gate in (*gates(estate, wish, listed=lsflash(row(shown))), *flash.status(wish, lsflash(row(shown)), 1, SYNCED)):
        assert "mkflash" not in f"{gate}"
    [gate] = [gate for gate in gates(estate, wish, listed=lsflash(row(shown))) if not gate.holds]
    assert why in gate.answer


def test_a_copy_of_the_copy_is_looked_at(estate: Estate) -> None:
    listed = (*LISTED, *lsflash(row("0002:0007")))
    assert closed(gates(estate, listed=listed)) == []
    assert [gate.answer for gate in gates(estate, listed=listed) if gate.warning] == [
        "0002 is the source of 0007 (0002:0007)"
    ]


@pytest.mark.parametrize(
    "pairs", [("0001:0001",), ("0001:0002", "0002:0003"), ("0001:0002", "0003:0002"), ("0001:0002", "0002:0001")]
)
def test_pairs_that_cannot_be_meant_together(pairs: Tuple[str, ...]) -> None:
    assert flash.contradiction(pairs)
    assert not flash.contradiction(PAIRS)
    assert not flash.contradiction(("0001:0002", "0001:0003")), "one source, copied twice"


def test_resyncflash_needs_a_persistent_pair(estate: Estate) -> None:
    listed = lsflash(row(PAIRS[0], persistent="Disabled"), *map(row, PAIRS[1:]))
    assert closed(gates(estate, listed=listed)) == ["the pairs are persistent"]
    assert closed(gates(estate, WISH._replace(recording=False), listed=listed)) == []


def test_S004_5_an_old_list_does_not_say_when_the_last_copy_was(estate: Estate) -> None:
    for age in (3700.0, -60.0):
        found = flash.gates(WISH, LISTED, DOWN, estate, ("dr", "prod01", "prod01_reh"), SYNCED + 7200, age)
        assert closed(list(found)) == ["what lsflash shows is so now"]


def test_S004_10_every_pair_or_it_is_a_failure() -> None:
    wish = Wish(IMAGE, PAIRS)
    [whole] = flash.outcome(wish, LOG)
    assert (whole.holds, whole.question) == (True, "3 of 3 pairs copied")
    failed = LOG.replace("CMUC00168I resyncflash: FlashCopy volume pair 0101:0102 successfully resynchronized.",
                         "CMUN03027E resyncflash: 0101:0102: FlashCopy operation failure.")  # fmt: skip
    [part] = flash.outcome(wish, failed)
    assert (part.holds, part.question) == (False, "2 of 3 pairs copied")
    assert "0101:0102" in part.answer
    assert "CMUN03027E" in part.answer
    assert flash.outcome(wish, failed + LOG)[0].warning, "tried again: copied, and to be looked at"
    [last] = flash.outcome(wish, LOG + failed.replace("CMUC00168I", "CMUC00169I"))
    assert (last.holds, last.question) == (False, "2 of 3 pairs copied"), "the last word of it counts"


@pytest.mark.parametrize("noise", ["resyncflash -dev X " + 600 * "0001:0002 ", "\x1b[0m\x00", "\udcfc"])
def test_S004_10_a_log_may_hold_any_line(noise: str) -> None:
    """dscli echoes the command that it is given, and that of six hundred pairs is longer than any line of AIX."""
    [whole] = flash.outcome(WISH, noise + "\n" + LOG)
    assert whole.holds and not whole.warning


def test_S004_10_a_new_copy_has_a_message_of_its_own() -> None:
    wish = Wish(IMAGE, PAIRS[:1], recording=False)
    assert not flash.outcome(wish, LOG)[0].holds
    [made] = flash.outcome(wish, "CMUC00137I mkflash: FlashCopy pair 0001:0002 successfully created.\r\n")
    assert made.holds


def test_S004_11_stop_copy_look_start_in_this_order() -> None:
    lines = workflow()
    steps = [line.split()[1].rstrip(":") for line in lines if line[:1].isdigit()]
    assert steps == ["Stop", "Copy", "Look", "Start"]


def workflow(access: flash.Access = NO_ACCESS) -> List[str]:
    found = [Gate("rehearses", True, "A"), Gate("is down", True, "B"), Gate("all there", True, "C")]
    return list(flash.workflow(WISH, LISTED, access, ("dr", "prod01", "prod01_reh"), found))


def test_S004_11_each_step_has_the_answers_that_it_rests_on() -> None:
    lines = workflow()
    assert max(len(line) for line in lines if "0001:0002" not in line) < 80, "a command is not wrapped"
    for step, answer in (("1. Stop", "is down: B"), ("2. Copy", "all there: C"), ("4. Start", "rehearses: A")):
        [place] = [index for index, line in enumerate(lines) if line.startswith(step)]
        assert lines[place + 1] == f"  ok   {answer}"


def test_S004_12_a_copy_starts_as_a_rehearsal_or_not_at_all(estate: Estate) -> None:
    question = "prod01_dr is one for rehearsals"
    assert closed(gates(estate, target=("dr", "prod01", "prod01_dr"))) == [question]
    assert closed(gates(estate, target=("dr", "prod02", "prod01_reh"))) == ["prod01_reh is one for rehearsals"]
    assert closed(gates(estate, target=("mars", "prod01", "prod01_reh"))) == ["prod01_reh is one for rehearsals"]


def test_S004_13_the_log_of_the_seed_is_read_as_it_stands() -> None:
    assert dscli.copied(LOG, "CMUC00168I") == PAIRS
    assert dscli.complaints(LOG) == ()


def test_S004_14_nothing_in_the_lpar_knows_of_dscli_or_its_credentials() -> None:
    """Neither a program, nor a line outside the companion's own files."""
    product = Path(drboot.__file__).parent
    own = {product / "companions/dscli.py", product / "companions/flash.py", product / "verbs/flash.py"}
    others = [path for path in product.rglob("*.py") if path not in own and path.name != "catalogue.py"]
    named = [path.name for path in others if re.search(r"\bdscli\b|\bpwfile\b", path.read_text("utf-8"))]
    assert (len(others) > 100, named) == (True, [])
    assert not any("dscli" in program for program in PROGRAMS.values())
    assert all("dscli" in path.read_text("utf-8") for path in own), "what is looked for is there to be found"


def test_S004_15_after_the_rehearsal_the_lpar_stops_before_anything_is_copied() -> None:
    lines = workflow()
    order = [next(i for i, line in enumerate(lines) if line.startswith(f"  {letter}. ")) for letter in "abc"]
    assert order == sorted(order)
    assert "shut prod01_reh down" in lines[order[1]]
    assert "copy anew" in lines[order[2]]
