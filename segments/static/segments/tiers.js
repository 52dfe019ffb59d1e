/* The tiers' pages: the run button says that it works; the rule editor shows what would change while it is edited.
 * The editor posts its form to data-preview half a second after the last key; an answer that comes late is dropped.
 */
"use strict";

(() => {
  document.querySelectorAll("form[data-busy]").forEach((form) => form.addEventListener("submit", () => {
    const button = form.querySelector("button");
    setTimeout(() => { button.disabled = true; }, 0);
    button.querySelector("[data-idle]").hidden = true;
    button.querySelector("[data-working]").hidden = false;
  }));

  const form = document.getElementById("rules");
  if (!form) return;
  const unwindowed = form.dataset.unwindowed.split(" ");
  const plan = document.getElementById("plan"), save = document.getElementById("save"), failed = document.getElementById("preview-failed");
  const dialog = document.getElementById("save-rules");
  const number = (value) => new Intl.NumberFormat(document.documentElement.lang || "zh-hans").format(value);

  const units = (row) => {
    const measure = row.querySelector("[name$='.measure']").value;
    row.toggleAttribute("data-unwindowed", unwindowed.includes(measure));
    row.querySelector("[data-before]").textContent = measure === "spend" ? "¥" : "";
    row.querySelector("[data-after]").textContent = measure === "coupon_share" ? "%" : "";
  };
  const renumber = () => {
    form.querySelectorAll(".s-rule [data-place]").forEach((place, index) => { place.textContent = index + 1; });
    form.querySelectorAll("[data-alternatives]").forEach((box) => box.querySelectorAll(".s-alt").forEach((group, index) => {
      group.querySelectorAll("[name$='.alternative']").forEach((input) => { input.value = index + 1; });
    }));
  };
  const method = () => {
    const fixed = form.querySelector("[name='rfm.method']:checked").value === "fixed";
    form.querySelectorAll("#rfm [data-fixed]").forEach((each) => { each.hidden = !fixed; });
    form.querySelectorAll("#rfm [data-quintile]").forEach((each) => { each.hidden = fixed; });
  };

  /* errors stand beside their fields: rows by their place in the tier, everything else by its key */
  const placeOf = (key) => {
    const [code, kind, row] = key.split(".");
    if (kind !== "criteria") return [form.querySelector(`[data-error="${CSS.escape(key)}"]`), form.querySelector(`[name="${CSS.escape(key)}"]`)];
    const line = form.querySelectorAll(`.s-rule[data-tier="${CSS.escape(code)}"] [data-row]`)[Number(row)];
    return line ? [line.querySelector(".error"), line.querySelector("[name$='.value']")] : [null, null];
  };
  const showErrors = (errors) => {
    form.querySelectorAll(".s-rules__tiers .error").forEach((each) => { each.textContent = ""; });
    form.querySelectorAll("[aria-invalid]").forEach((each) => each.removeAttribute("aria-invalid"));
    for (const [key, sentences] of Object.entries(errors)) {
      const [place, field] = placeOf(key);
      if (place) place.textContent = sentences.join(" ");
      if (field) field.setAttribute("aria-invalid", "true");
    }
  };
  const showCounts = (tiers) => form.querySelectorAll("[data-count]").forEach((place) => {
    const found = tiers[place.dataset.count];
    place.replaceChildren();
    if (!found) return;
    const now = document.createElement("b");
    now.textContent = found.after;
    place.append(...(found.change ? [`${found.before} → `, now, ` (${found.change > 0 ? "+" : "−"}${number(Math.abs(found.change))})`] : [now]));
  });

  let timer, request, sent = 0;
  const ask = async () => {
    request?.abort();
    request = new AbortController();
    const mine = ++sent;
    plan.firstElementChild?.classList.add("is-busy");
    try {
      const response = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form), signal: request.signal, headers: { "X-Requested-With": "fetch" } });
      if (response.status === 409) {  // the plan before is still being reckoned
        if (mine === sent) timer = setTimeout(ask, 1000);
        return;
      }
      if (!response.ok) throw new Error(response.status);
      const answer = await response.json();
      if (mine !== sent) return;
      plan.innerHTML = answer.html;
      showErrors(answer.errors);
      showCounts(answer.tiers);
      save.disabled = Object.keys(answer.errors).length > 0;
      failed.hidden = true;
    } catch (error) {
      if (error.name === "AbortError") return;
      plan.firstElementChild?.classList.remove("is-busy");
      failed.hidden = false;
      save.disabled = true;
    }
  };
  let changed = false;
  const soon = (wait = 450) => {
    changed = true;
    clearTimeout(timer);
    if (save) { save.disabled = true; timer = setTimeout(ask, wait); }
  };

  form.addEventListener("input", (event) => {
    if (event.target.closest("dialog")) return;
    if (event.target.matches("[name$='.measure']")) units(event.target.closest("[data-row]"));
    if (event.target.matches("[name='rfm.method']")) method();
    if (event.target.matches("[name$='.is_active']")) event.target.closest(".s-rule").classList.toggle("is-off", !event.target.checked);
    soon();
  });
  const addRow = (group) => {
    const code = group.closest("[data-alternatives]").dataset.alternatives;
    const row = document.getElementById("row").content.firstElementChild.cloneNode(true);
    row.querySelectorAll("[name^='__code__']").forEach((input) => { input.name = input.name.replace("__code__", code); });
    group.querySelector(".s-rule__add").before(row);
    units(row);
    row.querySelector("select").focus();
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const section = button.closest(".s-rule");
    if (button.matches("[data-add-row]")) addRow(button.closest(".s-alt"));
    else if (button.matches("[data-add-alternative]")) {
      const box = section.querySelector("[data-alternatives]");
      box.append(document.getElementById("alternative").content.firstElementChild.cloneNode(true));
      addRow(box.lastElementChild);
    } else if (button.matches("[data-remove]")) {
      const group = button.closest(".s-alt");
      button.closest("[data-row]").remove();
      if (!group.querySelector("[data-row]") && group.parentElement.querySelectorAll(".s-alt").length > 1) group.remove();
    } else if (button.matches("[data-up]")) {
      const before = section.previousElementSibling;
      if (before?.matches(".s-rule")) before.before(section);
      button.focus();
    } else if (button.matches("[data-down]")) {
      const after = section.nextElementSibling;
      if (after?.matches(".s-rule:not([data-last])")) after.after(section);
      button.focus();
    } else return;
    renumber();
    soon(50);
  });

  save?.addEventListener("click", () => {
    dialog.querySelector("[data-plan-copy]").innerHTML = plan.innerHTML;
    dialog.showModal();
    document.getElementById("reason").focus();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input") && !event.target.closest("dialog")) { event.preventDefault(); soon(0); }
  });
  form.addEventListener("submit", (event) => {
    const reason = document.getElementById("reason");
    if (!reason.value.trim()) { event.preventDefault(); reason.setAttribute("aria-invalid", "true"); reason.focus(); return; }
    changed = false;
    setTimeout(() => { dialog.querySelector("[data-save]").disabled = true; }, 0);
  });
  document.getElementById("discard")?.addEventListener("click", () => { changed = false; });
  addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });

  form.querySelectorAll("[data-row]").forEach(units);
  method();
  if (save) ask().then(() => { if (dialog.hasAttribute("data-reopen")) save.click(); });
})();
