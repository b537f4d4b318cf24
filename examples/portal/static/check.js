"use strict";
/* My ballot in the record, and a ballot that was opened to this device. */

{
  const { one, text, make, hex, fill, wrong, on } = page;
  /** What was published of each contest, by its number. */
  const published = new Map();
  let fingerprints = [];
  /** An opened ballot that came with the address, and went to no server. */
  let opened = location.hash.slice(1).toLowerCase();
  if (opened) history.replaceState(null, "", location.pathname + location.search);

  // Everything but records, so that the page works offline from then on.
  async function open() {
    const given = JSON.parse(new TextDecoder().decode(await page.get("/public/fingerprints.json")));
    fingerprints = Object.values(given);
    const contests = Object.keys(given).map(async (number) => {
      const approved = new TextDecoder().decode(await page.get(`/public/${number}/approved.json`));
      const contest = await checker.run({ contest: { approved, published: fingerprints } });
      const all = Array.from({ length: contest.trustees }, (_, at) => there(`/public/${number}/${at + 1}.given`));
      const words = (await Promise.all(all)).filter((word) => word !== null);
      published.set(number, { approved, contest, given: words.map(hex) });
    });
    await Promise.all(contests);
    const names = [...published.values()].map(({ contest }) => contest).sort((one, other) => one.number - other.number);
    const options = names.map(({ number, title }) => make("option", { value: number }, `${title} (${number})`));
    one("#contest").replaceChildren(...options);
    chosen();
    one("#with-opened").hidden = !opened;
    one("#opened-file").required = !opened;
    if (opened) one("#challenge-title").focus();
  }

  async function there(path) {
    try {
      return await page.get(path);
    } catch (error) {
      if (error.status === 404) return null;
      throw error;
    }
  }

  const at = () => published.get(one("#contest").value);

  function chosen() {
    const { contest } = at();
    fill("[data-fill=fingerprint]", page.grouped(contest.fingerprint));
    const options = contest.lists.map((name, list) => make("option", { value: list + 1 }, name));
    one("#meant").replaceChildren(make("option", { value: "" }), ...options, make("option", { value: 0 }, text("check-blank")));
  }

  /** The record: a file from anywhere, or what is published here. */
  async function record() {
    const [file] = one("#record").files;
    if (file) return file;
    const { number } = at().contest;
    const bytes = (await there(`/public/${number}/record.json`)) || (await there(`/public/${number}/closed.json`));
    if (!bytes) throw Object.assign(new Error(), { code: "page/no-record" });
    return new Blob([bytes]);
  }

  const known = () => ({ published: fingerprints, given: at().given });

  async function run(place, request, file) {
    fill(`#${place}-answer`, "");
    page.say(text("check-looking"));
    const answer = await checker.run(request, file);
    const { contest } = answer;
    const words = { place: page.number(answer.place), of: page.number(answer.of), reference: answer.reference };
    const lines = [text(answer.counted ? "check-found-counted" : "check-found-closed", words)];
    if (answer.voter) lines.unshift(text("check-whose", { voter: answer.voter }));
    if (answer.compared === false) lines.push(text("check-not-compared"));
    lines.push(text("check-compare-fingerprint", { title: contest.title, fingerprint: page.grouped(contest.fingerprint) }));
    answered(place, lines);
  }

  function answered(place, lines) {
    const answer = one(`#${place}-answer`);
    answer.replaceChildren(...lines.map((line) => make("p", {}, line)));
    answer.focus();
  }

  async function byCode(code) {
    const shown = one("#shown").value.trim() || null;
    await run("code", { code: { code, shown, known: known() } }, await record());
  }

  async function byFile() {
    const [file] = one("#proof").files;
    const bytes = hex(new Uint8Array(await file.arrayBuffer()));
    await run("proof", { file: { file: bytes, known: known() } }, await record());
  }

  async function challenge(code) {
    const [file] = one("#opened-file").files;
    const bytes = file ? hex(new Uint8Array(await file.arrayBuffer())) : opened;
    const { approved } = at();
    fill("#challenge-answer", "");
    const request = {
      opened: bytes,
      contest: { approved, published: fingerprints },
      shown: one("#challenge-shown").value,
      code,
      meant: Number(one("#meant").value),
    };
    const { reference } = await checker.run({ challenge: request });
    const meant = one("#meant").selectedOptions[0].textContent;
    answered("challenge", [text("check-honest", { meant, reference })]);
    opened = "";
  }

  one("#contest").addEventListener("change", chosen);
  on("#code-form", "submit", "code", () => page.withCode(one("#code"), byCode));
  on("#proof-form", "submit", "proof", byFile);
  on("#challenge-form", "submit", "challenge-code", () => page.withCode(one("#challenge-code"), challenge));
  window.addEventListener("pagehide", () => {
    for (const id of ["#code", "#challenge-code"]) one(id).value = "";
  });
  open().catch((error) => wrong("contest", error));
}
