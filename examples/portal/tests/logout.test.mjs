// The script of the voting page before a logout: what is erased in this browser, and what stays.

import assert from "node:assert/strict";
import { test } from "node:test";
import { all, anew, leaves, notes, open } from "./voting_page.mjs";

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
  await anew(); // which knows of no vote
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
  await anew();
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

test("a dossier stays without its receipt, also if the box has given it", async () => {
  const storage = new Map();
  // Full, once the ballot is on its way.
  const fault = (path) => {
    if (path !== "/api/584/deposit") return;
    storage.set = () => {
      throw new Error("full");
    };
  };
  const page = await open({ storage, fault });
  await page.enter();
  await page.confirm(584, 1);
  await page.press("#vote-button");
  assert.deepEqual([page.screen, page.error("acknowledgement")], ["acknowledgement", "page/storage"]);
  assert.equal(leaves(page), true);
  assert.deepEqual(notes(page), ["#waits"]);
  await page.press("#forget");
  assert.deepEqual([page.loggedOut.at(-1), storage.size], ["/", 1]);
  // With it the ballot is sent again, and answered.
  delete storage.set;
  const again = await open({ storage });
  assert.equal(again.screen, "resume");
  await again.press("#resume-again");
  assert.deepEqual([again.screen, again.filled("[data-fill=reference]")], ["acknowledgement", page.filled("[data-fill=reference]")]);
});
