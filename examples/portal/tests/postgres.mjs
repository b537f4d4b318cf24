// A PostgreSQL of its own, in a folder of its own, as the user postgres. As a program it runs another, which finds its
// address in URNE_TEST_DATABASE: `node postgres.mjs COMMAND …`
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";

function folderOfPrograms() {
  const root = "/usr/lib/postgresql";
  const versions = fs.existsSync(root) ? fs.readdirSync(root).sort((one, other) => other - one) : [];
  const found = versions.map((version) => path.join(root, version, "bin")).find((bin) => fs.existsSync(path.join(bin, "initdb")));
  if (!found) throw new Error(`no PostgreSQL in ${root}: install postgresql`);
  return found;
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export class Postgres {
  /** With `slowCommits` every commit takes a tenth of a second, in which it can be killed. */
  static async start({ slowCommits = false } = {}) {
    const postgres = new Postgres();
    postgres.folder = fs.mkdtempSync("/tmp/urne-postgres-");
    postgres.port = await freePort();
    const slow = slowCommits ? "-c commit_delay=100000 -c commit_siblings=0" : "";
    postgres.options = `-p ${postgres.port} -k ${postgres.folder} -c listen_addresses=127.0.0.1 ${slow}`;
    postgres.bin = folderOfPrograms();
    spawnSync("chown", ["postgres", postgres.folder]);
    postgres.run("initdb", "-D", postgres.at("db"), "--auth=trust", "--no-instructions");
    postgres.startAgain();
    return postgres;
  }

  at(name) {
    return path.join(this.folder, name);
  }

  run(name, ...options) {
    // Nothing of a server that stays is waited for.
    const program = ["-u", "postgres", "--", path.join(this.bin, name), ...options];
    const done = spawnSync("runuser", program, { cwd: this.folder, encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
    if (done.error) throw done.error;
    if (done.status !== 0) throw new Error(`${name}: ${done.stderr}`);
  }

  startAgain() {
    const options = ["-D", this.at("db"), "-o", this.options, "-l", this.at("log"), "-w", "-t", "120", "start"];
    const program = ["-u", "postgres", "--", path.join(this.bin, "pg_ctl"), ...options];
    const done = spawnSync("runuser", program, { cwd: this.folder, stdio: "ignore" });
    if (done.status !== 0) throw new Error(`pg_ctl: ${fs.readFileSync(this.at("log"), "utf8").slice(-2000)}`);
  }

  url(database) {
    return `postgres://postgres@127.0.0.1:${this.port}/${database}`;
  }

  /** A new database, by its address. */
  create(database) {
    this.run("createdb", "-h", this.folder, "-p", String(this.port), database);
    return this.url(database);
  }

  /** The server and all its processes, at whatever they are. */
  kill() {
    const [main] = fs.readFileSync(this.at("db/postmaster.pid"), "utf8").split("\n").map(Number);
    const children = fs.readFileSync(`/proc/${main}/task/${main}/children`, "utf8").trim().split(" ").map(Number);
    for (const pid of [main, ...children]) {
      try {
        process.kill(pid, "SIGKILL");
      } catch (error) {
        if (error.code !== "ESRCH") throw error;
      }
    }
    // A memory that somebody is still attached to is not taken over.
    while ([main, ...children].some((pid) => fs.existsSync(`/proc/${pid}`) && !isDead(pid))) spawnSync("sleep", ["0.02"]);
    // Where nobody waits for a process its number stays taken, and its lock would be believed.
    fs.rmSync(this.at("db/postmaster.pid"));
  }

  stop() {
    try {
      this.run("pg_ctl", "-D", this.at("db"), "-m", "immediate", "stop");
    } finally {
      fs.rmSync(this.folder, { recursive: true, force: true });
    }
  }
}

function isDead(pid) {
  try {
    return /^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
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
    postgres.stop();
  }
}
