// A member's WeCom.
import { act, ask, begin, brief, empty, face, get, go, h, icon, parts, sayBar, t, talk, toast, when, words } from "/_assets/common.js";

function everybody() {
  return {
    title: t("staff"),
    load: () => get("staff"),
    draw: ({ members }) => members.length ? h("ul", {}, members.map((one) => h("li", {}, h("button", { class: "row", onclick: () => go(`#/${one.corpid}/${one.userid}`) },
      face(one.userid, one.name), h("b", {}, one.name, h("small", {}, `@${one.corp_name}`)), one.tasks + one.requests ? h("span", { class: "badge" }, String(one.tasks + one.requests)) : h("span", {}),
      h("span", { class: "under" }, [one.position, t("to_people", { n: one.customers })].filter(Boolean).join(" · ")))))) : empty(t("no_staff"), t("no_staff_why")),
  };
}

function tabs(corpid, userid, current) {
  const one = (key, name, place) => h("button", { "aria-current": current === key && "page", onclick: () => go(`#/${corpid}/${userid}${place}`) }, icon(name), h("span", {}, t(key), key === "tasks" && h("span", { class: "badge", hidden: true })));
  return () => h("nav", { class: "tabs" }, one("tasks", "tasks", ""), one("customers", "people", "/customers"), one("groups", "groups", "/groups"));
}

function badges(found) {
  const open = found.tasks.filter((one) => !one.ignored).length + found.moments.length + found.requests.length;
  const badge = document.querySelector(".tabs .badge");
  badge.hidden = !open;
  badge.textContent = String(open);
}

const chosen = new Map();

function massTask(task, userid) {
  const group = task.chat_type === "group";
  const picked = () => chosen.get(task.msgid) || task.rows.map((row) => row.id);
  const count = () => group ? picked().length : task.reach;
  const verb = h("button", { class: "main", onclick: async () => {
    const found = await act("confirm_mass", { msgid: task.msgid, userid, ...(group ? { rows: picked() } : {}) });
    if (found) toast([["1", "sent"], ["2", "strangers"], ["3", "capped"]].filter(([key]) => found.outcome[key]).map(([key, word]) => `${t(word)} ${found.outcome[key]}`).join(" · ") || t("done_ok"));
  } });
  const label = () => { verb.textContent = t(group ? "confirm_groups" : "confirm_people", { n: count() }); verb.disabled = !count(); };
  const box = (row) => h("label", {}, h("input", { type: "checkbox", checked: picked().includes(row.id), onchange: (event) => {
    const rest = picked().filter((id) => id !== row.id);
    chosen.set(task.msgid, event.target.checked ? [...rest, row.id] : rest);
    label();
  } }), row.name);
  label();
  const meta = [t(group ? "to_groups" : "to_people", { n: task.reach }), when(task.created), task.reminded && t("reminded", { n: task.reminded }), task.ignored && t("ignored")];
  return h("article", { class: "task", "data-msgid": task.msgid }, h("h2", {}, t(group ? "mass_group" : "mass_single")), h("p", { class: "meta" }, meta.filter(Boolean).join(" · ")),
    h("div", { class: "content" }, parts(task.doc)), group && h("div", { class: "rows" }, task.rows.map(box)),
    h("div", { class: "acts" }, verb, h("button", { class: "quiet", onclick: () => act("ignore_mass", { msgid: task.msgid, userid }) }, t("ignore"))));
}

function doneTask(task) {
  const figure = (word, number) => h("div", {}, h("dt", {}, t(word)), h("dd", {}, String(number)));
  return h("article", { class: "task" }, h("h2", {}, t(task.chat_type === "group" ? "mass_group" : "mass_single")), h("p", { class: "meta" }, `${brief(task.doc)} · ${when(task.send_time)}`),
    h("dl", {}, figure("sent", task.sent), figure("strangers", task.strangers), figure("capped", task.capped)));
}

function todo(corpid, userid) {
  const moment = (one) => h("article", { class: "task" }, h("h2", {}, t("publish_title")), h("p", { class: "meta" }, when(one.created)), h("div", { class: "content" }, parts(one.doc)),
    h("div", { class: "acts" }, h("button", { class: "main", onclick: async () => { const found = await act("publish_moment", { moment_id: one.moment_id, userid }); if (found) toast(t("published", { n: found.shown })); } }, t("publish"))));
  const request = (one) => h("article", { class: "task" }, h("h2", {}, one.name), h("p", { class: "meta" }, [t("requests"), one.state && `${t("state")} ${one.state}`].filter(Boolean).join(" · ")),
    h("div", { class: "acts" }, h("button", { class: "main", onclick: () => act("confirm_friend", { corpid, userid, person: one.person }) }, t("accept"))));
  const session = (one) => h("article", { class: "task" }, h("h2", {}, one.name), h("p", { class: "meta" }, `${one.account} · ${t(one.state === 3 ? "served" : "queued")}`),
    h("div", { class: "acts" }, one.state === 3 ? h("button", { class: "main", onclick: () => go(`#/${corpid}/${userid}/kf/${one.open_kfid}/${one.person}`) }, t("say")) : h("button", { class: "main", onclick: () => act("kf_picks_up", { open_kfid: one.open_kfid, person: one.person, userid }) }, t("pick_up")),
      one.state === 3 && h("button", { class: "quiet", onclick: () => act("kf_closes", { open_kfid: one.open_kfid, person: one.person, userid }) }, t("end"))));
  const notice = (one) => h("article", { class: "task" }, h("p", { class: "meta" }, when(one.at)), h("div", { class: "content" }, parts(one.content)));
  const section = (title, items) => items.length ? [title && h("h2", {}, title), ...items] : [];
  return {
    title: t("tasks"), back: "#/", foot: tabs(corpid, userid, "tasks"), tools: words, kind: "list", badges,
    load: () => get(`staff/${corpid}/${userid}`),
    name: (found) => found.member.name,
    draw: (found) => {
      const waits = [...section("", found.requests.map(request)), ...section("", found.tasks.map((one) => massTask(one, userid))), ...section("", found.moments.map(moment)), ...section(t("sessions"), found.services.map(session))];
      return [...(waits.length ? waits : [empty(t("nothing"), t("nothing_why"))]), ...section(t("done"), found.done.map(doneTask)), ...section(t("notices"), found.notices.map(notice))];
    },
  };
}

function customers(corpid, userid) {
  const row = (one) => h("li", {}, h("button", { class: "row", onclick: () => go(`#/${corpid}/${userid}/with/${one.person}`) }, face(one.person), h("b", {}, one.remark || one.name, one.remark && h("small", {}, one.name)),
    h("time", {}, when(one.spoken_at || one.createtime)), h("span", { class: `under ${one.customer_has ? "" : "act"}` }, one.customer_has ? [one.tags, one.state && `${t("state")} ${one.state}`].filter(Boolean).join(" · ") : t("deleted_you"))));
  return {
    title: t("customers"), back: "#/", foot: tabs(corpid, userid, "customers"), tools: words, badges,
    load: () => get(`staff/${corpid}/${userid}`),
    name: (found) => found.member.name,
    draw: (found) => found.customers.length ? h("ul", {}, found.customers.map(row)) : empty(t("no_customers"), t("no_customers_why")),
  };
}

function groups(corpid, userid) {
  const row = (one) => h("li", {}, h("div", { class: "row" }, face(`g${one.chat}`, one.name), h("b", {}, one.name), h("span", { class: "count" }, t("group_of", { n: one.size })), h("span", { class: "under" }, one.owner === userid ? t("owner") : "")));
  return {
    title: t("groups"), back: "#/", foot: tabs(corpid, userid, "groups"), tools: words, badges,
    load: () => get(`staff/${corpid}/${userid}`),
    name: (found) => found.member.name,
    draw: (found) => found.groups.length ? h("ul", {}, found.groups.map(row)) : empty(t("no_groups"), t("no_groups_why")),
  };
}

function withCustomer(corpid, userid, person) {
  let name = "";
  const more = async () => {
    const choice = await ask({ title: name, choices: [["remark", t("remark")], ["delete", t("delete_customer"), true]] });
    if (choice === "remark") {
      const remark = await ask({ title: t("remark"), field: t("remark"), verb: t("remark_save") });
      if (remark) await act("note", { corpid, userid, person, remark });
    }
    if (choice !== "delete") return;
    const sure = await ask({ title: t("delete_customer_q", { name }), why: t("delete_customer_why"), verb: t("delete_customer"), danger: true });
    if (sure && await act("staff_deletes", { corpid, userid, person })) go(`#/${corpid}/${userid}/customers`);
  };
  return {
    title: t("customers"), back: `#/${corpid}/${userid}/customers`, kind: "talk",
    tools: () => h("button", { "aria-label": t("more"), onclick: more }, icon("more")),
    load: () => get(`staff/talk?corpid=${encodeURIComponent(corpid)}&userid=${encodeURIComponent(userid)}&person=${person}`),
    name: (found) => { name = found.name; return found.name; },
    draw: (found) => talk(found.messages, { mine: (one) => one.speaker !== "customer", faceOf: (one) => one.speaker === "customer" ? [person, found.name] : [userid, ""] }),
    foot: () => sayBar((text) => act("staff_says", { corpid, userid, person, text })),
  };
}

function withSession(corpid, userid, open_kfid, person) {
  return {
    title: t("kf"), back: `#/${corpid}/${userid}`, kind: "talk",
    load: () => get(`staff/talk?open_kfid=${open_kfid}&person=${person}`),
    name: (found) => found.name,
    draw: (found) => talk(found.messages, { mine: (one) => one.speaker !== "customer", faceOf: (one) => one.speaker === "customer" ? [person, found.name] : [userid, ""] }),
    foot: () => sayBar((text) => act("kf_answers", { open_kfid, person, userid, text })),
  };
}

begin((names) => {
  const [corpid, userid, place, one, other] = names;
  if (!userid) return everybody();
  if (place === "customers") return customers(corpid, userid);
  if (place === "groups") return groups(corpid, userid);
  if (place === "with") return withCustomer(corpid, userid, Number(one));
  if (place === "kf") return withSession(corpid, userid, one, Number(other));
  return todo(corpid, userid);
});
