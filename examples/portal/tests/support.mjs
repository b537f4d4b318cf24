// The wasm modules in node, as pages load them, and the boxes of an election to ask.

import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runInThisContext } from "node:vm";

export const portal = fileURLToPath(new URL("..", import.meta.url));
export const library = fileURLToPath(new URL("../../..", import.meta.url));
export const read = (path) => readFileSync(`${portal}/${path}`);

// The very script that pages use; it declares a function.
runInThisContext(`${read("static/glue.js")}; globalThis.urneModule = urneModule;`);

/** A module. Its `file` is what it reads when it reads; `view` gives its memory. */
export async function load(name) {
  const bytes = read(`static/wasm/${name}.wasm`);
  const host = { file: Buffer.alloc(0), offset: 0, told: [] };
  host.read = (view) => {
    if (host.file === null) return -1;
    const piece = host.file.subarray(host.offset, host.offset + view.length);
    view.set(piece);
    host.offset += piece.length;
    return piece.length;
  };
  host.progress = (ballots) => host.told.push(ballots);
  const instances = [];
  const { instantiate } = WebAssembly;
  // Only to look into its memory.
  WebAssembly.instantiate = async (...given) => {
    const made = await instantiate(...given);
    instances.push(made.instance);
    return made;
  };
  const call = await globalThis.urneModule(bytes, host);
  WebAssembly.instantiate = instantiate;
  return {
    call(request, file = Buffer.alloc(0)) {
      Object.assign(host, { file, offset: 0, told: [] });
      return call(request);
    },
    told: () => host.told,
    memory: () => Buffer.from(instances[0].exports.memory.buffer),
  };
}

/** Bytes with one bit of one of them changed. */
export function flipped(hex, at) {
  const bytes = Buffer.from(hex, "hex");
  bytes[at] ^= 1;
  return bytes.toString("hex");
}

/** The code of a refusal. */
export function refusal(action) {
  try {
    action();
  } catch (error) {
    if (!error.code) throw error;
    return error.code;
  }
  throw new Error("was not refused");
}

/** The boxes of an election in a process of their own: `ask` gives what they answer. */
export async function boxes() {
  const build = ["build", "--quiet", "--package", "urne-booth", "--example", "fixture", "--message-format", "json"];
  const built = spawnSync("cargo", build, { cwd: portal, encoding: "utf8", maxBuffer: 1 << 26 });
  if (built.status !== 0) throw new Error(built.stderr);
  const made = built.stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  const { executable } = made.find((line) => line.executable && line.target.name === "fixture");
  const child = spawn(executable, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value } = await lines.next();
      return JSON.parse(value);
    },
    end: () => child.stdin.end(),
  };
}
