"""A hundred identical requests at once make one approval (C074)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gate.asking import Place, asked

pytestmark = pytest.mark.cluster


def test_one(place: Place) -> None:
    with ThreadPoolExecutor(100) as pool:
        answers = [future.result() for future in [pool.submit(place.ask) for _ in range(100)]]
    assert len({asked(answer).approval for answer in answers}) == 1
    assert len(place.items("manifestapprovals")) == 1
