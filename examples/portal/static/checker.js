"use strict";
/* The checker in its worker. All of it is fetched when the page opens, by hash, so that the page then works offline. */

const checker = {
  loaded: (async () => {
    const [module, ...scripts] = await Promise.all(["#module", "#glue", "#worker"].map((id) => page.asset(page.one(id))));
    const url = URL.createObjectURL(new Blob(scripts, { type: "text/javascript" }));
    // The only script that a worker can be made from here.
    const only = (asked) => {
      if (asked !== url) throw new TypeError(asked);
      return asked;
    };
    const policy = window.trustedTypes && trustedTypes.createPolicy("urne-worker", { createScriptURL: only });
    return { module, url: policy ? policy.createScriptURL(url) : url };
  })(),

  // A worker a request: its memory goes with it.
  async run(request, file = null, progress = () => {}) {
    const { module, url } = await checker.loaded;
    const worker = new Worker(url);
    try {
      return await new Promise((done, failed) => {
        worker.onerror = () => failed(Object.assign(new Error(), { code: "page/broken" }));
        worker.onmessage = ({ data }) => {
          if (data.error) failed(Object.assign(new Error(data.error.text), data.error));
          else if ("ok" in data) done(data.ok);
          else progress(data);
        };
        worker.postMessage({ module, request, file });
      });
    } finally {
      worker.terminate();
    }
  },
};
