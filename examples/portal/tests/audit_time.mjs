// Prints how long the audit of a record takes in one instance, as in a page's worker: node tests/audit_time.mjs FILE

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { read } from "./support.mjs";

const [path] = process.argv.slice(2);
if (!path) {
  console.error("usage: node tests/audit_time.mjs FILE");
  process.exit(2);
}
const file = openSync(path);
let ballots = 0;
const host = { read: (view) => readSync(file, view, 0, view.length, null), progress: (verified) => (ballots = verified) };
const call = await globalThis.urneModule(read("static/wasm/checker.wasm"), host);
const start = performance.now();
const report = call({ audit: { expected: null, seats: 15 } });
const seconds = ((performance.now() - start) / 1000).toFixed(1);
const { user } = process.cpuUsage();
closeSync(file);
console.log(`${report.conclusion}: ${ballots} ballots, ${(statSync(path).size / 1e6).toFixed(0)} MB, ${seconds} s, ${(user / 1e6).toFixed(1)} s of a processor`);
process.exitCode = report.holds ? 0 : 1;
