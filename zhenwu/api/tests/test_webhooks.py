"""Notices: with their change or not at all, signed, tried again, and never into one's own network."""

import hashlib
import hmac
import ipaddress
import json
import socket
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import transaction
from django.utils import timezone

from zhenwu.api.errors import TargetRefused, TokenRefused
from zhenwu.api.models import Delivery, Subscription
from zhenwu.api.webhooks.actions import subscribe
from zhenwu.api.webhooks.posting import post
from zhenwu.api.webhooks.sending import WAITS, again, send_due
from zhenwu.api.webhooks.targets import is_public, target_of


class Receiver:
    """Another system on this machine: keeps what it is sent, and answers as told."""

    def __init__(self):
        self.got, self.status, self.headers = [], 200, {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers), body))
                self.send_response(outer.status)
                for name, text in outer.headers.items():
                    self.send_header(name, text)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/notices"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver(settings):
    settings.API = settings.API | {"internal_hosts": ["127.0.0.1"]}
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def subscribed(receiver, chen):
    made, secret = subscribe(chen, "县平台", receiver.url, ledgers=["site_none"])
    made.plain = secret
    return made


def test_a_notice_names_the_rows_and_is_signed(receiver, subscribed, chen, declaration):
    row = declaration(chen, signer="陈某某")
    assert str(send_due()) == "送达1条"
    headers, body = receiver.got[0]
    said = json.loads(body)
    assert (said["event"], said["ledger"]) == ("rows.changed", "site_none")
    assert said["entries"] == [{"row": str(row.pk), "no": row.no, "version": 1, "act": "add"}]
    assert "陈某某" not in body.decode()
    at, _, given = headers["Zhenwu-Signature"].partition(",v1=")
    at = at.removeprefix("t=")
    wanted = hmac.new(subscribed.plain.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(given, wanted)
    assert abs(int(at) - time.time()) < 60
    assert subscribed.plain not in str(Subscription.objects.values().get())


def test_a_change_that_is_taken_back_sends_nothing(receiver, subscribed, chen, declaration):
    with transaction.atomic():
        declaration(chen)
        assert Delivery.objects.count() == 1
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()


def test_rows_outside_of_the_subscribers_rights_are_not_told(receiver, subscribed, lin, declaration):
    declaration(lin, "河口村")
    assert str(send_due()) == "无可通知内容1条"
    assert receiver.got == []


def test_who_may_no_longer_see_is_no_longer_told(receiver, subscribed, chen, declaration):
    declaration(chen)
    chen.appointments.all().delete()
    send_due()
    assert receiver.got == []


def test_only_the_acts_asked_for(receiver, chen, declaration):
    subscribe(chen, "只看报送", receiver.url, acts=["submit"])
    declaration(chen)
    assert str(send_due()) == "无可通知内容1条"


def test_what_does_not_arrive_is_tried_again_and_given_up(receiver, subscribed, chen, declaration):
    receiver.status = 500
    declaration(chen)
    for wait in WAITS:
        send_due()
        one = Delivery.objects.get()
        assert (one.state, one.last_status) == ("waiting", 500)
        assert timedelta(0) < one.next_at - timezone.now() <= wait
        Delivery.objects.update(next_at=timezone.now())
    send_due()
    assert Delivery.objects.get().state == "dead"
    assert len(receiver.got) == len(WAITS) + 1
    receiver.status = 200
    again(Delivery.objects.get())
    send_due()
    assert Delivery.objects.get().state == "sent"


def test_one_slow_address_does_not_hold_up_its_own_queue_twice(receiver, subscribed, chen, declaration):
    receiver.status = 503
    declaration(chen), declaration(chen)
    assert str(send_due()) == "未送到1条"
    assert len(receiver.got) == 1


def test_redirects_are_not_followed(receiver, subscribed, chen, declaration):
    other = Receiver()
    receiver.status, receiver.headers = 302, {"Location": other.url}
    declaration(chen)
    send_due()
    assert other.got == []
    assert "不会跟随" in Delivery.objects.get().last_problem


def test_a_receiver_that_is_gone_ends_the_subscription(receiver, subscribed, chen, declaration):
    receiver.status = 410
    declaration(chen)
    send_due()
    assert not Subscription.objects.get().active


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.0.0.8", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "ff02::1",
])  # fmt: skip
def test_addresses_of_ones_own_network_are_no_targets(address):
    assert not is_public(ipaddress.ip_address(address))


def test_public_addresses_are_targets():
    assert all(is_public(ipaddress.ip_address(one)) for one in ("1.1.1.1", "2606:4700:4700::1111"))


@pytest.mark.parametrize("url", [
    "http://example.com/", "ftp://example.com/", "https://", "https://user:pass@example.com/", "https://example.com/#x",
    "https://example.com/ x", "https://exam中ple.com/", "https://example.com:99999/", "javascript:alert(1)", "https://[::1",
    "https://" + "a" * 600,
])  # fmt: skip
def test_addresses_that_are_none_are_refused(url):
    with pytest.raises(TargetRefused):
        target_of(url)


def test_a_name_that_leads_inside_is_refused_after_it_was_looked_up(monkeypatch, receiver, settings):
    settings.API = settings.API | {"internal_hosts": []}
    port = receiver.server.server_port
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    public = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("1.1.1.1", port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: public + found)
    outcome = post(f"https://notices.example.org:{port}/", b"{}", {})
    assert outcome.status is None
    assert "内部网络" in outcome.problem
    assert receiver.got == []


def test_who_answers_a_byte_now_and_then_is_cut_off(settings, monkeypatch):
    from zhenwu.api.webhooks import posting

    settings.API = settings.API | {"internal_hosts": ["127.0.0.1"]}
    monkeypatch.setattr(posting, "_WHOLE", 0.5)
    listening = socket.create_server(("127.0.0.1", 0))

    def drip():
        link, _ = listening.accept()
        try:
            for _ in range(200):
                link.sendall(b"H")
                time.sleep(0.05)
        except OSError:
            pass

    threading.Thread(target=drip, daemon=True).start()
    outcome = post(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", {})
    listening.close()
    assert outcome.status is None
    assert "没有送到" in outcome.problem


def test_a_subscription_says_everything_that_is_wrong(chen, places):
    with pytest.raises(TokenRefused) as refused:
        subscribe(chen, " ", "http://example.com/", ledgers=["nothing"])
    assert len(refused.value.problems) == 3
