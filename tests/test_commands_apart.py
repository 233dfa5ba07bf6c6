"""No command imports another command: what two of them need is a use case, a report, or lies in platform/."""

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "telewave"


def test_a_command_imports_no_other_command():
    commands = sorted(SOURCE.glob("*/*commands.py"))
    assert len(commands) > 8
    found = [
        f"{file.parent.name}/{file.name} imports {node.module}"
        for file in commands
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("commands")
    ]
    assert found == []
