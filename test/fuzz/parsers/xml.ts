import { wantedLabelSchema } from "@kubestack/contracts";
import { type FuzzedParser, times } from "../parser.ts";
import { answeringMaster } from "./answering-master.ts";

const today = `<?xml version='1.1' encoding='UTF-8'?>
<project>
  <description>a &lt;b&gt; &#8216;c&#8217; &#x1F600;</description>
  <properties><a.b plugin="x@1.0"/></properties>
  <assignedNode>linux &amp;&amp; jdk21</assignedNode>
  <canRoam>false</canRoam>
  <builders><hudson.tasks.Shell><command><![CDATA[echo "<a>" ]]></command></hudson.tasks.Shell></builders>
</project>`;
const hudson = `<project><project-properties class="map"><entry><string>appointedNode</string>
<base-property><originalValue class="x"><nodeName>linux</nodeName><canRoam>false</canRoam></originalValue>
<propertyOverridden>false</propertyOverridden></base-property></entry></project-properties>
<cascadingProjectName>parent</cascadingProjectName></project>`;
const agentPage = `<jnlp><application-desc><argument>${"0123456789abcdef".repeat(4)}</argument><argument>ks-m-abcd1</argument><argument>-workDir</argument><argument>/home</argument></application-desc></jnlp>`;
const answering = answeringMaster();

/** What is XML of a master's: a job's configuration, and an agent's page. */
export const xmlParser: FuzzedParser = {
  name: "xml",
  samples: [today, hudson, agentPage, '<flow-definition plugin="workflow-job"/>', "<a/>"],
  words: [
    "<project>",
    "</project>",
    "<assignedNode>",
    "</assignedNode>",
    "<a/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "&amp;",
    "&#",
    "<!DOCTYPE a [<!ENTITY b 'c'>]>",
  ],
  read: async (input) => {
    answering.answer = (path) => ({
      text: path.startsWith("api/json")
        ? '{"useCrumbs":true}'
        : path.startsWith("computer/ks-m-abcd1/api")
          ? ""
          : input,
    });
    wantedLabelSchema.parse(await answering.master.readJobLabel("http://ci.example.org/job/a/"));
    await answering.master.agentSecret("ks-m-abcd1");
  },
  growing: {
    "nested elements": (size) => times("<a>", size),
    "elements side by side": (size) => `<a>${times("<b/>", size)}</a>`,
    "text between": (size) => `<a>${times("x<b/>", size)}</a>`,
    "a name": (size) => `<${times("a", size)}/>`,
    "open tags": (size) => times("<", size),
    "open quotes": (size) => times("<a b='", size),
    attributes: (size) => `<a ${times("b='c' ", size)}/>`,
    "open comments": (size) => times("<!--", size),
    comments: (size) => `<a>${times("<!---->", size)}</a>`,
    "open sections": (size) => times("<![CDATA[", size),
    entities: (size) => `<a>${times("&amp;", size)}</a>`,
    "half entities": (size) => `<a>${times("&#x", size)}</a>`,
    blanks: (size) => `<a>${times(" ", size)}</a>`,
    "blanks in a tag": (size) => `<a${times(" ", size)}b/>`,
  },
  longest: 1024 * 1024,
};
