"""The commands that the CI recipes run, each once: what is executed here is what they execute.

    recipes.py FOLDER   prints them; fails when a recipe does anything but call a script of the folder
"""

import re
import sys
from pathlib import Path

import yaml

LANGUAGES = {"java", "node", "python3"}
# How the image of a job gets a test runner, where its CI has no other way.
PREPARATION = "python3 -m pip install pytest"


def github(text):
    jobs = yaml.safe_load(text)["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


def gitlab(text):
    jobs = yaml.safe_load(text).values()
    steps = ("before_script", "script", "after_script")
    return [
        line for job in jobs if isinstance(job, dict) for step in steps for line in job.get(step, [])
    ]


def jenkins(text):
    if text.count("{") != text.count("}"):
        sys.exit("Jenkinsfile: braces do not match")
    return re.findall(r"^\s*(?:sh|bat) '([^']*)'$", text, re.M)


def commands(folder):
    recipes = {"github-actions.yml": github, "gitlab-ci.yml": gitlab, "Jenkinsfile": jenkins}
    for name, read in recipes.items():
        found = read((folder / name).read_text(encoding="utf-8"))
        if not found:
            sys.exit(f"{name} runs nothing")
        for command in filter(lambda command: command != PREPARATION, found):
            script, *arguments = command.split()
            if Path(script).parent != folder or not Path(script).is_file():
                sys.exit(f"{name} runs {command!r}, which is no script of {folder}")
            yield command
        languages = {command.split()[1] for command in found if "ci.sh" in command}
        if languages != LANGUAGES:
            sys.exit(f"{name} shows {sorted(languages)}, not {sorted(LANGUAGES)}")


if __name__ == "__main__":
    print("\n".join(dict.fromkeys(commands(Path(sys.argv[1])))))
