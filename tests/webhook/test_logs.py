"""What libraries log of an exception: its type and where, never its text, which may quote a request."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from kubeapprove_server.logs import configure_logs, where, without_exception_text

VALUE = "planted-4714-value"


@pytest.fixture
def root() -> Iterator[None]:
    """Give the standard library's loggers back as they were."""
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    yield
    logger.handlers[:] = handlers
    logger.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.usefixtures("root")
def test_foreign_exception(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    try:
        int(VALUE)
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
    logging.getLogger("uvicorn.error").info("started")
    first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert first["error"] == "ValueError"
    assert first["where"][0].endswith("test_foreign_exception")
    assert VALUE not in json.dumps(first)
    assert second["event"] == "started"


def test_without_an_exception() -> None:
    assert without_exception_text(None, "", {"exc_info": (None, None, None)}) == {}


def test_innermost_five_places() -> None:
    def deeper(levels: int) -> None:
        if levels:
            deeper(levels - 1)
        raise LookupError

    with pytest.raises(LookupError) as caught:
        deeper(9)
    places = where(caught.tb)
    assert len(places) == 5
    assert all(place.endswith(":deeper") for place in places)
