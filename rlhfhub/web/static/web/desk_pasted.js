/* Counts how much of an answer's text was pasted or dropped: the hidden field `data-pasted` gets it in percent of all
   characters that the text has when it is sent. Each text field has a string with one mark a character, "1" if it was
   pasted. The server gets the percentage alone; the draft in this browser keeps the marks beside its text. */
(function () {
  "use strict";
  var PASTES = ["insertFromPaste", "insertFromPasteAsQuotation", "insertFromDrop", "insertFromYank"];
  var HISTORY = ["historyUndo", "historyRedo"];
  var STEPS = 500;
  var known = new WeakMap(); // For each text field: its value, its marks, and the marks of the newest STEPS values.
  var selected = null; // Where the text that is about to be pasted goes.
  var moved = { value: "", marks: "" }; // What was last cut, copied or dragged from a text field here.

  function form() { return document.querySelector("[data-lease-form]"); }
  function field() { return form() && form().querySelector("[data-pasted]"); }
  function texts() { return Array.from(form().querySelectorAll("textarea")); }
  function isText(target) { return Boolean(known.has(target) && target.closest("[data-lease-form]")); }

  /* Mark the texts of a new item: as this browser's draft of the same text did. Another draft says only how much was
     pasted, so that share of the characters is marked, evenly spread. */
  function start() {
    if (!field()) { return; }
    var draft = rlhfhub.kept.get(rlhfhub.drafts.key());
    var share = Number(field().value) / 100;
    texts().forEach(function (text) {
      var isSame = draft && draft.marks && draft.fields[text.name] === text.value;
      set(text, (isSame && draft.marks[text.name]) || spread(share, text.value.length), new Map());
    });
  }

  function spread(share, length) {
    return Array.from({ length: length }, function (_, at) {
      return Math.round((at + 1) * share) > Math.round(at * share) ? "1" : "0";
    }).join("");
  }

  /* Keep the marks of the field's present value. */
  function set(text, marks, steps) {
    steps.delete(text.value);
    steps.set(text.value, marks);
    if (steps.size > STEPS) { steps.delete(steps.keys().next().value); }
    known.set(text, { value: text.value, marks: marks, steps: steps });
  }

  /* Return the marks of all text fields by name. */
  function marks() {
    var found = {};
    texts().forEach(function (text) { if (known.has(text)) { found[text.name] = known.get(text).marks; } });
    return found;
  }

  /* Return how many characters two texts have in common at their beginning, and behind that at their end. */
  function common(before, now) {
    var most = Math.min(before.length, now.length);
    var first = 0;
    while (first < most && before[first] === now[first]) { first += 1; }
    var last = 0;
    while (last < most - first && before[before.length - 1 - last] === now[now.length - 1 - last]) { last += 1; }
    return { first: first, last: last };
  }

  /* Return the marks of an inserted text. Text that was only moved keeps its own. */
  function marksOf(inserted, isPasted) {
    if (!isPasted) { return "0".repeat(inserted.length); }
    return inserted === moved.value ? moved.marks : "1".repeat(inserted.length);
  }

  function update(text, type) {
    var before = known.get(text);
    var now = text.value;
    if (HISTORY.indexOf(type) >= 0 && before.steps.has(now)) { set(text, before.steps.get(now), before.steps); return; }
    var kept = selected || common(before.value, now);
    var end = before.value.length - kept.last;
    if (type === "deleteByDrag") { moved = { value: before.value.slice(kept.first, end), marks: before.marks.slice(kept.first, end) }; }
    var inserted = now.slice(kept.first, now.length - kept.last);
    var marks = marksOf(inserted, PASTES.indexOf(type) >= 0);
    set(text, before.marks.slice(0, kept.first) + marks + before.marks.slice(end), before.steps);
  }

  function show() {
    var marks = texts().map(function (text) { return known.get(text).marks; }).join("");
    var pasted = marks.split("1").length - 1;
    field().value = marks ? Math.round(100 * pasted / marks.length) : "";
  }

  document.addEventListener("beforeinput", function (event) {
    var text = event.target;
    // A paste may replace a selection by the same text, which comparing the values would not show.
    var isPaste = event.inputType === "insertFromPaste" && isText(text);
    selected = isPaste ? { first: text.selectionStart, last: text.value.length - text.selectionEnd } : null;
  }, true);

  // Before others read the field, such as the script that saves drafts.
  document.addEventListener("input", function (event) {
    if (!isText(event.target)) { return; }
    update(event.target, event.inputType);
    selected = null;
    show();
  }, true);

  function remember(event) {
    var text = event.target;
    if (!isText(text)) { return; }
    moved = { value: text.value.slice(text.selectionStart, text.selectionEnd), marks: known.get(text).marks.slice(text.selectionStart, text.selectionEnd) };
  }
  document.addEventListener("copy", remember, true);
  document.addEventListener("cut", remember, true);

  window.rlhfhub.pasted = { start: start, marks: marks };
})();
