"""When in doubt, the machine is left alone and the console says why: exit code, Problem by name, nothing changed."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator, Tuple

import pytest

from drboot.sim.estates.build import Estate
from tests.scenarios import lpars
from tests.scenarios.lpars import changing, drboot

Edit = Callable[[str], str]


@pytest.fixture(scope="module")
def woken(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """``small`` at DR as it woke, nothing applied yet; no test here changes it for good."""
    estate = lpars.make(tmp_path_factory.mktemp("refusals"), "small")
    lpars.wake_without_drboot(estate)
    return estate


@pytest.fixture
def untouched(woken: Estate) -> Iterator[Estate]:
    """Whatever the test edits below /etc/drboot and /var/adm/drboot is put back; nothing else may change."""
    kept = {}
    for directory in ("etc/drboot", "var/adm/drboot"):
        for path in Path(woken.dr.root, directory).rglob("*"):
            if path.is_file():
                kept[path] = path.read_bytes()
    woken.dr.forget_commands()
    before = lpars.fingerprint(woken.dr)
    yield woken
    assert changing(woken.dr) == []
    for path, data in kept.items():
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)
            path.chmod(0o600 if path.name in ("armed", "home.json") else 0o644)
    after = lpars.fingerprint(woken.dr)
    changed = {p for p in {*before, *after} if before.get(p, " ").split()[0] != after.get(p, " ").split()[0]}
    assert not changed


def edit(estate: Estate, path: str, change: Edit) -> None:
    file = Path(estate.dr.root + path)
    text = file.read_text()
    assert change(text) != text
    file.write_text(change(text))


DR = "/etc/drboot/sites/dr.yaml"
HOSTS = "/etc/drboot/hosts.csv"

CAPTURE = "/var/adm/drboot/captures/home.json"


def adding(text: str) -> Edit:
    return lambda was: was + text + "\n"


def saying(old: str, new: str) -> Edit:
    return lambda was: was.replace(old, new)


CASES: Tuple[Tuple[str, int, str, str, Edit], ...] = (
    ("requires-name", 3, "requires-not-met", DR, adding("requires: {partition_name: ['other*']}")),
    ("requires-number", 3, "requires-not-met", DR, adding("requires: {partition_number: [99]}")),
    ("requires-marker", 3, "requires-not-met", DR, adding("requires: {marker: /etc/drboot/declared}")),
    ("neither", 3, "neither-rehearsal-nor-disaster", DR, saying("otherwise: disaster", "otherwise: refuse")),
    ("no-row", 2, "host-without-addresses", HOSTS, saying("prod01,dr,disaster", "prod02,dr,disaster")),
    ("id-gone", 2, "profile-changed-since-arm", DR, saying("0211D11C1", "0299D11C1")),
    ("capture-cut", 2, "capture-damaged", CAPTURE, lambda text: text[: len(text) // 2]),
    ("capture-of-another-version", 2, "capture-damaged", CAPTURE, saying('"version": 1', '"version": 2')),
    ("bad-profile", 2, "unknown-key", DR, adding("nonsense: 1")),
)


@pytest.mark.parametrize(("code", "problem", "path", "change"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_apply_refuses(untouched: Estate, code: int, problem: str, path: str, change: Edit) -> None:
    edit(untouched, path, change)
    ran = drboot(untouched.dr, "--apply")
    assert ran.rc == code, ran
    assert f"error {problem}" in ran.out + ran.err
    assert "nothing was changed" in ran.out


def test_a_missing_capture_refuses(untouched: Estate) -> None:
    Path(untouched.dr.root, "var/adm/drboot/captures/home.json").unlink()
    ran = drboot(untouched.dr, "--apply")
    assert (ran.rc, "error capture-missing" in ran.out) == (2, True)


def test_the_wrong_site_and_the_wrong_mode(untouched: Estate) -> None:
    wrong = drboot(untouched.dr, "--apply", "--site", "home")
    assert wrong.rc == 3, wrong
    mode = drboot(untouched.dr, "--apply", "--rehearsal")
    assert (mode.rc, "not-a-rehearsal" in mode.err) == (3, True), mode


def test_a_rehearsal_is_told_by_the_lpar_and_plans_its_own_addresses(untouched: Estate) -> None:
    edit(untouched, DR, lambda text: text.replace('"*_reh"', '"*_dr"'))
    ran = drboot(untouched.dr, "plan")
    assert ran.rc == 0, ran
    assert "(rehearsal)" in ran.out
    assert "10.99.5.11" in ran.out
    assert "10.20.5.11" not in ran.out


def test_an_unknown_machine_acts_only_when_its_exact_id_is_typed(untouched: Estate) -> None:
    for path in (DR, "/etc/drboot/armed"):
        edit(untouched, path, lambda text: text.replace("0211D11C1", "0299D11C1"))
    refused = drboot(untouched.dr, "--apply")
    assert refused.rc == 3
    assert "IBM,0211D11C1" in refused.out
    wrong = drboot(untouched.dr, "--apply", "--site", "dr", "--accept-systemid", "IBM,0211D11C2")
    assert wrong.rc in (2, 3), wrong
    home = drboot(untouched.dr, "plan", "--site", "dr")
    assert home.rc == 0, home


@pytest.mark.parametrize(
    "args", [("--site", "dr"), ("--rehearsal",), ("nonsense",), ("plan", "--nonsense"), ("report", "none"), ("--root",)]
)
def test_usage_errors_are_exit_2(untouched: Estate, args: Tuple[str, ...]) -> None:
    ran = drboot(untouched.dr, *args)
    assert ran.rc == 2, ran
    assert ran.err


def test_capture_at_dr_never_overwrites_homes(untouched: Estate) -> None:
    capture = Path(untouched.dr.root, "var/adm/drboot/captures/home.json")
    before = capture.read_bytes()
    ran = drboot(untouched.dr, "capture", "--site", "home", "--host", "prod01")
    assert (ran.rc, "capture-elsewhere" in ran.err) == (3, True), ran
    assert capture.read_bytes() == before


def test_every_verb_has_help_and_json(untouched: Estate) -> None:
    for verb in ((), ("capture",), ("arm",), ("disarm",), ("status",), ("plan",), ("report",), ("import",)):
        ran = drboot(untouched.dr, *verb, "--help")
        assert ran.rc == 0
        assert "--root DIR" in ran.out
        assert "--json" in ran.out
    for verb in (("status",), ("plan",), ()):
        ran = drboot(untouched.dr, *verb, "--json")
        assert ran.rc == 0, ran
        assert ran.out[0] in "[{"
