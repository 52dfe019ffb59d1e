/* The calendar moves: drag a slot to a day, or focus it, press m, choose a day with the arrows, Enter. Either way the server
 * decides; what it says stands in the toast, with Undo, or with the choice to insist where two slots would meet.
 *   arrows     go from slot to slot and from day to day;   m  picks up;   Enter  opens or puts down;   Escape  leaves
 *   [ and ]    turn the page
 */
"use strict";

(() => {
  let calendar = document.getElementById("calendar");
  if (!calendar) return;
  const toast = document.getElementById("cal-toast"), form = document.getElementById("cal-move");
  const [said, button] = [toast.querySelector("span"), toast.querySelector("button")];
  const words = { ...calendar.dataset };
  let picked = null, target = null, timer = 0;

  const say = (text, label, act) => {
    clearTimeout(timer);
    said.textContent = text;
    button.hidden = !act;
    button.textContent = label || "";
    button.onclick = act || null;
    toast.hidden = false;
    timer = setTimeout(() => { toast.hidden = true; }, act ? 15000 : 6000);
  };

  const refresh = async (focus) => {
    const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["calendar", "cal-strip"]) document.getElementById(id).replaceWith(fresh.getElementById(id));
    calendar = document.getElementById("calendar");
    calendar.querySelector(`[data-slot="${focus}"]`)?.focus();
  };

  const move = async (slot, at, extra = {}) => {
    const id = slot.dataset.slot, url = slot.dataset.move, seen = slot.dataset.seen;
    const body = new FormData(form);
    Object.entries({ at, seen, ...extra }).forEach(([name, value]) => body.set(name, value));
    calendar.classList.add("is-saving");
    try {
      const answer = await fetch(url, { method: "POST", body });
      const result = await answer.json();
      if (!answer.ok) {
        await refresh(id);
        const again = () => document.querySelector(`[data-slot="${id}"]`);
        say(result.words, words.insist, result.may_insist ? () => move(again(), at, { allow_overlap: "1" }) : null);
        return;
      }
      await refresh(id);
      const back = () => move(document.querySelector(`[data-slot="${id}"]`) || slot, result.was, { seen: result.at, allow_overlap: "1" });
      say(result.words, words.undo, extra.seen ? null : back);
    } catch {
      say(words.failed);
    } finally {
      calendar.classList.remove("is-saving");
    }
  };

  const days = () => [...calendar.querySelectorAll(".cal-day")];
  const sameTime = (slot, day) => `${day}T${slot.dataset.at.slice(11)}`;
  const mark = (day) => {
    calendar.querySelectorAll(".is-over").forEach((each) => each.classList.remove("is-over"));
    day?.classList.add("is-over");
    target = day;
  };

  document.addEventListener("dragstart", (event) => {
    const slot = event.target.closest?.(".cal-slot[data-move]");
    if (!slot) return;
    event.dataTransfer.setData("text/plain", slot.dataset.slot);
    event.dataTransfer.effectAllowed = "move";
    picked = slot;
    requestAnimationFrame(() => slot.classList.add("is-dragged"));
  });
  document.addEventListener("dragover", (event) => {
    const day = picked && event.target.closest?.(".cal-day");
    if (!day) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    if (day !== target) mark(day);
  });
  document.addEventListener("dragend", () => { picked?.classList.remove("is-dragged"); picked = null; mark(null); });
  document.addEventListener("drop", (event) => {
    const day = picked && event.target.closest?.(".cal-day");
    if (!day) return;
    event.preventDefault();
    const slot = picked;
    mark(null);
    if (slot.closest(".cal-day") !== day) move(slot, sameTime(slot, day.dataset.day));
  });

  const drop = (keep) => {
    const slot = picked, day = target;
    slot.classList.remove("is-picked");
    picked = null;
    mark(null);
    if (!keep || !day || slot.closest(".cal-day") === day) { say(words.cancelled); return; }
    move(slot, sameTime(slot, day.dataset.day));
  };
  const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  const wander = (slot, step) => {
    const all = [...calendar.querySelectorAll(".cal-slot")];
    const own = days().indexOf(slot.closest(".cal-day"));
    if (Math.abs(step) === 7) {
      const beside = all[all.indexOf(slot) + Math.sign(step)];
      if (beside && beside.closest(".cal-day") === slot.closest(".cal-day")) { beside.focus(); return; }
    }
    for (let place = own + step, tries = 0; place >= 0 && place < days().length && tries < 42; place += step, tries += 1) {
      const found = days()[place].querySelector(".cal-slot");
      if (found) { found.focus(); return; }
    }
  };

  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    if (picked) {
      if (event.key === "Escape") { event.preventDefault(); drop(false); }
      else if (event.key === "Enter") { event.preventDefault(); drop(true); }
      else if (event.key in STEPS) {
        event.preventDefault();
        const all = days(), place = all.indexOf(target) + STEPS[event.key];
        if (all[place]) { mark(all[place]); all[place].scrollIntoView({ block: "nearest" }); say(all[place].getAttribute("aria-label")); }
      }
      return;
    }
    if (event.key === "[" || event.key === "]") { document.querySelector(`[data-page="${event.key === "[" ? "before" : "after"}"]`)?.click(); return; }
    const slot = event.target.closest(".cal-slot");
    if (event.key in STEPS) {
      if (slot) { event.preventDefault(); wander(slot, STEPS[event.key]); }
      else if (document.activeElement === document.body) { const first = calendar.querySelector(".is-today .cal-slot, .cal-slot"); if (first) { event.preventDefault(); first.focus(); } }
    } else if (slot && event.key.toLowerCase() === "m" && slot.dataset.move) {
      event.preventDefault();
      picked = slot;
      slot.classList.add("is-picked");
      mark(slot.closest(".cal-day"));
      say(words.picked.replace("{title}", slot.dataset.title));
    }
  });
})();
