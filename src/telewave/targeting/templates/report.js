// Draws every chart whose options stand beside its place; formatting by suffix is the only thing that JSON cannot say.
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
