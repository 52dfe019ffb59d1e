"""The POSTs of the connection to WeCom, for `test_acts_of_the_pages`."""

from core.services import sealing
from tests.scrm.acts_of_the_pages import Act, Cast, Maker, about, to
from tests.wecom.platform import AES_KEY, SECRET, TOKEN, a_corp, an_app
from wecom.models import CallbackEvent
from wecom.models.corps import API_HOST
from wecom.services.receiving import count_refusal

WHY = {"reason": "Secret 已更正"}
TYPED = {"secret": SECRET, "callback_token": TOKEN, "callback_aes_key": AES_KEY}


def corp(cast: Cast) -> int:
    return a_corp().pk


def app(cast: Cast) -> int:
    return an_app().pk


def given_up(cast: Cast) -> int:
    """One with its content."""
    made, now = an_app(), cast.admin.date_joined
    count_refusal(app_id=made.pk, reason="stale", now=now)
    field = CallbackEvent._meta.get_field("body")
    return CallbackEvent.objects.create(
        app=made,
        digest=b"0" * 32,
        body=sealing.seal(field, subject_id=made.pk, text="<xml/>"),  # type: ignore[arg-type]
        event="change_external_contact",
        lane=1,
        state="dead",
        received_at=now,
        due_at=now,
        finished_at=now,
    ).pk


def new_app(cast: Cast) -> Act:
    made = a_corp()
    return to("admin:wecom_corpapp_add", {"corp": str(made.pk), "kind": "kf", "name": "微信客服", **TYPED})(cast)


def all_given_up(cast: Cast) -> Act:
    given_up(cast)
    return to("admin:wecom_callbackevent_all_again", WHY)(cast)


WECOM_ACTS: dict[str, Maker] = {
    "admin:wecom_corp_add": to("admin:wecom_corp_add", {"name": "演示企业", "corpid": "ww1", "base_url": API_HOST}),
    "admin:wecom_corp_change": about(
        "admin:wecom_corp_change", corp, {"name": "演示企业二", "base_url": API_HOST, "active": "on"}
    ),
    "admin:wecom_corpapp_add": new_app,
    "admin:wecom_corpapp_change": about(
        "admin:wecom_corpapp_change",
        app,
        {"name": "客户联系二", "agentid": "", "active": "on", **dict.fromkeys(TYPED, "")},
    ),
    "admin:wecom_callbackevent_again": about("admin:wecom_callbackevent_again", given_up, WHY),
    "admin:wecom_callbackevent_all_again": all_given_up,
}
