"""Codes of states and provinces from the names that people write; ambiguous names are refused."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from functools import cache

from evsiting import reference

__all__ = ["UNKNOWN_HERE", "fold_name", "meant_region"]

#: Codes that were, or are in use elsewhere than in ISO 3166-2: before the reform, by the post, in the census.
_OTHER_CODES: dict[str, str] = {
    "CA-AB": "alta alb",
    "CA-BC": "cb",
    "CA-MB": "man",
    "CA-NL": "nf nfld lb tnl",
    "CA-NT": "nwt tno",
    "CA-NU": "nvt",
    "CA-ON": "ont",
    "CA-PE": "pei ipe",
    "CA-QC": "pq que",
    "CA-SK": "sask",
    "CA-YT": "yk yuk",
    "MX-AGU": "as ags",
    "MX-BCN": "bc",
    "MX-BCS": "bs",
    "MX-CAM": "cc camp",
    "MX-CHH": "ch chih",
    "MX-CHP": "cs chis",
    "MX-CMX": "df dif cdmx",
    "MX-COA": "cl coah",
    "MX-COL": "cm",
    "MX-DUR": "dg dgo",
    "MX-GRO": "gr",
    "MX-GUA": "gt gto",
    "MX-HID": "hg hgo",
    "MX-JAL": "jc",
    "MX-MEX": "mc edomex",
    "MX-MIC": "mn mich",
    "MX-MOR": "ms",
    "MX-NAY": "nt",
    "MX-NLE": "nl",
    "MX-OAX": "oc",
    "MX-PUE": "pl",
    "MX-QUE": "qt qro",
    "MX-ROO": "qr qroo",
    "MX-SIN": "sl",
    "MX-SLP": "sp",
    "MX-SON": "sr",
    "MX-TAB": "tc",
    "MX-TAM": "ts tamps",
    "MX-TLA": "tl tlax",
    "MX-VER": "vz",
    "MX-YUC": "yn",
    "MX-ZAC": "zs",
}
#: Names beside those of the reference data: English, French, Spanish, in full and in short.
_OTHER_NAMES: dict[str, str] = {
    "CA-BC": "colombie britannique, columbia britanica",
    "CA-NB": "nouveau brunswick, nuevo brunswick",
    "CA-NL": "newfoundland, labrador, terre neuve, terre neuve et labrador, terranova, terranova y labrador",
    "CA-NS": "nouvelle ecosse, nueva escocia",
    "CA-NT": "territoires du nord ouest, territorios del noroeste, northwest territory",
    "CA-PE": "ile du prince edouard, isla del principe eduardo, prince edward isl",
    "CA-QC": "province of quebec, province de quebec",
    "CA-YT": "yukon territory, territoire du yukon",
    "MX-BCN": "baja california norte, lower california",
    "MX-CMX": "d f, mexico city, ciudad de mexico, mexico d f, mexico df, distrito federal, federal district",
    "MX-COA": "coahuila de zaragoza",
    "MX-MEX": "estado de mexico, state of mexico, mexico state, mexico estado, edo de mexico, edo mexico, edo mex",
    "MX-MIC": "michoacan de ocampo",
    "MX-QUE": "queretaro de arteaga",
    "MX-ROO": "q roo",
    "MX-SLP": "s l p",
    "MX-VER": "veracruz de ignacio de la llave, veracruz llave",
    "US-CA": "californie",
    "US-DC": "d c, washington dc, district of columbia, washington d c, distrito de columbia, district de columbia",
    "US-FL": "floride",
    "US-GA": "georgie",
    "US-HI": "hawai",
    "US-LA": "luisiana, louisiane",
    "US-MO": "misuri",
    "US-MS": "misisipi",
    "US-NC": "carolina del norte, caroline du nord",
    "US-ND": "dakota del norte, dakota du nord",
    "US-NH": "nuevo hampshire",
    "US-NJ": "nueva jersey",
    "US-NM": "nuevo mexico, nouveau mexique",
    "US-NY": "nueva york, new york state, state of new york",
    "US-PA": "pensilvania, pennsylvanie",
    "US-SC": "carolina del sur, caroline du sud",
    "US-SD": "dakota del sur, dakota du sud",
    "US-TX": "tejas",
    "US-VA": "virginie",
    "US-WA": "washington state, state of washington",
    "US-WV": "virginia occidental, virginia del oeste, virginie occidentale",
}
#: Territories of the United States: places that the reference data do not know.
UNKNOWN_HERE = {
    "AS": "American Samoa",
    "GU": "Guam",
    "MP": "the Northern Mariana Islands",
    "PR": "Puerto Rico",
    "UM": "the Minor Outlying Islands",
    "VI": "the U.S. Virgin Islands",
}
#: How alike a name must be to one of the same country, and how much more than to any other, to be the one meant.
_LIKE, _AHEAD = 0.84, 0.06
_PREFIXES = {"us": "US", "usa": "US", "ca": "CA", "can": "CA", "mx": "MX", "mex": "MX"}
_BEGINS = re.compile(r"^(?:(?:state|province|estado|edo|province|provincia|etat) (?:of|de|du) )")
_ENDS = re.compile(r" (?:usa?|united states|canada|mx|state|province)$")
#: Column of the reference data with the code of each country's census.
_COLUMNS = {"US": "fips", "CA": "statcan_pruid", "MX": "inegi"}


def fold_name(name: str) -> str:
    r"""Return a name in small letters without accents, signs and double blanks, in whichever normal form it came.

    Examples
    --------
    >>> fold_name("Nuevo Leo\u0301n"), fold_name("QU\u00c9BEC "), fold_name("D.F.")
    ('nuevo leon', 'quebec', 'd f')
    """
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c)).casefold()
    return " ".join(re.findall(r"[^\W_]+", plain))


def meant_region(text: object, country: object = "") -> str:
    """Return the code of the one state or province that a text can mean in a country; empty where it is not sure.

    A code in another form (``us-tn``, ``TN``), one that was replaced (``MX-DIF``, ``CA-NF``), that of a census
    (``US-47``), or a name in English, French or Spanish, with or without accents. A misspelt name counts where one name
    alone is like it; a misspelt code never does.

    Parameters
    ----------
    text : object
        What was written.
    country : object
        US, CA or MX, where the row says it; what is sure in no country alone then stays open.

    Examples
    --------
    >>> (
    ...     meant_region("MX-DIF"),
    ...     meant_region("47", "US"),
    ...     meant_region("nuevo leon"),
    ...     meant_region("Ontaro", "CA"),
    ... )
    ('MX-CMX', 'US-TN', 'MX-NLE', 'CA-ON')
    >>> meant_region("NL", "MX"), meant_region("NL", "CA"), meant_region("NL"), meant_region("US-PR", "US")
    ('MX-NLE', 'CA-NL', '', '')
    """
    name = fold_name(str(text)).removesuffix(" 0")
    home = str(country) if country in _COLUMNS else ""
    head, _, rest = name.partition(" ")
    named_country = _PREFIXES.get(head, "") if rest else ""
    if named_country and home and named_country != home:
        return ""
    where = named_country or home
    for word in dict.fromkeys((name, rest if named_country else name, _ENDS.sub("", _BEGINS.sub("", name)))):
        codes = [iso for iso in _meanings().get(word, ()) if iso.startswith(where)]
        if codes:
            return codes[0] if len(codes) == 1 else ""
    return _alike(rest if named_country else name, where) if where else ""


def _alike(name: str, country: str) -> str:
    """Return the region of the one name that a misspelt one is like."""
    if len(name) < 5:
        return ""
    names = {word: iso for word, isos in _meanings().items() for iso in isos if iso[:2] == country and len(word) >= 4}
    scored = sorted(((difflib.SequenceMatcher(None, name, word).ratio(), iso) for word, iso in names.items()))[::-1]
    best, iso = scored[0]
    other = max((score for score, o in scored if o != iso), default=0.0)
    return iso if best >= _LIKE and best - other >= _AHEAD else ""


@cache
def _meanings() -> dict[str, frozenset[str]]:
    """Return what each folded word may mean."""
    made: dict[str, set[str]] = defaultdict(set)
    table = reference.jurisdictions()
    for row in table[["iso", "name", "country", *_COLUMNS.values()]].itertuples(index=False):
        code = str(getattr(row, _COLUMNS[row.country]))
        for word in (row.iso[3:], row.name, code, code.lstrip("0")):
            made[fold_name(word)].add(row.iso)
    codes = ((iso, words.split()) for iso, words in _OTHER_CODES.items())
    names = ((iso, words.split(", ")) for iso, words in _OTHER_NAMES.items())
    for iso, words in (*codes, *names):
        for word in words:
            made[word].add(iso)
    return {word: frozenset(isos) for word, isos in made.items()}
