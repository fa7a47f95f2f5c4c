import assert from "node:assert/strict";
import { type FuzzedParser, times } from "../parser.ts";
import { answeringMaster } from "./answering-master.ts";

const build = JSON.stringify({
  _class: "hudson.model.FreeStyleBuild",
  building: false,
  builtOn: "ks-m-abcd1",
  duration: 4021,
  number: 3,
  result: "SUCCESS",
  timestamp: 1_767_225_600_000,
});
const newest = '{"lastBuild":{"number":3,"url":"http://ci.example.org/job/team/job/api/3/"}}';
const item = '{"cancelled":false,"executable":{"number":3,"url":"http://ci.example.org/job/team/job/api/3/"}}';
const answering = answeringMaster();
const url = "http://ci.example.org/job/team/job/api/3/";

/** What a master answers on one build, a job's newest build, and an item that left the queue. */
export const buildsParser: FuzzedParser = {
  name: "builds",
  isJson: true,
  samples: [build, newest, item, '{"cancelled":true}', '{"lastBuild":null}'],
  words: ['"number":', '"executable":', '"lastBuild":', '"result":', '"duration":', "SUCCESS", "null"],
  read: async (input) => {
    answering.answer = () => ({ text: input });
    const { master } = answering;
    const readings = await Promise.allSettled([
      master.readBuild(url),
      master.readNewestBuild("http://ci.example.org/job/team/job/api/"),
      master.readQueueItem("7"),
    ]);
    const refused = readings.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
    const [read] = readings;
    if (read.status === "fulfilled")
      assert.ok(Number.isSafeInteger(read.value.number) && read.value.job === "team/api");
    if (refused.length > 0) throw refused.find((one) => !(one instanceof Error && "code" in one)) ?? refused[0];
  },
  growing: {
    brackets: (size) => `{"number":${times("[", size / 2)}${times("]", size / 2)}}`,
    "one result": (size) => build.replace("SUCCESS", times("S", size)),
    keys: (size) => `{${times('"number":1,', size)}"a":1}`,
  },
};
