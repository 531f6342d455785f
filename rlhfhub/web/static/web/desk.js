/* The desk by keyboard: choose, submit, next item. Without a network the answer waits in this browser. */
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

  /* Show a note. `link` is {href, text, apart}: what the person can do next; with `apart` it opens a new tab. */
  function note(text, tone, link) {
    var place = desk.querySelector("[data-note]");
    if (!place) { return; }
    place.textContent = text || "";
    if (link) {
      var way = document.createElement("a");
      way.href = link.href;
      way.textContent = link.text;
      if (link.apart) { way.target = "_blank"; way.rel = "noopener"; }
      place.append(" ", way);
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
  // Whether an answer waits for the network. The server decides whether it arrives in time.
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
    var why = answers.missing();
    if (why || time.isOver()) { event.preventDefault(); note(time.isOver() ? "" : why); }
  });

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.detail.elt !== form()) { return; }
    clearTimeout(retry.timer);
    drafts.stop();
    drafts.keep({ pending: true });
    event.detail.elt.dataset.sending = drafts.key();
    freeze();
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.elt === form()) { thaw(); }
  });

  /* Lock the fields while an answer is being sent, so that the page shows what is saved. */
  var focused = null;
  function freeze() {
    focused = document.activeElement;
    form().inert = true;
  }
  function thaw() {
    form().inert = false;
    if (focused && form().contains(focused)) { focused.focus({ preventScroll: true }); }
  }

  /* When sending fails */
  function tryAgain(why) {
    note(why + " Your answer is kept in this browser and will be sent again by itself." + (time.isPast() ? " The time is over: it may come too late." : ""), "calm");
    clearTimeout(retry.timer);
    retry.waiting = true;
    retry.timer = setTimeout(send, retry.wait * 1000);
    retry.wait = Math.min(retry.wait * 2, LONGEST_WAIT);
  }

  function signedOut(xhr) {
    return xhr.responseURL && new URL(xhr.responseURL).pathname.indexOf("/accounts/") === 0;
  }

  /* Find out why an answer was refused: signed out, signed in again (the page's token is old), or as somebody else. */
  function resolve(status) {
    retry.waiting = false;
    if (retry.resent) { refused(status); return; }
    rlhfhub.session.again().then(function (is) {
      if (is) { retry.resent = true; send(); }
    }).catch(function () { tryAgain("The server does not answer."); });
  }

  function refused(status) {
    retry.waiting = false;
    note("This answer was not accepted (" + status + "). It is kept in this browser.", "", { href: location.pathname, text: "Reload the page" });
  }

  document.addEventListener("htmx:sendError", function (event) {
    if (event.detail.elt === form()) { tryAgain("You are offline."); }
  });
  document.addEventListener("htmx:timeout", function (event) {
    if (event.detail.elt === form()) { tryAgain("The server does not answer."); }
  });
  document.addEventListener("htmx:responseError", function (event) {
    if (event.detail.elt !== form()) { return; }
    var status = event.detail.xhr.status;
    if (status >= 500 || status === 429) { tryAgain("The server is busy."); return; }
    if (status === 403 || status === 404) { resolve(status); } else { refused(status); }
  });
  window.addEventListener("online", function () { if (retry.waiting) { send(); } });

  document.addEventListener("htmx:beforeSwap", function (event) {
    var detail = event.detail;
    if (signedOut(detail.xhr)) {
      detail.shouldSwap = false;
      if (detail.requestConfig.elt === form()) { resolve(detail.xhr.status); } else { rlhfhub.session.look(); }
      return;
    }
    var sent = detail.requestConfig && detail.requestConfig.elt.dataset.sending;
    if (sent && detail.xhr.status < 300) { rlhfhub.kept.drop(sent); }
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target !== desk) { return; }
    arrive();
    var source = event.detail.requestConfig.elt;
    if (source.dataset.sending && desk.querySelector("[data-lease-over='submitted']")) { rlhfhub.kept.drop(source.dataset.sending); }
    if (source.hasAttribute("data-poll") && desk.querySelector("[data-poll]")) { return; }
    if (event.detail.xhr.status !== 422) { window.scrollTo(0, 0); }
    var head = desk.querySelector("[data-focus]");
    if (head) { head.focus({ preventScroll: true }); }
    rlhfhub.say(spoken(event.detail.xhr.status, head));
  });

  function spoken(status, head) {
    if (status === 422) { return desk.querySelector("[data-note]").textContent; }
    var news = desk.querySelector("[data-guideline-changed] span");
    if (lease()) { return "Next item. " + lease().dataset.today + " today." + (news ? " " + news.textContent : ""); }
    return head ? head.textContent : "";
  }

  function arrive() {
    retry.wait = FIRST_WAIT;
    retry.resent = retry.waiting = false;
    clearTimeout(retry.timer);
    var resume = false;
    if (form()) { form().noValidate = true; resume = drafts.restore(); }
    // Bind the new form at once: htmx would do it a moment later, and a fast person could submit it without htmx.
    if (window.htmx) { htmx.process(desk); }
    answers.arrive();
    time.arrive();
    if (resume) { send(); }
  }

  /* Keys */
  function toggle(id) {
    var panel = document.getElementById(id);
    if (panel) { panel.togglePopover(); }
  }

  // After the guidelines drawer of a change notice is closed, focus the form, so that Enter submits again.
  document.addEventListener("toggle", function (event) {
    if (event.newState === "closed" && document.activeElement.closest("[data-guideline-changed]")) {
      desk.querySelector("[data-focus]").focus({ preventScroll: true });
    }
  }, true);

  var KEYS = {
    r: answers.focusText,
    g: function () { toggle("desk-guideline"); },
    x: function () { toggle("desk-return"); },
    "?": function () { toggle("desk-help"); },
    enter: submit
  };

  // The keys that still work when the time is over: continue, guidelines, help.
  var WHEN_OVER = ["enter", "g", "?"];

  function isWriting(target) {
    return target.matches("textarea:not([readonly]), select, input:not([type='radio']), [contenteditable]");
  }

  function whileWriting(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.closest("[data-lease-form]")) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && event.target.matches("[data-reason]")) {
      desk.querySelector("[data-focus]").focus({ preventScroll: true });
    }
  }

  document.addEventListener("keydown", function (event) {
    if (event.isComposing || event.defaultPrevented) { return; }
    if (isWriting(event.target)) { whileWriting(event); return; }
    var key = answers.keyOf(event);
    if (event.altKey || ((event.ctrlKey || event.metaKey) && key !== "enter")) { return; }
    if (key === "enter" && event.target.matches("a, button, summary")) { return; }
    if (key.indexOf("arrow") === 0 && event.target.matches("[tabindex='0']")) { return; }
    var sheet = document.querySelector(".sheet:popover-open");
    var own = sheet && { "desk-help": "?", "desk-return": "x" }[sheet.id];
    if (sheet && key !== own) { return; }
    var act = KEYS[key] || answers.step(key);
    if (event.repeat || !act) { return; }
    event.preventDefault();
    if (time.isOver() && WHEN_OVER.indexOf(key) < 0) { return; }
    if (time.isSending()) { note("Your answer is being sent: it cannot be changed now.", "calm"); return; }
    act();
  });

  arrive();
})();
