"""Plans of runs: what is to be measured and how it will be judged, on record before the run.

Inside: `RunPlan`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The blocks that a link is to record, the bound, rule and tolerance that will judge them.

    `blocks` runs of `block_size` sifted bits of the key basis (or symbols) within the time span,
    or fewer as `stop_rule` says. `parameters`, `assumptions`, `choices` and `ideal_because` are
    as in a `Run`; a run of the plan may not differ from them (of the last, not take more as ideal).
    """

    plan_id: str
    link_id: str
    planned_from: datetime
    planned_until: datetime
    protocol: str
    bound: str
    blocks: int
    block_size: int
    stop_rule: str
    rule: str = ""
    tolerance: str = ""
    parameters: dict[str, float] = field(default_factory=dict)
    assumptions: dict[str, tuple[float, float]] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    source: str = ""
    ideal_because: dict[str, str] = field(default_factory=dict)
