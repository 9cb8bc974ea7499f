"""Logarithm, exponential, sine, arctangent, normal quantile of + - × ÷ and square root alone: the same bits everywhere.

libm's functions differ between machines in the last place, and one such place shifts a whole run. Within 4 units in
the last place of the true value over the range that random numbers use (`tests/sim/test_elementary.py`). Knows no line.
"""

from math import frexp, ldexp, sqrt  # exact or correctly rounded by IEEE 754, so the same everywhere

_LN2_HIGH = 0.693147180369123816490  # 32 bits, so that k times it is exact
_LN2_LOW = 1.90821492927058770002e-10
_ROOT_HALF = 0.7071067811865476
_3, _5, _7, _9, _11, _13, _15, _17, _19, _21, _23 = (1.0 / n for n in range(3, 25, 2))  # of atanh's series
_FACTORIALS = (1.0, 1.0, 2.0, 6.0, 24.0, 120.0, 720.0, 5040.0, 40320.0, 362880.0, 3628800.0, 39916800.0, 479001600.0,
               6227020800.0, 87178291200.0)  # fmt: skip
_INVERSE = tuple(1.0 / f for f in reversed(_FACTORIALS))


def log(x: float) -> float:
    """Natural logarithm of a positive number: x = m 2^k, and ln m = 2 atanh((m - 1)/(m + 1))."""
    m, k = frexp(x)
    if m < _ROOT_HALF:
        m, k = m + m, k - 1
    y = (m - 1.0) / (m + 1.0)
    z = y * y  # below 0.0295: the next term is below 2^-56
    upper = ((((_23 * z + _21) * z + _19) * z + _17) * z + _15) * z + _13
    total = ((((upper * z + _11) * z + _9) * z + _7) * z + _5) * z + _3
    return k * _LN2_HIGH + (2.0 * y + (2.0 * y * z * total + k * _LN2_LOW))


def exp(x: float) -> float:
    """e to the x: x = k ln 2 + r, and e^r by its series. Below -700 it is 0, above 700 it stays there."""
    if x < -700.0:
        return 0.0
    x = min(x, 700.0)
    k = int(x / _LN2_HIGH + (0.5 if x >= 0 else -0.5))
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    total = 0.0
    for term in _INVERSE:
        total = total * r + term
    return ldexp(total, k)


_QUARTER, _TURN_BACK = 1.5707963267948966, 3.141592653589793
_ODD = tuple((-1.0) ** k / (2 * k + 1) for k in range(12, -1, -1))  # arctan's series


def arctan2(y: float, x: float) -> float:
    """The angle of the point (x, y) in radians, from -pi to pi. Halved twice, then by its series."""
    if x == 0.0 and y == 0.0:
        return 0.0
    steep = abs(y) > abs(x)
    t = x / y if steep else y / x
    for _ in range(2):
        t = t / (1.0 + sqrt(1.0 + t * t))  # arctan t = 2 arctan of this
    z, total = t * t, 0.0  # z is below 0.04: the next term is below 2^-60
    for term in _ODD:
        total = total * z + term
    angle = 4.0 * t * total
    if steep:
        return (_QUARTER if y > 0 else -_QUARTER) - angle
    return angle if x > 0 else angle + (_TURN_BACK if y >= 0 else -_TURN_BACK)


def sine(x: float) -> float:
    """Sine of an angle in radians, good to about 1e-15 times the angle; by its series within a quarter turn."""
    turns = x / (2.0 * _TURN_BACK)
    rest = (turns - int(turns)) * 2.0 * _TURN_BACK
    if rest > _TURN_BACK:
        rest -= 2.0 * _TURN_BACK
    elif rest < -_TURN_BACK:
        rest += 2.0 * _TURN_BACK
    if abs(rest) > _QUARTER:
        rest = (_TURN_BACK if rest > 0 else -_TURN_BACK) - rest
    z, total = rest * rest, 0.0
    for k in range(11, 0, -1):
        total = 1.0 - z / ((2 * k) * (2 * k + 1)) * (total if k < 11 else 1.0)
    return rest * total


# M. J. Wichura, Algorithm AS 241 (1988), PPND16: numerators and denominators, highest power first
_MIDDLE = (
    (2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
     1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0),
    (5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
     5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0),
)  # fmt: skip
_TAIL = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
     3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940e0, 2.05319162663775882187e0, 1.0),
)  # fmt: skip
_FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580e0, 5.46378491116411436990e0, 6.65790464350110377720e0),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
)  # fmt: skip


def normal_quantile(p: float) -> float:
    """Where the standard normal distribution reaches `p`, from 0 to 1, both excluded."""
    q = p - 0.5
    if -0.425 <= q <= 0.425:
        return q * _ratio(_MIDDLE, 0.180625 - q * q)
    r = sqrt(-log(p if q < 0.0 else 1.0 - p))
    far = _ratio(_TAIL, r - 1.6) if r <= 5.0 else _ratio(_FAR, r - 5.0)
    return -far if q < 0.0 else far


def _ratio(polynomials: tuple[tuple[float, ...], tuple[float, ...]], x: float) -> float:
    above = below = 0.0
    for a, b in zip(*polynomials, strict=True):
        above, below = above * x + a, below * x + b
    return above / below
