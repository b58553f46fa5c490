"""A kubectl for tests: answers from answers.json beside it, and notes its command line in calls.jsonl.

What came on stdin is noted behind the command line. Run as a program of its own, by the interpreter of the tests. A request's last answer is repeated.
"""

import json
import sys
import time
from pathlib import Path


def _request(args: list[str]) -> str:
    if "--raw" in args:
        path = args[args.index("--raw") + 1]
        return "WATCH" if "watch=true" in path else f"GET {path}"
    verb = next((arg for arg in args if not arg.startswith("-")), "")
    return {"patch": "PATCH", "create": "CREATE", "apply": "APPLY"}.get(verb, "CONFIG")


def _serve(folder: Path, args: list[str]) -> int:
    request = _request(args)
    given = [sys.stdin.read()] if "--filename=-" in args else []
    with (folder / "calls.jsonl").open("a") as log:
        log.write(json.dumps([*args, *given]) + "\n")
    answers = json.loads((folder / "answers.json").read_text()).get(request)
    if answers is None:
        sys.stderr.write('Error from server (NotFound): manifestapprovals.kubeapprove.io "?" not found\n')
        return 1
    counter = folder / "counts.json"
    counts = json.loads(counter.read_text()) if counter.exists() else {}
    at = counts.get(request, 0)
    counter.write_text(json.dumps({**counts, request: at + 1}))
    answer = answers[min(at, len(answers) - 1)]
    sys.stdout.write(answer["out"])
    sys.stdout.flush()
    sys.stderr.write(answer["err"])
    if answer["code"] == "hang":
        time.sleep(60)
    return int(answer["code"])


if __name__ == "__main__":
    sys.exit(_serve(Path(__file__).parent, sys.argv[1:]))
