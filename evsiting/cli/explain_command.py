"""The command explain: why a study has no plan, and changes that work; what it does is loaded when it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from evsiting.cli.options import EXIT_CODES, Engine, Json, Quiet, Seed, Study, Threads, TimeLimit, solver_settings
from evsiting.cli.terminal import NO_PLAN
from evsiting.errors import InfeasibleError

__all__ = ["EXPLAIN_EPILOG", "explain", "explanation_offered"]

EXPLAIN_EPILOG = (
    "Example: evsiting explain my_study --changes repair.csv && evsiting sweep my_study --cases repair.csv\n\n"
    "A study with a plan is told so, with exit code 0. " + EXIT_CODES
)


@contextmanager
def explanation_offered(study: str) -> Iterator[None]:
    """Name the command that says more, where a study turns out to have no plan.

    Parameters
    ----------
    study : str
        As it was typed.
    """
    try:
        yield
    except InfeasibleError as error:
        error.__notes__ = [
            f"Next: evsiting explain {study} tells what contradicts each other and the smallest changes that would do."
        ]
        raise


def explain(
    ctx: typer.Context,
    study: Study,
    changes: Annotated[
        Path | None,
        typer.Option(
            "--changes", metavar="FILE.csv", help="Write the smallest change that works, as a case.", show_default=False
        ),
    ] = None,
    time_limit: TimeLimit = None,
    engine: Engine = None,
    threads: Threads = None,
    seed: Seed = None,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Say why a study has no plan: what contradicts each other, and the smallest changes that would do."""
    from evsiting.cli.arguments import file_to_write, load_study
    from evsiting.files import replace_file
    from evsiting.optimize.explanation.explanation import explain as explained

    voice = ctx.obj.set(quiet=quiet, as_json=json)
    changes = None if changes is None else file_to_write(changes, "--changes", (".csv",))
    settings = solver_settings(None, time_limit, engine, threads, seed, None)
    explanation = explained(load_study(study), **settings)  # type: ignore[arg-type]
    rows = explanation.changes
    if changes is not None and len(rows):
        with replace_file(changes) as file:
            rows.to_csv(file, index=False, lineterminator="\n")
    voice.say(str(explanation), *([f"The change is in {changes}."] if changes is not None and len(rows) else []))
    voice.data(
        lambda: {
            "study": explanation.study_name,
            "feasible": explanation.feasible,
            "conflict": list(explanation.conflict),
            "repairs": [
                {
                    "gives_way": list(repair.things),
                    "words": repair.words,
                    "size": repair.size,
                    "works": repair.works,
                    "changes": repair.changes.astype(object).where(repair.changes.notna(), None).to_dict("records"),
                }
                for repair in explanation.repairs
            ],
        }
    )
    if not explanation.feasible:
        raise typer.Exit(NO_PLAN)
