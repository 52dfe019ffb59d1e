"""The message archive as an adapter gives it: encrypted records after a seq, media in pieces (official page 91774).

It stands in for the adapter around Tencent's closed library, not for the library. Its encryption of a message is
undocumented; here it is AES-256-CBC with the random key, so that an adapter under test has something to undo.
"""

import base64
import json

from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from wecom.simulator.errors import ControlRefused, Json
from wecom.simulator.rules import rule_11_quotas
from wecom.simulator.rules import rule_35_archive as rule
from wecom.simulator.rules.rule_16_identity import digest
from wecom.simulator.store import Row, dumps
from wecom.simulator.world import World

KEY_BITS, KEY_CHARS = 2048, 32


class Archive:
    """Of one corp. Each key that was set is a version; a record names the one that was set last."""

    def __init__(self, world: World, corpid: str) -> None:
        world.corp(corpid)
        self.world, self.corpid = world, corpid

    def _keys(self) -> list[str]:
        kept = self.world.store.value("SELECT value FROM setting WHERE name = ?", f"archive {self.corpid}")
        found: list[str] = json.loads(kept) if kept else []
        return found

    def set_key(self, public_key: str) -> None:
        loaded = serialization.load_pem_public_key(public_key.encode())
        if not isinstance(loaded, RSAPublicKey) or loaded.key_size != KEY_BITS:
            raise ControlRefused(f"The archive's key is an RSA key of {KEY_BITS} bits, as PEM.")
        keys = [*self._keys(), public_key]
        sql = "INSERT OR REPLACE INTO setting VALUES (?, ?)"
        self.world.store.run(sql, f"archive {self.corpid}", dumps(keys))

    def _records(self, seq: int, limit: int) -> list[Row]:
        """Talk of members who are archived with customers who agreed, of the last five days."""
        oldest_kept, agreed = self.world.now - rule.KEPT, self.world.switch(self.corpid, "archive_agreed")
        sql = (
            "SELECT m.* FROM message m JOIN staff s ON (s.corpid, s.userid) = (m.corpid, m.userid) WHERE m.corpid = ?"
            " AND m.channel IN ('chat', 'mass', 'welcome') AND s.archived AND m.at > ? AND m.id > ?"
            " AND (? OR m.person = 0 OR EXISTS (SELECT 1 FROM welcome w WHERE w.archived"
            " AND (w.corpid, w.userid, w.person) = (m.corpid, m.userid, m.person))) ORDER BY m.id LIMIT ?"
        )
        return self.world.store.rows(sql, self.corpid, oldest_kept, seq, agreed, limit)

    def get_chat_data(self, seq: int, limit: int) -> Json:
        """Records after `seq`; none means that there is nothing more for now."""
        rule.check_pull(limit)
        limits = rule_11_quotas.PER_CORP["/archive/get_chat_data"]
        self.world.rates.count(("archive", self.corpid), limits, self.world.now)
        keys = self._keys()
        if not keys:
            raise ControlRefused("The archive has no public key: set one first.")
        rows = self._records(seq, limit)
        return {"errcode": 0, "errmsg": "ok", "chatdata": [self._sealed(row, keys) for row in rows]}

    def _sealed(self, row: Row, keys: list[str]) -> Json:
        random_key = digest(self.world.seed, "archive", row["id"], length=KEY_CHARS)
        public = serialization.load_pem_public_key(keys[-1].encode())
        if not isinstance(public, RSAPublicKey):
            raise ControlRefused("The archive's key is no RSA key.")
        sealed = base64.b64encode(public.encrypt(random_key.encode(), PKCS1v15())).decode()
        head: Json = {"seq": row["id"], "msgid": self._msgid(row), "publickey_ver": len(keys)}
        return {
            **head,
            "encrypt_random_key": sealed,
            "encrypt_chat_msg": encrypt(random_key, dumps(self._message(row))),
        }

    def _msgid(self, row: Row) -> str:
        return f"{row['id']:020d}" + rule.outside_suffix(external=bool(row["person"]))

    def _message(self, row: Row) -> Json:
        customer = self.world.outside(self.corpid, "customer", row["person"]) if row["person"] else ""
        by_customer = row["speaker"] == "customer"
        sender, receiver = (customer, row["userid"]) if by_customer else (row["userid"], customer)
        content = json.loads(row["content"])
        said = content.get("text", {}).get("content", "")
        head: Json = {
            "msgid": self._msgid(row),
            "action": "send",
            "from": sender,
            "tolist": [receiver] if receiver else [],
        }
        room = self.world.outside(self.corpid, "chat", row["chat"]) if row["chat"] else ""
        return {**head, "roomid": room, "msgtime": row["at"] * 1000, "msgtype": "text", "text": {"content": said}}

    def get_media_data(self, media_id: str, start: int) -> tuple[bytes, bool]:
        """A piece from `start` on, and whether it is the last."""
        sql = "SELECT body FROM media WHERE (media_id, corpid) = (?, ?) AND created > ?"
        body = self.world.store.value(sql, media_id, self.corpid, self.world.now - rule.KEPT)
        if body is None:
            raise rule.ArchiveRefused(rule.NO_MEDIA)
        return rule.cut_chunk(body, start)


def _cipher(random_key: str) -> Cipher[modes.CBC]:
    key = random_key.encode()
    return Cipher(algorithms.AES256(key), modes.CBC(key[:16]))


def encrypt(random_key: str, text: str) -> str:
    padder = padding.PKCS7(128).padder()
    padded = padder.update(text.encode()) + padder.finalize()
    encryptor = _cipher(random_key).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def decrypt(random_key: str, sealed: str) -> str:
    decryptor = _cipher(random_key).decryptor()
    padded = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
    unpadder = padding.PKCS7(128).unpadder()
    return (unpadder.update(padded) + unpadder.finalize()).decode()
