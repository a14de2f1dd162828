"""Reading the description of an image from a JSON file, for the command line.

    {
      "package": "demo",
      "archive": "small", "productid": "demo,1.4",            optional, as are all below but name, level, description
      "filesets": [
        {
          "name": "demo.rte", "level": "1.4.0.0", "description": "Demonstration",
          "requisites": ["*prereq bos.rte 7.2.0.0"],
          "bosboot": false,
          "copyright": "copyright.txt",                       a file, as are all scripts and control files
          "stage": "stage/rte",                               a directory that stands for /
          "rules": [{"pattern": "/etc/demo/*.conf", "config": "preserve", "mode": "640"}],
          "usr": {"scripts": {"post_i": "usr.post_i"}, "controls": {"odmadd": "demo.add"}},
          "root": {"scripts": {"config": "root.config"}}
        }
      ]
    }

Names of files are relative to the directory of the description.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Mapping, Tuple

from bff.model import BadDescription, Entry, Fileset, Image, Part
from bff.tree import Entries, Rule, entries_below

_IMAGE = {"package": str, "filesets": list, "archive": str, "productid": str}
_FILESET = {
    "name": str, "level": str, "description": str, "requisites": list, "bosboot": bool, "copyright": str, "stage": str,
    "rules": list, "usr": dict, "root": dict,
}  # fmt: skip
_RULE = {"pattern": str, "mode": str, "owner": str, "group": str, "config": str, "volatile": bool}
_PART = {"scripts": dict, "controls": dict}


def read_description(file: Path, when: int) -> Image:
    """The image that the file describes.  Raises BadDescription, which names the file and the key; OSError."""
    try:
        described = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadDescription(f"{file}: not JSON: {error}") from None
    _check_keys(described, _IMAGE, ("package", "filesets"), str(file))
    filesets = tuple(
        _fileset(fileset, file.parent, f"{file}: filesets[{index}]")
        for index, fileset in enumerate(described["filesets"])
    )
    return Image(
        described["package"], filesets, when, described.get("archive", "small"), described.get("productid", "")
    )


def _fileset(described: Any, directory: Path, where: str) -> Fileset:
    _check_keys(described, _FILESET, ("name", "level", "description"), where)
    staged = Entries((), ())
    if "stage" in described:
        rules = tuple(_rule(rule, f"{where}.rules[{index}]") for index, rule in enumerate(described.get("rules", [])))
        staged = entries_below(directory / described["stage"], rules)
    elif "rules" in described:
        raise BadDescription(f"{where}.rules: nothing to apply them to, since there is no stage")
    notice = (directory / described["copyright"]).read_text(encoding="ascii") if "copyright" in described else ""
    return Fileset(
        name=described["name"],
        level=described["level"],
        description=described["description"],
        usr=_part(described.get("usr", {}), staged.usr, directory, f"{where}.usr"),
        root=_part(described.get("root", {}), staged.root, directory, f"{where}.root"),
        requisites=tuple(described.get("requisites", ())),
        copyright=notice,
        bosboot=described.get("bosboot", False),
    )


def _rule(described: Any, where: str) -> Rule:
    _check_keys(described, _RULE, ("pattern",), where)
    values: Dict[str, Any] = dict(described)
    if "mode" in values:
        try:
            values["mode"] = int(values["mode"], 8)
        except ValueError:
            raise BadDescription(f"{where}.mode: {values['mode']!r} is not octal") from None
    return Rule(**values)


def _part(described: Any, entries: Tuple[Entry, ...], directory: Path, where: str) -> Part:
    _check_keys(described, _PART, (), where)
    files = {
        kind: {name: (directory / source).read_bytes() for name, source in described.get(kind, {}).items()}
        for kind in _PART
    }
    return Part(entries, files["scripts"], files["controls"])


def _check_keys(described: Any, known: Mapping[str, type], needed: Tuple[str, ...], where: str) -> None:
    if not isinstance(described, dict):
        raise BadDescription(f"{where}: {type(described).__name__} instead of an object with keys")
    for key, value in described.items():
        if key not in known:
            raise BadDescription(f"{where}: no key {key}; there are {', '.join(known)}")
        if not isinstance(value, known[key]):
            raise BadDescription(f"{where}.{key}: {value!r} is no {known[key].__name__}")
    for key in needed:
        if key not in described:
            raise BadDescription(f"{where}: {key} is missing")
