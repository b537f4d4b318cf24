// The server, or with PORTAL_KILLED=database its PostgreSQL in the middle of a commit, is killed under load, again and again:
// no acknowledged vote is lost, none counts twice, and the record audits.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { Portal, program, root, sleep } from "./portal.mjs";
import { database } from "./postgres.mjs";

const KILLS = Number(process.env.PORTAL_KILLS ?? 3);
const VOTERS = 100 + 60 * KILLS;
const RATE = 25;
const killed = process.env.PORTAL_KILLED ?? "server";
const load = path.join(process.env.PORTAL_BIN ?? path.join(root, "target/debug"), "examples/load");
let portal, db;

before(async () => {
  const voters = path.join(fs.mkdtempSync("/tmp/urne-portal-voters-"), "voters.csv");
  const line = (n) => `v${n},v${n}@universite.example,Voter ${n},N${n},${String(n).padStart(10, "0")},${n % 4 ? "584" : "712"}\n`;
  const [head] = fs.readFileSync(path.join(root, "demo/voters.csv"), "utf8").split("\n", 1);
  const first = [231, 305].map((n) => `w${n},w${n}@universite.example,Voter,W${n},9999999${n},${n}\n`).join("");
  fs.writeFileSync(voters, `${head}\n${first}${Array.from({ length: VOTERS }, (_, n) => line(n)).join("")}`);
  db = await database("kills", { slowCommits: killed === "database" });
  portal = await Portal.start({ voters, opensIn: "60s", more: db.more });
  await portal.opened();
});

after(async () => {
  await portal?.stop();
  await db?.stop();
});

test(`${KILLS} kills of the ${killed} under load`, { timeout: 1_800_000 }, async (t) => {
  const acknowledged = portal.at("acknowledged");
  const count = () => (fs.existsSync(acknowledged) ? fs.readFileSync(acknowledged, "utf8").split("\n").length - 1 : 0);
  const child = spawn(load, [portal.directory, "vote", "--connections", "8", "--rate", String(RATE), "--acknowledged", acknowledged]);
  t.after(() => child.kill("SIGKILL"));
  let said = "";
  let ended = null;
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += data));
  const done = new Promise((resolve) => child.on("exit", (code) => resolve((ended = code))));
  for (let kill = 1; kill <= KILLS; kill++) {
    const before = count();
    while (count() < before + 10 + Math.floor(Math.random() * 20)) {
      assert.equal(ended, null, `all had voted before kill ${kill}: ${said}`);
      await sleep(5);
    }
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
  assert.equal(await done, 0, said);
  const options = portal.fingerprints().flatMap((hex) => ["--fingerprint", hex]);
  const watched = program("portal-monitor", portal.address, ...options, "--keep", portal.at("kept"), "--once");
  assert.equal(watched.status, 0, watched.stderr);
  console.log(`${count()} acknowledged through ${KILLS} kills of the ${killed}`);
  if (killed === "database") {
    const unknown = fs.readFileSync(portal.at("portal.log"), "utf8").match(/not known whether it was written/g) ?? [];
    console.log(`${unknown.length} commits of which nobody knew, until the log was read again`);
    assert.ok(unknown.length > 0, "no commit was under way when the database was killed");
  }
  await portal.countAll();
  const verified = program("examples/load", portal.directory, "verify", "--acknowledged", acknowledged);
  assert.equal(verified.status, 0, verified.stderr);
  console.log(verified.stdout.trim());
});
