/* Shows the remaining time, by the server's count and this machine's monotonic clock, and a panel when it is over. */
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
    // For an answer that is being sent, the server decides whether it is in time.
    if (left <= 0 && !isSending() && !rlhfhub.isWaiting()) { over(""); }
  }

  function written() {
    return Array.prototype.map.call(form().querySelectorAll("textarea"), function (text) { return text.value; })
      .filter(function (text) { return text.trim(); });
  }

  /* Show at once that no answer can be given any more, and keep the typed text readable to be copied. */
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
    // The text comes back with the item only if the lease ended by its time.
    panel.querySelector("[data-over-kept]").hidden = Boolean(words) || !(is && written().length);
    panel.querySelector("[data-copy-written]").hidden = !written().length;
    panel.hidden = false;
    document.querySelectorAll(".sheet:popover-open").forEach(function (sheet) { sheet.hidePopover(); });
  }

  /* Ignore keys and clicks just after the time ran out: the person was still typing and does not mean to leave. */
  function mayLeave() { return !isOver() || performance.now() - overAt > HASTE; }

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-copy-written]")) { return; }
    navigator.clipboard.writeText(written().join("\n\n")).then(function () { rlhfhub.say("Copied"); });
  });

  setInterval(show, 1000);
  window.rlhfhub.time = { arrive: arrive, over: over, isOver: isOver, isPast: isPast, mayLeave: mayLeave, isSending: isSending };
})();
