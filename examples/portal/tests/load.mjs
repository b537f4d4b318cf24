// Figures of load: `node load.mjs CONNECTIONS DATABASE`, with PORTAL_DATABASE for another than SQLite.
import fs from "node:fs";
import path from "node:path";
import { Portal, program, root, until } from "./portal.mjs";
import assert from "node:assert/strict";

const [connections, database] = process.argv.slice(2);
const VOTERS = Number(process.env.PORTAL_VOTERS ?? 3000);
const folder = fs.mkdtempSync("/tmp/urne-portal-voters-");
const voters = path.join(folder, "voters.csv");
const line = (n) => `v${n},v${n}@universite.example,Voter ${n},N${n},${String(n).padStart(10, "0")},${n ? "584" : "231 305 584 712"}\n`;
const [head] = fs.readFileSync(path.join(root, "demo/voters.csv"), "utf8").split("\n", 1);
fs.writeFileSync(voters, `${head}\n${Array.from({ length: VOTERS }, (_, n) => line(n)).join("")}`);
const url = process.env.PORTAL_DATABASE;
const portal = await Portal.start({ voters, opensIn: "60s", more: url ? ["--database", url] : [] });
try {
  await portal.opened();
  const status = () => fs.readFileSync(`/proc/${portal.server.pid}/status`, "utf8").match(/VmRSS:\s+(\d+) kB/)[1] / 1024;
  const done = program("examples/load", portal.directory, "vote", "--connections", connections);
  assert.equal(done.status, 0, done.stderr);
  const figures = JSON.parse(done.stdout.trim().split("\n").at(-1));
  const memory = Math.round(status());
  const begun = Date.now();
  await portal.kill("SIGTERM");
  const stopped = Date.now();
  await portal.startServer();
  console.log(JSON.stringify({
    database, voters: VOTERS, ...figures, server_MB: memory, stop_ms: stopped - begun, restart_ms: Date.now() - stopped,
  }));
} finally {
  await portal.stop();
  fs.rmSync(folder, { recursive: true });
}
