/* Saves every change at the desk in this browser at once and on the server a moment later; the page shows which of the
   two has it. Drafts are named by `data-draft-key`, which belongs to the item, so that they outlive the lease. */
(function () {
  "use strict";
  var DELAY = 800;
  var kept = rlhfhub.kept;
  var timer = null;
  var sending = null;
  var held = false;

  function form() { return document.querySelector("[data-lease-form]"); }
  function lease() { return document.querySelector("[data-lease]"); }
  function key() { return lease().dataset.draftKey || lease().dataset.lease; }

  function fields() {
    var values = {};
    new FormData(form()).forEach(function (value, name) {
      if (name !== "csrfmiddlewaretoken") { values[name] = value; }
    });
    return values;
  }

  /* Save the fields in this browser. Returns whether that worked; it does not while somebody else is signed in. */
  function keep(extra) {
    if (!lease() || held) { return false; }
    return kept.put(key(), Object.assign({ lease: lease().dataset.lease, fields: fields() }, extra));
  }

  /* While `is` is true, save nothing, because somebody else is signed in in this browser. */
  function hold(is) {
    held = is;
    if (is && lease()) { kept.drop(key()); }
  }

  function fill(values) {
    Object.keys(values).forEach(function (name) {
      var control = form().elements[name];
      if (control) { control.value = values[name]; }
    });
  }

  /* Restore this browser's draft, unless the server has a newer one from another device.
     Returns whether an answer was being sent and must be sent now. */
  function restore() {
    var entry = lease() && kept.get(key());
    if (!entry || Number(lease().dataset.draftAt || 0) > entry.at) { return false; }
    fill(entry.fields);
    var same = entry.lease === lease().dataset.lease;
    var quiet = document.querySelector("[data-note][hidden]");
    if (quiet && !same) { rlhfhub.note("What you wrote when you had this item before is back. Check it, then submit.", "calm"); }
    if (quiet && same && entry.pending) { rlhfhub.note("Your answer was not sent yet. Press Enter to send it.", "calm"); }
    return Boolean(same && entry.resume);
  }

  function state(text) {
    var place = document.querySelector("[data-save-state]");
    if (place) { place.textContent = text; }
  }

  function stored(answer) {
    if (answer.ok) { state("Draft saved"); return; }
    state(keep() ? "Kept in this browser" : "Draft not saved");
    if (answer.status === 409) { answer.text().then(rlhfhub.time.over); return; }
    if (answer.type === "opaqueredirect" || answer.status === 403 || answer.status === 404) { rlhfhub.session.look(); }
  }

  function send() {
    clearTimeout(timer);
    timer = null;
    if (!lease() || held) { return; }
    var id = lease().dataset.lease;
    if (sending) { sending.abort(); }
    var mine = sending = new AbortController();
    fetch(lease().dataset.draftUrl, { method: "POST", body: new FormData(form()), signal: mine.signal, headers: { "HX-Request": "true" }, credentials: "same-origin", redirect: "manual" })
      .then(function (answer) {
        if (lease() && lease().dataset.lease === id && !timer) { stored(answer); }
      })
      .catch(function (error) {
        if (error.name !== "AbortError") { state(keep() ? "Kept in this browser" : "Draft not saved"); }
      })
      .finally(function () { if (sending === mine) { sending = null; } });
  }

  function changed() {
    keep();
    state("");
    clearTimeout(timer);
    timer = setTimeout(send, DELAY);
  }

  /* Send an unsaved draft to the server now. */
  function flush() { if (timer) { send(); } }

  /* Called before a submit: no draft may be sent after it. */
  function stop() {
    clearTimeout(timer);
    timer = null;
    if (sending) { sending.abort(); sending = null; }
  }

  document.addEventListener("input", function (event) {
    if (event.target.closest("[data-lease-form]")) { changed(); }
  });
  window.addEventListener("pagehide", function () {
    if (timer && lease() && !held) {
      clearTimeout(timer);
      navigator.sendBeacon(lease().dataset.draftUrl, new FormData(form()));
    }
  });

  window.rlhfhub.drafts = {
    key: key, keep: keep, hold: hold, restore: restore, changed: changed, send: send, flush: flush, stop: stop
  };
})();
