// The charts, the tables' sorting and searching, and the keyboard of the report. Text and tables are written by Rust.
"use strict";
(async () => {
const $ = (selector, of = document) => of.querySelector(selector);
const $$ = (selector, of = document) => [...of.querySelectorAll(selector)];
const root = document.documentElement;
const head = JSON.parse($("#report-head").textContent);
const number = new Intl.NumberFormat("en-US");
const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

// ---------- numbers ----------

async function unpacked() {
  const text = $("#report-data").textContent.trim();
  const bytes = Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
const data = await unpacked();
const TYPES = { u8: Uint8Array, u16: Uint16Array, u32: Uint32Array, f32: Float32Array, f64: Float64Array };

function array(name) {
  const found = head.arrays[name];
  if (!found) return null;
  const [type, offset, length] = found;
  if (type === "text") return length ? new TextDecoder().decode(new Uint8Array(data, offset, length)).split("\n") : [];
  return new TYPES[type](data, offset, length);
}

/// Byte planes of differences, which begin anew at every chromosome.
function positions(name, counts, planes) {
  const bytes = array(name);
  const n = counts.reduce((a, b) => a + b, 0);
  const values = new Float64Array(n);
  const limit = 2 ** (8 * planes);
  let k = 0;
  for (const count of counts) {
    for (let last = 0, end = k + count; k < end; k++) {
      let step = 0;
      for (let plane = planes - 1; plane >= 0; plane--) step = step * 256 + bytes[plane * n + k];
      last = (last + step) % limit;
      values[k] = last;
    }
  }
  return values;
}

function pText(y) {
  if (!Number.isFinite(y)) return "undefined";
  if (y < 3) return (10 ** -y).toPrecision(2);
  let exponent = Math.floor(y) + 1;
  let digits = 10 ** (exponent - y);
  if (digits >= 9.95) { digits = 1; exponent -= 1; }
  return `${digits.toFixed(1)}×10⁻${[...String(exponent)].map((d) => SUPERSCRIPT[d]).join("")}`;
}
const short = (x) => (Number.isFinite(x) ? (x !== 0 && (Math.abs(x) < 1e-3 || Math.abs(x) >= 1e5) ? x.toExponential(2) : x.toPrecision(3)) : "–").replace("-", "−");

/// A step of 1, 2 or 5 times a power of ten that divides `span` into about `count` parts.
function niceStep(span, count) {
  const rough = span / count, power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((m) => m * power >= rough) ?? 10);
}
function ticks(from, to, count) {
  const step = niceStep(to - from, count), found = [];
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to + step * 1e-9; k++) found.push(+(k * step).toPrecision(12));
  return found;
}

// ---------- colours and charts ----------

const light = { text: "#1c2329", soft: "#5a6672", rule: "#d9dfe5", bg: "#ffffff", odd: "#27496d", even: "#5b8fc7", hit: "#c8361d", suggest: "#8a6d00", band: "#dfe5ec", r2: ["#9fb3c8", "#4f9bd9", "#1f7a8c", "#e0a100", "#c8361d"], lead: "#5b2a86", none: "#c3cad2", low: "#27496d", high: "#c8361d", mid: "#ffffff" };
const dark = { text: "#e3e8ed", soft: "#9aa7b4", rule: "#2f3842", bg: "#15191e", odd: "#8fb8e8", even: "#5f86b3", hit: "#ff7a59", suggest: "#d9b84a", band: "#2a323b", r2: ["#6b7c8f", "#3d8fe0", "#7fd6c4", "#ffd24d", "#ff7a59"], lead: "#e9ccff", none: "#46525e", low: "#8fb8e8", high: "#ff7a59", mid: "#15191e" };
const wantsDark = matchMedia("(prefers-color-scheme: dark)");
let isPrinting = false;
const colours = () => !isPrinting && (root.dataset.theme ? root.dataset.theme === "dark" : wantsDark.matches) ? dark : light;
const FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif';

/// All charts of the page: where they are drawn, and the function that gives their options for a width.
const charts = [];

function register(element, option, print, lazy = false) {
  const one = { element, option, print, lazy, chart: null };
  charts.push(one);
  return one;
}

function draw(one) {
  const { element } = one;
  const size = isPrinting ? { width: one.print[0], height: one.print[1], devicePixelRatio: one.print[0] > 400 ? 3 : 2 } : { width: element.clientWidth, height: element.clientHeight };
  if (!size.width) return;
  if (!one.chart) {
    one.holder?.replaceChildren();
    one.holder ??= element.appendChild(document.createElement("div"));
    one.holder.style.width = `${size.width}px`;
    one.holder.style.height = `${size.height}px`;
    one.chart = echarts.init(one.holder, null, { renderer: "canvas", ...size });
    // The figure has a label, and the numbers are in tables.
    one.holder.setAttribute("aria-hidden", "true");
  }
  one.chart.setOption(common(one.option(size.width, size.height)), true);
  if (isPrinting) flatten(one, size);
}

/// Paints a chart at once, since nothing waits for a frame when a page is printed, and replaces its layers by one canvas: of several,
/// Chromium may not print the lowest.
function flatten(one, { width, height, devicePixelRatio }) {
  one.chart.getZr().refreshImmediately();
  const canvas = Object.assign(document.createElement("canvas"), { width: width * devicePixelRatio, height: height * devicePixelRatio });
  canvas.style.cssText = `display:block;width:${width}px;height:${height}px`;
  const pen = canvas.getContext("2d");
  $$("canvas", one.holder).forEach((layer) => pen.drawImage(layer, 0, 0, canvas.width, canvas.height));
  dispose(one);
  one.holder.replaceChildren(canvas);
}

function dispose(one) {
  one.chart?.dispose();
  one.chart = null;
}

/// Large series without a point fail in ECharts 6.1, so empty series are dropped.
const common = (option) => ({ animation: false, textStyle: { fontFamily: FONT }, ...option, series: option.series.filter((one) => one.data.length > 0) });

function axis(extra) {
  const c = colours();
  return {
    type: "value", nameLocation: "middle", splitLine: { show: false },
    nameTextStyle: { color: c.text, fontSize: 12 },
    axisLine: { show: true, onZero: false, lineStyle: { color: c.soft, width: 1 } },
    axisTick: { show: true, length: 4, lineStyle: { color: c.soft } },
    ...extra,
    axisLabel: { color: c.soft, fontSize: 11, hideOverlap: true, ...extra.axisLabel },
  };
}
const tickAxis = (values, format, extra) => axis({
  min: extra.min, max: extra.max, ...extra,
  axisTick: { show: true, length: 4, customValues: values, lineStyle: { color: colours().soft } },
  axisLabel: { customValues: values, formatter: format, showMinLabel: true, showMaxLabel: true, ...extra.axisLabel },
});

/// A series of drawings in the coordinates of the chart: each item is a function of the frame and of `at(x, y)` in pixels.
function drawings(items, z = 5, clip = false) {
  return {
    type: "custom", silent: true, z, clip, data: items.map((_, k) => [k, 0]),
    renderItem: (parameters, api) => items[parameters.dataIndex](parameters.coordSys, (x, y) => api.coord([x, y])),
  };
}
const lineItem = (from, to, stroke, width = 1, dash = null) => (frame, at) => {
  const [x1, y1] = at(...from), [x2, y2] = at(...to);
  return { type: "line", shape: { x1, y1, x2, y2 }, style: { stroke, lineWidth: width, lineDash: dash } };
};
const textItem = (text, x, y, style) => ({ type: "text", x, y, style: { text, font: `11px ${FONT}`, ...style } });
const points = (xy, color, symbolSize, extra = {}) => ({ type: "scatter", silent: true, data: xy, dimensions: ["x", "y"], symbolSize, itemStyle: { color, opacity: 1 }, progressive: 0, ...extra });
const many = (xy, color, symbolSize) => points(xy, color, symbolSize, { large: true, largeThreshold: 0 });

/// The part of sorted pairs with x from `from` to `to`.
function within(xy, from, to) {
  const first = (limit) => {
    let low = 0, high = xy.length / 2;
    while (low < high) { const mid = (low + high) >> 1; if (xy[2 * mid] < limit) low = mid + 1; else high = mid; }
    return low;
  };
  return xy.subarray(2 * first(from), 2 * first(to));
}

// ---------- the SNPs of a trait ----------

const starts = head.chromosomes.map((one) => one[1]);
function chromosomeAt(x) {
  let k = starts.length - 1;
  while (k > 0 && starts[k] > x) k--;
  return k;
}

function load(trait, t) {
  const of = (name) => array(`t${t}.${name}`);
  const sorted = (values, y, counts, scale) => {
    // Series by the colour of the chromosome; of significant SNPs one more.
    const found = [[], [], []];
    let k = 0;
    counts.forEach((count, chromosome) => {
      for (const end = k + count; k < end; k++) {
        const height = y[k] * scale;
        found[height >= trait.hit ? 2 : chromosome % 2].push(starts[chromosome] + values[k], height);
      }
    });
    return found.map((one) => Float64Array.from(one));
  };
  const spread = positions(`t${t}.thin.position`, trait.thin, 2);
  let k = 0;
  trait.thin.forEach((count, chromosome) => { for (const end = k + count; k < end; k++) spread[k] *= head.chromosomes[chromosome][2] / 65535; });
  const kept = { y: of("kept.y"), bytes: of("kept.y") };
  const n = trait.kept.reduce((a, b) => a + b, 0);
  const y16 = Uint16Array.from({ length: n }, (_, i) => kept.bytes[i] + 256 * kept.bytes[n + i]);
  const top = { chromosome: of("top.chromosome"), position: of("top.position"), y: of("top.y"), beta: of("top.beta"), se: of("top.se"), af: of("top.af"), id: of("top.id"), alleles: of("top.alleles"), contig: of("top.contig") };
  top.n = top.y.length;
  const shift = of("top.shift");
  top.x = Float64Array.from(top.chromosome, (one, i) => starts[one] + top.position[i] + shift[i]);
  top.chr = (i) => top.contig[i] || head.chromosomes[top.chromosome[i]][0];
  const order = [...top.x.keys()].sort((a, b) => top.x[a] - top.x[b]);
  top.series = [0, 1, 2].map((wanted) => Float64Array.from(order.filter((i) => (top.y[i] >= trait.hit ? 2 : top.chromosome[i] % 2) === wanted).flatMap((i) => [top.x[i], top.y[i]])));
  top.order = order;
  top.sortedX = Float64Array.from(order, (i) => top.x[i]);
  return {
    thin: sorted(spread, of("thin.y"), trait.thin, trait.scale8),
    kept: sorted(positions(`t${t}.kept.position`, trait.kept, 4), y16, trait.kept, trait.scale16),
    top, largest: Math.max(top.n ? top.y[0] : 0, trait.hit),
  };
}
const traits = head.traits.map((trait, t) => Object.assign(trait, load(trait, t), { number: t }));

// ---------- Manhattan plots ----------

let view = [0, head.genome];
const tracks = [];

/// Linear up to 20 and compressed above it, if a SNP exceeds 25: continuous at 20.
function scale(largest) {
  if (largest <= 25) {
    const top = Math.max(largest * 1.1, 2);
    return { up: (y) => y, top, ticks: ticks(0, top, 5), isBroken: false };
  }
  const top = largest * 1.06, share = (20 * 0.24) / 0.76 / (top - 20);
  const up = (y) => (y <= 20 ? y : 20 + (y - 20) * share);
  const upper = ticks(20, top, 3).filter((y) => y > 20 + 0.12 * (top - 20));
  return { up, top: up(top), ticks: [0, 5, 10, 15, 20, ...upper], isBroken: true };
}
function lifted(xy, up) {
  const found = Float64Array.from(xy);
  for (let k = 1; k < found.length; k += 2) found[k] = up(found[k]);
  return found;
}

/// The labels of the x axis: chromosomes that have room, or positions within one.
function xAxis(width) {
  const [from, to] = view, perPixel = (to - from) / (width - 76);
  const k = chromosomeAt(from), [name, start, length] = head.chromosomes[k];
  if (to <= start + length * 1.02 && from >= start - length * 0.02 && (head.chromosomes.length === 1 || to - from <= length * 1.02)) {
    const values = ticks((from - start) / 1e6, (to - start) / 1e6, Math.max(3, Math.min(9, width / 110)));
    return { name: `Position on chromosome ${name} (Mb)`, values: values.map((mb) => start + mb * 1e6), format: (x) => String(+((x - start) / 1e6).toFixed(4)) };
  }
  const names = new Map();
  let free = -Infinity;
  for (const [label, at, size] of head.chromosomes) {
    const middle = (Math.max(at, from) + Math.min(at + size, to)) / 2;
    const half = (label.length * 3.4 + 3) * perPixel;
    if (at + size < from || at > to || middle - half < free || label.length > 14) continue;
    names.set(middle, label);
    free = middle + half;
  }
  return { name: "Chromosome", values: [...names.keys()], format: (x) => names.get(x) ?? names.get([...names.keys()].reduce((a, b) => (Math.abs(b - x) < Math.abs(a - x) ? b : a))), noTicks: true };
}

function manhattan(track, width, height) {
  const c = colours(), { trait, y } = track, [from, to] = view;
  const shown = (xy) => within(xy, from, to);
  const x = xAxis(width);
  const isSmall = trait.tested < 30000, zoomed = (to - from) / head.genome < 0.2;
  const dot = isSmall || zoomed ? 3.2 : 2.4, disc = isSmall || zoomed ? 4.6 : 3.4;
  const tints = [c.odd, c.even, c.hit];
  const series = [];
  tints.forEach((tint, k) => series.push(many(shown(track.thin[k]), tint, k === 2 ? 3.4 : dot)));
  tints.forEach((tint, k) => series.push(many(shown(track.kept[k]), tint, k === 2 ? 3.4 : dot)));
  tints.forEach((tint, k) => series.push(points(shown(track.top[k]), tint, k === 2 ? 5.4 : disc, { z: 3 + k })));
  const items = [];
  const rows = [];
  for (const [value, kind, label] of trait.lines) {
    if (value > track.largest * 1.1 && value !== trait.hit) continue;
    const stroke = kind === "hit" ? c.hit : kind === "suggestive" ? c.suggest : c.soft;
    const dash = kind === "hit" ? [6, 4] : kind === "suggestive" ? [2, 3] : [1, 4];
    items.push((frame, at) => {
      const [, level] = at(from, y.up(value));
      return { type: "line", shape: { x1: frame.x, x2: frame.x + frame.width, y1: level, y2: level }, style: { stroke, lineWidth: 1.1, lineDash: dash } };
    });
    if (width > 700) rows.push((frame, at) => [at(from, y.up(value))[1], label, stroke]);
  }
  // Names of the lines at the right end, pushed apart.
  items.push((frame, at) => {
    const placed = rows.map((row) => row(frame, at)).sort((a, b) => a[0] - b[0]);
    let free = frame.y - 4;
    const children = placed.map(([level, label, fill]) => {
      const at = Math.max(level, free + 6);
      free = at + 6;
      return textItem(label, frame.x + frame.width + 6, at, { fill, font: `10px ${FONT}`, verticalAlign: "middle" });
    });
    return { type: "group", children };
  });
  if (y.isBroken) items.push((frame, at) => {
    const [, level] = at(from, 20);
    const slant = (shift) => ({ type: "line", shape: { x1: frame.x - 5, y1: level + shift + 2.5, x2: frame.x + 5, y2: level + shift - 2.5 }, style: { stroke: c.soft, lineWidth: 1.2 } });
    return { type: "group", children: [{ type: "rect", shape: { x: frame.x - 2, y: level - 2, width: 4, height: 4 }, style: { fill: c.bg } }, slant(-2), slant(2)] };
  });
  items.push((frame, at) => {
    const children = [], taken = [];
    // Significant loci are named; without any, the suggestive ones.
    const least = trait.top.n && trait.top.y[0] >= trait.hit ? trait.hit : Math.min(trait.suggestive, trait.hit);
    const wanted = trait.loci.filter((i) => trait.top.x[i] >= from && trait.top.x[i] <= to && trait.top.y[i] >= least).slice(0, width > 700 ? 24 : 8);
    for (const i of wanted) {
      const [px, py] = at(trait.top.x[i], y.up(trait.top.y[i])), text = trait.top.id[i];
      const half = text.length * 2.95;
      const middle = Math.min(Math.max(px, frame.x + half + 2), frame.x + frame.width - half - 2);
      const box = [middle - half - 2, py - 19, middle + half + 2, py - 5];
      if (box[1] < frame.y - 12 || text.length > 24 || taken.some((o) => box[0] < o[2] && o[0] < box[2] && box[1] < o[3] && o[1] < box[3])) continue;
      // No label covers the point of a stronger locus.
      if (trait.loci.slice(0, 60).some((j) => { if (j === i) return false; const [qx, qy] = at(trait.top.x[j], y.up(trait.top.y[j])); return qx > box[0] - 2 && qx < box[2] + 2 && qy > box[1] - 2 && qy < box[3] + 2; })) continue;
      taken.push(box);
      children.push(textItem(text, middle, py - 7, { fill: c.text, align: "center", verticalAlign: "bottom", font: `10.5px ${FONT}`, stroke: c.bg, lineWidth: 2.5 }));
    }
    return { type: "group", children };
  });
  series.push(drawings(items, 8));
  return {
    grid: { left: 52, right: width > 700 ? 84 : 14, top: 22, bottom: 46 },
    xAxis: tickAxis(x.values, x.format, { min: from, max: to, name: x.name, nameGap: 27, ...(x.noTicks ? { axisLabel: { interval: 0 } } : {}) }),
    yAxis: tickAxis(y.ticks.map(y.up), (value) => String(y.ticks.reduce((a, b) => (Math.abs(y.up(b) - value) < Math.abs(y.up(a) - value) ? b : a))), { min: 0, max: y.top, name: "−log₁₀ p", nameGap: 32 }),
    series,
  };
}

function setView(from, to) {
  const least = 2000;
  if (to - from < least) { const middle = (from + to) / 2; from = middle - least / 2; to = middle + least / 2; }
  view = [Math.max(0, from), Math.min(head.genome, to)];
  tracks.forEach((track) => track.one.chart && draw(track.one));
  const menu = $("#chromosome-menu");
  const k = head.chromosomes.findIndex(([, start, length]) => view[0] === start && view[1] === start + length);
  if (menu) menu.value = k < 0 ? (view[0] === 0 && view[1] === head.genome ? "" : "-") : String(k);
  root.dataset.view = view.map(Math.round).join("-");
}
const showChromosome = (k) => { const [, start, length] = head.chromosomes[k]; setView(start, start + length); };

/// The SNP nearest to a pixel: kept SNPs win over thinned ones within 12 pixels.
function nearest(track, frame, px, py) {
  const [from, to] = view;
  const toX = (x) => frame.x + ((x - from) / (to - from)) * frame.width;
  const toY = (y) => frame.y + frame.height * (1 - track.y.up(y) / track.y.top);
  const reach = (12 / frame.width) * (to - from), centre = from + ((px - frame.x) / frame.width) * (to - from);
  let best = null, distance = 144;
  const sortedX = track.trait.top.sortedX;
  let low = 0, high = sortedX.length;
  while (low < high) { const mid = (low + high) >> 1; if (sortedX[mid] < centre - reach) low = mid + 1; else high = mid; }
  for (; low < sortedX.length && sortedX[low] <= centre + reach; low++) {
    const i = track.trait.top.order[low], d = (toX(sortedX[low]) - px) ** 2 + (toY(track.trait.top.y[i]) - py) ** 2;
    if (d < distance) { distance = d; best = { top: i, px: toX(sortedX[low]), py: toY(track.trait.top.y[i]) }; }
  }
  if (best) return best;
  [["kept", true], ["thin", false]].forEach(([kind, isExact]) => {
    if (best && best.isExact) return;
    for (const all of track.trait[kind]) {
      const near = within(all, centre - reach, centre + reach);
      for (let k = 0; k < near.length; k += 2) {
        const d = (toX(near[k]) - px) ** 2 + (toY(near[k + 1]) - py) ** 2;
        if (d < distance) { distance = d; best = { x: near[k], y: near[k + 1], isExact, px: toX(near[k]), py: toY(near[k + 1]) }; }
      }
    }
  });
  return best;
}

function describe(trait, found) {
  if (found.top === undefined) {
    const k = chromosomeAt(found.x), [name, start] = head.chromosomes[k], mb = ((found.x - start) / 1e6).toFixed(2);
    return found.isExact ? [`chr ${name}: ${number.format(Math.round(found.x - start))}`, `p ${pText(found.y)}`] : [`chr ${name}, about ${mb} Mb, p ≈ ${pText(found.y)}`];
  }
  const { top } = trait, i = found.top;
  const lines = [top.id[i], `chr ${top.chr(i)}: ${number.format(top.position[i])}${top.alleles[i] ? `, ${top.alleles[i]}` : ""}`, `p = ${pText(top.y[i])}`];
  if (Number.isFinite(top.beta[i])) lines.push(`β = ${short(top.beta[i])}${Number.isFinite(top.se[i]) ? ` ± ${short(top.se[i])}` : ""}`);
  if (Number.isFinite(top.af[i])) lines.push(`allele frequency ${top.af[i].toFixed(3)}`);
  return lines;
}

function hint(element, px, py, lines) {
  const tip = element.tip ??= element.appendChild(Object.assign(document.createElement("div"), { className: "tip" }));
  tip.replaceChildren(...lines.map((line, k) => Object.assign(document.createElement(k ? "div" : "strong"), { textContent: line })));
  tip.hidden = false;
  const left = px + 14 + tip.offsetWidth > element.clientWidth ? Math.max(0, px - 14 - tip.offsetWidth) : px + 14;
  tip.style.left = `${left}px`;
  tip.style.top = `${Math.max(0, Math.min(py - 10, element.clientHeight - tip.offsetHeight))}px`;
}
function unhint(element) {
  if (element.tip) element.tip.hidden = true;
  if (element.ring) element.ring.hidden = true;
}
function ring(element, px, py) {
  const one = element.ring ??= element.appendChild(Object.assign(document.createElement("div"), { className: "ring" }));
  one.hidden = false;
  one.style.left = `${px}px`;
  one.style.top = `${py}px`;
}
const frameOf = (one) => one.chart.getModel().getComponent("grid").coordinateSystem.getRect();

function addTrack(element) {
  const trait = traits[element.dataset.trait];
  const y = scale(trait.largest);
  const lift = (all) => all.map((xy) => lifted(xy, y.up));
  const track = { trait, y, largest: trait.largest, thin: lift(trait.thin), kept: lift(trait.kept), top: lift(trait.top.series), step: -1 };
  track.one = register(element, (width, height) => manhattan(track, width, height), [690, 250]);
  tracks.push(track);
  let begun = null, box = null;
  const place = (event) => { const r = element.getBoundingClientRect(); return [event.clientX - r.left, event.clientY - r.top]; };
  const position = (px) => { const frame = frameOf(track.one); return view[0] + (Math.min(Math.max(px - frame.x, 0), frame.width) / frame.width) * (view[1] - view[0]); };
  element.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    begun = place(event)[0];
    element.setPointerCapture(event.pointerId);
  });
  element.addEventListener("pointermove", (event) => {
    const [px, py] = place(event), frame = frameOf(track.one);
    if (begun !== null && Math.abs(px - begun) > 4) {
      unhint(element);
      box ??= element.appendChild(Object.assign(document.createElement("div"), { className: "drag" }));
      const clamp = (x) => Math.min(Math.max(x, frame.x), frame.x + frame.width);
      const [a, b] = [clamp(Math.min(px, begun)), clamp(Math.max(px, begun))];
      Object.assign(box.style, { left: `${a}px`, width: `${b - a}px`, top: `${frame.y}px`, height: `${frame.height}px` });
      return;
    }
    const found = nearest(track, frame, px, py);
    if (!found) return unhint(element);
    ring(element, found.px, found.py);
    hint(element, found.px, found.py, describe(trait, found));
  });
  element.addEventListener("pointerup", (event) => {
    const [px] = place(event);
    const from = begun;
    begun = null;
    box?.remove();
    box = null;
    if (from !== null && Math.abs(px - from) > 6) setView(...[position(from), position(px)].sort((a, b) => a - b));
  });
  element.addEventListener("pointerleave", () => unhint(element));
  element.addEventListener("dblclick", () => setView(0, head.genome));
  element.addEventListener("blur", () => unhint(element));
  element.addEventListener("keydown", (event) => {
    const { loci, top } = trait;
    if (event.key === "Escape") { setView(0, head.genome); unhint(element); return; }
    if (event.key === "Enter" && track.step >= 0) { showChromosome(top.chromosome[loci[track.step]]); return; }
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by || !loci.length) return;
    event.preventDefault();
    track.step = (track.step + by + loci.length) % loci.length;
    const i = loci[track.step];
    if (top.x[i] < view[0] || top.x[i] > view[1]) setView(0, head.genome);
    const frame = frameOf(track.one);
    const px = frame.x + ((top.x[i] - view[0]) / (view[1] - view[0])) * frame.width, py = frame.y + frame.height * (1 - y.up(top.y[i]) / y.top);
    ring(element, px, py);
    hint(element, px, py, describe(trait, { top: i }));
    $("#live").textContent = `Locus ${track.step + 1} of ${loci.length}: ${top.id[i]}, chromosome ${top.chr(i)}, position ${number.format(top.position[i])}, p ${pText(top.y[i])}`;
  });
}

// ---------- QQ plots ----------

function logGamma(x) {
  const c = [76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2, -0.5395239384953e-5];
  let sum = 1.000000000190015, y = x;
  for (const one of c) sum += one / ++y;
  const t = x + 5.5;
  return Math.log((2.5066282746310005 * sum) / x) - t + (x + 0.5) * Math.log(t);
}
function betaTail(x, a, b) {
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  if (x > (a + 1) / (a + b + 2)) return 1 - betaTail(1 - x, b, a);
  let c = 1, d = 1 / (1 - ((a + b) * x) / (a + 1)), h = d;
  for (let m = 1; m < 300; m++) {
    for (const k of [(m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)), (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))]) {
      d = 1 / (1 + k * d); c = 1 + k / c; h *= d * c;
    }
    if (Math.abs(d * c - 1) < 1e-9) break;
  }
  return (front * h) / a;
}
/// The 2.5 % and 97.5 % quantiles of the p-value of rank r among n independent uniform ones, Beta(r, n − r + 1).
function quantiles(r, n) {
  const mean = r / (n + 1), sd = Math.sqrt((mean * (1 - mean)) / (n + 2));
  if (r > 400) return [Math.max(mean - 1.96 * sd, 1e-300), Math.min(mean + 1.96 * sd, 1)];
  return [0.025, 0.975].map((wanted) => {
    let low = Math.log(mean) - 8, high = Math.min(0, Math.log(mean) + 4);
    for (let k = 0; k < 40; k++) { const mid = (low + high) / 2; if (betaTail(Math.min(Math.exp(mid), 1 - 1e-12), r, n - r + 1) < wanted) low = mid; else high = mid; }
    return Math.exp((low + high) / 2);
  });
}

function qq(trait, t, byFrequency) {
  const c = colours(), strata = byFrequency ? trait.qq.slice(1) : trait.qq.slice(0, 1);
  const n = trait.qq[0][1], widest = Math.log10(Math.max(n, 2)) + 0.3;
  const cap = Math.ceil(2 * widest);
  const largest = Math.min(cap, Math.max(widest, trait.top.n ? trait.top.y[0] : 0) * 1.05);
  const tints = byFrequency ? [c.hit, c.suggest, c.odd] : [c.odd];
  const items = [], series = [];
  const band = array(`t${t}.qq0.rank`).filter((r, k) => r <= 20 || k % 12 === 0);
  if (band.length > 1) {
    const ends = [...band].map((r) => [-Math.log10((r - 0.5) / n), ...quantiles(r, n).map((p) => -Math.log10(p))]);
    items.push((frame, at) => ({ type: "polygon", shape: { points: [...ends.map(([x, y]) => at(x, Math.min(y, largest))), ...ends.reverse().map(([x, , y]) => at(x, Math.min(y, largest)))] }, style: { fill: c.band } }));
    ends.reverse();
  }
  items.push(lineItem([0, 0], [Math.min(widest, largest), Math.min(widest, largest)], c.soft));
  series.push(drawings(items, 1, true));
  let isOver = false;
  strata.forEach(([, size], s) => {
    const k = byFrequency ? s + 1 : 0, ranks = array(`t${t}.qq${k}.rank`), observed = array(`t${t}.qq${k}.y`);
    const xy = new Float64Array(2 * ranks.length);
    ranks.forEach((r, i) => { xy[2 * i] = -Math.log10((r - 0.5) / size); xy[2 * i + 1] = observed[i] > largest ? NaN : observed[i]; isOver ||= observed[i] > largest; });
    series.push(points(xy, tints[s], 4, { z: 3, clip: false }));
  });
  series.push(drawings([(frame) => ({ type: "group", children: [
    ...(byFrequency ? strata.map(([label], s) => textItem(`● ${label}`, frame.x + 8, frame.y + 6 + 15 * s, { fill: tints[s] })) : trait.lambda ? [textItem(`λɢᴄ = ${trait.lambda}`, frame.x + 8, frame.y + 6, { fill: c.text, font: `12px ${FONT}` })] : []),
    ...(isOver ? [{ type: "polygon", shape: { points: [[-5, 0], [5, 0], [0, -8]].map(([a, b]) => [frame.x + frame.width - 8 + a, frame.y + b]) }, style: { fill: c.hit } }] : []),
  ] })], 6));
  return { grid: { left: 46, right: 14, top: 16, bottom: 44 }, xAxis: axis({ min: 0, max: +widest.toFixed(2), name: "Expected −log₁₀ p", nameGap: 26, axisLabel: { showMaxLabel: false } }), yAxis: axis({ min: 0, max: largest, name: "Observed −log₁₀ p", nameGap: 28, axisLabel: { showMaxLabel: false } }), series };
}

// ---------- small plots ----------

function histogram(of) {
  const c = colours(), { low, high, counts } = of, step = (high - low) / counts.length;
  const isLog = Boolean(of.log), largest = Math.max(...counts, 1);
  const height = (count) => (isLog ? Math.log10(Math.max(count, 0.5)) : count), base = isLog ? Math.log10(0.5) : 0;
  const items = counts.flatMap((count, k) => count ? [(frame, at) => {
    const [x1, y1] = at(low + k * step, height(count)), [x2, y2] = at(low + (k + 1) * step, base);
    return { type: "rect", shape: { x: x1 + 0.5, y: y1, width: Math.max(x2 - x1 - 1, 1), height: Math.max(y2 - y1, 0.5) }, style: { fill: c.odd } };
  }] : []);
  const xs = ticks(low, high, 5), ys = isLog ? ticks(0, Math.max(1, Math.ceil(Math.log10(largest))), 4).filter(Number.isInteger) : ticks(0, largest * 1.06, 4);
  const format = (y) => { const value = isLog ? Math.round(10 ** y) : y; return value >= 1e6 ? `${+(value / 1e6).toPrecision(3)}M` : value >= 1e4 ? `${+(value / 1e3).toPrecision(3)}k` : number.format(+value.toPrecision(6)); };
  return {
    grid: { left: 54, right: 16, top: 14, bottom: 44 },
    xAxis: tickAxis(xs, (x) => String(+(+x).toPrecision(6)).replace("-", "−"), { min: low, max: high, name: of.label, nameGap: 26 }),
    yAxis: tickAxis(ys, format, { min: base, max: isLog ? Math.max(1, Math.log10(largest) * 1.05) : largest * 1.06, name: of.unit, nameGap: 40 }),
    series: [drawings(items, 2)],
  };
}

function profile(trait, t) {
  const c = colours(), x = array(`t${t}.profile.pve`), y = array(`t${t}.profile.fall`), { best, lower, upper } = trait.profile;
  const lowest = -6;
  const xy = new Float64Array(2 * x.length);
  x.forEach((one, k) => { xy[2 * k] = one; xy[2 * k + 1] = Math.max(y[k], lowest * 1.5); });
  const items = [];
  if (Number.isFinite(lower)) items.push((frame, at) => { const [x1] = at(lower, 0), [x2] = at(upper, 0); return { type: "rect", shape: { x: x1, y: frame.y, width: Math.max(x2 - x1, 1), height: frame.height }, style: { fill: c.band } }; });
  items.push(lineItem([0, -1.92], [1, -1.92], c.soft, 1, [2, 3]), lineItem([best, lowest], [best, 0.4], c.hit, 1.2));
  return {
    grid: { left: 46, right: 16, top: 14, bottom: 44 },
    xAxis: axis({ min: 0, max: 1, name: "PVE", nameGap: 26 }),
    yAxis: axis({ min: lowest, max: 0.4, name: "Log-likelihood below the maximum", nameGap: 28, axisLabel: { formatter: (y) => (y > 0 ? "" : String(y).replace("-", "−")) } }),
    series: [drawings(items, 1, true), { type: "line", silent: true, data: xy, dimensions: ["x", "y"], showSymbol: false, lineStyle: { color: c.odd, width: 2 }, z: 3, clip: true }],
  };
}

function region(of, k) {
  const c = colours(), trait = traits[of.trait], { top } = trait;
  const x = array(`r${k}.position`), y = array(`r${k}.y`), r2 = array(`r${k}.r2`);
  const classes = [[], [], [], [], [], []];
  x.forEach((position, i) => {
    if (position === top.position[of.lead] && Math.abs(y[i] * 0.005 - top.y[of.lead]) < 0.01) return;
    // Class k begins at r² = 0.2 k: an edge belongs to the upper class.
    const kind = !of.ld || r2[i] === 255 ? 5 : Math.min(4, Math.floor(r2[i] / 50));
    classes[kind].push([position / 1e6, Math.min(y[i] * 0.005, trait.largest)]);
  });
  const largest = Math.max(top.y[of.lead], trait.hit) * 1.12, tints = [...c.r2, of.ld ? c.none : c.even];
  const lead = [top.position[of.lead] / 1e6, top.y[of.lead]];
  const items = [(frame, at) => { const [, level] = at(lead[0], trait.hit); return { type: "line", shape: { x1: frame.x, x2: frame.x + frame.width, y1: level, y2: level }, style: { stroke: c.hit, lineWidth: 1, lineDash: [6, 4] } }; }];
  return {
    grid: { left: 46, right: 14, top: 18, bottom: 44 },
    xAxis: axis({ min: of.start / 1e6, max: of.end / 1e6, name: `Position on chromosome ${of.name} (Mb)`, nameGap: 26, splitNumber: 6, axisLabel: { showMinLabel: false, showMaxLabel: false } }),
    yAxis: axis({ min: 0, max: largest, name: "−log₁₀ p", nameGap: 28, axisLabel: { showMaxLabel: false } }),
    series: [drawings(items, 1),
      ...[5, 0, 1, 2, 3, 4].map((kind, order) => points(classes[kind].flat(), tints[kind], kind === 5 ? 4 : 4 + kind * 0.8, { data: Float64Array.from(classes[kind].flat()), z: 2 + order, itemStyle: { color: tints[kind], opacity: 1, borderColor: c.bg, borderWidth: 0.4 } })),
      { type: "scatter", silent: true, data: [lead], symbol: "diamond", symbolSize: 13, z: 20, itemStyle: { color: c.lead, opacity: 1, borderColor: c.bg, borderWidth: 1 } },
      drawings([(frame, at) => { const [px, py] = at(...lead); const half = top.id[of.lead].length * 3; return textItem(top.id[of.lead], Math.min(Math.max(px, frame.x + half), frame.x + frame.width - half), py - 9, { fill: c.text, align: "center", verticalAlign: "bottom", stroke: c.bg, lineWidth: 3 }); }], 21)],
  };
}

function regionHints(one, of, k) {
  const trait = traits[of.trait], { element } = one, x = array(`r${k}.position`), y = array(`r${k}.y`), r2 = array(`r${k}.r2`);
  element.addEventListener("pointermove", (event) => {
    if (!one.chart) return;
    const r = element.getBoundingClientRect(), px = event.clientX - r.left, py = event.clientY - r.top, frame = frameOf(one);
    const largest = Math.max(trait.top.y[of.lead], trait.hit) * 1.12;
    const place = (position, height) => [frame.x + ((position - of.start) / (of.end - of.start)) * frame.width, frame.y + frame.height * (1 - height / largest)];
    let best = -1, distance = 144;
    x.forEach((position, i) => { const [a, b] = place(position, y[i] * 0.005), d = (a - px) ** 2 + (b - py) ** 2; if (d < distance) { distance = d; best = i; } });
    if (best < 0) return unhint(element);
    const [a, b] = place(x[best], y[best] * 0.005);
    const known = trait.top.order.find((i) => trait.top.chr(i) === of.name && trait.top.position[i] === x[best]);
    const lines = known === undefined ? [`chr ${of.name}: ${number.format(x[best])}`, `p ${pText(y[best] * 0.005)}`] : describe(trait, { top: known });
    if (of.ld && r2[best] !== 255) lines.push(`r² with ${trait.top.id[of.lead]}: ${(r2[best] / 250).toFixed(2)}`);
    ring(element, a, b);
    hint(element, a, b, lines);
  });
  element.addEventListener("pointerleave", () => unhint(element));
}

function heatmap(of, k) {
  const c = colours(), { size, limit } = of, values = array(`k${k}.mean`);
  const mix = (a, b, part) => [1, 3, 5].map((i) => Math.round(parseInt(a.slice(i, i + 2), 16) * (1 - part) + parseInt(b.slice(i, i + 2), 16) * part));
  const tint = (v) => mix(c.mid, v < 0 ? c.low : c.high, Math.min(1, Math.abs(v) / limit) ** 0.7);
  const zoom = Math.max(1, Math.ceil(600 / size)), image = document.createElement("canvas");
  image.width = image.height = size * zoom;
  const pen = image.getContext("2d"), bits = pen.createImageData(size * zoom, size * zoom);
  for (let a = 0; a < size; a++) for (let b = 0; b < size; b++) {
    const [red, green, blue] = tint(values[a * size + b]);
    for (let i = 0; i < zoom; i++) for (let j = 0; j < zoom; j++) bits.data.set([red, green, blue, 255], 4 * ((a * zoom + i) * size * zoom + b * zoom + j));
  }
  pen.putImageData(bits, 0, 0);
  return {
    grid: { left: 30, right: 76, top: 10, bottom: 34 },
    xAxis: axis({ min: 0, max: of.n, name: "Individuals", nameGap: 10, axisLabel: { show: false }, axisTick: { show: false } }),
    yAxis: axis({ min: 0, max: of.n, axisLabel: { show: false }, axisTick: { show: false } }),
    series: [drawings([(frame) => ({ type: "image", style: { image, x: frame.x, y: frame.y, width: frame.width, height: frame.height } }),
      (frame) => ({ type: "group", children: [
        ...Array.from({ length: 40 }, (_, i) => ({ type: "rect", shape: { x: frame.x + frame.width + 12, y: frame.y + (i * frame.height) / 40, width: 12, height: frame.height / 40 + 0.5 }, style: { fill: `rgb(${tint(limit * (1 - i / 19.5)).join(",")})` } })),
        ...[[limit, 0], [0, 0.5], [-limit, 1]].map(([value, part]) => textItem(short(value).replace(/\.?0+$/, "") || "0", frame.x + frame.width + 28, frame.y + part * frame.height, { fill: c.soft, font: `10px ${FONT}`, verticalAlign: ["top", "middle", "bottom"][part * 2] }))] })], 1)],
  };
}

function spectrum(of, k) {
  const c = colours(), values = array(`k${k}.eigenvalue`), ranks = array(`k${k}.rank`), xy = new Float64Array(2 * values.length);
  const least = Math.max(...values) * 1e-6;
  values.forEach((one, i) => { xy[2 * i] = ranks[i]; xy[2 * i + 1] = Math.log10(Math.max(one, least)); });
  const from = Math.floor(Math.min(...values.map((one) => Math.log10(Math.max(one, least))))), to = Math.ceil(Math.log10(Math.max(...values)) + 0.01);
  const ys = ticks(from, to, 4).filter(Number.isInteger);
  return {
    grid: { left: 54, right: 18, top: 14, bottom: 44 },
    xAxis: axis({ min: 0, max: of.n, name: "Rank", nameGap: 26, splitNumber: 4 }),
    yAxis: tickAxis(ys, (y) => (y >= -3 && y <= 4 ? String(+(10 ** y).toPrecision(2)) : `10${y < 0 ? "⁻" : ""}${[...String(Math.abs(y))].map((d) => SUPERSCRIPT[d]).join("")}`), { min: from, max: to, name: "Eigenvalue", nameGap: 40 }),
    series: [points(xy, c.odd, 3.4)],
  };
}

// ---------- the page ----------

root.classList.add("js");
$$(".manhattan").forEach(addTrack);
$$("[data-chart]").forEach((element) => {
  const k = Number(element.dataset.of), size = element.classList.contains("region") ? [338, 215] : [222, 215];
  const kinds = {
    qq: () => register(element, () => qq(traits[k], k, element.dataset.strata === "1"), size),
    phenotype: () => register(element, () => histogram(traits[k].phenotype), size),
    af: () => register(element, () => histogram(traits[k].frequency), size),
    missing: () => register(element, () => histogram(traits[k].missing), size),
    profile: () => register(element, () => profile(traits[k], k), size),
    region: () => { const one = register(element, () => region(head.regions[k], k), size, true); regionHints(one, head.regions[k], k); },
    kinship: () => register(element, () => heatmap(head.kinships[k], k), size, true),
    offdiagonal: () => register(element, () => histogram(head.kinships[k].pairs), size, true),
    spectrum: () => register(element, () => spectrum(head.kinships[k], k), size, true),
  };
  kinds[element.dataset.chart]?.();
});

tracks.forEach((track) => draw(track.one));
const rest = charts.filter((one) => !one.chart && !one.lazy);
const seen = new IntersectionObserver((entries) => entries.forEach((entry) => {
  if (!entry.isIntersecting) return;
  seen.unobserve(entry.target);
  const one = charts.find((other) => other.element === entry.target);
  if (!one.chart) draw(one);
}), { rootMargin: "400px" });
charts.filter((one) => one.lazy).forEach((one) => seen.observe(one.element));
await new Promise((resolve) => setTimeout(resolve));
rest.forEach(draw);

const redraw = () => charts.forEach((one) => { if (one.chart) { dispose(one); draw(one); } });
let waiting = 0, width = innerWidth;
addEventListener("resize", () => { if (innerWidth === width) return; width = innerWidth; clearTimeout(waiting); waiting = setTimeout(redraw, 120); });
wantsDark.addEventListener("change", redraw);
addEventListener("beforeprint", () => { isPrinting = true; charts.forEach((one) => { dispose(one); draw(one); }); });
addEventListener("afterprint", () => { isPrinting = false; charts.forEach((one) => { dispose(one); draw(one); }); });
$("#theme")?.addEventListener("click", () => { root.dataset.theme = colours() === dark ? "light" : "dark"; redraw(); });
$("#reset")?.addEventListener("click", () => setView(0, head.genome));
$("#chromosome-menu")?.addEventListener("change", (event) => { if (event.target.value === "") setView(0, head.genome); else if (event.target.value !== "-") showChromosome(Number(event.target.value)); });
$$("[data-qq]").forEach((button) => button.addEventListener("click", () => {
  $$("[data-qq]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
  charts.filter((one) => one.element.dataset.chart === "qq").forEach((one) => { one.element.dataset.strata = button.dataset.qq; draw(one); });
}));

function save(name, type, content) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
$("#save-svg")?.addEventListener("click", () => tracks.forEach((track) => {
  const svg = echarts.init(null, null, { renderer: "svg", ssr: true, width: 1180, height: 380 });
  svg.setOption(common({ ...manhattan(track, 1180, 380), backgroundColor: colours().bg }));
  save(`${head.name}${tracks.length > 1 ? `.${track.trait.name}` : ""}.manhattan.svg`, "image/svg+xml", svg.renderToSVGString());
  svg.dispose();
}));

// ---------- the table of loci ----------

const table = $("#loci-table");
if (table) {
  const body = table.tBodies[0], rows = [...body.rows];
  $$("thead button", table).forEach((button) => button.addEventListener("click", () => {
    const cell = button.closest("th"), isUp = cell.getAttribute("aria-sort") !== "ascending", column = cell.cellIndex;
    $$("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
    cell.setAttribute("aria-sort", isUp ? "ascending" : "descending");
    const key = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent;
    const compare = (a, b) => { const [x, y] = [key(a), key(b)]; const d = x - y; return Number.isNaN(d) ? x.localeCompare(y, "en", { numeric: true }) : d; };
    body.append(...[...body.rows].sort((a, b) => (isUp ? 1 : -1) * compare(a, b)));
  }));
  $("#search")?.addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      left += !row.hidden;
    }
    $("#found").textContent = words.length ? `${left} of ${rows.length} loci` : "";
  });
  $("#save-tsv")?.addEventListener("click", () => {
    const line = (row) => [...row.cells].map((cell) => (cell.dataset.t ?? cell.textContent).replace(/[\t\n]/g, " ").trim()).join("\t");
    save(`${head.name}.loci.tsv`, "text/tab-separated-values", `${[...table.tHead.rows, ...body.rows].filter((row) => !row.hidden).map(line).join("\n")}\n`);
  });
}
root.dataset.ready = "1";
})();
