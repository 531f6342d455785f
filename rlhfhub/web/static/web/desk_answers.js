/* Answering by keyboard, for questions of any kind. A partial describes its fields with data attributes:
   data-row       on a group of radio buttons of which one is chosen
   data-keys      on a radio button: the keys that choose it while its row is the current one
   data-words     inside its label: what it means
   data-missing   on a row or a text field: what to say when it is required and empty; data-title: of which question
   The current row is the one with the focus, else the first that nothing is chosen in. */
(function () {
  "use strict";
  var desk = document.getElementById("desk");
  var NAMES = { arrowleft: "←", arrowright: "→" };

  function all(selector, root) { return Array.from((root || desk).querySelectorAll(selector)); }
  function rows() { return all("[data-row]"); }
  function isOpen(row) { return !row.querySelector(":checked"); }

  function current() {
    var focused = document.activeElement && document.activeElement.closest("[data-row]");
    var of = rows();
    return focused || of.find(isOpen) || of[of.length - 1] || null;
  }

  function showCurrent() {
    var of = rows();
    var now = of.length > 1 ? current() : null;
    of.forEach(function (row) { row.toggleAttribute("data-current", row === now); });
  }

  /* Return the key's letter or digit. On layouts without Latin letters or plain digits (Cyrillic, Arabic, AZERTY) it
     is taken from the key's position. */
  function keyOf(event) {
    var key = event.key.toLowerCase();
    if (/^[a-z0-9?=]$/.test(key) || event.shiftKey) { return key; }
    var place = /^(?:Key|Digit)([A-Z0-9])$/.exec(event.code);
    return place ? place[1].toLowerCase() : key;
  }

  function keysOf(input) { return (input.dataset.keys || "").split(" "); }

  function wordsOf(input) {
    var words = input.closest("label").querySelector("[data-words]");
    return words.textContent.trim();
  }

  /* Apply the key to the current row. Returns null if the key has no effect. */
  function step(key) {
    var row = current();
    var input = row && all("[data-keys]", row).find(function (one) { return keysOf(one).indexOf(key) >= 0; });
    return input ? function () { choose(row, input); } : null;
  }

  function choose(row, input) {
    input.checked = true;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    rlhfhub.say(spoken(row, input));
    advance(row);
  }

  function spoken(row, input) {
    var title = row.querySelector("legend").textContent.replace(/\s+/g, " ").trim();
    return rows().length > 1 ? title + ": " + wordsOf(input) : wordsOf(input);
  }

  /* With several rows, go to the next unanswered one: after this row, else from the top. */
  function advance(row) {
    var of = rows();
    if (of.length < 2) { return; }
    var later = of.slice(of.indexOf(row) + 1).concat(of);
    focusRow(later.find(isOpen) || row);
  }

  function focusRow(row) {
    var input = row.querySelector(":checked") || row.querySelector("input");
    input.focus({ preventScroll: true });
    // Show the beginning of a response that is not in sight; its row sticks to the bottom of the page.
    var card = row.closest("article");
    if (card && !isInSight(card)) { card.scrollIntoView({ block: "start" }); }
    else { row.scrollIntoView({ block: "nearest" }); }
  }

  function isInSight(card) {
    var box = card.getBoundingClientRect();
    var quarter = window.innerHeight / 4;
    return box.bottom > quarter && box.top < window.innerHeight - quarter;
  }

  /* Return the text for the first required question without an answer, and focus it; "" if there is none. */
  function missing() {
    var lacking = all("[data-missing]").find(isLacking);
    if (!lacking) { return ""; }
    if (!lacking.matches("[data-row]")) { lacking.focus(); }
    else if (rows().length > 1) { focusRow(lacking); }
    var alone = all("[data-missing]").filter(isRequired).length === 1;
    return lacking.dataset.missing + (alone ? "." : ": " + lacking.dataset.title);
  }

  function isRequired(field) { return field.matches(":required") || field.querySelector(":required") !== null; }

  function isLacking(field) {
    return isRequired(field) && (field.matches("[data-row]") ? isOpen(field) : !field.value.trim());
  }

  function focusText() {
    var texts = all("[data-reason]");
    var text = texts.find(function (one) { return !one.value; }) || texts[0];
    if (text) { text.focus(); text.setSelectionRange(text.value.length, text.value.length); }
  }

  /* List the current questions' keys in the help. */
  function line(keys, words) {
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

  function showKeys() {
    var row = current();
    var lines = row ? all("[data-keys]", row).map(function (input) { return line(keysOf(input), wordsOf(input)); }) : [];
    if (rows().length > 1) { lines.push(line(["Tab"], "The next question; Shift and Tab, the one before")); }
    document.querySelector("[data-row-keys]").replaceChildren.apply(document.querySelector("[data-row-keys]"), lines);
  }

  /* Set the dock's height for the elements that stick above it. */
  var measure = new ResizeObserver(function (entries) {
    var dock = entries[0].target;
    dock.parentElement.style.setProperty("--dock", dock.offsetHeight + "px");
  });

  function arrive() {
    measure.disconnect();
    all(".dock").forEach(function (dock) { measure.observe(dock); });
    showCurrent();
  }

  document.addEventListener("focusin", showCurrent);
  document.addEventListener("change", function (event) {
    if (!event.target.closest("[data-row]")) { return; }
    showCurrent();
    // Remove the note about a missing answer, but keep notes about the network.
    var said = desk.querySelector("[data-note]");
    if (said && said.dataset.tone !== "calm") { rlhfhub.note(""); }
  });
  document.getElementById("desk-help").addEventListener("beforetoggle", showKeys);

  rlhfhub.answers = { keyOf: keyOf, step: step, missing: missing, focusText: focusText, arrive: arrive };
})();
