"""What the small installp remembers between two runs, in the place of AIX's software vital product data."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List

from bff.reader import Inventoried

REGISTRY = "usr/lib/objrepos/installp.json"


@dataclass
class PartRecord:
    """What is remembered of an installed part."""

    inventory: List[Inventoried]
    scripts: List[str]


@dataclass
class Record:
    """What the registry has of a fileset."""

    package: str
    level: str
    state: str
    description: str
    requisites: List[str]
    parts: Dict[str, PartRecord] = field(default_factory=dict)


def save(root: Path, records: Dict[str, Record]) -> None:
    """Writes what ``load`` reads."""
    text = json.dumps({name: _plain(record) for name, record in records.items()}, indent=1)
    (root / REGISTRY).write_text(text, encoding="ascii")


def _plain(record: Record) -> Dict[str, Any]:
    return {
        **vars(record),
        "parts": {
            part: {"inventory": [vars(entry) for entry in known.inventory], "scripts": known.scripts}
            for part, known in record.parts.items()
        },
    }


def load(root: Path) -> Dict[str, Record]:
    """Fileset -> what is installed of it, in the order in which it was."""
    registry = root / REGISTRY
    if not registry.exists():
        return {}
    found = {}
    for name, record in json.loads(registry.read_text(encoding="ascii")).items():
        parts = {
            part: PartRecord([Inventoried(**entry) for entry in known["inventory"]], known["scripts"])
            for part, known in record.pop("parts").items()
        }
        found[name] = Record(parts=parts, **record)
    return found
