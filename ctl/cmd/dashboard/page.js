// SPDX-License-Identifier: GPL-2.0-or-later
// Asks the API every second and shows what it says. Text goes into the page as text, never as markup.
"use strict";

const INTERVAL_MS = 1000, TIMEOUT_MS = 8000;
const POINTS = 180, SOURCES_ASKED = 100, SOURCES_SHOWN = 15;
const KINDS = ["passed", "watched", "dropped"];

const byId = id => document.getElementById(id);

function setText(element, text) {
	if (element.textContent !== text)
		element.textContent = text;
}

function make(parent, tag, className) {
	const element = document.createElement(tag);

	if (className)
		element.className = className;
	return parent.appendChild(element);
}

function units(value) {
	const letters = ["", "k", "M", "G", "T"];
	let i = 0;

	while (value >= 1000 && i < letters.length - 1) {
		value /= 1000;
		i++;
	}
	return (i && value < 100 ? parseFloat(value.toFixed(value < 10 ? 2 : 1)) : Math.round(value)) + letters[i];
}

function rateText(value) {
	return value === undefined ? "–" : value && value < 10 ? value.toFixed(1) : units(value);
}

function untilText(until) {
	const seconds = Math.round((Date.parse(until) - Date.now()) / 1000);

	if (until === null)
		return "–";
	if (until === "forever")
		return until;
	if (seconds < 60)
		return `in ${Math.max(seconds, 0)}s`;
	if (seconds < 3600)
		return `in ${Math.floor(seconds / 60)}m ${seconds % 60}s`;
	return seconds < 172800 ? `in ${Math.floor(seconds / 3600)}h` : `in ${Math.floor(seconds / 86400)}d`;
}

async function ask(path, options) {
	const answer = await fetch(path, {...options, signal: AbortSignal.timeout(TIMEOUT_MS)});
	const body = await answer.json();

	if (!answer.ok)
		throw new Error(body.error);
	return body;
}

/* What a count grew by in a second since it was last given. A count that shrank was reset. */
class Rates {
	last = new Map();

	take(counts, time) {
		const rates = new Map(), next = new Map();

		for (const [key, count] of counts) {
			const before = this.last.get(key);

			next.set(key, {count, time});
			if (before && count >= before.count && time > before.time)
				rates.set(key, (count - before.count) * 1000 / (time - before.time));
		}
		this.last = next;
		return rates;
	}
}

/* Rows stay the same elements while their key does, so that a button is not taken from under the pointer. */
function fill(id, items, keyOf, cellsOf) {
	const body = byId(id).tBodies[0];
	const old = new Map(Array.from(body.rows, row => [row.dataset.key, row]));

	items.forEach((item, index) => {
		const key = keyOf(item), cells = cellsOf(item);
		let row = old.get(key);

		old.delete(key);
		if (!row) {
			row = document.createElement("tr");
			row.dataset.key = key;
			cells.forEach(() => make(row, "td"));
		}
		if (body.rows[index] !== row)
			body.insertBefore(row, body.rows[index] || null);
		cells.forEach((cell, i) => showCell(row.cells[i], cell));
	});
	old.forEach(row => row.remove());
}

/* A cell: [text, class], or [show, class] with a function that shows it. */
function showCell(element, [content, className]) {
	element.className = className || "";
	if (typeof content === "function")
		content(element);
	else
		setText(element, content);
}

/* `kind` colours what is not nothing. */
function countCell(count, kind, className) {
	return [units(count), ["number", className, count ? kind : ""].join(" ")];
}

function bar(share, kind) {
	return element => {
		const line = element.firstChild || make(element, "i");

		line.className = kind;
		line.style.width = `${100 * share}%`;
	};
}

/* The chart, in its own units. */
const CHART = {left: 76, top: 12, right: 956, bottom: 228};
const points = [];

function svg(parent, tag, attributes) {
	const element = document.createElementNS("http://www.w3.org/2000/svg", tag);

	for (const [name, value] of Object.entries(attributes))
		element.setAttribute(name, value);
	return parent.appendChild(element);
}

function roundStep(value) {
	const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));

	return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find(step => value <= step * power) * power;
}

const xOf = index => CHART.right - (points.length - 1 - index) * (CHART.right - CHART.left) / (POINTS - 1);

function drawGrid(chart, top) {
	for (let i = 0; i <= 4; i++) {
		const y = CHART.bottom - (CHART.bottom - CHART.top) * i / 4;

		svg(chart, "path", {class: "grid", d: `M${CHART.left} ${y}H${CHART.right}`});
		svg(chart, "text", {x: CHART.left - 8, y: y + 4, "text-anchor": "end"}).textContent = units(top * i / 4);
	}
	for (let i = 0; i <= 3; i++)
		svg(chart, "text", {
			x: CHART.left + (CHART.right - CHART.left) * i / 3, y: 252,
			"text-anchor": ["start", "middle", "middle", "end"][i],
		}).textContent = i === 3 ? "now" : `−${Math.round(POINTS * INTERVAL_MS / 1000 * (3 - i) / 3)}s`;
}

/* Stacked: every kind from the top of the ones before to its own. */
function drawAreas(chart, top) {
	const yOf = value => (CHART.bottom - (CHART.bottom - CHART.top) * value / top).toFixed(1);
	let floors = points.map(() => 0);

	for (const kind of KINDS) {
		const tops = points.map((point, i) => floors[i] + point[kind]);
		const there = tops.map((value, i) => `${xOf(i).toFixed(1)},${yOf(value)}`);
		const back = floors.map((value, i) => `${xOf(i).toFixed(1)},${yOf(value)}`).reverse();

		svg(chart, "path", {class: kind, d: `M${there.concat(back).join("L")}Z`});
		floors = tops;
	}
}

function drawChart() {
	const chart = byId("chart");
	const most = Math.max(1, ...points.map(p => p.passed + p.watched + p.dropped));
	const top = 4 * roundStep(most / 4);

	chart.replaceChildren();
	drawGrid(chart, top);
	if (points.length > 1)
		drawAreas(chart, top);
}

function showReading(event) {
	const box = byId("chart").getBoundingClientRect();
	const x = (event.clientX - box.left) * 960 / box.width;
	const index = points.findIndex((point, i) => xOf(i) >= x);
	const point = points[index];

	setText(byId("reading"), point ? `${points.length - 1 - index}s ago: ${rateText(point.passed)} passed, ` +
		`${rateText(point.dropped)} dropped` : "");
}

const verdictRates = new Rates(), sourceRates = new Rates(), ruleRates = new Rates();
let hasControl = false;

function showFigures(status, time) {
	const verdicts = new Map(status.verdicts.map(v => [v.verdict, v.packets]));
	const rates = verdictRates.take(verdicts, time);
	const watched = rates.get("would_drop") || 0;

	setText(byId("passed-rate"), rateText(rates.get("passed")));
	setText(byId("dropped-rate"), rateText(rates.get("dropped")));
	setText(byId("watched-rate"), rateText(rates.get("would_drop")));
	byId("watched-figure").hidden = !verdicts.get("would_drop");
	setText(byId("dropped-total"), units(verdicts.get("dropped")));
	setText(byId("sources-total"), units(status.table.sources));
	setText(byId("sources-room"), `sources of ${units(status.table.capacity)}`);
	setText(byId("blocks-total"), units(status.table.blocks));
	if (rates.has("passed") && rates.has("dropped")) {
		points.push({passed: rates.get("passed") - watched, watched, dropped: rates.get("dropped")});
		points.splice(0, points.length - POINTS);
		drawChart();
	}
}

function showState(status) {
	const isAttached = status.interfaces.length && status.interfaces.every(i => i.state.startsWith("attached"));
	const isUnknown = status.interfaces.some(i => i.state === "cannot be read");

	setText(byId("policy"), status.policy === null ? "no policy is in force" :
		`${status.policy}, applied ${new Date(status.applied).toLocaleString()}`);
	setText(byId("state"), isAttached ? "attached" : isUnknown ? "running" : "NOT ATTACHED");
	byId("state").className = isAttached ? "good" : isUnknown ? "" : "bad";
	fill("interfaces", status.interfaces, i => i.name, i => [
		[i.name], [i.state, i.state.startsWith("attached") ? "good" : "bad"], [i.mode || "–"],
	]);
	setText(byId("admission"), status.admission.held ?
		`${units(status.admission.held)} packets of new sources were held back while forged ones flooded in.` : "");
}

function showReasons(status) {
	const dropReasons = new Set(["malformed", "blocked", "rule-drop", "over-rate", "over-bandwidth", "default-drop"]);
	const most = Math.max(1, ...status.reasons.map(r => r.packets + r.would_drop));

	fill("reasons", status.reasons, r => r.reason, r => {
		const kind = !dropReasons.has(r.reason) ? "passed" : r.packets ? "dropped" : "watched";

		return [[r.reason], [units(r.packets + r.would_drop), "number"],
			[bar((r.packets + r.would_drop) / most, kind), "bar"]];
	});
}

function controlCell(source) {
	return element => {
		const button = element.firstChild || make(element, "button");

		setText(button, source.blocked_until === null ? "block" : "unblock");
		button.onclick = () => change(source.blocked_until === null ? "block" : "unblock", source.address);
	};
}

/* Those that lose packets now come first, then those that lost most. */
function showSources(sources, time) {
	const lost = s => s.dropped + s.would_drop;
	const rates = sourceRates.take(sources.map(s => [s.address, lost(s)]), time);
	const now = s => rates.get(s.address) || 0;
	const shown = sources.filter(lost).sort((a, b) => now(b) - now(a) || lost(b) - lost(a)).slice(0, SOURCES_SHOWN);

	fill("sources", shown, s => s.address, s => [
		[s.address], [rateText(rates.get(s.address)), "number"], countCell(s.dropped, "dropped"),
		countCell(s.would_drop, "watched", "wide"), countCell(s.passed, ""), [s.rule || "–", "wide"],
		[untilText(s.blocked_until)], ...(hasControl ? [[controlCell(s), "control"]] : []),
	]);
	byId("no-sources").hidden = shown.length > 0;
}

function showRules(rules, time) {
	const rates = ruleRates.take(rules.map(r => [r.name, r.hits]), time);

	fill("rules", rules, r => r.name, r => [
		[r.name], [rateText(rates.get(r.name)), "number"], countCell(r.dropped, "dropped"),
		countCell(r.would_drop, "watched", "wide"), countCell(r.passed, ""), [r.words, "words"],
	]);
	byId("no-rules").hidden = rules.length > 0;
}

function showTrouble(error) {
	setText(byId("trouble"), error ? error.message : "");
	byId("trouble").hidden = !error;
	if (error) {
		setText(byId("state"), "no reading");
		byId("state").className = "bad";
	}
}

async function look() {
	const [status, sources, rules] = await Promise.all([
		ask("/api/status"), ask(`/api/sources?sort=drops&top=${SOURCES_ASKED}`), ask("/api/rules"),
	]);
	const time = performance.now();

	showTrouble(null);
	showState(status);
	showFigures(status, time);
	showReasons(status);
	showSources(sources.sources, time);
	showRules(rules.rules, time);
}

/* The token stays in the page: whoever reloads it types it again. */
async function change(verb, prefix) {
	const wish = {prefix};
	const duration = byId("duration").value.trim();

	if (verb === "block" && duration)
		wish.for = duration;
	setText(byId("done"), `${verb}ing ${prefix}`);
	try {
		await ask(`/api/${verb}`, {
			method: "POST",
			headers: {"Authorization": `Bearer ${byId("token").value}`, "Content-Type": "application/json"},
			body: JSON.stringify(wish),
		});
		setText(byId("done"), `${verb}ed ${prefix}`);
	} catch (error) {
		setText(byId("done"), `${prefix}: ${error.message}`);
	}
}

function offerControl() {
	hasControl = true;
	document.querySelectorAll(".control").forEach(element => { element.hidden = false; });
	byId("control").onsubmit = event => {
		event.preventDefault();
		change("block", byId("prefix").value.trim());
	};
	byId("unblock").onclick = () => change("unblock", byId("prefix").value.trim());
}

async function run() {
	if (!document.hidden)
		await look().catch(showTrouble);
	setTimeout(run, INTERVAL_MS);
}

byId("chart").onpointermove = showReading;
byId("chart").onpointerleave = () => setText(byId("reading"), "");
drawChart();
ask("/api/server").then(server => { if (server.control) offerControl(); }).catch(showTrouble).finally(run);
