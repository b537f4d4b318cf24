// The teacher of December 2022 with four contests, from the first connection to the audit of the count, in a browser.
import { after, before, describe } from "node:test";
import count from "./journey/count.mjs";
import { start, stop } from "./journey/shared.mjs";
import voters from "./journey/voters.mjs";

before(start);
after(stop);

describe("the journey", { concurrency: 1 }, () => {
  voters();
  count();
});
