"""The gate's pure parts: ids, stamp, lsattr's answer, decision."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Optional

import pytest

from drboot import errors, gate, paths, state
from tests.stub_root import ARM_ID, DR_ID, HOME_ID, STRANGE_ID, row, stamp_text, stamp_values

TRANSCRIPTS = Path(__file__).resolve().parents[1] / "transcripts" / "lsattr"


def _stamp(**changes: Optional[str]) -> gate.Stamp:
    return gate.parse_stamp(stamp_text(**changes).encode())


def _unchecked(**changes: Optional[str]) -> gate.Stamp:
    """A stamp that parse_stamp would refuse: decide must not rely on it."""
    values = stamp_values(**changes)
    return gate.Stamp(values, {key: number for number, key in enumerate(values, 1)})


@pytest.mark.parametrize("text", ["IBM,0211D11C1", "0211D11C1", "ibm,0211d11c1", " IBM,0211D11C1 "])
def test_one_id_in_its_spellings(text: str) -> None:
    assert gate.canonical(text) == "0211D11C1"


def test_behind_two_digits_there_may_be_letters() -> None:
    assert gate.canonical("02AZ09ZAA") == "02AZ09ZAA"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "IBM,",
        "IBM",
        "0211D11C",
        "0211D11C12",
        "O211D11C1",
        "0O11D11C1",
        "02-1D11C1",
        "0211D11-1",
        "0211D11C-",
        "IBM,IBM,0211D11C1",
        "0211D11Cß",
        "\u0660211D11C1",  # another script's zero
    ],
)
def test_what_is_no_id(text: str) -> None:
    assert gate.canonical(text) == ""


def test_the_numbers_are_those_of_the_rest_of_drboot() -> None:
    """The gate may not import them."""
    mine = (gate.EXIT_OK, gate.EXIT_BUG, gate.EXIT_CONFIG, gate.EXIT_REFUSED, gate.EXIT_REBOOT)
    theirs = (errors.EXIT_OK, errors.EXIT_BUG, errors.EXIT_CONFIG, errors.EXIT_REFUSED, errors.EXIT_REBOOT)
    assert mine == theirs
    assert (gate.STAMP, gate.SITES) == (paths.STAMP, paths.SITES)


# -- lsattr


@pytest.mark.parametrize(
    ("recording", "systemid"),
    [("17-sys0-systemid-before-lpm", "017268B60"), ("19-sys0-systemid-prefix03", "0306C090G")],
)
def test_recorded_answers(recording: str, systemid: str) -> None:
    text = (TRANSCRIPTS / f"{recording}.txt").read_text().partition("---\n")[2]
    assert gate.parse_identity(text.encode()).systemid == systemid


def test_an_empty_description_leaves_three_words() -> None:
    assert gate.parse_identity(b"systemid IBM,0211D11C1   False\n").systemid == "0211D11C1"


def test_the_o_form_of_the_seed() -> None:
    assert gate.parse_identity(b"#systemid\nIBM,0211D11C1\n").systemid == "0211D11C1"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        row("IBM," + HOME_ID),  # no end of line: cut off
        row("") + "\n",
        row(HOME_ID) + "\n",
        row("BULL,0211D11C1") + "\n",
        row("IBM,0211D11C1") + "\n" + row("IBM,0211D11C1") + "\n",
        "noise\n" + row("IBM,0211D11C1") + "\n",
        row("IBM,0211D11C1") + "\n\n",
        "systemid IBM,0211D11C1\n",
        "systemid IBM,0211D11C1 Hardware system identifier True\n",
        "systemid IBM, 0211D11C1 Hardware system identifier False\n",
        "xsystemid IBM,0211D11C1 Hardware system identifier False\n",
        "modelname IBM,0211D11C1 Hardware system identifier False\n",
        "#systemid\n\n",
        "#systemi\nIBM,0211D11C1\n",
        "#systemidx\nIBM,0211D11C1\n",
        "#systemid\nIBM,0211D11C1\nIBM,0211D11C1\n",
        "systemid IBM,0211D11C1 Hardware system identifier Fals\n",
        "systemid IBM,0211D11C1 Hardware system identifier Falsf\n",
        "#systemid\nIBM,0211D11C1 x\n",
        "#systemid:modelname\nIBM,0211D11C1:IBM,9114-275\n",
        "systemid\u00a0IBM,0211D11C1 Hardware system identifier False\n",
    ],
)
def test_answers_that_are_none(text: str) -> None:
    identity = gate.parse_identity(text.encode())
    assert identity.systemid == ""
    assert identity.why.startswith("/usr/sbin/lsattr printed no systemid")
    assert identity.why.isascii() and identity.why.isprintable()


# -- the stamp


def test_a_good_stamp() -> None:
    stamp = _stamp(ids__far="IBM,0299AAAAA,0299BBBBB, ibm,0299ccccc", boot_hold__dr="120", deadline="5")
    assert stamp.sites == {"home": (HOME_ID,), "dr": (DR_ID,), "far": ("0299AAAAA", "0299BBBBB", "0299CCCCC")}
    assert (stamp.phase, stamp.arm_id, stamp.host, stamp.configured_site) == ("armed", ARM_ID, "prod01", "home")
    assert (stamp.boot_hold("dr"), stamp.boot_hold("far"), stamp.deadline) == (120, 900, 5)
    assert _stamp().deadline == 30


def test_numbers_of_seconds_have_one_to_seven_digits() -> None:
    assert _stamp(deadline="1234567").deadline == 1234567
    assert _stamp(deadline="1", boot_hold="9").boot_hold("anywhere") == 9


def test_a_deadline_of_nothing_is_none() -> None:
    """An earlier release wrote it for less than a second, and every boot refused."""
    assert _stamp(deadline="0").deadline == gate.DEADLINE


def test_every_cut_off_stamp_is_noticed() -> None:
    data = stamp_text(boot_hold__dr="120", event="0211D11C1/" + ARM_ID, run="r1", phase="disarmed").encode()
    assert gate.parse_stamp(data).phase == "disarmed"
    for length in range(len(data)):
        with pytest.raises(gate.StampDamaged):
            gate.parse_stamp(data[:length])


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (stamp_text(version="2"), 1, "version 2 is unknown"),
        (stamp_text(arm_id="xyz"), 2, "arm_id is not 16 hex digits"),
        (stamp_text(phase="Armed"), 3, "phase is neither"),
        (stamp_text(sha256="ab"), 9, "sha256 is not 64 hex digits"),
        (stamp_text(version="0"), 1, "version 0 is unknown"),
        (stamp_text(version=""), 1, "version  is unknown"),
        (stamp_text(arm_id="a" * 15), 2, "arm_id is not 16 hex digits"),
        (stamp_text(arm_id="a" * 17), 2, "arm_id is not 16 hex digits"),
        (stamp_text(arm_id="a" * 15 + "g"), 2, "arm_id is not 16 hex digits"),
        (stamp_text(sha256="a" * 63), 9, "sha256 is not 64 hex digits"),
        (stamp_text(sha256="a" * 65), 9, "sha256 is not 64 hex digits"),
        (stamp_text(host="pr\u00f6d"), 4, "not plain ASCII"),
        (stamp_text()[:-1], 9, "cut off: the last line has no end"),
        (stamp_text(deadline=""), 9, "deadline is not a number of seconds"),
        (stamp_text(deadline="12345678"), 9, "deadline is not a number of seconds"),
        (stamp_text(deadline="9" * 5000), 9, "deadline is not a number of seconds"),
        (stamp_text(deadline="1234567x"[1:]), 9, "deadline is not a number of seconds"),
        (stamp_text(ids__far=DR_ID), 9, f"IBM,{DR_ID} is listed for site dr and for site far"),
        (stamp_text(deadline="-1"), 9, "deadline is not a number of seconds"),
        (stamp_text(boot_hold__dr="15m"), 9, "boot_hold.dr is not a number of seconds"),
        (stamp_text(sha256="ab" * 32, zeta="1"), 9, "sha256 is not the last line"),
        (stamp_text(host=None), 8, "host= is missing"),
        (stamp_text(ids__dr="0211D11C"), 7, "not a list of systemids: 0211D11C"),
        (stamp_text(ids__dr=HOME_ID), 7, f"IBM,{HOME_ID} is listed for site home and for site dr"),
        (stamp_text(ids__=DR_ID), 9, "ids without a site"),
        ("x\n" + stamp_text(), 1, "not a line key=value"),
        (" x=1\n" + stamp_text(), 1, "not a line key=value"),
        ("x =1\n" + stamp_text(), 1, "not a line key=value"),
        (stamp_text(ids__home=None, ids__dr=None), 0, "no site has a systemid"),
        (stamp_text() + "=x\n", 10, "not a line key=value"),
        (stamp_text() + "phase=armed\n", 10, "phase is also in line 3"),
        (stamp_text(host="a\x1b[2J"), 4, "not a line key=value"),
        ("#" * gate.MOST_STAMP + "\n" + stamp_text(), 0, "too long for a stamp"),
    ],
)
def test_damage_is_named_with_its_line(text: str, line: int, why: str) -> None:
    with pytest.raises(gate.StampDamaged) as caught:
        gate.parse_stamp(text.encode())
    assert caught.value.line == line
    assert why in caught.value.why


def test_comments_and_empty_lines_are_none_of_it() -> None:
    assert gate.parse_stamp(b"# comment\n\n" + stamp_text().encode()).lines["version"] == 3


def test_no_stamp_is_no_error(tmp_path: Path) -> None:
    assert gate.read_stamp(str(tmp_path)) is None


# -- the decision

OTHER = gate.Identity(STRANGE_ID)
AT_DR = gate.Identity(DR_ID)
AT_HOME = gate.Identity(HOME_ID)


@pytest.mark.parametrize(
    ("changes", "identity", "name", "exit_code"),
    [
        ({}, AT_HOME, "configured-site", 0),
        ({}, AT_DR, "other-site", 0),
        ({}, OTHER, "systemid-unknown", 3),
        ({}, gate.Identity(why="it hung"), "systemid-unreadable", 3),
        ({}, None, "systemid-unreadable", 3),
        ({"configured_site": ""}, AT_DR, "configured-site-unknown", 3),
        ({"ids__home": ""}, AT_DR, "configured-site-unknown", 3),
        ({"ids__dr": f"{DR_ID},{HOME_ID}"}, AT_HOME, "systemid-in-two-sites", 2),
        ({"ids__far": DR_ID}, AT_DR, "systemid-in-two-sites", 2),
        ({"ids__home": None, "ids__dr": None}, AT_DR, "stamp-no-ids", 2),
        ({"ids__home": "", "ids__dr": ""}, gate.Identity(), "stamp-no-ids", 2),
        ({"phase": "disarmed"}, AT_DR, "disarmed", 0),
        ({"phase": "disarmed", "event": f"{DR_ID}/{ARM_ID}"}, AT_DR, "event-done", 0),
        ({"phase": "disarmed", "event": f"{DR_ID}/{'f' * 16}"}, AT_DR, "disarmed", 0),
        ({"phase": "disarmed", "event": f"{DR_ID}/{ARM_ID}"}, OTHER, "disarmed", 0),
        ({"phase": "disarmed", "event": f"/{ARM_ID}"}, gate.Identity(), "disarmed", 0),
        ({"phase": "disarmed"}, None, "disarmed", 0),
        ({"phase": "Armed"}, AT_DR, "disarmed", 0),
        ({"phase": ""}, AT_DR, "disarmed", 0),
        ({"phase": "armed "}, AT_DR, "disarmed", 0),
        ({"event": f"{DR_ID}/{ARM_ID}"}, AT_DR, "event-done", 0),
        ({"event": f"{DR_ID}/{'f' * 16}"}, AT_DR, "other-site", 0),
    ],
)
def test_the_table(changes: Dict[str, str], identity: Optional[gate.Identity], name: str, exit_code: int) -> None:
    decision = gate.decide(_unchecked(**changes), identity)
    assert (decision.name, decision.exit_code) == (name, exit_code)
    assert (decision.action == "act") == (name == "other-site")
    assert (decision.site == "dr") == (name == "other-site")


def test_an_id_in_two_sites_is_told_with_both_and_with_its_line() -> None:
    stamp = _unchecked(ids__far=DR_ID)
    said = f"IBM,{DR_ID} is listed for site dr and for site far: nothing was changed"
    assert gate.decide(stamp, AT_DR).message == f"/etc/drboot/armed:{stamp.lines['ids.far']}: {said}"
    assert gate.decide(gate.Stamp(stamp.values, {}), AT_DR).message == f"/etc/drboot/armed: {said}"
    none = _unchecked(ids__home=None, ids__dr=None)
    assert gate.decide(none, AT_DR).message == "/etc/drboot/armed: no site has a systemid: nothing was changed"


def test_what_is_known_of_the_configured_site_is_said() -> None:
    for site, shown in (("", "(none)"), ("far", "(far)")):
        assert gate.decide(_unchecked(configured_site=site), AT_DR).message.endswith(shown)


def test_a_completed_event_names_its_run_where_it_has_one() -> None:
    event = f"{DR_ID}/{ARM_ID}"
    for changes, shown in (({}, ""), ({"run": "r1"}, " (run r1)")):
        for phase in ("armed", "disarmed"):
            decision = gate.decide(_unchecked(event=event, phase=phase, **changes), AT_DR)
            assert decision.message == f"already done for this event{shown}: nothing to do"


def test_no_stamp_decides_for_nothing() -> None:
    assert (gate.decide(None, AT_DR).action, gate.decide(None, None).exit_code) == ("nothing", 0)


@pytest.mark.parametrize(
    ("identity", "accept", "site", "name"),
    [
        (OTHER, f"IBM,{STRANGE_ID}", "dr", "systemid-accepted"),
        (OTHER, STRANGE_ID.lower(), "dr", "systemid-accepted"),
        (OTHER, STRANGE_ID, "", "systemid-unknown"),
        (OTHER, STRANGE_ID, "home", "systemid-unknown"),
        (OTHER, STRANGE_ID, "nowhere", "systemid-unknown"),
        (OTHER, DR_ID, "dr", "systemid-unknown"),
        (OTHER, "", "dr", "systemid-unknown"),
        (OTHER, "x", "dr", "systemid-unknown"),
        (AT_HOME, HOME_ID, "dr", "configured-site"),
        (AT_HOME, "", "dr", "configured-site"),
        (AT_DR, DR_ID, "dr", "other-site"),
        (AT_DR, "", "home", "site-mismatch"),
        (gate.Identity(), "", "dr", "systemid-unreadable"),
        (gate.Identity(), STRANGE_ID, "dr", "systemid-unreadable"),
    ],
)
def test_the_operators_override(identity: gate.Identity, accept: str, site: str, name: str) -> None:
    decision = gate.decide(_stamp(), identity, accept=accept, site=site)
    assert decision.name == name
    assert decision.accepted == (name == "systemid-accepted")
    assert (decision.action == "act") == (name in ("systemid-accepted", "other-site"))


def test_the_override_does_nothing_to_a_disarmed_machine() -> None:
    assert gate.decide(_stamp(phase="disarmed"), OTHER, accept=STRANGE_ID, site="dr").action == "nothing"


def test_F04_any_listed_id_of_a_replaced_frame_is_that_site() -> None:
    stamp = _stamp(ids__dr=f"{DR_ID},0299AAAAA,IBM,0299BBBBB")
    for one in (DR_ID, "0299AAAAA", "0299BBBBB"):
        decision = gate.decide(stamp, gate.Identity(one))
        assert (decision.action, decision.site, decision.systemid) == ("act", "dr", one)
    refused = gate.decide(stamp, gate.Identity("0299CCCCC"))
    assert (refused.name, refused.exit_code) == ("systemid-unknown", 3)
    assert "        systemids: [IBM,0299CCCCC]".strip() in "\n".join(refused.details)


def test_F03_a_refusal_says_what_to_add_and_where() -> None:
    decision = gate.decide(_stamp(), OTHER)
    text = "\n".join("drboot: " + line for line in (decision.message, *decision.details))
    assert f"systemids: [IBM,{STRANGE_ID}]" in text
    assert "/etc/drboot/sites/home.yaml" in text and "/etc/drboot/sites/dr.yaml" in text
    assert max(len(line) for line in text.splitlines()) <= 79


def test_a_refusal_names_the_other_site_where_there_is_one_alone() -> None:
    for changes, site in (({}, "dr"), ({"ids__far": "0299AAAAA"}, "SITE"), ({"ids__dr": None}, "SITE")):
        details = gate.decide(_stamp(**changes), OTHER).details
        assert f"      at another site: add it in /etc/drboot/sites/{site}.yaml" in details


@pytest.mark.parametrize(
    ("accept", "site", "why"),
    [
        ("IBM,0306C0909", "dr", "why:  the accepted systemid IBM,0306C0909 is not this machine's"),
        ("IBM,0306C090Z", "dr", "why:  the accepted systemid IBM,0306C090Z is not this machine's"),
        (STRANGE_ID, "home", "why:  --site must name one of: dr"),
        (STRANGE_ID, "", "why:  --site must name one of: dr"),
    ],
)
def test_an_override_that_is_none_says_why(accept: str, site: str, why: str) -> None:
    decision = gate.decide(_stamp(), OTHER, accept=accept, site=site)
    assert (decision.name, decision.details[0]) == ("systemid-unknown", why)


def test_without_an_override_nothing_is_said_of_it() -> None:
    assert gate.decide(_stamp(), OTHER).details[0].startswith("why:  moved by LPM, or new hardware")


def test_an_override_without_any_other_site() -> None:
    decision = gate.decide(_stamp(ids__dr=None), OTHER, accept=STRANGE_ID, site="dr")
    assert (decision.action, decision.details[0]) == ("refuse", "why:  --site must name one of: (no other site)")


def test_the_table_of_the_catalogue_is_complete() -> None:
    """Every refusal has an entry in docs/errors.md."""
    from drboot.catalogue import CATALOGUE

    refusals = {"systemid-unknown", "systemid-unreadable", "configured-site-unknown", "site-mismatch"}
    damages = {"stamp-damaged", "stamp-unreadable", "stamp-untrusted", "stamp-no-ids", "systemid-in-two-sites"}
    assert refusals | damages <= set(CATALOGUE)


class Waiting:
    """Time that is counted, and a worker that ends with this wait status when so much of it has passed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, ends: float, status: int) -> None:
        self.now, self.ends, self.status = 0.0, ends, status
        monkeypatch.setattr(gate, "time", self)
        monkeypatch.setattr(gate.posix, "waitpid", lambda pid, flags: (pid, status) if self.now >= ends else (0, 0))

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 5.0)


def _held(root: Path, waiting: Waiting, phase: str, arm_id: str = ARM_ID, systemid: str = DR_ID) -> int:
    """How the gate ends that holds the boot for 900 s, beside this record."""
    file = root / paths.STATE.lstrip("/")
    file.parent.mkdir(parents=True)
    state.save(paths.Root(str(root)), state.Event(systemid, arm_id, phase))
    return gate._hold(4711, str(root), _stamp(), gate.Decision("act", 0, "other-site", "", site="dr", systemid=DR_ID))


def test_a_boot_is_held_while_the_worker_awaits_its_reboot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The worker waits as long as the gate would, and began later: the gate must not let rctcpip start before."""
    waiting = Waiting(monkeypatch, 1500, gate.EXIT_REFUSED << 8)
    assert _held(tmp_path, waiting, state.RESET_REQUESTED) == gate.EXIT_REFUSED
    assert 1500 <= waiting.now < 1510
    assert "the boot is held until then" in capfd.readouterr().out


def test_but_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    waiting = Waiting(monkeypatch, 9000, 0)
    assert _held(tmp_path, waiting, state.RESET_REQUESTED) == gate.EXIT_OK
    assert 2700 <= waiting.now < 2710
    assert "goes on; drboot works on as process 4711" in capfd.readouterr().out


@pytest.mark.parametrize(("phase", "arm_id", "systemid"), [
    (state.CONFIGURING, ARM_ID, DR_ID), (state.RESET_INTENDED, ARM_ID, DR_ID),
    (state.RESET_REQUESTED, "0" * 16, DR_ID), (state.RESET_REQUESTED, ARM_ID, STRANGE_ID),
])  # fmt: skip
def test_nor_where_no_reboot_is_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: str, arm_id: str, systemid: str
) -> None:
    waiting = Waiting(monkeypatch, 9000, 0)
    assert _held(tmp_path, waiting, phase, arm_id, systemid) == gate.EXIT_OK
    assert 900 <= waiting.now < 910


@pytest.mark.parametrize(("phase", "status", "stays"), [
    (state.RESET_REQUESTED, 15, True), (state.CONFIGURING, 15, False), (state.CONFIGURING, gate.EXIT_REBOOT << 8, True),
])  # fmt: skip
def test_shutdown_ends_the_worker_before_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: str, status: int, stays: bool
) -> None:
    waiting = Waiting(monkeypatch, 20, status)
    assert _held(tmp_path, waiting, phase) == (gate.EXIT_BUG if status == 15 else gate.EXIT_REBOOT)
    assert (waiting.now > gate.REBOOT_WAIT) is stays


def test_without_a_record_no_reboot_is_due(tmp_path: Path) -> None:
    decision = gate.Decision("act", 0, "other-site", "", site="dr", systemid=DR_ID)
    assert not gate._reboot_is_due(str(tmp_path), _stamp(), decision)
