"""t quantiles against printed tables and against the density integrated numerically."""

from math import lgamma, pi

import numpy as np
import pytest

from projects.stats.quantiles import t_cdf, t_quantile

# Abramowitz & Stegun (1964), table 26.10, to the decimals every later table prints.
TABLE = [
    (0.975, 1, 12.706205),
    (0.975, 2, 4.302653),
    (0.975, 3, 3.182446),
    (0.975, 10, 2.228139),
    (0.975, 30, 2.042272),
    (0.975, 120, 1.979930),
    (0.95, 5, 2.015048),
    (0.995, 4, 4.604095),
    (0.9995, 2, 31.599055),
]


@pytest.mark.parametrize(("p", "df", "expected"), TABLE)
def test_the_printed_table(p: float, df: int, expected: float) -> None:
    assert t_quantile(p, df) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("df", [2, 3, 7, 40, 199, 200, 201, 202, 1000, 100_000])
@pytest.mark.parametrize("p", [0.6, 0.9, 0.975, 0.999])
def test_the_quantile_undoes_the_integrated_density(df: int, p: float) -> None:
    top = t_quantile(p, df)
    x = np.linspace(0.0, top, 20_001)
    constant = np.exp(lgamma((df + 1) / 2) - lgamma(df / 2)) / np.sqrt(df * pi)
    density = constant * (1 + x * x / df) ** (-(df + 1) / 2)
    weights = np.ones_like(x)
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    area = float((density * weights).sum() * (x[1] - x[0]) / 3)
    # An error e in the quantile is an error e * density in the area.
    assert area + 0.5 == pytest.approx(p, abs=1e-6 * float(density[-1]) + 1e-11)


def test_it_is_symmetric_and_monotone() -> None:
    assert t_quantile(0.025, 9) == -t_quantile(0.975, 9)
    assert t_quantile(0.5, 9) == 0.0
    values = [t_quantile(0.975, df) for df in range(1, 400)]
    assert values == sorted(values, reverse=True)
    assert t_cdf(t_quantile(0.8, 17), 17) == pytest.approx(0.8, abs=1e-12)


@pytest.mark.parametrize(("p", "df"), [(0.0, 3), (1.0, 3), (0.9, 0), (float("nan"), 3)])
def test_what_has_no_quantile_is_refused(p: float, df: int) -> None:
    with pytest.raises(ValueError):
        t_quantile(p, df)
