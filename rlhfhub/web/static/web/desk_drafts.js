/* Saves every change at the desk: at once in this browser, a moment later on the server. The page shows where the draft
   is saved. A draft is stored under `data-draft-key`, which names the item, so that it outlives the lease. */
(function () {
  "use strict";
  var DELAY_MILLISECONDS = 800;
  var kept = rlhfhub.kept;
  var timer = null;
  var sending = null;
  var isPaused = false;

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

  /* Save the fields in this browser, with the `extra` values. Returns whether it worked. Nothing is saved while somebody
     else is signed in in this browser. */
  function keep(extra) {
    if (!lease() || isPaused) { return false; }
    return kept.put(key(), Object.assign({ lease: lease().dataset.lease, fields: fields(), marks: rlhfhub.pasted.marks() }, extra));
  }

  /* Stop or resume saving. Saving stops while somebody else is signed in in this browser; the draft is then deleted
     from the browser, so that they cannot read it. */
  function pause(on) {
    isPaused = on;
    if (on && lease()) { kept.drop(key()); }
  }

  function fill(values) {
    Object.keys(values).forEach(function (name) {
      var control = form().elements[name];
      if (control) { control.value = values[name]; }
    });
  }

  /* Restore this browser's draft, unless the server has a newer one from another device. Returns whether an answer was
     interrupted by a sign-in and has to be sent now. */
  function restore() {
    var entry = lease() && kept.get(key());
    if (!entry || Number(lease().dataset.draftAt || 0) > entry.at) { return false; }
    fill(entry.fields);
    var same = entry.lease === lease().dataset.lease;
    var noNote = document.querySelector("[data-note][hidden]");
    if (noNote && !same) { rlhfhub.note("You had this item before. What you wrote then is filled in again: check it, then submit.", "calm"); }
    if (noNote && same && entry.pending) { rlhfhub.note("Your answer was not sent yet. It is filled in below: press Enter to send it.", "calm"); }
    return Boolean(same && entry.resume);
  }

  /* Show where the draft is saved. */
  function showState(text) {
    var place = document.querySelector("[data-save-state]");
    if (place) { place.textContent = text; }
  }

  /* Handle the server's response to a draft. */
  function handleResponse(response) {
    if (response.ok) { showState("Draft saved"); return; }
    showState(keep() ? "Kept in this browser" : "Draft not saved");
    if (response.status === 409) { response.text().then(rlhfhub.time.end); return; }
    if (response.type === "opaqueredirect" || response.status === 403 || response.status === 404) { rlhfhub.session.check(); }
  }

  /* Experts' answers have no draft on the server: it stays in this browser. */
  function hasServer() { return Boolean(lease() && lease().dataset.draftUrl); }

  function send() {
    clearTimeout(timer);
    timer = null;
    if (!hasServer() || isPaused) { return; }
    var id = lease().dataset.lease;
    if (sending) { sending.abort(); }
    var request = sending = new AbortController();
    fetch(lease().dataset.draftUrl, { method: "POST", body: new FormData(form()), signal: request.signal, headers: { "HX-Request": "true" }, credentials: "same-origin", redirect: "manual" })
      .then(function (response) {
        if (lease() && lease().dataset.lease === id && !timer) { handleResponse(response); }
      })
      .catch(function (error) {
        if (error.name !== "AbortError") { showState(keep() ? "Kept in this browser" : "Draft not saved"); }
      })
      .finally(function () { if (sending === request) { sending = null; } });
  }

  function changed() {
    keep();
    showState("");
    clearTimeout(timer);
    timer = setTimeout(send, DELAY_MILLISECONDS);
  }

  /* Send a draft to the server now if it is not saved there yet. */
  function flush() { if (timer) { send(); } }

  /* Cancel drafts that are waiting or on their way. Called before a submit, because none may arrive after it. */
  function stop() {
    clearTimeout(timer);
    timer = null;
    if (sending) { sending.abort(); sending = null; }
  }

  document.addEventListener("input", function (event) {
    if (event.target.closest("[data-lease-form]")) { changed(); }
  });
  window.addEventListener("pagehide", function () {
    if (timer && hasServer() && !isPaused) {
      clearTimeout(timer);
      navigator.sendBeacon(lease().dataset.draftUrl, new FormData(form()));
    }
  });

  window.rlhfhub.drafts = {
    key: key, keep: keep, pause: pause, restore: restore, send: send, flush: flush, stop: stop
  };
})();
