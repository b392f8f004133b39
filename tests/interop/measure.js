// Measures the messages that stand in the frames of this page, as a reader's eye would, and leaves the result as
// JSON in an output element called "found": one entry a frame. See layout.rs for what is expected.
"use strict";

// [red, green, blue, opacity]
function colour(text) {
  const numbers = text.match(/[\d.]+/g).map(Number);
  return numbers.length === 3 ? [...numbers, 1] : numbers;
}

// A colour over an opaque one.
function over(top, below) {
  return [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
}

// WCAG 2, relative luminance and contrast ratio.
function luminance(rgb) {
  const [r, g, b] = rgb.slice(0, 3).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function measure(frame) {
  const view = frame.contentWindow;
  const document = frame.contentDocument;
  const root = document.documentElement;
  const style = (element) => view.getComputedStyle(element);
  const all = [...document.body.querySelectorAll("*")];
  const box = (element) => {
    const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
    return { left, right, top, bottom, width, height };
  };
  const shown = (element) => {
    const { width, height } = box(element);
    return width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  };
  const named = (element) => {
    const text = (element.textContent || element.alt || "").trim().replace(/\s+/g, " ").slice(0, 50);
    return `<${element.localName}${element.className ? ` class="${element.className}"` : ""}> ${text}`;
  };
  // The nearest box that scrolls sideways by itself; a wide table may do so.
  const scroller = (element) => {
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
      if (["auto", "scroll"].includes(style(at).overflowX)) return at;
    }
    return null;
  };
  const background = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(colour(style(at).backgroundColor));
    const dark = view.matchMedia("(prefers-color-scheme: dark)").matches;
    return layers.reverse().reduce((below, top) => over(top, below), dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
  };

  const width = root.clientWidth;
  const beyond = all.filter((element) => shown(element) && !scroller(element))
    .filter((element) => box(element).right > width + 0.5 || box(element).left < -0.5);

  const faint = [];
  const colours = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.replace(/[\s\u034f\u200a\u200c\u00a0]+/g, " ").trim();
    const element = walker.currentNode.parentElement;
    if (!text || !shown(element)) continue;
    const { color, fontSize, fontWeight } = style(element);
    const behind = background(element);
    const ratio = contrast(over(colour(color), behind), behind);
    const size = parseFloat(fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
    colours.add(behind.slice(0, 3).map(Math.round).join(","));
    if (ratio < (large ? 3 : 4.5)) faint.push(`${ratio.toFixed(2)}:1 ${named(element)}`);
  }

  const text = (element) => {
    const range = document.createRange();
    range.selectNodeContents(element);
    const lines = [...range.getClientRects()].filter((rect) => rect.width > 0);
    const { fontSize, lineHeight, fontWeight } = style(element);
    return {
      name: named(element),
      left: Math.min(...lines.map((line) => line.left)),
      right: Math.max(...lines.map((line) => line.right)),
      lines: Math.round(box(element).height / parseFloat(lineHeight)),
      font_px: parseFloat(fontSize),
      line_px: parseFloat(lineHeight),
      weight: Number(fontWeight),
    };
  };
  const select = (selector) => all.filter((element) => element.matches(selector) && shown(element));

  return {
    width,
    content_width: Math.max(root.scrollWidth, document.body.scrollWidth),
    dark: view.matchMedia("(prefers-color-scheme: dark)").matches,
    lang: root.lang,
    direction: style(document.body).direction,
    beyond: beyond.map(named),
    faint,
    backgrounds: [...colours],
    pictures: all.filter((element) => element.localName === "img").map((element) => ({
      name: named(element),
      alt: element.getAttribute("alt"),
      loaded: element.complete && element.naturalWidth > 0,
      ...box(element),
    })),
    buttons: select(".button a").map((element) => ({ name: named(element), ...box(element) })),
    cards: select(".card").map((element) => ({ name: named(element), ...box(element) })),
    paragraphs: select(".prose p").filter((element) => !element.closest(".card, .inset")).map(text),
    titles: select(".items h3").map(text),
    headings: [1, 2, 3].map((level) => select(`h${level}`).length),
    unnamed_tables: all.filter((element) => element.localName === "table" && !element.closest(".prose")
      && element.getAttribute("role") !== "presentation").length,
  };
}

addEventListener("load", () => {
  const result = [...document.querySelectorAll("iframe")].map((frame) => ({ id: frame.id, ...measure(frame) }));
  const output = document.createElement("output");
  output.id = "found";
  output.textContent = encodeURIComponent(JSON.stringify(result));
  document.body.append(output);
});
