"""One POST to one address, bound in time, without redirects, without reading what comes back."""

import http.client
import socket
import ssl
import threading
from dataclasses import dataclass

from zhenwu.api.errors import TargetRefused
from zhenwu.api.webhooks.targets import Target, address_of, target_of

_CONNECT = 5.0  # seconds
_WHOLE = 15.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` None: nothing came back."""

    status: int | None
    problem: str = ""

    @property
    def arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class _Plain(http.client.HTTPConnection):
    """Connects to an address that was looked up and judged before."""

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=_CONNECT)
        self._address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), _CONNECT)


class _Secure(_Plain):
    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def post(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Never raises: what went wrong is the outcome."""
    try:
        target = target_of(url)
        link = (_Secure if target.secure else _Plain)(target, address_of(target))
    except TargetRefused as refused:
        return Outcome(None, str(refused))
    except OSError:
        return Outcome(None, "找不到这台主机，请核对接收地址。")
    watch = threading.Timer(_WHOLE, _cut, [link])
    watch.start()
    try:
        link.request("POST", target.path, body=body, headers=headers)
        status = link.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Outcome(None, f"没有送到：{_cause(error)}。")
    finally:
        watch.cancel()
        link.close()
    if 300 <= status < 400:
        return Outcome(status, "对方要求转到别的地址，不会跟随；请填写最终的接收地址。")
    return Outcome(status, "" if 200 <= status < 300 else f"对方答复{status}。")


def _cut(link: _Plain) -> None:
    """Somebody who answers a byte now and then would otherwise hold the worker for ever."""
    if link.sock is not None:
        try:
            link.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _cause(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "对方的证书不可信"
    if isinstance(error, TimeoutError):
        return "对方没有及时答复"
    return "连接中断或对方答复无法识别"
