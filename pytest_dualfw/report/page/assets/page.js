"use strict";
// Progressive: without this script the page shows all rows and static pictures. Text of others goes into textContent only.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (name, text = "", attributes = {}) => {
    const found = document.createElement(name);
    found.textContent = text;
    for (const [key, value] of Object.entries(attributes)) found.setAttribute(key, value);
    return found;
  };
  const data = JSON.parse(document.getElementById("data").textContent);

  // Filters: rows by text, by the value of a column, by a status in a cell; columns by a part of their target.
  const PARTS = ["Framework", "Device", "Dtype", "Mode"];
  const filter = (form, table) => {
    const heads = [...table.tHead.rows[0].cells];
    const rows = [...table.tBodies[0].rows];
    const texts = rows.map(row => row.textContent.toLowerCase());
    const search = form.querySelector("input");
    const byColumn = all("select[data-column]", form);
    const status = form.querySelector("select[data-status]");
    const parts = all("select[data-part]", form);
    const output = form.querySelector("output");
    const hasStatus = (row, shown) => [...row.cells].some((cell, i) => i > 0 && shown[i] && cell.textContent.trim() !== "" &&
      (status.value === "pass" ? cell.className === "" : cell.classList.contains(status.value)));
    const apply = () => {
      const asked = parts.filter(s => s.value).map(s => [PARTS.indexOf(s.closest("label").firstChild.data.trim()), s.value]);
      const shown = heads.map((head, i) => i === 0 || asked.every(([part, value]) => head.textContent.trim().split("-")[part] === value));
      if (parts.length) for (const row of [table.tHead.rows[0], ...rows])
        for (let i = 1; i < row.cells.length; i++) row.cells[i].hidden = !shown[i];
      const words = search.value.trim().toLowerCase();
      let count = 0;
      rows.forEach((row, r) => {
        const kept = texts[r].includes(words)
          && byColumn.every(s => !s.value || row.cells[s.dataset.column].textContent.trim() === s.value)
          && (!status || !status.value || hasStatus(row, shown));
        row.hidden = !kept;
        count += kept;
      });
      output.textContent = `${count} of ${rows.length} rows`;
    };
    form.addEventListener("input", apply);
    form.addEventListener("submit", event => event.preventDefault());
    form.hidden = false;
    apply();
  };
  for (const form of all("form[data-filter]")) filter(form, document.getElementById(form.dataset.filter));

  // Copying: a file opened from a disk may have no clipboard, then the text is selected.
  for (const button of all("button[data-copy]")) {
    const code = button.closest(".code").querySelector("code");
    const label = [...button.childNodes];
    const select = () => { getSelection().selectAllChildren(code); return "Selected"; };
    const copy = () => navigator.clipboard ? navigator.clipboard.writeText(code.textContent).then(() => "Copied", select) : select();
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.textContent = await copy();
      setTimeout(() => button.replaceChildren(...label), 1500);
    });
  }

  if (!data.nights) return;

  // Numbers as packing.py writes them: an exponent, then differences in base 64 of variable length; zero: no number.
  const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const unpacked = text => {
    const [exponent, digits] = text.split(":");
    const found = [];
    let code = 0, scale = 1, last = 0;
    for (const digit of digits) {
      const bits = DIGITS.indexOf(digit);
      code += (bits % 32) * scale;
      scale *= 32;
      if (bits >= 32) continue;
      if (code > 0) last += code % 2 ? (code - 1) / 2 : -code / 2;
      found.push(code > 0 ? Number(`${last}e${exponent}`) : null);
      code = 0;
      scale = 1;
    }
    return found;
  };

  const UNITS = {
    time: [[1, "s"], [1e-3, "ms"], [1e-6, "us"], [1e-9, "ns"]],
    memory: [[1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]],
    ratio: [[0, "x"]],
  };
  const KIND = { ratio: "ratio", memory: "memory" };
  const NAME = { ratio: "speed-up (eager/jit)", jit: "jit", eager: "eager", compile: "compile", memory: "peak memory" };
  const inUnit = (value, units, digits) => {
    if (value == null) return "–";
    const [scale, unit] = units.find(([least]) => Math.abs(value) >= least) || units[units.length - 1];
    return `${Number((value / (scale || 1)).toPrecision(digits))}${scale ? " " : ""}${unit}`;
  };
  const tell = (quantity, value, digits = 4) => inUnit(value, UNITS[KIND[quantity] || "time"], digits);

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const charts = new Map();

  // Vertical lines behind the series: versions that changed, dotted; steps found in this quantity, dashed.
  const rules = (timeline, changes) => u => {
    const { ctx, bbox } = u;
    const ratio = devicePixelRatio;
    const rule = (run, stroke, dash, words, row) => {
      const x = u.valToPos(run, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) return;
      ctx.strokeStyle = ctx.fillStyle = stroke;
      ctx.setLineDash(dash.map(d => d * ratio));
      ctx.lineWidth = ratio;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const right = x > bbox.left + bbox.width / 2;
      ctx.textAlign = right ? "right" : "left";
      const place = [words, x + (right ? -4 : 4) * ratio, bbox.top + (12 + 14 * (row % 4)) * ratio];
      ctx.setLineDash([]);
      ctx.strokeStyle = colour("--ground");
      ctx.lineWidth = 4 * ratio;
      ctx.strokeText(...place);
      ctx.fillText(...place);
    };
    ctx.save();
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    timeline.marks.forEach(([run, words], i) => rule(run, colour("--faint"), [2, 3], words, i + changes.length));
    changes.forEach(([, run, words, worse, tier], i) => rule(run, colour(worse ? "--bad" : "--good"), [6, 4], `${words} (${tier})`, i));
    ctx.restore();
  };

  const readout = (timeline, series, quantity, values, at) => {
    const [started, commit] = timeline.runs[at];
    const words = [started, commit && `commit ${commit}`, `${NAME[quantity]} ${tell(quantity, values[1][at])}`];
    if (values[2] && values[2][at] != null) words.push(`95 %: ${tell(quantity, values[2][at])} to ${tell(quantity, values[3][at])}`);
    if (series.status[at]) words.push(series.status[at]);
    for (const [run, mark] of timeline.marks) if (run === at) words.push(mark);
    for (const [changed, run, what, , tier] of series.changes) if (changed === quantity && run === at) words.push(`${what} (${tier})`);
    return words.filter(Boolean).join(" · ");
  };

  // The number of the last run; of a single one the axis still has a length.
  const last = values => Math.max(values[0].length - 1, 1);

  const options = (timeline, series, quantity, values, width, told, reset) => {
    const changes = series.changes.filter(change => change[0] === quantity);
    const axis = { stroke: colour("--faint"), grid: { stroke: colour("--rule"), width: 1 }, ticks: { stroke: colour("--rule"), width: 1 }, font: "11px system-ui, sans-serif" };
    const line = colour("--link");
    const bound = { stroke: "transparent", points: { show: false } };
    return {
      width, height: 220, legend: { show: false },
      scales: { x: { time: false } },
      cursor: { y: false, drag: { x: true, y: false }, points: { size: 7 } },
      axes: [
        { ...axis, size: 32, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000], space: 80, values: (u, runs) => runs.map(run => (timeline.runs[run] || [""])[0].slice(0, 10)) },
        { ...axis, size: 72, values: (u, ticks) => ticks.map(tick => tell(quantity, tick)) },
      ],
      series: [{}, { stroke: line, width: 1.5, points: { size: 4, fill: line } }, ...(values.length > 2 ? [bound, bound] : [])],
      bands: values.length > 2 ? [{ series: [3, 2], fill: `${line}30` }] : [],
      hooks: {
        setScale: [(u, key) => { if (key === "x") reset.hidden = u.scales.x.max - u.scales.x.min >= last(values); }],
        drawAxes: [rules(timeline, changes)],
        setCursor: [u => { if (u.cursor.idx != null) told.textContent = readout(timeline, series, quantity, values, u.cursor.idx); }],
      },
    };
  };

  const draw = (place, timeline, series, quantity) => {
    const values = [timeline.runs.map((_, i) => i), unpacked(series.values[quantity])];
    if (quantity === "ratio") values.push(unpacked(series.low), unpacked(series.high));
    const told = make("span", "Point at a run or press an arrow key. Drag to zoom, double-click to reset.");
    const reset = make("button", "Reset zoom", { type: "button" });
    const line = make("p", "", { class: "readout" });
    const canvas = make("div", "", { tabindex: "0", role: "group", "aria-label": `Chart of ${series.name}, ${quantity}. Arrow keys move from run to run, Escape resets the zoom.` });
    line.append(told, reset);
    told.setAttribute("role", "status");
    place.replaceChildren(canvas, line);
    const again = () => {
      if (u) u.destroy();
      u = new uPlot(options(timeline, series, quantity, values, Math.max(canvas.clientWidth, 200), told, reset), values, canvas);
      charts.set(place, { u, again });
    };
    let u = null;
    again();
    const whole = () => u.setScale("x", { min: 0, max: last(values) });
    const move = step => {
      const at = Math.min(Math.max((u.cursor.idx ?? (step > 0 ? -1 : values[0].length)) + step, 0), values[0].length - 1);
      u.setCursor({ left: u.valToPos(at, "x"), top: 10 });
    };
    reset.addEventListener("click", whole);
    canvas.addEventListener("keydown", event => {
      const act = { ArrowLeft: () => move(-1), ArrowRight: () => move(1), Escape: whole }[event.key];
      if (act) { event.preventDefault(); act(); }
    });
  };

  for (const figure of all("figure[data-q]")) {
    const timeline = data.nights[figure.dataset.t];
    draw(figure.querySelector(".plot"), timeline, timeline.series[figure.dataset.s], figure.dataset.q);
  }

  // Any series on demand.
  const chooser = document.getElementById("chooser");
  const chosen = document.getElementById("chosen");
  const { series: which, quantity: what } = chooser.elements;
  data.nights.forEach((timeline, t) => {
    const group = make("optgroup", "", { label: timeline.title });
    timeline.series.forEach((series, s) => group.append(make("option", `${series.name} (${series.group})`, { value: `${t} ${s}` })));
    which.append(group);
  });
  const current = () => {
    const [t, s] = which.value.split(" ");
    return [data.nights[t], data.nights[t].series[s]];
  };
  const fill = () => {
    const before = what.value;
    const known = Object.keys(current()[1].values);
    what.replaceChildren(...known.map(quantity => make("option", NAME[quantity], { value: quantity })));
    what.value = known.includes(before) ? before : known[0];
  };
  const show = () => {
    const [timeline, series] = current();
    charts.delete(chosen);
    if (what.value) draw(chosen, timeline, series, what.value);
    else chosen.replaceChildren(make("p", "No run has a number of this series."));
  };
  which.addEventListener("change", () => { fill(); show(); });
  what.addEventListener("change", show);
  if (which.options.length) {
    document.getElementById("any").hidden = false;
    fill();
    show();
  }

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach(chart => chart.again()));
  new ResizeObserver(() => charts.forEach(({ u }, place) => u.setSize({ width: Math.max(place.clientWidth, 200), height: 220 })))
    .observe(document.body);
})();
