"""No command imports another command: what two of them need is a use case, a report, or lies in platform/."""

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "telewave"


def hangs_up(file, node):
    """Whether a capability's list of commands imports one that has a file of its own, to hang it into the group."""
    return (
        file.name == "commands.py"
        and node.module.startswith(f"telewave.{file.parent.name}.")
        and node.module.endswith("_command")
    )


def test_a_command_imports_no_other_command():
    commands = sorted([*SOURCE.glob("*/*commands.py"), *SOURCE.glob("*/*_command.py")])
    assert len(commands) > 8
    found = [
        f"{file.parent.name}/{file.name} imports {node.module}"
        for file in commands
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").endswith(("commands", "_command"))
        and not hangs_up(file, node)
    ]
    assert found == []


def test_an_option_that_commands_of_several_capabilities_take_alike_is_declared_once():
    places = {}
    for file in SOURCE.rglob("*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if (
                isinstance(node, ast.Assign)
                and "Annotated[" in (said := ast.unparse(node.value))
                and "typer." in said
            ):
                places.setdefault(said, []).append(file.relative_to(SOURCE).as_posix())
    assert len(places) > 100
    assert {said: files for said, files in places.items() if len(files) > 1} == {}
