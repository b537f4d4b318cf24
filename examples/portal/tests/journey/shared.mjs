// What the parts of the journey share: the portal, what its voters were shown, and what they do again and again.
import { browser } from "../browser.mjs";
import { Portal, until } from "../portal.mjs";
import { database } from "../postgres.mjs";

export const PASSWORD = "une phrase que je retiens";
export const CONTESTS = [231, 305, 584, 712];
export let portal, electors, db;
/** References and codes, by voter and contest, as they were shown. */
export const shown = new Map();
export const proofs = new Map();

export async function start() {
  db = await database("journey");
  portal = await Portal.start({ more: db.more });
  electors = portal.electors();
  await portal.opened();
}

export async function stop() {
  await browser.close();
  await portal?.stop();
  await db?.stop();
}

export const reissued = {};

/** Asks for a new code, and gives it. */
export async function reissue(page, elector, identity) {
  await page.goto(`${portal.address}/reissue`);
  await page.fill("#identity", identity);
  const before = portal.mails("issuer", elector.email).length;
  await page.click("#content button");
  await page.waitForSelector("[role=status]");
  const mails = await until("the e-mail with the code", () => {
    const mails = portal.mails("issuer", elector.email);
    return mails.length > before && mails;
  });
  return { code: mails.at(-1).match(/urne1(-[a-z0-9]{5}){6}/)[0] };
}

export async function refused(page) {
  const error = page.locator("#typed-error");
  await error.waitFor();
  return error.textContent();
}

/** A ballot on its confirmation page. */
export async function confirm(page, number, choice) {
  await page.click(`#participate-${number}`);
  await page.click("#activate");
  await page.check(`#choice-${choice}`);
  await page.click("#continue");
  await page.waitForSelector("#confirm:not([hidden])");
}

/** What a browser keeps of votes. */
export const dossiers = (page) => page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith("urne ")));

/** The fifteen bytes of a code. */
export function bytesOf(plain) {
  const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
  let bits = "";
  for (const letter of plain.slice(5, 5 + 24)) bits += alphabet.indexOf(letter).toString(2).padStart(5, "0");
  return Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
}
