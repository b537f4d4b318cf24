"use strict";
/* One request to `urne-checker`, beside the page: a record is read piece by piece, and nothing is sent anywhere. */

self.onmessage = async ({ data: { module, request, file } }) => {
  const reader = new FileReaderSync();
  let offset = 0;
  const host = {
    read(view) {
      if (!file) return 0;
      try {
        const piece = new Uint8Array(reader.readAsArrayBuffer(file.slice(offset, offset + view.length)));
        view.set(piece);
        offset += piece.length;
        return piece.length;
      } catch {
        return -1;
      }
    },
    progress: (ballots) => self.postMessage({ ballots, part: file ? offset / file.size : 1 }),
  };
  try {
    const call = await urneModule(module, host);
    self.postMessage({ ok: call(request) });
  } catch (error) {
    self.postMessage({ error: { code: error.code || "page/broken", text: String(error.message) } });
  }
};
