// The script of the voting page in node, with its real module and the boxes of an election, and a page without a browser:
// elements keep what they are given, and a text is its key.

import { afterEach, beforeEach } from "node:test";
import { runInNewContext } from "node:vm";
import { boxes, load, read } from "./support.mjs";

export const NOW = 1_669_878_060;
export const OPENS_AT = 1_669_878_000;
export const ENDS_AT = 1_670_517_000;

let server;
beforeEach(async () => {
  server = await boxes();
});
afterEach(() => server.end());

/** Boxes that know of no vote; their keys are the same. */
export async function anew() {
  server.end();
  server = await boxes();
}

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const bytes = (text) => new Uint8Array(Buffer.from(text, "hex"));

async function ask(request) {
  const answer = await server.ask(request);
  if ("refused" in answer) throw Object.assign(new Error(), { code: answer.refused, status: 409 });
  return answer.ok;
}

const element = (tag, properties = {}, ...children) => ({
  tag,
  hidden: false,
  textContent: "",
  value: "",
  children,
  attributes: {},
  listeners: {},
  ...properties,
  append(...more) {
    this.children.push(...more);
  },
  replaceChildren(...others) {
    this.children = others;
  },
  setAttribute(key, value) {
    this.attributes[key] = value;
  },
  toggleAttribute(key, is) {
    this.attributes[key] = is;
  },
  addEventListener(event, action) {
    this.listeners[event] = action;
  },
  focus() {},
  submitted: 0,
  submit() {
    this.submitted += 1;
  },
});
/** Whether the page asks before the logout. */
export const leaves = (page) => {
  let asked = false;
  page.one(".logout").listeners.submit({ preventDefault: () => (asked = true) });
  return asked;
};
const NOTES = ["#waits", "#stays", "#unseen-dossiers"];
/** What it says of dossiers that stay. */
export const notes = (page) => NOTES.filter((note) => !page.one(note).hidden);
const words = (of) => (typeof of === "string" ? of : [of.textContent, ...of.children.map(words)].join(" "));
export const all = (of, name) => (of.children || []).flatMap((child) => [...(child.tag === name ? [child] : []), ...all(child, name)]);

/** A voting page of a voter: what it shows, and how its buttons are pressed. `fault(path)` may fail a request, and
    `says(number, state)` is what the box says in place of its state. */
export async function open({ voter = "anne", at = NOW, storage = new Map(), receipts = new Map(), fault = () => {}, says = (_, state) => state } = {}) {
  const main = { dataset: {} };
  const [elements, filled, errors, done] = [new Map(), new Map(), new Map(), new Map()];
  const shown = { screen: null, listeners: {}, downloads: [], receipts, at, loggedOut: [] };
  const session = await ask({ what: "session", voter, now: at });
  const numbers = session.open.contests.map(({ approved }) => Number(/"number":\s*(\d+)/.exec(approved)[1]));
  const { call: booth } = await load("booth");
  Object.assign(main.dataset, { voter: session.open.voter, csrf: "word", contests: JSON.stringify(numbers.map((number) => ({ number }))) });
  const one = (selector) => {
    if (selector === "#options input:checked") return all(one("#options"), "input").find(({ checked }) => checked) || null;
    if (selector === "[data-screen]:not([hidden])") return { id: shown.screen };
    if (selector === "#options input") return all(one("#options"), "input")[0];
    if (!elements.has(selector)) elements.set(selector, element(selector));
    return elements.get(selector);
  };
  const fetched = async (path, body = []) => {
    fault(path);
    if (path === "/public/fingerprints.json") return Buffer.from(JSON.stringify(session.open.published));
    const [, , number, what] = path.split("/");
    const given = session.open.contests[numbers.indexOf(Number(number))];
    const of = { voter, number: Number(number), now: shown.at, bytes: hex(body) };
    switch (what) {
      case "approved.json":
        return Buffer.from(given.approved);
      case "opening":
        return bytes(given.opening);
      case "state":
        return bytes(says(Number(number), given.state));
      case "documents":
        return bytes(session.documents);
      case "nonce":
        return bytes("07".repeat(32));
      case "deposit": {
        const { receipt } = await ask({ ...of, what });
        shown.receipts.set(of.number, receipt);
        return bytes(receipt);
      }
      case "receipt":
        if (shown.receipts.has(of.number)) return bytes(shown.receipts.get(of.number));
        throw Object.assign(new Error(), { code: "portal/not-found", status: 404 });
      default:
        await ask({ ...of, what });
        return new Uint8Array();
    }
  };
  const fake = {
    text: (key, places = {}) => [key, ...Object.values(places)].join(" "),
    show: (id) => (shown.screen = id),
    wrong(id, error) {
      if (process.env.TRACE && error) console.error(id, error);
      errors.set(id, error ? error.code || String(error) : null);
    },
    fill(selector, text) {
      filled.set(selector, text);
      if (selector.startsWith("#")) one(selector).textContent = text;
    },
    make: (name, properties, ...children) => element(name, properties, ...children),
    on(which, event, place, action) {
      const doing = async () => {
        try {
          fake.wrong(place, null);
          await action();
        } catch (error) {
          fake.wrong(place, error);
        }
      };
      if (typeof which === "string") done.set(which, doing);
      else which.addEventListener(event, doing);
    },
    now: () => shown.at,
    ahead: () => 0,
    time: (seconds) => `at ${seconds}`,
    say() {},
    asset: () => null,
    get: (path) => fetched(path),
    post: fetched,
    async fetch(path, { method, body, redirect }) {
      await fault(path);
      // What was stored when the server was asked, and no later.
      shown.loggedOut.push([method, path, String(body), redirect, storage.size]);
    },
    download: (name) => shown.downloads.push(name),
  };
  const began = new Promise((resolve) => {
    const { show } = fake;
    fake.show = (id) => resolve(show(id));
  });
  const globals = {
    fake, performance, TextDecoder, URLSearchParams,
    document: { querySelector: (selector) => (selector === "main" ? main : one(selector)) },
    urneModule: () => booth,
    location: { origin: "https://vote.example", reload() {}, assign: (path) => shown.loggedOut.push(path) },
    window: { addEventListener: (event, action) => (shown.listeners[event] = action) },
    localStorage: {
      getItem: (key) => storage.get(key) ?? null,
      setItem: (key, value) => storage.set(key, value),
      removeItem: (key) => storage.delete(key),
    },
  };
  runInNewContext(`${read("static/page.js")}; Object.assign(page, fake); ${read("static/booth.js")}`, globals);
  await began;
  const row = (number) => one("#list").children[numbers.indexOf(number)];
  return Object.assign(shown, {
    storage, numbers, one, row,
    press: (selector) => done.get(selector)(),
    error: (id) => errors.get(id) ?? null,
    filled: (selector) => filled.get(selector),
    says: (number) => words(row(number)),
    async enter() {
      one("#typed").value = session.code;
      await done.get("#code-form")();
    },
    async confirm(number, choice) {
      await all(row(number), "button")[0].listeners.click();
      await done.get("#activate")();
      all(one("#options"), "input").find(({ value }) => Number(value) === choice).checked = true;
      await done.get("#choose-form")();
    },
  });
}
