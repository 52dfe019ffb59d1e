// What both pages share: words in two languages, elements, screens that redraw when their data have changed.

const WORDS = {
  zh: {
    language: "EN", other: "Switch to English", back: "返回", search: "搜索", cancel: "取消", send: "发送", say: "发消息", more: "更多",
    phones: "顾客的微信", add_person: "新顾客", person_name: "姓名", make_person: "添加这位顾客", contacts: "{n} 位员工", no_contacts: "还没有添加任何员工",
    nobody: "还没有顾客", nobody_why: "点右上角添加一位，再替她扫一个码。", chats: "聊天", scan: "扫一扫", moments: "朋友圈", no_talk: "还没有聊天", no_talk_why: "点“扫一扫”，选一个码。",
    scan_hint: "点一个码就是扫它；也可以把地址粘到这里", scan_field: "码或链接的地址", no_codes: "还没有码", no_codes_why: "先在产品里建渠道活码、获客链接或群活码。",
    contact: "员工活码", join: "群活码", link: "获客链接", kf: "微信客服", state: "渠道", waits: "等待对方通过", group_of: "{n} 人",
    delete_member: "删除联系人", delete_member_q: "删除 {name}？", delete_member_why: "她会收不到你的消息，企业会知道你删除了她。", leave: "退出群聊", leave_q: "退出“{name}”？", leave_why: "退群会告诉企业。",
    refused: "未送达：对方已不是你的联系人。", unusable: "这个链接暂时不能使用。", added: "已添加 {name}", joined: "已进群", offer: "{a} 的服务将由 {b} 接替", refuse: "不同意",
    no_moments: "朋友圈还是空的", no_moments_why: "员工发表之后出现在这里。", like: "赞", liked: "已赞", staff: "员工的企业微信", no_staff: "还没有员工", no_staff_why: "启动时加 --fill small，或用控制接口添加。",
    tasks: "待办", customers: "客户", groups: "客户群", nothing: "没有待办", nothing_why: "企业发起群发、朋友圈后，任务出现在这里。", mass_single: "企业群发给客户", mass_group: "企业群发到客户群",
    to_people: "{n} 位客户", to_groups: "{n} 个群", confirm_people: "发送给 {n} 位客户", confirm_groups: "发送到 {n} 个群", ignore: "暂不发送", reminded: "已提醒 {n} 次", ignored: "你选了暂不发送",
    sent: "已送达", strangers: "不是好友", capped: "次数已满", done: "最近发送", publish: "发表到朋友圈", publish_title: "企业要发表的朋友圈", published: "已发表，{n} 位客户可见", requests: "新的好友请求", accept: "通过",
    sessions: "微信客服", pick_up: "接待", end: "结束会话", queued: "排队中", served: "接待中", notices: "应用消息", no_customers: "还没有客户", no_customers_why: "顾客在手机页扫码后出现在这里。", deleted_you: "已把你删除",
    delete_customer: "删除客户", delete_customer_q: "删除 {name}？", delete_customer_why: "企业会知道你删除了这位客户。", remark: "修改备注", remark_save: "保存备注", no_groups: "还没有客户群", no_groups_why: "", owner: "群主",
    image: "图片", video: "视频", file: "文件", mini: "小程序", link_card: "链接", voice: "语音", menu: "菜单", recalled: "消息已撤回", sim_title: "企业微信模拟器", sim_why: "不需要任何账号：这里有顾客的手机，也有员工的企业微信。",
    phone_why: "扫码、收欢迎语、领券、回复、删除员工、退群", staff_why: "确认群发、发表朋友圈、通过好友、看客户", channel_welcome: "欢迎语", channel_mass: "群发", channel_group_mass: "群发", channel_group_welcome: "入群欢迎语",
    lost: "模拟器没有应答，正在重试", done_ok: "已完成", empty_text: "请先写点什么。",
  },
  en: {
    language: "中文", other: "切换到中文", back: "Back", search: "Search", cancel: "Cancel", send: "Send", say: "Message", more: "More",
    phones: "Customers' phones", add_person: "New customer", person_name: "Name", make_person: "Add this customer", contacts: "{n} staff", no_contacts: "Has added nobody yet",
    nobody: "No customers yet", nobody_why: "Add one at the top right, then scan a code for her.", chats: "Chats", scan: "Scan", moments: "Moments", no_talk: "No chats yet", no_talk_why: "Press Scan and choose a code.",
    scan_hint: "A tap on a code scans it; or paste an address here", scan_field: "Address of a code or link", no_codes: "No codes yet", no_codes_why: "Make a channel code, an acquisition link or a group code first.",
    contact: "Staff code", join: "Group code", link: "Acquisition link", kf: "Customer service", state: "Channel", waits: "Waiting to be accepted", group_of: "{n} people",
    delete_member: "Delete contact", delete_member_q: "Delete {name}?", delete_member_why: "Her messages will not reach you any more, and the company is told.", leave: "Leave the group", leave_q: "Leave “{name}”?", leave_why: "The company is told.",
    refused: "Not delivered: the other side is no longer a contact.", unusable: "This link cannot be used at the moment.", added: "Added {name}", joined: "Joined the group", offer: "{b} will take over from {a}", refuse: "Refuse",
    no_moments: "No moments yet", no_moments_why: "They appear here once staff have published them.", like: "Like", liked: "Liked", staff: "Staff in WeCom", no_staff: "No staff yet", no_staff_why: "Start with --fill small, or add them by the control interface.",
    tasks: "To do", customers: "Customers", groups: "Groups", nothing: "Nothing to do", nothing_why: "Mass messages and moments of the company appear here.", mass_single: "Mass message to customers", mass_group: "Mass message to groups",
    to_people: "{n} customers", to_groups: "{n} groups", confirm_people: "Send to {n} customers", confirm_groups: "Send to {n} groups", ignore: "Not now", reminded: "Reminded {n}×", ignored: "You chose not now",
    sent: "Delivered", strangers: "Not a contact", capped: "Limit reached", done: "Sent lately", publish: "Publish to moments", publish_title: "A moment of the company", published: "Published, {n} customers can see it", requests: "New requests", accept: "Accept",
    sessions: "Customer service", pick_up: "Serve", end: "End the session", queued: "In the queue", served: "Being served", notices: "App messages", no_customers: "No customers yet", no_customers_why: "They appear when somebody scans a code on the phone page.", deleted_you: "Has deleted you",
    delete_customer: "Delete customer", delete_customer_q: "Delete {name}?", delete_customer_why: "The company is told that you deleted this customer.", remark: "Edit remark", remark_save: "Save remark", no_groups: "No groups yet", no_groups_why: "", owner: "Owner",
    image: "Image", video: "Video", file: "File", mini: "Mini program", link_card: "Link", voice: "Voice", menu: "Menu", recalled: "Message recalled", sim_title: "WeCom simulator", sim_why: "No account needed: here are the customers' phones and the staff's WeCom.",
    phone_why: "Scan codes, receive the welcome and coupons, answer, delete staff, leave groups", staff_why: "Confirm mass messages, publish moments, accept requests, see customers", channel_welcome: "Welcome", channel_mass: "Mass message", channel_group_mass: "Mass message", channel_group_welcome: "Group welcome",
    lost: "The simulator does not answer; trying again", done_ok: "Done", empty_text: "Write something first.",
  },
};

// Sentences that the simulator answers with, in Chinese.
const SENTENCES = {
  "Not delivered: the other side is no longer a contact.": "未送达：对方已不是你的联系人。",
  "This link cannot be used at the moment.": "这个链接暂时不能使用。",
  "All groups behind this code are full.": "这个码关联的群都满了。",
  "Nobody behind this code can be added any more.": "这个码背后已没有可以添加的员工。",
  "The code is unknown or was deleted.": "没有这个码，或它已被删除。",
  "Nothing that can be scanned: give the id of a code or its address.": "这不是可以扫的码：请填码的编号或地址。",
  "This temporary code has been used or has expired.": "这个临时码已用过或已过期。",
  "There is nothing to say: the text is empty.": "请先写点什么。",
  "This transfer has ended already.": "这次接替已经结束。",
  "90503 the group is full": "群已满。",
};

const asked = new URLSearchParams(location.search).get("lang");
let lang = asked || localStorage.getItem("lang") || (navigator.language.startsWith("zh") ? "zh" : "en");
if (!WORDS[lang]) lang = "en";

export function t(key, values = {}) {
  return WORDS[lang][key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function sentence(text) {
  return (lang === "zh" && SENTENCES[text]) || text;
}

export function h(name, props = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

const PATHS = {
  back: "M15 5l-7 7 7 7", more: "M5 12h.01M12 12h.01M19 12h.01", plus: "M12 5v14M5 12h14", chats: "M4 5h16v11H10l-5 4v-4H4z",
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16", moments: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 8v8M8 12h8",
  tasks: "M5 6h14M5 12h14M5 18h9", people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20a6 6 0 0 1 12 0M16 5a3 3 0 0 1 0 6M17 14a6 6 0 0 1 4 6", groups: "M4 6h16v12H4zM4 12h16M12 6v12",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export function face(number, name = "") {
  const address = /^\d+$/.test(String(number)) ? `/avatar/${number}.svg` : `/avatar/${encodeURIComponent(number)}.svg?name=${encodeURIComponent(name)}`;
  return h("span", { class: "face" }, h("img", { src: address, alt: "" }));
}

export function when(seconds) {
  if (!seconds) return "";
  const date = new Date(seconds * 1000), now = new Date();
  const clock = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
  if (date.toDateString() === now.toDateString()) return clock;
  const day = lang === "zh" ? `${date.getMonth() + 1}月${date.getDate()}日` : date.toLocaleDateString("en", { month: "short", day: "numeric" });
  return date.getFullYear() === now.getFullYear() ? day : `${date.getFullYear()}${lang === "zh" ? "年" : " "}${day}`;
}

// --- requests

const HEADERS = { "X-Simulator": "page", "Content-Type": "application/json" };

export async function get(path) {
  const response = await fetch(`/_page/${path}`, { headers: HEADERS });
  const found = await response.json();
  if (!response.ok) throw new Error(found.error);
  return found;
}

export async function post(path, body) {
  const response = await fetch(`/_page/${path}`, { method: "POST", headers: HEADERS, body: JSON.stringify(body) });
  const found = await response.json();
  if (!response.ok) throw new Error(found.error);
  return found;
}

export async function act(name, fields) {
  try {
    const found = await post("act", { act: name, ...fields });
    if (found.refused) toast(sentence(found.refused));
    refresh();
    return found.refused ? null : found;
  } catch (fault) {
    toast(sentence(fault.message));
    return null;
  }
}

export function toast(text) {
  document.querySelector(".toast")?.remove();
  const shown = h("p", { class: "toast", role: "status" }, text);
  document.getElementById("device").append(shown);
  setTimeout(() => shown.remove(), 3200);
}

export function ask({ title, why = "", verb, danger = false, field, value = "", choices }) {
  return new Promise((resolve) => {
    const input = field && h("input", { "aria-label": field, placeholder: field, value, maxlength: 60 });
    const dialog = h("dialog", {}, h("h2", {}, title), why && h("p", {}, why));
    const end = (answer) => { dialog.close(); dialog.remove(); resolve(answer); };
    if (choices) {
      dialog.append(h("div", { class: "choices" }, choices.map(([key, label, risky]) => h("button", { class: risky ? "danger" : "", onclick: () => end(key) }, label))));
    }
    const form = h("form", { method: "dialog", onsubmit: (event) => { event.preventDefault(); end(input ? input.value.trim() || null : true); } },
      input, h("div", { class: "acts" }, h("button", { type: "button", class: "quiet", onclick: () => end(null) }, t("cancel")), verb && h("button", { class: danger ? "danger quiet" : "main" }, verb)));
    dialog.append(form);
    dialog.addEventListener("cancel", () => end(null));
    document.getElementById("device").append(dialog);
    dialog.showModal();
    (input || dialog.querySelector("button")).focus();
  });
}

// --- screens: { title, load, draw, foot, tools, back, talk }; the body is drawn anew when what was loaded has changed

let screen = null, last = "", timer = 0, round = 0;
let routes = () => null;

export function begin(find) {
  routes = find;
  addEventListener("hashchange", open);
  open();
}

export function go(hash) {
  if (location.hash === hash) open();
  else location.hash = hash;
}

export function words() {
  return h("button", { "aria-label": t("other"), title: t("other"), onclick: () => { lang = lang === "zh" ? "en" : "zh"; localStorage.setItem("lang", lang); open(); } }, t("language"));
}

function open() {
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
  screen = routes(location.hash.slice(2).split("/").filter(Boolean).map(decodeURIComponent));
  last = "";
  const bar = h("header", { class: "bar" },
    h("div", {}, screen.back ? h("button", { "aria-label": t("back"), onclick: () => go(screen.back) }, icon("back")) : words()),
    h("h1", {}, screen.title),
    h("div", {}, screen.tools ? screen.tools() : null));
  const body = h("section", { class: `body ${screen.kind || ""}`, "aria-label": screen.title });
  const device = document.getElementById("device");
  device.replaceChildren(bar, body, screen.foot ? screen.foot() : h("div"));
  document.title = screen.title;
  refresh();
}

export async function refresh() {
  clearTimeout(timer);
  const mine = screen, turn = ++round;
  try {
    const found = await mine.load();
    if (screen !== mine || turn !== round) return;
    draw(found);
    document.querySelector(".toast.lost")?.remove();
  } catch (fault) {
    if (screen === mine) toast(fault instanceof TypeError ? t("lost") : sentence(fault.message));
  }
  if (screen === mine && turn === round) timer = setTimeout(refresh, 900);
}

function draw(found) {
  const text = JSON.stringify(found);
  if (text === last) return;
  const first = last === "";
  last = text;
  const body = document.querySelector(".body");
  const low = body.scrollHeight - body.scrollTop - body.clientHeight < 60;
  const focus = document.activeElement?.dataset?.keep, at = document.activeElement?.selectionStart;
  body.replaceChildren(...[screen.draw(found)].flat().filter(Boolean));
  if (screen.name) document.querySelector(".bar h1").textContent = screen.name(found);
  if (screen.badges) screen.badges(found);
  if (screen.kind === "talk" && (first || low)) body.scrollTop = body.scrollHeight;
  if (focus) {
    const again = document.querySelector(`[data-keep="${focus}"]`);
    again?.focus();
    if (at !== undefined && at !== null) again?.setSelectionRange(at, at);
  }
}

export function empty(title, why) {
  return h("div", { class: "empty" }, h("b", {}, title), why);
}

export function sayBar(send) {
  const input = h("input", { "aria-label": t("say"), placeholder: t("say"), maxlength: 600, autocomplete: "off" });
  return h("form", { class: "say", onsubmit: async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return toast(t("empty_text"));
    input.value = "";
    await send(text);
    const body = document.querySelector(".body");
    body.scrollTop = body.scrollHeight;
    input.focus();
  } }, input, h("button", { class: "main" }, t("send")));
}

// --- messages

function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"'，。）]+)/).map((part, place) => place % 2 ? h("a", { href: part, target: "_blank", rel: "noopener" }, part) : part);
}

function href(address) {
  return /^https?:\/\//i.test(address || "") ? address : undefined;
}

function card(kind, part) {
  if (kind === "image" || kind === "video") {
    const src = part.media_id ? `/media/${encodeURIComponent(part.media_id)}` : null;
    return src && kind === "image" ? h("img", { class: "photo", src, alt: t("image") }) : h("div", { class: "bubble" }, `[${t(kind)}]`);
  }
  const title = part.title || part.name || t(kind === "miniprogram" ? "mini" : kind === "file" ? "file" : "link_card");
  const picture = kind === "miniprogram" ? part.pic_media_id || part.thumb_media_id : null;
  const thumb = picture ? h("img", { src: `/media/${encodeURIComponent(picture)}`, alt: "" }) : { miniprogram: "◇", file: "▤" }[kind] || "↗";
  const label = kind === "miniprogram" ? t("mini") : kind === "file" ? t("file") : t("link_card");
  const address = kind === "link" ? href(part.url) : undefined;
  return h(address ? "a" : "div", { class: "card", href: address, target: address && "_blank", rel: address && "noopener" },
    h("b", {}, title), h("p", {}, part.desc || ""), h("span", { class: "thumb" }, thumb), h("small", {}, label));
}

export function parts(content) {
  const found = [];
  if (content.msgtype === "recalled") return [h("div", { class: "bubble" }, t("recalled"))];
  if (content.text?.content) found.push(h("div", { class: "bubble" }, linked(content.text.content)));
  for (const item of content.attachments || []) found.push(card(item.msgtype, item[item.msgtype] || {}));
  for (const kind of ["image", "link", "miniprogram", "file", "video"]) {
    if (content[kind] && !(content.attachments || []).length) found.push(card(kind, content[kind]));
  }
  if (content.msgmenu) {
    const menu = content.msgmenu;
    const lines = [menu.head_content, ...(menu.list || []).map((one) => `· ${one.click?.content || one.view?.content || one.text?.content || ""}`), menu.tail_content];
    found.push(h("div", { class: "bubble" }, lines.filter(Boolean).join("\n")));
  }
  if (content.textcard) found.push(card("link", { title: content.textcard.title, desc: content.textcard.description, url: content.textcard.url }));
  if (content.markdown?.content) found.push(h("div", { class: "bubble" }, content.markdown.content));
  return found.length ? found : [h("div", { class: "bubble" }, `[${content.msgtype || "…"}]`)];
}

export function brief(content) {
  if (!content) return "";
  if (content.text?.content) return content.text.content;
  const first = content.attachments?.[0]?.msgtype || content.msgtype;
  const names = { image: "image", video: "video", file: "file", miniprogram: "mini", link: "link_card", voice: "voice", msgmenu: "menu", recalled: "recalled" };
  return names[first] ? `[${t(names[first])}]` : "";
}

export function talk(messages, { mine, faceOf, named = false }) {
  let before = 0;
  const found = [];
  for (const message of messages) {
    if (message.at - before > 300) found.push(h("p", { class: "day" }, `${when(message.at)}`));
    before = message.at;
    const own = mine(message);
    const [number, name] = faceOf(message);
    const label = WORDS[lang][`channel_${message.channel}`];
    found.push(h("article", { class: `said ${own ? "mine" : ""}`, "data-channel": message.channel }, face(number, name),
      h("div", { class: "parts" }, named && !own && h("span", { class: "who" }, name), parts(message.content), label && h("span", { class: "mark" }, label))));
  }
  return found;
}
