"""The profile loader, the importer and the readers of our own records, on anything: a value or Problems.

Beside test_profiles.py: bytes, damaged documents, YAML made to hurt, odd CSV, and what is no record.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drboot import capture, gate, journal, legacy, state
from drboot.catalogue import CATALOGUE
from drboot.errors import ConfigError, Problem, render
from drboot.paths import CAPTURES, STATE, Root
from drboot.profile import load as loader
from drboot.profile.estate import Estate
from drboot.profile.hosts import COLUMNS
from drboot.profile.load import load
from tests.property.test_fuzz_facts import damaged
from tests.steps import canned
from tests.stub_root import stamp_text
from tests.unit.profile.machine import HEADER, profile, root_with

ETC = Path(__file__).parents[2] / "etc"
SITES = {path.stem: path.read_text(encoding="utf-8") for path in (ETC / "sites").glob("*.yaml")}
TABLE = (ETC / "hosts.csv").read_text(encoding="utf-8")
ROW = "prod01,dr,disaster,service,slot:C2,10.20.5.11,255.255.255.0,10.20.5.1,10.20.5.12/24"


def problems_of(sites: Dict[str, bytes], table: bytes) -> Optional[List[Problem]]:
    """None for an Estate.  Every Problem is in the catalogue, names a file, is plain ASCII and no novel."""
    with tempfile.TemporaryDirectory() as directory:
        root = root_with(Path(directory) / "lpar", {}, "")
        for site, data in sites.items():
            (Path(directory) / f"lpar/etc/drboot/sites/{site}.yaml").write_bytes(data)
        (Path(directory) / "lpar/etc/drboot/hosts.csv").write_bytes(table)
        try:
            assert isinstance(load(root), Estate)
        except ConfigError as error:
            check(list(error.problems))
            return list(error.problems)
    return None


def check(problems: List[Problem]) -> None:
    assert problems
    for problem in problems:
        assert problem.name in CATALOGUE and problem.where and problem.what and problem.next, problem
        assert len(problem.what) + len(problem.why) < 600, problem.name
    text = render(problems)
    assert text.isascii() and all(c.isprintable() or c == "\n" for c in text)


def places(problems: List[Problem]) -> bool:
    """Whether each names a line."""
    return all(any(part.isdigit() for part in problem.where.split(" ")[0].split(":")[1:]) for problem in problems)


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_a_profile_of_any_bytes(data: bytes) -> None:
    problems_of({"dr": data}, HEADER.encode())


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_an_address_table_of_any_bytes(data: bytes) -> None:
    problems_of({"dr": profile("dr").encode()}, HEADER.encode() + data)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), times=st.integers(1, 5), which=st.sampled_from((*SITES, "hosts.csv")))
def test_damaged_documents(seed: int, times: int, which: str) -> None:
    """The shipped profiles and table with lines dropped, doubled, exchanged, cut, and with other words in them."""
    rng = random.Random(seed)
    sites = {name: text if name != which else damaged(text, rng, times) for name, text in SITES.items()}
    table = damaged(TABLE, rng, times) if which == "hosts.csv" else TABLE
    problems_of({name: _bytes(text) for name, text in sites.items()}, _bytes(table))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def parsed(text: str) -> List[Problem]:
    problems: List[Problem] = []
    loader.parse_site(text, "/etc/drboot/sites/dr.yaml", problems)
    return problems


BOMB = "a: &a [x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi"))
START = "version: 1\nsite: dr\nsystemids: [IBM,0211D11C1]\ndevice_reset: ghostdev\n"
HURTING = {
    "billion laughs": (BOMB, "yaml-not-plain"),
    "merge key": (START + "names: {<<: {domain: a.b}}\n", "unknown-key"),
    "deep lists": ("a: " + "[" * 100_000, "yaml-too-deep"),
    "deep tables": ("{a: " * 50_000, "yaml-too-deep"),
    "deep dashes": ("- " * 100_000, "yaml-too-deep"),
    "deep questions": ("? " * 100_000, "yaml-too-deep"),
    "a tag": (START + "boot_hold: !!python/object/apply:os.system [id]\n", "yaml-not-plain"),
    "a tag of ours": (START.replace("site: dr", "site: !!str dr"), "yaml-not-plain"),
    "another tag": (START + "names: {domain: !!binary aGFsbG8=}\n", "yaml-not-plain"),
    "a directive": ("%YAML 9.9\n---\n" + START, "yaml-syntax"),
    "two documents": (START + "---\n" + START, "yaml-not-plain"),
    "a huge number": (START.replace("version: 1", "version: " + "9" * 50_000), "bad-number"),
    "a huge duration": (START + f"boot_hold: {'9' * 50_000}\n", "bad-duration"),
    "a huge prefix": (
        START + f"network: {{static_routes: [{{to: 10.0.0.0/{'9' * 5000}, via: 10.1.1.1}}]}}\n", "bad-network",
    ),
    "a huge octet": (START + f"names: {{nameservers: [10.0.0.{'9' * 5000}]}}\n", "bad-address"),
    "a date": (START.replace("site: dr", "site: 2026-11-21"), ""),
    "a sexagesimal": (START + "boot_hold: 1:30\n", "bad-duration"),
    "an octal": (START.replace("version: 1", "version: 01"), "bad-number"),
    "infinity": (START + "boot_hold: .inf\n", "bad-duration"),
    "a table as a key": (START + "? {a: b}\n: c\n", "yaml-not-plain"),
    "a tab": (START + "names:\n\tdomain: a.b\n", "yaml-syntax"),
    "an impossible escape": (START + 'names: {domain: "\\UFFFFFFFF"}\n', "yaml-syntax"),
    "NUL": (START + "\0", "yaml-syntax"),
    "a long key": (START + "x" * 1000 + ": 1\n", "unknown-key"),
    "line separators": (START + "names: {domain: a\u2028b}\n", ""),
    "a list at the top": ("- version: 1\n", "wrong-type"),
    "a word at the top": ("version\n", "wrong-type"),
    "one key 10,000 times": (START + "site: dr\n" * 10_000, "duplicate-key"),
}  # fmt: skip


@pytest.mark.parametrize("name", HURTING)
def test_yaml_that_is_made_to_hurt(name: str) -> None:
    """Refused by name, with its line, in little time; what is just odd becomes a value or a Problem."""
    text, problem = HURTING[name]
    begin = time.process_time()
    problems = parsed(text)
    assert time.process_time() - begin < 5
    if problems:
        check(problems)
        assert places(problems)
    assert not problem or problem in {each.name for each in problems}, [each.name for each in problems][:5]


def test_a_file_of_the_largest_size_ends_in_time(tmp_path: Path) -> None:
    begin = time.process_time()
    found = problems_of({"dr": (START + "# " + "x" * loader.LARGEST_FILE).encode()}, HEADER.encode())
    assert found and {problem.name for problem in found} == {"file-too-large"}
    assert time.process_time() - begin < 2


QUOTED = {
    "a quoted line end": 'prod01,dr,disaster,service,"slot:C2\n",10.20.5.11,24,10.20.5.1,\n',
    "quotes doubled": f'"""prod01"""{ROW[6:]}\n',
    "a quote in the middle": f'pro"d01{ROW[6:]}\n',
    "all quoted": ",".join(f'"{cell}"' for cell in ROW.split(",")) + "\n",
    "never closed": '"' + ROW,
    "closed and more": f'"prod01"x{ROW[6:]}\n',
    "carriage returns": ROW.replace(",", ",\r") + "\r",
    "NUL": ROW.replace("dr", "d\0r") + "\n",
    "a comment in quotes": '"# prod01' + ROW + '"\n',
    "semicolons": ROW.replace(",", ";") + "\n",
    "a hundred columns": ROW + "," * 100 + "\n",
    "a field of a megabyte": "x" * 1_000_000 + ROW,
    "ten thousand aliases": ROW + ";10.20.5.13" * 10_000 + "\n",
}


@pytest.mark.parametrize("name", QUOTED)
def test_odd_csv(name: str) -> None:
    site = {"dr": (START + "network: {roles: {service: {}}}\n").encode()}
    found = problems_of(site, (HEADER + QUOTED[name]).encode())
    assert (found is None) == (name in ("all quoted", "a quoted line end"))
    assert (
        found is None
        or places([problem for problem in found if "hosts.csv" in problem.where])
        or "large" in found[0].name
    )


@given(st.lists(st.lists(st.text(max_size=6), max_size=11), max_size=6), st.permutations(tuple(COLUMNS)))
@settings(max_examples=60)
def test_a_table_of_any_cells(rows: List[List[str]], columns: List[str]) -> None:
    lines = [",".join(columns), *(",".join(row) for row in rows)]
    problems_of({"dr": profile("dr").encode()}, "\n".join(lines).encode("utf-8", "surrogatepass"))


# ---- stamp, records, old files


@settings(max_examples=200)
@given(seed=st.integers(0, 2**32), times=st.integers(1, 4))
def test_a_damaged_stamp_is_a_stamp_or_damage(seed: int, times: int) -> None:
    text = damaged(stamp_text(boot_hold="90", event="0211D11C1/" + "a" * 16, run="r"), random.Random(seed), times)
    try:
        stamp = gate.parse_stamp(_bytes(text))
    except gate.StampDamaged as damage:
        assert damage.why and damage.name in CATALOGUE
    else:
        assert gate.decide(stamp, gate.Identity("0211D11C1")).exit_code in (0, 2, 3)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
DEEP = "[" * 100_000 + "]" * 100_000
NUMBER = '{"version": ' + "9" * 10_000 + "}"


def write(root: Root, aix_path: str, text: str) -> None:
    path = Path(root.path(aix_path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", errors="surrogateescape")


@settings(max_examples=150)
@given(data=st.data())
def test_any_state_is_the_event_or_a_fresh_one(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    root = Root(str(tmp_path_factory.getbasetemp()))
    good: Dict[str, Any] = {"systemid": "0211D11C1", "arm_id": "a" * 16, "phase": "configuring", "plan_b": True}
    value: Any = {**good, data.draw(st.sampled_from((*good, "boots_saved", "run", "more"))): data.draw(JSON)}
    text = data.draw(st.sampled_from((json.dumps(value), DEEP, NUMBER, json.dumps([value]))))
    write(root, STATE, text)
    event = state.load(root, "0211D11C1", "a" * 16)
    assert (event.systemid, event.arm_id) == ("0211D11C1", "a" * 16)
    kinds = [type(each) for each in (event.phase, event.plan_b, event.boots_saved, event.run)]
    assert kinds == [str, bool, int, str]


@settings(max_examples=150)
@given(data=st.data())
def test_any_capture_is_one_or_a_problem(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """One value somewhere in a good capture is anything else."""
    root = Root(str(tmp_path_factory.getbasetemp()))
    made = canned.capture()
    path = Path(root.path(capture.save(root, made)))
    value: Dict[str, Any] = json.loads(path.read_text())
    inside: Any = value
    while True:
        key = data.draw(
            st.sampled_from(sorted(inside)) if isinstance(inside, dict) else st.integers(0, len(inside) - 1)
        )
        if not isinstance(inside[key], (dict, list)) or not inside[key] or data.draw(st.booleans()):
            break
        inside = inside[key]
    inside[key] = data.draw(JSON)
    write(root, f"{CAPTURES}/home.json", data.draw(st.sampled_from((json.dumps(value),) * 8 + (DEEP, NUMBER))))
    try:
        read = capture.load(root, "home")
    except ConfigError as error:
        check(list(error.problems))
    else:
        assert capture.load(root, "home") == read and isinstance(read.addresses(), tuple)
        capture.save(root, read)


@settings(max_examples=100)
@given(st.lists(JSON.map(json.dumps) | st.sampled_from((DEEP, NUMBER, '{"chain": 5}', "")) | st.text(max_size=20)))
def test_any_journal_is_read_up_to_what_is_none(tmp_path_factory: pytest.TempPathFactory, lines: List[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "journal.jsonl"
    path.unlink(missing_ok=True)
    journal.Journal(str(path)).append({"event": "run"})
    with open(path, "a", encoding="utf-8", errors="replace") as file:
        file.write("".join(line + "\n" for line in lines))
    assert journal.read(str(path)) == [{"event": "run", "n": 1}]


FLAT = {
    "dr_hostname.txt": "aixdr\n",
    "dr_defgw.txt": "10.20.5.1\n",
    "dr_en0.txt": "en0:10.20.5.11:255.255.255.0:10.20.5.12,255.255.255.0\n",
    "dr_inet.txt": "en0 en1\n",
    "dr_en1.txt": "en1:10.21.5.11:255.255.255.0:\n",
}


@settings(max_examples=150)
@given(seed=st.integers(0, 2**32), which=st.sampled_from(sorted(FLAT)), data=st.none() | st.binary(max_size=40))
def test_any_old_files_are_imported_or_refused(
    tmp_path_factory: pytest.TempPathFactory, seed: int, which: str, data: Optional[bytes]
) -> None:
    directory = tmp_path_factory.getbasetemp() / "flat"
    directory.mkdir(exist_ok=True)
    for name, text in FLAT.items():
        (directory / name).write_text(text)
    spoilt = _bytes(damaged(FLAT[which], random.Random(seed), 2)) if data is None else data
    (directory / which).write_bytes(spoilt)
    try:
        made = legacy.convert(legacy.read_flat_files(str(directory)), "prod01", "dr", ["IBM,0211D11C1"])
    except ConfigError as error:
        check(list(error.problems))
    else:
        assert made.profile.startswith("#") and made.table.startswith(HEADER)
        assert parsed(made.profile) == []
