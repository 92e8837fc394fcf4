"""What moves the answer: tariffs doubled, a credit that ends early, less demand, each alone and two together.

Each case is solved by itself and kept as soon as it is: a run that was stopped goes on where it was.
"""

import pandas as pd

import evsiting as ev

ENDS = [f"program=45X {part}; first_year={year}" for part in ("cells", "modules") for year in (2031, 2032)]
CASES = pd.DataFrame(
    [
        {"case": "tariffs doubled", "table": "duties", "column": "rate", "action": "multiply", "value": 2.0},
        *({"case": "45X ends in 2030", "table": "programs", "rows": rows, "action": "drop"} for rows in ENDS),
        {"case": "less demand", "table": "demand", "column": "units_per_yr", "action": "multiply", "value": 0.7},
        {
            "case": "tariffs, and less demand",
            "based_on": "tariffs doubled",
            "table": "demand",
            "column": "units_per_yr",
            "action": "multiply",
            "value": 0.7,
        },
    ]
)


def main():
    found = ev.sweep(ev.example("ten-cities"), CASES, folder="what_if", workers=2, threads=1, gap=0.02, progress=True)
    print(found)
    print(found.compared(to="base").to_string(index=False))
    print(found.openings.to_string(index=False))


if __name__ == "__main__":
    main()
