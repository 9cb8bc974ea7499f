"""Made-up requests against the API's own description: nothing but described answers, whatever is sent."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from devices.endpoint import Role
from docs.generate import FOLDER, rest_page
from tests.api.conftest import bearer
from tests.api.fake_lab import FakeClock, FakeHost, FakeTokens

app = create_app(FakeHost(), FakeTokens(), FakeClock())
schema = schemathesis.openapi.from_dict(app.openapi())
schema.app = app


@schema.exclude(path="/api/logout").parametrize()  # there is no session to end
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_described(case: schemathesis.Case[Any]) -> None:
    checks = [not_a_server_error, status_code_conformance, response_schema_conformance]
    case.call_and_validate(headers=bearer(Role.INSTRUCTOR), checks=checks)


def test_the_description_is_complete() -> None:
    operations = [operation for path in app.openapi()["paths"].values() for operation in path.values()]
    assert len(operations) >= 23
    assert all("200" in operation["responses"] for operation in operations)


def test_the_reference_page_is_that_of_the_code() -> None:
    assert (FOLDER / "rest.md").read_text("utf-8") == rest_page(), "run `python -m docs.generate`"
