/* Answers questions of any kind by keyboard. A kind's template describes its fields with data attributes:
   data-row       on a group of radio buttons, of which the person chooses one
   data-keys      on a radio button: the keys that choose it while its row is the current row
   data-words     inside its label: the text that says what the choice means
   data-missing   on a row or a text field: the message to show when it is required and empty
   data-title     on a row or a text field: the title of its question, for that message
   The current row is the row with the focus, or else the first row without a choice. */
(function () {
  "use strict";
  var desk = document.getElementById("desk");
  var NAMES = { arrowleft: "←", arrowright: "→" };

  function all(selector, root) { return Array.from((root || desk).querySelectorAll(selector)); }
  function rows() { return all("[data-row]"); }
  function isOpen(row) { return !row.querySelector(":checked"); }

  function current() {
    var focused = document.activeElement && document.activeElement.closest("[data-row]");
    var found = rows();
    return focused || found.find(isOpen) || found[found.length - 1] || null;
  }

  function showCurrent() {
    var found = rows();
    var marked = found.length > 1 ? current() : null;
    found.forEach(function (row) { row.toggleAttribute("data-current", row === marked); });
  }

  function keysOf(input) { return (input.dataset.keys || "").split(" "); }

  function wordsOf(input) {
    var words = input.closest("label").querySelector("[data-words]");
    return words.textContent.trim();
  }

  /* Return the function that makes the key's choice in the current row, or null if the key chooses nothing there. */
  function choiceFor(key) {
    var row = current();
    var input = row && all("[data-keys]", row).find(function (one) { return keysOf(one).indexOf(key) >= 0; });
    return input ? function () { choose(row, input); } : null;
  }

  function choose(row, input) {
    input.checked = true;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    rlhfhub.say(announcement(row, input));
    focusNext(row);
  }

  function announcement(row, input) {
    var title = row.querySelector("legend").textContent.replace(/\s+/g, " ").trim();
    return rows().length > 1 ? title + ": " + wordsOf(input) : wordsOf(input);
  }

  /* If there are several rows, focus the next row without a choice: first those after this row, then from the top. */
  function focusNext(row) {
    var found = rows();
    if (found.length < 2) { return; }
    var later = found.slice(found.indexOf(row) + 1).concat(found);
    focusRow(later.find(isOpen) || row);
  }

  function focusRow(row) {
    var input = row.querySelector(":checked") || row.querySelector("input");
    input.focus({ preventScroll: true });
    // The row sticks to the bottom of the page, so scroll by its response: show its beginning if it is not in sight.
    var card = row.closest("article");
    if (card && !isInSight(card)) { card.scrollIntoView({ block: "start" }); }
    else { row.scrollIntoView({ block: "nearest" }); }
  }

  function isInSight(card) {
    var box = card.getBoundingClientRect();
    var quarter = window.innerHeight / 4;
    return box.bottom > quarter && box.top < window.innerHeight - quarter;
  }

  /* Focus the first required question without an answer. Returns the message to show, or "" if none is missing. */
  function missing() {
    var field = all("[data-missing]").find(isMissing);
    if (!field) { return ""; }
    if (!field.matches("[data-row]")) { field.focus(); }
    else if (rows().length > 1) { focusRow(field); }
    var isOnly = all("[data-missing]").filter(isRequired).length === 1;
    return field.dataset.missing + (isOnly ? "." : ": " + field.dataset.title);
  }

  function isRequired(field) { return field.matches(":required") || field.querySelector(":required") !== null; }

  function isMissing(field) {
    return isRequired(field) && (field.matches("[data-row]") ? isOpen(field) : !field.value.trim());
  }

  /* Focus the first empty text field, or the first one if all have text. */
  function focusText() {
    var texts = all("[data-reason]");
    var text = texts.find(function (one) { return !one.value; }) || texts[0];
    if (text) { text.focus(); text.setSelectionRange(text.value.length, text.value.length); }
  }

  /* Build one line of the help: the keys and what they do. */
  function helpLine(keys, words) {
    var entry = document.createElement("div");
    var term = document.createElement("dt");
    keys.forEach(function (key) {
      var cap = document.createElement("kbd");
      cap.textContent = NAMES[key] || (key.length === 1 ? key.toUpperCase() : key);
      term.append(cap, " ");
    });
    var meaning = document.createElement("dd");
    meaning.textContent = words;
    entry.append(term, meaning);
    return entry;
  }

  /* List the keys of the current question in the help. */
  function showKeys() {
    var row = current();
    var lines = row ? all("[data-keys]", row).map(function (input) { return helpLine(keysOf(input), wordsOf(input)); }) : [];
    if (rows().length > 1) { lines.push(helpLine(["Tab"], "Go to the next question; Shift and Tab go back")); }
    var list = document.querySelector("[data-row-keys]");
    list.replaceChildren.apply(list, lines);
  }

  /* Tell the style sheet how high the dock is, because other elements stick above it. */
  var dockObserver = new ResizeObserver(function (entries) {
    var dock = entries[0].target;
    dock.parentElement.style.setProperty("--dock", dock.offsetHeight + "px");
  });

  function start() {
    dockObserver.disconnect();
    all(".dock").forEach(function (dock) { dockObserver.observe(dock); });
    showCurrent();
  }

  document.addEventListener("focusin", showCurrent);
  document.addEventListener("change", function (event) {
    if (!event.target.closest("[data-row]")) { return; }
    showCurrent();
    // Remove the note about a missing answer, but keep notes about the network.
    var note = desk.querySelector("[data-note]");
    if (note && note.dataset.tone !== "calm") { rlhfhub.note(""); }
  });
  document.getElementById("desk-help").addEventListener("beforetoggle", showKeys);

  rlhfhub.answers = { choiceFor: choiceFor, missing: missing, focusText: focusText, start: start };
})();
