"""Checks of the user's numbers: scalars of any numeric type for options, arrays of real numbers for data."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGNED_CODES = (-1.0, -9.0, -127.0)
"""Codes of a missing genotype in signed integers: conventions of array formats, of PLINK's text files, and of int8."""


def number(name: str, given: Any) -> float:
    """`given` as a number, with the shortest decimals of its own type: 0.01 in float32 becomes 0.01.

    Raises
    ------
    ValueError
        If `given` is not a real number; a bool is not accepted.
    """
    value = _scalar(given)
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (Real, Decimal)):
        raise ValueError(f"{name}: expected a number, found {given!r}")
    if isinstance(value, (np.floating, Decimal)):
        return float(str(value))
    return int(value) if isinstance(value, Integral) else float(value)


def whole(name: str, given: Any) -> int:
    """`given` as a whole number; 4.0 is accepted, True is not.

    Raises
    ------
    ValueError
        If `given` is not a whole number.
    """
    value = number(name, given)
    if not float(value).is_integer():
        raise ValueError(f"{name}: expected a whole number, found {value}")
    return int(value)


def flag(name: str, given: Any) -> bool:
    """`given` as a bool, from a bool of Python or NumPy, or from 0 or 1.

    Raises
    ------
    ValueError
        If `given` is anything else: as a condition, the string "no" would be true.
    """
    value = _scalar(given)
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, Integral) and value in (0, 1)):
        return bool(value)
    raise ValueError(f"{name}: expected True or False, found {given!r}")


def is_whole(given: Any) -> bool:
    """Whether an argument is an integer of Python or NumPy, or an integer array of no dimensions."""
    value = _scalar(given)
    return isinstance(value, Integral) and not isinstance(value, (bool, np.bool_))


def _scalar(given: Any) -> Any:
    """The element of an array of no dimensions; anything else unchanged."""
    return given[()] if isinstance(given, np.ndarray) and given.ndim == 0 else given


def real(what: str, values: NDArray[Any]) -> NDArray[Any]:
    """`values` if they are integers, bools or real numbers; objects become float64, with NaN for None and pandas' NA.

    Raises
    ------
    ValueError
        For complex numbers, whose imaginary parts would be lost, and for dates and strings.
    """
    kind = values.dtype.kind
    if kind in "biuf":
        return values
    if kind == "c":
        raise ValueError(_complex(what))
    if kind in "mM":
        raise ValueError(f"{what}: expected real numbers, found dates or times; convert them to numbers")
    if kind != "O":
        raise ValueError(f"{what}: expected real numbers, found {values.dtype}")
    return _of_objects(what, values)


def _of_objects(what: str, values: NDArray[Any]) -> NDArray[Any]:
    of_type = {type(value): value for value in values.flat}
    missing = [kind for kind in of_type if kind is type(None) or kind.__name__ == "NAType"]
    for kind, example in of_type.items():
        if issubclass(kind, (complex, np.complexfloating)):
            raise ValueError(_complex(what))
        if kind not in missing and not issubclass(kind, (Real, Decimal, np.bool_)):
            raise ValueError(f"{what}: expected real numbers, found {example!r}; code categories as numbers")
    if missing:
        is_missing = np.array([type(value) in missing for value in values.flat], dtype=bool).reshape(values.shape)
        values = np.where(is_missing, np.nan, values)
    return np.asarray(values, dtype=np.float64)


def _complex(what: str) -> str:
    return f"{what}: expected real numbers, found complex numbers; give only the real parts if that is what you mean"


def codes_of(dtypes: Iterable[Any]) -> tuple[float, ...]:
    """The codes of missing genotypes for columns of these types; none unless all are integers.

    For signed integers these are :data:`SIGNED_CODES`. For unsigned integers it is the largest value, to which -1 converts.
    """
    codes: set[float] = set()
    for dtype in set(dtypes):
        kind = getattr(dtype, "kind", "")
        if kind not in ("i", "u"):
            return ()
        codes |= set(SIGNED_CODES) if kind == "i" else {float(2 ** (8 * dtype.itemsize) - 1)}
    return tuple(sorted(codes))


def declared_codes(given: Any) -> tuple[float, ...]:
    """The codes in the argument `missing`: a number, or a sequence of numbers.

    Raises
    ------
    ValueError
        If a code is not a number, or is from 0 to 2 and so a genotype.
    """
    several = given if np.ndim(given) else [given]
    codes = tuple(float(number("missing", code)) for code in several)
    if genotype := [code for code in codes if 0.0 <= code <= 2.0]:
        raise ValueError(f"missing: {genotype[0]:g} is a genotype (0 to 2), not a code of a missing genotype")
    return codes


def without_codes(values: NDArray[Any], codes: tuple[float, ...]) -> NDArray[np.float64]:
    """`values` as float64, with NaN for each of the `codes`."""
    numbers = np.asarray(values, dtype=np.float64)
    if not codes or not values.size:
        return numbers
    # Most blocks have no missing call: a quick way out.
    with np.errstate(invalid="ignore"):
        is_plain = values.dtype.kind in "iu" and values.min() >= 0 and values.max() <= 2
    if is_plain:
        return numbers
    is_missing = np.isin(values, np.array(codes))
    if not is_missing.any():
        return numbers
    numbers = numbers.copy() if numbers is values else numbers
    numbers[is_missing] = np.nan
    return numbers
