// The list of subscribers.

function choice(one) {
  const input = make("input", { type: "radio", name: "sample", value: one.stem, checked: one === sample });
  const name = make("b", { dir: "auto" }, one.name);
  const why = one.why.map((why) => make("em", { dir: "auto" }, why));
  return make("label", { className: "choice" }, input, make("span", {}, name, make("i", {}, one.email), ...why));
}

function list(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (sample) => {
    const all = [sample.name, sample.email, ...sample.why].join(" ").toLowerCase();
    return wanted.every((word) => all.includes(word));
  };
  const found = data.samples.filter(matches);
  const groups = [
    ["Worth a look", found.filter((sample) => sample.why.length)],
    [data.samples.some((sample) => sample.why.length) ? "From the whole list" : "Subscribers", found.filter((sample) => !sample.why.length)],
  ];
  $("choices").replaceChildren(...groups.filter(([, samples]) => samples.length).map(([title, samples]) =>
    make("fieldset", {}, make("legend", {}, title), ...samples.slice(0, LISTED).map(choice))));
  const hidden = groups.reduce((sum, [, samples]) => sum + Math.max(0, samples.length - LISTED), 0);
  const more = [];
  if (!found.length) more.push("Nobody shown here matches.");
  if (hidden) more.push(number(hidden) + " more: find them by name, address or reason.");
  if (data.left_out) more.push(plural(data.left_out, "sample") + " had no room on this page; their files lie beside it.");
  $("more").textContent = more.join(" ");
}
