// A real Chromium, and what people do in it.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import assert from "node:assert/strict";
import jsQR from "jsqr";
import { chromium } from "playwright-core";
import { artefacts, heard, until } from "./portal.mjs";

const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
export const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"],
});

/** What pages have complained of: nothing may. */
export const complaints = [];

/** A device: a browser with nothing in it. */
export async function device(options = {}) {
  const context = await browser.newContext({
    locale: "fr-FR",
    timezoneId: "Europe/Paris",
    viewport: { width: 1000, height: 900 },
    acceptDownloads: true,
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    // What a test provokes, a refusal for example, is an answer's status.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      complaints.push(`${page.url()}: ${message.text()}`);
    }
  });
  return page;
}

/** What axe cannot decide, and people have: a textarea's text on its own white, where it reaches below the window. */
const UNDECIDED = new Set(["color-contrast elmPartiallyObscured"]);

/** The pages that axe has seen. */
export const looked = new Set();

/** A picture of a page, and what axe finds in it: nothing. */
export async function look(page, name) {
  await page.screenshot({ path: path.join(artefacts, `${name}.png`), fullPage: true });
  await accessible(page, name);
}

export async function accessible(page, name) {
  looked.add(name);
  // By the debugger and not as a script of the page, which its policy refuses.
  const debug = await page.context().newCDPSession(page);
  const run = async (expression) => {
    const { result, exceptionDetails } = await debug.send("Runtime.evaluate", {
      expression, awaitPromise: true, returnByValue: true,
    });
    assert.equal(exceptionDetails, undefined, JSON.stringify(exceptionDetails));
    return result.value;
  };
  await run(`${axe}; undefined`);
  const found = await run(String.raw`axe.run(document, { resultTypes: ["violations", "incomplete"] })
    .then(({ violations, incomplete }) => [...violations, ...incomplete].flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => ({ id, html, why: any.map(({ data }) => data && data.messageKey).join() }))))`);
  const wrong = found.filter(({ id, why }) => !UNDECIDED.has(`${id} ${why}`));
  assert.deepEqual(wrong, [], `${name}: axe`);
  // A phone; and a screen of 1,280 points magnified four times, which is as wide.
  const { width, height } = page.viewportSize();
  await page.setViewportSize({ width: 320, height: 640 });
  const wide = await run("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  await page.setViewportSize({ width, height });
  assert.ok(wide <= 0, `${name} is ${wide} points wider than a phone`);
  await debug.detach();
}

/** Acts without a network, and notes whatever is asked of one. */
export async function offline(page, act) {
  const [context, asked] = [page.context(), []];
  const note = (request) => asked.push(request.url());
  context.on("request", note);
  await context.setOffline(true);
  try {
    await act();
  } finally {
    await context.setOffline(false);
    context.off("request", note);
  }
  // A worker is made of what the page has.
  assert.deepEqual(asked.filter((url) => !url.startsWith("blob:")), []);
}

/** What a device reads that looks at the QR code on a page: by jsQR, which knows nothing of how ours are drawn. */
export async function scanned(page) {
  const [, , width] = (await page.getAttribute("#qr", "viewBox")).split(" ").map(Number);
  const scale = 4;
  const side = width * scale;
  const picture = new Uint8ClampedArray(side * side * 4).fill(255);
  for (const run of (await page.getAttribute("#qr path", "d")).matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
    const [x, y, length] = run.slice(1).map((number) => Number(number) * scale);
    for (let row = y; row < y + scale; row++) {
      for (let column = x; column < x + length; column++) picture.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3);
    }
  }
  return jsQR(picture, side, side).data;
}

/** Hears the captcha and types it. */
export async function captcha(page) {
  const name = await page.locator("input[name=captcha_name]").inputValue();
  const answer = await page.request.get(new URL(`/captcha/${name}.wav`, page.url()).href);
  assert.equal(answer.status(), 200, "the captcha is spoken");
  await page.fill("input[name=captcha]", heard(await answer.body()));
}

/** First connection: a link by e-mail, and a password. */
export async function join(page, portal, elector, password) {
  await page.goto(portal.address);
  await page.click("a[href='/first']");
  await page.fill("#email", elector.email);
  await captcha(page);
  const before = portal.mails("portal", elector.email).length;
  await page.click("main button, #content button");
  const mails = await until("the link", () => {
    const mails = portal.mails("portal", elector.email);
    return mails.length > before && mails;
  });
  const link = mails.at(-1).match(/http:\/\/localhost:\d+\/password\/[0-9a-f]+/)[0];
  await page.goto(link);
  await page.fill("#password", password);
  await page.fill("#again", password);
  await page.click("#content button");
  await page.waitForSelector("[role=status]");
}

export async function login(page, portal, elector, password) {
  await page.goto(portal.address);
  await page.fill("#email", elector.email);
  await page.fill("#password", password);
  await captcha(page);
  await page.click("#content button");
  await page.waitForURL("**/home");
}

export async function bureau(page, portal, member) {
  await page.goto(`${portal.address}/bureau/login`);
  await page.fill("#email", member);
  await page.fill("#password", portal.password(member));
  await captcha(page);
  await page.click("#content button");
  await page.waitForURL("**/bureau");
}

/** To the contests, past the code. */
export async function enter(page, portal, code) {
  await page.goto(`${portal.address}/vote`);
  await page.waitForSelector("#code:not([hidden])");
  await page.fill("#typed", code);
  await page.click("#code-form button[type=submit], #code-form button:not([type])");
}

/** A vote from the contests to the acknowledgement; `choice` 0 is blank. */
export async function vote(page, number, choice, { look: named } = {}) {
  await page.click(`#participate-${number}`);
  await page.waitForSelector("#ballot:not([hidden])");
  const radio = page.locator(`#choice-${choice}`);
  assert.ok(await radio.isDisabled(), "choices are inert before the selection is activated");
  await page.click("#activate");
  await radio.check();
  await page.click("#continue");
  await page.waitForSelector("#confirm:not([hidden])");
  if (named) await look(page, named);
  await page.click("#vote-button");
  await page.waitForSelector("#acknowledgement:not([hidden])");
  return (await page.locator("#acknowledgement [data-fill=reference]").first().textContent()).trim();
}
