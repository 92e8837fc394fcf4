"""What plants make products of: the bill of materials by plant type."""

from __future__ import annotations

import pandas as pd

__all__ = ["inputs_by_plant_type", "is_passed_on"]


def is_passed_on(processes: pd.DataFrame) -> pd.Series:
    """Return for each row of table ``processes`` whether its plants pass the product on and do not make it.

    Examples
    --------
    >>> is_passed_on(pd.DataFrame({"plant_type": ["center"], "pass_through_step": [1.0]})).tolist()
    [True]
    """
    if "pass_through_step" not in processes:
        return pd.Series(False, index=processes.index, dtype=bool)
    return processes["pass_through_step"].notna()


def inputs_by_plant_type(processes: pd.DataFrame, bill: pd.DataFrame) -> pd.DataFrame:
    """Return what one unit of a product takes, for each plant type that makes it.

    Parameters
    ----------
    processes, bill : pandas.DataFrame
        Tables ``processes`` and ``bill_of_materials`` in canonical form.

    Returns
    -------
    pandas.DataFrame
        ``plant_type``, ``product``, ``input``, ``units_per_unit``: rows of the bill of materials that name no plant
        type stand there once for each that makes the product. What is passed on is not listed.

    Examples
    --------
    >>> processes = pd.DataFrame({"plant_type": ["dry", "wet"], "product": ["cell", "cell"]})
    >>> bill = pd.DataFrame(
    ...     {"product": ["cell", "cell"], "input": ["foil", "solvent"], "units_per_unit": [1.0, 0.2]}
    ... )
    >>> inputs_by_plant_type(processes, bill.assign(plant_type=[None, "wet"]))["input"].tolist()
    ['foil', 'foil', 'solvent']
    """
    makes = zip(
        *(processes[c].tolist() for c in ("plant_type", "product")), is_passed_on(processes).tolist(), strict=True
    )
    makers = dict.fromkeys((k, p) for k, p, passed in makes if isinstance(k, str) and isinstance(p, str) and not passed)
    shared: dict[object, list[int]] = {}
    own: dict[object, list[int]] = {}
    products = bill["product"].tolist()
    kinds = bill["plant_type"].tolist() if "plant_type" in bill else [None] * len(bill)
    for row, (kind, product) in enumerate(zip(kinds, products, strict=True)):
        if isinstance(kind, str):
            own.setdefault((kind, product), []).append(row)
        else:
            shared.setdefault(product, []).append(row)
    lines = [(kind, row) for kind, product in makers for row in shared.get(product, ())]
    lines += [(kind, row) for kind, product in makers for row in own.get((kind, product), ())]
    inputs = bill[["product", "input", "units_per_unit"]].take([row for _, row in lines]).reset_index(drop=True)
    inputs.insert(0, "plant_type", pd.Series([kind for kind, _ in lines], dtype="str"))
    return pd.DataFrame(inputs)
