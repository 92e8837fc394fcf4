"""Duties, quotas, rules of origin and offsets of the shipped studies."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from evsiting.shipped.book import ProvenanceLog
from evsiting.shipped.products import FACTORY_NOTE, FACTORY_SHARE

#: Part of the bought material of a vehicle and of a pack that comes from outside the three countries. [1]
FOREIGN_MATERIAL = {"vehicle": 0.15, "pack": 0.3}
#: Part of the bought material of a vehicle that is made at high wages. [1]
HIGH_WAGE_MATERIAL = 0.25
#: Part of the bought material of a vehicle that is content of the country it enters. [1]
DESTINATION_MATERIAL = 0.15
#: Vehicles a year that makers with plants in Canada may bring in from the United States without the counter-tariff.
REMISSION = 100e3
#: Year of the last step of Canada's quota for Chinese vehicles that is known.
LAST_STEP = 2030

ALL_IN = "the rate of the deal for cars holds for batteries, all duties in one"
PARTS = "batteries are among the parts listed"
GENERAL = "what does not qualify pays the general rate"


@dataclass(frozen=True)
class Measure:
    """Duties of one law: on which products, from and to which countries.

    Parameters
    ----------
    products, origins : str
        Parted by blanks.
    destination, name : str
        Who levies it, and its name.
    key : str
        Parameter of the rate, in percent.
    relief : str
        What qualifying goods are spared.
    assumed : str
        What is assumed beside the parameter.
    """

    products: str
    origins: str
    destination: str
    name: str
    key: str
    relief: str = "none"
    assumed: str = ""


MEASURES = (
    Measure("vehicle", "CN", "US", "MFN", "duty.us.vehicle_mfn"),
    Measure("vehicle", "CN", "US", "Section 232", "us.232.car_tariff"),
    Measure("vehicle", "CN", "US", "Section 301", "us.301.ev_china"),
    Measure("vehicle", "JP", "US", "Section 232", "us.232.car_tariff_japan"),
    Measure("vehicle", "DE", "US", "Section 232", "us.232.car_tariff_eu"),
    Measure("vehicle", "KR", "US", "Section 232", "us.232.car_tariff_korea"),
    Measure("vehicle", "CA MX", "US", "MFN", "duty.us.vehicle_mfn", "free"),
    Measure("vehicle", "CA MX", "US", "Section 232", "us.232.car_tariff", "content"),
    Measure("pack cell", "CN", "US", "MFN", "duty.us.battery_mfn"),
    Measure("pack cell", "CN", "US", "Section 232", "us.232.parts_tariff", assumed=PARTS),
    Measure("pack cell", "CN", "US", "Section 301", "us.301.ev_liion_china"),
    Measure("pack cell", "JP", "US", "Section 232", "us.232.car_tariff_japan", assumed=ALL_IN),
    Measure("pack cell", "KR", "US", "Section 232", "us.232.car_tariff_korea", assumed=ALL_IN),
    Measure("pack cell", "CA MX", "US", "MFN", "duty.us.battery_mfn", "free"),
    Measure("pack cell", "CA MX", "US", "Section 232", "us.232.parts_tariff", "free", PARTS),
    Measure("vehicle", "CN", "CA", "MFN", "duty.ca.vehicle_mfn"),
    Measure("vehicle", "CN", "CA", "surtax", "ca.china_ev_surtax"),
    Measure("vehicle", "US MX", "CA", "MFN", "duty.ca.vehicle_mfn", "free"),
    Measure("vehicle", "US", "CA", "counter-tariff", "ca.counter_tariff_us_cars", "content"),
    Measure("pack cell", "CN", "CA", "MFN", "duty.ca.battery_mfn"),
    Measure("vehicle", "CN KR", "MX", "MFN", "mx.tariff.cars_non_fta"),
    Measure("vehicle", "US CA", "MX", "MFN", "mx.tariff.cars_non_fta", "free", GENERAL),
    Measure("pack cell", "CN KR", "MX", "MFN", "duty.mx.battery_mfn"),
    Measure("pack", "US CA", "MX", "MFN", "duty.mx.battery_mfn", "free", GENERAL),
)


def duties(book: ProvenanceLog, further: tuple[Measure, ...] = ()) -> pd.DataFrame:
    """Return the duties in force at the reference date, for good; pairs without a row are free of duty.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    further : tuple of Measure
        Measures beside :data:`MEASURES`: those on bought inputs.
    """
    rows = []
    for law in (*MEASURES, *further):
        rate = round(0.01 * book.get(law.key), 6)
        for product in law.products.split():
            for origin in law.origins.split():
                rows.append((product, origin, law.destination, law.name, rate, 1.0, law.relief))
                row = f"{product}|{origin}|{law.destination}|{law.name}|"
                book.get(law.key)
                book.note("duties", "rate", row, assumed=law.assumed)
    whole = "the whole value; what is spared depends on the plant, not on a share"
    book.cite("duties", "dutiable_share", "*", "customsmobile_usmca;awpa_232", "", "derived", whole)
    columns = ["product", "origin", "destination", "measure", "rate", "dutiable_share", "relief"]
    return pd.DataFrame(rows, columns=columns)


def quotas(book: ProvenanceLog, first_year: int) -> pd.DataFrame:
    """Return Canada's quotas: Chinese vehicles without the surtax, and remission for makers with plants there.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    first_year : int
        First year of the study, from which to take the mean of the steps before the last.
    """
    years = range(first_year, LAST_STEP)
    rising = round(sum(book.get("ca.china_ev_quota", year=year) for year in years) / len(years))
    end = book.get("ca.china_ev_quota", year=LAST_STEP)
    book.read.clear()
    steps = (("China to Canada, rising", rising, first_year, LAST_STEP - 1), ("China to Canada", end, LAST_STEP, None))
    rows: list[tuple[object, ...]] = []
    for name, units, start, last in steps:
        rows.append((name, "vehicle", "CN", "CA", "surtax", float(units), 0.0, start, last))
        book.get("ca.china_ev_quota", year=start)
        if last:
            mean = f"mean of the steps of {start} to {last}, each 6.5 % above the last; a step begins in March"
            book.note("quotas", "units_per_yr", name, derived=mean)
        else:
            book.note("quotas", "units_per_yr", name, assumed="the fifth and last step that is known stays for good")
        book.get("ca.china_ev_quota_tariff")
        book.note("quotas", "rate", name, derived="within the quota only the general rate is left")
    for column in ("first_year", "last_year"):
        book.get("ca.china_ev_quota", year=LAST_STEP)
        book.note("quotas", column, derived="year 5 is counted from the start on 2026-03-01; for good where empty")
    rows.append(("Remission", "vehicle", "US", "CA", "counter-tariff", REMISSION, 0.0, None, None))
    note = "remission goes by company; its sum is not known, and is taken as half of the vehicles wanted at first"
    book.cite("quotas", "*", "Remission", "", "", "assumption", note)
    columns = ["quota", "product", "origin", "destination", "measure", "units_per_yr", "rate", "first_year"]
    return pd.DataFrame(rows, columns=[*columns, "last_year"])


def origin_rules(
    book: ProvenanceLog,
    processes: pd.DataFrame,
    products: pd.DataFrame,
    ruled: tuple[str, ...] = ("vehicle", "pack"),
    parts_usd: float | None = None,
) -> pd.DataFrame:
    """Return the USMCA rules for vehicles and packs, by net cost.

    Net cost is the value of a pack and what a vehicle costs at the factory gate. Cells have no rule: those made in one
    of the three countries of materials from abroad originate there.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    processes, products : pandas.DataFrame
        The study's tables.
    ruled : tuple of str
        Products that get a rule. Without one for packs, every pack that is made in one of the three countries
        originates there, whatever cells are in it.
    parts_usd : float, optional
        Price of the parts of a vehicle where they are a product with suppliers: what is made at high wages or in the
        country that a vehicle enters then follows from where they are bought, and is not assumed. [USD/vehicle]
    """
    material = processes.set_index("product")["material_usd_per_unit"].copy()
    modelled = parts_usd is not None
    if parts_usd is not None:
        material["vehicle"] += parts_usd
    value = products.set_index("product")["value_usd_per_unit"]
    net = value.where(value.index != "vehicle", FACTORY_SHARE * value)
    rvc, lvc, wage = book.get("usmca.rvc_net_cost"), book.get("usmca.lvc_car"), book.get("usmca.lvc_wage")
    credit = 0.01 * (book.get("usmca.lvc_credit_technology_max") + book.get("usmca.lvc_credit_assembly_max"))
    both = "the same for vehicle and pack, which is a core part"
    if "pack" in ruled:
        book.note("origin_rules", "rvc", keys=["usmca.rvc_net_cost"], derived=both)
    else:
        loose = "a pack made in one of the three countries originates there, whatever is in it"
        book.note("origin_rules", "rvc", keys=["usmca.rvc_net_cost"], assumed=loose)
    for product in ruled:
        book.get("product.bev_value" if product == "vehicle" else "product.pack_price_bev")
        cost = FACTORY_NOTE if product == "vehicle" else ""
        book.note("origin_rules", "net_cost_usd_per_unit", product, assumed=cost, derived="" if cost else "its value")
    book.note("origin_rules", "lvc", keys=["usmca.lvc_car"], derived="all vehicles are cars")
    book.note("origin_rules", "high_wage_usd_per_h", keys=["usmca.lvc_wage"])
    foreign = "of bought material comes from outside the three countries: 15 % of a vehicle's, 30 % of a pack's"
    if modelled:
        foreign += (
            "; that of a vehicle is in the parts of suppliers at home; parts bought abroad count beside it in full"
        )
    book.cite("origin_rules", "other_foreign_usd_per_unit", "*", "", "", "assumption", foreign)
    high = f"{HIGH_WAGE_MATERIAL:.0%} of a vehicle's bought material is made at high wages, beside both credits in full"
    high = (
        "both credits in full; parts of the United States and Canada count as made at high wages" if modelled else high
    )
    credits = ["usmca.lvc_credit_technology_max", "usmca.lvc_credit_assembly_max"]
    book.note("origin_rules", "other_high_wage_usd_per_unit", keys=credits, assumed=high)
    home = f"{DESTINATION_MATERIAL:.0%} of a vehicle's bought material is content of the country it enters, whichever"
    home = "what is content of a country is bought there, parts with all that is in them" if modelled else home
    book.cite("origin_rules", "other_content_usd_per_unit", "*", "", "", "assumption", home)
    assumed_wage, assumed_content = (0.0, 0.0) if modelled else (HIGH_WAGE_MATERIAL, DESTINATION_MATERIAL)
    rows = []
    for product, share in ((p, FOREIGN_MATERIAL[p]) for p in ruled):
        whole = product == "vehicle"
        paid = float(material[product])
        rows.append(
            {
                "product": product,
                "rvc": 0.01 * rvc,
                "net_cost_usd_per_unit": round(float(net[product]), 2),
                "other_foreign_usd_per_unit": round(share * paid, 2),
                "lvc": 0.01 * lvc if whole else None,
                "high_wage_usd_per_h": wage,
                "other_high_wage_usd_per_unit": round(assumed_wage * paid + credit * net[product], 2) if whole else 0.0,
                "core_parts": "pack" if whole else None,
                "other_content_usd_per_unit": round(assumed_content * paid, 2) if whole else 0.0,
            }
        )
    return pd.DataFrame(rows)


def offsets(book: ProvenanceLog, first_year: int) -> pd.DataFrame:
    """Return the adjustment for makers in the United States: a part of the retail price against duty on parts.

    Parameters
    ----------
    book : ProvenanceLog
        Where provenance goes.
    first_year : int
        First year of the study.
    """
    share, price = 0.01 * book.get("us.232.offset_msrp"), book.get("product.bev_price_retail")
    book.note("duty_offsets", "share", keys=["us.232.offset_msrp"])
    book.note(
        "duty_offsets", "value_usd_per_unit", keys=["product.bev_price_retail"], derived="stands for the list price"
    )
    book.note("duty_offsets", "first_year", keys=["us.232.offset_msrp"], derived="in force before the study begins")
    book.note("duty_offsets", "last_year", keys=["us.232.offset_msrp"], derived="extended to 2030")
    row = {
        "destination": "US",
        "product": "vehicle",
        "measure": "Section 232",
        "share": share,
        "value_usd_per_unit": price,
        "first_year": first_year,
        "last_year": 2030,
    }
    return pd.DataFrame([row])
