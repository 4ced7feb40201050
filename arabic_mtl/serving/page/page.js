// The demo page: annotates a text and shows the result. Texts become text nodes, never HTML.

const HUES = { positive: 150, negative: 25, neutral: 80, conflict: 320 };
const $ = (id) => document.getElementById(id);

let roles = {};

/** Returns the hue of a label: fixed for polarities, a hash of the name for other labels. */
function hueOf(label) {
  if (label in HUES) return HUES[label];
  let hash = 0;
  for (const letter of label) hash = (hash * 31 + letter.codePointAt(0)) % 3600;
  return 190 + (hash % 120);
}

/** Returns an element with a class and content. */
function element(name, className, ...content) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...content);
  return node;
}

/** Returns the element of a label with its score. */
function chip(task, { label, score }) {
  const node = element("span", "label", label, element("small", "", `${Math.round(100 * score)}%`));
  node.title = `${task}: ${label}, ${score}`;
  node.dir = "ltr";
  node.dataset.task = task;
  node.style.setProperty("--hue", hueOf(label));
  return node;
}

/** Returns the label that determines the colour of a span. */
function colourLabel(span) {
  const labels = span.labels;
  return labels[roles.polarity] ?? labels[roles.target] ?? Object.values(labels)[0];
}

/** Returns a text with marked spans, cut at the start and end of each span: spans may overlap. */
function highlight(text, spans) {
  const letters = [...text]; // offsets count code points, as in Python
  const offsets = spans.flatMap(({ start, end }) => [start, end]);
  const cuts = [...new Set([0, ...offsets, letters.length])].sort((a, b) => a - b);
  const parts = [];
  for (let n = 0; n + 1 < cuts.length; n += 1) {
    const [start, end] = [cuts[n], cuts[n + 1]];
    const segment = letters.slice(start, end).join("");
    const covering = spans.filter((span) => span.start <= start && end <= span.end);
    if (!covering.length) {
      parts.push(segment);
      continue;
    }
    const mark = element("mark", "", segment);
    mark.style.setProperty("--hue", hueOf(colourLabel(covering[0]).label));
    mark.title = covering.map((span) => span.text).join(" / ");
    parts.push(mark);
    for (const span of covering) {
      if (span.end === end) parts.push(element("sup", "", String(span.number)));
    }
  }
  return parts;
}

/** Returns the list item of a span, with its text and its labels. */
function spanItem(span) {
  const target = span.number
    ? element("bdi", "target", span.text)
    : element("span", "target whole", "النص كله");
  const chips = Object.entries(span.labels).map(([task, label]) => chip(task, label));
  return element("li", "", element("span", "number", String(span.number || "")), target, ...chips);
}

/** Shows the annotation of a text. */
function show({ text, spans, labels }) {
  const named = spans.filter((span) => span.start < span.end); // the others are NULL
  named.forEach((span, n) => { span.number = n + 1; });
  $("sentence").dir = "auto";
  $("sentence").replaceChildren(...highlight(text, named));
  const chips = Object.entries(labels).flatMap(([task, all]) => all.map((one) => chip(task, one)));
  $("labels").replaceChildren(...chips.map((node) => element("li", "", node)));
  $("spans").replaceChildren(...spans.map(spanItem));
  $("result").hidden = false;
}

/** Shows an error. */
function showError({ rule, found, expected }) {
  $("error").dir = "ltr";
  $("error").textContent = `${rule}: ${found} (${expected})`;
  $("error").hidden = false;
}

/** Returns the content of a field as the service accepts it, without halves of characters. */
function content(id) {
  const text = $(id).value;
  return text.toWellFormed?.() ?? text;
}

/** Sends the text, or the pair of texts, to the service, and shows its annotation or the error. */
async function annotate() {
  $("error").hidden = true;
  $("button").disabled = true;
  try {
    const input = $("pair").value ? [content("text"), content("pair")] : content("text");
    const response = await fetch("annotate", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ texts: [input] }),
    });
    const answer = await response.json();
    if (response.ok) show(answer.annotations[0]);
    else showError(answer.error);
  } catch (error) {
    const rule = "the service must be reachable";
    showError({ rule, found: error.message, expected: "is it running?" });
  } finally {
    $("button").disabled = false;
  }
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  annotate();
});
$("form").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("form").requestSubmit();
});

const health = await (await fetch("health")).json();
roles = health.roles;
$("model").textContent = `${health.model}: ${health.tasks.join(", ")}`;
document.title = `${health.model} – arabic_mtl`;
$("pair").hidden = $("pair").labels[0].hidden = !health.reads_pairs;
$("pair").required = !health.reads_texts;
const initial = new URLSearchParams(location.search);
for (const id of ["text", "pair"]) $(id).value = initial.get(id) ?? "";
if ($("text").value) await annotate();
