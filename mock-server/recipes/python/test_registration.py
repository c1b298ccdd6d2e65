"""Registrations at a sandbox: a good day, a lost answer, a stolen car.

    python3 -m pytest mock-server/recipes/python
"""

import json
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[3] / "sdk" / "src" / "api" / "examples"
REGISTRATION = json.loads((EXAMPLES / "registration.standard.json").read_text(encoding="utf-8"))


def filed(answer):
    assert answer.status == 201, answer.body.decode()
    return answer.json()


def test_a_registration_is_completed(space):
    application = filed(space.file_registration(REGISTRATION, "registration-1"))
    assert application["status"] == "received"

    space.command("POST", "/clock", {"advance": "PT1M"})

    done = space.get(f"/v1/applications/{application['application_id']}")
    assert done["status"] == "completed"
    assert done["result"]["plate_number"].startswith("鲁C")


def test_a_lost_answer_is_repeated_safely(space):
    script = [{"operation": "submit_registration", "nth": 1, "effect": "lost_ack"}]
    space.command("PUT", "/faults", script)
    # Whether anything was filed is unknown then: only the same key makes a retry safe.
    with pytest.raises(OSError):
        space.file_registration(REGISTRATION, "registration-1")

    retried = space.file_registration(REGISTRATION, "registration-1")
    application = filed(retried)
    assert retried.headers["Idempotency-Replayed"] == "true"

    items = space.get("/v1/applications")["items"]
    assert [item["application_id"] for item in items] == [application["application_id"]]


def test_a_stolen_car_is_refused(space):
    vin = REGISTRATION["vehicle"]["vin"]
    space.command("POST", f"/vehicles/{vin}/flags", {"set": ["stolen"]})
    application = filed(space.file_registration(REGISTRATION, "registration-1"))

    space.command("POST", "/clock", {"advance": "PT1M"})

    refused = space.get(f"/v1/applications/{application['application_id']}")
    assert refused["status"] == "refused"
    assert "stolen_or_defrauded" in [finding["code"] for finding in refused["findings"]]
