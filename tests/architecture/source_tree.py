"""Reads a tree of Python files into what the rules of the house need to know.

Inside: `Import`, `Module`, `read_tree`. Nothing is imported, only parsed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from architecture.house import PACKAGE


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module by its full name, wherever in the file it stands."""

    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Module:
    """One parsed file; `name` is dotted, without `__init__`."""

    name: str
    tree: ast.Module
    lines: int
    imports: tuple[Import, ...]

    @property
    def room(self) -> str:
        """Return the room (second part of the name), the package itself for its entrance."""
        parts = self.name.split(".")
        return parts[1] if parts[0] == PACKAGE and len(parts) > 1 else parts[0]

    def functions(self) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        """Yield (name, node) of each function and method, with the class in the name."""
        yield from _functions(self.tree, "")

    def public_functions(self) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        """Yield functions that others may call: module level or in a public class."""
        for name, node in self.functions():
            if not any(part.startswith("_") or part == "<inner>" for part in name.split(".")):
                yield name, node


def _functions(
    node: ast.AST, prefix: str
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{child.name}", child
            yield from _functions(child, f"{prefix}{child.name}.<inner>.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


def read_tree(top: Path, *packages: str) -> tuple[Module, ...]:
    """Return all modules of packages below a folder, in order of name."""
    files = sorted(path for package in packages for path in (top / package).rglob("*.py"))
    names = {path: _dotted(path.relative_to(top)) for path in files}
    known = frozenset(names.values())
    return tuple(_module(path, names[path], known) for path in files)


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _module(path: Path, name: str, known: frozenset[str]) -> Module:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text, filename=str(path))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = [
        Import(target, node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        for target in _targets(node, package, known)
    ]
    return Module(name, tree, len(text.splitlines()), tuple(found))


def _targets(node: ast.AST, package: str, known: frozenset[str]) -> list[str]:
    """Return the modules that an import statement names; `from a import b` may name a.b."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, *filter(None, [node.module])])
        inner = [f"{base}.{alias.name}" for alias in node.names]
        return [name if name in known else base for name in inner] or [base]
    return []
