// The page: sends a text, shows what the model says of it. Texts become text nodes, never HTML.

const HUES = { positive: 150, negative: 25, neutral: 80, conflict: 320 };
const $ = (id) => document.getElementById(id);

let roles = {};

/** The hue of a label: a fixed one for polarities, else one that follows from its name. */
function hueOf(label) {
  if (label in HUES) return HUES[label];
  let hash = 0;
  for (const letter of label) hash = (hash * 31 + letter.codePointAt(0)) % 3600;
  return 190 + (hash % 120);
}

/** An element with a class and content. */
function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

/** A label with its score. */
function chip(task, { label, score }) {
  const made = element("span", "label", label, element("small", "", `${Math.round(100 * score)}%`));
  made.title = `${task}: ${label}, ${score}`;
  made.dir = "ltr";
  made.dataset.task = task;
  made.style.setProperty("--hue", hueOf(label));
  return made;
}

/** The label that gives a span its colour. */
function colouring(span) {
  const labels = span.labels;
  return labels[roles.polarity] ?? labels[roles.target] ?? Object.values(labels)[0];
}

/** A text with its spans marked, cut wherever one begins or ends: spans may overlap. */
function marked(text, spans) {
  const letters = [...text]; // offsets count code points, as in Python
  const places = spans.flatMap(({ start, end }) => [start, end]);
  const cuts = [...new Set([0, ...places, letters.length])].sort((a, b) => a - b);
  const parts = [];
  for (let n = 0; n + 1 < cuts.length; n += 1) {
    const [start, end] = [cuts[n], cuts[n + 1]];
    const piece = letters.slice(start, end).join("");
    const over = spans.filter((span) => span.start <= start && end <= span.end);
    if (!over.length) {
      parts.push(piece);
      continue;
    }
    const mark = element("mark", "", piece);
    mark.style.setProperty("--hue", hueOf(colouring(over[0]).label));
    mark.title = over.map((span) => span.text).join(" / ");
    parts.push(mark);
    for (const span of over) {
      if (span.end === end) parts.push(element("sup", "", String(span.number)));
    }
  }
  return parts;
}

/** A line that says all of a span. */
function told(span) {
  const piece = span.number
    ? element("bdi", "piece", span.text)
    : element("span", "piece whole", "النص كله");
  const chips = Object.entries(span.labels).map(([task, label]) => chip(task, label));
  return element("li", "", element("span", "number", String(span.number || "")), piece, ...chips);
}

function show({ text, spans, labels }) {
  const pieces = spans.filter((span) => span.start < span.end);
  pieces.forEach((span, n) => { span.number = n + 1; });
  $("sentence").dir = "auto";
  $("sentence").replaceChildren(...marked(text, pieces));
  const chips = Object.entries(labels).flatMap(([task, all]) => all.map((one) => chip(task, one)));
  $("labels").replaceChildren(...chips.map((each) => element("li", "", each)));
  $("spans").replaceChildren(...spans.map(told));
  $("result").hidden = false;
}

function refuse({ rule, found, expected }) {
  $("error").dir = "ltr";
  $("error").textContent = `${rule}: ${found} (${expected})`;
  $("error").hidden = false;
}

async function annotate(text) {
  $("error").hidden = true;
  $("button").disabled = true;
  try {
    const response = await fetch("annotate", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ texts: [text.toWellFormed?.() ?? text] }),
    });
    const answer = await response.json();
    if (response.ok) show(answer.annotations[0]);
    else refuse(answer.error);
  } catch (error) {
    refuse({ rule: "the service answers", found: error.message, expected: "is it running?" });
  } finally {
    $("button").disabled = false;
  }
}

$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  annotate($("text").value);
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("form").requestSubmit();
});

const health = await (await fetch("health")).json();
roles = health.roles;
$("model").textContent = `${health.model}: ${health.tasks.join(", ")}`;
document.title = `${health.model} – arabic_mtl`;
const asked = new URLSearchParams(location.search).get("text");
if (asked) {
  $("text").value = asked;
  await annotate(asked);
}
