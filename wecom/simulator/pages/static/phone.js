// A customer's WeChat.
import { act, ask, begin, brief, empty, face, get, go, h, icon, parts, post, refresh, sayBar, t, talk, toast, when, words } from "/_assets/common.js";

let search = "";

function everybody() {
  const add = async () => {
    const name = await ask({ title: t("add_person"), field: t("person_name"), verb: t("make_person") });
    if (!name) return;
    const made = await post("people", { name });
    go(`#/${made.person}/scan`);
  };
  return {
    title: t("phones"),
    load: () => get(`phone?q=${encodeURIComponent(search)}`),
    tools: () => h("button", { "aria-label": t("add_person"), title: t("add_person"), onclick: add }, icon("plus")),
    draw: ({ people }) => [
      h("div", { class: "search" }, h("input", { type: "search", "data-keep": "search", "aria-label": t("search"), placeholder: t("search"), value: search, oninput: (event) => { search = event.target.value; refresh(); } })),
      people.length || search ? h("ul", {}, people.map((one) => h("li", {}, h("button", { class: "row", onclick: () => go(`#/${one.person}`) },
        face(one.person), h("b", {}, one.name), h("span", {}), h("span", { class: "under" }, one.contacts ? t("contacts", { n: one.contacts }) : t("no_contacts")))))) : empty(t("nobody"), t("nobody_why")),
    ],
  };
}

function tabs(person, current) {
  const one = (key, name, place) => h("button", { "aria-current": current === key && "page", onclick: () => go(`#/${person}${place}`) }, icon(name), t(key));
  return () => h("nav", { class: "tabs" }, one("chats", "chats", ""), one("scan", "scan", "/scan"), one("moments", "moments", "/moments"));
}

function placeOf(person, one) {
  if (one.kind === "group") return `#/${person}/group/${one.chat}`;
  if (one.kind === "kf") return `#/${person}/kf/${one.open_kfid}`;
  return `#/${person}/with/${one.corpid}/${one.userid}`;
}

function chats(person) {
  const row = (one) => h("li", {}, h("button", { class: "row", onclick: () => go(placeOf(person, one)) },
    face(one.userid || one.open_kfid || `g${one.chat}`, one.name),
    h("b", {}, one.name, h("small", {}, one.kind === "group" ? `(${one.size})` : `@${one.corp_name}`)),
    h("time", {}, when(one.last_at || one.added_at)),
    h("span", { class: "under" }, one.half ? t("waits") : brief(one.last))));
  const offer = (one) => h("div", { class: "notice" }, h("span", {}, t("offer", { a: one.handover_name, b: one.takeover_name })), h("button", { class: "danger", onclick: () => act("refuse_transfer", { transfer: one.id }) }, t("refuse")));
  return {
    title: t("chats"), back: "#/", foot: tabs(person, "chats"), tools: words,
    load: () => get(`phone/${person}`),
    name: (found) => found.person.name,
    draw: ({ talks, offers }) => [...offers.map(offer), talks.length ? h("ul", {}, talks.map(row)) : empty(t("no_talk"), t("no_talk_why"))],
  };
}

async function scanned(person, code) {
  const found = await act("scan", { person, code });
  if (!found) return;
  toast(found.chat ? t("joined") : found.half ? t("waits") : t("done_ok"));
  if (found.chat) go(`#/${person}/group/${found.chat}`);
  else if (found.open_kfid) go(`#/${person}/kf/${found.open_kfid}`);
  else go(found.half ? `#/${person}` : `#/${person}/with/${found.corpid}/${found.userid}`);
}

function scan(person) {
  const row = (one) => h("li", {}, h("button", { class: "code", "data-code": one.id, onclick: () => scanned(person, one.id) },
    h("img", { src: `/qr/${one.id}.svg`, alt: "" }), h("b", {}, one.remark || t(one.kind)),
    h("span", {}, [t(one.kind), `@${one.corp_name}`, one.state && `${t("state")} ${one.state}`].filter(Boolean).join(" · "))));
  const paste = () => h("form", { class: "say", onsubmit: (event) => { event.preventDefault(); const code = event.target.elements.code.value.trim(); if (code) scanned(person, code); } },
    h("input", { name: "code", "data-keep": "code", "aria-label": t("scan_field"), placeholder: t("scan_field"), autocomplete: "off" }), h("button", { class: "main" }, t("scan")));
  return {
    title: t("scan"), back: `#/${person}`, tools: words,
    foot: () => h("div", {}, paste(), tabs(person, "scan")()),
    load: () => get("phone/codes"),
    draw: ({ codes }) => [h("p", { class: "lead" }, t("scan_hint")), codes.length ? h("ul", {}, codes.map(row)) : empty(t("no_codes"), t("no_codes_why"))],
  };
}

function withMember(person, corpid, userid) {
  let name = "";
  const more = async () => {
    const choice = await ask({ title: name, choices: [["delete", t("delete_member"), true]] });
    if (choice !== "delete") return;
    const sure = await ask({ title: t("delete_member_q", { name }), why: t("delete_member_why"), verb: t("delete_member"), danger: true });
    if (sure && await act("customer_deletes", { corpid, userid, person })) go(`#/${person}`);
  };
  return {
    title: t("chats"), back: `#/${person}`, kind: "talk",
    tools: () => h("button", { "aria-label": t("more"), onclick: more }, icon("more")),
    load: () => get(`phone/${person}/talk?corpid=${encodeURIComponent(corpid)}&userid=${encodeURIComponent(userid)}`),
    name: (found) => { name = found.name; return `${found.name} @${found.corp_name}`; },
    draw: (found) => talk(found.messages, { mine: (one) => one.speaker === "customer", faceOf: (one) => one.speaker === "customer" ? [person, ""] : [userid, found.name] }),
    foot: () => sayBar((text) => act("customer_says", { corpid, userid, person, text })),
  };
}

function inGroup(person, chat) {
  let name = "";
  const more = async () => {
    const choice = await ask({ title: name, choices: [["leave", t("leave"), true]] });
    if (choice !== "leave") return;
    const sure = await ask({ title: t("leave_q", { name }), why: t("leave_why"), verb: t("leave"), danger: true });
    if (sure && await act("leave_group", { chat, person })) go(`#/${person}`);
  };
  return {
    title: t("chats"), back: `#/${person}`, kind: "talk",
    tools: () => h("button", { "aria-label": t("more"), onclick: more }, icon("more")),
    load: () => get(`phone/${person}/talk?chat=${chat}`),
    name: (found) => { name = found.name; return found.name; },
    draw: (found) => talk(found.messages, { named: true, mine: (one) => one.person === person, faceOf: (one) => [one.person || one.userid, one.name] }),
    foot: () => sayBar((text) => act("group_says", { chat, person, text })),
  };
}

function withService(person, open_kfid) {
  return {
    title: t("kf"), back: `#/${person}`, kind: "talk",
    load: () => get(`phone/${person}/talk?open_kfid=${open_kfid}`),
    name: (found) => found.name,
    draw: (found) => talk(found.messages, { mine: (one) => one.speaker === "customer", faceOf: (one) => one.speaker === "customer" ? [person, ""] : [open_kfid, found.name] }),
    foot: () => sayBar((text) => act("kf_says", { open_kfid, person, text })),
  };
}

function feed(person) {
  const pictures = (content) => (content.attachments || []).filter((one) => one.msgtype === "image").map((one) => h("img", { src: `/media/${encodeURIComponent(one.image.media_id)}`, alt: t("image") }));
  const others = (content) => parts({ attachments: (content.attachments || []).filter((one) => one.msgtype !== "image") });
  const one = (message) => h("article", { class: "moment" }, face(message.userid, message.name), h("b", {}, message.name),
    h("div", {}, h("p", {}, message.content.text?.content || ""), h("div", { class: "photos" }, pictures(message.content)), (message.content.attachments || []).some((item) => item.msgtype !== "image") ? others(message.content) : null),
    h("div", { class: "foot" }, h("time", {}, when(message.at)), message.liked ? h("span", {}, `♥ ${t("liked")}`) : h("button", { onclick: () => act("answer_moment", { moment_id: message.source, userid: message.userid, person, kind: "like" }) }, `♡ ${t("like")}`)));
  return {
    title: t("moments"), back: `#/${person}`, foot: tabs(person, "moments"), tools: words,
    load: () => get(`phone/${person}/moments`),
    draw: ({ moments }) => moments.length ? moments.map(one) : empty(t("no_moments"), t("no_moments_why")),
  };
}

function choosePhone(code) {
  const chosen = everybody();
  return { ...chosen, title: t("scan"), back: "#/", draw: ({ people }) => h("ul", {}, people.map((one) => h("li", {}, h("button", { class: "row", onclick: () => scanned(one.person, code) }, face(one.person), h("b", {}, one.name), h("span", {}), h("span", { class: "under" }, one.contacts ? t("contacts", { n: one.contacts }) : t("no_contacts")))))) };
}

begin((names) => {
  if (names[0] === "scan") return choosePhone(names[1]);
  const person = Number(names[0]);
  if (!person) return everybody();
  if (names[1] === "scan") return scan(person);
  if (names[1] === "moments") return feed(person);
  if (names[1] === "with") return withMember(person, names[2], names[3]);
  if (names[1] === "group") return inGroup(person, Number(names[2]));
  if (names[1] === "kf") return withService(person, names[2]);
  return chats(person);
});
