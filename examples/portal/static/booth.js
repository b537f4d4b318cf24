"use strict";
/* The voting page: one screen after the other, as `urne-booth` lets them follow each other. Code, choice and nonces are
   in its memory alone; before a ballot is sent its dossier is stored, and from there it can be sent again. */

{
  const { main, one, text, show, wrong, fill, make, on, now, hex, bytes } = page;
  const voter = main.dataset.voter;
  const given = JSON.parse(main.dataset.contests);
  /** What was published of each contest: `approved`, `documents`. */
  const published = new Map();
  /** The contests as the booth has them. */
  let contests = [];
  /** The contest at hand, and the choice in it. */
  let current = null;
  /** Takes a request to the booth. */
  let booth;
  /** Whether a code was entered and accepted. */
  let entered = false;
  /** Boxes that have not said yet whether they take the code, and those that took it. */
  let [undecided, accepted] = [[], []];
  /** What "again" does. */
  let again = null;

  /** The boxes' word that they would take a ballot later. */
  const LATER = ["deposit/not-yet-open", "deposit/not-active"];
  /** By how many seconds a device's clock may be off: receipts are refused from 300 on. */
  const FAR = 240;

  /** Dossiers in the browser's storage, one a contest. */
  const kept = {
    name: (number) => `urne ${voter} ${of(number).fingerprint}`,
    get: (number) => page.stored.get(kept.name(number)),
    set: (number, dossier) => page.stored.set(kept.name(number), dossier),
    drop: (number, dossier) => page.stored.drop(kept.name(number), dossier),
  };

  const of = (number) => contests.find((contest) => contest.number === number);
  const download = ({ number, proof }) => page.download(`${number}.proof`, bytes(proof));
  const logout = one(".logout");

  function button(words, action, properties) {
    const made = make("button", { type: "button", className: "secondary", ...properties }, words);
    made.addEventListener("click", action);
    return made;
  }

  function failed(error) {
    show("failed");
    wrong("failed", error);
  }

  async function open() {
    page.stored.check();
    booth = await urneModule(await page.asset(one("#module")));
    const decode = (body) => new TextDecoder().decode(body);
    const fingerprints = JSON.parse(decode(await page.get("/public/fingerprints.json")));
    const all = given.map(async ({ number }) => {
      const [approved, opening, state] = await Promise.all(
        [`/public/${number}/approved.json`, `/public/${number}/opening`, `/api/${number}/state`].map(page.get),
      );
      published.set(number, { approved: decode(approved) });
      return { approved: decode(approved), opening: hex(opening), state: hex(state) };
    });
    const request = { voter, published: Object.values(fingerprints), contests: await Promise.all(all), now: now() };
    ({ contests } = booth({ open: request }));
    await clock();
    await next();
  }

  /** Says when the device's clock is far from the server's, and whether it is. */
  async function clock() {
    // Which may have been set right, or have slept, since the server was asked.
    if (Math.abs(page.ahead()) > FAR) await page.get(`/api/${given[0].number}/state`);
    const far = Math.abs(page.ahead()) > FAR;
    one("#clock").hidden = !far;
    fill("#clock", far ? page.why({ code: "page/clock" }) : "");
    return far;
  }

  /** What this browser has of an earlier vote in a contest: its proof, or a ballot that waits for its answer. It only looks:
      the booth resumes one ballot at a time, which stays that of the screen. */
  function earlier(number) {
    const dossier = kept.get(number);
    if (!dossier) return {};
    const request = { voter, dossier, approved: published.get(number).approved };
    try {
      return { dossier, proof: booth({ proof: request }) };
    } catch (error) {
      return error.code === "dossier/no-receipt" ? { dossier, waiting: request } : { dossier };
    }
  }

  /** What the box says that its own acknowledgement disproves. Before it denies a vote it is asked once more: another page
      of this browser may have voted since it was asked. */
  async function lie({ number, state, at }, proof) {
    if (state === "voted") return at === proof.at ? null : "vote-other-time";
    try {
      await page.get(`/api/${number}/receipt`);
      return undefined; // no lie, and nobody has looked of which vote it is
    } catch (error) {
      if (error.status !== 404) throw error;
      return "vote-denied";
    }
  }

  /** The screen that comes before anything else in a contest: of a ballot that waits for its answer, or of a lie. A vote
      of another page of this browser makes the contest one that was voted in. */
  async function before(contest) {
    const { proof, dossier, waiting } = earlier(contest.number);
    if (waiting) return () => resume(contest, dossier, waiting);
    if (!proof) return null;
    contest.proof = proof;
    contest.lie = await lie(contest, proof);
    if (contest.lie) return () => denied(contest);
    Object.assign(contest, { state: "voted", at: proof.at });
    return null;
  }

  /** Which vote it is, on every screen. */
  function named({ number, title, at, reference }) {
    fill("[data-fill=title]", `${title} (${number})`);
    fill("[data-fill=at]", page.time(at));
    fill("[data-fill=reference]", reference);
  }

  /** What the voter needs against a box that lies. The contest stays as the box says that it is. */
  function denied({ at, proof, lie }) {
    named(proof);
    fill("[data-fill=lie]", text(lie, { time: page.time(at) }));
    one("#denied-proof").onclick = () => download(proof);
    list();
    show("denied");
  }

  /** Votes that were on their way when the page was closed come first, one after the other, and those of which the box
      lies. */
  async function next() {
    for (const contest of contests.filter(({ asked }) => !asked)) {
      const first = await before(contest);
      contest.asked = true;
      if (first) return first();
    }
    return entered ? show("contests") : code();
  }

  /** Before anything else is done in its contest, a ballot without an answer is sent again. */
  function resume({ number, title }, dossier, waiting) {
    const { reference, ballot } = booth({ resume: waiting });
    fill("[data-fill=resumed]", title);
    fill("[data-fill=reference]", reference);
    one("#resume-again").hidden = false;
    wrong("resume", null);
    again = async () => {
      try {
        const receipt = await deposit(number, dossier, ballot);
        acknowledged(booth({ acknowledge_resumed: { receipt: hex(receipt), now: now() } }));
      } finally {
        // There is nothing to send any more once it is refused.
        one("#resume-again").hidden = kept.get(number) !== dossier;
      }
    };
    return show("resume");
  }

  /** Sends a ballot whose dossier is stored. Only the box itself refuses one: whatever else goes wrong, it may have it. */
  async function deposit(number, dossier, ballot) {
    try {
      return await page.post(`/api/${number}/deposit`, bytes(ballot));
    } catch (error) {
      error.refused = /^(deposit|ballot)\//.test(error.code || "");
      if (error.refused && !LATER.includes(error.code)) kept.drop(number, dossier);
      throw error;
    }
  }

  function code() {
    list();
    show(contests.some(({ state }) => state === "open" || state === "active") ? "code" : "contests");
  }

  async function enter(typed) {
    const asked = contests.find((contest) => contest.state === "open" || contest.state === "active");
    const nonce = hex(await page.post(`/api/${asked.number}/nonce`));
    forgetCode();
    undecided = booth({ enter_code: { code: typed, nonce } }).activations;
    accepted = [];
    await activations();
  }

  /** The code that some boxes have not answered to, as when another is entered. */
  function forgetCode() {
    if (undecided.length) booth("another_code");
    undecided = [];
    one("#rest").hidden = one("#rest-leave").hidden = true;
  }

  /** The boxes that have not answered, one after the other. What is no box's word decides nothing: then the others are
      asked again, or the voter goes on without them. */
  async function activations() {
    let refused = null;
    while (undecided.length) {
      const [{ number, body }] = undecided;
      try {
        await page.post(`/api/${number}/activate`, bytes(body));
        accepted.push(number);
      } catch (error) {
        if (!(error.code || "").startsWith("activation/")) {
          one("#rest").hidden = false;
          one("#rest-leave").hidden = !accepted.length;
          // The server takes each answer once, and had this one: the code is to be entered again.
          if (error.status === 400) forgetCode();
          throw error;
        }
        refused = error;
      }
      undecided.shift();
    }
    activated(refused);
  }

  /** To the contests whose boxes took the code. */
  function activated(refused) {
    const unanswered = undecided.map(({ number }) => number);
    undecided = [];
    forgetCode();
    for (const contest of contests) contest.unanswered = unanswered.includes(contest.number);
    try {
      update(booth({ activated: { accepted, now: now() } }));
    } catch (error) {
      // Why the box did not take it says more than that it did not.
      throw error.code === "session/not-accepted" && refused ? refused : error;
    }
    entered = true;
    show("contests");
  }

  function update(answer) {
    // Of a vote by another page of this browser the booth's session knows nothing.
    const known = (contest) => contest.state === "active" && of(contest.number).state === "voted";
    for (const contest of answer.contests) if (!known(contest)) Object.assign(of(contest.number), contest);
    list();
  }

  /** The contests, with "Participer" or when it was voted. */
  function list() {
    const rows = contests.map((contest) => {
      const { number, title, state, at, lie, proof } = contest;
      const row = make("li", {}, make("h2", {}, `${title} (${number})`));
      const key = state === "open" && contest.unanswered ? "vote-contest-unanswered" : `vote-contest-${state}`;
      row.append(make("p", {}, text(key, { time: page.time(at) })));
      const proofAgain = (action) => button(text("vote-proof-again"), action);
      if (lie) {
        row.append(make("p", { className: "error" }, text(lie, { time: page.time(at) })));
        row.append(proofAgain(() => denied(contest)));
      } else if (state === "active") {
        const participate = button(text("vote-participate"), () => choose(number), { className: "" });
        participate.id = `participate-${number}`;
        participate.setAttribute("aria-label", `${text("vote-participate")} : ${title}`);
        row.append(participate);
      }
      if (state === "voted") row.append(make("a", { href: `/emargement/${number}` }, text("vote-emargement")), " ");
      if (state === "voted" && proof && !lie) row.append(proofAgain(() => acknowledgement(proof)));
      return row;
    });
    one("#list").replaceChildren(...rows);
    const is = (wanted) => contests.some(({ state }) => state === wanted);
    one("#nothing-open").hidden = is("active") || is("open");
    const none = is("closed") ? text("vote-none-open-any-more") : text("vote-all-voted");
    fill("#nothing-open", is("not-yet-open") ? text("vote-none-open-yet") : none);
    one("#another").hidden = !contests.some(({ state }) => state === "open");
  }

  async function choose(number) {
    wrong("contests", null);
    try {
      current = of(number);
      await clock();
      const first = await before(current);
      if (first) return first();
      if (current.state === "voted") return leaves({ code: "session/already-voted" });
      const documents = await page.get(`/public/${number}/documents`);
      booth({ choose: { number, documents: hex(documents), now: now() } });
      fill("[data-fill=title]", `${current.title} (${number})`);
      fill("[data-fill=fingerprint]", page.grouped(current.fingerprint));
      statements(JSON.parse(new TextDecoder().decode(documents)));
      one("#choices").disabled = true;
      one("#continue").disabled = true;
      one("#activate").hidden = false;
      show("ballot");
    } catch (error) {
      wrong("contests", error);
    }
  }

  /** Each list with its statement and candidates, and blank. Their hash is the contest's: the booth has compared it. */
  function statements(documents) {
    const choice = (value, name, ...more) => {
      const input = make("input", { type: "radio", name: "choice", value, id: `choice-${value}`, required: true });
      return make("div", { className: "choice" }, input, make("label", { htmlFor: input.id }, name), ...more);
    };
    const rows = current.lists.map((name, at) => {
      const { statement = "", candidates = [] } = (documents.lists || [])[at] || {};
      const people = make("ol", {}, ...candidates.map((candidate) => make("li", {}, candidate)));
      const summary = make("summary", {}, text("vote-statement", { list: name }));
      return choice(at + 1, name, make("details", {}, summary, make("p", {}, statement), people));
    });
    one("#options").replaceChildren(...rows, choice(0, text("vote-blank")));
  }

  function activate() {
    booth("activate_selection");
    ready();
  }

  function ready() {
    one("#choices").disabled = false;
    one("#continue").disabled = false;
    one("#activate").hidden = true;
    const checked = one("#options input:checked") || one("#options input");
    checked.focus();
    page.say(text("vote-activated"));
  }

  /** To the confirmation. The ballot is sealed here, so that its reference is shown before the device can know whether it
      will be cast or tested. */
  function confirm() {
    const checked = one("#options input:checked");
    if (!checked) throw Object.assign(new Error(), { code: "page/no-choice" });
    const { name } = booth({ select: { choice: Number(checked.value) } });
    const { reference } = booth("seal");
    fill("[data-fill=chosen]", name === null ? text("vote-chosen-blank") : text("vote-chosen-list", { list: name }));
    fill("[data-fill=reference]", reference);
    show("confirm");
  }

  function back() {
    booth("back");
    show("ballot");
    ready();
  }

  function leave() {
    booth("back");
    forgetChoice();
    show("contests");
  }

  /** What was chosen is nowhere on the page any more. */
  function forgetChoice() {
    fill("[data-fill=chosen]", "");
    const checked = one("#options input:checked");
    if (checked) checked.checked = false;
    one("#qr path").setAttribute("d", "");
    one("#opened").onclick = null;
  }

  /** "Je vote": the dossier first, then the ballot. */
  async function vote() {
    const { number } = current;
    // A receipt would be refused, now and later: the dossier has the time of the vote.
    if (await clock()) throw Object.assign(new Error(), { code: "page/clock" });
    // Another page of this browser may have voted meanwhile. Its dossier is not replaced.
    const first = await before(current);
    if (first || current.state === "voted") {
      booth("back");
      booth("back");
      forgetChoice();
      return first ? first() : leaves({ code: "session/already-voted" });
    }
    const start = performance.now();
    const { dossier } = booth({ cast: { now: now() } });
    try {
      kept.set(number, dossier);
    } catch {
      booth("close");
      return failed({ code: "page/storage" });
    }
    const { ballot } = booth("stored");
    again = async () => {
      let receipt;
      try {
        receipt = await deposit(number, dossier, ballot);
      } catch (error) {
        if (!error.refused) throw error;
        update(booth({ refused: { now: now() } }));
        return leaves(error);
      }
      acknowledged(booth({ acknowledge: { receipt: hex(receipt), now: now() } }));
      main.dataset.milliseconds = Math.round(performance.now() - start);
    };
    show("sending");
    one("#again").hidden = true;
    return send("sending");
  }

  /** To the contests, where it is said why. */
  function leaves(error) {
    forgetChoice();
    list();
    show("contests");
    wrong("contests", error);
  }

  async function send(place) {
    page.say(text("vote-sending"));
    try {
      await again();
    } catch (error) {
      one("#again").hidden = false;
      wrong(place, error);
    }
  }

  function acknowledged(voted) {
    again = null;
    forgetChoice();
    const contest = of(voted.number);
    try {
      kept.set(voted.number, voted.dossier);
    } catch (error) {
      // The vote counts. The dossier without its receipt is still there, and gets it once more.
      wrong("acknowledgement", error);
    }
    Object.assign(contest, { proof: voted, lie: null });
    if (voted.contests) update(voted);
    else Object.assign(contest, { state: "voted", at: voted.at });
    list();
    acknowledgement(voted);
  }

  function acknowledgement(voted) {
    named(voted);
    one("#signing").href = `/emargement/${voted.number}`;
    const button = one("#proof");
    button.disabled = false;
    one("#proof-done").hidden = true;
    button.onclick = () => {
      download(voted);
      button.disabled = true;
      one("#proof-done").hidden = false;
      one("#proof-done").focus();
    };
    show("acknowledgement");
  }

  /** The voter's dossiers in this browser. One may be erased if the box was asked about its vote and agrees: any other may
      be evidence, or is the only way to send its ballot again. */
  const dossiers = () => {
    const all = contests.map(({ number, asked, lie }) => {
      const found = earlier(number);
      return { number, ...found, harmless: Boolean(found.proof) && asked && lie === null };
    });
    return all.filter(({ dossier }) => dossier);
  };

  /** Before the logout: on a computer that others use nothing is to be left that may be erased, once the proofs were
      offered; and what is left is said. */
  function leaving(submitted) {
    const all = dossiers();
    // Without the contests nobody knows what there is.
    if (!all.length && contests.length) return;
    submitted.preventDefault();
    const rows = all.filter(({ proof }) => proof).map(({ proof }) => {
      const words = `${text("vote-proof")} : ${proof.title} (${proof.number})`;
      return make("li", {}, button(words, () => download(proof)));
    });
    one("#proofs").replaceChildren(...rows);
    one("#waits").hidden = !all.some(({ waiting }) => waiting);
    one("#stays").hidden = !all.some(({ waiting, harmless }) => !waiting && !harmless);
    one("#unseen-dossiers").hidden = contests.length > 0;
    const { id } = one("[data-screen]:not([hidden])");
    if (id !== "leaving") one("#stay").onclick = () => show(id);
    show("leaving");
  }

  /** Nothing is erased before the server has answered: who is still logged in still has the dossiers. */
  async function forget() {
    const body = new URLSearchParams({ csrf: main.dataset.csrf });
    // What was to stay stays, also if its answer comes meanwhile.
    const gone = dossiers().filter(({ harmless }) => harmless);
    // The answer sends to another page.
    await page.fetch("/logout", { method: "POST", body, redirect: "follow" });
    for (const { number, dossier } of gone) kept.drop(number, dossier);
    location.assign("/");
  }

  /** "Tester ce bulletin": the box notes that it never counts, and then it is opened to a second device. */
  async function test() {
    const { ballot } = booth("challenge");
    try {
      await page.post(`/api/${current.number}/challenge`, bytes(ballot));
    } catch (error) {
      booth("not_noted");
      show("ballot");
      ready();
      return wrong("ballot", error);
    }
    const address = `${location.origin}/check`;
    const { opened, qr } = booth({ noted: { address } });
    const frame = one("#qr");
    frame.hidden = !qr;
    one("#no-qr").hidden = Boolean(qr);
    if (qr) {
      frame.setAttribute("viewBox", `0 0 ${qr.width} ${qr.width}`);
      frame.querySelector("path").setAttribute("d", qr.path);
    }
    one("#opened").onclick = () => page.download(`${current.number}.opened`, bytes(opened));
    return show("test");
  }

  function tested() {
    forgetChoice();
    show("ballot");
    ready();
  }

  on("#code-form", "submit", "typed", () => page.withCode(one("#typed"), enter));
  on("#rest", "click", "typed", activations);
  on("#rest-leave", "click", "typed", () => activated(null));
  on("#activate", "click", "ballot", activate);
  on("#choose-form", "submit", "ballot", confirm);
  on("#leave", "click", "ballot", leave);
  on("#back", "click", "confirm", back);
  on("#vote-button", "click", "confirm", vote);
  on("#test-button", "click", "confirm", test);
  on("#tested", "click", "test", tested);
  on("#again", "click", "sending", () => send("sending"));
  on("#resume-again", "click", "resume", () => again());
  on("#resume-leave", "click", "resume", next);
  on("#denied-leave", "click", "denied", next);
  on("#forget", "click", "leaving", forget);
  on("#keep", "click", "leaving", () => logout.submit());
  logout.addEventListener("submit", leaving);
  // Of a vote that was resumed the booth's session knows nothing: it begins again, with the states of now.
  on("#others", "click", "acknowledgement", () => (entered ? show("contests") : location.reload()));
  on("#another", "click", "contests", () => {
    booth("another_code");
    entered = false;
    show("code");
  });
  // Whoever leaves the page takes nothing with them that comes back by "back".
  window.addEventListener("pagehide", () => {
    one("#typed").value = "";
    forgetChoice();
    one("#options").replaceChildren();
    if (booth) booth("close");
  });
  window.addEventListener("pageshow", (shown) => shown.persisted && location.reload());

  open().catch(failed);
}
