// Shows the values under the mouse: a line through the nearest point, and a box with each line's value there.
"use strict";
const tip = document.getElementById("tip");

for (const svg of document.querySelectorAll("svg[data-lines]")) {
  const lines = JSON.parse(svg.dataset.lines);
  const cursor = svg.querySelector(".cursor");
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);

  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect();
    const at = (event.clientX - box.left) * width / box.width;
    const nearest = lines.filter(line => line.p.length > 0).map(line => ({
      line,
      point: line.p.reduce((best, point) => Math.abs(point[0] - at) < Math.abs(best[0] - at) ? point : best),
    }));
    if (nearest.length === 0) return;
    const x = nearest.reduce((best, next) =>
      Math.abs(next.point[0] - at) < Math.abs(best.point[0] - at) ? next : best).point;
    for (const [name, value] of [["x1", x[0]], ["x2", x[0]], ["y1", 14], ["y2", height - 42]]) cursor.setAttribute(name, value);
    cursor.removeAttribute("hidden");

    tip.replaceChildren();
    const head = document.createElement("strong");
    head.textContent = svg.dataset.x + " " + x[2];
    tip.append(head);
    for (const { line, point } of nearest) {
      const row = document.createElement("div");
      row.className = "c" + line.c;
      const unit = svg.dataset.unit === "%" ? " %" : "";
      row.textContent = line.n + " " + point[3] + unit + (point[2] === x[2] ? "" : " (" + svg.dataset.x + " " + point[2] + ")");
      tip.append(row);
    }
    tip.hidden = false;
    const right = event.clientX + 16 + tip.offsetWidth > innerWidth;
    tip.style.left = (right ? event.clientX - 16 - tip.offsetWidth : event.clientX + 16) + "px";
    tip.style.top = Math.min(event.clientY + 12, innerHeight - tip.offsetHeight - 8) + "px";
  });
  svg.addEventListener("pointerleave", () => { tip.hidden = true; cursor.setAttribute("hidden", ""); });
}
