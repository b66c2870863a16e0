"""The plan of the house as data: floors, rooms, doors, and what pure rooms must not touch.

Inside: `FLOORS`, `FRONT_DOORS`, `DOORS`, `FREE_LIBRARIES`, `PURE_FLOORS`, the lists of what the
world outside is, limits of size, refused words, and `DEBTS`.
"""

from __future__ import annotations

PACKAGE = "qtrace"

# Floor to rooms. Imports go downward only; rooms on one floor never import each other.
FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"errors"}),
    frozenset({"quantity", "ledger", "physics"}),
    frozenset({"uncertainty"}),
    frozenset({"laboratory"}),
    frozenset({"claims", "metrics", "standards", "traceability"}),
    frozenset({"certification", "validation"}),
    frozenset({"registry", "exchange", "report"}),
    frozenset({"workflow"}),
    frozenset({"cli"}),
)
# What stands in qtrace/__init__.py (the version) may be read from every floor.
ENTRANCE_HALL = PACKAGE

# Rooms that may import less than all floors below them. The front doors see what workflow
# hands out, the records in it (certification) and how it is shown, nothing of how it is stored.
FRONT_DOORS: dict[str, frozenset[str]] = {
    "cli": frozenset({"errors", "workflow", "report"}),
}

# Each verb stands alone; what all are given is the workbench.
VERBS = "workflow"
SHARED_BY_VERBS = frozenset({"qtrace.workflow.workbench"})

# Library to the modules (a room, or one module) that may import it. `migrations` is beside the
# package. What is in neither table has no door, and may not be imported at all.
DOORS: dict[str, frozenset[str]] = {
    "pint": frozenset({"qtrace.quantity.units"}),
    "cryptography": frozenset({"qtrace.ledger"}),
    "rfc8785": frozenset({"qtrace.ledger"}),
    "sqlalchemy": frozenset({"qtrace.registry", "migrations"}),
    "alembic": frozenset({"qtrace.registry", "migrations"}),
    "sqlite3": frozenset({"qtrace.registry"}),
    "jinja2": frozenset({"qtrace.report"}),
    "markupsafe": frozenset({"qtrace.report"}),
    "tomllib": frozenset({"qtrace.exchange"}),
    "typer": frozenset({"qtrace.cli"}),
    "rich": frozenset({"qtrace.cli", "qtrace.report"}),
    "matplotlib": frozenset({"qtrace.report"}),
    "ptufile": frozenset({"qtrace.exchange.time_tags"}),
    "h5py": frozenset({"qtrace.exchange.time_tags"}),
    "pyarrow": frozenset({"qtrace.exchange.time_tags"}),
    "TimeTagger": frozenset({"qtrace.exchange.time_tags"}),
    "numba": frozenset({"qtrace.physics", "qtrace.uncertainty.sweeps"}),
}
FREE_LIBRARIES = frozenset({"numpy", "scipy"})

# Floors 1 to 5 never read clock, environment, disk or socket, and draw no luck of their own.
PURE_FLOORS = range(1, 6)
OUTSIDE_MODULES = frozenset(
    {
        "asyncio",
        "ctypes",
        "fileinput",
        "getpass",
        "glob",
        "http",
        "importlib",
        "io",
        "locale",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "pickle",
        "platform",
        "random",
        "secrets",
        "shelve",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
    }
)
OUTSIDE_CALLS = frozenset(
    {"open", "input", "print", "eval", "exec", "compile", "__import__", "breakpoint", "globals"}
)
# Clocks by any name they hang on; numpy's global generator and its files.
OUTSIDE_ATTRIBUTES = frozenset(
    {
        "datetime.now",
        "datetime.utcnow",
        "datetime.today",
        "date.today",
        "np.load",
        "np.save",
        "np.savez",
        "np.loadtxt",
        "np.savetxt",
        "np.fromfile",
        "np.genfromtxt",
        "np.memmap",
        "random.seed",
        "random.rand",
        "random.randn",
        "random.random",
        "random.normal",
        "random.uniform",
        "random.choice",
        "random.integers",
    }
)
# With no argument these take their seed from the machine.
SEEDED_CALLS = frozenset({"default_rng", "PCG64", "SeedSequence", "MT19937", "Philox"})

MOST_LINES_OF_A_FILE = 349
# A verb is told in less: what is pure goes down.
MOST_LINES_IN_ROOM = {"workflow": 199}
MOST_LINES_OF_A_FUNCTION = 60
EMPTY_WORDS = frozenset({"utils", "util", "helpers", "helper", "common", "core", "manager", "misc"})
FORMULA_ROOM = "physics"

# Faults that are known and not yet mended: (rule, place) to reason. A debt that is paid must be
# struck out here; a test sees to that.
DEBTS: dict[tuple[str, str], str] = {}
