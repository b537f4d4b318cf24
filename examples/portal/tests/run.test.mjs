// The one command, as README gives it: what it prints is there, and Ctrl-C stops all.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, test } from "node:test";
import { Visitor, decoded, freePort, root, until } from "./portal.mjs";

const folder = fs.mkdtempSync("/tmp/urne-portal-run-");
after(() => fs.rmSync(folder, { recursive: true }));

/** `run` in a process group of its own, as a terminal has it, and what it prints by its labels. */
async function started(t, port, ...options) {
  const child = spawn(path.join(root, "run"), ["--port", String(port), ...options], { cwd: folder, detached: true });
  const ended = new Promise((done) => child.on("exit", (code, signal) => done({ code, signal })));
  const said = { out: "", err: "" };
  child.stdout.on("data", (data) => (said.out += data));
  child.stderr.on("data", (data) => (said.err += data));
  let running = true;
  ended.then(() => (running = false));
  t.after(() => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
  });
  await until("its addresses", () => {
    if (!running) throw new Error(`it ended: ${said.out}${said.err}`);
    return said.out.includes("Ctrl-C stops all.");
  }, 540);
  const line = (label) => said.out.match(new RegExp(`^${label} {2,}(.*)$`, "m"))[1];
  // Its programs and no other's, which the script has started; what has printed all this may just be ending.
  const children = () => fs.readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim().split(" ").map(Number);
  const pids = await until("what has printed has ended", () => (children().length === 2 ? children() : null));
  const names = pids.map((pid) => path.basename(fs.readlinkSync(`/proc/${pid}/exe`)));
  assert.deepEqual(names.sort(), ["portal", "portal-issuer"]);
  return { port, child, ended, said, line, pids };
}

/** What a terminal's Ctrl-C does, or another's signal to the script alone. */
async function stopped({ child, ended, pids, port }, signal, group) {
  process.kill(group ? -child.pid : child.pid, signal);
  assert.deepEqual(await ended, { code: 0, signal: null });
  for (const pid of pids) assert.ok(!fs.existsSync(`/proc/${pid}`), "a program goes on");
  for (const at of [port, port + 1]) await assert.rejects(fetch(`http://127.0.0.1:${at}/`));
}

test("run sets up the demonstration, prints where all of it is, and ends on Ctrl-C", { timeout: 600_000 }, async (t) => {
  const run = await started(t, await freePort(), "--opens-in", "60s");
  const { line, port } = run;
  const directory = run.said.out.match(/^Setting up in (\S+):/m)[1];
  t.after(() => fs.rmSync(directory, { recursive: true }));
  assert.equal(line("The portal"), `http://localhost:${port}`);
  assert.match(run.said.out, /^The vote opens 60s after the contests were made and closes after 1h\.$/m);
  // The bureau and the issuer take the passwords from where it says that they are.
  const [bureau, names] = line("The bureau").split(/ +names and passwords: /);
  const [member, password] = fs.readFileSync(names, "utf8").split("\n")[0].split(": ");
  const president = new Visitor(line("The portal"));
  await president.post("/bureau/login", { email: member, password, ...(await president.digits("/bureau/login")) });
  assert.equal(bureau, `http://localhost:${port}/bureau`);
  assert.match(await president.get("/bureau"), /data-counter="584"/);
  const [issuer, secret] = line("The issuer").split(/ +password: /);
  assert.equal(issuer, `http://127.0.0.1:${port + 1}`);
  const operator = new Visitor(issuer);
  await operator.post("/login", { password: fs.readFileSync(secret, "utf8").trim() });
  assert.match(await operator.get("/"), /action="\/closings"/);
  // Whom to log in as: the link comes by e-mail, the code by letter, and both are in the folders that it names.
  const letter = line("Letters").replace(" …", "");
  assert.match(fs.readFileSync(letter, "utf8"), /urne1(-[a-z0-9]{5}){6}/);
  const email = run.said.out.match(/^Log in as (\S+): "Première connexion"/m)[1];
  assert.ok(fs.readFileSync(line("Voters"), "utf8").includes(`v001,${email},`));
  const voter = new Visitor(line("The portal"));
  await voter.post("/first", { email, ...(await voter.digits("/first")) });
  const [, links, codes] = line("E-mails").match(/^(\S+) \(links\), (\S+) \(codes\)$/);
  const link = await until("the link", () => {
    const mails = fs.readdirSync(links).map((name) => decoded(fs.readFileSync(path.join(links, name), "utf8")));
    return mails.join().match(/http:\/\/localhost:\d+(\/password\/[0-9a-f]+)/);
  });
  assert.ok(link[0].startsWith(line("The portal")));
  const csrf = (await voter.get(link[1])).match(/name="csrf" value="([0-9a-f]+)"/)?.[1] ?? "";
  const words = "une phrase que je retiens";
  await voter.post(link[1], { csrf, password: words, again: words });
  await voter.post("/login", { email, password: words, ...(await voter.digits("/")) });
  assert.match(await voter.get("/home"), /id="countdown"/);
  assert.equal(path.dirname(codes), path.join(directory, "issuer"));
  await stopped(run, "SIGINT", true);
});

test("run takes an election of one's own, and goes on where it was", { timeout: 600_000 }, async (t) => {
  // One contest of it, under another name; files and folder by their names from where it is called.
  const demo = fs.readFileSync(path.join(root, "demo/election.toml"), "utf8");
  const title = "Élections du <club> d’échecs";
  fs.writeFileSync(path.join(folder, "mine.toml"), demo.replace(/^election = .*$/m, `election = "${title}"`));
  const [head] = fs.readFileSync(path.join(root, "demo/voters.csv"), "utf8").split("\n", 1);
  const voters = ["ada", "bo", "cy"].map((id, n) => `${id},${id}@club.example,${id},N${n},000000000${n},231 305 584 712`);
  fs.writeFileSync(path.join(folder, "mine.csv"), [head, ...voters, ""].join("\n"));
  const options = ["--election", "mine.toml", "--voters", "mine.csv", "--directory", "here", "--opens-in", "30s", "--closes-in", "20m"];
  const port = await freePort();
  const first = await started(t, port, ...options);
  assert.match(first.said.out, /^Log in as ada@club\.example:/m);
  assert.match(first.said.out, /closes after 20m\.$/m);
  const letters = fs.readdirSync(path.join(folder, "here/issuer/letters")).sort();
  assert.deepEqual(letters.filter((name) => /^[a-z]+\.html$/.test(name)), ["ada.html", "bo.html", "cy.html"]);
  const letter = () => fs.readFileSync(path.join(folder, "here/issuer/letters/ada.html"), "utf8");
  assert.ok(letter().includes("Élections du &#60;club&#62; d’échecs"), letter());
  const fingerprints = async () => (await fetch(`http://localhost:${port}/public/fingerprints.json`)).json();
  const [before, contests] = [letter(), await fingerprints()];
  await stopped(first, "SIGTERM", false);
  const again = await started(t, port, ...options);
  assert.deepEqual([letter(), await fingerprints()], [before, contests]);
  await stopped(again, "SIGINT", true);
  // At another address it is not: letters name this one.
  const elsewhere = spawn(path.join(root, "run"), ["--port", String(port + 2), ...options], { cwd: folder });
  let said = "";
  elsewhere.stderr.on("data", (data) => (said += data));
  assert.equal(await new Promise((done) => elsewhere.on("exit", done)), 1);
  assert.match(said, new RegExp(`^run: \\S+/here was set up for another port: listen = "127\\.0\\.0\\.1:${port}"$`, "m"));
});

test("run says how it is used, where it is used otherwise", async () => {
  for (const options of [["--port"], ["--nothing", "1"]]) {
    const child = spawn(path.join(root, "run"), options);
    let said = "";
    child.stderr.on("data", (data) => (said += data));
    assert.equal(await new Promise((done) => child.on("exit", done)), 2);
    assert.match(said, /--election FILE\.toml --voters FILE\.csv/);
  }
});
