"""The profile's JSON Schema, for editors; etc/site.schema.json is this, stored.

It knows what one value may be.  What only shows when values are seen together, ``load()`` alone knows.
"""

from __future__ import annotations

import json
from typing import Any, Dict

from drboot.profile.site import SECTION

STORED = "etc/site.schema.json"


def schema() -> Dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "drboot site profile",
        "description": SECTION.meaning,
        **SECTION.json_schema(),
    }


def text() -> str:
    """The stored file."""
    return json.dumps(schema(), indent=2) + "\n"
