import hmac
from base64 import b64decode

import pytest

from zhenwu.lib.crypto import CryptoError, KeyRing

AAD = b"person/idno/1"


@pytest.fixture(params=["aes256", "sm4"])
def ring(tmp_path, request):
    return KeyRing.create(tmp_path / "keys", cipher=request.param)


def test_what_is_sealed_opens_again_in_another_process(ring):
    token = ring.seal("519999195302141012", AAD)
    assert "519999" not in token
    assert ring.seal("519999195302141012", AAD) != token
    assert KeyRing.load(ring.folder).open(token, AAD) == "519999195302141012"


def test_a_token_opens_only_where_it_was_sealed_and_unaltered(ring):
    token = ring.seal("张三", AAD)
    with pytest.raises(CryptoError, match="与所在位置不符"):
        ring.open(token, b"person/idno/2")
    altered = token[:-6] + ("AAAAAA" if token[-6:] != "AAAAAA" else "BBBBBB")
    with pytest.raises(CryptoError, match="不能解密"):
        ring.open(altered, AAD)
    for broken in ("张三", "z1.", token[:20]):
        with pytest.raises(CryptoError, match="不能解密"):
            ring.open(broken, AAD)


def test_after_rotation_old_tokens_open_and_new_ones_use_the_new_key(ring):
    old = ring.seal("甲", AAD)
    index, chain = ring.index("甲", "idno"), ring.chain_digester("idno")("甲")
    new_id = ring.rotate(cipher="aes256")
    again = KeyRing.load(ring.folder)
    assert new_id in again.seal("乙", AAD)
    assert again.open(old, AAD) == "甲"
    assert again.needs_resealing(old)
    assert not again.needs_resealing(again.seal("甲", AAD))
    assert (again.index("甲", "idno"), again.chain_digester("idno")("甲")) == (index, chain)


def test_indexes_of_different_purposes_cannot_be_joined(ring):
    assert ring.index("519999195302141012", "idno") == ring.index("519999195302141012", "idno")
    assert ring.index("519999195302141012", "idno") != ring.index("519999195302141012", "account")
    assert ring.index("bc", "a") != ring.index("c", "ab")
    assert ring.index_last4("519999195302141012") == ring.index_last4("1012")
    assert ring.index("甲", "idno") != ring.chain_digester("idno")("甲")


def test_two_rings_share_nothing(ring, tmp_path):
    other = KeyRing.create(tmp_path / "other")
    assert other.index("甲", "idno") != ring.index("甲", "idno")
    with pytest.raises(CryptoError, match="从备份恢复密钥文件"):
        other.open(ring.seal("甲", AAD), AAD)


def test_key_files_are_private_and_exposed_ones_are_refused(ring):
    files = sorted(ring.folder.iterdir())
    assert [file.name for file in files] == ["chain.key", "data.keys", "index.key"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    files[0].chmod(0o644)
    with pytest.raises(CryptoError, match="chmod 600"):
        KeyRing.load(ring.folder)


def test_keys_are_never_overwritten_and_missing_or_damaged_ones_are_named(ring, tmp_path):
    with pytest.raises(CryptoError, match="已有密钥文件"):
        KeyRing.create(ring.folder)
    with pytest.raises(CryptoError, match="首次安装请先生成密钥"):
        KeyRing.load(tmp_path / "nowhere")
    (ring.folder / "index.key").write_text("AAAA")
    with pytest.raises(CryptoError, match="密钥残缺"):
        KeyRing.load(ring.folder)


def test_a_ring_does_not_show_its_keys(ring):
    secret = (ring.folder / "data.keys").read_text().split()[2]
    assert secret not in repr(ring)


def test_a_digest_is_an_ordinary_hmac_so_that_any_tool_can_verify_a_chain(ring):
    key = b64decode((ring.folder / "chain.key").read_text())
    said = (7).to_bytes(2, "big") + "history甲\x1f乙".encode()
    assert ring.chain_digester("history")("甲\x1f乙") == hmac.digest(key, said, "sha256").hex()
