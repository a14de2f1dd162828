"""The table of variants and the code agree: every switch that is read is in the table, with the same default."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Set, Tuple

from drboot.sim.variants import VARIANTS

SIM = Path(__file__).resolve().parents[2] / "drboot" / "sim"
READ = re.compile(r"""(?:\.variant\(|variants"\]\.get\(|variants\.get\()\s*"(\w+)",\s*"([^"]*)"\s*,?\s*\)""")


def reads() -> Set[Tuple[str, str]]:
    return {found for path in SIM.rglob("*.py") for found in READ.findall(path.read_text(encoding="utf-8"))}


def test_every_switch_that_is_read_is_in_the_table() -> None:
    found = reads()
    assert len(found) > 10
    assert {name for name, _ in found} <= set(VARIANTS)
    assert {name: default for name, default in found if VARIANTS[name].values[0] != default} == {}


def test_every_switch_in_the_table_is_read_and_has_a_choice() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SIM.rglob("*.py") if path.name != "variants.py")
    for name, variant in VARIANTS.items():
        assert len(set(variant.values)) >= 2, name
        assert variant.open.strip(), name
        assert f'"{name}"' in source, name
