// Counts down to the close, by the server's clock. The text is the page's.
"use strict";
const shown = document.getElementById("countdown");
const until = Number(shown.dataset.until);
const ahead = Number(shown.dataset.now) - Date.now() / 1000;
const two = (number) => String(Math.floor(number)).padStart(2, "0");
function tick() {
  const left = until - (Date.now() / 1000 + ahead);
  if (left <= 0) return location.reload();
  const parts = { DAYS: two(left / 86400), HOURS: two(left / 3600 % 24), MINUTES: two(left / 60 % 60) };
  shown.textContent = shown.dataset.text.replace(/DAYS|HOURS|MINUTES/g, (name) => parts[name]);
}
if (until > 0) {
  tick();
  setInterval(tick, 10000);
}
