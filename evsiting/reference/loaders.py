"""Readers of the shipped tables. Each call returns a fresh frame that the caller may change.

Numbers stand as in their source. Codes are text, so that leading zeros survive. A missing value is
missing (``NaN`` or ``<NA>``), never zero and never an empty string; only ``note`` is empty where there is
nothing to say.
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from evsiting.reference import stored


def jurisdictions() -> gpd.GeoDataFrame:
    """States, provinces, territories of the United States, Canada and Mexico, with polygons.

    Returns
    -------
    geopandas.GeoDataFrame, 96 rows, EPSG:4326
        ``iso`` (ISO 3166-2, unique), ``name``, ``country`` (US, CA, MX); codes as text: ``fips``,
        ``statcan_pruid``, ``inegi``, ``geonames_admin1``; ``population`` [persons] of ``population_year``
        (US 2024, CA 2021, MX 2020) from ``population_source``; ``area_km2`` [km2]; ``lat``, ``lon``
        [degrees], the label point: population-weighted centre of the ``centroid_cities`` cities of at
        least ``centroid_min_population`` persons; ``centroid_source``; ``geometry``, simplified for maps
        (area within 2.6 %).

    Notes
    -----
    Licence: polygons Natural Earth (public domain); populations US Census Bureau (public domain), Statistics
    Canada (Open Licence), INEGI (free use); label points GeoNames (CC BY 4.0).

    Examples
    --------
    >>> frame = jurisdictions()
    >>> frame.groupby("country").size().to_dict()
    {'CA': 13, 'MX': 32, 'US': 51}
    >>> frame.set_index("iso").loc["US-AL", "fips"]
    '01'
    """
    return stored.jurisdictions().copy()


def jurisdiction_facts() -> pd.DataFrame:
    """Wages, prices, tax rates, grid and market facts of the jurisdictions, one row each.

    Use :func:`evsiting.reference.fact` for one variable as a column.

    Returns
    -------
    pandas.DataFrame, 1762 rows
        ``iso``, ``variable`` (together unique), ``value`` in ``unit``, ``year``, ``source`` (ids of
        :func:`sources`, separated by ``;``), ``quality``: *measured* (read from the source as it is),
        *derived* (arithmetic on measured values) or *imputed* (from a wider area or a proxy), ``note``.

    Notes
    -----
    Licence: facts; each row's source names its own. ``data/README.md`` says what may not be compared,
    above all that wages are three different statistics in the three countries.

    Examples
    --------
    >>> frame = jurisdiction_facts().set_index(["iso", "variable"])
    >>> frame.loc[("US-TN", "grid_emission_factor"), ["value", "unit"]].to_dict()
    {'value': 0.2999, 'unit': 'kgCO2e/kWh'}
    """
    return stored.jurisdiction_facts().copy()


def cities() -> gpd.GeoDataFrame:
    """Places of 15,000 persons and more; those from 50,000 are marked as candidates for a plant.

    Returns
    -------
    geopandas.GeoDataFrame, 4557 rows, EPSG:4326
        ``geonameid`` (unique), ``name``, ``iso`` and ``country`` of the jurisdiction, ``lat``, ``lon``
        [degrees], ``population`` [persons], ``candidate`` (true from 50,000 persons: 1,360 rows),
        ``nearest_larger_geonameid`` and ``nearest_larger_km`` [km] of the nearest larger place, for
        thinning, ``source``, ``geometry`` (point).

    Notes
    -----
    Licence: GeoNames, CC BY 4.0, changed (selection, added columns). Counts overlap: New York City and
    Brooklyn are both rows.

    Examples
    --------
    >>> frame = cities()
    >>> int(frame["candidate"].sum())
    1360
    """
    return stored.cities().copy()


def plants() -> gpd.GeoDataFrame:
    """Announced, standing and abandoned EV and battery plants, for calibration and examples.

    Returns
    -------
    geopandas.GeoDataFrame, 51 rows, EPSG:4326
        ``id`` (unique), ``name``, ``company``, ``city``, ``iso``, ``country``, ``lat``, ``lon``
        [degrees], ``county_fips`` (text), ``type``, ``capacity`` in ``capacity_unit``,
        ``investment_busd`` [1e9 USD, nominal, as announced], ``cim_capex_busd_2023`` [1e9 USD of 2023],
        ``jobs`` [persons], ``subsidy_musd`` [1e6 USD], ``announced_year``, ``status_class``, ``status``,
        ``status_asof``; ``first_year`` in which a plant under construction runs, where a page names it;
        ``built_share`` of a paused plant: the part of the investment that is spent; the same with ``_unsourced``
        for values that no page read states (do not mix; ``status_unsourced`` is true or false); nearest city and
        nearest candidate with distance [km];
        ``source``, ``note``, ``cim_id``, ``geometry`` (point).

    Notes
    -----
    Licence: Clean Investment Monitor, Rhodium Group and MIT CEEPR, CC BY 4.0, changed; subsidy sums: Good
    Jobs First, Subsidy Tracker.

    Examples
    --------
    >>> len(plants())
    51
    """
    return stored.plants().copy()


def standing_vehicle_plants() -> gpd.GeoDataFrame:
    """Vehicle plants that stood in the three countries at the end of 2016, before the announcements of :func:`plants`.

    Returns
    -------
    geopandas.GeoDataFrame, 97 rows, EPSG:4326
        ``id`` (unique), ``name``, ``company``, ``country``, ``region`` (ISO 3166-2), ``city``, ``lat``, ``lon``
        [degrees] of the city centre unless ``note`` says otherwise, ``opened_year`` (missing where no page gave it),
        ``closed_year`` (last year of production; missing where the plant stood in 2025), ``kind``: ``assembly`` (light
        vehicles) or ``assembly heavy`` (trucks, buses, chassis), ``source``, ``quality``, ``note``, ``geometry``
        (point).

    Notes
    -----
    Licence: facts; plant codes US DOT (public domain), points GeoNames (CC BY 4.0, changed). Makers of electric
    vehicles only are left out but for Fremont, so that the list does not hold what it is used to explain. For twelve
    heavy plants a filed plant code is the only evidence.

    Examples
    --------
    >>> standing_vehicle_plants()["country"].value_counts().to_dict()
    {'US': 61, 'MX': 23, 'CA': 13}
    """
    return stored.standing_vehicle_plants().copy()


def auto_supply_base() -> pd.DataFrame:
    """Employment in making motor vehicles and their parts, or the part of a state in its country's output.

    Returns
    -------
    pandas.DataFrame, 432 rows
        ``country``, ``region`` (ISO 3166-2, missing: the country), ``county_fips`` (text, missing: the region),
        ``naics`` (3361 vehicles, 3363 parts, text), ``year`` (text; a span is a mean), together unique;
        ``employment`` [persons], ``share_pct_of_country`` [percent of employment, in Mexico of output value],
        ``source``, ``quality``, ``note``.

    Notes
    -----
    Licence: County Business Patterns, US Census Bureau (public domain); Canada and Mexico: facts. Counties are those
    of which nothing was suppressed; sums of states hold estimates of the rest. Texas has parts only, of another count
    scaled to this one; Mexican states have shares of output only, the ten largest.

    Examples
    --------
    >>> frame = auto_supply_base().query("naics == '3363' and county_fips.isna() and country == 'US'")
    >>> frame.nlargest(3, "employment")["region"].tolist()
    ['US-MI', 'US-OH', 'US-IN']
    """
    return stored.auto_supply_base().copy()


def county_labor() -> pd.DataFrame:
    """Labor force and unemployed of the counties of the United States, annual mean of 2024.

    Returns
    -------
    pandas.DataFrame, 3143 rows
        ``fips`` (unique text of five digits; Connecticut by its nine planning regions), ``labor_force``,
        ``unemployed`` [persons], ``unemployment_rate_pct`` [percent], ``year``, ``source``.

    Notes
    -----
    Licence: Local Area Unemployment Statistics, US Bureau of Labor Statistics (public domain). Kalawao is missing.


    Examples
    --------
    >>> int(county_labor().set_index("fips").loc["47157", "labor_force"])
    425307
    """
    return stored.county_labor().copy()


def right_to_work() -> pd.DataFrame:
    """States of the United States with a right-to-work law: no duty to pay a union in order to keep a job.

    Returns
    -------
    pandas.DataFrame, 51 rows
        ``iso`` (unique), ``right_to_work_2026`` (true or false), ``first_year`` (the earlier of ``constitution_year``
        and ``statute_year``; missing where there never was one), ``ended_year``, ``source``, ``quality``, ``note``.

    Notes
    -----
    Licence: facts, National Conference of State Legislatures. For Texas and Louisiana the years are those of the
    present law.

    Examples
    --------
    >>> int(right_to_work()["right_to_work_2026"].sum())
    26
    """
    return stored.right_to_work().copy()


def parameters() -> pd.DataFrame:
    """Policy, freight, product, plant, labor, grid, demand, finance and price parameters.

    Use :func:`evsiting.reference.parameter` for one of them, picked by date and country.

    Returns
    -------
    pandas.DataFrame
        ``key``, ``value`` (number, missing where the row is words), ``text`` (as written), ``low`` and
        ``high`` in ``unit``; ``currency_year`` (price year or ``nominal``); ``country`` (missing: any),
        ``valid_from``, ``valid_to`` (days, missing: open); ``source`` (ids of :func:`sources`, separated
        by ``;``), ``quality``: *sourced*, *derived* (arithmetic on sourced values) or *unsourced* (an
        assumption that no page read states: replace it), ``note``. ``key``, ``country``, ``valid_from``
        together are unique.

    Notes
    -----
    Licence: facts; each row's source names its own. Policy rows are dated and want a check before use.

    Examples
    --------
    >>> frame = parameters().query("key == 'us.45x.phase_down_factor'")
    >>> frame["value"].tolist()
    [1.0, 0.75, 0.5, 0.25, 0.0]
    """
    return stored.parameters().copy()


def borders() -> gpd.GeoDataFrame:
    """Land crossings between the United States and Canada, and the United States and Mexico.

    Returns
    -------
    geopandas.GeoDataFrame, 30 rows, EPSG:4326
        ``id`` (unique), ``name``, ``us_place``, ``other_place``, ``iso_us``, ``iso_other``, ``countries``
        (``US-CA`` or ``US-MX``), ``lat``, ``lon`` [degrees], ``truck`` and ``rail`` (true, false,
        missing: not verified), ``rail_edges`` (edges ``from-to`` of :func:`rail_edges` that cross there),
        ``trucks_inbound_2000_thousand`` [1000 trucks/yr, year 2000], ``coord_source``, ``mode_source``,
        ``note``, ``geometry`` (point).

    Notes
    -----
    Licence: US federal statistics (public domain) and facts; rail edges: US DOT by way of scgraph (MIT).

    Examples
    --------
    >>> borders()["countries"].value_counts().to_dict()
    {'US-CA': 19, 'US-MX': 11}
    """
    return stored.borders().copy()


def ports() -> gpd.GeoDataFrame:
    """Sea ports of North America and the ports of origin of imports.

    Returns
    -------
    geopandas.GeoDataFrame, 70 rows, EPSG:4326
        ``unlocode`` (unique), ``name``, ``country``, ``iso`` (jurisdiction, missing overseas), ``lat``,
        ``lon`` [degrees], ``role`` (``north_america``: 43 rows, ``origin``: 27), ``source``, ``geometry``
        (point).

    Notes
    -----
    Licence: searoute, Apache-2.0.

    Examples
    --------
    >>> ports()["role"].value_counts().to_dict()
    {'north_america': 43, 'origin': 27}
    """
    return stored.ports().copy()


def sea_lanes() -> pd.DataFrame:
    """Sea distance from every port of origin to every North American port.

    Returns
    -------
    pandas.DataFrame, 1161 rows
        ``origin``, ``destination`` (UN/LOCODE, together unique), ``distance_km`` [km, along the sea lanes],
        ``great_circle_km`` [km], ``passages`` (canals and straits used, missing: none), ``source``.

    Notes
    -----
    Licence: searoute, Apache-2.0. The Northwest Passage is closed.

    Examples
    --------
    >>> frame = sea_lanes().set_index(["origin", "destination"])
    >>> float(frame.loc[("KRPUS", "USLAX"), "distance_km"])
    9807.0
    """
    return stored.sea_lanes().copy()


def rail_nodes() -> gpd.GeoDataFrame:
    """Nodes of the Class I rail graph of North America.

    Returns
    -------
    geopandas.GeoDataFrame, 9929 rows, EPSG:4326
        ``node`` (unique), ``lat``, ``lon`` [degrees], ``iso`` (jurisdiction, within a few km of a border
        uncertain), ``component`` (1: the largest, 9,923 nodes), ``geometry`` (point).

    Notes
    -----
    Licence: US DOT (public domain) by way of scgraph (MIT). Mexico holds one network of 86 nodes.

    Examples
    --------
    >>> int((rail_nodes()["component"] == 1).sum())
    9923
    """
    return stored.rail_nodes().copy()


def rail_edges() -> pd.DataFrame:
    """Edges of the Class I rail graph of North America, usable in both directions.

    Returns
    -------
    pandas.DataFrame, 13066 rows
        ``from_node``, ``to_node`` (of :func:`rail_nodes`), ``length_km`` [km].

    Notes
    -----
    Licence: US DOT (public domain) by way of scgraph (MIT).

    Examples
    --------
    >>> rail_edges().columns.tolist()
    ['from_node', 'to_node', 'length_km']
    """
    return stored.rail_edges().copy()


def sources() -> pd.DataFrame:
    """Where the shipped numbers come from, and under which licence.

    Returns
    -------
    pandas.DataFrame
        ``id`` (unique), ``title``, ``publisher``, ``vintage``, ``url_or_package``, ``licence``,
        ``accessed`` (day), ``note``. The id ``unsourced`` marks an assumption.

    Examples
    --------
    >>> sources().set_index("id").loc["geonames", "licence"]
    'data CC BY 4.0 (GeoNames), package MIT'
    """
    return stored.sources().copy()
