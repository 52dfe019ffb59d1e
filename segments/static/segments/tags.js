/* A tag's page: says how many members a saved view or an audience finds before it becomes the rule. */
"use strict";

(() => {
  const rule = document.getElementById("rule"), matches = document.getElementById("matches");
  rule?.addEventListener("change", async () => {
    matches.textContent = "";
    if (!/^(audience:)?\d+$/.test(rule.value)) return;
    const body = new FormData();
    body.set("view", rule.value);
    body.set("csrfmiddlewaretoken", rule.form.elements.csrfmiddlewaretoken.value);
    const asked = rule.value, response = await fetch(rule.dataset.count, { method: "POST", body });
    if (response.ok && rule.value === asked) matches.textContent = (await response.json()).text;
  });
})();
