// The script of the voting page in node, with its real module and the boxes of an election, and a page without a browser:
// elements keep what they are given, and a text is its key.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { runInNewContext } from "node:vm";
import { boxes, load, read } from "./support.mjs";

const NOW = 1_669_878_060;
const OPENS_AT = 1_669_878_000;
const ENDS_AT = 1_670_517_000;

let server;
beforeEach(async () => {
  server = await boxes();
});
afterEach(() => server.end());

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
  addEventListener(event, action) {
    this.listeners[event] = action;
  },
  focus() {},
  submitted: 0,
  submit() {
    this.submitted += 1;
  },
  querySelector: () => element("part"),
});
/** Whether the page asks before the logout. */
const leaves = (page) => {
  let asked = false;
  page.one(".logout").listeners.submit({ preventDefault: () => (asked = true) });
  return asked;
};
const NOTES = ["#waits", "#stays", "#unseen-dossiers"];
/** What it says of dossiers that stay. */
const notes = (page) => NOTES.filter((note) => !page.one(note).hidden);
const words = (of) => (typeof of === "string" ? of : [of.textContent, ...of.children.map(words)].join(" "));
const all = (of, name) => (of.children || []).flatMap((child) => [...(child.tag === name ? [child] : []), ...all(child, name)]);

/** A voting page of a voter: what it shows, and how its buttons are pressed. `fault(path)` may fail a request, and
    `says(number, state)` is what the box says in place of its state. */
async function open({ voter = "anne", at = NOW, storage = new Map(), receipts = new Map(), fault = () => {}, says = (_, state) => state } = {}) {
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
    on(selector, event, place, action) {
      done.set(selector, async () => {
        try {
          fake.wrong(place, null);
          await action();
        } catch (error) {
          fake.wrong(place, error);
        }
      });
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

test("only who has voted everywhere is told so", async () => {
  const early = await open({ at: OPENS_AT - 60 });
  assert.deepEqual([early.screen, early.one("#nothing-open").hidden], ["contests", false]);
  assert.equal(early.one("#nothing-open").textContent, "vote-none-open-yet");
  const late = await open({ at: ENDS_AT + 60 });
  assert.equal(late.one("#nothing-open").textContent, "vote-none-open-any-more");
  const voter = await open();
  await voter.enter();
  assert.equal(voter.one("#nothing-open").hidden, true);
  // Contest 47 has no documents, and one in which nothing was voted keeps the others from being all.
  await voter.confirm(584, 1);
  await voter.press("#vote-button");
  assert.equal(voter.screen, "acknowledgement");
  assert.equal((await open({ at: ENDS_AT + 60 })).one("#nothing-open").textContent, "vote-none-open-any-more");
});

test("a box that denies a ballot that it acknowledged is found out", async () => {
  const first = await open();
  await first.enter();
  await first.confirm(584, 1);
  await first.press("#vote-button");
  assert.equal(first.screen, "acknowledgement");
  const kept = JSON.stringify([...first.storage]);
  server.end();
  server = await boxes(); // which knows of no vote; its keys are the same
  const again = await open({ storage: first.storage });
  assert.equal(again.screen, "denied");
  assert.equal(again.filled("[data-fill=reference]"), first.filled("[data-fill=reference]"));
  again.one("#denied-proof").onclick();
  assert.deepEqual(again.downloads, ["584.proof"]);
  await again.press("#denied-leave");
  assert.equal(again.screen, "code");
  await again.enter();
  // Said in the list, where no other ballot can replace the dossier.
  assert.match(again.says(584), /vote-contest-active.*vote-denied/s);
  assert.equal(all(again.row(584), "button").length, 1);
  assert.equal(JSON.stringify([...again.storage]), kept);
  // Another page of this browser may vote between the box's answer and the look at what is stored: it is asked again.
  const meanwhile = await open({ storage: first.storage, receipts: new Map([[584, "00"]]) });
  assert.equal(meanwhile.screen, "code");
  // What cannot be asked is no denial either.
  const fault = (path) => {
    if (path.endsWith("/receipt")) throw Object.assign(new Error(), { code: "page/no-answer" });
  };
  const away = await open({ storage: first.storage, fault });
  assert.deepEqual([away.screen, away.error("failed")], ["failed", "page/no-answer"]);
});

test("a box that says another time of a vote than it acknowledged is found out", async () => {
  const first = await open();
  await first.enter();
  await first.confirm(584, 1);
  await first.press("#vote-button");
  const kept = JSON.stringify([...first.storage]);
  const time = (seconds) => {
    const form = Buffer.alloc(8);
    form.writeBigUInt64LE(BigInt(seconds));
    return form.toString("hex");
  };
  let times = 0;
  const says = (number, state) => {
    if (number !== 584) return state;
    times += state.split(time(NOW)).length - 1;
    return state.replace(time(NOW), time(NOW + 60));
  };
  const again = await open({ storage: first.storage, says });
  assert.equal(times, 1);
  assert.equal(again.screen, "denied");
  assert.equal(again.filled("[data-fill=lie]"), `vote-other-time at ${NOW + 60}`);
  assert.equal(again.filled("[data-fill=at]"), `at ${NOW}`);
  again.one("#denied-proof").onclick();
  assert.deepEqual(again.downloads, ["584.proof"]);
  await again.press("#denied-leave");
  assert.equal(again.screen, "code");
  assert.match(again.says(584), /vote-contest-voted.*vote-other-time/s);
  // What disproves the box is not forgotten.
  assert.equal(leaves(again), true);
  assert.deepEqual(notes(again), ["#stays"]);
  await again.press("#forget");
  assert.equal(again.loggedOut.at(-1), "/");
  assert.equal(JSON.stringify([...again.storage]), kept);
  // The time that was acknowledged is no lie.
  assert.equal((await open({ storage: first.storage })).screen, "code");
});

test("before the logout a browser offers to forget the voter's votes, with their proofs, and no other's", async () => {
  const storage = new Map();
  const votes = async (page, number) => {
    await page.confirm(number, 1);
    await page.press("#vote-button");
  };
  const bruno = await open({ voter: "bruno", storage });
  await bruno.enter();
  await votes(bruno, 584);
  const brunos = [...storage];
  assert.equal(brunos.length, 1);

  const other = (page) => page.numbers.find((number) => number !== 584 && number !== 47);
  let away = true;
  const fault = (path) => {
    const lost = path === `/api/${other(bruno)}/deposit` || (away && path === "/logout");
    if (lost) throw Object.assign(new Error(), { code: "page/no-answer" });
  };
  const anne = await open({ storage, fault });
  // Of hers there is nothing yet, and of his she learns nothing.
  assert.equal(leaves(anne), false);
  await anne.enter();
  await votes(anne, 584);
  assert.equal(leaves(anne), true);
  assert.deepEqual([anne.screen, anne.one("#waits").hidden], ["leaving", true]);
  assert.deepEqual(notes(anne), []);
  const [button, ...more] = all(anne.one("#proofs"), "button");
  assert.equal(more.length, 0);
  button.listeners.click();
  assert.deepEqual(anne.downloads, ["584.proof"]);
  // Back to where she was, also when she has asked twice.
  assert.equal(leaves(anne), true);
  anne.one("#stay").onclick();
  assert.equal(anne.screen, "acknowledgement");

  // A ballot without an answer stays, since nothing else can be sent again, and is said to.
  await votes(anne, other(anne));
  assert.deepEqual([anne.screen, anne.error("sending")], ["sending", "page/no-answer"]);
  assert.equal(leaves(anne), true);
  assert.deepEqual(notes(anne), ["#waits"]);
  await anne.press("#keep");
  assert.deepEqual([storage.size, anne.one(".logout").submitted], [3, 1]);
  // Who could not be logged out still has all dossiers.
  await anne.press("#forget");
  assert.deepEqual([storage.size, anne.loggedOut, anne.error("leaving")], [3, [], "page/no-answer"]);
  away = false;
  await anne.press("#forget");
  assert.equal(storage.size, 2);
  assert.deepEqual(anne.loggedOut, [["POST", "/logout", "csrf=word", "follow", 3], "/"]);
  assert.deepEqual([...storage].slice(0, 1), brunos);
  const later = await open({ storage });
  assert.equal(later.screen, "resume");
  // Where nothing else is left it is asked and said as well, and nothing goes.
  assert.equal(leaves(later), true);
  assert.deepEqual([notes(later), all(later.one("#proofs"), "button").length], [["#waits"], 0]);
  await later.press("#forget");
  assert.equal(storage.size, 2);
});

/** A browser in which anne has voted in two contests, with what the boxes answered. */
async function twice() {
  const page = await open();
  await page.enter();
  const [first, second] = page.numbers.filter((number) => number !== 47);
  for (const number of [first, second]) {
    await page.confirm(number, 1);
    await page.press("#vote-button");
  }
  return { first, second, storage: page.storage };
}

test("no dossier is erased of which the box was not asked, and no failed look counts as one", async () => {
  const { first, second, storage } = await twice();
  const kept = [...storage];
  assert.equal(kept.length, 2);
  server.end();
  server = await boxes(); // which knows of no vote
  let away = false;
  const fault = (path) => {
    if (away && path === `/api/${second}/receipt`) throw Object.assign(new Error(), { code: "portal/come-back", status: 503 });
  };
  // At the first denial the second contest was not looked at yet.
  const denied = await open({ storage, fault });
  assert.deepEqual([denied.screen, denied.filled("[data-fill=title]").includes(`(${first})`)], ["denied", true]);
  assert.equal(leaves(denied), true);
  assert.deepEqual([notes(denied), all(denied.one("#proofs"), "button").length], [["#stays"], 2]);
  await denied.press("#forget");
  assert.equal(denied.loggedOut.at(-1), "/");
  assert.deepEqual([...storage], kept);
  denied.one("#stay").onclick();
  // A look that failed is made again, and until then its dossier stays.
  away = true;
  await denied.press("#denied-leave");
  assert.deepEqual([denied.screen, denied.error("denied")], ["denied", "portal/come-back"]);
  await denied.press("#forget");
  assert.deepEqual([...storage], kept);
  away = false;
  await denied.press("#denied-leave");
  assert.deepEqual([denied.screen, denied.filled("[data-fill=title]").includes(`(${second})`)], ["denied", true]);
  await denied.press("#denied-leave");
  assert.equal(denied.screen, "code");
  await denied.press("#forget");
  assert.deepEqual([...storage], kept);
});

test("a dossier stays whose receipt could not be asked for, or was not looked at", async () => {
  const { first, second, storage } = await twice();
  const kept = [...storage];
  server.end();
  server = await boxes();
  const fault = (path) => {
    if (path === `/api/${second}/receipt`) throw Object.assign(new Error(), { code: "portal/come-back", status: 503 });
  };
  // The first box has the receipt, so that it denies nothing.
  const page = await open({ storage, fault, receipts: new Map([[first, "00"]]) });
  assert.deepEqual([page.screen, page.error("failed")], ["failed", "portal/come-back"]);
  assert.equal(leaves(page), true);
  assert.deepEqual(notes(page), ["#stays"]);
  await page.press("#forget");
  assert.deepEqual([...storage], kept);
  // Before the contests are known, nobody can say what there is.
  const nothing = () => {
    throw Object.assign(new Error(), { code: "page/no-answer" });
  };
  const blind = await open({ storage, fault: (path) => path.startsWith("/public/") && nothing() });
  assert.equal(blind.screen, "failed");
  assert.equal(leaves(blind), true);
  assert.deepEqual(notes(blind), ["#unseen-dossiers"]);
  await blind.press("#forget");
  assert.deepEqual([...storage], kept);
});

test("a dossier stays that another page of this browser has put there since the box was asked", async () => {
  const storage = new Map();
  const page = await open({ storage });
  const { storage: other } = await twice();
  for (const [name, dossier] of other) storage.set(name, dossier);
  assert.equal(leaves(page), true);
  assert.deepEqual(notes(page), ["#stays"]);
  await page.press("#forget");
  assert.equal(page.loggedOut.at(-1), "/");
  assert.deepEqual([...storage], [...other]);
});

test("a logout that is begun and not done leaves the ballot that is being sent again", async () => {
  const storage = new Map();
  const fault = (path) => {
    if (path.endsWith("/deposit")) throw Object.assign(new Error(), { code: "page/no-answer" });
  };
  const { numbers } = await open();
  const [first, second] = numbers.filter((number) => number !== 47);
  for (const number of [first, second]) {
    const page = await open({ storage, fault });
    if (number === second) await page.press("#resume-leave");
    await page.enter();
    await page.confirm(number, 1);
    await page.press("#vote-button");
    assert.equal(page.screen, "sending");
  }
  assert.equal(storage.size, 2);
  let again = await open({ storage });
  for (const number of [first, second]) {
    assert.deepEqual([again.screen, again.receipts.has(number)], ["resume", false]);
    assert.equal(leaves(again), true);
    assert.deepEqual(notes(again), ["#waits"]);
    again.one("#stay").onclick();
    assert.equal(again.screen, "resume");
    await again.press("#resume-again");
    assert.deepEqual([again.screen, again.error("resume"), again.receipts.has(number)], ["acknowledgement", null, true]);
    if (number === second) break;
    // What was acknowledged may go, the other stays. The page is loaded again for it.
    assert.equal(leaves(again), true);
    assert.deepEqual([notes(again), all(again.one("#proofs"), "button").length], [["#waits"], 1]);
    again = await open({ storage, receipts: again.receipts });
  }
  assert.equal(leaves(again), true);
  assert.deepEqual(notes(again), []);
  await again.press("#forget");
  assert.equal(storage.size, 0);
});

test("a ballot that waits when the logout begins stays, also if its answer comes meanwhile", async () => {
  const storage = new Map();
  const lost = (path) => {
    if (path.endsWith("/deposit")) throw Object.assign(new Error(), { code: "page/no-answer" });
  };
  const { numbers } = await open();
  const page = await open({ storage, fault: lost });
  await page.enter();
  await page.confirm(numbers.find((number) => number !== 47), 1);
  await page.press("#vote-button");
  const again = await open({ storage, fault: (path) => (path === "/logout" ? again.press("#resume-again") : null) });
  assert.equal(leaves(again), true);
  assert.deepEqual(notes(again), ["#waits"]);
  const [waited] = storage.values();
  await again.press("#forget");
  assert.deepEqual([again.loggedOut.at(-1), storage.size], ["/", 1]);
  assert.notEqual([...storage.values()][0], waited); // with its receipt
});

test("a vote of another page of this browser is no denial, and one that is denied meanwhile is", async () => {
  for (const denies of [false, true]) {
    // Both are at the confirmation when one of them votes.
    const storage = new Map();
    const [first, second] = [await open({ storage }), await open({ storage })];
    for (const [of, choice] of [[first, 1], [second, 2]]) {
      await of.enter();
      await of.confirm(584, choice);
    }
    await first.press("#vote-button");
    assert.equal(first.screen, "acknowledgement");
    const kept = [...storage];
    if (!denies) second.receipts.set(584, first.receipts.get(584));
    await second.press("#vote-button");
    assert.equal(second.screen, denies ? "denied" : "contests");
    assert.equal(second.error("contests"), denies ? null : "session/already-voted");
    assert.match(second.says(584), denies ? /vote-contest-active.*vote-denied/s : /vote-contest-voted/);
    assert.deepEqual([...storage], kept);
    server.end();
    server = await boxes();
  }
});

test("boxes that do not answer to a code are asked again, and are not said to refuse it", async () => {
  let away = true;
  const failure = Object.assign(new Error(), { code: "portal/come-back", status: 503 });
  const fault = (path) => {
    if (away && path === "/api/584/activate") throw failure;
  };
  const voter = await open({ fault });
  await voter.enter();
  assert.deepEqual([voter.screen, voter.error("typed")], ["code", "portal/come-back"]);
  assert.equal(voter.one("#rest").hidden, false);
  assert.equal(voter.one("#rest-leave").hidden, false);
  await voter.press("#rest");
  assert.equal(voter.error("typed"), "portal/come-back");
  away = false;
  await voter.press("#rest");
  assert.deepEqual([voter.screen, voter.error("typed")], ["contests", null]);
  assert.equal(voter.one("#rest").hidden, true);
  for (const number of voter.numbers) assert.match(voter.says(number), /vote-contest-active/);
  // Going on without them, which says so; the code is entered again, and with an error that has no code.
  away = true;
  const other = await open({ voter: "bruno", fault });
  delete failure.code;
  await other.enter();
  assert.match(other.error("typed"), /Error/);
  await other.press("#rest-leave");
  assert.equal(other.screen, "contests");
  assert.match(other.says(584), /vote-contest-unanswered/);
  assert.match(other.says(other.numbers[0]), /vote-contest-active/);
  away = false;
  await other.press("#another");
  await other.enter();
  assert.match(other.says(584), /vote-contest-active/);
  // An answer that the server will not have again: the code is typed anew.
  away = true;
  await other.press("#another");
  await other.enter();
  assert.equal(other.one("#rest").hidden, false);
  Object.assign(failure, { code: "portal/bad", status: 400 });
  await other.press("#rest");
  assert.deepEqual([other.one("#rest").hidden, other.one("#rest-leave").hidden], [true, true]);
  assert.equal(other.error("typed"), "portal/bad");
  away = false;
  await other.enter();
  assert.equal(other.screen, "contests");
});

test("nothing on the page says what was chosen, once it is acknowledged, tested or left", async () => {
  const voter = await open();
  await voter.enter();
  const holds = () => [voter.filled("[data-fill=chosen]"), voter.one("#options input:checked"), voter.one("#qr path").attributes.d];
  const nothing = ["", null, ""];
  await voter.confirm(584, 2);
  assert.match(holds()[0], /vote-chosen-list/);
  await voter.press("#test-button");
  assert.equal(voter.screen, "test");
  await voter.press("#tested");
  assert.deepEqual(holds(), nothing);
  assert.equal(voter.one("#opened").onclick, null);
  all(voter.one("#options"), "input")[1].checked = true;
  await voter.press("#choose-form");
  await voter.press("#back");
  await voter.press("#leave");
  assert.deepEqual(holds(), nothing);
  await voter.confirm(584, 1);
  await voter.press("#vote-button");
  assert.equal(voter.screen, "acknowledgement");
  assert.deepEqual(holds(), nothing);
  const gone = await open({ voter: "bruno" });
  await gone.enter();
  await gone.confirm(584, 1);
  gone.listeners.pagehide();
  assert.deepEqual([gone.filled("[data-fill=chosen]"), gone.one("#options").children], ["", []]);
});
