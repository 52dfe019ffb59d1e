"""Corps, apps, departments, members and people: set up by the control interface, never by the server API."""

import secrets
import string

from wecom.simulator.errors import ControlRefused, Json
from wecom.simulator.store import Row, dumps
from wecom.simulator.world import Field, World

LETTERS = string.ascii_letters + string.digits
SCOPES = ("customers", "kf", "directory_sync", "archive")
FIRST_AGENT = 1000002
AES_KEY = 43  # characters


def found_corp(world: World, asked: Json) -> Json:
    corpid = str(asked.get("corpid") or world.new_id("corp", "ww", 16))
    if world.store.value("SELECT 1 FROM corp WHERE corpid = ?", corpid):
        raise ControlRefused(f"There is a corp {corpid} already.")
    ips = list(asked.get("trusted_ips", []))
    about = {"name": str(asked.get("name", corpid)), "wechat_account": str(asked.get("wechat_account", ""))}
    world.store.insert("corp", corpid=corpid, trusted_ips=ips, trusted_before=ips, **about)
    world.store.insert("department", corpid=corpid, id=1, name=about["name"], parentid=0)
    return {"corpid": corpid}


def trust(world: World, corpid: str, ips: list[str]) -> None:
    """Takes effect after a minute."""
    corp = world.corp(corpid)
    sql = "UPDATE corp SET trusted_ips = ?, trusted_before = ?, trusted_from = ? WHERE corpid = ?"
    world.store.run(sql, dumps(ips), corp["trusted_ips"], world.now, corpid)


def found_app(world: World, corpid: str, asked: Json) -> Json:
    """`visible`: {"users": […], "parties": […]}, or everybody. `subject`: a provider's own, or the corp's."""
    world.corp(corpid)
    scopes = list(asked.get("scopes", ["customers", "kf"]))
    if not set(scopes) <= set(SCOPES):
        raise ControlRefused(f"An app's scopes are among {', '.join(SCOPES)}.")
    last = world.store.value("SELECT max(agentid) FROM app WHERE corpid = ?", corpid)
    agentid = int(asked.get("agentid") or (last + 1 if last else FIRST_AGENT))
    if world.store.value("SELECT 1 FROM app WHERE (corpid, agentid) = (?, ?)", corpid, agentid):
        raise ControlRefused(f"There is an app {agentid} in {corpid} already.")
    secret = str(asked.get("secret") or world.new_id("secret", length=43))
    visible = dumps(asked["visible"]) if asked.get("visible") else None
    about = {
        "name": str(asked.get("name", agentid)),
        "subject": str(asked.get("subject") or corpid),
        "visible": visible,
    }
    world.store.insert("app", corpid=corpid, agentid=agentid, secret=secret, scopes=scopes, **about)
    return {"agentid": agentid, "secret": secret}


def set_app(world: World, app: Row, asked: Json) -> None:
    """What the admin console changes: disabled, visible range, scopes."""
    if "disabled" in asked:
        world.store.run(
            "UPDATE app SET disabled = ? WHERE (corpid, agentid) = (?, ?)",
            int(asked["disabled"]),
            app["corpid"],
            app["agentid"],
        )
    if "visible" in asked:
        visible = dumps(asked["visible"]) if asked["visible"] else None
        world.store.run(
            "UPDATE app SET visible = ? WHERE (corpid, agentid) = (?, ?)", visible, app["corpid"], app["agentid"]
        )
    if "scopes" in asked:
        world.store.run(
            "UPDATE app SET scopes = ? WHERE (corpid, agentid) = (?, ?)",
            dumps(asked["scopes"]),
            app["corpid"],
            app["agentid"],
        )


def callback_settings(asked: Json) -> tuple[str, str, str]:
    """URL, token and key; made up where they are not given."""
    token = str(asked.get("token") or "".join(secrets.choice(LETTERS) for _ in range(24)))
    aes_key = str(asked.get("aes_key") or "".join(secrets.choice(LETTERS) for _ in range(AES_KEY - 1)) + "A")
    if len(aes_key) != AES_KEY or not set(aes_key) <= set(LETTERS):
        raise ControlRefused("The EncodingAESKey has 43 letters and digits.")
    return str(asked.get("url", "")), token, aes_key


def save_callback(world: World, app: Row, url: str, token: str, aes_key: str) -> Json:
    sql = "UPDATE app SET callback_url = ?, token = ?, aes_key = ? WHERE (corpid, agentid) = (?, ?)"
    world.store.run(sql, url, token, aes_key, app["corpid"], app["agentid"])
    return {"url": url, "token": token, "aes_key": aes_key}


def add_department(world: World, corpid: str, asked: Json) -> Json:
    last = world.store.value("SELECT max(id) FROM department WHERE corpid = ?", corpid) or 0
    number = int(asked.get("id") or last + 1)
    world.store.insert(
        "department",
        corpid=corpid,
        id=number,
        name=str(asked.get("name", number)),
        parentid=int(asked.get("parentid", 1)),
    )
    fields: dict[str, Field] = {"ChangeType": "create_party", "Id": number, "Name": str(asked.get("name", number))}
    world.emit(corpid, "change_contact", fields)
    return {"id": number}


def add_staff(world: World, corpid: str, asked: Json) -> Json:
    world.corp(corpid)
    userid = str(asked.get("userid") or f"user{world.next('staff')}")
    if world.staff(corpid, userid):
        raise ControlRefused(f"There is a member {userid} in {corpid} already.")
    about = {"name": str(asked.get("name", userid)), "departments": list(asked.get("departments", [1]))}
    about |= {"position": str(asked.get("position", "")), "mobile": str(asked.get("mobile", ""))}
    flags = {
        name: int(asked.get(name, default))
        for name, default in (("active", 1), ("verified", 1), ("contacts", 1), ("archived", 0))
    }
    world.store.insert(
        "staff", corpid=corpid, userid=userid, last_login=int(asked.get("last_login", world.now)), **about, **flags
    )
    world.emit(corpid, "change_contact", {"ChangeType": "create_user", "UserID": userid})
    return {"userid": userid}


def set_staff(world: World, corpid: str, userid: str, asked: Json) -> None:
    world.staff_named(corpid, userid)
    for name in ("name", "active", "verified", "contacts", "archived", "last_login", "left_at", "position"):
        if name in asked:
            world.store.run(f"UPDATE staff SET {name} = ? WHERE (corpid, userid) = (?, ?)", asked[name], corpid, userid)  # noqa: S608  # one of these columns
    if "departments" in asked:
        world.store.run(
            "UPDATE staff SET departments = ? WHERE (corpid, userid) = (?, ?)",
            dumps(asked["departments"]),
            corpid,
            userid,
        )
    world.emit(corpid, "change_contact", {"ChangeType": "update_user", "UserID": userid})


def staff_leaves(world: World, corpid: str, userid: str) -> None:
    """Customers and groups wait to be given on."""
    world.staff_named(corpid, userid)
    world.emit(corpid, "change_contact", {"ChangeType": "delete_user", "UserID": userid})
    world.store.run("UPDATE staff SET left_at = ? WHERE (corpid, userid) = (?, ?)", world.now, corpid, userid)


def add_person(world: World, asked: Json) -> Json:
    """`type` 1 uses WeChat, 2 WeCom."""
    about = {"gender": int(asked.get("gender", 0)), "type": int(asked.get("type", 1))}
    more = {"position": str(asked.get("position", "")), "corp_name": str(asked.get("corp_name", ""))}
    person = world.store.insert("person", name=str(asked.get("name", "Customer")), **about, **more)
    return {"person": person}
