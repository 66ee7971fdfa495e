// A page beside its text. Every text goes in as text, never as HTML.
const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 0.35; // of a line's height, around its crop
const root = element.querySelector(".reading");
const sheet = element.querySelector(".reading-sheet");
const list = element.querySelector(".reading-lines");
let view = null;
let image = null;

function make(tag, facts = {}, text = null) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(facts)) node.setAttribute(name, value);
  if (text !== null) node.textContent = text;
  return node;
}

function shape(tag, facts) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(facts)) node.setAttribute(name, value);
  return node;
}

function percent(share) {
  return typeof share === "number" ? `${Math.round(share * 100)} %` : "";
}

function overlay() {
  const svg = shape("svg", { viewBox: `0 0 ${view.width} ${view.height}` });
  view.lines.forEach((line, number) => {
    const outline = shape("polygon", { points: line.outline, "data-line": number });
    svg.append(outline);
    for (const word of line.doubtful) {
      const [x0, y0, x1, y1] = word.box;
      const facts = { x: x0, y: y0, width: Math.max(x1 - x0, 1), height: Math.max(y1 - y0, 1) };
      svg.append(shape("rect", { ...facts, class: "doubtful", "data-line": number }));
    }
  });
  return svg;
}

function fit(box) {
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
}

function crop(line, canvas) {
  const [x0, y0, x1, y1] = line.box;
  const room = (y1 - y0) * MARGIN;
  const left = Math.max(0, x0 - room), top = Math.max(0, y0 - room);
  const width = Math.min(view.width, x1 + room) - left;
  const height = Math.min(view.height, y1 + room) - top;
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  canvas.getContext("2d").drawImage(
    image, left, top, width, height, 0, 0, canvas.width, canvas.height);
}

function mark(row) {
  const line = view.lines[Number(row.dataset.line)];
  const text = row.querySelector("textarea").value;
  row.classList.toggle("changed", text !== line.read);
}

function suggestions(row, line) {
  const box = make("div", { class: "doubts" });
  for (const word of line.doubtful) {
    const group = make("span", { class: "doubt" });
    group.append(make("b", {}, word.text));
    for (const other of word.others) {
      const button = make("button", { type: "button", title: `write ${other}` }, other);
      button.addEventListener("click", () => {
        const area = row.querySelector("textarea");
        const words = area.value.split(" ");
        const at = words.indexOf(word.text);
        if (at < 0) return;
        words[at] = other;
        area.value = words.join(" ");
        fit(area);
        mark(row);
      });
      group.append(button);
    }
    box.append(group);
  }
  return box;
}

function lineRow(line, number) {
  const row = make("li", { "data-line": number });
  const head = make("div", { class: "line-head" });
  head.append(make("span", { class: "line-number" }, String(number + 1)));
  const area = make("textarea", { rows: 1, spellcheck: "false", autocomplete: "off",
                                  "aria-label": `Text of line ${number + 1}` });
  area.value = line.text;
  area.readOnly = Boolean(view.busy);
  const sure = make("span", { class: "line-confidence", title: "expected share of right characters" },
                    percent(line.confidence));
  const back = make("button", { type: "button", class: "line-back", title: "as it was read" }, "↺");
  head.append(area, back, sure);
  row.append(make("canvas", { "aria-hidden": "true" }), head);
  if (line.doubtful.length) row.append(suggestions(row, line));
  area.addEventListener("focus", () => select(number, false));
  area.addEventListener("input", () => { fit(area); mark(row); });
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const next = row.nextElementSibling;
    if (next) next.querySelector("textarea").focus();
  });
  back.addEventListener("click", () => { area.value = line.read; fit(area); mark(row); area.focus(); });
  return row;
}

function select(number, focus) {
  for (const node of element.querySelectorAll("[data-line].selected")) {
    node.classList.remove("selected");
  }
  for (const node of element.querySelectorAll(`[data-line="${number}"]`)) {
    node.classList.add("selected");
  }
  const row = list.children[number];
  if (!row) return;
  crop(view.lines[number], row.querySelector("canvas"));
  if (focus) row.querySelector("textarea").focus({ preventScroll: true });
  if (focus) row.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

function title() {
  const lines = view.lines.length === 1 ? "1 line" : `${view.lines.length} lines`;
  const page = view.pages > 1 ? `Page ${view.page + 1} of ${view.pages}, ` : "";
  const sure = percent(view.confidence);
  return page + lines + (sure ? `, about ${sure} of the characters right` : "");
}

function build() {
  view = props.value && props.value.lines ? props.value : null;
  root.hidden = !view;
  sheet.replaceChildren();
  list.replaceChildren();
  if (!view) return;
  image = make("img", { alt: "The page with its lines outlined", src: view.picture });
  image.width = view.width;
  image.height = view.height;
  sheet.append(image, overlay());
  view.lines.forEach((line, number) => list.append(lineRow(line, number)));
  element.querySelector(".reading-title").textContent =
    view.lines.length ? title() : "No writing was found on this page";
  element.querySelector(".reading-legend").hidden = !view.lines.some((l) => l.doubtful.length);
  for (const row of list.children) { fit(row.querySelector("textarea")); mark(row); }
  if (view.lines.length) image.decode().then(() => select(0, false)).catch(() => {});
}

sheet.addEventListener("click", (event) => {
  const target = event.target.closest("[data-line]");
  if (target) select(Number(target.dataset.line), true);
});
element.querySelector('[data-do="copy"]').addEventListener("click", async (event) => {
  const button = event.currentTarget;
  const texts = [...list.querySelectorAll("textarea")].map((area) => area.value).join("\n");
  try {
    await navigator.clipboard.writeText(texts);
    button.textContent = "Copied";
  } catch (error) {
    button.textContent = "Not allowed here";
  }
  setTimeout(() => { button.textContent = "Copy text"; }, 1500);
});

// What the server is told before it turns the page, writes a file or saves.
window.handwritingEdits = () => view && !view.busy
  ? JSON.stringify({ page: view.page,
                     texts: [...list.querySelectorAll("textarea")].map((area) => area.value) })
  : "";
watch("value", build);
build();
