"""Runs the examples of a page: what the documentation shows is true.

    SANDBOX_URL=… try.py PAGE

Every ```sh block of the page runs, in order, in one shell that ends at the first command that fails;
a block marked ```sh ignore is left out. The shell stands in the root of the repository, and
`lingminban-sandbox` is the program LINGMINBAN_SANDBOX_BIN. What an example writes goes to TMPDIR.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

BLOCK = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.M)


def script(page):
    """The page's blocks, each after a line that says where it stands."""
    text = page.read_text(encoding="utf-8")
    parts = ["set -euo pipefail"]
    for block in BLOCK.finditer(text):
        if block[1].strip() == "sh":
            line = text.count("\n", 0, block.start()) + 1
            parts.append(f"echo '-- {page}:{line}' >&2\n{block[2]}")
    if len(parts) == 1:
        sys.exit(f"{page} has no example to run")
    return "\n".join(parts)


def seen(folder):
    return {entry.name for entry in folder.iterdir() if not entry.name.startswith(".")}


def run(page):
    root = Path(__file__).resolve().parents[2]
    before = seen(root)
    with tempfile.TemporaryDirectory() as scratch:
        surroundings = dict(os.environ, TMPDIR=scratch)
        if program := os.environ.get("LINGMINBAN_SANDBOX_BIN"):
            Path(scratch, "lingminban-sandbox").symlink_to(Path(program).resolve())
            surroundings["PATH"] = scratch + os.pathsep + surroundings["PATH"]
        done = subprocess.run(["bash", "-c", script(page.resolve())], cwd=root, env=surroundings)
    if left := seen(root) - before:
        sys.exit(f"{page}: the examples leave {sorted(left)}")
    return done.returncode


if __name__ == "__main__":
    if "SANDBOX_URL" not in os.environ:
        sys.exit("SANDBOX_URL says where the sandbox is; mock-server/recipes/ci.sh sets it")
    if code := run(Path(sys.argv[1])):
        sys.exit(f"{sys.argv[1]}: an example fails with code {code}")
