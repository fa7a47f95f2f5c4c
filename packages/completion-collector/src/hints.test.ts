import { KubestackError, type LookRequest, mostNodesAsked } from "@kubestack/contracts";
import { createLogger } from "@kubestack/runtime";
import { expect, test } from "vitest";
import { Hints } from "./hints.ts";

type Asked = Pick<LookRequest, "nodes" | "until">;

/** Hints whose requests are answered one by one, by the test. */
function hinting() {
  const asked: Asked[] = [];
  const answers: PromiseWithResolvers<void>[] = [];
  const hints = new Hints({
    log: createLogger({ level: "silent" }),
    ask: (request) => {
      asked.push(request);
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      return answer.promise;
    },
  });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const answer = async (error?: Error): Promise<void> => {
    const next = answers.shift();
    if (error === undefined) next?.resolve();
    else next?.reject(error);
    await settle();
  };
  return { asked, hints, answer };
}

test("a hint is passed on at once, and those that come meanwhile with the next request", async () => {
  const { asked, hints, answer } = hinting();
  hints.give({ node: "a", until: "idle" });
  expect(asked).toEqual([{ nodes: ["a"], until: "idle" }]);
  for (const node of ["b", "c", "b"]) hints.give({ node, until: "idle" });
  hints.give({ node: "d", until: "seen" });
  hints.give({ node: null, until: "idle" });
  hints.give({ node: null, until: "seen" });
  for (let times = 0; times < 4; times += 1) await answer();
  expect(asked.slice(1)).toEqual([
    { nodes: ["b", "c"], until: "idle" },
    { nodes: ["d"], until: "seen" },
    { nodes: [], until: "seen" },
  ]);
  await hints.stop();
});

test("more nodes than one request may name become a look at all that are busy", async () => {
  const { asked, hints, answer } = hinting();
  for (let number = 0; number <= mostNodesAsked + 10; number += 1) hints.give({ node: `n${number}`, until: "idle" });
  for (let times = 0; times < 3; times += 1) await answer();
  expect(asked.map(({ nodes }) => nodes.length)).toEqual([1, mostNodesAsked, 0]);
  await hints.stop();
});

test("one that is not taken is not repeated, and stops none that come later", async () => {
  const { asked, hints, answer } = hinting();
  hints.give({ node: "a", until: "idle" });
  await answer(new KubestackError("bus-unavailable", "Nobody answers."));
  hints.give({ node: "b", until: "idle" });
  await answer();
  expect(asked.map(({ nodes }) => nodes)).toEqual([["a"], ["b"]]);
  await hints.stop();
});

test("at the end what waits is dropped, and nothing more is taken", async () => {
  const { asked, hints, answer } = hinting();
  hints.give({ node: "a", until: "idle" });
  hints.give({ node: "b", until: "idle" });
  const stopped = hints.stop();
  hints.give({ node: "c", until: "idle" });
  await answer();
  await stopped;
  expect(asked).toHaveLength(1);
});
