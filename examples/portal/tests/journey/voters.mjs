// Voters: from the first connection to a vote in every contest, and all that goes wrong on the way.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { browser, bureau, captcha, device, enter, join, login, look, offline, scanned, vote } from "../browser.mjs";
import { artefacts, program, root, sleep } from "../portal.mjs";
import {
  PASSWORD, confirm, dossiers, electors, portal, proofs, refused, reissue, reissued, shown,
} from "./shared.mjs";

export default () => {
  test("what setup leaves in clear is said, and its owner's alone", () => {
    for (const name of ["portal/bureau-passwords.txt", "issuer/password.txt"]) {
      assert.ok(portal.said.includes(portal.at(name)), portal.said);
    }
    const open = [];
    for (const folder of ["portal", "issuer", "issuer/letters"]) {
      for (const entry of fs.readdirSync(portal.at(folder), { withFileTypes: true })) {
        const place = path.join(portal.at(folder), entry.name);
        if (entry.isFile() && /password|letter|toml|key|token|bin$|csv$/.test(place) && fs.statSync(place).mode & 0o077) open.push(place);
      }
    }
    assert.deepEqual(open, []);
  });

  test("first connection, identification, and the pages of the portal", async () => {
    const page = await device();
    const [teacher] = electors;
    await page.goto(portal.address);
    assert.equal(await page.getAttribute("html", "lang"), "fr");
    await look(page, "01-identification");
    await page.goto(`${portal.address}/first`);
    await look(page, "02-premiere-connexion");
    await join(page, portal, teacher, PASSWORD);
    await look(page, "03-mot-de-passe");
    // A wrong password and a wrong captcha are told, and nothing of either.
    await page.goto(portal.address);
    await page.fill("#email", teacher.email);
    await page.fill("#password", "une autre phrase");
    await captcha(page);
    await page.click("#content button");
    assert.match(await page.textContent("[role=alert]"), /adresse ou le mot de passe/);
    await look(page, "04-identification-refusee");
    await page.fill("#email", teacher.email);
    await page.fill("#password", PASSWORD);
    await page.fill("#captcha", "0");
    await page.click("#content button");
    await page.waitForSelector("[role=alert]");
    await login(page, portal, teacher, PASSWORD);
    assert.match(await page.textContent("#countdown"), /Fermeture du vote dans \d+ jours/);
    await look(page, "05-accueil");
    for (const name of ["information", "help", "rolls", "me", "complaint", "reissue", "check", "audit", "results"]) {
      await page.goto(`${portal.address}/${name}`);
      if (name === "check") await page.waitForSelector("#contest option", { state: "attached" });
      await look(page, `06-${name}`);
    }
    // A code does not stay in its field, whatever comes of it: here there is no record yet.
    await page.goto(`${portal.address}/check`);
    await page.waitForSelector("#contest option", { state: "attached" });
    await page.fill("#code", portal.code(teacher.id));
    await page.click("#code-form button");
    await page.waitForSelector("#code-error:not([hidden])");
    assert.equal(await page.inputValue("#code"), "");
    await page.goto(`${portal.address}/contests/584`);
    assert.equal(await page.locator("h2[id^=list-]").count(), 12);
    await look(page, "07-scrutin");
    await page.goto(`${portal.address}/complaint`);
    await page.fill("#text", "Le bouton <b>Je vote</b> est trop petit.");
    await page.click("#content button");
    assert.match(await page.textContent("#content"), /Réclamation \S+ reçue le/);
    assert.match(await page.textContent("#content"), /<b>Je vote<\/b>/, "shown as it was written");
    await look(page, "08-reclamation");
    await page.goto(`${portal.address}/home?lang=en`);
    assert.equal(await page.getAttribute("html", "lang"), "en");
    await look(page, "09-home-in-english");
    await page.goto(`${portal.address}/nowhere`);
    await look(page, "10-introuvable");
    await page.context().close();
  });

  test("a code is issued anew, on NUMEN or ten digits", async () => {
    for (const [which, elector] of [[0, electors[1]], [1, electors[2]]]) {
      const page = await device();
      await join(page, portal, elector, PASSWORD);
      await login(page, portal, elector, PASSWORD);
      await page.goto(`${portal.address}/reissue`);
      await page.fill("#identity", electors[3].numen);
      await page.click("#content button");
      assert.match(await page.textContent("[role=alert]"), /ni le NUMEN ni les dix chiffres/);
      const identity = which ? elector.digits : elector.numen;
      reissued[elector.id] = { ...(await reissue(page, elector, identity)), page };
    }
    await reissued[electors[2].id].page.context().close();
    const { page, code } = reissued[electors[1].id];
    // The letter's code has been revoked.
    await enter(page, portal, portal.code(electors[1].id));
    assert.match(await refused(page), /remplac|pas (le vôtre|celui)|dernier/i);
    await page.fill("#typed", code);
    await page.click("#code-form button");
    await page.waitForSelector("#contests:not([hidden])");
    assert.equal(await page.locator("[id^=participate-]").count(), 4);
    await page.context().close();
  });

  test("the teacher votes in four contests", async () => {
    const page = await device();
    const [teacher] = electors;
    const code = portal.code(teacher.id);
    await login(page, portal, teacher, PASSWORD);
    await page.click("a.button[href='/vote']");
    await page.waitForSelector("#code:not([hidden])");
    await look(page, "11-code");
    // A character that was mistyped is told from a code that is wrong.
    const other = code.endsWith("q") ? "p" : "q";
    await page.fill("#typed", code.slice(0, -1) + other);
    await page.click("#code-form button");
    assert.match(await refused(page), /recopi|faute|saisi/i);
    await look(page, "12-code-mal-recopie");
    await page.fill("#typed", code.toUpperCase().replaceAll("-", " "));
    await page.click("#code-form button");
    await page.waitForSelector("#contests:not([hidden])");
    assert.equal(await page.locator("[id^=participate-]").count(), 4);
    assert.equal(await page.inputValue("#typed"), "", "the code is cleared");
    await look(page, "13-choix-du-scrutin");

    // Back, and another choice.
    await page.click("#participate-231");
    await page.waitForSelector("#ballot:not([hidden])");
    assert.ok(await page.isDisabled("#choice-1"));
    const fingerprint = (await page.textContent("[data-fill=fingerprint]")).replaceAll(" ", "");
    const letter = fs.readFileSync(portal.at(`issuer/letters/${teacher.id}.html`), "utf8").replaceAll(" ", "");
    assert.ok(letter.includes(fingerprint), "the fingerprint on the screen is the letter's");
    await look(page, "14-bulletin-inerte");
    await page.click("#activate");
    await page.check("#choice-1");
    await page.click("#continue");
    await page.waitForSelector("#confirm:not([hidden])");
    assert.match(await page.textContent("[data-fill=chosen]"), /Horizon commun/);
    const first = await page.textContent("#confirm [data-fill=reference]");
    await page.click("#back");
    await page.waitForSelector("#ballot:not([hidden])");
    await page.check("#choice-2");
    await look(page, "15-bulletin");
    await page.click("#continue");
    await page.waitForSelector("#confirm:not([hidden])");
    assert.match(await page.textContent("[data-fill=chosen]"), /Le Préau/);
    const reference = await page.textContent("#confirm [data-fill=reference]");
    assert.notEqual(reference, first);
    assert.match(reference, /^231\)\s?[0-9a-f ]{64,}$/);
    await look(page, "16-confirmation");
    await page.click("#vote-button");
    await page.waitForSelector("#acknowledgement:not([hidden])");
    assert.match(await page.textContent("#acknowledgement [data-fill=at]"), /20\d\d.*\d\d:\d\d:\d\d/);
    assert.equal(await page.textContent("#acknowledgement [data-fill=reference]"), reference);
    shown.set(231, reference.trim());
    await look(page, "17-accuse-de-reception");
    const milliseconds = await page.getAttribute("#vote", "data-milliseconds");
    console.log(`from « Je vote » to a checked receipt: ${milliseconds} ms`);
    const [file] = await Promise.all([page.waitForEvent("download"), page.click("#proof")]);
    proofs.set(231, path.join(artefacts, "231.proof"));
    await file.saveAs(proofs.get(231));
    assert.ok(await page.isDisabled("#proof"), "offered once");
    await page.click("#others");
    await page.waitForSelector("#contests:not([hidden])");

    // Reloaded before "Je vote": nothing was sent, and the code is asked for again.
    await page.click("#participate-305");
    await page.click("#activate");
    await page.check("#choice-3");
    await page.click("#continue");
    await page.waitForSelector("#confirm:not([hidden])");
    await page.reload();
    await page.waitForSelector("#code:not([hidden])");
    assert.equal(await page.inputValue("#typed"), "");
    await page.fill("#typed", code);
    await page.click("#code-form button");
    await page.waitForSelector("#contests:not([hidden])");
    assert.equal(await page.locator("[id^=participate-]").count(), 3);
    await look(page, "18-scrutins-restants");
    shown.set(305, await vote(page, 305, 3));

    // Reloaded after it, while the ballot was on its way: the device sends it again, with the answer lost.
    await page.click("#others");
    await page.route("**/api/584/deposit", async (route) => {
      await route.fetch();
      await route.abort();
    });
    await page.click("#participate-584");
    await page.click("#activate");
    await page.check("#choice-12");
    await page.click("#continue");
    await page.waitForSelector("#confirm:not([hidden])");
    await page.click("#vote-button");
    await page.waitForSelector("#sending-error:not([hidden])");
    const sent = await page.textContent("#sending [data-fill=reference]");
    await look(page, "19-reponse-perdue");
    await page.unroute("**/api/584/deposit");
    await page.reload();
    await page.waitForSelector("#resume:not([hidden])");
    assert.equal(await page.textContent("#resume [data-fill=reference]"), sent);
    await look(page, "20-reprise");
    await page.click("#resume-again");
    await page.waitForSelector("#acknowledgement:not([hidden])");
    assert.equal(await page.textContent("#acknowledgement [data-fill=reference]"), sent);
    shown.set(584, sent.trim());

    await enter(page, portal, code);
    await page.waitForSelector("#contests:not([hidden])");
    shown.set(712, await vote(page, 712, 0, { look: "21-vote-blanc" }));
    await page.click("#others");
    await page.waitForSelector("#contests:not([hidden])");
    assert.equal(await page.locator("[id^=participate-]").count(), 0);
    assert.match(await page.textContent("#nothing-open"), /voté à tous vos scrutins/);
    await look(page, "22-tout-est-vote");
    await page.goto(`${portal.address}/emargement/584`);
    assert.match(await page.textContent("#content"), /Camille Martin/);
    await look(page, "23-emargement");
    await page.goto(`${portal.address}/home`);
    assert.equal(await page.locator(".contests li", { hasText: "Voté le" }).count(), 4);
    // Where others use the browser too, nothing of the votes is left in it.
    await page.goto(`${portal.address}/vote`);
    await page.waitForSelector("#contests:not([hidden])");
    const dossiers = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("urne ")).length);
    assert.equal(await dossiers(), 4);
    // A member of the bureau who has logged in since, in another tab, is not logged out by it, and nothing is erased.
    const tab = await page.context().newPage();
    await bureau(tab, portal, "Présidente");
    await page.click(".logout button");
    await page.waitForSelector("#leaving:not([hidden])");
    await page.click("#forget");
    await page.waitForSelector("#leaving-error:not([hidden])");
    assert.match(await page.textContent("#leaving-error"), /ne vient pas d’une page du portail/);
    assert.equal(await dossiers(), 4);
    await tab.click(".logout button");
    await tab.waitForURL("**/bureau/login");
    await tab.close();
    await login(page, portal, teacher, PASSWORD);
    await page.goto(`${portal.address}/vote`);
    await page.waitForSelector("#contests:not([hidden])");
    await page.click(".logout button");
    await page.waitForSelector("#leaving:not([hidden])");
    assert.equal(await page.locator("#proofs button").count(), 4);
    await look(page, "23b-ordinateur-partage");
    await page.click("#forget");
    await page.waitForURL(`${portal.address}/`);
    assert.equal(await dossiers(), 0);
    await page.goto(`${portal.address}/home`);
    assert.equal(new URL(page.url()).pathname, "/", "logged out");
    await page.context().close();
  });

  test("a second vote is refused, and so is a second device", async () => {
    const elector = electors[3];
    const page = await device();
    await join(page, portal, elector, PASSWORD);
    await login(page, portal, elector, PASSWORD);
    const code = portal.code(elector.id);
    const tab = await page.context().newPage();
    // Another browser that has taken the session along, and keeps dossiers of its own.
    const copy = await device();
    await copy.context().addCookies(await page.context().cookies());
    for (const [of, choice] of [[page, 1], [tab, 2], [copy, 2]]) {
      await enter(of, portal, code);
      await of.waitForSelector("#contests:not([hidden])");
      await confirm(of, 584, choice);
    }
    await page.click("#vote-button");
    await page.waitForSelector("#acknowledgement:not([hidden])");
    const kept = await page.evaluate(() => JSON.stringify(localStorage));
    for (const second of [tab, copy]) {
      await second.click("#vote-button");
      await second.waitForSelector("#contests-error:not([hidden])");
      assert.match(await second.textContent("#contests-error"), /déjà voté/);
    }
    await look(copy, "24-second-vote-refuse");
    // The receipt is not replaced, and of what was refused nothing stays.
    assert.equal(await page.evaluate(() => JSON.stringify(localStorage)), kept);
    assert.deepEqual(await dossiers(copy), []);
    await copy.context().close();
    // Another device: the first one's session ends, and says so.
    const elsewhere = await device();
    await login(elsewhere, portal, elector, PASSWORD);
    await page.goto(`${portal.address}/home`);
    assert.match(await page.textContent("[role=alert]"), /connecté ailleurs/);
    await enter(elsewhere, portal, portal.code(elector.id));
    await elsewhere.waitForSelector("#contests:not([hidden])");
    assert.equal(await elsewhere.locator("#participate-584").count(), 0);
    await vote(elsewhere, 231, 1);
    await page.context().close();
    await elsewhere.context().close();
  });

  test("a ballot that waits for its answer is not replaced, and a clock that is far off is said", async () => {
    const elector = electors.find(({ id, contests }) => id > "v006" && contests.includes(584) && contests.length > 1);
    const page = await device();
    await join(page, portal, elector, PASSWORD);
    await login(page, portal, elector, PASSWORD);
    // An hour ahead, which is set right later.
    await page.addInitScript(() => {
      const now = Date.now;
      Date.now = () => now() + (sessionStorage.getItem("right") ? 0 : 3_600_000);
    });
    const enterCode = async () => {
      await page.fill("#typed", portal.code(elector.id));
      await page.click("#code-form button");
      await page.waitForSelector("#contests:not([hidden])");
    };
    await page.goto(`${portal.address}/vote`);
    await page.waitForSelector("#code:not([hidden])");
    const said = await page.textContent("#clock");
    const times = said.match(/\d\d:\d\d:\d\d/g).map((time) => time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0));
    const apart = (times[0] - times[1] + 86_400) % 86_400;
    assert.ok(Math.abs(apart - 3_600) < 10, said);
    await look(page, "24b-horloge");
    await enterCode();
    await confirm(page, 584, 1);
    // No ballot leaves whose receipt could not be taken.
    await page.click("#vote-button");
    await page.waitForSelector("#confirm-error:not([hidden])");
    assert.match(await page.textContent("#confirm-error"), /à l’heure/);
    assert.deepEqual(await dossiers(page), []);
    await page.evaluate(() => sessionStorage.setItem("right", "1"));
    // Nor does one arrive now.
    await page.route("**/api/584/deposit", (route) => route.abort());
    await page.click("#vote-button");
    await page.waitForSelector("#sending-error:not([hidden])");
    assert.ok(await page.isHidden("#clock"));
    const sent = await page.textContent("#sending [data-fill=reference]");
    const waits = async () => {
      await page.waitForSelector("#resume:not([hidden])");
      assert.equal(await page.textContent("#resume [data-fill=reference]"), sent);
    };
    await page.reload();
    await waits();
    // Whoever goes on without it finds it in its contest, before another can be sealed.
    await page.click("#resume-leave");
    await page.waitForSelector("#code:not([hidden])");
    await enterCode();
    await page.click("#participate-584");
    await waits();
    await page.unroute("**/api/584/deposit");
    await page.click("#resume-again");
    await page.waitForSelector("#acknowledgement:not([hidden])");
    assert.equal(await page.textContent("#acknowledgement [data-fill=reference]"), sent);
    await page.click("#others");
    await page.waitForSelector("#contests:not([hidden])");
    assert.equal(await page.locator("#participate-584").count(), 0);
    await page.context().close();
  });

  test("a ballot is tested on a second device: one that is honest, and one of a booth that lies", async () => {
    const elector = electors.find(({ id, contests }) => id > "v004" && contests.includes(584));
    const code = portal.code(elector.id);
    const lie = 5;
    for (const lying of [false, true]) {
      const page = await device();
      if (!lying) await join(page, portal, elector, PASSWORD);
      if (lying) {
        // A server that delivers another program, with its hashes: the voter sees one list, and another is sealed.
        const honest = "booth({ select: { choice: Number(checked.value) } })";
        const script = fs.readFileSync(path.join(root, "static/booth.js"), "utf8");
        assert.ok(script.includes(honest), "the booth's script has changed: plant the lie anew");
        const planted = script.replace(honest, `({ ...booth({ select: { choice: ${lie} } }), name: current.lists[checked.value - 1] })`);
        await page.route("**/static/booth.js", (route) => route.fulfill({ body: planted, contentType: "text/javascript" }));
        await page.route("**/vote", async (route) => {
          const answer = await route.fetch();
          const body = (await answer.text()).replace(/(booth\.js" )integrity="[^"]*"/, "$1");
          await route.fulfill({ response: answer, body });
        });
      }
      await login(page, portal, elector, PASSWORD);
      await enter(page, portal, code);
      await page.waitForSelector("#contests:not([hidden])");
      await page.click("#participate-584");
      await page.click("#activate");
      await page.check("#choice-2");
      await page.click("#continue");
      await page.waitForSelector("#confirm:not([hidden])");
      assert.match(await page.textContent("[data-fill=chosen]"), /SUD éducation/);
      const reference = (await page.textContent("#confirm [data-fill=reference]")).trim();
      await page.click("#confirm summary");
      await page.click("#test-button");
      await page.waitForSelector("#test:not([hidden])");
      if (!lying) await look(page, "25-test-du-bulletin");
      const [file] = await Promise.all([page.waitForEvent("download"), page.click("#opened")]);
      const opened = path.join(artefacts, `${lying ? "lying" : "honest"}.opened`);
      await file.saveAs(opened);

      const phone = await device({ viewport: { width: 390, height: 800 } });
      // By what its camera reads from the first device's screen, or by the file.
      const address = lying ? `${portal.address}/check` : await scanned(page);
      await phone.goto(address);
      await phone.waitForSelector("#contest option", { state: "attached" });
      assert.equal(phone.url(), `${portal.address}/check`, "what was opened does not stay in the address");
      assert.equal(await phone.isVisible("#with-opened"), !lying);
      await phone.selectOption("#contest", "584");
      if (lying) await phone.setInputFiles("#opened-file", opened);
      await phone.fill("#challenge-shown", reference);
      await phone.selectOption("#meant", "2");
      await phone.fill("#challenge-code", code);
      await offline(phone, async () => {
        await phone.click("#challenge-form button");
        await phone.waitForSelector(lying ? "#challenge-code-error:not([hidden])" : "#challenge-answer p");
      });
      if (lying) {
        assert.equal(await phone.textContent("#challenge-answer"), "");
        await look(phone, "27-isoloir-menteur");
      } else {
        assert.equal(address, `${portal.address}/check#${fs.readFileSync(opened, "hex").toUpperCase()}`);
        await look(phone, "26-isoloir-honnete");
      }
      await phone.context().close();
      await page.click("#tested");
      await page.waitForSelector("#ballot:not([hidden])");
      await page.context().close();
    }
  });

  test("by keyboard alone", async () => {
    const elector = electors.find(({ id, contests }) => id > "v005" && contests.length === 1);
    const page = await device();
    await join(page, portal, elector, PASSWORD);
    await login(page, portal, elector, PASSWORD);
    const reach = async (selector) => {
      for (let tries = 0; tries < 80; tries++) {
        if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`${selector} is not reached by the keyboard`);
    };
    await reach("main a[href='/vote']");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#code:not([hidden])");
    await reach("#typed");
    await page.keyboard.type(portal.code(elector.id));
    await page.keyboard.press("Enter");
    await page.waitForSelector("#contests:not([hidden])");
    await reach("#participate-584");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#ballot:not([hidden])");
    await reach("#activate");
    await page.keyboard.press("Space");
    await reach("#choice-1");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    assert.ok(await page.isChecked("#choice-3"));
    await reach("#continue");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#confirm:not([hidden])");
    await reach("#vote-button");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#acknowledgement:not([hidden])");
    // What a screen reader is at.
    assert.match(await page.evaluate(() => document.activeElement.textContent), /accusé de réception/i);
    await page.context().close();
  });

  test("a code that was issued anew is used after 119 seconds, and refused after 120", { timeout: 300_000 }, async () => {
    const elector = electors.findLast(({ contests }) => contests.join() === "584");
    const page = await device();
    await join(page, portal, elector, PASSWORD);
    await login(page, portal, elector, PASSWORD);
    /** A request goes on when the server's second has just begun; the turn is to what that is to be. */
    let second;
    const held = (place, to) =>
      page.route(place, async (route) => {
        if (route.request().method() === "POST") {
          await sleep(1_000 - (Date.now() % 1_000));
          second = to();
          portal.turn(second);
        }
        await route.continue();
      });
    /** Everything again where a second was over before it was answered: the machine is slow. */
    for (const [after, holds] of [[120, false], [119, true]]) {
      for (let tries = 0; ; tries++) {
        assert.ok(tries < 4, "no answer comes within its second");
        await held("**/reissue", () => portal.now());
        const { code } = await reissue(page, elector, elector.numen);
        const issued = second;
        await page.unroute("**/reissue");
        const within = portal.now() === issued;
        await page.goto(`${portal.address}/vote`);
        await page.waitForSelector("#code:not([hidden])");
        await held("**/api/584/activate", () => issued + after);
        await page.fill("#typed", code);
        const answered = page.waitForResponse("**/api/584/activate");
        await page.click("#code-form button");
        await answered;
        const inTime = portal.now() === issued + after;
        await page.unroute("**/api/584/activate");
        if (within && inTime) break;
      }
      if (holds) {
        await page.waitForSelector("#participate-584");
      } else {
        assert.match(await refused(page), /expir|à temps/);
        await look(page, "28-code-expire");
      }
    }
    await page.context().close();
  });
};
