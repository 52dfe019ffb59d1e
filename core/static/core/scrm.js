/* Small behaviours of our own pages; everything works without them except charts and the totals of a selection.
 *   /                          moves to the search field [data-search-key]
 *   [data-open="id"]           opens that <dialog>; [data-close] closes the one around it; dialog[data-opened] is open at once
 *   [data-select-all]          ticks the rows of its table; .s-bulk[data-bulk-of="table id"] shows the totals
 *   canvas[data-chart="id"]    draws the JSON of <script id="id" type="application/json"> with Chart.js
 *   [data-toggle="id"]         shows or hides; [data-copy="id"] copies the text
 *   .s-drop                    shows the name of the chosen file
 */
"use strict";

(() => {
  const root = document.documentElement;
  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const language = () => root.lang || "zh-hans";
  const number = (value, digits = 0) => new Intl.NumberFormat(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);

  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || field || event.metaKey || event.ctrlKey || event.altKey) return;
    const search = [...document.querySelectorAll("[data-search-key]")].find((input) => input.offsetParent);
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  });

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-open]");
    if (opener) { document.getElementById(opener.dataset.open).showModal(); return; }
    const closer = event.target.closest("[data-close]");
    if (closer) { closer.closest("dialog").close(); return; }
    const toggle = event.target.closest("[data-toggle]");
    if (toggle) {
      const target = document.getElementById(toggle.dataset.toggle);
      target.hidden = !target.hidden;
      toggle.setAttribute("aria-expanded", String(!target.hidden));
      return;
    }
    const pressed = event.target.closest("[aria-pressed]");
    if (pressed?.parentElement.matches("[role=group]")) {
      pressed.parentElement.querySelectorAll("[aria-pressed]").forEach((button) => button.setAttribute("aria-pressed", String(button === pressed)));
    }
    const copier = event.target.closest("[data-copy]");
    if (copier) navigator.clipboard?.writeText(document.getElementById(copier.dataset.copy).textContent.trim());
  });

  /* what is selected: people and, where the rows carry it, spend */
  const bulk = (bar) => {
    const table = document.getElementById(bar.dataset.bulkOf);
    const boxes = [...table.querySelectorAll("tbody input[type=checkbox]")];
    const all = table.querySelector("[data-select-all]");
    const show = () => {
      const chosen = boxes.filter((box) => box.checked);
      const spend = chosen.reduce((sum, box) => sum + Number(box.dataset.spend || 0), 0);
      bar.hidden = chosen.length === 0;
      bar.querySelectorAll("[data-people]").forEach((place) => { place.textContent = number(chosen.length); });
      bar.querySelectorAll("[data-spend]").forEach((place) => { place.textContent = number(spend, 2); });
      if (all) { all.checked = chosen.length === boxes.length && boxes.length > 0; all.indeterminate = chosen.length > 0 && !all.checked; }
    };
    table.addEventListener("change", (event) => {
      if (event.target === all) boxes.forEach((box) => { box.checked = all.checked; });
      show();
    });
    show();
  };

  /* charts: colours by name (tier:new, state:good, accent, soft), redrawn when the theme changes */
  const charts = new Map();
  const canvasOf = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour, alpha = 1) => {
    canvasOf.clearRect(0, 0, 1, 1);
    canvasOf.fillStyle = colour;
    canvasOf.fillRect(0, 0, 1, 1);
    const [r, g, b] = canvasOf.getImageData(0, 0, 1, 1).data;
    return `rgba(${r}, ${g}, ${b}, ${alpha})`;
  };
  const colourOf = (name, alpha = 1) => {
    const [kind, code] = String(name || "accent").split(":");
    const variable = kind === "tier" ? `--s-tier-${code}` : kind === "state" ? `--s-${code}` : kind === "soft" ? "--s-faint" : "--s-accent";
    return rgb(css(variable), alpha);
  };
  const dataset = (spec, type) => {
    const colour = colourOf(spec.colour);
    const line = (spec.type || type) === "line";
    return {
      borderColor: colour, backgroundColor: colourOf(spec.colour, line ? (spec.fill ? 0.16 : 1) : 0.85), borderWidth: line ? 2 : 0,
      pointRadius: line ? 0 : undefined, pointHoverRadius: 4, pointBackgroundColor: colour, tension: 0.25, borderRadius: line ? 0 : 3, maxBarThickness: 34, ...spec,
    };
  };
  /* where there is room, the name of each series stands beside its last bar or point instead of in a legend */
  const ROOMY = 560, LABEL_GAP = 16, LABEL_INDENT = 20;
  const labelFont = () => `12px ${css("--s-font")}`;
  const widthOf = (texts) => {
    canvasOf.font = labelFont();
    return Math.max(...texts.map((text) => canvasOf.measureText(text).width));
  };
  const direct = {
    id: "direct",
    afterDatasetsDraw(chart, _args, options) {
      if (!options.on) return;
      const { ctx, chartArea: area } = chart, stacked = chart.options.scales.y.stacked;
      const labels = chart.data.datasets.map((series, place) => {
        const last = chart.getDatasetMeta(place).data.at(-1);
        return { text: series.label, colour: series.borderColor, y: stacked ? (last.y + last.base) / 2 : last.y };
      }).sort((one, other) => one.y - other.y);
      labels.forEach((label, place) => { if (place) label.y = Math.max(label.y, labels[place - 1].y + LABEL_GAP); });
      let floor = area.bottom;
      labels.toReversed().forEach((label) => { label.y = Math.min(label.y, floor); floor = label.y - LABEL_GAP; });
      ctx.save();
      ctx.font = labelFont();
      ctx.textBaseline = "middle";
      labels.forEach((label) => {
        ctx.fillStyle = label.colour;
        ctx.fillRect(area.right + 6, label.y - 4, 8, 8);
        ctx.fillStyle = options.text;
        ctx.fillText(label.text, area.right + LABEL_INDENT, label.y);
      });
      ctx.restore();
    },
  };
  const draw = (canvas) => {
    charts.get(canvas)?.destroy();
    const spec = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
    const text = rgb(css("--s-soft")), grid = rgb(css("--s-line-soft"));
    const ticks = { color: text, font: { family: css("--s-font"), size: 12 } };
    const digits = spec.digits || 0, unit = spec.unit || "";
    const many = spec.datasets.length > 1;
    const beside = many && !spec.sideways && canvas.parentElement.clientWidth >= ROOMY;
    const value = (item) => `${unit}${number(item, digits)}`;
    charts.set(canvas, new Chart(canvas, {
      type: spec.type || "bar",
      data: { labels: spec.labels, datasets: spec.datasets.map((item) => dataset(item, spec.type)) },
      plugins: [direct],
      options: {
        layout: { padding: { right: beside ? widthOf(spec.datasets.map((item) => item.label)) + LABEL_INDENT + 4 : 0 } },
        responsive: true, maintainAspectRatio: false, animation: false, interaction: { mode: "index", intersect: false },
        indexAxis: spec.sideways ? "y" : "x",
        scales: {
          x: { stacked: Boolean(spec.stacked), border: { display: false }, grid: { display: Boolean(spec.sideways), color: grid }, ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 18 } },
          y: { stacked: Boolean(spec.stacked), beginAtZero: true, border: { display: false }, grid: { display: !spec.sideways, color: grid }, ticks: { ...ticks, maxTicksLimit: 5, callback: spec.sideways ? undefined : (item) => number(item) } },
        },
        plugins: {
          direct: { on: beside, text },
          legend: { display: many && !beside, position: "top", align: "start", labels: { color: text, font: { family: css("--s-font"), size: 12 }, boxWidth: 10, boxHeight: 10, useBorderRadius: true, borderRadius: 3 } },
          tooltip: { callbacks: { label: (item) => `${item.dataset.label ? `${item.dataset.label}  ` : ""}${value(item.parsed[spec.sideways ? "x" : "y"])}` } },
        },
      },
    }));
  };
  const drawAll = (scope = document) => scope.querySelectorAll("canvas[data-chart]").forEach(draw);

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".s-bulk[data-bulk-of]").forEach(bulk);
    document.querySelectorAll("dialog[data-opened]").forEach((dialog) => dialog.showModal());
    document.querySelectorAll("[data-autosubmit]").forEach((control) => control.addEventListener("change", () => control.form.requestSubmit()));
    document.querySelectorAll(".s-drop input[type=file]").forEach((input) => {
      input.hasChangeListener = true; /* Unfold's own listener looks for a text field that is not here */
      input.addEventListener("change", () => {
        const name = input.files[0]?.name;
        if (name) input.closest(".s-drop").querySelector("[data-file]").textContent = name;
      });
    });
    if (new URLSearchParams(location.search).get("focus") === "search") document.querySelector("main [data-search-key], .s-page [data-search-key]")?.focus();
    if (window.Chart) {
      let dark = root.classList.contains("dark");
      requestAnimationFrame(() => drawAll());
      new MutationObserver(() => {
        if (root.classList.contains("dark") !== dark) { dark = !dark; drawAll(); }
      }).observe(root, { attributes: true, attributeFilter: ["class"] });
    }
  });
  window.addEventListener("load", () => {
    const label = document.querySelector("[data-scroll-label]")?.dataset.scrollLabel;
    if (label) document.querySelectorAll(".simplebar-content-wrapper").forEach((part) => part.setAttribute("aria-label", label));
  });
  document.addEventListener("htmx:afterSwap", (event) => { if (window.Chart) drawAll(event.target); });
})();
