"""Which LUN is which, and what has arrived: pure, from captures that are written here."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import List, Tuple

import pytest

from drboot.capture import Capture, Disk
from drboot.companions import storage_map
from drboot.companions.storage_map import ARRIVED, MISSING, NOT_OURS, OTHER_SIZE, TWICE

ROOT = Disk("00f6f5d00a4b8c11", "hdisk0", "3E213600A0B8", "rootvg", 40960, "50C1A2F0")
DATA = Disk("00f6f5d00a4b8d22", "hdisk4", "3E213600A0B9", "datavg", 10240)
FREE = Disk("00f6f5d00a4b8e33", "hdisk2", "", "", 0)


def capture(*disks: Disk) -> Capture:
    return Capture(
        version=1, site="home", host="prod01", systemid="0211D11C1", taken="", level="", hostname="prod01", disks=disks,
        volume_groups=(), filesystems=(), adapters=(), interfaces=(), routes=(), devices=(), bootlist=(), inittab=(),
        unseen=(),
    )  # fmt: skip


def states(home: Capture, *here: Disk) -> List[str]:
    return [one.state for one in storage_map.arrivals(home, here)]


def at_dr(disk: Disk, name: str, size: int = 0) -> Disk:
    return replace(disk, hdisk=name, unique_id="33213600507", serial="", size=size)


def test_rootvg_comes_first_and_what_is_in_no_volume_group_last() -> None:
    rows = storage_map.rows(capture(FREE, DATA, ROOT))
    assert [(row.disk, row.role) for row in rows] == [("hdisk0", "boot"), ("hdisk4", "data"), ("hdisk2", "free")]


def test_the_table_fits_a_console_and_names_the_lun() -> None:
    lines = list(storage_map.table(storage_map.rows(capture(FREE, DATA, ROOT))))
    assert max(map(len, lines)) <= 80
    assert lines[1] == "hdisk0   00f6f5d00a4b8c11     40960  rootvg          boot"
    assert lines[2:4] == ["         unique_id 3E213600A0B8", "         serial 50C1A2F0"]
    assert lines[-1] == "hdisk2   00f6f5d00a4b8e33         -  -               free"


def test_the_tables_are_ascii_whatever_an_array_answers() -> None:
    odd = replace(ROOT, serial="\x1b[2J\u20ac", unique_id="\xfc")
    lines = [*storage_map.table(storage_map.rows(capture(odd))), *storage_map.arrival_table(missing(odd))]
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert "         serial ?[2J?" in lines


def missing(disk: Disk) -> Tuple[storage_map.Arrival, ...]:
    return storage_map.arrivals(capture(disk), ())


def test_csv_reads_back() -> None:
    rows = storage_map.rows(capture(ROOT, DATA))
    read = list(csv.DictReader(io.StringIO(storage_map.as_csv(rows))))
    assert [row["pvid"] for row in read] == [ROOT.pvid, DATA.pvid]
    assert (read[0]["host"], read[0]["unique_id"], read[1]["size_mb"]) == ("prod01", ROOT.unique_id, "10240")


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+1+1", "-1+1", "@SUM(1)"])
def test_csv_is_no_formula_for_whoever_opens_it_in_a_spreadsheet(cell: str) -> None:
    """A serial is what an array answers, and a unique_id is made of such answers."""
    rows = storage_map.rows(capture(replace(ROOT, serial=cell, unique_id=cell)))
    made = storage_map.arrivals(capture(replace(ROOT, serial=cell)), (replace(ROOT, hdisk=cell),))
    for text in (storage_map.as_csv(rows), storage_map.arrivals_csv(made)):
        [read] = csv.DictReader(io.StringIO(text))
        assert read["serial"] == "'" + cell
        assert not any(value.startswith(cell[:1]) for value in read.values())
    assert rows[0].serial == cell, "as it is in JSON and in the table"


def test_csv_of_odd_names_is_a_line_per_disk_and_reads_back() -> None:
    rows = storage_map.rows(capture(replace(ROOT, serial='50,"C1\n', unique_id="\r=1", vg="data vg")))
    text = storage_map.as_csv(rows)
    assert text.count("\n") == 2 and text.isascii()
    [read] = csv.DictReader(io.StringIO(text))
    assert (read["serial"], read["unique_id"], read["vg"]) == ('50,"C1?', "?=1", "data vg")


def test_disks_are_the_same_by_pvid_whatever_they_are_called_and_carry() -> None:
    """The replica of hdisk4 is hdisk0 there, and the other way round."""
    assert states(capture(ROOT, DATA), at_dr(ROOT, "hdisk4"), at_dr(DATA, "hdisk0", 10240)) == [ARRIVED, ARRIVED]


def test_what_is_missing_twice_of_another_size_or_not_ours() -> None:
    stranger = Disk("00f6f5d00affffff", "hdisk9", "", "oldvg")
    home = capture(ROOT, DATA, replace(DATA, pvid="00f6f5d00a4b8d44"), FREE)
    here = (at_dr(ROOT, "hdisk0"), at_dr(ROOT, "hdisk7"), at_dr(DATA, "hdisk1", 20480), stranger)
    assert states(home, *here) == [TWICE, OTHER_SIZE, MISSING, MISSING, NOT_OURS]
    assert not storage_map.is_complete(storage_map.arrivals(home, here))


def test_a_free_disk_that_is_missing_and_a_strange_one_leave_it_complete() -> None:
    """Nothing of home's volume groups is on them."""
    made = storage_map.arrivals(
        capture(ROOT, FREE), (at_dr(ROOT, "hdisk0"), Disk("00f6f5d00affffff", "hdisk9", "", ""))
    )
    assert [one.state for one in made] == [ARRIVED, MISSING, NOT_OURS]
    assert storage_map.is_complete(made)


def test_what_is_wrong_is_shown_first_with_the_lun_to_look_for() -> None:
    made = storage_map.arrivals(capture(ROOT, DATA), (at_dr(ROOT, "hdisk0"),))
    lines = list(storage_map.arrival_table(made))
    assert lines[1:4] == [
        "hdisk4   00f6f5d00a4b8d22 datavg          -               MISSING",
        "         size 10240 MB",
        "         unique_id 3E213600A0B9",
    ]
    assert lines[-1] == "1 arrived, 1 MISSING"
