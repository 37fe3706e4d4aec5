// Draws each chart from the table below it, as stacked bars in the colours of the style sheet.
"use strict";

(() => {
  const drawn = new Map();
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const SECONDS = { hour: 3600, day: 86400 };
  const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function read(figure) {
    const table = figure.querySelector(".chart-table"); // a chart that is drawn has a table of its own: its legend
    const heads = [...table.querySelectorAll("thead th[data-kind]")];
    const rows = [...table.querySelectorAll("tbody tr")];
    return {
      series: heads.map((head) => ({ kind: head.dataset.kind, label: head.textContent })),
      times: rows.map((row) => new Date(row.querySelector("time").dateTime).valueOf() / 1000),
      columns: heads.map((_, column) => rows.map((row) => Number(row.querySelectorAll("td")[column].textContent))),
    };
  }

  // Midnight is told as the day that begins with it.
  function place(seconds) {
    const moment = new Date(seconds * 1000);
    return (moment.getHours() || moment.getMinutes() ? time : day).format(moment);
  }

  // The first series stands at the bottom; each is drawn from zero to the sum so far, the highest first.
  function stacked(columns) {
    const sums = [];
    for (const column of columns) {
      const below = sums.at(-1);
      sums.push(column.map((number, at) => number + (below ? below[at] : 0)));
    }
    return sums;
  }

  function optionsFor(figure, data, width) {
    const small = figure.classList.contains("chart-small");
    const bars = uPlot.paths.bars({ size: [0.8, 48], align: 1 });
    const axis = { stroke: colour("--pico-muted-color"), grid: { stroke: colour("--pico-muted-border-color"), width: 1 } };
    const length = SECONDS[figure.dataset.unit] || 3600;
    const whole = (_, splits) => splits.map((split) => (Number.isInteger(split) ? split.toLocaleString() : ""));
    return {
      width,
      height: small ? 110 : 220,
      padding: [null, 28, null, null], // the last time on the axis is not cut off
      cursor: { y: false, drag: { x: false, y: false } },
      legend: { show: !small && data.series.length > 1, live: false },
      scales: {
        x: { range: (_, least, most) => [least, most + length] },
        y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] },
      },
      axes: [{ ...axis, grid: { show: false }, values: (_, splits) => splits.map(place) }, { ...axis, size: small ? 36 : 50, space: small ? 20 : 40, values: whole }],
      series: [
        {},
        ...data.series
          .map((series) => ({
            label: series.label,
            fill: colour(`--chart-${series.kind}`),
            stroke: colour(`--chart-${series.kind}`),
            width: 0,
            paths: bars,
            points: { show: false },
          }))
          .reverse(),
      ],
    };
  }

  function draw(figure) {
    const canvas = figure.querySelector(".chart-drawn");
    const data = read(figure);
    if (!data.times.length || !canvas.clientWidth) return;
    drawn.get(figure)?.destroy();
    const values = [data.times, ...stacked(data.columns).reverse()];
    drawn.set(figure, new uPlot(optionsFor(figure, data, canvas.clientWidth), values, canvas));
  }

  function prepare(root) {
    for (const figure of root.querySelectorAll("figure.chart")) {
      if (drawn.has(figure)) continue;
      new ResizeObserver(() => draw(figure)).observe(figure.querySelector(".chart-drawn"));
      draw(figure);
    }
  }

  prepare(document);
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  dark.addEventListener("change", () => { for (const figure of drawn.keys()) if (figure.isConnected) draw(figure); });
})();
