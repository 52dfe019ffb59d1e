"""What can be asked of the simulated people by name, from the pages and from the control interface."""

from collections.abc import Callable

from wecom.simulator.acts import acquisition, codes, groups, kf, mass, moments, relations, tags, transfers
from wecom.simulator.clock import DAY
from wecom.simulator.errors import ControlRefused, Json
from wecom.simulator.store import Row
from wecom.simulator.world import World

Act = Callable[[World, Json], Json]
REFUSED = "Not delivered: the other side is no longer a contact."


def words(asked: Json) -> Json:
    """A text, unless a whole content is given."""
    content: Json = asked.get("content") or {"msgtype": "text", "text": {"content": str(asked.get("text", ""))}}
    if not asked.get("content") and not str(asked.get("text", "")).strip():
        raise ControlRefused("There is nothing to say: the text is empty.")
    return content


def _pair(asked: Json) -> tuple[str, str, int]:
    return str(asked["corpid"]), str(asked["userid"]), int(asked["person"])


def _relation(world: World, asked: Json) -> Row:
    return relations.relation(world, *_pair(asked))


def _said(reached: bool) -> Json:  # noqa: FBT001  # the only argument
    return {} if reached else {"refused": REFUSED}


def scan(world: World, asked: Json) -> Json:
    return codes.scan(world, int(asked["person"]), str(asked["code"]))


def customer_says(world: World, asked: Json) -> Json:
    return _said(relations.customer_says(world, *_pair(asked), words(asked)))


def staff_says(world: World, asked: Json) -> Json:
    return _said(relations.staff_says(world, *_pair(asked), words(asked)))


def customer_deletes(world: World, asked: Json) -> Json:
    relations.customer_deletes(world, *_pair(asked))
    return {}


def staff_deletes(world: World, asked: Json) -> Json:
    relations.staff_deletes(world, *_pair(asked))
    return {}


def add(world: World, asked: Json) -> Json:
    """Without a code: by search or a card."""
    relations.add(world, *_pair(asked), state=str(asked.get("state", "")), verified=bool(asked.get("verified", True)))
    return {}


def confirm_friend(world: World, asked: Json) -> Json:
    relations.confirm(world, *_pair(asked))
    return {}


def note(world: World, asked: Json) -> Json:
    noted = {name: asked[name] for name in relations.NOTED if name in asked}
    relations.note(world, _relation(world, asked), noted)
    return {}


def mark(world: World, asked: Json) -> Json:
    relations.mark(world, _relation(world, asked), list(asked.get("add", [])), list(asked.get("remove", [])))
    return {}


def agree_to_archive(world: World, asked: Json) -> Json:
    relations.agree_to_archive(world, *_pair(asked))
    return {}


def welcome_by_another_app(world: World, asked: Json) -> Json:
    """Its sending lasts some seconds: meanwhile 41096."""
    sql = "UPDATE welcome SET busy_until = ? WHERE code = ?"
    world.store.run(sql, world.now + int(asked.get("seconds", 5)), str(asked["code"]))
    return {}


def create_group(world: World, asked: Json) -> Json:
    owner, name = str(asked["userid"]), str(asked["name"])
    return {"chat": groups.create(world, str(asked["corpid"]), owner, name, customer=bool(asked.get("customer", True)))}


def join_group(world: World, asked: Json) -> Json:
    who: Json = {"userid": str(asked.get("userid", "")), "person": int(asked.get("person", 0))}
    groups.join(world, int(asked["chat"]), invitor=str(asked.get("invitor", "")), **who)
    return {}


def leave_group(world: World, asked: Json) -> Json:
    who: Json = {"userid": str(asked.get("userid", "")), "person": int(asked.get("person", 0))}
    groups.leave(world, int(asked["chat"]), removed=bool(asked.get("removed")), **who)
    return {}


def change_group(world: World, asked: Json) -> Json:
    groups.change(world, int(asked["chat"]), str(asked["detail"]), str(asked["value"]))
    return {}


def welcome_group(world: World, asked: Json) -> Json:
    """The owner chooses a welcome template for the group, in the client."""
    world.store.run("UPDATE chat SET welcome = ? WHERE chat = ?", str(asked["template_id"]), int(asked["chat"]))
    return {}


def dismiss_group(world: World, asked: Json) -> Json:
    groups.dismiss(world, int(asked["chat"]))
    return {}


def group_says(world: World, asked: Json) -> Json:
    who: Json = {"userid": str(asked.get("userid", "")), "person": int(asked.get("person", 0))}
    groups.say(world, int(asked["chat"]), words(asked), **who)
    return {}


def confirm_mass(world: World, asked: Json) -> Json:
    """`rows`: to these alone. How many rows ended in which status."""
    chosen = asked.get("rows")
    outcome = mass.confirm(world, str(asked["msgid"]), str(asked["userid"]), chosen)
    return {"outcome": {str(status): count for status, count in outcome.items()}}


def ignore_mass(world: World, asked: Json) -> Json:
    mass.ignore(world, str(asked["msgid"]), str(asked["userid"]))
    return {}


def mass_by_member(world: World, asked: Json) -> Json:
    content = {"text": {"content": str(asked["text"])}}
    people = [int(person) for person in asked["people"]]
    return {"msgid": mass.by_member(world, str(asked["corpid"]), str(asked["userid"]), content, people)}


def publish_moment(world: World, asked: Json) -> Json:
    return {"shown": moments.publish(world, str(asked["moment_id"]), str(asked["userid"]))}


def answer_moment(world: World, asked: Json) -> Json:
    kind = str(asked.get("kind", "like"))
    moments.reply(world, str(asked["moment_id"]), str(asked["userid"]), int(asked["person"]), kind)
    return {}


def refuse_transfer(world: World, asked: Json) -> Json:
    transfers.refuse(world, int(asked["transfer"]))
    return {}


def kf_enter(world: World, asked: Json) -> Json:
    return {"welcome_code": kf.enter(world, str(asked["open_kfid"]), int(asked["person"]), str(asked.get("scene", "")))}


def kf_says(world: World, asked: Json) -> Json:
    kf.customer_says(world, str(asked["open_kfid"]), int(asked["person"]), words(asked))
    return {}


def kf_answers(world: World, asked: Json) -> Json:
    kf.servicer_says(world, str(asked["open_kfid"]), int(asked["person"]), str(asked["userid"]), words(asked))
    return {}


def kf_picks_up(world: World, asked: Json) -> Json:
    kf.pick_up(world, str(asked["open_kfid"]), int(asked["person"]), str(asked["userid"]))
    return {}


def kf_closes(world: World, asked: Json) -> Json:
    kf.close(world, str(asked["open_kfid"]), int(asked["person"]), str(asked["userid"]))
    return {}


def kf_rejects(world: World, asked: Json) -> Json:
    """Messages by API do not arrive, for the reason of that `fail_type`; 0 ends it."""
    row = kf.session(world, str(asked["open_kfid"]), int(asked["person"]))
    kf.update(world, row, rejects=int(asked["fail_type"]))
    return {}


def kf_stops(world: World, asked: Json) -> Json:
    """A servicer stops receiving, or goes on."""
    sql = "UPDATE kf_servicer SET stopped = ? WHERE (open_kfid, userid) = (?, ?)"
    world.store.run(sql, int(bool(asked.get("stopped", True))), str(asked["open_kfid"]), str(asked["userid"]))
    return {}


def add_tag(world: World, asked: Json) -> Json:
    """An admin's, with events; in a group by that name."""
    corpid, name = str(asked["corpid"]), str(asked["group"])
    known = tags.group_named(world, corpid, name)
    group_id = str(known["group_id"]) if known else tags.add_group(world, corpid, name)
    (tag_id,) = tags.add_tags(world, corpid, group_id, [(str(asked["name"]), 0)])
    return {"group_id": group_id, "tag_id": tag_id}


def edit_tag(world: World, asked: Json) -> Json:
    tags.rename(world, str(asked["corpid"]), str(asked["id"]), name=str(asked["name"]), ord_=None)
    return {}


def delete_tag(world: World, asked: Json) -> Json:
    """A tag or a group."""
    tags.delete_tag(world, str(asked["corpid"]), str(asked["id"]))
    tags.delete_group(world, str(asked["corpid"]), str(asked["id"]))
    return {}


def shuffle_tags(world: World, asked: Json) -> Json:
    tags.shuffle(world, str(asked["corpid"]), str(asked.get("id", "")))
    return {}


def buy_quota(world: World, asked: Json) -> Json:
    expires = int(asked.get("expires") or world.now + 365 * DAY)
    acquisition.buy(world, str(asked["corpid"]), int(asked["amount"]), expires)
    return {}


def delete_link(world: World, asked: Json) -> Json:
    """By an admin: told of, unlike the same through the API."""
    world.store.run("UPDATE link SET closed = 1 WHERE link_id = ?", str(asked["link_id"]))
    acquisition.tell(world, str(asked["corpid"]), "delete_link", LinkId=str(asked["link_id"]))
    return {}


def oauth_code(world: World, asked: Json) -> Json:
    """As a page in the client gets it: of a member (`userid`) or of a customer (`person`)."""
    doc = {"userid": str(asked["userid"])} if asked.get("userid") else {"person": int(asked["person"])}
    code = world.new_id("oauth", length=43)
    world.store.insert("oauth", code=code, corpid=str(asked["corpid"]), kind="code", issued=world.now, doc=doc)
    return {"code": code}


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (
        *(scan, customer_says, staff_says, customer_deletes, staff_deletes, add, confirm_friend, note, mark),
        *(agree_to_archive, welcome_by_another_app, create_group, join_group, leave_group, change_group),
        *(welcome_group, dismiss_group, group_says, confirm_mass, ignore_mass, mass_by_member, publish_moment),
        *(answer_moment, refuse_transfer, kf_enter, kf_says, kf_answers, kf_picks_up, kf_closes, kf_rejects),
        *(kf_stops, add_tag, edit_tag, delete_tag, shuffle_tags, buy_quota, delete_link, oauth_code),
    )
}


def perform(world: World, asked: Json) -> Json:
    """`act` by name, its fields beside it; all of it happens or nothing."""
    act = ACTS.get(str(asked.get("act")))
    if act is None:
        raise ControlRefused(f"There is no act {asked.get('act')!r}; there are: {', '.join(sorted(ACTS))}.")
    try:
        with world.store.transaction():
            return act(world, asked)
    except KeyError as missing:
        raise ControlRefused(f"The act {asked['act']} needs {missing}.") from None
    except (TypeError, ValueError) as fault:
        raise ControlRefused(f"The act {asked['act']} cannot read a field: {fault}.") from None
