import { expect, test } from "vitest";
import { race } from "./races.ts";

const slavesAtOnce = 50;
const batches = 40;

test(`${batches * slavesAtOnce} races of hand-over against withdrawal: no build is killed, and nothing is left (H22, H23)`, async () => {
  let caught = 0;
  for (let seed = 1; seed <= batches; seed += 1) {
    const end = await race(seed, slavesAtOnce);
    expect({ seed, isOver: end.isOver, killed: end.killed, built: end.built }).toEqual({
      seed,
      isOver: true,
      killed: 0,
      built: slavesAtOnce,
    });
    caught += end.caught;
  }
  // The races are real ones: many slaves had begun to leave when their build came.
  expect(caught).toBeGreaterThan(batches);
});

test("the control: at a master that forgets the mark, builds are killed", async () => {
  let killed = 0;
  // One race in two hundred and fifty is lost there: which seeds lose one changes with every change of the timing.
  for (let seed = 1; seed <= batches && killed === 0; seed += 1)
    killed += (await race(seed, slavesAtOnce, { forgetsMarks: true })).killed;
  expect(killed).toBeGreaterThan(0);
});
