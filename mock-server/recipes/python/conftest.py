"""A sandbox for the session and a space for each test, with pytest and nothing else."""

import base64
import json
import os
import subprocess
import urllib.error
import urllib.request

import pytest

# No proxy: a sandbox is next door.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body)


class Sandbox:
    """The sandbox at an address, as somebody who may command it."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        admin_token = os.environ.get("LINGMINBAN_SANDBOX_ADMIN_TOKEN")
        self.admin = {"Authorization": f"Bearer {admin_token}"} if admin_token else {}

    def send(self, method, path, body=None, headers=None):
        """Any answer, whatever its status. A connection that closes early raises OSError."""
        request = urllib.request.Request(self.url + path, body, headers or {}, method=method)
        try:
            answer = OPENER.open(request, timeout=30)
        except urllib.error.HTTPError as refusal:
            answer = refusal
        with answer:
            return Answer(answer.status, answer.headers, answer.read())

    def send_json(self, method, path, value, headers):
        body = None if value is None else json.dumps(value).encode()
        headers = headers if body is None else {**headers, "Content-Type": "application/json"}
        return self.send(method, path, body, headers)

    def command(self, method, path, value=None):
        """A request of the control interface; a refusal fails the test."""
        answer = self.send_json(method, "/sandbox/v1" + path, value, self.admin)
        assert answer.status < 300, f"{method} {path}: {answer.body.decode()}"
        return json.loads(answer.body or "null")

    def token(self, client_id, client_secret):
        basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        headers = {
            "Authorization": f"Basic {basic}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        granted = self.send("POST", "/oauth2/token", b"grant_type=client_credentials", headers)
        assert granted.status == 200, granted.body.decode()
        return granted.json()["access_token"]


class Space:
    """An authority nobody else sees, and one dealer's way to it.

    Its clock stands still until it is moved.
    """

    def __init__(self, sandbox):
        created = sandbox.command("POST", "/spaces", {"outlet_kind": "dealer", "frozen": True})
        self.sandbox = sandbox
        self.id = created["space_id"]
        credential = created["credentials"][0]
        self.token = sandbox.token(credential["client_id"], credential["client_secret"])

    def command(self, method, path, value=None):
        return self.sandbox.command(method, f"/spaces/{self.id}{path}", value)

    def send(self, method, path, value=None, **headers):
        headers["Authorization"] = f"Bearer {self.token}"
        return self.sandbox.send_json(method, path, value, headers)

    def get(self, path):
        answer = self.send("GET", path)
        assert answer.status == 200, answer.body.decode()
        return answer.json()

    def file_registration(self, body, key):
        return self.send("POST", "/v1/registrations", body, **{"Idempotency-Key": key})


@pytest.fixture(scope="session")
def sandbox():
    """The one at SANDBOX_URL, or one that ends with the session."""
    if url := os.environ.get("SANDBOX_URL"):
        yield Sandbox(url)
        return
    program = os.environ.get("LINGMINBAN_SANDBOX_BIN", "lingminban-sandbox")
    with subprocess.Popen([program, "serve", "--port", "0"], stdout=subprocess.PIPE) as process:
        ready = process.stdout.readline()
        assert ready, f"{program} ended before it was ready"
        yield Sandbox(json.loads(ready)["base_url"])
        process.terminate()


@pytest.fixture
def space(sandbox, request):
    """The space of a test that failed stays, and its journal with it."""
    space = Space(sandbox)
    failed = request.session.testsfailed
    yield space
    if request.session.testsfailed == failed:
        space.command("DELETE", "")
    else:
        print(f"failed in {space.id}")
