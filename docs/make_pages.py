"""Write the pages made from the code, data dictionary and formulation: ``python -m docs.make_pages``."""

from __future__ import annotations

from pathlib import Path

from docs.pages.customs import customs_markdown
from docs.pages.formulation import formulation_markdown
from docs.pages.limits import limits_markdown
from docs.pages.plant_figures import plant_figures_markdown
from docs.pages.programs import programs_markdown
from docs.pages.results import results_markdown
from evsiting.study.schema.markdown import dictionary_markdown

PAGES = {
    "customs.md": customs_markdown,
    "data_dictionary.md": dictionary_markdown,
    "formulation.md": formulation_markdown,
    "limits.md": limits_markdown,
    "plant_figures.md": plant_figures_markdown,
    "programs.md": programs_markdown,
    "results.md": results_markdown,
}


def main(folder: Path = Path(__file__).parent) -> None:
    """Write every page into ``folder``."""
    for name, make in PAGES.items():
        (folder / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
