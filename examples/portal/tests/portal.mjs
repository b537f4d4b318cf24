// An election in a folder of its own, with its processes, and a browser before it.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";

export const here = path.dirname(fileURLToPath(import.meta.url));
export const root = path.dirname(here);
const bin = process.env.PORTAL_BIN ?? path.join(root, "target/debug");
const roles = process.env.URNE_ROLES ?? path.join(root, "../../target/debug/urne-roles");
export const artefacts = process.env.PORTAL_ARTEFACTS ?? path.join(root, "target/artefacts");
fs.mkdirSync(artefacts, { recursive: true });

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Asks again until there is an answer that is not false. */
export async function until(what, ask, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    await sleep(100);
  }
  throw new Error(`${what}: not in ${seconds} s${last ? ` (${last.message})` : ""}`);
}

export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

export function program(name, ...options) {
  const done = spawnSync(path.join(bin, name), options, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (done.error) throw done.error;
  return done;
}

export class Portal {
  /** Sets up an election and starts its processes. */
  static async start({ opensIn = "25s", closesIn = "2h", grace = "60", complaints = "600", letters = true, more = [], ...files } = {}) {
    const portal = new Portal();
    portal.directory = fs.mkdtempSync(path.join(os.tmpdir(), "urne-portal-test-"));
    portal.voters = files.voters ?? path.join(root, "demo/voters.csv");
    const port = await freePort();
    portal.address = `http://localhost:${port}`;
    portal.office = `http://127.0.0.1:${await freePort()}`;
    portal.ahead = 0;
    fs.writeFileSync(portal.at("ahead"), "0");
    const made = spawnSync(path.join(root, "trustees"), [
      portal.directory, "setup", path.join(bin, "portal-setup"), "--election", files.election ?? path.join(root, "demo/election.toml"),
      "--voters", portal.voters, "--opens-in", opensIn, "--closes-in", closesIn, "--grace", grace,
      "--complaints", complaints, "--address", portal.address, "--listen", `127.0.0.1:${port}`,
      "--issuer", portal.office.slice(7), "--scripts", path.join(root, "static"),
      ...(letters ? ["--letters-into", portal.at("issuer/letters")] : []), "--clock-ahead", portal.at("ahead"), ...more,
    ], { encoding: "utf8", env: { ...process.env, URNE_ROLES: roles } });
    assert.equal(made.status, 0, made.stdout + made.stderr);
    portal.said = made.stdout;
    const contest = JSON.parse(fs.readFileSync(portal.at("public/584/approved.json"))).contest;
    portal.opensAt = contest.opens_at;
    portal.closesAt = contest.closes_at;
    portal.endsAt = contest.closes_at + contest.grace;
    portal.startIssuer();
    await portal.startServer();
    return portal;
  }

  at(name) {
    return path.join(this.directory, name);
  }

  run(name, log, ...options) {
    const out = fs.openSync(this.at(log), "a");
    const child = spawn(path.join(bin, name), options, { stdio: ["ignore", out, out] });
    fs.closeSync(out);
    child.ended = new Promise((done) => child.on("exit", (code, signal) => done({ code, signal })));
    return child;
  }

  startIssuer() {
    this.issuer = this.run("portal-issuer", "issuer.log", this.at("issuer"));
  }

  async startServer() {
    this.server = this.run("portal", "portal.log", this.at("portal/portal.toml"));
    let ended = null;
    this.server.ended.then((how) => (ended = how));
    await until("the portal", async () => {
      if (ended) throw Object.assign(new Error(`it ended: ${fs.readFileSync(this.at("portal.log"), "utf8").slice(-2000)}`));
      return (await fetch(`${this.address}/healthz`)).ok;
    }, 60);
  }

  async kill(signal = "SIGKILL") {
    this.server.kill(signal);
    return this.server.ended;
  }

  async opened() {
    await until("the opening", () => this.now() >= this.opensAt, this.opensAt - this.now() + 60);
  }

  now() {
    return Math.floor(Date.now() / 1000) + this.ahead;
  }

  /** FOR TESTS: the clocks of portal, issuer and trustees are ahead from here on. */
  turn(to) {
    this.ahead += Math.max(0, to - this.now());
    fs.writeFileSync(this.at("ahead.new"), String(this.ahead));
    fs.renameSync(this.at("ahead.new"), this.at("ahead"));
  }

  electors() {
    const [, ...lines] = fs.readFileSync(this.voters, "utf8").trim().split("\n");
    return lines.map((line) => {
      const [id, email, name, numen, digits, contests] = line.split(",");
      return { id, email, name, numen, digits, contests: contests.split(" ").map(Number) };
    });
  }

  /** The code on a voter's letter. */
  code(id) {
    const letter = fs.readFileSync(this.at(`issuer/letters/${id}.html`), "utf8");
    return letter.match(/urne1(-[a-z0-9]{5}){6}/)[0];
  }

  /** E-mails to an address, the newest last. */
  mails(of, to) {
    const folder = this.at(`${of}/mail-out`);
    if (!fs.existsSync(folder)) return [];
    const all = fs.readdirSync(folder).filter((name) => name.endsWith(".eml")).map((name) => path.join(folder, name));
    const dated = all.map((file) => [fs.statSync(file).mtimeMs, fs.readFileSync(file, "utf8")]).sort(([a], [b]) => a - b);
    return dated.map(([, text]) => text).filter((text) => text.includes(`To: ${to}`)).map(decoded);
  }

  password(member) {
    const lines = fs.readFileSync(this.at("portal/bureau-passwords.txt"), "utf8").split("\n");
    return lines.find((line) => line.startsWith(`${member}: `)).slice(member.length + 2);
  }

  /** Who has this seat in the bureau. */
  member(seat) {
    return fs.readFileSync(this.at("portal/bureau-passwords.txt"), "utf8").split("\n")[seat - 1].split(": ")[0];
  }

  fingerprints() {
    return Object.values(JSON.parse(fs.readFileSync(this.at("public/fingerprints.json"))));
  }

  trustees(step, seats) {
    const options = [this.directory, step, ...seats.map(String)];
    const done = spawnSync(path.join(root, "trustees"), options, { encoding: "utf8", env: { ...process.env, URNE_ROLES: roles } });
    assert.equal(done.status, 0, done.stderr);
  }

  board(number, seat, kind) {
    return this.at(`trustees/exchange/board/${number}/${seat}.${kind}`);
  }

  /** From the end to the records, by the pages' own forms but without a browser. */
  async countAll() {
    this.turn(this.endsAt + 1);
    const enter = async (member) => {
      const session = new Visitor(this.address);
      const digits = await session.digits("/bureau/login");
      await session.post("/bureau/login", { email: member, password: this.password(member), ...digits });
      return session;
    };
    const csrf = async (session) => (await session.get("/bureau")).match(/name="csrf" value="([0-9a-f]+)"/)[1];
    const president = await enter(this.member(1));
    await president.post("/bureau/close", { csrf: await csrf(president) });
    const numbers = fs.readdirSync(this.at("public")).filter((name) => /^\d+$/.test(name));
    const upload = async (kind, seats) => {
      for (const seat of seats) {
        const session = await enter(this.member(seat));
        for (const number of numbers) {
          const form = new FormData();
          form.set("csrf", await csrf(session));
          form.set("file", new Blob([fs.readFileSync(this.board(number, seat, kind))]), `${seat}.${kind}`);
          await session.send(`/bureau/${number}/upload`, form);
        }
      }
    };
    this.trustees("given", [1, 3, 4, 5, 6]);
    await upload("given", [1, 3]);
    const operator = new Visitor(this.office);
    await operator.post("/login", { password: fs.readFileSync(this.at("issuer/password.txt"), "utf8").trim() });
    const token = async () => (await operator.get("/")).match(/name="csrf" value="([0-9a-f]+)"/)[1];
    await operator.post("/closings", { csrf: await token() });
    this.turn(this.now() + 601);
    await operator.post("/closings", { csrf: await token() });
    for (const number of numbers) assert.ok(fs.existsSync(this.at(`public/${number}/closing`)), `${number} is not signed`);
    this.trustees("endorse", [1, 3, 4, 5, 6]);
    await upload("endorsement", [1, 3, 4, 5, 6]);
    this.trustees("ready", [1, 3, 4]);
    this.trustees("factors", [1, 3, 4]);
    await upload("factors", [1, 3, 4]);
    const closer = await enter(this.member(1));
    for (const number of numbers) await closer.post(`/bureau/${number}/publish`, { csrf: await csrf(closer) });
  }

  async stop() {
    for (const child of [this.server, this.issuer]) if (child && child.exitCode === null) child.kill("SIGTERM");
    await Promise.all([this.server?.ended, this.issuer?.ended]);
    if (!process.env.PORTAL_KEEP) fs.rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Who visits pages without a browser: forms and a cookie. */
export class Visitor {
  constructor(address) {
    this.address = address;
    this.cookies = new Map();
  }

  async ask(place, options = {}) {
    // A connection that was closed while this process waited for another is noticed before it is used again.
    await sleep(20);
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { cookie, origin: this.address, "accept-language": "fr", ...options.headers };
    const answer = await fetch(`${this.address}${place}`, { redirect: "manual", ...options, headers });
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = set.match(/^([^=]+)=([^;]*)/);
      this.cookies.set(name, value);
    }
    return answer;
  }

  async get(place) {
    const answer = await this.ask(place);
    assert.equal(answer.status, 200, `${place}: ${answer.status}`);
    return answer.text();
  }

  /** A form; what is refused is an error. */
  async send(place, body) {
    const answer = await this.ask(place, { method: "POST", body });
    assert.ok(answer.status < 400, `${place}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  post(place, fields) {
    return this.send(place, new URLSearchParams(fields));
  }

  /** What a form with a captcha wants of it, by ear. */
  async digits(place) {
    const name = (await this.get(place)).match(/name="captcha_name" value="([0-9a-f]+)"/)[1];
    const wav = Buffer.from(await (await this.ask(`/captcha/${name}.wav`)).arrayBuffer());
    return { captcha_name: name, captcha: heard(wav) };
  }
}

/** The text of an e-mail, whichever way its body is written. */
export function decoded(mail) {
  const [head, ...body] = mail.split("\r\n\r\n");
  const text = body.join("\r\n\r\n");
  if (/transfer-encoding: base64/i.test(head)) return Buffer.from(text, "base64").toString();
  if (!/transfer-encoding: quoted-printable/i.test(head)) return text;
  const bytes = text.replace(/=\r\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}

/** The digits of a captcha, by ear: each digit's samples are known, with silence between. */
export function heard(wav, language = "fr") {
  const HEAD = 44;
  const sounds = Array.from({ length: 10 }, (_, digit) => {
    return fs.readFileSync(path.join(root, `static/sounds/${language}/${digit}.wav`)).subarray(HEAD);
  });
  let [place, digits] = [HEAD, ""];
  while (place < wav.length) {
    const digit = sounds.findIndex((sound) => wav.subarray(place, place + sound.length).equals(sound));
    assert.notEqual(digit, -1, "a sound that is no digit");
    digits += digit;
    place += sounds[digit].length + 17640;
  }
  return digits;
}
