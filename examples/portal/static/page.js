"use strict";
/* What the pages of booth, check and audit share: texts, screens, errors, times, what is fetched. It holds no text. */

const page = {
  main: document.querySelector("main"),

  one: (selector) => document.querySelector(selector),

  // A text that the server has put into the page, in its language. Places are named as %place%.
  place: (key) => page.one(`[data-text="${CSS.escape(key)}"]`),
  text(key, places = {}) {
    const place = page.place(key);
    if (!place) return key;
    return place.textContent.trim().replace(/%([a-z]+)%/g, (whole, name) => places[name] ?? whole);
  },

  // What went wrong, in the voter's language: the server's own word, or the page's for this code, or for what it is about,
  // or that it is something else.
  why(error) {
    if (error.said) return error.said;
    const { code = "page/broken", position } = error;
    const [about, what] = code.split("/");
    const once = code === "code/mistyped" && !position ? "-often" : "";
    const keys = [`check-error-${about}-${what}${once}`, `check-error-${about}`, "check-error-other"];
    const [device, server] = [page.now(), page.now() - Math.round(page.ahead())].map(page.time);
    const places = { code, position, group: Math.ceil(position / 5), rank: ((position - 1) % 5) + 1, device, server };
    return page.text(keys.find(page.place), places);
  },

  // One screen at a time; its heading has the focus, so that it is read out.
  show(id) {
    for (const screen of document.querySelectorAll("[data-screen]")) screen.hidden = screen.id !== id;
    const heading = page.one(`#${id} h1, #${id} h2`);
    heading.tabIndex = -1;
    heading.focus();
    window.scrollTo(0, 0);
  },

  // What screen readers say, without moving anybody.
  say(text) {
    page.one("#said").textContent = text;
  },

  // An error beside its field, which gets the focus; or on the screen, where there is no field.
  wrong(id, error) {
    const place = page.one(`#${id}-error`);
    place.textContent = error ? page.why(error) : "";
    place.hidden = !error;
    const field = page.one(`#${id}`);
    if (!field || !field.matches("input, select, textarea")) return;
    if (!error) return field.removeAttribute("aria-invalid");
    field.setAttribute("aria-invalid", "true");
    field.focus();
  },

  fill(selector, text) {
    for (const place of document.querySelectorAll(selector)) place.textContent = text;
  },

  make(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  },

  // Whatever goes wrong is told in its place.
  async doing(place, action) {
    page.wrong(place, null);
    try {
      await action();
    } catch (error) {
      page.wrong(place, error);
    }
  },

  // A thing done by a button: once at a time.
  on(which, event, place, action) {
    const element = typeof which === "string" ? page.one(which) : which;
    element.addEventListener(event, async (happened) => {
      happened.preventDefault();
      if (element.getAttribute("aria-busy") === "true") return;
      element.setAttribute("aria-busy", "true");
      await page.doing(place, action);
      element.removeAttribute("aria-busy");
    });
  },

  // Does something with a code, which leaves its field at once. One that is mistyped comes back, to be looked at.
  async withCode(field, action) {
    const code = field.value;
    field.value = "";
    try {
      await action(code);
    } catch (error) {
      if ((error.code || "").startsWith("code/")) field.value = code;
      throw error;
    }
  },

  // What the browser keeps by itself.
  stored: {
    get: (name) => localStorage.getItem(name),
    set(name, text) {
      try {
        localStorage.setItem(name, text);
        if (page.stored.get(name) === text) return;
      } catch {
        // A browser that keeps nothing may say so, or not.
      }
      throw Object.assign(new Error(name), { code: "page/storage" });
    },
    // Not what another page has put there meanwhile.
    drop(name, text) {
      if (page.stored.get(name) === text) localStorage.removeItem(name);
    },
  },

  now: () => Math.floor(Date.now() / 1000),

  // By how many seconds the device's clock is ahead of the server's, by its last answer.
  server: null,
  ahead: () => (page.server ? (Date.now() - page.server.date - (performance.now() - page.server.at)) / 1000 : 0),

  time(seconds) {
    const shown = { dateStyle: "long", timeStyle: "medium", timeZone: "Europe/Paris" };
    return new Date(seconds * 1000).toLocaleString(document.documentElement.lang, shown);
  },

  number: (number) => new Intl.NumberFormat(document.documentElement.lang).format(number),

  grouped: (hex) => hex.replace(/(.{4})(?=.)/g, "$1 "),

  hex: (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""),

  bytes: (hex) => Uint8Array.from(hex.match(/../g) || [], (byte) => parseInt(byte, 16)),

  // Asks the server. Where it refuses, its code and its words are the error; where it does not answer, that is.
  async fetch(path, options = {}) {
    let answer;
    try {
      answer = await fetch(path, { credentials: "same-origin", redirect: "error", ...options });
    } catch {
      throw Object.assign(new Error(path), { code: "page/no-answer" });
    }
    const date = Date.parse(answer.headers.get("date"));
    if (date && path.startsWith("/api/")) page.server = { date, at: performance.now() };
    if (answer.ok) return answer;
    const refusal = await answer.json().catch(() => ({}));
    const code = refusal.code || (answer.status === 404 ? "page/not-there" : "page/no-answer");
    throw Object.assign(new Error(path), { code, said: refusal.text, status: answer.status });
  },
  async get(path) {
    return new Uint8Array(await (await page.fetch(path)).arrayBuffer());
  },
  async post(path, body) {
    const headers = { "Content-Type": "application/octet-stream", "X-CSRF": page.main.dataset.csrf || "" };
    const answer = await page.fetch(path, { method: "POST", headers, body: body || new Uint8Array() });
    return new Uint8Array(await answer.arrayBuffer());
  },

  // A file of the portal's own, if its hash is the one that stands in the page.
  async asset(element) {
    const { src, integrity } = element.dataset;
    return (await page.fetch(src, { integrity, credentials: "omit" })).arrayBuffer();
  },

  download(name, bytes) {
    const link = page.make("a", { href: URL.createObjectURL(new Blob([bytes])), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  },
};
