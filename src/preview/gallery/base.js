// Shows one sample at a time. What is shown of a message is read from its HTML as a browser understands it.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const frame = $("frame");
const LISTED = 200;
const TAG = /\ue000([^\ue001]*)\ue001/g;

/** An element with these properties and children. */
function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A text that is stored as runs of shared pieces: start, count, start, count. */
function text(runs) {
  let out = "";
  for (let i = 0; i < runs.length; i += 2) out += data.pool.slice(runs[i], runs[i] + runs[i + 1]).join("");
  return out;
}

/** A sentence whose `code` is set as such. */
const coded = (text) => text.split(/`([^`]+)`/).map((part, index) => (index % 2 ? make("code", {}, part) : part));

const parse = (html) => new DOMParser().parseFromString(html, "text/html");
const number = (n) => n.toLocaleString("en");
const kilobytes = (bytes) => (bytes / 1024).toFixed(1) + " KB";
const plural = (n, one) => number(n) + " " + one + (n === 1 ? "" : "s");

// What is chosen outlives a reload of the page.
const KEY = "mailshot " + location.pathname;
// As wide as there is room for, its desk's own edges taken off.
const width = ["800", "600"].find((width) => width <= $("message").clientWidth - 34) ?? "375";
const state = { stem: "", width, colours: "light", pictures: "on", scroll: 0, height: 600 };
try { Object.assign(state, JSON.parse(sessionStorage.getItem(KEY))); } catch { /* Nothing is remembered where that is forbidden. */ }
function remember() {
  try { sessionStorage.setItem(KEY, JSON.stringify(state)); } catch { /* As above. */ }
}
// A subscriber's number is another when rows were added before; the address is not.
const address = (stem) => stem.slice(stem.indexOf("-"));
let sample = data.samples.find((sample) => sample.stem === state.stem) ?? data.samples.find((sample) => address(sample.stem) === address(state.stem)) ?? data.samples[0];
