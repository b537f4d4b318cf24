// What is in a process's memory.
import fs from "node:fs";

const PIECE = 1 << 24;

/** Which of these bytes are in the memory of a process. */
export async function memoryHolds(pid, wanted) {
  const found = new Set();
  const overlap = Math.max(...wanted.map((bytes) => bytes.length)) - 1;
  const memory = fs.openSync(`/proc/${pid}/mem`, "r");
  let read = 0;
  for (const line of fs.readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n")) {
    const [, from, to, rights] = line.match(/^([0-9a-f]+)-([0-9a-f]+) (\S+)/);
    if (!rights.startsWith("r") || line.endsWith("[vvar]") || line.endsWith("[vsyscall]")) continue;
    const end = BigInt(`0x${to}`);
    for (let start = BigInt(`0x${from}`); start < end; start += BigInt(PIECE - overlap)) {
      const length = Math.min(PIECE, Number(end - start));
      const piece = Buffer.alloc(length);
      try {
        read += fs.readSync(memory, piece, 0, length, start);
      } catch {
        // A mapping that is gone, or that cannot be read.
        continue;
      }
      for (const bytes of wanted) if (piece.includes(bytes)) found.add(bytes.toString("hex"));
    }
  }
  fs.closeSync(memory);
  if (read < 1 << 20) throw new Error(`only ${read} bytes of process ${pid} were read`);
  return [...found];
}
