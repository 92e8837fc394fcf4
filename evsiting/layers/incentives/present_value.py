"""What a faster write-off, a cheap loan and a tax holiday are worth today, as a fraction of the investment."""

from __future__ import annotations

from evsiting.study.horizon import capital_recovery_factor


def depreciation_worth(first_year: float, share: float, tax_rate: float, rate: float, years: float) -> float:
    r"""Return what writing off a part of an investment in its first year is worth.

    .. math:: s\,\tau\,d\,\Big(\frac{1}{1 + r} - \frac{1}{N} \sum_{y=1}^{N} (1 + r)^{-y}\Big)

    The part d is deducted at the end of the first year, the rest in a straight line over N years, as all of it would
    be without the program; what counts is the difference, and profits are assumed large enough to use it at once.
    The discount rate is a real one, so deductions are taken to keep their real value: true of Mexico, where the law
    moves them with prices; where they are nominal (United States, Canada) the wait costs more than this says and the
    program is worth more.

    A law that gives d in the first year and nothing afterwards is worth less by :math:`s\,\tau\,(1 - d)` times the
    straight-line sum; Mexico's immediate deduction of 2017 was one [2]_: what exceeds d could be deducted only when
    the asset was sold or lost. Write the part d that comes to the same then.

    Parameters
    ----------
    first_year : float
        Part d of the eligible investment that is written off in the first year. [1]
    share : float
        Eligible part s of the investment. [1]
    tax_rate : float
        Tax on profit. [1]
    rate : float
        Real discount rate r. [1/yr]
    years : float
        Years N of the straight line. [yr]

    Returns
    -------
    float
        Fraction of the investment. [1]

    References
    ----------
    .. [1] W. Short, D. J. Packey, T. Holt, "A Manual for the Economic Evaluation of Energy Efficiency and Renewable
       Energy Technologies," NREL/TP-462-5173, 1995: present value of depreciation.
    .. [2] "Decreto por el que se otorga un estímulo fiscal en materia de deducción inmediata de bienes nuevos de activo
       fijo para las micro y pequeñas empresas," Diario Oficial de la Federación, 18.1.2017, article 1.

    Examples
    --------
    >>> round(depreciation_worth(0.86, 1.0, 0.30, 0.07, 20.0), 6)
    0.104459
    """
    straight_line = 1.0 / capital_recovery_factor(rate, years) / years
    return share * tax_rate * first_year * max(0.0, 1.0 / (1.0 + rate) - straight_line)


def loan_worth(points: float, share: float, rate: float, years: float) -> float:
    r"""Return the grant that a loan below the market rate is equal to.

    .. math:: s\,\Big(1 - \frac{CRF(\max(r - v,\,0),\,n)}{CRF(r, n)}\Big)

    The part s of the investment is lent for n years and paid back in equal yearly payments. Discounted at the market
    rate r they are worth less than the loan, and the difference is what the lender gives [1]_. The study's discount
    rate stands for the market rate, and nobody is paid for borrowing: points above it count as a rate of zero.

    Parameters
    ----------
    points : float
        Points of interest v that are saved: 0.03 for three. [1/yr]
    share : float
        Part s of the investment that is lent. [1]
    rate : float
        Discount rate r. [1/yr]
    years : float
        Term n. [yr]

    Returns
    -------
    float
        Fraction of the investment. [1]

    References
    ----------
    .. [1] European Commission, "Communication on the revision of the method for setting the reference and discount
       rates," OJ C 14, 19.1.2008, p. 6: the market rate measures the grant equivalent of aid, cheap loans included.

    Examples
    --------
    >>> round(loan_worth(0.03, 0.5, 0.07, 10.0), 6)
    0.067028
    """
    lower = max(round(rate - points, 12), 0.0)  # a difference of nothing but rounding is none
    paid = capital_recovery_factor(lower, years) / capital_recovery_factor(rate, years)
    return share * (1.0 - paid)


def abatement_worth(waived: float, share: float, property_tax_rate: float, rate: float, years: float) -> float:
    r"""Return what waiving a part of the property tax is worth.

    .. math:: s\,v\,\theta \sum_{y=1}^{n} (1 + r)^{-y}

    The tax is a constant part of the investment a year, as the fixed cost of a plant counts it.

    Parameters
    ----------
    waived : float
        Part v of the tax that is waived. [1]
    share : float
        Part s of the investment to which that applies. [1]
    property_tax_rate : float
        Yearly tax θ as a fraction of the investment. [1/yr]
    rate : float
        Discount rate r. [1/yr]
    years : float
        Term n. [yr]

    Returns
    -------
    float
        Fraction of the investment. [1]

    Examples
    --------
    >>> round(abatement_worth(0.5, 1.0, 0.01, 0.0, 10.0), 6)
    0.05
    """
    return share * waived * property_tax_rate / capital_recovery_factor(rate, years)
