"""Sealing, wrapping, indexes: given keys, without a database."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from core import keys
from core.checks import usable_keys
from core.rules.crypto import (
    OVERHEAD,
    WRAPPED_BYTES,
    SealBroken,
    Sealer,
    Wrapper,
    derive_key,
    index_function,
    new_key,
    new_keys,
)
from core.rules.masking import mask_email, mask_name, mask_phone, mask_text
from core.rules.normalise import NotNormal, normalise_email, normalise_phone, normalise_text

PLACE = b"members.Identity.value|member:42"


@given(st.binary(max_size=300))
def test_sealed_value_opens_and_is_as_long_as_told(plain: bytes) -> None:
    sealer = Sealer(key=b"k" * 32)
    sealed = sealer.seal(plain, PLACE)
    assert (sealer.open(sealed, PLACE), len(sealed)) == (plain, len(plain) + OVERHEAD)


def test_same_value_is_never_sealed_the_same() -> None:
    sealer = Sealer(key=new_key())
    assert len({sealer.seal(b"13800138000", PLACE) for _time in range(100)}) == 100


@pytest.mark.parametrize(
    "place",
    [b"members.Identity.value|member:43", b"members.Identity.other|member:42", b"members.Identity.value|user:42"],
)
def test_value_moved_to_another_place_does_not_open(place: bytes) -> None:
    sealer = Sealer(key=new_key())
    with pytest.raises(SealBroken):
        sealer.open(sealer.seal(b"13800138000", PLACE), place)


def test_every_changed_byte_is_noticed() -> None:
    sealer = Sealer(key=new_key())
    sealed = sealer.seal(b"138", PLACE)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(SealBroken):
            sealer.open(changed, PLACE)


@pytest.mark.parametrize("length", range(OVERHEAD))
def test_cut_value_does_not_open(length: int) -> None:
    sealer = Sealer(key=new_key())
    with pytest.raises(SealBroken):
        sealer.open(sealer.seal(b"", PLACE)[:length], PLACE)


def test_value_of_another_key_or_number_does_not_open() -> None:
    key = new_key()
    sealed = Sealer(key=key).seal(b"138", PLACE)
    for other in (Sealer(key=new_key()), Sealer(key=key, number=2)):
        with pytest.raises(SealBroken):
            other.open(sealed, PLACE)


def test_wrapped_key_is_bound_to_owner_and_version() -> None:
    master, key = new_key(), new_key()
    wrapper = Wrapper(key=master, version=1)
    wrapped = wrapper.wrap(key, b"member:42")
    assert (wrapper.unwrap(wrapped, b"member:42"), len(wrapped)) == (key, WRAPPED_BYTES)
    for other, owner in [
        (wrapper, b"member:43"),
        (Wrapper(key=master, version=2), b"member:42"),
        (Wrapper(key=new_key(), version=1), b"member:42"),
    ]:
        with pytest.raises(SealBroken):
            other.unwrap(wrapped, owner)


def test_keys_wrapped_together_are_those_wrapped_one_by_one() -> None:
    wrapper = Wrapper(key=new_key(), version=3)
    owned = [(key, b"member:%d" % place) for place, key in enumerate(new_keys(50))]
    assert [
        wrapper.unwrap(wrapped, owner) for wrapped, (_key, owner) in zip(wrapper.wrap_all(owned), owned, strict=True)
    ] == [key for key, _owner in owned]
    assert len({key for key, _owner in owned}) == 50


def test_index_is_hmac_sha256_cut_to_128_bits() -> None:
    """RFC 4231, test case 1."""
    index = index_function(b"\x0b" * 20)
    assert index("Hi There").hex() == "b0344c61d8db38535ca8afceaf0bf12b"


def test_index_differs_by_purpose_and_key() -> None:
    master = new_key()
    made = [index_function(derive_key(key, purpose))("13800138000") for key in (master, new_key()) for purpose in "ab"]
    assert len(set(made)) == 4


def test_derived_key_stays_the_same() -> None:
    """A change here would orphan every index that was ever stored."""
    assert derive_key(b"\x00" * 32, "index|phone").hex()[:16] == "304a559961d2c54f"


# --- the key ring ---


@pytest.fixture
def ring_path(tmp_path: Path, settings: object) -> Path:
    path = tmp_path / "keys" / "master.json"
    settings.SCRM_MASTER_KEYS = path  # type: ignore[attr-defined]
    return path


def test_ring_is_made_once_and_for_its_owner_only(ring_path: Path) -> None:
    assert [keys.create_key_ring(ring_path), keys.create_key_ring(ring_path)] == [True, False]
    assert (ring_path.stat().st_mode & 0o777, [file.name for file in ring_path.parent.iterdir()]) == (
        0o600,
        ["master.json"],
    )
    assert repr(keys.key_ring()) == "KeyRing(master=[1], index=[1], sign=[1], verify=[1])"


def test_old_ring_gets_a_signing_key_once(ring_path: Path) -> None:
    ring_path.parent.mkdir()
    key = "A" * 43 + "="
    ring_path.write_text(json.dumps({"format": 1, "master": {"1": key}, "index": {"1": key}}), encoding="ascii")
    ring_path.chmod(0o600)
    with pytest.raises(ImproperlyConfigured, match="keys create"):
        _ = keys.key_ring().signer
    added = [keys.add_signing_key(ring_path, only_the_first=True) for _time in range(2)]
    assert (added, keys.key_ring().signer[0], ring_path.stat().st_mode & 0o777) == ([True, False], 1, 0o600)


def test_rotation_keeps_the_public_half_only(ring_path: Path) -> None:
    keys.create_key_ring(ring_path)
    version, signer = keys.key_ring().signer
    signed = signer.sign(b"a seal")
    keys.add_signing_key(ring_path)
    ring = keys.key_ring()
    assert (sorted(ring.signers), sorted(ring.verifiers), sorted(keys.public_keys())) == ([2], [1, 2], [1, 2])
    ring.verifiers[version].verify(signed, b"a seal")


def test_missing_ring_says_what_to_do(ring_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="keys create"):
        keys.key_ring()
    assert not ring_path.exists()


def test_ring_that_everyone_can_read_is_refused(ring_path: Path) -> None:
    keys.create_key_ring(ring_path)
    ring_path.chmod(0o644)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        keys.key_ring()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        '{"format": 2, "master": {"1": "KEY"}, "index": {"1": "KEY"}}',
        '{"format": 1, "master": {}, "index": {"1": "KEY"}}',
        '{"format": 1, "master": {"1": "c2hvcnQ="}, "index": {"1": "KEY"}}',
        '{"format": 1, "master": {"one": "KEY"}, "index": {"1": "KEY"}}',
        '{"format": 1, "master": {"1": "!!"}, "index": {"1": "KEY"}}',
        '{"format": 1, "master": {"1": 5}, "index": {"1": "KEY"}}',
    ],
)
def test_file_that_is_no_ring_is_refused(ring_path: Path, content: str) -> None:
    ring_path.parent.mkdir()
    ring_path.write_text(content.replace("KEY", "A" * 43 + "="), encoding="ascii")
    ring_path.chmod(0o600)
    with pytest.raises(ImproperlyConfigured, match="not a key ring"):
        keys.key_ring()


def test_version_added_while_running_is_used_at_once(ring_path: Path) -> None:
    keys.create_key_ring(ring_path)
    before = keys.blind_index("phone", "13800138000")
    old = keys.key_ring().wrapper
    text = ring_path.read_text(encoding="ascii").replace('"master": {', f'"master": {{"2": "{"A" * 43}=",')
    ring_path.write_text(text, encoding="ascii")
    ring = keys.key_ring()
    assert (old.version, ring.wrapper.version, sorted(ring.wrappers)) == (1, 2, [1, 2])
    assert keys.blind_index("phone", "13800138000") == before


def test_a_second_index_key_is_refused_before_a_number_is_stored_twice(ring_path: Path) -> None:
    assert usable_keys(None) == []
    keys.create_key_ring(ring_path)
    keys.blind_index("phone", "13800138000")
    assert usable_keys(None) == []
    text = ring_path.read_text(encoding="ascii").replace('"index": {', f'"index": {{"2": "{"A" * 43}=",')
    ring_path.write_text(text, encoding="ascii")
    with pytest.raises(ImproperlyConfigured, match="2 index keys"):
        keys.blind_index("phone", "13800138000")
    (found,) = usable_keys(None)
    assert (found.id, "stored twice" in found.msg) == ("core.E001", True)


# --- one spelling ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("13800138000", "13800138000"),
        ("+8613800138000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("8613800138000", "13800138000"),
        (" +86 138-0013-8000 ", "13800138000"),
        ("(+86)138 0013 8000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("13800138000.0", "13800138000"),
        ("138.0013.8000", "13800138000"),
        ("010-8888 8888", "+861088888888"),
        ("+86 10 8888 8888", "+861088888888"),
        ("+852 9123 4567", "+85291234567"),
        ("00852 9123 4567", "+85291234567"),
        ("+1 (415) 555-2671", "+14155552671"),
    ],
)
def test_phone_has_one_spelling(text: str, expected: str) -> None:
    assert normalise_phone(text) == expected
    assert normalise_phone(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "12345",
        "12800138000",
        "1380013800",
        "+86 12345",
        "+12345",
        "1.38E+10",
        "1" * 16,
        "+",
        "138001380xx",
        "²²²²x",
    ],
)
def test_text_that_is_no_phone_is_refused(text: str) -> None:
    with pytest.raises(NotNormal):
        normalise_phone(text)


@pytest.mark.parametrize(
    ("text", "expected"), [(" Ming.Wang@Example.COM ", "ming.wang@example.com"), ("a@b.cn", "a@b.cn")]
)
def test_email_has_one_spelling(text: str, expected: str) -> None:
    assert normalise_email(text) == expected


@pytest.mark.parametrize(
    "text", ["", "a", "a@b", "@b.cn", "a@@b.cn", "a b@c.cn", "a@b..cn", "x" * 65 + "@b.cn", "a@" + "b" * 254 + ".cn"]
)
def test_text_that_is_no_email_is_refused(text: str) -> None:
    with pytest.raises(NotNormal):
        normalise_email(text)


def test_text_keeps_its_case() -> None:
    assert normalise_text(" ｏAbC ") == "oAbC"


# --- masks ---


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (mask_phone, "13800138000", "138****8000"),
        (mask_phone, "+85291234567", "+852****4567"),
        (mask_phone, "95533", "***33"),
        (mask_email, "ming@example.com", "m***@example.com"),
        (mask_email, "nonsense", "•••"),
        (mask_name, "", ""),
        (mask_name, "王", "*"),
        (mask_name, "王明", "王*"),
        (mask_name, "王小明", "王*明"),
        (mask_name, "欧阳小明", "欧***"),
        (mask_name, "Christopher", "C***"),
        (mask_text, "call +86 138-0013-8000 or 13900139000", "call 138****8000 or 139****9000"),
        (mask_text, "mail ming@example.com, id 11010519491231002X", "mail m***@example.com, id 1101**********002X"),
        (mask_text, "order 2024061800012345, ¥199.00", "order 2024061800012345, ¥199.00"),
    ],
)
def test_mask_shows_no_more_than_it_should(mask: object, value: str, shown: str) -> None:
    assert mask(value) == shown  # type: ignore[operator]
