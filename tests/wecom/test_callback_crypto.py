"""Signature and encryption by vectors that others published, and what a forger tries."""

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from tests.wecom.platform import AES_KEY
from wecom.rules.callback_crypto import Undecipherable, decrypt, encrypt, is_signed, signature

PATH = (
    Path(os.environ.get("SCRM_SHARED", settings.BASE_DIR.parent / "shared"))
    / "fixtures/wecom/crypto/crypto_vectors.json"
)
VECTORS: list[dict[str, Any]] = json.loads(PATH.read_text(encoding="utf-8"))["vectors"] if PATH.exists() else []
SIGNED = ("token", "timestamp", "nonce")


def test_the_vectors_are_there() -> None:
    if not PATH.exists() and not os.environ.get("CI"):
        pytest.skip(f"the crypto vectors are not at {PATH}")
    assert {vector["kind"] for vector in VECTORS} == {"post", "verify_url", "encrypt"}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vector_goes_through(vector: dict[str, Any]) -> None:
    values = {name: vector[name] for name in SIGNED}
    assert signature(**values, encrypted=vector["encrypt"]) == vector["msg_signature"]
    assert is_signed(vector["msg_signature"], **values, encrypted=vector["encrypt"])
    opened = decrypt(vector["encrypt"], aes_key=vector["encoding_aes_key"])
    assert (opened.message.decode(), opened.receiver) == (vector["expected_plaintext"], vector["receive_id"])
    if "random16" in vector:
        again = encrypt(
            opened.message,
            aes_key=vector["encoding_aes_key"],
            receiver=vector["receive_id"],
            random=vector["random16"].encode(),
        )
        assert again == vector["encrypt"]


@given(message=st.binary(max_size=300), receiver=st.text(max_size=40).filter(lambda text: text.isprintable()))
def test_what_is_encrypted_comes_back(message: bytes, receiver: str) -> None:
    opened = decrypt(encrypt(message, aes_key=AES_KEY, receiver=receiver, random=b"0" * 16), aes_key=AES_KEY)
    assert (opened.message, opened.receiver) == (message, receiver)


@given(st.binary(max_size=200))
def test_what_is_not_encrypted_is_refused_in_one_way(body: bytes) -> None:
    for text in (body.decode("latin-1"), body.hex()):
        with pytest.raises(Undecipherable):
            decrypt(text, aes_key=AES_KEY)


@pytest.mark.parametrize("cut", [1, 16, 32, 64])
def test_ciphertext_that_was_cut_is_refused(cut: int) -> None:
    whole = encrypt(b"<xml/>" * 30, aes_key=AES_KEY, receiver="ww1", random=b"0" * 16)
    with pytest.raises(Undecipherable):
        decrypt(base64.b64encode(base64.b64decode(whole)[:-cut]).decode(), aes_key=AES_KEY)


def test_another_key_opens_nothing() -> None:
    whole = encrypt(b"<xml/>", aes_key=AES_KEY, receiver="ww1", random=b"0" * 16)
    with pytest.raises(Undecipherable):
        decrypt(whole, aes_key="kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR")


@pytest.mark.parametrize("part", ["token", "timestamp", "nonce", "encrypted"])
def test_signature_is_over_every_part(part: str) -> None:
    values = {"token": "t", "timestamp": "1", "nonce": "n", "encrypted": "e"}
    signed = signature(**values)
    assert is_signed(signed, **values)
    assert not is_signed(signed, **{**values, part: "x"})
    assert not is_signed("é" + signed, **values)
