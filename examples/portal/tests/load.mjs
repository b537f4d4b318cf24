// Figures of load: `node load.mjs CONNECTIONS`, with PORTAL_DATABASE=postgres for PostgreSQL and PORTAL_VOTERS for how many
// vote. One line of JSON: deposits a second over HTTP, against the same ballots on one thread without HTTP and database.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { Portal, program, root } from "./portal.mjs";
import { database } from "./postgres.mjs";

const [connections] = process.argv.slice(2);
const VOTERS = Number(process.env.PORTAL_VOTERS ?? 3000);
const folder = fs.mkdtempSync("/tmp/urne-portal-voters-");
const voters = path.join(folder, "voters.csv");
const line = (n) => `v${n},v${n}@universite.example,Voter ${n},N${n},${String(n).padStart(10, "0")},${n ? "584" : "231 305 584 712"}\n`;
const [head] = fs.readFileSync(path.join(root, "demo/voters.csv"), "utf8").split("\n", 1);
fs.writeFileSync(voters, `${head}\n${Array.from({ length: VOTERS }, (_, n) => line(n)).join("")}`);
const db = await database("load");
// Letters of many voters take a while, and what the trustees keep of the opening they keep before it opens.
const portal = await Portal.start({ voters, opensIn: `${60 + Math.ceil(VOTERS / 80)}s`, closesIn: "12h", more: db.more });
try {
  await portal.opened();
  const megabytes = () => Math.round(fs.readFileSync(`/proc/${portal.server.pid}/status`, "utf8").match(/VmRSS:\s+(\d+) kB/)[1] / 1024);
  const before = megabytes();
  const done = program("examples/load", portal.directory, "vote", "--connections", connections, "--compare");
  assert.equal(done.status, 0, done.stderr);
  const figures = JSON.parse(done.stdout.trim().split("\n").at(-1));
  const after = megabytes();
  const begun = Date.now();
  await portal.kill("SIGTERM");
  const stopped = Date.now();
  await portal.startServer();
  console.log(JSON.stringify({
    database: db.told ?? "sqlite", voters: VOTERS, ...figures, server_MB: { before, after },
    stop_ms: stopped - begun, restart_ms: Date.now() - stopped,
  }));
} finally {
  await portal.stop();
  await db.stop();
  fs.rmSync(folder, { recursive: true });
}
