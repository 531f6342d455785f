/* Runs the desk: the keyboard, submitting an answer, and loading the next item. An answer that cannot be sent is kept
   in this browser and sent again when the network is back. */
(function () {
  "use strict";
  var answers = rlhfhub.answers;
  var drafts = rlhfhub.drafts;
  var time = rlhfhub.time;
  var desk = document.getElementById("desk");
  var FIRST_WAIT = 2;
  var LONGEST_WAIT = 30;
  var retry = { timer: null, wait: FIRST_WAIT, waiting: false, resent: false };

  function form() { return desk.querySelector("[data-lease-form]"); }
  function lease() { return desk.querySelector("[data-lease]"); }

  /* Show a note above the answer, or hide it if `text` is empty. `link` ({href, text, newTab}) offers the next step. */
  function note(text, tone, link) {
    var place = desk.querySelector("[data-note]");
    if (!place) { return; }
    place.textContent = text || "";
    if (link) {
      var anchor = document.createElement("a");
      anchor.href = link.href;
      anchor.textContent = link.text;
      if (link.newTab) { anchor.target = "_blank"; anchor.rel = "noopener"; }
      place.append(" ", anchor);
    }
    place.dataset.tone = tone || "";
    place.hidden = !text;
  }
  rlhfhub.note = note;

  /* Submitting */
  function send() {
    if (form() && !time.isOver()) { form().requestSubmit(); }
  }
  rlhfhub.send = send;
  // Returns whether an answer is waiting to be sent again. The server decides whether it arrives in time.
  rlhfhub.isWaiting = function () { return retry.waiting; };

  function submit() {
    if (form() && !time.isOver()) { send(); } else if (time.mayLeave()) { follow("[data-next]"); }
  }

  function follow(selector) {
    var link = desk.querySelector(selector);
    if (link) { link.click(); }
  }

  document.addEventListener("htmx:confirm", function (event) {
    if (event.target !== form()) { return; }
    var missing = answers.missing();
    if (missing || time.isOver()) { event.preventDefault(); note(time.isOver() ? "" : missing); }
  });

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.detail.elt !== form()) { return; }
    clearTimeout(retry.timer);
    drafts.stop();
    drafts.keep({ pending: true });
    event.detail.elt.dataset.sending = drafts.key();
    lockFields();
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.elt === form()) { unlockFields(); }
  });

  /* Lock the fields while an answer is being sent, so that nothing is typed that the sent answer does not hold. */
  var focused = null;
  function lockFields() {
    focused = document.activeElement;
    form().inert = true;
  }
  function unlockFields() {
    form().inert = false;
    if (focused && form().contains(focused)) { focused.focus({ preventScroll: true }); }
  }

  /* When sending fails */
  function sendLater(why) {
    note(why + " Your answer is kept in this browser and is sent again automatically: you need not do anything." + (time.isPast() ? " The time for this item is over, so it may arrive too late." : ""), "calm");
    clearTimeout(retry.timer);
    retry.waiting = true;
    retry.timer = setTimeout(send, retry.wait * 1000);
    retry.wait = Math.min(retry.wait * 2, LONGEST_WAIT);
  }

  function isSignInPage(xhr) {
    return xhr.responseURL && new URL(xhr.responseURL).pathname.indexOf("/accounts/") === 0;
  }

  /* Ask the server who is signed in, after it refused an answer. The person may have signed out, or signed in again, so
     that the page's token is old, or somebody else may have signed in. Send the answer again once if that can help. */
  function handleRefusal(status) {
    retry.waiting = false;
    if (retry.resent) { showRefusal(status); return; }
    rlhfhub.session.mayResend().then(function (mayResend) {
      if (mayResend) { retry.resent = true; send(); }
    }).catch(function () { sendLater("The server does not answer."); });
  }

  function showRefusal(status) {
    retry.waiting = false;
    note("The server refused this answer (error " + status + "), so it is not submitted. It is kept in this browser.", "", { href: location.pathname, text: "Reload the page and try again" });
  }

  document.addEventListener("htmx:sendError", function (event) {
    if (event.detail.elt === form()) { sendLater("You are offline."); }
  });
  document.addEventListener("htmx:timeout", function (event) {
    if (event.detail.elt === form()) { sendLater("The server does not answer."); }
  });
  document.addEventListener("htmx:responseError", function (event) {
    if (event.detail.elt !== form()) { return; }
    var status = event.detail.xhr.status;
    if (status >= 500 || status === 429) { sendLater("The server is busy."); return; }
    if (status === 403 || status === 404) { handleRefusal(status); } else { showRefusal(status); }
  });
  window.addEventListener("online", function () { if (retry.waiting) { send(); } });

  document.addEventListener("htmx:beforeSwap", function (event) {
    var detail = event.detail;
    if (isSignInPage(detail.xhr)) {
      detail.shouldSwap = false;
      if (detail.requestConfig.elt === form()) { handleRefusal(detail.xhr.status); } else { rlhfhub.session.check(); }
      return;
    }
    var sent = detail.requestConfig && detail.requestConfig.elt.dataset.sending;
    if (sent && detail.xhr.status < 300) { rlhfhub.kept.drop(sent); }
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target !== desk) { return; }
    start();
    var source = event.detail.requestConfig.elt;
    if (source.dataset.sending && desk.querySelector("[data-lease-over='submitted']")) { rlhfhub.kept.drop(source.dataset.sending); }
    if (source.hasAttribute("data-poll") && desk.querySelector("[data-poll]")) { return; }
    if (event.detail.xhr.status !== 422) { window.scrollTo(0, 0); }
    var head = desk.querySelector("[data-focus]");
    if (head) { head.focus({ preventScroll: true }); }
    rlhfhub.say(announcement(event.detail.xhr.status, head));
  });

  /* Return the text that screen readers announce after the desk has changed. */
  function announcement(status, head) {
    if (status === 422) { return desk.querySelector("[data-note]").textContent.trim(); }
    var news = desk.querySelector("[data-guideline-changed] span");
    if (lease()) { return "Next item. " + lease().dataset.today + " today." + (news ? " " + news.textContent : ""); }
    return head ? head.textContent : "";
  }

  /* Prepare the item that the desk shows now: restore its draft, bind its form, start its clock. */
  function start() {
    retry.wait = FIRST_WAIT;
    retry.resent = retry.waiting = false;
    clearTimeout(retry.timer);
    var resume = false;
    if (form()) { form().noValidate = true; resume = drafts.restore(); }
    // Bind the new form at once. htmx binds it a moment later, and a form submitted before that would load a new page.
    if (window.htmx) { htmx.process(desk); }
    rlhfhub.pasted.start();
    rlhfhub.active.start();
    answers.start();
    time.start();
    if (resume) { send(); }
  }

  /* Keys */
  function toggle(id) {
    var panel = document.getElementById(id);
    if (panel) { panel.togglePopover(); }
  }

  // The notice of changed guidelines opens the drawer. When the drawer closes, move the focus from the notice to the
  // item, so that Enter submits again and does not reopen the drawer.
  document.addEventListener("toggle", function (event) {
    if (event.newState === "closed" && document.activeElement.closest("[data-guideline-changed]")) { focusItem(); }
  }, true);

  function focusItem() { desk.querySelector("[data-focus]").focus({ preventScroll: true }); }

  var ACTIONS = {
    r: answers.focusText,
    g: function () { toggle("desk-guideline"); },
    x: function () { toggle("desk-return"); },
    "?": function () { toggle("desk-help"); },
    enter: submit
  };

  // Keys that still work when the time for the item is over: take the next item, guidelines, help.
  var KEYS_AFTER_TIME = ["enter", "g", "?"];

  function isWriting(target) {
    return target.matches("textarea:not([readonly]), select, input:not([type='radio']), [contenteditable]");
  }

  /* Handle a key pressed in a text field: Ctrl and Enter submit, Escape leaves the field. */
  function handleKeyInField(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("[data-lease-form]")) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && event.target.matches("[data-reason]")) {
      focusItem();
    }
  }

  document.addEventListener("keydown", function (event) {
    if (event.isComposing || event.defaultPrevented) { return; }
    if (isWriting(event.target)) { handleKeyInField(event); return; }
    var key = rlhfhub.keyOf(event);
    if (event.altKey || ((event.ctrlKey || event.metaKey) && key !== "enter")) { return; }
    if (key === "enter" && event.target.matches("a, button, summary")) { return; }
    if (key.indexOf("arrow") === 0 && event.target.matches("[tabindex='0']")) { return; }
    var sheet = document.querySelector(".sheet:popover-open");
    var closingKey = sheet && { "desk-help": "?", "desk-return": "x" }[sheet.id];
    if (sheet && key !== closingKey) { return; }
    var act = ACTIONS[key] || answers.choiceFor(key);
    if (event.repeat || !act) { return; }
    event.preventDefault();
    if (time.isOver() && KEYS_AFTER_TIME.indexOf(key) < 0) { return; }
    if (time.isSending()) { note("Your answer is being sent: it cannot be changed now.", "calm"); return; }
    act();
    // Whoever chooses is back at the item: Enter submits, and does not press the notice's button again.
    if (!ACTIONS[key] && document.activeElement.closest("[data-guideline-changed]")) { focusItem(); }
  });

  start();
})();
