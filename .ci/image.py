"""Does what the image does, where no Docker is: its last stage, in an empty root.

    image.py DOCKERFILE PROGRAM

The one file it copies, its environment, its user and its commands are those of the Dockerfile; only the
port is a free one. Needs root, for chroot.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PATIENCE = 30


def last_stage(text):
    """The instructions after the last FROM, by name; the last of a name holds."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    instructions = {}
    for line in joined:
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            instructions = {"FROM": rest}
        elif name:
            instructions[name] = rest
    return instructions


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Image:
    def __init__(self, dockerfile, program, root):
        self.port = free_port()
        stage = last_stage(dockerfile.read_text(encoding="utf-8").replace("8080", str(self.port)))
        if stage["FROM"] != "scratch":
            sys.exit(f"{dockerfile}: the last stage is not from scratch")
        shutil.copy(program, root + stage["COPY"].split()[-1])
        self.root = root
        self.environment = dict(pair.split("=", 1) for pair in stage["ENV"].split())
        self.user = stage["USER"]
        self.entry = json.loads(stage["ENTRYPOINT"]) + json.loads(stage["CMD"])
        self.health = json.loads(stage["HEALTHCHECK"].partition("CMD")[2])

    def start(self, command):
        chroot = [shutil.which("chroot"), f"--userspec={self.user}", self.root]
        return subprocess.Popen(chroot + command, env=self.environment, stdout=subprocess.DEVNULL)

    def is_healthy(self):
        return self.start(self.health).wait(PATIENCE) == 0

    def answer(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as refusal:
            return refusal.code


def must(holds, what):
    if not holds:
        sys.exit(f"the image: {what}")


def main(dockerfile, program):
    with tempfile.TemporaryDirectory() as root:
        os.chmod(root, 0o755)
        image = Image(dockerfile, program, root)
        must(not image.is_healthy(), "it is healthy before it is started")
        server = image.start(image.entry)
        try:
            end = time.monotonic() + PATIENCE
            while not image.is_healthy():
                must(server.poll() is None, "it ended")
                must(time.monotonic() < end, "it does not get healthy")
            must(image.answer("/v1/outlets") == 401, "it does not ask for a token")
            # Without an admin token nobody commands what listens beyond its machine.
            must(image.answer("/sandbox/v1/spaces") == 403, "its control interface is open")
            server.terminate()
            must(server.wait(PATIENCE) == 0, "it does not end well")
        finally:
            server.kill()
    print(f"The image's commands run as {image.user} in an empty root.")


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("Left out: chroot needs root.")
    else:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
