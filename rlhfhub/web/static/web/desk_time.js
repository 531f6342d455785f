/* The time left, by the server's count and this machine's steady clock; and what the page says when there is none. */
(function () {
  "use strict";
  var drafts = rlhfhub.drafts;
  var desk = document.getElementById("desk");
  var SOON = 120;
  var HASTE = 1000;
  var deadline = null;
  var overAt = null;

  function lease() { return desk.querySelector("[data-lease]"); }
  function form() { return desk.querySelector("[data-lease-form]"); }
  function isSending() { return Boolean(form() && form().inert); }
  function isOver() { return overAt !== null; }
  function isPast() { return deadline !== null && performance.now() > deadline; }

  function arrive() {
    overAt = null;
    deadline = lease() ? performance.now() + Number(lease().dataset.secondsLeft) * 1000 : null;
    show();
  }

  function show() {
    var place = desk.querySelector("[data-countdown]");
    if (!place || deadline === null) { return; }
    var left = Math.round((deadline - performance.now()) / 1000);
    if (left <= SOON && !place.hasAttribute("data-soon") && left > 0) { rlhfhub.say("Two minutes left for this item."); }
    place.toggleAttribute("data-soon", left <= SOON);
    var minutes = Math.floor(left / 60);
    var seconds = String(left % 60).padStart(2, "0");
    place.firstChild.textContent = left <= 0 ? "0:00" : (left >= 600 ? minutes + " min" : minutes + ":" + seconds);
    // An answer on its way is judged by the server.
    if (left <= 0 && !isSending() && !rlhfhub.isWaiting()) { over(""); }
  }

  function written() {
    return Array.prototype.map.call(form().querySelectorAll("textarea"), function (text) { return text.value; })
      .filter(function (text) { return text.trim(); });
  }

  /* No answer can be given any more: say so at once, and leave what was typed to be read and copied. */
  function over(words) {
    var panel = desk.querySelector("[data-over]");
    if (!panel || isOver()) { return; }
    overAt = performance.now();
    drafts.flush();
    var is = drafts.keep();
    rlhfhub.note("");
    lease().dataset.isOver = "true";
    form().querySelectorAll("textarea, input").forEach(function (field) { field.readOnly = true; });
    form().querySelectorAll("input:not([type='hidden'])").forEach(function (field) { field.inert = true; });
    if (words) { panel.querySelector("[data-over-words]").textContent = words; }
    // What ended otherwise than by the clock does not come back.
    panel.querySelector("[data-over-kept]").hidden = Boolean(words) || !(is && written().length);
    panel.querySelector("[data-copy-written]").hidden = !written().length;
    panel.hidden = false;
    document.querySelectorAll(".sheet:popover-open").forEach(function (sheet) { sheet.hidePopover(); });
  }

  /* A hand that was still typing when the time ran out does not mean to leave. */
  function mayLeave() { return !isOver() || performance.now() - overAt > HASTE; }

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-copy-written]")) { return; }
    navigator.clipboard.writeText(written().join("\n\n")).then(function () { rlhfhub.say("Copied"); });
  });

  setInterval(show, 1000);
  window.rlhfhub.time = { arrive: arrive, over: over, isOver: isOver, isPast: isPast, mayLeave: mayLeave, isSending: isSending };
})();
