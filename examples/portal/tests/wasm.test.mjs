// Booth and checker as browsers run them, against the boxes of an election. `examples/portal/wasm` builds them first.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { performance } from "node:perf_hooks";
import { boxes, flipped, load, refusal } from "./support.mjs";

const NOW = 1_669_878_060;
const ENDS_AT = 1_670_517_000;
const NONCE = "07".repeat(32);

let server;
before(async () => {
  server = await boxes();
});
after(() => server.end());

const ask = async (request) => {
  const answer = await server.ask({ now: NOW, ...request });
  assert.ok("ok" in answer, JSON.stringify(answer));
  return answer.ok;
};

/** A booth with a voter in it, before the code. */
async function opened(voter) {
  const booth = await load("booth");
  const session = await ask({ what: "session", voter });
  return { booth, contests: booth.call({ open: session.open }), ...session, voter };
}

async function active(voter) {
  const page = await opened(voter);
  const activations = page.booth.call({ enter_code: { code: page.code, nonce: NONCE } });
  for (const [fingerprint, answer] of activations) {
    const { number } = page.contests.find((contest) => contest.fingerprint === fingerprint);
    await ask({ what: "activate", voter, number, bytes: NONCE + answer });
  }
  page.booth.call({ activated: activations.map(([fingerprint]) => fingerprint) });
  return page;
}

function sealed({ booth, documents }, choice) {
  booth.call({ choose: { number: 584, documents, now: NOW } });
  booth.call("activate_selection");
  return booth.call({ select: { choice } }).reference;
}

test("a false contest is not opened", async () => {
  const booth = await load("booth");
  const { open } = await ask({ what: "session" });
  const altered = (change) => {
    const given = structuredClone(open);
    change(given);
    return refusal(() => booth.call({ open: given }));
  };
  assert.equal(altered((given) => given.published.pop()), "session/not-published");
  const retitled = (given) => (given.contests[1].approved = given.contests[1].approved.replace("Committee 584", "X"));
  assert.equal(altered(retitled), "contest/approval");
  const moved = (given) => (given.contests[1].opening = given.contests[0].opening);
  assert.equal(altered(moved), "session/opening");
  assert.equal(refusal(() => booth.call("nothing of the kind")), "page/request");
  assert.equal(booth.call({ open }).length, 3);
});

test("wrong documents are not shown", async () => {
  const { booth, documents } = await active("bruno");
  const choose = (documents) => booth.call({ choose: { number: 584, documents, now: NOW } });
  assert.equal(refusal(() => choose(flipped(documents, 3))), "documents/other");
  assert.equal(refusal(() => booth.call("activate_selection")), "page/order");
  assert.equal(choose(documents), null);
});

test("the code that was entered is nowhere in memory, nor is a mistyped one", async () => {
  const page = await opened("bruno");
  const { booth, code } = page;
  const mistyped = code.replace(/.$/, (last) => (last === "q" ? "p" : "q"));
  assert.equal(refusal(() => booth.call({ enter_code: { code: mistyped, nonce: NONCE } })), "code/mistyped");
  booth.call({ enter_code: { code, nonce: NONCE } });
  const memory = booth.memory();
  // The voter's id, which nobody wipes, is there: it is the right memory.
  assert.ok(memory.includes("Committee 584"));
  for (const text of [code, mistyped, code.replaceAll("-", ""), mistyped.replaceAll("-", "")]) {
    assert.ok(!memory.includes(text.slice(6)), "a code was left behind");
  }
});

test("a challenged ballot is honest, and a lying booth is caught by the second device", async () => {
  const page = await active("bruno");
  const [checker, approved] = [await load("checker"), page.open.contests[1].approved];
  const contest = { approved, published: page.open.published };
  assert.deepEqual(checker.call({ contest }).lists, ["List 1", "List 2", "List 3"]);
  const shown = sealed(page, 2);
  const ballot = page.booth.call("challenge");
  await ask({ what: "challenge", voter: "bruno", bytes: ballot });
  const { opened, qr } = page.booth.call({ noted: { address: "https://vote.example.org/check" } });
  assert.match(qr.path, /^M\d+ \d+h\d+v1h-\d+z/);
  const check = (changes) => {
    const request = { opened, contest, shown, code: page.code, meant: 2, ...changes };
    return checker.call({ challenge: request }).reference;
  };
  assert.equal(check({}), shown);
  // As much of the reference as a person types.
  assert.equal(check({ shown: ` ${shown.slice(0, 16).toUpperCase()} ` }), shown);
  // The booth sealed another choice than the voter meant, and says so, or says that it is the one.
  assert.equal(refusal(() => check({ meant: 3 })), "challenge/meant");
  const lie = Buffer.from(opened, "hex");
  lie[2] = 3;
  assert.equal(refusal(() => check({ opened: lie.toString("hex"), meant: 3 })), "challenge/slot");
  // It showed the reference of another ballot; a reference that is too short to tell says nothing.
  const other = shown.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  assert.equal(refusal(() => check({ shown: other })), "challenge/reference");
  const beginning = shown.slice(0, 15).replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  assert.equal(refusal(() => check({ shown: `${beginning}0` })), "challenge/reference");
  assert.equal(refusal(() => check({ shown: shown.slice(0, 15) })), "reference/length");
  // The ballot is another voter's.
  const { code } = await ask({ what: "session", voter: "anne" });
  assert.equal(refusal(() => check({ code })), "challenge/credential");
  // The contest is one that somebody made up.
  const published = page.open.published.slice(0, 1);
  assert.equal(refusal(() => check({ contest: { approved, published } })), "published/not-published");
});

test("a whole vote, found again in the closed box and in the count", async () => {
  const anne = await active("anne");
  const { booth, code } = anne;
  sealed(anne, 1);
  booth.call("back");
  const { reference } = booth.call({ select: { choice: 3 } });
  const start = performance.now();
  const dossier = booth.call({ cast: { now: NOW } });
  const ballot = booth.call("stored");
  const { receipt } = await ask({ what: "deposit", voter: "anne", bytes: ballot });
  for (let at = 0; at < receipt.length / 2; at += 11) {
    const false_ = flipped(receipt, at);
    assert.ok(refusal(() => booth.call({ acknowledge: { receipt: false_, now: NOW } })), `byte ${at}`);
  }
  const voted = booth.call({ acknowledge: { receipt, now: NOW } });
  console.log(`from "Je vote" to a checked receipt, and 70 false ones: ${Math.round(performance.now() - start)} ms`);
  assert.equal(voted.reference, reference);

  // Another process sends it again.
  const later = await load("booth");
  const kept = { voter: anne.open.voter, dossier, approved: anne.open.contests[1].approved };
  const resumed = later.call({ earlier: kept });
  assert.equal(resumed.ballot, ballot);
  const again = await ask({ what: "deposit", voter: "anne", bytes: resumed.ballot });
  const now = NOW + 3600;
  assert.equal(later.call({ acknowledge_earlier: { kept, receipt: again.receipt, now } }).reference, reference);

  const bruno = await active("bruno");
  const theirs = sealed(bruno, 0);
  bruno.booth.call({ cast: { now: NOW } });
  await ask({ what: "deposit", voter: "bruno", bytes: bruno.booth.call("stored") });

  const { record, given } = await ask({ what: "close", number: 584, now: ENDS_AT });
  const [closed, checker] = [Buffer.from(record), await load("checker")];
  const known = { published: anne.open.published, given };
  const byCode = (changes, file = closed) => checker.call({ code: { code, shown: reference, known, ...changes } }, file);
  assert.deepEqual(
    (({ counted, place, of, compared }) => ({ counted, place, of, compared }))(byCode({})),
    { counted: false, place: 1, of: 2, compared: true },
  );
  assert.equal(byCode({ shown: null }).compared, false);
  // A device that lies shows the reference of another's ballot, which is in the box as it should be.
  assert.equal(refusal(() => byCode({ shown: theirs })), "check/other-reference");
  assert.equal(refusal(() => byCode({ known: { ...known, given: [] } })), "published/nobody-was-given");
  assert.equal(refusal(() => byCode({ known: { ...known, given: [flipped(given[0], 20)] } })), "published/other-given");
  assert.equal(refusal(() => byCode({ known: { ...known, published: [] } })), "published/not-published");
  assert.equal(refusal(() => byCode({ code: "urne1" })), "code/length");
  assert.equal(refusal(() => byCode({}, Buffer.from(record.slice(0, -9)))), "record/cut-short");
  assert.equal(refusal(() => byCode({}, null)), "page/unread");
  const byFile = (file, record_ = closed) => checker.call({ file: { file, known } }, record_);
  for (const file of [voted.proof, voted.dossier, receipt]) assert.equal(byFile(file).reference, reference);
  // A dossier says whose it is.
  assert.deepEqual([voted.dossier, voted.proof].map((file) => byFile(file).voter), ["anne", undefined]);
  assert.equal(refusal(() => byFile(dossier)), "dossier/no-receipt");
  assert.equal(refusal(() => byFile(flipped(voted.proof, 60))), "receipt/foreign-contest");
  assert.equal(refusal(() => byFile("00")), "page/file");

  const counted = Buffer.from((await server.ask({ what: "count" })).ok.record);
  assert.equal(byCode({}, counted).counted, true);
  assert.equal(byFile(voted.proof, counted).counted, true);
  const audit = (file) => checker.call({ audit: { expected: anne.open.published[1], seats: 3 } }, file);
  const report = audit(counted);
  assert.equal(report.conclusion, "audit/holds");
  assert.deepEqual(report.result, { votes: [0, 0, 1], blank: 1, seats: { certain: [0, 0, 3], tie: null, vacant: 0 } });
  assert.equal(audit(closed).conclusion, "audit/closed-not-counted");
  // A ballot is left out, or one is altered.
  const left = JSON.parse(counted);
  left.ballots.pop();
  assert.equal(refusal(() => byCode({}, Buffer.from(JSON.stringify(left)))), "published/closing");
  const failed = audit(Buffer.from(JSON.stringify(left))).steps.filter(({ outcome }) => outcome === "failed");
  assert.deepEqual(failed.map(({ number }) => number), [5, 6, 7, 8]);
});
