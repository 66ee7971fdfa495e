// A drawing pad: strokes of one thick black pen, undo, clear; mouse, touch and pen.
const canvas = element.querySelector("canvas");
const pen = canvas.getContext("2d");
const hint = element.querySelector(".pad-hint");
const PEN_WIDTH = 38; // of 560: about what a pen leaves in MNIST's 28 pixels
const SENT_SIDE = 280;
const PAUSE = 90; // milliseconds after a stroke
const LIVE = 300; // and while one is drawn
let strokes = [];
let current = null;
let timer = null;

function place(event) {
  const box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}

function draw() {
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.strokeStyle = pen.fillStyle = "#000";
  pen.lineWidth = PEN_WIDTH;
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of strokes) {
    pen.beginPath();
    pen.moveTo(...stroke[0]);
    for (const point of stroke) pen.lineTo(...point);
    pen.stroke();
  }
  hint.hidden = strokes.length > 0;
  for (const button of element.querySelectorAll("button")) button.disabled = !strokes.length;
}

function announce(wait) {
  if (timer !== null) return;
  timer = setTimeout(() => {
    timer = null;
    trigger("stroke");
  }, wait);
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button > 0 || current) return;
  event.preventDefault();
  try { canvas.setPointerCapture(event.pointerId); } catch (error) { /* the pointer is gone */ }
  current = { id: event.pointerId, points: [place(event)] };
  strokes.push(current.points);
  draw();
});
canvas.addEventListener("pointermove", (event) => {
  if (!current || event.pointerId !== current.id) return;
  const moves = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
  for (const move of moves.length ? moves : [event]) current.points.push(place(move));
  draw();
  announce(LIVE);
});
for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, (event) => {
    if (!current || event.pointerId !== current.id) return;
    current = null;
    clearTimeout(timer);
    timer = null;
    announce(PAUSE);
  });
}

const actions = {
  undo: () => { strokes.pop(); announce(0); },
  clear: () => { strokes = []; trigger("clear"); },
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (!button) return;
  actions[button.dataset.do]();
  draw();
});

// What the server is sent: a small PNG, or nothing for an empty pad.
window.handwritingDrawing = () => {
  if (!strokes.length) return "";
  const small = document.createElement("canvas");
  small.width = small.height = SENT_SIDE;
  const context = small.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(canvas, 0, 0, SENT_SIDE, SENT_SIDE);
  return small.toDataURL("image/png");
};
draw();
