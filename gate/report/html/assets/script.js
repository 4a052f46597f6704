// SPDX-License-Identifier: Apache-2.0
// Searches, filters and turns the pages of the lists. It writes text nodes only, and links to the web only.
"use strict";
(() => {
  const firstRef = 1, lastRef = 8;
  const kinds = {text: "", code: "code", level: "span"};
  const wholeWord = 20; // characters
  const levels = ["critical", "high", "unknown", "medium", "low", "negligible"];

  function list(root) {
    const source = document.getElementById(root.id + "-data");
    const data = JSON.parse(source.textContent);
    source.remove();
    const {columns, texts, cells} = data;
    const visible = columns.map((_, i) => i).filter(i => columns[i].kind !== "hidden");
    const search = root.querySelector("input[type=search]");
    const filters = [...root.querySelectorAll("select")];
    const status = root.querySelector(".status");
    const body = root.querySelector("tbody");
    const [first, back, on] = root.querySelectorAll(".pager button");
    let lower = null;   // the texts in small letters, made at the first search
    let rows = null;    // the numbers of the rows that match; null: all
    let page = 0;

    const count = () => rows === null ? data.rows : rows.length;
    const at = n => rows === null ? n : rows[n];
    const number = n => n.toLocaleString("en");

    // full is the text of a cell, with what it refers to in its row.
    function full(col, row) {
      const text = texts[cells[col][row]];
      let out = "", plain = true;
      for (const c of text) {
        const to = c.charCodeAt(0) - firstRef;
        if (to >= 0 && to <= lastRef - firstRef && to < columns.length && to !== col) {
          out += texts[cells[to][row]];
          plain = false;
        } else {
          out += c;
        }
      }
      return plain ? text : out;
    }

    function cell(col, row) {
      const column = columns[col], text = full(col, row);
      let inner = document.createTextNode(text);
      if (kinds[column.kind]) {
        const box = document.createElement(kinds[column.kind]);
        if (column.kind === "code" && text.length <= wholeWord) box.className = "whole"; // a version is read as one word
        if (column.kind === "level") box.className = "level-" + (levels.includes(text) ? text : "other");
        box.append(inner);
        inner = box;
      }
      const address = column.link >= 0 ? full(column.link, row) : "";
      if (/^https?:\/\//.test(address)) {
        const a = document.createElement("a");
        a.href = address;
        a.rel = "noopener noreferrer";
        a.append(inner);
        inner = a;
      }
      return inner;
    }

    function show() {
      const n = count(), from = page * data.page, to = Math.min(n, from + data.page);
      const part = document.createDocumentFragment();
      for (let i = from; i < to; i++) {
        const tr = document.createElement("tr");
        visible.forEach((col, k) => {
          const td = document.createElement(k === 0 ? "th" : "td");
          if (k === 0) td.scope = "row";
          td.append(cell(col, at(i)));
          tr.append(td);
        });
        part.append(tr);
      }
      body.replaceChildren(part);
      const of = rows === null ? "" : " (of " + number(data.rows) + ")";
      status.textContent = n === 0 ? "No " + data.noun + " found" + of
        : n <= data.page ? number(n) + " " + data.noun + of
        : number(from + 1) + " to " + number(to) + " of " + number(n) + " " + data.noun + of;
      first.disabled = back.disabled = page === 0;
      on.disabled = to >= n;
    }

    // select finds the rows in which each word stands somewhere and each filter holds.
    function select() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      const chosen = filters.filter(f => f.value !== "").map(f => [cells[Number(f.dataset.column)], Number(f.value)]);
      page = 0;
      if (words.length === 0 && chosen.length === 0) {
        rows = null;
        show();
        return;
      }
      lower = lower || texts.map(t => t.toLowerCase());
      const hits = words.map(w => lower.map(t => t.includes(w)));
      rows = [];
      for (let r = 0; r < data.rows; r++) {
        if (chosen.every(([column, value]) => column[r] === value) && hits.every(hit => visible.some(col => hit[cells[col][r]]))) rows.push(r);
      }
      show();
    }

    function fill(filter) {
      const values = new Set(cells[Number(filter.dataset.column)]);
      const label = root.querySelector("label[for='" + filter.id + "']");
      if (values.size < 2 || values.size > 200) {
        filter.remove();
        label.remove();
        return;
      }
      [...values].map(v => [texts[v], v]).sort((a, b) => levels.indexOf(a[0]) - levels.indexOf(b[0]) || (a[0] < b[0] ? -1 : 1)).forEach(([text, v]) => {
        const o = document.createElement("option");
        o.value = String(v);
        o.textContent = text === "" ? "(none)" : text;
        filter.append(o);
      });
      filter.addEventListener("change", select);
    }

    filters.forEach(fill);
    let waiting = 0;
    search.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(select, 80);
    });
    const turn = to => () => { page = to(page); show(); };
    first.addEventListener("click", turn(() => 0));
    back.addEventListener("click", turn(p => Math.max(0, p - 1)));
    on.addEventListener("click", turn(p => p + 1));
    if (data.rows > 10) root.querySelector(".tools").hidden = false;
    if (data.rows > data.page) root.querySelector(".pager").hidden = false;
    show();
  }

  document.querySelectorAll(".grid").forEach(list);

  // What is folded is printed too, and folded again behind it.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach(d => { d.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach(d => { d.open = false; }));
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
})();
