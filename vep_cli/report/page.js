"use strict";
// Sorting and filtering of tables that are all there without this script. Text of the scored file is only
// read here (textContent), never written as HTML.
(() => {
  const few = 20;
  const filter = document.getElementById("filter");
  if (!filter) return;
  const text = document.getElementById("filter-text");
  const chosen = document.getElementById("filter-scorer");
  const strength = document.getElementById("filter-strength");
  const found = document.getElementById("filter-found");

  const sections = [...document.querySelectorAll("section[data-scorer]")].map((section) => {
    const body = section.querySelector("table.scores tbody");
    const rows = [...body.rows].map((row, place) => ({
      row,
      place,
      text: row.textContent.toLowerCase() + " " +
        [...row.cells].map((cell) => cell.title.toLowerCase()).join(" "),
      strength: Math.abs(Number(row.dataset.score)),
    }));
    const more = document.createElement("button");
    more.type = "button";
    more.className = "more";
    section.append(more);
    return { section, body, rows, more, all: false };
  });

  function number(count) {
    return count.toLocaleString("en-US");
  }

  function show() {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const least = Math.abs(Number(strength.value)) || 0;
    const isFiltered = words.length > 0 || least > 0;
    let matches = 0, total = 0;
    for (const one of sections) {
      const isChosen = chosen.value === "" || chosen.value === one.section.dataset.scorer;
      const matching = one.rows.filter((row) =>
        row.strength >= least && words.every((word) => row.text.includes(word)));
      one.section.hidden = !isChosen || (isFiltered && matching.length === 0);
      for (const row of one.rows) row.row.hidden = true;
      for (const row of one.all ? matching : matching.slice(0, few)) row.row.hidden = false;
      one.more.hidden = matching.length <= few;
      one.more.textContent = one.all ? `Show the first ${few}` : `Show all ${number(matching.length)}`;
      one.more.setAttribute("aria-expanded", String(one.all));
      if (isChosen) {
        matches += matching.length;
        total += one.rows.length;
      }
    }
    found.textContent = isFiltered ? `${number(matches)} of ${number(total)} rows` : `${number(total)} rows`;
  }

  function compare(one, other) {
    if (typeof one === "number" && typeof other === "number") return one - other;
    return String(one).localeCompare(String(other), "en", { numeric: true });
  }

  function sort(one, column, direction) {
    const key = ({ row }) => {
      const cell = row.cells[column];
      if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
      return cell.textContent === "" ? null : cell.textContent;
    };
    const sign = direction === "descending" ? -1 : 1;
    one.rows.sort((left, right) => {
      if (direction === "none") return left.place - right.place;
      const [first, second] = [key(left), key(right)];
      // What is empty comes last, whichever way the others go.
      if (first === null || second === null) return (first === null) - (second === null) || left.place - right.place;
      return sign * compare(first, second) || left.place - right.place;
    });
    one.body.append(...one.rows.map(({ row }) => row));
  }

  for (const one of sections) {
    const heads = [...one.section.querySelectorAll("table.scores thead th")];
    heads.forEach((head, column) => {
      const order = head.classList.contains("number")
        ? ["descending", "ascending", "none"] : ["ascending", "descending", "none"];
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const next = order[(order.indexOf(head.getAttribute("aria-sort")) + 1) % order.length];
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", next);
        sort(one, column, next);
        show();
      });
    });
    one.more.addEventListener("click", () => {
      one.all = !one.all;
      show();
    });
  }
  for (const input of [text, chosen, strength]) input.addEventListener("input", show);
  // A link to a section that the filter hides leads there all the same.
  for (const link of document.querySelectorAll('a[href^="#scorer-"]')) {
    link.addEventListener("click", () => {
      text.value = strength.value = chosen.value = "";
      show();
    });
  }
  filter.hidden = false;
  show();
})();
