// The count: what the server never had, the monitor, the bureau, and the audit.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { bureau, complaints, device, look, looked, offline, vote } from "../browser.mjs";
import { memoryHolds } from "../memory.mjs";
import { artefacts, program, until } from "../portal.mjs";
import { CONTESTS, bytesOf, db, electors, portal, proofs, reissued, shown } from "./shared.mjs";

export default () => {
  test("neither codes nor the issuer's key are in the server's memory or database", async () => {
    const forms = [];
    const codes = [...electors.slice(0, 6).map(({ id }) => portal.code(id)), ...Object.values(reissued).map(({ code }) => code)];
    for (const code of codes) {
      const plain = code.replaceAll("-", "");
      for (const text of [code, plain, plain.slice(5), code.toUpperCase(), code.replaceAll("-", " ")]) forms.push(Buffer.from(text));
      forms.push(Buffer.from(code, "utf16le"), bytesOf(plain));
    }
    const key = fs.readFileSync(portal.at("issuer/issuer.bin")).subarray(2, 34);
    forms.push(key, Buffer.from(key.toString("hex")));
    assert.deepEqual(await memoryHolds(portal.server.pid, forms), []);
    if (!db.told) {
      for (const name of fs.readdirSync(portal.at("portal")).filter((name) => name.startsWith("data.sqlite"))) {
        const file = fs.readFileSync(portal.at(`portal/${name}`));
        assert.ok(!forms.some((form) => file.includes(form)), name);
      }
    }
    if (db.postgres) {
      // All of its tables, with bytes in hex.
      const dump = db.postgres.dump("journey");
      assert.ok(dump.includes(electors[0].email) && dump.includes("COPY public.entries"));
      for (const form of forms) assert.ok(!dump.includes(form.toString("hex")) && !dump.includes(form.toString("latin1")), "a code is in the database");
    }
    // What is looked for would be found: the issuer has its key.
    assert.ok((await memoryHolds(portal.issuer.pid, [key])).length > 0);
    const log = fs.readFileSync(portal.at("portal.log"), "utf8") + fs.readFileSync(portal.at("issuer.log"), "utf8");
    for (const { id, email, numen, digits } of electors) {
      for (const secret of [email, numen, digits, ` ${id}`]) assert.ok(!log.includes(secret), `the log names ${secret}`);
    }
    assert.ok(!forms.some((form) => log.includes(form.toString())));
  });

  test("a monitor follows the boxes", () => {
    const options = portal.fingerprints().flatMap((hex) => ["--fingerprint", hex]);
    const watch = (...more) => program("portal-monitor", portal.address, ...options, "--keep", portal.at("kept"), "--once", ...more);
    const first = watch();
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /^584: \d+ ballots?,/m);
    assert.equal(watch().status, 0);
    const more = watch("--fingerprint", "00".repeat(32));
    assert.equal(more.status, 1, "a contest that the portal has not");
    assert.match(more.stdout, /^584: \d+ ballots/m, "the others are followed all the same");
    // What it keeps goes to the trustees, who take note of it: the closing must extend it.
    const memory = () => fs.readFileSync(portal.at("trustees/own/3/memory.age"));
    const before = memory();
    portal.trustees("show-heads", [portal.at("kept"), 1, 3, 4, 5, 6]);
    assert.notDeepEqual(memory(), before);
    for (const number of CONTESTS) assert.ok(fs.readdirSync(portal.at(`kept/${number}/heads`)).length > 0);
    const meant = program("portal-monitor", portal.address, ...options.slice(2), "--keep", portal.at("kept-2"), "--once");
    assert.equal(meant.status, 0);
    assert.ok(!/^231:/m.test(meant.stdout), "no contest that nobody publishes");
  });

  test("the bureau closes, counts with two panels, and publishes", { timeout: 600_000 }, async () => {
    const page = await device();
    await page.goto(`${portal.address}/bureau/login`);
    await look(page, "30-bureau-identification");
    await bureau(page, portal, "Présidente");
    assert.equal(await page.locator("form[action='/bureau/close']").count(), 0, "not before the end");
    await look(page, "31-compteur");
    const counter = Number(await page.textContent("[data-counter='584']"));
    assert.ok(counter >= 3);
    await page.goto(`${portal.address}/bureau/integrity`);
    await page.click("#content form button");
    await look(page, "32-integrite");
    await page.goto(`${portal.address}/bureau/584/signings`);
    await look(page, "33-emargements");
    await page.goto(`${portal.address}/bureau/complaints`);
    assert.match(await page.textContent("#content"), /<b>Je vote<\/b>/);
    await page.fill("textarea", "Il sera plus grand.");
    await page.click("#content form button");
    await look(page, "34-reclamations");

    portal.turn(portal.endsAt + 1);
    await bureau(page, portal, "Présidente");
    await page.click("form[action='/bureau/close'] button");
    await page.waitForSelector("a[href='/public/584/closed.json']");
    await look(page, "35-cloture");
    const upload = async (kind, seats) => {
      for (const seat of seats) {
        // What is not signed each brings in person.
        if (kind === "given") await bureau(page, portal, portal.member(seat));
        for (const number of CONTESTS) {
          await page.setInputFiles(`#file-${number}`, portal.board(number, seat, kind));
          await page.click(`form[action='/bureau/${number}/upload'] button`);
          await page.waitForLoadState();
          assert.equal(await page.locator("[role=alert], .error").count(), 0, `${number} ${seat}.${kind}`);
        }
      }
    };
    portal.trustees("given", [1, 3, 4, 5, 6]);
    await upload("given", [1, 3, 4]);

    // The issuer, whose operator is too early.
    const operator = await device();
    await operator.goto(portal.office);
    await look(operator, "36-emetteur-identification");
    await operator.fill("#password", "a wrong one");
    await operator.click("main button");
    await operator.waitForSelector("[role=alert]");
    await operator.fill("#password", fs.readFileSync(portal.at("issuer/password.txt"), "utf8").trim());
    await operator.click("main button");
    await operator.waitForSelector("form[action='/closings']");
    await operator.click("form[action='/closings'] button");
    assert.match(await operator.textContent("[role=status]"), /complaints are taken until/);
    await look(operator, "37-emetteur-trop-tot");
    assert.ok(!fs.existsSync(portal.at("public/584/closing")));
    portal.turn(portal.now() + 601);
    await operator.click("form[action='/closings'] button");
    assert.match(await operator.textContent("[role=status]"), /clôture de tous les scrutins est signée/);
    await look(operator, "38-emetteur-cloture-signee");
    await operator.context().close();

    portal.trustees("endorse", [1, 3, 4, 5, 6]);
    await upload("endorsement", [1, 3, 4, 5, 6]);
    portal.trustees("ready", [1, 3, 4]);
    portal.trustees("factors", [1, 3]);
    await upload("factors", [1, 3]);
    // One delegate is not enough.
    await page.click("form[action='/bureau/584/publish'] button");
    await page.waitForLoadState();
    assert.ok(!fs.existsSync(portal.at("public/584/record.json")), "two delegates are needed");
    await page.goto(`${portal.address}/bureau`);
    portal.trustees("factors", [4]);
    await upload("factors", [4]);
    for (const number of CONTESTS) {
      await page.goto(`${portal.address}/bureau`);
      await page.click(`form[action='/bureau/${number}/publish'] button`);
      await page.waitForSelector(`a[href='/public/${number}/record.json']`);
    }
    await page.goto(`${portal.address}/bureau`);
    await look(page, "39-publie");
    await page.goto(`${portal.address}/results`);
    await look(page, "40-resultats");
    await page.goto(`${portal.address}/bureau/minutes`);
    await look(page, "41-proces-verbal");
    const record = JSON.parse(fs.readFileSync(portal.at("public/584/record.json")));
    assert.equal(record.ballots.length, counter);
    assert.equal(record.result.votes[11], 1, "the teacher's list");
    const total = record.result.votes.reduce((sum, votes) => sum + votes, record.result.blank);
    assert.equal(total, counter);
    await page.context().close();
  });

  test("anyone audits the record, and finds out false ones", { timeout: 300_000 }, async () => {
    const page = await device();
    await page.goto(`${portal.address}/audit`);
    const audit = async (file, expected) => {
      await page.setInputFiles("#record", file);
      await page.fill("#expected", expected ?? "");
      await page.fill("#seats", "15");
      await offline(page, async () => {
        await page.click("#audit-form button");
        await page.waitForSelector("#report:not([hidden]), #record-error:not([hidden])");
      });
      const failed = await page.locator("#record-error").isVisible();
      const report = failed ? "error" : await page.getAttribute("#report", "class");
      const steps = await page.locator("#steps tr td.failed").count();
      return { report, steps };
    };
    const place = portal.at("public/584/record.json");
    const record = JSON.parse(fs.readFileSync(place));
    const { 584: fingerprint } = JSON.parse(fs.readFileSync(portal.at("public/fingerprints.json")));
    assert.deepEqual(await audit(place, fingerprint), { report: "holds", steps: 0 });
    assert.equal(await page.locator("#steps tr").count(), 9);
    await look(page, "42-audit");
    const other = (fingerprint[0] === "0" ? "1" : "0") + fingerprint.slice(1);
    assert.equal((await audit(place, other)).report, "false", "of another contest");
    const falsified = {
      votes: (of) => ([of.result.votes[0], of.result.votes[11]] = [of.result.votes[0] + 1, of.result.votes[11] - 1]),
      dropped: (of) => of.ballots.pop(),
      swapped: (of) => ([of.ballots[0], of.ballots[1]] = [of.ballots[1], of.ballots[0]]),
      copied: (of) => (of.ballots[1] = of.ballots[0]),
      renamed: (of) => (of.contest.lists[0] = `${of.contest.lists[0]} bis`),
      revoked: (of) => (of.roll[0].revoked = !of.roll[0].revoked),
      later: (of) => (of.closing.at += 1),
    };
    for (const [name, change] of Object.entries(falsified)) {
      const copy = structuredClone(record);
      change(copy);
      const file = path.join(artefacts, `false-${name}.json`);
      fs.writeFileSync(file, JSON.stringify(copy));
      const { report } = await audit(file, fingerprint);
      assert.notEqual(report, "holds", name);
    }
    await look(page, "43-audit-faux");

    // The teacher's own ballot, by code and by the file that was kept.
    await page.goto(`${portal.address}/check`);
    await page.waitForSelector("#contest option", { state: "attached" });
    await page.selectOption("#contest", "584");
    await page.fill("#code", portal.code(electors[0].id));
    await page.fill("#shown", shown.get(584));
    await page.click("#code-form button");
    await page.waitForSelector("#code-answer p");
    await look(page, "44-mon-bulletin");
    // Again without a network, with the record that was downloaded.
    const told = await page.textContent("#code-answer");
    await page.setInputFiles("#record", place);
    await page.fill("#code", portal.code(electors[0].id));
    await offline(page, async () => {
      await page.click("#code-form button");
      await page.waitForFunction(() => document.activeElement.id === "code-answer");
    });
    assert.equal(await page.textContent("#code-answer"), told);
    // A record without it.
    const copy = structuredClone(record);
    copy.ballots.pop();
    const file = path.join(artefacts, "false-without.json");
    fs.writeFileSync(file, JSON.stringify(copy));
    await page.setInputFiles("#record", file);
    await page.fill("#code", portal.code(electors[0].id));
    await page.click("#code-form button");
    await page.waitForSelector("#code-error:not([hidden])");
    await page.setInputFiles("#record", []);
    await page.selectOption("#contest", "231");
    await page.setInputFiles("#proof", proofs.get(231));
    await page.click("#proof-form button");
    await page.waitForSelector("#proof-answer p");
    await page.context().close();
  });

  test("no page has complained", () => {
    assert.deepEqual(complaints, []);
    console.log(`axe has found nothing on ${looked.size} screens`);
  });
};
