"""lsitab, mkitab, chitab, rmitab, telinit: the text of /etc/inittab.

    id:runlevel:action:command

An entry is one line, or several when a line ends in a backslash; a line that starts with ``:`` is a comment.  Every
byte that does not belong to the entry asked for stays as it is.
Source: boot-and-devices.md sections 16 and 17; IBM's inittab file page and the pages of the four commands.  No error
text of theirs is publicly known, so the lines on standard error are plain and the exit status tells.
"""

from __future__ import annotations

from typing import List, NamedTuple, Optional

from drboot.sim.command import Context, Usage, options

INITTAB = "/etc/inittab"
# Source: section 16
ACTIONS = (
    "respawn", "wait", "once", "boot", "bootwait", "sysinit", "powerfail", "powerwait", "off", "ondemand", "hold",
    "initdefault",
)  # fmt: skip
MAX_ID, MAX_FIELD, MAX_ENTRY = 14, 20, 1024
# Assumed: the wording of the usage texts.
LSITAB_USAGE = "Usage: lsitab {-a | Identifier}"
MKITAB_USAGE = "Usage: mkitab [-i Identifier] Identifier:RunLevel:Action:Command"
CHITAB_USAGE = "Usage: chitab Identifier:RunLevel:Action:Command"
RMITAB_USAGE = "Usage: rmitab Identifier"
TELINIT_USAGE = "Usage: telinit {0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | a | b | c | h | Q | q | S | s | M | m | N}"


class Piece(NamedTuple):
    """A run of whole lines: an entry with its id, or a comment or blank line with the id ""."""

    identifier: str
    text: str


def pieces(text: str) -> List[Piece]:
    """The file cut into entries and the rest; joined again they are the file."""
    found: List[Piece] = []
    held = ""
    for line in text.splitlines(keepends=True):
        held += line
        comment = held.startswith(":")
        if not comment and line.rstrip("\n").endswith("\\"):
            continue
        found.append(Piece("" if comment or ":" not in held else held.partition(":")[0], held))
        held = ""
    if held:
        found.append(Piece(held.partition(":")[0] if ":" in held else "", held))
    return found


def lsitab(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "a", LSITAB_USAGE)
    if ("a" in flags) == bool(operands) or len(operands) > 1:
        raise Usage(LSITAB_USAGE)
    found = [p for p in _table(ctx) if p.identifier and ("a" in flags or p.identifier == operands[0])]
    for piece in found if "a" in flags else found[:1]:
        ctx.raw(piece.text if piece.text.endswith("\n") else piece.text + "\n")
    return 0 if found or "a" in flags else 1


def mkitab(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "i:", MKITAB_USAGE)
    if len(operands) != 1:
        raise Usage(MKITAB_USAGE)
    entry, table = operands[0], _table(ctx)
    if not _is_entry(entry) or _index(table, entry.partition(":")[0]) is not None:
        return _refuse(ctx, "mkitab", entry)
    at = len(table)
    if "i" in flags:
        after = _index(table, flags["i"][-1])
        if after is None:
            return _refuse(ctx, "mkitab", flags["i"][-1])
        at = after + 1
    if at and not table[at - 1].text.endswith("\n"):
        table[at - 1] = Piece(table[at - 1].identifier, table[at - 1].text + "\n")
    table.insert(at, Piece(entry.partition(":")[0], entry + "\n"))
    return _store(ctx, table)


def chitab(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "", CHITAB_USAGE)
    if flags or len(operands) != 1:
        raise Usage(CHITAB_USAGE)
    entry, table = operands[0], _table(ctx)
    at = _index(table, entry.partition(":")[0])
    if at is None or not _is_entry(entry):
        return _refuse(ctx, "chitab", entry)
    table[at] = Piece(table[at].identifier, entry + ("\n" if table[at].text.endswith("\n") else ""))
    return _store(ctx, table)


def rmitab(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "", RMITAB_USAGE)
    if flags or len(operands) != 1:
        raise Usage(RMITAB_USAGE)
    table = _table(ctx)
    at = _index(table, operands[0])
    if at is None:
        return _refuse(ctx, "rmitab", operands[0])
    del table[at]
    return _store(ctx, table)


def telinit(ctx: Context, args: List[str]) -> int:
    """``q`` makes init read the table again, a digit changes the run level.

    Init reads the table whenever it needs it, so ``q`` has nothing to carry over.
    """
    if len(args) != 1 or args[0] not in tuple("0123456789abchQqSsMmN"):
        raise Usage(TELINIT_USAGE)
    if args[0].isdigit():
        ctx.world["kernel"]["run_level"] = args[0]
    return 0


def _table(ctx: Context) -> List[Piece]:
    return pieces(ctx.read(INITTAB) or "")


def _index(table: List[Piece], identifier: str) -> Optional[int]:
    return next((i for i, piece in enumerate(table) if identifier and piece.identifier == identifier), None)


def _is_entry(entry: str) -> bool:
    """Four fields within the documented lengths; the command may contain colons."""
    fields = entry.split(":", 3)
    if len(fields) != 4 or len(entry) > MAX_ENTRY or "\n" in entry.replace("\\\n", ""):
        return False
    identifier, level, action, _command = fields
    return bool(identifier) and len(identifier) <= MAX_ID and len(level) <= MAX_FIELD and action in ACTIONS


def _store(ctx: Context, table: List[Piece]) -> int:
    ctx.write(INITTAB, "".join(piece.text for piece in table))
    return 0


def _refuse(ctx: Context, command: str, what: str) -> int:
    ctx.err(f"{command}: {what.partition(':')[0]}")
    return 1
