// A key for each thing that an agent can do, so that a whole call goes without the mouse.
(function () {
  "use strict";
  const keyed = new Map([...document.querySelectorAll("[data-key]")].map((one) => [one.dataset.key, one]));
  if (!keyed.size) return;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.key === "Escape") document.activeElement.blur();
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
    const one = keyed.get(event.key.toLowerCase());
    if (!one) return;
    event.preventDefault();
    if (one.tagName === "BUTTON") one.click();
    else one.focus();
  });
  // A form is sent once, however often its button is pressed.
  for (const form of document.querySelectorAll("form[method=post]"))
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
    });
  window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));
})();
