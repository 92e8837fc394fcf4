"""The worked examples of CONTRIBUTING: their files and names exist, and their code runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evsiting.results.rules import trade
from evsiting.results.rules.case import Examination
from tests.certificate.test_sabotage_trade import changed, plan_of, study

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^### Worked example: .*?(?=^### |^\*\*)", TEXT, re.M | re.S)
FILES = sorted({name for part in EXAMPLES for name in re.findall(r"`((?:\w+/)+\w+\.(?:py|md))`", part)})


def test_there_are_two_worked_examples() -> None:
    assert len(EXAMPLES) == 2
    assert len(FILES) > 12


@pytest.mark.parametrize("name", FILES)
def test_the_files_of_the_examples_exist(name: str) -> None:
    assert (ROOT / name).is_file() or (ROOT / "evsiting" / name).is_file()


def test_each_name_of_the_first_example_stands_in_the_file_before_it() -> None:
    for file, name in (
        ("study/schema/limits.py", "LIMIT_KINDS"),
        ("study/schema/programs.py", "UNITS_BY_KIND"),
        ("study/validation/limits.py", "LIMIT_COLUMNS"),
    ):
        assert file in EXAMPLES[0]
        assert name in EXAMPLES[0]
        assert re.search(rf"^{name}\b.*=", (ROOT / "evsiting" / file).read_text("utf-8"), re.M)


def test_the_rule_of_the_second_example_passes_a_right_plan_and_catches_a_wrong_one() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", EXAMPLES[1], re.S)
    names = dict(vars(trade))
    exec(code, names)
    rule = names["mexican_preference"]
    (found,) = rule(Examination(study(), plan_of()))
    assert found.broken.max() <= 0.0
    (found,) = rule(Examination(study(), plan_of(**changed("preferences", 0, value=90e3))))
    row = int(found.broken.argmax())
    assert found.broken[row] > 0.1
    assert "90,000 declared as originating, 60,000 made" in found.tell(row)[1]
