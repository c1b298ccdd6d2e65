"""What the judges of the sandbox need: a token for a kind of outlet, and the document as its partner has it.

    sandbox.py base-url READY          the address in the sandbox's ready line
    sandbox.py token KIND READY        an access token of the first partner with that kind of outlet
    sandbox.py credential KIND READY   the client_id:client_secret of that partner
    sandbox.py document-of KIND READY FROM TO
                                       the document with its OAuth 2.0 scheme as a plain bearer one, and
                                       its examples filed by that partner's operator
"""

import json
import sys
import urllib.parse
import urllib.request

SCHEME = "client_credentials"


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def base_url(ready):
    print(load(ready)["base_url"])


def first_of(kind, ready):
    return next(c for c in ready["credentials"] if c["outlet_kind"] == kind)


def credential(kind, ready):
    found = first_of(kind, load(ready))
    print(found["client_id"] + ":" + found["client_secret"])


def token(kind, ready):
    ready = load(ready)
    credential = first_of(kind, ready)
    form = {
        "grant_type": "client_credentials",
        "client_id": credential["client_id"],
        "client_secret": credential["client_secret"],
    }
    request = urllib.request.Request(
        ready["base_url"].rstrip("/") + "/oauth2/token", urllib.parse.urlencode(form).encode()
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        print(json.load(answer)["access_token"])


def filed_by(operator, example):
    """The example with another operator, wherever one stands in it."""
    if isinstance(example, dict):
        return {
            name: operator if name == "operator_id" else filed_by(operator, member)
            for name, member in example.items()
        }
    if isinstance(example, list):
        return [filed_by(operator, item) for item in example]
    return example


def document_of(kind, ready, source, target):
    document = load(source)
    document["components"]["securitySchemes"][SCHEME] = {"type": "http", "scheme": "bearer"}
    operator = first_of(kind, load(ready))["operator_id"]
    for path in document["paths"].values():
        for operation in path.values():
            for way in operation.get("security", []):
                if SCHEME in way:
                    way[SCHEME] = []
            for content in operation.get("requestBody", {}).get("content", {}).values():
                for example in content.get("examples", {}).values():
                    example["value"] = filed_by(operator, example["value"])
    with open(target, "w", encoding="utf-8") as file:
        json.dump(document, file, ensure_ascii=False)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    commands = {
        "base-url": base_url,
        "token": token,
        "credential": credential,
        "document-of": document_of,
    }
    commands[command](*arguments)
