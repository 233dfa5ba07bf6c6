"""Whoever makes a value of many parts names them: above four, fields are keyword-only."""

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "telewave"
MOST = 4


def decoration(node):
    """The call or name `dataclass` among the decorators; None without."""
    for one in node.decorator_list:
        if getattr(getattr(one, "func", one), "id", None) == "dataclass":
            return one
    return None


def positional(node):
    """How many fields of a dataclass can be given by position."""
    made = decoration(node)
    if any(word.arg == "kw_only" for word in getattr(made, "keywords", ())):
        return 0
    fields = [
        one
        for one in node.body
        if isinstance(one, ast.AnnAssign) and "ClassVar" not in ast.unparse(one.annotation)
    ]
    apart = next((k for k, one in enumerate(fields) if ast.unparse(one.annotation) == "KW_ONLY"), len(fields))
    named = [
        one
        for one in fields[:apart]
        if one.value is None
        or not ("kw_only" in ast.unparse(one.value) or "init=False" in ast.unparse(one.value))
    ]
    return len(named)


def made_by_place():
    """Public values, as folder and name, of which more than four fields can be given by position."""
    classes = (
        (path, node)
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and decoration(node) is not None
    )
    return {f"{path.parent.name}.{node.name}" for path, node in classes if positional(node) > MOST}


def test_values_of_more_than_four_parts_are_made_by_name():
    assert made_by_place() == set()
