"""Tables that contradict themselves or each other: one clear problem each, and what is odd but legal is told."""

from __future__ import annotations

import shutil

import pytest

from evsiting.errors import DataWarning, InputError, StudyError, TableError
from evsiting.layers.completion import complete_quietly
from evsiting.study.files.read import read_study
from evsiting.study.files.starter import new_study

#: Tables beside those of the starter study, or in their place. Every figure is made up.
MORE = {
    "sites": """
site,lat,lon,country,region,plant_types,heat_price [USD/MWh],heat_factor [kg/kWh],connectable [MW],labor_pool,tax_rate,renewable_share
US-TN-memphis,35.15,-90.05,US,US-TN,,30,0.2,80,delta,0.25,0.2
US-GA-savannah,32.08,-81.10,US,US-GA,,30,0.2,,,0.26,0.2
US-MI-lansing,42.73,-84.56,US,US-MI,,30,0.2,90,,0.27,0.2
CA-ON-windsor,42.31,-83.04,CA,CA-ON,,25,0.2,,,,0.4
CA-QC-becancour,46.34,-72.43,CA,CA-QC,cell,20,0.0,,,,1
MX-NLE-monterrey,25.68,-100.32,MX,MX-NLE,pack;assembly,,,,,,0.2
MX-GUA-silao,20.94,-101.43,MX,MX-GUA,pack;assembly,,,,,,0.2
""",  # noqa: E501
    "processes": """
plant_type,product,electricity [kWh/unit],labor [h/unit],material [USD/unit],good_share,heat [kWh/unit]
cell,cell,40,0.05,50,0.9,20
pack,pack,100,3,1000,1,0
assembly,vehicle,700,18,18000,1,0
""",
    "options": """
plant_type,option,capacity [unit/yr],capex [MUSD],staff [FTE],ramp_up,expands,sites,partner,partner_output_share
cell,10 GWh,10000000,1000,500,0.5;0.8,,,,0
cell,30 GWh,30000000,1700,700,,10 GWh,,,0
pack,100k,100000,120,100,,,,,0
pack,300k,300000,300,250,,,US-TN-memphis;MX-GUA-silao,,0
assembly,100k,100000,800,600,,,,,0
assembly,300k,300000,1800,1400,,,,Partner Motors,0.2
""",
    "plants": """
plant,site,plant_type,status,capacity [unit/yr],first_year,last_year,closing [USD],resume [USD]
old-pack,US-MI-lansing,pack,existing,50000,,2033,5000000,
idle-cell,US-GA-savannah,cell,paused,5000000,2020,,,20000000
""",
    "duties": """
product,origin,destination,measure,rate,relief,first_year,last_year
cell,KR,US,MFN,0.034,none,,
cell,KR,US,surtax,0.15,none,2027,2029
cell,KR,US,surtax,0.10,none,2030,
vehicle,MX,US,Section 232,0.25,content,,
cell,KR,CA,MFN,0.05,none,,
""",
    "quotas": """
quota,product,origin,destination,measure,units [unit/yr],rate,first_year,last_year
Korean cells,cell,KR,US,surtax,1000000,0.02,2027,2030
""",
    "origin_rules": """
product,rvc,core_parts
vehicle,0.75,pack
""",
    "duty_offsets": """
destination,product,measure,share,value [USD/unit],first_year,last_year
CA,pack,MFN,0.03,9000,2027,2030
""",
    "gateways": """
gateway,capacity [t/yr]
laredo,2000000
""",
    "commitments": """
commitment,origin,destination,product,period,at_least,at_most
take or pay,S-busan,,cell,,1000000,4000000
offtake,US-TN-memphis,M-dallas,vehicle,2031-2036,20000,
""",
    "programs": """
program,country,region,plant_type,product,kind,value,share,term_years,first_year,last_year
state grant,US,US-TN,cell,,investment,0.1,1,,2027,2036
cell credit,US,,cell,cell,production,10,1,,2027,2030
cell credit,US,,cell,cell,production,5,1,,2031,2033
write-off,US,,cell,,depreciation,0.8,0.6,,2027,2036
cheap loan,US,,pack,,loan,0.02,0.5,10,2027,2036
""",
    "program_rules": """
program,pool [USD],min_jobs [FTE],clawback [USD/FTE],excludes,requires
state grant,100000000,300,20000,cell credit,pack;assembly
cell credit,,,,,
""",
    "limits": """
limit,kind,place,product,plant_type,per,period,at_least,at_most
home jobs,jobs,US,,,,,5000,
most jobs,jobs,US,,,,,,90000
own cells,output_share,US,cell,,,,0.2,0.9
one site,concentration,,vehicle,,site,,,0.8
""",
    "labor_pools": """
pool,available [FTE]
delta,20000
""",
    "grid_upgrades": """
site,upgrade,capacity [MW],capex [USD]
US-TN-memphis,second line,100,30000000
,new substation,200,90000000
""",
    "trajectories": """
column,place,period,factor
wage_usd_per_h,,2031-2036,1.1
wage_usd_per_h,MX,2031-2036,1.3
power_price_usd_per_mwh,US-TN,2031-2036,0.9
grid_factor_kg_per_kwh,US-TN-memphis,2031-2036,0.5
price_usd_per_unit,KR,2031-2036,0.8
price_usd_per_unit,S-busan,2027-2030,0.9
freight_usd_per_unit,,2031-2036,1.05
""",
}


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    """Return the folder of a study with every table that a user writes, not to be changed."""
    folder = new_study(tmp_path_factory.mktemp("rich") / "study")
    (folder / "provenance.csv").unlink()
    for name, text in MORE.items():
        (folder / f"{name}.csv").write_text(text.lstrip("\n"), encoding="utf-8")
    return folder


@pytest.fixture
def folder(rich, tmp_path):
    return shutil.copytree(rich, tmp_path / "study")


def change(folder, file, old, new):
    """Replace text in a table, or add a row where nothing is to be replaced."""
    path = folder / f"{file}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new) if old else f"{text}{new}\n", encoding="utf-8")


def test_the_study_itself_has_no_fault(rich):
    assert read_study(rich).has("trajectories")


CASES = {
    # what is wrong: (file, old, new, class, words of the one problem)
    # names
    "a place of a limit that is none": (
        *("limits", "home jobs,jobs,US,", "home jobs,jobs,USA,"),
        StudyError,
        ["limits.csv, column 'place': 1 of 4 places is unknown", "row 2: 'USA'", "US-TN"],
    ),
    "a place of a trajectory that is none": (
        *("trajectories", "wage_usd_per_h,MX", "wage_usd_per_h,MX-NL"),
        StudyError,
        [
            "trajectories.csv, column 'place': 1 of 7 places is without any 'wage_usd_per_h'",
            "row 3: 'MX-NL'",
            "'MX-NLE'",
            "US-TN, or the code of a site",
        ],
    ),
    "a supplier where a wage is paid": (
        *("trajectories", "wage_usd_per_h,MX", "wage_usd_per_h,S-busan"),
        StudyError,
        ["trajectories.csv, column 'place'", "row 3: 'S-busan'", "US, CA or MX"],
    ),
    "a country that sells nothing": (
        *("trajectories", "price_usd_per_unit,KR", "price_usd_per_unit,JP"),
        StudyError,
        ["without any 'price_usd_per_unit'", "row 6: 'JP'", "the code of a supplier or its country"],
    ),
    "freight of one place": (
        *("trajectories", "freight_usd_per_unit,,", "freight_usd_per_unit,US,"),
        TableError,
        ["trajectories.csv, column 'place'", "which changes everywhere alike", "row 8: 'US'", "Leave the place empty"],
    ),
    "a commitment of nobody": (
        *("commitments", "S-busan", "S-pusan"),
        StudyError,
        [
            "commitments.csv, column 'origin': 1 of 2 names is not in sites.csv",
            "row 2: 'S-pusan'",
            "Did you mean 'S-busan'",
        ],
    ),
    "a commitment to nobody": (
        *("commitments", "M-dallas", "M-austin"),
        StudyError,
        ["commitments.csv, column 'destination'", "row 3: 'M-austin'", "markets.csv"],
    ),
    "a site of an option that is none": (
        *("options", "US-TN-memphis;MX-GUA-silao", "US-TN-memfis;MX-GUA-silao"),
        StudyError,
        ["options.csv, column 'sites': 1 of 2 names", "row 5: 'US-TN-memfis'", "Did you mean 'US-TN-memphis'"],
    ),
    "an option that grows out of none": (
        *("options", ",10 GWh,,,0", ",5 GWh,,,0"),
        StudyError,
        [
            "options.csv, column 'expands': 1 of 1 name is of no option of the same plant type",
            "row 3: '5 GWh'",
            "options.csv, column 'option'",
        ],
    ),
    "options that grow out of each other": (
        *("options", "cell,10 GWh,10000000,1000,500,0.5;0.8,,", "cell,10 GWh,10000000,1000,500,0.5;0.8,30 GWh,"),
        StudyError,
        ["options.csv, columns 'option' and 'expands'", "cell 10 GWh <- cell 30 GWh <- cell 10 GWh"],
    ),
    "an expansion that is no larger": (
        *("options", "cell,30 GWh,30000000", "cell,30 GWh,9000000"),
        TableError,
        ["no larger, without the partner's part", "row 3: '30 GWh: 9,000,000, 10 GWh: 10,000,000'", "after the step"],
    ),
    "an expansion where there is nothing to expand": (
        *("options", "0.5;0.8,,,,0", "0.5;0.8,,CA-QC-becancour,,0"),
        TableError,
        [
            "options.csv, columns 'sites' and 'expands'",
            "row 3: '30 GWh: all sites, 10 GWh: CA-QC-becancour'",
            "or fewer of them",
        ],
    ),
    "a rule of no program": (
        *("program_rules", "state grant,100", "state grnat,100"),
        StudyError,
        ["program_rules.csv, column 'program'", "row 2: 'state grnat'", "Did you mean 'state grant'"],
    ),
    "a program that excludes nothing known": (
        *("program_rules", "20000,cell credit,", "20000,45X,"),
        StudyError,
        ["program_rules.csv, column 'excludes'", "row 2: '45X'", "programs.csv"],
    ),
    "a program that excludes itself": (
        *("program_rules", "20000,cell credit,", "20000,state grant,"),
        StudyError,
        ["program_rules.csv, column 'excludes'", "said to exclude itself", "row 2: 'state grant'"],
    ),
    "a program that requires no plant type": (
        *("program_rules", "pack;assembly", "pack;module"),
        StudyError,
        ["program_rules.csv, column 'requires': 1 of 2 names", "row 2: 'module'", "processes.csv"],
    ),
    "a core part that is no input": (
        *("origin_rules", "0.75,pack", "0.75,pack;cell"),
        StudyError,
        ["origin_rules.csv, column 'core_parts': 1 of 2 parts is no input", "row 2: 'cell'", "bill_of_materials.csv"],
    ),
    "a quota of no duty": (
        *("quotas", "US,surtax", "US,sur-tax"),
        StudyError,
        [
            "quotas.csv, column 'measure': 1 of 1 quota is of a duty that is not in duties.csv",
            "row 2: 'sur-tax on cell from KR to US'",
            "Did you mean 'surtax'",
        ],
    ),
    "a quota that lowers nothing": (
        *("quotas", "1000000,0.02", "1000000,0.2"),
        StudyError,
        ["quotas.csv, column 'rate'", "not lower than the duty itself", "row 2: '0.2, and 0.15 beyond it'"],
    ),
    "an offset of a duty that no input pays": (
        *("duty_offsets", "pack,MFN", "pack,surtax"),
        StudyError,
        ["duty_offsets.csv, column 'measure'", "row 2: 'surtax on inputs of pack'", "no input of the product pays"],
    ),
    "a gateway that is in no route": (
        *("gateways", "laredo", "larado"),
        StudyError,
        ["gateways.csv, column 'gateway'", "row 2: 'larado'", "Did you mean 'laredo'?"],
    ),
    "a labor pool that is none": (
        *("sites", ",80,delta,", ",80,Memphis,"),
        StudyError,
        ["sites.csv, column 'labor_pool': 1 of 7 names is not in labor_pools.csv", "row 2: 'Memphis'"],
    ),
    # dates
    **{
        f"{name} that end before they begin": (
            *(name, old, new),
            TableError,
            [f"{name}.csv, columns 'first_year' and 'last_year': 1 of {n} ", "is ended before it begins", seen],
        )
        for name, old, new, n, seen in (
            ("duties", "2027,2029", "2029,2027", 5, "row 3: '2029 to 2027'"),
            ("quotas", "2027,2030", "2030,2027", 1, "row 2: '2030 to 2027'"),
            ("duty_offsets", "2027,2030", "2030,2027", 1, "row 2: '2030 to 2027'"),
            ("programs", "2031,2033", "2033,2031", 5, "row 4: '2033 to 2031'"),
            ("plants", "2020,,,", "2034,2031,,", 2, "row 3: '2034 to 2031'"),
        )
    },
    "half a year of a quota": (
        *("quotas", "2027,2030", "2027.5,2030"),
        TableError,
        ["quotas.csv, column 'first_year': 1 of 1 value is no whole year", "row 2: 2027.5", "Give a calendar year"],
    ),
    "half a year of a program": (
        *("programs", "2031,2033", "2031,2033.5"),
        TableError,
        ["programs.csv, column 'last_year': 1 of 5 values is no whole number", "row 4: '2033.5'"],
    ),
    "a duty that is levied twice": (
        *("duties", "none,2030,", "none,2029,"),
        TableError,
        [
            "duties.csv, columns 'first_year' and 'last_year': 1 of 5 rows is in force while another row",
            "row 4: 'from 2029 beside 2027 to 2029: cell KR US surtax'",
            "Let each row begin in the year after",
        ],
    ),
    "a duty beside one without years": (
        *("duties", "", "cell,KR,US,MFN,0.02,none,2028,"),
        TableError,
        ["duties.csv", "row 7: 'from 2028 beside always: cell KR US MFN'"],
    ),
    "a program that is paid twice": (
        *("programs", "5,1,,2031,2033", "5,1,,2030,2033"),
        TableError,
        ["programs.csv", "row 4: '2030 to 2033 beside 2027 to 2030: cell credit US cell"],
    ),
    "an offset that is granted twice": (
        *("duty_offsets", "", "CA,pack,MFN,0.02,9000,2029,2032"),
        TableError,
        ["duty_offsets.csv", "row 3: '2029 to 2032 beside 2027 to 2030: CA pack MFN'"],
    ),
    "years that no period has": (
        *("periods", "2031-2036,2031,6", "2031-2036,2033,4"),
        TableError,
        [
            "periods.csv, columns 'start_year' and 'years': 1 of 2 periods is begun years after",
            "2027-2030: 2027 to 2030, then 2031-2036: 2033 to 2036",
            "no year may be left out",
        ],
    ),
    # countries
    "a supplier of no country": (
        *("suppliers", ",KR,", ",UK,"),
        TableError,
        ["suppliers.csv, column 'country': 1 of 1 code is of no country", "row 2: 'UK'", "For UK write GB"],
    ),
    "a duty on no country": (
        *("duties", "", "pack,XX,US,MFN,0.02,none,,"),
        TableError,
        ["duties.csv, column 'origin': 1 of 6 codes is of no country", "row 7: 'XX'", "ISO 3166-1"],
    ),
    "a country with three letters": (
        *("duties", "", "pack,KOR,US,MFN,0.02,none,,"),
        TableError,
        ["duties.csv, column 'origin': 1 of 6 values is no code of a country", "row 7: 'KOR'"],
    ),
    "a duty at home": (
        *("duties", "", "pack,CA,CA,MFN,0.02,none,,"),
        TableError,
        ["duties.csv, columns 'origin' and 'destination'", "row 7: 'pack from CA to CA'", "comes from itself"],
    ),
    "relief for what cannot originate": (
        *("duties", "0.05,none", "0.05,free"),
        TableError,
        ["duties.csv, column 'relief'", "row 6: 'cell from KR: free'", "US, CA, MX"],
    ),
    # programs
    "a rule for what is paid in two ways": (
        *("programs", "", "state grant,US,US-TN,cell,,job,1000,1,,2027,2036"),
        StudyError,
        [
            "program_rules.csv, column 'program'",
            "both paid on building and by the year (production, job)",
            "row 2: 'state grant'",
            "as two programs",
        ],
    ),
    "an excluded program that is no choice": (
        *("program_rules", "\ncell credit,,,,,", ""),
        StudyError,
        ["program_rules.csv, column 'excludes'", "no choice", "row 2: 'cell credit'"],
    ),
    "a clawback without a pledge": (
        *("program_rules", "100000000,300,", "100000000,,"),
        StudyError,
        ["program_rules.csv, columns 'clawback [USD/FTE]' and 'min_jobs [FTE]'", "row 2: 'state grant'"],
    ),
    "a write-off without a tax": (
        *("sites", ",0.27,", ",,"),
        StudyError,
        ["programs.csv, column 'kind'", "row 5: 'write-off at US-MI-lansing'", "sites.csv, column 'tax_rate'"],
    ),
    "a waiver of a tax that nobody levies": (
        *("programs", "", "holiday,US,US-TN,cell,,abatement,0.5,1,10,2027,2036"),
        StudyError,
        ["programs.csv, column 'kind'", "row 7: 'holiday at US-TN-memphis'", "sites.csv, column 'property_tax_rate'"],
    ),
    "a loan of more than its interest": (
        *("programs", "loan,0.02", "loan,2"),
        TableError,
        ["programs.csv, column 'value': 1 of 5 rows is above the whole", "row 6: 2", "0.3 for 30 %"],
    ),
    "a part of a grant": (
        *("programs", "production,5,1,", "production,5,0.5,"),
        TableError,
        ["programs.csv, column 'share'", "row 4: 'cell credit: production'", "does not use it"],
    ),
    "a term of a grant": (
        *("programs", "investment,0.1,1,,", "investment,0.1,1,10,"),
        TableError,
        ["programs.csv, column 'term_years'", "row 2: 'state grant: investment'", "depreciation, loan, abatement"],
    ),
    "a pool below zero": (
        *("program_rules", "100000000,300", "-1,300"),
        TableError,
        ["program_rules.csv, column 'pool [USD]'", "outside >= 0", "row 2: '-1'"],
    ),
    # limits and commitments
    "a limit without a figure": (
        *("limits", ",5000,", ",,"),
        TableError,
        ["limits.csv, columns 'at_least' and 'at_most'", "row 2: 'home jobs'", "Give at_least, at_most or both"],
    ),
    "a floor above its ceiling": (
        *("limits", "0.2,0.9", "0.9,0.2"),
        TableError,
        ["limits.csv, columns 'at_least' and 'at_most'", "row 4: '0.9 to 0.2'"],
    ),
    "a floor above the ceiling of another": (
        *("limits", ",5000,", ",95000,"),
        StudyError,
        ["limits.csv", "1 of 4 floors is above the ceiling", "row 2: 'home jobs: 95000, most jobs: 90000'"],
    ),
    "a share of a period beyond that of every period": (
        *("limits", "", "more cells,output_share,US,cell,,,2031-2036,0.95,"),
        StudyError,
        ["limits.csv", "row 6: 'more cells: 0.95, own cells: 0.9'"],
    ),
    "jobs below zero": (
        *("limits", ",5000,", ",-5,"),
        TableError,
        ["limits.csv, column 'at_least': 1 of 4 limits is below zero", "row 2: -5"],
    ),
    "a share above one": (
        *("limits", "0.2,0.9", "0.2,90"),
        TableError,
        ["limits.csv, column 'at_most'", "row 4: 'own cells: 90'", "0.6 for 60 %"],
    ),
    "a share of no product": (
        *("limits", "output_share,US,cell", "output_share,US,"),
        TableError,
        ["limits.csv, column 'product'", "'output_share' needs it", "row 4: 'own cells'"],
    ),
    "a concentration per nothing": (
        *("limits", "vehicle,,site", "vehicle,,"),
        TableError,
        ["limits.csv, column 'per'", "'concentration' needs it", "row 5: 'one site'"],
    ),
    "a cost of one place": (
        *("limits", "", "cheap,cost,US,,,,,,1000000000"),
        TableError,
        ["limits.csv, column 'place'", "'cost' does not use it", "row 6: 'cheap'"],
    ),
    "a commitment without a figure": (
        *("commitments", "20000,", ","),
        TableError,
        ["commitments.csv, columns 'at_least' and 'at_most'", "row 3: 'offtake'"],
    ),
    "a commitment to sell something else": (
        *("commitments", "S-busan,,cell", "S-busan,,pack"),
        StudyError,
        ["commitments.csv, columns 'origin' and 'product'", "row 2: 'S-busan sells cell, not pack'"],
    ),
    "a commitment beyond what is sold": (
        *("commitments", "1000000,4000000", "9000000,"),
        StudyError,
        ["commitments.csv, column 'at_least'", "S-busan in 2027-2030: 9,000,000 promised, 8,000,000 sold"],
    ),
    "a commitment beyond what is wanted": (
        *("commitments", "20000,", "75000,"),
        StudyError,
        ["commitments.csv, column 'at_least'", "vehicle to M-dallas in 2031-2036: 75,000 promised, 70,000 wanted"],
    ),
    "a commitment of what cannot be made": (
        *("commitments", "US-TN-memphis", "CA-QC-becancour"),
        StudyError,
        ["commitments.csv, columns 'origin' and 'product'", "row 3: 'vehicle at CA-QC-becancour'"],
    ),
    # making
    "a ramp-up in percent": (
        *("options", "0.5;0.8", "50;80"),
        TableError,
        ["options.csv, column 'ramp_up': 1 of 6 ramp-ups is not made of fractions", "row 2: '50;80'", "0.4;0.8"],
    ),
    "a ramp-up with percent signs": (
        *("options", "0.5;0.8", "50%;80%"),
        TableError,
        ["options.csv, column 'ramp_up': 1 of 6 values is not written as it must be", "row 2: '50%;80%'", "(0.4;0.8)"],
    ),
    "a ramp-up with two points": (
        *("options", "0.5;0.8", "0.5;0.8.1"),
        TableError,
        ["options.csv, column 'ramp_up'", "row 2: '0.5;0.8.1'", "not made of fractions"],
    ),
    "a share of nobody": (
        *("options", "Partner Motors", ""),
        TableError,
        ["options.csv, column 'partner': 1 of 6 options is shared with nobody", "row 7: 'partner_output_share 0.2'"],
    ),
    "closing a paused plant": (
        *("plants", "2020,,,20000000", "2020,,1000,20000000"),
        TableError,
        ["plants.csv, columns 'status' and 'closing [USD]'", "row 3: 'idle-cell is paused'", "Leave it empty"],
    ),
    "resuming a plant that runs": (
        *("plants", "5000000,\n", "5000000,100\n"),
        TableError,
        ["plants.csv, columns 'status' and 'resume [USD]'", "row 2: 'old-pack is existing'", "call the plant paused"],
    ),
    "heat without a price": (
        *("sites", "CA-ON,,25,0.2", "CA-ON,,,0.2"),
        StudyError,
        [
            "sites.csv, column 'heat_price [USD/MWh]': 1 of 7 values is empty where a plant would use heat",
            "row 5: 'CA-ON-windsor'; heat is used by cell",
            "no layer fills it",
        ],
    ),
    "an upgrade of a load without a limit": (
        *("grid_upgrades", "US-TN-memphis", "US-GA-savannah"),
        StudyError,
        ["grid_upgrades.csv, column 'site'", "row 2: 'US-GA-savannah'", "sites.csv, column 'connectable [MW]'"],
    ),
    "an upgrade given twice": (
        *("grid_upgrades", "second line", "new substation"),
        TableError,
        ["grid_upgrades.csv", "for every site and for one as well", "row 2: 'US-TN-memphis|new substation'"],
    ),
    # units
    "a share in dollars": (
        *("limits", "at_least,at_most", "at_least,at_most [MUSD]"),
        TableError,
        [
            "limits.csv, column 'at_most [MUSD]': one unit cannot hold for all rows",
            "does not fit where kind is jobs, output_share, concentration",
            "jobs: FTE·yr; output_share: a fraction",
        ],
    ),
}


@pytest.mark.parametrize("case", CASES, ids=[name.replace(" ", "-") for name in CASES])
def test_each_contradiction_is_one_clear_problem(case, folder):
    file, old, new, kind, words = CASES[case]
    change(folder, file, old, new)
    with pytest.raises(InputError) as caught:
        read_study(folder)
    assert len(caught.value.problems) == 1, str(caught.value)
    assert type(caught.value) is kind
    problem = caught.value.problems[0]
    assert all((problem.where, problem.what, problem.seen, problem.fix))
    assert all(word in str(problem) for word in words), str(problem)


ODD = {
    # what is odd but legal: (file, old, new, words of the warning)
    "a program before the horizon": (
        *("programs", "", "old credit,US,,cell,cell,production,3,1,,2020,2026"),
        r"programs\.csv.*outside the horizon, 2027 to 2036, and without effect: old credit \(2020 to 2026\)$",
    ),
    "a duty after the horizon": (
        *("duties", "", "cell,KR,MX,late,0.1,none,2040,"),
        r"duties\.csv.*without effect: cell KR MX late \(from 2040\)$",
    ),
    "a plant that is gone": (
        *("plants", "50000,,2033", "50000,,2026"),
        r"plants\.csv.*without effect: old-pack \(to 2026\)$",
    ),
    "power that is not clean enough": (
        *("limits", "", "clean,renewable_share,US,,,,,0.9,"),
        r"limits\.csv, column 'at_least': no grid there has so much .* only a plan without plants there keeps clean$",
    ),
    "a loan without an end": (
        *("programs", "0.02,0.5,10", "0.02,0.5,"),
        r"programs\.csv, column 'term_years': no term for cheap loan; the loan runs as long as the plant lives$",
    ),
    "a pool without a site": (
        *("labor_pools", "", "gulf,500"),
        r"labor_pools\.csv, column 'pool': no site belongs to gulf, so that these limit nothing$",
    ),
    "an option without a home": (
        *("options", "US-TN-memphis;MX-GUA-silao", "CA-QC-becancour"),
        r"options\.csv, column 'sites'.*can be built nowhere: 300k at CA-QC-becancour$",
    ),
    "a rule that nothing can keep": (
        *("origin_rules", "core_parts\nvehicle,0.75,pack", "other_foreign [USD/unit]\nvehicle,0.75,9501"),
        r"origin_rules\.csv.*never qualify: vehicle$",
    ),
    "a gateway that no lane goes through": (
        *("gateways", "", ""),
        r"gateways\.csv, column 'gateway': no lane goes through laredo, so that these limit nothing$",
    ),
}


@pytest.mark.parametrize("case", ODD, ids=[name.replace(" ", "-") for name in ODD])
def test_what_is_odd_is_told_once(case, folder):
    file, old, new, words = ODD[case]
    change(folder, file, old, new)
    if case.startswith("a gateway"):
        lanes = complete_quietly(read_study(folder)).lanes
        lanes[~lanes["route"].fillna("").str.contains("laredo")].to_csv(folder / "lanes.csv", index=False)
    with pytest.warns(DataWarning, match=words) as told:
        assert read_study(folder).has(file)
    assert len(told) == 1


def test_a_step_that_is_over_is_not_told(folder):
    change(folder, "programs", "", "cell credit,US,,cell,cell,production,20,1,,2020,2026")
    assert read_study(folder).has("programs")


def test_contradictions_of_all_tables_come_in_one_error(folder):
    for name in ("a duty on no country", "a share of nobody", "a rule of no program", "years that no period has"):
        file, old, new, *_ = CASES[name]
        change(folder, file, old, new)
    with pytest.raises(InputError, match="^4 problems in the input"):
        read_study(folder)


def test_staff_is_pledged_only_where_there_is_some(folder):
    change(folder, "program_rules", "300,20000", "300,")
    assert read_study(folder).has("program_rules")
    change(folder, "options", "1000,500,", "1000,0,")
    change(folder, "options", "1700,700,", "1700,0,")
    change(folder, "processes", "40,0.05,", "40,0,")
    with pytest.raises(StudyError, match=r"column 'min_jobs \[FTE\]'.*row 2: 'state grant'.*Give staff or labor"):
        read_study(folder)


def test_a_required_plant_type_must_have_an_option(folder):
    change(folder, "options", "pack,100k,100000,120,100,,,,,0\n", "")
    change(folder, "options", "pack,300k,300000,300,250,,,US-TN-memphis;MX-GUA-silao,,0\n", "")
    change(folder, "plants", "existing,50000,,2033", "existing,900000,,")
    with pytest.raises(StudyError, match=r"column 'requires'.*cannot be built \(row 2: 'pack'\)"):
        read_study(folder)
