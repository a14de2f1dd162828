"""Byte code for the Pythons that AIX has, made here: the product's files cannot be written at run time, and the gate is
started with ``-B`` at every boot.

``unchecked-hash``: the code counts whatever times installp or rpm give the files.  The same bytes each time: a fixed
hash seed, one process per version, the modules in one order, and the paths of AIX inside.
Source: docs.python.org/3.9/library/py_compile.html, PycInvalidationMode; PEP 552.
"""

from __future__ import annotations

import glob
import json
import os
import shutil
import subprocess
import sys
from typing import Dict, List, Sequence, Tuple

_COMPILE = """\
import json, py_compile, sys
for file, path in json.load(sys.stdin):
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(file, dfile=path, doraise=True, optimize=0, invalidation_mode=mode)
"""
_VERSION = "import sys; print('%d.%d.%d' % sys.version_info[:3])"


class Failed(Exception):
    """An interpreter did not compile what it should."""


def interpreters(versions: Sequence[str]) -> Dict[str, str]:
    """Program -> its full version, one for each of the minor ``versions`` that is here.

    One that is missing is said and left out: the package works without its byte code, only slower at each start.
    """
    found: Dict[str, str] = {}
    for version in versions:
        program, full = _find(version)
        if program:
            found[program] = full
        else:
            sys.stderr.write(f"package: no Python {version} here, its byte code is left out\n")
    return found


def _find(version: str) -> Tuple[str, str]:
    below = os.path.expanduser(f"~/.pyenv/versions/{version}.*/bin/python{version}")
    candidates = [sys.executable, *sorted(glob.glob(below)), shutil.which(f"python{version}") or ""]
    for candidate in filter(None, candidates):
        asked = subprocess.run([candidate, "-S", "-c", _VERSION], capture_output=True, text=True, check=False)
        if asked.returncode == 0 and asked.stdout.startswith(version + "."):
            return candidate, asked.stdout.strip()
    return "", ""


def compile_all(modules: Sequence[Tuple[str, str]], programs: Sequence[str]) -> None:
    """``__pycache__`` beside each of the modules, given as (file, path on AIX), for each of the interpreters.

    Raises Failed.
    """
    order = json.dumps(sorted(modules, key=lambda pair: pair[1]))
    environment = {"PYTHONHASHSEED": "0", "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    running: List[Tuple[str, subprocess.Popen[str]]] = []
    for program in programs:
        argv = [program, "-S", "-s", "-B", "-c", _COMPILE]
        pipe = subprocess.PIPE
        running.append((program, subprocess.Popen(argv, stdin=pipe, stderr=pipe, text=True, env=environment)))
    for program, process in running:
        _, said = process.communicate(order)
        if process.returncode:
            raise Failed(f"{program} does not compile the product: {said.strip()}")
