// Tables that a telephone shows as cards, and every chart whose options stand beside its place.
(function () {
  "use strict";
  // A narrow screen shows each row as a card: every cell carries its column's name, and keeps its role in the table.
  for (const table of document.querySelectorAll("main table")) {
    const names = [...table.querySelectorAll("thead th")].map((cell) => cell.textContent.trim());
    const roles = { THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
    table.setAttribute("role", "table");
    for (const part of table.querySelectorAll("thead, tbody, tr, td")) part.setAttribute("role", roles[part.tagName]);
    for (const head of table.querySelectorAll("th")) head.setAttribute("role", head.scope.startsWith("row") ? "rowheader" : "columnheader");
    for (const row of table.querySelectorAll("tbody tr")) {
      [...row.cells].forEach((cell, k) => {
        cell.dataset.label = names[k] || "";
        if (cell.tagName !== "TD" || !cell.hasChildNodes()) return;
        const value = document.createElement("div");
        value.append(...cell.childNodes);
        cell.append(value);
      });
    }
    table.classList.add("cards-when-narrow");
  }
})();
// Formatting by suffix is the only thing that JSON cannot say of a chart.
(function () {
  "use strict";
  const language = document.documentElement.lang.startsWith("zh") ? "ZH" : "EN";
  const number = (value) => (typeof value === "number" ? String(Number(value.toFixed(4))) : "–");
  const drawn = [];
  for (const place of document.querySelectorAll("[data-chart]")) {
    const option = JSON.parse(document.getElementById(place.dataset.chart).textContent);
    const suffix = option.tooltip.valueFormatter;
    option.tooltip.valueFormatter = (value) => (Array.isArray(value) ? number(value[1]) : number(value)) + suffix;
    if (option.tooltip.intervals) {
      // The interval is drawn as a bar upon an invisible one: told as its two ends.
      const names = option.legend.data;
      option.tooltip.formatter = (shown) => {
        const of = (index) => shown.find((one) => one.seriesIndex === index);
        const escape = (text) => String(text).replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
        const rows = [escape(shown[0].axisValueLabel), names[0] + ": " + number(of(2).value) + suffix];
        const low = of(0).value;
        rows.push(names[1] + ": " + number(low) + suffix + " – " + number(low + of(1).value) + suffix);
        if (of(3)) rows.push(names[2] + ": " + number(of(3).value) + suffix);
        return rows.join("<br>");
      };
    }
    const chart = echarts.init(place, null, { renderer: "svg", locale: language });
    chart.setOption(option);
    drawn.push(chart);
  }
  const fit = () => drawn.forEach((chart) => chart.resize());
  window.addEventListener("resize", fit);
  window.addEventListener("beforeprint", fit);
  window.matchMedia("print").addEventListener("change", fit);
})();
