"use strict";
/* A whole record, audited here: nine steps, and the result with its seats. */

{
  const { one, text, make, fill, on, wrong } = page;
  let dropped = null;

  async function audit() {
    const file = dropped || one("#record").files[0];
    if (!file) throw Object.assign(new Error(), { code: "page/no-record" });
    const expected = one("#expected").value.replace(/\s/g, "").toLowerCase() || null;
    const seats = one("#seats").value === "" ? null : Number(one("#seats").value);
    const bar = one("#progress");
    one("#report").hidden = true;
    one("#running").hidden = false;
    bar.value = 0;
    let said = 0;
    const start = performance.now();
    try {
      const report = await checker.run({ audit: { expected, seats } }, file, ({ ballots, part }) => {
        bar.value = part;
        const words = text("audit-progress", { ballots: page.number(ballots), part: page.number(Math.floor(part * 100)) });
        fill("#running-words", words);
        // Read out now and then.
        if (part >= said) {
          page.say(words);
          said = part + 0.2;
        }
      });
      shown(report, expected !== null);
      page.main.dataset.milliseconds = Math.round(performance.now() - start);
    } finally {
      one("#running").hidden = true;
    }
  }

  function shown(report, compared) {
    fill("#conclusion", text(`audit-${report.conclusion.split("/")[1]}`));
    one("#report").className = report.holds ? "holds" : "false";
    const { contest } = report;
    one("#of-contest").hidden = !contest;
    if (contest) {
      fill("#audited", `${contest.election} — ${contest.title} (${contest.number})`);
      fill("#fingerprint", page.grouped(contest.fingerprint));
      fill("#numbers", text("audit-numbers", { voters: page.number(report.voters), ballots: page.number(report.ballots) }));
    }
    one("#compare").hidden = compared || !contest;
    const steps = report.steps.map(({ number, outcome, flaws, more }) => {
      const details = flaws.map((flaw) => make("li", { lang: "en" }, flaw.text));
      if (more > 0) details.push(make("li", {}, text("audit-more", { more: page.number(more) })));
      const cell = make("td", { className: outcome }, text(`audit-outcome-${outcome}`));
      if (details.length > 0) cell.append(make("ul", {}, ...details));
      return make("tr", {}, make("th", { scope: "row" }, text(`audit-step-${number}`)), cell);
    });
    one("#steps").replaceChildren(...steps);
    one("#result").hidden = !report.result;
    if (report.result) result(contest.lists, report.result);
    one("#report").hidden = false;
    one("#conclusion").focus();
  }

  function result(lists, { votes, blank, seats }) {
    const cast = votes.reduce((sum, of) => sum + of, 0);
    const most = Math.max(1, blank, ...votes);
    const share = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", minimumFractionDigits: 2 });
    const row = (name, number, part, won) => {
      const bar = make("progress", { max: most, value: number });
      bar.setAttribute("aria-hidden", "true");
      const cells = [page.number(number), part, won].map((cell) => make("td", {}, cell));
      return make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, bar), ...cells);
    };
    const won = (at) => {
      if (!seats) return "";
      const tied = seats.tie && seats.tie.lists.includes(at + 1);
      return page.number(seats.certain[at]) + (tied ? ` + ${text("audit-tied")}` : "");
    };
    const rows = votes.map((of, at) => row(lists[at], of, share.format(of / Math.max(1, cast)), won(at)));
    one("#votes").replaceChildren(...rows, row(text("audit-blank"), blank, "", ""));
    const notes = [];
    if (seats && seats.tie) notes.push(text("audit-tie", { seats: page.number(seats.tie.seats), lists: page.number(seats.tie.lists.length) }));
    if (seats && seats.vacant > 0) notes.push(text("audit-vacant", { seats: page.number(seats.vacant) }));
    fill("#notes", notes.join(" "));
  }

  const drop = one("#drop");
  for (const event of ["dragover", "dragenter"]) drop.addEventListener(event, (over) => over.preventDefault());
  drop.addEventListener("drop", (over) => {
    over.preventDefault();
    [dropped] = over.dataTransfer.files;
    if (!dropped) return;
    fill("#dropped", dropped.name);
    one("#record").required = false;
    page.say(dropped.name);
  });
  one("#record").addEventListener("change", () => {
    dropped = null;
    fill("#dropped", "");
  });
  on("#audit-form", "submit", "record", audit);
  checker.loaded.catch((error) => wrong("record", error));
}
