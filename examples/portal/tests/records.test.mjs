// Records before the checker as browsers run it, and what each of them fails in. `examples/portal/wasm` builds it first.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { flipped, library, load, read, refusal } from "./support.mjs";

const vector = (name) => readFileSync(`${library}/tests/vectors/${name}.json`);
const failures = ({ steps }) => steps.filter(({ outcome }) => outcome === "failed").map(({ number }) => number);

test("records of the vectors hold", async () => {
  const checker = await load("checker");
  for (const name of ["record", "record-12-lists", "record-empty", "record-packed", "record-single"]) {
    const report = checker.call({ audit: { expected: null, seats: null } }, vector(name));
    assert.equal(report.conclusion, "audit/holds", name);
    assert.deepEqual(report.steps.map(({ outcome }) => outcome), Array(9).fill("passed"));
    const { result } = JSON.parse(vector(name));
    assert.deepEqual([report.result.votes, report.result.blank], [result.votes, result.blank]);
    assert.equal(checker.told().reduce((most, ballots) => Math.max(most, ballots), 0), report.ballots);
  }
});

test("false records fail in their steps, and have no result", async () => {
  const checker = await load("checker");
  const audit = (change, expected = null) => {
    const record = JSON.parse(vector("record"));
    change(record);
    const report = checker.call({ audit: { expected, seats: 2 } }, Buffer.from(JSON.stringify(record)));
    const failed = report.steps.filter(({ outcome }) => outcome === "failed");
    assert.equal(report.result === null, failed.length > 0);
    assert.ok(failed.every(({ flaws }) => flaws.length > 0 && flaws[0].code.includes("/")));
    return failed.map(({ number }) => number);
  };
  const flip = (hex) => flipped(hex, hex.length / 2 - 1);
  assert.deepEqual(audit(() => {}), []);
  assert.deepEqual(audit((record) => (record.contest.title = "another")).slice(0, 1), [1]);
  assert.deepEqual(audit((record) => (record.ballots[0] = "")).slice(0, 1), [2]);
  assert.ok(audit((record) => (record.roll[0].revoked = !record.roll[0].revoked)).includes(3));
  assert.ok(audit((record) => (record.ballots[0] = flip(record.ballots[0]))).includes(4));
  assert.ok(audit((record) => record.ballots.push(record.ballots[0])).includes(5));
  assert.deepEqual(audit((record) => (record.closing.issuer_signature = flipped(record.closing.issuer_signature, 3))), [6]);
  assert.deepEqual(audit((record) => (record.tally.count += 1)), [7]);
  assert.ok(audit((record) => (record.factors[0].factors[0] = record.tally.sums[0])).includes(8));
  assert.deepEqual(audit((record) => ([record.result.blank, record.result.votes[0]] = [record.result.votes[0] + 1, 0])), [9]);
  assert.deepEqual(audit(() => {}, "00".repeat(32)), [1]);
  const bad = { audit: { expected: "00", seats: null } };
  assert.equal(refusal(() => checker.call(bad, vector("record"))), "page/fingerprint");
  const cut = checker.call({ audit: { expected: null, seats: null } }, vector("record").subarray(0, 9000));
  assert.equal(cut.conclusion, "audit/not-whole");
  assert.equal(refusal(() => checker.call({ audit: { expected: null, seats: null } }, null)), "page/unread");
});

test("every record of the negative vectors fails first in the step that they name", async () => {
  const { base, tests } = JSON.parse(vector("negative/record"));
  const good = readFileSync(`${library}/tests/vectors/negative/${base}`, "utf8");
  const [checker, met] = [await load("checker"), new Set()];
  for (const { id, comment, replace, by, text, bytes, result, step } of tests) {
    const record = bytes ? Buffer.from(bytes, "hex") : Buffer.from(text ?? good.replace(replace, () => by));
    const report = checker.call({ audit: { expected: null, seats: 2 } }, record);
    const [failed] = failures(report);
    const what = `${id}, ${comment}: ${report.conclusion}`;
    assert.deepEqual([report.holds, report.result !== null], [result === "valid", result === "valid"], what);
    // One that is cut short is no record, and fails in none.
    if (report.conclusion !== "audit/not-whole") assert.equal(failed, step, what);
    met.add(failed);
  }
  for (let step = 1; step <= 9; step++) assert.ok(met.has(step), `none fails in step ${step}`);
});

// Falsified by all together, trustees, box and issuer, who sign and prove anew what hangs on it.
const folder = process.env.URNE_FALSE_RECORDS;
const skip = !folder && "URNE_FALSE_RECORDS names no folder with them";
test("every false record of the attack suite fails in its steps, and in no other", { skip }, async () => {
  const [checker, names, met] = [await load("checker"), readdirSync(folder), new Set()];
  assert.ok(names.length > 300, `${names.length} records`);
  for (const file of names) {
    const { name, steps, record } = JSON.parse(readFileSync(`${folder}/${file}`));
    const report = checker.call({ audit: { expected: null, seats: null } }, Buffer.from(JSON.stringify(record)));
    assert.deepEqual([report.holds, report.result, failures(report)], [false, null, steps.sort()], name);
    for (const step of steps) met.add(step);
  }
  assert.deepEqual([...met].sort(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("the booth, which every voter fetches, has less than 200,000 bytes compressed", () => {
  const [whole, sent] = [read("static/wasm/booth.wasm"), read("static/wasm/booth.wasm.gz")];
  assert.ok(sent.length < 200_000, `${sent.length} bytes`);
  // What is sent is the booth, and no older one.
  assert.ok(gunzipSync(sent).equals(whole));
});
