"use strict";
/* A module of WebAssembly: a request in JSON, an answer in JSON. Pages, the worker and the tests in node share it. */

// `host.read(view)` fills a view from the file at hand and says how far; `host.progress(ballots)` is told of an audit's.
async function urneModule(bytes, host = {}) {
  let memory;
  // Memory may have grown since the last time, and then an older view of it is of nothing.
  const view = (at, length) => new Uint8Array(memory.buffer, at >>> 0, length);
  const env = {
    // Some 64 bytes at a time; of more than 65,536 a browser would say that it does not give them.
    fill: (at, length) => crypto.getRandomValues(view(at, length)),
    read: (at, length) => host.read(view(at, length)),
    progress: (ballots) => host.progress(ballots),
  };
  const { instance } = await WebAssembly.instantiate(bytes, { env });
  const { allocate, call, release } = instance.exports;
  memory = instance.exports.memory;
  return (request) => {
    const given = new TextEncoder().encode(JSON.stringify(request));
    const at = allocate(given.length);
    view(at, given.length).set(given);
    given.fill(0);
    const answer = call(at, given.length);
    const size = new DataView(memory.buffer).getUint32(answer >>> 0, true);
    const { Ok, Err } = JSON.parse(new TextDecoder().decode(view(answer + 4, size)));
    release(answer);
    if (Err) throw Object.assign(new Error(Err.text), { code: Err.code, position: Err.position });
    return Ok;
  };
}
