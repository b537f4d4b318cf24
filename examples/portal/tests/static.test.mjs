// What the pages' own files promise: no text in scripts, nothing that the policy would have to allow.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { portal, read } from "./support.mjs";

const PAGES = { "vote.html": ["booth.js"], "check.html": ["check.js"], "audit.html": ["audit.js"] };

/** A template with what it includes. */
const template = (name) =>
  read(`templates/${name}`)
    .toString()
    .replace(/\{% include "([^"]+)" %\}/g, (_, other) => template(other));

test("every text that a script names is in its page, and in both languages", () => {
  const languages = ["fr", "en"].map((code) => read(`locales/${code}.ftl`).toString());
  for (const [page, scripts] of Object.entries(PAGES)) {
    const given = [...template(page).matchAll(/\{% for key in \[([^\]]+)\] %\}/g)].flatMap(([, list]) =>
      [...list.matchAll(/"([^"]+)"/g)].map(([, key]) => key),
    );
    assert.ok(given.length > 50);
    for (const script of scripts) {
      const named = [...read(`static/${script}`).toString().matchAll(/\btext\(([^,()]*)/g)];
      const keys = named.flatMap(([, argument]) => [...argument.matchAll(/"([a-z0-9-]+)"/g)].map(([, key]) => key));
      assert.ok(keys.length > 3);
      for (const key of keys) assert.ok(given.includes(key), `${key} of ${script} is not in ${page}`);
    }
    for (const text of languages) {
      for (const key of given) assert.match(text, new RegExp(`^${key} = .+`, "m"), key);
    }
  }
});

test("a text's places are the same in both languages", () => {
  const [french, english] = ["fr", "en"].map((code) => {
    const lines = [...read(`locales/${code}.ftl`).toString().matchAll(/^((?:vote|check|audit)-[a-z0-9-]+) = (.*)$/gm)];
    return new Map(lines.map(([, key, text]) => [key, [...text.matchAll(/%[a-z]+%/g)].map(String).sort()]));
  });
  for (const [key, places] of french) assert.deepEqual(english.get(key), places, key);
});

test("every element that a script looks for by its id is in its page", () => {
  for (const [page, scripts] of Object.entries(PAGES)) {
    const ids = new Set([...template(page).matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id));
    for (const script of scripts) {
      const text = read(`static/${script}`).toString();
      for (const [, id] of text.matchAll(/\b(?:one|on|fill)\("#([a-z-]+)/g)) assert.ok(ids.has(id), `#${id} of ${script}`);
      // A screen has a heading, and whatever can go wrong has a place where it is said.
      for (const [, id] of text.matchAll(/\bshow\("([a-z-]+)"/g)) assert.ok(ids.has(id), `screen ${id} of ${script}`);
      for (const [, id] of text.matchAll(/\bwrong\("([a-z-]+)"/g)) assert.ok(ids.has(`${id}-error`), `${id}-error`);
      for (const [, id] of text.matchAll(/\bon\("[^"]+", "[a-z]+", "([a-z-]+)"/g)) {
        assert.ok(ids.has(`${id}-error`), `${id}-error of ${script}`);
      }
    }
    for (const [, screen] of template(page).matchAll(/<section id="[a-z]+" data-screen(?: hidden)?>\s*(<h1[ >])?/g)) {
      assert.ok(screen, `a screen of ${page} begins without a heading`);
    }
  }
});

test("no script, style or handler stands in a page, and no script makes any", () => {
  for (const name of readdirSync(`${portal}/templates`)) {
    const text = read(`templates/${name}`).toString();
    assert.doesNotMatch(text, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:/i, name);
    // The issuer's pages are served by another process, to its operator.
    if (/^(issuer|letters)/.test(name)) continue;
    for (const [tag] of text.matchAll(/<(?:script|link rel="stylesheet")[^>]*>/g)) assert.match(tag, /integrity=/, name);
  }
  for (const name of readdirSync(`${portal}/static`).filter((name) => name.endsWith(".js"))) {
    const text = read(`static/${name}`).toString();
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|import\(/, name);
  }
});

test("WebAssembly is built anew when any of its sources changes", () => {
  const old = `${mkdtempSync(`${tmpdir()}/urne-wasm-`)}/old`;
  writeFileSync(old, "");
  const newer = (time) => {
    utimesSync(old, time, time);
    const said = spawnSync(`${portal}/wasm`, ["--newer", old], { encoding: "utf8" });
    assert.equal(said.status, 0, said.stderr);
    return said.stdout.split("\n").filter(Boolean);
  };
  const sources = newer(1);
  const crates = ["booth", "checker"].flatMap((name) => [
    `${name}/Cargo.toml`, ...readdirSync(`${portal}/${name}/src`).map((file) => `${name}/src/${file}`),
  ]);
  const locks = ["wasm", "Cargo.toml", "Cargo.lock", "../../Cargo.toml", "../../src/lib.rs"];
  for (const source of [...crates, ...locks]) assert.ok(sources.includes(source), source);
  assert.deepEqual(newer(4e9), []);
});

test("a demonstration is set up again after the vote has opened", () => {
  const dir = mkdtempSync(`${tmpdir()}/urne-trustees-`);
  for (const seat of [1, 2]) mkdirSync(`${dir}/trustees/own/${seat}`, { recursive: true });
  // Whose memory of trustees notes what it is told, and keeps no opening once the vote is open.
  const roles = '#!/bin/sh\necho "$*" >> "$TOLD"\ncase "$*" in *"own/2 "*keep-openings*) [ ! -e "$TOLD.open" ];; esac\n';
  writeFileSync(`${dir}/roles`, roles, { mode: 0o755 });
  const told = `${dir}/told`;
  const env = { ...process.env, URNE_ROLES: `${dir}/roles`, TOLD: told };
  const run = () => spawnSync(`${portal}/trustees`, [dir, "setup", "true"], { encoding: "utf8", env });
  const kept = () => readFileSync(told, "utf8").split("\n").filter((line) => line.includes("keep-openings")).length;
  // One of two is too late, and has it not kept.
  writeFileSync(`${told}.open`, "");
  assert.notEqual(run().status, 0);
  assert.equal(kept(), 2);
  spawnSync("rm", [`${told}.open`]);
  assert.equal(run().status, 0);
  assert.equal(kept(), 3);
  // All have: nobody is asked any more.
  writeFileSync(`${told}.open`, "");
  const again = run();
  assert.equal(again.status, 0, again.stderr);
  assert.equal(kept(), 3);
});

test("without a voice nothing is built, unless so it is asked", () => {
  // Where there is all but espeak-ng, and nobody is root.
  const bin = mkdtempSync(`${tmpdir()}/urne-bin-`);
  for (const name of ["dirname", "cc", "curl"]) writeFileSync(`${bin}/${name}`, '#!/bin/sh\necho "${1%/*}"\n', { mode: 0o755 });
  writeFileSync(`${bin}/id`, "#!/bin/sh\necho 1000\n", { mode: 0o755 });
  const run = (name, env) => spawnSync("/bin/bash", [`${portal}/${name}`], { encoding: "utf8", env: { PATH: bin, ...env } });
  const built = run("build");
  assert.deepEqual([built.status, built.stdout], [1, ""]);
  assert.match(built.stderr, /^build: install espeak-ng, as root \(PORTAL_SILENT=1/);
  const silent = run("sounds");
  assert.equal(silent.status, 1);
  assert.match(silent.stderr, /the captcha is not spoken/);
  assert.equal(run("sounds", { PORTAL_SILENT: "1" }).status, 0);
});

test("a demonstration without Rust is told that it needs it, before anything is made", () => {
  const bin = mkdtempSync(`${tmpdir()}/urne-bin-`);
  symlinkSync("/usr/bin/dirname", `${bin}/dirname`);
  const said = spawnSync("/bin/bash", [`${portal}/run`], { encoding: "utf8", env: { PATH: bin } });
  assert.deepEqual([said.status, said.stdout], [1, ""]);
  assert.match(said.stderr, /^run: there is no cargo: install Rust/);
});
