"""What a policy is worth: the same question under other duties and without a tax credit, side by side.

Each case changes one table of the study; the layers then work out anew what follows from it.
"""

import pandas as pd

import evsiting as ev


def without_scenarios(study):
    # the futures of the study name rows of its duties; here they are what changes
    certain = study.with_table("scenario_changes", study.scenario_changes.head(0))
    return certain.with_table("scenarios", certain.scenarios.head(0))


def without_duty(study, measure):
    duties = study.duties
    return study.with_table("duties", duties[duties["measure"] != measure].reset_index(drop=True))


def without_program(study, name):
    programs = study.programs
    kept = study.with_table("programs", programs[~programs["program"].str.startswith(name)].reset_index(drop=True))
    rules = kept.program_rules
    kept = kept.with_table("program_rules", rules[~rules["program"].str.startswith(name)].reset_index(drop=True))
    # an empty table is made again from the programs that are left
    return ev.complete(kept.with_table("incentives", kept.incentives.head(0)))


def places(plan):
    opened = plan.opened
    return ", ".join(sorted(opened["plant_type"] + " in " + opened["name"]))


def main():
    study = without_scenarios(ev.example("ten-cities"))
    cases = {
        "as the law stands": study,
        "no Section 232": without_duty(study, "Section 232"),
        "no 45X": without_program(study, "45X"),
    }
    rows = []
    for name, case in cases.items():
        plan = ev.solve(case, gap=0.001, time_limit_s=60)
        ev.certify(case, plan).raise_if_failed()
        rows.append((name, f"{1e-9 * plan.totals['cost']:.2f}", f"{plan.gap:.2%}", places(plan)))
    print(pd.DataFrame(rows, columns=["case", "bn USD", "gap", "opened"]).to_string(index=False))


if __name__ == "__main__":
    main()
