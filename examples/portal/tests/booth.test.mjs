// The script of the voting page, with boxes and browsers that do what they should, and with those that do not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ENDS_AT, NOW, OPENS_AT, all, anew, leaves, notes, open } from "./voting_page.mjs";

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
  await anew(); // which knows of no vote; its keys are the same
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
    await anew();
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
