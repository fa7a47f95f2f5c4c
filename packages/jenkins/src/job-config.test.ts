import { describe, expect, test } from "vitest";
import { type JobConfigLabel, labelOfConfig } from "./job-config.ts";

const jenkins = (inside: string, root = "project") =>
  `<?xml version='1.1' encoding='UTF-8'?>\n<${root} plugin="x@1">\n  <description>a &gt; b</description>\n  ${inside}\n</${root}>`;

/** As Hudson 3.3.2 writes a job at its first save. */
const hudson = (entries: string, more = "") =>
  `<?xml version='1.0' encoding='UTF-8'?><project><project-properties class="concurrent-hash-map">
    <entry><string>builders</string><describable-list-property><originalValue class="hudson.util.DescribableList">
      <hudson.tasks.Shell><command>echo "&lt;nodeName&gt;trap&lt;/nodeName&gt;"</command></hudson.tasks.Shell>
    </originalValue><propertyOverridden>false</propertyOverridden></describable-list-property></entry>
    ${entries}
  </project-properties><keepDependencies>false</keepDependencies>${more}</project>`;

const appointed = (value: string) =>
  `<entry><string>appointedNode</string><base-property><originalValue class="appointed-node-property">${value}</originalValue>
   <propertyOverridden>false</propertyOverridden></base-property></entry>`;

const label = (expression: string): JobConfigLabel => ({ kind: "expression", expression });

describe("labelOfConfig", () => {
  test.each<[string, string, JobConfigLabel]>([
    [
      "Jenkins, an expression",
      jenkins("<assignedNode>linux &amp;&amp; (docker || podman)</assignedNode><canRoam>false</canRoam>"),
      label("linux && (docker || podman)"),
    ],
    ["Jenkins, anywhere", jenkins("<canRoam>true</canRoam>"), { kind: "any" }],
    [
      "roaming wins over a leftover label",
      jenkins("<assignedNode>x</assignedNode><canRoam>true</canRoam>"),
      { kind: "any" },
    ],
    ["a matrix parent", jenkins("<assignedNode>x</assignedNode>", "matrix-project"), label("x")],
    ["CDATA and numbers", jenkins("<assignedNode><![CDATA[a&&]]>&#98;&#x63;</assignedNode>"), label("a&&bc")],
    [
      "a comment and a quoted bracket",
      jenkins('<!-- <assignedNode>no</assignedNode> --><a b="x>y"/><assignedNode>z</assignedNode>'),
      label("z"),
    ],
    [
      "a deeper element of the same name",
      jenkins("<x><assignedNode>no</assignedNode></x><canRoam>true</canRoam>"),
      { kind: "any" },
    ],
    [
      "Hudson, an expression",
      hudson(
        appointed("<nodeName>python &amp;&amp; linux</nodeName><canRoam>false</canRoam>"),
        "<canRoam>false</canRoam>",
      ),
      label("python && linux"),
    ],
    ["Hudson, anywhere", hudson(appointed("<canRoam>true</canRoam>"), "<canRoam>false</canRoam>"), { kind: "any" }],
    ["Hudson, no entry at all", hudson("", "<canRoam>false</canRoam>"), { kind: "any" }],
    [
      "Hudson, as sent and not yet saved",
      jenkins("<assignedNode>go</assignedNode><canRoam>false</canRoam>"),
      label("go"),
    ],
    [
      "Hudson, inherited",
      hudson("", "<cascadingProjectName>base</cascadingProjectName>"),
      { kind: "inherits", from: "base" },
    ],
    [
      "Hudson, inherited but overridden",
      hudson(appointed("<nodeName>own</nodeName>"), "<cascadingProjectName>base</cascadingProjectName>"),
      label("own"),
    ],
  ])("%s", (_, xml, expected) => {
    expect(labelOfConfig(xml)).toEqual(expected);
  });

  test.each([
    ["a pipeline", jenkins("<definition/>", "flow-definition")],
    ["tied to the master", jenkins("<canRoam>false</canRoam>")],
    ["no XML", "<html><body>login<br></body></html>"],
    ["nothing", ""],
    ["cut off", "<project><assignedNode>x</assignedNode>"],
    ["an entity of its own", '<!DOCTYPE p [<!ENTITY a "aaaa">]><project><assignedNode>&a;</assignedNode></project>'],
    ["too deep", `${"<a>".repeat(5_000)}${"</a>".repeat(5_000)}`],
    ["an endless expression", jenkins(`<assignedNode>${"x".repeat(5_000)}</assignedNode>`)],
  ])("%s is unknown, with the reason", (_, xml) => {
    expect(labelOfConfig(xml)).toMatchObject({ kind: "unknown", because: expect.stringMatching(/\w+/) });
  });

  test("is quick with what is long and hostile", () => {
    const before = performance.now();
    for (const part of ["<", "<!--", "<a ", "<![CDATA[", "&#", "</a>", '<a b="']) labelOfConfig(part.repeat(300_000));
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});
