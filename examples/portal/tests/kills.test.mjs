// Voters by the thousand vote as fast as the machine takes their ballots. Meanwhile the server, or with
// PORTAL_KILLED=database its PostgreSQL in the middle of a commit, is killed again and again, told to stop, and left
// without room on its disk: no acknowledged vote is lost, none counts twice, everybody is told the truth, and the record audits.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { request } from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { Portal, Visitor, program, root, sleep, until } from "./portal.mjs";
import { database } from "./postgres.mjs";

const KILLS = Number(process.env.PORTAL_KILLS ?? 3);
const killed = process.env.PORTAL_KILLED ?? "server";
/** Where every commit takes a tenth of a second, so that it can be met, few vote, and slowly. */
const paced = killed === "database";
const CONNECTIONS = Number(process.env.PORTAL_CONNECTIONS ?? (paced ? 8 : 64));
/** Enough for all that follows, with what is under way in all connections each time. */
const VOTERS = paced ? 160 + 60 * KILLS : 900 + 400 * KILLS + 5 * CONNECTIONS;
const BETWEEN = paced ? [10, 20] : [100, 200];
const load = path.join(process.env.PORTAL_BIN ?? path.join(root, "target/debug"), "examples/load");
let portal, db, voting;

before(async () => {
  const voters = path.join(fs.mkdtempSync("/tmp/urne-portal-voters-"), "voters.csv");
  const line = (n) => `v${n},v${n}@universite.example,Voter ${n},N${n},${String(n).padStart(10, "0")},${n % 4 ? "584" : "712"}\n`;
  const [head] = fs.readFileSync(path.join(root, "demo/voters.csv"), "utf8").split("\n", 1);
  const first = [231, 305].map((n) => `w${n},w${n}@universite.example,Voter,W${n},9999999${n},${n}\n`).join("");
  fs.writeFileSync(voters, `${head}\n${first}${Array.from({ length: VOTERS }, (_, n) => line(n)).join("")}`);
  db = await database("kills", { slowCommits: paced });
  portal = await Portal.start({ voters, opensIn: `${45 + Math.ceil(VOTERS / 80)}s`, more: db.more });
  await portal.opened();
  const acknowledged = portal.at("acknowledged");
  const rate = paced ? ["--rate", "25"] : [];
  const child = spawn(load, [portal.directory, "vote", "--connections", String(CONNECTIONS), ...rate, "--acknowledged", acknowledged]);
  voting = { child, acknowledged, said: "", ended: null };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (voting.said += data));
  voting.done = new Promise((resolve) => child.on("exit", (code) => resolve((voting.ended = code))));
});

after(async () => {
  voting?.child.kill("SIGKILL");
  await portal?.stop();
  await db?.stop();
});

const count = () => (fs.existsSync(voting.acknowledged) ? fs.readFileSync(voting.acknowledged, "utf8").split("\n").length - 1 : 0);

/** Once so many more have voted that others are in the middle of it. */
async function some(what) {
  const [least, more] = BETWEEN;
  const enough = count() + least + Math.floor(Math.random() * more);
  while (count() < enough) {
    assert.equal(voting.ended, null, `all had voted before ${what}: ${voting.said}`);
    await sleep(5);
  }
}

test(`${KILLS} kills of the ${killed} under load`, { timeout: 1_800_000 }, async () => {
  for (let kill = 1; kill <= KILLS; kill++) {
    await some(`kill ${kill}`);
    if (killed === "database") {
      db.postgres.untilCommit();
      await db.postgres.kill();
      await sleep(Math.random() * 1000);
      await db.postgres.startAgain();
    } else {
      await portal.kill();
      await sleep(Math.random() * 300);
      await portal.startServer();
    }
  }
  if (killed === "database") {
    const unknown = fs.readFileSync(portal.at("portal.log"), "utf8").match(/not known whether it was written/g) ?? [];
    console.log(`${unknown.length} commits of which nobody knew, until the log was read again`);
    assert.ok(unknown.length > 0, "no commit was under way when the database was killed");
  }
});

test("told to stop under load, the server answers what it was asked, and ends well", { timeout: 120_000 }, async () => {
  // One whose request has come by half: its answer needs the database.
  const visitor = new Visitor(portal.address);
  const digits = await visitor.digits("/bureau/login");
  await some("the stop");
  const body = new URLSearchParams({ email: portal.member(1), password: portal.password(portal.member(1)), ...digits }).toString();
  const headers = { origin: portal.address, "content-type": "application/x-www-form-urlencoded", "content-length": body.length };
  const asked = request(`${portal.address}/bureau/login`, { method: "POST", agent: false, headers });
  asked.write(body.slice(0, 20));
  await sleep(200);
  const begun = fs.statSync(portal.at("portal.log")).size;
  const stopped = portal.kill("SIGTERM");
  await sleep(500);
  assert.equal(portal.server.exitCode, null, "it does not wait for what it was asked");
  await assert.rejects(fetch(`${portal.address}/healthz`), "it takes nothing more");
  asked.end(body.slice(20));
  const [answer] = await once(asked, "response");
  assert.equal(answer.statusCode, 303);
  answer.resume();
  assert.deepEqual(await stopped, { code: 0, signal: null });
  const log = fs.readFileSync(portal.at("portal.log"), "utf8").slice(begun);
  assert.match(log, / stopped\n$/);
  assert.doesNotMatch(log, /not answered|not stored|panicked|ERROR/);
  assert.equal(voting.ended, null, `all had voted before the stop: ${voting.said}`);
  // However fast the machine is, enough are left for what follows.
  voting.child.kill("SIGSTOP");
  await portal.startServer();
  // What was answered is kept.
  for (const cookie of answer.headers["set-cookie"]) visitor.cookies.set(...cookie.split(";", 1)[0].split("="));
  // (Asked again where others fill the queue.)
  assert.match(await until("the bureau's page", () => visitor.get("/bureau")), /data-counter="584"/);
  voting.child.kill("SIGCONT");
});

// What SQLite keeps; PostgreSQL is another process.
test("while the disk is full everybody is told to come back", { timeout: 300_000, skip: Boolean(process.env.PORTAL_DATABASE) }, async () => {
  await some("the disk was full");
  // From here on no file of it grows beyond its first page, nor does its log.
  const limit = spawnSync("prlimit", ["--pid", String(portal.server.pid), "--fsize=4096:"], { encoding: "utf8" });
  assert.equal(limit.status, 0, limit.stderr);
  let [last, since] = [count(), Date.now()];
  const begun = Date.now();
  while (Date.now() < since + 2_000) {
    if (count() > last) [last, since] = [count(), Date.now()];
    assert.ok(Date.now() < begun + 20_000, "votes are acknowledged that are not on the disk");
    await sleep(50);
  }
  assert.equal(voting.ended, null, `all had voted before the disk was full: ${voting.said}`);
  // Pages are there, and what would have to be written is refused for as long as it lasts.
  const visitor = new Visitor(portal.address);
  const digits = await visitor.digits("/bureau/login");
  const fields = new URLSearchParams({ email: portal.member(1), password: portal.password(portal.member(1)), ...digits });
  const login = await visitor.ask("/bureau/login", { method: "POST", body: fields });
  assert.deepEqual([login.status, login.headers.get("retry-after")], [503, "1"]);
  assert.match(await login.text(), /role="alert"/);
  assert.equal(count(), last);
  assert.equal(portal.server.exitCode, null);
  assert.deepEqual(await portal.kill("SIGTERM"), { code: 0, signal: null });
  await portal.startServer();
});

test("no acknowledged vote is lost, none counts twice, and the record audits", { timeout: 900_000 }, async () => {
  assert.equal(await voting.done, 0, voting.said);
  const told = JSON.parse(voting.said.trim().split("\n").at(-1));
  if (!db.told) assert.ok(told.come_back > CONNECTIONS, "while the disk was full voters were told so");
  const options = portal.fingerprints().flatMap((hex) => ["--fingerprint", hex]);
  const watched = program("portal-monitor", portal.address, ...options, "--keep", portal.at("kept"), "--once");
  assert.equal(watched.status, 0, watched.stderr);
  console.log(`${count()} acknowledged by ${CONNECTIONS} connections through ${KILLS} kills of the ${killed}; ${told.come_back} times 503`);
  assert.equal(count(), VOTERS + 2);
  await portal.countAll();
  const verified = program("examples/load", portal.directory, "verify", "--acknowledged", voting.acknowledged);
  assert.equal(verified.status, 0, verified.stderr);
  console.log(verified.stdout.trim());
});
