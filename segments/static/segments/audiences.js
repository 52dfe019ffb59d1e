/* Audiences. [data-load] asks for a part of the page that takes a while, and again while it says [data-again]. The builder: buttons that change the tree
 * change it in place, and the count follows what is typed; without this script the same buttons send the form. */
"use strict";

(() => {
  const load = async (place) => {
    const response = await fetch(place.dataset.load);
    if (!response.ok) return;
    place.innerHTML = await response.text();
    if (place.querySelector("[data-again]")) setTimeout(load, 3000, place);
  };
  document.querySelectorAll("[data-load]").forEach(load);

  const form = document.getElementById("audience");
  if (!form) return;
  const tree = document.getElementById("tree"), count = document.getElementById("count"), counting = document.getElementById("counting");
  const PAUSE = 600;
  let asking = null, timer = 0;

  const post = (url, act, signal) => {
    const body = new FormData(form);
    if (act) body.set("act", act);
    return fetch(url, { method: "POST", body, signal });
  };
  const whens = () => tree.querySelectorAll("[data-how]").forEach((row) => {
    const how = row.querySelector("select").value;
    row.querySelectorAll("[data-when]").forEach((part) => { part.hidden = !part.dataset.when.split(" ").includes(how); });
  });
  const estimate = async () => {
    asking?.abort();
    asking = new AbortController();
    counting.hidden = false;
    try {
      const response = await post(form.dataset.estimate, "", asking.signal);
      if (response.ok) count.innerHTML = await response.text();
      counting.hidden = true;
    } catch (error) {
      if (error.name !== "AbortError") counting.hidden = true;
    }
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(estimate, PAUSE); };
  const redraw = async (act) => {
    const response = await post(form.dataset.draft, act);
    if (!response.ok) return;
    tree.innerHTML = await response.text();
    whens();
    const added = act.startsWith("add:") || act.startsWith("group:") ? [...tree.querySelectorAll(`[data-node="${act.split(":")[1]}"] > .s-aud-leaf [data-what], [data-node="${act.split(":")[1]}"] > .s-aud-node [data-what]`)].at(-1) : null;
    added?.focus();
    soon();
  };

  form.addEventListener("submit", (event) => {
    const act = event.submitter?.name === "act" ? event.submitter.value : "";
    if (act === "save") return;
    event.preventDefault();
    redraw(act);
  });
  tree.addEventListener("change", (event) => {
    if (event.target.matches("[data-what]")) { redraw("show"); return; }
    whens();
    soon();
  });
  tree.addEventListener("input", soon);
  whens();
  estimate();
})();
