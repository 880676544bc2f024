/** Charts are made in turns: as many as fit into a part of a frame, the others in the next, so that a page of many never blocks. */

const BUDGET_MS = 8;

let waiting: (() => void)[] = [];
let asked = false;

function run(): void {
  const end = performance.now() + BUDGET_MS;
  while (waiting.length > 0 && performance.now() < end) waiting.shift()!();
  asked = waiting.length > 0;
  if (asked) requestAnimationFrame(run);
}

/** Runs the work when its turn comes; the answer takes it back. */
export function takeTurn(work: () => void): () => void {
  waiting.push(work);
  if (!asked) {
    asked = true;
    requestAnimationFrame(run);
  }
  return () => {
    waiting = waiting.filter((each) => each !== work);
  };
}
