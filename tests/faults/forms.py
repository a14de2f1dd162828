"""Commands as the agent runs them, without what differs from machine to machine: ``lsattr -El IF -a netaddr -F value``.

A form is found by watching a run, never written down here, so that a command that is new is met by the matrix at once.
"""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Mapping, NamedTuple, Sequence, Tuple

# what stands in a form for what -> how it looks in a command; found in this order
CLASSES: Tuple[Tuple[str, str], ...] = (
    ("ADDR", r"\d+(?:\.\d+){3}(?:[,/][\d.]+)?"),
    ("DISK", r"hdisk\d+"),
    ("IF", r"e[nt]\d+"),
    ("DEV", r"(?:ent|fcs|fscsi|vscsi|sfwcomm)\d+"),
    ("/dev/LV", r"/dev/\S+"),
    ("N", r"\d+"),
)
ROUTE = r"(?:net|host),\S+"
LINE = r"[a-z0-9]+:[0-9a-cS]*:[a-z]+:.*"
FLAG_OF_SYS0 = re.compile(r"(ghostdev|clouddev)=[01]")


class Form(NamedTuple):
    """A program and the shape of its arguments.

    program  AIX path
    args     as shown
    pattern  regular expression that the joined arguments of every such command match as a whole
    reads    the agent may kill it
    """

    program: str
    args: str
    pattern: str
    reads: bool

    def __str__(self) -> str:
        return f"{os.path.basename(self.program)} {self.args}".rstrip()


class Shapes:
    """Tells forms of one estate: knows its names."""

    def __init__(self, expected: Mapping[str, Any]) -> None:
        named: Dict[str, Sequence[str]] = {
            "VG": sorted(expected["volume_groups"]),
            "HOST": [expected["hostname"]],
            "DIR": sorted({point for _, point in expected["mounts"]}),
        }
        self.classes = (*CLASSES, *((name, "|".join(map(re.escape, words))) for name, words in named.items() if words))

    def form(self, argv: Sequence[str], reads: bool) -> Form:
        words = [self._word(word) for word in argv[1:]]
        shown, pattern = " ".join(text for text, _ in words), " ".join(pattern for _, pattern in words)
        # a boot list of two entries and one of five are one form
        once = re.sub(r"(?<=\s)(\S.*?)(?: \1)+$", r"\1 ...", shown)
        if once != shown:
            pattern = " ".join(pattern for _, pattern in words[: len(once.split()) - 1]) + "(?: .*)?"
        return Form(argv[0], once, pattern, reads)

    def _word(self, word: str) -> Tuple[str, str]:
        if FLAG_OF_SYS0.fullmatch(word):
            return word, re.escape(word)
        if re.fullmatch(LINE, word, re.DOTALL):
            identifier = word.partition(":")[0]
            return f"{identifier}:...", re.escape(identifier) + ":.*"
        if " " in word:
            return "TEXT", ".*"
        key, equals, value = word.partition("=")
        if equals and key.isidentifier():
            text, pattern = ("ROUTE", ROUTE) if re.fullmatch(ROUTE, value) else self._word(value)
            return f"{key}={text}", f"{key}={pattern}"
        for name, pattern in self.classes:
            if re.fullmatch(pattern, word):
                return name, f"(?:{pattern})"
        return word, re.escape(word)
