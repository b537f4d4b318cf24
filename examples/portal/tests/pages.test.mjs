// Pages that the journey does not come by: what goes wrong, what comes before the vote, and all of it in English.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { Portal, root, until } from "./portal.mjs";
import { browser, bureau, captcha, complaints, device, enter, join, login, look, looked } from "./browser.mjs";

const PASSWORD = "a phrase that I remember";
let portal, electors, code;

before(async () => {
  // Letters stay with the issuer until its operator prints them.
  portal = await Portal.start({ letters: false });
  electors = portal.electors();
  await portal.opened();
});

after(async () => {
  await browser.close();
  await portal?.stop();
});

const english = () => device({ locale: "en-GB" });

/** What French pages say, and English ones say otherwise. */
const FRENCH = (() => {
  const texts = (language) => new Map(
    [...fs.readFileSync(path.join(root, `locales/${language}.ftl`), "utf8").matchAll(/^([a-z0-9-]+) = ([^{}\n]{12,})$/gm)]
      .map(([, key, text]) => [key, text.trim()]),
  );
  const others = texts("en");
  return [...texts("fr")].filter(([key, text]) => others.has(key) && ![...others.values()].includes(text)).map(([, text]) => text);
})();

/** A page in English, and all of it. */
async function lookEnglish(page, name) {
  assert.equal(await page.getAttribute("html", "lang"), "en", name);
  // Line by line: what the election's own file says stays in its language.
  const said = await page.evaluate(() => [document.title, document.body.innerText].join("\n"));
  const lines = new Set(said.split("\n").map((line) => line.trim()));
  assert.deepEqual(FRENCH.filter((text) => lines.has(text)), [], name);
  await look(page, name);
}

describe("pages", { concurrency: 1 }, () => {
  test("the issuer's letters, before they are printed", async () => {
    const operator = await device();
    await operator.goto(portal.office);
    await operator.fill("#password", fs.readFileSync(portal.at("issuer/password.txt"), "utf8").trim());
    await operator.click("main button");
    await operator.waitForSelector("form[action='/letters/sent']");
    await look(operator, "50-emetteur-courriers");
    await operator.click("a[href^='/letters/']");
    await operator.waitForSelector("text=Camille Martin");
    await look(operator, "51-courriers");
    const letters = await operator.content();
    code = (name) => letters.slice(letters.indexOf(name)).match(/urne1(-[a-z0-9]{5}){6}/)[0];
    await operator.context().close();
    const other = await english();
    await other.goto(portal.office);
    await lookEnglish(other, "en-50-issuer");
    await other.context().close();
  });

  test("a forgotten password, and an account at which many guess", async () => {
    const [, elector] = electors;
    const page = await device();
    await page.goto(`${portal.address}/forgotten`);
    await look(page, "52-mot-de-passe-oublie");
    await page.fill("#email", elector.email);
    await page.fill("input[name=captcha]", "0");
    await page.click("#content button");
    await page.waitForSelector("[role=alert]");
    await look(page, "53-mot-de-passe-oublie-refuse");
    await page.fill("#email", elector.email);
    await captcha(page);
    await page.click("#content button");
    await page.waitForSelector("[role=status]");
    await look(page, "54-lien-envoye");
    const [mail] = await until("the link", () => portal.mails("portal", elector.email).length && portal.mails("portal", elector.email));
    await page.goto(mail.match(/http:\/\/localhost:\d+\/password\/[0-9a-f]+/)[0]);
    await look(page, "55-nouveau-mot-de-passe");
    await page.fill("#password", PASSWORD);
    await page.fill("#again", `${PASSWORD}.`);
    await page.click("#content button");
    await page.waitForSelector("[role=alert]");
    await look(page, "56-mots-de-passe-differents");
    await page.goto(`${portal.address}/password/${"0".repeat(64)}`);
    await look(page, "57-lien-perime");
    let status;
    for (let guess = 0; status !== 429; guess++) {
      assert.ok(guess < 8, "nobody is made to wait");
      await page.goto(portal.address);
      await page.fill("#email", elector.email);
      await page.fill("#password", `guess ${guess}`);
      await captcha(page);
      const [answer] = await Promise.all([page.waitForResponse("**/login"), page.click("#content button")]);
      status = answer.status();
    }
    await page.waitForSelector("[role=alert]");
    await look(page, "58-trop-d-essais");
    await page.context().close();
  });

  test("the portal in English, from the first connection to the logout", { timeout: 300_000 }, async () => {
    const [teacher] = electors;
    const page = await english();
    await page.goto(portal.address);
    await lookEnglish(page, "en-01-login");
    await page.goto(`${portal.address}/first`);
    await lookEnglish(page, "en-02-first");
    await join(page, portal, teacher, PASSWORD);
    await lookEnglish(page, "en-03-password");
    await login(page, portal, teacher, PASSWORD);
    for (const name of ["home", "information", "help", "rolls", "me", "complaint", "reissue", "check", "audit", "results", "contests/584"]) {
      await page.goto(`${portal.address}/${name}`);
      if (name === "check") await page.waitForSelector("#contest option", { state: "attached" });
      await lookEnglish(page, `en-04-${name.replace("/", "-")}`);
    }
    await page.goto(`${portal.address}/reissue`);
    await page.fill("#identity", electors[3].numen);
    await page.click("#content button");
    await page.waitForSelector("[role=alert]");
    await lookEnglish(page, "en-05-reissue-refused");
    await page.goto(`${portal.address}/vote`);
    await page.waitForSelector("#code:not([hidden])");
    await lookEnglish(page, "en-06-code");
    await page.fill("#typed", "urne1-nothing");
    await page.click("#code-form button");
    await page.waitForSelector("#typed-error:not([hidden])");
    await lookEnglish(page, "en-07-code-refused");
    await enter(page, portal, code(teacher.name));
    await page.waitForSelector("#contests:not([hidden])");
    await lookEnglish(page, "en-08-contests");
    await page.click("#participate-584");
    await page.waitForSelector("#ballot:not([hidden])");
    await page.click("#activate");
    await page.check("#choice-1");
    await lookEnglish(page, "en-09-ballot");
    await page.click("#continue");
    await page.waitForSelector("#confirm:not([hidden])");
    await page.click("#confirm summary");
    await lookEnglish(page, "en-10-confirmation");
    await page.click("#test-button");
    await page.waitForSelector("#test:not([hidden])");
    await lookEnglish(page, "en-11-test");
    await page.click("#tested");
    await page.waitForSelector("#ballot:not([hidden])");
    await page.check("#choice-1");
    await page.click("#continue");
    await page.waitForSelector("#confirm:not([hidden])");
    await page.click("#vote-button");
    await page.waitForSelector("#acknowledgement:not([hidden])");
    await lookEnglish(page, "en-12-acknowledgement");
    await page.goto(`${portal.address}/emargement/584`);
    await lookEnglish(page, "en-13-emargement");
    await page.goto(`${portal.address}/vote`);
    await page.waitForSelector("#code:not([hidden]), #contests:not([hidden])");
    await page.click(".logout button");
    await page.waitForSelector("#leaving:not([hidden])");
    await lookEnglish(page, "en-14-leaving");
    await page.context().close();
    const member = await english();
    await bureau(member, portal, portal.member(1));
    await lookEnglish(member, "en-20-bureau");
    for (const name of ["integrity", "584/signings", "complaints", "minutes"]) {
      await member.goto(`${portal.address}/bureau/${name}`);
      assert.ok(await member.isVisible("h1"), name);
      await lookEnglish(member, `en-21-${name.replace("/", "-")}`);
    }
    await member.context().close();
  });

  test("where the issuer is away a voter is told to come back", async () => {
    const page = await device();
    const elector = electors[2];
    await join(page, portal, elector, PASSWORD);
    await login(page, portal, elector, PASSWORD);
    portal.issuer.kill("SIGKILL");
    await portal.issuer.ended;
    await page.goto(`${portal.address}/reissue`);
    await page.fill("#identity", elector.numen);
    const [answer] = await Promise.all([page.waitForResponse("**/reissue"), page.click("#content button")]);
    assert.equal(answer.status(), 503);
    await page.waitForSelector("[role=alert]");
    await look(page, "59-revenez");
    await page.context().close();
  });

  test("contests that are still to be approved", async () => {
    await portal.kill("SIGTERM");
    for (const number of [231, 305, 584, 712]) fs.rmSync(portal.at(`public/${number}/approved.json`));
    await portal.startServer();
    for (const of of [device, english]) {
      const page = await of();
      await bureau(page, portal, portal.member(1));
      assert.equal(await page.locator("form[action$='/upload']").count(), 4);
      if (of === english) await lookEnglish(page, "en-60-to-approve");
      else await look(page, "60-a-approuver");
      await page.context().close();
    }
  });

  test("no page has complained", () => {
    assert.deepEqual(complaints, []);
    console.log(`axe has found nothing on ${looked.size} screens`);
  });
});
