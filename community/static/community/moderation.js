/* Keys of moderation: d dismiss, w warn, m mute, x remove, n next; in the queue the arrows choose which case they act on.
 * [data-key] is pressed by its key, within [data-here] first. Not while somebody types or a dialog is open.
 */
"use strict";

(() => {
  const cases = [...document.querySelectorAll(".c-case")];
  let here = cases.findIndex((each) => each.hasAttribute("data-here"));
  const go = (place) => {
    if (place < 0 || place >= cases.length) return;
    cases[here]?.removeAttribute("data-here");
    here = place;
    cases[here].setAttribute("data-here", "");
    cases[here].scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (document.querySelector("dialog[open]")) return;
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (step && cases.length) { event.preventDefault(); go(here + step); return; }
    if (event.key.length !== 1) return;
    const button = (cases[here] || document).querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (button && !button.disabled) { event.preventDefault(); button.click(); }
  });
})();
