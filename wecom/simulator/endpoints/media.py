"""Media: uploaded for messages (`media`), for moments and albums (`attachment`), or for good (`img`)."""

import json

from wecom.simulator.call import Binary, Call, Upload
from wecom.simulator.errors import Json, Refusal, refuse_if
from wecom.simulator.rules import rule_34_media
from wecom.simulator.rules.shapes import integer, text

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff3f0005fe02fea7359aa000000000"
    "49454e44ae426082"
)
MOMENTS, ALBUM = 1, 2


def _sent(call: Call) -> Upload:
    refuse_if(not call.uploads, 44001)
    return call.uploads[0]


def keep(call: Call, use: str, kind: str, upload: Upload) -> str:
    media_id = call.world.new_id("media", "3", 43)
    about = {"corpid": call.corpid, "use": use, "type": kind, "filename": upload.filename}
    values = {**about, "content_type": upload.content_type, "created": call.now, "body": upload.body}
    call.world.store.insert("media", media_id=media_id, **values)
    return media_id


def upload_media(call: Call) -> Json:
    """`created_at` is a string here."""
    kind = text(call.query, "type", needed=True)
    upload = _sent(call)
    rule_34_media.check_upload("media", kind, upload.body)
    return {"type": kind, "media_id": keep(call, "media", kind, upload), "created_at": str(call.now)}


def upload_attachment(call: Call) -> Json:
    """`created_at` is a number here."""
    kind = text(call.query, "media_type", needed=True)
    refuse_if(integer(call.query, "attachment_type") not in (MOMENTS, ALBUM), 40058)
    upload = _sent(call)
    rule_34_media.check_upload("attachment", kind, upload.body)
    return {"type": kind, "media_id": keep(call, "attachment", kind, upload), "created_at": call.now}


def upload_img(call: Call) -> Json:
    """An address that stays."""
    upload = _sent(call)
    rule_34_media.check_upload("img", "image", upload.body)
    return {"url": f"{call.world.base}/media/{keep(call, 'img', 'image', upload)}"}


def get_media(call: Call) -> Binary:
    media_id = text(call.args, "media_id", needed=True)
    row = call.world.store.row("SELECT * FROM media WHERE (media_id, corpid) = (?, ?)", media_id, call.corpid)
    rule_34_media.check_use(known=row is not None, age=call.now - row["created"] if row else 0)
    if row is None:
        raise Refusal(40007)
    return Binary(row["body"], row["content_type"], row["filename"])


def upload_by_url(call: Call) -> Json:
    """The simulator fetches nothing from anywhere: one pixel stands for what lies at the address."""
    kind, filename = text(call.args, "type", needed=True), text(call.args, "filename", needed=True)
    text(call.args, "url", needed=True)
    refuse_if(kind not in rule_34_media.MEDIA, 40004)
    media_id = keep(call, "media", kind, Upload(filename, "image/png", PIXEL))
    jobid = call.world.new_id("job", "jobid", 30)
    call.world.store.insert(
        "job", jobid=jobid, corpid=call.corpid, kind="upload", created=call.now, doc={"media_id": media_id}
    )
    return {"jobid": jobid}


def upload_result(call: Call) -> Json:
    sql = "SELECT * FROM job WHERE (jobid, corpid, kind) = (?, ?, 'upload')"
    job = call.world.store.row(sql, text(call.args, "jobid", needed=True), call.corpid)
    if job is None:
        raise Refusal(40058, "invalid jobid")
    detail = {
        "errcode": 0,
        "errmsg": "ok",
        "media_id": json.loads(job["doc"])["media_id"],
        "created_at": str(job["created"]),
    }
    return {"status": 2, "detail": detail}


ROUTES = {
    "/cgi-bin/media/upload": upload_media,
    "/cgi-bin/media/upload_attachment": upload_attachment,
    "/cgi-bin/media/uploadimg": upload_img,
    "/cgi-bin/media/get": get_media,
    "/cgi-bin/media/upload_by_url": upload_by_url,
    "/cgi-bin/media/get_upload_by_url_result": upload_result,
}
