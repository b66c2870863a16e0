"""A class of devices of one's own, from its file to a device of it."""

from __future__ import annotations

import re
from pathlib import Path

from stranger import Laboratory

FILES = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
DEVICE = """\
[[device]]
id = "UP-1"
class = "upconversion_detector"
manufacturer = "Maker"
model = "X"
serial = "1"
"""


def test_the_documented_file_is_accepted_by_a_command(own: Laboratory) -> None:
    part = FILES[FILES.index("## Device class") :]
    example = re.findall(r"```toml\n(.*?)```", part, flags=re.DOTALL)[0]
    name = own.write("class.toml", example)
    device = own.write("device.toml", DEVICE)
    assert own.qtrace(f"device add {device}").code == 2
    assert own.qtrace(f"device-class add {name} --dry-run").code == 0
    assert own.qtrace(f"device add {device}").code == 2
    added = own.qtrace(f"device-class add {name}")
    assert (added.code, added.answer["class_id"]) == (0, "upconversion_detector")
    assert own.qtrace(f"device add {device}").code == 0
    assert "upconversion_detector" in own.qtrace("device-class list").out
    assert own.qtrace("init").answer["device_classes"] == 0
    assert own.qtrace("audit --all").code == 0


def test_a_class_that_is_there_and_a_kind_that_is_none_are_refused(own: Laboratory) -> None:
    head = '[device_class]\nid = "snspd"\ntitle = "x"\nroles = []\n'
    taken = own.write("taken.toml", head + 'kinds = ["dark_count_rate"]\n')
    assert own.qtrace(f"device-class add {taken}").code == 2
    unknown = own.write("unknown.toml", head + 'kinds = ["darkness"]\n')
    answer = own.qtrace(f"device-class add {unknown}")
    assert answer.code == 2
    assert "darkness" in answer.said
