/* The keyboard of the reviewers' queue. Every key presses a control that the page has, so that all of it works without
   this script. The answer that has the focus is the current one. */
(function () {
  "use strict";
  var page = document.querySelector("[data-review]");
  if (!page) { return; }

  function answers() { return Array.prototype.slice.call(page.querySelectorAll("[data-answer]")); }
  function current() { return document.activeElement.closest("[data-answer]"); }

  // After a decision the card is replaced. The next answer then has the place in the list that this one had.
  var place = 0;

  function focus(answer) {
    if (!answer) { return; }
    answer.focus({ preventScroll: true });
    answer.scrollIntoView({ block: "nearest" });
    place = answers().indexOf(answer);
  }

  function move(step) {
    var all = answers(), at = all.indexOf(current());
    var next = at < 0 ? Math.min(place, all.length - 1) : at + step;
    focus(all[Math.max(0, Math.min(next, all.length - 1))]);
  }

  function press(selector) {
    var control = current() && current().querySelector(selector);
    if (control) { control.click(); }
  }

  /* Open the forms of the current answer and go to the first field of the wanted one. */
  var wanted = "";
  function open(form) {
    if (!current()) { return; }
    wanted = form;
    if (current().querySelector("[data-form]")) { enterForm(current()); } else { press("[data-refuse]"); }
  }

  function enterForm(answer) {
    var form = wanted ? "[data-form='" + wanted + "'] " : "";
    var field = answer.querySelector("[data-forms] " + form + ":is(textarea, input[type='radio'], select)");
    if (field) { field.focus(); field.scrollIntoView({ block: "nearest" }); }
  }

  function undo() {
    var form = page.querySelector("[data-undo]");
    if (form) { form.requestSubmit(); }
  }

  var ACTIONS = {
    j: function () { move(1); },
    k: function () { move(-1); },
    a: function () { press("[data-accept] button"); },
    r: function () { open("return"); },
    x: function () { open("reject"); },
    u: undo,
    " ": function () { press("input[name='annotation']"); },
    "?": function () { document.getElementById("review-keys").togglePopover(); }
  };

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && event.target.closest("[data-form]")) { leaveForm(event.target); return; }
    var key = rlhfhub.keyOf(event), act = ACTIONS[key];
    if (rlhfhub.isTyping(event) || !act) { return; }
    if (document.querySelector(".sheet:popover-open") && key !== "?") { return; }
    // The space bar presses the button, link or field that has the focus.
    if (key === " " && !event.target.matches("[data-answer]")) { return; }
    event.preventDefault();
    act();
  });

  function leaveForm(field) {
    var answer = field.closest("[data-answer]");
    answer.querySelector("[data-forms]").replaceChildren();
    focus(answer);
  }

  document.addEventListener("focusin", function (event) {
    var answer = event.target.closest("[data-answer]");
    if (answer) { place = answers().indexOf(answer); }
  });

  document.addEventListener("htmx:load", function (event) {
    var loaded = event.detail.elt;
    if (loaded.matches("[data-item]")) {
      rlhfhub.say(loaded.dataset.said || "");
      focus(answers()[Math.min(place, answers().length - 1)]);
    } else if (loaded.closest("[data-forms]")) {
      var bad = loaded.querySelector(".field-bad :is(textarea, input, select)");
      if (bad) { bad.focus(); } else { enterForm(loaded.closest("[data-answer]")); }
    }
  });
})();
