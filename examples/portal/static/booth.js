"use strict";
/* The voting page: one screen after the other, as `urne-booth` lets them follow each other. Code, choice and nonces are
   in its memory alone; before a ballot is sent its dossier is stored, and from there it can be sent again. */

{
  const { main, one, text, show, wrong, fill, make, on, now, hex, bytes } = page;
  const voter = main.dataset.voter;
  const given = JSON.parse(main.dataset.contests);
  /** The contests as the booth has them, with where the voter stands (`state`, `at`), what was published (`approved`), where
      its dossier is stored (`place`) and whether that was looked at (`asked`). Of a vote there are what it was acknowledged
      with (`vote`), and what the box says against that: null where it agrees (`lie`). Of a code there are what the box is
      still to be sent (`answer`), and whether it took it (`accepted`). */
  let contests = [];
  /** The contest at hand, and the choice in it. */
  let current = null;
  /** Takes a request to the booth. */
  let booth;
  /** What "again" does. */
  let again = null;
  /** The boxes' word that they would take a ballot later. */
  const LATER = ["deposit/not-yet-open", "deposit/not-active"];
  /** By how many seconds a device's clock may be off: receipts are refused from 300 on. */
  const FAR = 240;
  const votable = ({ state }) => state === "open" || state === "active";
  /** Whether a code was entered and accepted. */
  const entered = () => contests.some(({ accepted }) => accepted);
  const decode = (body) => new TextDecoder().decode(body);
  const download = ({ number, vote }) => page.download(`${number}.proof`, bytes(vote.proof));

  function button(words, place, action, properties) {
    const made = make("button", { type: "button", className: "secondary", ...properties }, words);
    on(made, "click", place, action);
    return made;
  }

  function failed(error) {
    show("failed");
    wrong("failed", error);
  }

  async function open() {
    // Before there is anything to keep.
    page.stored.set("urne", "1");
    page.stored.drop("urne", "1");
    booth = await urneModule(await page.asset(one("#module")));
    const fingerprints = JSON.parse(decode(await page.get("/public/fingerprints.json")));
    const all = given.map(async ({ number }) => {
      const paths = [`/public/${number}/approved.json`, `/public/${number}/opening`, `/api/${number}/state`];
      const [approved, opening, state] = await Promise.all(paths.map(page.get));
      return { approved: decode(approved), opening: hex(opening), state: hex(state) };
    });
    const request = { voter, published: Object.values(fingerprints), contests: await Promise.all(all) };
    contests = booth({ open: request }).map((contest, at) => ({
      ...contest,
      name: `${contest.title} (${contest.number})`,
      approved: request.contests[at].approved,
      place: `urne ${voter} ${contest.fingerprint}`,
    }));
    update();
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

  /** What this browser has kept of an earlier vote in a contest: what it was acknowledged with (`proof` and more), or the
      `ballot` that waits for its answer. */
  function earlier({ place, approved }) {
    const dossier = page.stored.get(place);
    if (!dossier) return {};
    const kept = { voter, dossier, approved };
    try {
      return { kept, ...booth({ earlier: kept }) };
    } catch {
      return { kept };
    }
  }

  /** What the box says that its own acknowledgement disproves. Before it denies a vote it is asked once more: another page
      of this browser may have voted since it was asked. */
  async function lie({ number, state, at }, vote) {
    if (state === "voted") return at === vote.at ? null : "vote-other-time";
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
    const vote = earlier(contest);
    if (vote.ballot) return () => resume(contest, vote);
    if (!vote.proof) return null;
    Object.assign(contest, { lie: await lie(contest, vote), vote });
    if (contest.lie) return () => denied(contest);
    Object.assign(contest, { state: "voted", at: vote.at });
    return null;
  }

  /** Which vote it is, on every screen. */
  function named({ name, vote }) {
    fill("[data-fill=title]", name);
    fill("[data-fill=at]", page.time(vote.at));
    fill("[data-fill=reference]", vote.reference);
  }

  /** What the voter needs against a box that lies. The contest stays as the box says that it is. */
  function denied(contest) {
    named(contest);
    fill("[data-fill=lie]", text(contest.lie, { time: page.time(contest.at) }));
    one("#denied-proof").onclick = () => download(contest);
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
    list();
    return show(entered() || !contests.some(votable) ? "contests" : "code");
  }

  /** Before anything else is done in its contest, a ballot without an answer is sent again. */
  function resume(contest, { kept, reference, ballot }) {
    fill("[data-fill=resumed]", contest.title);
    fill("[data-fill=reference]", reference);
    one("#resume-again").hidden = false;
    wrong("resume", null);
    again = async () => {
      try {
        const receipt = await deposit(contest, kept.dossier, ballot);
        acknowledged(contest, booth({ acknowledge_earlier: { kept, receipt, now: now() } }));
      } finally {
        // There is nothing to send any more once it is refused.
        one("#resume-again").hidden = page.stored.get(contest.place) !== kept.dossier;
      }
    };
    show("resume");
  }

  /** Sends a ballot whose dossier is stored. Only the box itself refuses one: whatever else goes wrong, it may have it. */
  async function deposit({ number, place }, dossier, ballot) {
    try {
      return hex(await page.post(`/api/${number}/deposit`, bytes(ballot)));
    } catch (error) {
      error.refused = /^(deposit|ballot)\//.test(error.code || "");
      if (error.refused && !LATER.includes(error.code)) page.stored.drop(place, dossier);
      throw error;
    }
  }

  async function enter(typed) {
    const { number } = contests.find(votable);
    const nonce = hex(await page.post(`/api/${number}/nonce`));
    forgetCode();
    for (const [fingerprint, answer] of booth({ enter_code: { code: typed, nonce } })) {
      contests.find((contest) => contest.fingerprint === fingerprint).answer = nonce + answer;
    }
    await activations();
  }

  /** The code, for another one. */
  function forgetCode() {
    booth("another_code");
    for (const contest of contests) Object.assign(contest, { answer: null, accepted: false });
    one("#rest").hidden = one("#rest-leave").hidden = true;
  }

  /** The boxes that have not answered, one after the other. What is no box's word decides nothing: then the others are
      asked again, or the voter goes on without them. */
  async function activations() {
    let refused = null;
    for (const contest of contests.filter(({ answer }) => answer)) {
      try {
        await page.post(`/api/${contest.number}/activate`, bytes(contest.answer));
        contest.accepted = true;
      } catch (error) {
        if (!(error.code || "").startsWith("activation/")) {
          one("#rest").hidden = false;
          one("#rest-leave").hidden = !entered();
          // The server takes each answer once, and had this one: the code is to be entered again.
          if (error.status === 400) forgetCode();
          throw error;
        }
        refused = error;
      }
      contest.answer = null;
    }
    activated(refused);
  }

  /** To the contests whose boxes took the code. */
  function activated(refused) {
    one("#rest").hidden = one("#rest-leave").hidden = true;
    const accepted = contests.filter((contest) => contest.accepted);
    try {
      booth({ activated: accepted.map(({ fingerprint }) => fingerprint) });
    } catch (error) {
      // Why the box did not take it says more than that it did not.
      throw error.code === "session/not-accepted" && refused ? refused : error;
    }
    update();
    show("contests");
  }

  /** Where the voter stands now. A vote stays one of which the booth's session knows nothing: one that was resumed, or of
      another page of this browser. */
  function update() {
    booth({ standings: { now: now() } }).forEach(([state, at], index) => {
      const contest = contests[index];
      if (contest.state !== "voted" || state === "voted") Object.assign(contest, { state, at });
    });
    list();
  }

  /** The contests, with "Participer" or when it was voted. */
  function list() {
    const rows = contests.map((contest) => {
      const { number, name, title, state, at, lie, vote } = contest;
      const time = page.time(at);
      const key = state === "open" && contest.answer ? "vote-contest-unanswered" : `vote-contest-${state}`;
      const row = make("li", {}, make("h2", {}, name), make("p", {}, text(key, { time })));
      if (state === "voted") row.append(make("a", { href: `/emargement/${number}` }, text("vote-emargement")), " ");
      if (lie) row.append(make("p", { className: "error" }, text(lie, { time })));
      if (vote) {
        row.append(button(text("vote-proof-again"), "contests", () => (lie ? denied : acknowledgement)(contest)));
      } else if (state === "active") {
        const properties = { className: "", id: `participate-${number}` };
        const participate = button(text("vote-participate"), "contests", () => choose(contest), properties);
        participate.setAttribute("aria-label", `${text("vote-participate")} : ${title}`);
        row.append(participate);
      }
      return row;
    });
    one("#list").replaceChildren(...rows);
    const is = (wanted) => contests.some(({ state }) => state === wanted);
    one("#nothing-open").hidden = contests.some(votable);
    const none = is("closed") ? text("vote-none-open-any-more") : text("vote-all-voted");
    fill("#nothing-open", is("not-yet-open") ? text("vote-none-open-yet") : none);
    one("#another").hidden = !is("open");
  }

  async function choose(contest) {
    current = contest;
    await clock();
    const first = await before(contest);
    if (first) return first();
    if (contest.state === "voted") return leaves({ code: "session/already-voted" });
    const documents = await page.get(`/public/${contest.number}/documents`);
    booth({ choose: { number: contest.number, documents: hex(documents), now: now() } });
    fill("[data-fill=title]", contest.name);
    fill("[data-fill=fingerprint]", page.grouped(contest.fingerprint));
    statements(JSON.parse(decode(documents)));
    one("#choices").disabled = one("#continue").disabled = true;
    one("#activate").hidden = false;
    return show("ballot");
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

  /** To the choice, once it is activated. */
  function ready() {
    show("ballot");
    one("#choices").disabled = one("#continue").disabled = false;
    one("#activate").hidden = true;
    (one("#options input:checked") || one("#options input")).focus();
    page.say(text("vote-activated"));
  }

  /** To the confirmation. The ballot is sealed here, so that its reference is shown before the device can know whether it
      will be cast or tested. */
  function confirm() {
    const checked = one("#options input:checked");
    if (!checked) throw Object.assign(new Error(), { code: "page/no-choice" });
    const { name, reference } = booth({ select: { choice: Number(checked.value) } });
    fill("[data-fill=chosen]", name === null ? text("vote-chosen-blank") : text("vote-chosen-list", { list: name }));
    fill("[data-fill=reference]", reference);
    show("confirm");
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
    const contest = current;
    // A receipt would be refused, now and later: the dossier has the time of the vote.
    if (await clock()) throw Object.assign(new Error(), { code: "page/clock" });
    // Another page of this browser may have voted meanwhile. Its dossier is not replaced.
    const first = await before(contest);
    if (first || contest.state === "voted") {
      booth("back");
      booth("back");
      forgetChoice();
      return first ? first() : leaves({ code: "session/already-voted" });
    }
    const start = performance.now();
    const dossier = booth({ cast: { now: now() } });
    try {
      page.stored.set(contest.place, dossier);
    } catch (error) {
      booth("close");
      return failed(error);
    }
    const ballot = booth("stored");
    again = async () => {
      page.say(text("vote-sending"));
      try {
        const receipt = await deposit(contest, dossier, ballot);
        acknowledged(contest, booth({ acknowledge: { receipt, now: now() } }));
        main.dataset.milliseconds = Math.round(performance.now() - start);
      } catch (error) {
        if (!error.refused) throw error;
        booth("refused");
        update();
        leaves(error);
      } finally {
        one("#again").hidden = false;
      }
    };
    show("sending");
    one("#again").hidden = true;
    return page.doing("sending", again);
  }

  /** To the contests, where it is said why if it was not the voter's wish. */
  function leaves(error) {
    forgetChoice();
    list();
    show("contests");
    wrong("contests", error);
  }

  function acknowledged(contest, vote) {
    forgetChoice();
    try {
      page.stored.set(contest.place, vote.dossier);
    } catch (error) {
      // The vote counts. The dossier without its receipt is still there, and gets it once more.
      wrong("acknowledgement", error);
    }
    Object.assign(contest, { vote, lie: null, state: "voted", at: vote.at });
    update();
    acknowledgement(contest);
  }

  function acknowledgement(contest) {
    named(contest);
    one("#signing").href = `/emargement/${contest.number}`;
    const button = one("#proof");
    button.disabled = false;
    one("#proof-done").hidden = true;
    button.onclick = () => {
      download(contest);
      button.disabled = true;
      one("#proof-done").hidden = false;
      one("#proof-done").focus();
    };
    show("acknowledgement");
  }

  /** The voter's dossiers in this browser. One may be erased if the box was asked about its vote and agrees: any other may
      be evidence, or is the only way to send its ballot again. */
  const harmless = ({ vote, lie }) => Boolean(vote.proof) && lie === null;
  const dossiers = () =>
    contests.map((contest) => ({ ...contest, vote: earlier(contest) })).filter(({ vote }) => vote.kept);

  /** Before the logout: on a computer that others use nothing is to be left that may be erased, once the proofs were
      offered; and what is left is said. */
  function leaving(submitted) {
    const all = dossiers();
    // Without the contests nobody knows what there is.
    if (!all.length && contests.length) return;
    submitted.preventDefault();
    const rows = all.filter(({ vote }) => vote.proof).map((contest) => {
      return make("li", {}, button(`${text("vote-proof")} : ${contest.name}`, "leaving", () => download(contest)));
    });
    one("#proofs").replaceChildren(...rows);
    one("#waits").hidden = !all.some(({ vote }) => vote.ballot);
    one("#stays").hidden = !all.some((contest) => !contest.vote.ballot && !harmless(contest));
    one("#unseen-dossiers").hidden = contests.length > 0;
    const { id } = one("[data-screen]:not([hidden])");
    if (id !== "leaving") one("#stay").onclick = () => show(id);
    show("leaving");
  }

  /** Nothing is erased before the server has answered: who is still logged in still has the dossiers. */
  async function forget() {
    const body = new URLSearchParams({ csrf: main.dataset.csrf });
    // What was to stay stays, also if its answer comes meanwhile.
    const gone = dossiers().filter(harmless);
    // The answer sends to another page.
    await page.fetch("/logout", { method: "POST", body, redirect: "follow" });
    for (const { place, vote } of gone) page.stored.drop(place, vote.kept.dossier);
    location.assign("/");
  }

  /** "Tester ce bulletin": the box notes that it never counts, and then it is opened to a second device. */
  async function test() {
    const ballot = booth("challenge");
    try {
      await page.post(`/api/${current.number}/challenge`, bytes(ballot));
    } catch (error) {
      booth("back");
      ready();
      return wrong("ballot", error);
    }
    const { opened, qr } = booth({ noted: { address: `${location.origin}/check` } });
    const { width, path } = qr || { width: 0, path: "" };
    one("#qr").toggleAttribute("hidden", !qr);
    one("#no-qr").hidden = Boolean(qr);
    one("#qr").setAttribute("viewBox", `0 0 ${width} ${width}`);
    one("#qr path").setAttribute("d", path);
    one("#opened").onclick = () => page.download(`${current.number}.opened`, bytes(opened));
    return show("test");
  }

  on("#code-form", "submit", "typed", () => page.withCode(one("#typed"), enter));
  on("#rest", "click", "typed", activations);
  on("#rest-leave", "click", "typed", () => activated(null));
  on("#activate", "click", "ballot", () => {
    booth("activate_selection");
    ready();
  });
  on("#choose-form", "submit", "ballot", confirm);
  on("#leave", "click", "ballot", () => {
    booth("back");
    leaves(null);
  });
  on("#back", "click", "confirm", () => {
    booth("back");
    ready();
  });
  on("#vote-button", "click", "confirm", vote);
  on("#test-button", "click", "confirm", test);
  on("#tested", "click", "test", () => {
    forgetChoice();
    ready();
  });
  on("#again", "click", "sending", () => again());
  on("#resume-again", "click", "resume", () => again());
  on("#resume-leave", "click", "resume", next);
  on("#denied-leave", "click", "denied", next);
  on("#forget", "click", "leaving", forget);
  on("#keep", "click", "leaving", () => one(".logout").submit());
  one(".logout").addEventListener("submit", leaving);
  // Of a vote that was resumed the booth's session knows nothing: it begins again, with the states of now.
  on("#others", "click", "acknowledgement", () => (entered() ? show("contests") : location.reload()));
  on("#another", "click", "contests", () => {
    forgetCode();
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
