/* The desk by keyboard: choose, submit, next; and an answer that waits for the network when it is gone. */
(function () {
  "use strict";
  var answers = rlhfhub.answers;
  var drafts = rlhfhub.drafts;
  var desk = document.getElementById("desk");
  var FIRST_WAIT = 2;
  var LONGEST_WAIT = 30;
  var deadline = null;
  var retry = { timer: null, wait: FIRST_WAIT };

  function form() { return desk.querySelector("[data-lease-form]"); }
  function lease() { return desk.querySelector("[data-lease]"); }

  function note(text, tone) {
    var place = desk.querySelector("[data-note]");
    if (!place) { return; }
    place.textContent = text || "";
    place.dataset.tone = tone || "";
    place.hidden = !text;
  }
  rlhfhub.note = note;

  /* Submitting */
  function submit() {
    if (form()) { form().requestSubmit(); } else { follow("[data-next]"); }
  }

  function follow(selector) {
    var link = desk.querySelector(selector);
    if (link) { link.click(); }
  }

  document.addEventListener("htmx:confirm", function (event) {
    if (event.target !== form()) { return; }
    var why = answers.missing();
    if (why) { event.preventDefault(); note(why); }
  });

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.detail.elt !== form()) { return; }
    clearTimeout(retry.timer);
    drafts.stop();
    drafts.keep({ pending: true });
    event.detail.elt.dataset.sending = lease().dataset.lease;
  });

  /* When the answer does not get through */
  function tryAgain(why) {
    note(why + " Your answer is kept in this browser and will be sent again by itself.", "calm");
    clearTimeout(retry.timer);
    retry.timer = setTimeout(submit, retry.wait * 1000);
    retry.wait = Math.min(retry.wait * 2, LONGEST_WAIT);
  }

  function signedOut(xhr) {
    return xhr.responseURL && new URL(xhr.responseURL).pathname.indexOf("/accounts/") === 0;
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
    note(status === 403
      ? "You are signed out. Your answer is kept in this browser: reload, sign in, and send it."
      : "This answer was not accepted (" + status + "). It is kept in this browser; reload the page.");
  });
  window.addEventListener("online", function () { if (retry.wait > FIRST_WAIT) { submit(); } });

  document.addEventListener("htmx:beforeSwap", function (event) {
    var detail = event.detail;
    if (signedOut(detail.xhr)) {
      detail.shouldSwap = false;
      note("You are signed out. Your answer is kept in this browser: reload, sign in, and send it.");
      return;
    }
    var sent = detail.requestConfig && detail.requestConfig.elt.dataset.sending;
    if (sent && detail.xhr.status < 300) { drafts.forget(sent); }
  });

  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target !== desk) { return; }
    arrive();
    var source = event.detail.requestConfig.elt;
    if (source.hasAttribute("data-poll") && desk.querySelector("[data-poll]")) { return; }
    if (event.detail.xhr.status !== 422) { window.scrollTo(0, 0); }
    var head = desk.querySelector("[data-focus]");
    if (head) { head.focus({ preventScroll: true }); }
    rlhfhub.say(spoken(event.detail.xhr.status, head));
  });

  function spoken(status, head) {
    if (status === 422) { return desk.querySelector("[data-note]").textContent; }
    if (lease()) { return "Next item. " + lease().dataset.today + " today."; }
    return head ? head.textContent : "";
  }

  /* Time left, by the server's count and this machine's steady clock */
  function showTime() {
    var place = desk.querySelector("[data-countdown]");
    if (!place || deadline === null) { return; }
    var left = Math.round((deadline - performance.now()) / 1000);
    place.toggleAttribute("data-soon", left < 120);
    var minutes = Math.floor(left / 60);
    var seconds = String(left % 60).padStart(2, "0");
    place.firstChild.textContent = left <= 0 ? "0:00" : (left >= 600 ? minutes + " min" : minutes + ":" + seconds);
  }

  function arrive() {
    retry.wait = FIRST_WAIT;
    clearTimeout(retry.timer);
    deadline = lease() ? performance.now() + Number(lease().dataset.secondsLeft) * 1000 : null;
    if (form()) { form().noValidate = true; drafts.restore(); }
    // htmx would bind the new form a moment later; a fast hand could submit it the plain way until then.
    if (window.htmx) { htmx.process(desk); }
    answers.arrive();
    showTime();
  }

  /* Keys */
  function toggle(id) {
    var panel = document.getElementById(id);
    if (panel) { panel.togglePopover(); }
  }

  var KEYS = {
    r: answers.focusText,
    g: function () { toggle("desk-guideline"); },
    x: function () { toggle("desk-return"); },
    "?": function () { toggle("desk-help"); },
    enter: submit
  };

  function isWriting(target) {
    return target.matches("textarea, select, input:not([type='radio']), [contenteditable]");
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
    act();
  });

  setInterval(showTime, 1000);
  arrive();
})();
