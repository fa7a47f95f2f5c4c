import { expect, test } from "vitest";
import { jobXml } from "./job-xml.ts";

test("a label binds the job to it", () => {
  const xml = jobXml({ name: "j", label: "linux && !arm", script: "true" });
  expect(xml).toContain("<assignedNode>linux &amp;&amp; !arm</assignedNode><canRoam>false</canRoam>");
});

test("a job without a label may roam", () => {
  const xml = jobXml({ name: "j", script: "true" });
  expect(xml).toContain("<canRoam>true</canRoam>");
  expect(xml).not.toContain("assignedNode");
});

test("script and parameters can't break out of their elements", () => {
  const xml = jobXml({ name: "j", script: "echo '<a>' && x", parameters: { 'A"': "</name>" } });
  expect(xml).toContain("<command>echo &apos;&lt;a&gt;&apos; &amp;&amp; x</command>");
  expect(xml).toContain("<name>A&quot;</name><defaultValue>&lt;/name&gt;</defaultValue>");
});

test("builds may run side by side unless the job says otherwise", () => {
  expect(jobXml({ name: "j", script: "" })).toContain("<concurrentBuild>true<");
  expect(jobXml({ name: "j", script: "", concurrent: false })).toContain("<concurrentBuild>false<");
});
