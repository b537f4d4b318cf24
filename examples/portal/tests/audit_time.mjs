// Prints how long the audit of a record takes in a worker of a real browser: node tests/audit_time.mjs FILE …
import fs from "node:fs";
import { Portal } from "./portal.mjs";
import { browser, complaints, device } from "./browser.mjs";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: node tests/audit_time.mjs FILE …");
  process.exit(2);
}
const portal = await Portal.start();
try {
  for (const file of files) {
    const page = await device();
    page.setDefaultTimeout(1_200_000);
    await page.goto(`${portal.address}/audit`);
    await page.setInputFiles("#record", file);
    await page.fill("#seats", "15");
    await page.click("#audit-form button");
    await page.waitForSelector("#report:not([hidden]), #record-error:not([hidden])");
    if (await page.isVisible("#record-error")) throw new Error(`${file}: ${await page.textContent("#record-error")}`);
    const [verdict, numbers, milliseconds] = await Promise.all([
      page.getAttribute("#report", "class"), page.textContent("#numbers"), page.getAttribute("main", "data-milliseconds"),
    ]);
    const megabytes = Math.round(fs.statSync(file).size / 1e6);
    console.log(JSON.stringify({ file, verdict, numbers: numbers.trim(), megabytes, seconds: milliseconds / 1000 }));
    if (verdict !== "holds") process.exitCode = 1;
    await page.context().close();
  }
  if (complaints.length > 0) throw new Error(complaints.join("\n"));
} finally {
  await browser.close();
  await portal.stop();
}
