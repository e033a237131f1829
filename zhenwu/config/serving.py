"""What `zhenwu serve` becomes: the web server's main process, with one background worker beside its web workers.

Run as `python -m zhenwu.config.serving HOST PORT WORKERS`, in a process of its own that loads no Django: it stays small.
"""

import subprocess
import sys
import threading
import time

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

_PATIENCE = 30  # seconds that a worker has to finish what it is at; killed later, it loses nothing
_STEADY = 60  # a worker that lived so long is started again at once


class Keeper:
    """Keeps one background worker running; started again when it ends, more slowly when it keeps ending."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker-keeper", daemon=True)

    def start(self) -> None:
        """The first worker is started here, not in the thread: a web worker forked at the same moment would inherit the pipe
        on which `Popen` waits for the new program, and hold it for as long as it lives."""
        self._child = self._started()
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if child := self._child:
            child.terminate()
            try:
                child.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._thread.join(5)

    def _keep(self) -> None:
        pause = 1.0
        child = self._child or self._started()
        while not self._stopping.is_set():
            began = time.monotonic()
            code = child.wait()
            if self._stopping.is_set():
                return
            pause = 1.0 if time.monotonic() - began > _STEADY else min(pause * 2, 60)
            sys.stderr.write(f"后台工作进程结束（{code}），{pause:.0f}秒后重新启动。\n")
            if not self._stopping.wait(pause):
                self._child = child = self._started()

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", "zhenwu.config.cli", "worker"])


def main(host: str, port: int, workers: int) -> None:
    server = Granian(
        "zhenwu.config.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers,
        blocking_threads=4, websockets=False, log_level=LogLevels.warning, respawn_failed_workers=True,
    )  # fmt: skip
    keeper = Keeper()
    server.on_startup(keeper.start)
    server.on_shutdown(keeper.stop)
    server.serve()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
