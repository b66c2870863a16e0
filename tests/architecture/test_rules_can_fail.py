"""Every rule finds what it is there to find: a small bad house for each."""

from __future__ import annotations

from pathlib import Path

import pytest
from architecture.rules import RULES
from architecture.source_tree import read_tree

RULE_OF = {rule.__name__: rule for rule in RULES}
LONG_FILE = "x = 1\n" * 350
LONG_FUNCTION = '"""A module."""\ndef _slow():\n' + "    x = 1\n" * 60

# (rule, {file: content}, place of the fault)
BAD_HOUSES: tuple[tuple[str, dict[str, str], str], ...] = (
    ("every_room_has_a_floor", {"qtrace/cellar/wine.py": ""}, "qtrace.cellar"),
    (
        "imports_go_downward",
        {"qtrace/quantity/value.py": "from qtrace.uncertainty import budget"},
        "qtrace.quantity.value",
    ),
    (
        "imports_go_downward",
        {"qtrace/metrics/a.py": "def f():\n    import qtrace.standards.pack"},
        "qtrace.metrics.a",
    ),
    (
        "imports_go_downward",
        {"qtrace/ledger/a.py": "from ..physics import photons"},
        "qtrace.ledger.a",
    ),
    (
        "imports_go_downward",
        {"qtrace/cli/a.py": "from qtrace.registry.database import Database"},
        "qtrace.cli.a",
    ),
    (
        "imports_go_downward",
        {"qtrace/cli/a.py": "def f():\n    from qtrace.certification.codec import encode"},
        "qtrace.cli.a",
    ),
    (
        "imports_go_downward",
        {"qtrace/errors.py": "from qtrace import cellar", "qtrace/cellar.py": ""},
        "qtrace.errors",
    ),
    ("one_door_per_library", {"qtrace/quantity/value.py": "import pint"}, "qtrace.quantity.value"),
    (
        "one_door_per_library",
        {"qtrace/workflow/a.py": "def f():\n    from sqlalchemy.orm import Session"},
        "qtrace.workflow.a",
    ),
    ("one_door_per_library", {"qtrace/ledgers.py": "import rfc8785"}, "qtrace.ledgers"),
    ("one_door_per_library", {"qtrace/exchange/a.py": "import requests"}, "qtrace.exchange.a"),
    (
        "pure_floors_are_handed_everything",
        {"qtrace/ledger/a.py": "def f():\n    import os"},
        "qtrace.ledger.a",
    ),
    (
        "pure_floors_are_handed_everything",
        {"qtrace/laboratory/a.py": "from datetime import datetime\nx = datetime.now(None)"},
        "qtrace.laboratory.a",
    ),
    (
        "pure_floors_are_handed_everything",
        {
            "qtrace/laboratory/a.py": "import datetime as d\nfrom d import datetime\nf = d.date.today"
        },
        "qtrace.laboratory.a",
    ),
    (
        "pure_floors_are_handed_everything",
        {"qtrace/certification/a.py": "x = open('pack.toml')"},
        "qtrace.certification.a",
    ),
    (
        "pure_floors_are_handed_everything",
        {"qtrace/uncertainty/a.py": "import numpy as np\nx = np.random.default_rng()"},
        "qtrace.uncertainty.a",
    ),
    (
        "pure_floors_are_handed_everything",
        {"qtrace/uncertainty/a.py": "import numpy as np\nx = np.random.normal(0, 1)"},
        "qtrace.uncertainty.a",
    ),
    (
        "verbs_stand_alone",
        {
            "qtrace/workflow/verify.py": "from qtrace.workflow import initialise",
            "qtrace/workflow/initialise.py": "",
        },
        "qtrace.workflow.verify",
    ),
    (
        "no_circles",
        {
            "qtrace/quantity/a.py": "from qtrace.quantity.b import x",
            "qtrace/quantity/b.py": "from qtrace.quantity import c",
            "qtrace/quantity/c.py": "def f():\n    from qtrace.quantity import a",
        },
        "qtrace.quantity.a",
    ),
    ("files_are_short", {"qtrace/quantity/a.py": LONG_FILE}, "qtrace.quantity.a"),
    ("files_are_short", {"qtrace/workflow/a.py": "x = 1\n" * 200}, "qtrace.workflow.a"),
    ("functions_are_short", {"qtrace/quantity/a.py": LONG_FUNCTION}, "qtrace.quantity.a._slow"),
    (
        "names_say_something",
        {"qtrace/quantity/unit_helpers.py": ""},
        "qtrace.quantity.unit_helpers",
    ),
    ("names_say_something", {"qtrace/core/a.py": ""}, "qtrace.core.a"),
    (
        "public_functions_are_explained",
        {"qtrace/quantity/a.py": "class Unit:\n    def factor(self): ..."},
        "qtrace.quantity.a.Unit.factor",
    ),
    (
        "formulas_have_a_source",
        {"qtrace/physics/a.py": 'def f(x):\n    """Return the square."""\n    return x**2'},
        "qtrace.physics.a.f",
    ),
)

# What looks similar and is allowed.
GOOD_HOUSE = {
    "qtrace/__init__.py": '__version__ = "1"',
    "qtrace/errors.py": "",
    "qtrace/quantity/units.py": "def f():\n    '''Return 1.'''\n    import pint",
    "qtrace/uncertainty/a.py": (
        "import numpy as np\n"
        "from qtrace import __version__\n"
        "from qtrace.quantity import units\n"
        "x = np.random.default_rng(7)\n"
        "def _short():\n    return x.normal()\n"
    ),
    "qtrace/workflow/workbench.py": "import os\nfrom datetime import datetime\ndatetime.now()",
    "qtrace/workflow/trace.py": "from qtrace.workflow.workbench import Workbench",
    "qtrace/cli/a.py": "import typer\nfrom qtrace.workflow import trace",
    "qtrace/physics/a.py": "def f(x):\n    '''Return x.\n\n    Source: GUM.\n    '''\n    return x**2",
}


def build(top: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


@pytest.mark.parametrize(("rule", "files", "place"), BAD_HOUSES, ids=[one[0] for one in BAD_HOUSES])
def test_the_fault_is_found(rule: str, files: dict[str, str], place: str, tmp_path: Path) -> None:
    build(tmp_path, files)
    assert place in {one.place for one in RULE_OF[rule](read_tree(tmp_path, "qtrace"))}


def test_every_rule_has_a_bad_house() -> None:
    assert {one[0] for one in BAD_HOUSES} == set(RULE_OF)


def test_a_good_house_passes_every_rule(tmp_path: Path) -> None:
    build(tmp_path, GOOD_HOUSE)
    house = read_tree(tmp_path, "qtrace")
    assert [str(fault) for rule in RULES for fault in rule(house)] == []


def test_only_the_modules_on_the_circle_are_named(tmp_path: Path) -> None:
    build(
        tmp_path,
        {
            "qtrace/quantity/a.py": "from qtrace.quantity import b",
            "qtrace/quantity/b.py": "from qtrace.quantity import a",
            "qtrace/quantity/c.py": "from qtrace.quantity import a",
            "qtrace/quantity/d.py": "",
        },
    )
    faults = RULE_OF["no_circles"](read_tree(tmp_path, "qtrace"))
    assert [one.place for one in faults] == ["qtrace.quantity.a", "qtrace.quantity.b"]
