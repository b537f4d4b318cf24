// A PostgreSQL of its own, in a folder of its own, as the user postgres. As a program it runs another, which finds its
// address in URNE_TEST_DATABASE: `node postgres.mjs COMMAND …`, with settings such as POSTGRES_SETTING=fsync=off
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./portal.mjs";

/** PostgreSQL does not run as root. */
const AS = ["--reuid=postgres", "--regid=postgres", "--init-groups"];

function folderOfPrograms() {
  const root = "/usr/lib/postgresql";
  const versions = fs.existsSync(root) ? fs.readdirSync(root).sort((one, other) => other - one) : [];
  const found = versions.map((version) => path.join(root, version, "bin")).find((bin) => fs.existsSync(path.join(bin, "initdb")));
  if (!found) throw new Error(`no PostgreSQL in ${root}: install postgresql`);
  return found;
}

export class Postgres {
  /** With `slowCommits` every commit takes a tenth of a second, in which it can be killed. */
  static async start({ slowCommits = false } = {}) {
    const postgres = new Postgres();
    postgres.folder = fs.mkdtempSync("/tmp/urne-postgres-");
    postgres.port = await freePort();
    const slow = slowCommits ? ["-c", "commit_delay=100000", "-c", "commit_siblings=0"] : [];
    postgres.options = ["-p", postgres.port, "-k", postgres.folder, "-c", "listen_addresses=127.0.0.1", ...slow].map(String);
    if (process.env.POSTGRES_SETTING) postgres.options.push("-c", process.env.POSTGRES_SETTING);
    postgres.bin = folderOfPrograms();
    spawnSync("chown", ["postgres", postgres.folder]);
    postgres.run("initdb", "-D", postgres.at("db"), "--auth=trust", "--no-instructions");
    await postgres.startAgain();
    return postgres;
  }

  at(name) {
    return path.join(this.folder, name);
  }

  run(name, ...options) {
    const done = spawnSync("setpriv", [...AS, path.join(this.bin, name), ...options], { cwd: this.folder, encoding: "utf8", maxBuffer: 1 << 28 });
    if (done.error) throw done.error;
    if (done.status !== 0) throw new Error(`${name}: ${done.stderr}`);
    return done.stdout;
  }

  /** A child of ours and not of its own tools, so that somebody takes notice when it dies: of a dead process that nobody has
      waited for its locks are still believed. */
  async startAgain() {
    const log = fs.openSync(this.at("log"), "a");
    const program = [...AS, path.join(this.bin, "postgres"), "-D", this.at("db"), ...this.options];
    this.server = spawn("setpriv", program, { cwd: this.folder, stdio: ["ignore", log, log] });
    fs.closeSync(log);
    this.ended = new Promise((done) => this.server.on("exit", done));
    const ready = [...AS, path.join(this.bin, "pg_isready"), "-q", "-h", this.folder, "-p", String(this.port)];
    for (let tries = 0; tries < 600; tries++) {
      if (spawnSync("setpriv", ready, { cwd: this.folder }).status === 0) return;
      if (this.server.exitCode !== null) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`PostgreSQL: ${fs.readFileSync(this.at("log"), "utf8").slice(-2000)}`);
  }

  url(database) {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  /** A new database, by its address. */
  create(database) {
    this.run("createdb", "-h", this.folder, "-p", String(this.port), database);
    return this.url(database);
  }

  /** Every row of every table of a database, as text. */
  dump(database) {
    return this.run("pg_dump", "--data-only", "-h", this.folder, "-p", String(this.port), database);
  }

  /** Returns while a commit is under way. */
  untilCommit() {
    const found = "EXISTS (SELECT FROM pg_stat_activity WHERE state = 'active' AND query ILIKE 'commit%')";
    const turn = `EXIT WHEN ${found}; PERFORM pg_sleep(0.002); PERFORM pg_stat_clear_snapshot();`;
    this.run("psql", "-q", "-h", this.folder, "-p", String(this.port), "-c", `DO $$ BEGIN LOOP ${turn} END LOOP; END $$`);
  }

  /** The server and all its processes, at whatever they are. */
  async kill() {
    const { pid } = this.server;
    const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
    for (const one of [pid, ...children]) {
      try {
        process.kill(one, "SIGKILL");
      } catch (error) {
        if (error.code !== "ESRCH") throw error;
      }
    }
    await this.ended;
  }

  async stop() {
    if (this.server.exitCode === null && this.server.signalCode === null) this.server.kill("SIGQUIT");
    await this.ended;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The database that a test is told to use: none (SQLite), an address, or `postgres`, which starts one. */
export async function database(name, options) {
  const told = process.env.PORTAL_DATABASE;
  if (told !== "postgres") return { more: told ? ["--database", told] : [], told, stop() {} };
  const postgres = await Postgres.start(options);
  return { more: ["--database", postgres.create(name)], told, postgres, stop: () => postgres.stop() };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const postgres = await Postgres.start();
  const [command, ...options] = process.argv.slice(2);
  try {
    const env = { ...process.env, URNE_TEST_DATABASE: postgres.url("postgres") };
    process.exitCode = spawnSync(command, options, { stdio: "inherit", env }).status ?? 1;
  } finally {
    await postgres.stop();
  }
}
