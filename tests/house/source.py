"""drboot's own source as these tests read it: every module, parsed once."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Iterator, List, NamedTuple, Set, Tuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "drboot"
SIM = PACKAGE / "sim"


class Module(NamedTuple):
    name: str  # drboot.facts.lspv
    path: str  # drboot/facts/lspv.py
    text: str
    tree: ast.Module

    def at(self, node: ast.AST) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 0)}"


@cache
def modules() -> Tuple[Module, ...]:
    """Every module of the package, product and simulator."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(ROOT)
        text = path.read_text(encoding="utf-8")
        name = ".".join(relative.with_suffix("").parts)
        found.append(
            Module(
                name[: -len(".__init__")] if name.endswith(".__init__") else name, str(relative), text, ast.parse(text)
            )
        )
    assert found, "no modules below " + str(PACKAGE)
    return tuple(found)


def product() -> List[Module]:
    """Every module outside drboot/sim."""
    return [module for module in modules() if not is_sim(module)]


def sim() -> List[Module]:
    return [module for module in modules() if is_sim(module)]


def is_sim(module: Module) -> bool:
    return module.path.startswith("drboot/sim/")


def imports(module: Module) -> Iterator[Tuple[str, ast.AST]]:
    """Every module name that is imported, wherever the statement stands; ``from a.b import c`` gives a.b and a.b.c."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            yield base, node
            for alias in node.names:
                yield f"{base}.{alias.name}", node


def docstrings(module: Module) -> Set[int]:
    """The ids of the constant nodes that are docstrings, and so no data."""
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def strings(module: Module) -> Iterator[Tuple[str, ast.AST]]:
    """Every string constant that is data: no docstring; the constant parts of f-strings too."""
    ignored = docstrings(module)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in ignored:
            yield node.value, node


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of an attribute chain of plain names; "" for anything else."""
    parts: List[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def calls(module: Module) -> Iterator[Tuple[str, ast.Call]]:
    """Every call of a plain or dotted name."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name:
                yield name, node
