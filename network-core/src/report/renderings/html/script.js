// Shows the numbers under the pointer. The page is complete without it.
"use strict";
(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const words = (text) => (text ? text.split(" ") : []);

  // Points of a path of M and L with absolute coordinates.
  const pointsOf = (path) => {
    const numbers = path.getAttribute("d").replaceAll("h0", "").match(/-?[\d.]+/g) || [];
    const points = [];
    for (let i = 0; i + 1 < numbers.length; i += 2) points.push([+numbers[i], +numbers[i + 1]]);
    return points;
  };

  const prepare = (plot) => {
    const items = [...plot.querySelectorAll("[data-n]")].map((node) => ({
      node,
      name: node.dataset.n,
      values: words(node.dataset.v),
      points: node.tagName === "path" ? pointsOf(node) : null,
    }));
    return { kind: plot.dataset.kind, x: words(plot.dataset.x), xName: plot.dataset.xName || "", unit: plot.dataset.unit || "", items };
  };

  const show = (event, lines) => {
    tip.replaceChildren(...lines.map((text, index) => {
      const line = document.createElement(index ? "span" : "b");
      line.textContent = text;
      return line;
    }));
    tip.hidden = false;
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(Math.max(4, event.clientX + 14), innerWidth - width - 4);
    const above = event.clientY - height - 12;
    tip.style.left = `${left}px`;
    tip.style.top = `${above < 4 ? event.clientY + 18 : above}px`;
  };

  document.querySelectorAll(".plot[data-kind]").forEach((plot) => {
    let data = null;
    let lit = null;
    const light = (node) => {
      if (lit) lit.classList.remove("lit");
      if (node) node.classList.add("lit");
      lit = node;
    };
    const hide = () => { tip.hidden = true; light(null); };
    plot.addEventListener("pointermove", (event) => {
      data ??= prepare(plot);
      const box = plot.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width;
      const y = (event.clientY - box.top) / box.height;
      if (x < 0 || x > 1 || y < 0 || y > 1 || !data.items.length) return hide();
      if (data.kind === "lines") {
        let best = null;
        for (const item of data.items) {
          item.points.forEach(([px, py], index) => {
            const dx = (px / 1000 - x) * box.width;
            const dy = (py / 1000 - y) * box.height;
            const distance = Math.abs(dx) * 4 + Math.abs(dy);
            if (!best || distance < best.distance) best = { distance, item, index, px };
          });
        }
        if (!best) return hide();
        // Points without a number are not in the path: the column is found by its place.
        const { item } = best;
        const full = item.points.length === data.x.length;
        const column = full ? best.index : null;
        const label = column === null ? "" : `${data.xName} ${data.x[column] ?? ""}`.trim();
        const lines = data.items.length <= 3 && full
          ? data.items.filter((other) => other.points.length === data.x.length).map((other) => `${other.name}: ${other.values[best.index]}`)
          : [`${item.name}: ${item.values[best.index]}`];
        light(data.items.length > 3 ? item.node : null);
        return show(event, label ? [label, ...lines] : lines);
      }
      const column = Math.min(data.x.length - 1, Math.floor(x * data.x.length));
      if (data.kind === "cells") {
        const row = data.items[Math.min(data.items.length - 1, Math.floor(y * data.items.length))];
        return show(event, [row.name, `${data.xName} ${data.x[column]}`, `${row.values[column]} ${data.unit}`]);
      }
      const lines = data.items.map((item) => [item.name, item.values[column]]).filter(([, value]) => value !== "-");
      show(event, [data.x[column], ...lines.map(([name, value]) => `${name} ${value}`)]);
    });
    plot.addEventListener("pointerleave", hide);
  });
})();
