/* Shows the time left for an item, and a panel when it is over. The server says how many seconds are left; from then on
   this machine's monotonic clock counts, which no change of its date can disturb. */
(function () {
  "use strict";
  var drafts = rlhfhub.drafts;
  var desk = document.getElementById("desk");
  var SOON_SECONDS = 120;
  var LONG_SECONDS = 3 * 3600;
  var PAUSE_MILLISECONDS = 1000;
  var deadline = null;
  var endedAt = null;

  function lease() { return desk.querySelector("[data-lease]"); }
  function form() { return desk.querySelector("[data-lease-form]"); }
  function isSending() { return Boolean(form() && form().inert); }
  function isOver() { return endedAt !== null; }
  function isPast() { return deadline !== null && performance.now() > deadline; }

  function start() {
    endedAt = null;
    deadline = lease() ? performance.now() + Number(lease().dataset.secondsLeft) * 1000 : null;
    show();
  }

  function show() {
    var place = desk.querySelector("[data-countdown]");
    if (!place || deadline === null) { return; }
    var left = Math.round((deadline - performance.now()) / 1000);
    if (left <= SOON_SECONDS && !place.hasAttribute("data-soon") && left > 0) { rlhfhub.say("Two minutes left for this item."); }
    place.toggleAttribute("data-soon", left <= SOON_SECONDS);
    var minutes = Math.floor(left / 60);
    var seconds = String(left % 60).padStart(2, "0");
    place.firstChild.textContent = left <= 0 ? "0:00" : (left >= LONG_SECONDS ? Math.floor(minutes / 60) + " h" : left >= 600 ? minutes + " min" : minutes + ":" + seconds);
    // While an answer is being sent or waits to be sent, the server decides whether it is in time.
    if (left <= 0 && !isSending() && !rlhfhub.isWaiting()) { end(""); }
  }

  /* Return the texts that the person has typed, without empty ones. */
  function typedTexts() {
    return Array.prototype.map.call(form().querySelectorAll("textarea"), function (text) { return text.value; })
      .filter(function (text) { return text.trim(); });
  }

  /* Show that no answer to this item is accepted any more. The typed text stays readable, so that it can be copied.
     `words` says why, if the server has ended the lease; "" means that the time ran out. */
  function end(words) {
    var panel = desk.querySelector("[data-over]");
    if (!panel || isOver()) { return; }
    endedAt = performance.now();
    drafts.flush();
    var isKept = drafts.keep();
    rlhfhub.note("");
    lease().dataset.isOver = "true";
    form().querySelectorAll("textarea, input").forEach(function (field) { field.readOnly = true; });
    form().querySelectorAll("input:not([type='hidden'])").forEach(function (field) { field.inert = true; });
    if (words) { panel.querySelector("[data-over-words]").textContent = words; }
    // The text comes back with the item only if the time ran out. After the server has ended the lease, it does not.
    panel.querySelector("[data-over-kept]").hidden = Boolean(words) || !(isKept && typedTexts().length);
    panel.querySelector("[data-copy-written]").hidden = !typedTexts().length;
    panel.hidden = false;
    document.querySelectorAll(".sheet:popover-open").forEach(function (sheet) { sheet.hidePopover(); });
  }

  /* Return whether Enter may load the next item. For a moment after the time ran out it may not: the person was still
     typing and does not mean to leave. */
  function mayLeave() { return !isOver() || performance.now() - endedAt > PAUSE_MILLISECONDS; }

  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-copy-written]")) { return; }
    navigator.clipboard.writeText(typedTexts().join("\n\n")).then(function () { rlhfhub.say("Copied"); });
  });

  setInterval(show, 1000);
  window.rlhfhub.time = { start: start, end: end, isOver: isOver, isPast: isPast, mayLeave: mayLeave, isSending: isSending };
})();
