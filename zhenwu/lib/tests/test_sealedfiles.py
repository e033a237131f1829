"""Files at rest: unreadable without the keys, whole or refused, and under the new data key without being written anew."""

import pytest

from zhenwu.lib import sealedfiles
from zhenwu.lib.crypto import CryptoError, KeyRing

LONG = bytes(range(256)) * 12_000  # three blocks


@pytest.fixture(params=["aes256", "sm4"])
def ring(tmp_path, request):
    return KeyRing.create(tmp_path / "keys", cipher=request.param)


@pytest.fixture
def sealed(ring, tmp_path):
    path = tmp_path / "files" / "ab" / "photo"
    sealedfiles.seal_file(ring, [LONG[:1000], LONG[1000:]], path)
    return path


@pytest.mark.parametrize("content", [b"", b"x", LONG[: 1 << 20], LONG])
def test_what_was_sealed_is_read_back(ring, tmp_path, content):
    path = tmp_path / "one"
    sealedfiles.seal_file(ring, [content], path)
    assert len(content) < 50 or content[:50] not in path.read_bytes()
    assert sealedfiles.read_all(ring, path) == content
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("harm", [
    lambda data: data[:-1], lambda data: data[: 20 + (1 << 20) + 16], lambda data: data[:20],
    lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:],
    lambda data: data[:20] + data[20 + (1 << 20) + 16 :],
])  # fmt: skip
def test_a_file_that_lost_or_changed_a_part_is_refused(ring, sealed, harm):
    sealed.write_bytes(harm(sealed.read_bytes()))
    with pytest.raises(CryptoError):
        sealedfiles.read_all(ring, sealed)


def test_a_new_data_key_leaves_the_content_alone(ring, sealed):
    before = sealed.read_bytes()
    ring.rotate()
    assert sealedfiles.needs_resealing(ring, sealed)
    sealedfiles.reseal(ring, sealed)
    assert not sealedfiles.needs_resealing(ring, sealed)
    assert sealed.read_bytes() == before
    ring.destroy_older()
    assert sealedfiles.read_all(ring, sealed) == LONG


def test_a_copy_from_before_is_lost_with_the_old_data_key(ring, sealed, tmp_path):
    backup = {path: path.read_bytes() for path in sealed.parent.iterdir()}
    ring.rotate()
    sealedfiles.remove(sealed)
    assert list(sealed.parent.iterdir()) == []
    ring.destroy_older()
    for path, content in backup.items():
        path.write_bytes(content)
    with pytest.raises(CryptoError):
        sealedfiles.read_all(KeyRing.load(tmp_path / "keys"), sealed)


def test_another_content_at_the_same_place_has_another_key(ring, sealed):
    names = {path.name for path in sealed.parent.iterdir()}
    sealedfiles.seal_file(ring, [b"new"], sealed)
    assert sealedfiles.read_all(ring, sealed) == b"new"
    assert len({path.name for path in sealed.parent.iterdir()} - names) == 1
    assert len(list(sealed.parent.iterdir())) == 2


def test_a_plain_file_of_before_is_read_and_then_sealed(ring, tmp_path):
    path = tmp_path / "old"
    path.write_bytes(LONG)
    assert sealedfiles.read_all(ring, path) == LONG
    assert sealedfiles.needs_resealing(ring, path)
    sealedfiles.reseal(ring, path)
    assert LONG[:50] not in path.read_bytes()
    assert sealedfiles.read_all(ring, path) == LONG


def test_equal_contents_meet_under_a_keyed_digest(ring, tmp_path):
    one, two = sealedfiles.keyed_digest(ring, [b"ab", b"c"]), sealedfiles.keyed_digest(ring, [b"abc"])
    assert one == two
    assert len(one) == 64
    assert sealedfiles.keyed_digest(KeyRing.create(tmp_path / "others"), [b"abc"]) != one


def test_destroyed_keys_are_gone_for_every_process(ring, tmp_path):
    other = KeyRing.load(tmp_path / "keys")
    token = ring.seal("13800001234", b"phone")
    ring.rotate()
    assert ring.destroy_older() == [other.key_ids[0]]
    assert ring.destroy_older() == []
    other.refresh()
    assert other.key_ids == ring.key_ids
    with pytest.raises(CryptoError):
        other.open(token, b"phone")
