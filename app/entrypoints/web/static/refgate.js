// What the pages do beyond HTML and htmx: times in the reader's zone, copying, and where the focus goes after a change
// in place. Every page works without it.
"use strict";

(() => {
  const shown = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

  function tellTimesHere(root) {
    for (const time of root.querySelectorAll("time.moment:not([data-here])")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.valueOf())) continue;
      time.textContent = shown.format(moment);
      time.title = `${exact.format(moment)} = ${time.dateTime}`;
      time.dataset.here = "";
    }
  }

  // A day is the same day everywhere: only how it is written is the reader's.
  function writeDaysAsHere(root) {
    for (const time of root.querySelectorAll("time.day:not([data-here])")) {
      const [year, month, number] = time.dateTime.split("-").map(Number);
      time.textContent = day.format(new Date(year, month - 1, number));
      time.dataset.here = "";
    }
  }

  function offerCopies(root) {
    if (!navigator.clipboard) return;
    for (const button of root.querySelectorAll("button[data-copy][hidden]")) {
      button.hidden = false;
      const label = button.textContent;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = label; }, 2000);
      });
    }
  }

  function prepare(root) {
    tellTimesHere(root);
    writeDaysAsHere(root);
    offerCopies(root);
  }

  function lookAtWhatWasSaid(swapped) {
    const said = swapped.querySelector("[role=alert], .notice");
    if (said) said.focus();
  }

  prepare(document);
  lookAtWhatWasSaid(document);
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt.id === "content") lookAtWhatWasSaid(event.detail.elt);
  });
})();
