"""What the soak says of a series of figures: a judge that never finds anything would be no use."""

from __future__ import annotations

import pytest

from tests.soak.series import flat, floor, sparkline, steady


def test_a_slow_leak_is_found_and_a_warm_up_forgiven():
    leaking = [100 + n * 0.02 for n in range(1000)]
    warming = [50 + min(n, 80) * 0.5 for n in range(1000)]

    assert not flat("rss", "MiB", leaking, 1.05).held
    assert flat("rss", "MiB", warming, 1.05).held


def test_one_descriptor_more_is_too_many():
    assert floor("descriptors", "", [30.0, 33.0, 36.0] * 300).held
    assert not floor("descriptors", "", [30.0, 33.0] * 250 + [31.0, 34.0] * 250).held


def test_a_tail_that_grows_is_found_though_the_middle_stays():
    latency = [1.0] * 10_000
    latency[9_050:10_000:50] = [5.0] * 19

    assert not steady("p99", "ms", latency, 99, 1.3).held
    assert steady("p50", "ms", latency, 50, 1.3).held


@pytest.mark.parametrize(
    ("values", "picture"), [([1.0, 2.0, 3.0], "▁▄█"), ([4.0, 4.0], "▁▁"), ([float(n) for n in range(80)], None)]
)
def test_a_series_is_a_picture_of_bounded_width(values: list[float], picture: str | None):
    drawn = sparkline(values)

    assert len(drawn) <= 40
    assert picture is None or drawn == picture
